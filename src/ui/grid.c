/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "grid.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../core/sampler.h"
#include "../core/trouble.h"
#include "grid-int.h"

struct mml_grid *mml_grid_new(const struct mml_schema *schema)
{
	struct mml_grid *grid = mml_calloc(1, sizeof(*grid));

	if (!grid)
		return NULL;
	grid->schema = schema;
	mml_select_init(&grid->sel, schema);
	return grid;
}

void mml_grid_free(struct mml_grid *grid)
{
	if (!grid)
		return;
	mml_select_free(&grid->sel);
	mml_arena_free(grid->arena);
	mml_buf_free(&grid->key);
	mml_buf_free(&grid->text);
	mml_ways_free(grid->ways);
	free(grid->places);
	free(grid->name);
	free(grid->rows);
	free(grid->spare);
	free(grid);
}

struct mml_select *mml_grid_select(struct mml_grid *grid)
{
	return &grid->sel;
}

void mml_grid_hook(struct mml_grid *grid, const struct mml_grid_hooks *hooks, void *ctx)
{
	grid->hooks = hooks;
	grid->ctx = ctx;
}

int mml_grid_name(struct mml_grid *grid, const char *name)
{
	char *own = mml_strdup(name);

	if (!own)
		return -ENOMEM;
	free(grid->name);
	grid->name = own;
	return 0;
}

const char *mml_grid_settings(const struct mml_grid *grid)
{
	return grid->name ? grid->name : grid->schema->name;
}

void mml_grid_reorder(struct mml_grid *grid)
{
	grid->reorder = grid->refill = true;
}

bool mml_grid_known(struct mml_grid *grid)
{
	bool known = grid->known;

	if (!known)
		grid->own = grid->sel;
	grid->known = true;
	return known;
}

const struct mml_select *mml_grid_own(const struct mml_grid *grid)
{
	return &grid->own;
}

int mml_grid_trail(struct mml_grid *grid, unsigned id)
{
	grid->ways = mml_ways_new();
	grid->trailed = id;
	return grid->ways ? 0 : -ENOMEM;
}

const struct mml_row *mml_grid_row(const struct mml_grid *grid)
{
	return grid->cursor < grid->nrows ? grid->rows[grid->cursor].row : NULL;
}

size_t mml_grid_rows(const struct mml_grid *grid)
{
	return grid->nrows;
}

size_t mml_grid_cursor(const struct mml_grid *grid)
{
	return grid->cursor;
}

bool mml_grid_marked(const struct mml_grid *grid)
{
	return grid->marked;
}

size_t mml_grid_visible(const struct mml_grid *grid, const struct mml_row **ret, size_t max)
{
	size_t n = 0;

	while (n < max && n < (size_t)grid->page && grid->top + n < grid->nrows) {
		ret[n] = grid->rows[grid->top + n].row;
		n++;
	}
	return n;
}

unsigned mml_grid_column(const struct mml_grid *grid, bool *ret_change)
{
	*ret_change = grid->by_change && grid->sel.nkeys &&
		      grid_changes(grid, grid->sel.keys[0].column);
	if (grid->sel.nkeys)
		return grid->sel.keys[0].column;
	return grid->sel.ncolumns ? grid->sel.columns[0] : 0;
}

size_t mml_grid_columns(const struct mml_grid *grid, unsigned ret[MML_MAX_COLUMNS],
			size_t *ret_shown)
{
	bool used[MML_MAX_COLUMNS] = { false };
	size_t n = 0;

	for (size_t i = 0; i < grid->sel.ncolumns; i++) {
		if (used[grid->sel.columns[i]])
			continue;
		used[grid->sel.columns[i]] = true;
		ret[n++] = grid->sel.columns[i];
	}
	*ret_shown = n;
	for (unsigned id = 0; id < grid->schema->ncolumns; id++)
		if (!used[id])
			ret[n++] = id;
	return n;
}

bool grid_measures(const struct mml_column *col)
{
	return (col->kind == MML_GAUGE || col->kind == MML_COUNTER || col->kind == MML_DERIVED) &&
	       (col->type == MML_U64 || col->type == MML_I64 || col->type == MML_F64);
}

bool grid_changes(const struct mml_grid *grid, unsigned id)
{
	if (!grid_measures(&grid->schema->columns[id]))
		return false;
	return grid->ways && id == grid->trailed && grid->since != MML_SINCE_MARK ? true : grid->marked;
}

bool grid_change(const struct mml_grid *grid, const struct grid_row *row, unsigned id, double *ret,
		 bool *ret_new)
{
	const struct mml_column *col = &grid->schema->columns[id];
	*ret_new = false;
	if (!grid_changes(grid, id))
		return false;
	if (grid->ways && id == grid->trailed && grid->since != MML_SINCE_MARK) {
		if (!row->thing)
			return false;
		*ret = mml_ways_change(grid->ways, row->thing, mml_since_seconds(grid->since),
					ret_new);
		return !isnan(*ret);
	}
	if (row->mark)
		return mml_cell_change(col, id, row->row, row->mark, ret);
	if (!mml_has(row->row, id) || col->unit == MML_PERCENT || col->unit == MML_RATIO)
		return false;
	*ret_new = true;
	*ret = col->type == MML_F64   ? row->row->cell[id].f64
	       : col->type == MML_I64 ? (double)row->row->cell[id].i64
				      : (double)row->row->cell[id].u64;
	return true;
}

