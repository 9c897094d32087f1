/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trouble.h"
#include "../collectors/registry.h"
#include "../ui/grid.h"
#include "../ui/plot.h"
#include "look.h"

/* If the target is a process, its mappings are shown, and otherwise all processes. */
struct faults {
	struct mml_view view;
	struct mml_grid *grid;
	const struct mml_moment *moment; /* valid while drawing */
	struct mml_history all, major;
};

static int faults_open(struct mml_view *view)
{
	struct faults *f = (struct faults *)view;

	f->all.rate = f->major.rate = true;
	f->grid = mml_grid_new(&mml_collector_find("faults")->schema);
	if (!f->grid)
		return -ENOMEM;
	if (view->target.pid) {
		mml_select_columns(mml_grid_select(f->grid),
				   "start,faults,rate,user,kernel,write,protection,hottest,mapping");
		mml_grid_changed(f->grid);
	}
	return 0;
}

static void faults_close(struct mml_view *view)
{
	mml_grid_free(((struct faults *)view)->grid);
}

static void faults_want(struct mml_view *view, struct mml_wants *ret)
{
	struct mml_query *query = mml_want_select(ret, mml_grid_select(((struct faults *)view)->grid));

	if (!query || !view->target.pid)
		return;
	mml_scope_set_pid(&query->scope, &view->target.pid);
	query->scope.by = "vma";
}

static double sum(const struct mml_table *table, const char *column)
{
	double all = (double)NAN;

	for (size_t i = 0; table && i < table->nrows; i++) {
		double v = mml_look_num(table, mml_table_row(table, i), column);

		if (!isnan(v))
			all = isnan(all) ? v : all + v;
	}
	/* If nobody faulted, the number is 0 and not unknown. */
	return table && !table->error && !table->nrows ? 0 : all;
}

static void faults_sample(struct mml_view *view, const struct mml_moment *moment, bool fresh)
{
	struct faults *f = (struct faults *)view;
	const struct mml_table *table = mml_look_table(moment, "faults");

	if (fresh) {
		mml_look_remember(&f->all, moment, sum(table, "rate"));
		mml_look_remember(&f->major, moment, sum(table, "major_rate"));
	}
	mml_grid_sample(f->grid, moment);
}

static void draw_line(const struct mml_canvas *canvas, int y, const char *label, const struct mml_history *h)
{
	char text[MML_LOOK_TEXT] = "-";

	if (!isnan(mml_history_now(h)))
		mml_look_count(mml_history_now(h), "/s", text);
	mml_draw(canvas, y, 0, MML_INK_QUIET, label);
	mml_draw_field(canvas, y, 7, 9, true, MML_INK_TEXT, text);
	mml_plot_line(canvas, y, 17, canvas->cols - 17, h);
}

static void draw_history(void *ctx, const struct mml_canvas *canvas)
{
	struct faults *f = ctx;
	struct mml_canvas body = mml_look_section(canvas, "Page faults", "last 10 min");
	int rows = body.rows - 2;
	double min, max = 0;
	char text[MML_LOOK_TEXT];

	if (rows < 2 || !mml_history_range(&f->all, &min, &max)) {
		draw_line(&body, 0, "all", &f->all);
		draw_line(&body, 1, "major", &f->major);
		return;
	}
	mml_look_count(max, "/s", text);
	mml_draw_field(&body, 0, 0, 16, true, MML_INK_QUIET, text);
	mml_draw_field(&body, rows - 1, 0, 16, true, MML_INK_QUIET, "0/s");
	body = mml_canvas_part(&body, 0, 17, rows, body.cols - 17);
	mml_plot_area(&body, &f->all, 0, max);
	body = mml_canvas_part(canvas, 1 + rows, 0, 2, canvas->cols);
	draw_line(&body, 0, "major", &f->major);
	mml_plot_axis(&body, 1, 17, body.cols - 17);
}

static int by_start(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return x[0] < y[0] ? -1 : x[0] > y[0];
}

/* Draws the mappings that faulted in the order of their addresses. A cell stands for one of them,
 * or for several. */
