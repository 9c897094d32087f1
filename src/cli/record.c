/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "../core/sampler.h"
#include "../core/trouble.h"
#include "../core/unit.h"
#include "../record/writer.h"
#include "../source/facts.h"
#include "../source/recorder.h"
#include "notify.h"
#include "pace.h"
#include "plan.h"

static const uint64_t usual_ns = UINT64_C(10) * 1000000000; /* from sample to sample */

/* The most time that a sample spends on what is costly to read of processes; the rest is read in
 * turn. */
static const uint64_t budget_ns = 50000000;

/* The most of its time, one in so many, that it spends on reading control groups. If there are so many
 * that it would take more, they are read less often than samples are taken. */
enum { GROUPS_SHARE = 20 };

/* How often a failure that goes on is said again. */
static const uint64_t say_again_ns = UINT64_C(60) * 1000000000;

struct recording {
	const struct mml_plan *plan;
	struct mml_root *root;
	struct mml_recorder *recorder;
	struct mml_writer *writer;
	struct mml_sampler *sampler;
	struct mml_query *queries;
	uint64_t taken, missed; /* samples; those that are missing before the next one */
	uint64_t dropped;       /* since the last one that was written, */
	uint64_t said_ns;       /* and when that was said; 0: it was not */
	uint64_t period_ns;     /* from sample to sample */
	bool over;              /* nothing can be written any more */
};

static void put_zone(struct mml_buf *facts)
{
	time_t now = time(NULL);
	struct tm tm;
	char zone[16];

	if (localtime_r(&now, &tm) && strftime(zone, sizeof(zone), "%z", &tm))
		mml_buf_printf(facts, "zone=%s\n", zone);
}

static int put_facts(struct mml_buf *facts, const struct recording *r)
{
	int rc;

	mml_buf_printf(facts, "mmlens=%s\n", PACKAGE_VERSION);
	rc = mml_facts_put(facts, mml_root_host(r->root));
	put_zone(facts);
	if (!mml_root_live(r->root))
		mml_buf_puts(facts, "source=tree\n");
	mml_buf_puts(facts, "tables=");
	for (size_t i = 0; i < r->plan->ntables; i++)
		mml_buf_printf(facts, "%s%s", i ? "," : "", r->plan->tables[i]->schema.name);
	mml_buf_putc(facts, '\n');
	return rc ? rc : facts->error;
}

static int out_of_memory(int rc)
{
	mml_error("record: %s", mml_trouble_words(rc));
	return MML_FAILED;
}

static int open_writer(struct recording *r)
{
	const struct mml_plan *plan = r->plan;
	struct mml_buf facts = { 0 }, why = { 0 };
	struct mml_writer_options options = { .keep = plan->keep, .sync_ns = plan->sync_ns };
	int rc = mml_root_identify(r->root);

	mml_root_count_nodes(r->root);
	if (!rc)
		rc = put_facts(&facts, r);
	options.facts = facts.data;
	if (!rc)
		rc = mml_writer_open(plan->args[0], &options, &why, &r->writer);
	if (rc)
		mml_error("%s", why.len ? why.data : mml_trouble_words(rc));
	/* Nothing is worse than to believe that there is a recording. */
	else if (!mml_writer_has_room(r->writer, &why))
		mml_error("%s: %s", plan->args[0], why.error ? "no room" : why.data);
	mml_buf_free(&facts);
	mml_buf_free(&why);
	return rc ? MML_FAILED : MML_OK;
}

/* Samples do not come as regularly as they should. */
static uint64_t about(const struct recording *r, uint64_t ns)
{
	return ns > r->period_ns / 2 ? ns - r->period_ns / 2 : 0;
}

static int open_all(struct recording *r)
{
	const struct mml_plan *plan = r->plan;
	int status = open_writer(r), rc;

	if (status)
		return status;
	r->queries = mml_calloc(plan->ntables + 1, sizeof(*r->queries));
	r->sampler = mml_sampler_new(r->root);
	rc = r->queries && r->sampler ? 0 : -ENOMEM;
	if (!rc)
		rc = mml_root_record(r->root, !plan->no_args, &r->recorder);
	if (rc)
		return out_of_memory(rc);
	mml_recorder_stand(r->recorder, MML_STAND_SLAB, about(r, plan->slow_ns));
	for (size_t i = 0; i < plan->ntables; i++) {
		struct mml_query query = mml_plan_query(plan, plan->tables[i], &plan->selects[i]);

		query.reading.once = false;
		if (!plan->named)
			query.reading.needs &= ~plan->tables[i]->heavy;
		/* What is observed is observed from sample to sample; nothing waits for it. */
		query.reading.observe_ns = 1;
		/* Findings need not look at all control groups for each sample. */
		if (!strcmp(plan->tables[i]->schema.name, "processes") ||
		    !strcmp(plan->tables[i]->schema.name, "findings"))
			query.reading.budget_ns = budget_ns;
		r->queries[i] = query;
	}
	return MML_OK;
}

