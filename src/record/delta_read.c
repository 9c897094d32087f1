/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "delta-int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trouble.h"

struct reader {
	struct mml_sample *former, *sample;
	size_t at, room; /* in the former; for entries */
	struct mml_telling in;
	uint32_t sum;
	uint64_t work; /* bytes of the texts that answers were told by */
};

static int room_for(struct reader *r, uint64_t more)
{
	size_t need, room;
	struct mml_sample *sample;

	if (more > MML_ENTRIES_MAX || r->sample->count + more > MML_ENTRIES_MAX)
		return -EFBIG;
	need = r->sample->count + more;
	if (need <= r->room)
		return 0;
	room = r->room * 2 > need ? r->room * 2 : need;
	sample = mml_realloc(r->sample, 1, sizeof(*sample) + room * sizeof(*sample->entries));
	if (!sample)
		return -ENOMEM;
	r->sample = sample;
	r->room = room;
	return 0;
}

static const struct mml_entry *last(const struct reader *r)
{
	return r->sample->count ? r->sample->entries[r->sample->count - 1] : NULL;
}

/* Put ENTRY, of which the sample takes a reference, behind all others; that is where it belongs. */
static int push(struct reader *r, struct mml_entry *entry)
{
	uint64_t size = mml_entry_size(entry);

	if (last(r) && mml_entry_order(last(r), entry) >= 0)
		return -EBADMSG;
	if (r->sample->bytes + size > MML_SAMPLE_MAX)
		return -EFBIG;
	r->sample->bytes += size;
	r->sample->entries[r->sample->count++] = entry;
	return 0;
}

static uint64_t former_left(const struct reader *r)
{
	return r->former ? r->former->count - r->at : 0;
}

static int take_same(struct reader *r, uint64_t n)
{
	int rc = n > former_left(r) ? -EBADMSG : room_for(r, n);

	while (!rc && n--) {
		struct mml_entry *entry = mml_entry_get(r->former->entries[r->at++]);

		rc = push(r, entry);
		if (rc)
			mml_entry_put(entry);
	}
	return rc;
}

/* The entry whose text an answer is told by. */
static const struct mml_entry *find_base(const struct reader *r, const struct mml_entry *former,
					 uint64_t back)
{
	const struct mml_entry *base = former;

	if (back > r->sample->count)
		return NULL;
	if (back)
		base = r->sample->entries[r->sample->count - back];
	return base && !base->error ? base : NULL;
}

/* Of what length the answer is, and what it is told by; the bytes of the text follow. */
struct answer {
	unsigned how;
	int error;
	uint64_t len;
	struct mml_span base;
};

static int answer_head(struct reader *r, const struct mml_entry *former, struct answer *ret)
{
	const struct mml_entry *base;
	uint64_t op, n, difference;

	if (!mml_varint_next(&r->in.ops, &op))
		return -EBADMSG;
	n = op >> ANSWER_BITS;
	*ret = (struct answer){ .how = op & ((1 << ANSWER_BITS) - 1) };
	if (ret->how == ANSWER_ERROR) {
		ret->error = mml_error_of_number(n);
		return ret->error ? 0 : -EBADMSG;
	}
	if (ret->how == ANSWER_BYTES) {
		ret->len = n;
		return n > mml_span_len(r->in.ops) ? -EBADMSG : 0;
	}
	base = find_base(r, former, n);
	if (!base || !mml_varint_next(&r->in.ops, &difference))
		return -EBADMSG;
	/* A few bytes may make a reader pass over a large text again and again. */
	r->work += base->len;
	if (r->work > DELTA_WORK_MAX)
		return -EFBIG;
	ret->base = (struct mml_span){ mml_entry_text(base), mml_entry_text(base) + base->len };
	ret->len = base->len + mml_unzigzag(difference);
	return 0;
}

static int answer_text(struct reader *r, const struct answer *answer, char *ret)
{
	if (answer->how == ANSWER_LINES)
		return mml_lines_decode(answer->base, &r->in, ret, answer->len);
	if (answer->how == ANSWER_WORDS)
		return mml_words_decode(answer->base, &r->in, ret, answer->len);
	memcpy(ret, r->in.ops.p, answer->len);
	r->in.ops.p += answer->len;
	return 0;
}

