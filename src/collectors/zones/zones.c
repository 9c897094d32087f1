/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "../counters/lines.h"
#include "../memory/vmstat.h"
#include "classes.h"
#include "highatomic.h"
#include "watermark.h"

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
	C(state,      "STATE",      WORD(states), DERIVED, NONE,  MAIN,   0, "usable against high, low, min", "The zone by itself: above-high, above-low, below-low, below-min. What that leads to depends on the node's other zones, see class_state.") \
	C(class_state, "CLASS",     WORD(states), DERIVED, NONE,  MAIN,   0, "the best state among this zone and the lower ones, each less its protection from this one", "What allocations see that may use this zone and the node's lower ones. above-high: kswapd sleeps; below-low: it has been woken, and below-min: allocations reclaim for themselves, unless another node still serves them. Before Linux 4.8 kswapd went by each zone's state.") \
	C(free,       "FREE",       U64, GAUGE,   BYTES, MAIN,   0, "pages free", "Free memory in the zone's buddy lists.") \
	C(usable,     "USABLE",     U64, DERIVED, BYTES, MORE,   0, "free - nr_free_cma - highatomic", "What an ordinary allocation can have of it; movable ones can have free CMA pages too.") \
	C(headroom,   "HEADROOM",   I64, DERIVED, BYTES, MAIN,   0, "usable - low", "What can still be allocated until the zone is below low.") \
	C(class_headroom, "CLASSROOM", I64, DERIVED, BYTES, HIDDEN, 0, "sum of usable - protection - low, where that is above 0", "What the allocations of class_state can still take until kswapd is woken; negative: what even the best zone lacks.") \
	C(min,        "MIN",        U64, GAUGE,   BYTES, MAIN,   0, "min", "Below this only allocations that may not wait get memory from the zone. Includes boost.") \
	C(low,        "LOW",        U64, GAUGE,   BYTES, MAIN,   0, "low", "kswapd is woken when no zone that an allocation may use has more than this. Includes boost.") \
	C(high,       "HIGH",       U64, GAUGE,   BYTES, MAIN,   0, "high", "kswapd goes back to sleep when some zone has more than this (before Linux 4.8: when all have). Includes boost.") \
	C(promo,      "PROMO",      U64, GAUGE,   BYTES, LAST,   0, "promo", "Watermark of memory tiering: up to this kswapd makes room for promoted pages (shown since Linux 6.12 or so).") \
	C(boost,      "BOOST",      U64, GAUGE,   BYTES, MORE,   0, "boost", "Added to the watermarks for a while because an allocation had to steal a pageblock of another migrate type.") \
	C(managed,    "MANAGED",    U64, GAUGE,   BYTES, MAIN,   0, "managed", "What the buddy allocator manages: the sum over all zones is MemTotal.") \
	C(present,    "PRESENT",    U64, GAUGE,   BYTES, MORE,   0, "present", "Physical memory in the zone, memory the kernel reserved at boot included.") \
	C(spanned,    "SPANNED",    U64, GAUGE,   BYTES, LAST,   0, "spanned", "From the zone's first to its last page, holes included.") \
	C(cma,        "CMA",        U64, GAUGE,   BYTES, LAST,   0, "cma", "Reserved for contiguous allocations; movable pages may use it meanwhile.") \
	C(free_cma,   "FREECMA",    U64, GAUGE,   BYTES, HIDDEN, 0, "nr_free_cma", "Free pages of that reserve, part of free: only movable allocations can have them.") \
	C(highatomic, "HIGHATOMIC", U64, GAUGE,   BYTES, HIDDEN, NEEDS_HIGHATOMIC, "free_highatomic: (7.2); before, free pages of type HighAtomic in /proc/pagetypeinfo", "Free pages kept for atomic allocations of high order, part of free.") \
	C(unreclaimable, "GIVENUP", BOOL, GAUGE,  NONE,  HIDDEN, 0, "node_unreclaimable:", "kswapd has given up on the node: it freed nothing in 16 rounds, and sleeps until a task frees memory itself (since Linux 4.8).") \
	C(pcp,        "PCP",        U64, GAUGE,   BYTES, MORE,   0, "sum of pagesets' count", "Free pages on the CPUs' own lists: neither in free nor in MemFree.") \
	C(protection, "PROTECTION", STR, GAUGE,   NONE,  LAST,   0, "protection", "Pages of this zone withheld from allocations that could use each higher zone (lowmem_reserve_ratio).") \
	C(start_pfn,  "START_PFN",  U64, GAUGE,   NONE,  HIDDEN, 0, "start_pfn:", "Number of the zone's first page frame.") \
	C(request,    "REQUEST",    STR, KEY,     NONE,  HIDDEN, 0, "gfp_mask", "With --by class, what is asked for: kernel (up to zone Normal; GFP_KERNEL), highmem (up to HighMem; GFP_HIGHUSER), movable (every zone, and free CMA pages; memory of processes).") \
	C(priority,   "PRIORITY",   STR, KEY,     NONE,  HIDDEN, 0, "gfp_mask, and who asks", "With --by class: normal; high (__GFP_HIGH); atomic (__GFP_HIGH that may not wait either); oom (a process that the OOM killer has killed); memalloc (who frees memory: reclaim, swap over a network).") \
	C(mark,       "MARK",       U64, DERIVED, BYTES, HIDDEN, 0, "min, less the part that priority opens", "What must stay free for such requests. high and oom: half of min; atomic: three eighths; memalloc: nothing. The boost does not count for atomic (5.9) and high (6.3).") \
	C(withheld,   "WITHHELD",   U64, DERIVED, BYTES, HIDDEN, 0, "protection: the entry of the request's highest zone", "What is kept back from requests that a higher zone would serve, too.") \
	C(unusable,   "UNUSABLE",   U64, DERIVED, BYTES, HIDDEN, 0, "nr_free_cma, and the reserve for atomic requests of several pages", "Free memory that does not count for such requests. Of that reserve it is all blocks before Linux 6.13, and what is free of them since.") \
	C(left,       "LEFT",       I64, DERIVED, BYTES, HIDDEN, 0, "free - unusable - mark - withheld", "What such requests can still take of the zone, page by page; negative: what it lacks until it serves any. A reserve that single pages are not taken from is never part of it.")