void grid_key(const struct mml_schema *schema, const struct mml_row *row, struct mml_buf *out)
{
	for (unsigned i = 0; i < schema->ncolumns; i++) {
		if (schema->columns[i].kind != MML_KEY || !mml_has(row, i))
			continue;
		if (schema->columns[i].type == MML_STR)
			mml_buf_put(out, row->cell[i].str, strlen(row->cell[i].str) + 1);
		else
			mml_buf_put(out, (const char *)&row->cell[i], sizeof(row->cell[i]));
	}
}

static void keep_key(struct mml_grid *grid)
{
	grid->key.len = 0;
	/* A cursor on the first row stays there: who watches the largest row wants to see the
	 * largest one. */
	if (grid->cursor && grid->cursor < grid->nrows)
		grid_key(grid->schema, grid->rows[grid->cursor].row, &grid->key);
}

void grid_move(struct mml_grid *grid, long at)
{
	long last = (long)grid->nrows - 1;

	at = at > last ? last : at;
	grid->cursor = at < 0 ? 0 : (size_t)at;
	keep_key(grid);
}

/* Moves the cursor to the row that has its key now. If several do, such as two caches of one name,
 * it is the one nearest to where the cursor was. */
static void follow_key(struct mml_grid *grid)
{
	struct mml_buf key = { 0 };
	size_t best = grid->nrows, was = grid->cursor;

	for (size_t i = 0; grid->key.len && i < grid->nrows; i++) {
		size_t far = i > was ? i - was : was - i;

		if (best < grid->nrows && far >= (best > was ? best - was : was - best))
			continue;
		key.len = 0;
		grid_key(grid->schema, grid->rows[i].row, &key);
		if (key.len == grid->key.len && !memcmp(key.data, grid->key.data, key.len))
			best = i;
	}
	mml_buf_free(&key);
	if (best < grid->nrows) {
		/* The table scrolls so that the row keeps its place on the screen. */
		grid->top = best + grid->top > was ? best + grid->top - was : 0;
		grid->cursor = best;
	} else if (grid->cursor >= grid->nrows) {
		grid->cursor = grid->nrows ? grid->nrows - 1 : 0;
	}
}

/* A column of names is as wide as the longest name in the whole table, not just on the screen, so
 * that scrolling does not change it. */
static void measure_names(struct mml_grid *grid)
{
	for (unsigned id = 0; id < grid->schema->ncolumns; id++) {
		if (grid->schema->columns[id].kind != MML_KEY ||
		    grid->schema->columns[id].type != MML_STR)
			continue;
		for (size_t i = 0; i < grid->nrows; i++) {
			size_t w;

			if (!mml_has(grid->rows[i].row, id))
				continue;
			w = strlen(grid->rows[i].row->cell[id].str);
			w = w > 255 ? 255 : w;
			if (w > grid->widths[id][0])
				grid->widths[id][0] = (uint16_t)w;
		}
	}
}

void mml_grid_changed(struct mml_grid *grid)
{
	grid->reorder = true;
	memset(grid->widths, 0, sizeof(grid->widths));
	grid->scroll = 0;
}

void mml_grid_forget(struct mml_grid *grid)
{
	grid->table = NULL;
	grid->nrows = 0;
	grid->refill = true;
}

void mml_grid_sample(struct mml_grid *grid, const struct mml_moment *moment)
{
	bool was_marked = grid->marked;

	grid->table = moment->now ? mml_snapshot_table(moment->now, grid->schema->name) : NULL;
	grid->marked = moment->mark && mml_snapshot_table(moment->mark, grid->schema->name);
	grid->style = moment->style;
	if (grid->marked != was_marked || grid->since != moment->since)
		mml_grid_reorder(grid);
	if (grid->marked != was_marked || grid->units != moment->style.units)
		memset(grid->widths, 0, sizeof(grid->widths));
	grid->units = moment->style.units;
	grid->since = moment->since;
	if (grid_fill(grid, moment))
		return;
	measure_names(grid);
	follow_key(grid);
}

void mml_grid_sort(struct mml_grid *grid, unsigned id, bool change)
{
	struct mml_select own;

	grid->reorder = true;
	/* The cursor goes to the top, since who sorts wants to see what comes first. */
	grid->cursor = grid->top = 0;
	keep_key(grid);
	if (grid->sel.nkeys && grid->sel.keys[0].column == id && grid->by_change == change) {
		grid->sel.keys[0].descending ^= true;
		return;
	}
	/* Rows that are equal are sorted by the table's own order. */
	mml_select_init(&own, grid->schema);
	grid->sel.nkeys = 1;
	grid->sel.keys[0].column = id;
	grid->sel.keys[0].descending = mml_column_right(&grid->schema->columns[id]) &&
				       grid->schema->columns[id].kind != MML_KEY;
	for (size_t i = 0; i < own.nkeys && grid->sel.nkeys < MML_SORT_KEYS; i++)
		if (own.keys[i].column != id || change)
			grid->sel.keys[grid->sel.nkeys++] = own.keys[i];
	mml_select_free(&own);
	grid->by_change = change;
}

bool mml_grid_has(const struct mml_grid *grid, const char *name)
{
	return mml_schema_find(grid->schema, name, strlen(name)) >= 0;
}

void mml_grid_sort_named(struct mml_grid *grid, const char *name, bool change)
{
	int id = mml_schema_find(grid->schema, name, strlen(name));

	if (id >= 0)
		mml_grid_sort(grid, (unsigned)id, change);
}

const char *mml_grid_order_text(const struct mml_grid *grid)
{
	bool change;
	unsigned id = mml_grid_column(grid, &change);

	return !grid->sel.nkeys ? "" : change ? "change" : grid->schema->columns[id].name;
}
