/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "grew.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trouble.h"
#include "../ui/ways.h"
#include "look.h"

enum { MOST = 64, MOST_KINDS = 5, FARTHEST_S = 10 * 3600, YOUNG_S = 5 };

/* What is followed: a table, its column of sizes, and what names a row. */
struct kind {
	const char *kind, *table, *size;
	/* The key and the name of ROW; false: it is not followed. */
	bool (*name)(const struct mml_table *table, size_t at, struct mml_grown *ret);
};

/* A table is not in every sample: what it had is kept until it is again. */
struct followed {
	struct mml_ways *ways;
	struct mml_grown *things;
	size_t n, room;
};

struct mml_grew {
	struct followed of[MOST_KINDS];
	struct mml_grown list[MOST];
	size_t n;
	uint64_t marked_ns;
};

static bool name_process(const struct mml_table *table, size_t at, struct mml_grown *ret)
{
	const struct mml_row *row = mml_table_row(table, at);
	const char *comm = mml_look_str(table, row, "comm");
	uint64_t pid, started = 0;

	if (!mml_look_u64(table, row, "pid", &pid))
		return false;
	mml_look_u64(table, row, "started", &started);
	ret->pid = (pid_t)pid;
	snprintf(ret->key, sizeof(ret->key), "%" PRIu64 " %" PRIu64, pid, started);
	snprintf(ret->name, sizeof(ret->name), "%" PRIu64 " %s", pid, comm ? comm : "");
	return true;
}

static bool name_cache(const struct mml_table *table, size_t at, struct mml_grown *ret)
{
	const struct mml_row *row = mml_table_row(table, at);
	const char *cache = mml_look_str(table, row, "cache");

	snprintf(ret->key, sizeof(ret->key), "%s", cache ? cache : "");
	snprintf(ret->name, sizeof(ret->name), "%s", cache ? cache : "");
	return cache != NULL;
}

/* What grows in a group grows in those around it, too. */
static bool name_group(const struct mml_table *table, size_t at, struct mml_grown *ret)
{
	const struct mml_row *row = mml_table_row(table, at);
	const char *path = mml_look_str(table, row, "path"), *name = mml_look_str(table, row, "name");

	if (!mml_look_innermost(table, at))
		return false;
	snprintf(ret->key, sizeof(ret->key), "%s", path);
	snprintf(ret->name, sizeof(ret->name), "%s", name ? name : path);
	return strlen(path) < sizeof(ret->key);
}

/* Of the balance what has no owner elsewhere in the list. */
static bool name_part(const struct mml_table *table, size_t at, struct mml_grown *ret)
{
	const struct mml_row *row = mml_table_row(table, at);
	static const char *const parts[] = { "page_tables", "kernel_stack", "vmalloc",	"percpu",
					     "sockets",	    "shmem",	    "unaccounted", "zsmalloc",
					     "zswap",	    "unevictable",  "hugetlb" };
	const char *item = mml_look_str(table, row, "item");

	for (size_t i = 0; item && i < sizeof(parts) / sizeof(*parts); i++)
		if (!strcmp(item, parts[i])) {
			snprintf(ret->key, sizeof(ret->key), "%s", item);
			mml_look_item(item, ret->name);
			return true;
		}
	return false;
}

/* Shared memory by its parts: what has a limit of its own is full when that is reached. */
static bool name_shared(const struct mml_table *table, size_t at, struct mml_grown *ret)
{
	const struct mml_row *row = mml_table_row(table, at);
	const char *kind = mml_look_str(table, row, "kind"), *name = mml_look_str(table, row, "name");
	static const char *const words[] = { "tmpfs", "sysv", "memfd", "anon-shm", "driver" };
	uint64_t used, limit;

	if (mml_look_u64(table, row, "limit", &limit) && mml_look_u64(table, row, "used", &used))
		ret->room = limit > used ? (double)(limit - used) : 0;
	snprintf(ret->key, sizeof(ret->key), "%s %s", kind ? kind : "", name ? name : "");
	snprintf(ret->name, sizeof(ret->name), "%s", name ? name : "");
	for (size_t i = 0; kind && name && i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(kind, words[i])) {
			ret->kind = i < 2 ? words[i] : "shared";
			return strlen(kind) + strlen(name) + 2 < sizeof(ret->key);
		}
	return false;
}

static const struct kind kinds[] = {
	{ "process", "processes", "rss", name_process },
	{ "slab", "slab", "size", name_cache },
	{ "group", "cgroups", "current", name_group },
	{ "kernel", "balance", "bytes", name_part },
	{ "tmpfs", "shmem", "used", name_shared },
};

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

struct mml_grew *mml_grew_new(void)
{
	struct mml_grew *grew = mml_calloc(1, sizeof(*grew));

	for (size_t k = 0; grew && k < KINDS; k++) {
		grew->of[k].ways = mml_ways_new();
		if (!grew->of[k].ways) {
			mml_grew_free(grew);
			return NULL;
		}
	}
	return grew;
}

