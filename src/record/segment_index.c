/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "../core/trouble.h"
#include "delta.h"
#include "segment.h"
#include "varint.h"

/* The least bytes that a mark takes in an index: nine numbers. */
enum { MARK_LEAST = 9 };

/* What a mark is told by: where the one before ends, and how its clocks went. */
struct before {
	struct mml_stamp mark;
	uint64_t step; /* from the one before that, by the clock since the boot */
};

static uint64_t real_ahead(const struct mml_instant *t)
{
	return (uint64_t)t->real_ns - t->boot_ns;
}

static uint64_t mono_behind(const struct mml_instant *t)
{
	return t->boot_ns - t->mono_ns;
}

static uint64_t end_of(const struct mml_stamp *mark)
{
	return mark->head.kind ? mark->offset + MML_HEAD_SIZE + mark->head.len : 0;
}

static void put_difference(struct mml_buf *out, uint64_t now, uint64_t before)
{
	mml_varint_put(out, mml_zigzag(now - before));
}

int mml_index_put(struct mml_buf *out, const struct mml_stamp *marks, size_t n)
{
	struct before before = { 0 };

	mml_varint_put(out, n);
	for (size_t i = 0; i < n; i++) {
		const struct mml_head *head = &marks[i].head, *last = &before.mark.head;
		uint64_t step = head->time.boot_ns - last->time.boot_ns;

		mml_varint_put(out, head->kind);
		mml_varint_put(out, head->flags);
		put_difference(out, head->seq, last->seq);
		mml_varint_put(out, marks[i].offset - end_of(&before.mark));
		mml_varint_put(out, head->len);
		mml_varint_put(out, head->raw);
		put_difference(out, step, before.step);
		put_difference(out, real_ahead(&head->time), real_ahead(&last->time));
		put_difference(out, mono_behind(&head->time), mono_behind(&last->time));
		before = (struct before){ marks[i], step };
	}
	return out->error;
}

static bool next_difference(struct mml_span *in, uint64_t before, uint64_t *ret)
{
	uint64_t v;

	if (!mml_varint_next(in, &v))
		return false;
	*ret = before + mml_unzigzag(v);
	return true;
}

static bool next_bounded(struct mml_span *in, uint64_t most, uint64_t *ret)
{
	return mml_varint_next(in, ret) && *ret <= most;
}

/* Cut one mark off the front of IN. It must lie behind the one before it, and before LIMIT. */
static bool next_mark(struct mml_span *in, struct before *before, uint64_t limit)
{
	const struct mml_instant *last = &before->mark.head.time;
	uint64_t kind, flags, seq, gap, len, raw, step, ahead, behind, end = end_of(&before->mark);
	struct mml_instant time;

	if (!next_bounded(in, UINT16_MAX, &kind) || !kind ||
	    !next_bounded(in, UINT16_MAX, &flags) ||
	    !next_difference(in, before->mark.head.seq, &seq) || !next_bounded(in, limit, &gap) ||
	    !next_bounded(in, UINT32_MAX, &len) || !next_bounded(in, MML_DELTA_MAX, &raw) ||
	    !next_difference(in, before->step, &step) ||
	    !next_difference(in, real_ahead(last), &ahead) ||
	    !next_difference(in, mono_behind(last), &behind))
		return false;
	if (end + gap + MML_HEAD_SIZE + len > limit)
		return false;
	time.boot_ns = last->boot_ns + step;
	time.real_ns = (int64_t)(time.boot_ns + ahead);
	time.mono_ns = time.boot_ns - behind;
	*before = (struct before){
		.mark = { .head = { .id = before->mark.head.id,
				    .kind = (unsigned)kind,
				    .flags = (unsigned)flags,
				    .len = (uint32_t)len,
				    .raw = (uint32_t)raw,
				    .seq = seq,
				    .time = time },
			  .offset = end + gap },
		.step = step,
	};
	return true;
}

int mml_index_get(struct mml_span bytes, uint64_t id, uint64_t limit, struct mml_stamp **ret,
		  size_t *ret_n)
{
	struct before before = { .mark.head.id = id };
	struct mml_stamp *marks;
	uint64_t n;

	if (limit > INT64_MAX || !mml_varint_next(&bytes, &n) ||
	    n > mml_span_len(bytes) / MARK_LEAST)
		return -EBADMSG;
	marks = mml_calloc(n ? n : 1, sizeof(*marks));
	if (!marks)
		return -ENOMEM;
	for (uint64_t i = 0; i < n; i++) {
		if (!next_mark(&bytes, &before, limit)) {
			free(marks);
			return -EBADMSG;
		}
		marks[i] = before.mark;
	}
	if (bytes.p != bytes.end) {
		free(marks);
		return -EBADMSG;
	}
	*ret = marks;
	*ret_n = n;
	return 0;
}
