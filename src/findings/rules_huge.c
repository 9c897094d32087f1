/* Rules about huge pages and large blocks. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "finder.h"

/* So many zones are named one by one. */
enum { NAMED = 3 };

/* What the pool of ROW has that is neither used nor reserved, in pages; false if it is not known. */
static bool idle_pages(const struct mml_table *t, const struct mml_row *row, uint64_t *ret_pages,
		       uint64_t *ret_size)
{
	const char *node = mml_look_str(t, row, "node");
	uint64_t free, reserved;

	if (!node || strcmp(node, "all") || !mml_look_u64(t, row, "page_size", ret_size) ||
	    !mml_look_u64(t, row, "free", &free) || !mml_look_u64(t, row, "reserved", &reserved))
		return false;
	*ret_pages = free > reserved ? free - reserved : 0;
	return true;
}

/* The idle memory of all pools, and a list of what there is of each size. */
static bool idle_pools(struct mml_finder *f, uint64_t *ret, const char **ret_list)
{
	const struct mml_table *t = f->now->hugepages;
	uint64_t pages, size, bytes;
	struct mml_buf list = { 0 };
	bool known = false;

	*ret = 0;
	for (size_t i = 0; t && i < t->nrows; i++) {
		if (!idle_pages(t, mml_table_row(t, i), &pages, &size))
			continue;
		known = true;
		if (!pages || __builtin_mul_overflow(pages, size, &bytes) ||
		    __builtin_add_overflow(*ret, bytes, ret))
			continue;
		mml_buf_printf(&list, "%s%" PRIu64 " of %s", list.len ? ", " : "", pages,
			       mml_find_size(f, (double)size));
	}
	*ret_list = list.len ? mml_arena_strndup(f->arena, list.data, list.len) : "";
	f->failed |= !*ret_list || list.error;
	mml_buf_free(&list);
	return known;
}

/* Without the pools' own files meminfo tells of the default size. */
static bool idle_default(struct mml_finder *f, uint64_t *ret, const char **ret_list)
{
	uint64_t free, reserved, size, pages;

	if (!mml_fact_meminfo(f->now, "HugePages_Free", &free) ||
	    !mml_fact_meminfo(f->now, "HugePages_Rsvd", &reserved) ||
	    !mml_fact_meminfo(f->now, "Hugepagesize", &size))
		return false;
	pages = free > reserved ? free - reserved : 0;
	*ret_list = mml_arena_printf(f->arena, "%" PRIu64 " of %s", pages,
				     mml_find_size(f, (double)size));
	f->failed |= !*ret_list;
	return !__builtin_mul_overflow(pages, size, ret);
}

static void huge_idle(struct mml_finder *f)
{
	uint64_t least = mml_least(mml_part(f->total, MML_LIMIT_IDLE), mml_gib(MML_LIMIT_IDLE_CAP));
	const char *list;
	uint64_t idle;

	if (!mml_find_sums(f) || !f->total ||
	    !(idle_pools(f, &idle, &list) || idle_default(f, &idle, &list)) || f->failed ||
	    idle < least || idle > f->total)
		return;
	mml_find_number(f, "idle", idle);
	mml_find_number(f, "MemTotal", f->total);
	mml_find(f, MML_FINDING_HUGE_IDLE, MML_NOTE, NULL,
		 "%s of huge page pools is neither used nor reserved (%s)",
		 mml_find_size(f, (double)idle), list);
}

static void thp(struct mml_finder *f)
{
	double got = mml_fact_change(f->now, f->past, MML_FACT_THP_ALLOC);
	double fell = mml_fact_change(f->now, f->past, MML_FACT_THP_FALLBACK);
	uint64_t ever_got, ever_fell;
	bool now = got >= 0 && fell >= MML_LIMIT_FALLBACKS_NOW &&
		   fell * 100 >= (fell + got) * MML_LIMIT_FALLBACKS;

	if (!now) {
		if (!mml_fact_counter(f->now, MML_FACT_THP_ALLOC, &ever_got) ||
		    !mml_fact_counter(f->now, MML_FACT_THP_FALLBACK, &ever_fell) ||
		    ever_fell < MML_LIMIT_FALLBACKS_EVER)
			return;
		got = (double)ever_got;
		fell = (double)ever_fell;
		if (fell * 100 < (fell + got) * MML_LIMIT_FALLBACKS)
			return;
	}
	mml_find_number(f, "thp_fault_fallback", (uint64_t)fell);
	mml_find_number(f, "thp_fault_alloc", (uint64_t)got);
	mml_find(f, MML_FINDING_THP_FALLBACK, now ? MML_WARNING : MML_NOTE, NULL,
		 "%s %.0f of %.0f page faults that wanted a huge page got small ones (%.0f %%)",
		 now ? "just now" : "since boot", fell, fell + got, fell * 100 / (fell + got));
}