void mml_grew_free(struct mml_grew *grew)
{
	for (size_t k = 0; grew && k < KINDS; k++) {
		mml_ways_free(grew->of[k].ways);
		free(grew->of[k].things);
	}
	free(grew);
}

static bool make_room(struct followed *of, size_t n)
{
	struct mml_grown *things;

	if (n <= of->room)
		return true;
	things = mml_realloc(of->things, n + 64, sizeof(*things));
	if (!things)
		return false;
	of->things = things;
	of->room = n + 64;
	return true;
}

static void follow(struct followed *of, const struct kind *kind, const struct mml_table *table,
		   unsigned size, uint64_t now)
{
	of->n = 0;
	if (!make_room(of, table->nrows))
		return;
	mml_ways_begin(of->ways, now);
	for (size_t i = 0; i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);
		struct mml_grown *thing = &of->things[of->n];

		*thing = (struct mml_grown){ .kind = kind->kind, .room = (double)NAN };
		if (!mml_has(row, size) || !kind->name(table, i, thing))
			continue;
		thing->size = mml_look_num(table, row, kind->size);
		if (!mml_ways_add(of->ways, thing->key, strlen(thing->key), thing->size))
			of->n++;
	}
	mml_ways_end(of->ways);
}

/* Of control groups there is the one mmlens is in before all of them. */
static const struct mml_table *last_table(const struct mml_snapshot *snap, const char *name)
{
	const struct mml_table *ret = NULL;

	for (size_t i = 0; snap && i < snap->ntables; i++)
		if (!strcmp(snap->tables[i]->schema->name, name))
			ret = snap->tables[i];
	return ret;
}

void mml_grew_sample(struct mml_grew *grew, const struct mml_moment *moment)
{
	for (size_t k = 0; k < KINDS; k++) {
		const struct mml_table *table = last_table(moment->now, kinds[k].table);
		int size = table ? mml_look_id(table->schema, kinds[k].size,
					       1 << MML_U64 | 1 << MML_I64) :
				   -1;

		if (size >= 0 && !table->error)
			follow(&grew->of[k], &kinds[k], table, (unsigned)size,
			       moment->now->time.mono_ns);
	}
}

static void insert(struct mml_grew *grew, const struct mml_grown *thing)
{
	size_t at = grew->n < MOST ? grew->n++ : MOST;

	if (at == MOST && grew->list[MOST - 1].change >= thing->change)
		return;
	at = at == MOST ? MOST - 1 : at;
	for (; at && grew->list[at - 1].change < thing->change; at--)
		grew->list[at] = grew->list[at - 1];
	grew->list[at] = *thing;
}

/* How long until AVAILABLE, or the room that the thing has itself, is used up at its slope. */
static double time_left(double slope, double available, double room)
{
	double seconds;

	if (room < available || isnan(available))
		available = room;
	seconds = slope > 0 ? available / slope * 60 : (double)NAN;

	return seconds <= FARTHEST_S ? seconds : (double)NAN;
}

/* Whether shared memory is told by all its parts, so that the whole of it would be told twice. */
static bool has_parts(const struct mml_grew *grew)
{
	const struct followed *of = &grew->of[KINDS - 1];

	for (size_t i = 0; i < of->n; i++)
		if (!strcmp(of->things[i].kind, "shared"))
			return true;
	return false;
}

static void rank_kind(struct mml_grew *grew, const struct followed *of, uint64_t seconds, double available)
{
	bool parts = has_parts(grew);

	for (size_t i = 0; i < of->n; i++) {
		struct mml_grown thing = of->things[i];
		const struct mml_way *way =
			mml_ways_find(of->ways, thing.key, strlen(thing.key));

		if (!way)
			continue;
		thing.change = mml_ways_change(of->ways, way, seconds, &thing.new);
		if (isnan(thing.change) || thing.change <= 0)
			continue;
		if (parts && !thing.pid && !strcmp(thing.key, "shmem"))
			continue;
		/* Most of what starts is gone before anybody could look at it. */
		if (thing.new && mml_ways_age(of->ways, way) < YOUNG_S)
			continue;
		thing.slope = mml_ways_slope(of->ways, way, 60);
		thing.full_s = time_left(mml_ways_steady(of->ways, way), available, thing.room);
		mml_ways_cells(of->ways, way, MML_GREW_CELLS, thing.cells);
		insert(grew, &thing);
	}
}

void mml_grew_rank(struct mml_grew *grew, const struct mml_moment *moment, double available)
{
	uint64_t marked = moment->mark ? moment->mark->time.mono_ns : 0;

	for (size_t k = 0; marked && marked != grew->marked_ns && k < KINDS; k++)
		mml_ways_mark(grew->of[k].ways);
	grew->marked_ns = marked;
	grew->n = 0;
	for (size_t k = 0; k < KINDS; k++)
		rank_kind(grew, &grew->of[k], mml_since_seconds(moment->since), available);
}

const struct mml_grown *mml_grew_list(const struct mml_grew *grew, size_t *ret_n)
{
	*ret_n = grew->n;
	return grew->list;
}
