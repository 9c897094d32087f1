/* The rows of a grid: which there are, what they were, and in which order they stand. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../core/sampler.h"
#include "../core/sort.h"
#include "../core/trouble.h"
#include "grid-int.h"

#define ORDER(a, b) ((a) < (b) ? -1 : (a) > (b))

/* Rows that change their places at every sample cannot be read. */
static const uint64_t KEEP_ORDER_NS = 2000000000;

/* Of a table with more rows no ways are kept, and the order is always the right one. */
enum { MANY = 8192 };

static const struct mml_row **match(struct mml_grid *grid, const struct mml_snapshot *base)
{
	const struct mml_table *table = base ? mml_snapshot_table(base, grid->schema->name) : NULL;

	return table && table != grid->table ? mml_table_match(grid->arena, grid->table, table)
					     : NULL;
}

/* The snapshot is the mark itself, so that every row is its own baseline. */
static bool is_mark(const struct mml_grid *grid, const struct mml_moment *moment)
{
	return moment->mark && moment->mark == moment->now && grid->table;
}

/* Keep the way of every row, whether the filter lets it through or not. */
static void keep_trail(struct mml_grid *grid, const struct mml_moment *moment)
{
	uint64_t now = moment->now->time.mono_ns;
	struct mml_buf key = { 0 };

	if (!grid->ways || now == grid->trail_ns || grid->table->nrows > MANY)
		return;
	grid->trail_ns = now;
	mml_ways_begin(grid->ways, now);
	for (size_t i = 0; i < grid->table->nrows; i++) {
		const struct mml_row *row = mml_table_row(grid->table, i);

		if (!mml_has(row, grid->trailed))
			continue;
		key.len = 0;
		grid_key(grid->schema, row, &key);
		if (!key.error)
			mml_ways_add(grid->ways, key.data, key.len,
				      (double)row->cell[grid->trailed].u64);
	}
	mml_ways_end(grid->ways);
	mml_buf_free(&key);
}

static void find_things(struct mml_grid *grid)
{
	struct mml_buf key = { 0 };

	for (size_t i = 0; grid->ways && i < grid->nrows; i++) {
		key.len = 0;
		grid_key(grid->schema, grid->rows[i].row, &key);
		if (!key.error)
			grid->rows[i].thing = mml_ways_find(grid->ways, key.data, key.len);
	}
	mml_buf_free(&key);
}

/* The change of a row, to sort by: those that have none come last. */
struct changed {
	double change;
	bool has;
	size_t at;
};

static int more_changed(const void *a, const void *b, void *ctx)
{
	const struct changed *x = a, *y = b;
	const struct mml_grid *grid = ctx;

	if (x->has != y->has)
		return x->has ? -1 : 1;
	if (x->has && x->change != y->change)
		return grid->sel.keys[0].descending ? ORDER(y->change, x->change)
						    : ORDER(x->change, y->change);
	return ORDER(x->at, y->at);
}

/* Put ROWS where WAS says that each was before. */
static void permute(struct mml_grid *grid, struct grid_row *rows, size_t n, const size_t *was)
{
	for (size_t i = 0; i < n; i++)
		grid->spare[i] = rows[was[i]];
	memcpy(rows, grid->spare, n * sizeof(*rows));
}

static int sort_by_change(struct mml_grid *grid, struct grid_row *rows, size_t n, size_t *was)
{
	unsigned id = grid->sel.keys[0].column;
	struct changed *by = mml_malloc((n + 1) * sizeof(*by));
	bool new;

	if (!by)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		by[i].at = i;
		by[i].has = grid_change(grid, &rows[i], id, &by[i].change, &new);
	}
	qsort_r(by, n, sizeof(*by), more_changed, grid);
	for (size_t i = 0; i < n; i++)
		was[i] = by[i].at;
	permute(grid, rows, n, was);
	free(by);
	return 0;
}

/* Sort N rows of the grid, which has room in spare. Without memory for it they stay as they are. */
static void sort_rows(struct mml_grid *grid, struct grid_row *rows, size_t n)
{
	const struct mml_row **of = mml_malloc((n + 1) * sizeof(*of));
	size_t *was = mml_malloc((n + 1) * sizeof(*was));

	for (size_t i = 0; of && i < n; i++)
		of[i] = rows[i].row;
	if (of && was && !mml_sort(&grid->sel, of, n, was)) {
		permute(grid, rows, n, was);
		/* Rows that changed alike keep the order they have now. */
		if (grid->by_change && grid_changes(grid, grid->sel.keys[0].column))
			sort_by_change(grid, rows, n, was);
	}
	free(of);
	free(was);
}

