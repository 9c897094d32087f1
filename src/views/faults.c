/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
		mml_history_push(&f->all, sum(table, "rate"));
		mml_history_push(&f->major, sum(table, "major_rate"));
	}
	mml_grid_sample(f->grid, moment);
}

static void draw_line(struct faults *f, const struct mml_canvas *canvas, int y, int rows,
		      const char *label, const struct mml_history *h, enum mml_ink ink)
{
	struct mml_canvas plot = mml_canvas_part(canvas, y, 18, rows, canvas->cols - 18);
	struct mml_scale scale = { 0, fmax(mml_history_max(h, MML_HISTORY), 1), false };
	double now = mml_history_at(h, 0);

	(void)f;
	mml_draw(canvas, y, 0, MML_INK_LABEL, label);
	if (isnan(now))
		mml_draw(canvas, y, 14, MML_INK_DIM, "-");
	else
		mml_drawf(canvas, y, 8, MML_INK_NORMAL, "%7.0f/s", now);
	if (rows > 1 && mml_history_max(h, MML_HISTORY) > 0) {
		mml_draw(canvas, y + 1, 0, MML_INK_DIM, "at most");
		mml_drawf(canvas, y + 1, 8, MML_INK_DIM, "%7.0f/s", scale.hi);
	}
	mml_plot_history(&plot, h, &scale, ink);
}

static void draw_history(void *ctx, const struct mml_canvas *canvas)
{
	struct faults *f = ctx;
	struct mml_canvas body = mml_look_section(canvas, "Page faults",
						  f->view.target.pid ? "of this process" :
								      "of all processes");
	int rows = body.rows > 1 && !f->view.target.pid ? body.rows - 1 : body.rows;

	draw_line(f, &body, 0, rows, "all", &f->all, MML_INK_SERIES2);
	if (rows < body.rows)
		draw_line(f, &body, rows, 1, "major", &f->major, MML_INK_SERIES6);
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
	cells = calloc(table->nrows + (size_t)body.cols + 1, sizeof(*cells));
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
			mml_plot_heat(&body, 0, (int)i, 1, (double)cells[i][1] / (double)most, NULL);
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
		{ draw_history, 3, canvas->rows >= 30 ? 7 : 4, 6 },
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

const struct mml_view_ops mml_view_faults = {
	.name = "faults",
	.help = "page faults as they happen, by process and by mapping",
	.size = sizeof(struct faults),
	.open = faults_open,
	.close = faults_close,
	.want = faults_want,
	.sample = faults_sample,
	.draw = faults_draw,
	.input = faults_input,
	.grid = faults_grid,
};
