/* What an allocation of an order can get of a zone, by the kernel's own test. Numbers alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../zones/buddyinfo.h"
#include "../zones/zoneinfo.h"

/* The migrate types that decide what may be taken by whom; what a kernel adds is Movable's. */
enum mml_order_type {
	MML_ORDER_UNMOVABLE,
	MML_ORDER_MOVABLE,
	MML_ORDER_RECLAIMABLE,
	MML_ORDER_HIGHATOMIC,
	MML_ORDER_CMA,
	MML_ORDER_ISOLATE,
	MML_ORDER_TYPES,
};

/* Who asks. */
enum mml_order_class {
	MML_ORDER_FOR_USERS,  /* GFP_HIGHUSER_MOVABLE: memory of processes, huge pages */
	MML_ORDER_FOR_KERNEL, /* GFP_KERNEL: memory that cannot be moved, and may wait */
	MML_ORDER_FOR_ATOMIC, /* GFP_ATOMIC: it may not wait, and goes below min */
	MML_ORDER_CLASSES,
};

struct mml_order_zone {
	const struct mml_zone *zone;
	struct mml_buddy buddy;
	bool has_types;
	uint64_t blocks[MML_ORDER_TYPES][MML_MAX_ORDERS]; /* free blocks by type, */
	uint64_t pageblocks[MML_ORDER_TYPES];		  /* and pageblocks */
	uint64_t highatomic; /* free pages in the reserve for atomic allocations; 0: none, or not
				known */
	uint64_t cma;	     /* free pages that only movable memory may use */
	uint64_t pcp;	/* free pages on the lists of CPUs, which compaction and reclaim empty */
	uint64_t cache; /* pages of files that can be dropped without writing them */
};

/* Returns the free pages of ZONE in blocks that an allocation of ORDER may be cut from. */
uint64_t mml_order_fitting(const struct mml_order_zone *zone, unsigned order,
			   enum mml_order_class class);

/*
 * Returns the pages that allocations of ORDER can have of ZONE before the kernel has to reclaim
 * (or, for those that may not wait, before they fail), if RESERVE pages more are to stay free. It
 * is
 * __zone_watermark_ok() of mm/page_alloc.c, solved for how often it says yes.
 */
uint64_t mml_order_now(const struct mml_order_zone *zone, unsigned order,
		       enum mml_order_class class, uint64_t reserve);

/* Return the same for movable memory, at most: when all that can be moved has been, and when file
 * cache that is clean has been dropped as well. They are false where the types are not known. */
bool mml_order_compacted(const struct mml_order_zone *zone, unsigned order, uint64_t reserve,
			 uint64_t *ret);
bool mml_order_reclaimed(const struct mml_order_zone *zone, unsigned order, uint64_t reserve,
			 uint64_t *ret);
