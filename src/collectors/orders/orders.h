/* What the files of the table orders share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"
#include "available.h"

/* The costly reads. */
enum { MML_ORDERS_TYPES = 1, MML_ORDERS_OWNERS = 2 };

/* Fills the types of ZONE from TYPES, the table pagetypes. */
void mml_order_types(struct mml_order_zone *zone, const struct mml_table *types);

/* What is in the blocks of an order, of those that are whole and have no hole. */
struct mml_order_owners {
	uint64_t blocks;    /* of that order, used or not */
	uint64_t free;	    /* nothing is in them */
	uint64_t movable;   /* free pages, and pages that can be moved, and at least one of these */
	uint64_t slab_only; /* the same with slab as well: it comes back if the caches shrink */
	uint64_t slab, tables, huge, reserved,
		other; /* such pages are in them, maybe beside others */
};

/*
 * Looks at each frame of ZONE in /proc/kpageflags, or at what a capture has of that, and fills RET
 * by order. FIRST says that it is the first zone of the sample. Returns 0, -ENOMEM, or -errno with
 * the absence in RET_WHY.
 */
int mml_order_owners(struct mml_take *take, const struct mml_zone *zone, unsigned orders,
		     bool first, struct mml_order_owners *ret, struct mml_absence *ret_why);
