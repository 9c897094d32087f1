/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "finder.h"

enum { NAMED = 3 };

/* Caches with a shrinker of their own: the kernel frees what is unused of them when it needs memory.
 * Each has SLAB_RECLAIM_ACCOUNT in the kernel. */
static bool reclaimable(const char *name)
{
	static const char *const names[] = { "dentry",	    "buffer_head",	  "radix_tree_node",
					     "xfs_inode",   "xfs_ili",		  "btrfs_inode",
					     "fuse_inode",  "ext4_extent_status", "ext4_inode_cache",
					     "inode_cache" };
	static const char inodes[] = "_inode_cache", rcl[] = "kmalloc-rcl-";
	size_t len = strlen(name), end = sizeof(inodes) - 1;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return !strncmp(name, rcl, sizeof(rcl) - 1) ||
	       (len > end && !strcmp(name + len - end, inodes) && strcmp(name, "shmem_inode_cache") &&
		strcmp(name, "sock_inode_cache"));
}

static uint64_t grown_by(const struct mml_growth *g)
{
	return g->last > g->first ? g->last - g->first : 0;
}

/* Over some time on most looks, and never back; or by so much that it need not be watched longer. A
 * cache that can be reclaimed takes more, since searching for files fills it. */
static bool grows(const struct mml_finder *f, const struct mml_growth *g)
{
	const uint64_t second = 1000000000;
	uint64_t by = grown_by(g), share = mml_part(f->total, MML_LIMIT_CACHE_SUDDEN_SHARE);
	uint64_t sudden = mml_mib(MML_LIMIT_CACHE_SUDDEN);

	if (g->falls || g->paused || by < mml_part(g->first, MML_LIMIT_CACHE_GROWN_SHARE))
		return false;
	if (reclaimable(g->name) && g->span_ns < MML_LIMIT_RECLAIMABLE_SECONDS * second &&
	    (!f->total || by < mml_part(f->total, MML_LIMIT_RECLAIMABLE_SHARE)))
		return false;
	if (by >= (f->total ? mml_least(sudden, share) : sudden))
		return true;
	/* A look may come a little early. */
	return g->points > MML_LIMIT_CACHE_SECONDS &&
	       g->span_ns >= MML_LIMIT_CACHE_SECONDS * second - second / 10 &&
	       by >= mml_mib(MML_LIMIT_CACHE_GROWN) && g->rises * 10 >= (g->points - 1) * 6;
}

/* How long what is available lasts, in minutes; below 0 if nothing can be said of it: two looks are not
 * a rate, and a cache that can be reclaimed takes nothing away for good. */
static double lasts(const struct mml_finder *f, const struct mml_growth *g)
{
	if (!f->has_available || g->points < 3 || !(g->slope > 0) || reclaimable(g->name))
		return -1;
	return (double)f->available / g->slope / 60;
}

static void say_growing(struct mml_finder *f, const struct mml_growth *g)
{
	double seconds = (double)g->span_ns / 1e9, minutes = lasts(f, g);
	bool soon = minutes >= 0 && minutes < MML_LIMIT_CACHE_LASTS;
	const char *rest = "";

	mml_find_number(f, "size", g->last);
	mml_find_number(f, "size_before", g->first);
	mml_find_number(f, "seconds", (uint64_t)(seconds + 0.5));
	if (soon) {
		mml_find_number(f, "MemAvailable", f->available);
		rest = mml_arena_printf(f->arena, "; at this rate the %s available last %.0f min",
					mml_find_size(f, (double)f->available), minutes);
	} else if (reclaimable(g->name)) {
		mml_find_why(f, "What is unused of it goes when memory is needed, and no earlier.");
		rest = ", and can be reclaimed";
	}
	mml_find_look(f, NULL, NULL, mml_find_where(f, "cache", g->name));
	mml_find(f, MML_FINDING_SLAB_GROWING, soon ? MML_WARNING : MML_NOTE, g->name,
		 "slab cache %s grew from %s to %s in %.0f s%s", g->name,
		 mml_find_size(f, (double)g->first), mml_find_size(f, (double)g->last), seconds,
		 rest);
}