#define ZONESTATS_COLUMNS(C, R) \
	C(node,  "NODE",   U64, KEY,     NONE,  MAIN,  0, "Node", "NUMA node.") \
	C(zone,  "ZONE",   STR, KEY,     NONE,  FIRST, 0, "zone", "Zone the counter is of; absent for counters of the whole node.") \
	C(name,  "NAME",   STR, KEY,     NONE,  FIRST, 0, "the counter's name", "Name of the counter, as the kernel writes it.") \
	C(value, "VALUE",  U64, COUNTER, COUNT, FIRST, 0, "the counter's number", "How much there is now, or how much it was since boot, in the unit beside it.") \
	C(unit,  "UNIT",   STR, LABEL,   NONE,  MAIN,  0, "the counter's name", "What is counted: pages, KiB, huge pages, allocations, faults, events; absent for a counter that this version does not know.") \
	R(rate,  "RATE/S", F64, RATE,    COUNT, MAIN,  value, "Change per second since the previous sample.") \
	C(help,  "HELP",   STR, LABEL,   NONE,  HIDDEN, 0, "mmlens", "What the line means on this kernel: what is counted, of what it is a part, and when to worry.")
/* clang-format on */

enum { NEEDS_HIGHATOMIC = 1 };

#define MML_TABLE_OF ZONES
#include "../../core/columns.h"
#define MML_TABLE_OF ZONESTATS
#include "../../core/columns.h"

static const char path[] = "/proc/zoneinfo";

struct zone_column {
	unsigned column;
	enum mml_zone_field field;
};

static void set_columns(struct mml_row *row, const struct zone_column *columns, size_t n,
			const struct mml_zone *zone, uint64_t page_size)
{
	uint64_t bytes;

	for (size_t i = 0; i < n; i++)
		if (zone->has >> columns[i].field & 1 &&
		    !__builtin_mul_overflow(zone->field[columns[i].field], page_size, &bytes))
			mml_set_u64(row, columns[i].column, bytes);
}

/* The kernel gives an empty zone marks as well: they are marks of nothing, and stay absent. */
static void set_marks(struct mml_row *row, const struct mml_zones *zones, size_t i,
		      uint64_t page_size)
{
	static const struct zone_column marks[] = {
		{ ZONES_boost, MML_ZONE_BOOST }, { ZONES_min, MML_ZONE_MIN },
		{ ZONES_low, MML_ZONE_LOW },     { ZONES_high, MML_ZONE_HIGH },
		{ ZONES_promo, MML_ZONE_PROMO }, { ZONES_highatomic, MML_ZONE_FREE_HIGHATOMIC },
	};
	const struct mml_zone *zone = &zones->zones[i];
	uint64_t usable = zone->field[MML_ZONE_FREE], unusable = mml_zone_unusable(zone);
	struct mml_class class;
	int64_t room;

	if (!mml_zone_populated(zone))
		return;
	set_columns(row, marks, sizeof(marks) / sizeof(*marks), zone, page_size);
	if (!mml_has(row, ZONES_free) || !mml_has(row, ZONES_low))
		return;
	class = mml_class_of(zones, i);
	usable = usable > unusable ? usable - unusable : 0;
	mml_set_u64(row, ZONES_usable, usable * page_size);
	mml_set_i64(row, ZONES_headroom,
		    (int64_t)(usable * page_size - row->cell[ZONES_low].u64));
	mml_set_word(row, ZONES_state, mml_zone_state(zone, 0));
	mml_set_word(row, ZONES_class_state, (unsigned)class.state);
	if (!__builtin_mul_overflow(class.headroom, (int64_t)page_size, &room))
		mml_set_i64(row, ZONES_class_headroom, room);
}

