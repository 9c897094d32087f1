/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>

enum { PORTION = 16 }; /* readers are told of this many new processes at a time */

static int pid_order(const void *a, const void *b)
{
	pid_t x = ((const struct mml_process *)a)->pid, y = ((const struct mml_process *)b)->pid;

	return x < y ? -1 : x > y;
}

/*
 * Saves which processes were shown when a tree was captured, one in each line. The tree has some
 * files of others, too: of those that went while they were read, and those that other tables have
 * read.
 */
static const char list_path[] = "/mmlens/processes";

void mml_process_save_list(const struct mml_scan *scan)
{
	struct mml_buf list = { 0 };

	if (mml_root_direct(scan->take->root))
		return;
	for (size_t i = 0; i < scan->n; i++)
		if (!scan->processes[i].gone)
			mml_buf_printf(&list, "%d\n", (int)scan->processes[i].pid);
	if (!list.error)
		mml_root_save(scan->take->root, list_path, list.data, list.len);
	mml_buf_free(&list);
}

/* Takes the numbers among NAMES, which end with END each. */
static int take_list(struct mml_scan *scan, struct mml_span names, char end)
{
	struct mml_span rest = names, name;
	size_t n = 0;

	for (const char *p = names.p; p < names.end; p++)
		n += *p == end;
	scan->processes = mml_arena_alloc(scan->take->arena, (n + 2) * sizeof(*scan->processes));
	if (!scan->processes)
		return -ENOMEM;
	while (mml_next_field(&rest, end, &name)) {
		uint64_t pid;

		if (!mml_parse_u64(name, &pid) && pid && pid <= INT32_MAX)
			scan->processes[scan->n++].pid = (pid_t)pid;
	}
	return 0;
}

static void fail_list(struct mml_scan *scan, struct mml_table *table, int rc)
{
	struct mml_absence why = mml_absence_of(table->arena, scan->take->root, NULL, "/proc", rc);

	mml_table_fail(table, rc, why.needs, "%s", why.reason);
}

/* There is no process in /proc, not even this one. */
static int fail_empty(struct mml_scan *scan, struct mml_table *table)
{
	return mml_table_missing(scan->take, table, "/proc", NULL);
}

static int list_processes(struct mml_scan *scan, struct mml_table *table)
{
	struct mml_buf names = { 0 };
	struct mml_span list;
	int rc;

	if (scan->tree && !mml_take_file(scan->take, NULL, list_path, &list))
		return take_list(scan, list, '\n');
	rc = mml_root_list(scan->take->root, "/proc", &names);
	if (rc)
		fail_list(scan, table, rc);
	else
		rc = take_list(scan, (struct mml_span){ names.data, names.data + names.len }, '\0');
	mml_buf_free(&names);
	return rc;
}

/* A process that was named twice is shown once. */
static int take_asked(struct mml_scan *scan, const struct mml_query *query)
{
	const struct mml_arg *asked = mml_scope_pids(&query->scope);
	size_t n = 0;

	scan->processes = mml_arena_alloc(scan->take->arena, asked->n * sizeof(*scan->processes));
	if (!scan->processes)
		return -ENOMEM;
	for (size_t i = 0; i < asked->n; i++)
		scan->processes[i].pid = asked->pids[i];
	qsort(scan->processes, asked->n, sizeof(*scan->processes), pid_order);
	for (size_t i = 0; i < asked->n; i++)
		if (!n || scan->processes[i].pid != scan->processes[n - 1].pid)
			scan->processes[n++].pid = scan->processes[i].pid;
	scan->n = n;
	return 0;
}

static int add_row(struct mml_process *p, struct mml_table *table,
		   const struct mml_process_state *state)
{
	p->row = mml_table_add(table);
	if (!p->row)
		return -ENOMEM;
	mml_set_u64(p->row, PROCESSES_pid, (uint64_t)p->pid);
	p->memory = state ? mml_process_find(state, p->pid) : NULL;
	return 0;
}

static int add_rows(struct mml_scan *scan, struct mml_table *table,
		    const struct mml_process_state *state)
{
	qsort(scan->processes, scan->n, sizeof(*scan->processes), pid_order);
	for (size_t i = 0; i < scan->n; i++) {
		int rc = add_row(&scan->processes[i], table, state);

		if (rc)
			return rc;
	}
	return 0;
}

