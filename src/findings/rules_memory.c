/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "finder.h"

/* What of memory is outside of the huge page pools: nothing else can use those. */
static const char *outside_pools(struct mml_finder *f)
{
	if (f->outside == f->total)
		return "";
	return " outside of huge page pools";
}

/* MemAvailable 0 means that less is free than the kernel keeps in reserve. */
static void nothing_available(struct mml_finder *f)
{
	uint64_t free;

	if (!mml_fact_meminfo(f->now, "MemFree", &free))
		return;
	mml_find_number(f, "MemFree", free);
	mml_find(f, MML_FINDING_AVAILABLE_LOW, MML_CRITICAL, NULL,
		 "no memory is left: the %s that is free is less than the kernel keeps in reserve",
		 mml_find_size(f, (double)free));
}

static void available(struct mml_finder *f)
{
	uint64_t warning = mml_least(mml_part(f->outside, MML_LIMIT_AVAILABLE_WARNING),
				     mml_gib(MML_LIMIT_AVAILABLE_WARNING_CAP));
	uint64_t critical = mml_least(mml_part(f->outside, MML_LIMIT_AVAILABLE_CRITICAL),
				      mml_gib(MML_LIMIT_AVAILABLE_CRITICAL_CAP));
	bool worst = f->available < critical;

	if (!f->has_available || f->available >= warning)
		return;
	mml_find_number(f, "MemAvailable", f->available);
	mml_find_number(f, "MemTotal", f->total);
	if (f->outside != f->total)
		mml_find_number(f, "outside_pools", f->outside);
	if (!f->available)
		nothing_available(f);
	else
		mml_find(f, MML_FINDING_AVAILABLE_LOW, worst ? MML_CRITICAL : MML_WARNING, NULL,
			 "%s: %s of %s%s left", worst ? "memory is nearly gone" : "memory is getting low",
			 mml_find_size(f, (double)f->available),
			 mml_find_size(f, (double)f->outside), outside_pools(f));
	mml_find_nothing(f);
}

/* The first contradiction in the text, and all of them in the reasons. */
static void contradiction(struct mml_finder *f)
{
	const char *all = f->now->whose.contradiction, *end = all ? strstr(all, "; ") : NULL;

	if (!all)
		return;
	mml_find_why(f, "In /proc/meminfo %s.", all);
	mml_find(f, MML_FINDING_CONTRADICTION, MML_WARNING, "meminfo",
		 "meminfo contradicts itself: %.*s", (int)(end ? end - all : (long)strlen(all)),
		 all);
}

/* Levels that the kernel has lost count of. */
static void below_zero(struct mml_finder *f)
{
	const struct mml_table *t = f->now->vmstat;
	const char *first = NULL;
	size_t n = 0;
	uint64_t v;

	for (size_t i = 0; i < t->nrows; i++) {
		const struct mml_row *row = mml_table_row(t, i);

		if (!mml_look_u64(t, row, "value", &v) || !(v >> 63))
			continue;
		if (!n++) {
			first = mml_look_str(t, row, "name");
			mml_find_number(f, first, v);
		}
	}
	if (!first)
		return;
	mml_find_look(f, "vmstat", NULL, mml_find_where(f, "name", first));
	mml_find(f, MML_FINDING_CONTRADICTION, MML_WARNING, "vmstat",
		 n > 1 ? "the kernel has lost count: %s and %zu more of vmstat are below zero" :
			 "the kernel has lost count: %s of vmstat is below zero",
		 first, n - 1);
}

static void whose(struct mml_finder *f)
{
	const struct mml_whose *w = &f->now->whose;

	if (w->is != MML_WHOSE_OTHER && w->is != MML_WHOSE_LAZY)
		return;
	mml_find_number(f, "MemTotal", w->total);
	if (w->managed)
		mml_find_number(f, "managed", w->managed);
	if (w->is == MML_WHOSE_OTHER)
		mml_find(f, MML_FINDING_REWRITTEN, MML_NOTE, NULL,
			 "/proc/meminfo is not this machine's own: %s", w->why);
	else
		mml_find(f, MML_FINDING_UNMANAGED, MML_NOTE, NULL,
			 "MemTotal is %s, of which the zones manage %s: the rest is brought up when it is needed",
			 mml_find_size(f, (double)w->total), mml_find_size(f, (double)w->managed));
}

static void unaccounted(struct mml_finder *f)
{
	uint64_t note = mml_least(mml_part(f->total, MML_LIMIT_UNACCOUNTED_NOTE),
				  mml_gib(MML_LIMIT_UNACCOUNTED_NOTE_CAP));
	uint64_t warning = mml_least(mml_part(f->total, MML_LIMIT_UNACCOUNTED_WARNING),
				     mml_gib(MML_LIMIT_UNACCOUNTED_WARNING_CAP));
	uint64_t floor = mml_least(mml_mib(MML_LIMIT_UNACCOUNTED_FLOOR),
				   mml_part(f->total, MML_LIMIT_UNACCOUNTED_FLOOR_SHARE));
	uint64_t rest;

	if (!mml_find_sums(f) || !mml_fact_unaccounted(f->now, &rest) ||
	    rest < mml_most(note, floor))
		return;
	mml_find_number(f, "unaccounted", rest);
	mml_find_number(f, "MemTotal", f->total);
	mml_find(f, MML_FINDING_UNACCOUNTED, rest >= warning ? MML_WARNING : MML_NOTE, NULL,
		 "%s of %s (%.1f %%) is in no counter of the kernel's",
		 mml_find_size(f, (double)rest), mml_find_size(f, (double)f->total),
		 mml_percent((double)rest, f->total));
}

