/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../core/unit.h"
#include "delta-int.h"
#include "reader-int.h"

struct telling {
	int (*each)(const struct mml_gap *gap, void *ctx);
	void *ctx;
};

static int tell(const struct telling *t, const struct mml_gap *gap)
{
	return t->each(gap, t->ctx);
}

static bool same_fact(const struct segment *a, const struct segment *b, const char *key)
{
	struct mml_span x = mml_fact(mml_buf_span(&a->facts), key);
	struct mml_span y = mml_fact(mml_buf_span(&b->facts), key);

	return mml_span_len(x) == mml_span_len(y) && !memcmp(x.p, y.p, mml_span_len(x));
}

static enum mml_gap_why noted_why(struct mml_span why)
{
	static const struct {
		const char *name;
		enum mml_gap_why why;
	} names[] = { { "missed", MML_GAP_MISSED },
		      { "suspended", MML_GAP_SUSPENDED },
		      { "clock", MML_GAP_CLOCK },
		      { "dropped", MML_GAP_DROPPED } };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (mml_span_eq(why, names[i].name))
			return names[i].why;
	return MML_GAP_OTHER;
}

/* What the recorder noted, as lines of "key=value". */
static int tell_noted(struct mml_reader *r, struct segment *s, const struct mml_stamp *mark,
		      const struct telling *t)
{
	struct mml_gap gap = { .segment = s->name, .offset = mark->offset };
	struct mml_span text;
	uint64_t number;
	int rc;

	r->raw.len = 0;
	rc = mml_mark_read(mark, s->fd, r->module, r->pack, &r->raw);
	if (rc == -EBADMSG) {
		gap.why = MML_GAP_DAMAGED;
		return tell(t, &gap);
	}
	if (rc)
		return rc;
	text = mml_buf_span(&r->raw);
	gap.why = noted_why(mml_fact(text, "why"));
	if (mml_parse_u64(mml_fact(text, "count"), &gap.count))
		gap.count = 0;
	if (mml_parse_i64(mml_fact(text, "ns"), &gap.ns))
		gap.ns = 0;
	if (!mml_parse_u64(mml_fact(text, "error"), &number))
		gap.error = mml_error_of_number(number);
	return tell(t, &gap);
}

static int tell_damages(const struct segment *s, size_t i, const struct telling *t)
{
	int rc = 0;

	for (size_t n = 0; !rc && n < s->ndamages; n++) {
		const struct damage *d = &s->damages[n];

		if (d->to == i)
			rc = tell(t, &(struct mml_gap){ .why = MML_GAP_DAMAGED,
							.count = d->to - d->from,
							.segment = s->name,
							.offset = d->offset });
	}
	return rc;
}

/* What is before sample I of S, within S; I may be the number of its samples. */
static int tell_within(struct mml_reader *r, struct segment *s, size_t i, const struct telling *t)
{
	const struct mml_index *ix = &s->index;
	int rc = tell_damages(s, i, t);

	for (size_t n = 0; !rc && n < ix->nholes; n++)
		if (ix->holes[n].before == i)
			rc = tell(t, &(struct mml_gap){ .why = ix->holes[n].why == MML_HOLE_NEWER
								       ? MML_GAP_NEWER
								       : MML_GAP_DAMAGED,
							.count = ix->holes[n].lost,
							.segment = s->name,
							.offset = ix->holes[n].offset });
	for (size_t n = 0; !rc && n < ix->ngaps; n++)
		if (ix->gaps[n].before == i)
			rc = tell_noted(r, s, &ix->gaps[n].mark, t);
	return rc;
}

/* What is behind the last sample of S, within S. */
static int tell_end(struct mml_reader *r, struct segment *s, const struct telling *t)
{
	int rc = mml_segment_use(r, s);

	if (!rc)
		rc = tell_within(r, s, s->count, t);
	if (!rc && s->end < s->size)
		rc = tell(t, &(struct mml_gap){
				     .why = MML_GAP_EARLY, .segment = s->name, .offset = s->end });
	return rc;
}

