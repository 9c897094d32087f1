/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../collectors/registry.h"
#include "../core/trouble.h"
#include "app-int.h"

static const uint64_t DEFAULT_DELAY_NS = 1000000000, MESSAGE_NS = 4000000000,
		      WATCH_ON_NS = 9000000000; /* after a view was left: who comes back soon loses nothing */

const char *mml_since_name(enum mml_since since)
{
	static const char *const names[] = { "10 s", "1 min", "10 min", "the mark" };

	return names[since];
}

uint64_t mml_since_seconds(enum mml_since since)
{
	static const uint64_t seconds[] = { 10, 60, 600, 0 };

	return seconds[since];
}

struct frame *app_frame(struct mml_app *app)
{
	struct tab *tab = &app->tabs[app->tab];

	return tab->depth ? &tab->frames[tab->depth - 1] : NULL;
}

struct mml_grid *app_grid(struct mml_app *app)
{
	struct frame *frame = app_frame(app);

	return frame && frame->view->ops->grid ? frame->view->ops->grid(frame->view) : NULL;
}

struct mml_moment app_moment(struct mml_app *app, const struct frame *frame)
{
	struct mml_moment moment = {
		.now = frame->now,
		.before = frame->before,
		.mark = frame->mark,
		.style = app->style,
		.paused = app->paused,
		.live = mml_root_live(app->root),
		.interval_ns = app->delay_ns,
		.since = app->since,
	};

	if (!frame->now)
		return moment;
	moment.style.page_size = frame->now->host.page_size;
	moment.age_ns = app->now_ns > frame->begun_ns ? app->now_ns - frame->begun_ns : 0;
	/* A sample may take half a second before its delay is worth telling. */
	if (app->travel) {
		moment.age_ns = 0;
		moment.old = app_time_late(app, frame);
		return moment;
	}
	moment.old = !app->paused && moment.age_ns > 2 * app->delay_ns + 500000000;
	return moment;
}

void app_refresh(struct mml_app *app, struct frame *frame, bool fresh)
{
	struct mml_moment moment = app_moment(app, frame);

	if (frame->view->ops->sample)
		frame->view->ops->sample(frame->view, &moment, fresh);
}

void app_hurry(struct mml_app *app)
{
	struct frame *frame = app_frame(app);

	if (frame)
		frame->asked_ns = 0;
}

static unsigned all_needs(const struct mml_wants *wants)
{
	unsigned needs = 0;

	for (size_t i = 0; i < wants->n; i++)
		needs |= wants->query[i].reading.needs;
	return needs;
}

void app_reselected(struct mml_app *app)
{
	struct frame *frame = app_frame(app);
	struct mml_wants wants = { .n = 0 };

	if (!frame)
		return;
	app_refresh(app, frame, false);
	frame->view->ops->want(frame->view, &wants);
	/* The rates of a sample out of turn are of a short time, so that one is taken only if it is
	 * needed. */
	if (all_needs(&wants) & ~frame->needs)
		app_hurry(app);
}

const char *app_view_name(const struct mml_app *app, const struct frame *frame)
{
	const struct mml_view *view = frame->view;

	return view->ops == app->views->plain && view->target.table ? view->target.table->schema.name
								     : view->ops->name;
}

const char *app_view_help(const struct mml_app *app, const struct frame *frame)
{
	const struct mml_view *view = frame->view;

	return view->ops == app->views->plain && view->target.table ? view->target.table->schema.help
								     : view->ops->help;
}

struct mml_app *mml_app_new(struct mml_root *root, const struct mml_tui_args *args,
			    const struct mml_views *views, struct mml_rc *rc, int wake_fd)
{
	struct mml_app *app = mml_calloc(1, sizeof(*app));

	if (!app)
		return NULL;
	app->root = root;
	app->args = args;
	app->views = views;
	app->rc = *rc;
	*rc = (struct mml_rc){ 0 };
	app->wake_fd = wake_fd;
	app->delay_ns = args->delay_ns	   ? args->delay_ns
			: app->rc.delay_ns ? app->rc.delay_ns
					   : DEFAULT_DELAY_NS;
	app->style = args->style;
	app->style.exact = false;
	app->style.brief = true;
	app->style.page_size = mml_root_host(root)->page_size;
	if (app->style.units == MML_AUTO)
		app->style.units = app->rc.units;
	app->cost.cpu = -1;
	/* A view of a table that this mmlens was built without has no tab. */
	for (const struct mml_view_entry *v = views->list; v->name && app->ntabs < APP_TABS; v++)
		if (v->ops || mml_collector_find(v->name))
			app->tabs[app->ntabs++] = (struct tab){ .digit = v->digit, .name = v->name,
								.brief = v->brief };
	app->since = MML_SINCE_1MIN;
	if (args->replay) {
		app->travel = mml_travel_new(args->replay, args->seq);
		if (!app->travel) {
			mml_rc_free(&app->rc);
			free(app);
			return NULL;
		}
	}
	return app;
}

