/*
 * Counts pages that go to swap and come back, by the process they belong to and by who moved them.
 *
 * The kernel has no tracepoint for that. Whenever the number of a process's pages in swap changes,
 * rss_stat fires, with the lock of its page table held. It does not say by how much, so that the
 * number after each event is remembered for every process that has pages in swap.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"
#include "percpu.bpf.h"
#include "swapping.h"

struct thread {
	struct mml_swapping_counts counts;
};

#define COUNTS	 struct mml_swapping_counts
#define ROW	 struct mml_swapping_row
#define DEAD_MAX MML_SWAPPING_DEAD_MAX
#include "threads.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* The kernel's numbers of the calls that take memory away from a process. */
const volatile long releasing[MML_SWAPPING_CALLS];

/* Whether to count. Before that only the numbers are remembered. */
volatile bool armed;

/* What /proc/vmstat said when counting began. The programs do not look at these. */
__u64 vmstat_in, vmstat_out;

/* The pages in swap of each mm, by its address; those that have none are not there. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MML_SWAPPING_MMS_MAX);
	__type(key, __u64);
	__type(value, __s64);
} swapped SEC(".maps");

/* The same as get_mm_counter_sum(): the common count, and every CPU's share. */
static __always_inline __s64 read_swapped(struct mm_struct *mm)
{
	struct mm_struct___before_6_2 *old = (struct mm_struct___before_6_2 *)mm;
	char *shares;
	__s64 sum;
	__u32 cpu;

	if (bpf_core_field_exists(old->rss_stat.count))
		return BPF_CORE_READ(old, rss_stat.count[MM_SWAPENTS].counter);
	sum = BPF_CORE_READ(mm, rss_stat[MM_SWAPENTS].count);
	if (!bpf_core_field_exists(mm->rss_stat[0].counters))
		return sum;
	shares = (char *)BPF_CORE_READ(mm, rss_stat[MM_SWAPENTS].counters);
	for (cpu = 0; cpu < MML_TASK_CPUS && cpu < nr_cpus; cpu++) {
		__s32 share = 0;

		bpf_probe_read_kernel(&share, sizeof(share), shares + cpu_offset[cpu]);
		sum += share;
	}
	return sum;
}

/* Remembers how many pages MM has in swap. Returns how many it had before. */
static __always_inline __s64 remember(__u64 mm, __s64 now)
{
	__s64 *slot = bpf_map_lookup_elem(&swapped, &mm);
	__s64 before;

	if (!slot) {
		if (now && bpf_map_update_elem(&swapped, &mm, &now, BPF_ANY))
			__sync_fetch_and_add(&dropped, 1);
		return 0;
	}
	before = __sync_lock_test_and_set(slot, now);
	if (!now)
		bpf_map_delete_elem(&swapped, &mm);
	return before;
}

/* Since 6.2 each event is of one page or of a large folio, which has four or more. That several CPUs
 * change the number at the same time makes a change look like one page more or less. */
static __always_inline __u64 pages_of(__s64 change)
{
	struct mm_struct___before_6_2 *old = NULL;

	if (bpf_core_field_exists(old->rss_stat.count))
		return change > 1 ? change : 1;
	return change > 3 ? change : 1;
}

/* The counts of a process, of which LEADER is the first thread, even after all its threads ended. */
static __always_inline struct mml_swapping_counts *counts_of(struct task_struct *leader)
{
	struct thread *mine;
	ROW *row;

	if (!leader->signal->live.counter) {
		row = row_of_dead(leader);
		return row ? &row->counts : NULL;
	}
	mine = thread_of(leader);
	return mine ? &mine->counts : NULL;
}

/* The first thread of the process that MM belongs to. While it ends nobody owns its memory. */
static __always_inline struct task_struct *leader_of(struct mm_struct *mm, struct task_struct *task)
{
	struct task_struct *owner = NULL;

	if (bpf_core_field_exists(mm->owner))
		owner = mm->owner;
	if (owner)
		return owner->group_leader;
	if (task->mm == mm || task->flags & PF_EXITING)
		return task->group_leader;
	return NULL;
}

static __always_inline void add_out(struct task_struct *leader, struct task_struct *task, __u64 pages)
{
	struct mml_swapping_counts *counts = counts_of(leader), *mover;

	if (!counts)
		return;
	__sync_fetch_and_add(&counts->out, pages);
	if (task->tgid == leader->tgid) {
		__sync_fetch_and_add(&counts->by_itself, pages);
		return;
	}
	if (task->flags & PF_KSWAPD)
		__sync_fetch_and_add(&counts->by_kswapd, pages);
	mover = counts_of(task->group_leader);
	if (mover)
		__sync_fetch_and_add(&mover->evicted, pages);
}

/* Whether TASK, which does not reclaim, takes memory away rather than that it meets a fault. */
static __always_inline bool releases(struct task_struct *task)
{
	struct pt_regs *regs;
	long call = -1;
	int i;

	if (task->flags & PF_EXITING || !task->mm)
		return true;
	regs = (struct pt_regs *)bpf_task_pt_regs(task);
	if (bpf_core_field_exists(struct pt_regs___x86, orig_ax))
		call = BPF_CORE_READ((struct pt_regs___x86 *)regs, orig_ax);
	else if (bpf_core_field_exists(struct pt_regs___arm64, syscallno))
		call = BPF_CORE_READ((struct pt_regs___arm64 *)regs, syscallno);
	for (i = 0; i < MML_SWAPPING_CALLS; i++)
		if (releasing[i] >= 0 && releasing[i] == call)
			return true;
	return false;
}

SEC("tp_btf/rss_stat")
int BPF_PROG(swapping_rss, struct mm_struct *mm, int member)
{
	struct mml_swapping_counts *counts;
	struct task_struct *task, *leader;
	__s64 now, before;

	if (member != MM_SWAPENTS)
		return 0;
	now = read_swapped(mm);
	before = remember((__u64)mm, now);
	if (!armed)
		return 0;
	task = (struct task_struct *)bpf_get_current_task_btf();
	leader = leader_of(mm, task);
	if (!leader)
		return 0;
	if (task->flags & PF_MEMALLOC) {
		add_out(leader, task, pages_of(now - before));
		return 0;
	}
	/* A child gets its parent's places in swap: nothing moves. */
	if (task->mm != mm && now > before)
		return 0;
	counts = counts_of(leader);
	if (!counts)
		return 0;
	if (!releases(task))
		__sync_fetch_and_add(&counts->in, pages_of(before - now));
	else if (before > now)
		__sync_fetch_and_add(&counts->released, before - now);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(swapping_exit, struct task_struct *task)
{
	return thread_end(task);
}

/* Notes what a process has in swap before counting begins. */
static __always_inline int note(struct task_struct *task)
{
	struct mm_struct *mm = task->mm;
	__u64 key = (__u64)mm;
	__s64 now;

	if (!mm || task->flags & PF_KTHREAD || bpf_map_lookup_elem(&swapped, &key))
		return 0;
	now = read_swapped(mm);
	if (now > 0 && bpf_map_update_elem(&swapped, &key, &now, BPF_NOEXIST))
		__sync_fetch_and_add(&dropped, 1);
	return 0;
}

SEC("iter/task")
int swapping_dump(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (armed || !task)
		return thread_dump(ctx);
	if (ctx->meta->seq_num == 0 && bpf_core_field_exists(task->mm->rss_stat[0].counters))
		find_cpu_offsets();
	return note(task);
}
