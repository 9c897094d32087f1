/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trouble.h"
#include "index.h"
#include "varint.h"

/* What is read at a time: any header fits. How far a segment with a damaged beginning is searched,
 * before it is taken for something else. */
enum { WINDOW = 128 << 10, SEARCH_MAX = 64 << 20 };

struct scan {
	int fd;
	uint64_t size;
	char *data;
	uint64_t at; /* of what is in the window */
	size_t len;
};

/* The bytes from OFFSET on, at least LEAST: 1; 0 when the file ends before; or -errno. */
static int look(struct scan *s, uint64_t offset, size_t least, struct mml_span *ret)
{
	ssize_t n;

	if (offset > s->size || least > s->size - offset)
		return 0;
	if (offset < s->at || offset + least > s->at + s->len) {
		n = mml_read_at(s->fd, s->data, WINDOW, offset);
		if (n < 0)
			return (int)n;
		s->at = offset;
		s->len = (size_t)n;
		if (s->len < least) /* it was cut meanwhile */
			return 0;
	}
	*ret = (struct mml_span){ s->data + (offset - s->at), s->data + s->len };
	return 1;
}

/* The next place from OFFSET on with a head of the segment ID (0: of any whose id begins with
 * EXPECT, if that is not 0), before END: 1, 0 when there is none, or -errno. */
static int search(struct scan *s, uint64_t offset, uint64_t end, uint64_t id, uint32_t expect,
		  struct mml_stamp *ret)
{
	static const char pattern[] = { 0x5d, 0x2a, 0x4d, 0x18, MML_HEAD_SIZE - MML_FRAME_HEAD,
					0,    0,    0 };
	struct mml_span bytes;
	int rc;

	while (offset < end && (rc = look(s, offset, MML_HEAD_SIZE, &bytes)) != 0) {
		const char *p, *last;

		if (rc < 0)
			return rc;
		/* A head that begins in the window is whole in it, or looked at again. */
		last = bytes.end - MML_HEAD_SIZE;
		p = memmem(bytes.p, (size_t)(last - bytes.p) + sizeof(pattern), pattern,
			   sizeof(pattern));
		if (!p) {
			offset += (size_t)(last - bytes.p) + 1;
			continue;
		}
		offset += (size_t)(p - bytes.p);
		if (mml_head_get(p, id, &ret->head) &&
		    (id || !expect || ret->head.id >> 32 == expect)) {
			ret->offset = offset;
			return offset < end;
		}
		offset++;
	}
	return 0;
}

/* What stands at OFFSET. */
enum frame { FRAME_NONE, FRAME_HEAD, FRAME_HEADER, FRAME_END };

static int frame_at(struct scan *s, uint64_t offset, uint64_t id, struct mml_stamp *ret,
		    size_t *ret_size)
{
	struct mml_header header;
	struct mml_span bytes;
	uint64_t index;
	int rc;

	ret->offset = offset;
	*ret_size = MML_HEAD_SIZE;
	rc = look(s, offset, MML_HEAD_SIZE, &bytes);
	if (rc < 0)
		return rc;
	if (rc && mml_head_get(bytes.p, id, &ret->head))
		return FRAME_HEAD;
	*ret_size = MML_END_SIZE;
	rc = look(s, offset, MML_END_SIZE, &bytes);
	if (rc <= 0)
		return rc;
	if (mml_end_get(bytes.p, id, &index))
		return FRAME_END;
	*ret_size = MML_FRAME_HEAD + (size_t)mml_get32(bytes.p + 4);
	if (*ret_size > MML_FRAME_HEAD + MML_HEADER_MAX)
		return FRAME_NONE;
	rc = look(s, offset, *ret_size, &bytes);
	if (rc <= 0)
		return rc;
	return !mml_header_get(bytes, &header) && header.id == id ? FRAME_HEADER : FRAME_NONE;
}

/* The id of a segment whose header is damaged, and where its first head is: 1, 0, or -errno. */
static int find_id(struct scan *s, uint32_t expect, struct mml_stamp *ret)
{
	uint64_t index, end = s->size < SEARCH_MAX ? s->size : SEARCH_MAX, id = 0;
	struct mml_span bytes;
	int rc;

	/* Nobody but the recorder can have put anything at the very end. */
	rc = s->size < MML_END_SIZE ? 0 : look(s, s->size - MML_END_SIZE, MML_END_SIZE, &bytes);
	if (rc < 0)
		return rc;
	if (rc) {
		id = mml_get64(bytes.p + 8);
		if (!mml_end_get(bytes.p, id, &index))
			id = 0;
	}
	return search(s, 0, end, id, expect, ret);
}

