/* One control group: its processes, its balance, its memory.stat. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../collectors/registry.h"
#include "../ui/grid.h"
#include "look.h"

enum part { PROCESSES, BALANCE, STAT, PARTS };

enum { WIDE = 140, GAP = 2 };

static const struct {
	const char *table, *name, *columns, *sort, *title;
} parts[PARTS] = {
	[PROCESSES] = { "processes", "processes.cgroup", "pid,user,rss,rss_anon,swap,comm", "-rss,pid", "Processes" },
	[BALANCE] = { "balance", "balance.cgroup", "item,bytes,share,reclaim", "", "Balance" },
	[STAT] = { "cgroup_stat", "cgroup_stat", "name,bytes,count,rate,meaning", "", "memory.stat" },
};

struct cgroup_view {
	struct mml_view view;
	struct mml_grid *grids[PARTS];
	enum part at;
};

static struct mml_grid *grid_of(const struct cgroup_view *v)
{
	return v->grids[v->at];
}

static int cgroup_open(struct mml_view *view)
{
	struct cgroup_view *v = (struct cgroup_view *)view;

	for (int i = 0; i < PARTS; i++) {
		const struct mml_collector *c = mml_collector_find(parts[i].table);
		struct mml_grid *grid = c ? mml_grid_new(&c->schema) : NULL;

		v->grids[i] = grid;
		if (!grid || mml_grid_name(grid, parts[i].name))
			return -ENOMEM;
		mml_select_columns(mml_grid_select(grid), parts[i].columns);
		if (*parts[i].sort)
			mml_select_sort(mml_grid_select(grid), parts[i].sort);
		mml_grid_changed(grid);
	}
	return 0;
}

static void cgroup_close(struct mml_view *view)
{
	struct cgroup_view *v = (struct cgroup_view *)view;

	for (int i = 0; i < PARTS; i++)
		mml_grid_free(v->grids[i]);
}

static void cgroup_want(struct mml_view *view, struct mml_wants *ret)
{
	struct cgroup_view *v = (struct cgroup_view *)view;

	for (int i = 0; i < PARTS; i++) {
		struct mml_query *query = mml_want_select(ret, mml_grid_select(v->grids[i]));

		/* Without a path it is asked for, or is the command line's. */
		if (query && *view->target.group)
			query->scope.args[MML_PARAM_CGROUP] =
				(struct mml_arg){ .given = true, .text = view->target.group };
	}
}

static void cgroup_sample(struct mml_view *view, const struct mml_moment *moment, bool fresh)
{
	struct cgroup_view *v = (struct cgroup_view *)view;

	(void)fresh;
	for (int i = 0; i < PARTS; i++)
		mml_grid_sample(v->grids[i], moment);
}

/* "14 processes", "1.9G in 12 parts" */
static void title_note(const struct cgroup_view *v, const struct mml_moment *moment, enum part part, char ret[64])
{
	const struct mml_table *table = mml_look_table(moment, parts[part].table);
	char size[MML_LOOK_TEXT];
	double sum = 0;

	*ret = '\0';
	if (!table || table->error)
		return;
	if (part == PROCESSES)
		snprintf(ret, 64, "%zu", mml_grid_rows(v->grids[part]));
	for (size_t i = 0; part == BALANCE && i < table->nrows; i++)
		sum += mml_look_num(table, mml_table_row(table, i), "bytes");
	if (part == BALANCE)
		snprintf(ret, 64, "%.20s charged", mml_look_size(sum, &moment->style, size));
}

static void draw_part(struct cgroup_view *v, const struct mml_moment *moment, const struct mml_canvas *canvas,
		      enum part part)
{
	struct mml_canvas body;
	char note[64];

	title_note(v, moment, part, note);
	body = mml_look_section(canvas, parts[part].title, note);
	mml_grid_focus(v->grids[part], part == v->at);
	mml_grid_draw(v->grids[part], moment, &body);
}

/* One part at a time, with the names of the others above it. */
static void draw_narrow(struct cgroup_view *v, const struct mml_moment *moment, const struct mml_canvas *canvas)
{
	struct mml_canvas body = mml_canvas_part(canvas, 1, 0, canvas->rows - 1, canvas->cols);
	int x = 0;

	for (int i = 0; i < PARTS; i++) {
		char note[64];

		title_note(v, moment, (enum part)i, note);
		x += mml_drawf(canvas, 0, x, i == (int)v->at ? MML_INK_STRONG : MML_INK_QUIET, "%s%s%s",
			       parts[i].title, *note ? " " : "", note) + 2;
	}
	if (x < canvas->cols)
		mml_draw_run(canvas, 0, x, canvas->cols - x, MML_INK_QUIET, canvas->utf8 ? 0x2500 : '-');
	mml_grid_focus(v->grids[v->at], true);
	mml_grid_draw(v->grids[v->at], moment, &body);
}

