/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "thp_say.h"

#include <errno.h>
#include <string.h>

/* A share of failures above this, one page in ten, is worth telling. In percent. */
static const double HIGH_SHARE = 10.0;

/* Above this value, the kernel's unusable index says that hardly any free page is in a large block. */
enum { UNUSABLE = 900 };

static unsigned long long ull(uint64_t v)
{
	return v;
}

static void why_setting(struct mml_why *why)
{
	const struct mml_thp_facts *f = why->facts;
	const char *setting = mml_thp_anon_word(f, f->pmd_size);
	const char *file =
		setting == f->enabled ? "transparent_hugepage/enabled" : "the setting of this size";
	const char *size = mml_why_size(why, f->pmd_size);

	if (mml_why_is(setting, "never"))
		mml_why_say(why, "anon", "setting_never", MML_WHY_BLOCKS,
			    "anonymous memory gets no pages of %s: %s is never", size, file);
	else if (mml_why_is(setting, "madvise"))
		mml_why_say(
			why, "anon", "setting_madvise", MML_WHY_LIMITS,
			"only mappings that ask by madvise(MADV_HUGEPAGE) get pages of %s: %s is "
			"madvise",
			size, file);
	else if (mml_why_is(setting, "always"))
		mml_why_say(why, "anon", "setting_always", MML_WHY_FINE,
			    "every anonymous mapping may get pages of %s: %s is always", size,
			    file);
}

/* The setting of a size's own for one kind of memory. */
static const char *own_word(const struct mml_thp_size *size, bool shmem)
{
	return shmem ? size->shmem : size->enabled;
}

/* Lists the sizes other than the PMD's that have the same setting as number I, as in "16K 32K".
 * Returns NULL if one before number I has it, too. */
static const char *sizes_like(struct mml_why *why, size_t i, bool shmem)
{
	const struct mml_thp_facts *f = why->facts;
	const char *list = NULL;

	for (size_t j = 0; j < f->nsizes; j++) {
		if (f->sizes[j].size == f->pmd_size ||
		    !mml_why_is(own_word(&f->sizes[j], shmem), own_word(&f->sizes[i], shmem)))
			continue;
		if (j < i)
			return NULL;
		list = mml_why_list(why, list, f->sizes[j].size);
		if (!list)
			return NULL;
	}
	return list;
}

static void say_sizes(struct mml_why *why, const char *list, const char *own, const char *word,
		      bool shmem)
{
	const char *about = shmem ? "shmem" : "anon";
	bool asks = mml_why_is(word, "madvise") || mml_why_is(word, "advise");

	if (mml_why_is(word, "never") || mml_why_is(word, "deny"))
		mml_why_say(why, about, shmem ? "shmem_size_never" : "size_never", MML_WHY_LIMITS,
			    "%spages of %s are not used: their own setting is %s",
			    shmem ? "for shared anonymous memory " : "", list, own);
	else
		mml_why_say(why, about, shmem ? "shmem_size_allowed" : "size_allowed",
			    asks ? MML_WHY_LIMITS : MML_WHY_FINE,
			    "%spages of %s may be used%s: their own setting is %s",
			    shmem ? "for shared anonymous memory " : "", list,
			    asks ? " by mappings that ask by madvise" : "", own);
}

static void why_sizes(struct mml_why *why, bool shmem)
{
	const struct mml_thp_facts *f = why->facts;

	for (size_t i = 0; i < f->nsizes; i++) {
		const struct mml_thp_size *s = &f->sizes[i];
		const char *own = own_word(s, shmem), *list;
		const char *word =
			shmem ? mml_thp_shmem_word(f, s->size) : mml_thp_anon_word(f, s->size);

		if (s->size == f->pmd_size || !own || !word)
			continue;
		list = sizes_like(why, i, shmem);
		if (list)
			say_sizes(why, list, own, word, shmem);
	}
}

