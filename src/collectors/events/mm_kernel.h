/* What only the kernel knows of the address spaces of processes, read with BPF's task iterator. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../bpf/mm.h"
#include "../../core/snapshot.h"

/* What is kept between samples: the loaded program. NULL when memory ran out. */
void *mml_mm_kernel_keep(struct mml_root *root);
void mml_mm_kernel_release(void *state);

/*
 * Sets RET to the rows of all processes, by number, in TAKE's arena; in a tree to those saved by the
 * capture. STATE may be NULL. Returns how many there are. If there are none, RET_WHY says why.
 */
size_t mml_mm_kernel_read(struct mml_take *take, void *state, struct mml_mm_row **ret,
			  struct mml_absence *ret_why);

/* Parses bytes that were read from the program. Returns 0 or -errno, as mml_trace_tasks() does. */
int mml_trace_mm(struct mml_arena *arena, const void *bytes, size_t length, struct mml_mm_row **ret,
		 size_t *ret_count);

/* Tells `sources` whether it can be had here. Returns 0, or -errno with the reason. */
int mml_mm_kernel_probe(struct mml_root *root, struct mml_absence *ret);
