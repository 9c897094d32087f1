/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <stdlib.h>

#include "../core/sort.h"
#include "../core/trouble.h"

/* What the tree is made from. Parents come before their children in the rows, and all that is below
 * row I lies between I and END[I]. */
struct order {
	const struct mml_tree *tree;
	const struct mml_select *sel;
	const struct mml_table *table;
	const struct mml_row **rows;
	size_t *end, *ret, n;
	size_t *siblings; /* used as a stack */
	size_t used;
};

/* No real tree is deeper than this. Rows below it keep the order they have. */
enum { DEEPEST = 200 };

static int sibling_order(const void *a, const void *b, void *ctx)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	const struct order *o = ctx;
	int order = o->tree->order ? o->tree->order(o->tree->ctx, o->rows[x], o->rows[y]) : 0;

	if (!order)
		order = mml_sort_order(o->sel, o->rows[x], o->rows[y]);
	if (order)
		return order;
	return x < y ? -1 : x > y;
}

static void emit(struct order *o, size_t row)
{
	if (mml_filter_fits(o->sel->filter, o->table->schema, o->rows[row]))
		o->ret[o->n++] = row;
}

/* Places the rows from FIRST to END. They are one or more siblings, each with what is below it. */
static void place(struct order *o, size_t first, size_t end, unsigned depth)
{
	size_t mine = o->used, count = 0;

	for (size_t i = first; i < end; i = o->end[i], count++)
		o->siblings[o->used++] = i;
	qsort_r(&o->siblings[mine], count, sizeof(*o->siblings), sibling_order, o);
	for (size_t i = mine; i < mine + count; i++) {
		size_t at = o->siblings[i];

		emit(o, at);
		if (o->tree->folded && o->tree->folded(o->tree->ctx, o->rows[at]))
			continue;
		if (depth < DEEPEST)
			place(o, at + 1, o->end[at], depth + 1);
		else
			for (size_t k = at + 1; k < o->end[at]; k++)
				emit(o, k);
	}
	o->used = mine;
}

static size_t depth_of(const struct order *o, size_t row)
{
	return mml_has(o->rows[row], o->tree->depth) ? o->rows[row]->cell[o->tree->depth].u64 : 0;
}

size_t mml_tree_order(const struct mml_tree *tree, const struct mml_select *sel, const struct mml_table *table,
		      size_t *ret)
{
	size_t n = table->nrows;
	struct order o = {
		.tree = tree,
		.sel = sel,
		.table = table,
		.rows = mml_calloc(n + 1, sizeof(struct mml_row *)),
		.end = mml_calloc(n + 1, sizeof(size_t)),
		.ret = ret,
		.siblings = mml_calloc(n + 1, sizeof(size_t)),
	};

	if (o.rows && o.end && o.siblings) {
		for (size_t i = 0; i < n; i++)
			o.rows[i] = mml_table_row(table, i);
		for (size_t i = n; i-- > 0;) {
			o.end[i] = i + 1;
			while (o.end[i] < n && depth_of(&o, o.end[i]) > depth_of(&o, i))
				o.end[i] = o.end[o.end[i]];
		}
		place(&o, 0, n, 0);
	}
	free(o.siblings);
	free(o.end);
	free(o.rows);
	return o.n;
}
