/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "../ui/grid.h"
#include "registry.h"

struct plain {
	struct mml_view view;
	struct mml_grid *grid;
};

static int plain_open(struct mml_view *view)
{
	struct plain *plain = (struct plain *)view;

	plain->grid = mml_grid_new(&view->target.table->schema);
	return plain->grid ? 0 : -ENOMEM;
}

static void plain_close(struct mml_view *view)
{
	mml_grid_free(((struct plain *)view)->grid);
}

static void plain_want(struct mml_view *view, struct mml_wants *ret)
{
	struct mml_query *query = mml_want_select(ret, mml_grid_select(((struct plain *)view)->grid));

	if (!query)
		return;
	if (view->target.pid)
		mml_scope_set_pid(&query->scope, &view->target.pid);
	if (view->target.end)
		mml_scope_set_range(&query->scope, view->target.start, view->target.end);
}

static void plain_sample(struct mml_view *view, const struct mml_moment *moment, bool fresh)
{
	(void)fresh;
	mml_grid_sample(((struct plain *)view)->grid, moment);
}

static void plain_draw(struct mml_view *view, const struct mml_moment *moment,
		       const struct mml_canvas *canvas)
{
	mml_grid_draw(((struct plain *)view)->grid, moment, canvas);
}

static struct mml_grid *plain_grid(struct mml_view *view)
{
	return ((struct plain *)view)->grid;
}

const struct mml_view_ops mml_view_plain = {
	.name = "table",
	.help = "Any table as it is.",
	.size = sizeof(struct plain),
	.open = plain_open,
	.close = plain_close,
	.want = plain_want,
	.sample = plain_sample,
	.draw = plain_draw,
	.grid = plain_grid,
};
