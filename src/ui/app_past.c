/* The last ten minutes of this machine: what a view has shown is kept for a while, so that one can go
 * back to it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../core/trouble.h"
#include "../record/when.h"
#include "app-int.h"
#include "changed.h"

/* How long it is kept, and what all views together may keep. */
enum { PAST_BYTES = 16 << 20, PAST_LEAST = 2 };
static const uint64_t PAST_NS = UINT64_C(600) * 1000000000;

static uint64_t time_of(const struct mml_snapshot *snap)
{
	return snap->time.mono_ns;
}

static void drop(struct mml_app *app, struct frame *frame, size_t i)
{
	app->past_bytes -= mml_arena_size(frame->past[i]->arena);
	mml_snapshot_put(frame->past[i]);
	memmove(frame->past + i, frame->past + i + 1, (--frame->npast - i) * sizeof(*frame->past));
}

void app_past_clear(struct mml_app *app, struct frame *frame)
{
	while (frame->npast)
		drop(app, frame, frame->npast - 1);
	free(frame->past);
	frame->past = NULL;
	frame->room_past = 0;
}

/* Every second one of the older half goes: what is long ago is kept, with longer steps. */
static bool thin(struct mml_app *app, struct frame *frame)
{
	size_t before = frame->npast;

	for (size_t i = frame->npast / 2; i-- > 1;)
		if (i % 2)
			drop(app, frame, i);
	if (frame->npast == before && frame->npast > PAST_LEAST)
		drop(app, frame, 0);
	return frame->npast < before;
}

static size_t bytes_of(const struct frame *frame)
{
	size_t sum = 0;

	for (size_t i = 0; i < frame->npast; i++)
		sum += mml_arena_size(frame->past[i]->arena);
	return sum;
}

/* The view that keeps most. */
static struct frame *largest(struct mml_app *app)
{
	struct frame *ret = NULL;
	size_t most = 0;

	for (size_t t = 0; t < app->ntabs; t++)
		for (size_t d = 0; d < app->tabs[t].depth; d++) {
			struct frame *frame = &app->tabs[t].frames[d];
			size_t bytes = bytes_of(frame);

			if (bytes > most && frame->npast > PAST_LEAST) {
				most = bytes;
				ret = frame;
			}
		}
	return ret;
}

void app_past_keep(struct mml_app *app, struct frame *frame)
{
	struct mml_snapshot *snap = frame->now;

	/* A captured tree may show the same moment for ever. */
	if (frame->npast && time_of(frame->past[frame->npast - 1]) >= time_of(snap))
		return;
	if (frame->npast == frame->room_past) {
		size_t room = frame->room_past ? frame->room_past * 2 : 64;
		struct mml_snapshot **past = mml_realloc(frame->past, room, sizeof(*past));

		/* Without room for it, this moment cannot be come back to. */
		if (!past)
			return;
		frame->past = past;
		frame->room_past = room;
	}
	frame->past[frame->npast++] = mml_snapshot_get(snap);
	app->past_bytes += mml_arena_size(snap->arena);
	while (frame->npast > 1 && time_of(frame->past[0]) + PAST_NS < time_of(snap))
		drop(app, frame, 0);
	while (app->past_bytes > PAST_BYTES) {
		struct frame *most = largest(app);

		if (!most || !thin(app, most))
			return;
	}
}

/* The last one that is not later than AT; NPAST if there is none. */
static size_t find(const struct frame *frame, uint64_t at)
{
	size_t i = frame->npast;

	while (i && time_of(frame->past[i - 1]) > at)
		i--;
	return i ? i - 1 : frame->npast;
}

/* Shows one that was kept, with a history that ends there. */
static void show(struct mml_app *app, struct frame *frame, size_t at)
{
	enum { BACK = 240 };

	for (size_t i = at > BACK ? at - BACK : 0; i <= at; i++) {
		mml_snapshot_put(frame->before);
		frame->before = frame->now;
		frame->now = mml_snapshot_get(frame->past[i]);
		app_refresh(app, frame, true);
	}
}

void app_past_enter(struct mml_app *app, struct frame *frame)
{
	size_t at;

	if (!app->past_at || !frame->now)
		return;
	at = find(frame, app->past_at);
	if (at == frame->npast)
		app_say(app, false, "this view was not open then");
	else if (frame->past[at] != frame->now)
		show(app, frame, at);
}

/* Back to what is now: histories, too. */
static void leave(struct mml_app *app)
{
	app->past_at = 0;
	app->paused = false;
	for (size_t t = 0; t < app->ntabs; t++)
		for (size_t d = 0; d < app->tabs[t].depth; d++) {
			struct frame *frame = &app->tabs[t].frames[d];

			if (frame->npast && frame->now != frame->past[frame->npast - 1])
				show(app, frame, frame->npast - 1);
		}
	app_hurry(app);
}

static void go(struct mml_app *app, struct frame *frame, size_t at)
{
	app->paused = true;
	app->past_at = time_of(frame->past[at]);
	show(app, frame, at);
}

