/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../collectors/registry.h"
#include "../ui/grid.h"
#include "../ui/plot.h"
#include "look.h"

/* The counters whose rates are drawn over time. */
static const struct {
	const char *counter, *label;
} rates[] = {
	{ "thp_fault_alloc", "faults served" },
	{ "thp_fault_fallback", "fell back" },
	{ "thp_collapse_alloc", "collapsed" },
	{ "thp_split_page", "split" },
};

enum { RATES = sizeof(rates) / sizeof(*rates) };

struct hugepages {
	struct mml_view view;
	struct mml_grid *grid; /* shows the pools */
	const struct mml_moment *moment; /* valid while drawing */
	struct mml_history rate[RATES];
};

static int hugepages_open(struct mml_view *view)
{
	struct hugepages *h = (struct hugepages *)view;

	for (int i = 0; i < RATES; i++)
		h->rate[i].rate = true;
	h->grid = mml_grid_new(&mml_collector_find("hugepages")->schema);
	return h->grid ? 0 : -ENOMEM;
}

static void hugepages_close(struct mml_view *view)
{
	mml_grid_free(((struct hugepages *)view)->grid);
}

static void hugepages_want(struct mml_view *view, struct mml_wants *ret)
{
	mml_want(ret, "meminfo", "");
	mml_want(ret, "vmstat", "");
	mml_want(ret, "thp_why", "");
	mml_want_select(ret, mml_grid_select(((struct hugepages *)view)->grid));
}

static double cell(const struct mml_moment *moment, const char *table, const char *name,
		   const char *column)
{
	const struct mml_table *t = mml_look_table(moment, table);
	const struct mml_row *row = mml_look_row(t, "name", name, NULL, NULL);

	return row ? mml_look_num(t, row, column) : (double)NAN;
}

static void hugepages_sample(struct mml_view *view, const struct mml_moment *moment, bool fresh)
{
	struct hugepages *h = (struct hugepages *)view;

	for (int i = 0; fresh && i < RATES; i++)
		mml_look_remember(&h->rate[i], moment, cell(moment, "vmstat", rates[i].counter, "rate"));
	mml_grid_sample(h->grid, moment);
}

/* Draws a line such as "Anonymous 16.0M of 52.8M [####....] 30.3%". */
static void draw_share(struct hugepages *h, const struct mml_canvas *canvas, int y,
		       const char *label, const char *part, const char *whole)
{
	double huge = cell(h->moment, "meminfo", part, "bytes");
	double all = cell(h->moment, "meminfo", whole, "bytes");
	double shmem = cell(h->moment, "meminfo", "Shmem", "bytes");
	char a[MML_LOOK_TEXT], b[MML_LOOK_TEXT];
	int x, end = canvas->cols - 8;

	/* Cached includes shared memory, but FileHugePages does not include its huge pages. */
	if (!strcmp(whole, "Cached") && !isnan(shmem))
		all = fmax(all - shmem, 0);
	mml_draw(canvas, y, 0, MML_INK_QUIET, label);
	if (isnan(huge) || isnan(all)) {
		mml_draw(canvas, y, 10, MML_INK_QUIET, "not counted by this kernel");
		return;
	}
	x = 10 + mml_drawf(canvas, y, 10, MML_INK_TEXT, "%6s of %s ",
			   mml_look_size(huge, &h->moment->style, a),
			   mml_look_size(all, &h->moment->style, b));
	x = x < 28 ? 28 : x;
	if (end - x >= 6)
		mml_plot_share(canvas, y, x, end - x, huge / all, MML_INK_HUGE);
	if (all > 0)
		mml_drawf(canvas, y, end + 1, MML_INK_TEXT, "%6.1f%%", huge * 100 / all);
}

