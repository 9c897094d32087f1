/*
 * The few kernel types that the BPF programs use, relocated at load time (CO-RE).
 *
 * Only the members named here are looked up in the running kernel's BTF; their offsets below mean
 * nothing. A type called x___why is the shape that x has in another kernel: libbpf ignores the part from
 * ___ on.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include <linux/types.h>
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define PF_EXITING 0x00000004
#define PF_MEMALLOC 0x00000800 /* it reclaims, or serves those who do */
#define PF_KSWAPD 0x00020000
#define PF_KTHREAD 0x00200000

/* The order in mm_struct.rss_stat since 4.5. */
enum { MM_FILEPAGES, MM_ANONPAGES, MM_SWAPENTS, MM_SHMEMPAGES, NR_MM_COUNTERS };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	__s64 counter;
} atomic64_t;

typedef struct {
	long counter;
} atomic_long_t;

typedef struct {
	unsigned int val;
} kuid_t;

/* The kernel's side of an array map, which knows where the per-CPU copies of its values are. */
struct bpf_array {
	void *pptrs[0];
};

/* Kernels built for one CPU have no `counters`. */
struct percpu_counter {
	__s64 count;
	__s32 *counters;
};

struct mm_struct {
	unsigned long hiwater_rss;
	unsigned long hiwater_vm;
	unsigned long total_vm;
	unsigned long locked_vm;
	atomic64_t pinned_vm;
	unsigned long data_vm;
	unsigned long exec_vm;
	unsigned long stack_vm;
	unsigned long start_code;
	unsigned long end_code;
	atomic_long_t pgtables_bytes;
	atomic_long_t hugetlb_usage; /* CONFIG_HUGETLB_PAGE */
	struct percpu_counter rss_stat[NR_MM_COUNTERS];
	struct task_struct *owner; /* CONFIG_MEMCG */
};

/* Before 6.2 the counters were plain atomics. */
struct mm_rss_stat {
	atomic_long_t count[NR_MM_COUNTERS];
};

struct mm_struct___before_6_2 {
	struct mm_rss_stat rss_stat;
};

struct cred {
	kuid_t uid;
	kuid_t euid;
};

struct signal_struct {
	atomic_t live;
	int nr_threads;
	unsigned long min_flt;
	unsigned long maj_flt;
	short oom_score_adj;
};

/* If a member has changed its name, both names are here, and the program asks which one exists. */
struct task_struct {
	unsigned int __state; /* since 5.14 */
	volatile long state;
	unsigned int flags;
	struct mm_struct *mm;
	int exit_state;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	__u64 start_boottime; /* since 5.5 */
	__u64 real_start_time;
	unsigned long min_flt;
	unsigned long maj_flt;
	const struct cred *real_cred;
	char comm[16];
	struct signal_struct *signal;
};

/* Where the instruction is in the registers of each architecture; of two of them also the number of the
 * call that the thread is in, or -1. */
struct pt_regs___x86 {
	unsigned long orig_ax;
	unsigned long ip;
};

struct pt_regs___arm64 {
	__u64 pc;
	int syscallno;
};

struct pt_regs___riscv {
	unsigned long epc;
};

struct pt_regs___powerpc {
	unsigned long nip;
};

struct pt_regs___s390 {
	struct {
		unsigned long mask;
		unsigned long addr;
	} psw;
};

struct pt_regs___loongarch {
	unsigned long csr_era;
};

#pragma clang attribute pop

/*
 * The layout of what an iterator is called with will never change. libbpf takes a millisecond to
 * look up a type, so that only the members that need it are relocated, and in as few structs as
 * possible.
 */
struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

/* Returns when the task was started, in ns since boot with time suspended included. Together with
 * the pid it identifies a process. */
static __always_inline __u64 task_start(struct task_struct *task)
{
	if (bpf_core_field_exists(task->start_boottime))
		return task->start_boottime;
	return task->real_start_time;
}
