/* The parts of the overview that show what is happening to memory. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "overview.h"

static const struct {
	const char *resource, *stall;
} pressures[PRESSURES] = {
	{ "memory", "some" },
	{ "memory", "full" },
	{ "io", "some" },
	{ "cpu", "some" },
};

static double vmstat_rate(const struct mml_moment *moment, const char *name)
{
	const struct mml_table *table = mml_look_table(moment, "vmstat");
	const struct mml_row *row = mml_look_row(table, "name", name, NULL, NULL);

	return row ? mml_look_num(table, row, "rate") : (double)NAN;
}

void overview_remember(struct overview *ov)
{
	const struct mml_table *psi = mml_look_table(ov->moment, "psi");
	const struct mml_table *slab = mml_look_table(ov->moment, "slab");
	const struct mml_snapshot *now = ov->moment->now;

	for (int i = 0; i < GROUPS; i++)
		mml_history_push(&ov->group[i], ov->total > 0 ? ov->parts[i].value : (double)NAN);
	for (int i = 0; i < PRESSURES; i++) {
		const struct mml_row *row = mml_look_row(psi, "resource", pressures[i].resource,
							 "stall", pressures[i].stall);

		mml_history_push(&ov->pressure[i],
				 row ? mml_look_num(psi, row, "stalled") : (double)NAN);
	}
	mml_history_push(&ov->swap_in, vmstat_rate(ov->moment, "pswpin"));
	mml_history_push(&ov->swap_out, vmstat_rate(ov->moment, "pswpout"));
	mml_history_push(&ov->seconds,
			 now->interval_ns ? (double)now->interval_ns / 1e9 : (double)NAN);
	if (slab) {
		struct mml_facts facts = { .slab = slab, .time_ns = now->time.mono_ns };

		mml_past_add(&ov->past, &facts);
	}
}

void overview_pressure(void *ctx, const struct mml_canvas *canvas)
{
	struct overview *ov = ctx;
	const struct mml_table *psi = mml_look_table(ov->moment, "psi");
	struct mml_canvas body = mml_look_section(canvas, "Pressure", "last 10 s");
	int y = 0;

	if (mml_look_absent(&body, psi))
		return;
	for (int i = 0; i < PRESSURES && y < body.rows; i++) {
		const struct mml_row *row = mml_look_row(psi, "resource", pressures[i].resource,
							 "stall", pressures[i].stall);
		struct mml_canvas line = mml_canvas_part(&body, y, 19, 1, body.cols - 19);
		struct mml_scale scale = { 0, 10, false };
		double avg = row ? mml_look_num(psi, row, "avg10") : (double)NAN;
		enum mml_ink ink = avg >= 10 ? MML_INK_BAD : avg >= 1 ? MML_INK_WARN : MML_INK_NORMAL;

		if (isnan(avg))
			continue;
		mml_drawf(&body, y, 0, MML_INK_LABEL, "%s %s", pressures[i].resource,
			  pressures[i].stall);
		mml_drawf(&body, y, 12, ink, "%5.1f%%", avg);
		/* The line is full at 10%, unless there was more pressure than that. */
		if (mml_history_max(&ov->pressure[i], (unsigned)line.cols) > scale.hi)
			scale.hi = 100;
		mml_plot_history(&line, &ov->pressure[i], &scale, MML_INK_SERIES6);
		y++;
	}
}

static void draw_swap_rates(struct overview *ov, const struct mml_canvas *body, int y)
{
	const struct mml_style *style = &ov->moment->style;
	double page = (double)style->page_size, in = mml_history_at(&ov->swap_in, 0);
	double out = mml_history_at(&ov->swap_out, 0);
	char text[MML_LOOK_TEXT];
	int x = 0;

	if (isnan(in) || isnan(out))
		return;
	x = mml_draw(body, y, 0, MML_INK_LABEL, "in ");
	x += mml_drawf(body, y, x, in > 0 ? MML_INK_WARN : MML_INK_NORMAL, "%s/s",
		       mml_look_size(in * page, style, text));
	x += mml_draw(body, y, x, MML_INK_LABEL, "  out ");
	mml_drawf(body, y, x, out > 0 ? MML_INK_WARN : MML_INK_NORMAL, "%s/s",
		  mml_look_size(out * page, style, text));
}

bool overview_has_swap(struct overview *ov)
{
	const struct mml_table *swaps = mml_look_table(ov->moment, "swaps");

	return swaps && (swaps->nrows || swaps->error);
}

