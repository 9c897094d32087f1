/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../events/observe.h"

/*
 * Reads the counters of all processes at once with BPF's task iterator, if that is allowed and pays: to
 * load it takes as long as to read the files of a thousand processes. What the iterator does not know is
 * read from files, and so is everything if it cannot be loaded.
 */
enum {
	AT_ONCE = 2500, /* processes from which on it pays for a single sample */
	BESIDE = 1250,  /* the same while another thread reads files meanwhile */
	IN_TIME = 300,  /* the same if there will be many samples */
	MANY = 3,       /* after this many samples there will be more */
};

/* The reads that it replaces, and those that have nothing to do with it. */
static const unsigned knows = NEEDS_TOTAL | NEEDS_DIRTY | NEEDS_STAT | NEEDS_RSS | NEEDS_STATUS | NEEDS_WHO | NEEDS_COSTLY;

static bool in_first(const char *namespace, ino_t first)
{
	struct stat st;

	return stat(namespace, &st) ? errno == ENOENT : st.st_ino == first;
}

/* The iterator tells process ids and times as the first namespaces have them. It is of use only if
 * this process is in those. */
static bool in_first_namespaces(void)
{
	return in_first("/proc/self/ns/pid", 0xeffffffc) && /* PROC_PID_INIT_INO */
	       in_first("/proc/self/ns/time", 0xeffffffa); /* PROC_TIME_INIT_INO */
}

bool mml_process_iterates(const struct mml_scan *scan, const struct mml_process_state *state)
{
	return state && mml_root_direct(scan->take->root) && !scan->identify &&
	       !(scan->needs & ~knows) && scan->needs & (NEEDS_RSS | NEEDS_STATUS);
}

size_t mml_process_iterate_from(const struct mml_scan *scan, const struct mml_process_state *state)
{
	if (!mml_process_iterates(scan, state) || state->tasks || state->tasks_tried)
		return SIZE_MAX;
	if (!mml_bpf_allowed() || !in_first_namespaces())
		return SIZE_MAX;
	if (state->tasks_from)
		return state->tasks_from;
	if (state->sample >= MANY)
		return IN_TIME;
	return scan->needs & NEEDS_BESIDE ? BESIDE : AT_ONCE;
}

bool mml_process_open_tasks(const struct mml_scan *scan, struct mml_process_state *state)
{
	struct mml_absence why;

	if (!state->tasks && !state->tasks_tried) {
		state->tasks_tried = true;
		state->tasks = mml_tasks_open(scan->take->arena, &why);
	}
	return state->tasks;
}

int mml_process_iterate(struct mml_scan *scan, struct mml_process_state *state)
{
	struct mml_task_counters *counters;
	struct mml_process *processes;
	size_t count, n = 0;
	int rc;

	rc = mml_process_note_listed(scan, state);
	if (rc)
		return rc;
	rc = mml_tasks_read(state->tasks, &counters, &count);
	if (rc) {
		mml_tasks_close(state->tasks);
		state->tasks = NULL;
		return rc;
	}
	processes = mml_arena_alloc(scan->take->arena,
				    (count + state->nhidden + 1) * sizeof(*processes));
	if (!processes) {
		free(counters);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++)
		if (counters[i].state != 'X') {
			processes[n].pid = counters[i].pid;
			processes[n++].task = &counters[i];
		}
	scan->counters = counters;
	scan->processes = processes;
	scan->n = n;
	mml_process_add_hidden(scan, state, counters, count);
	return 0;
}

int mml_process_verify(struct mml_scan *scan, struct mml_process_state *state)
{
	struct mml_task_counters *now;
	size_t count, at = 0;
	bool any = false;
	int rc;

	for (size_t i = 0; i < scan->n && !any; i++)
		any = scan->processes[i].task && scan->processes[i].reads;
	if (!any)
		return 0;
	rc = mml_tasks_read(state->tasks, &now, &count);
	if (rc)
		return rc;
	for (size_t i = 0; i < scan->n; i++) {
		struct mml_process *p = &scan->processes[i];

		if (!p->task || !p->reads)
			continue;
		while (at < count && now[at].pid < p->pid)
			at++;
		if (at == count || now[at].pid != p->pid || now[at].start_ns != p->task->start_ns)
			p->gone = true;
	}
	free(now);
	return 0;
}