/* The answer that follows, for PATH; FORMER is what it was before, or NULL. */
static int take_answer(struct reader *r, struct mml_span path, enum mml_asked asked,
		       const struct mml_entry *former)
{
	struct answer answer;
	struct mml_entry *entry;
	int rc = answer_head(r, former, &answer);

	if (rc)
		return rc;
	if (answer.len > MML_TEXT_MAX || r->sample->bytes + answer.len > MML_SAMPLE_MAX)
		return -EFBIG;
	entry = mml_entry_new(path.p, mml_span_len(path), asked, answer.error, answer.len);
	if (!entry)
		return -ENOMEM;
	rc = answer_text(r, &answer, entry->bytes + entry->path_len + 1);
	if (!rc)
		rc = push(r, entry);
	if (rc) {
		mml_entry_put(entry);
		return rc;
	}
	r->sum = mml_entry_sum(r->sum, entry);
	return 0;
}

static int take_changed(struct reader *r, uint64_t n)
{
	int rc = n > former_left(r) ? -EBADMSG : room_for(r, n);

	while (!rc && n--) {
		const struct mml_entry *former = r->former->entries[r->at++];
		struct mml_span path = { former->bytes, former->bytes + former->path_len };

		rc = take_answer(r, path, former->asked, former);
	}
	return rc;
}

static int take_path(struct reader *r, char *path, struct mml_span *ret, enum mml_asked *ret_asked)
{
	const struct mml_entry *before = last(r);
	uint64_t shared, more;

	if (!mml_varint_next(&r->in.ops, &shared) || !mml_varint_next(&r->in.ops, &more))
		return -EBADMSG;
	*ret_asked = shared & ((1 << ASKED_BITS) - 1);
	shared >>= ASKED_BITS;
	if (*ret_asked >= MML_ASKED_KINDS || shared > (before ? before->path_len : 0) ||
	    more > mml_span_len(r->in.ops) || shared + more >= MML_PATH_MAX)
		return -EBADMSG;
	if (shared)
		memcpy(path, before->bytes, shared);
	memcpy(path + shared, r->in.ops.p, more);
	r->in.ops.p += more;
	*ret = (struct mml_span){ path, path + shared + more };
	return mml_path_good(path, shared + more) ? 0 : -EBADMSG;
}

static int take_new(struct reader *r, uint64_t n)
{
	int rc = 0;

	/* Their number is only believed as they come. */
	while (!rc && n--) {
		char bytes[MML_PATH_MAX];
		enum mml_asked asked;
		struct mml_span path;

		rc = take_path(r, bytes, &path, &asked);
		if (!rc)
			rc = room_for(r, 1);
		if (!rc)
			rc = take_answer(r, path, asked, NULL);
	}
	return rc;
}

static int take_run(struct reader *r)
{
	uint64_t op, n;

	if (!mml_varint_next(&r->in.ops, &op))
		return -EBADMSG;
	n = op >> ENTRY_BITS;
	switch (op & ((1 << ENTRY_BITS) - 1)) {
	case ENTRY_SAME:
		return take_same(r, n);
	case ENTRY_GONE:
		if (n > former_left(r))
			return -EBADMSG;
		r->at += n;
		return 0;
	case ENTRY_CHANGED:
		return take_changed(r, n);
	default:
		return take_new(r, n);
	}
}

/* The parts of BYTES: operations, and the numbers behind them. */
static bool split(struct mml_span bytes, struct mml_telling *ret, uint32_t *ret_sum)
{
	uint32_t ops;

	if (mml_span_len(bytes) < DELTA_HEAD)
		return false;
	*ret_sum = mml_get32(bytes.p);
	ops = mml_get32(bytes.p + 4);
	bytes.p += DELTA_HEAD;
	if (ops > mml_span_len(bytes))
		return false;
	ret->ops = (struct mml_span){ bytes.p, bytes.p + ops };
	ret->numbers = (struct mml_span){ bytes.p + ops, bytes.end };
	return true;
}

int mml_delta_decode(struct mml_sample *former, struct mml_span bytes, struct mml_sample **ret)
{
	struct reader r = { .former = former };
	uint32_t sum;
	int rc = 0;

	if (!split(bytes, &r.in, &sum))
		return -EBADMSG;
	r.sample = mml_calloc(1, sizeof(*r.sample));
	if (!r.sample)
		return -ENOMEM;
	r.sample->refs = 1;
	while (!rc && r.in.ops.p < r.in.ops.end)
		rc = take_run(&r);
	if (!rc && (former_left(&r) || r.in.numbers.p < r.in.numbers.end || r.sum != sum))
		rc = -EBADMSG;
	if (rc) {
		mml_sample_put(r.sample);
		return rc;
	}
	*ret = r.sample;
	return 0;
}
