/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../collectors/registry.h"
#include "../ui/grid.h"
#include "../ui/plot.h"
#include "look.h"

/* How many pages were flushed at a time, as the table counts them. */
static const struct {
	const char *column, *label;
} sizes[] = {
	{ "pages_1", "1 page" },	{ "pages_2", "2 to 3" },    { "pages_4", "4 to 7" },
	{ "pages_8", "8 to 15" },	{ "pages_16", "16 to 31" }, { "pages_32", "32 or more" },
	{ "full", "everything" },
};

enum { SIZES = sizeof(sizes) / sizeof(*sizes), REASONS = 12 };

struct tlb {
	struct mml_view view;
	struct mml_grid *grid;
	const struct mml_moment *moment; /* valid while drawing */
	struct mml_history flushes;
};

static int tlb_open(struct mml_view *view)
{
	struct tlb *t = (struct tlb *)view;

	t->flushes.rate = true;
	t->grid = mml_grid_new(&mml_collector_find("tlb")->schema);
	return t->grid ? 0 : -ENOMEM;
}

static void tlb_close(struct mml_view *view)
{
	mml_grid_free(((struct tlb *)view)->grid);
}

static void tlb_want(struct mml_view *view, struct mml_wants *ret)
{
	mml_want_select(ret, mml_grid_select(((struct tlb *)view)->grid));
}

static double sum(const struct mml_table *table, const char *column)
{
	double all = 0;

	for (size_t i = 0; table && i < table->nrows; i++) {
		double v = mml_look_num(table, mml_table_row(table, i), column);

		all += isnan(v) ? 0 : v;
	}
	return all;
}

/* Returns the sum of COLUMN, which counts each flush once, or of OTHER if a capture does not tell.
 */
static double sum_once(const struct mml_table *table, const char *column, const char *other)
{
	for (size_t i = 0; table && i < table->nrows; i++)
		if (!isnan(mml_look_num(table, mml_table_row(table, i), "requests")))
			return sum(table, column);
	return sum(table, other);
}

static void tlb_sample(struct mml_view *view, const struct mml_moment *moment, bool fresh)
{
	struct tlb *t = (struct tlb *)view;
	const struct mml_table *table = mml_look_table(moment, "tlb");

	if (fresh)
		mml_look_remember(&t->flushes, moment,
				  table && !table->error ? sum_once(table, "requests_rate", "rate") :
							   (double)NAN);
	mml_grid_sample(t->grid, moment);
}

/* Draws a label, a count with its bar, and PART of WHOLE in percent. */
static void draw_count(const struct mml_canvas *canvas, int y, int label, const char *text,
		       double count, double part, double whole, double most)
{
	int x = label + 10;

	mml_draw_field(canvas, y, 0, label, false, MML_INK_QUIET, text);
	mml_drawf(canvas, y, label, MML_INK_TEXT, "%9.0f", count);
	if (canvas->cols - x - 7 >= 4)
		mml_plot_share(canvas, y, x, canvas->cols - x - 7, most > 0 ? count / most : 0,
			       MML_INK_PLOT);
	if (whole > 0 && (part > 0 || count <= 0))
		mml_drawf(canvas, y, canvas->cols - 6, MML_INK_QUIET, "%5.1f%%", part * 100 / whole);
}

/* Returns the sum of COLUMN over what CPUs flushed. Nothing is flushed as a flush is sent. */
static double sum_done(const struct mml_table *table, const char *column)
{
	double all = 0;

	for (size_t i = 0; i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);
		const char *reason = mml_look_str(table, row, "reason");
		double v = mml_look_num(table, row, column);

		if (!isnan(v) && (!reason || strcmp(reason, "remote send ipi") != 0))
			all += v;
	}
	return all;
}

static void draw_sizes(void *ctx, const struct mml_canvas *canvas)
{
	struct tlb *t = ctx;
	const struct mml_table *table = mml_look_table(t->moment, "tlb");
	struct mml_canvas body = mml_look_section(canvas, "Pages per flush", "since watching began");
	double count[SIZES], whole = 0, most = 0;

	if (mml_look_absent(&body, table))
		return;
	for (int i = 0; i < SIZES; i++) {
		count[i] = sum_done(table, sizes[i].column);
		whole += count[i];
		most = fmax(most, count[i]);
	}
	for (int i = 0; i < SIZES && i < body.rows; i++)
		draw_count(&body, i, 11, sizes[i].label, count[i], count[i], whole, most);
}

struct reason {
	const char *name;
	double flushes;
	double asked; /* those of them that are not counted under another reason already */
};

