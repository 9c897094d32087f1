/* A growable buffer of bytes, which a file is read into and a renderer writes to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <string.h>

struct mml_buf {
	char *data; /* has a NUL behind it as soon as anything was put in */
	size_t len, cap;
	int error; /* -ENOMEM stays set, so that one check at the end is enough */
};

void mml_buf_free(struct mml_buf *buf);

/* Makes room for EXTRA more bytes and a NUL. Returns 0 or -ENOMEM. */
int mml_buf_reserve(struct mml_buf *buf, size_t extra);

static inline void mml_buf_put(struct mml_buf *buf, const char *s, size_t len)
{
	if (!len || (buf->cap - buf->len <= len && mml_buf_reserve(buf, len)))
		return;
	memcpy(buf->data + buf->len, s, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

static inline void mml_buf_puts(struct mml_buf *buf, const char *s)
{
	mml_buf_put(buf, s, strlen(s));
}

static inline void mml_buf_putc(struct mml_buf *buf, char c)
{
	mml_buf_put(buf, &c, 1);
}

void mml_buf_pad(struct mml_buf *buf, char c, size_t n);
void mml_buf_printf(struct mml_buf *buf, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Writes everything to FD and empties the buffer. Returns 0 or -errno, which is -EPIPE if the
 * reader is gone. */
int mml_buf_flush(struct mml_buf *buf, int fd);
