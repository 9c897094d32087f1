/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app-int.h"

/* Appends the title of a frame, such as "slab" or "vmas of 1234 sh". */
static void frame_name(const struct mml_app *app, const struct frame *frame, struct mml_buf *out)
{
	const struct mml_view *view = frame->view;

	mml_buf_puts(out, view->ops == app->views->plain && view->target.table ?
				  view->target.table->schema.name :
				  view->ops->name);
	if (*view->target.title) {
		mml_buf_putc(out, ' ');
		mml_escape(out, view->target.title, strlen(view->target.title), app->style.utf8);
	}
}

static void tab_name(const struct mml_app *app, size_t at, bool full, struct mml_buf *out)
{
	const struct tab *tab = &app->tabs[at];

	out->len = 0;
	if (!app_has_tab(app, at) || (at != app->tab && !app->views->list[at].digit))
		return;
	if (app->views->list[at].digit)
		mml_buf_putc(out, app->views->list[at].digit);
	if (at != app->tab || !tab->depth) {
		if (full || !app->views->list[at].digit)
			mml_buf_puts(out, app->views->list[at].name);
		return;
	}
	for (size_t d = tab->depth > 2 ? tab->depth - 2 : 0; d < tab->depth; d++) {
		if (d)
			mml_buf_puts(out, app->style.utf8 ? " \u203a " : " > ");
		frame_name(app, &tab->frames[d], out);
	}
}

static int tabs_width(struct mml_app *app, bool full)
{
	struct mml_buf name = { 0 };
	int width = 0;

	for (size_t i = 0; i < app->ntabs; i++) {
		tab_name(app, i, full, &name);
		if (!name.error && name.len)
			width += (int)mml_text_width(name.data, name.len, app->style.utf8) + 1;
	}
	mml_buf_free(&name);
	return width;
}

static void draw_title(struct mml_app *app, const struct mml_canvas *canvas)
{
	const struct frame *frame = app_frame(app);
	struct mml_buf name = { 0 };
	char clock[16] = "";
	bool full;
	struct tm tm;
	int x = 0, room = canvas->cols;

	if (frame && frame->now && localtime_r(&frame->now->time.wall.tv_sec, &tm) &&
	    frame->now->time.wall.tv_sec)
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	if (*clock && canvas->cols > 30)
		room -= 9;
	full = tabs_width(app, true) <= room;
	mml_draw_run(canvas, 0, 0, canvas->cols, MML_INK_TITLE, ' ');
	for (size_t i = 0; i < app->ntabs; i++) {
		app->tab_x[i] = x;
		tab_name(app, i, full, &name);
		if (!name.error && name.len)
			x += mml_draw(canvas, 0, x,
				      i == app->tab ? MML_INK_TAB : MML_INK_TITLE, name.data) + 1;
	}
	app->tab_x[app->ntabs] = x;
	mml_buf_free(&name);
	if (room < canvas->cols)
		mml_draw_field(canvas, 0, room, canvas->cols - room, true, MML_INK_TITLE, clock);
}

/* States that change what the numbers mean come first, and stand out. */
static int draw_states(struct mml_app *app, const struct mml_canvas *canvas, int y)
{
	const struct frame *frame = app_frame(app);
	struct mml_moment moment;
	char age[MML_NUMBER_MAX];
	struct tm tm;
	int x = 0;

	if (!frame)
		return 0;
	moment = app_moment(app, frame);
	if (app->paused) {
		x += mml_draw(canvas, y, x, MML_INK_WARN, "PAUSED") + 1;
	} else if (moment.old) {
		mml_format_nsec(age, moment.age_ns / 100000000 * 100000000);
		x += mml_drawf(canvas, y, x, MML_INK_WARN, "OLD: %s ago", age) + 1;
		if (mml_feed_busy(frame->feed))
			x += mml_draw(canvas, y, x, MML_INK_STATUS, "(reading)") + 1;
	}
	if (app->marked && frame->mark) {
		time_t at = frame->mark->time.wall.tv_sec;
		char clock[16] = "the mark";

		if (at && localtime_r(&at, &tm))
			strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
		x += mml_drawf(canvas, y, x, MML_INK_BOLD, "since %s", clock) + 1;
	}
	if (*frame->view->target.filter) {
		x += mml_draw(canvas, y, x, MML_INK_BOLD, "filter: ");
		x += mml_draw(canvas, y, x, MML_INK_STATUS, frame->view->target.filter) + 1;
	}
	return x;
}