static void draw_strip(void *ctx, const struct mml_canvas *canvas)
{
	struct faults *f = ctx;
	const struct mml_table *table = mml_look_table(f->moment, "faults");
	struct mml_canvas body = mml_look_section(canvas, "Over the address space",
						  "mappings that faulted, lowest first");
	uint64_t(*cells)[2];
	uint64_t most = 1;
	size_t n = 0;

	if (mml_look_absent(&body, table))
		return;
	cells = mml_calloc(table->nrows + (size_t)body.cols + 1, sizeof(*cells));
	for (size_t i = 0; cells && i < table->nrows; i++)
		if (mml_look_u64(table, mml_table_row(table, i), "start", &cells[n][0]) &&
		    mml_look_u64(table, mml_table_row(table, i), "faults", &cells[n][1]))
			n++;
	if (cells && n) {
		int per = ((int)n + body.cols - 1) / body.cols;

		qsort(cells, n, sizeof(*cells), by_start);
		for (size_t i = 0; i < n; i++) {
			size_t at = i / (size_t)per;

			cells[at][1] = (i % (size_t)per ? cells[at][1] : 0) + cells[i][1];
			most = cells[at][1] > most ? cells[at][1] : most;
		}
		for (size_t i = 0; i < (n + (size_t)per - 1) / (size_t)per; i++)
			mml_look_shade(&body, 0, (int)i, (double)cells[i][1] / (double)most);
	}
	free(cells);
}

static void draw_grid(void *ctx, const struct mml_canvas *canvas)
{
	struct faults *f = ctx;

	mml_grid_draw(f->grid, f->moment, canvas);
}

static void faults_draw(struct mml_view *view, const struct mml_moment *moment,
			const struct mml_canvas *canvas)
{
	struct faults *f = (struct faults *)view;
	const struct mml_stack parts[] = {
		{ draw_history, 3, canvas->rows >= 30 ? 8 : 3, 6 },
		{ draw_strip, 2, view->target.pid ? 2 : 0, 7 },
		{ draw_grid, 4, 1000, 9 },
	};

	f->moment = moment;
	mml_look_stack(canvas, parts, 3, f);
	mml_look_age(canvas, moment);
	f->moment = NULL;
}

/* Enter on a process shows its mappings. */
static bool faults_input(struct mml_view *view, const struct mml_moment *moment,
			 const struct mml_input *in, struct mml_action *ret)
{
	struct faults *f = (struct faults *)view;
	const struct mml_row *row = mml_grid_row(f->grid);
	const struct mml_table *table = mml_look_table(moment, "faults");
	char text[MML_LOOK_TEXT];
	uint64_t pid;

	if (in->what != MML_DO_ENTER || view->target.pid || !row || !table ||
	    !mml_look_u64(table, row, "pid", &pid) || !pid)
		return false;
	ret->kind = MML_OPEN;
	ret->view = "faults";
	ret->target.pid = (pid_t)pid;
	mml_look_text(table, row, "comm", &moment->style, text);
	snprintf(ret->target.title, sizeof(ret->target.title), "%d %.40s", (int)pid, text);
	return true;
}

static struct mml_grid *faults_grid(struct mml_view *view)
{
	return ((struct faults *)view)->grid;
}

static void faults_headline(struct mml_view *view, const struct mml_moment *moment, struct mml_headline *ret)
{
	struct faults *f = (struct faults *)view;
	const struct mml_table *table = mml_look_table(moment, "faults");
	char all[MML_LOOK_TEXT], major[MML_LOOK_TEXT];

	if (!table || table->error || isnan(mml_history_now(&f->all)))
		return;
	mml_look_count(mml_history_now(&f->all), "/s", all);
	mml_look_count(fmax(mml_history_now(&f->major), 0), "/s", major);
	snprintf(ret->text, sizeof(ret->text), "Page faults  %.20s of %s, %.20s of them major   %s", all,
		 view->target.pid ? "this process" : "all processes", major,
		 mml_look_watching(moment));
}

static const char *faults_enter(struct mml_view *view)
{
	return view->target.pid || !mml_grid_row(((struct faults *)view)->grid) ? NULL : "its mappings";
}

static const struct mml_view_sort sorts[] = {
	{ 'S', "faults", "faults", false }, { 'R', "rate", "rate", false },
	{ 'A', "comm", "name", false },	    { 0, NULL, NULL, false },
};

const struct mml_view_ops mml_view_faults = {
	.name = "faults",
	.help = "Page faults as they happen, by process and by mapping.",
	.size = sizeof(struct faults),
	.open = faults_open,
	.close = faults_close,
	.want = faults_want,
	.sample = faults_sample,
	.sorts = sorts,
	.headline = faults_headline,
	.draw = faults_draw,
	.enter = faults_enter,
	.input = faults_input,
	.grid = faults_grid,
};