static void why_defrag(struct mml_why *why)
{
	const struct mml_thp_facts *f = why->facts;
	struct mml_finding *finding;

	if (mml_why_is(f->defrag, "never"))
		mml_why_say(why, "anon", "defrag_never", MML_WHY_LIMITS,
			    "a fault takes a huge page only when one is free: defrag is never");
	else if (mml_why_is(f->defrag, "defer"))
		mml_why_say(why, "anon", "defrag_defer", MML_WHY_LIMITS,
			    "a fault takes a huge page only when one is free, and wakes kcompactd "
			    "for the "
			    "next: defrag is defer");
	else if (mml_why_is(f->defrag, "madvise") || mml_why_is(f->defrag, "defer+madvise"))
		mml_why_say(why, "anon", "defrag_madvise", MML_WHY_FINE,
			    "only mappings that ask by madvise wait for memory to be compacted: "
			    "defrag is "
			    "%s",
			    f->defrag);
	else if (mml_why_is(f->defrag, "always"))
		mml_why_say(
			why, "anon", "defrag_always", MML_WHY_FINE,
			"every fault waits for memory to be compacted when no huge page is free: "
			"defrag "
			"is always");

	if (!f->compact_stall.known || !f->compact_fail.known || !f->compact_stall.v)
		return;
	finding = mml_why_say(
		why, "anon", "compaction", MML_WHY_FINE,
		"%llu of %llu allocations that waited for compaction got nothing from it",
		ull(f->compact_fail.v), ull(f->compact_stall.v));
	mml_why_against(finding, 100.0 * (double)f->compact_fail.v / (double)f->compact_stall.v,
			HIGH_SHARE);
	if (finding->value > HIGH_SHARE)
		finding->verdict = MML_WHY_LIMITS;
}

static void why_faults(struct mml_why *why)
{
	const struct mml_thp_facts *f = why->facts;
	double all, share;

	if (!f->fault_alloc.known || !f->fault_fallback.known)
		return;
	all = (double)f->fault_alloc.v + (double)f->fault_fallback.v;
	if (all <= 0) {
		mml_why_say(why, "anon", "no_faults", MML_WHY_LIMITS,
			    "no page fault has asked for a huge page since boot");
		return;
	}
	share = 100.0 * (double)f->fault_fallback.v / all;
	mml_why_against(mml_why_say(why, "anon",
				    share > HIGH_SHARE ? "fallback_high" : "fallback_low",
				    share > HIGH_SHARE ? MML_WHY_LIMITS : MML_WHY_FINE,
				    "%llu of %.0f page faults that asked for a huge page fell back "
				    "to small ones "
				    "(%.1f %%)",
				    ull(f->fault_fallback.v), all, share),
			share, HIGH_SHARE);
	if (f->fault_fallback_charge.known && f->fault_fallback_charge.v)
		mml_why_value(
			mml_why_say(
				why, "anon", "fallback_charge", MML_WHY_LIMITS,
				"%llu page faults fell back because their cgroup was at its limit",
				ull(f->fault_fallback_charge.v)),
			(double)f->fault_fallback_charge.v);
}

static unsigned pmd_order(const struct mml_thp_facts *facts)
{
	unsigned order = 0;

	while (facts->page_size << order < facts->pmd_size && order < 63)
		order++;
	return order;
}

/* Says whether the zones can serve the order. Anonymous memory does not come from zone DMA. */
static void why_zones(struct mml_why *why)
{
	const struct mml_thp_facts *f = why->facts;
	unsigned order = pmd_order(f);
	int64_t threshold = f->extfrag_threshold.known && f->extfrag_threshold.v <= 1000
				    ? (int64_t)f->extfrag_threshold.v
				    : 500;

	for (size_t i = 0; i < f->nzones; i++) {
		const struct mml_thp_zone *zone = &f->zones[i];
		int64_t unusable, index;
		struct mml_finding *finding;
		bool some;

		if (!strcmp(zone->name, "DMA") || order >= zone->buddy.orders)
			continue;
		unusable = mml_unusable_index(&zone->buddy, order);
		index = mml_fragmentation_index(&zone->buddy, order);
		some = index == -1000; /* -1000 is how the kernel says that a block is free */
		if (unusable < UNUSABLE) {
			finding = mml_why_say(
				why, "zone", "order_usable", MML_WHY_FINE,
				"order %u is usable in zone %s of node %llu: %.1f %% of its "
				"free memory is in blocks that large (unusable index %.3f)",
				order, zone->name, ull(zone->buddy.node),
				(double)(1000 - unusable) / 10, (double)unusable / 1000);
			mml_why_against(finding, (double)unusable / 1000, (double)UNUSABLE / 1000);
			continue;
		}
		finding = mml_why_say(
			why, "zone", "order_unusable", some ? MML_WHY_LIMITS : MML_WHY_BLOCKS,
			"order %u is unusable in zone %s of node %llu with index %.3f: %s", order,
			zone->name, ull(zone->buddy.node), (double)unusable / 1000,
			some		    ? "few free blocks are that large"
			: index > threshold ? "no free block is that large, by fragmentation"
					    : "no free block is that large, by want of memory");
		mml_why_against(finding, (double)unusable / 1000, (double)UNUSABLE / 1000);
	}
}

