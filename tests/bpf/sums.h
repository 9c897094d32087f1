/* Sums by process with the counts' own types, for the tests. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <assert.h>

#include "../../src/bpf/tlb.h"
#include "../../src/collectors/events/trace.h"

struct mml_fault_sum {
	struct mml_sum_owner owner;
	struct mml_fault_counts counts;
};

struct mml_tlb_sum {
	struct mml_sum_owner owner;
	struct mml_tlb_counts counts;
};

static_assert(sizeof(struct mml_fault_sum) ==
	      sizeof(struct mml_sum_owner) + sizeof(struct mml_fault_counts),
	      "no padding between owner and counts");
static_assert(sizeof(struct mml_tlb_sum) ==
	      sizeof(struct mml_sum_owner) + sizeof(struct mml_tlb_counts),
	      "no padding between owner and counts");

static inline int mml_trace_faults(const void *bytes, size_t length, struct mml_trace_head *ret_head,
				   struct mml_fault_sum **ret, size_t *ret_count)
{
	char *sums = NULL;
	int rc = mml_trace_counts(bytes, length, MML_TRACE_FAULTS, sizeof(struct mml_fault_counts),
				  sizeof(struct mml_fault_counts), ret_head, &sums, ret_count);

	*ret = (struct mml_fault_sum *)(void *)sums;
	return rc;
}

static inline int mml_trace_tlb(const void *bytes, size_t length, struct mml_trace_head *ret_head,
				struct mml_tlb_sum **ret, size_t *ret_count)
{
	char *sums = NULL;
	int rc = mml_trace_counts(bytes, length, MML_TRACE_TLB, sizeof(struct mml_tlb_counts),
				  sizeof(struct mml_tlb_counts), ret_head, &sums, ret_count);

	*ret = (struct mml_tlb_sum *)(void *)sums;
	return rc;
}