static void bury(struct mml_app *app)
{
	size_t n = 0;

	for (size_t i = 0; i < app->ndying; i++)
		if (!mml_feed_free(app->dying[i]))
			app->dying[n++] = app->dying[i];
	app->ndying = n;
}

bool mml_app_free(struct mml_app *app)
{
	for (size_t t = 0; t < app->ntabs; t++)
		while (app->tabs[t].depth)
			app_close_frame(app, &app->tabs[t].frames[--app->tabs[t].depth]);
	app_change_stop(app);
	if (!mml_feed_free(app->search.feed) && app->ndying < APP_DYING)
		app->dying[app->ndying++] = app->search.feed;
	app->search.feed = NULL;
	/* A read that is nearly over is worth waiting for, but not one that hangs. */
	for (int tries = 0; app->ndying && tries < 20; tries++) {
		nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
		bury(app);
	}
	if (app->ndying)
		return false;
	mml_rc_free(&app->rc);
	mml_buf_free(&app->text);
	mml_travel_free(app->travel);
	free(app);
	return true;
}

/* Asks the view what it wants, and completes that with what was typed and then with what the
 * command line says. */
void app_want(const struct mml_app *app, const struct frame *frame, struct mml_wants *ret)
{
	frame->view->ops->want(frame->view, ret);
	for (size_t i = 0; i < ret->n; i++) {
		struct mml_scope *scope = &ret->query[i].scope;

		for (size_t k = 0; k < MML_PARAMS; k++)
			if (!scope->args[k].given)
				scope->args[k] = frame->scope.args[k].given
							 ? frame->scope.args[k]
							 : app->args->scope->args[k];
		scope->by = scope->by ? scope->by : app->args->scope->by;
	}
}

bool app_ask_param(struct mml_app *app)
{
	struct mml_wants wants = { .n = 0 };

	app_want(app, app_frame(app), &wants);
	for (size_t i = 0; i < wants.n; i++)
		for (unsigned k = 0; k < MML_PARAMS; k++)
			if (wants.query[i].collector->requires >> k & 1 &&
			    !wants.query[i].scope.args[k].given) {
				app->param = k;
				app_dialog(app, PROMPT_PARAM);
				return true;
			}
	return false;
}

const char *app_set_param(struct mml_app *app, const char *words)
{
	struct frame *frame = app_frame(app);
	struct mml_span rest = mml_span_str(words), word;
	const char *why = NULL;
	bool any = false;

	frame->arena = frame->arena ? frame->arena : mml_arena_new();
	if (!frame->arena)
		return "out of memory";
	while (!why && mml_next_token(&rest, &word)) {
		const char *text = mml_arena_strndup(frame->arena, word.p, mml_span_len(word));

		if (!text ||
		    mml_scope_set(&frame->scope, app->param, text, frame->arena, &why) == -ENOMEM)
			return "out of memory";
		any = true;
	}
	if (!any)
		why = "nothing was typed";
	if (why)
		frame->scope.args[app->param] = (struct mml_arg){ 0 };
	else
		snprintf(frame->view->target.title, sizeof(frame->view->target.title), "%s", words);
	return why;
}

/* What is on the screen stays; that nothing newer comes is said as long as it is so. */
static void say_trouble(struct mml_app *app, int rc)
{
	if (!rc)
		return;
	app_say(app, true, "no sample: %s",
		rc == -EAGAIN ? "no thread can be started (memory, or the limit of threads)" :
				mml_trouble_words(rc));
	app->troubles = mml_troubles();
}

void app_say_troubles(struct mml_app *app)
{
	unsigned troubles = mml_troubles();

	if (troubles != app->troubles)
		app_say(app, true, "what is shown is not all: %s", mml_trouble_words(mml_trouble_last()));
	app->troubles = troubles;
}

static void ask(struct mml_app *app, struct frame *frame)
{
	struct mml_wants wants = { .n = 0 };
	int rc;

	app_want(app, frame, &wants);
	for (size_t i = 0; i < wants.n; i++) {
		struct mml_reading *reading = &wants.query[i].reading;

		reading->observe_ns = reading->observe_ns ? reading->observe_ns : app->delay_ns;
		/* Costly reads take at most a twentieth of the time between samples. */
		reading->budget_ns = reading->budget_ns ? reading->budget_ns : app->delay_ns / 20;
	}
	rc = mml_feed_ask(frame->feed, &wants);
	if (rc == -EBUSY)
		return;
	say_trouble(app, rc);
	for (size_t i = 0; i < wants.n; i++)
		frame->watches |= wants.query[i].collector->observes;
	frame->asked_ns = app->now_ns;
	frame->needs = all_needs(&wants);
}