static void cgroup_draw(struct mml_view *view, const struct mml_moment *moment, const struct mml_canvas *canvas)
{
	struct cgroup_view *v = (struct cgroup_view *)view;
	int half = canvas->rows / 2, left = (canvas->cols - GAP) / 2;
	struct mml_canvas part;

	if (canvas->cols < WIDE || canvas->rows < 12) {
		draw_narrow(v, moment, canvas);
		return;
	}
	part = mml_canvas_part(canvas, 0, 0, half, left);
	draw_part(v, moment, &part, PROCESSES);
	part = mml_canvas_part(canvas, half, 0, canvas->rows - half, left);
	draw_part(v, moment, &part, BALANCE);
	part = mml_canvas_part(canvas, 0, left + GAP, canvas->rows, canvas->cols - left - GAP);
	draw_part(v, moment, &part, STAT);
}

static void cgroup_headline(struct mml_view *view, const struct mml_moment *moment, struct mml_headline *ret)
{
	char path[256];

	if (*view->target.group)
		snprintf(ret->text, sizeof(ret->text), "%.200s",
			 mml_look_long(view->target.group, &moment->style, path, sizeof(path)));
}

static void enter(const struct cgroup_view *v, struct mml_action *ret)
{
	const struct mml_row *row = mml_grid_row(grid_of(v));
	const struct mml_table like = { .schema = mml_grid_select(grid_of(v))->schema };
	const char *name;
	uint64_t pid;

	if (!row || !mml_look_u64(&like, row, "pid", &pid))
		return;
	name = mml_look_str(&like, row, "comm");
	ret->kind = MML_OPEN;
	ret->view = "vmas";
	ret->target.pid = (pid_t)pid;
	snprintf(ret->target.title, sizeof(ret->target.title), "%" PRIu64 " %s", pid, name ? name : "");
}

/* A click into another part gives it the cursor. */
static void follow_mouse(struct cgroup_view *v, const struct mml_input *in)
{
	for (int i = 0; i < PARTS; i++)
		if (mml_grid_has_point(v->grids[i], in->mouse.y, in->mouse.x))
			v->at = (enum part)i;
}

static bool cgroup_input(struct mml_view *view, const struct mml_moment *moment, const struct mml_input *in,
			 struct mml_action *ret)
{
	struct cgroup_view *v = (struct cgroup_view *)view;

	(void)moment;
	if (in->key == MML_MOUSE) {
		follow_mouse(v, in);
		return false;
	}
	if (in->what == MML_DO_ENTER && v->at == PROCESSES) {
		enter(v, ret);
		return true;
	}
	if (in->what != MML_DO_TREE)
		return false;
	v->at = (v->at + 1) % PARTS;
	return true;
}

static struct mml_grid *cgroup_grid(struct mml_view *view)
{
	return grid_of((struct cgroup_view *)view);
}

static struct mml_grid *cgroup_grids(struct mml_view *view, size_t i)
{
	return i < PARTS ? ((struct cgroup_view *)view)->grids[i] : NULL;
}

static const char *cgroup_enter(struct mml_view *view)
{
	const struct cgroup_view *v = (const struct cgroup_view *)view;

	return v->at == PROCESSES && mml_grid_row(grid_of(v)) ? "mappings" : NULL;
}

static const struct mml_view_key keys[] = {
	{ "Enter", "the mappings of the process", NULL },
	{ "t", "its processes, its balance, its memory.stat", "next part" },
	{ NULL, NULL, NULL },
};

const struct mml_view_ops mml_view_cgroup = {
	.name = "cgroup",
	.help = "A control group: its processes, where its memory has gone, and its memory.stat.",
	.size = sizeof(struct cgroup_view),
	.keys = keys,
	.headline = cgroup_headline,
	.enter = cgroup_enter,
	.open = cgroup_open,
	.close = cgroup_close,
	.want = cgroup_want,
	.sample = cgroup_sample,
	.draw = cgroup_draw,
	.input = cgroup_input,
	.grid = cgroup_grid,
	.grids = cgroup_grids,
};
