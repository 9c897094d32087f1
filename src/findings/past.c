/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trouble.h"
#include "finder.h"

static void free_seen(struct mml_seen *seen, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(seen[i].about);
	free(seen);
}

void mml_past_free(struct mml_past *past)
{
	free_seen(past->seen, past->nseen);
	mml_mapped_free(past->mapped, past->nmapped);
	mml_groups_free(&past->groups);
	mml_watched_free(past);
	mml_trail_free(&past->caches);
	mml_trail_free(&past->memory);
	mml_trail_free(&past->processes);
	mml_trail_free(&past->programs);
	*past = (struct mml_past){ 0 };
}

static void add_caches(struct mml_past *past, const struct mml_facts *now)
{
	const struct mml_table *slab = now->slab;

	if (!slab || !slab->nrows || !mml_trail_begin(&past->caches, now->time_ns))
		return;
	for (size_t i = 0; i < slab->nrows; i++) {
		const struct mml_row *row = mml_table_row(slab, i);
		const char *name = mml_look_str(slab, row, "cache");
		uint64_t size;

		if (name && mml_look_u64(slab, row, "size", &size))
			mml_trail_put(&past->caches, name, i, size);
	}
	mml_trail_end(&past->caches);
}

bool mml_past_growth(const struct mml_past *past, const struct mml_facts *now, size_t i,
		     struct mml_growth *ret)
{
	const struct mml_row *row = mml_table_row(now->slab, i);
	const char *name = mml_look_str(now->slab, row, "cache");
	uint64_t size;

	return name && mml_look_u64(now->slab, row, "size", &size) &&
	       mml_trail_growth(&past->caches, name, i, size, now->time_ns, ret);
}

static void add_memory(struct mml_past *past, const struct mml_facts *now)
{
	uint64_t rest;

	if (!now->balance || !mml_fact_unaccounted(now, &rest) ||
	    !mml_trail_begin(&past->memory, now->time_ns))
		return;
	mml_trail_put(&past->memory, MML_FACT_UNACCOUNTED, 0, rest);
	mml_trail_end(&past->memory);
}

static void add_processes(struct mml_past *past, const struct mml_facts *now,
			  const struct mml_programs *programs, struct mml_arena *arena)
{
	size_t hint = 0;

	for (size_t i = 0; i < now->processes->nrows; i++) {
		const struct mml_row *row = mml_table_row(now->processes, i);
		uint64_t private = mml_fact_private(now, row);
		const char *name;

		if (!private || private < programs->least)
			continue;
		name = mml_fact_process(now, row, arena);
		if (name)
			mml_trail_put(&past->processes, name, hint++, private);
	}
	for (size_t i = 0; i < programs->n; i++)
		mml_trail_put(&past->programs, programs->list[i].name, i,
			      programs->list[i].private);
}

/* Only what is large enough that it could matter when it grows is followed: that bounds what is kept
 * by the size of memory, and not by the number of processes. */
void mml_past_follow(struct mml_past *past, const struct mml_facts *now)
{
	struct mml_programs programs;
	struct mml_arena *arena;

	if (!now->processes || !now->processes->nrows)
		return;
	arena = mml_arena_new();
	if (!arena)
		return;
	if (!mml_fact_programs(now, arena, &programs) &&
	    mml_trail_begin(&past->processes, now->time_ns) &&
	    mml_trail_begin(&past->programs, now->time_ns)) {
		add_processes(past, now, &programs, arena);
		mml_trail_end(&past->processes);
		mml_trail_end(&past->programs);
		past->processes_ns = now->time_ns;
		past->cost_ns = now->processes_cost_ns;
	}
	mml_arena_free(arena);
}

void mml_past_add(struct mml_past *past, const struct mml_facts *now)
{
	if (now->time_ns <= past->time_ns)
		return;
	past->time_ns = now->time_ns;
	past->counters = now->counters;
	add_caches(past, now);
	add_memory(past, now);
	mml_past_watch(past, now);
	mml_past_follow(past, now);
}

static const struct mml_seen *find_seen(const struct mml_past *past, const char *finding,
					const char *about)
{
	for (size_t i = 0; i < past->nseen; i++)
		if (!strcmp(past->seen[i].finding, finding) && !strcmp(past->seen[i].about, about))
			return &past->seen[i];
	return NULL;
}

void mml_past_found(struct mml_past *past, struct mml_table *found, unsigned finding,
		    unsigned about, unsigned age, uint64_t now_ns)
{
	struct mml_seen *seen = mml_calloc(found->nrows + 1, sizeof(*seen));
	size_t n = 0;

	for (size_t i = 0; seen && i < found->nrows; i++) {
		struct mml_row *row = mml_table_row(found, i);
		const char *what = row->cell[finding].str;
		const char *whom = mml_has(row, about) ? row->cell[about].str : "";
		const struct mml_seen *before = find_seen(past, what, whom);

		seen[n].finding = what;
		seen[n].about = mml_strdup(whom);
		seen[n].first_ns = before ? before->first_ns : now_ns;
		if (!seen[n].about)
			continue;
		if (now_ns > seen[n].first_ns)
			mml_set_u64(row, age, now_ns - seen[n].first_ns);
		n++;
	}
	free_seen(past->seen, past->nseen);
	past->seen = seen;
	past->nseen = n;
}
