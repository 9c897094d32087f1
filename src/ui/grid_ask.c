/* What views ask a grid about its rows. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "grid-int.h"

static const struct mml_way *thing_of(const struct mml_grid *grid, const struct mml_row *row)
{
	struct mml_buf key = { 0 };
	const struct mml_way *way = NULL;

	if (!grid->ways)
		return NULL;
	grid_key(grid->schema, row, &key);
	if (!key.error)
		way = mml_ways_find(grid->ways, key.data, key.len);
	mml_buf_free(&key);
	return way;
}

double mml_grid_row_change(const struct mml_grid *grid, const struct mml_row *row)
{
	const struct mml_way *way = thing_of(grid, row);
	bool new;

	return way ? mml_ways_change(grid->ways, way, mml_since_seconds(grid->since), &new) : (double)NAN;
}

double mml_grid_row_steady(const struct mml_grid *grid, const struct mml_row *row)
{
	const struct mml_way *way = thing_of(grid, row);

	return way ? mml_ways_steady(grid->ways, way) : (double)NAN;
}

bool mml_grid_by_change(const struct mml_grid *grid)
{
	return grid->by_change;
}

void mml_grid_focus(struct mml_grid *grid, bool has)
{
	grid->blurred = !has;
}

bool mml_grid_has_point(const struct mml_grid *grid, int y, int x)
{
	return y >= grid->y && y <= grid->y + grid->page && x >= grid->x && x < grid->x + grid->cols;
}

bool mml_grid_go(struct mml_grid *grid, unsigned id, const char *text)
{
	for (size_t i = 0; i < grid->nrows; i++) {
		const struct mml_row *row = grid->rows[i].row;

		if (mml_has(row, id) && !strcmp(row->cell[id].str, text)) {
			grid_move(grid, (long)i);
			return true;
		}
	}
	return false;
}
