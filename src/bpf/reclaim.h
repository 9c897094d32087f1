/* What the program counts of threads that reclaim, compact or are made to wait. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "trace.h"

#define MML_RECLAIM_DEAD_MAX 16384

enum mml_reclaim_kind {
	MML_RECLAIM_DIRECT,  /* for the machine: a zone was below its mark */
	MML_RECLAIM_MEMCG,   /* for a control group that is at its limit */
	MML_RECLAIM_COMPACT, /* moves pages to make large blocks */
	MML_RECLAIM_THROTTLED,
	MML_RECLAIM_KSWAPD, /* from when it wakes until it sleeps */
	MML_RECLAIM_KINDS,
};

#define MML_RECLAIM_TIMES 32 /* by powers of two: below 2 us, below 4 us, ... */

/* Counts of a kind are sums, so that those of threads can be added up. For the same reason the
 * longest time is not kept, but how many took less than each power of two. */
struct mml_reclaim_sum {
	__u64 count;
	__u64 ns;
	__u64 pages;
	__u64 large;	/* for a block of more than one page */
	__u64 unpaired; /* the end of what had begun before it was watched */
	__u64 times[MML_RECLAIM_TIMES];
};

struct mml_reclaim_counts {
	struct mml_reclaim_sum kinds[MML_RECLAIM_KINDS];
};

struct mml_reclaim_row {
	struct mml_trace_owner owner;
	struct mml_reclaim_counts counts;
};
