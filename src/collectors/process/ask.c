/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/module.h"
#include "../../core/trouble.h"

/* A process younger than this may be about to run another program, or to be moved to its group, so
 * that it is asked about once more. */
static const uint64_t young_ns = 2000000000;

static uint64_t hash(const char *s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return h ? h : 1;
}

static uint64_t comm_hash(const struct mml_row *row)
{
	return mml_has(row, PROCESSES_comm) ? hash(row->cell[PROCESSES_comm].str) : 1;
}

struct asking {
	struct mml_scan *scan;
	struct mml_process_state *state;
	struct mml_arena *scratch;
	uint64_t now_ns; /* since boot */
	unsigned needs;  /* which of NEEDS_WHO are asked for */
};

static struct mml_process *process_of(const struct mml_scan *scan, pid_t pid)
{
	size_t low = 0, high = scan->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (scan->processes[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < scan->n && scan->processes[low].pid == pid ? &scan->processes[low] : NULL;
}

/* Joins the lines of LIST as they were in their file. Returns NULL if there are none or memory ran
 * out. */
static char *join(const char *const *list)
{
	struct mml_buf lines = { 0 };

	for (; list && *list; list++) {
		mml_buf_puts(&lines, *list);
		mml_buf_putc(&lines, '\n');
	}
	if (lines.error)
		mml_buf_free(&lines);
	return lines.data;
}

static const char *own(const char *s)
{
	return s ? mml_strdup(s) : NULL;
}

/* Returns the command line as the kernel has it: the library makes blanks of the newlines in it. */
static const char *command(const struct asking *asking, const struct mml_process *p)
{
	struct mml_buf text = { 0 };
	const char *line = NULL;
	struct mml_dir dir;
	char path[32];

	if (!(asking->needs & NEEDS_COMMAND) || !p->has_mm)
		return NULL;
	snprintf(path, sizeof(path), "/proc/%d", p->pid);
	if (mml_dir_open(asking->scan->take->root, path, &dir))
		return NULL;
	if (!mml_dir_read(&dir, "cmdline", false, &text))
		line = mml_process_command(asking->scratch, text.data, text.len);
	mml_dir_close(&dir);
	mml_buf_free(&text);
	return own(line);
}

/* By now another process may have the pid. An answer about that one is of no use. */
static void tell(const struct mml_who *who, void *ctx)
{
	struct asking *asking = ctx;
	struct mml_process *p = process_of(asking->scan, who->pid);
	struct mml_process_memory *m = p ? mml_process_find(asking->state, who->pid) : NULL;
	uint64_t tick = 1000000000 / asking->scan->take->host->clock_ticks;
	struct mml_ident ident = { 0 };
	char *groups;

	if (!m || p->gone || m->started != p->started || p->started != who->start_ticks * tick)
		return;
	groups = join(who->cgroups);
	if (groups)
		mml_cgroup_parse(asking->scratch, mml_span_str(groups), &ident);
	free(groups);
	mml_ident_free(&m->who);
	m->who.user = own(who->user);
	m->who.command = command(asking, p);
	m->who.cgroup = own(ident.cgroup);
	m->who.unit = own(ident.unit);
	m->who.container = own(ident.container);
	m->comm_hash = comm_hash(p->row);
	m->known = asking->needs;
	m->settled = asking->now_ns > p->started && asking->now_ns - p->started > young_ns;
}

static void set_copy(struct mml_arena *arena, struct mml_row *row, unsigned col, const char *s)
{
	if (s)
		mml_set_str(row, col, mml_arena_strndup(arena, s, strlen(s)));
}

static void fill_who(struct mml_arena *arena, struct mml_row *row, const struct mml_ident *who,
		     unsigned needs)
{
	set_copy(arena, row, PROCESSES_user, who->user);
	set_copy(arena, row, PROCESSES_cgroup, who->cgroup);
	set_copy(arena, row, PROCESSES_unit, who->unit);
	set_copy(arena, row, PROCESSES_container, who->container);
	if (who->command)
		set_copy(arena, row, PROCESSES_command, who->command);
	else if (needs & NEEDS_COMMAND && mml_has(row, PROCESSES_comm))
		mml_set_str(row, PROCESSES_command,
			    mml_arena_printf(arena, "[%s]", row->cell[PROCESSES_comm].str));
}

void mml_process_ask(struct mml_scan *scan, struct mml_process_state *state)
{
	struct asking asking = { scan, state, mml_arena_new(),
				 mml_root_now(scan->take->root).mono_ns,
				 scan->needs & NEEDS_WHO };
	unsigned what = (asking.needs & NEEDS_USER ? MML_WHO_USER : 0) |
			(asking.needs & NEEDS_CGROUP ? MML_WHO_CGROUPS : 0);
	pid_t *pids = mml_calloc(scan->n + 1, sizeof(*pids));
	size_t n = 0;
	int rc;

	if (!asking.scratch || !pids)
		goto out;
	for (size_t i = 0; i < scan->n; i++) {
		const struct mml_process *p = &scan->processes[i];
		const struct mml_process_memory *m = mml_process_find(state, p->pid);

		if (!p->gone && m &&
		    (!m->settled || asking.needs & ~m->known || m->comm_hash != comm_hash(p->row)))
			pids[n++] = p->pid;
	}
	rc = n ? state->who->ask(state->who_state, what, pids, n, tell, &asking) : 0;
	for (size_t i = 0; i < scan->n; i++) {
		struct mml_process *p = &scan->processes[i];
		const struct mml_process_memory *m = mml_process_find(state, p->pid);

		if (p->gone || !m)
			continue;
		/* There was no answer, so the process is gone. */
		if (asking.needs & ~m->known && !rc)
			p->gone = true;
		else
			fill_who(scan->take->arena, p->row, &m->who, asking.needs);
	}
out:
	if (asking.scratch)
		mml_arena_free(asking.scratch);
	free(pids);
}
