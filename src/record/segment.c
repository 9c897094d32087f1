/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "segment.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "crc.h"
#include "delta.h"
#include "varint.h"

/* The frames of ours are ones that a zstd reader skips. */
static const uint32_t magic = 0x184d2a5d;

static const char first_line[] = "mmlens recording ";

static void frame_put(char *p, size_t len)
{
	mml_put32(p, magic);
	mml_put32(p + 4, (uint32_t)len);
}

static bool frame_is(const char *p, size_t len)
{
	return mml_get32(p) == magic && mml_get32(p + 4) == len;
}

void mml_head_put(struct mml_buf *out, const struct mml_head *head)
{
	char p[MML_HEAD_SIZE];

	frame_put(p, MML_HEAD_SIZE - MML_FRAME_HEAD);
	mml_put64(p + 8, head->id);
	mml_put16(p + 16, head->kind);
	mml_put16(p + 18, head->flags);
	mml_put32(p + 20, head->len);
	mml_put64(p + 24, head->seq);
	mml_put64(p + 32, head->time.boot_ns);
	mml_put64(p + 40, (uint64_t)head->time.real_ns);
	mml_put64(p + 48, head->time.mono_ns);
	mml_put32(p + 56, head->raw);
	mml_put32(p + 60, mml_crc32c(0, p, 60));
	mml_buf_put(out, p, sizeof(p));
}

bool mml_head_get(const char *p, uint64_t id, struct mml_head *ret)
{
	if (!frame_is(p, MML_HEAD_SIZE - MML_FRAME_HEAD) ||
	    mml_get32(p + 60) != mml_crc32c(0, p, 60))
		return false;
	*ret = (struct mml_head){
		.id = mml_get64(p + 8),
		.kind = mml_get16(p + 16),
		.flags = mml_get16(p + 18),
		.len = mml_get32(p + 20),
		.seq = mml_get64(p + 24),
		.time = { .boot_ns = mml_get64(p + 32),
			  .real_ns = (int64_t)mml_get64(p + 40),
			  .mono_ns = mml_get64(p + 48) },
		.raw = mml_get32(p + 56),
	};
	return !id || ret->id == id;
}

bool mml_head_unknown(const struct mml_head *head)
{
	return (head->kind > MML_FRAME_INDEX && head->kind < MML_FRAME_MAY_SKIP) || !head->kind ||
	       head->flags & 0xff;
}

/* Lines of a name, an equals sign and a value, in which nothing stands for anything else. */
static bool facts_good(struct mml_span facts)
{
	struct mml_span rest = facts, line, key;

	if (facts.p != facts.end && facts.end[-1] != '\n')
		return false;
	for (const char *p = facts.p; p < facts.end; p++)
		if ((unsigned char)*p < ' ' && *p != '\n')
			return false;
	while (mml_next_field(&rest, '\n', &line))
		if (!mml_next_field(&line, '=', &key) || key.p == key.end || key.end == line.end ||
		    mml_span_eq(key, "id") || mml_span_eq(key, "first") ||
		    mml_span_eq(key, "crc32c"))
			return false;
	return true;
}

int mml_header_put(struct mml_buf *out, uint64_t id, uint64_t first, struct mml_span facts)
{
	size_t begin = out->len;
	char head[MML_FRAME_HEAD] = { 0 };

	if (mml_span_len(facts) > MML_HEADER_MAX / 2 || !facts_good(facts))
		return -EINVAL;
	mml_buf_put(out, head, sizeof(head));
	mml_buf_printf(out, "%s%d\nid=%016llx\nfirst=%llu\n", first_line, MML_RECORDING_FORMAT,
		       (unsigned long long)id, (unsigned long long)first);
	mml_buf_put(out, facts.p, mml_span_len(facts));
	if (out->error)
		return out->error;
	mml_buf_printf(
		out, "crc32c=%08x\n",
		mml_crc32c(0, out->data + begin + sizeof(head), out->len - begin - sizeof(head)));
	if (out->error)
		return out->error;
	frame_put(out->data + begin, out->len - begin - sizeof(head));
	return 0;
}

/* The last line, which has the checksum of all before it, is of this length in every format. */
enum { SUM_LINE = sizeof("crc32c=01234567\n") - 1 };

static bool header_sum_good(struct mml_span text)
{
	char line[SUM_LINE + 1];

	if (mml_span_len(text) < SUM_LINE)
		return false;
	snprintf(line, sizeof(line), "crc32c=%08x\n",
		 mml_crc32c(0, text.p, mml_span_len(text) - SUM_LINE));
	return !memcmp(text.end - SUM_LINE, line, SUM_LINE);
}

int mml_header_get(struct mml_span bytes, struct mml_header *ret)
{
	size_t have = mml_span_len(bytes), most = sizeof(first_line) - 1, len;
	struct mml_span text, line;
	char frame[4];

	*ret = (struct mml_header){ 0 };
	mml_put32(frame, magic);
	if (memcmp(bytes.p, frame, have < 4 ? have : 4) != 0)
		return -EBADMSG;
	if (have < MML_FRAME_HEAD)
		return -EAGAIN;
	len = mml_get32(bytes.p + 4);
	text = (struct mml_span){ bytes.p + MML_FRAME_HEAD, bytes.end };
	if (len > MML_HEADER_MAX || len < most ||
	    memcmp(text.p, first_line, mml_span_len(text) < most ? mml_span_len(text) : most) != 0)
		return -EBADMSG;
	if (mml_span_len(text) < len)
		return -EAGAIN;
	text.end = text.p + len;
	if (!header_sum_good(text))
		return -EBADMSG;
	text.end -= SUM_LINE;
	text.p += most;
	ret->size = MML_FRAME_HEAD + len;
	if (!mml_next_field(&text, '\n', &line) || mml_parse_u64(line, &ret->format))
		return -EBADMSG;
	ret->text = text;
	if (ret->format > MML_RECORDING_FORMAT)
		return 0;
	if (mml_parse_hex(mml_fact(text, "id"), &ret->id) || !ret->id ||
	    mml_parse_u64(mml_fact(text, "first"), &ret->first))
		return -EBADMSG;
	return 0;
}

struct mml_span mml_fact(struct mml_span text, const char *key)
{
	struct mml_span line, name;

	while (mml_next_field(&text, '\n', &line))
		if (mml_next_field(&line, '=', &name) && mml_span_eq(name, key))
			return line;
	return (struct mml_span){ text.end, text.end };
}

void mml_end_put(struct mml_buf *out, uint64_t id, uint64_t offset)
{
	char p[MML_END_SIZE] = { 0 };

	frame_put(p, MML_END_SIZE - MML_FRAME_HEAD);
	mml_put64(p + 8, id);
	mml_put64(p + 16, offset);
	memcpy(p + 24, "end\n", 4);
	mml_put32(p + 28, mml_crc32c(0, p, 28));
	mml_buf_put(out, p, sizeof(p));
}

bool mml_end_get(const char *p, uint64_t id, uint64_t *ret_offset)
{
	*ret_offset = mml_get64(p + 16);
	return frame_is(p, MML_END_SIZE - MML_FRAME_HEAD) && mml_get64(p + 8) == id &&
	       !memcmp(p + 24, "end\n", 4) && mml_get32(p + 28) == mml_crc32c(0, p, 28);
}
