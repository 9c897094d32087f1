/* The last ten minutes, and who grew in them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "overview.h"

static double add(double a, double b)
{
	return isnan(a) ? b : isnan(b) ? a : a + b;
}

/* Pages reclaimed, by the kernel's thread and by those who asked for memory. */
static double reclaimed(const struct mml_moment *moment)
{
	double rate = add(mml_look_rate(moment, "pgsteal_kswapd"), mml_look_rate(moment, "pgsteal_direct"));

	rate = add(rate, mml_look_rate(moment, "pgsteal_khugepaged"));
	return add(rate, mml_look_rate(moment, "pgsteal_proactive"));
}

void overview_remember(struct overview *ov)
{
	double page = (double)ov->moment->now->host.page_size;
	const double values[OV_PASTS] = {
		[OV_USED] = ov->total - ov->available,
		[OV_SWAP] = ov->swap_used,
		[OV_STALLED] = mml_look_stalled(ov->moment, "some"),
		[OV_RECLAIM] = reclaimed(ov->moment) * page,
		[OV_REFAULT] = mml_look_rate(ov->moment, "workingset_refault"),
	};

	for (int i = 0; i < OV_PASTS; i++)
		mml_look_remember(&ov->past[i], ov->moment, values[i]);
}

static void format_value(const struct overview *ov, enum overview_past which, double v,
			 char ret[MML_LOOK_TEXT])
{
	if (isnan(v))
		snprintf(ret, MML_LOOK_TEXT, "-");
	else if (which == OV_STALLED)
		snprintf(ret, MML_LOOK_TEXT, "%.1f%%", v);
	else if (which == OV_REFAULT)
		mml_look_count(v, "/s", ret);
	else
		mml_look_size(v, &ov->moment->style, ret);
	if (which == OV_RECLAIM && !isnan(v))
		snprintf(ret + strlen(ret), MML_LOOK_TEXT - strlen(ret), "/s");
}

enum { LABEL = 9, VALUE = 15 };

/* "swap       410M  ____..--" on row Y. */
static void draw_line(struct overview *ov, const struct mml_canvas *body, int y, const char *label,
		      enum overview_past which)
{
	double now = mml_history_now(&ov->past[which]);
	char text[MML_LOOK_TEXT];

	format_value(ov, which, now, text);
	mml_draw(body, y, 0, MML_INK_QUIET, label);
	mml_draw_field(body, y, LABEL - 1, VALUE - LABEL + 1, true,
		       which == OV_STALLED && now >= 1 ? MML_INK_WARN : MML_INK_TEXT, text);
	mml_plot_line(body, y, VALUE + 1, body->cols - VALUE - 1, &ov->past[which]);
}

/* The limits of what was seen, below its line. */
static void draw_range(struct overview *ov, const struct mml_canvas *body, int y, enum overview_past which,
		       double whole)
{
	char a[MML_LOOK_TEXT], b[MML_LOOK_TEXT];
	double min, max;
	int width;

	mml_look_size(whole, &ov->moment->style, a);
	mml_drawf(body, y, VALUE - (int)strlen(a) - 3, MML_INK_QUIET, "of %s", a);
	if (!mml_history_range(&ov->past[which], &min, &max))
		return;
	mml_drawf(body, y, VALUE + 1, MML_INK_QUIET, "min %s", mml_look_size(min, &ov->moment->style, a));
	mml_look_size(max, &ov->moment->style, b);
	width = (int)strlen(b) + 4;
	if (VALUE + 8 + (int)strlen(a) + width < body->cols)
		mml_drawf(body, y, body->cols - width, MML_INK_QUIET, "max %s", b);
}

/* Used memory as an area with its limits at the left. */
static void draw_area(struct overview *ov, const struct mml_canvas *body, int rows)
{
	struct mml_canvas area = mml_canvas_part(body, 0, VALUE + 1, rows, body->cols - VALUE - 1);
	char text[MML_LOOK_TEXT];
	double min, max;

	if (!mml_history_range(&ov->past[OV_USED], &min, &max))
		return;
	/* Less than 2 % of it is drawn as what it is: nearly nothing. */
	if (max - min < 0.02 * max)
		min = max - 0.02 * max;
	mml_plot_area(&area, &ov->past[OV_USED], min, max);
	mml_draw_field(body, 0, 0, VALUE, true, MML_INK_QUIET, mml_look_size(max, &ov->moment->style, text));
	mml_draw_field(body, rows - 1, 0, VALUE, true, MML_INK_QUIET,
		       mml_look_size(min, &ov->moment->style, text));
}

static void draw_used(struct overview *ov, const struct mml_canvas *body, int *y, int rows)
{
	if (rows > 2) {
		draw_area(ov, body, rows);
		mml_plot_axis(body, rows, VALUE + 1, body->cols - VALUE - 1);
		*y = rows + 1;
		return;
	}
	draw_line(ov, body, (*y)++, "used", OV_USED);
	if (rows > 1)
		draw_range(ov, body, (*y)++, OV_USED, ov->total);
}