static void take(struct mml_app *app, struct frame *frame)
{
	uint64_t begun;
	struct mml_snapshot *snap = mml_feed_take(frame->feed, &begun);

	if (!snap) {
		say_trouble(app, mml_feed_error(frame->feed));
		return;
	}
	/* While the screen is paused, the moment shown stays. If there is none yet, the first one
	 * is taken. */
	if (app->paused && frame->now) {
		mml_snapshot_put(snap);
		return;
	}
	mml_snapshot_put(frame->before);
	frame->before = frame->now;
	frame->now = snap;
	frame->begun_ns = app->wake_fd < 0 ? app->now_ns : begun;
	if (app->marked && !frame->mark)
		frame->mark = mml_snapshot_get(snap);
	app_past_keep(app, frame);
	app_refresh(app, frame, true);
}

static bool due(const struct mml_app *app, const struct frame *frame)
{
	return !frame->asked_ns || app->now_ns >= frame->asked_ns + app->delay_ns;
}

static void tick_frame(struct mml_app *app, struct frame *frame, bool shown)
{
	if (app->travel) {
		app_time_tick(app, frame, shown);
		return;
	}
	take(app, frame);
	if (shown)
		frame->left_ns = app->now_ns;
	else if (frame->watches && app->now_ns >= frame->left_ns + WATCH_ON_NS && mml_feed_rest(frame->feed))
		frame->watches = false;
	if (!shown && !frame->view->ops->background)
		return;
	if (due(app, frame) && !(app->paused && frame->now)) {
		ask(app, frame);
		if (app->wake_fd < 0)
			take(app, frame);
	}
}

void mml_app_clock(struct mml_app *app, uint64_t now_ns)
{
	app->now_ns = now_ns;
	/* A message gives its place back to the keys. */
	if (*app->message && now_ns > app->message_ns + MESSAGE_NS)
		app->message[0] = '\0';
}

/* When the first of the views that are not on the screen is to stop watching. */
static uint64_t next_rest(const struct mml_app *app, const struct frame *top)
{
	uint64_t next = UINT64_MAX;

	for (size_t t = 0; t < app->ntabs; t++)
		for (size_t d = 0; d < app->tabs[t].depth; d++) {
			const struct frame *frame = &app->tabs[t].frames[d];

			if (frame->watches && frame != top && frame->left_ns + WATCH_ON_NS < next)
				next = frame->left_ns + WATCH_ON_NS;
		}
	return next;
}

/* When the view on the screen is to be looked at next. */
static uint64_t next_look(const struct mml_app *app, const struct frame *top)
{
	uint64_t now = app->now_ns, next = top->asked_ns + app->delay_ns;

	/* Overdue: the answer wakes us, but the age it is shown with moves on. */
	if (app->paused || next <= now)
		next = now + (app->delay_ns < 250000000 ? 250000000 : app->delay_ns);
	if (next > now + 1000000000 && top->asked_ns && mml_feed_busy(top->feed))
		next = now + 1000000000;
	return next;
}

uint64_t mml_app_tick(struct mml_app *app, uint64_t now_ns)
{
	struct frame *top = app_frame(app);
	uint64_t look, rest;

	mml_app_clock(app, now_ns);
	rest = app->travel ? mml_travel_tick(app->travel, now_ns) : 0;
	for (size_t t = 0; t < app->ntabs; t++)
		for (size_t d = 0; d < app->tabs[t].depth; d++)
			tick_frame(app, &app->tabs[t].frames[d], &app->tabs[t].frames[d] == top);
	app_change_tick(app);
	bury(app);
	if (!top)
		return now_ns + app->delay_ns;
	if (app->travel)
		return rest < now_ns + 250000000 ? rest : now_ns + 250000000;
	look = next_look(app, top);
	rest = next_rest(app, top);
	/* A read that goes on cannot be stopped: ask again a second later. */
	if (rest <= now_ns)
		rest = now_ns + 1000000000;
	return rest < look ? rest : look;
}

void mml_app_cost(struct mml_app *app, const struct mml_cost *cost)
{
	app->cost = *cost;
}

bool mml_app_redraw(struct mml_app *app)
{
	bool redraw = app->redraw;

	app->redraw = false;
	return redraw;
}

void app_say(struct mml_app *app, bool alarming, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(app->message, sizeof(app->message), fmt, ap);
	va_end(ap);
	app->alarming = alarming;
	app->message_ns = app->now_ns;
}

void mml_app_say(struct mml_app *app, const char *text)
{
	if (!strchr(text, '\n')) {
		app_say(app, true, "%s", text);
		return;
	}
	app->text.len = 0;
	mml_buf_puts(&app->text, text);
	app_dialog(app, PAGE_TEXT);
}