struct growing {
	struct mml_scan *scan;
	struct mml_table *table;
	struct mml_process_state *state;
	size_t room;
	size_t tasks_from; /* so many processes make it worth loading the iterator */
};

static int grow(const char *name, void *ctx)
{
	struct growing *g = ctx;
	struct mml_scan *scan = g->scan;
	struct mml_process *p = &scan->processes[scan->n];
	uint64_t pid;

	if (mml_parse_u64(mml_span_str(name), &pid) || !pid || pid > INT32_MAX)
		return 0;
	if (scan->n == g->room || (scan->n && (pid_t)pid <= p[-1].pid))
		return -EAGAIN;
	p->pid = (pid_t)pid;
	if (add_row(p, g->table, g->state))
		return -ENOMEM;
	scan->n++;
	if (scan->n >= g->tasks_from) {
		if (!(scan->needs & NEEDS_BESIDE))
			return -EAGAIN;
		__atomic_store_n(&scan->by_tasks, true, __ATOMIC_RELAXED);
	}
	if (scan->n % PORTION == 0)
		mml_process_scan_listed(scan, false);
	return 0;
}

/*
 * If all processes are read in the order they are listed in, other threads begin with the first
 * ones while the rest is listed. Returns 0 or -errno. -EAGAIN means that this is not possible,
 * because the kernel does not list them by number or the iterator will read them all; then nothing
 * has been done.
 */
static int list_growing(struct mml_scan *scan, struct mml_process_state *state,
			struct mml_table *table)
{
	struct growing g = { scan, table, state, 0, mml_process_iterate_from(scan, state) };
	struct sysinfo info;
	int rc;

	if (sysinfo(&info))
		return -EAGAIN;
	g.room = info.procs + (info.procs / 4) + 1024; /* threads are among these */
	scan->processes = mml_arena_alloc(scan->take->arena, g.room * sizeof(*scan->processes));
	if (!scan->processes)
		return -ENOMEM;
	rc = mml_process_scan_begin(scan);
	if (rc)
		return rc;
	rc = mml_root_walk(scan->take->root, "/proc", grow, &g);
	if (rc && rc != -EAGAIN)
		fail_list(scan, table, rc);
	if (!rc && !scan->n)
		rc = fail_empty(scan, table);
	if (!rc) {
		mml_process_scan_listed(scan, true);
		if (!scan->by_tasks || mml_process_open_tasks(scan, state))
			return 0;
		rc = -EAGAIN;
	}
	mml_process_scan_drop(scan);
	while (table->nrows)
		mml_table_drop(table);
	if (rc == -EAGAIN && scan->n >= g.tasks_from)
		mml_process_open_tasks(scan, state);
	scan->by_tasks = false;
	scan->n = 0;
	return rc;
}

/* Uses the iterator if it is loaded or worth loading, but not if only a few processes were asked
 * for. */
static int list_whole(struct mml_scan *scan, const struct mml_query *query,
		      struct mml_process_state *state, struct mml_table *table)
{
	bool all = !mml_scope_pids(&query->scope)->n;
	bool iterates = mml_process_iterates(scan, state) && all;
	int rc;

	if (iterates && state->tasks && !mml_process_iterate(scan, state))
		return 0;
	rc = all ? list_processes(scan, table) : take_asked(scan, query);
	if (!rc && iterates && scan->n >= mml_process_iterate_from(scan, state) &&
	    mml_process_open_tasks(scan, state))
		mml_process_iterate(scan, state);
	return rc;
}

int mml_process_list(struct mml_scan *scan, const struct mml_query *query,
		     struct mml_process_state *state, struct mml_table *table)
{
	int rc = -EAGAIN;

	if (!scan->tree && !mml_scope_pids(&query->scope)->n && !scan->budget_ns && !(state && state->tasks))
		rc = list_growing(scan, state, table);
	if (rc != -EAGAIN)
		return rc;
	rc = list_whole(scan, query, state, table);
	if (!rc && !scan->tree && !scan->n)
		return fail_empty(scan, table);
	if (!rc && !scan->n)
		mml_table_note(table, "this tree has no processes");
	if (!rc)
		rc = add_rows(scan, table, state);
	if (rc)
		return rc;
	mml_process_order(scan, query);
	rc = mml_process_scan_begin(scan);
	if (!rc)
		mml_process_scan_listed(scan, true);
	return rc;
}