/* A copy of the header of the segment ID: 1, 0 when there is none, or -errno. */
static int find_header(struct scan *s, struct mml_index *ix, uint64_t id)
{
	uint64_t offset = 0, end = s->size < SEARCH_MAX ? s->size : SEARCH_MAX;
	struct mml_header header;
	struct mml_span bytes;
	int rc;

	while (offset < end && (rc = look(s, offset, MML_FRAME_HEAD, &bytes)) != 0) {
		const char *p;
		int header_rc;

		if (rc < 0)
			return rc;
		p = memchr(bytes.p, 0x5d, mml_span_len(bytes));
		if (!p) {
			offset += mml_span_len(bytes);
			continue;
		}
		offset += (size_t)(p - bytes.p);
		header_rc = mml_header_get((struct mml_span){ p, bytes.end }, &header);
		if (header_rc == -EAGAIN && offset != s->at) {
			s->len = 0; /* read again, from here on */
			continue;
		}
		if (!header_rc && header.id == id) {
			rc = mml_index_header(ix, &header);
			return rc ? rc : 1;
		}
		offset++;
	}
	return 0;
}

/* The beginning is damaged, or not whole yet. 0 or -errno; -EBADMSG: nothing here is a segment's.
 */
static int find_start(struct scan *s, struct mml_index *ix, uint32_t expect)
{
	struct mml_header header;
	struct mml_span bytes;
	struct mml_stamp mark;
	int rc = find_id(s, expect, &mark);

	if (rc < 0)
		return rc;
	if (!rc) {
		rc = look(s, 0, s->size < MML_FRAME_HEAD ? s->size : MML_FRAME_HEAD, &bytes);
		if (rc <= 0)
			return rc;
		return mml_header_get(bytes, &header) == -EAGAIN ? 0 : -EBADMSG;
	}
	rc = find_header(s, ix, mark.head.id);
	if (rc < 0)
		return rc;
	if (!rc) {
		ix->format = MML_RECORDING_FORMAT;
		ix->first = UINT64_MAX;
	}
	ix->id = mark.head.id;
	ix->end = mark.offset;
	return mml_index_hole(ix, 0, mark.offset, MML_HOLE_DAMAGED);
}

static bool whole(const struct scan *s, const struct mml_stamp *mark)
{
	return mark->offset + MML_HEAD_SIZE + mark->head.len <= s->size;
}

/* At index->end nothing is understood, BODY is where the last body began: go on at the next head.
 * 1, 0 when there is none, or -errno. */
static int resume(struct scan *s, struct mml_index *ix, uint64_t body)
{
	struct mml_stamp mark;
	uint64_t from = body;
	int rc;

	do {
		rc = search(s, from, s->size, ix->id, 0, &mark);
		from = mark.offset + 1;
	} while (rc > 0 && !whole(s, &mark));
	if (rc <= 0)
		return rc;
	rc = mml_index_hole(ix, ix->end, mark.offset > ix->end ? mark.offset - ix->end : 0,
			    MML_HOLE_DAMAGED);
	ix->end = mark.offset;
	return rc ? rc : 1;
}

/* Take the frame at index->end, if it is one. BODY: where the last body began. 1, 0 when nothing
 * more is understood, or -errno. RET_DONE: what was written together is complete with it. */
static int scan_one(struct scan *s, struct mml_index *ix, uint64_t *body, bool *ret_done)
{
	struct mml_stamp mark;
	size_t size;
	int rc, frame = frame_at(s, ix->end, ix->id, &mark, &size);

	*ret_done = false;
	if (frame < 0)
		return frame;
	if (frame == FRAME_HEADER || frame == FRAME_END) {
		ix->end += size;
		*ret_done = frame == FRAME_END;
		ix->ended = frame == FRAME_END && ix->end == s->size;
		return 1;
	}
	if (frame == FRAME_HEAD)
		*body = mark.offset + MML_HEAD_SIZE;
	if (frame == FRAME_NONE || !whole(s, &mark))
		return resume(s, ix, *body);
	rc = mml_index_accept(ix, &mark);
	ix->end = *body + mark.head.len;
	*ret_done = mml_head_is_sample(&mark.head);
	return rc ? rc : 1;
}

static int scan(struct scan *s, struct mml_index *ix)
{
	uint64_t body = ix->end, done = ix->end;
	size_t gaps = ix->ngaps;
	bool complete;
	int rc = 1;

	while (rc > 0 && ix->end < s->size) {
		rc = scan_one(s, ix, &body, &complete);
		if (rc > 0 && complete) {
			done = ix->end;
			gaps = ix->ngaps;
		}
	}
	/* What stands before a sample was written with it, and may be taken back with it. */
	ix->end = done;
	ix->ngaps = gaps;
	return rc < 0 ? rc : 0;
}

int mml_scan(struct mml_index *ix, int fd, uint32_t expect)
{
	struct scan s = { .fd = fd, .size = ix->size };
	int rc = 0;

	s.data = mml_malloc(WINDOW);
	if (!s.data)
		return -ENOMEM;
	if (!ix->id)
		rc = find_start(&s, ix, expect);
	if (!rc && ix->id)
		rc = scan(&s, ix);
	free(s.data);
	return rc;
}
