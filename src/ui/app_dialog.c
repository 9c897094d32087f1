/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../collectors/registry.h"
#include "app-int.h"

void app_dialog(struct mml_app *app, enum dialog dialog)
{
	struct mml_grid *grid = app_grid(app);
	char seconds[32];
	bool change;

	app->dialog = dialog;
	app->complaint[0] = '\0';
	app->scroll = (struct mml_scroll){ 0 };
	mml_prompt_set(&app->prompt, "");
	if (dialog == PROMPT_FILTER && app_frame(app))
		mml_prompt_set(&app->prompt, app_frame(app)->view->target.filter);
	if (dialog == PROMPT_DELAY) {
		snprintf(seconds, sizeof(seconds), "%g", (double)app->delay_ns / 1e9);
		mml_prompt_set(&app->prompt, seconds);
	}
	if ((dialog == LIST_SORT || dialog == PAGE_ABOUT) && grid) {
		unsigned columns[MML_MAX_COLUMNS], id = mml_grid_column(grid, &change);
		size_t shown, n = mml_grid_columns(grid, columns, &shown);

		for (size_t i = 0; i < n; i++)
			if (columns[i] == id)
				app->scroll.cursor = app->about = (unsigned)i;
	}
}

/* Sets the grid's filter; an empty TEXT clears it. If TEXT is wrong, the old filter stays and the
 * complaint says why. */
static bool set_filter(struct mml_app *app, struct mml_grid *grid, const char *text)
{
	struct mml_select *sel = mml_grid_select(grid);
	struct frame *frame = app_frame(app);
	char *kept = frame->view->target.filter;

	if (strlen(text) >= sizeof(frame->view->target.filter)) {
		snprintf(app->complaint, sizeof(app->complaint), "too long");
		return false;
	}
	mml_select_no_filter(sel);
	if (*text && mml_select_filter(sel, text)) {
		snprintf(app->complaint, sizeof(app->complaint), "%s", sel->error);
		mml_select_no_filter(sel);
		if (*kept)
			mml_select_filter(sel, kept);
		return false;
	}
	snprintf(kept, sizeof(frame->view->target.filter), "%s", text);
	app_reselected(app);
	return true;
}

static bool set_delay(struct mml_app *app, const char *text)
{
	uint64_t ns;

	if (mml_parse_seconds(text, &ns) || ns < 10000000) {
		snprintf(app->complaint, sizeof(app->complaint),
			 "not a number of seconds from 0.01 on");
		return false;
	}
	app->delay_ns = ns;
	return true;
}

/* Once the argument is set, another one may be missing, so that the next prompt may be open on
 * return. */
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

static bool typed(struct mml_app *app)
{
	struct mml_grid *grid = app_grid(app);
	const char *text = app->prompt.text;

	switch (app->dialog) {
	case PROMPT_SEARCH:
		if (grid && *text && !mml_grid_search(grid, text, 0))
			app_say(app, false, "not found: %s", text);
		return true;
	case PROMPT_FILTER:
		return !grid || set_filter(app, grid, text);
	case PROMPT_DELAY:
		return set_delay(app, text);
	case PROMPT_GOTO:
		return !*text || mml_app_open(app, text, app->complaint, sizeof(app->complaint));
	case PROMPT_PARAM:
		return set_param(app, text);
	default:
		return true;
	}
}

static void prompt_input(struct mml_app *app, const struct mml_input *in)
{
	enum dialog dialog = app->dialog;
	const char *near;

	if (dialog == PROMPT_GOTO && in->key == '\t') {
		near = app_nearest(app, app->prompt.text);
		if (near)
			mml_prompt_set(&app->prompt, near);
		return;
	}
	app->complaint[0] = '\0';
	switch (mml_prompt_key(&app->prompt, in->key)) {
	case MML_TYPING:
		return;
	case MML_CANCELLED:
		if (dialog == PROMPT_PARAM)
			app_pop(app);
		app->dialog = NO_DIALOG;
		return;
	case MML_TYPED:
		if (typed(app) && app->dialog == dialog)
			app->dialog = NO_DIALOG;
		return;
	}
}

