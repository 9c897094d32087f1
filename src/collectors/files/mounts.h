/* Where file systems are mounted, to make whole paths of those below a file system's root. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

struct mml_mount_point {
	uint32_t major, minor;
	const char *root;  /* the directory of the file system that is mounted */
	const char *point; /* where */
	const char *type;
	bool hidden;       /* something else was mounted over it later */
};

struct mml_mount_points {
	struct mml_mount_point *at;
	size_t n;
};

/* Parses TEXT, a /proc/PID/mountinfo, into RET in ARENA. Lines of another form are passed by. Returns 0 or
 * -ENOMEM. */
int mml_mount_points_parse(struct mml_arena *arena, struct mml_span text, struct mml_mount_points *ret);

/*
 * Returns the mount of the device MAJOR:MINOR that PATH, which begins with a slash at the root of its file
 * system, can be seen through, and sets RET_BELOW to what of PATH is below it. One that shows more of the
 * file system is better, and then one that is not hidden. Returns NULL if there is none.
 */
const struct mml_mount_point *mml_mount_points_find(const struct mml_mount_points *list, uint32_t major, uint32_t minor,
					   const char *path, const char **ret_below);