/* By the rows there are: an area from 10 on; with fewer, lines with their limits, then lines alone. */
void overview_past(void *ctx, const struct mml_canvas *canvas)
{
	struct overview *ov = ctx;
	char note[64] = "", a[MML_LOOK_TEXT], b[MML_LOOK_TEXT];
	bool area = canvas->rows >= 10, limits = canvas->rows >= 8;
	struct mml_canvas body;
	int y = 0;

	if (area)
		snprintf(note, sizeof(note), "used %s of %s",
			 mml_look_size(mml_history_now(&ov->past[OV_USED]), &ov->moment->style, a),
			 mml_look_size(ov->total, &ov->moment->style, b));
	body = mml_panel_draw(&ov->panels, OV_PASTS, canvas, "Last 10 min", note, 0, NULL, NULL);
	draw_used(ov, &body, &y, area ? body.rows - 5 : limits ? 2 : 1);
	if (y < body.rows)
		draw_line(ov, &body, y++, "swap", OV_SWAP);
	if (limits && !area && y < body.rows)
		draw_range(ov, &body, y++, OV_SWAP, ov->swap_size);
	if (y < body.rows)
		draw_line(ov, &body, y++, "stalled", OV_STALLED);
	if (y < body.rows)
		draw_line(ov, &body, y++, "reclaim", OV_RECLAIM);
	if (area && y < body.rows)
		draw_line(ov, &body, y++, "refault", OV_REFAULT);
	if (!area && y < body.rows)
		mml_plot_axis(&body, y, VALUE + 1, body.cols - VALUE - 1);
}

static const char *grown_key(void *ctx, size_t row)
{
	size_t n;

	return mml_grew_list(((struct overview *)ctx)->grew, &n)[row].key;
}

/* "26 min", "8 h" */
static void draw_grown(struct overview *ov, const struct mml_canvas *body, int y, const struct mml_grown *g)
{
	const struct mml_style *style = &ov->moment->style;
	bool full = body->cols >= 60;
	int name = body->cols - (full ? 42 : 8);
	char text[MML_LOOK_TEXT], change[MML_LOOK_TEXT + 8];

	mml_draw(body, y, 0, MML_INK_QUIET, g->kind);
	mml_draw_field(body, y, 8, name - 8, false, MML_INK_TEXT, mml_look_safe(g->name, style, text));
	mml_look_size(g->change, style, text);
	snprintf(change, sizeof(change), "+%s", text);
	if (!full) {
		mml_draw_field(body, y, name, 8, true, MML_INK_STRONG, change);
		return;
	}
	mml_draw_field(body, y, name, 6, true, MML_INK_TEXT, mml_look_size(g->size, style, text));
	mml_draw_field(body, y, name + 6, 8, true,
		       g->change >= 0.01 * g->size ? MML_INK_STRONG : MML_INK_TEXT, change);
	if (isnan(g->slope))
		snprintf(change, sizeof(change), g->new ? "new" : "-");
	else
		snprintf(change, sizeof(change), "%s/min", mml_look_size(g->slope, style, text));
	mml_draw_field(body, y, name + 14, 10, true, isnan(g->slope) ? MML_INK_QUIET : MML_INK_TEXT, change);
	mml_look_left(g->full_s, text);
	mml_draw_field(body, y, name + 24, 8, true, isnan(g->full_s) ? MML_INK_QUIET : MML_INK_TEXT, text);
	mml_plot_spark(body, y, name + 33, MML_GREW_CELLS, g->cells, false);
}

void overview_grew(void *ctx, const struct mml_canvas *canvas)
{
	struct overview *ov = ctx;
	char title[64], note[64] = "change";
	struct mml_canvas body;
	const struct mml_grown *list;
	size_t n, top;

	list = mml_grew_list(ov->grew, &n);
	snprintf(title, sizeof(title), "Who grew %s %s", ov->moment->since == MML_SINCE_MARK ? "since" : "in",
		 mml_since_name(ov->moment->since));
	if (canvas->cols >= 60)
		snprintf(note, sizeof(note), "%5s %7s %9s %7s %s", "size", "change", "slope", "full in",
			 "last 10 m");
	body = mml_panel_draw(&ov->panels, OV_GREW, canvas, title, note, n, grown_key, ov);
	if (!n)
		mml_draw(&body, 0, 0, MML_INK_QUIET,
			 ov->moment->before ? "nothing has grown" : "it takes two samples to tell");
	top = mml_panel_top(&ov->panels, OV_GREW);
	for (size_t i = top; i < n && (int)(i - top) < body.rows; i++) {
		draw_grown(ov, &body, (int)(i - top), &list[i]);
		if (mml_panel_here(&ov->panels, OV_GREW, i))
			mml_draw_cursor(&body, (int)(i - top), 0, body.cols);
	}
}