static void toggle_column(struct mml_select *sel, unsigned id)
{
	for (size_t i = 0; i < sel->ncolumns; i++) {
		if (sel->columns[i] != id)
			continue;
		if (sel->ncolumns > 1) {
			sel->ncolumns--;
			memmove(&sel->columns[i], &sel->columns[i + 1],
				(sel->ncolumns - i) * sizeof(*sel->columns));
		}
		return;
	}
	if (sel->ncolumns < MML_MAX_COLUMNS)
		sel->columns[sel->ncolumns++] = id;
}

/* The order of the columns is the order they are shown in. This moves one of them a place to the
 * left or right. */
static void move_column(struct mml_app *app, struct mml_select *sel, int way)
{
	size_t at = app->scroll.cursor, to = at + (size_t)(way < 0 ? -1 : 1);
	unsigned id;

	if (at >= sel->ncolumns || to >= sel->ncolumns)
		return;
	id = sel->columns[at];
	sel->columns[at] = sel->columns[to];
	sel->columns[to] = id;
	app->scroll.cursor = to;
}

static void columns_changed(struct mml_app *app, struct mml_grid *grid)
{
	mml_grid_changed(grid);
	app_reselected(app);
}

static void list_columns_input(struct mml_app *app, struct mml_grid *grid,
			       const struct mml_input *in, unsigned id)
{
	struct mml_select *sel = mml_grid_select(grid);

	if (in->key == ' ' || in->what == MML_DO_ENTER)
		toggle_column(sel, id);
	else if (in->what == MML_DO_LEFT || in->what == MML_DO_SORT_LEFT)
		move_column(app, sel, -1);
	else if (in->what == MML_DO_RIGHT || in->what == MML_DO_SORT_RIGHT)
		move_column(app, sel, 1);
	else if (in->what == MML_DO_BACK || in->what == MML_DO_COLUMNS || in->what == MML_DO_QUIT)
		app->dialog = NO_DIALOG;
	else
		return;
	columns_changed(app, grid);
}

static void list_input(struct mml_app *app, const struct mml_input *in)
{
	struct mml_grid *grid = app_grid(app);
	unsigned columns[MML_MAX_COLUMNS];
	size_t shown;

	if (!grid) {
		app->dialog = NO_DIALOG;
		return;
	}
	app->scroll.n = mml_grid_columns(grid, columns, &shown);
	if (mml_scroll_input(&app->scroll, in, true))
		return;
	if (app->dialog == LIST_COLUMNS) {
		list_columns_input(app, grid, in, columns[app->scroll.cursor]);
		return;
	}
	/* The key of the mark (m) sorts by the change since the mark. */
	if (in->what == MML_DO_ENTER || (in->what == MML_DO_MARK && mml_grid_marked(grid))) {
		mml_grid_sort(grid, columns[app->scroll.cursor], in->what == MML_DO_MARK);
		app->dialog = NO_DIALOG;
		app_reselected(app);
	} else if (in->what == MML_DO_BACK || in->what == MML_DO_SORT || in->what == MML_DO_QUIT) {
		app->dialog = NO_DIALOG;
	}
}

static void page_input(struct mml_app *app, const struct mml_input *in)
{
	struct mml_grid *grid = app_grid(app);
	unsigned columns[MML_MAX_COLUMNS];
	size_t shown, n;
	int by = in->what == MML_DO_LEFT || in->what == MML_DO_SORT_LEFT     ? -1
		 : in->what == MML_DO_RIGHT || in->what == MML_DO_SORT_RIGHT ? 1
									     : 0;

	if (app->dialog == PAGE_ABOUT && grid && by) {
		n = mml_grid_columns(grid, columns, &shown);
		app->about = (unsigned)((app->about + n + (size_t)(by < 0 ? n - 1 : 1)) % n);
		app->scroll.top = 0;
		return;
	}
	if (!mml_scroll_input(&app->scroll, in, false) && in->what != MML_DO_REDRAW)
		app->dialog = NO_DIALOG;
}

