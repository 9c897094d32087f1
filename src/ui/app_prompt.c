/* Lines to type into: what to search for, a filter, the delay, an argument of a table. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "app-int.h"

void app_prompt_open(struct mml_app *app)
{
	struct frame *frame = app_frame(app);
	char seconds[32];

	app->recall = 0;
	app->wrong = app->wrong_len = 0;
	if (app->dialog == PROMPT_FILTER && frame) {
		mml_prompt_set(&app->prompt, frame->view->target.filter);
		snprintf(app->filter_before, sizeof(app->filter_before), "%s",
			 frame->view->target.filter);
	}
	if (app->dialog == PROMPT_DELAY) {
		snprintf(seconds, sizeof(seconds), "%g", (double)app->delay_ns / 1e9);
		mml_prompt_set(&app->prompt, seconds);
	}
}

/* An empty filter clears it; a wrong one leaves the rows as they are and says what is wrong. */
static bool set_filter(struct mml_app *app, const char *text)
{
	struct mml_grid *grid = app_grid(app);
	struct mml_select *sel = mml_grid_select(grid);
	struct frame *frame = app_frame(app);
	char *kept = frame->view->target.filter;
	int rc;

	app->complaint[0] = '\0';
	app->wrong_len = 0;
	if (strlen(text) >= sizeof(frame->view->target.filter)) {
		snprintf(app->complaint, sizeof(app->complaint), "too long");
		return false;
	}
	mml_select_no_filter(sel);
	rc = *text ? mml_select_filter(sel, text) : 0;
	if (rc) {
		snprintf(app->complaint, sizeof(app->complaint), "%s",
			 rc == -ENOMEM ? "out of memory" : sel->error);
		app->wrong = sel->wrong;
		app->wrong_len = strcspn(text + sel->wrong, " ()");
		mml_select_no_filter(sel);
		if (*kept)
			mml_select_filter(sel, kept);
		return false;
	}
	snprintf(kept, sizeof(frame->view->target.filter), "%s", text);
	mml_grid_reorder(grid);
	app_reselected(app);
	return true;
}

static void remember_filter(struct mml_app *app, const char *text)
{
	if (!*text || (app->nfilters && !strcmp(app->filters[0], text)))
		return;
	memmove(app->filters + 1, app->filters, sizeof(app->filters) - sizeof(*app->filters));
	snprintf(app->filters[0], sizeof(app->filters[0]), "%s", text);
	if (app->nfilters < APP_FILTERS)
		app->nfilters++;
}

static bool set_delay(struct mml_app *app, const char *text)
{
	uint64_t ns;
	int rc = mml_parse_seconds(text, &ns);

	if (rc == -ERANGE && *text != '-')
		snprintf(app->complaint, sizeof(app->complaint), "longer than a year");
	else if (rc || ns < 10000000)
		snprintf(app->complaint, sizeof(app->complaint),
			 "not a number of seconds from 0.01 on");
	else
		app->delay_ns = ns;
	return !*app->complaint;
}

static bool go_to_time(struct mml_app *app, const char *text)
{
	const char *why = app_time_go(app, text);

	if (why)
		snprintf(app->complaint, sizeof(app->complaint), "%s", why);
	return !why;
}

/* The next prompt may be open then. */
static bool set_param(struct mml_app *app, const char *text)
{
	const char *why = app_set_param(app, text);

	if (why) {
		snprintf(app->complaint, sizeof(app->complaint), "%s", why);
		return false;
	}
	app_hurry(app);
	return !app_ask_param(app);
}

static void search(struct mml_app *app, const char *text, bool over)
{
	struct mml_grid *grid = app_grid(app);

	if (!grid || !*text)
		return;
	switch (mml_grid_search(grid, text, 0)) {
	case MML_FOUND:
		return;
	case MML_WRAPPED:
		app_say(app, false, "wrapped: %s", text);
		return;
	case MML_NOT_FOUND:
		if (over)
			app_say(app, false, "not found: %s", text);
	}
}

static bool typed(struct mml_app *app)
{
	const char *text = app->prompt.text;

	app->complaint[0] = '\0';
	switch (app->dialog) {
	case PROMPT_SEARCH:
		search(app, text, true);
		return true;
	case PROMPT_FILTER:
		if (app_grid(app) && !set_filter(app, text))
			return false;
		remember_filter(app, text);
		return true;
	case PROMPT_DELAY:
		return set_delay(app, text);
	case PROMPT_TIME:
		return go_to_time(app, text);
	default:
		return set_param(app, text);
	}
}

static void cancelled(struct mml_app *app)
{
	if (app->dialog == PROMPT_FILTER && app_grid(app))
		set_filter(app, app->filter_before);
	if (app->dialog == PROMPT_PARAM)
		app_pop(app);
	app->complaint[0] = '\0';
	app->dialog = NO_DIALOG;
}

