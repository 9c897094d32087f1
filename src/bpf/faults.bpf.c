/* Counts page faults where they happen: by thread, and by page for processes that are watched. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"
#include "faults.h"
#include <linux/bpf_perf_event.h>

struct thread {
	struct mml_fault_counts counts;
	__u64 min_base; /* the task's own counters when the watch began */
	__u64 maj_base;
};

#define COUNTS struct mml_fault_counts
#define ROW struct mml_fault_row
#define DEAD_MAX MML_FAULT_DEAD_MAX
#define OWN_COUNTS
#include "threads.bpf.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MML_FAULT_REGIONS_MAX);
	__type(key, struct mml_fault_region_key);
	__type(value, struct mml_fault_region);
} regions SEC(".maps");

/* The software events tell minor faults from major ones, so that the tasks' own counters are not
 * needed. */
const volatile bool soft_events;
const volatile bool by_code; /* count where the instruction is, and not what it touched */
const volatile __u32 page_shift = 12;
const volatile __u32 watch_count;
const volatile __u32 watch[MML_FAULT_WATCH_MAX];

/* When all programs had begun to count, in nanoseconds from boot; 0: they have not yet. */
__u64 watched_since;

static const struct mml_fault_region no_region;

static __always_inline void thread_rebase(struct task_struct *task, struct thread *mine)
{
	mine->min_base = task->min_flt;
	mine->maj_base = task->maj_flt;
}

/* Returns whether the thread began while it was watched. Its own counters then hold nothing from
 * before. */
static __always_inline bool is_new(struct task_struct *task)
{
	return watched_since && task_start(task) >= watched_since;
}

static __always_inline void thread_begin(struct task_struct *task, struct thread *mine)
{
	if (!is_new(task))
		thread_rebase(task, mine);
}

/* Returns whether the kernel has resolved faults for a new thread. There may have been no
 * exception. */
static __always_inline bool is_new_and_faulted(struct task_struct *task)
{
	return !soft_events && is_new(task) && (task->min_flt || task->maj_flt);
}

static __always_inline struct thread *thread_of_current(void)
{
	return thread_of((struct task_struct *)bpf_get_current_task_btf());
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
	struct thread *mine = thread_of_current();

	if (mine) {
		mine->counts.user++;
		count_error_code(&mine->counts, code);
	}
	return 0;
}

SEC("tp_btf/page_fault_kernel")
int BPF_PROG(faults_kernel, unsigned long address, void *regs, unsigned long code)
{
	struct thread *mine = thread_of_current();

	if (mine) {
		mine->counts.kernel++;
		count_error_code(&mine->counts, code);
	}
	return 0;
}

static __always_inline int count_soft(bool user, bool major)
{
	struct thread *mine = thread_of_current();

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

/* Each program counts one of four events. It does not look which: exclude_kernel and exclude_user
 * were set when the event was opened. */
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

static __always_inline void read_counts(struct task_struct *task, struct thread *mine,
					struct mml_fault_counts *ret)
{
	bpf_probe_read_kernel(ret, sizeof(*ret), &mine->counts);
	if (!soft_events) {
		ret->minor += task->min_flt - mine->min_base;
		ret->major += task->maj_flt - mine->maj_base;
	}
}

static __always_inline void thread_move(struct task_struct *task, struct thread *mine,
					struct mml_fault_counts *sum)
{
	struct mml_fault_counts part;

	read_counts(task, mine, &part);
	__builtin_memset(&mine->counts, 0, sizeof(mine->counts));
	thread_rebase(task, mine);
	add_counts(sum, &part);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(faults_exit, struct task_struct *task)
{
	if (is_new_and_faulted(task))
		thread_of(task);
	return thread_end(task);
}

/* This runs once, when the other programs count already. Faults that living threads had before do
 * not belong to the watch. */
SEC("iter/task")
int faults_base(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task && !(task->flags & PF_KTHREAD))
		thread_of(task);
	return 0;
}

SEC("iter/task")
int faults_dump(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct mml_fault_row row = {};
	struct thread *mine;

	if (!task)
		return 0;
	mine = bpf_task_storage_get(&living, task, 0, 0);
	if (mine) {
		read_counts(task, mine, &row.counts);
	} else if (is_new_and_faulted(task)) {
		row.counts.minor = task->min_flt;
		row.counts.major = task->maj_flt;
	}
	/* Most processes do nothing most of the time. */
	if (!(row.counts.user | row.counts.kernel | row.counts.minor | row.counts.major))
		return 0;
	name_owner(&row.owner, task->group_leader);
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
 * Two threads that fault on one page at once may count as one for that page. `total` is exact, and
 * user space makes up for the difference.
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

#define READ_WHERE_IT_EXISTS(type, member)                                                         \
	do {                                                                                       \
		struct type *at = regs;                                                            \
                                                                                                   \
		if (bpf_core_field_exists(at->member)) {                                           \
			bpf_core_read(&ret, bpf_core_field_size(at->member), &at->member);         \
			return ret;                                                                \
		}                                                                                  \
	} while (0)

/* Returns where the instruction is that REGS, the kernel's, are of. */
static __always_inline __u64 instruction_of(void *regs)
{
	__u64 ret = 0;

	READ_WHERE_IT_EXISTS(pt_regs___x86, ip);
	READ_WHERE_IT_EXISTS(pt_regs___arm64, pc);
	READ_WHERE_IT_EXISTS(pt_regs___riscv, epc);
	READ_WHERE_IT_EXISTS(pt_regs___powerpc, nip);
	READ_WHERE_IT_EXISTS(pt_regs___s390, psw.addr);
	READ_WHERE_IT_EXISTS(pt_regs___loongarch, csr_era);
	return ret;
}

SEC("tp_btf/page_fault_user")
int BPF_PROG(faults_address_user, unsigned long address, void *regs, unsigned long code)
{
	if (by_code)
		address = instruction_of(regs);
	return count_address(address, (code & MML_FAULT_CLASSES) | MML_FAULT_USER);
}

SEC("tp_btf/page_fault_kernel")
int BPF_PROG(faults_address_kernel, unsigned long address, void *regs, unsigned long code)
{
	if (by_code)
		address = instruction_of(regs);
	return count_address(address, code & MML_FAULT_CLASSES & ~MML_FAULT_USER);
}

/* The context is a pointer to the registers, to those who look at it as memory. */
static __always_inline __u64 place_of(struct bpf_perf_event_data *ctx)
{
	void *regs = NULL;

	if (!by_code)
		return ctx->addr;
	bpf_probe_read_kernel(&regs, sizeof(regs), ctx);
	return instruction_of(regs);
}

SEC("perf_event")
int faults_soft_address_minor_user(struct bpf_perf_event_data *ctx)
{
	return count_address(place_of(ctx), MML_FAULT_USER | MML_FAULT_MINOR);
}

SEC("perf_event")
int faults_soft_address_minor_kernel(struct bpf_perf_event_data *ctx)
{
	return count_address(place_of(ctx), MML_FAULT_MINOR);
}

SEC("perf_event")
int faults_soft_address_major_user(struct bpf_perf_event_data *ctx)
{
	return count_address(place_of(ctx), MML_FAULT_USER | MML_FAULT_MAJOR);
}

SEC("perf_event")
int faults_soft_address_major_kernel(struct bpf_perf_event_data *ctx)
{
	return count_address(place_of(ctx), MML_FAULT_MAJOR);
}