/* Free memory that is in blocks of the PMD's size or larger, in pages. */
static uint64_t in_large_blocks(const struct mml_buddy *buddy, unsigned order)
{
	uint64_t pages = 0;

	for (unsigned i = order; i < buddy->orders && i < MML_MAX_ORDERS; i++)
		pages += buddy->blocks[i] << i;
	return pages;
}

/*
 * How much free memory can be had as huge pages at once. Since 6.18 the kernel counts the free
 * pages of page blocks that are free as a whole, which are as large as a PMD maps. The DMA zone is
 * not what huge pages come from.
 */
static void why_free_blocks(struct mml_why *why)
{
	const struct mml_thp_facts *f = why->facts;
	unsigned order = pmd_order(f);
	uint64_t pages = 0, dma = 0, bytes;

	for (size_t i = 0; i < f->nzones; i++) {
		bool is_dma = !strcmp(f->zones[i].name, "DMA");

		*(is_dma ? &dma : &pages) += in_large_blocks(&f->zones[i].buddy, order);
	}
	if (!f->nzones)
		return;
	if (f->free_blocks.known)
		pages = f->free_blocks.v > dma ? f->free_blocks.v - dma : 0;
	if (__builtin_mul_overflow(pages, f->page_size, &bytes))
		return;
	if (bytes < f->pmd_size)
		mml_why_value(
			mml_why_say(why, "zone", "no_free_block", MML_WHY_LIMITS,
				    "no free block is as large as %s: a page of that size "
				    "must be made by compaction or reclaim (%s)",
				    mml_why_size(why, f->pmd_size),
				    f->free_blocks.known ? "nr_free_pages_blocks" : "buddyinfo"),
			(double)bytes);
	else
		mml_why_value(
			mml_why_say(why, "zone", "free_blocks", MML_WHY_FINE,
				    "%llu pages of %s can be had at once, out of %s in free "
				    "blocks of that size (%s)",
				    ull(bytes / f->pmd_size), mml_why_size(why, f->pmd_size),
				    mml_why_size(why, bytes),
				    f->free_blocks.known ? "nr_free_pages_blocks" : "buddyinfo"),
			(double)bytes);
}

/*
 * Since 7.2 khugepaged makes pages of smaller sizes, too. For those it knows max_ptes_none as all
 * or nothing: what is between 0 and the number of entries of a page table less 1 counts as 0.
 */
static void why_small_collapse(struct mml_why *why)
{
	const struct mml_thp_facts *f = why->facts;
	uint64_t most = f->pmd_size / f->page_size - 1;
	const char *list = NULL;

	if (!f->max_ptes_none.known || !f->max_ptes_none.v || f->max_ptes_none.v >= most)
		return;
	for (size_t i = 0; i < f->nsizes; i++) {
		const char *word = mml_thp_anon_word(f, f->sizes[i].size);

		if (f->sizes[i].size < f->pmd_size && f->sizes[i].collapses && word &&
		    strcmp(word, "never") != 0)
			list = mml_why_list(why, list, f->sizes[i].size);
	}
	if (list)
		mml_why_against(
			mml_why_say(why, "khugepaged", "max_ptes_none_as_zero", MML_WHY_LIMITS,
				    "khugepaged makes pages of %s only of ranges every page "
				    "of which is there: below %s it takes max_ptes_none %llu "
				    "for 0",
				    list, mml_why_size(why, f->pmd_size), ull(f->max_ptes_none.v)),
			(double)f->max_ptes_none.v, (double)most);
}

