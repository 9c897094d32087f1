/* Rules about single processes that wait for memory: they speak where somebody watches reclaim or swap. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "finder.h"

/* What a process does while it waits, by the kinds of the table reclaim. kswapd works for all, and
 * nobody waits for it. */
static const char *work_of(const char *kind)
{
	static const struct {
		const char *kind, *work;
	} works[] = {
		{ "direct", "freeing memory for itself" },
		{ "memcg", "freeing memory of its control group" },
		{ "compact", "moving pages to make a large block" },
		{ "throttled", "waiting until others have freed memory" },
	};

	for (size_t i = 0; i < sizeof(works) / sizeof(*works); i++)
		if (!strcmp(works[i].kind, kind))
			return works[i].work;
	return NULL;
}

/* "java 1210", as people call a process */
static const char *name_of(struct mml_finder *f, const struct mml_table *table,
			   const struct mml_row *row, uint64_t pid)
{
	const char *comm = mml_look_str(table, row, "comm");

	return mml_arena_printf(f->arena, "%s %" PRIu64, comm ? comm : "process", pid);
}

static void reclaims(struct mml_finder *f, const struct mml_table *table, const struct mml_row *row)
{
	struct mml_watched did;
	const char *name, *work;
	double seconds, share;

	if (!mml_watched_since(f->now, f->past, MML_WATCHED_RECLAIM, row, &did, &seconds))
		return;
	work = work_of(did.kind);
	share = (double)did.b / 1e9 * 100 / seconds;
	if (!work || share < MML_LIMIT_PROCESS_WAITED)
		return;
	name = name_of(f, table, row, did.pid);
	if (!name)
		return;
	mml_find_number(f, "pid", did.pid);
	mml_find_number(f, "times", did.a);
	mml_find_number(f, "time_ns", did.b);
	mml_find_look(f, NULL, NULL, mml_arena_printf(f->arena, "pid = %" PRIu64, did.pid));
	mml_find(f, MML_FINDING_PROCESS_RECLAIMS, MML_WARNING,
		 mml_arena_printf(f->arena, "%s, %s", name, did.kind),
		 "%s spends %.0f %% of the time on %s, %.0f times a second", name, share, work,
		 (double)did.a / seconds);
}

/* Whether tasks wait: where that is not measured, whether some had to reclaim. */
static bool waits(const struct mml_finder *f)
{
	if (isnan(f->some))
		return mml_fact_rate(f->now, f->past, MML_FACT_ALLOCSTALL) >= MML_LIMIT_STALLS;
	return f->some >= MML_LIMIT_PROCESS_SWAP_WAITED;
}

static void swaps(struct mml_finder *f, const struct mml_table *table, const struct mml_row *row)
{
	const double least = (double)mml_mib(MML_LIMIT_PROCESS_SWAP);
	struct mml_watched did;
	const char *name;
	double seconds, in, out;

	if (!mml_watched_since(f->now, f->past, MML_WATCHED_SWAPPING, row, &did, &seconds) ||
	    !did.pid)
		return;
	in = (double)did.a / seconds;
	out = (double)did.b / seconds;
	name = name_of(f, table, row, did.pid);
	if (in < least || out < least || !name)
		return;
	mml_find_number(f, "pid", did.pid);
	mml_find_number(f, "in", did.a);
	mml_find_number(f, "out", did.b);
	mml_find_look(f, NULL, NULL, mml_arena_printf(f->arena, "pid = %" PRIu64, did.pid));
	mml_find(f, MML_FINDING_PROCESS_SWAPS, MML_WARNING, name,
		 "of %s %s a second goes out to swap while %s comes back, and tasks wait for memory",
		 name, mml_find_size(f, out), mml_find_size(f, in));
}

void mml_rules_processes(struct mml_finder *f)
{
	const struct mml_table *reclaim = mml_watched_table(f->now, MML_WATCHED_RECLAIM);
	const struct mml_table *swapping = mml_watched_table(f->now, MML_WATCHED_SWAPPING);

	for (size_t i = 0; reclaim && i < reclaim->nrows; i++)
		reclaims(f, reclaim, mml_table_row(reclaim, i));
	for (size_t i = 0; swapping && waits(f) && i < swapping->nrows; i++)
		swaps(f, swapping, mml_table_row(swapping, i));
}