static void draw_shares(void *ctx, const struct mml_canvas *canvas)
{
	struct mml_canvas body =
		mml_look_section(canvas, "Memory in transparent huge pages", NULL);

	if (mml_look_absent(&body, mml_look_table(((struct hugepages *)ctx)->moment, "meminfo")))
		return;
	draw_share(ctx, &body, 0, "anonymous", "AnonHugePages", "AnonPages");
	draw_share(ctx, &body, 1, "shared", "ShmemHugePages", "Shmem");
	draw_share(ctx, &body, 2, "files", "FileHugePages", "Cached");
}

static void draw_rates(void *ctx, const struct mml_canvas *canvas)
{
	struct hugepages *h = ctx;
	struct mml_canvas body = mml_look_section(canvas, "Huge pages per second", "last 10 min");
	char text[MML_LOOK_TEXT] = "-";

	for (int i = 0; i < RATES && i < body.rows; i++) {
		double now = mml_history_now(&h->rate[i]);

		mml_draw(&body, i, 0, MML_INK_QUIET, rates[i].label);
		if (!isnan(now))
			mml_look_count(now, "/s", text);
		mml_draw_field(&body, i, 13, 8, true, MML_INK_TEXT, text);
		mml_plot_line(&body, i, 22, body.cols - 22, &h->rate[i]);
	}
}

/* A setting that limits is no fault of the machine: only what blocks has a sign. */
static enum mml_ink verdict(const char *word, const char **ret_sign)
{
	bool blocks = word && !strcmp(word, "blocks");

	*ret_sign = blocks ? "! " : "- ";
	return blocks ? MML_INK_WARN : MML_INK_QUIET;
}

/* Returns where a reason is sorted: first the result of all, then what blocks, what limits, and the
 * rest. */
static size_t rank(const char *about, const char *word)
{
	if (about && !strcmp(about, "result"))
		return 0;
	return !strcmp(word, "blocks") ? 1 : !strcmp(word, "limits") ? 2 : 3;
}

/* Draws the reasons and returns the rows they take. If DRAW is NULL, the rows are only counted. */
static int list_reasons(struct hugepages *h, const struct mml_canvas *draw, int cols)
{
	const struct mml_table *table = mml_look_table(h->moment, "thp_why");
	struct mml_canvas none = { .cols = cols, .utf8 = h->moment->style.utf8 };
	int y = 0;

	for (size_t k = 0; k < 4; k++)
		for (size_t i = 0; table && i < table->nrows; i++) {
			const struct mml_row *row = mml_table_row(table, i);
			const char *word = mml_look_str(table, row, "verdict"), *sign;
			const char *text = mml_look_str(table, row, "text");
			struct mml_buf safe = { 0 };
			enum mml_ink ink;

			if (!text || !word ||
			    rank(mml_look_str(table, row, "about"), word) != k)
				continue;
			ink = verdict(word, &sign);
			mml_escape(&safe, text, strlen(text), none.utf8);
			if (draw)
				mml_draw(draw, y, 0, ink, sign);
			if (safe.data)
				y += mml_draw_text(draw ? draw : &none, y, 3, cols - 3,
						   MML_INK_TEXT, safe.data);
			mml_buf_free(&safe);
		}
	return y;
}

static void draw_reasons(void *ctx, const struct mml_canvas *canvas)
{
	struct hugepages *h = ctx;
	bool more = list_reasons(h, NULL, canvas->cols) > canvas->rows - 1;
	struct mml_canvas body = mml_look_section(canvas, "Why, or why not",
						  more ? ":thp_why has all" : NULL);

	if (!mml_look_absent(&body, mml_look_table(h->moment, "thp_why")))
		list_reasons(h, &body, canvas->cols);
}

static void draw_pools(void *ctx, const struct mml_canvas *canvas)
{
	struct hugepages *h = ctx;
	struct mml_canvas body = mml_look_section(canvas, "Pools", NULL);

	mml_grid_draw(h->grid, h->moment, &body);
}

