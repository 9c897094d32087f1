/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trouble.h"
#include "delta-int.h"
#include "writer-int.h"

/* An index of more would take more memory than it saves reading. */
enum { MARKS_MAX = 1 << 18 };

/* Remember where the frame is that is appended to w->out next. */
static int mark(struct mml_writer *w, const struct mml_head *head)
{
	size_t n = w->nmarks + w->fresh, room = w->marks_room ? w->marks_room * 2 : 64;
	struct mml_stamp *marks;

	if (w->no_index)
		return 0;
	if (n == MARKS_MAX) {
		w->no_index = true;
		return 0;
	}
	if (n == w->marks_room) {
		marks = mml_realloc(w->marks, room, sizeof(*marks));
		if (!marks)
			return -ENOMEM;
		w->marks = marks;
		w->marks_room = room;
	}
	w->marks[n] = (struct mml_stamp){ *head, w->end + w->out.len };
	w->fresh++;
	return 0;
}

/* Append a frame of KIND with the body w->raw to w->out, the first FIRST bytes of which are unlike
 * the others. */
static int put_frame(struct mml_writer *w, unsigned kind, const struct mml_instant *time,
		     size_t first)
{
	struct mml_head head = { .id = w->id,
				 .kind = kind,
				 .raw = (uint32_t)w->raw.len,
				 .seq = w->state.seq,
				 .time = *time };
	int rc;

	w->body.len = 0;
	rc = w->module->pack(w->pack, w->raw.data, w->raw.len, first, &w->body);
	if (rc)
		return rc;
	head.len = (uint32_t)w->body.len;
	rc = kind == MML_FRAME_INDEX ? 0 : mark(w, &head);
	if (rc)
		return rc;
	mml_head_put(&w->out, &head);
	mml_buf_put(&w->out, w->body.data, w->body.len);
	return w->out.error;
}

static int put_gap(struct mml_writer *w, const struct mml_instant *time)
{
	return w->raw.error ? w->raw.error : put_frame(w, MML_FRAME_GAP, time, 0);
}

/* What happened since the last sample, a frame for each. */
static int put_gaps(struct mml_writer *w, const struct mml_instant *time, uint64_t missed)
{
	int64_t moved = 0, slept = 0;
	int rc = 0;

	if (w->last.boot_ns) {
		moved = mml_instant_moved(&w->last, time);
		slept = mml_instant_slept(&w->last, time);
	}
	w->raw.len = 0;
	if (slept > MML_CLOCK_SET_NS) {
		mml_buf_printf(&w->raw, "why=suspended\nns=%" PRId64 "\n", slept);
		rc = put_gap(w, time);
	}
	w->raw.len = 0;
	if (!rc && w->last.boot_ns && mml_instant_was_set(&w->last, time)) {
		mml_buf_printf(&w->raw, "why=clock\nns=%" PRId64 "\n", moved);
		rc = put_gap(w, time);
	}
	w->raw.len = 0;
	if (!rc && missed) {
		mml_buf_printf(&w->raw, "why=missed\ncount=%" PRIu64 "\n", missed);
		rc = put_gap(w, time);
	}
	w->raw.len = 0;
	if (!rc && w->state.dropped_now) {
		mml_buf_printf(&w->raw, "why=dropped\ncount=%" PRIu64 "\nerror=%u\n",
			       w->state.dropped_now, mml_error_number(w->state.error));
		rc = put_gap(w, time);
	}
	return rc;
}

int mml_writer_compose(struct mml_writer *w, const struct mml_sample *sample,
		       const struct mml_instant *time, uint64_t missed, bool key)
{
	size_t first = 0;
	int rc;

	w->out.len = 0;
	w->fresh = 0;
	if (key)
		mml_buf_put(&w->out, w->header.data, w->header.len);
	rc = put_gaps(w, time, missed);
	if (rc)
		return rc;
	w->raw.len = 0;
	rc = mml_delta_encode(&w->text_room, key ? NULL : w->former, sample, &w->raw, &first);
	if (!rc)
		rc = put_frame(w, key ? MML_FRAME_KEY : MML_FRAME_DELTA, time, first);
	return rc ? rc : w->out.error;
}

int mml_writer_compose_end(struct mml_writer *w)
{
	int rc;

	w->out.len = 0;
	w->fresh = 0;
	w->raw.len = 0;
	rc = mml_index_put(&w->raw, w->marks, w->nmarks);
	if (!rc)
		rc = put_frame(w, MML_FRAME_INDEX, &w->last, 0);
	if (!rc)
		mml_end_put(&w->out, w->id, w->end);
	return rc ? rc : w->out.error;
}
