/* The lines around a view: the title with the tabs, the headline, the keys at the bottom. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app-int.h"

enum { PANE_FROM = 180, PANE_COLS = 55, BRIEF_BELOW = 100 };

static void put_clock(const struct timespec *at, const char *fmt, char *ret, size_t size)
{
	struct tm tm;

	ret[0] = '\0';
	if (at->tv_sec && localtime_r(&at->tv_sec, &tm))
		strftime(ret, size, fmt, &tm);
}

static int draw_tab(struct mml_app *app, const struct mml_canvas *canvas, size_t at, int x, int end)
{
	struct tab *tab = &app->tabs[at];
	const char *name = canvas->cols < BRIEF_BELOW && tab->brief ? tab->brief : tab->name;
	enum mml_ink ink = at == app->tab ? MML_INK_TAB : MML_INK_QUIET;
	int digit = tab->digit > ' ', width = (int)strlen(name) + digit;

	tab->x = tab->end = -1;
	if (x + width > end)
		return -1;
	tab->x = x;
	if (digit)
		mml_draw_char(canvas, 0, x, ink, (unsigned char)tab->digit);
	x += digit;
	x += mml_draw(canvas, 0, x, ink, name);
	tab->end = x;
	return x + 1;
}

/* Draw tabs from the first on; the index behind the last one that fits. */
static size_t draw_tabs_from(struct mml_app *app, const struct mml_canvas *canvas, size_t first,
			     int end)
{
	int x = first ? 2 : 0;
	size_t i;

	for (size_t k = 0; k < app->ntabs; k++)
		app->tabs[k].x = app->tabs[k].end = -1;
	mml_draw_run(canvas, 0, 0, canvas->cols, MML_INK_TEXT, ' ');
	if (first)
		mml_draw_char(canvas, 0, 0, MML_INK_QUIET, canvas->utf8 ? 0x2039 : '<');
	for (i = first; i < app->ntabs; i++) {
		int next;

		if (!app_has_tab(app, i))
			continue;
		next = draw_tab(app, canvas, i, x, end);
		if (next < 0)
			break;
		x = next;
	}
	if (i < app->ntabs)
		mml_draw_char(canvas, 0, x, MML_INK_QUIET, canvas->utf8 ? 0x203a : '>');
	return i;
}

/* The states that change what the numbers mean stand before the clock. */
static void put_states(struct mml_app *app, struct mml_buf *out)
{
	struct frame *frame = app_frame(app);
	struct mml_moment moment = app_moment(app, frame);
	char text[MML_NUMBER_MAX];

	if (app_past_age(app, frame)) {
		mml_format_nsec(text, app_past_age(app, frame) / 1000000000 * 1000000000);
		if (app_past_age(app, frame) < 1000000000)
			mml_buf_puts(out, " PAST");
		else
			mml_buf_printf(out, " PAST, %s ago", text);
	} else if (app->paused) {
		mml_buf_puts(out, " PAUSED");
	} else if (moment.old) {
		mml_format_nsec(text, moment.age_ns / 1000000000 * 1000000000);
		mml_buf_printf(out, " %s old%s", text,
			       mml_feed_busy(frame->feed) ? ", reading" : "");
	}
	if (app->marked && frame->mark) {
		put_clock(&frame->mark->time.wall, "%H:%M:%S", text, sizeof(text));
		mml_buf_printf(out, " since %s", *text ? text : "the mark");
	}
}

/* The tabs scroll only when the open one would not be whole. */
static void draw_title(struct mml_app *app, const struct mml_canvas *canvas)
{
	const struct frame *frame = app_frame(app);
	struct mml_buf states = { 0 };
	char clock[16] = "";
	int end = canvas->cols, width;

	if (frame && frame->now) {
		put_clock(&frame->now->time.wall, " %H:%M:%S", clock, sizeof(clock));
		put_states(app, &states);
	}
	width = states.error ? 0 : (int)states.len;
	if (*clock && canvas->cols > 30 + width)
		end -= (int)strlen(clock);
	if (width < end)
		end -= width;
	if (app->title_cols != canvas->cols || app->first_tab > app->tab)
		app->first_tab = app->title_cols != canvas->cols ? 0 : app->tab;
	app->title_cols = canvas->cols;
	while (draw_tabs_from(app, canvas, app->first_tab, end - 1) <= app->tab &&
	       app->first_tab < app->tab)
		app->first_tab++;
	if (width)
		end += mml_draw(canvas, 0, end, MML_INK_STRONG, states.data);
	if (end < canvas->cols)
		mml_draw(canvas, 0, end, MML_INK_QUIET, clock);
	mml_buf_free(&states);
}

