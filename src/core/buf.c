/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "buf.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trouble.h"

void mml_buf_free(struct mml_buf *buf)
{
	free(buf->data);
	*buf = (struct mml_buf){ 0 };
}

int mml_buf_reserve(struct mml_buf *buf, size_t extra)
{
	size_t need, cap = buf->cap ? buf->cap : 64;
	char *p;

	if (__builtin_add_overflow(buf->len, extra, &need) ||
	    __builtin_add_overflow(need, (size_t)1, &need))
		return buf->error = mml_trouble(-ENOMEM);
	if (need <= buf->cap)
		return 0;
	while (cap < need && !__builtin_mul_overflow(cap, (size_t)2, &cap))
		;
	p = cap >= need ? realloc(buf->data, cap) : NULL;
	if (!p)
		return buf->error = mml_trouble(-ENOMEM);
	buf->data = p;
	buf->cap = cap;
	return 0;
}

void mml_buf_pad(struct mml_buf *buf, char c, size_t n)
{
	if (!n || mml_buf_reserve(buf, n))
		return;
	memset(buf->data + buf->len, c, n);
	buf->len += n;
	buf->data[buf->len] = '\0';
}

void mml_buf_printf(struct mml_buf *buf, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || mml_buf_reserve(buf, (size_t)n))
		return;
	va_start(ap, fmt);
	vsnprintf(buf->data + buf->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	buf->len += (size_t)n;
}

int mml_buf_flush(struct mml_buf *buf, int fd)
{
	size_t done = 0;

	if (buf->error)
		return buf->error;
	while (done < buf->len) {
		ssize_t n = write(fd, buf->data + done, buf->len - done);

		/* Whoever shares the pipe may have set it to O_NONBLOCK. */
		if (n < 0 && errno == EAGAIN)
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	buf->len = 0;
	return 0;
}