static void compaction(struct mml_finder *f)
{
	double stalls = mml_fact_rate(f->now, f->past, MML_FACT_COMPACT_STALL);
	double fails = mml_fact_rate(f->now, f->past, MML_FACT_COMPACT_FAIL);

	if (stalls < MML_LIMIT_COMPACTIONS || fails * 100 < stalls * MML_LIMIT_COMPACT_FAILS)
		return;
	mml_find_rate(f, "compact_stall_rate", MML_FACT_COMPACT_STALL);
	mml_find_rate(f, "compact_fail_rate", MML_FACT_COMPACT_FAIL);
	mml_find(f, MML_FINDING_COMPACT_FAIL, MML_WARNING, NULL,
		 "tasks have to compact memory %.0f times a second, and %.0f times in vain", stalls,
		 fails);
}

/* A zone that has enough free memory, and no block of it for a huge page. */
struct broken {
	const struct mml_row *row; /* of the block size that is missing */
	uint64_t free, block, order;
	double index;
};

/* Judges the zone whose rows are FIRST to END of the buddy table: the block of a huge page, or the
 * largest the kernel has. */
static bool is_broken(const struct mml_finder *f, size_t first, size_t end, struct broken *ret)
{
	const struct mml_table *t = f->now->buddy;
	/* A page table has as many entries of 8 bytes as a page has room for. */
	uint64_t huge = f->now->page_size / 8 * f->now->page_size, part;

	*ret = (struct broken){ 0 };
	for (size_t i = first; i < end; i++) {
		const struct mml_row *row = mml_table_row(t, i);

		if (!mml_look_u64(t, row, "free", &part))
			return false;
		ret->free += part;
		if (ret->row && ret->block >= huge)
			continue;
		if (!mml_look_u64(t, row, "block_size", &ret->block) ||
		    !mml_look_u64(t, row, "order", &ret->order))
			return false;
		ret->row = row;
		ret->index = mml_look_num(t, row, "fragmentation_index");
	}
	return ret->row && ret->index * 100 >= MML_LIMIT_FRAGMENTATION &&
	       ret->free >= MML_LIMIT_FRAGMENTED_PAGES * ret->block &&
	       ret->free >= mml_part(f->total, MML_LIMIT_FRAGMENTED_SHARE);
}

static void say_broken(struct mml_finder *f, const struct broken *b)
{
	const struct mml_table *t = f->now->buddy;
	const char *zone = mml_look_str(t, b->row, "zone"), *about;
	const char *where = mml_find_where(f, "zone", zone);
	uint64_t node = 0;

	mml_look_u64(t, b->row, "node", &node);
	about = mml_arena_printf(f->arena, "node %" PRIu64 " %s", node, zone ? zone : "?");
	mml_find_number(f, "free", b->free);
	mml_find_number(f, "order", b->order);
	mml_find_number(f, "fragmentation_index_thousandths", (uint64_t)(b->index * 1000 + 0.5));
	mml_find_why(f, "The kernel's fragmentation index for such a block (order %" PRIu64
			") is %.3f: towards 1 it is large blocks that are missing, towards 0 memory.",
		     b->order, b->index);
	if (where)
		mml_find_look(f, NULL, NULL,
			      mml_arena_printf(f->arena, "node = %" PRIu64 " and %s", node, where));
	mml_find(f, MML_FINDING_FRAGMENTED, MML_NOTE, about,
		 "%s has %s free, and not one block of %s for a huge page", about,
		 mml_find_size(f, (double)b->free), mml_find_size(f, (double)b->block));
}

/* Calls SAY for each zone that is fragmented, if it is not NULL; returns how many there are. */
static size_t broken_zones(struct mml_finder *f, bool say, uint64_t *ret_free)
{
	const struct mml_table *t = f->now->buddy;
	size_t n = 0, end;

	*ret_free = 0;
	for (size_t i = 0; i < t->nrows; i = end) {
		uint64_t order;
		struct broken b;

		for (end = i + 1; end < t->nrows; end++)
			if (!mml_look_u64(t, mml_table_row(t, end), "order", &order) || !order)
				break;
		if (!is_broken(f, i, end, &b))
			continue;
		n++;
		*ret_free += b.free;
		if (say)
			say_broken(f, &b);
	}
	return n;
}

static void fragmentation(struct mml_finder *f)
{
	uint64_t free;
	size_t n = broken_zones(f, false, &free);

	if (n <= NAMED) {
		broken_zones(f, true, &free);
		return;
	}
	mml_find_number(f, "free", free);
	mml_find(f, MML_FINDING_FRAGMENTED, MML_NOTE, "zones",
		 "%zu zones have %s free, and not one block for a huge page", n,
		 mml_find_size(f, (double)free));
}

void mml_rules_huge(struct mml_finder *f)
{
	huge_idle(f);
	thp(f);
	compaction(f);
	fragmentation(f);
}