/* What a captured tree is, since its numbers are of another time and place. */
static void put_origin(const struct mml_app *app, const struct frame *frame, struct mml_buf *out)
{
	const struct mml_host *host = mml_root_host(app->root);
	char clock[32] = "";

	if (mml_root_live(app->root) || app->travel)
		return;
	if (frame->now)
		put_clock(&frame->now->time.wall, "%b %e %H:%M", clock, sizeof(clock));
	mml_buf_puts(out, "captured");
	if (app->args->root) {
		/* The folder's own name tells captures apart. */
		const char *slash = strrchr(app->args->root, '/');
		const char *name = slash && slash[1] ? slash + 1 : app->args->root;

		mml_buf_putc(out, ' ');
		mml_escape(out, name, strlen(name), app->style.utf8);
	}
	if (*clock)
		mml_buf_printf(out, ", %s", clock);
	if (host->kernel) {
		mml_buf_puts(out, ", ");
		mml_escape(out, host->kernel, strlen(host->kernel), app->style.utf8);
	}
	mml_buf_puts(out, "  ");
}

/* "processes > 4211 postgres > mappings": only below where one came from. */
static void put_path(const struct mml_app *app, struct mml_buf *out)
{
	const struct tab *tab = &app->tabs[app->tab];

	for (size_t d = 0; d < tab->depth && tab->depth > 1; d++) {
		const struct frame *frame = &tab->frames[d];
		const char *title = frame->view->target.title;

		if (*title) {
			mml_escape(out, title, strlen(title), app->style.utf8);
			mml_buf_puts(out, app->style.utf8 ? " \u203a " : " > ");
		}
		mml_buf_puts(out, app_view_name(app, frame));
		mml_buf_puts(out, d + 1 == tab->depth ? "  " : app->style.utf8 ? " \u203a " : " > ");
	}
}

static void put_order(struct mml_app *app, const struct frame *frame,
		      const struct mml_headline *line, struct mml_buf *out)
{
	struct mml_grid *grid = app_grid(app);
	const char *filter = frame->view->target.filter;

	if (*filter) {
		mml_buf_puts(out, "  filter ");
		mml_escape(out, filter, strlen(filter), app->style.utf8);
	}
	if (*line->right) {
		mml_buf_printf(out, "  %s", line->right);
	} else if (grid) {
		const char *sorted = mml_grid_order_text(grid);

		if (*sorted)
			mml_buf_printf(out, "  by %s", sorted);
	}
}

/* What the rows are ordered by gives way when there is no room for it. */
static void draw_headline(struct mml_app *app, const struct mml_canvas *canvas)
{
	struct frame *frame = app_frame(app);
	struct mml_moment moment = app_moment(app, frame);
	struct mml_headline line = { "", "" };
	struct mml_buf left = { 0 }, right = { 0 };
	int x = 0, room;

	put_origin(app, frame, &left);
	put_path(app, &left);
	if (frame->view->ops->headline)
		frame->view->ops->headline(frame->view, &moment, &line);
	put_order(app, frame, &line, &right);
	if (left.len && !left.error)
		x = mml_draw(canvas, 1, 0, MML_INK_TEXT, left.data);
	mml_draw_field(canvas, 1, x, canvas->cols - x, false, moment.old ? MML_INK_OLD : MML_INK_TEXT,
		       line.text);
	x += (int)mml_text_width(line.text, strlen(line.text), canvas->utf8) + 1;
	if (right.len && !right.error) {
		room = canvas->cols - (int)mml_text_width(right.data, right.len, canvas->utf8);
		if (room >= x)
			mml_draw(canvas, 1, room, MML_INK_QUIET, right.data);
	}
	mml_buf_free(&left);
	mml_buf_free(&right);
}