/* FNV-1a of the keys of ROW; KEY is a buffer to work with. */
static uint64_t hash_of(const struct mml_grid *grid, const struct mml_row *row, struct mml_buf *key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	key->len = 0;
	grid_key(grid->schema, row, key);
	for (size_t i = 0; i < key->len; i++)
		hash = (hash ^ (unsigned char)key->data[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static int by_key(const void *a, const void *b)
{
	const struct grid_place *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

/* Remember where the rows are. Without memory for it they are sorted anew the next time. */
static void keep_order(struct mml_grid *grid, uint64_t now)
{
	struct grid_place *places = mml_realloc(grid->places, grid->nrows + 1, sizeof(*places));
	struct mml_buf key = { 0 };

	grid->ordered_ns = now;
	if (!places)
		return;
	grid->places = places;
	grid->nplaces = grid->nrows;
	for (size_t i = 0; i < grid->nrows; i++)
		places[i] = (struct grid_place){ hash_of(grid, grid->rows[i].row, &key), i };
	qsort(places, grid->nplaces, sizeof(*places), by_key);
	mml_buf_free(&key);
}

static int place_order(const void *a, const void *b)
{
	const struct grid_row *x = a, *y = b;

	return ORDER(x->place, y->place);
}

/* Put the rows where they were; those that are new come last, in their own order. */
static void reuse_order(struct mml_grid *grid)
{
	struct mml_buf key = { 0 };
	size_t new = 0;

	for (size_t i = 0; i < grid->nrows; i++) {
		struct grid_place like = { .key = hash_of(grid, grid->rows[i].row, &key) };
		const struct grid_place *was = grid->nplaces ? bsearch(&like, grid->places, grid->nplaces,
								       sizeof(like), by_key) :
							       NULL;

		grid->rows[i].place = was ? was->at : SIZE_MAX;
	}
	qsort(grid->rows, grid->nrows, sizeof(*grid->rows), place_order);
	while (new < grid->nrows && grid->rows[new].place != SIZE_MAX)
		new++;
	mml_buf_free(&key);
	sort_rows(grid, grid->rows + new, grid->nrows - new);
}

static void order_rows(struct mml_grid *grid, uint64_t now)
{
	bool many = grid->nrows > MANY;

	if (!many && !grid->reorder && grid->ordered_ns && now - grid->ordered_ns < KEEP_ORDER_NS) {
		reuse_order(grid);
		return;
	}
	sort_rows(grid, grid->rows, grid->nrows);
	if (!many)
		keep_order(grid, now);
}

static int make_room(struct mml_grid *grid, size_t n)
{
	struct grid_row *rows, *spare;

	if (n <= grid->room && grid->rows && grid->spare)
		return 0;
	rows = mml_realloc(grid->rows, n + 64, sizeof(*rows));
	grid->rows = rows ? rows : grid->rows;
	spare = mml_realloc(grid->spare, n + 64, sizeof(*spare));
	grid->spare = spare ? spare : grid->spare;
	if (!rows || !spare)
		return -ENOMEM;
	grid->room = n + 64;
	return 0;
}

/* Take the rows that the filter lets through, or those the view has chosen, from the table. */
static int collect_rows(struct mml_grid *grid, const struct mml_moment *moment)
{
	const struct mml_row **before = match(grid, moment->before);
	const struct mml_row **mark = match(grid, moment->mark);
	const struct mml_table *table = grid->table;
	bool own = is_mark(grid, moment), hooked = grid->hooks && grid->hooks->order;
	size_t *order = hooked ? mml_malloc((table->nrows + 1) * sizeof(*order)) : NULL;
	size_t n = table->nrows;

	if (make_room(grid, n) || (hooked && !order)) {
		free(order);
		return -ENOMEM;
	}
	if (hooked)
		n = grid->hooks->order(grid->ctx, &grid->sel, table, order);
	for (size_t i = 0; i < n; i++) {
		size_t at = order ? order[i] : i;
		const struct mml_row *row = mml_table_row(table, at);

		if (!order && !mml_filter_fits(grid->sel.filter, grid->schema, row))
			continue;
		grid->rows[grid->nrows++] = (struct grid_row){
			row, before ? before[at] : NULL, own ? row : mark ? mark[at] : NULL, NULL, at
		};
	}
	free(order);
	find_things(grid);
	return 0;
}

/* Whether the rows are those of MOMENT already, and only their order can be another. */
static bool is_filled(const struct mml_grid *grid, const struct mml_moment *moment)
{
	const struct grid_filled *f = &grid->filled;

	return !grid->refill && !(grid->hooks && grid->hooks->order) && f->now == moment->now &&
	       f->before == moment->before && f->mark == moment->mark &&
	       f->now_ns == moment->now->time.mono_ns;
}

int grid_fill(struct mml_grid *grid, const struct mml_moment *moment)
{
	if (!grid->table) {
		grid->nrows = 0;
		grid->filled = (struct grid_filled){ 0 };
		return -ENOENT;
	}
	if (!is_filled(grid, moment)) {
		grid->nrows = 0;
		mml_arena_free(grid->arena);
		grid->arena = mml_arena_new();
		if (!grid->arena)
			return -ENOMEM;
		keep_trail(grid, moment);
		if (collect_rows(grid, moment))
			return -ENOMEM;
		grid->filled = (struct grid_filled){ moment->now, moment->before, moment->mark,
						     moment->now->time.mono_ns };
		grid->refill = false;
	} else if (!grid->reorder) {
		return 0;
	}
	if (!(grid->hooks && grid->hooks->order) && grid->sel.nkeys)
		order_rows(grid, moment->now->time.mono_ns);
	grid->reorder = false;
	return 0;
}
