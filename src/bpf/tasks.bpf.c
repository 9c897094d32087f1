/* Reads the counters of all processes at once, for the table `processes`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"
#include "percpu.bpf.h"
#include "tasks.h"

char LICENSE[] SEC("license") = "GPL";

/*
 * The same as percpu_counter_sum(): the common count plus every CPU's share. All possible CPUs may
 * be added up, because an offline CPU's share was moved to the count. Since 6.6 one allocation has
 * all four counters, so that one copy of 16 bytes for each CPU is mostly enough.
 */
static __always_inline void read_percpu_rss(struct mm_struct *mm, __s64 *rss)
{
	char *at[NR_MM_COUNTERS];
	__s32 part[NR_MM_COUNTERS] = {};
	__u32 cpu;
	int i;

	/* Only a constant index is relocated to the size that the element has in the running
	 * kernel. */
	rss[0] = mm->rss_stat[0].count;
	rss[1] = mm->rss_stat[1].count;
	rss[2] = mm->rss_stat[2].count;
	rss[3] = mm->rss_stat[3].count;
	at[0] = (char *)mm->rss_stat[0].counters;
	at[1] = (char *)mm->rss_stat[1].counters;
	at[2] = (char *)mm->rss_stat[2].counters;
	at[3] = (char *)mm->rss_stat[3].counters;
	if (at[3] - at[0] == sizeof(part) - sizeof(part[0])) {
		for (cpu = 0; cpu < MML_TASK_CPUS && cpu < nr_cpus; cpu++) {
			bpf_probe_read_kernel(part, sizeof(part), at[0] + cpu_offset[cpu]);
			for (i = 0; i < NR_MM_COUNTERS; i++)
				rss[i] += part[i];
		}
		return;
	}
	for (cpu = 0; cpu < MML_TASK_CPUS && cpu < nr_cpus; cpu++) {
		for (i = 0; i < NR_MM_COUNTERS; i++) {
			bpf_probe_read_kernel(part, sizeof(part[0]), at[i] + cpu_offset[cpu]);
			rss[i] += part[0];
		}
	}
}

static __always_inline void read_rss(struct mm_struct *mm, __s64 *rss)
{
	struct mm_struct___before_6_2 *old = (struct mm_struct___before_6_2 *)mm;
	int i;

	if (bpf_core_field_exists(old->rss_stat.count)) {
		/* The verifier of these kernels does not see through an array of a typedef. */
		rss[0] = BPF_CORE_READ(old, rss_stat.count[0].counter);
		rss[1] = BPF_CORE_READ(old, rss_stat.count[1].counter);
		rss[2] = BPF_CORE_READ(old, rss_stat.count[2].counter);
		rss[3] = BPF_CORE_READ(old, rss_stat.count[3].counter);
	} else if (bpf_core_field_exists(mm->rss_stat[0].counters)) {
		read_percpu_rss(mm, rss);
	} else {
		rss[0] = mm->rss_stat[0].count;
		rss[1] = mm->rss_stat[1].count;
		rss[2] = mm->rss_stat[2].count;
		rss[3] = mm->rss_stat[3].count;
	}
	for (i = 0; i < NR_MM_COUNTERS; i++)
		if (rss[i] < 0)
			rss[i] = 0;
}

static __always_inline void read_mm(struct mm_struct *mm, struct mml_task_process *ret)
{
	read_rss(mm, ret->rss);
	ret->total_vm = mm->total_vm;
	ret->hiwater_vm = mm->hiwater_vm;
	ret->hiwater_rss = mm->hiwater_rss;
	ret->locked_vm = mm->locked_vm;
	ret->pinned_vm = mm->pinned_vm.counter;
	ret->data_vm = mm->data_vm;
	ret->exec_vm = mm->exec_vm;
	ret->stack_vm = mm->stack_vm;
	ret->start_code = mm->start_code;
	ret->end_code = mm->end_code;
	ret->page_tables = mm->pgtables_bytes.counter;
	if (bpf_core_field_exists(mm->hugetlb_usage)) {
		ret->hugetlb = mm->hugetlb_usage.counter;
		ret->flags |= MML_TASK_HUGETLB;
	}
	ret->flags |= MML_TASK_HAS_MM;
}

static __always_inline void read_process(struct task_struct *task, struct mml_task_process *ret)
{
	struct signal_struct *signal = task->signal;
	struct mm_struct *mm = task->mm;

	ret->kind = MML_TASK_PROCESS;
	ret->tgid = task->tgid;
	ret->min_flt = task->min_flt + signal->min_flt;
	ret->maj_flt = task->maj_flt + signal->maj_flt;
	ret->start_boottime = task_start(task);
	ret->ppid = task->real_parent->tgid;
	ret->uid = task->real_cred->uid.val;
	ret->euid = task->real_cred->euid.val;
	ret->threads = signal->nr_threads;
	if (bpf_core_field_exists(task->__state))
		ret->state = task->__state;
	else
		ret->state = task->state;
	ret->exit_state = task->exit_state;
	ret->oom_score_adj = signal->oom_score_adj;
	bpf_probe_read_kernel(ret->comm, sizeof(ret->comm), task->comm);
	/* The same rule as in get_task_mm(): a kernel thread may borrow an mm, which is not its
	 * own. */
	if (task->flags & PF_KTHREAD)
		ret->flags |= MML_TASK_KTHREAD;
	else if (mm)
		read_mm(mm, ret);
}

SEC("iter/task")
int tasks_dump(struct bpf_iter__task *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct task_struct *task = ctx->task;

	if (!task)
		return 0;
	if (ctx->meta->seq_num == 0 && bpf_core_field_exists(task->mm->rss_stat[0].counters))
		find_cpu_offsets();
	if (task->pid != task->tgid) {
		struct mml_task_thread thread = {
			.kind = MML_TASK_THREAD,
			.tgid = task->tgid,
			.min_flt = task->min_flt,
			.maj_flt = task->maj_flt,
		};

		bpf_seq_write(seq, &thread, sizeof(thread));
	} else {
		struct mml_task_process process = {};

		read_process(task, &process);
		bpf_seq_write(seq, &process, sizeof(process));
	}
	return 0;
}
