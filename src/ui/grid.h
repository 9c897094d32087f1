/* Any table as rows on the screen: scrolling, sorting, searching, filtering, choosing columns,
 * changes since the mark. It knows schemas and no particular table. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "view.h"

struct mml_grid;

/* A grid of tables with SCHEMA, columns and order by the schema; NULL when out of memory. */
struct mml_grid *mml_grid_new(const struct mml_schema *schema);
void mml_grid_free(struct mml_grid *grid);

/* The columns, order and filter: change them with mml_select_*(), then call mml_grid_changed(). */
struct mml_select *mml_grid_select(struct mml_grid *grid);
void mml_grid_changed(struct mml_grid *grid);

/* A finer hand for views; CTX is theirs. All optional. */
struct mml_grid_hooks {
	/* The ink of a cell that is shown, when it is not INK. */
	enum mml_ink (*ink)(void *ctx, const struct mml_row *row, unsigned col, enum mml_ink ink);
	/* Which rows, in which order: replaces filter and sort (a tree). Numbers of TABLE's rows into
	 * RET, which has room for all; returns how many. */
	size_t (*order)(void *ctx, const struct mml_select *sel, const struct mml_table *table,
			size_t *ret);
	/* What stands before the first column's text (the lines of a tree), UTF-8 or plain. */
	void (*prefix)(void *ctx, const struct mml_row *row, bool utf8, struct mml_buf *out);
};
void mml_grid_hook(struct mml_grid *grid, const struct mml_grid_hooks *hooks, void *ctx);

/* Show MOMENT's table of the grid's schema; call from the view's sample(). */
void mml_grid_sample(struct mml_grid *grid, const struct mml_moment *moment);

/* Headings, then rows, in all of CANVAS; or why there are none. */
void mml_grid_draw(struct mml_grid *grid, const struct mml_moment *moment,
		   const struct mml_canvas *canvas);

/* The row under the cursor, or NULL; how many rows are shown. */
const struct mml_row *mml_grid_row(const struct mml_grid *grid);
size_t mml_grid_rows(const struct mml_grid *grid);

/* The rows on the screen now, top to bottom, at most MAX: for what is costly to read. */
size_t mml_grid_visible(const struct mml_grid *grid, const struct mml_row **ret, size_t max);

/* Sort by column ID, by its change since the mark when CHANGE: numbers from the largest, text from the
 * first letter; a second time turns the order around. */
void mml_grid_sort(struct mml_grid *grid, unsigned id, bool change);

/* Move, sort, reverse, search again, mouse: true when the key was the grid's. The grid knows where on
 * the screen it was last drawn. */
bool mml_grid_input(struct mml_grid *grid, const struct mml_moment *moment,
		    const struct mml_input *in, struct mml_action *ret);

/* Go to the next row (from the cursor, WAY 1 or -1; 0: from here, this row included) of which a
 * shown cell contains TEXT, case aside when TEXT has no capitals. False: no such row. */
bool mml_grid_search(struct mml_grid *grid, const char *text, int way);

/* Columns as the chooser and `i` go through them: those shown first, in their order, then the rest. */
size_t mml_grid_columns(const struct mml_grid *grid, unsigned ret[MML_MAX_COLUMNS],
			size_t *ret_shown);

/* Lines about column ID, for `i`: source, formula, unit, help, why it is absent, and the value in the
 * row under the cursor. */
void mml_grid_about(const struct mml_grid *grid, const struct mml_moment *moment, unsigned id,
		    struct mml_buf *out);

/* Lines about the row under the cursor: every column's value, and the change since the mark. */
void mml_grid_about_row(const struct mml_grid *grid, struct mml_buf *out);

/* The column sorted by, or the first shown; whether there is a mark to show changes since. */
unsigned mml_grid_column(const struct mml_grid *grid, bool *ret_change);
bool mml_grid_marked(const struct mml_grid *grid);

/* Where the cursor is, from 0. */
size_t mml_grid_cursor(const struct mml_grid *grid);