/* The sum of fields that are all there; false if one is missing. */
static bool sum_of(const struct mml_finder *f, const char *const *names, size_t n, uint64_t *ret)
{
	uint64_t v;

	*ret = 0;
	for (size_t i = 0; i < n; i++) {
		if (!mml_fact_meminfo(f->now, names[i], &v))
			return false;
		*ret += v;
	}
	return true;
}

/* A page on the LRU lists is file cache, swap cache or mapped anonymous memory, but for a few that are
 * in flight. */
static void unmapped(struct mml_finder *f)
{
	static const char *const on[] = { "Active", "Inactive", "Unevictable" };
	static const char *const known[] = { "Buffers", "Cached", "SwapCached", "AnonPages" };
	uint64_t least = mml_least(mml_part(f->total, MML_LIMIT_UNMAPPED),
				   mml_gib(MML_LIMIT_UNMAPPED_CAP));
	uint64_t floor = mml_least(mml_mib(MML_LIMIT_UNMAPPED_FLOOR),
				   mml_part(f->total, MML_LIMIT_UNMAPPED_FLOOR_SHARE));
	uint64_t lru, sum;

	if (!mml_find_sums(f) || !sum_of(f, on, sizeof(on) / sizeof(*on), &lru) ||
	    !sum_of(f, known, sizeof(known) / sizeof(*known), &sum) || lru <= sum ||
	    lru - sum < mml_most(least, floor))
		return;
	mml_find_number(f, "lru", lru);
	mml_find_number(f, "cache_and_mapped", sum);
	mml_find(f, MML_FINDING_UNMAPPED_LRU, MML_WARNING, NULL,
		 "%s of %s (%.1f %%) is neither cache nor mapped by any process, and still on the LRU lists",
		 mml_find_size(f, (double)(lru - sum)), mml_find_size(f, (double)f->total),
		 mml_percent((double)(lru - sum), f->total));
}

static void shmem(struct mml_finder *f)
{
	uint64_t bytes, swap;
	bool most, none;

	if (!mml_find_sums(f) || !mml_fact_meminfo(f->now, "Shmem", &bytes) ||
	    bytes < mml_part(f->total, MML_LIMIT_SHMEM_NOTE))
		return;
	most = bytes >= mml_part(f->total, MML_LIMIT_SHMEM_WARNING) && mml_find_scarce(f);
	none = mml_fact_meminfo(f->now, "SwapTotal", &swap) && !swap;
	mml_find_number(f, "Shmem", bytes);
	mml_find_number(f, "MemTotal", f->total);
	mml_find(f, MML_FINDING_SHMEM_LARGE, most ? MML_WARNING : MML_NOTE, NULL,
		 "shared memory and tmpfs take %s of %s (%.1f %%)%s",
		 mml_find_size(f, (double)bytes), mml_find_size(f, (double)f->total),
		 mml_percent((double)bytes, f->total),
		 none ? ", and there is no swap for it" : "");
}

static void hardware(struct mml_finder *f)
{
	uint64_t bad;

	if (!mml_fact_meminfo(f->now, "HardwareCorrupted", &bad) ||
	    bad < MML_LIMIT_BROKEN * f->now->page_size)
		return;
	mml_find_number(f, "HardwareCorrupted", bad);
	mml_find(f, MML_FINDING_HARDWARE, MML_WARNING, NULL,
		 "%s was taken out of use because of memory errors", mml_find_size(f, (double)bad));
}

static void dirty(struct mml_finder *f)
{
	uint64_t page = f->now->page_size, limit, dirty, writeback;

	if (!mml_fact_counter(f->now, MML_FACT_DIRTY_THRESHOLD, &limit) ||
	    !mml_fact_counter(f->now, MML_FACT_DIRTY, &dirty) ||
	    !mml_fact_counter(f->now, MML_FACT_WRITEBACK, &writeback) ||
	    limit < mml_mib(MML_LIMIT_DIRTY_LEAST) / page)
		return;
	if (dirty + writeback < mml_part(limit, MML_LIMIT_DIRTY))
		return;
	mml_find_number(f, "nr_dirty", dirty);
	mml_find_number(f, "nr_writeback", writeback);
	mml_find_number(f, "nr_dirty_threshold", limit);
	mml_find(f, MML_FINDING_DIRTY_LIMIT, MML_WARNING, NULL,
		 "writers have to wait: %s is to be written, and the limit is %s",
		 mml_find_size(f, (double)(dirty + writeback) * (double)page),
		 mml_find_size(f, (double)limit * (double)page));
}

static void commit(struct mml_finder *f)
{
	uint64_t promised, limit;

	if (f->now->settings.overcommit != 2 ||
	    !mml_fact_meminfo(f->now, "Committed_AS", &promised) ||
	    !mml_fact_meminfo(f->now, "CommitLimit", &limit) || !limit ||
	    promised < mml_part(limit, MML_LIMIT_COMMITTED))
		return;
	mml_find_number(f, "Committed_AS", promised);
	mml_find_number(f, "CommitLimit", limit);
	mml_find(f, MML_FINDING_COMMIT, MML_WARNING, NULL,
		 "%s of at most %s is promised: programs that ask for more than %s get nothing",
		 mml_find_size(f, (double)promised), mml_find_size(f, (double)limit),
		 mml_find_size(f, promised < limit ? (double)(limit - promised) : 0));
}

void mml_rules_memory(struct mml_finder *f)
{
	contradiction(f);
	below_zero(f);
	whose(f);
	hardware(f);
	dirty(f);
	commit(f);
	if (!f->total)
		return;
	available(f);
	unaccounted(f);
	unmapped(f);
	shmem(f);
}
