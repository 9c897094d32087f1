/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "buddyinfo.h"

/* clang-format off */
#define BUDDY_COLUMNS(C, R) \
	C(node,                "NODE",     U64, KEY,     NONE,  FIRST, 0, "Node", "NUMA node the zone is on.") \
	C(zone,                "ZONE",     STR, KEY,     NONE,  FIRST, 0, "zone", "Name of the zone.") \
	C(order,               "ORDER",    U64, KEY,     NONE,  FIRST, 0, "the number's place in the line", "Blocks of this order are 2^order pages long.") \
	C(block_size,          "BLOCK",    U64, LABEL,   BYTES, MAIN,  0, "page size * 2^order", "Size of one block of this order.") \
	C(free_blocks,         "BLOCKS",   U64, GAUGE,   COUNT, MAIN,  0, "free blocks", "Free blocks of exactly this order.") \
	C(free,                "FREE",     U64, DERIVED, BYTES, MAIN,  0, "free_blocks * block_size", "Memory in the free blocks of exactly this order.") \
	C(usable,              "USABLE",   U64, DERIVED, BYTES, MAIN,  0, "sum of free at this and higher orders", "Free memory in blocks of this order or larger. Whether an allocation can be served from it depends on the zone's watermarks and on what it may use: free CMA blocks serve movable memory only.") \
	C(unusable_index,      "UNUSABLE", F64, DERIVED, RATIO, MAIN,  0, "extfrag/unusable_index: (free pages - pages in blocks of at least this order) / free pages", "Share of the zone's free memory that is in blocks too small for this order.") \
	C(fragmentation_index, "FRAGIDX",  F64, DERIVED, RATIO, MAIN,  0, "extfrag/extfrag_index: 1 - (1 + free pages / 2^order) / free blocks", "Why an allocation of this order would fail: near 0 for lack of memory, near 1 for fragmentation; -1: it would not fail.")
/* clang-format on */

#define MML_TABLE_OF BUDDY
#include "../../core/columns.h"

/* These compute in integers as the kernel does: fill_contig_page_info() and the two indices in
 * mm/vmstat.c and mm/page_alloc.c, which are the same in every version. The results are in
 * thousandths. */
int64_t mml_unusable_index(const struct mml_buddy *zone, unsigned order)
{
	uint64_t free = 0, suitable = 0;

	for (unsigned o = 0; o < zone->orders; o++) {
		free += zone->blocks[o] << o;
		if (o >= order)
			suitable += zone->blocks[o] << (o - order);
	}
	return free ? (int64_t)((free - (suitable << order)) * 1000 / free) : 1000;
}

int64_t mml_fragmentation_index(const struct mml_buddy *zone, unsigned order)
{
	uint64_t free = 0, suitable = 0, blocks = 0;

	for (unsigned o = 0; o < zone->orders; o++) {
		free += zone->blocks[o] << o;
		blocks += zone->blocks[o];
		if (o >= order)
			suitable += zone->blocks[o] << (o - order);
	}
	if (!blocks)
		return 0;
	if (suitable)
		return -1000;
	return 1000 - (int64_t)((1000 + free * 1000 / (UINT64_C(1) << order)) / blocks);
}

/* "Node 0, zone   Normal    893     58     46 ..." has one number for each order. */
int mml_buddy_next(struct mml_span *text, struct mml_buddy *ret)
{
	struct mml_span line, tok;
	uint64_t pages = 0, n;
	int rc;

	do {
		if (!mml_next_line(text, &line))
			return 0;
	} while (!mml_next_token(&line, &tok));
	*ret = (struct mml_buddy){ 0 };
	if (!mml_span_eq(tok, "Node") || !mml_next_token(&line, &tok) || tok.end[-1] != ',')
		return -EINVAL;
	tok.end--;
	if (mml_parse_u64(tok, &ret->node) || !mml_next_token(&line, &tok) ||
	    !mml_span_eq(tok, "zone") || !mml_next_token(&line, &ret->zone))
		return -EINVAL;
	while (!(rc = mml_next_u64(&line, &n))) {
		if (ret->orders == MML_MAX_ORDERS)
			return -EINVAL;
		pages += n << ret->orders;
		if (n >> MML_MAX_ZONE_SHIFT || pages >> MML_MAX_ZONE_SHIFT)
			return -ERANGE;
		ret->blocks[ret->orders++] = n;
	}
	return rc == -ENODATA && ret->orders ? 1 : -EINVAL;
}

static int zone_rows(struct mml_table *table, const struct mml_buddy *zone, uint64_t page_size)
{
	const char *name =
		mml_arena_strndup(table->arena, zone->zone.p, mml_span_len(zone->zone));
	uint64_t usable = 0;

	for (unsigned o = 0; o < zone->orders; o++)
		usable += (zone->blocks[o] << o) * page_size;
	for (unsigned o = 0; o < zone->orders; o++) {
		struct mml_row *row = mml_table_add(table);
		uint64_t free = (zone->blocks[o] << o) * page_size;

		if (!row)
			return -ENOMEM;
		mml_set_u64(row, BUDDY_node, zone->node);
		mml_set_str(row, BUDDY_zone, name);
		mml_set_u64(row, BUDDY_order, o);
		mml_set_u64(row, BUDDY_block_size, page_size << o);
		mml_set_u64(row, BUDDY_free_blocks, zone->blocks[o]);
		mml_set_u64(row, BUDDY_free, free);
		mml_set_u64(row, BUDDY_usable, usable);
		mml_set_f64(row, BUDDY_unusable_index, (double)mml_unusable_index(zone, o) / 1000);
		mml_set_f64(row, BUDDY_fragmentation_index,
			    (double)mml_fragmentation_index(zone, o) / 1000);
		usable -= free;
	}
	return 0;
}

static int buddy_collect(struct mml_take *take, const struct mml_query *query,
			 struct mml_table *ret)
{
	static const char path[] = "/proc/buddyinfo";
	struct mml_buddy zone;
	struct mml_span text, all;
	int rc = mml_take_file(take, ret, path, &text);
	uint64_t page_size;

	(void)query;
	if (rc)
		return rc;
	page_size = mml_take_page_size(take, ret);
	all = text;
	while ((rc = mml_buddy_next(&text, &zone))) {
		if (rc < 0)
			mml_table_bad_at(ret, path, all, text.p, "not a line of buddyinfo");
		else if (zone_rows(ret, &zone, page_size))
			return -ENOMEM;
	}
	return ret->error;
}

static const struct mml_source sources[] = {
	{ "/proc/buddyinfo", "a procfs that is not mounted with subset=pid", NULL,
	  NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_buddy = {
	.schema = { .name = "buddy",
		    .apart = "usable",
		    .help = "An order of a zone: free blocks of 2^order pages, and how fragmented the zone is.",
		    MML_COLUMNS(BUDDY) },
	.sources = sources,
	.collect = buddy_collect,
};
