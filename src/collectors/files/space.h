/* How full the mounted file systems are that live in memory. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "mounts.h"

struct mml_space {
	const struct mml_mount_point *mount;
	uint64_t used, limit; /* bytes; what is in swap counts as used */
	uint64_t files;
	bool known;   /* used and files are */
	bool limited; /* it has a size */
};

struct mml_spaces {
	struct mml_space *at; /* one for each file system, whatever it is mounted at */
	size_t n;
};

/*
 * Sets RET to the tmpfs among MOUNTS. Live, statfs(2) is asked about each that nothing was mounted over, and the
 * answers are saved; in a tree they are read from what was saved. Returns 0, -ENOMEM, or -EBADMSG if that is
 * something else.
 */
int mml_spaces_take(struct mml_take *take, const struct mml_mount_points *mounts, struct mml_spaces *ret);

/* Parses the text that is saved, for those of RET that it names. Returns 0 or -EBADMSG. */
int mml_spaces_parse(struct mml_span text, struct mml_spaces *ret);
