/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "moment.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../core/trouble.h"
#include "../record/when.h"

_Static_assert((int)MML_MOMENT_MAX >= (int)MML_WHEN_MAX, "a moment is written as a time");

void mml_moment_when(struct mml_reader *reader, size_t pos, char ret[MML_MOMENT_MAX])
{
	struct mml_stop stop;

	if (mml_reader_stop(reader, pos, &stop))
		snprintf(ret, MML_MOMENT_MAX, "?");
	else
		mml_when_format(ret, stop.time.real_ns, false);
}

static int failed(const char *what, int rc)
{
	mml_error("%s: %s", what, rc == -EBADMSG ? "damaged" : mml_trouble_words(rc));
	return MML_FAILED;
}

/* What the words for times are about: BASE is the moment that "+10m" is behind, or NULL. */
static int when_of(struct mml_reader *reader, const int64_t *base, struct mml_when *ret)
{
	struct mml_stop first, last;
	struct timespec now;
	int rc = mml_reader_stop(reader, 0, &first);

	if (!rc)
		rc = mml_reader_stop(reader, mml_reader_count(reader) - 1, &last);
	if (rc)
		return rc;
	clock_gettime(CLOCK_REALTIME, &now);
	*ret = (struct mml_when){
		.now = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec,
		.recorded = true,
		.begin = first.time.real_ns,
		.end = last.time.real_ns,
		.based = base,
		.base = base ? *base : 0,
	};
	return 0;
}

/* Parses WORD. Where clocks were set back, RET_OTHER is the earlier one of two times. */
static int parse(struct mml_reader *reader, const char *option, const char *word,
		 const int64_t *base, int64_t *ret, int64_t *ret_other)
{
	struct mml_when when;
	const char *why;
	int rc = when_of(reader, base, &when);

	if (rc)
		return failed(option, rc);
	if (!mml_when_parse(word, &when, ret, ret_other, &why))
		return MML_OK;
	mml_error("%s: '%s': %s", option, word, why);
	return MML_USAGE;
}

static int outside(struct mml_reader *reader, const char *option, const char *word)
{
	char from[MML_MOMENT_MAX], to[MML_MOMENT_MAX];

	mml_moment_when(reader, 0, from);
	mml_moment_when(reader, mml_reader_count(reader) - 1, to);
	mml_error("%s: '%s' is outside: it was recorded from %s to %s", option, word, from, to);
	return MML_FAILED;
}

static void say_other(struct mml_reader *reader, const char *option, size_t pos, size_t other)
{
	char here[MML_MOMENT_MAX], there[MML_MOMENT_MAX];

	mml_moment_when(reader, pos, here);
	mml_moment_when(reader, other, there);
	mml_error("%s: the clock showed this time twice; this is %s, sample %zu of %zu; the other is %s, sample %zu",
		  option, here, pos + 1, mml_reader_count(reader), there, other + 1);
}

int mml_moment_find(struct mml_reader *reader, const char *option, const char *word, size_t *ret)
{
	int64_t ns, other_ns;
	size_t other;
	int status = parse(reader, option, word, NULL, &ns, &other_ns), rc;

	if (status)
		return status;
	/* The last sample of a clock that was set is not the latest. */
	if (!strcmp(word, "end")) {
		*ret = mml_reader_count(reader) - 1;
		return MML_OK;
	}
	rc = mml_reader_find(reader, ns, ret, &other);
	if (rc == -ERANGE && other_ns != ns)
		rc = mml_reader_find(reader, other_ns, ret, &other);
	if (rc == -ERANGE)
		return outside(reader, option, word);
	if (rc)
		return failed(option, rc);
	if (other != SIZE_MAX)
		say_other(reader, option, *ret, other);
	return MML_OK;
}

/* The first moment that is not before NS. RET is their number if there is none. */
static int first_from(struct mml_reader *reader, int64_t ns, size_t *ret)
{
	struct mml_stop stop;
	size_t other;
	int rc = mml_reader_find(reader, ns, ret, &other);

	if (other != SIZE_MAX)
		*ret = other;
	if (rc && rc != -ERANGE)
		return rc;
	rc = mml_reader_stop(reader, *ret, &stop);
	if (!rc && stop.time.real_ns < ns)
		++*ret;
	return rc;
}

