/* What is told of control groups that were removed and are still there: a row for each. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <linux/types.h>

#define MML_DYING_MAX 8192
#define MML_DYING_NAME 128

/* What a row knows beside the memory, by bit. */
#define MML_DYING_KERNEL 1
#define MML_DYING_SWAP 2

struct mml_dying_row {
	__u64 id;     /* the inode its directory had */
	__u64 home;   /* that of the nearest group around it that was not removed; 0: none */
	__u64 pages;
	__u64 kernel; /* of these, the kernel's objects, in pages */
	__u64 swap;   /* pages; in version 1 with the memory together */
	__u32 known;
	__u32 depth;  /* how many groups it was in */
	char name[MML_DYING_NAME];
};
