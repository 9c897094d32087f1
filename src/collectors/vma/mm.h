/* The address space of a process: whether it has one, and where its parts begin and end. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "../../core/snapshot.h"

struct mml_mm {
	pid_t pid;
	bool known;   /* stat could be read */
	char state;   /* R, S, Z ...; 0: not known */
	bool kthread; /* a kernel thread, which has no address space of its own */
	uint64_t started;
	/* The borders in mm_struct. They are 0 or 1 if the kernel does not tell. */
	uint64_t start_code, end_code, start_data, end_data, start_brk, start_stack;
	uint64_t arg_start, arg_end, env_start, env_end;
};

/* Parses TEXT, a /proc/PID/stat. Returns 0 or -EINVAL. */
int mml_mm_parse(struct mml_span text, struct mml_mm *ret);

/*
 * Begins with the process PID. Returns 0, or -ESRCH with TABLE failed if there is no such process.
 * In a captured tree stat may be missing; then known is false.
 */
int mml_mm_take(struct mml_take *take, struct mml_table *table, pid_t pid, struct mml_mm *ret);

/* Lets TABLE fail because PID is not in /proc: it does not exist, or it is hidden from this user.
 * Returns -ESRCH or another -errno. */
int mml_mm_missing(struct mml_take *take, struct mml_table *table, pid_t pid);

/* Returns which of the process's own parts lie in START to END, such as "code" or "args env", or ""
 * if none do. BUF has room for MML_HOLDS_MAX bytes. */
enum { MML_HOLDS_MAX = 40 };
const char *mml_mm_holds(const struct mml_mm *mm, uint64_t start, uint64_t end, char *buf);

/* Returns in words why this process has no mappings, or NULL if it should have some. */
const char *mml_mm_why_empty(const struct mml_mm *mm);
