/* What a large screen has beside and below a zone's picture: what the kernel counts of the zone and of its node,
 * and the zone's free memory over time. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "zones.h"

enum { VALUE = 11, UNIT = 12, RATE = 8, VALUES = VALUE + 1 + UNIT + RATE };

/* Of the zone looked at, or of its whole node: those rows have no zone. */
static bool is_ours(const struct zone_look *look, const struct mml_table *stats, const struct mml_row *row)
{
	const char *zone = mml_look_str(stats, row, "zone");
	uint64_t a = 0, b = 0;

	return mml_look_u64(stats, row, "node", &a) && mml_look_u64(look->zones, look->row, "node", &b) &&
	       a == b && (!zone || !strcmp(zone, mml_look_str(look->zones, look->row, "zone")));
}

static void draw_heads(const struct mml_canvas *body)
{
	mml_draw_field(body, 0, 0, 4, false, MML_INK_QUIET, "OF");
	mml_draw_field(body, 0, 5, 10, false, MML_INK_QUIET, "COUNTER");
	mml_draw_field(body, 0, body->cols - VALUES, VALUE, true, MML_INK_QUIET, "VALUE");
	mml_draw_field(body, 0, body->cols - VALUES + VALUE + 1, UNIT, false, MML_INK_QUIET, "UNIT");
	mml_draw_field(body, 0, body->cols - RATE, RATE, true, MML_INK_QUIET, "RATE/S");
}

static void draw_counter(const struct zone_look *look, const struct mml_canvas *body, int y,
			 const struct mml_table *stats, const struct mml_row *row)
{
	static const struct {
		const char *column;
		int from_end, width;
		bool right;
	} cells[] = { { "value", VALUES, VALUE, true },
		      { "unit", VALUES - VALUE - 1, UNIT - 1, false },
		      { "rate", RATE, RATE, true } };
	char text[MML_LOOK_TEXT];

	mml_draw_field(body, y, 0, 4, false, MML_INK_QUIET, mml_look_str(stats, row, "zone") ? "zone" : "node");
	mml_draw_field(body, y, 5, body->cols - VALUES - 6, false, MML_INK_TEXT,
		       mml_look_text(stats, row, "name", &look->moment->style, text));
	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++)
		mml_draw_field(body, y, body->cols - cells[i].from_end, cells[i].width, cells[i].right,
			       cells[i].column[0] == 'u' ? MML_INK_QUIET : MML_INK_TEXT,
			       mml_look_text(stats, row, cells[i].column, &look->moment->style, text));
}

void zone_draw_counters(const struct zone_look *look, const struct mml_canvas *canvas)
{
	const struct mml_table *stats = mml_look_table(look->moment, "zonestats");
	struct mml_canvas body = mml_look_section(canvas, "What is counted", "of the zone and of its node");
	size_t nothing = 0, more = 0;
	char text[MML_LOOK_TEXT];
	int y = 1;

	/* It is wanted from when there is room for it. */
	if (!stats || mml_look_absent(&body, stats))
		return;
	draw_heads(&body);
	/* Those of the zone come first. */
	for (size_t i = 0; i < 2 * stats->nrows; i++) {
		const struct mml_row *row = mml_table_row(stats, i % stats->nrows);

		if (!is_ours(look, stats, row) || !mml_look_str(stats, row, "zone") == (i < stats->nrows))
			continue;
		if (mml_look_num(stats, row, "value") == 0)
			nothing++;
		else if (y < body.rows - 1)
			draw_counter(look, &body, y++, stats, row);
		else
			more++;
	}
	if (more)
		snprintf(text, sizeof(text), "%zu more, and %zu that are 0", more, nothing);
	else
		snprintf(text, sizeof(text), "%zu more are 0", nothing);
	if (more || nothing)
		mml_draw_field(&body, y, 5, body.cols - 5, false, MML_INK_QUIET, text);
}

void zone_draw_past(void *ctx, const struct mml_canvas *canvas)
{
	enum { LABEL = 11 };
	const struct zone_look *look = ctx;
	char text[MML_LOOK_TEXT];
	double min, max;
	struct mml_canvas body = mml_look_section(canvas, "Free memory of the zone, last 10 min", NULL), area;

	if (!look->past || !mml_history_range(look->past, &min, &max))
		return;
	/* Less than 2 % of it is drawn as what it is: nearly nothing. */
	min = fmin(min, 0.98 * max);
	area = mml_canvas_part(&body, 0, LABEL, body.rows - 1, body.cols - LABEL);
	mml_plot_area(&area, look->past, min, max);
	mml_draw_field(&body, 0, 0, LABEL - 1, true, MML_INK_QUIET,
		       mml_look_size(max, &look->moment->style, text));
	mml_draw_field(&body, body.rows - 2, 0, LABEL - 1, true, MML_INK_QUIET,
		       mml_look_size(min, &look->moment->style, text));
	mml_plot_axis(&body, body.rows - 1, LABEL, body.cols - LABEL);
}
