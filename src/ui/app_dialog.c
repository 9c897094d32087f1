/* Pages to read over a view, and which dialog has the keys. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "app-int.h"

void app_dialog(struct mml_app *app, enum dialog dialog)
{
	struct mml_grid *grid = app_grid(app);
	bool change;

	app->dialog = dialog;
	app->complaint[0] = '\0';
	app->scroll = (struct mml_scroll){ 0 };
	mml_prompt_set(&app->prompt, "");
	if (dialog == PAGE_ABOUT && grid) {
		unsigned columns[MML_MAX_COLUMNS], id = mml_grid_column(grid, &change);
		size_t shown, n = mml_grid_columns(grid, columns, &shown);

		for (size_t i = 0; i < n; i++)
			if (columns[i] == id)
				app->about = (unsigned)i;
	}
	app_prompt_open(app);
	app_list_open(app);
}

static void page_input(struct mml_app *app, const struct mml_input *in)
{
	struct mml_grid *grid = app_grid(app);
	unsigned columns[MML_MAX_COLUMNS];
	size_t shown, n;
	int by = in->what == MML_DO_LEFT || in->what == MML_DO_SORT_LEFT   ? -1
		 : in->what == MML_DO_RIGHT || in->what == MML_DO_SORT_RIGHT ? 1
									     : 0;

	if (in->what == MML_DO_REDRAW) {
		app->redraw = true;
		return;
	}
	if (app->dialog == PAGE_ABOUT && grid && by) {
		n = mml_grid_columns(grid, columns, &shown);
		app->about = (unsigned)((app->about + n + (size_t)(by < 0 ? n - 1 : 1)) % n);
		app->scroll.top = 0;
		return;
	}
	if (!mml_scroll_input(&app->scroll, in, false))
		app->dialog = NO_DIALOG;
}

void app_dialog_input(struct mml_app *app, const struct mml_input *in)
{
	switch (app->dialog) {
	case PROMPT_SEARCH:
	case PROMPT_FILTER:
	case PROMPT_DELAY:
	case PROMPT_PARAM:
	case PROMPT_TIME:
		app_prompt_input(app, in);
		return;
	case LIST_SORT:
	case LIST_COLUMNS:
	case LIST_GOTO:
		app_list_input(app, in);
		return;
	default:
		page_input(app, in);
	}
}

/* What the signs on the screen mean. */
static void put_legend(const struct mml_app *app, struct mml_buf *out)
{
	struct mml_canvas canvas = { .utf8 = app->style.utf8 };
	bool utf8 = canvas.utf8;

	mml_buf_puts(out, "\nSigns\n");
	mml_buf_puts(out, "  !!           critical: work stands still or is lost\n");
	mml_buf_puts(out, "  !            warning: work is slowed down, or soon will be\n");
	mml_buf_puts(out, "  - before a finding: a note that is worth knowing\n");
	mml_buf_puts(out, "  - in a cell  there is no value here; i says why\n");
	mml_buf_puts(out, "  >=           a lower bound: the kernel stopped counting\n");
	mml_buf_puts(out, "  ~            older than it should be\n");
	mml_buf_puts(out, "  bold         changed by 1 % or more since the sample before\n");
	mml_buf_printf(out, "  %s            the column the rows are sorted by, the largest first\n",
		       utf8 ? "\u25bc" : "-");
	mml_buf_puts(out, "  0.9% 4.3M 1s at the bottom: mmlens' own share of a CPU, its memory, and the\n"
			  "               time between samples\n");
	for (enum mml_use kind = 0; kind < MML_USES; kind++) {
		char ch[5] = "";

		mml_utf8_bytes(mml_use_char(&canvas, kind), ch);
		mml_buf_printf(out, "  %s            %s\n", ch, mml_use_help(kind));
	}
}

static void put_help(struct mml_app *app, struct mml_buf *out)
{
	const struct frame *frame = app_frame(app);
	const struct mml_key_line *lines = mml_key_lines();

	if (frame) {
		const struct mml_view_key *keys = frame->view->ops->keys;
		const struct mml_view_sort *sort = frame->view->ops->sorts;

		mml_buf_printf(out, "%s: %s\n", app_view_name(app, frame), app_view_help(app, frame));
		for (; keys && keys->shown; keys++)
			mml_buf_printf(out, "  %-12s %s\n", keys->shown, keys->help);
		for (; sort && sort->key; sort++)
			mml_buf_printf(out, "  %-12c sort by %s; again: the other way\n", sort->key,
				       sort->word);
	}
	for (; lines->help; lines++) {
		if (!lines->shown)
			mml_buf_printf(out, "\n%s\n", lines->help);
		else
			mml_buf_printf(out, "  %-12s %s\n", lines->shown, lines->help);
	}
	put_legend(app, out);
}

/* The page as text; what it is called. */
static const char *put_page(struct mml_app *app, bool utf8, struct mml_buf *out)
{
	struct mml_grid *grid = app_grid(app);
	unsigned columns[MML_MAX_COLUMNS];
	struct mml_moment moment;
	size_t shown, n;

	if (app->dialog == PAGE_TEXT)
		return "read";
	out->len = 0;
	switch (app->dialog) {
	case PAGE_HELP:
		put_help(app, out);
		return "help";
	case PAGE_ROW:
		if (grid && app_frame(app)->view->ops->about)
			app_frame(app)->view->ops->about(app_frame(app)->view, out);
		if (grid)
			mml_grid_about_row(grid, out);
		return "this row";
	default:
		if (!grid)
			return "";
		moment = app_moment(app, app_frame(app));
		n = mml_grid_columns(grid, columns, &shown);
		mml_grid_about(grid, &moment, columns[app->about < n ? app->about : 0], out);
		return utf8 ? "about a column (\u2190 \u2192: others)"
			    : "about a column (Left, Right: others)";
	}
}

static void draw_page(struct mml_app *app, const struct mml_canvas *canvas)
{
	struct mml_canvas box, none = { .utf8 = canvas->utf8 };
	const char *title = put_page(app, canvas->utf8, &app->text);
	int rows, cols = app->dialog == PAGE_HELP ? 82 : 72;

	if (app->text.error || !app->text.len)
		return;
	cols = canvas->cols < cols + 4 ? canvas->cols - 4 : cols;
	rows = mml_draw_text(&none, 0, 0, cols, MML_INK_TEXT, app->text.data);
	box = mml_box(canvas, rows, cols, title);
	mml_page_draw(&app->scroll, &box, app->text.data);
}

void app_dialog_draw(struct mml_app *app, const struct mml_canvas *canvas, int *ret_y, int *ret_x)
{
	struct mml_canvas above = mml_canvas_part(canvas, 0, 0, canvas->rows - (canvas->rows > 2),
						  canvas->cols);

	switch (app->dialog) {
	case NO_DIALOG:
		return;
	case PROMPT_SEARCH:
	case PROMPT_FILTER:
	case PROMPT_DELAY:
	case PROMPT_PARAM:
	case PROMPT_TIME:
		app_prompt_draw(app, canvas, ret_y, ret_x);
		return;
	case LIST_SORT:
	case LIST_COLUMNS:
	case LIST_GOTO:
		app_list_draw(app, canvas, ret_y, ret_x);
		return;
	default:
		draw_page(app, &above);
	}
}
