/* The kernel's watermark tests, made with what /proc/zoneinfo tells. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "zoneinfo.h"

/* Tells whether ZONE has memory, and marks to compare its free memory with. */
bool mml_zone_populated(const struct mml_zone *zone);

/*
 * Returns the pages of ZONE that an ordinary allocation cannot have although they are free: free CMA pages, which
 * only movable allocations may use, and the reserve for atomic allocations of high order, as far as it
 * is known. This is __zone_watermark_unusable_free() of mm/page_alloc.c for order 0.
 */
uint64_t mml_zone_unusable(const struct mml_zone *zone);

/* Returns the state of a populated ZONE of which RESERVE pages more are to stay free, by the rule of
 * __zone_watermark_ok(). */
enum mml_zone_state mml_zone_state(const struct mml_zone *zone, uint64_t reserve);

/* Returns the pages of zone number I that are kept back from allocations that prefer zone number CLASS
 * of the same node; 0 where the file does not tell. */
uint64_t mml_zone_protection(const struct mml_zones *zones, size_t i, size_t class);

/* What allocations of a class see: their best state, and the pages they can take until kswapd is
 * woken. Below 0 these are what even the best zone lacks. */
struct mml_class {
	int state; /* enum mml_zone_state; -1: no zone of the class is populated */
	int64_t headroom;
};

/*
 * Returns what allocations see that may use zone number CLASS and the lower ones of its node. Each
 * zone counts less what its lowmem_reserve keeps back from such allocations. Since 4.8 kswapd goes by
 * the best state among them too: see pgdat_balanced() of mm/vmscan.c.
 */
struct mml_class mml_class_of(const struct mml_zones *zones, size_t class);
