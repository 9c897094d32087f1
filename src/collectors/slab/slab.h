/* A line of /proc/slabinfo. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

struct mml_slab {
	struct mml_span name;
	uint64_t active_objs, total_objs, obj_size, objs_per_slab, pages_per_slab, slabs;
};

/* The next cache of TEXT: 1, 0 at the end, -EINVAL when the line is none. */
int mml_slabinfo_next(struct mml_span *text, struct mml_slab *ret);
