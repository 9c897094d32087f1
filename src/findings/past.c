/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "facts.h"
#include "../core/trouble.h"

static const uint64_t second = 1000000000;

void mml_past_free(struct mml_past *past)
{
	for (size_t i = 0; i < past->ncaches; i++)
		free(past->caches[i].name);
	free(past->caches);
	*past = (struct mml_past){ 0 };
}

/* Finds the cache NAME. The kernel lists the caches in the same order each time, so the row number
 * HINT is nearly always its place here, too. */
static struct mml_cache_past *cache_of(const struct mml_past *past, const char *name, size_t hint)
{
	if (hint < past->ncaches && !strcmp(past->caches[hint].name, name))
		return &past->caches[hint];
	for (size_t i = 0; i < past->ncaches; i++)
		if (!strcmp(past->caches[i].name, name))
			return &past->caches[i];
	return NULL;
}

static struct mml_cache_past *cache_add(struct mml_past *past, const char *name)
{
	struct mml_cache_past *more;
	char *copy = mml_strdup(name);

	more = mml_realloc(past->caches, past->ncaches + 1, sizeof(*more));
	if (more)
		past->caches = more;
	if (!copy || !more) {
		free(copy);
		return NULL;
	}
	more[past->ncaches] = (struct mml_cache_past){ .name = copy };
	return &more[past->ncaches++];
}

/* Drops every second moment and doubles the time between moments from now on. The first one stays. */
static void thin_out(struct mml_past *past)
{
	for (unsigned i = 1; i < MML_PAST_POINTS / 2; i++) {
		past->when[i] = past->when[2 * i];
		for (size_t c = 0; c < past->ncaches; c++)
			past->caches[c].size[i] = past->caches[c].size[2 * i];
	}
	past->points = MML_PAST_POINTS / 2;
	for (size_t c = 0; c < past->ncaches; c++)
		memset(past->caches[c].size + past->points, 0,
		       (MML_PAST_POINTS - past->points) * sizeof(uint64_t));
	past->spacing_ns *= 2;
}

/* About a quarter of an hour is remembered. Then the oldest moment makes room for the newest. */
static void slide(struct mml_past *past)
{
	memmove(past->when, past->when + 1, (MML_PAST_POINTS - 1) * sizeof(past->when[0]));
	past->points = MML_PAST_POINTS - 1;
	for (size_t c = 0; c < past->ncaches; c++) {
		uint64_t *size = past->caches[c].size;

		memmove(size, size + 1, (MML_PAST_POINTS - 1) * sizeof(*size));
		size[MML_PAST_POINTS - 1] = 0;
	}
}

static void add_caches(struct mml_past *past, const struct mml_facts *now)
{
	const struct mml_table *slab = now->slab;

	if (!slab->nrows)
		return;
	if (past->points && now->time_ns < past->when[past->points - 1] + past->spacing_ns)
		return;
	if (!past->spacing_ns)
		past->spacing_ns = second;
	if (past->points == MML_PAST_POINTS) {
		if (past->spacing_ns < 60 * second)
			thin_out(past);
		else
			slide(past);
	}
	past->when[past->points] = now->time_ns;
	for (size_t i = 0; i < slab->nrows; i++) {
		const struct mml_row *row = mml_table_row(slab, i);
		const char *name = mml_look_str(slab, row, "cache");
		struct mml_cache_past *cache = name ? cache_of(past, name, i) : NULL;

		if (name && !cache)
			cache = cache_add(past, name);
		if (cache)
			mml_look_u64(slab, row, "size", &cache->size[past->points]);
	}
	past->points++;
}

void mml_past_add(struct mml_past *past, const struct mml_facts *now)
{
	if (now->time_ns <= past->time_ns)
		return;
	past->time_ns = now->time_ns;
	past->counters = now->counters;
	add_caches(past, now);
}

bool mml_past_growth(const struct mml_past *past, const struct mml_facts *now, size_t i,
		     struct mml_cache_growth *ret)
{
	const struct mml_row *row = mml_table_row(now->slab, i);
	const char *name = mml_look_str(now->slab, row, "cache");
	const struct mml_cache_past *cache = name ? cache_of(past, name, i) : NULL;
	uint64_t before = 0;

	*ret = (struct mml_cache_growth){ .name = name };
	if (!cache || !past->points || !mml_look_u64(now->slab, row, "size", &ret->last) ||
	    now->time_ns <= past->when[past->points - 1])
		return false;
	for (unsigned p = 0; p <= past->points; p++) {
		uint64_t size = p < past->points ? cache->size[p] : ret->last;

		if (!size)
			continue;
		if (!ret->points++) {
			ret->first = size;
			ret->span_ns = now->time_ns - past->when[p];
		} else {
			ret->rises += size > before;
			ret->falls += size < before;
		}
		before = size;
	}
	return ret->points > 1;
}
