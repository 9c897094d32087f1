/* What the TLB-flush program counts, and what its iterator writes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "trace.h"

#define MML_TLB_REASONS 8 /* there are six as of 6.18; later ones count as the last one */
#define MML_TLB_SIZES 6   /* pages in a flush: 1, 2-3, 4-7, 8-15, 16-31, and 32 or more */
#define MML_TLB_DEAD_MAX 65536

/* The reasons whose part in a flush is known. Their numbers in enum tlb_flush_reason have never
 * changed. */
enum {
	MML_TLB_TASK_SWITCH = 0,
	MML_TLB_REMOTE_SHOOTDOWN = 1,
	MML_TLB_LOCAL_SHOOTDOWN = 2,
	MML_TLB_LOCAL_MM_SHOOTDOWN = 3,
	MML_TLB_REMOTE_SEND_IPI = 4,
	MML_TLB_REMOTE_WRONG_CPU = 5,
};

struct mml_tlb_reason {
	__u64 flushes;
	__u64 pages; /* in the flushes that were not full */
	__u64 full;
	__u64 empty; /* not among flushes: the kernel found nothing left to flush */
	__u64 sizes[MML_TLB_SIZES];
};

/* `halves` has the flushes of each reason that are the local half of one that was sent to other
 * CPUs too. Captures of older versions do not have it. */
struct mml_tlb_counts {
	struct mml_tlb_reason reasons[MML_TLB_REASONS];
	__u64 halves[MML_TLB_REASONS];
};

/* What the program keeps for a thread. */
struct mml_tlb_thread {
	struct mml_tlb_counts counts;
	__u64 sent; /* it has asked other CPUs to flush, and its own CPU has not done so yet */
};

/* The part of one thread, from the iterator, the whole of a dead process, or that of the idle
 * thread of one CPU. */
struct mml_tlb_row {
	struct mml_trace_owner owner;
	struct mml_tlb_counts counts;
};
