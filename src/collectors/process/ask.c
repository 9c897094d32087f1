/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/module.h"
#include "../../core/trouble.h"

struct asking {
	struct mml_scan *scan;
	struct mml_process_state *state;
	struct mml_arena *scratch;
	uint64_t now_ns; /* since boot */
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

static void free_groups(struct mml_ident *who)
{
	free((char *)who->cgroup);
	free((char *)who->unit);
	free((char *)who->container);
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
	free_groups(&m->who);
	m->who.cgroup = own(ident.cgroup);
	m->who.unit = own(ident.unit);
	m->who.container = own(ident.container);
	mml_asked_now(&m->groups, p->row, p->started, asking->now_ns);
}

static void set_copy(struct mml_arena *arena, struct mml_row *row, unsigned col, const char *s)
{
	if (s)
		mml_set_str(row, col, mml_arena_strndup(arena, s, strlen(s)));
}

static void fill_groups(struct mml_arena *arena, struct mml_row *row, const struct mml_ident *who)
{
	set_copy(arena, row, PROCESSES_cgroup, who->cgroup);
	set_copy(arena, row, PROCESSES_unit, who->unit);
	set_copy(arena, row, PROCESSES_container, who->container);
}

void mml_process_ask(struct mml_scan *scan, struct mml_process_state *state)
{
	struct asking asking = { scan, state, mml_arena_new(),
				 mml_root_now(scan->take->root).mono_ns };
	pid_t *pids = mml_calloc(scan->n + 1, sizeof(*pids));
	size_t n = 0;
	int rc;

	if (!asking.scratch || !pids)
		goto out;
	for (size_t i = 0; i < scan->n; i++) {
		const struct mml_process *p = &scan->processes[i];
		const struct mml_process_memory *m = mml_process_find(state, p->pid);

		if (!p->gone && m && !mml_asked_stands(&m->groups, p->row))
			pids[n++] = p->pid;
	}
	rc = n ? state->who->ask(state->who_state, MML_WHO_CGROUPS, pids, n, tell, &asking) : 0;
	for (size_t i = 0; i < scan->n; i++) {
		struct mml_process *p = &scan->processes[i];
		const struct mml_process_memory *m = mml_process_find(state, p->pid);

		if (p->gone || !m)
			continue;
		/* There was no answer, so the process is gone. */
		if (!m->groups.known && !rc)
			p->gone = true;
		else
			fill_groups(scan->take->arena, p->row, &m->who);
	}
out:
	if (asking.scratch)
		mml_arena_free(asking.scratch);
	free(pids);
}
