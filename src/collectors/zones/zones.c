/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "../memory/vmstat.h"
#include "zoneinfo.h"

static const char *const states[] = {
	[MML_ZONE_BELOW_MIN] = "below-min",
	[MML_ZONE_BELOW_LOW] = "below-low",
	[MML_ZONE_ABOVE_LOW] = "above-low",
	[MML_ZONE_ABOVE_HIGH] = "above-high",
	NULL,
};

/* clang-format off */
#define ZONES_COLUMNS(C, R) \
	C(node,       "NODE",       U64, KEY,     NONE,  FIRST,  0, "Node", "NUMA node the zone is on.") \
	C(zone,       "ZONE",       STR, KEY,     NONE,  FIRST,  0, "zone", "Name of the zone.") \
	C(state,      "STATE",      WORD(states), DERIVED, NONE,  MAIN,   0, "free against high, low, min", "above-high: nothing to do; above-low: kswapd finishes what it began; below-low: kswapd has been woken and reclaims; below-min: allocations reclaim for themselves.") \
	C(free,       "FREE",       U64, GAUGE,   BYTES, MAIN,   0, "pages free", "Free memory in the zone's buddy lists.") \
	C(headroom,   "HEADROOM",   I64, DERIVED, BYTES, MAIN,   0, "free - low", "What can still be allocated before kswapd is woken; negative: it has been.") \
	C(min,        "MIN",        U64, GAUGE,   BYTES, MAIN,   0, "min", "Below this only allocations that may not wait get memory; the others reclaim for themselves. Includes boost.") \
	C(low,        "LOW",        U64, GAUGE,   BYTES, MAIN,   0, "low", "At this kswapd is woken. Includes boost.") \
	C(high,       "HIGH",       U64, GAUGE,   BYTES, MAIN,   0, "high", "At this kswapd goes back to sleep. Includes boost.") \
	C(promo,      "PROMO",      U64, GAUGE,   BYTES, LAST,   0, "promo", "Watermark of memory tiering: up to this kswapd makes room for promoted pages (shown since Linux 6.12 or so).") \
	C(boost,      "BOOST",      U64, GAUGE,   BYTES, MORE,   0, "boost", "Added to the watermarks for a while because an allocation had to steal a pageblock of another migrate type.") \
	C(managed,    "MANAGED",    U64, GAUGE,   BYTES, MAIN,   0, "managed", "What the buddy allocator manages: the sum over all zones is MemTotal.") \
	C(present,    "PRESENT",    U64, GAUGE,   BYTES, MORE,   0, "present", "Physical memory in the zone, memory the kernel reserved at boot included.") \
	C(spanned,    "SPANNED",    U64, GAUGE,   BYTES, LAST,   0, "spanned", "From the zone's first to its last page, holes included.") \
	C(cma,        "CMA",        U64, GAUGE,   BYTES, LAST,   0, "cma", "Reserved for contiguous allocations; movable pages may use it meanwhile.") \
	C(pcp,        "PCP",        U64, GAUGE,   BYTES, MORE,   0, "sum of pagesets' count", "Free pages on the CPUs' own lists: neither in free nor in MemFree.") \
	C(protection, "PROTECTION", STR, GAUGE,   NONE,  LAST,   0, "protection", "Pages of this zone withheld from allocations that could use each higher zone (lowmem_reserve_ratio).") \
	C(start_pfn,  "START_PFN",  U64, GAUGE,   NONE,  HIDDEN, 0, "start_pfn:", "Number of the zone's first page frame.")

#define ZONESTATS_COLUMNS(C, R) \
	C(node,  "NODE",   U64, KEY,     NONE,  MAIN,  0, "Node", "NUMA node.") \
	C(zone,  "ZONE",   STR, KEY,     NONE,  FIRST, 0, "zone", "Zone the counter is of; absent for counters of the whole node.") \
	C(name,  "NAME",   STR, KEY,     NONE,  FIRST, 0, "the counter's name", "Name of the counter, as the kernel writes it.") \
	C(value, "VALUE",  U64, COUNTER, COUNT, FIRST, 0, "the counter's number", "How much there is now, or how much it was since boot, in the unit beside it.") \
	C(unit,  "UNIT",   STR, LABEL,   NONE,  MAIN,  0, "the counter's name", "What is counted: pages, KiB, huge pages, allocations, faults, events; absent for a counter that this version does not know.") \
	R(rate,  "RATE/S", F64, RATE,    COUNT, MAIN,  value, "Change per second since the previous sample.")
/* clang-format on */

#define MML_TABLE_OF ZONES
#include "../../core/columns.h"
#define MML_TABLE_OF ZONESTATS
#include "../../core/columns.h"

static const char path[] = "/proc/zoneinfo";

/* The same rule as in __zone_watermark_ok() of mm/page_alloc.c: free must be above the mark. */
static enum mml_zone_state zone_state(const struct mml_zone *zone)
{
	const uint64_t *f = zone->field;

	if (f[MML_ZONE_FREE] > f[MML_ZONE_HIGH])
		return MML_ZONE_ABOVE_HIGH;
	if (f[MML_ZONE_FREE] > f[MML_ZONE_LOW])
		return MML_ZONE_ABOVE_LOW;
	return f[MML_ZONE_FREE] > f[MML_ZONE_MIN] ? MML_ZONE_BELOW_LOW : MML_ZONE_BELOW_MIN;
}

