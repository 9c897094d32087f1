/* Segments of System V, as /proc/sysvipc/shm of this IPC namespace has them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

struct mml_segment {
	int64_t id, key;
	uint64_t size, rss, swap; /* bytes */
	uint64_t attached; /* how often it is attached */
	uint64_t uid, creator; /* the user, and the process that made it */
	uint64_t detached_s; /* when it was last detached, since the Epoch; 0: never */
	bool huge; /* of pages of hugetlb, which are not shared memory to meminfo */
	bool removed; /* it goes when the last process detaches it */
};

/* Parses the next line of TEXT. Returns 1, 0 at the end, or -EBADMSG if it is not one of that file. */
int mml_segment_next(struct mml_span *text, struct mml_segment *ret);
