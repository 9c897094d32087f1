/* What the grid*.c files share with each other and with nobody else. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "grid.h"
#include "ways.h"

struct grid_row {
	const struct mml_row *row, *before, *mark;
	const struct mml_way *thing; /* its way here, where the grid keeps one */
	size_t place;
};

/* What stands in a column of the screen, of the table's column ID. */
enum grid_what {
	GRID_VALUE,
	GRID_PICTURE, /* what the view draws behind it */
	GRID_TRAIL,  /* its last ten minutes */
	GRID_CHANGE, /* since the mark, or over the span */
	GRID_WHATS,
};

struct grid_column {
	unsigned id;
	enum grid_what what;
	bool frozen;
	int rank, width, x;
};

enum { GRID_COLUMNS = 4 * MML_MAX_COLUMNS, GRID_SEARCH_MAX = 128 };

struct mml_grid {
	const struct mml_schema *schema;
	char *name; /* of its settings in the rc file; NULL: the table's */
	struct mml_select sel;
	bool by_change; /* the first sort key is the change */
	bool known;     /* mml_grid_known() was called */
	struct mml_select own; /* columns and order as they were then */
	bool blurred;   /* another grid has the cursor */
	const struct mml_grid_hooks *hooks;
	void *ctx;

	const struct mml_table *table;
	struct mml_arena *arena; /* owns the matches of rows with those of before and of the mark */
	struct grid_row *rows, *spare;
	size_t nrows, room;
	bool marked;
	struct mml_style style;

	struct mml_ways *ways; /* of column TRAILED; NULL: of none */
	unsigned trailed;
	uint64_t trail_ns; /* the moment it has seen last */
	enum mml_since since;

	/* The order the rows were put in last, by the hashes of their keys, and when: it stays for a while. */
	struct grid_place {
		uint64_t key;
		size_t at;
	} *places;
	size_t nplaces;
	uint64_t ordered_ns;
	bool reorder, refill; /* the order, or the rows, are to be others */
	struct grid_filled {
		const struct mml_snapshot *now, *before, *mark;
		uint64_t now_ns;
	} filled; /* what the rows are from */

	size_t cursor, top;
	struct mml_buf key; /* key columns of the row under the cursor, to find it again */
	int page;           /* the rows there is room for */
	unsigned scroll;    /* columns scrolled off, not counting the frozen ones */
	bool more_right;    /* there are columns beyond the right edge */

	/* As last drawn: what the mouse and < > go by. */
	int y, x, cols;
	struct grid_column shown[GRID_COLUMNS];
	size_t nshown;
	/* Widths only grow while the columns stay the same, so that nothing jumps. */
	uint16_t widths[MML_MAX_COLUMNS][GRID_WHATS];
	enum mml_units units;
	struct mml_buf text; /* of all visible cells, one after the other */
	char search[GRID_SEARCH_MAX];
};

/* The keys of ROW as bytes, to find it again in the next table. */
void grid_key(const struct mml_schema *schema, const struct mml_row *row, struct mml_buf *out);

/* How the cell changed since the mark, or over the span in the column that has a trail; a row that was not
 * there then counts in full, and *RET_NEW is set. */
bool grid_change(const struct mml_grid *grid, const struct grid_row *row, unsigned id, double *ret,
		 bool *ret_new);

/* Whether the change of column ID is worth a column, and whether there is one now. */
bool grid_measures(const struct mml_column *col);
bool grid_changes(const struct mml_grid *grid, unsigned id);

/* Appends the change of the cell, with its sign, or "new 1.5G" for a row that was not there then. */
void grid_change_text(const struct mml_grid *grid, const struct grid_row *row, unsigned id,
		      struct mml_buf *out);

/* Puts the rows of MOMENT into the grid, and in their order. Returns 0, -ENOMEM, or -ENOENT when there is no
 * table. */
int grid_fill(struct mml_grid *grid, const struct mml_moment *moment);

/* Moves the cursor to row AT, or to the nearest one there is. */
void grid_move(struct mml_grid *grid, long at);