/* "12/203  0.3% 4.2M 1s": where the cursor is, what the program costs, how often it looks. */
static void put_costs(struct mml_app *app, struct mml_buf *out)
{
	struct mml_grid *grid = app_grid(app);
	char size[MML_NUMBER_MAX];

	if (grid && mml_grid_rows(grid))
		mml_buf_printf(out, " %zu/%zu ", mml_grid_cursor(grid) + 1, mml_grid_rows(grid));
	if (app->cost.cpu >= 0)
		mml_buf_printf(out, " %.1f%%", app->cost.cpu);
	if (app->cost.rss) {
		mml_format_size(size, (double)app->cost.rss, MML_AUTO, 4096);
		mml_buf_printf(out, " %s", size);
	}
	if (mml_root_live(app->root))
		mml_buf_printf(out, " %gs", (double)app->delay_ns / 1e9);
}

/* The bottom line as it is filled from the left. */
struct key_bar {
	const struct mml_canvas *canvas;
	int x, end;
	bool full; /* the last one did not fit */
};

/* Draws a key and what it does, if both fit. GAP blanks follow. */
static void draw_key(struct mml_app *app, struct key_bar *bar, const char *key, const char *word, int gap)
{
	const struct mml_canvas *canvas = bar->canvas;
	int y = canvas->rows - 1, first = (int)strcspn(key, " ");
	int width = first + 1 + (int)mml_text_width(word, strlen(word), canvas->utf8);
	struct mml_canvas part = mml_canvas_part(canvas, y, bar->x, 1, first);

	bar->full |= bar->x + width > bar->end;
	if (bar->full)
		return;
	/* A key that has several names is shown by the first. */
	mml_draw(&part, 0, 0, MML_INK_BARKEY, key);
	mml_draw(canvas, y, bar->x + first + 1, MML_INK_BAR, word);
	if (app->nspots < sizeof(app->spots) / sizeof(*app->spots))
		app->spots[app->nspots++] = (struct key_spot){ bar->x, bar->x + width,
							       mml_key_named(key, (size_t)first) };
	bar->x += width + gap;
}

static void draw_time_keys(struct mml_app *app, struct key_bar *bar)
{
	draw_key(app, bar, "[", "back", 1);
	draw_key(app, bar, "]", "on", 2);
	draw_key(app, bar, "{", "min", 1);
	draw_key(app, bar, "}", "on", 2);
	draw_key(app, bar, "b", "go to", 2);
	draw_key(app, bar, "Space",
		 !app->travel ? "now" : app->travel->playing ? "stop" : "play", 2);
	draw_key(app, bar, "f", "finding", 2);
}

static void draw_keys(struct mml_app *app, const struct mml_canvas *canvas, int end)
{
	struct key_bar bar = { .canvas = canvas, .end = end };
	const struct frame *frame = app_frame(app);
	const struct mml_view_ops *ops = frame ? frame->view->ops : NULL;
	const struct mml_view_key *key = ops ? ops->keys : NULL;
	const struct mml_view_sort *sort = ops ? ops->sorts : NULL;
	const char *enter = ops && ops->enter ? ops->enter(frame->view) : NULL;
	struct mml_grid *grid = app_grid(app);

	if (enter)
		draw_key(app, &bar, "Enter", enter, 2);
	if (app->travel || app->past_at)
		draw_time_keys(app, &bar);
	for (; key && key->shown; key++)
		if (key->word && !(ops->idle && ops->idle(frame->view, key)))
			draw_key(app, &bar, key->shown, key->word, 2);
	/* Letters that sort stand in one group: "S size X change A name". */
	for (; sort && sort->key && grid; sort++)
		if (mml_grid_has(grid, sort->column))
			draw_key(app, &bar, (char[]){ sort->key, '\0' }, sort->word, sort[1].key ? 1 : 2);
	draw_key(app, &bar, "m", "mark", 2);
	if (grid) {
		draw_key(app, &bar, "/", "find", 2);
		draw_key(app, &bar, "\\", "filter", 2);
	}
	draw_key(app, &bar, ":", "go to", 2);
	draw_key(app, &bar, "i", "about", 2);
	draw_key(app, &bar, "h", "help", 2);
}

