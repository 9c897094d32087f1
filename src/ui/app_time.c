/* Time travel: brings views to the sample that the cursor is on. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "app-int.h"
#include "../core/trouble.h"
#include "../core/unit.h"

/* How far back a view is to remember when the cursor rests, and what that may take. */
enum { BACK = 240, AHEAD = 60, BACK_BYTES = 32 << 20 };
static const uint64_t REST_NS = 200000000, BACK_NS = 1500000000;

static uint64_t cursor(const struct mml_app *app)
{
	return mml_travel_seq(app->travel, app->travel->pos);
}

bool app_time_late(const struct mml_app *app, const struct frame *frame)
{
	return frame->seq != cursor(app);
}

/* Gives the view what it is to remember, and what it shows. */
static void show(struct mml_app *app, struct frame *frame, struct mml_snapshot **before, size_t n,
		 struct mml_snapshot *snap)
{
	for (size_t i = 0; i < n; i++) {
		mml_snapshot_put(frame->before);
		frame->before = frame->now;
		frame->now = before[i];
		app_refresh(app, frame, true);
	}
	mml_snapshot_put(frame->before);
	frame->before = frame->now;
	frame->now = snap;
	frame->begun_ns = app->now_ns;
	app_refresh(app, frame, true);
}

static void set_mark(struct mml_app *app, struct frame *frame, struct mml_snapshot *snap)
{
	if (!app->marked || frame->mark) {
		mml_snapshot_put(snap);
		return;
	}
	frame->mark = snap;
	app_refresh(app, frame, false);
}

/* A sample that is damaged is asked for once. */
static void say_trouble(struct mml_app *app, struct frame *frame)
{
	int rc = mml_feed_error(frame->feed);

	if (!rc || rc == -ECANCELED || mml_feed_busy(frame->feed))
		return;
	frame->bad_seq = frame->asked_seq;
	app_say(app, true, "the sample cannot be shown: %s",
		rc == -EBADMSG ? "it is damaged" : mml_trouble_words(rc));
}

static void take(struct mml_app *app, struct frame *frame)
{
	struct mml_snapshot **before, *snap;
	struct mml_line line;
	uint64_t begun, last;
	size_t n;

	snap = mml_feed_take(frame->feed, &begun);
	if (!snap) {
		say_trouble(app, frame);
		return;
	}
	n = mml_feed_line(frame->feed, &before, &line);
	last = line.seq[line.n - line.looks - 1];
	if (line.marks) {
		set_mark(app, frame, snap);
	} else {
		frame->step_ns = (mml_now_ns() - begun) / (line.n - line.looks);
		frame->filled = line.looks || line.n - line.looks > 2;
		frame->seq = last;
		frame->rested_ns = app->now_ns;
		show(app, frame, before, n, snap);
		n = 0;
	}
	for (size_t i = 0; i < n; i++)
		mml_snapshot_put(before[i]);
	free(before);
}

static void ask(struct mml_app *app, struct frame *frame, const struct mml_line *line)
{
	struct mml_wants wants = { .n = 0 };

	app_want(app, frame, &wants);
	if (mml_feed_ask_line(frame->feed, &wants, line))
		return;
	frame->needs = 0;
	for (size_t i = 0; i < wants.n; i++)
		frame->needs |= wants.query[i].reading.needs;
	frame->asked_ns = app->now_ns ? app->now_ns : 1;
}

/* The sample at the cursor, behind the one before it, as rates and growth need two. */
static void ask_cursor(struct mml_app *app, struct frame *frame)
{
	const struct mml_travel *t = app->travel;
	struct mml_line line = { .travel = app->travel, .most = BACK_BYTES };
	bool before = t->pos && mml_travel_same_boot(t, t->pos - 1, t->pos);

	line.goes_on = frame->now && frame->asked_ns && before &&
		       frame->seq == mml_travel_seq(t, t->pos - 1);
	if (before && !line.goes_on)
		line.seq[line.n++] = mml_travel_seq(t, t->pos - 1);
	line.seq[line.n++] = cursor(app);
	frame->asked_seq = cursor(app);
	ask(app, frame, &line);
}

