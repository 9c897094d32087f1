/* Page faults counted where they happen.
 *
 * A thread's counts lie in its own task storage: no lock, no shared cache line, no bound but the
 * number of threads. The iterator adds up what the living have; a thread that ends hands its counts
 * to its group's first thread, and the last one of the group to the map of the dead.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"
#include "faults.h"
#include <linux/bpf_perf_event.h>

char LICENSE[] SEC("license") = "GPL";

struct fault_storage {
	struct mml_fault_counts counts;
	__u64 min_base; /* the task's own counters before the first fault seen */
	__u64 maj_base;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct fault_storage);
} living SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MML_FAULT_DEAD_MAX);
	__type(key, struct mml_trace_key);
	__type(value, struct mml_fault_row);
} dead SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MML_FAULT_REGIONS_MAX);
	__type(key, struct mml_fault_region_key);
	__type(value, struct mml_fault_region);
} regions SEC(".maps");

/* The software events know minor from major, so that the tasks' counters are not wanted. */
const volatile bool soft_events;
const volatile __u32 page_shift = 12;
const volatile __u32 watch_count;
const volatile __u32 watch[MML_FAULT_WATCH_MAX];

__u64 dropped;

static const struct mml_fault_row no_row;
static const struct mml_fault_region no_region;

static __always_inline struct fault_storage *storage_of(struct task_struct *task)
{
	struct fault_storage *counts = bpf_task_storage_get(&living, task, 0, 0);

	if (counts)
		return counts;
	counts = bpf_task_storage_get(&living, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!counts) {
		__sync_fetch_and_add(&dropped, 1);
		return NULL;
	}
	counts->min_base = task->min_flt;
	counts->maj_base = task->maj_flt;
	return counts;
}

static __always_inline struct fault_storage *storage_of_current(void)
{
	return storage_of((struct task_struct *)bpf_get_current_task_btf());
}

static __always_inline void count_error_code(struct mml_fault_counts *counts, unsigned long code)
{
	counts->write += code >> 1 & 1;
	counts->instruction += code >> 4 & 1;
	counts->protection += code & 1;
}

SEC("tp_btf/page_fault_user")
int BPF_PROG(faults_user, unsigned long address, void *regs, unsigned long code)
{
	struct fault_storage *mine = storage_of_current();

	if (mine) {
		mine->counts.user++;
		count_error_code(&mine->counts, code);
	}
	return 0;
}

SEC("tp_btf/page_fault_kernel")
int BPF_PROG(faults_kernel, unsigned long address, void *regs, unsigned long code)
{
	struct fault_storage *mine = storage_of_current();

	if (mine) {
		mine->counts.kernel++;
		count_error_code(&mine->counts, code);
	}
	return 0;
}

static __always_inline int count_soft(bool user, bool major)
{
	struct fault_storage *mine = storage_of_current();

	if (!mine)
		return 0;
	if (user)
		mine->counts.user++;
	else
		mine->counts.kernel++;
	if (major)
		mine->counts.major++;
	else
		mine->counts.minor++;
	return 0;
}

/* Which of the four an event is was said when it was opened: exclude_kernel or exclude_user. */
SEC("perf_event")
int faults_soft_minor_user(struct bpf_perf_event_data *ctx)
{
	return count_soft(true, false);
}

SEC("perf_event")
int faults_soft_minor_kernel(struct bpf_perf_event_data *ctx)
{
	return count_soft(false, false);
}

SEC("perf_event")
int faults_soft_major_user(struct bpf_perf_event_data *ctx)
{
	return count_soft(true, true);
}

SEC("perf_event")
int faults_soft_major_kernel(struct bpf_perf_event_data *ctx)
{
	return count_soft(false, true);
}

/*
 * At most one thread runs here for a storage that is its own; the sum's other owners are the
 * threads of the group that end at the same time, so that additions to it are atomic.
 */
static __always_inline void add_counts(struct mml_fault_counts *sum, struct mml_fault_counts *part)
{
	__sync_fetch_and_add(&sum->user, part->user);
	__sync_fetch_and_add(&sum->kernel, part->kernel);
	__sync_fetch_and_add(&sum->write, part->write);
	__sync_fetch_and_add(&sum->instruction, part->instruction);
	__sync_fetch_and_add(&sum->protection, part->protection);
	__sync_fetch_and_add(&sum->minor, part->minor);
	__sync_fetch_and_add(&sum->major, part->major);
}

static __always_inline void read_counts(struct task_struct *task, struct fault_storage *mine,
					struct mml_fault_counts *ret)
{
	bpf_probe_read_kernel(ret, sizeof(*ret), &mine->counts);
	if (!soft_events) {
		ret->minor += task->min_flt - mine->min_base;
		ret->major += task->maj_flt - mine->maj_base;
	}
}

