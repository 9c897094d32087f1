/* A zone of /proc/buddyinfo, and the kernel's two measures of its fragmentation. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

/* No kernel was ever built with more than 17 orders. No machine addresses 2^42 pages; with that as
 * the limit of a zone, sums in bytes and in thousandths of pages do not overflow. */
enum { MML_MAX_ORDERS = 18, MML_MAX_ZONE_SHIFT = 42 };

struct mml_buddy {
	uint64_t node;
	struct mml_span zone;
	unsigned orders;
	uint64_t blocks[MML_MAX_ORDERS];
};

/* Takes the next zone off TEXT. Returns 1, 0 at the end, or -EINVAL or -ERANGE if the line is not
 * one of buddyinfo. */
int mml_buddy_next(struct mml_span *text, struct mml_buddy *ret);

/* Return the index in thousandths, computed with the kernel's integer formulas. */
int64_t mml_unusable_index(const struct mml_buddy *zone, unsigned order);
int64_t mml_fragmentation_index(const struct mml_buddy *zone, unsigned order);
