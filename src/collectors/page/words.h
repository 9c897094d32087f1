/* Files of one 64-bit word a page or frame: pagemap, kpageflags, kpagecount. They are far too large
 * to copy, so a capture keeps the words that were read, and this reads them back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "../../core/root.h"

struct mml_words;

/* Open PATH; what is read of it is kept as KEEP in a capture. 0 or -errno. PATH and KEEP must outlive
 * the words. KEEP NULL: nothing is kept. PATH NULL: nothing to read live; words are put in by mml_words_put(). */
int mml_words_open(struct mml_root *root, const char *path, const char *keep,
		   struct mml_words **ret);
void mml_words_close(struct mml_words *words);

/* Words INDEX to INDEX + N into BUF: how many there are, fewer at the end of the file or of what was
 * captured, or -errno. */
ssize_t mml_words_read(struct mml_words *words, uint64_t index, size_t n, uint64_t *buf);

/* Keep words that came from elsewhere in the capture. */
void mml_words_put(struct mml_words *words, uint64_t index, size_t n, const uint64_t *buf);

/* The first word that was captured at INDEX or behind it; UINT64_MAX: none, or a live file. */
uint64_t mml_words_next(const struct mml_words *words, uint64_t index);

/* The live file, for its ioctls; -1 in a capture. */
int mml_words_fd(const struct mml_words *words);