/* What came before the cursor, as far as a view can remember; and how it was around it. */
static void ask_back(struct mml_app *app, struct frame *frame)
{
	const struct mml_travel *t = app->travel;
	struct mml_line line = { .travel = app->travel, .most = BACK_BYTES };
	uint64_t step = frame->step_ns ? frame->step_ns : 1;
	size_t back = BACK_NS / step < BACK ? (size_t)(BACK_NS / step) : BACK, from = t->pos;
	size_t count = mml_travel_count(t);

	while (back-- && from && line.n < BACK && mml_travel_same_boot(t, from - 1, from))
		from--;
	for (size_t pos = from; pos <= t->pos; pos++)
		line.seq[line.n++] = mml_travel_seq(t, pos);
	for (size_t pos = t->pos + 1;
	     pos < count && line.looks < AHEAD && line.n < MML_LINE_MAX; pos++, line.looks++)
		line.seq[line.n++] = mml_travel_seq(t, pos);
	ask(app, frame, &line);
}

static void ask_mark(struct mml_app *app, struct frame *frame)
{
	struct mml_line line = { .travel = app->travel, .n = 1, .marks = true, .most = BACK_BYTES };

	line.seq[0] = app->travel->mark;
	ask(app, frame, &line);
}

static bool rests(const struct mml_app *app, const struct frame *frame)
{
	return !app->travel->playing && (app->wake_fd < 0 || app->now_ns >= frame->rested_ns + REST_NS);
}

void app_time_tick(struct mml_app *app, struct frame *frame, bool shown)
{
	bool busy = mml_feed_busy(frame->feed);

	take(app, frame);
	if (!shown)
		return;
	/* Going back is left as soon as something else is wanted. */
	if (busy && app_time_late(app, frame))
		mml_feed_cancel(frame->feed);
	if (busy)
		return;
	if (app_time_late(app, frame) && frame->bad_seq == cursor(app))
		return;
	if (app_time_late(app, frame) || !frame->asked_ns)
		ask_cursor(app, frame);
	else if (app->marked && !frame->mark && app->travel->mark != UINT64_MAX)
		ask_mark(app, frame);
	else if (!frame->filled && rests(app, frame))
		ask_back(app, frame);
	if (app->wake_fd < 0)
		take(app, frame);
}

const char *app_time_go(struct mml_app *app, const char *words)
{
	return app->travel ? mml_travel_go(app->travel, words) : app_past_go(app, words);
}

void app_time_mark(struct mml_app *app, bool mark)
{
	if (app->travel)
		app->travel->mark = mark ? cursor(app) : UINT64_MAX;
}

static void moved(struct mml_app *app, bool moved, bool back)
{
	app->travel->playing = false;
	if (!moved)
		app_say(app, false, back ? "this is the first sample" : "this is the last sample so far");
}

bool app_time_input(struct mml_app *app, const struct mml_input *in)
{
	enum { MINUTE = 60, HOUR = 3600 };
	struct mml_travel *t = app->travel;

	if (in->what < MML_DO_SAMPLE_BACK || in->what > MML_DO_SLOWER)
		return false;
	if (!t)
		return app_past_input(app, in);
	if (in->what == MML_DO_CHANGE_ON || in->what == MML_DO_CHANGE_BACK) {
		app_change_input(app, in->what == MML_DO_CHANGE_ON ? 1 : -1);
		return true;
	}
	app_change_stop(app);
	switch (in->what) {
	case MML_DO_SAMPLE_BACK:
		moved(app, mml_travel_step(t, -1), true);
		return true;
	case MML_DO_SAMPLE_ON:
		moved(app, mml_travel_step(t, 1), false);
		return true;
	case MML_DO_MINUTE_BACK:
		moved(app, mml_travel_leap(t, -MINUTE), true);
		return true;
	case MML_DO_MINUTE_ON:
		moved(app, mml_travel_leap(t, MINUTE), false);
		return true;
	case MML_DO_HOUR_BACK:
		moved(app, mml_travel_leap(t, -HOUR), true);
		return true;
	case MML_DO_HOUR_ON:
		moved(app, mml_travel_leap(t, HOUR), false);
		return true;
	case MML_DO_WHEN:
		app_dialog(app, PROMPT_TIME);
		return true;
	default:
		mml_travel_faster(t, in->what == MML_DO_FASTER ? 1 : -1);
		return true;
	}
}