void app_dialog_input(struct mml_app *app, const struct mml_input *in)
{
	switch (app->dialog) {
	case PROMPT_SEARCH:
	case PROMPT_FILTER:
	case PROMPT_DELAY:
	case PROMPT_GOTO:
	case PROMPT_PARAM:
		prompt_input(app, in);
		return;
	case LIST_SORT:
	case LIST_COLUMNS:
		list_input(app, in);
		return;
	default:
		page_input(app, in);
	}
	if (in->what == MML_DO_REDRAW)
		app->redraw = true;
}

static void draw_columns(struct mml_app *app, struct mml_grid *grid,
			 const struct mml_canvas *canvas)
{
	bool sort = app->dialog == LIST_SORT;
	unsigned columns[MML_MAX_COLUMNS];
	size_t shown, n = mml_grid_columns(grid, columns, &shown);
	const struct mml_schema *schema = mml_grid_select(grid)->schema;
	struct mml_canvas box = mml_box(canvas, (int)n + 1, 74, sort ? "sort by" : "columns");
	const char *keys = !sort ? "Space shows or hides, Left Right move, Esc is done"
			   : mml_grid_marked(grid) ? "Enter sorts, m by the change since the mark"
						   : "Enter sorts, Esc leaves it";

	app->scroll.n = n;
	mml_scroll_fit(&app->scroll, box.rows - 1, true);
	for (size_t i = app->scroll.top; i < n && i < app->scroll.top + app->scroll.page; i++) {
		const struct mml_column *col = &schema->columns[columns[i]];
		int y = (int)(i - app->scroll.top), x = 0;

		if (!sort)
			x = mml_draw(&box, y, 0, MML_INK_NORMAL, i < shown ? "[x] " : "[ ] ");
		mml_draw_field(&box, y, x, 16, false, MML_INK_KEY, col->name);
		mml_draw_field(&box, y, x + 17, box.cols - x - 17, false, MML_INK_NORMAL,
			       col->help);
		if (i == app->scroll.cursor)
			mml_draw_ink(&box, y, 0, box.cols, MML_INK_SELECTED);
	}
	mml_draw_field(&box, box.rows - 1, 0, box.cols, false, MML_INK_LABEL, keys);
}

static void put_help(struct mml_app *app, struct mml_buf *out)
{
	const struct frame *frame = app_frame(app);
	const struct mml_key_line *lines = mml_key_lines();

	if (frame) {
		const struct mml_view_key *keys = frame->view->ops->keys;

		mml_buf_printf(out, "%s: %s\n",
			       frame->view->target.table && frame->view->ops == app->views->plain
				       ? frame->view->target.table->schema.name
				       : frame->view->ops->name,
			       frame->view->target.table && frame->view->ops == app->views->plain
				       ? frame->view->target.table->schema.help
				       : frame->view->ops->help);
		for (; keys && keys->shown; keys++)
			mml_buf_printf(out, "  %-12s %s\n", keys->shown, keys->help);
	}
	for (; lines->help; lines++) {
		if (!lines->shown)
			mml_buf_printf(out, "\n%s\n", lines->help);
		else
			mml_buf_printf(out, "  %-12s %s\n", lines->shown, lines->help);
	}
}

static void draw_page(struct mml_app *app, const struct mml_canvas *canvas)
{
	struct mml_grid *grid = app_grid(app);
	struct mml_canvas box, none = { .utf8 = canvas->utf8 };
	const char *title = "read";
	int rows;

	if (app->dialog != PAGE_TEXT)
		app->text.len = 0;
	if (app->dialog == PAGE_HELP) {
		title = "help";
		put_help(app, &app->text);
	}
	if (app->dialog == PAGE_ROW && grid) {
		title = "this row";
		mml_grid_about_row(grid, &app->text);
	}
	if (app->dialog == PAGE_ABOUT && grid) {
		struct mml_moment moment = app_moment(app, app_frame(app));
		unsigned columns[MML_MAX_COLUMNS];
		size_t shown, n = mml_grid_columns(grid, columns, &shown);

		title = canvas->utf8 ? "about a column (\u2190 \u2192: others)"
				     : "about a column (Left, Right: others)";
		mml_grid_about(grid, &moment, columns[app->about < n ? app->about : 0], &app->text);
	}
	if (app->text.error || !app->text.len)
		return;
	rows = mml_draw_text(&none, 0, 0, canvas->cols < 76 ? canvas->cols - 4 : 72, MML_INK_NORMAL,
			     app->text.data);
	box = mml_box(canvas, rows, 72, title);
	mml_page_draw(&app->scroll, &box, app->text.data);
}

