/* The view of control groups: whose memory it is, and whose limit is near. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroups.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trouble.h"
#include "../collectors/registry.h"
#include "tree.h"

enum { DETAIL_FROM_ROWS = 14, DETAIL_FROM_COLS = 60 };

/* What is drawn beside the columns that are shown. */
static const unsigned drawn[] = {
	CGROUPS_anon,	CGROUPS_shmem,	     CGROUPS_kernel,	  CGROUPS_sock,	       CGROUPS_swap,
	CGROUPS_peak,	CGROUPS_working_set, CGROUPS_processes,	  CGROUPS_oom_kills,   CGROUPS_psi_some_total,
	CGROUPS_dying,	CGROUPS_last_event,  CGROUPS_effective_limit, CGROUPS_headroom, CGROUPS_max_local,
};

static const struct mml_schema *schema(void)
{
	return &mml_collector_find("cgroups")->schema;
}

static bool folded(void *ctx, const struct mml_row *row)
{
	return cgroups_is_folded(ctx, row);
}

/* Where rows are ordered by their change, siblings are, too. */
static int change_order(void *ctx, const struct mml_row *a, const struct mml_row *b)
{
	const struct cgroups_view *v = ctx;
	double x, y;

	if (!mml_grid_by_change(v->grid))
		return 0;
	x = mml_grid_row_change(v->grid, a);
	y = mml_grid_row_change(v->grid, b);
	if (isnan(x) || isnan(y))
		return isnan(x) - isnan(y);
	if (!mml_grid_select(v->grid)->keys[0].descending)
		return (x > y) - (x < y);
	return (x < y) - (x > y);
}

static size_t tree_order(void *ctx, const struct mml_select *sel, const struct mml_table *table, size_t *ret)
{
	const struct mml_tree tree = { CGROUPS_depth, folded, change_order, ctx };

	return mml_tree_order(&tree, sel, table, ret);
}

static const struct mml_grid_hooks hooks = {
	.order = tree_order,
	.text = cgroups_text,
	.picture = cgroups_picture,
	.draw = cgroups_draw_picture,
};

static int cgroups_open(struct mml_view *view)
{
	struct cgroups_view *v = (struct cgroups_view *)view;

	v->grid = mml_grid_new(schema());
	if (!v->grid)
		return -ENOMEM;
	mml_select_columns(mml_grid_select(v->grid),
			   "tree,current,effective_limit,limit_from,headroom,stalled,last_event");
	mml_select_sort(mml_grid_select(v->grid), "-current,path");
	mml_grid_hook(v->grid, &hooks, v);
	mml_grid_changed(v->grid);
	return mml_grid_trail(v->grid, CGROUPS_current);
}

static void cgroups_close(struct mml_view *view)
{
	struct cgroups_view *v = (struct cgroups_view *)view;

	for (size_t i = 0; i < v->nfolded; i++)
		free(v->folded[i]);
	free(v->folded);
	free(v->parents);
	mml_grid_free(v->grid);
}

static void cgroups_want(struct mml_view *view, struct mml_wants *ret)
{
	struct cgroups_view *v = (struct cgroups_view *)view;
	struct mml_query *query = mml_want_select(ret, mml_grid_select(v->grid));

	mml_want(ret, "dying_cgroups", "");
	for (size_t i = 0; query && i < sizeof(drawn) / sizeof(*drawn); i++)
		query->reading.needs |= schema()->columns[drawn[i]].needs;
}

static int by_address(const void *a, const void *b)
{
	const struct mml_row *x = *(const struct mml_row *const *)a, *y = *(const struct mml_row *const *)b;

	return (x > y) - (x < y);
}

bool cgroups_is_parent(const struct cgroups_view *v, const struct mml_row *row)
{
	return v->nparents && bsearch(&row, v->parents, v->nparents, sizeof(*v->parents), by_address);
}

static size_t find_folded(const struct cgroups_view *v, const struct mml_row *row)
{
	size_t i = 0;

	while (i < v->nfolded && strcmp(v->folded[i], row->cell[CGROUPS_path].str))
		i++;
	return i;
}

bool cgroups_is_folded(const struct cgroups_view *v, const struct mml_row *row)
{
	return v->nfolded && mml_has(row, CGROUPS_path) && find_folded(v, row) < v->nfolded;
}

static uint64_t depth_of(const struct mml_row *row)
{
	return mml_has(row, CGROUPS_depth) ? row->cell[CGROUPS_depth].u64 : 0;
}

/* Groups come before those in them. Without memory for the list, groups have no mark before them. */
static void find_parents(struct cgroups_view *v)
{
	size_t n = v->table ? v->table->nrows : 0;
	const struct mml_row **parents = mml_realloc(v->parents, n + 1, sizeof(*parents));

	v->nparents = 0;
	if (!parents)
		return;
	v->parents = parents;
	for (size_t i = 0; i + 1 < n; i++)
		if (depth_of(mml_table_row(v->table, i + 1)) > depth_of(mml_table_row(v->table, i)))
			parents[v->nparents++] = mml_table_row(v->table, i);
	qsort(parents, v->nparents, sizeof(*parents), by_address);
}