/* What is between the samples of two segments. */
static int tell_between(const struct segment *a, const struct segment *b, const struct telling *t)
{
	struct mml_gap gap = { .why = MML_GAP_STOPPED };
	int rc = 0;

	if (b->said_first > a->last_seq + 1)
		rc = tell(t, &(struct mml_gap){ .why = MML_GAP_DAMAGED,
						.count = b->said_first - a->last_seq - 1,
						.segment = a->name,
						.offset = a->end });
	if (rc || same_fact(a, b, "run"))
		return rc;
	if (!same_fact(a, b, "boot_id") || b->begin.boot_ns <= a->last.boot_ns) {
		rc = tell(t, &(struct mml_gap){ .why = MML_GAP_BOOT });
		gap.ns = (int64_t)((uint64_t)b->begin.real_ns - (uint64_t)a->last.real_ns);
	} else {
		gap.ns = (int64_t)(b->begin.boot_ns - a->last.boot_ns);
	}
	return rc ? rc : tell(t, &gap);
}

static size_t with_samples_before(const struct mml_reader *r, size_t i)
{
	while (i && !r->segments[i - 1]->count)
		i--;
	return i;
}

int mml_reader_gaps(struct mml_reader *r, size_t pos,
		    int (*each)(const struct mml_gap *gap, void *ctx), void *ctx)
{
	struct telling t = { each, ctx };
	struct segment *s = mml_segment_of(r, pos);
	size_t at = 0, before;
	int rc = 0;

	if (pos > r->count)
		return -ERANGE;
	while (at < r->nsegments && r->segments[at] != s)
		at++;
	before = with_samples_before(r, at);
	if (before && (!s || pos == s->pos))
		rc = tell_end(r, r->segments[before - 1], &t);
	if (!rc && s && before && pos == s->pos)
		rc = tell_between(r->segments[before - 1], s, &t);
	if (rc || !s)
		return rc;
	rc = mml_segment_use(r, s);
	return rc ? rc : tell_within(r, s, pos - s->pos, &t);
}

static void say_count(struct mml_buf *out, uint64_t n)
{
	if (n)
		mml_buf_printf(out, "%" PRIu64 " sample%s", n, n == 1 ? "" : "s");
	else
		mml_buf_puts(out, "an unknown number of samples");
}

/* Clocks that are looked at one after the other are never apart by a round time. */
static void say_time(struct mml_buf *out, int64_t ns)
{
	uint64_t tenth = 100000000, time = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	char text[MML_NUMBER_MAX];

	mml_format_nsec(text, time < 10 * tenth ? time : (time + tenth / 2) / tenth * tenth);
	mml_buf_puts(out, text);
}

static void say_where(struct mml_buf *out, const struct mml_gap *gap)
{
	mml_buf_printf(out, " (%s at %" PRIu64 ")", gap->segment ? gap->segment : "?", gap->offset);
}

void mml_gap_say(struct mml_buf *out, const struct mml_gap *gap)
{
	switch (gap->why) {
	case MML_GAP_MISSED:
		say_count(out, gap->count);
		mml_buf_puts(out, " missed: the recorder was late");
		break;
	case MML_GAP_SUSPENDED:
		mml_buf_puts(out, "the machine was suspended for ");
		say_time(out, gap->ns);
		break;
	case MML_GAP_CLOCK:
		mml_buf_printf(out, "the clock was set %s by ", gap->ns < 0 ? "back" : "forward");
		say_time(out, gap->ns);
		break;
	case MML_GAP_DROPPED:
		say_count(out, gap->count);
		mml_buf_printf(out, " could not be written: %s",
			       gap->error ? strerror(-gap->error) : "nobody knows why");
		break;
	case MML_GAP_STOPPED:
		mml_buf_puts(out, "nothing was recorded");
		if (gap->ns > 0) {
			mml_buf_puts(out, " for ");
			say_time(out, gap->ns);
		}
		break;
	case MML_GAP_BOOT:
		mml_buf_puts(out, "the machine was started again");
		break;
	case MML_GAP_DAMAGED:
		say_count(out, gap->count);
		mml_buf_puts(out, " lost: the file is damaged");
		say_where(out, gap);
		break;
	case MML_GAP_NEWER:
		say_count(out, gap->count);
		mml_buf_puts(out, " that only a newer mmlens can read");
		say_where(out, gap);
		break;
	case MML_GAP_EARLY:
		mml_buf_puts(out, "the file ends early");
		say_where(out, gap);
		break;
	case MML_GAP_OTHER:
		mml_buf_puts(out, "a gap that only a newer mmlens can explain");
	}
}
