/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "reader-int.h"

/* The last sample of S not after REAL_NS, in RET. It has one. */
static int find_in(struct mml_reader *r, struct segment *s, int64_t real_ns, size_t *ret)
{
	int rc = mml_segment_use(r, s);
	size_t i = s->count;

	if (rc)
		return rc;
	while (i && s->index.marks[i - 1].head.time.real_ns > real_ns)
		i--;
	*ret = s->pos + (i ? i - 1 : 0);
	return 0;
}

/* Is REAL_NS between the end of S and the beginning of the next segment with samples? */
static bool between(const struct mml_reader *r, size_t i, int64_t real_ns)
{
	if (real_ns < r->segments[i]->last.real_ns)
		return false;
	for (size_t next = i + 1; next < r->nsegments; next++)
		if (r->segments[next]->count)
			return real_ns < r->segments[next]->begin.real_ns;
	return false;
}

int mml_reader_find(struct mml_reader *r, int64_t real_ns, size_t *ret, size_t *ret_other)
{
	int64_t least = INT64_MAX;
	size_t found = SIZE_MAX, gap = SIZE_MAX;

	*ret_other = SIZE_MAX;
	for (size_t i = 0; i < r->nsegments; i++) {
		struct segment *s = r->segments[i];
		int rc;

		if (!s->count)
			continue;
		least = s->least_real < least ? s->least_real : least;
		if (between(r, i, real_ns))
			gap = s->pos + s->count - 1;
		if (real_ns < s->least_real || real_ns > s->most_real)
			continue;
		*ret_other = found;
		rc = find_in(r, s, real_ns, &found);
		if (rc)
			return rc;
	}
	*ret = found != SIZE_MAX ? found : gap;
	if (*ret != SIZE_MAX)
		return 0;
	*ret = real_ns < least || !r->count ? 0 : r->count - 1;
	return -ERANGE;
}

int mml_reader_find_seq(struct mml_reader *r, uint64_t seq, size_t *ret)
{
	*ret = r->count;
	for (size_t i = 0; i < r->nsegments; i++) {
		struct segment *s = r->segments[i];
		int rc;

		if (!s->count || s->last_seq < seq)
			continue;
		rc = mml_segment_use(r, s);
		if (rc)
			return rc;
		*ret = s->pos;
		for (size_t k = 0; s->index.marks[k].head.seq < seq; k++)
			++*ret;
		return 0;
	}
	return 0;
}