static void draw_bottom(struct mml_app *app, const struct mml_canvas *canvas)
{
	int y = canvas->rows - 1, room;
	struct mml_buf costs = { 0 };

	app->nspots = 0;
	app->bottom = y;
	mml_draw_run(canvas, y, 0, canvas->cols, MML_INK_BAR, ' ');
	put_costs(app, &costs);
	room = canvas->cols - (costs.error || !costs.len ? 0 : (int)costs.len);
	if (*app->message) {
		mml_draw_field(canvas, y, 0, canvas->cols, false,
			       app->alarming ? MML_INK_BARKEY : MML_INK_BAR, app->message);
	} else {
		draw_keys(app, canvas, room);
		if (!costs.error && costs.len && room >= 0)
			mml_draw(canvas, y, room, MML_INK_BAR, costs.data);
	}
	mml_buf_free(&costs);
}

/* What the cursor is on, in full. */
static void draw_pane(struct mml_app *app, const struct mml_canvas *canvas)
{
	struct frame *frame = app_frame(app);
	struct mml_moment moment = app_moment(app, frame);
	struct mml_grid *grid = app_grid(app);

	if (frame->view->ops->pane) {
		frame->view->ops->pane(frame->view, &moment, canvas);
		return;
	}
	mml_grid_pane(grid, canvas);
}

/* Cut the pane off VIEW: at the right where it is wide, else in the lower third, if it is asked for. */
static void place_pane(struct mml_app *app, struct mml_canvas *view)
{
	struct mml_canvas pane;
	int rows = view->rows / 3;

	if (view->cols >= PANE_FROM && !app->pane) {
		pane = mml_canvas_part(view, 0, view->cols - PANE_COLS + 2, view->rows, PANE_COLS - 2);
		for (int y = 0; y < view->rows; y++)
			mml_draw_char(view, y, view->cols - PANE_COLS, MML_INK_QUIET,
				      view->utf8 ? 0x2502 : '|');
		*view = mml_canvas_part(view, 0, 0, view->rows, view->cols - PANE_COLS - 1);
		draw_pane(app, &pane);
	} else if (view->cols < PANE_FROM && app->pane && rows >= 4) {
		mml_draw_run(view, view->rows - rows, 0, view->cols, MML_INK_QUIET,
			     view->utf8 ? 0x2500 : '-');
		pane = mml_canvas_part(view, view->rows - rows + 1, 0, rows - 1, view->cols);
		*view = mml_canvas_part(view, 0, 0, view->rows - rows, view->cols);
		draw_pane(app, &pane);
	}
}

static void draw_view(struct mml_app *app, const struct mml_canvas *canvas)
{
	bool title = canvas->rows > 2, bottom = canvas->rows > 1;
	struct frame *frame = app_frame(app);
	struct mml_moment moment = app_moment(app, frame);
	bool line = canvas->rows > 4 &&
		    (frame->view->ops->headline || app->tabs[app->tab].depth > 1 ||
		     !mml_root_live(app->root));
	int times = app->travel ? mml_travel_rows(canvas->rows) : 0;
	struct mml_canvas view;

	if (line)
		draw_headline(app, canvas);
	view = mml_canvas_part(canvas, canvas->rows - bottom - times, 0, times, canvas->cols);
	if (times)
		mml_travel_draw(app->travel, &view, app_time_late(app, frame));
	view = mml_canvas_part(canvas, title + line, 0,
			       canvas->rows - title - line - times - bottom, canvas->cols);
	if (app_grid(app))
		place_pane(app, &view);
	frame->view->ops->draw(frame->view, &moment, &view);
}

void mml_app_draw(struct mml_app *app, struct mml_canvas *canvas, int *ret_y, int *ret_x)
{
	*ret_y = *ret_x = -1;
	app->style.utf8 = canvas->utf8;
	mml_canvas_clear(canvas);
	if (canvas->rows > 2)
		draw_title(app, canvas);
	if (app_frame(app))
		draw_view(app, canvas);
	app_say_troubles(app);
	if (canvas->rows > 1)
		draw_bottom(app, canvas);
	app_dialog_draw(app, canvas, ret_y, ret_x);
}
