/* Makes sums from the bytes that BPF programs count, live or saved. No BPF is needed for that. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "../../bpf/faults.h"
#include "../../bpf/trace.h"
#include "../../core/parse.h"

/* One process as the task iterator tells of it. Sizes are in bytes, and mean something only if
 * has_mm, which kernel threads and zombies lack. The fields agree with /proc/PID/status and stat. */
struct mml_task_counters {
	pid_t pid;
	pid_t ppid;
	uint32_t uid;
	uint32_t euid;
	uint32_t threads;
	int32_t oom_score_adj;
	uint64_t start_ns;    /* since boot */
	uint64_t start_ticks; /* field 22 of stat, if USER_HZ is 100 */
	uint64_t min_faults;  /* of the thread group, including ended threads */
	uint64_t maj_faults;
	uint64_t rss; /* file + anon + shmem */
	uint64_t rss_file;
	uint64_t rss_anon;
	uint64_t rss_shmem;
	uint64_t swap;
	uint64_t vsize;
	uint64_t vsize_peak;
	uint64_t rss_peak;
	uint64_t locked;
	uint64_t pinned;
	uint64_t data;
	uint64_t stack;
	uint64_t text;
	uint64_t library;
	uint64_t page_tables;
	uint64_t hugetlb; /* valid if has_hugetlb */
	bool has_mm;
	bool has_hugetlb;
	bool kthread;
	char state; /* as in stat */
	char comm[17];
};

/* The process that a sum is about. */
struct mml_sum_owner {
	uint64_t start_ns; /* since boot; 0 for the idle threads */
	pid_t pid;
	bool dead;
	char comm[17];
};

/* The faults of a process in one mapping, or in all places that have no mapping (any more). */
struct mml_fault_mapping {
	bool mapped;
	bool of_file, swaps; /* whether a page may come from a file, and from swap */
	uint64_t start, end;  /* of the mapping */
	struct mml_span name; /* lies in the bytes of maps; may be empty */
	struct mml_fault_counts counts;
	uint64_t hottest; /* the address of the 2 MiB region that was hit most */
	uint64_t hottest_faults;
};

/*
 * These return 0, -ENOMEM, -EBADMSG if the bytes are not what mml_bpf_read() writes for this kind,
 * or -ENOTSUP if they are of another byte order or a newer version. The caller frees *RET with
 * free().
 */
int mml_trace_check(const void *bytes, size_t length, enum mml_trace_kind kind,
		    struct mml_trace_head *ret);
int mml_trace_tasks(const void *bytes, size_t length, struct mml_task_counters **ret,
		    size_t *ret_count);
/* Adds up rows that have an owner and STORED_SIZE bytes of 64-bit counts each. The result has
 * *RET_COUNT sums, one for each process: a struct mml_sum_owner with COUNTS_SIZE bytes of counts
 * behind it. STORED_SIZE is smaller if an older version counted less. The counts that it lacks are
 * 0. */
int mml_trace_counts(const void *bytes, size_t length, enum mml_trace_kind kind, size_t counts_size,
		     size_t stored_size, struct mml_trace_head *ret_head, char **ret,
		     size_t *ret_count);

/* Sorts the faults of the process PID by mapping, those without a mapping first. MAPS is its
 * /proc/PID/maps. BYTES are of MML_TRACE_REGIONS or MML_TRACE_CODE, as the head then tells. */
int mml_trace_regions(const void *bytes, size_t length, pid_t pid, struct mml_span maps,
		      struct mml_trace_head *ret_head, struct mml_fault_mapping **ret,
		      size_t *ret_count);