static void set_rest(struct mml_row *row, const struct mml_zone *zone, struct mml_arena *arena,
		     uint64_t page_size)
{
	uint64_t pcp, cma;

	if (zone->has >> MML_ZONE_START_PFN & 1)
		mml_set_u64(row, ZONES_start_pfn, zone->field[MML_ZONE_START_PFN]);
	if (zone->has_pcp && !__builtin_mul_overflow(zone->pcp, page_size, &pcp))
		mml_set_u64(row, ZONES_pcp, pcp);
	if (mml_zone_item(zone, "nr_free_cma", &cma) &&
	    !__builtin_mul_overflow(cma, page_size, &cma))
		mml_set_u64(row, ZONES_free_cma, cma);
	if (zone->has >> MML_ZONE_UNRECLAIMABLE & 1 && zone->field[MML_ZONE_UNRECLAIMABLE] <= 1)
		mml_set_bool(row, ZONES_unreclaimable, zone->field[MML_ZONE_UNRECLAIMABLE]);
	if (zone->protection.p)
		mml_set_str(row, ZONES_protection,
			    mml_arena_strndup(arena, zone->protection.p,
					      mml_span_len(zone->protection)));
}

static int zone_row(struct mml_table *ret, const struct mml_zones *zones, size_t i,
		    uint64_t page_size)
{
	static const struct zone_column always[] = {
		{ ZONES_free, MML_ZONE_FREE },       { ZONES_spanned, MML_ZONE_SPANNED },
		{ ZONES_present, MML_ZONE_PRESENT }, { ZONES_managed, MML_ZONE_MANAGED },
		{ ZONES_cma, MML_ZONE_CMA },
	};
	const struct mml_zone *zone = &zones->zones[i];
	struct mml_row *row = mml_table_add(ret);

	if (!row)
		return -ENOMEM;
	mml_set_u64(row, ZONES_node, zone->node);
	mml_set_str(row, ZONES_zone, zone->name);
	set_columns(row, always, sizeof(always) / sizeof(*always), zone, page_size);
	set_marks(row, zones, i, page_size);
	set_rest(row, zone, ret->arena, page_size);
	return 0;
}

static void set_class(struct mml_row *row, const struct mml_class_room *room, uint64_t page_size)
{
	const struct {
		unsigned column;
		uint64_t pages;
	} parts[] = {
		{ ZONES_mark, room->mark },
		{ ZONES_withheld, room->withheld },
		{ ZONES_unusable, room->unusable },
	};
	uint64_t bytes;
	int64_t left;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (!__builtin_mul_overflow(parts[i].pages, page_size, &bytes))
			mml_set_u64(row, parts[i].column, bytes);
	if (!__builtin_mul_overflow(room->left, (int64_t)page_size, &left))
		mml_set_i64(row, ZONES_left, left);
}

/* A row for each class of requests that may have zone number I. No HighMem is configured where no node
 * has one; then such requests are like those of the kernel. */
static int class_rows(struct mml_table *ret, const struct mml_zones *zones, size_t i,
		      uint64_t page_size, const struct mml_class_rules *rules)
{
	static const char *const requests[] = { "kernel", "highmem", "movable" };
	static const char *const priorities[] = { "normal", "high", "atomic", "oom", "memalloc" };

	const size_t first = ret->nrows;

	if (!mml_zone_populated(&zones->zones[i]))
		return 0;
	for (int k = 0; k < MML_REQUESTS * MML_PRIORITIES; k++) {
		enum mml_request request = (enum mml_request)(k / MML_PRIORITIES);
		enum mml_priority priority = (enum mml_priority)(k % MML_PRIORITIES);
		long class = mml_request_class(zones, i, request);
		struct mml_class_room room;
		struct mml_row *row;

		if (class < 0 || (request == MML_REQUEST_HIGHMEM && !(zones->ranks >> 3 & 1)))
			continue;
		if (zone_row(ret, zones, i, page_size))
			return -ENOMEM;
		row = mml_table_row(ret, ret->nrows - 1);
		row->part = ret->nrows - 1 > first;
		mml_set_str(row, ZONES_request, requests[request]);
		mml_set_str(row, ZONES_priority, priorities[priority]);
		room = mml_class_room(zones, i, (size_t)class, request, priority, rules);
		set_class(row, &room, page_size);
	}
	return 0;
}