/* What can be reclaimed comes last, then the order is by what it grew by. */
static bool worse(const struct mml_growth *a, const struct mml_growth *b)
{
	if (reclaimable(a->name) != reclaimable(b->name))
		return reclaimable(b->name);
	return grown_by(a) > grown_by(b);
}

/* Names the few caches that grew most. */
static void growing(struct mml_finder *f)
{
	struct mml_growth top[NAMED] = { 0 }, g;
	size_t n = 0;

	for (size_t i = 0; i < f->now->slab->nrows; i++) {
		size_t at;

		if (!mml_past_growth(f->past, f->now, i, &g) || !grows(f, &g))
			continue;
		for (at = n; at && worse(&g, &top[at - 1]); at--)
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
	uint64_t fixed, all;

	if (!mml_find_sums(f) || !f->total)
		return;
	mml_find_number(f, "MemTotal", f->total);
	if (mml_fact_meminfo(f->now, "SUnreclaim", &fixed) &&
	    fixed >= mml_part(f->total, MML_LIMIT_SLAB_UNRECLAIMABLE)) {
		mml_find_number(f, "SUnreclaim", fixed);
		mml_find(f, MML_FINDING_SLAB_LARGE, MML_WARNING, NULL,
			 "kernel objects that cannot be reclaimed take %s of %s (%.1f %%)%s",
			 mml_find_size(f, (double)fixed), mml_find_size(f, (double)f->total),
			 mml_percent((double)fixed, f->total), mml_find_largest_cache(f));
	} else if (mml_fact_meminfo(f->now, "Slab", &all) &&
		   all >= mml_part(f->total, MML_LIMIT_SLAB_ALL)) {
		mml_find_number(f, "Slab", all);
		mml_find(f, MML_FINDING_SLAB_LARGE, MML_WARNING, NULL,
			 "kernel objects take %s of %s (%.1f %%)%s", mml_find_size(f, (double)all),
			 mml_find_size(f, (double)f->total), mml_percent((double)all, f->total),
			 mml_find_largest_cache(f));
	}
	mml_find_nothing(f);
}

const char *mml_find_largest_cache(struct mml_finder *f)
{
	const struct mml_table *t = f->now->slab;
	const char *which = NULL, *ret;
	uint64_t most = 0, size;

	for (size_t i = 0; i < t->nrows; i++)
		if (mml_look_u64(t, mml_table_row(t, i), "size", &size) && size > most) {
			most = size;
			which = mml_look_str(t, mml_table_row(t, i), "cache");
		}
	if (!which)
		return "";
	ret = mml_arena_printf(f->arena, "; the largest cache is %s with %s", which,
			       mml_find_size(f, (double)most));
	return ret ? ret : "";
}

/* kmalloc-96 is for 96 bytes, kmalloc-1k for 1024: what a cache is named for, or 0. */
static uint64_t named_for(const char *name)
{
	const char *dash = strrchr(name, '-');
	struct mml_span number;
	uint64_t n, unit = 1;

	if (strncmp(name, "kmalloc-", 8) || !dash)
		return 0;
	number = mml_span_str(dash + 1);
	if (number.end > number.p && (number.end[-1] == 'k' || number.end[-1] == 'M')) {
		unit = number.end[-1] == 'k' ? 1024 : 1024 * 1024;
		number.end--;
	}
	return mml_parse_u64(number, &n) || n > UINT32_MAX ? 0 : n * unit;
}

/* Redzones, poison and the traces of users make objects larger. */
static void debugging(struct mml_finder *f)
{
	const struct mml_table *t = f->now->slab;

	for (size_t i = 0; i < t->nrows; i++) {
		const struct mml_row *row = mml_table_row(t, i);
		const char *name = mml_look_str(t, row, "cache");
		uint64_t size, meant = name ? named_for(name) : 0;

		if (!meant || !mml_look_u64(t, row, "obj_size", &size) ||
		    size < mml_part(meant, MML_LIMIT_SLAB_OBJECT))
			continue;
		mml_find_number(f, "obj_size", size);
		mml_find_number(f, "named_for", meant);
		mml_find(f, MML_FINDING_SLAB_DEBUG, MML_NOTE, NULL,
			 "slab debugging is on: objects of %s take %" PRIu64 " bytes", name, size);
		return;
	}
}

void mml_rules_slab(struct mml_finder *f)
{
	growing(f);
	large(f);
	debugging(f);
}
