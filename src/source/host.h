/* Facts of the machine that the files are of. A captured tree keeps them in mmlens/host and
 * mmlens/errors. Only this folder uses this. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/root.h"

struct mml_host_error {
	const char *path;
	int err;
};

/* What a page size was taken from, in words for people. */
struct mml_page_size_source {
	char words[64];
};

/* The text that the facts point into, and the errors that the capture met, sorted by path. */
struct mml_host_text {
	struct mml_page_size_source page_size_from;
	struct mml_buf host, kernel, machine, boot_id, name, text;
	struct mml_host_error *errors;
	size_t nerrors;
};

/* Collect the facts of this machine, or of a tree; TEXT keeps what they point into. Both return 0 or
 * -errno. -EBADMSG means that the tree's mmlens/host is there, but cannot be read or does not tell the
 * page size. */
int mml_host_live(struct mml_host *ret, struct mml_host_text *text);
int mml_host_tree(struct mml_root *root, struct mml_host *ret, struct mml_host_text *text);

/* Returns whether a machine can have pages of SIZE bytes. With any other, all that is computed would be
 * nonsense. */
static inline bool mml_page_size_possible(uint64_t size)
{
	return size >= 1024 && size <= 1 << 20 && !(size & (size - 1));
}

/* Infers the page size of a tree without the file mmlens/host from what the kernel wrote into it.
 * Sets RET to bytes, with what shows it in RET_FROM, or to 0 if nothing does. Returns 0, or -errno if
 * nothing does, and a file that might have could not be read. */
int mml_page_size_infer(struct mml_root *root, struct mml_page_size_source *ret_from, uint64_t *ret);

/* Return the page size in bytes that a /proc/PID/smaps or auxv shows, or 0 if it shows none. */
uint64_t mml_page_size_of_smaps(struct mml_span text);
uint64_t mml_page_size_of_auxv(struct mml_span text);

void mml_host_free(struct mml_host_text *text);

/* Returns the error that opening PATH gave when the tree was captured, as -errno, or 0. */
int mml_host_error(const struct mml_host_text *text, const char *path);

/* Writes the facts and the time NOW to the sink. Returns 0 or -errno. */
int mml_host_save(struct mml_root *root, const struct mml_host *host, const struct mml_time *now);

/* Sets RET to the moment the tree was captured. If the tree does not tell, RET is not changed. */
void mml_host_time(struct mml_root *root, struct mml_time *ret);

/* Returns the name of an error that is worth keeping, or NULL for others. The sign of ERR does not
 * matter. */
const char *mml_errno_name(int err);
