/* Facts of the machine the files are of, kept in a captured tree as mmlens/host and
 * mmlens/errors; inner part of this room. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/root.h"

struct mml_host_error {
	const char *path;
	int err;
};

/* The text the facts point into, and the errors the capture met, by path. */
struct mml_host_text {
	struct mml_buf host, kernel, machine, text;
	struct mml_host_error *errors;
	size_t nerrors;
};

int mml_host_live(struct mml_host *ret, struct mml_host_text *text);
int mml_host_tree(struct mml_root *root, struct mml_host *ret, struct mml_host_text *text);

void mml_host_free(struct mml_host_text *text);

/* The error opening PATH gave when the tree was captured: 0 or -errno. */
int mml_host_error(const struct mml_host_text *text, const char *path);

/* Write the facts, with the moment NOW, through the sink: 0 or -errno. */
int mml_host_save(struct mml_root *root, const struct mml_host *host, const struct mml_time *now);

/* The moment the tree was captured; left alone when the tree does not tell. */
void mml_host_time(struct mml_root *root, struct mml_time *ret);

/* The names of the errors worth keeping, and back; 0 for others. */
const char *mml_errno_name(int err);
