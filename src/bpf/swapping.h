/* What the program counts of pages that go to swap and come back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "trace.h"

#define MML_SWAPPING_DEAD_MAX 16384
#define MML_SWAPPING_MMS_MAX 65536
#define MML_SWAPPING_CALLS 8

/* All are pages. Those of the process are told whoever moves them. */
struct mml_swapping_counts {
	__u64 in;
	__u64 out;
	__u64 by_itself; /* of those that went out: the process reclaimed, or asked for it */
	__u64 by_kswapd;
	__u64 released; /* no longer in swap, and were not read back: the process gave them up */
	__u64 evicted;	/* the process made them go, and they are another's */
};

/* A row without a process has what /proc/vmstat counted of the whole machine in the same time. */
struct mml_swapping_row {
	struct mml_trace_owner owner;
	struct mml_swapping_counts counts;
};
