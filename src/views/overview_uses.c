/* What memory is used for: the bar, and its parts as a list. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "overview.h"

enum { RIGHT = 18 }; /* "  8.0G available" */

static int larger_item(const void *a, const void *b)
{
	double x = ((const struct overview_item *)a)->bytes, y = ((const struct overview_item *)b)->bytes;

	return x < y ? 1 : x > y ? -1 : 0;
}

static double meminfo(const struct mml_moment *moment, const char *name)
{
	const struct mml_table *table = mml_look_table(moment, "meminfo");
	const struct mml_row *row = mml_look_row(table, "name", name, NULL, NULL);

	return row ? mml_look_num(table, row, "bytes") : (double)NAN;
}

void overview_add_up(struct overview *ov)
{
	const struct mml_table *balance = mml_look_table(ov->moment, "balance");

	ov->total = 0;
	ov->nitems = ov->nothing = 0;
	for (int i = 0; i < MML_USES; i++)
		ov->parts[i] = (struct mml_part){ 0, (enum mml_use)i };
	for (size_t i = 0; balance && i < balance->nrows; i++) {
		const struct mml_row *row = mml_table_row(balance, i);
		struct overview_item *item = &ov->items[ov->nitems];
		const char *name = mml_look_str(balance, row, "item");
		double bytes = mml_look_num(balance, row, "bytes");

		if (!name || isnan(bytes) || ov->nitems == OV_ITEMS)
			continue;
		snprintf(item->item, sizeof(item->item), "%s", name);
		item->use = mml_look_item(name, item->name);
		item->bytes = bytes;
		snprintf(item->reclaim, sizeof(item->reclaim), "%s",
			 mml_look_str(balance, row, "reclaim") ?: "");
		ov->parts[item->use].value += bytes;
		ov->total += bytes;
		if (bytes == 0)
			ov->nothing++;
		else
			ov->nitems++;
	}
	qsort(ov->items, ov->nitems, sizeof(*ov->items), larger_item);
	ov->available = meminfo(ov->moment, "MemAvailable");
	ov->swap_size = meminfo(ov->moment, "SwapTotal");
	ov->swap_used = ov->swap_size - meminfo(ov->moment, "SwapFree");
}

static void draw_legend(const struct overview *ov, const struct mml_canvas *canvas)
{
	bool brief = canvas->cols < 100;
	char text[MML_LOOK_TEXT];
	int x = 0;

	for (enum mml_use use = 0; use < MML_USES; use++) {
		const char *name = brief && use >= MML_USE_UNKNOWN ? "" : mml_use_name(use);
		const char *size = mml_look_size(ov->parts[use].value, &ov->moment->style, text);
		int width = 2 + (int)strlen(name) + (*name != 0) + (int)strlen(size);

		if (ov->parts[use].value == 0)
			continue;
		if (x + width > canvas->cols)
			return;
		mml_draw_char(canvas, 1, x, mml_use_ink(use), mml_use_char(canvas, use));
		mml_drawf(canvas, 1, x + 2, MML_INK_TEXT, "%s%s%s", name, *name ? " " : "", size);
		x += width + (brief ? 1 : 2);
	}
}

void overview_bar(struct overview *ov, const struct mml_canvas *canvas)
{
	char text[MML_LOOK_TEXT];
	int x, end = canvas->cols;

	if (mml_look_absent(canvas, mml_look_table(ov->moment, "balance")))
		return;
	x = mml_drawf(canvas, 0, 0, MML_INK_TEXT, "Memory %s ",
		      mml_look_size(ov->total, &ov->moment->style, text));
	if (!isnan(ov->available) && canvas->cols >= 60) {
		end -= RIGHT;
		mml_drawf(canvas, 0, end, MML_INK_TEXT, " %7s available",
			  mml_look_size(ov->available, &ov->moment->style, text));
	}
	mml_plot_bar(canvas, 0, x, end - x, ov->parts, MML_USES, ov->total);
	if (canvas->rows > 1)
		draw_legend(ov, canvas);
}

static const char *item_key(void *ctx, size_t row)
{
	return ((struct overview *)ctx)->items[row].item;
}

/* How the kernel could get a part back, in words. */
static const char *back_by(const char *reclaim)
{
	static const struct {
		const char *reclaim, *words;
	} ways[] = { { "free", "is free" }, { "none", "not at all" }, { "", "not known" } };

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (!strcmp(reclaim, ways[i].reclaim))
			return ways[i].words;
	return reclaim;
}

static void draw_item(struct overview *ov, const struct mml_canvas *body, int y, size_t at, bool back)
{
	const struct overview_item *item = &ov->items[at];
	char text[MML_LOOK_TEXT];
	int name = body->cols - 14 - (back ? 24 : 0);

	mml_draw_char(body, y, 0, mml_use_ink(item->use), mml_use_char(body, item->use));
	mml_draw_field(body, y, 2, name - 2, false, MML_INK_TEXT, item->name);
	mml_draw_field(body, y, name, 6, true, MML_INK_TEXT,
		       mml_look_size(item->bytes, &ov->moment->style, text));
	mml_drawf(body, y, name + 6, MML_INK_TEXT, "%6.1f%%", 100 * item->bytes / ov->total);
	if (back)
		mml_draw_field(body, y, name + 15, 23, false, MML_INK_QUIET, back_by(item->reclaim));
	if (mml_panel_here(&ov->panels, OV_USES, at))
		mml_draw_cursor(body, y, 0, body->cols);
}

/* The last row is the sum; the one before it says what is left out. */
void overview_uses(void *ctx, const struct mml_canvas *canvas)
{
	struct overview *ov = ctx;
	bool back = canvas->cols >= 60;
	struct mml_canvas rows = mml_canvas_part(canvas, 0, 0, canvas->rows - 1, canvas->cols), body;
	char text[MML_LOOK_TEXT];
	double left = 0;
	size_t top, more = ov->nothing, page;
	int y = 0, size = canvas->cols - 14 - (back ? 24 : 0);

	if (canvas->rows - 2 < (int)ov->nitems || ov->nothing)
		rows.rows--;
	body = mml_panel_draw(&ov->panels, OV_USES, &rows, "Memory by use",
			      back ? "share  could be got back by" : "share", ov->nitems, item_key, ov);
	if (mml_look_absent(&body, mml_look_table(ov->moment, "balance")))
		return;
	top = mml_panel_top(&ov->panels, OV_USES);
	page = body.rows > 0 ? (size_t)body.rows : 0;
	for (size_t i = top; i < ov->nitems && i < top + page; i++)
		draw_item(ov, &body, y++, i, back);
	for (size_t i = top + page; i < ov->nitems; i++, more++)
		left += ov->items[i].bytes;
	y++;
	if (more && y < canvas->rows) {
		mml_drawf(canvas, y, 2, MML_INK_QUIET, "%zu more", more);
		mml_draw_field(canvas, y++, size, 6, true, MML_INK_QUIET,
			       mml_look_size(left, &ov->moment->style, text));
	}
	if (y < canvas->rows) {
		mml_draw(canvas, y, 0, MML_INK_QUIET, "= MemTotal");
		mml_draw_field(canvas, y, size, 6, true, MML_INK_TEXT,
			       mml_look_size(ov->total, &ov->moment->style, text));
	}
}