static void why_khugepaged(struct mml_why *why)
{
	const struct mml_thp_facts *f = why->facts;
	double all, share;

	if (f->khugepaged_defrag.known && !f->khugepaged_defrag.v)
		mml_why_say(why, "khugepaged", "khugepaged_defrag_off", MML_WHY_LIMITS,
			    "khugepaged takes a huge page only when one is free: khugepaged/defrag "
			    "is 0");
	if (f->pages_to_scan.known && f->scan_sleep_ms.known && f->scan_sleep_ms.v && f->full_scans.known)
		mml_why_value(mml_why_say(why, "khugepaged", "scan_rate", MML_WHY_FINE,
					  "khugepaged looks at %s at most every %.1f s; %llu full scans so far",
					  mml_why_size(why, f->pages_to_scan.v * f->page_size),
					  (double)f->scan_sleep_ms.v / 1000, ull(f->full_scans.v)),
			      (double)f->pages_to_scan.v * (double)f->page_size * 1000 /
				      (double)f->scan_sleep_ms.v);
	if (f->max_ptes_none.known && !f->max_ptes_none.v)
		mml_why_say(why, "khugepaged", "max_ptes_none_zero", MML_WHY_LIMITS,
			    "khugepaged collapses only ranges every page of which is there: "
			    "max_ptes_none "
			    "is 0");
	if (!f->collapse_alloc.known || !f->collapse_failed.known)
		return;
	all = (double)f->collapse_alloc.v + (double)f->collapse_failed.v;
	if (all <= 0)
		return;
	share = 100.0 * (double)f->collapse_failed.v / all;
	mml_why_against(mml_why_say(why, "khugepaged",
				    share > HIGH_SHARE ? "collapse_failing" : "collapse_working",
				    share > HIGH_SHARE ? MML_WHY_LIMITS : MML_WHY_FINE,
				    "khugepaged found no huge page for %llu of %.0f ranges it "
				    "would have collapsed "
				    "(%.1f %%)",
				    ull(f->collapse_failed.v), all, share),
			share, HIGH_SHARE);
}

static void why_lost(struct mml_why *why)
{
	const struct mml_thp_facts *f = why->facts;

	if (f->split.known && f->split.v)
		mml_why_value(mml_why_say(why, "anon", "split", MML_WHY_LIMITS,
					  "%llu huge pages have been split since boot, for swap, "
					  "migration or "
					  "because parts of them were freed",
					  ull(f->split.v)),
			      (double)f->split.v);
	if (f->swpout_fallback.known && f->swpout_fallback.v)
		mml_why_value(mml_why_say(why, "anon", "swpout_fallback", MML_WHY_LIMITS,
					  "%llu huge pages were split because swap had no room for "
					  "them whole",
					  ull(f->swpout_fallback.v)),
			      (double)f->swpout_fallback.v);
}

/* Shared anonymous memory goes by the setting of the size where that is not "inherit". */
static void why_shmem_own(struct mml_why *why)
{
	const struct mml_thp_facts *f = why->facts;
	const char *word = mml_thp_shmem_word(f, f->pmd_size);
	bool asks = mml_why_is(word, "advise");

	if (!word || word == f->shmem_enabled)
		return;
	if (mml_why_is(word, "never"))
		mml_why_say(
			why, "shmem", "shmem_own_never", MML_WHY_LIMITS,
			"shared anonymous memory gets no pages of %s: shmem_enabled of this size "
			"is never",
			mml_why_size(why, f->pmd_size));
	else
		mml_why_say(why, "shmem", "shmem_own_allowed", asks ? MML_WHY_LIMITS : MML_WHY_FINE,
			    "shared anonymous memory may have pages of %s%s: shmem_enabled of this "
			    "size is %s",
			    mml_why_size(why, f->pmd_size), asks ? " where it asks by madvise" : "",
			    word);
}

