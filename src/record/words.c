/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "told.h"

#include <errno.h>
#include <string.h>

#include "varint.h"

/* The lowest bits of an operation; the rest is how many. Part of the format. */
enum {
	WORD_SAME = 0,   /* N words of the base as they are */
	WORD_SKIP = 1,   /* N words of the base are left out */
	WORD_INSERT = 2, /* N bytes follow, which the base does not have */
	WORD_CHANGE = 3, /* N words of the base, to each of which a difference follows */
	WORD_BITS = 2,
};

/* How far to look for where the text goes on in the base, in words: a few records. */
enum { FAR = 96 };

static void put_op(struct mml_told *out, unsigned op, uint64_t n)
{
	if (n)
		mml_varint_put(&out->ops, n << WORD_BITS | op);
}

static size_t words(struct mml_span s)
{
	return mml_span_len(s) / 8;
}

static uint64_t word(struct mml_span s, size_t i)
{
	return mml_get64(s.p + 8 * i);
}

/* How many words from the first on are alike, or unlike. */
static size_t run(struct mml_span base, struct mml_span text, bool alike)
{
	size_t most = words(base) < words(text) ? words(base) : words(text), n = 0;

	while (n < most && (word(base, n) == word(text, n)) == alike)
		n++;
	return n;
}

/* How many words of A come before what is like the beginning of B: two words that are not zero. 0:
 * not known. */
static size_t ahead(struct mml_span a, struct mml_span b)
{
	if (words(b) < 2 || !word(b, 0) || !word(b, 1))
		return 0;
	for (size_t n = 1; n <= FAR && n + 1 < words(a); n++)
		if (word(a, n) == word(b, 0) && word(a, n + 1) == word(b, 1))
			return n;
	return 0;
}

int mml_words_encode(struct mml_span base, struct mml_span text, struct mml_told *out)
{
	while (words(base) && words(text)) {
		size_t n = run(base, text, true);

		put_op(out, WORD_SAME, n);
		base.p += 8 * n;
		text.p += 8 * n;
		n = ahead(base, text);
		put_op(out, WORD_SKIP, n);
		base.p += 8 * n;
		if (n)
			continue;
		n = ahead(text, base);
		put_op(out, WORD_INSERT, 8 * n);
		mml_buf_put(&out->ops, text.p, 8 * n);
		text.p += 8 * n;
		if (n)
			continue;
		n = run(base, text, false);
		put_op(out, WORD_CHANGE, n);
		for (size_t i = 0; i < n; i++)
			mml_varint_put(&out->numbers, mml_zigzag(word(text, i) - word(base, i)));
		base.p += 8 * n;
		text.p += 8 * n;
	}
	put_op(out, WORD_INSERT, mml_span_len(text));
	mml_buf_put(&out->ops, text.p, mml_span_len(text));
	return out->ops.error ? out->ops.error : out->numbers.error;
}

static int change(struct mml_span base, struct mml_telling *in, uint64_t n, char *ret)
{
	for (uint64_t i = 0; i < n; i++) {
		uint64_t difference;

		if (!mml_varint_next(&in->numbers, &difference))
			return -EBADMSG;
		mml_put64(ret + 8 * i, word(base, i) + mml_unzigzag(difference));
	}
	return 0;
}

int mml_words_decode(struct mml_span base, struct mml_telling *in, char *ret, size_t len)
{
	while (len) {
		uint64_t op, n;
		size_t bytes;

		if (!mml_varint_next(&in->ops, &op))
			return -EBADMSG;
		n = op >> WORD_BITS;
		op &= (1 << WORD_BITS) - 1;
		if (n > (op == WORD_INSERT ? mml_span_len(in->ops) : words(base)))
			return -EBADMSG;
		bytes = op == WORD_INSERT ? n : 8 * n;
		if (op != WORD_SKIP && bytes > len)
			return -EBADMSG;
		if (op == WORD_SAME)
			memcpy(ret, base.p, bytes);
		else if (op == WORD_INSERT)
			memcpy(ret, in->ops.p, bytes);
		else if (op == WORD_CHANGE && change(base, in, n, ret))
			return -EBADMSG;
		if (op == WORD_INSERT)
			in->ops.p += bytes;
		else
			base.p += bytes;
		if (op != WORD_SKIP) {
			ret += bytes;
			len -= bytes;
		}
	}
	return 0;
}
