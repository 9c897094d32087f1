/* What the task iterator writes: one record for each process, and one for each further thread. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <linux/types.h>

#define MML_TASK_COMM 16
#define MML_TASK_CPUS 4096

enum mml_task_kind {
	MML_TASK_PROCESS = 1,
	MML_TASK_THREAD = 2,
};

enum mml_task_flag {
	MML_TASK_HAS_MM = 1,  /* the memory fields are valid */
	MML_TASK_KTHREAD = 2,
	MML_TASK_HUGETLB = 4, /* the kernel counts hugetlb usage */
};

/* A thread that is not the first one of its group. It has only what is summed over the group. */
struct mml_task_thread {
	__u32 kind;
	__u32 tgid;
	__u64 min_flt;
	__u64 maj_flt;
};

struct mml_task_process {
	__u32 kind;
	__u32 tgid;
	__u64 min_flt; /* of the first thread and the dead ones */
	__u64 maj_flt;
	__u64 start_boottime;
	__u32 ppid;
	__u32 uid;
	__u32 euid;
	__u32 threads;
	__u32 state;
	__u32 exit_state;
	__s32 oom_score_adj;
	__u32 flags;
	char comm[MML_TASK_COMM];
	/* In pages: */
	__s64 rss[4]; /* file, anon, swap entries and shmem, in the kernel's order */
	__u64 total_vm;
	__u64 hiwater_vm;
	__u64 hiwater_rss;
	__u64 locked_vm;
	__u64 pinned_vm;
	__u64 data_vm;
	__u64 exec_vm;
	__u64 stack_vm;
	/* Addresses: */
	__u64 start_code;
	__u64 end_code;
	/* In bytes, except for hugetlb pages, which are counted in base pages: */
	__u64 page_tables;
	__u64 hugetlb;
};
