/* What the TLB-flush program counts, and what its iterator writes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "trace.h"

#define MML_TLB_REASONS 8 /* there are six as of 6.18; later ones count as the last one */
#define MML_TLB_SIZES 6   /* pages in a flush: 1, 2-3, 4-7, 8-15, 16-31, and 32 or more */
#define MML_TLB_DEAD_MAX 65536

struct mml_tlb_reason {
	__u64 flushes;
	__u64 pages; /* in the flushes that were not full */
	__u64 full;
	__u64 empty; /* not among flushes: the kernel found nothing left to flush */
	__u64 sizes[MML_TLB_SIZES];
};

struct mml_tlb_counts {
	struct mml_tlb_reason reasons[MML_TLB_REASONS];
};

/* The part of one thread, from the iterator, the whole of a dead process, or that of the idle
 * thread of one CPU. */
struct mml_tlb_row {
	struct mml_trace_owner owner;
	struct mml_tlb_counts counts;
};
