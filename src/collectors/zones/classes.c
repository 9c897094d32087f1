/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "classes.h"

#include "watermark.h"

/* No machine has as many pages; sums of a few of them do not wrap. */
#define MOST (UINT64_C(1) << 60)

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

struct mml_class_rules mml_class_rules_of(const struct mml_host *host)
{
	return (struct mml_class_rules){
		.victims_limited = mml_host_since(host, 4, 14) != 0,
		.boost_spared = mml_host_since(host, 5, 9) != 0,
		.victims_movable = mml_host_since(host, 5, 9) != 0,
		.reserves_merged = mml_host_since(host, 6, 3) != 0,
		.reserve_shared = mml_host_since(host, 6, 13) != 0,
	};
}

long mml_request_class(const struct mml_zones *zones, size_t i, enum mml_request request)
{
	/* The ranks of Normal, HighMem and Movable. */
	static const int highest[] = { 2, 3, 4 };
	long ret = -1;

	if (zones->zones[i].rank < 0 || zones->zones[i].rank > highest[request])
		return -1;
	for (size_t k = i; k < zones->n && zones->zones[k].node == zones->zones[i].node; k++)
		if (zones->zones[k].rank >= 0 && zones->zones[k].rank <= highest[request])
			ret = (long)k;
	return ret;
}

/* Whether no mark is tested at all. */
static bool unlimited(enum mml_priority priority, const struct mml_class_rules *rules)
{
	return priority == MML_PRIORITY_MEMALLOC ||
	       (priority == MML_PRIORITY_OOM && !rules->victims_limited);
}

static uint64_t mark(const struct mml_zone *zone, enum mml_priority priority,
		     const struct mml_class_rules *rules)
{
	uint64_t min = least(zone->field[MML_ZONE_MIN], MOST), boost = zone->field[MML_ZONE_BOOST];

	if (unlimited(priority, rules))
		return 0;
	if (((priority == MML_PRIORITY_ATOMIC && rules->boost_spared) ||
	     (priority == MML_PRIORITY_HIGH && rules->reserves_merged)) && boost <= min)
		min -= boost;
	if (priority != MML_PRIORITY_NORMAL)
		min -= min / 2;
	if (priority == MML_PRIORITY_ATOMIC)
		min -= min / 4;
	return min;
}

/* Free CMA pages that are not for REQUEST. */
static uint64_t free_cma(const struct mml_zone *zone, enum mml_request request,
			 enum mml_priority priority, const struct mml_class_rules *rules)
{
	bool limited_victim = priority == MML_PRIORITY_OOM && rules->victims_limited;
	uint64_t pages;

	if (request == MML_REQUEST_MOVABLE && (!limited_victim || rules->victims_movable))
		return 0;
	return mml_zone_item(zone, "nr_free_cma", &pages) ? least(pages, MOST) : 0;
}

/* What the test leaves out of the reserve for atomic requests of several pages. */
static uint64_t reserve_tested(const struct mml_zone *zone, enum mml_priority priority,
			       const struct mml_class_rules *rules)
{
	bool whole = !rules->reserve_shared && zone->has >> MML_ZONE_RESERVED_HIGHATOMIC & 1;

	if (priority != MML_PRIORITY_NORMAL &&
	    (priority != MML_PRIORITY_HIGH || rules->reserves_merged))
		return 0;
	return least(zone->field[whole ? MML_ZONE_RESERVED_HIGHATOMIC : MML_ZONE_FREE_HIGHATOMIC], MOST);
}

/* What is free of that reserve and is not handed out as a single page, whatever the test says. */
static uint64_t reserve_kept(const struct mml_zone *zone, enum mml_priority priority,
			     const struct mml_class_rules *rules)
{
	if ((priority == MML_PRIORITY_ATOMIC && rules->reserve_shared) ||
	    (priority == MML_PRIORITY_OOM && rules->reserves_merged))
		return 0;
	return least(zone->field[MML_ZONE_FREE_HIGHATOMIC], MOST);
}

struct mml_class_room mml_class_room(const struct mml_zones *zones, size_t i, size_t class,
				     enum mml_request request, enum mml_priority priority,
				     const struct mml_class_rules *rules)
{
	const struct mml_zone *zone = &zones->zones[i];
	uint64_t free = least(zone->field[MML_ZONE_FREE], MOST);
	uint64_t cma = free_cma(zone, request, priority, rules);
	bool all = unlimited(priority, rules);
	struct mml_class_room ret = {
		.mark = mark(zone, priority, rules),
		.withheld = all ? 0 : least(mml_zone_protection(zones, i, class), MOST),
		.unusable = cma + (all ? reserve_kept(zone, priority, rules) :
					 reserve_tested(zone, priority, rules)),
	};
	int64_t served = (int64_t)free - (int64_t)(cma + reserve_kept(zone, priority, rules));

	ret.left = (int64_t)free - (int64_t)(ret.unusable + ret.mark + ret.withheld);
	if (served < 0)
		served = 0;
	if (ret.left > served)
		ret.left = served;
	return ret;
}
