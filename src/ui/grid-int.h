/* What the parts of the grid share; for nobody else. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "grid.h"

struct grid_row {
	const struct mml_row *row, *before, *mark;
	size_t place;
};

/* A column as it stands on the screen. */
struct grid_column {
	unsigned id;
	bool change; /* since the mark, of column id */
	bool frozen;
	int rank, width, x;
};

enum { GRID_COLUMNS = 2 * MML_MAX_COLUMNS, GRID_SEARCH_MAX = 128 };

struct mml_grid {
	const struct mml_schema *schema;
	struct mml_select sel;
	bool by_change; /* the first sort key is the change since the mark */
	const struct mml_grid_hooks *hooks;
	void *ctx;

	const struct mml_table *table;
	struct mml_arena *arena; /* of the matches with before and mark */
	struct grid_row *rows;
	size_t nrows, room;
	bool marked;
	struct mml_style style;

	size_t cursor, top;
	struct mml_buf key; /* of the row under the cursor, to find it again */
	int page;           /* rows there is room for */
	unsigned scroll;    /* columns scrolled off, behind the frozen ones */
	bool more_right;    /* there are columns behind the right edge */

	/* As last drawn: what the mouse and < > go by. */
	int y, x;
	struct grid_column shown[GRID_COLUMNS];
	size_t nshown;
	/* Widths only grow while the columns stay the same, so that nothing jumps. */
	uint16_t widths[MML_MAX_COLUMNS][2];
	enum mml_units units;
	struct mml_buf text; /* of the visible cells, one after the other */
	char search[GRID_SEARCH_MAX];
};

/* How the cell changed since the mark; a row that was not there then counts as new in full. */
bool grid_change(const struct mml_grid *grid, const struct grid_row *row, unsigned id, double *ret);

/* Whether the change of column ID since the mark is worth a column. */
bool grid_measures(const struct mml_column *col);

/* Append the change since the mark, with its sign. */
void grid_change_text(const struct mml_grid *grid, const struct grid_row *row, unsigned id,
		      struct mml_buf *out);

/* Move the cursor to row AT, or the nearest there is. */
void grid_move(struct mml_grid *grid, long at);
