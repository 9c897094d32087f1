/* TLB flushes counted by the process they happen to and by reason.
 *
 * As faults.bpf.c: a thread's counts lie in its task storage, the iterator adds up the living, and
 * the dead are handed on. The idle threads, which no iterator visits, count into a map by CPU.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"
#include "tlb.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct mml_tlb_counts);
} living SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MML_TLB_DEAD_MAX);
	__type(key, struct mml_trace_key);
	__type(value, struct mml_tlb_row);
} dead SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mml_tlb_counts);
} idle SEC(".maps");

__u64 dropped;

static const struct mml_tlb_row no_row;

static __always_inline struct mml_tlb_counts *storage_of(struct task_struct *task)
{
	struct mml_tlb_counts *counts = bpf_task_storage_get(&living, task, 0, 0);

	if (counts)
		return counts;
	counts = bpf_task_storage_get(&living, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!counts)
		__sync_fetch_and_add(&dropped, 1);
	return counts;
}

/* log2 of the pages, as far as there are classes; a comparison each is cheaper than a loop. */
static __always_inline __u32 size_class(unsigned long pages)
{
	return (pages >= 2) + (pages >= 4) + (pages >= 8) + (pages >= 16) + (pages >= 32);
}

SEC("tp_btf/tlb_flush")
int BPF_PROG(tlb_count, int reason, unsigned long pages)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task_btf();
	struct mml_tlb_counts *counts;
	struct mml_tlb_reason *at;
	__u32 index = reason, zero = 0;

	if (task->pid == 0)
		counts = bpf_map_lookup_elem(&idle, &zero);
	else
		counts = storage_of(task);
	if (!counts)
		return 0;
	/* The verifier has to see the bound on the very register that is multiplied. */
	if (index >= MML_TLB_REASONS)
		index = MML_TLB_REASONS - 1;
	barrier_var(index);
	index &= MML_TLB_REASONS - 1;
	at = &counts->reasons[index];
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

/*
 * The sum belongs to several threads when they end at the same time. All members are 64-bit
 * counters, so the struct is an array of them.
 */
static __always_inline void move_counts(struct mml_tlb_counts *mine, struct mml_tlb_counts *sum)
{
	__u64 *from = (__u64 *)mine, *to = (__u64 *)sum;
	__u32 i;

	for (i = 0; i < sizeof(*mine) / sizeof(*from); i++) {
		__sync_fetch_and_add(&to[i], from[i]);
		from[i] = 0;
	}
}

static __always_inline struct mml_tlb_row *row_of_dead(struct task_struct *leader)
{
	struct mml_trace_key key = { .tgid = leader->tgid, .start = task_start(leader) };
	struct mml_tlb_row *row = bpf_map_lookup_elem(&dead, &key);

	if (row)
		return row;
	bpf_map_update_elem(&dead, &key, &no_row, BPF_NOEXIST);
	row = bpf_map_lookup_elem(&dead, &key);
	if (!row) {
		__sync_fetch_and_add(&dropped, 1);
		return NULL;
	}
	row->owner.tgid = key.tgid;
	row->owner.start = key.start;
	bpf_probe_read_kernel(row->owner.comm, sizeof(row->owner.comm), leader->comm);
	return row;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(tlb_exit, struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	struct mml_tlb_counts *mine = bpf_task_storage_get(&living, task, 0, 0);
	struct mml_tlb_counts *sum;
	struct mml_tlb_row *row;

	if (task->signal->live.counter) {
		if (!mine || task == leader)
			return 0;
		sum = storage_of(leader);
		if (sum)
			move_counts(mine, sum);
		return 0;
	}
	sum = task == leader ? NULL : bpf_task_storage_get(&living, leader, 0, 0);
	if (!mine && !sum)
		return 0;
	row = row_of_dead(leader);
	if (!row)
		return 0;
	if (mine)
		move_counts(mine, &row->counts);
	if (sum)
		move_counts(sum, &row->counts);
	return 0;
}

SEC("iter/task")
int tlb_dump(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct seq_file *seq = ctx->meta->seq;
	struct mml_trace_owner owner = {};
	struct mml_tlb_counts *mine;

	if (!task)
		return 0;
	mine = bpf_task_storage_get(&living, task, 0, 0);
	if (!mine)
		return 0;
	owner.tgid = task->tgid;
	owner.start = task_start(task->group_leader);
	bpf_probe_read_kernel(owner.comm, sizeof(owner.comm), task->group_leader->comm);
	bpf_seq_write(seq, &owner, sizeof(owner));
	bpf_seq_write(seq, mine, sizeof(*mine));
	return 0;
}
