/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "finder.h"

enum { MIB = 1 << 20, NAMED = 3 };

/* A cache grows steadily if it never shrank, grew between most looks, and grew by an amount that
 * matters. That takes five looks over five seconds, unless it grew by so much that there is no need
 * to wait. */
static bool steady(const struct mml_cache_growth *g)
{
	uint64_t by = g->last > g->first ? g->last - g->first : 0;

	if (g->falls || by < g->first / 50)
		return false;
	if (g->points >= 5 && g->span_ns >= UINT64_C(4900000000))
		return by >= MIB && g->rises * 10 >= (g->points - 1) * 6;
	return by >= 32 * (uint64_t)MIB;
}

static void say_growing(struct mml_finder *f, const struct mml_cache_growth *g)
{
	double seconds = (double)g->span_ns / 1e9;
	double rate = (double)(g->last - g->first) / seconds;
	double left = (double)f->available / rate;
	bool soon = f->available && left < 3600;

	mml_find_number(f, "size", g->last);
	mml_find_number(f, "size_before", g->first);
	mml_find_number(f, "seconds", (uint64_t)(seconds + 0.5));
	if (soon)
		mml_find_number(f, "MemAvailable", f->available);
	mml_find_look(f, NULL, NULL, mml_find_where(f, "cache", g->name));
	mml_find(f, MML_FINDING_SLAB_GROWING, soon ? MML_WARNING : MML_NOTE, g->name,
		 "%s grew from %s to %s in %.0f s without a pause (%s/s)%s", g->name,
		 mml_find_size(f, (double)g->first), mml_find_size(f, (double)g->last), seconds,
		 mml_find_size(f, rate),
		 soon ? mml_arena_printf(f->arena,
					 ": at this rate the %s available last %.0f min",
					 mml_find_size(f, (double)f->available), left / 60) :
			"");
}

/* Says which few caches grew most. */
static void growing(struct mml_finder *f)
{
	struct mml_cache_growth top[NAMED] = { 0 }, g;
	size_t n = 0;

	for (size_t i = 0; i < f->now->slab->nrows; i++) {
		size_t at;

		if (!mml_past_growth(f->past, f->now, i, &g) || !steady(&g))
			continue;
		for (at = n; at && g.last - g.first > top[at - 1].last - top[at - 1].first; at--)
			if (at < NAMED)
				top[at] = top[at - 1];
		if (at < NAMED)
			top[at] = g;
		n += n < NAMED;
	}
	for (size_t i = 0; i < n; i++)
		say_growing(f, &top[i]);
}

static void large(struct mml_finder *f)
{
	uint64_t slab = mml_fact_meminfo(f->now, "SUnreclaim"), most = 0, size;
	const struct mml_table *t = f->now->slab;
	const char *which = NULL;

	if (!f->total || f->managed > f->total || slab < f->total / 5)
		return;
	for (size_t i = 0; i < t->nrows; i++)
		if (mml_look_u64(t, mml_table_row(t, i), "size", &size) && size > most) {
			most = size;
			which = mml_look_str(t, mml_table_row(t, i), "cache");
		}
	mml_find_number(f, "SUnreclaim", slab);
	mml_find_number(f, "MemTotal", f->total);
	mml_find(f, MML_FINDING_SLAB_LARGE, MML_WARNING, NULL,
		 "kernel objects that cannot be reclaimed take %s (%.1f%% of memory)%s%s%s",
		 mml_find_size(f, (double)slab), (double)slab * 100 / (double)f->total,
		 which ? "; the largest cache is " : "", which ? which : "",
		 which ? mml_arena_printf(f->arena, " with %s", mml_find_size(f, (double)most)) : "");
}

void mml_rules_slab(struct mml_finder *f)
{
	growing(f);
	large(f);
}
