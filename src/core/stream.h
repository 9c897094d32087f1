/* Reads a text file that is too large to hold in pieces of whole lines, and saves it on the way. A
 * thread reads a large file ahead, so that reading and parsing overlap. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "root.h"

struct mml_stream;

/* Opens PATH for streaming. PATH must outlive the stream. Returns 0 or -errno as mml_root_read()
 * does. */
int mml_stream_open(struct mml_root *root, const char *path, struct mml_stream **ret);
void mml_stream_close(struct mml_stream *stream);

/*
 * Sets RET to the next piece, which is valid until the next call. Returns 1, 0 at the end, or
 * -errno. Every piece ends with a newline, except that the last one may lack it. -EBADMSG means
 * that a line is longer than any of the kernel's.
 */
int mml_stream_next(struct mml_stream *stream, struct mml_span *ret);