void overview_swap(void *ctx, const struct mml_canvas *canvas)
{
	struct overview *ov = ctx;
	const struct mml_style *style = &ov->moment->style;
	const struct mml_table *swaps = mml_look_table(ov->moment, "swaps");
	struct mml_canvas body = mml_look_section(
		canvas, "Swap", overview_has_swap(ov) || !swaps ? NULL : "none is set up");
	char a[MML_LOOK_TEXT], b[MML_LOOK_TEXT];
	double size = 0, used = 0;
	struct mml_scale scale = { 0, 0, false };
	int x;

	if (mml_look_absent(&body, swaps))
		return;
	for (size_t i = 0; i < swaps->nrows; i++) {
		const struct mml_row *row = mml_table_row(swaps, i);
		const char *type = mml_look_str(swaps, row, "type");

		/* Pages in zswap have their place on a device, too. */
		if (type && !strcmp(type, "zswap"))
			continue;
		size += fmax(mml_look_num(swaps, row, "size"), 0);
		used += fmax(mml_look_num(swaps, row, "used"), 0);
	}
	scale.hi = size;
	x = mml_drawf(&body, 0, 0, MML_INK_NORMAL, "%s of %s ", mml_look_size(used, style, a),
		      mml_look_size(size, style, b));
	if (body.cols - x >= 6)
		mml_plot_gauge(&body, 0, x, body.cols - x, used, &scale,
			       used > size * 0.9 ? MML_INK_BAD : MML_INK_SERIES5, NULL, 0);
	if (body.rows > 1)
		draw_swap_rates(ov, &body, 1);
}

static bool shown_zone(const struct mml_table *zones, const struct mml_row *row)
{
	return mml_look_str(zones, row, "state") && mml_look_num(zones, row, "low") > 0;
}

int overview_zones_rows(struct overview *ov)
{
	const struct mml_table *zones = mml_look_table(ov->moment, "zones");
	int n = 0;

	for (size_t i = 0; zones && i < zones->nrows; i++)
		n += shown_zone(zones, mml_table_row(zones, i));
	return n ? n : 1;
}

struct near {
	const struct mml_row *row;
	double ratio; /* usable memory over the low watermark */
};

