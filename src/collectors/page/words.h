/* Reads files that have a 64-bit word for each page or frame: pagemap, kpageflags and kpagecount.
 * They are far too large to copy, so that a capture keeps only the words that were read, and this
 * reads them back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "../../core/root.h"

struct mml_words;

/* Opens PATH. In a capture, what is read is kept as KEEP. If KEEP is NULL, nothing is kept. If PATH
 * is NULL, there is no live file, and mml_words_put() provides the words. PATH and KEEP must
 * outlive the words. Returns 0 or -errno. */
int mml_words_open(struct mml_root *root, const char *path, const char *keep,
		   struct mml_words **ret);
void mml_words_close(struct mml_words *words);

/* Reads the words from INDEX to INDEX + N into BUF. Returns how many there are, which is fewer at
 * the end of the file or of what was captured, or -errno. */
ssize_t mml_words_read(struct mml_words *words, uint64_t index, size_t n, uint64_t *buf);

/* Keeps words that came from elsewhere in the capture. */
void mml_words_put(struct mml_words *words, uint64_t index, size_t n, const uint64_t *buf);

/* Returns the index of the first captured word at or behind INDEX, or UINT64_MAX if there is none
 * or the file is live. */
uint64_t mml_words_next(const struct mml_words *words, uint64_t index);

/* Returns the descriptor of the live file, for its ioctls, or -1 in a capture. */
int mml_words_fd(const struct mml_words *words);