int mml_process_complete(struct mml_scan *scan, struct mml_process_state *state)
{
	size_t count, at = 0;
	int rc = mml_tasks_read(state->tasks, &scan->counters, &count);

	for (size_t i = 0; i < scan->n && !rc; i++) {
		struct mml_process *p = &scan->processes[i];

		if (!p->early_ns)
			continue;
		while (at < count && scan->counters[at].pid < p->pid)
			at++;
		if (at == count || scan->counters[at].pid != p->pid) {
			rc = mml_process_read_hidden(scan, p);
			continue;
		}
		if (scan->counters[at].state == 'X' || scan->counters[at].start_ns >= p->early_ns) {
			p->gone = true;
			continue;
		}
		p->task = &scan->counters[at];
		mml_process_fill_task(scan, scan->take->arena, p);
		if (p->has_mm)
			continue;
		for (unsigned col = COSTLY_FIRST; col < COSTLY_FIRST + COSTLY_COLUMNS; col++)
			mml_unset(p->row, col);
		mml_unset(p->row, PROCESSES_age);
	}
	return rc;
}

static void fill_memory(struct mml_row *row, const struct mml_task_counters *t)
{
	mml_set_u64(row, PROCESSES_vsize, t->vsize);
	mml_set_u64(row, PROCESSES_rss, t->rss);
	mml_set_u64(row, PROCESSES_rss_anon, t->rss_anon);
	mml_set_u64(row, PROCESSES_rss_file, t->rss_file);
	mml_set_u64(row, PROCESSES_rss_shmem, t->rss_shmem);
	mml_set_u64(row, PROCESSES_swap, t->swap);
	mml_set_u64(row, PROCESSES_rss_peak, t->rss_peak);
	mml_set_u64(row, PROCESSES_locked, t->locked);
	mml_set_u64(row, PROCESSES_pinned, t->pinned);
	mml_set_u64(row, PROCESSES_page_tables, t->page_tables);
	mml_set_u64(row, PROCESSES_data, t->data);
	mml_set_u64(row, PROCESSES_stack, t->stack);
	mml_set_u64(row, PROCESSES_text, t->text);
	mml_set_u64(row, PROCESSES_lib, t->library);
	if (t->has_hugetlb)
		mml_set_u64(row, PROCESSES_hugetlb, t->hugetlb);
}

void mml_process_fill_task(const struct mml_scan *scan, struct mml_arena *arena,
			   struct mml_process *p)
{
	const struct mml_task_counters *t = p->task;
	uint64_t tick = 1000000000 / scan->take->host->clock_ticks;
	struct mml_row *row = p->row;

	p->kthread = t->kthread;
	p->has_mm = t->has_mm;
	p->resident = t->rss / scan->take->host->page_size;
	p->started = t->start_ns / tick * tick; /* rounded as in stat */
	mml_set_u64(row, PROCESSES_started, p->started);
	mml_set_u64(row, PROCESSES_ppid, (uint64_t)t->ppid);
	mml_set_u64(row, PROCESSES_uid, t->euid);
	mml_set_str(row, PROCESSES_comm, mml_arena_strndup(arena, t->comm, strlen(t->comm)));
	mml_set_str(row, PROCESSES_state, mml_process_state_word(arena, t->state));
	mml_set_bool(row, PROCESSES_kthread, t->kthread);
	mml_set_u64(row, PROCESSES_threads, t->threads);
	mml_set_u64(row, PROCESSES_min_faults, t->min_faults);
	mml_set_u64(row, PROCESSES_maj_faults, t->maj_faults);
	if (t->has_mm)
		fill_memory(row, t);
	p->same = p->memory && p->memory->started == p->started;
}
