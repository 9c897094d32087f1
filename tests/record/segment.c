/* The bytes of a segment: heads, headers, index and end, good ones and others. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/record/segment.h"

#include <errno.h>
#include <stdlib.h>

#include "../../src/record/varint.h"
#include "../tap.h"

static const char facts[] = "mmlens=0.1\nkernel=6.1.0\nempty=\nodd=a=b\n";

static const struct mml_head head = {
	.id = 0x0123456789abcdef,
	.kind = MML_FRAME_DELTA,
	.flags = 0x100,
	.len = 4711,
	.raw = 12345,
	.seq = UINT64_C(1) << 40,
	.time = { 1234567890123, -1, 1234567890000 },
};

static struct mml_span span(const struct mml_buf *buf)
{
	return (struct mml_span){ buf->data, buf->data + buf->len };
}

static void heads(void)
{
	struct mml_buf out = { 0 };
	struct mml_head got;
	size_t wrong = 0;

	mml_head_put(&out, &head);
	is_u64(out.len, MML_HEAD_SIZE);
	ok(mml_head_get(out.data, head.id, &got) && !memcmp(&got, &head, sizeof(got)));
	ok(mml_head_get(out.data, 0, &got));
	ok(!mml_head_get(out.data, head.id + 1, &got));
	for (size_t bit = 0; bit < 8 * out.len; bit++) {
		out.data[bit / 8] ^= (char)(1 << bit % 8);
		wrong += mml_head_get(out.data, 0, &got);
		out.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	is_u64(wrong, 0);
	ok(!mml_head_unknown(&head));
	ok(mml_head_unknown(&(struct mml_head){ .kind = MML_FRAME_KEY, .flags = 1 }));
	ok(mml_head_unknown(&(struct mml_head){ .kind = 0 }));
	ok(mml_head_unknown(&(struct mml_head){ .kind = MML_FRAME_INDEX + 1 }));
	ok(!mml_head_unknown(&(struct mml_head){ .kind = MML_FRAME_MAY_SKIP }));
	mml_buf_free(&out);
}

static void headers(void)
{
	struct mml_buf out = { 0 };
	struct mml_header got;
	size_t whole, wrong = 0;

	ok(!mml_header_put(&out, 0xabc, 77, mml_span_str(facts)));
	whole = out.len;
	mml_buf_puts(&out, "what follows");
	ok(!mml_header_get(span(&out), &got));
	is_u64(got.size, whole);
	is_u64(got.id, 0xabc);
	is_u64(got.first, 77);
	is_u64(got.format, MML_RECORDING_FORMAT);
	ok(mml_span_eq(mml_fact(got.text, "kernel"), "6.1.0"));
	ok(mml_span_eq(mml_fact(got.text, "odd"), "a=b"));
	ok(mml_span_eq(mml_fact(got.text, "empty"), ""));
	ok(mml_span_eq(mml_fact(got.text, "kern"), ""));
	/* Not whole yet, at any byte; damaged, at any bit but those of the length, which may say
	 * that it is longer than what there is. */
	for (size_t len = 0; len < whole; len++)
		wrong += mml_header_get((struct mml_span){ out.data, out.data + len }, &got) !=
			 -EAGAIN;
	is_u64(wrong, 0);
	for (size_t bit = 0; bit < 8 * whole; bit++) {
		int rc;

		out.data[bit / 8] ^= (char)(1 << bit % 8);
		rc = mml_header_get(span(&out), &got);
		wrong += rc != -EBADMSG && !(rc == -EAGAIN && bit / 32 == 1);
		out.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	is_u64(wrong, 0);
	mml_buf_free(&out);
}

static void no_headers(void)
{
	static const char *const bad[] = { "no newline", "a\n",       "=b\n",   "a=b\n\n",
					   "a=\tb\n",    "a=b\n=\n",  "id=5\n", "first=5\n",
					   "crc32c=5\n", "a=\033[m\n" };
	struct mml_buf out = { 0 }, large = { 0 };
	struct mml_header got;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		tap_ok(mml_header_put(&out, 1, 0, mml_span_str(bad[i])) == -EINVAL, "no facts: %zu",
		       i);
	mml_buf_puts(&large, "a=");
	mml_buf_pad(&large, 'x', MML_HEADER_MAX);
	mml_buf_puts(&large, "\n");
	ok(mml_header_put(&out, 1, 0, span(&large)) == -EINVAL);
	ok(mml_header_get(mml_span_str("#!/bin/sh\n"), &got) == -EBADMSG);
	ok(mml_header_get(mml_span_str("]*M\030\200\200\200\200mmlens recording 1\n"), &got) ==
	   -EBADMSG);
	ok(mml_header_get(mml_span_str("]*M\030\040\001\001\001other things 12345"), &got) ==
	   -EBADMSG);
	mml_buf_free(&out);
	mml_buf_free(&large);
}

