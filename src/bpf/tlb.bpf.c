/* Counts TLB flushes by reason and by the process that they happen to. No iterator visits the idle
 * threads, so that these count into a map by CPU. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"
#include "tlb.h"

struct thread {
	struct mml_tlb_counts counts;
};

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

static __always_inline void thread_begin(struct task_struct *task, struct thread *mine)
{
}

/* Returns log2 of the pages, as far as there are classes. Comparisons are cheaper than a loop. */
static __always_inline __u32 size_class(unsigned long pages)
{
	return (pages >= 2) + (pages >= 4) + (pages >= 8) + (pages >= 16) + (pages >= 32);
}

SEC("tp_btf/tlb_flush")
int BPF_PROG(tlb_count, int reason, unsigned long pages)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task_btf();
	struct mml_tlb_reason *at;
	__u32 index = reason, zero = 0;
	struct thread *mine;

	if (task->pid == 0)
		mine = bpf_map_lookup_elem(&idle, &zero);
	else
		mine = thread_of(task);
	if (!mine)
		return 0;
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
	if ((long)pages == -1) {
		at->full++;
		return 0;
	}
	at->pages += pages;
	at->sizes[size_class(pages)]++;
	return 0;
}

/* All members are 64-bit counters, so that the struct can be handled as an array. */
static __always_inline void thread_move(struct task_struct *task, struct thread *mine,
					struct mml_tlb_counts *sum)
{
	__u64 *from = (__u64 *)&mine->counts, *to = (__u64 *)sum;
	__u32 i;

	for (i = 0; i < sizeof(*sum) / sizeof(*to); i++) {
		__sync_fetch_and_add(&to[i], from[i]);
		from[i] = 0;
	}
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
