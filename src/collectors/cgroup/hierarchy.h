/* Finds the hierarchy of control groups that memory is charged to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

struct mml_cgroup_fs {
	unsigned version;   /* 1 or 2 */
	const char *dir;    /* where it is mounted */
	/* The path of the group that is mounted there, as /proc/PID/cgroup has it, without a slash at
	 * its end; "" for the root. If that group lies above the namespace of this process, its path
	 * is not known, and this is "". */
	const char *prefix;
	bool above;         /* it lies above the namespace of this process */
	bool whole;         /* it is the root of the hierarchy, which has no limits */
	const char *self;   /* the group that this process is charged to; NULL: not known */
};

/*
 * Fills RET from /proc/self/mountinfo, or in a tree without that file from the usual places. Returns
 * 0, or -errno after a failure of TABLE: there is no such hierarchy here.
 */
int mml_cgroup_fs_find(struct mml_take *take, struct mml_table *table, struct mml_cgroup_fs *ret);

/* The groups of a process in the text of /proc/PID/cgroup, by their hierarchy; p is NULL if it has none
 * there. */
struct mml_cgroup_lines {
	struct mml_span memory;  /* of version 1 with the memory controller */
	struct mml_span unified; /* of version 2 */
	struct mml_span systemd;
};
void mml_cgroup_lines(struct mml_span text, struct mml_cgroup_lines *ret);

/* The one that memory is charged to: that of version 1 if it is in use. */
static inline struct mml_span mml_cgroup_charged(const struct mml_cgroup_lines *lines)
{
	return lines->memory.p ? lines->memory :
	       lines->unified.p ? lines->unified : lines->systemd;
}
