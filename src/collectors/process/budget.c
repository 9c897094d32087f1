/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char turns_path[] = "/mmlens/process-turns";

bool mml_process_waits(const struct mml_scan *scan, const struct mml_process *p)
{
	return scan->budget_ns && !p->gone && p->has_mm && scan->needs & NEEDS_COSTLY && !p->reads &&
	       !(p->refused & scan->needs & NEEDS_COSTLY) && !mml_has(p->row, PROCESSES_age);
}

/* Writes lines such as "4711 318467182345", a process and when it was read in ns since boot, and
 * "4712 -" for one that is still to be read. */
void mml_process_save_turns(const struct mml_scan *scan)
{
	struct mml_buf text = { 0 };

	if (!scan->budget_ns || !mml_root_saves(scan->take->root))
		return;
	for (size_t i = 0; i < scan->n; i++) {
		const struct mml_process *p = &scan->processes[i];

		if (mml_process_waits(scan, p))
			mml_buf_printf(&text, "%d -\n", (int)p->pid);
		else if (!p->gone && mml_has(p->row, PROCESSES_age) && !p->reads)
			mml_buf_printf(&text, "%d %" PRIu64 "\n", (int)p->pid,
				       scan->now_ns - p->row->cell[PROCESSES_age].u64);
	}
	if (!text.error)
		mml_root_save(scan->take->root, turns_path, text.data ? text.data : "", text.len);
	mml_buf_free(&text);
}

static struct mml_process *find(const struct mml_scan *scan, uint64_t pid)
{
	size_t low = 0, high = scan->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if ((uint64_t)scan->processes[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < scan->n && (uint64_t)scan->processes[low].pid == pid ? &scan->processes[low] :
									    NULL;
}

/* It had not had its turn, though its files may have been saved for another table. */
static void forget_costly(struct mml_process *p)
{
	const struct mml_schema *schema = &mml_collector_processes.schema;

	for (unsigned c = 0; c < schema->ncolumns; c++)
		if (schema->columns[c].needs & NEEDS_COSTLY)
			mml_unset(p->row, c);
	mml_unset(p->row, PROCESSES_age);
	p->reads = 0;
}

size_t mml_process_load_turns(struct mml_scan *scan)
{
	struct mml_span text, line, pid;
	uint64_t number, read_ns;
	size_t waiting = 0;

	if (!(scan->needs & NEEDS_COSTLY) || mml_take_file(scan->take, NULL, turns_path, &text))
		return 0;
	while (mml_next_line(&text, &line)) {
		struct mml_process *p;

		if (!mml_next_field(&line, ' ', &pid) || mml_parse_u64(pid, &number))
			continue;
		p = find(scan, number);
		if (!p || p->gone)
			continue;
		if (mml_span_eq(line, "-")) {
			forget_costly(p);
			waiting++;
		} else if (!mml_parse_u64(line, &read_ns) && read_ns <= scan->now_ns && p->reads) {
			mml_set_u64(p->row, PROCESSES_age, scan->now_ns - read_ns);
		}
	}
	return waiting;
}

/* Was NAME of no process asked for when a recording was made? */
static bool is_unasked(const struct mml_scan *scan, const char *name)
{
	char path[64];
	bool any = false;

	for (size_t i = 0; i < scan->n; i++) {
		const struct mml_process *p = &scan->processes[i];

		if (p->gone || !p->has_mm)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/%s", (int)p->pid, name);
		if (mml_root_missing(scan->take->root, path) != MML_MISSING_UNASKED)
			return false;
		any = true;
	}
	return any;
}

static void say_unasked(struct mml_table *table, unsigned need)
{
	const struct mml_schema *schema = table->schema;
	const char *needs = NULL;

	for (unsigned c = 0; c < schema->ncolumns && !needs; c++)
		if ((schema->columns[c].needs & NEEDS_COSTLY) == need)
			needs = mml_arena_printf(table->arena,
						 "a recording with it: record DIR processes -o +%s",
						 schema->columns[c].name);
	mml_table_why_needs(table, need, "not recorded", needs);
}

/* A recorder reads at least one process, whatever its budget. */
void mml_process_say_unasked(const struct mml_scan *scan, struct mml_table *table)
{
	if (scan->needs & NEEDS_ROLLUP && is_unasked(scan, "smaps_rollup") && is_unasked(scan, "smaps"))
		say_unasked(table, NEEDS_ROLLUP);
	if (scan->needs & NEEDS_NODES && is_unasked(scan, "numa_maps") && is_unasked(scan, "pagemap"))
		say_unasked(table, NEEDS_NODES);
}

struct turn {
	size_t at;        /* the place of the process */
	uint64_t read_ns; /* 0: never */
	bool first;
};

static int turn_order(const void *a, const void *b)
{
	const struct turn *x = a, *y = b;

	if (x->first != y->first)
		return x->first ? -1 : 1;
	if (x->read_ns != y->read_ns)
		return x->read_ns < y->read_ns ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int pid_order(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return x < y ? -1 : x > y;
}

/* Processes on the screen come first, and then those that have waited longest. */
bool mml_process_order(struct mml_scan *scan, const struct mml_query *query)
{
	struct mml_arena *arena = scan->take->arena;
	struct turn *turns;
	pid_t *first;
	size_t *order;

	if (!scan->budget_ns || !(scan->needs & NEEDS_COSTLY))
		return true;
	turns = mml_arena_alloc(arena, (scan->n + 1) * sizeof(*turns));
	first = mml_arena_alloc(arena, (query->reading.nfirst + 1) * sizeof(*first));
	order = mml_arena_alloc(arena, (scan->n + 1) * sizeof(*order));
	if (!turns || !first || !order)
		return false;
	for (size_t i = 0; i < query->reading.nfirst; i++)
		first[i] = query->reading.first[i];
	qsort(first, query->reading.nfirst, sizeof(*first), pid_order);
	for (size_t i = 0; i < scan->n; i++) {
		const struct mml_process *p = &scan->processes[i];

		turns[i].at = i;
		turns[i].read_ns = p->memory ? p->memory->read_ns : 0;
		turns[i].first = query->reading.nfirst && bsearch(&p->pid, first, query->reading.nfirst,
							  sizeof(*first), pid_order);
	}
	qsort(turns, scan->n, sizeof(*turns), turn_order);
	for (size_t i = 0; i < scan->n; i++)
		order[i] = turns[i].at;
	scan->order = order;
	return true;
}