static int write_sample(struct recording *r, const struct mml_time *time)
{
	struct mml_instant instant = mml_recorder_instant(time);
	struct mml_sample *sample;
	int rc = mml_recorder_end(r->recorder, &sample);

	if (rc)
		return rc;
	rc = mml_writer_append(r->writer, sample, &instant, r->missed);
	mml_sample_put(sample);
	return rc;
}

/* What reading control groups took says when it may be done again. */
static void plan_groups(struct recording *r, const struct mml_snapshot *snap)
{
	const struct mml_table *table = mml_snapshot_table(snap, "cgroups");
	uint64_t budget = r->period_ns / GROUPS_SHARE < budget_ns ? r->period_ns / GROUPS_SHARE : budget_ns;
	uint64_t cost = table ? table->cost_ns : 0;

	if (mml_recorder_reads(r->recorder, MML_STAND_GROUPS))
		mml_recorder_stand(r->recorder, MML_STAND_GROUPS,
				   cost > budget ? about(r, (cost - 1) / budget * r->period_ns + r->period_ns) : 0);
}

static int take_sample(struct recording *r)
{
	uint64_t now = mml_root_now(r->root).mono_ns;
	struct mml_snapshot *snap;
	struct mml_time time;
	int rc = mml_recorder_begin(r->recorder, mml_writer_former(r->writer), now);

	if (!rc)
		rc = mml_sampler_take(r->sampler, r->queries, r->plan->ntables, &snap);
	if (rc)
		return rc;
	plan_groups(r, snap);
	time = snap->time;
	mml_snapshot_put(snap);
	return write_sample(r, &time);
}

/* Says that samples are lost when it begins, and each minute; and when it is over. */
static void say_dropped(struct recording *r, int rc)
{
	uint64_t now = mml_now_ns();

	if (!rc && r->said_ns)
		mml_error("%s: recording again; %" PRIu64 " sample%s lost", r->plan->args[0],
			  r->dropped, r->dropped == 1 ? " was" : "s were");
	if (!rc)
		r->dropped = r->said_ns = 0;
	else if (!r->said_ns || now - r->said_ns >= say_again_ns) {
		mml_error("%s: a sample is lost: %s", r->plan->args[0],
			  rc == -ENOSPC ? "no room within the limits" : mml_trouble_words(rc));
		r->said_ns = now;
	}
}

static void tell_manager(const struct recording *r)
{
	struct mml_writer_state state;
	char size[MML_NUMBER_MAX];

	mml_writer_state(r->writer, &state);
	mml_format_size(size, (double)state.kept, MML_AUTO, 4096);
	mml_notify("%sWATCHDOG=1\nSTATUS=%" PRIu64 " samples written, %" PRIu64 " lost, %s kept",
		   r->taken == 1 ? "READY=1\n" : "", state.samples, state.dropped, size);
}

static void next_sample(struct recording *r, uint64_t missed)
{
	struct mml_writer_state state;
	int rc;

	r->missed += missed;
	rc = take_sample(r);
	r->taken++;
	if (rc)
		r->dropped++;
	else
		r->missed = 0;
	say_dropped(r, rc);
	mml_writer_state(r->writer, &state);
	/* A file that could not be written to is not written to again; a directory gets another one. */
	r->over = rc && mml_writer_is_file(r->writer) && !state.segment;
	/* Who records trouble with memory must not wait for it. Where that is not allowed, so be it. */
	if (r->taken == 1)
		mlockall(MCL_CURRENT);
	tell_manager(r);
}

static bool is_enough(const struct recording *r)
{
	/* The moment of a captured tree does not pass. */
	return r->over || (r->plan->count && r->taken >= r->plan->count) ||
	       !mml_root_live(r->root);
}

static void go_on(struct recording *r, struct mml_pace *pace)
{
	uint64_t watchdog = mml_notify_watchdog(), missed;

	next_sample(r, 0);
	while (!is_enough(r)) {
		switch (mml_pace_wait(pace, watchdog / 2, &missed)) {
		case MML_PACE_TIME:
			next_sample(r, missed);
			break;
		case MML_PACE_IDLE:
			mml_notify("WATCHDOG=1");
			break;
		case MML_PACE_ROTATE:
			mml_writer_rotate(r->writer);
			break;
		case MML_PACE_STOP:
			mml_notify("STOPPING=1");
			next_sample(r, 0);
			return;
		}
	}
}

int mml_run_record(struct mml_plan *plan, struct mml_root *root)
{
	struct recording r = { .plan = plan, .root = root, .period_ns = plan->delay_ns };
	struct mml_pace pace = { -1, -1 };
	int status, rc = 0;

	if (!r.period_ns)
		r.period_ns = usual_ns;
	status = open_all(&r);
	if (!status)
		rc = mml_pace_start(&pace, r.period_ns);
	if (rc)
		status = out_of_memory(rc);
	if (!status)
		go_on(&r, &pace);
	if (!status && r.dropped)
		status = MML_FAILED;
	rc = mml_writer_close(r.writer);
	if (rc && !status) {
		mml_error("%s: %s", plan->args[0], mml_trouble_words(rc));
		status = MML_FAILED;
	}
	mml_pace_end(&pace);
	mml_sampler_free(r.sampler);
	free(r.queries);
	return status;
}
