/* A process's address space as a whole: whether it has one, and where its parts begin and end. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "../../core/snapshot.h"

struct mml_mm {
	pid_t pid;
	bool known;   /* stat could be read */
	char state;   /* R, S, Z ...; 0: not known */
	bool kthread; /* a kernel thread: it has no address space of its own */
	uint64_t started;
	/* The borders of mm_struct; 0 or 1 where the kernel does not tell. */
	uint64_t start_code, end_code, start_data, end_data, start_brk, start_stack;
	uint64_t arg_start, arg_end, env_start, env_end;
};

/* TEXT of /proc/PID/stat: 0 or -EINVAL. */
int mml_mm_parse(struct mml_span text, struct mml_mm *ret);

/*
 * Begin with process PID, for TABLE: 0, or -ESRCH when there is none (the table has failed then). A
 * captured tree may lack stat: known is false then.
 */
int mml_mm_take(struct mml_take *take, struct mml_table *table, pid_t pid, struct mml_mm *ret);

/* What START to END holds of the process's own parts, as "code" or "args env"; "" for nothing. BUF
 * has room for MML_HOLDS_MAX. */
enum { MML_HOLDS_MAX = 40 };
const char *mml_mm_holds(const struct mml_mm *mm, uint64_t start, uint64_t end, char *buf);

/* Why this process has no mappings, in words; NULL when it should have some. */
const char *mml_mm_why_empty(const struct mml_mm *mm);