/* The word before the cursor becomes the name of the next column that begins so. */
static void complete(struct mml_app *app)
{
	const struct mml_schema *schema = mml_grid_select(app_grid(app))->schema;
	struct mml_prompt *p = &app->prompt;
	size_t from = p->at, len;

	while (from && strchr("()<>=!~ ", p->text[from - 1]) == NULL)
		from--;
	len = p->at - from;
	for (unsigned i = 0; len && i < schema->ncolumns; i++) {
		const struct mml_column *col = &schema->columns[i];

		if (strncasecmp(col->name, p->text + from, len) ||
		    (strlen(col->name) == len && i + 1 < schema->ncolumns))
			continue;
		mml_prompt_replace(p, from, len, col->name);
		return;
	}
}

/* Up and Down go through the filters that were set before. */
static bool recalls(struct mml_app *app, const struct mml_input *in)
{
	if (app->dialog != PROMPT_FILTER || (in->key != MML_UP && in->key != MML_DOWN))
		return false;
	if (in->key == MML_UP && app->recall < app->nfilters)
		app->recall++;
	else if (in->key == MML_DOWN && app->recall)
		app->recall--;
	mml_prompt_set(&app->prompt, app->recall ? app->filters[app->recall - 1] : "");
	return true;
}

/* Filters and searches act while they are typed. */
static void typing(struct mml_app *app)
{
	if (app->dialog == PROMPT_FILTER && app_grid(app))
		set_filter(app, app->prompt.text);
	else if (app->dialog == PROMPT_SEARCH)
		search(app, app->prompt.text, false);
}

void app_prompt_input(struct mml_app *app, const struct mml_input *in)
{
	enum dialog dialog = app->dialog;
	enum mml_typed what = MML_TYPING;

	if (in->key == MML_PASTE)
		mml_prompt_paste(&app->prompt, in->paste);
	else if (dialog == PROMPT_FILTER && in->key == '\t' && app_grid(app))
		complete(app);
	else if (!recalls(app, in))
		what = mml_prompt_key(&app->prompt, in->key);
	switch (what) {
	case MML_TYPING:
		typing(app);
		return;
	case MML_CANCELLED:
		cancelled(app);
		return;
	case MML_TYPED:
		if (typed(app) && app->dialog == dialog)
			app->dialog = NO_DIALOG;
		return;
	}
}

/* What stands above the line. */
static void draw_hint(struct mml_app *app, const struct mml_canvas *canvas, int y)
{
	struct mml_grid *grid = app_grid(app);
	char text[256] = "";

	if (*app->complaint)
		snprintf(text, sizeof(text), "%s", app->complaint);
	else if (app->dialog == PROMPT_PARAM)
		snprintf(text, sizeof(text), "%s; Esc leaves", mml_params[app->param].help);
	else if (app->dialog == PROMPT_TIME)
		snprintf(text, sizeof(text),
			 "22:11, 2026-11-25 22:11:46, yesterday 22:11, 10m (ago), begin, end; Esc leaves");
	else if (app->dialog == PROMPT_FILTER && grid)
		snprintf(text, sizeof(text),
			 "%zu rows; COLUMN OP VALUE with = != < <= > >= ~, and, or, ( ); Tab completes, Up recalls",
			 mml_grid_rows(grid));
	if (!*text)
		return;
	mml_draw_run(canvas, y, 0, canvas->cols, MML_INK_TEXT, ' ');
	mml_draw_field(canvas, y, 0, canvas->cols, false, *app->complaint ? MML_INK_STRONG : MML_INK_QUIET,
		       text);
}

void app_prompt_draw(struct mml_app *app, const struct mml_canvas *canvas, int *ret_y, int *ret_x)
{
	static const char *const labels[] = {
		[PROMPT_SEARCH] = "find: ",
		[PROMPT_FILTER] = "filter: ",
		[PROMPT_DELAY] = "seconds between samples: ",
		[PROMPT_TIME] = "go to: ",
	};
	int y = canvas->rows - 1, x;
	char label[64];

	if (app->dialog == PROMPT_PARAM)
		snprintf(label, sizeof(label), "%s: ", mml_params[app->param].arg);
	else
		snprintf(label, sizeof(label), "%s", labels[app->dialog]);
	*ret_x = mml_prompt_draw(&app->prompt, canvas, y, label);
	*ret_y = y;
	x = (int)strlen(label);
	if (app->wrong_len && x + (int)app->prompt.len < canvas->cols)
		mml_draw_ink(canvas, y, x + (int)app->wrong, (int)app->wrong_len, MML_INK_MATCH);
	if (y)
		draw_hint(app, canvas, y - 1);
}
