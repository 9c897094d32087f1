/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "folder.h"
#include "reader-int.h"

/* How many segments are open at a time, beside the one that may still grow. */
enum { OPEN_MAX = 4 };

void mml_segment_unuse(struct segment *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	mml_index_free(&s->index);
}

void mml_segment_free(struct segment *s)
{
	mml_segment_unuse(s);
	free(s->name);
	free(s->damages);
	mml_buf_free(&s->facts);
	free(s);
}

int mml_segment_sum_up(struct segment *s)
{
	const struct mml_index *ix = &s->index;

	s->id = ix->id;
	s->size = ix->size;
	s->end = ix->end;
	s->ended = ix->ended;
	s->count = ix->n;
	s->first = ix->n ? ix->marks[0].head.seq : ix->id ? ix->first : UINT64_MAX;
	s->said_first = ix->first < s->first ? ix->first : s->first;
	for (size_t i = 0; i < ix->n; i++) {
		int64_t real = ix->marks[i].head.time.real_ns;

		s->least_real = i && s->least_real < real ? s->least_real : real;
		s->most_real = i && s->most_real > real ? s->most_real : real;
	}
	if (ix->n) {
		s->begin = ix->marks[0].head.time;
		s->last = ix->marks[ix->n - 1].head.time;
		s->last_seq = ix->marks[ix->n - 1].head.seq;
	}
	s->facts.len = 0;
	mml_buf_put(&s->facts, ix->text.data, ix->text.len);
	return s->facts.error;
}

int mml_segment_read(struct mml_reader *r, struct segment *s)
{
	if (s->fd < 0)
		s->fd = mml_segment_open(r->dirfd, s->name);
	if (s->fd < 0)
		return s->fd;
	return mml_index_load(&s->index, s->fd, r->module, r->pack, s->expect);
}

/* Those that may still grow: the last one, and the one before it while the last one is empty. */
static bool may_grow(const struct mml_reader *r, size_t i)
{
	return i + 2 >= r->nsegments && !r->segments[i]->ended;
}

/* Close the segments that were used longest ago, when there are too many. */
static void make_way(struct mml_reader *r)
{
	for (;;) {
		struct segment *oldest = NULL;
		size_t open = 0;

		for (size_t i = 0; i < r->nsegments; i++) {
			struct segment *s = r->segments[i];

			if (s->fd < 0 || may_grow(r, i))
				continue;
			open++;
			if (!oldest || s->used < oldest->used)
				oldest = s;
		}
		if (open < OPEN_MAX)
			return;
		mml_segment_unuse(oldest);
	}
}

int mml_segment_use(struct mml_reader *r, struct segment *s)
{
	int rc;

	s->used = ++r->turn;
	if (s->fd >= 0)
		return 0;
	make_way(r);
	rc = mml_segment_read(r, s);
	/* It is another file by now, or was cut. */
	if (!rc && (s->index.id != s->id || s->index.n < s->count))
		rc = -EBADMSG;
	if (rc)
		mml_segment_unuse(s);
	return rc;
}

struct segment *mml_segment_of(const struct mml_reader *r, size_t pos)
{
	size_t low = 0, high = r->nsegments;

	/* The last one that begins at POS or before it; empty ones begin where the next one does.
	 */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r->segments[mid]->pos <= pos)
			low = mid + 1;
		else
			high = mid;
	}
	while (low && r->segments[low - 1]->count <= pos - r->segments[low - 1]->pos)
		low--;
	return low && pos < r->count ? r->segments[low - 1] : NULL;
}

static int segment_order(const void *a, const void *b)
{
	const struct segment *x = *(struct segment *const *)a, *y = *(struct segment *const *)b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->begin.real_ns != y->begin.real_ns)
		return x->begin.real_ns < y->begin.real_ns ? -1 : 1;
	return strcmp(x->name, y->name);
}

void mml_segments_arrange(struct mml_reader *r)
{
	if (r->nsegments)
		qsort(r->segments, r->nsegments, sizeof(*r->segments), segment_order);
	r->count = 0;
	for (size_t i = 0; i < r->nsegments; i++) {
		r->segments[i]->pos = r->count;
		r->count += r->segments[i]->count;
	}
}
