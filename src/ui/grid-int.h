/* What the grid*.c files share with each other and with nobody else. */
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
	bool change; /* it shows the change of column id since the mark */
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
	struct mml_arena *arena; /* owns the matches of rows with those of before and of the mark */
	struct grid_row *rows;
	size_t nrows, room;
	bool marked;
	struct mml_style style;

	size_t cursor, top;
	struct mml_buf key; /* key columns of the row under the cursor, to find it again */
	int page;           /* the rows there is room for */
	unsigned scroll;    /* columns scrolled off, not counting the frozen ones */
	bool more_right;    /* there are columns beyond the right edge */

	/* Where everything was last drawn, which the mouse and the keys < and > refer to. */
	int y, x;
	struct grid_column shown[GRID_COLUMNS];
	size_t nshown;
	/* As long as the columns stay the same, their widths only grow, so that nothing jumps. */
	uint16_t widths[MML_MAX_COLUMNS][2];
	enum mml_units units;
	struct mml_buf text; /* of all visible cells, one after the other */
	char search[GRID_SEARCH_MAX];
};

/* Sets RET to the change of the cell since the mark. A row that was not there then counts from 0.
 * Returns false if there is no such change. */
bool grid_change(const struct mml_grid *grid, const struct grid_row *row, unsigned id, double *ret);

/* Returns whether a column may show its change since the mark. */
bool grid_measures(const struct mml_column *col);

/* Appends the change of the cell since the mark, with its sign, or "new 1.5G" for a row that was not there
 * then. */
void grid_change_text(const struct mml_grid *grid, const struct grid_row *row, unsigned id,
		      struct mml_buf *out);

/* Moves the cursor to row AT, or to the nearest one there is. */
void grid_move(struct mml_grid *grid, long at);