static void why_shmem(struct mml_why *why)
{
	const struct mml_thp_facts *f = why->facts;
	const char *word = f->shmem_enabled;
	const char *what = mml_thp_shmem_word(f, f->pmd_size) == word
				   ? "shared memory"
				   : "memory of memfds and System V";

	if (mml_why_is(word, "deny"))
		mml_why_say(why, "shmem", "shmem_never", MML_WHY_BLOCKS,
			    "shared memory gets no huge pages: shmem_enabled is deny");
	else if (mml_why_is(word, "never"))
		mml_why_say(
			why, "shmem", "shmem_never", MML_WHY_LIMITS,
			"%s gets no huge pages but on a tmpfs mounted with huge=: shmem_enabled "
			"is never",
			what);
	else if (word)
		mml_why_say(why, "shmem", "shmem_allowed",
			    mml_why_is(word, "advise") ? MML_WHY_LIMITS : MML_WHY_FINE,
			    "%s may get huge pages: shmem_enabled is %s", what, word);
	why_shmem_own(why);
	if (f->shmem_huge.known && f->shmem_pmd.known && f->shmem_huge.v > f->shmem_pmd.v)
		mml_why_against(mml_why_say(why, "shmem", "shmem_not_mapped_huge", MML_WHY_LIMITS,
					    "%s of shared memory are in pages of %s, but only %s "
					    "are mapped as such",
					    mml_why_size(why, f->shmem_huge.v),
					    mml_why_size(why, f->pmd_size),
					    mml_why_size(why, f->shmem_pmd.v)),
				(double)f->shmem_pmd.v, (double)f->shmem_huge.v);
}

static void why_result(struct mml_why *why)
{
	const struct mml_thp_facts *f = why->facts;
	double share;

	if (!f->anon.known || !f->anon_huge.known || !f->anon.v)
		return;
	share = 100.0 * (double)f->anon_huge.v / (double)f->anon.v;
	mml_why_value(mml_why_say(why, "result", "anon_share", MML_WHY_FINE,
				  "%s of %s of anonymous memory are mapped by huge pages of %s "
				  "(%.1f %%)",
				  mml_why_size(why, f->anon_huge.v), mml_why_size(why, f->anon.v),
				  f->pmd_size ? mml_why_size(why, f->pmd_size) : "the PMD's size",
				  share),
		      share);
}

/* AnonHugePages has only what is mapped by huge pages of the PMD's size. Each size counts its own.
 */
static void why_result_sizes(struct mml_why *why)
{
	const struct mml_thp_facts *f = why->facts;
	const char *list = NULL;
	uint64_t all = 0;
	double share;

	for (size_t i = 0; i < f->nsizes; i++) {
		const struct mml_thp_size *s = &f->sizes[i];
		uint64_t bytes;

		if (!s->nr_anon.known)
			continue;
		if (__builtin_mul_overflow(s->nr_anon.v, s->size, &bytes) ||
		    __builtin_add_overflow(all, bytes, &all))
			return;
		if (!bytes)
			continue;
		list = mml_arena_printf(why->arena, "%s%s%s in pages of %s", list ? list : "",
					list ? ", " : "", mml_why_size(why, bytes),
					mml_why_size(why, s->size));
		why->failed |= !list;
	}
	if (!list || !f->anon.known || !f->anon.v)
		return;
	share = 100.0 * (double)all / (double)f->anon.v;
	mml_why_value(mml_why_say(why, "result", "anon_share_sizes", MML_WHY_FINE,
				  "%s of %s of anonymous memory are in large pages of any size, "
				  "however they are mapped (%.1f %%): %s",
				  mml_why_size(why, all), mml_why_size(why, f->anon.v), share,
				  list),
		      share);
}

long mml_thp_why(struct mml_arena *arena, const struct mml_thp_facts *facts,
		 struct mml_finding **ret)
{
	struct mml_why why = { .arena = arena, .facts = facts };

	why_result(&why);
	why_result_sizes(&why);
	if (facts->pmd_size) {
		why_setting(&why);
		why_faults(&why);
		why_free_blocks(&why);
		why_zones(&why);
		why_defrag(&why);
		why_lost(&why);
		why_khugepaged(&why);
		why_small_collapse(&why);
		why_shmem(&why);
	}
	why_sizes(&why, false);
	why_sizes(&why, true);
	*ret = why.list;
	return why.failed ? -ENOMEM : (long)why.n;
}
