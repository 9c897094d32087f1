/* Counts pages that are moved to other frames, by reason and by the process that moves them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"
#include "migrations.h"

struct thread {
	struct mml_migrations_counts counts;
};

#define COUNTS	 struct mml_migrations_counts
#define ROW	 struct mml_migrations_row
#define DEAD_MAX MML_MIGRATIONS_DEAD_MAX
#include "threads.bpf.h"

char LICENSE[] SEC("license") = "GPL";

static __always_inline int count(__u32 reason, unsigned long pages, unsigned long failed)
{
	struct thread *mine = thread_of((struct task_struct *)bpf_get_current_task_btf());
	struct mml_migrations_reason *at;

	if (!mine)
		return 0;
	/* The verifier must see the limit on the very register that is multiplied. */
	if (reason >= MML_MIGRATIONS_REASONS)
		reason = MML_MIGRATIONS_REASONS - 1;
	barrier_var(reason);
	reason &= MML_MIGRATIONS_REASONS - 1;
	at = &mine->counts.reasons[reason];
	at->calls++;
	at->pages += pages;
	at->failed += failed;
	return 0;
}

/* The loader chooses the one of these two that has as many arguments as the kernel's
 * tracepoint: 6.12 has one more than 6.1. */
SEC("tp_btf/mm_migrate_pages")
int BPF_PROG(migrations_of_7, unsigned long pages, unsigned long failed, unsigned long thp,
	     unsigned long thp_failed, unsigned long thp_split, int mode, int reason)
{
	return count(reason, pages, failed);
}

SEC("tp_btf/mm_migrate_pages")
int BPF_PROG(migrations_of_8, unsigned long pages, unsigned long failed, unsigned long thp,
	     unsigned long thp_failed, unsigned long thp_split, unsigned long large_split, int mode,
	     int reason)
{
	return count(reason, pages, failed);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(migrations_exit, struct task_struct *task)
{
	return thread_end(task);
}

SEC("iter/task")
int migrations_dump(struct bpf_iter__task *ctx)
{
	return thread_dump(ctx);
}
