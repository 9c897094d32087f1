/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "available.h"

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Whether allocations of CLASS may be cut from blocks of TYPE. Any of the first three may be taken
 * from when there is no other: the kernel steals then. */
static bool may_use(enum mml_order_class class, unsigned type)
{
	switch (type) {
	case MML_ORDER_ISOLATE:
		return false;
	case MML_ORDER_CMA:
		return class == MML_ORDER_FOR_USERS;
	case MML_ORDER_HIGHATOMIC:
		return class == MML_ORDER_FOR_ATOMIC;
	default:
		return true;
	}
}

/* All free pages in blocks of ORDER and larger, less those of types that are not for CLASS. */
uint64_t mml_order_fitting(const struct mml_order_zone *zone, unsigned order,
			   enum mml_order_class class)
{
	uint64_t pages = 0;

	for (unsigned o = order; o < zone->buddy.orders; o++) {
		uint64_t blocks = zone->buddy.blocks[o];

		for (unsigned t = 0; zone->has_types && t < MML_ORDER_TYPES; t++)
			if (!may_use(class, t))
				blocks = less(blocks, zone->blocks[t][o]);
		pages += blocks << o;
	}
	return pages;
}

/* How far the zone may be emptied. GFP_ATOMIC may go below min by half, and below that by a
 * quarter, since it neither waits nor reclaims. */
static uint64_t mark(const struct mml_zone *zone, enum mml_order_class class)
{
	uint64_t min = zone->field[MML_ZONE_MIN];

	if (class != MML_ORDER_FOR_ATOMIC)
		return zone->field[MML_ZONE_LOW];
	min -= min / 2;
	return min - min / 4;
}

/* Pages above the mark, the reserve, and what is not for CLASS. */
static uint64_t above(const struct mml_order_zone *zone, enum mml_order_class class,
		      uint64_t reserve)
{
	uint64_t free = zone->zone->field[MML_ZONE_FREE];

	if (class != MML_ORDER_FOR_USERS)
		free = less(free, zone->cma);
	if (class != MML_ORDER_FOR_ATOMIC)
		free = less(free, zone->highatomic);
	return less(less(free, mark(zone->zone, class)), reserve);
}

/* Whole blocks: the kernel tests as if all pages of a block but one were taken before. */
static uint64_t whole(uint64_t pages, unsigned order)
{
	return pages >> order << order;
}

uint64_t mml_order_now(const struct mml_order_zone *zone, unsigned order,
		       enum mml_order_class class, uint64_t reserve)
{
	return whole(least(above(zone, class, reserve), mml_order_fitting(zone, order, class)),
		     order);
}

/* Free pages in smaller blocks where the pages between them can be moved. */
static uint64_t mergeable(const struct mml_order_zone *zone, unsigned order)
{
	uint64_t pages = 0;

	for (unsigned o = 0; o < order && o < zone->buddy.orders; o++) {
		uint64_t blocks = zone->buddy.blocks[o];

		for (unsigned t = 0; t < MML_ORDER_TYPES; t++)
			if (t != MML_ORDER_MOVABLE && t != MML_ORDER_CMA)
				blocks = less(blocks, zone->blocks[t][o]);
		pages += blocks << o;
	}
	return pages;
}

/* No more can be put together than lies in pageblocks that can be emptied; those are free blocks of
 * other types, too, if they are large enough already. */
static bool later(const struct mml_order_zone *zone, unsigned order, uint64_t reserve,
		  uint64_t freed, uint64_t *ret)
{
	uint64_t fitting = mml_order_fitting(zone, order, MML_ORDER_FOR_USERS);
	uint64_t free = zone->zone->field[MML_ZONE_FREE] + freed;

	if (!zone->has_types)
		return false;
	free = less(less(free, zone->highatomic), zone->zone->field[MML_ZONE_LOW]);
	*ret = whole(least(less(free, reserve), fitting + mergeable(zone, order) + freed), order);
	return true;
}

bool mml_order_compacted(const struct mml_order_zone *zone, unsigned order, uint64_t reserve,
			 uint64_t *ret)
{
	return later(zone, order, reserve, zone->pcp, ret);
}

bool mml_order_reclaimed(const struct mml_order_zone *zone, unsigned order, uint64_t reserve,
			 uint64_t *ret)
{
	return later(zone, order, reserve, zone->pcp + zone->cache, ret);
}
