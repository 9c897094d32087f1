/* What the program counts of pages that come to the kernel's lists, and move on them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "trace.h"

enum mml_lru_kind {
	MML_LRU_ANON, /* and shared memory: what goes to swap */
	MML_LRU_FILE,
	MML_LRU_UNEVICTABLE,
	MML_LRU_KINDS,
};

struct mml_lru_counts {
	__u64 inserted; /* pages; all of these are */
	__u64 activated;
	__u64 deactivated;
};

/* A node and a kind of pages. The last two are what the node's vmstat counted in the same time. */
struct mml_lru_row {
	__u32 node;
	__u32 kind;
	struct mml_lru_counts counts;
	__u64 refaulted;
	__u64 back; /* of these: they would have stayed if there had been a little more memory */
};
