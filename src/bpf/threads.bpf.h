/*
 * Counts by thread, and keeps the counts of threads that end. All objects that count by process share this.
 *
 * A thread's counts are in its own task storage. This needs no lock, shares no cache line, and is limited
 * only by the number of threads. An iterator adds up what the living have. A thread that ends hands its
 * counts to the first thread of its group, and the last one of the group puts them into the map of the
 * dead.
 *
 * These must be defined before this is included: COUNTS, ROW (an owner and COUNTS), DEAD_MAX, and struct
 * thread, which has a member `counts` and whatever else is kept for a thread. Where COUNTS has 64-bit
 * counters alone, that is all. Others define OWN_COUNTS too, and the two functions below.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "kernel.h"
#include "trace.h"

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct thread);
} living SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, DEAD_MAX);
	__type(key, struct mml_trace_key);
	__type(value, ROW);
} dead SEC(".maps");

__u64 dropped;

static const ROW no_row;

#ifdef OWN_COUNTS
/* Called when a thread is met for the first time. */
static void thread_begin(struct task_struct *task, struct thread *mine);
/* Moves a thread's counts to SUM, and leaves nothing that would be counted twice. Several threads
 * may end at the same time with the same SUM, so that additions to it must be atomic. */
static void thread_move(struct task_struct *task, struct thread *mine, COUNTS *sum);
#else
static __always_inline void thread_begin(struct task_struct *task, struct thread *mine)
{
}

static __always_inline void thread_move(struct task_struct *task, struct thread *mine, COUNTS *sum)
{
	__u64 *from = (__u64 *)&mine->counts, *to = (__u64 *)sum;
	__u32 i;

	for (i = 0; i < sizeof(*sum) / sizeof(*to); i++) {
		if (!from[i])
			continue;
		__sync_fetch_and_add(&to[i], from[i]);
		from[i] = 0;
	}
}
#endif

static __always_inline struct thread *thread_of(struct task_struct *task)
{
	struct thread *mine = bpf_task_storage_get(&living, task, 0, 0);

	if (mine)
		return mine;
	mine = bpf_task_storage_get(&living, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!mine) {
		__sync_fetch_and_add(&dropped, 1);
		return NULL;
	}
	thread_begin(task, mine);
	return mine;
}

static __always_inline void name_owner(struct mml_trace_owner *owner, struct task_struct *leader)
{
	owner->tgid = leader->tgid;
	owner->start = task_start(leader);
	bpf_probe_read_kernel(owner->comm, sizeof(owner->comm), leader->comm);
}

static __always_inline ROW *row_of_dead(struct task_struct *leader)
{
	struct mml_trace_key key = { .tgid = leader->tgid, .start = task_start(leader) };
	ROW *row = bpf_map_lookup_elem(&dead, &key);

	if (row)
		return row;
	bpf_map_update_elem(&dead, &key, &no_row, BPF_NOEXIST);
	row = bpf_map_lookup_elem(&dead, &key);
	if (row)
		name_owner(&row->owner, leader);
	else
		__sync_fetch_and_add(&dropped, 1);
	return row;
}

/*
 * Called from sched_process_exit. What a thread counts after this (its exit clears a word of its
 * memory) stays in its storage and is lost with it, and so are the counts of a first thread that
 * another one replaces by exec.
 */
static __always_inline int thread_end(struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	struct thread *mine = bpf_task_storage_get(&living, task, 0, 0);
	struct thread *sum;
	ROW *row;

	if (task->signal->live.counter) {
		if (!mine || task == leader)
			return 0;
		sum = thread_of(leader);
		if (sum)
			thread_move(task, mine, &sum->counts);
		return 0;
	}
	sum = task == leader ? NULL : bpf_task_storage_get(&living, leader, 0, 0);
	if (!mine && !sum)
		return 0;
	row = row_of_dead(leader);
	if (!row)
		return 0;
	if (mine)
		thread_move(task, mine, &row->counts);
	if (sum)
		thread_move(leader, sum, &row->counts);
	return 0;
}

/* Called from iter/task: writes the thread's row if anything was counted for it. */
static __always_inline int thread_dump(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct seq_file *seq = ctx->meta->seq;
	struct mml_trace_owner owner = {};
	struct thread *mine;

	if (!task)
		return 0;
	mine = bpf_task_storage_get(&living, task, 0, 0);
	if (!mine)
		return 0;
	name_owner(&owner, task->group_leader);
	bpf_seq_write(seq, &owner, sizeof(owner));
	bpf_seq_write(seq, &mine->counts, sizeof(mine->counts));
	return 0;
}
