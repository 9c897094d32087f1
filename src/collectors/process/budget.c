/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <stdlib.h>

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
