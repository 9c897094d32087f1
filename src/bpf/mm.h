/* What the iterator tells of address spaces: a row for each process that has one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <linux/types.h>

/* The order of the values. Captures have them in it, so that new ones go to the end. */
enum mml_mm_value {
	MML_MM_BRK,
	MML_MM_MMAP_BASE,
	MML_MM_TASK_SIZE,
	MML_MM_PGD,       /* the address in the kernel's direct map */
	MML_MM_USERS,
	MML_MM_COUNT,
	MML_MM_MAP_COUNT,
	MML_MM_FLAGS,
	MML_MM_VALUES,
};

struct mml_mm_row {
	__u32 tgid;
	__u32 known; /* the values that this kernel has, by bit */
	__u64 start; /* in ns since boot, of the group's first thread */
	__u64 value[MML_MM_VALUES];
};
