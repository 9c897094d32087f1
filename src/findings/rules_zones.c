/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "../collectors/zones/zoneinfo.h"
#include "finder.h"

struct zone {
	const struct mml_row *row;
	const char *about;
	int state; /* enum mml_zone_state */
	uint64_t node, free, min, low, high, boost, managed;
};

static const char *zone_name(struct mml_finder *f, const struct mml_table *table,
			     const struct mml_row *row, uint64_t *ret_node)
{
	const char *name = mml_look_str(table, row, "zone");

	if (!mml_look_u64(table, row, "node", ret_node))
		*ret_node = 0;
	return mml_arena_printf(f->arena, "node %" PRIu64 " %s", *ret_node, name ? name : "?");
}

/* Makes the zone's rows the ones to look at next. */
static void look_at_zone(struct mml_finder *f, const struct mml_table *table,
			 const struct mml_row *row)
{
	const char *where = mml_find_where(f, "zone", mml_look_str(table, row, "zone"));
	uint64_t node;

	if (where && mml_look_u64(table, row, "node", &node))
		mml_find_look(f, NULL, NULL,
			      mml_arena_printf(f->arena, "node = %" PRIu64 " and %s", node, where));
}

/* Fills RET for a populated zone with watermarks. Returns false for others, and for zones below 2%
 * of the machine: the few MiB of zone DMA are kept back from everybody, so that its watermarks say
 * nothing. */
static bool zone_of(struct mml_finder *f, const struct mml_row *row, struct zone *ret)
{
	const struct mml_table *t = f->now->zones;

	*ret = (struct zone){ .row = row, .state = mml_look_word(t, row, "state") };
	if (ret->state < 0 || !mml_look_u64(t, row, "free", &ret->free) ||
	    !mml_look_u64(t, row, "min", &ret->min) || !mml_look_u64(t, row, "low", &ret->low) ||
	    !mml_look_u64(t, row, "high", &ret->high) || !ret->low ||
	    !mml_look_u64(t, row, "managed", &ret->managed) || ret->managed < f->managed / 50)
		return false;
	mml_look_u64(t, row, "boost", &ret->boost);
	ret->about = zone_name(f, t, row, &ret->node);
	return ret->about;
}

static void zone_numbers(struct mml_finder *f, const struct zone *zone)
{
	mml_find_number(f, "free", zone->free);
	mml_find_number(f, "min", zone->min);
	mml_find_number(f, "low", zone->low);
	mml_find_number(f, "high", zone->high);
	if (f->available)
		mml_find_number(f, "MemAvailable", f->available);
}

/* When the page cache has filled all memory, free memory stays near the low watermark for good.
 * This is worth a warning only if there is little else that could be reclaimed. */
static bool scarce(const struct mml_finder *f)
{
	return !f->available || f->available < f->total / 5;
}

static void zone_rules(struct mml_finder *f, const struct zone *zone)
{
	const char *free = mml_find_size(f, (double)zone->free);
	const char *low = mml_find_size(f, (double)zone->low);

	zone_numbers(f, zone);
	look_at_zone(f, f->now->zones, zone->row);
	if (zone->state == MML_ZONE_BELOW_MIN)
		mml_find(f, MML_FINDING_BELOW_MIN, MML_CRITICAL, zone->about,
			 "%s has %s free, at or below its min watermark of %s: allocations reclaim for themselves",
			 zone->about, free, mml_find_size(f, (double)zone->min));
	else if (zone->state == MML_ZONE_BELOW_LOW)
		mml_find(f, MML_FINDING_BELOW_LOW, scarce(f) ? MML_WARNING : MML_NOTE, zone->about,
			 "%s has %s free, at or below its low watermark of %s: kswapd reclaims", zone->about,
			 free, low);
	else if (zone->free - zone->low < (zone->high - zone->low) / 2 && scarce(f) &&
		 f->available)
		mml_find(f, MML_FINDING_NEAR_LOW, MML_WARNING, zone->about,
			 "%s has %s free, only %s above its low watermark, and %s of %s is available",
			 zone->about, free, mml_find_size(f, (double)(zone->free - zone->low)),
			 mml_find_size(f, (double)f->available),
			 mml_find_size(f, (double)f->total));
	mml_find_nothing(f);
	if (zone->boost >= zone->min / 4 && zone->boost) {
		mml_find_number(f, "boost", zone->boost);
		mml_find_number(f, "min", zone->min);
		look_at_zone(f, f->now->zones, zone->row);
		mml_find(f, MML_FINDING_BOOSTED, MML_NOTE, zone->about,
			 "the watermarks of %s are raised by %s after allocations took pageblocks of another kind",
			 zone->about, mml_find_size(f, (double)zone->boost));
	}
}