static void hugepages_draw(struct mml_view *view, const struct mml_moment *moment,
			   const struct mml_canvas *canvas)
{
	struct hugepages *h = (struct hugepages *)view;
	int why, pools = 2 + (int)mml_grid_rows(h->grid);
	struct mml_canvas top, beside, below;

	h->moment = moment;
	if (canvas->cols >= 110 && canvas->rows >= 16) {
		int half = canvas->cols / 2 - 1;

		top = mml_canvas_part(canvas, 0, 0, 5, half);
		beside = mml_canvas_part(canvas, 0, half + 2, 5, canvas->cols - half - 2);
		below = mml_canvas_part(canvas, 6, 0, canvas->rows - 6, canvas->cols);
		draw_shares(h, &top);
		draw_rates(h, &beside);
		why = 1 + list_reasons(h, NULL, canvas->cols);
		const struct mml_stack parts[] = { { draw_reasons, 4, why, 9 },
						   { draw_pools, 4, pools, 8 } };

		mml_look_stack(&below, parts, 2, h);
	} else {
		why = 1 + list_reasons(h, NULL, canvas->cols);
		const struct mml_stack parts[] = {
			{ draw_shares, canvas->rows < 16 ? 2 : 4, 4, 8 },
			{ draw_rates, 3, 1 + RATES, 6 },
			{ draw_reasons, 3, why, 9 },
			{ draw_pools, 3, pools < 8 ? pools : 8, 7 },
		};

		mml_look_stack(canvas, parts, 4, h);
	}
	mml_look_age(canvas, moment);
	h->moment = NULL;
}

/* Enter on a pool shows the mappings that have pages of its size. */
static bool hugepages_input(struct mml_view *view, const struct mml_moment *moment,
			    const struct mml_input *in, struct mml_action *ret)
{
	struct hugepages *h = (struct hugepages *)view;
	const struct mml_row *row = mml_grid_row(h->grid);
	const struct mml_table *table = mml_look_table(moment, "hugepages");
	char size[MML_LOOK_TEXT];
	uint64_t bytes;

	if (in->what != MML_DO_ENTER || !row || !table ||
	    !mml_look_u64(table, row, "page_size", &bytes))
		return false;
	ret->kind = MML_OPEN;
	ret->view = "hugetlb";
	snprintf(ret->target.filter, sizeof(ret->target.filter), "page_size = %llu",
		 (unsigned long long)bytes);
	snprintf(ret->target.title, sizeof(ret->target.title), "pages of %s",
		 mml_look_size((double)bytes, &moment->style, size));
	return true;
}

static struct mml_grid *hugepages_grid(struct mml_view *view)
{
	return ((struct hugepages *)view)->grid;
}

static void hugepages_headline(struct mml_view *view, const struct mml_moment *moment,
			       struct mml_headline *ret)
{
	double anon = cell(moment, "meminfo", "AnonHugePages", "bytes");
	double pools = cell(moment, "meminfo", "Hugetlb", "bytes");
	char a[MML_LOOK_TEXT], b[MML_LOOK_TEXT];

	(void)view;
	if (isnan(anon) && isnan(pools))
		return;
	snprintf(ret->text, sizeof(ret->text), "Huge pages  %s transparent, %s in pools",
		 mml_look_size(anon, &moment->style, a), mml_look_size(pools, &moment->style, b));
}

static const char *hugepages_enter(struct mml_view *view)
{
	return mml_grid_row(((struct hugepages *)view)->grid) ? "who has them" : NULL;
}

const struct mml_view_ops mml_view_hugepages = {
	.name = "hugepages",
	.help = "Huge pages: how many are used, and why there are not more.",
	.size = sizeof(struct hugepages),
	.background = true,
	.open = hugepages_open,
	.close = hugepages_close,
	.want = hugepages_want,
	.sample = hugepages_sample,
	.headline = hugepages_headline,
	.draw = hugepages_draw,
	.enter = hugepages_enter,
	.input = hugepages_input,
	.grid = hugepages_grid,
};
