/* Asks the kernel for the delays of a process, by netlink (Documentation/accounting/taskstats.rst).
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum mml_delay {
	MML_DELAY_SWAPIN,
	MML_DELAY_RECLAIM,
	MML_DELAY_THRASHING, /* kernel 4.20 */
	MML_DELAY_COMPACT,   /* 5.17 */
	MML_DELAY_COPY,	     /* 6.0 */
	MML_DELAYS,
};

struct mml_delay_sum {
	uint64_t count, ns;
	bool known;
};

/* The version of struct taskstats that has other fields where all others have these. */
enum { MML_TASKSTATS_ODD = 15 };

/*
 * Takes the delays out of the LEN bytes at DATA, a struct taskstats of any version. What the kernel
 * did not have yet is not known. Returns 0, -EBADMSG if it is too short for what all kernels have,
 * or -EPROTO for a version of which nothing is known.
 */
int mml_taskstats_parse(const void *data, size_t len, struct mml_delay_sum ret[MML_DELAYS]);

/* Finds struct taskstats in the LEN bytes at DATA, an answer to the question for a process. Returns
 * 0, or -errno: what the kernel answered, or -EBADMSG. RET lies in DATA. */
int mml_taskstats_answer(const void *data, size_t len, const void **ret, size_t *ret_len);

/* Opens the way to the kernel. Returns 0 or -errno; -ENOENT is a kernel without CONFIG_TASKSTATS.
 */
struct mml_taskstats;
int mml_taskstats_open(struct mml_taskstats **ret);
void mml_taskstats_close(struct mml_taskstats *ts);

/* Asks for the sum over all threads of process PID, those that have ended included. Returns 0 or
 * -errno: -ESRCH if there is none, -EPERM for users who may not ask. */
int mml_taskstats_get(struct mml_taskstats *ts, pid_t pid, struct mml_delay_sum ret[MML_DELAYS]);
