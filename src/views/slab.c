/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../collectors/slab/caches.h"
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

static uint64_t number(const struct mml_row *row, unsigned col)
{
	return mml_has(row, col) ? row->cell[col].u64 : 0;
}

/* |0    |1    |2    |3    | ... |40   |41   |left| */
static void put_objects(struct mml_buf *out, uint64_t objs, uint64_t left)
{
	enum { ALL = 8, FIRST = 4, LAST = 2 };

	for (uint64_t i = 0; i < objs; i++) {
		if (objs > ALL && i == FIRST) {
			mml_buf_puts(out, "| ... ");
			i = objs - LAST;
		}
		mml_buf_printf(out, "|%-5llu", (unsigned long long)i);
	}
	mml_buf_puts(out, left ? "|left|\n" : "|\n");
}

/* |#####################...| where the dots are what alignment and debugging add */
static void put_object(struct mml_buf *out, uint64_t stride, uint64_t own)
{
	enum { CELLS = 48 };
	int marks = (int)((double)own * CELLS / (double)stride + 0.5);

	if (own < stride && marks == CELLS)
		marks--;
	mml_buf_putc(out, '|');
	for (int i = 0; i < CELLS; i++)
		mml_buf_putc(out, i < marks ? '#' : '.');
	mml_buf_puts(out, "|\n");
}

/* How objects lie in a slab, and what an object is made of. */
static void slab_about(struct mml_view *view, struct mml_buf *out)
{
	const struct mml_row *row = mml_grid_row(((struct slab *)view)->grid);
	uint64_t objs, stride, own, left;
	const char *holds;

	if (!row)
		return;
	holds = mml_cache_holds(row->cell[SLAB_cache].str);
	if (holds)
		mml_buf_printf(out, "It holds %s.\n\n", holds);
	objs = number(row, SLAB_objs_per_slab);
	stride = number(row, SLAB_obj_size);
	own = number(row, SLAB_object_size);
	left = number(row, SLAB_left_over);
	if (!objs || !stride || !mml_has(row, SLAB_left_over))
		return;
	mml_buf_printf(out, "a slab: %llu bytes in %llu page%s, %llu object%s, %llu bytes left over\n",
		       (unsigned long long)(objs * stride + left),
		       (unsigned long long)number(row, SLAB_pages_per_slab),
		       number(row, SLAB_pages_per_slab) == 1 ? "" : "s", (unsigned long long)objs,
		       objs == 1 ? "" : "s", (unsigned long long)left);
	put_objects(out, objs, left);
	if (mml_has(row, SLAB_limit) && left)
		mml_buf_puts(out, "colours: SLAB begins at another place in each slab, as far as what is left over allows\n");
	if (own && own <= stride) {
		mml_buf_printf(out, "an object: %llu bytes, %llu of its own, %llu for alignment and checks\n",
			       (unsigned long long)stride, (unsigned long long)own,
			       (unsigned long long)(stride - own));
		put_object(out, stride, own);
	}
	mml_buf_putc(out, '\n');
}

static void slab_pane(struct mml_view *view, const struct mml_moment *moment,
		      const struct mml_canvas *canvas)
{
	const struct mml_grid *grid = ((struct slab *)view)->grid;
	const struct mml_row *row = mml_grid_row(grid);
	const char *holds = row ? mml_cache_holds(row->cell[SLAB_cache].str) : NULL;
	struct mml_canvas rest;
	int y = 0;

	(void)moment;
	if (holds)
		y = mml_draw_text(canvas, 0, 0, canvas->cols, MML_INK_TEXT, holds) + 1;
	rest = mml_canvas_part(canvas, y, 0, canvas->rows - y, canvas->cols);
	mml_grid_pane(grid, &rest);
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
	.about = slab_about,
	.pane = slab_pane,
	.input = slab_input,
	.grid = slab_grid,
};
