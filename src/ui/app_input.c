/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "app-int.h"

void app_act(struct mml_app *app, const struct mml_action *action)
{
	switch (action->kind) {
	case MML_STAY:
		return;
	case MML_OPEN:
		if (!app_push(app, action->view, &action->target))
			app_say(app, true, "%s: this mmlens has no such view", action->view);
		return;
	case MML_CLOSE:
		app_pop(app);
		return;
	case MML_MESSAGE:
		app_say(app, false, "%s", action->message);
		return;
	case MML_SAMPLE:
		app_hurry(app);
		return;
	case MML_SHOW:
		app->text.len = 0;
		mml_buf_puts(&app->text, action->message);
		app_dialog(app, PAGE_TEXT);
		return;
	}
}

static void set_mark(struct mml_app *app, bool mark)
{
	struct frame *top = app_frame(app);

	app->marked = mark;
	app_time_mark(app, mark);
	for (size_t t = 0; t < app->ntabs; t++)
		for (size_t d = 0; d < app->tabs[t].depth; d++) {
			struct frame *frame = &app->tabs[t].frames[d];

			mml_snapshot_put(frame->mark);
			frame->mark = NULL;
			/* A view that is not shown has no current snapshot. Its next one will be
			 * the mark. */
			if (mark && frame == top && frame->now)
				frame->mark = mml_snapshot_get(frame->now);
			app_refresh(app, frame, false);
		}
	if (mark && top && top->now) {
		app->marked_at = top->now->time.wall;
		app_say(app, false, "%s", mml_root_live(app->root) ?
				"marked: changes are since now; M clears the mark" :
				"marked: changes are since this moment; M clears the mark");
	}
	app->since = mark ? MML_SINCE_MARK : MML_SINCE_1MIN;
}

/* The mark is among the spans when there is one. */
static void next_span(struct mml_app *app)
{
	struct frame *frame = app_frame(app);

	app->since = app->since >= MML_SINCE_10MIN + (enum mml_since)app->marked ? MML_SINCE_10S
									      : app->since + 1;
	if (frame)
		app_refresh(app, frame, false);
	app_say(app, false, "changes are since %s%s", mml_since_name(app->since),
		app->since == MML_SINCE_MARK ? "" : " ago");
}

static void next_units(struct mml_app *app)
{
	struct frame *frame = app_frame(app);

	app->style.units = app->style.units == MML_IN_BYTES ? MML_AUTO : app->style.units + 1;
	if (frame)
		app_refresh(app, frame, false);
	app_say(app, false, "sizes in %s", mml_units_names[app->style.units]);
}

static int keep_grid(struct mml_app *app, struct mml_grid *grid)
{
	return mml_rc_keep(&app->rc, mml_grid_settings(grid), mml_grid_select(grid), mml_grid_own(grid));
}

static int keep_frame(struct mml_app *app, struct frame *frame)
{
	const struct mml_view_ops *ops = frame->view->ops;
	struct mml_grid *grid = ops->grid ? ops->grid(frame->view) : NULL;

	int rc = 0;

	for (size_t i = 0; ops->grids && i < MML_VIEW_GRIDS && !rc; i++) {
		struct mml_grid *other = ops->grids(frame->view, i);

		if (other && other != grid)
			rc = keep_grid(app, other);
	}
	if (grid && !rc)
		rc = keep_grid(app, grid);
	return rc;
}

static void write_rc(struct mml_app *app)
{
	char *path = mml_rc_path();
	int rc = 0;

	for (size_t t = 0; t < app->ntabs; t++)
		for (size_t d = 0; d < app->tabs[t].depth && !rc; d++)
			rc = keep_frame(app, &app->tabs[t].frames[d]);
	if (rc) {
		app_say(app, true, "not written: out of memory");
		free(path);
		return;
	}
	app->rc.delay_ns = app->delay_ns;
	app->rc.units = app->style.units;
	if (!path) {
		app_say(app, true, "not written: neither XDG_CONFIG_HOME nor HOME is set");
		return;
	}
	rc = mml_rc_write(&app->rc, path);
	if (app->rc.error)
		app_say(app, true, "not written: %s could not be read (%s) and stays as it is",
			path, strerror(-rc));
	else if (rc)
		app_say(app, true, "not written: %s: %s", path, strerror(-rc));
	else if (app->rc.bad_lines)
		app_say(app, false, "written: %s; the one with bad lines is %s.old", path, path);
	else
		app_say(app, false, "written: %s", path);
	if (!rc)
		app->rc.bad_lines = false;
	free(path);
}

static void go_to_digit(struct mml_app *app, uint32_t digit)
{
	for (size_t i = 0; i < app->ntabs; i++)
		if ((uint32_t)app->tabs[i].digit == digit) {
			app_switch(app, i);
			return;
		}
}

static void toggle_pause(struct mml_app *app)
{
	if (app->travel) {
		app_change_stop(app);
		mml_travel_play(app->travel, app->now_ns);
		return;
	}
	if (app->past_at) {
		app_past_resume(app);
		return;
	}
	app->paused = !app->paused;
	if (!app->paused)
		app_hurry(app);
}

