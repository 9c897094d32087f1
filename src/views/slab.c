/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../collectors/slab/slab.h"
#include "../ui/grid.h"
#include "look.h"

/* Sums over all caches. */
struct sums {
	uint64_t size, used, active, objs, caches;
};

struct slab {
	struct mml_view view;
	struct mml_grid *grid;
	struct sums sums;
};

static int slab_open(struct mml_view *view)
{
	struct slab *slab = (struct slab *)view;

	slab->grid = mml_grid_new(&mml_collector_slab.schema);
	return slab->grid ? mml_grid_trail(slab->grid, SLAB_size) : -ENOMEM;
}

static void slab_close(struct mml_view *view)
{
	mml_grid_free(((struct slab *)view)->grid);
}

static void slab_want(struct mml_view *view, struct mml_wants *ret)
{
	mml_want_select(ret, mml_grid_select(((struct slab *)view)->grid));
}

static uint64_t sum(const struct mml_table *table, unsigned col)
{
	uint64_t total = 0;

	for (size_t i = 0; i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);

		if (mml_has(row, col))
			total += row->cell[col].u64;
	}
	return total;
}

static void slab_sample(struct mml_view *view, const struct mml_moment *moment, bool fresh)
{
	struct slab *slab = (struct slab *)view;
	const struct mml_table *now = moment->now ? mml_snapshot_table(moment->now, "slab") : NULL;

	(void)fresh;
	mml_grid_sample(slab->grid, moment);
	slab->sums = (struct sums){ 0 };
	if (now)
		slab->sums = (struct sums){ sum(now, SLAB_size), sum(now, SLAB_used),
					    sum(now, SLAB_active_objs), sum(now, SLAB_total_objs),
					    now->nrows };
}

static void slab_headline(struct mml_view *view, const struct mml_moment *moment, struct mml_headline *ret)
{
	const struct sums *s = &((struct slab *)view)->sums;
	char size[MML_LOOK_TEXT], used[MML_LOOK_TEXT];

	if (!s->caches)
		return;
	snprintf(ret->text, sizeof(ret->text), "Slab  %.20s in %llu caches, %.20s of it in objects that are used (%.1f %%)",
		 mml_look_size((double)s->size, &moment->style, size), (unsigned long long)s->caches,
		 mml_look_size((double)s->used, &moment->style, used),
		 s->size ? 100 * (double)s->used / (double)s->size : 0);
}

static void slab_draw(struct mml_view *view, const struct mml_moment *moment,
		      const struct mml_canvas *canvas)
{
	mml_grid_draw(((struct slab *)view)->grid, moment, canvas);
}

/* The keys are those of slabtop, except where they mean something else here, and one for growth. */
static bool slab_input(struct mml_view *view, const struct mml_moment *moment,
		       const struct mml_input *in, struct mml_action *ret)
{
	static const struct {
		uint32_t key;
		unsigned column;
	} orders[] = {
		{ 'a', SLAB_active_objs }, { 'c', SLAB_size },
		{ 'l', SLAB_slabs },       { 'o', SLAB_total_objs },     { 'p', SLAB_pages_per_slab },
		{ 's', SLAB_obj_size },    { 'u', SLAB_utilization },
	};
	struct slab *slab = (struct slab *)view;

	(void)ret;
	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		if (orders[i].key != in->key)
			continue;
		mml_grid_sort(slab->grid, orders[i].column, false);
		mml_grid_sample(slab->grid, moment);
		return true;
	}
	return false;
}

static struct mml_grid *slab_grid(struct mml_view *view)
{
	return ((struct slab *)view)->grid;
}

static const struct mml_view_key keys[] = {
	{ "c o a l", "sort by size, objects, objects in use, slabs, as slabtop does", NULL },
	{ "s p u", "sort by object size, pages per slab, use", NULL },
	{ NULL, NULL, NULL },
};

static const struct mml_view_sort sorts[] = {
	{ 'S', "size", "size", false },	  { 'X', "size", "change", true },
	{ 'R', "growth", "growth", false }, { 'D', "waste", "slack", false },
	{ 'A', "cache", "name", false },  { 0, NULL, NULL, false },
};

const struct mml_view_ops mml_view_slab = {
	.name = "slab",
	.help = "The kernel's own objects by kind: what grows here and never shrinks leaks.",
	.size = sizeof(struct slab),
	.keys = keys,
	.sorts = sorts,
	.headline = slab_headline,
	.open = slab_open,
	.close = slab_close,
	.want = slab_want,
	.sample = slab_sample,
	.draw = slab_draw,
	.input = slab_input,
	.grid = slab_grid,
};
