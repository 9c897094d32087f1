/* What each class of allocations may still take of a zone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../collectors/registry.h"
#include "../ui/grid.h"
#include "../ui/view.h"
#include "look.h"

struct classes {
	struct mml_view view;
	struct mml_grid *grid;
	unsigned left; /* the column */
};

static enum mml_ink classes_ink(void *ctx, const struct mml_row *row, unsigned col, enum mml_ink ink)
{
	const struct classes *c = ctx;

	return col == c->left && mml_has(row, col) && row->cell[col].i64 <= 0 ? MML_INK_QUIET : ink;
}

static const struct mml_grid_hooks hooks = { .ink = classes_ink };

static int classes_open(struct mml_view *view)
{
	const struct mml_collector *zones = mml_collector_find("zones");
	struct classes *c = (struct classes *)view;

	c->grid = mml_grid_new(&zones->schema);
	if (!c->grid)
		return -ENOMEM;
	c->left = (unsigned)mml_schema_find(&zones->schema, "left", 4);
	mml_select_columns(mml_grid_select(c->grid), zones->groupings->columns);
	mml_grid_hook(c->grid, &hooks, c);
	return mml_grid_name(c->grid, "zones.class");
}

static void classes_close(struct mml_view *view)
{
	mml_grid_free(((struct classes *)view)->grid);
}

static void classes_want(struct mml_view *view, struct mml_wants *ret)
{
	struct mml_query *query = mml_want_select(ret, mml_grid_select(((struct classes *)view)->grid));

	if (query)
		query->scope.by = "class";
}

static void classes_sample(struct mml_view *view, const struct mml_moment *moment, bool fresh)
{
	(void)fresh;
	mml_grid_sample(((struct classes *)view)->grid, moment);
}

static void classes_draw(struct mml_view *view, const struct mml_moment *moment,
			 const struct mml_canvas *canvas)
{
	mml_grid_draw(((struct classes *)view)->grid, moment, canvas);
}

static struct mml_grid *classes_grid(struct mml_view *view)
{
	return ((struct classes *)view)->grid;
}

static const char *classes_enter(struct mml_view *view)
{
	return mml_grid_row(((struct classes *)view)->grid) ? "its counters" : NULL;
}

/* Enter shows every counter of the row's zone and of its node. The latter have no zone. */
static bool classes_input(struct mml_view *view, const struct mml_moment *moment,
			  const struct mml_input *in, struct mml_action *ret)
{
	const struct mml_row *row = mml_grid_row(((struct classes *)view)->grid);
	const struct mml_table *table = mml_look_table(moment, "zones");
	const char *zone = row && table ? mml_look_str(table, row, "zone") : NULL;
	uint64_t node = 0;

	if (in->what != MML_DO_ENTER || !zone || strpbrk(zone, "'\\"))
		return false;
	mml_look_u64(table, row, "node", &node);
	ret->kind = MML_OPEN;
	ret->view = "zonestats";
	snprintf(ret->target.filter, sizeof(ret->target.filter),
		 "node = %u and (zone = '%s' or not zone ~ '')", (unsigned)node, zone);
	snprintf(ret->target.title, sizeof(ret->target.title), "node %u %s", (unsigned)node, zone);
	return true;
}

const struct mml_view_ops mml_view_classes = {
	.name = "classes",
	.help = "What each class of allocations may still take of a zone.",
	.size = sizeof(struct classes),
	.open = classes_open,
	.close = classes_close,
	.want = classes_want,
	.sample = classes_sample,
	.draw = classes_draw,
	.enter = classes_enter,
	.input = classes_input,
	.grid = classes_grid,
};
