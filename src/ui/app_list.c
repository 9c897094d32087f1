/* Lists that typing narrows: the columns to show, the column to sort by, the view to go to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "../collectors/registry.h"
#include "app-int.h"

enum { ITEMS = MML_MAX_COLUMNS + 128, NAME_COLS = 17 };

struct item {
	const char *name, *help, *head; /* head: of a column, or NULL */
	unsigned id;                    /* of a column */
	bool marked;                    /* it is shown, or sorted by */
};

struct items {
	struct item item[ITEMS];
	size_t n;
};

/* Each blank-separated word of what was typed occurs in the name or the heading, case aside. */
static bool fits(const struct mml_app *app, const struct item *item)
{
	struct mml_span rest = mml_span_str(app->prompt.text), word;

	while (mml_next_token(&rest, &word)) {
		char part[64];
		size_t len = mml_span_len(word);

		len = len < sizeof(part) ? len : sizeof(part) - 1;
		memcpy(part, word.p, len);
		part[len] = '\0';
		if (!strcasestr(item->name, part) && !(item->head && strcasestr(item->head, part)))
			return false;
	}
	return true;
}

static void add(const struct mml_app *app, struct items *items, struct item item)
{
	if (items->n < ITEMS && fits(app, &item))
		items->item[items->n++] = item;
}

static void list_columns(struct mml_app *app, struct mml_grid *grid, struct items *ret)
{
	const struct mml_schema *schema = mml_grid_select(grid)->schema;
	unsigned columns[MML_MAX_COLUMNS];
	bool change;
	size_t shown, n = mml_grid_columns(grid, columns, &shown);
	unsigned sorted = mml_grid_column(grid, &change);

	for (size_t i = 0; i < n; i++) {
		const struct mml_column *col = &schema->columns[columns[i]];

		add(app, ret,
		    (struct item){ col->name, col->help, col->head, columns[i],
				   app->dialog == LIST_SORT ? columns[i] == sorted : i < shown });
	}
}

/* The tabs, then every table that is none of them. */
static void list_views(struct mml_app *app, struct items *ret)
{
	for (size_t i = 0; i < app->ntabs; i++) {
		const struct mml_collector *table = mml_collector_find(app->tabs[i].name);
		const struct mml_view_ops *ops = app_tab_ops(app, i);

		add(app, ret,
		    (struct item){ app->tabs[i].name,
				   ops	 ? ops->help
				   : table ? table->schema.help
					   : "",
				   NULL, 0, i == app->tab });
	}
	for (size_t k = 0; mml_collectors[k]; k++) {
		const struct mml_schema *schema = &mml_collectors[k]->schema;
		bool tab = false;

		for (size_t i = 0; i < app->ntabs; i++)
			tab |= !strcmp(app->tabs[i].name, schema->name);
		if (!tab)
			add(app, ret, (struct item){ schema->name, schema->help, NULL, 0, false });
	}
}

static void list(struct mml_app *app, struct items *ret)
{
	ret->n = 0;
	if (app->dialog == LIST_GOTO)
		list_views(app, ret);
	else if (app_grid(app))
		list_columns(app, app_grid(app), ret);
	app->scroll.n = ret->n;
	if (app->scroll.cursor >= ret->n)
		app->scroll.cursor = ret->n ? ret->n - 1 : 0;
}

