/* What the files of the root share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "place.h"

struct mml_root {
	struct mml_place *place;
	const struct mml_sink_ops *sink_ops; /* NULL: nothing is saved */
	void *sink;
	struct mml_buf boot_id, name; /* what the host's facts point to */
};

/* Returns FD, or the -errno it is, and notes an error that means that something ran out. */
int mml_root_opened(int fd);

/* Opens PATH of the place with FLAGS of open(2). Returns a descriptor or -errno. */
int mml_root_open_flags(const struct mml_root *root, const char *path, int flags);

/* Returns 0 if FD, which is of a tree, is a file to read, or a FIFO that has something; else -errno. */
int mml_root_tree_check(int fd);

/* Appends all that FD has to BUF. ONCE is as for mml_dir_read(). Returns 0 or -errno. */
int mml_root_read_all(int fd, bool once, struct mml_buf *buf);

/* Returns whether the sink has an answer of PATH that stands; RET_RC is then what it is. */
static inline bool mml_root_stands(const struct mml_root *root, const char *path,
				   enum mml_asked asked, struct mml_buf *buf, int *ret_rc)
{
	return root->sink_ops && root->sink_ops->stands &&
	       root->sink_ops->stands(root->sink, path, asked, buf, ret_rc);
}

/* Hands what was read from PATH, which is in BUF from START on, or the error RC to the sink. Returns
 * RC. */
int mml_root_read_done(struct mml_root *root, const char *path, struct mml_buf *buf, size_t start,
		       int rc);
