/* A zone of /proc/buddyinfo and the kernel's two measures of its fragmentation. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

/* The most orders a kernel was ever built with is 17. No machine addresses 2^42 pages; with that as
 * the most of a zone, sums in bytes and in thousandths of pages stay in range. */
enum { MML_MAX_ORDERS = 18, MML_MAX_ZONE_SHIFT = 42 };

struct mml_buddy {
	uint64_t node;
	struct mml_span zone;
	unsigned orders;
	uint64_t blocks[MML_MAX_ORDERS];
};

/* The next zone of TEXT: 1, 0 at the end, -EINVAL or -ERANGE when the line is none. */
int mml_buddy_next(struct mml_span *text, struct mml_buddy *ret);

/* In thousandths, by the kernel's integer formulas. */
int64_t mml_unusable_index(const struct mml_buddy *zone, unsigned order);
int64_t mml_fragmentation_index(const struct mml_buddy *zone, unsigned order);
