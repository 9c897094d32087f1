/* A text file that is too large to hold, a piece of whole lines at a time; the tee saves it as it
 * goes by. What is large is read ahead by a thread, so that reading and parsing overlap. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "root.h"

struct mml_stream;

/* Open PATH for streaming: 0 or -errno, as mml_root_read(). PATH must outlive the stream. */
int mml_stream_open(struct mml_root *root, const char *path, struct mml_stream **ret);
void mml_stream_close(struct mml_stream *stream);

/*
 * The next piece in RET, good until the next call: 1, 0 at the end, or -errno. A piece ends with a
 * newline; only the last may lack it. -EBADMSG: a line longer than any of the kernel's.
 */
int mml_stream_next(struct mml_stream *stream, struct mml_span *ret);