/* Handles the keys that work in every view. */
static void do_global(struct mml_app *app, const struct mml_input *in)
{
	switch (in->what) {
	case MML_DO_HELP:
		app_dialog(app, PAGE_HELP);
		return;
	case MML_DO_BACK:
		app_pop(app);
		return;
	case MML_DO_NEXT_VIEW:
		app_step(app, 1);
		return;
	case MML_DO_PREV_VIEW:
		app_step(app, app->ntabs - 1);
		return;
	case MML_DO_VIEW:
		go_to_digit(app, in->key);
		return;
	case MML_DO_GOTO:
		app_dialog(app, LIST_GOTO);
		return;
	case MML_DO_PAUSE:
		toggle_pause(app);
		return;
	case MML_DO_DELAY:
		app_dialog(app, PROMPT_DELAY);
		return;
	case MML_DO_MARK:
	case MML_DO_UNMARK:
		set_mark(app, in->what == MML_DO_MARK);
		return;
	case MML_DO_UNITS:
		next_units(app);
		return;
	case MML_DO_SPAN:
		next_span(app);
		return;
	case MML_DO_PANE:
		app->pane = !app->pane;
		return;
	case MML_DO_WRITE:
		write_rc(app);
		return;
	case MML_DO_REDRAW:
		app->redraw = true;
		return;
	default:
		app_time_input(app, in);
	}
}

static bool do_in_grid(struct mml_app *app, const struct mml_input *in)
{
	struct mml_grid *grid = app_grid(app);
	struct frame *frame = app_frame(app);
	struct mml_action action = { .kind = MML_STAY };
	struct mml_moment moment;
	enum dialog dialog = in->what == MML_DO_SEARCH	? PROMPT_SEARCH :
			     in->what == MML_DO_FILTER	? PROMPT_FILTER :
			     in->what == MML_DO_SORT	? LIST_SORT :
			     in->what == MML_DO_COLUMNS ? LIST_COLUMNS :
			     in->what == MML_DO_INFO	? PAGE_ABOUT :
			     in->what == MML_DO_ENTER	? PAGE_ROW :
							  NO_DIALOG;

	if (!grid)
		return false;
	if (dialog) {
		app_dialog(app, dialog);
		return true;
	}
	moment = app_moment(app, frame);
	if (!mml_grid_input(grid, &moment, in, &action))
		return false;
	app_act(app, &action);
	return true;
}

/* A letter that sorts here. */
static bool sort_by_letter(struct mml_app *app, const struct mml_input *in)
{
	struct mml_grid *grid = app_grid(app);
	struct frame *frame = app_frame(app);
	const struct mml_view_sort *sort = grid ? frame->view->ops->sorts : NULL;

	while (sort && sort->key && (uint32_t)(unsigned char)sort->key != in->key)
		sort++;
	if (!sort || !sort->key)
		return false;
	mml_grid_sort_named(grid, sort->column, sort->change);
	app_reselected(app);
	return true;
}

/* A click on the title line goes to that view, one on the bottom line is the key there. */
static bool click(struct mml_app *app, struct mml_input *in, bool *ret_done)
{
	*ret_done = false;
	if (in->key != MML_MOUSE || in->mouse.what != MML_CLICK)
		return false;
	for (size_t i = 0; !in->mouse.y && i < app->ntabs; i++)
		if (app->tabs[i].x >= 0 && in->mouse.x >= app->tabs[i].x &&
		    in->mouse.x < app->tabs[i].end) {
			app_switch(app, i);
			return *ret_done = true;
		}
	for (size_t i = 0; in->mouse.y == app->bottom && i < app->nspots; i++)
		if (in->mouse.x >= app->spots[i].x && in->mouse.x < app->spots[i].end) {
			*in = (struct mml_input){ .key = app->spots[i].key,
						  .what = mml_key_does(app->spots[i].key) };
			return true;
		}
	return false;
}

static bool view_input(struct mml_app *app, const struct mml_input *in)
{
	struct mml_action action = { .kind = MML_STAY };
	struct frame *frame = app_frame(app);
	struct mml_moment moment;

	if (!frame || !frame->view->ops->input)
		return false;
	moment = app_moment(app, frame);
	if (!frame->view->ops->input(frame->view, &moment, in, &action))
		return false;
	app_configure(app);
	app_act(app, &action);
	return true;
}

bool mml_app_input(struct mml_app *app, const struct mml_input *given)
{
	struct mml_input in = *given;
	bool done;

	in.what = mml_key_does(in.key);
	app->message[0] = '\0';
	if (app->dialog) {
		app_dialog_input(app, &in);
		return true;
	}
	/* What is pasted where nothing is typed is not meant for the screen. */
	if (in.key == MML_PASTE)
		return true;
	click(app, &in, &done);
	if (done)
		return true;
	if (in.what == MML_DO_QUIT)
		return false;
	if (in.what == MML_DO_BACK && app->search.way) {
		app_change_stop(app);
		return true;
	}
	/* A click on what has the cursor is Enter. */
	if (in.key == MML_MOUSE && app_grid(app) && mml_grid_hits_cursor(app_grid(app), &in.mouse))
		in = (struct mml_input){ .key = MML_ENTER, .what = MML_DO_ENTER };
	if (!view_input(app, &in) && !sort_by_letter(app, &in) && !do_in_grid(app, &in))
		do_global(app, &in);
	return true;
}
