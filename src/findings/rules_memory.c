/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "finder.h"

enum { MIB = 1 << 20 };

/* If meminfo was rewritten for a container, its fields are of two machines, and sums over them mean
 * nothing. */
static bool mixed(const struct mml_finder *f)
{
	return f->managed > f->total;
}

static double share(const struct mml_finder *f, uint64_t bytes)
{
	return f->total ? (double)bytes * 100 / (double)f->total : 0;
}

static void available(struct mml_finder *f)
{
	bool worst = f->available < f->total / 20;

	if (!f->available || f->available >= f->total / 10)
		return;
	mml_find_number(f, "MemAvailable", f->available);
	mml_find_number(f, "MemTotal", f->total);
	mml_find(f, MML_FINDING_AVAILABLE_LOW, worst ? MML_CRITICAL : MML_WARNING, NULL,
		 "%s of %s (%.1f%%) could be had without swapping",
		 mml_find_size(f, (double)f->available), mml_find_size(f, (double)f->total),
		 share(f, f->available));
}

static void unaccounted(struct mml_finder *f)
{
	const struct mml_table *t = f->now->balance;
	const struct mml_row *row = mml_look_row(t, "item", "unaccounted", NULL, NULL);
	double bytes = row ? mml_look_num(t, row, "bytes") : (double)NAN;
	int64_t rest;

	if (isnan(bytes) || mixed(f))
		return;
	rest = (int64_t)bytes;
	if (rest < 256 * (int64_t)MIB || (uint64_t)rest < f->total / 20)
		return;
	mml_find_number(f, "unaccounted", (uint64_t)rest);
	mml_find_number(f, "MemTotal", f->total);
	mml_find(f, MML_FINDING_UNACCOUNTED,
		 (uint64_t)rest > f->total / 5 ? MML_WARNING : MML_NOTE, NULL,
		 "%s (%.1f%% of memory) is in no counter of the kernel's",
		 mml_find_size(f, (double)rest), share(f, (uint64_t)rest));
}

/* Except for a few that are on their way, all pages on the LRU lists are file cache, swap cache, or
 * anonymous pages that a process maps. */
static void unmapped(struct mml_finder *f)
{
	static const char *const on[] = { "Active", "Inactive", "Unevictable" };
	static const char *const known[] = { "Buffers", "Cached", "SwapCached", "AnonPages" };
	uint64_t lru = 0, sum = 0;

	for (size_t i = 0; i < sizeof(on) / sizeof(*on); i++)
		lru += mml_fact_meminfo(f->now, on[i]);
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		sum += mml_fact_meminfo(f->now, known[i]);
	if (mixed(f) || !sum || lru <= sum || lru - sum < 256 * (uint64_t)MIB ||
	    lru - sum < f->total / 20 || lru > f->total)
		return;
	mml_find_number(f, "lru", lru);
	mml_find_number(f, "cache_and_mapped", sum);
	mml_find(f, MML_FINDING_UNMAPPED_LRU, MML_WARNING, NULL,
		 "%s (%.1f%% of memory) is on the LRU lists, but neither cache nor mapped by any process",
		 mml_find_size(f, (double)(lru - sum)), share(f, lru - sum));
}

static void page_tables(struct mml_finder *f)
{
	uint64_t tables = mml_fact_meminfo(f->now, "PageTables");

	if (mixed(f) || tables < f->total / 20 || tables < 64 * (uint64_t)MIB)
		return;
	mml_find_number(f, "PageTables", tables);
	mml_find_number(f, "MemTotal", f->total);
	mml_find(f, MML_FINDING_PAGE_TABLES, MML_NOTE, NULL,
		 "page tables of processes take %s (%.1f%% of memory)",
		 mml_find_size(f, (double)tables), share(f, tables));
}

static void huge_idle(struct mml_finder *f)
{
	uint64_t size = mml_fact_meminfo(f->now, "Hugepagesize");
	uint64_t free = mml_fact_meminfo(f->now, "HugePages_Free");
	uint64_t reserved = mml_fact_meminfo(f->now, "HugePages_Rsvd");
	uint64_t idle;

	if (free <= reserved || !size || __builtin_mul_overflow(free - reserved, size, &idle) ||
	    idle < f->total / 20 || idle > f->total)
		return;
	mml_find_number(f, "HugePages_Free", free);
	mml_find_number(f, "HugePages_Rsvd", reserved);
	mml_find_number(f, "Hugepagesize", size);
	mml_find(f, MML_FINDING_HUGE_IDLE, MML_NOTE, NULL,
		 "%" PRIu64 " huge pages of %s (%s) are in the pool, neither used nor reserved",
		 free - reserved, mml_find_size(f, (double)size), mml_find_size(f, (double)idle));
}

static void hardware(struct mml_finder *f)
{
	uint64_t bad = mml_fact_meminfo(f->now, "HardwareCorrupted");

	if (!bad)
		return;
	mml_find_number(f, "HardwareCorrupted", bad);
	mml_find(f, MML_FINDING_HARDWARE, MML_WARNING, NULL,
		 "%s was taken out of use because of memory errors", mml_find_size(f, (double)bad));
}

static void dirty(struct mml_finder *f)
{
	const struct mml_counters *c = &f->now->counters;
	uint64_t limit = c->value[MML_FACT_DIRTY_THRESHOLD];
	uint64_t pages = c->value[MML_FACT_DIRTY] + c->value[MML_FACT_WRITEBACK];

	/* The kernel slows writers down from half way between its two thresholds on, and stops them
	 * at the upper one. A threshold of a few pages is too small to say anything. */
	if (limit < 1024 || pages < limit / 10 * 9)
		return;
	mml_find_number(f, "nr_dirty", c->value[MML_FACT_DIRTY]);
	mml_find_number(f, "nr_writeback", c->value[MML_FACT_WRITEBACK]);
	mml_find_number(f, "nr_dirty_threshold", limit);
	mml_find(f, MML_FINDING_DIRTY_LIMIT, MML_WARNING, NULL,
		 "%s waits to be written, the limit is %s: writers are made to wait",
		 mml_find_size(f, (double)pages * (double)f->now->page_size),
		 mml_find_size(f, (double)limit * (double)f->now->page_size));
}

void mml_rules_memory(struct mml_finder *f)
{
	if (!f->total)
		return;
	available(f);
	unaccounted(f);
	unmapped(f);
	page_tables(f);
	huge_idle(f);
	hardware(f);
	dirty(f);
}