/* What says that the rules may be others, or that the reserve is not known. */
static void class_notes(struct mml_table *ret, const struct mml_zones *zones,
			const struct mml_host *host)
{
	bool untold = false;

	for (size_t i = 0; i < zones->n; i++)
		untold |= mml_zone_populated(&zones->zones[i]) &&
			  !(zones->zones[i].has >> MML_ZONE_FREE_HIGHATOMIC & 1);
	if (mml_host_since(host, 6, 13) < 0)
		mml_table_note(ret, "it is not known which kernel this is: the rules are those of Linux 6.13");
	if (untold)
		mml_table_note(ret, "the reserve for atomic requests is not known, and so not taken off: up to a hundredth of a zone");
}

static int add_rows(struct mml_table *ret, const struct mml_zones *zones, const struct mml_take *take,
		    bool by_class, uint64_t page_size)
{
	struct mml_class_rules rules = mml_class_rules_of(take->host);
	int rc = 0;

	for (size_t i = 0; i < zones->n && !rc; i++)
		rc = by_class ? class_rows(ret, zones, i, page_size, &rules) :
				zone_row(ret, zones, i, page_size);
	if (by_class)
		class_notes(ret, zones, take->host);
	return rc;
}

static int zones_collect(struct mml_take *take, const struct mml_query *query,
			 struct mml_table *ret)
{
	struct mml_zones zones;
	struct mml_absence absence;
	struct mml_span text;
	uint64_t page_size;
	bool by_class = query->scope.by && !strcmp(query->scope.by, "class");
	int rc = mml_take_file(take, ret, path, &text);

	if (rc)
		return rc;
	rc = mml_zoneinfo_parse(take->arena, text, ret, &zones);
	if (rc != -ENOMEM)
		rc = mml_highatomic_fill(take, &zones,
					 by_class || query->reading.needs & NEEDS_HIGHATOMIC,
					 query->reading.state, &absence);
	if (rc == -ENOMEM)
		return mml_table_fail(ret, rc, NULL, "out of memory");
	if (absence.reason)
		mml_table_why(ret, ZONES_highatomic, absence.reason, absence.needs);
	page_size = mml_take_page_size(take, ret);
	rc = add_rows(ret, &zones, take, by_class, page_size);
	return rc ? rc : ret->error;
}

static void *zones_keep(struct mml_root *root)
{
	(void)root;
	return mml_highatomic_new();
}

static void zones_release(void *state)
{
	mml_highatomic_free(state);
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
			const struct mml_zone_counter *item = &zones.zones[i].items[k];
			struct mml_row *row = mml_table_add(ret);

			if (!row)
				return -ENOMEM;
			row->levels = mml_counter_level(mml_span_str(item->name));
			mml_set_u64(row, ZONESTATS_node, zones.zones[i].node);
			mml_set_str(row, ZONESTATS_zone, item->node ? NULL : zones.zones[i].name);
			mml_set_str(row, ZONESTATS_name, item->name);
			mml_set_u64(row, ZONESTATS_value, item->value);
			mml_set_str(row, ZONESTATS_unit,
				    mml_counter_unit_here(take, mml_span_str(item->name)));
			mml_set_str(row, ZONESTATS_help,
				    mml_line_help(take, MML_LINES_VMSTAT, mml_span_str(item->name)));
		}
	return ret->error;
}

static const struct mml_source sources[] = {
	{ "/proc/zoneinfo", "a procfs that is not mounted with subset=pid", NULL, NULL },
	{ NULL, NULL, NULL, NULL },
};

static const struct mml_source zones_sources[] = {
	{ "/proc/zoneinfo", "a procfs that is not mounted with subset=pid", NULL, NULL },
	{ "/proc/pagetypeinfo", "root (it matters before Linux 7.2 only, for the reserve for atomic allocations)",
	  NULL, NULL },
	{ NULL, NULL, NULL, NULL },
};

static const struct mml_grouping groupings[] = {
	{ "class", "node,zone,request,priority,free,unusable,mark,withheld,left", NULL },
	{ NULL, NULL, NULL },
};

const struct mml_collector mml_collector_zones = {
	.schema = { .name = "zones",
		    .apart = "usable,headroom,class_headroom,mark,withheld,unusable,left",
		    .help = "A zone of a node: how much is free against the watermarks that start reclaim.",
		    MML_COLUMNS(ZONES) },
	.sources = zones_sources,
	.groupings = groupings,
	.collect = zones_collect,
	.keep = zones_keep,
	.release = zones_release,
};

const struct mml_collector mml_collector_zonestats = {
	.schema = { .name = "zonestats",
		    .apart = "*",
		    .help = "A counter of a zone or node from /proc/zoneinfo, with its rate.",
		    .sort = "node,zone", /* the rows of the node itself come behind its zones */
		    MML_COLUMNS(ZONESTATS) },
	.sources = sources,
	.collect = zonestats_collect,
};
