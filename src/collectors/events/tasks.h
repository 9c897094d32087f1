/* Reads the counters of every process at once with BPF's task iterator, for the table `processes`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"
#include "trace.h"

struct mml_tasks;

/*
 * Loads the iterator. That takes about as long as reading the files of a thousand processes, so it
 * pays only for more of them, or if it is kept for many samples. Only for a live system. Returns
 * NULL if it cannot be loaded; then RET_WHY has the reason in ARENA, and /proc must be read.
 */
struct mml_tasks *mml_tasks_open(struct mml_arena *arena, struct mml_absence *ret_why);
void mml_tasks_close(struct mml_tasks *tasks);

/* Sets RET to the counters of all processes in the order of their PIDs, with zombies and kernel
 * threads. The caller frees them with free(). Returns 0 or -errno. */
int mml_tasks_read(struct mml_tasks *tasks, struct mml_task_counters **ret, size_t *ret_count);

/* Tells `sources` whether it can be loaded here. Returns 0, or -errno with the reason. */
int mml_tasks_probe(struct mml_root *root, struct mml_absence *ret);