static int nearest_first(const void *a, const void *b)
{
	const struct near *x = a, *y = b;

	if (x->ratio != y->ratio)
		return x->ratio < y->ratio ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static void draw_zone(const struct overview *ov, const struct mml_canvas *canvas, int y,
		      const struct mml_table *zones, const struct mml_row *row)
{
	double usable = mml_look_num(zones, row, "usable"), min = mml_look_num(zones, row, "min");
	double low = mml_look_num(zones, row, "low"), high = mml_look_num(zones, row, "high");
	double managed = mml_look_num(zones, row, "managed");
	struct mml_scale scale = { fmax(min / 2, 1), fmax(managed, high * 2), true };
	const struct mml_tick ticks[] = { { min, MML_INK_BAD, 'm' },
					  { low, MML_INK_WARN, 'l' },
					  { high, MML_INK_GOOD, 'h' } };
	const char *state = mml_look_str(zones, row, "class_state");
	enum mml_ink ink = !state                       ? MML_INK_DIM :
			   !strcmp(state, "below-min") ? MML_INK_BAD :
			   !strcmp(state, "below-low") ? MML_INK_WARN :
							 MML_INK_SERIES2;
	char text[MML_LOOK_TEXT];
	uint64_t node = 0;
	int x = 12, end = canvas->cols - 16;

	mml_look_u64(zones, row, "node", &node);
	mml_drawf(canvas, y, 0, MML_INK_LABEL, "%u %s", (unsigned)node,
		  mml_look_safe(mml_look_str(zones, row, "zone"), &ov->moment->style, text));
	if (end - x >= 8)
		mml_plot_gauge(canvas, y, x, end - x, usable, &scale, ink, ticks, 3);
	mml_look_size(usable - low, &ov->moment->style, text);
	mml_draw_field(canvas, y, canvas->cols - 15, 6, true, ink == MML_INK_SERIES2 ?
		       MML_INK_NORMAL : ink, text);
	mml_draw(canvas, y, canvas->cols - 8, MML_INK_DIM, "over low");
}

void overview_zones(void *ctx, const struct mml_canvas *canvas)
{
	struct overview *ov = ctx;
	const struct mml_table *zones = mml_look_table(ov->moment, "zones");
	char remark[64] = "free over low, log scale";
	struct mml_canvas body;
	struct near *near;
	size_t n = 0;

	near = zones ? calloc(zones->nrows + 1, sizeof(*near)) : NULL;
	for (size_t i = 0; near && i < zones->nrows; i++) {
		const struct mml_row *row = mml_table_row(zones, i);

		if (shown_zone(zones, row))
			near[n++] = (struct near){ row, mml_look_num(zones, row, "usable") /
							mml_look_num(zones, row, "low") };
	}
	if (near)
		qsort(near, n, sizeof(*near), nearest_first);
	if ((int)n > canvas->rows - 1)
		snprintf(remark, sizeof(remark), "nearest %d of %zu", canvas->rows - 1, n);
	body = mml_look_section(canvas, "Zones", remark);
	if (!n)
		mml_look_absent(&body, zones);
	for (size_t i = 0; i < n && (int)i < body.rows; i++)
		draw_zone(ov, &body, (int)i, zones, near[i].row);
	free(near);
}

enum mml_ink overview_severity(const char *word, const char **ret_sign)
{
	if (!strcmp(word, "critical")) {
		*ret_sign = "!!";
		return MML_INK_BAD;
	}
	*ret_sign = !strcmp(word, "warning") ? "! " : "- ";
	return !strcmp(word, "warning") ? MML_INK_WARN : MML_INK_NORMAL;
}

/* Draws the findings and returns the rows they take. If DRAW is NULL, the rows are only counted. */
static int list_findings(struct overview *ov, const struct mml_canvas *draw, int cols)
{
	const struct mml_table *table = mml_look_table(ov->moment, "findings");
	struct mml_canvas none = { .cols = cols, .utf8 = ov->moment->style.utf8 };
	int y = 0;

	for (size_t i = 0; table && i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);
		const char *text = mml_look_str(table, row, "text"), *sign;
		const char *word = mml_look_str(table, row, "severity");
		struct mml_buf safe = { 0 };
		enum mml_ink ink;

		if (!text || !word)
			continue;
		ink = overview_severity(word, &sign);
		mml_escape(&safe, text, strlen(text), none.utf8);
		if (draw)
			mml_draw(draw, y, 0, ink, sign);
		if (safe.data)
			y += mml_draw_text(draw ? draw : &none, y, 3, cols - 3, ink, safe.data);
		mml_buf_free(&safe);
	}
	return y;
}

int overview_findings_rows(struct overview *ov, int cols)
{
	int rows = list_findings(ov, NULL, cols);

	return 1 + (rows ? rows : 1);
}

/* Draws the first finding, which is the worst one, in one row. */
static void first_finding(struct overview *ov, const struct mml_canvas *canvas)
{
	const struct mml_table *table = mml_look_table(ov->moment, "findings");
	const struct mml_row *row = table && table->nrows ? mml_table_row(table, 0) : NULL;
	char text[MML_LOOK_TEXT];
	enum mml_ink ink;
	const char *sign;

	if (!row) {
		if (table && !table->error)
			mml_draw(canvas, 0, 0, MML_INK_GOOD, "Nothing looks wrong.");
		else
			mml_look_absent(canvas, table);
		return;
	}
	ink = overview_severity(mml_look_str(table, row, "severity"), &sign);
	mml_draw(canvas, 0, 0, ink, sign);
	mml_draw_field(canvas, 0, 3, canvas->cols - 3, false, ink,
		       mml_look_text(table, row, "text", &ov->moment->style, text));
}

void overview_findings(void *ctx, const struct mml_canvas *canvas)
{
	struct overview *ov = ctx;
	const struct mml_table *table = mml_look_table(ov->moment, "findings");
	struct mml_canvas body;
	char remark[64] = "";
	int rows = list_findings(ov, NULL, canvas->cols);

	if (canvas->rows == 1) {
		first_finding(ov, canvas);
		return;
	}
	if (rows > canvas->rows - 1)
		snprintf(remark, sizeof(remark), "f shows all %zu", table ? table->nrows : 0);
	body = mml_look_section(canvas, "What looks wrong", remark);
	if (table && !table->nrows && !table->error)
		mml_draw(&body, 0, 0, MML_INK_GOOD, "Nothing looks wrong.");
	else if (!mml_look_absent(&body, table))
		list_findings(ov, &body, canvas->cols);
}
