/* Reads what only the kernel knows of the address space of each process, for the table `mm`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"
#include "mm.h"

char LICENSE[] SEC("license") = "GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct mm_struct___borders {
	atomic_t mm_count;
	unsigned long mmap_base;
	unsigned long task_size;
	void *pgd;
	atomic_t mm_users;
	int map_count;
	unsigned long brk;
	unsigned long flags; /* until 6.17 */
};

/* Since 6.18 the flags are an array. */
typedef struct {
	unsigned long __mm_flags[1];
} mm_flags_t;

struct mm_struct___flag_array {
	mm_flags_t flags;
};

#pragma clang attribute pop

static __always_inline void put(struct mml_mm_row *row, enum mml_mm_value which, __u64 value)
{
	row->value[which] = value;
	row->known |= 1U << which;
}

static __always_inline void read_borders(struct mm_struct *of, struct mml_mm_row *row)
{
	struct mm_struct___flag_array *array = (struct mm_struct___flag_array *)of;
	struct mm_struct___borders *mm = (struct mm_struct___borders *)of;

	put(row, MML_MM_BRK, mm->brk);
	put(row, MML_MM_PGD, (__u64)mm->pgd);
	put(row, MML_MM_USERS, (__u32)mm->mm_users.counter);
	put(row, MML_MM_COUNT, (__u32)mm->mm_count.counter);
	put(row, MML_MM_MAP_COUNT, (__u32)mm->map_count);
	if (bpf_core_field_exists(mm->mmap_base))
		put(row, MML_MM_MMAP_BASE, mm->mmap_base);
	if (bpf_core_field_exists(mm->task_size))
		put(row, MML_MM_TASK_SIZE, mm->task_size);
	if (bpf_core_field_exists(array->flags.__mm_flags))
		put(row, MML_MM_FLAGS, BPF_CORE_READ(array, flags.__mm_flags[0]));
	else if (bpf_core_field_exists(mm->flags))
		put(row, MML_MM_FLAGS, mm->flags);
}

SEC("iter/task")
int mm_dump(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct mml_mm_row row = {};

	/* A kernel thread may borrow an mm, which is not its own. */
	if (!task || task->pid != task->tgid || task->flags & PF_KTHREAD || !task->mm)
		return 0;
	row.tgid = task->tgid;
	row.start = task_start(task);
	read_borders(task->mm, &row);
	bpf_seq_write(ctx->meta->seq, &row, sizeof(row));
	return 0;
}
