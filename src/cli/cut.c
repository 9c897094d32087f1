/* Cuts a piece out of a recording: another recording. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../core/trouble.h"
#include "../record/writer.h"
#include "moment.h"

struct cutting {
	const struct mml_plan *plan;
	struct mml_reader *reader;
	struct mml_writer *writer;
	struct mml_buf facts; /* of the segment that is copied */
	uint64_t missed, copied;
};

/* The facts without those that the writer makes. */
static int copy_facts(struct cutting *c, size_t segment, struct mml_buf *ret)
{
	static const char *const own[] = { "id=", "first=", "run=", "crc32c=" };
	struct mml_segment_info info;
	struct mml_span text, line;

	mml_reader_segment(c->reader, segment, &info);
	text = info.facts;
	while (mml_next_line(&text, &line)) {
		bool copied = true;

		for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
			copied &= !mml_span_starts(line, own[i]);
		if (copied) {
			mml_buf_put(ret, line.p, mml_span_len(line));
			mml_buf_putc(ret, '\n');
		}
	}
	mml_buf_puts(ret, "");
	return ret->error;
}

static int close_writer(struct cutting *c)
{
	int rc = mml_writer_close(c->writer);

	c->writer = NULL;
	if (rc)
		mml_error("%s: %s", c->plan->args[0], mml_trouble_words(rc));
	return rc ? MML_FAILED : MML_OK;
}

/* What is put behind another recording would seem to have come after it. */
static int is_new(const struct cutting *c)
{
	struct mml_writer_state state;

	mml_writer_state(c->writer, &state);
	if (c->copied || !state.seq)
		return MML_OK;
	mml_error("%s: there is a recording already", c->plan->args[0]);
	return MML_FAILED;
}

/* What is told of a machine is told once in a segment: another boot needs another one. */
static int have_writer(struct cutting *c, size_t segment)
{
	struct mml_buf facts = { 0 }, why = { 0 };
	int rc = copy_facts(c, segment, &facts), status = MML_OK;

	if (!rc && c->writer && facts.len == c->facts.len &&
	    !memcmp(facts.data, c->facts.data, facts.len)) {
		mml_buf_free(&facts);
		return MML_OK;
	}
	if (c->writer && mml_writer_is_file(c->writer)) {
		mml_error("%s: the range has another boot or recorder in it; a directory can keep that",
			  c->plan->args[0]);
		mml_buf_free(&facts);
		return MML_FAILED;
	}
	if (c->writer)
		status = close_writer(c);
	mml_buf_free(&c->facts);
	c->facts = facts;
	if (!rc && !status)
		rc = mml_writer_open(c->plan->args[0],
				     &(struct mml_writer_options){ .facts = facts.data }, &why,
				     &c->writer);
	if (rc) {
		mml_error("%s", why.len ? why.data : mml_trouble_words(rc));
		status = MML_FAILED;
	}
	mml_buf_free(&why);
	return status ? status : is_new(c);
}

static int count_gap(const struct mml_gap *gap, void *ctx)
{
	struct cutting *c = ctx;

	c->missed += gap->count;
	return 0;
}

static int copy(struct cutting *c, size_t pos)
{
	struct mml_sample *sample;
	struct mml_stop stop;
	int rc, status;

	if (c->copied)
		mml_reader_gaps(c->reader, pos, count_gap, c);
	rc = mml_reader_stop(c->reader, pos, &stop);
	if (!rc)
		rc = mml_reader_sample(c->reader, pos, &sample);
	/* What is damaged is missing before the next one. */
	if (rc == -EBADMSG) {
		mml_error("%s: a damaged sample is left out", c->plan->replay);
		c->missed++;
		return MML_OK;
	}
	if (rc) {
		mml_error("%s: %s", c->plan->replay, mml_trouble_words(rc));
		return MML_FAILED;
	}
	status = have_writer(c, stop.segment);
	if (!status) {
		rc = mml_writer_append(c->writer, sample, &stop.time, c->missed);
		c->missed = 0;
		c->copied++;
	}
	mml_sample_put(sample);
	if (rc)
		mml_error("%s: %s", c->plan->args[0], mml_trouble_words(rc));
	return rc ? MML_FAILED : status;
}

int mml_run_cut(struct mml_plan *plan, struct mml_root *root, struct mml_replay *replay)
{
	struct cutting c = { .plan = plan, .reader = mml_replay_reader(replay) };
	size_t first = mml_replay_pos(replay), last = first;
	int status = MML_OK;

	(void)root;
	if (!plan->at)
		status = mml_moment_range(plan, c.reader, &first, &last);
	for (size_t pos = first; pos <= last && !status; pos++)
		if (!plan->count || c.copied < plan->count)
			status = copy(&c, pos);
	if (c.writer) {
		int rc = close_writer(&c);

		status = rc ? rc : status;
	}
	mml_buf_free(&c.facts);
	return status;
}
