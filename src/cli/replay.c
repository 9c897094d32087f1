/* Prints tables of a recording: of one moment, or of all in a range. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "../core/sampler.h"
#include "../core/trouble.h"
#include "moment.h"

struct printing {
	struct mml_plan *plan;
	struct mml_replay *replay;
	struct mml_reader *reader;
	struct mml_sampler *sampler;
	struct mml_query *queries;
	size_t before;    /* the moment that was taken last; SIZE_MAX: none */
	uint64_t printed;
	bool many, gone;  /* MANY: more than one moment was asked for */
};

/* Samples do not come as regularly as they should. */
static uint64_t slack(const struct printing *p)
{
	return p->plan->delay_ns / 10;
}

/* Takes the moment that the rates of FIRST are counted from: the one before it, or one that is as long
 * before it as -d says. */
static int take_base(struct printing *p, size_t first)
{
	struct mml_snapshot *snap;
	uint64_t apart = 0;
	int rc = -EBADMSG;

	while (first && rc == -EBADMSG) {
		apart += mml_moment_between(p->reader, first - 1, first);
		first--;
		if (apart + slack(p) >= p->plan->delay_ns)
			rc = mml_replay_go(p->replay, first);
	}
	/* None that is so long before is as good as none. */
	if (rc == -EBADMSG)
		return 0;
	if (!rc)
		rc = mml_sampler_take(p->sampler, p->queries, p->plan->ntables, &snap);
	if (rc)
		return rc;
	mml_snapshot_put(snap);
	p->before = first;
	return 0;
}

/* People are told what moment they see. Programs are told by the document. */
static int put_time(struct printing *p, size_t pos)
{
	struct mml_buf out = { 0 };
	char when[MML_MOMENT_MAX];
	int status = MML_OK;

	mml_moment_when(p->reader, pos, when);
	if (!p->many)
		mml_error("%s, sample %zu of %zu", when, pos + 1, mml_reader_count(p->reader));
	if (!p->many)
		return MML_OK;
	mml_buf_printf(&out, "%s%s\n", p->printed ? "\n" : "", when);
	status = out.error ? MML_FAILED : mml_write_out(&out, &p->gone);
	mml_buf_free(&out);
	return status;
}

static int print_moment(struct printing *p, size_t pos)
{
	int rc = mml_replay_go(p->replay, pos), status = MML_OK;
	bool words = !p->plan->format.renderer->exact;

	if (rc && rc != -EBADMSG) {
		mml_error("%s: %s", p->plan->replay, mml_trouble_words(rc));
		return MML_FAILED;
	}
	mml_moment_say_gaps(p->reader, p->before == SIZE_MAX ? pos - 1 : p->before, pos);
	p->before = pos;
	if (rc)
		return MML_OK;
	if (words)
		status = put_time(p, pos);
	if (!status && !p->gone)
		status = mml_print_sample(p->plan, p->sampler, p->queries,
					  words || !p->printed, &p->gone);
	p->printed++;
	return status;
}

static bool is_enough(const struct printing *p)
{
	return p->gone || (p->plan->count && p->printed >= p->plan->count);
}

/* Prints the moments from FIRST to LAST, or with -d the last one of each step that is so long. */
static int print_range(struct printing *p, size_t first, size_t last)
{
	uint64_t length = p->plan->delay_ns, passed = 0, step = 0;
	int status = MML_OK, rc;

	for (size_t pos = first; pos <= last && !is_enough(p); pos++) {
		uint64_t next = step;

		if (length && pos < last) {
			passed += mml_moment_between(p->reader, pos, pos + 1);
			next = passed <= slack(p) ? 0 : (passed - slack(p) - 1) / length + 1;
		}
		if (length && pos < last && next == step)
			continue;
		step = next;
		rc = print_moment(p, pos);
		status = rc ? rc : status;
	}
	return status;
}

/* Who has seen the last moment there is, is told what is missing behind it. */
static void say_end(const struct printing *p, size_t last)
{
	size_t count = mml_reader_count(p->reader);

	if (p->before == last && (last + 1 == count || (!p->many && !p->plan->at)))
		mml_moment_say_gaps(p->reader, last, count);
}

static int print_all(struct printing *p)
{
	const struct mml_plan *plan = p->plan;
	size_t first = mml_replay_pos(p->replay), last = first;
	int status = MML_OK, rc;

	p->many = plan->begin || plan->end || plan->count > 1 || (plan->delay_ns && !plan->at);
	if (p->many && plan->at)
		last = mml_reader_count(p->reader) - 1;
	else if (p->many)
		status = mml_moment_range(plan, p->reader, &first, &last);
	if (status)
		return status;
	rc = take_base(p, first);
	if (rc) {
		mml_error("%s: %s", plan->replay, mml_trouble_words(rc));
		return MML_FAILED;
	}
	status = print_range(p, first, last);
	say_end(p, last);
	if (!status && !p->printed) {
		mml_error("%s: every sample asked for is damaged", plan->replay);
		status = MML_FAILED;
	}
	return status;
}

int mml_run_replay(struct mml_plan *plan, struct mml_root *root, struct mml_replay *replay)
{
	struct printing p = {
		.plan = plan,
		.replay = replay,
		.reader = mml_replay_reader(replay),
		.sampler = mml_sampler_new(root),
		.queries = mml_calloc(plan->ntables + 1, sizeof(struct mml_query)),
		.before = SIZE_MAX,
	};
	int status = MML_FAILED;

	for (size_t i = 0; i < plan->ntables && p.queries; i++) {
		p.queries[i] = mml_plan_query(plan, plan->tables[i], &plan->selects[i]);
		p.queries[i].reading.once = false;
	}
	if (p.queries && p.sampler)
		status = print_all(&p);
	else
		mml_error("out of memory");
	mml_sampler_free(p.sampler);
	free(p.queries);
	return status;
}