static void cgroups_sample(struct mml_view *view, const struct mml_moment *moment, bool fresh)
{
	struct cgroups_view *v = (struct cgroups_view *)view;

	(void)fresh;
	v->style = moment->style;
	v->table = mml_look_table(moment, "cgroups");
	find_parents(v);
	mml_grid_sample(v->grid, moment);
	/* Who comes from elsewhere for one group is taken to it. */
	if (*view->target.group && v->table && mml_grid_go(v->grid, CGROUPS_path, view->target.group))
		*view->target.group = '\0';
}

/* The innermost group that mmlens itself is in, but for the root. */
static const struct mml_row *self(const struct mml_table *table)
{
	const struct mml_row *found = NULL;

	for (size_t i = 0; i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);

		if (mml_has(row, CGROUPS_self) && row->cell[CGROUPS_self].b && depth_of(row) &&
		    mml_has(row, CGROUPS_name))
			found = row;
	}
	return found;
}

/* How many were removed and are still there: where the kernel's lists tell, with what they hold. */
static int say_dying(const struct mml_row *top, const struct mml_moment *moment, struct mml_headline *ret, int at)
{
	const struct mml_table *dying = mml_look_table(moment, "dying_cgroups");
	size_t room = sizeof(ret->text) - (size_t)at;
	char size[MML_LOOK_TEXT];
	double sum = 0;

	for (size_t i = 0; dying && i < dying->nrows; i++) {
		double bytes = mml_look_num(dying, mml_table_row(dying, i), "bytes");

		sum += isnan(bytes) ? 0 : bytes;
	}
	if (dying && !dying->error && dying->nrows)
		return snprintf(ret->text + at, room, "; %zu removed ones hold %.20s", dying->nrows,
				mml_look_size(sum, &moment->style, size));
	if (mml_has(top, CGROUPS_dying) && top->cell[CGROUPS_dying].u64)
		return snprintf(ret->text + at, room, "; %" PRIu64 " removed ones still hold something",
				top->cell[CGROUPS_dying].u64);
	return 0;
}

static void cgroups_headline(struct mml_view *view, const struct mml_moment *moment, struct mml_headline *ret)
{
	const struct mml_table *table = mml_look_table(moment, "cgroups");
	const struct mml_row *own, *top;
	char name[MML_LOOK_TEXT];
	int len;

	(void)view;
	if (!table || !table->nrows)
		return;
	own = self(table);
	top = mml_table_row(table, 0);
	len = snprintf(ret->text, sizeof(ret->text), "Control groups  v%d, %zu group%s",
		       table->note && strstr(table->note, "version 1") ? 1 : 2, table->nrows,
		       table->nrows == 1 ? "" : "s");
	len += say_dying(top, moment, ret, len);
	if (own)
		snprintf(ret->text + len, sizeof(ret->text) - (size_t)len, "; mmlens is in %.60s",
			 mml_look_safe(own->cell[CGROUPS_name].str, &moment->style, name));
}

static void cgroups_draw(struct mml_view *view, const struct mml_moment *moment, const struct mml_canvas *canvas)
{
	struct cgroups_view *v = (struct cgroups_view *)view;
	const struct mml_row *row = mml_grid_row(v->grid);
	bool below = row && !v->paned && canvas->rows >= DETAIL_FROM_ROWS && canvas->cols >= DETAIL_FROM_COLS;
	int rows = below ? canvas->cols >= 100 ? CGROUPS_DETAIL : CGROUPS_DETAIL + 1 : 0;
	struct mml_canvas part = mml_canvas_part(canvas, 0, 0, canvas->rows - rows, canvas->cols);

	v->paned = false;
	mml_grid_draw(v->grid, moment, &part);
	if (!below)
		return;
	/* The cursor may have been moved while the rows were drawn. */
	row = mml_grid_row(v->grid);
	part = mml_canvas_part(canvas, canvas->rows - rows, 0, rows, canvas->cols);
	if (row)
		cgroups_detail(v, &part, row);
}

static void cgroups_pane(struct mml_view *view, const struct mml_moment *moment, const struct mml_canvas *canvas)
{
	enum { SUMMARY = 8 };
	struct cgroups_view *v = (struct cgroups_view *)view;
	const struct mml_row *row = mml_grid_row(v->grid);
	struct mml_canvas part = mml_canvas_part(canvas, 0, 0, SUMMARY, canvas->cols);

	(void)moment;
	v->paned = true;
	if (!row)
		return;
	cgroups_detail(v, &part, row);
	if (canvas->rows > SUMMARY + 4) {
		part = mml_canvas_part(canvas, SUMMARY + 1, 0, canvas->rows - SUMMARY - 1, canvas->cols);
		mml_grid_pane(v->grid, &part);
	}
}

