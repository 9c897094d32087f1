/* Goes to the next or the previous moment at which the findings change. A recording is searched by a
 * feed, sample by sample, so that the screen goes on meanwhile. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "app-int.h"
#include "changed.h"
#include "../core/trouble.h"

/* How many samples what is found may rest on, and how many are searched at once on the way back. Without
 * a thread, a tick goes through a few. */
enum { BEFORE = 120, BLOCK = 240, AT_ONCE = 16 };

void app_change_stop(struct mml_app *app)
{
	struct search *s = &app->search;

	mml_snapshot_put(s->last);
	s->last = NULL;
	s->way = 0;
	s->asked = s->follows = false;
}

/* Some samples before FIRST are gone through, too. */
static void begin(struct search *s, size_t first, size_t end)
{
	mml_snapshot_put(s->last);
	s->last = NULL;
	s->first = first;
	s->end = end;
	s->at = first > BEFORE ? first - BEFORE : 0;
	s->found = SIZE_MAX;
	s->seen = 0;
}

static void start(struct mml_app *app, int way)
{
	struct search *s = &app->search;
	size_t pos = app->travel->pos;

	app_change_stop(app);
	if (!s->feed)
		s->feed = mml_feed_new(app->root, app->wake_fd);
	if (!s->feed) {
		app_say(app, true, "the findings cannot be searched: out of memory");
		return;
	}
	app->travel->playing = false;
	s->way = way;
	s->gone = app->travel->gone;
	if (way > 0)
		begin(s, pos + 1, SIZE_MAX);
	else
		begin(s, pos > BLOCK ? pos - BLOCK : 0, pos);
}

static void finish(struct mml_app *app)
{
	struct search *s = &app->search;

	if (s->found == SIZE_MAX) {
		app_say(app, false, s->way > 0 ? "the findings do not change behind this moment" :
						 "the findings do not change before this moment");
	} else {
		mml_travel_step(app->travel, (long)s->found - (long)app->travel->pos);
		app_say(app, false, "%s", s->words);
	}
	app_change_stop(app);
}

/* The first look after a boot, or of a search, knows no rates: it is not compared. */
static void judge(struct search *s, struct mml_snapshot *snap)
{
	const struct mml_table *now = mml_found_in(snap), *before = mml_found_in(s->last);

	if (!now || !s->follows) {
		mml_snapshot_put(snap);
		return;
	}
	if (before && s->at >= s->first &&
	    mml_found_changed(before, now, s->words, sizeof(s->words)))
		s->found = s->at;
	mml_snapshot_put(s->last);
	s->last = snap;
}

static void take(struct search *s)
{
	struct mml_snapshot **before, *snap;
	struct mml_line line;
	uint64_t begun;
	size_t n;

	snap = mml_feed_take(s->feed, &begun);
	mml_feed_error(s->feed);
	n = snap ? mml_feed_line(s->feed, &before, &line) : 0;
	for (size_t i = 0; i < n; i++)
		mml_snapshot_put(before[i]);
	if (snap)
		free(before);
	/* What comes after a search was stopped is nobody's; what is damaged is passed over. */
	if (snap && s->asked)
		judge(s, snap);
	else
		mml_snapshot_put(snap);
	if (!snap && !s->follows)
		s->seen = 0;
	if (s->asked)
		s->at++;
	s->asked = false;
}

static void ask(struct mml_app *app)
{
	struct search *s = &app->search;
	struct mml_line line = { .travel = app->travel, .n = 1 };
	struct mml_wants wants = { .n = 0 };
	struct mml_query *query = mml_want(&wants, "findings", "");
	int rc;

	s->follows = s->seen && s->at == s->seen && mml_travel_same_boot(app->travel, s->at - 1, s->at);
	line.goes_on = s->follows;
	line.seq[0] = mml_travel_seq(app->travel, s->at);
	if (query)
		query->scope = *app->args->scope;
	rc = mml_feed_ask_line(s->feed, &wants, &line);
	if (rc) {
		app_say(app, true, "the findings cannot be searched: %s", mml_trouble_words(rc));
		app_change_stop(app);
		return;
	}
	s->seen = s->at + 1;
	s->asked = true;
}

/* Returns whether there is a sample to be looked at. */
static bool goes_on(struct mml_app *app)
{
	struct search *s = &app->search;
	size_t count = mml_travel_count(app->travel);

	if (s->way > 0)
		return s->found == SIZE_MAX && s->at < count;
	if (s->at < s->end)
		return true;
	if (s->found != SIZE_MAX || !s->first)
		return false;
	begin(s, s->first > BLOCK ? s->first - BLOCK : 0, s->first);
	return s->at < s->end;
}

void app_change_tick(struct mml_app *app)
{
	struct search *s = &app->search;

	if (!s->feed)
		return;
	for (int i = 0; i < AT_ONCE; i++) {
		/* What is there when nothing is being made is the answer to the last question. */
		if (mml_feed_busy(s->feed))
			return;
		take(s);
		if (!s->way)
			return;
		/* Positions are others when old files have gone. */
		if (s->gone != app->travel->gone)
			start(app, s->way);
		if (!goes_on(app)) {
			finish(app);
			return;
		}
		app_say(app, false, "looking for a change of the findings: sample %zu; Esc stops",
			s->at + 1);
		ask(app);
	}
}

void app_change_input(struct mml_app *app, int way)
{
	struct search *s = &app->search;

	if (s->way == way)
		return;
	start(app, way);
	app_change_tick(app);
}
