/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../collectors/slab/slab.h"
#include "../ui/grid.h"
#include "../ui/view.h"

/* Sums over all caches. The growth is known if there is a sample before, and the change if there is
 * a mark. */
struct sums {
	uint64_t size, used, objs, active, caches, in_use;
	bool grown, since;
	double growth, change;
};

struct slab {
	struct mml_view view;
	struct mml_grid *grid;
	struct sums sums;
};

/* Growth stands out because leaks are found by it. */
static enum mml_ink slab_ink(void *ctx, const struct mml_row *row, unsigned col, enum mml_ink ink)
{
	(void)ctx;
	if (col != SLAB_growth || !mml_has(row, col))
		return ink;
	return row->cell[col].i64 > 0 ? MML_INK_WARN : MML_INK_DIM;
}

static const struct mml_grid_hooks hooks = { .ink = slab_ink };

static int slab_open(struct mml_view *view)
{
	struct slab *slab = (struct slab *)view;

	slab->grid = mml_grid_new(&mml_collector_slab.schema);
	if (!slab->grid)
		return -ENOMEM;
	mml_grid_hook(slab->grid, &hooks, slab);
	return 0;
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
	const struct mml_table *now, *base;
	struct sums *s = &slab->sums;

	(void)fresh;
	mml_grid_sample(slab->grid, moment);
	*s = (struct sums){ 0 };
	now = moment->now ? mml_snapshot_table(moment->now, "slab") : NULL;
	if (!now)
		return;
	s->size = sum(now, SLAB_size);
	s->used = sum(now, SLAB_used);
	s->objs = sum(now, SLAB_total_objs);
	s->active = sum(now, SLAB_active_objs);
	s->caches = now->nrows;
	for (size_t i = 0; i < now->nrows; i++) {
		const struct mml_row *row = mml_table_row(now, i);

		s->in_use += mml_has(row, SLAB_active_objs) &&
			     row->cell[SLAB_active_objs].u64;
	}
	base = moment->before ? mml_snapshot_table(moment->before, "slab") : NULL;
	s->grown = base != NULL;
	if (base)
		s->growth = (double)s->size - (double)sum(base, SLAB_size);
	base = moment->mark ? mml_snapshot_table(moment->mark, "slab") : NULL;
	s->since = base != NULL;
	if (base)
		s->change = (double)s->size - (double)sum(base, SLAB_size);
}

/* A number that does not fit is left out, since a cut one would be wrong. */
static int put(const struct mml_canvas *canvas, int x, const char *label, enum mml_ink ink,
	       const char *value)
{
	if (x + (int)strlen(label) + (int)strlen(value) > canvas->cols)
		return canvas->cols;
	x += mml_draw(canvas, 0, x, MML_INK_LABEL, label);
	x += mml_draw(canvas, 0, x, ink, value);
	return x + 2;
}

static int put_change(const struct mml_canvas *canvas, int x, const char *label, double change,
		      const struct mml_style *style)
{
	char num[MML_NUMBER_MAX + 1] = "+";

	mml_format_size(num + (change > 0), change, style->units, style->page_size);
	return put(canvas, x, label, change > 0 ? MML_INK_WARN : MML_INK_DIM, num);
}

/* Draws as many sums as there is room for. */
static void draw_sums(const struct slab *slab, const struct mml_moment *moment,
		      const struct mml_canvas *canvas)
{
	const struct sums *s = &slab->sums;
	enum mml_ink ink = moment->old ? MML_INK_OLD : MML_INK_BOLD;
	const struct mml_style *style = &moment->style;
	char num[MML_NUMBER_MAX], text[64];
	int x = 0;

	mml_format_size(num, (double)s->size, style->units, style->page_size);
	x = put(canvas, x, "size ", ink, num);
	if (s->grown)
		x = put_change(canvas, x, "growth ", s->growth, style);
	if (s->since)
		x = put_change(canvas, x, "since the mark ", s->change, style);
	mml_format_size(num, (double)s->used, style->units, style->page_size);
	snprintf(text, sizeof(text), "%s (%.1f%%)", num,
		 s->size ? 100 * (double)s->used / (double)s->size : 0);
	x = put(canvas, x, "used ", ink, text);
	snprintf(text, sizeof(text), "%llu of %llu", (unsigned long long)s->active,
		 (unsigned long long)s->objs);
	x = put(canvas, x, "objects ", ink, text);
	snprintf(text, sizeof(text), "%llu of %llu", (unsigned long long)s->in_use,
		 (unsigned long long)s->caches);
	put(canvas, x, "caches in use ", ink, text);
}

static void slab_draw(struct mml_view *view, const struct mml_moment *moment,
		      const struct mml_canvas *canvas)
{
	struct slab *slab = (struct slab *)view;
	bool room = canvas->rows >= 6 && slab->sums.caches;
	struct mml_canvas rows = mml_canvas_part(canvas, room, 0, canvas->rows - room, canvas->cols);

	if (room)
		draw_sums(slab, moment, canvas);
	mml_grid_draw(slab->grid, moment, &rows);
}

/* The keys are those of slabtop, except where they mean something else here, and one for growth. */
static bool slab_input(struct mml_view *view, const struct mml_moment *moment,
		       const struct mml_input *in, struct mml_action *ret)
{
	static const struct {
		uint32_t key;
		unsigned column;
	} orders[] = {
		{ 'a', SLAB_active_objs }, { 'b', SLAB_objs_per_slab },  { 'c', SLAB_size },
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
	if (in->key != 'r')
		return false;
	if (mml_grid_marked(slab->grid))
		mml_grid_sort(slab->grid, SLAB_size, true);
	else
		mml_grid_sort(slab->grid, SLAB_growth, false);
	mml_grid_sample(slab->grid, moment);
	return true;
}

static struct mml_grid *slab_grid(struct mml_view *view)
{
	return ((struct slab *)view)->grid;
}

static const struct mml_view_key keys[] = {
	{ "r", "sort by growth, since the mark if there is one" },
	{ "c o a l", "sort by size, objects, objects in use, slabs" },
	{ "s b p u", "sort by object size, objects and pages per slab, use" },
	{ NULL, NULL },
};

const struct mml_view_ops mml_view_slab = {
	.name = "slab",
	.help = "The kernel's own objects by kind: what grows here and never shrinks leaks.",
	.size = sizeof(struct slab),
	.keys = keys,
	.open = slab_open,
	.close = slab_close,
	.want = slab_want,
	.sample = slab_sample,
	.draw = slab_draw,
	.input = slab_input,
	.grid = slab_grid,
};
