/* Any table as rows on the screen: scrolling, sorting, searching, filtering, choosing columns, and
 * changes since the mark. The grid knows schemas, but no particular table. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "view.h"

struct mml_grid;

/* Makes a grid for tables with SCHEMA, with the columns and order that the schema has. Returns NULL
 * when memory ran out. */
struct mml_grid *mml_grid_new(const struct mml_schema *schema);
void mml_grid_free(struct mml_grid *grid);

/* The grid's columns, order and filter. They are changed with mml_select_*(), and then
 * mml_grid_changed() must be called. */
struct mml_select *mml_grid_select(struct mml_grid *grid);
void mml_grid_changed(struct mml_grid *grid);

/* What a view can change in its grid. CTX is the view's, and every hook may be NULL. */
struct mml_grid_hooks {
	/* Returns the ink of a cell, which is INK by default. */
	enum mml_ink (*ink)(void *ctx, const struct mml_row *row, unsigned col, enum mml_ink ink);
	/* Replaces filter and sort, for instance by a tree. Puts the numbers of the table's rows
	 * into RET, which has room for all of them. Returns how many there are. */
	size_t (*order)(void *ctx, const struct mml_select *sel, const struct mml_table *table,
			size_t *ret);
	/* Appends what stands in front of the first column's text, such as the lines of a tree. */
	void (*prefix)(void *ctx, const struct mml_row *row, bool utf8, struct mml_buf *out);
};
void mml_grid_hook(struct mml_grid *grid, const struct mml_grid_hooks *hooks, void *ctx);

/* Shows the table of the grid's schema in MOMENT. It is to be called from the view's sample(). */
void mml_grid_sample(struct mml_grid *grid, const struct mml_moment *moment);

/* Draws the headings and rows on all of CANVAS, or says why there are none. */
void mml_grid_draw(struct mml_grid *grid, const struct mml_moment *moment,
		   const struct mml_canvas *canvas);

/* The row under the cursor, or NULL; and how many rows pass the filter. */
const struct mml_row *mml_grid_row(const struct mml_grid *grid);
size_t mml_grid_rows(const struct mml_grid *grid);

/* Puts at most MAX of the rows that are on the screen now into RET, from top to bottom, and returns
 * how many. Costly reads are made for these first. */
size_t mml_grid_visible(const struct mml_grid *grid, const struct mml_row **ret, size_t max);

/* Sorts by column ID, or by its change since the mark if CHANGE. Numbers begin with the largest,
 * text with the first letter. The same call again turns the order around. */
void mml_grid_sort(struct mml_grid *grid, unsigned id, bool change);

/* Moves, sorts, reverses, searches again, or handles the mouse. Returns whether the key was one of
 * the grid's. The grid knows where on the screen it was last drawn. */
bool mml_grid_input(struct mml_grid *grid, const struct mml_moment *moment,
		    const struct mml_input *in, struct mml_action *ret);

/* Moves the cursor to the next row that has TEXT in a shown cell, downwards if WAY is 1 and upwards
 * if -1, and on from the other end. If WAY is 0, the current row is tried first. Case does not
 * matter if TEXT has no capitals. Returns false if there is no such row. */
bool mml_grid_search(struct mml_grid *grid, const char *text, int way);

/* Puts the columns into RET in the order that the chooser and `i` show them: first those that are
 * shown, whose number is RET_SHOWN, then the rest. Returns how many there are. */
size_t mml_grid_columns(const struct mml_grid *grid, unsigned ret[MML_MAX_COLUMNS],
			size_t *ret_shown);

/* Appends lines about column ID, for `i`: its source, formula, unit and help, why it is absent, and
 * its value in the row under the cursor. */
void mml_grid_about(const struct mml_grid *grid, const struct mml_moment *moment, unsigned id,
		    struct mml_buf *out);

/* Appends lines about the row under the cursor: the value of every column and its change since the
 * mark. */
void mml_grid_about_row(const struct mml_grid *grid, struct mml_buf *out);

/* The column that is sorted by, or the first one shown, and whether it is its change; and whether
 * there is a mark. */
unsigned mml_grid_column(const struct mml_grid *grid, bool *ret_change);
bool mml_grid_marked(const struct mml_grid *grid);

/* The number of the row that the cursor is on, from 0. */
size_t mml_grid_cursor(const struct mml_grid *grid);
