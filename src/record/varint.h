/* Numbers of a recording: seven bits a byte, the lowest first; and of fixed size, the lowest byte
 * first. Readers never read behind the end of what they are given. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "../core/buf.h"
#include "../core/parse.h"

enum { MML_VARINT_MAX = 10 };

/* All of BUF, which may have nothing in it yet. */
static inline struct mml_span mml_buf_span(const struct mml_buf *buf)
{
	const char *p = buf->data ? buf->data : "";

	return (struct mml_span){ p, p + buf->len };
}

/* V as a varint at P, which has room for MML_VARINT_MAX bytes: how many it took. */
static inline size_t mml_varint_at(char *p, uint64_t v)
{
	size_t n = 0;

	for (; v >= 0x80; v >>= 7)
		p[n++] = (char)(v | 0x80);
	p[n++] = (char)v;
	return n;
}

static inline void mml_varint_put(struct mml_buf *out, uint64_t v)
{
	char bytes[MML_VARINT_MAX];

	mml_buf_put(out, bytes, mml_varint_at(bytes, v));
}

/* Cut a varint off the front of IN: false when it is not whole, or larger than 64 bits. */
static inline bool mml_varint_next(struct mml_span *in, uint64_t *ret)
{
	uint64_t v = 0;

	for (unsigned shift = 0; in->p < in->end && shift < 64; shift += 7) {
		uint64_t byte = (unsigned char)*in->p++;

		if (shift == 63 && byte > 1)
			return false;
		v |= (byte & 0x7f) << shift;
		if (byte < 0x80) {
			*ret = v;
			return true;
		}
	}
	return false;
}

/* Small differences, of either sign, as small numbers: 0, -1, 1, -2 are 0, 1, 2, 3. */
static inline uint64_t mml_zigzag(uint64_t difference)
{
	return difference << 1 ^ (difference >> 63 ? UINT64_MAX : 0);
}

static inline uint64_t mml_unzigzag(uint64_t v)
{
	return v >> 1 ^ (v & 1 ? UINT64_MAX : 0);
}

static inline void mml_put16(char *p, unsigned v)
{
	p[0] = (char)v;
	p[1] = (char)(v >> 8);
}

static inline unsigned mml_get16(const char *p)
{
	return (unsigned char)p[0] | (unsigned)(unsigned char)p[1] << 8;
}

static inline void mml_put32(char *p, uint32_t v)
{
	mml_put16(p, v & 0xffff);
	mml_put16(p + 2, v >> 16);
}

static inline uint32_t mml_get32(const char *p)
{
	return mml_get16(p) | (uint32_t)mml_get16(p + 2) << 16;
}

static inline void mml_put64(char *p, uint64_t v)
{
	mml_store8(p, v);
}

static inline uint64_t mml_get64(const char *p)
{
	return mml_load8(p);
}
