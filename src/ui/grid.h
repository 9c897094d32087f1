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

/* Another grid of the view takes this one's place: the rows go, since their snapshot may go before the next
 * mml_grid_sample(). The place of the cursor is kept. */
void mml_grid_forget(struct mml_grid *grid);

/* The name of the grid's settings in the rc file, when a table has several grids: the table's name, a dot, and
 * a word. Returns 0 or -ENOMEM; settings() returns it. */
int mml_grid_name(struct mml_grid *grid, const char *name);
const char *mml_grid_settings(const struct mml_grid *grid);

/* The filter is another one: the next sample takes the rows anew. */
void mml_grid_reorder(struct mml_grid *grid);

/* Whether this was called before: a grid that is new gets the settings that are kept for it. Columns and order
 * as they were at the first call are its own. */
bool mml_grid_known(struct mml_grid *grid);
const struct mml_select *mml_grid_own(const struct mml_grid *grid);

/* Keep the way of column ID, which is a size, for each row: beside it stand its last ten minutes where there is
 * room, and how much it changed over the span. Returns 0 or -ENOMEM. */
int mml_grid_trail(struct mml_grid *grid, unsigned id);

/* A finer hand for views; CTX is theirs. All optional. */
struct mml_grid_hooks {
	/* Returns the ink of a cell, which is INK by default. */
	enum mml_ink (*ink)(void *ctx, const struct mml_row *row, unsigned col, enum mml_ink ink);
	/* Replaces filter and sort, for instance by a tree. Puts the numbers of the table's rows
	 * into RET, which has room for all of them. Returns how many there are. */
	size_t (*order)(void *ctx, const struct mml_select *sel, const struct mml_table *table,
			size_t *ret);
	/* Appends what stands in front of the first column's text, such as the lines of a tree. */
	void (*prefix)(void *ctx, const struct mml_row *row, bool utf8, struct mml_buf *out);
	/* Appends what stands in a cell in place of its value, and returns true. What may have come from the
	 * machine must have been escaped. */
	bool (*text)(void *ctx, const struct mml_row *row, unsigned col, bool utf8, struct mml_buf *out);
	/* How many columns of the screen behind column COL the view draws in, of a grid that is COLS wide; 0:
	 * none. Sets RET_HEAD to what stands over them. */
	int (*picture)(void *ctx, unsigned col, int cols, const char **ret_head);
	void (*draw)(void *ctx, const struct mml_canvas *canvas, const struct mml_row *row, unsigned col);
};
void mml_grid_hook(struct mml_grid *grid, const struct mml_grid_hooks *hooks, void *ctx);

/* Shows the table of the grid's schema in MOMENT. It is to be called from the view's sample(). */
void mml_grid_sample(struct mml_grid *grid, const struct mml_moment *moment);

/* Of ROW, a row of the sample that is shown, in the column that has a trail: how much it changed over the span, or
 * since the mark, and how much it grows a minute, if it has gone straight for MML_WAYS_STEADY_S. NAN: not known,
 * or not straight. */
double mml_grid_row_change(const struct mml_grid *grid, const struct mml_row *row);
double mml_grid_row_steady(const struct mml_grid *grid, const struct mml_row *row);

/* Whether the rows are ordered by that change. */
bool mml_grid_by_change(const struct mml_grid *grid);

/* Of several grids that are shown, one has the cursor; which one was drawn where a point of the screen is. */
void mml_grid_focus(struct mml_grid *grid, bool has);

bool mml_grid_has_point(const struct mml_grid *grid, int y, int x);

/* Puts the cursor on the first row whose text column ID is TEXT. Returns whether there is one. */
bool mml_grid_go(struct mml_grid *grid, unsigned id, const char *text);

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

enum mml_found { MML_NOT_FOUND, MML_FOUND, MML_WRAPPED };

/* Go to the next row (from the cursor, WAY 1 or -1; 0: from here, this row included) of which a shown cell
 * contains TEXT, case aside when TEXT has no capitals. WRAPPED: it was found past the last, or the first, row. */
enum mml_found mml_grid_search(struct mml_grid *grid, const char *text, int way);

/* Whether the table has a column called NAME. */
bool mml_grid_has(const struct mml_grid *grid, const char *name);

/* Sort by the column called NAME, or by its change, as mml_grid_sort() does. */
void mml_grid_sort_named(struct mml_grid *grid, const char *name, bool change);

/* What the rows are sorted by: the heading, or that of a change; "" when by nothing. */
const char *mml_grid_order_text(const struct mml_grid *grid);

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

/* The same as a list of names and values on CANVAS. */
void mml_grid_pane(const struct mml_grid *grid, const struct mml_canvas *canvas);

/* Whether the click is on the row under the cursor. */
bool mml_grid_hits_cursor(const struct mml_grid *grid, const struct mml_mouse *mouse);

/* The column sorted by, or the first shown; whether there is a mark to show changes since. */
unsigned mml_grid_column(const struct mml_grid *grid, bool *ret_change);
bool mml_grid_marked(const struct mml_grid *grid);

/* The number of the row that the cursor is on, from 0. */
size_t mml_grid_cursor(const struct mml_grid *grid);
