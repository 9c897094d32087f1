/* Counts TLB flushes by reason and by the process that they happen to. No iterator visits the idle
 * threads, so that these count into a map by CPU. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"
#include "tlb.h"

#define thread mml_tlb_thread

#define COUNTS struct mml_tlb_counts
#define ROW struct mml_tlb_row
#define DEAD_MAX MML_TLB_DEAD_MAX
#include "threads.bpf.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct thread);
} idle SEC(".maps");

/* Returns log2 of the pages, as far as there are classes. Comparisons are cheaper than a loop. */
static __always_inline __u32 size_class(unsigned long pages)
{
	return (pages >= 2) + (pages >= 4) + (pages >= 8) + (pages >= 16) + (pages >= 32);
}

/*
 * Returns whether this is the local half of a flush that the thread has just sent to other CPUs.
 * Such a flush is seen when it is sent, on the thread's own CPU if that uses the address space too,
 * and on each of the others. The thread cannot be switched away between the first two. Before
 * Linux 5.13 they came the other way round.
 */
static __always_inline bool is_half(struct mml_tlb_thread *mine, __u32 reason)
{
	bool half = mine->sent &&
		    (reason == MML_TLB_LOCAL_SHOOTDOWN || reason == MML_TLB_LOCAL_MM_SHOOTDOWN);

	if (reason == MML_TLB_REMOTE_SEND_IPI)
		mine->sent = 1;
	else if (reason != MML_TLB_REMOTE_SHOOTDOWN)
		mine->sent = 0;
	return half;
}

SEC("tp_btf/tlb_flush")
int BPF_PROG(tlb_count, int reason, unsigned long pages)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task_btf();
	struct mml_tlb_reason *at;
	__u32 index = reason, zero = 0;
	struct thread *mine;
	bool half;

	if (task->pid == 0)
		mine = bpf_map_lookup_elem(&idle, &zero);
	else
		mine = thread_of(task);
	if (!mine)
		return 0;
	half = is_half(mine, reason);
	/* The verifier must see the limit on the very register that is multiplied. */
	if (index >= MML_TLB_REASONS)
		index = MML_TLB_REASONS - 1;
	barrier_var(index);
	index &= MML_TLB_REASONS - 1;
	at = &mine->counts.reasons[index];
	if (pages == 0) {
		at->empty++;
		return 0;
	}
	at->flushes++;
	mine->counts.halves[index] += half;
	if ((long)pages == -1) {
		at->full++;
		return 0;
	}
	at->pages += pages;
	at->sizes[size_class(pages)]++;
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(tlb_exit, struct task_struct *task)
{
	return thread_end(task);
}

SEC("iter/task")
int tlb_dump(struct bpf_iter__task *ctx)
{
	return thread_dump(ctx);
}
