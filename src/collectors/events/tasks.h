/* Every process's counters in one read, by BPF's task iterator: for the table `processes`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"
#include "trace.h"

struct mml_tasks;

/*
 * Load the iterator, which takes about as long as reading the files of a thousand processes: worth
 * it where there are more of them, or where it is kept for many samples. NULL with the reason in
 * RET_WHY, whose words live in ARENA: then /proc is the way. Only for the live system.
 */
struct mml_tasks *mml_tasks_open(struct mml_arena *arena, struct mml_absence *ret_why);
void mml_tasks_close(struct mml_tasks *tasks);

/* The counters of all processes, by PID, zombies and kernel threads included, to be freed with
 * free(): 0 or -errno. */
int mml_tasks_read(struct mml_tasks *tasks, struct mml_task_counters **ret, size_t *ret_count);

/* For `sources`: whether it can be loaded here, 0 or -errno with the reason. */
int mml_tasks_probe(struct mml_root *root, struct mml_absence *ret);