enum { MARKS = 500 };

static struct mml_stamp marks[MARKS];

/* Heads as a recorder writes them, and some with odd times and lengths. */
static uint64_t make_marks(void)
{
	uint64_t offset = 300;
	unsigned seed = 1;

	for (size_t i = 0; i < MARKS; i++) {
		struct mml_head *h = &marks[i].head;

		*h = head;
		h->flags = 0;
		h->kind = i % 64 ? MML_FRAME_DELTA : MML_FRAME_KEY;
		h->seq = 1000 + i;
		h->len = 500 + (uint32_t)rand_r(&seed) % 100;
		h->raw = h->len * 2;
		h->time.boot_ns = (i + 1) * 10000000000 + (uint64_t)rand_r(&seed) % 100000;
		h->time.real_ns = (int64_t)(h->time.boot_ns + 1795630306000000000);
		h->time.mono_ns = h->time.boot_ns - (i > 100 ? 77777777777 : 0);
		if (i == 250)
			h->time = (struct mml_instant){ UINT64_MAX, INT64_MIN, 0 };
		if (i == 251)
			h->time = (struct mml_instant){ 0, INT64_MAX, UINT64_MAX };
		marks[i].offset = offset;
		offset += MML_HEAD_SIZE + h->len + (i % 64 == 63 ? 300 : 0);
	}
	return offset;
}

static void indexes(void)
{
	uint64_t limit = make_marks();
	struct mml_buf out = { 0 };
	struct mml_stamp *got;
	size_t n = 0, wrong = 0;

	ok(!mml_index_put(&out, marks, MARKS));
	ok(out.len < MARKS * 20);
	ok(!mml_index_get(span(&out), head.id, limit, &got, &n));
	is_u64(n, MARKS);
	for (size_t i = 0; i < n; i++)
		wrong += memcmp(&got[i], &marks[i], sizeof(*got)) != 0;
	is_u64(wrong, 0);
	free(got);
	/* Marks behind the index, and bytes behind the marks. */
	ok(mml_index_get(span(&out), head.id, limit - 300 - 64 - 501, &got, &n) == -EBADMSG);
	for (size_t len = 0; len < out.len; len++)
		wrong += mml_index_get((struct mml_span){ out.data, out.data + len }, head.id,
				       limit, &got, &n) != -EBADMSG;
	is_u64(wrong, 0);
	mml_buf_putc(&out, 0);
	ok(mml_index_get(span(&out), head.id, limit, &got, &n) == -EBADMSG);
	/* More marks than there are bytes: nothing is allocated for them. */
	out.len = 0;
	mml_varint_put(&out, UINT64_MAX);
	mml_buf_pad(&out, 1, 100);
	ok(mml_index_get(span(&out), head.id, limit, &got, &n) == -EBADMSG);
	out.len = 0;
	ok(!mml_index_put(&out, marks, 0));
	ok(!mml_index_get(span(&out), head.id, limit, &got, &n) && !n);
	free(got);
	mml_buf_free(&out);
}

static void ends(void)
{
	struct mml_buf out = { 0 };
	uint64_t offset = 0;
	size_t wrong = 0;

	mml_end_put(&out, head.id, 4711);
	is_u64(out.len, MML_END_SIZE);
	ok(mml_end_get(out.data, head.id, &offset) && offset == 4711);
	ok(!mml_end_get(out.data, head.id + 1, &offset));
	for (size_t bit = 0; bit < 8 * out.len; bit++) {
		out.data[bit / 8] ^= (char)(1 << bit % 8);
		wrong += mml_end_get(out.data, head.id, &offset);
		out.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	is_u64(wrong, 0);
	mml_buf_free(&out);
}

static void varints(void)
{
	static const uint64_t values[] = { 0,     1,          127,       128,       16383,
					   16384, UINT32_MAX, INT64_MAX, UINT64_MAX };
	struct mml_buf out = { 0 };
	uint64_t v;

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		struct mml_span in;

		out.len = 0;
		mml_varint_put(&out, values[i]);
		in = span(&out);
		ok(mml_varint_next(&in, &v) && v == values[i] && in.p == in.end);
		ok(mml_unzigzag(mml_zigzag(values[i])) == values[i]);
	}
	is_u64(mml_zigzag(UINT64_MAX), 1);
	is_u64(mml_zigzag(1), 2);
	mml_buf_free(&out);
}

int main(void)
{
	heads();
	headers();
	no_headers();
	indexes();
	ends();
	varints();
	return tap_done();
}
