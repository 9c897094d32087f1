/* Counts how often and how long threads reclaim memory, and for what. Where a kernel does not have
 * one of these tracepoints, the loader leaves its program out. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"
#include "reclaim.h"

struct thread {
	struct mml_reclaim_counts counts;
	__u64 begin[MML_RECLAIM_KINDS]; /* 0: it is not at it */
	__u64 large[MML_RECLAIM_KINDS];
};

#define COUNTS	 struct mml_reclaim_counts
#define ROW	 struct mml_reclaim_row
#define DEAD_MAX MML_RECLAIM_DEAD_MAX
#include "threads.bpf.h"

char LICENSE[] SEC("license") = "GPL";

static __always_inline struct thread *current_thread(void)
{
	return thread_of((struct task_struct *)bpf_get_current_task_btf());
}

static __always_inline void begin(enum mml_reclaim_kind kind, __u64 large)
{
	struct thread *mine = current_thread();

	if (!mine)
		return;
	mine->begin[kind] = bpf_ktime_get_ns();
	mine->large[kind] = large;
}

/* Returns which of the powers of two NS is below. */
static __always_inline __u32 class_of(__u64 ns)
{
	__u64 us = ns / 1000;
	__u32 class = 0, step;

	for (step = 16; step; step /= 2)
		if (us >> step) {
			us >>= step;
			class += step;
		}
	return class;
}

static __always_inline void add(struct mml_reclaim_sum *sum, __u64 ns, __u64 pages, __u64 large)
{
	__u32 class = class_of(ns);

	/* The verifier must see the limit on the very register that is multiplied. */
	barrier_var(class);
	class &= MML_RECLAIM_TIMES - 1;
	sum->count++;
	sum->ns += ns;
	sum->pages += pages;
	sum->large += large;
	sum->times[class]++;
}

static __always_inline void end(enum mml_reclaim_kind kind, __u64 pages)
{
	struct thread *mine = current_thread();
	struct mml_reclaim_sum *sum;

	if (!mine)
		return;
	sum = &mine->counts.kinds[kind];
	if (!mine->begin[kind]) {
		sum->unpaired++;
		return;
	}
	add(sum, bpf_ktime_get_ns() - mine->begin[kind], pages, mine->large[kind]);
	mine->begin[kind] = 0;
}

/*
 * Before 7.2 the order comes first, and since then the flags do. Flags of an allocation that
 * reclaims directly are always more than any order, so that the smaller one is the order.
 */
static __always_inline __u64 is_large(unsigned int a, unsigned int b)
{
	return (a < b ? a : b) > 0;
}

SEC("tp_btf/mm_vmscan_direct_reclaim_begin")
int BPF_PROG(reclaim_direct_begin, unsigned int a, unsigned int b)
{
	begin(MML_RECLAIM_DIRECT, is_large(a, b));
	return 0;
}

SEC("tp_btf/mm_vmscan_direct_reclaim_end")
int BPF_PROG(reclaim_direct_end, unsigned long pages)
{
	end(MML_RECLAIM_DIRECT, pages);
	return 0;
}

SEC("tp_btf/mm_vmscan_memcg_reclaim_begin")
int BPF_PROG(reclaim_memcg_begin)
{
	begin(MML_RECLAIM_MEMCG, 0);
	return 0;
}

SEC("tp_btf/mm_vmscan_memcg_reclaim_end")
int BPF_PROG(reclaim_memcg_end, unsigned long pages)
{
	end(MML_RECLAIM_MEMCG, pages);
	return 0;
}

SEC("tp_btf/mm_compaction_begin")
int BPF_PROG(reclaim_compact_begin)
{
	begin(MML_RECLAIM_COMPACT, 1);
	return 0;
}

SEC("tp_btf/mm_compaction_end")
int BPF_PROG(reclaim_compact_end)
{
	end(MML_RECLAIM_COMPACT, 0);
	return 0;
}

SEC("tp_btf/mm_vmscan_throttled")
int BPF_PROG(reclaim_throttled, int nid, int usec_timeout, int usec_delayed)
{
	struct thread *mine = current_thread();

	if (mine && usec_delayed >= 0)
		add(&mine->counts.kinds[MML_RECLAIM_THROTTLED], (__u64)usec_delayed * 1000, 0, 0);
	return 0;
}

SEC("tp_btf/mm_vmscan_kswapd_wake")
int BPF_PROG(reclaim_kswapd_wake, int nid, int zid, int order)
{
	struct thread *mine = current_thread();

	/* It is called again for what is asked while it is awake. */
	if (mine && !mine->begin[MML_RECLAIM_KSWAPD]) {
		mine->begin[MML_RECLAIM_KSWAPD] = bpf_ktime_get_ns();
		mine->large[MML_RECLAIM_KSWAPD] = order > 0;
	}
	return 0;
}

SEC("tp_btf/mm_vmscan_kswapd_sleep")
int BPF_PROG(reclaim_kswapd_sleep)
{
	end(MML_RECLAIM_KSWAPD, 0);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(reclaim_exit, struct task_struct *task)
{
	return thread_end(task);
}

SEC("iter/task")
int reclaim_dump(struct bpf_iter__task *ctx)
{
	return thread_dump(ctx);
}