void app_list_open(struct mml_app *app)
{
	struct items items;

	if (app->dialog != LIST_SORT)
		return;
	list(app, &items);
	for (size_t i = 0; i < items.n; i++)
		if (items.item[i].marked)
			app->scroll.cursor = i;
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

/* Where the columns stand is how they are shown: one place to the left or right. */
static void move_column(struct mml_app *app, struct mml_select *sel, unsigned id, int way)
{
	for (size_t at = 0; at < sel->ncolumns; at++) {
		size_t to = at + (size_t)(way < 0 ? -1 : 1);

		if (sel->columns[at] != id || to >= sel->ncolumns)
			continue;
		sel->columns[at] = sel->columns[to];
		sel->columns[to] = id;
		if (!*app->prompt.text)
			app->scroll.cursor = to;
		return;
	}
}

/* A key on column ID: true when it was one of the list's. */
static bool columns_key(struct mml_app *app, const struct mml_input *in, unsigned id)
{
	struct mml_grid *grid = app_grid(app);
	struct mml_select *sel = mml_grid_select(grid);

	if (in->key == ' ' || in->what == MML_DO_ENTER)
		toggle_column(sel, id);
	else if (in->key == MML_LEFT)
		move_column(app, sel, id, -1);
	else if (in->key == MML_RIGHT)
		move_column(app, sel, id, 1);
	else
		return false;
	mml_grid_changed(grid);
	app_reselected(app);
	return true;
}

/* Space sorts by the change since the mark. */
static bool sort_key(struct mml_app *app, const struct mml_input *in, unsigned id)
{
	struct mml_grid *grid = app_grid(app);
	bool change = in->key == ' ';

	if (in->what != MML_DO_ENTER && !(change && mml_grid_marked(grid)))
		return false;
	mml_grid_sort(grid, id, change);
	app->dialog = NO_DIALOG;
	app_reselected(app);
	return true;
}

/* Enter goes to what is under the cursor, but to what was typed in full first. */
static bool goto_key(struct mml_app *app, const struct mml_input *in, const char *name)
{
	if (in->key == '\t') {
		name = name ? name : app_nearest(app, app->prompt.text);
		mml_prompt_set(&app->prompt, name ? name : app->prompt.text);
		return true;
	}
	if (in->what != MML_DO_ENTER)
		return false;
	/* What opens may ask for something itself. */
	app->dialog = NO_DIALOG;
	if (!mml_app_open(app, name ? name : app->prompt.text, app->complaint,
			  sizeof(app->complaint)))
		app->dialog = LIST_GOTO;
	return true;
}

static bool list_key(struct mml_app *app, const struct mml_input *in, const struct items *items)
{
	const struct item *at = items->n ? &items->item[app->scroll.cursor] : NULL;

	if (app->dialog == LIST_GOTO) {
		for (size_t i = 0; i < items->n; i++)
			if (!strcmp(items->item[i].name, app->prompt.text))
				at = &items->item[i];
		return goto_key(app, in, at ? at->name : NULL);
	}
	if (!at)
		return false;
	return app->dialog == LIST_COLUMNS ? columns_key(app, in, at->id) : sort_key(app, in, at->id);
}

/* Movement is by keys that are no letters: letters narrow the list. */
static bool moves(struct mml_app *app, const struct mml_input *in)
{
	bool special = in->key >= MML_UP || in->key < ' ';

	return special && mml_scroll_input(&app->scroll, in, true);
}

/* A click puts the cursor there, a second one is Enter. */
static bool click(struct mml_app *app, struct mml_input *in)
{
	int row = in->mouse.y - app->list_y;

	if (in->key != MML_MOUSE || in->mouse.what != MML_CLICK || row < 0 ||
	    (size_t)row >= app->scroll.page || app->scroll.top + (size_t)row >= app->scroll.n)
		return false;
	if (app->scroll.cursor != app->scroll.top + (size_t)row) {
		app->scroll.cursor = app->scroll.top + (size_t)row;
		return true;
	}
	*in = (struct mml_input){ .key = MML_ENTER, .what = MML_DO_ENTER };
	return false;
}

void app_list_input(struct mml_app *app, const struct mml_input *given)
{
	struct mml_input in = *given;
	struct items items;

	app->complaint[0] = '\0';
	list(app, &items);
	if (app->dialog != LIST_GOTO && !app_grid(app)) {
		app->dialog = NO_DIALOG;
		return;
	}
	if (click(app, &in) || list_key(app, &in, &items) || moves(app, &in))
		return;
	if (in.key == MML_F(2) || in.key == MML_F(6)) {
		app->dialog = NO_DIALOG;
		return;
	}
	if (in.key == MML_PASTE)
		mml_prompt_paste(&app->prompt, in.paste);
	else if (mml_prompt_key(&app->prompt, in.key) == MML_CANCELLED)
		app->dialog = NO_DIALOG;
	else
		app->scroll.cursor = app->scroll.top = 0;
}

static void draw_items(struct mml_app *app, const struct mml_canvas *box,
		       const struct items *items)
{
	bool boxes = app->dialog == LIST_COLUMNS;

	for (size_t i = app->scroll.top; i < items->n && i < app->scroll.top + app->scroll.page;
	     i++) {
		const struct item *item = &items->item[i];
		int y = (int)(i - app->scroll.top), x = 0;
		enum mml_ink ink = item->marked ? MML_INK_STRONG : MML_INK_TEXT;

		if (boxes)
			x = mml_draw(box, y, 0, MML_INK_QUIET, item->marked ? "x " : "  ");
		mml_draw_field(box, y, x, NAME_COLS, false, ink, item->name);
		x += NAME_COLS + 1;
		mml_draw_field(box, y, x, box->cols - x, false, MML_INK_QUIET, item->help);
		if (i == app->scroll.cursor)
			mml_draw_cursor(box, y, 0, box->cols);
	}
}

/* At the right, over half of the screen at the most, so that what is chosen is seen at once. */
static struct mml_canvas list_box(const struct mml_canvas *canvas, size_t n, const char *title)
{
	int cols = canvas->cols / 2 < 34 ? 34 : canvas->cols / 2 > 70 ? 70 : canvas->cols / 2;
	int rows = (int)n + 2 < canvas->rows - 2 ? (int)n + 2 : canvas->rows - 2;
	struct mml_canvas right;

	cols = cols > canvas->cols ? canvas->cols : cols;
	right = mml_canvas_part(canvas, 1, canvas->cols - cols, rows < 4 ? 4 : rows, cols);
	return mml_box(&right, right.rows, right.cols, title);
}

void app_list_draw(struct mml_app *app, const struct mml_canvas *canvas, int *ret_y, int *ret_x)
{
	static const char *const titles[] = { [LIST_SORT] = "sort by", [LIST_COLUMNS] = "columns",
					      [LIST_GOTO] = "views and tables" };
	static const char *const labels[] = { [LIST_SORT] = "sort by: ", [LIST_COLUMNS] = "columns: ",
					      [LIST_GOTO] = "go to: " };
	struct mml_grid *grid = app_grid(app);
	const char *hint = app->dialog == LIST_COLUMNS ?
				   "Space shows or hides, Left Right move, Esc is done" :
			   app->dialog == LIST_GOTO ? "Enter goes there, Esc stays" :
			   grid && mml_grid_marked(grid) ?
						      "Enter sorts, Space by the change since the mark" :
						      "Enter sorts, Esc leaves it";
	int y = canvas->rows - 1, width;
	struct mml_canvas box;
	struct items items;

	list(app, &items);
	box = list_box(canvas, items.n, titles[app->dialog]);
	app->list_y = box.top;
	mml_scroll_fit(&app->scroll, box.rows, true);
	draw_items(app, &box, &items);
	*ret_x = mml_prompt_draw(&app->prompt, canvas, y, labels[app->dialog]);
	*ret_y = y;
	if (*app->complaint || !items.n)
		hint = *app->complaint ? app->complaint : "nothing is called that";
	width = (int)strlen(hint);
	if (*ret_x + 2 + width < canvas->cols)
		mml_draw(canvas, y, canvas->cols - width, MML_INK_QUIET, hint);
}