static int reasons_of(const struct mml_table *table, struct reason ret[REASONS])
{
	int n = 0;

	for (size_t i = 0; i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);
		const char *name = mml_look_str(table, row, "reason");
		double flushes = mml_look_num(table, row, "flushes");
		double asked = mml_look_num(table, row, "requests");
		int k = 0;

		if (!name || isnan(flushes))
			continue;
		while (k < n && strcmp(ret[k].name, name) != 0)
			k++;
		if (k == REASONS)
			continue;
		if (k == n)
			ret[n++] = (struct reason){ name, 0, 0 };
		ret[k].flushes += flushes;
		ret[k].asked += isnan(asked) ? flushes : asked;
	}
	/* Sorts the reasons by how often they occurred. */
	for (int i = 1; i < n; i++)
		for (int k = i; k && ret[k].flushes > ret[k - 1].flushes; k--) {
			struct reason swap = ret[k];

			ret[k] = ret[k - 1];
			ret[k - 1] = swap;
		}
	return n;
}

static void draw_reasons(void *ctx, const struct mml_canvas *canvas)
{
	struct tlb *t = ctx;
	const struct mml_table *table = mml_look_table(t->moment, "tlb");
	struct mml_canvas body =
		mml_look_section(canvas, "Reasons", "flushes since watching began");
	struct reason all[REASONS];
	char text[MML_LOOK_TEXT];
	double whole = 0;
	int n;

	if (mml_look_absent(&body, table))
		return;
	n = reasons_of(table, all);
	for (int i = 0; i < n; i++)
		whole += all[i].asked;
	for (int i = 0; i < n && i < body.rows - 1; i++)
		draw_count(&body, i, body.cols > 60 ? 24 : 18,
			   mml_look_safe(all[i].name, &t->moment->style, text), all[i].flushes,
			   all[i].asked, whole, all[0].flushes);
	mml_draw(&body, body.rows - 1, 0, MML_INK_QUIET, "flushes");
	mml_look_count(mml_history_now(&t->flushes), "/s", text);
	mml_draw_field(&body, body.rows - 1, 8, 12, true, MML_INK_TEXT, text);
	mml_plot_line(&body, body.rows - 1, 21, body.cols - 21, &t->flushes);
}

static void draw_grid(void *ctx, const struct mml_canvas *canvas)
{
	struct tlb *t = ctx;

	mml_grid_draw(t->grid, t->moment, canvas);
}

static void tlb_draw(struct mml_view *view, const struct mml_moment *moment,
		     const struct mml_canvas *canvas)
{
	struct tlb *t = (struct tlb *)view;
	const struct mml_table *table = mml_look_table(moment, "tlb");
	int right = canvas->cols / 2 - 1;

	t->moment = moment;
	/* If the events could not be read, only the grid is shown, which says why. */
	if ((table && table->error && !table->nrows) || canvas->rows < 10) {
		draw_grid(t, canvas);
	} else if (canvas->cols >= 76) {
		struct mml_canvas a = mml_canvas_part(canvas, 0, 0, 1 + SIZES,
						      canvas->cols - right - 2);
		struct mml_canvas b = mml_canvas_part(canvas, 0, canvas->cols - right, 1 + SIZES, right);
		struct mml_canvas below =
			mml_canvas_part(canvas, 2 + SIZES, 0, canvas->rows - 2 - SIZES, canvas->cols);

		draw_sizes(t, &a);
		draw_reasons(t, &b);
		draw_grid(t, &below);
	} else {
		const struct mml_stack parts[] = {
			{ draw_sizes, 1 + SIZES, 1 + SIZES, 8 },
			{ draw_reasons, 4, 6, 7 },
			{ draw_grid, 4, 1000, 9 },
		};

		mml_look_stack(canvas, parts, 3, t);
	}
	mml_look_age(canvas, moment);
	t->moment = NULL;
}

static struct mml_grid *tlb_grid(struct mml_view *view)
{
	return ((struct tlb *)view)->grid;
}

static void tlb_headline(struct mml_view *view, const struct mml_moment *moment, struct mml_headline *ret)
{
	struct tlb *t = (struct tlb *)view;
	const struct mml_table *table = mml_look_table(moment, "tlb");
	char rate[MML_LOOK_TEXT];

	if (!table || table->error || isnan(mml_history_now(&t->flushes)))
		return;
	mml_look_count(mml_history_now(&t->flushes), "/s", rate);
	snprintf(ret->text, sizeof(ret->text), "TLB flushes  %s   %s", rate,
		 mml_look_watching(moment));
}

static const struct mml_view_sort sorts[] = {
	{ 'S', "flushes", "flushes", false }, { 'R', "rate", "rate", false },
	{ 'A', "comm", "name", false },	      { 0, NULL, NULL, false },
};

const struct mml_view_ops mml_view_tlb = {
	.name = "tlb",
	.help = "TLB flushes as they happen: how many pages, why, and whose.",
	.size = sizeof(struct tlb),
	.open = tlb_open,
	.close = tlb_close,
	.want = tlb_want,
	.sample = tlb_sample,
	.sorts = sorts,
	.headline = tlb_headline,
	.draw = tlb_draw,
	.grid = tlb_grid,
};