static void set_pages(struct mml_row *row, unsigned col, const struct mml_zone *zone,
		      enum mml_zone_field field, uint64_t page_size)
{
	uint64_t bytes;

	if (zone->has >> field & 1 &&
	    !__builtin_mul_overflow(zone->field[field], page_size, &bytes))
		mml_set_u64(row, col, bytes);
}

static bool populated(const struct mml_zone *zone)
{
	unsigned marks = 1u << MML_ZONE_FREE | 1u << MML_ZONE_MIN | 1u << MML_ZONE_LOW |
			 1u << MML_ZONE_HIGH;

	return (zone->has & marks) == marks && zone->field[MML_ZONE_PRESENT];
}

static int zone_row(struct mml_table *ret, const struct mml_zone *zone, uint64_t page_size)
{
	static const struct {
		unsigned column;
		enum mml_zone_field field;
	} map[] = {
		{ ZONES_free, MML_ZONE_FREE },       { ZONES_boost, MML_ZONE_BOOST },
		{ ZONES_min, MML_ZONE_MIN },         { ZONES_low, MML_ZONE_LOW },
		{ ZONES_high, MML_ZONE_HIGH },       { ZONES_promo, MML_ZONE_PROMO },
		{ ZONES_spanned, MML_ZONE_SPANNED }, { ZONES_present, MML_ZONE_PRESENT },
		{ ZONES_managed, MML_ZONE_MANAGED }, { ZONES_cma, MML_ZONE_CMA },
	};
	struct mml_row *row = mml_table_add(ret);
	uint64_t pcp;

	if (!row)
		return -ENOMEM;
	mml_set_u64(row, ZONES_node, zone->node);
	mml_set_str(row, ZONES_zone, zone->name);
	for (size_t i = 0; i < sizeof(map) / sizeof(*map); i++)
		set_pages(row, map[i].column, zone, map[i].field, page_size);
	if (zone->has >> MML_ZONE_START_PFN & 1)
		mml_set_u64(row, ZONES_start_pfn, zone->field[MML_ZONE_START_PFN]);
	if (zone->has_pcp && !__builtin_mul_overflow(zone->pcp, page_size, &pcp))
		mml_set_u64(row, ZONES_pcp, pcp);
	if (zone->protection.p)
		mml_set_str(row, ZONES_protection,
			    mml_arena_strndup(ret->arena, zone->protection.p,
					      mml_span_len(zone->protection)));
	if (populated(zone) && mml_has(row, ZONES_free) && mml_has(row, ZONES_low)) {
		mml_set_word(row, ZONES_state, zone_state(zone));
		mml_set_i64(row, ZONES_headroom,
			    (int64_t)(row->cell[ZONES_free].u64 - row->cell[ZONES_low].u64));
	}
	return 0;
}

static int zones_collect(struct mml_take *take, const struct mml_query *query,
			 struct mml_table *ret)
{
	struct mml_zones zones;
	struct mml_span text;
	uint64_t page_size;
	int rc = mml_take_file(take, ret, path, &text);

	(void)query;
	if (rc)
		return rc;
	rc = mml_zoneinfo_parse(take->arena, text, ret, &zones);
	if (rc == -ENOMEM)
		return mml_table_fail(ret, rc, NULL, "out of memory");
	page_size = mml_take_page_size(take, ret);
	for (size_t i = 0; i < zones.n; i++)
		if (zone_row(ret, &zones.zones[i], page_size))
			return -ENOMEM;
	return ret->error;
}

static int zonestats_collect(struct mml_take *take, const struct mml_query *query,
			     struct mml_table *ret)
{
	struct mml_zones zones;
	struct mml_span text;
	int rc = mml_take_file(take, ret, path, &text);

	(void)query;
	if (rc)
		return rc;
	rc = mml_zoneinfo_parse(take->arena, text, ret, &zones);
	if (rc == -ENOMEM)
		return mml_table_fail(ret, rc, NULL, "out of memory");
	for (size_t i = 0; i < zones.n; i++)
		for (size_t k = 0; k < zones.zones[i].nitems; k++) {
			const struct mml_zone_item *item = &zones.zones[i].items[k];
			struct mml_row *row = mml_table_add(ret);

			if (!row)
				return -ENOMEM;
			row->levels = mml_counter_level(mml_span_str(item->name));
			mml_set_u64(row, ZONESTATS_node, zones.zones[i].node);
			mml_set_str(row, ZONESTATS_zone, item->node ? NULL : zones.zones[i].name);
			mml_set_str(row, ZONESTATS_name, item->name);
			mml_set_u64(row, ZONESTATS_value, item->value);
			mml_set_str(row, ZONESTATS_unit,
				    mml_counter_unit(mml_span_str(item->name)));
		}
	return ret->error;
}

static const struct mml_source sources[] = {
	{ "/proc/zoneinfo", "a procfs that is not mounted with subset=pid", NULL, NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_zones = {
	.schema = { .name = "zones",
		    .help = "A zone of a node: how much is free against the watermarks that start reclaim.",
		    MML_COLUMNS(ZONES) },
	.sources = sources,
	.collect = zones_collect,
};

const struct mml_collector mml_collector_zonestats = {
	.schema = { .name = "zonestats",
		    .help = "A counter of a zone or node from /proc/zoneinfo, with its rate.",
		    .sort = "node,zone", /* the rows of the node itself come behind its zones */
		    MML_COLUMNS(ZONESTATS) },
	.sources = sources,
	.collect = zonestats_collect,
};