/* Appends where the cursor is and what the program costs, such as "12/203 cpu 0.3% 4.2M". */
static void put_costs(struct mml_app *app, bool full, struct mml_buf *out)
{
	struct mml_grid *grid = app_grid(app);
	char size[MML_NUMBER_MAX];

	if (grid && mml_grid_rows(grid))
		mml_buf_printf(out, " %zu/%zu", mml_grid_cursor(grid) + 1, mml_grid_rows(grid));
	if (app->cost.cpu >= 0)
		mml_buf_printf(out, " %s%.1f%%", full ? "cpu " : "", app->cost.cpu);
	if (app->cost.rss) {
		mml_format_size(size, (double)app->cost.rss, MML_AUTO, 4096);
		mml_buf_printf(out, " %s%s", full ? "rss " : "", size);
	}
	if (full)
		mml_buf_printf(out, " every %gs", (double)app->delay_ns / 1e9);
	mml_buf_putc(out, ' ');
}

static void draw_status(struct mml_app *app, const struct mml_canvas *canvas)
{
	static const char *const hints[] = { "h", "help",  "q",	 "quit", "/", "search",
					     "\\", "filter", "F6", "sort", "m", "mark",
					     "i", "about", ":", "go to" };
	int y = canvas->rows - 1, x, room;
	struct mml_buf costs = { 0 };

	mml_draw_run(canvas, y, 0, canvas->cols, MML_INK_STATUS, ' ');
	put_costs(app, canvas->cols >= 60, &costs);
	room = canvas->cols - (costs.error ? 0 : (int)costs.len);
	x = draw_states(app, canvas, y);
	if (*app->message) {
		mml_draw_run(canvas, y, 0, canvas->cols, MML_INK_STATUS, ' ');
		mml_draw_field(canvas, y, 0, canvas->cols, false,
			       app->alarming ? MML_INK_BAD : MML_INK_BOLD, app->message);
		mml_buf_free(&costs);
		return;
	}
	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i += 2) {
		int w = (int)(strlen(hints[i]) + strlen(hints[i + 1])) + 2;

		if (x + w > room)
			break;
		x += mml_draw(canvas, y, x, MML_INK_KEY, hints[i]) + 1;
		x += mml_draw(canvas, y, x, MML_INK_STATUS, hints[i + 1]) + 1;
	}
	if (!costs.error && room >= 0)
		mml_draw(canvas, y, room, MML_INK_STATUS, costs.data);
	mml_buf_free(&costs);
}

void mml_app_draw(struct mml_app *app, struct mml_canvas *canvas, int *ret_y, int *ret_x)
{
	bool title = canvas->rows > 2, status = canvas->rows > 1;
	struct mml_canvas view = mml_canvas_part(canvas, title, 0, canvas->rows - title - status,
						 canvas->cols);
	struct frame *frame = app_frame(app);

	*ret_y = *ret_x = -1;
	app->style.utf8 = canvas->utf8;
	mml_canvas_clear(canvas);
	if (title)
		draw_title(app, canvas);
	if (frame) {
		struct mml_moment moment = app_moment(app, frame);

		frame->view->ops->draw(frame->view, &moment, &view);
	}
	if (status)
		draw_status(app, canvas);
	app_dialog_draw(app, canvas, ret_y, ret_x);
}
