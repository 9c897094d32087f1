/* What the TLB-flush program counts, and what its iterator writes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "trace.h"

#define MML_TLB_REASONS 8 /* six as of 6.18; what lies beyond counts as the last one */
#define MML_TLB_SIZES 6   /* pages in a flush: 1, 2-3, 4-7, 8-15, 16-31, 32 and more */
#define MML_TLB_DEAD_MAX 65536

struct mml_tlb_reason {
	__u64 flushes;
	__u64 pages; /* of the flushes that were not full */
	__u64 full;
	__u64 empty; /* not in flushes: the kernel found nothing left to flush */
	__u64 sizes[MML_TLB_SIZES];
};

struct mml_tlb_counts {
	struct mml_tlb_reason reasons[MML_TLB_REASONS];
};

/* One thread's part from the iterator, a dead process's whole, or the idle threads' of one CPU. */
struct mml_tlb_row {
	struct mml_trace_owner owner;
	struct mml_tlb_counts counts;
};