/* Goes to the one that is BY_NS later, but at least to the next one. */
static void leap(struct mml_app *app, struct frame *frame, int64_t by_ns)
{
	size_t at = app->past_at ? find(frame, app->past_at) : frame->npast - 1, from = at;
	int64_t here;

	if (at >= frame->npast)
		at = from = 0;
	here = (int64_t)time_of(frame->past[from]);
	if (by_ns < 0)
		while (at && (at == from || (int64_t)time_of(frame->past[at]) > here + by_ns))
			at--;
	else
		while (at < frame->npast - 1 &&
		       (at == from || (int64_t)time_of(frame->past[at]) < here + by_ns))
			at++;
	if (by_ns > 0 && app->past_at && at == frame->npast - 1)
		leave(app);
	else if (by_ns < 0 && at == from)
		app_say(app, false, "this is the first moment that is kept");
	else if (by_ns < 0 || app->past_at)
		go(app, frame, at);
	else
		app_say(app, false, "this is the last moment so far");
}

/* A view that keeps findings: the one shown, or else another one. */
static struct frame *with_findings(struct mml_app *app)
{
	struct frame *top = app_frame(app);

	if (top && top->npast && mml_found_in(top->past[top->npast - 1]))
		return top;
	for (size_t t = 0; t < app->ntabs; t++)
		for (size_t d = 0; d < app->tabs[t].depth; d++) {
			struct frame *frame = &app->tabs[t].frames[d];

			if (frame->npast && mml_found_in(frame->past[frame->npast - 1]))
				return frame;
		}
	return NULL;
}

/* Sets RET to the next moment, or the previous one, at which the findings of FRAME changed. */
static bool find_change(const struct mml_app *app, const struct frame *frame, bool on, char *words,
			size_t size, size_t *ret)
{
	size_t n = frame->npast, at = app->past_at ? find(frame, app->past_at) : n - 1;

	/* Before the first one that is kept there is only what is behind it. */
	at = at < n ? at : 0;
	while (on ? ++at < n : at && --at) {
		const struct mml_table *now = mml_found_in(frame->past[at]);
		const struct mml_table *before = at ? mml_found_in(frame->past[at - 1]) : NULL;

		if (now && before && mml_found_changed(before, now, words, size)) {
			*ret = at;
			return true;
		}
	}
	return false;
}

static void go_to_change(struct mml_app *app, bool on)
{
	struct frame *frame = with_findings(app);
	char words[256];
	size_t at;

	if (!frame) {
		app_say(app, false, "no findings are kept: they are while the overview is open");
		return;
	}
	if (!find_change(app, frame, on, words, sizeof(words), &at)) {
		app_say(app, false, on ? "the findings have not changed since" :
					 "the findings do not change before this moment");
		return;
	}
	app_say(app, false, "%s", words);
	app->paused = true;
	app->past_at = time_of(frame->past[at]);
	app_past_enter(app, app_frame(app));
}

static int64_t wall_of(const struct mml_snapshot *snap)
{
	return (int64_t)snap->time.wall.tv_sec * 1000000000 + snap->time.wall.tv_nsec;
}

const char *app_past_go(struct mml_app *app, const char *words)
{
	struct frame *frame = app_frame(app);
	struct mml_when when = { .recorded = true };
	int64_t ns, other;
	const char *why;
	size_t at;

	if (!frame || !frame->npast)
		return "nothing is kept yet";
	when.begin = wall_of(frame->past[0]);
	when.end = when.now = wall_of(frame->past[frame->npast - 1]);
	if (mml_when_parse(words, &when, &ns, &other, &why))
		return why;
	if (ns < when.begin)
		return "that is longer ago than what is kept";
	for (at = frame->npast - 1; at && wall_of(frame->past[at]) > ns; at--)
		;
	if (at == frame->npast - 1)
		leave(app);
	else
		go(app, frame, at);
	return NULL;
}

bool app_past_input(struct mml_app *app, const struct mml_input *in)
{
	static const int64_t seconds[] = {
		[MML_DO_SAMPLE_BACK - MML_DO_SAMPLE_BACK] = 0,
		[MML_DO_MINUTE_BACK - MML_DO_SAMPLE_BACK] = -60,
		[MML_DO_MINUTE_ON - MML_DO_SAMPLE_BACK] = 60,
		[MML_DO_HOUR_BACK - MML_DO_SAMPLE_BACK] = -3600,
		[MML_DO_HOUR_ON - MML_DO_SAMPLE_BACK] = 3600,
	};
	struct frame *frame = app_frame(app);

	if (in->what == MML_DO_FASTER || in->what == MML_DO_SLOWER) {
		app_say(app, false, "a recording can be played: mmlens --replay");
		return true;
	}
	if (!frame || !frame->npast) {
		app_say(app, false, "nothing is kept yet");
		return true;
	}
	switch (in->what) {
	case MML_DO_CHANGE_ON:
	case MML_DO_CHANGE_BACK:
		go_to_change(app, in->what == MML_DO_CHANGE_ON);
		return true;
	case MML_DO_WHEN:
		app_dialog(app, PROMPT_TIME);
		return true;
	case MML_DO_SAMPLE_BACK:
		leap(app, frame, -1);
		return true;
	case MML_DO_SAMPLE_ON:
		leap(app, frame, 1);
		return true;
	default:
		leap(app, frame, seconds[in->what - MML_DO_SAMPLE_BACK] * 1000000000);
		return true;
	}
}

void app_past_resume(struct mml_app *app)
{
	if (app->past_at)
		leave(app);
}

uint64_t app_past_age(const struct mml_app *app, const struct frame *frame)
{
	uint64_t last = frame->npast ? time_of(frame->past[frame->npast - 1]) : 0;

	return app->past_at && frame->now && last > time_of(frame->now) ?
		       last - time_of(frame->now) :
		       0;
}