/* On a machine that tells of itself, the sum of what the zones manage and MemTotal are equal to the
 * byte. */
static void total_rules(struct mml_finder *f)
{
	if (!f->managed || !f->total || f->managed == f->total)
		return;
	mml_find_number(f, "MemTotal", f->total);
	mml_find_number(f, "managed", f->managed);
	if (f->managed > f->total)
		mml_find(f, MML_FINDING_REWRITTEN, MML_NOTE, NULL,
			 "MemTotal is %s, but the zones manage %s: meminfo was rewritten for a container, or edited",
			 mml_find_size(f, (double)f->total), mml_find_size(f, (double)f->managed));
	else
		mml_find(f, MML_FINDING_UNMANAGED, MML_NOTE, NULL,
			 "MemTotal is %s, of which the zones manage %s: the rest is brought up when it is needed",
			 mml_find_size(f, (double)f->total), mml_find_size(f, (double)f->managed));
}

/* Fragmentation is measured against the default size of huge pages. */
static uint64_t huge_size(const struct mml_finder *f)
{
	uint64_t size = mml_fact_meminfo(f->now, "Hugepagesize");

	return size ? size : f->now->page_size << 9;
}

static void fragmentation(struct mml_finder *f)
{
	const struct mml_table *t = f->now->buddy;
	uint64_t huge = huge_size(f), free = 0;

	for (size_t i = 0; i < t->nrows; i++) {
		const struct mml_row *row = mml_table_row(t, i);
		uint64_t order, block, part, node;
		double index = mml_look_num(t, row, "fragmentation_index");
		const char *about;

		if (!mml_look_u64(t, row, "order", &order) ||
		    !mml_look_u64(t, row, "block_size", &block) ||
		    !mml_look_u64(t, row, "free", &part))
			continue;
		free = order ? free + part : part;
		/* With less free memory than 16 huge pages, a zone lacks memory, whatever the
		 * fragmentation index says. */
		if (block != huge || !(index >= 0.5) || free < 16 * huge || free < f->total / 200)
			continue;
		about = zone_name(f, t, row, &node);
		mml_find_number(f, "free", free);
		mml_find_number(f, "order", order);
		mml_find_number(f, "fragmentation_index_thousandths",
				(uint64_t)(index * 1000));
		look_at_zone(f, t, row);
		mml_find(f, MML_FINDING_FRAGMENTED, MML_NOTE, about,
			 "%s has %s free, but no block of %s (order %" PRIu64
			 "): fragmentation index %.3f",
			 about, mml_find_size(f, (double)free),
			 mml_find_size(f, (double)huge), order, index);
	}
}

void mml_rules_zones(struct mml_finder *f)
{
	const struct mml_table *t = f->now->zones;
	uint64_t managed;

	for (size_t i = 0; i < t->nrows; i++)
		if (mml_look_u64(t, mml_table_row(t, i), "managed", &managed))
			f->managed += managed;
	for (size_t i = 0; i < t->nrows; i++) {
		struct zone zone;

		if (zone_of(f, mml_table_row(t, i), &zone))
			zone_rules(f, &zone);
	}
	total_rules(f);
	fragmentation(f);
}