/* Takes a thread's counts away, leaving nothing to be counted twice. */
static __always_inline void move_counts(struct task_struct *task, struct fault_storage *mine,
					struct mml_fault_counts *sum)
{
	struct mml_fault_counts part;

	read_counts(task, mine, &part);
	__builtin_memset(&mine->counts, 0, sizeof(mine->counts));
	mine->min_base = task->min_flt;
	mine->maj_base = task->maj_flt;
	add_counts(sum, &part);
}

static __always_inline struct mml_fault_row *row_of_dead(struct task_struct *leader)
{
	struct mml_trace_key key = { .tgid = leader->tgid, .start = task_start(leader) };
	struct mml_fault_row *row = bpf_map_lookup_elem(&dead, &key);

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

/*
 * What a thread faults after this point (its exit clears a word of its memory) stays in its storage
 * and goes with it; so do the counts of a first thread that another one replaces by exec.
 */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(faults_exit, struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	struct fault_storage *mine = bpf_task_storage_get(&living, task, 0, 0);
	struct fault_storage *sum;
	struct mml_fault_row *row;

	if (task->signal->live.counter) {
		if (!mine || task == leader)
			return 0;
		sum = storage_of(leader);
		if (sum)
			move_counts(task, mine, &sum->counts);
		return 0;
	}
	sum = task == leader ? NULL : bpf_task_storage_get(&living, leader, 0, 0);
	if (!mine && !sum)
		return 0;
	row = row_of_dead(leader);
	if (!row)
		return 0;
	if (mine)
		move_counts(task, mine, &row->counts);
	if (sum)
		move_counts(leader, sum, &row->counts);
	return 0;
}

SEC("iter/task")
int faults_dump(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct mml_fault_row row = {};
	struct fault_storage *mine;

	if (!task)
		return 0;
	mine = bpf_task_storage_get(&living, task, 0, 0);
	if (!mine)
		return 0;
	read_counts(task, mine, &row.counts);
	row.owner.tgid = task->tgid;
	row.owner.start = task_start(task->group_leader);
	bpf_probe_read_kernel(row.owner.comm, sizeof(row.owner.comm),
			      task->group_leader->comm);
	bpf_seq_write(ctx->meta->seq, &row, sizeof(row));
	return 0;
}

static __always_inline bool is_watched(__u32 tgid)
{
	__u32 i;

	for (i = 0; i < MML_FAULT_WATCH_MAX && i < watch_count; i++)
		if (watch[i] == tgid)
			return true;
	return false;
}

/*
 * Two threads that fault on one page in the same instant may count as one there; `total` is exact,
 * and the user half makes up the difference.
 */
static __always_inline int count_address(__u64 address, __u32 fault_class)
{
	struct mml_fault_region_key key = {
		.tgid = bpf_get_current_pid_tgid() >> 32,
		.fault_class = fault_class,
		.region = address >> MML_FAULT_REGION_SHIFT,
	};
	struct mml_fault_region *region;
	__u64 offset = address & ((1 << MML_FAULT_REGION_SHIFT) - 1);
	__u16 *page;

	if (!is_watched(key.tgid))
		return 0;
	region = bpf_map_lookup_elem(&regions, &key);
	if (!region) {
		bpf_map_update_elem(&regions, &key, &no_region, BPF_NOEXIST);
		region = bpf_map_lookup_elem(&regions, &key);
		if (!region) {
			__sync_fetch_and_add(&dropped, 1);
			return 0;
		}
	}
	__sync_fetch_and_add(&region->total, 1);
	page = &region->pages[offset >> page_shift & (MML_FAULT_REGION_PAGES - 1)];
	if (*page != 0xffff)
		++*page;
	return 0;
}

SEC("tp_btf/page_fault_user")
int BPF_PROG(faults_address_user, unsigned long address, void *regs, unsigned long code)
{
	return count_address(address, (code & MML_FAULT_CLASSES) | MML_FAULT_USER);
}

SEC("tp_btf/page_fault_kernel")
int BPF_PROG(faults_address_kernel, unsigned long address, void *regs, unsigned long code)
{
	return count_address(address, code & MML_FAULT_CLASSES & ~MML_FAULT_USER);
}

SEC("perf_event")
int faults_soft_address_minor_user(struct bpf_perf_event_data *ctx)
{
	return count_address(ctx->addr, MML_FAULT_USER | MML_FAULT_MINOR);
}

SEC("perf_event")
int faults_soft_address_minor_kernel(struct bpf_perf_event_data *ctx)
{
	return count_address(ctx->addr, MML_FAULT_MINOR);
}

SEC("perf_event")
int faults_soft_address_major_user(struct bpf_perf_event_data *ctx)
{
	return count_address(ctx->addr, MML_FAULT_USER | MML_FAULT_MAJOR);
}

SEC("perf_event")
int faults_soft_address_major_kernel(struct bpf_perf_event_data *ctx)
{
	return count_address(ctx->addr, MML_FAULT_MAJOR);
}
