/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "../core/trouble.h"
#include "delta.h"
#include "reader-int.h"
#include "varint.h"

/* Every so many samples of a block one is kept, so that a step back takes few. */
enum { KEPT_EACH = 8 };

void mml_cache_drop(struct mml_reader *r)
{
	for (size_t i = 0; i < r->ncached; i++)
		mml_sample_put(r->cached[i].sample);
	r->ncached = 0;
	mml_sample_put(r->last.sample);
	r->last = (struct cached){ 0 };
	r->block_id = 0;
}

/* Keep SAMPLE, I of its segment, and every eighth for longer. */
static int keep(struct mml_reader *r, size_t i, struct mml_sample *sample)
{
	size_t room = r->cached_room ? r->cached_room * 2 : 16;
	struct cached *list;

	mml_sample_put(r->last.sample);
	r->last = (struct cached){ i, sample };
	if ((i - r->block_key) % KEPT_EACH || (r->ncached && r->cached[r->ncached - 1].i >= i))
		return 0;
	if (r->ncached == r->cached_room) {
		list = mml_realloc(r->cached, room, sizeof(*list));
		if (!list)
			return -ENOMEM;
		r->cached = list;
		r->cached_room = room;
	}
	r->cached[r->ncached++] = (struct cached){ i, mml_sample_get(sample) };
	return 0;
}

/* The nearest of those kept that is not behind I; NULL: none. */
static struct mml_sample *nearest(const struct mml_reader *r, size_t i, size_t *ret)
{
	struct mml_sample *found = NULL;

	for (size_t n = 0; n < r->ncached && r->cached[n].i <= i; n++) {
		found = r->cached[n].sample;
		*ret = r->cached[n].i;
	}
	if (r->last.sample && r->last.i <= i && (!found || r->last.i > *ret)) {
		found = r->last.sample;
		*ret = r->last.i;
	}
	return found;
}

/* Sample I and those after it that rest on it cannot be read. */
static int damaged(struct segment *s, size_t i)
{
	const struct mml_index *ix = &s->index;
	size_t to = i + 1;
	struct damage *list = mml_realloc(s->damages, s->ndamages + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	s->damages = list;
	while (to < s->count && ix->marks[to].head.kind != MML_FRAME_KEY)
		to++;
	list[s->ndamages++] = (struct damage){ i, to, ix->marks[i].offset };
	return -EBADMSG;
}

/* Make sample I of FORMER, the one before it, unless it is told by none. */
static int decode(struct mml_reader *r, struct segment *s, size_t i, struct mml_sample *former,
		  struct mml_sample **ret)
{
	const struct mml_stamp *mark = &s->index.marks[i];
	int rc;

	r->raw.len = 0;
	rc = mml_mark_read(mark, s->fd, r->module, r->pack, &r->raw);
	if (!rc)
		rc = mml_delta_decode(mark->head.kind == MML_FRAME_KEY ? NULL : former,
				      mml_buf_span(&r->raw), ret);
	/* What is too large was written by no recorder. */
	return rc == -EBADMSG || rc == -EFBIG ? damaged(s, i) : rc;
}

/* Make sample I of S, of which BLOCK is the key, from the nearest one there is. */
static int rebuild(struct mml_reader *r, struct segment *s, size_t key, size_t i)
{
	struct mml_sample *sample;
	size_t at = 0;
	int rc = 0;

	if (r->block_id != s->id || r->block_key != key)
		mml_cache_drop(r);
	r->block_id = s->id;
	r->block_key = key;
	sample = nearest(r, i, &at);
	at = sample ? at + 1 : key;
	for (; !rc && at <= i; at++) {
		struct mml_sample *next;

		rc = decode(r, s, at, sample, &next);
		if (rc)
			break;
		rc = keep(r, at, next);
		sample = next;
	}
	if (!rc && r->last.sample != sample) {
		mml_sample_put(r->last.sample);
		r->last = (struct cached){ i, mml_sample_get(sample) };
	}
	return rc;
}

int mml_reader_sample(struct mml_reader *r, size_t pos, struct mml_sample **ret)
{
	struct segment *s = mml_segment_of(r, pos);
	size_t i, key;
	int rc;

	if (!s)
		return -ERANGE;
	i = key = pos - s->pos;
	for (size_t n = 0; n < s->ndamages; n++)
		if (s->damages[n].from <= i && i < s->damages[n].to)
			return -EBADMSG;
	rc = mml_segment_use(r, s);
	if (rc)
		return rc;
	while (key && s->index.marks[key].head.kind != MML_FRAME_KEY)
		key--;
	rc = rebuild(r, s, key, i);
	if (!rc)
		*ret = mml_sample_get(r->last.sample);
	return rc;
}

int mml_reader_stop(struct mml_reader *r, size_t pos, struct mml_stop *ret)
{
	struct segment *s = mml_segment_of(r, pos);
	const struct mml_head *head;
	int rc;

	if (!s)
		return -ERANGE;
	rc = mml_segment_use(r, s);
	if (rc)
		return rc;
	head = &s->index.marks[pos - s->pos].head;
	*ret = (struct mml_stop){ .time = head->time, .seq = head->seq };
	while (r->segments[ret->segment] != s)
		ret->segment++;
	return 0;
}

struct mml_span mml_reader_fact(struct mml_reader *r, size_t pos, const char *key)
{
	const struct segment *s = mml_segment_of(r, pos);

	if (!s)
		return (struct mml_span){ "", "" };
	return mml_fact(mml_buf_span(&s->facts), key);
}