/* Lists the words that what was typed so far can still become. */
static void draw_hints(struct mml_app *app, const struct mml_canvas *canvas, int y)
{
	const char *word = app->prompt.text, *near;
	size_t len = strlen(word);
	struct mml_buf hints = { 0 };

	for (const struct mml_view_entry *v = app->views->list; v->name; v++)
		if (!strncmp(v->name, word, len) && (v->ops || mml_collector_find(v->name)))
			mml_buf_printf(&hints, " %s", v->name);
	for (size_t i = 0; mml_collectors[i]; i++) {
		const char *name = mml_collectors[i]->schema.name;
		bool view = false;

		for (const struct mml_view_entry *v = app->views->list; v->name; v++)
			view |= !strcmp(v->name, name);
		if (!view && !strncmp(name, word, len))
			mml_buf_printf(&hints, " %s", name);
	}
	if (!hints.len && (near = app_nearest(app, word)))
		mml_buf_printf(&hints, " nothing of that name; Tab: %s", near);
	if (!hints.error && hints.len)
		mml_draw_field(canvas, y, 0, canvas->cols, false, MML_INK_LABEL, hints.data);
	mml_buf_free(&hints);
}

static void draw_prompt(struct mml_app *app, const struct mml_canvas *canvas, int *ret_y,
			int *ret_x)
{
	static const char *const labels[] = {
		[PROMPT_SEARCH] = "search: ",
		[PROMPT_FILTER] = "filter: ",
		[PROMPT_DELAY] = "delay in seconds: ",
		[PROMPT_GOTO] = "go to: ",
	};
	const struct mml_param *param = &mml_params[app->param];
	int y = canvas->rows - 1;
	char asked[64];

	snprintf(asked, sizeof(asked), "%s: ", param->arg);
	*ret_x = mml_prompt_draw(&app->prompt, canvas, y,
				 app->dialog == PROMPT_PARAM ? asked : labels[app->dialog]);
	*ret_y = y;
	if (y && *app->complaint)
		mml_draw_field(canvas, y - 1, 0, canvas->cols, false, MML_INK_BAD, app->complaint);
	else if (y && app->dialog == PROMPT_GOTO)
		draw_hints(app, canvas, y - 1);
	else if (y && app->dialog == PROMPT_PARAM)
		mml_drawf(canvas, y - 1, 0, MML_INK_LABEL, " %s; Esc leaves", param->help);
	else if (y && app->dialog == PROMPT_FILTER)
		mml_draw_field(canvas, y - 1, 0, canvas->cols, false, MML_INK_LABEL,
			       " COL OP VALUE, OP one of = != < <= > >= ~; and, or, ( ); 1.5M; "
			       "empty: all rows");
}

void app_dialog_draw(struct mml_app *app, const struct mml_canvas *canvas, int *ret_y, int *ret_x)
{
	struct mml_canvas above =
		mml_canvas_part(canvas, 0, 0, canvas->rows - (canvas->rows > 2), canvas->cols);
	struct mml_grid *grid = app_grid(app);

	switch (app->dialog) {
	case NO_DIALOG:
		return;
	case PROMPT_SEARCH:
	case PROMPT_FILTER:
	case PROMPT_DELAY:
	case PROMPT_GOTO:
	case PROMPT_PARAM:
		draw_prompt(app, canvas, ret_y, ret_x);
		return;
	case LIST_SORT:
	case LIST_COLUMNS:
		if (grid)
			draw_columns(app, grid, &above);
		return;
	default:
		draw_page(app, &above);
	}
}