static void enter(const struct cgroups_view *v, struct mml_action *ret)
{
	const struct mml_row *row = mml_grid_row(v->grid);
	const char *path;

	if (!row || !mml_has(row, CGROUPS_path))
		return;
	path = row->cell[CGROUPS_path].str;
	if (strlen(path) >= sizeof(ret->target.group)) {
		ret->kind = MML_MESSAGE;
		snprintf(ret->message, sizeof(ret->message), "its path is too long to be shown");
		return;
	}
	ret->kind = MML_OPEN;
	ret->view = "cgroup";
	snprintf(ret->target.group, sizeof(ret->target.group), "%s", path);
	snprintf(ret->target.title, sizeof(ret->target.title), "%.63s",
		 mml_has(row, CGROUPS_name) ? row->cell[CGROUPS_name].str : path);
}

/* Returns false when memory ran out. */
static bool fold(struct cgroups_view *v, const struct mml_row *row)
{
	size_t at = find_folded(v, row);
	char **list;

	if (at < v->nfolded) {
		free(v->folded[at]);
		v->folded[at] = v->folded[--v->nfolded];
		return true;
	}
	list = mml_realloc(v->folded, v->nfolded + 1, sizeof(*list));
	if (!list)
		return false;
	v->folded = list;
	list[v->nfolded] = mml_strdup(row->cell[CGROUPS_path].str);
	return list[v->nfolded] && ++v->nfolded;
}

/* Folds all groups that have others in them but those at the top; if any is folded, unfolds all. */
static bool fold_all(struct cgroups_view *v)
{
	bool unfold = v->nfolded > 0;

	while (v->nfolded)
		free(v->folded[--v->nfolded]);
	for (size_t i = 0; !unfold && i < v->nparents; i++)
		if (depth_of(v->parents[i]) > 0 && !fold(v, v->parents[i]))
			return false;
	return true;
}

/* The nearest to a limit come first. */
static void sort_by_limit(struct cgroups_view *v)
{
	const struct mml_select *sel = mml_grid_select(v->grid);
	bool again = sel->nkeys && sel->keys[0].column == CGROUPS_headroom && !mml_grid_by_change(v->grid);

	mml_grid_sort(v->grid, CGROUPS_headroom, false);
	if (!again)
		mml_grid_sort(v->grid, CGROUPS_headroom, false);
}

static bool cgroups_input(struct mml_view *view, const struct mml_moment *moment, const struct mml_input *in,
			  struct mml_action *ret)
{
	struct cgroups_view *v = (struct cgroups_view *)view;
	const struct mml_row *row = mml_grid_row(v->grid);
	bool done = true;

	if (in->what == MML_DO_ENTER) {
		enter(v, ret);
		return true;
	}
	if (in->key == 'L')
		sort_by_limit(v);
	else if (in->what == MML_DO_TREE && in->key == MML_F(5))
		done = fold_all(v);
	else if (in->what == MML_DO_TREE && row && cgroups_is_parent(v, row))
		done = fold(v, row);
	else if (in->what != MML_DO_TREE)
		return false;
	if (!done) {
		ret->kind = MML_MESSAGE;
		snprintf(ret->message, sizeof(ret->message), "out of memory");
	}
	mml_grid_sample(v->grid, moment);
	return true;
}

static struct mml_grid *cgroups_grid(struct mml_view *view)
{
	return ((struct cgroups_view *)view)->grid;
}

static const char *cgroups_enter(struct mml_view *view)
{
	return mml_grid_row(((struct cgroups_view *)view)->grid) ? "what is in it" : NULL;
}

static const struct mml_view_key keys[] = {
	{ "Enter", "its processes, its balance, its memory.stat", NULL },
	{ "t", "fold and unfold what is in a group", "fold" },
	{ "F5", "fold all groups, and unfold them", NULL },
	{ "L", "sort by what is left, the least first", "nearest limit" },
	{ NULL, NULL, NULL },
};

static const struct mml_view_sort sorts[] = {
	{ 'S', "current", "size", false }, { 'X', "current", "change", true },
	{ 'P', "stalled", "stalled", false }, { 'R', "refault_rate", "refaults", false },
	{ 'A', "name", "name", false }, { 0, NULL, NULL, false },
};

const struct mml_view_ops mml_view_cgroups = {
	.name = "cgroups",
	.help = "Control groups: whose memory it is, whose limit is near, and what just happened to them.",
	.size = sizeof(struct cgroups_view),
	.keys = keys,
	.sorts = sorts,
	.headline = cgroups_headline,
	.enter = cgroups_enter,
	.open = cgroups_open,
	.close = cgroups_close,
	.want = cgroups_want,
	.sample = cgroups_sample,
	.draw = cgroups_draw,
	.pane = cgroups_pane,
	.input = cgroups_input,
	.grid = cgroups_grid,
};