/* The last moment that is not after NS. RET is SIZE_MAX if there is none. */
static int last_to(struct mml_reader *reader, int64_t ns, size_t *ret)
{
	struct mml_stop stop;
	size_t other;
	int rc = mml_reader_find(reader, ns, ret, &other);

	if (rc && rc != -ERANGE)
		return rc;
	rc = mml_reader_stop(reader, *ret, &stop);
	if (!rc && stop.time.real_ns > ns)
		--*ret;
	return rc;
}

int mml_moment_range(const struct mml_plan *plan, struct mml_reader *reader, size_t *ret_first,
		     size_t *ret_last)
{
	int64_t begin, end, other;
	int status = MML_OK, rc = 0;

	*ret_first = 0;
	*ret_last = mml_reader_count(reader) - 1;
	if (plan->begin)
		status = parse(reader, "--begin", plan->begin, NULL, &begin, &other);
	if (!status && plan->begin)
		rc = first_from(reader, other < begin ? other : begin, ret_first);
	if (!status && !rc && plan->end && strcmp(plan->end, "end") != 0) {
		status = parse(reader, "--end", plan->end, plan->begin ? &begin : NULL, &end, &other);
		if (!status)
			rc = last_to(reader, end, ret_last);
	}
	if (status)
		return status;
	if (rc)
		return failed("--begin", rc);
	if (*ret_last == SIZE_MAX || *ret_first > *ret_last)
		return outside(reader, plan->end ? "--end" : "--begin",
			       plan->end ? plan->end : plan->begin);
	return MML_OK;
}

static bool same_boot(struct mml_reader *reader, size_t a, size_t b)
{
	struct mml_span x = mml_reader_fact(reader, a, "boot_id");
	struct mml_buf copy = { 0 };
	bool same;

	/* The next question may take the first answer away. */
	mml_buf_put(&copy, x.p, mml_span_len(x));
	x = mml_reader_fact(reader, b, "boot_id");
	same = mml_span_len(x) == copy.len && (!copy.len || !memcmp(x.p, copy.data, copy.len));
	mml_buf_free(&copy);
	return same;
}

uint64_t mml_moment_between(struct mml_reader *reader, size_t a, size_t b)
{
	struct mml_stop from, to;

	if (mml_reader_stop(reader, a, &from) || mml_reader_stop(reader, b, &to))
		return 0;
	if (from.segment == to.segment || same_boot(reader, a, b))
		return to.time.boot_ns > from.time.boot_ns ? to.time.boot_ns - from.time.boot_ns : 0;
	return to.time.real_ns > from.time.real_ns ?
		       (uint64_t)(to.time.real_ns - from.time.real_ns) :
		       0;
}

struct saying {
	struct mml_reader *reader;
	size_t pos;
};

static int say_gap(const struct mml_gap *gap, void *ctx)
{
	const struct saying *s = ctx;
	struct mml_buf text = { 0 };
	char when[MML_MOMENT_MAX];

	mml_gap_say(&text, gap);
	if (s->pos < mml_reader_count(s->reader)) {
		mml_moment_when(s->reader, s->pos, when);
		mml_error("before %s: %s", when, text.error ? "a gap" : text.data);
	} else {
		mml_error("at the end: %s", text.error ? "a gap" : text.data);
	}
	mml_buf_free(&text);
	return 0;
}

void mml_moment_say_gaps(struct mml_reader *reader, size_t a, size_t b)
{
	for (struct saying s = { reader, a + 1 }; s.pos <= b; s.pos++)
		mml_reader_gaps(reader, s.pos, say_gap, &s);
}

static void say_notes(struct mml_reader *reader)
{
	struct mml_span text = mml_span_str(mml_reader_notes(reader)), line;

	while (mml_next_line(&text, &line))
		mml_error("%.*s", (int)mml_span_len(line), line.p);
}

int mml_moment_open(const struct mml_plan *plan, struct mml_root **ret,
		    struct mml_replay **ret_replay)
{
	struct mml_buf why = { 0 };
	size_t pos;
	int rc = mml_replay_open(plan->replay, &why, ret, ret_replay), status = MML_OK;

	if (rc) {
		mml_error("%s", why.len ? why.data : mml_trouble_words(rc));
		mml_buf_free(&why);
		return MML_FAILED;
	}
	mml_buf_free(&why);
	say_notes(mml_replay_reader(*ret_replay));
	if (plan->at)
		status = mml_moment_find(mml_replay_reader(*ret_replay), "--at", plan->at, &pos);
	if (!status && plan->at) {
		rc = mml_replay_go(*ret_replay, pos);
		if (rc)
			status = failed("--at", rc);
	}
	if (status)
		mml_root_close(*ret);
	return status;
}
