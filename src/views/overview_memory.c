/* The parts of the overview that show where memory is. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../core/sampler.h"
#include "overview.h"

static const char *const names[] = {
#define G(id, name, ink) name,
	OVERVIEW_GROUPS(G)
#undef G
};

static double meminfo(const struct overview *ov, const char *name)
{
	const struct mml_table *table = mml_look_table(ov->moment, "meminfo");
	const struct mml_row *row = mml_look_row(table, "name", name, NULL, NULL);

	return row ? mml_look_num(table, row, "bytes") : (double)NAN;
}

/* Draws an entry such as "█ cache 5.2G" for each group that has memory, as many as fit. */
static void draw_legend(const struct overview *ov, const struct mml_canvas *canvas)
{
	char text[MML_LOOK_TEXT], entry[MML_LOOK_TEXT + 32];
	int x = 0;

	for (int i = 0; i < GROUPS; i++) {
		const struct mml_part *part = &ov->parts[i];
		int len;

		if (!(fabs(part->value) >= 1))
			continue;
		len = snprintf(entry, sizeof(entry), " %s %s", names[i],
			       mml_look_size(part->value, &ov->moment->style, text));
		if (x + 1 + len > canvas->cols)
			continue;
		mml_draw_char(canvas, 1, x, part->ink, mml_plot_pattern(canvas, part->pattern));
		mml_draw(canvas, 1, x + 1, MML_INK_NORMAL, entry);
		x += len + 3;
	}
}

void overview_bar(void *ctx, const struct mml_canvas *canvas)
{
	struct overview *ov = ctx;
	const struct mml_table *balance = mml_look_table(ov->moment, "balance");
	char total[MML_LOOK_TEXT], text[MML_LOOK_TEXT], right[MML_LOOK_TEXT + 32] = "";
	double available = meminfo(ov, "MemAvailable");
	int x, end = canvas->cols;

	if (mml_look_absent(canvas, balance))
		return;
	mml_look_size(ov->total, &ov->moment->style, total);
	x = mml_drawf(canvas, 0, 0, MML_INK_BOLD, "%s%s ", canvas->cols >= 60 ? "Memory " : "", total);
	if (!isnan(available) && ov->total > 0)
		snprintf(right, sizeof(right), " %s %s", mml_look_size(available, &ov->moment->style, text),
			 canvas->cols >= 60 ? "available" : "avail");
	end -= (int)strlen(right);
	if (end - x >= 8) {
		mml_draw(canvas, 0, end, available < ov->total / 10 ? MML_INK_WARN : MML_INK_NORMAL,
			 right);
		mml_plot_bar(canvas, 0, x, end - x, ov->parts, GROUPS, ov->total);
	}
	if (canvas->rows > 1)
		draw_legend(ov, canvas);
}

/* Draws the grid, and below it what its rows add up to. */
void overview_balance(void *ctx, const struct mml_canvas *canvas)
{
	struct overview *ov = ctx;
	struct mml_canvas rows = mml_canvas_part(canvas, 0, 0, canvas->rows - 1, canvas->cols);
	const struct mml_table *balance = mml_look_table(ov->moment, "balance");
	char text[MML_LOOK_TEXT];
	int y = canvas->rows - 1, used;

	if (canvas->rows < 5 || !balance || !balance->nrows) {
		mml_grid_draw(ov->grid, ov->moment, canvas);
		return;
	}
	mml_grid_draw(ov->grid, ov->moment, &rows);
	/* If all rows fit, the sum is right below the last one. */
	used = 1 + (int)mml_grid_rows(ov->grid);
	if (used < y)
		y = used;
	mml_draw_field(canvas, y, 0, canvas->cols, false, MML_INK_BOLD, "");
	mml_drawf(canvas, y, 0, MML_INK_BOLD, "= MemTotal %s",
		  mml_look_size(ov->total, &ov->moment->style, text));
	if (mml_grid_rows(ov->grid) < balance->nrows)
		mml_drawf(canvas, y, 26, MML_INK_DIM, "(of all %zu)", balance->nrows);
}

static void span_text(const struct mml_history *seconds, unsigned n, char *ret, size_t size)
{
	double sum = 0;

	for (unsigned i = 0; i < n && i < seconds->n; i++) {
		double s = mml_history_at(seconds, i);

		sum += isnan(s) ? 0 : s;
	}
	if (sum < 1)
		ret[0] = '\0';
	else if (sum < 120)
		snprintf(ret, size, "last %.0f s", sum);
	else
		snprintf(ret, size, "last %.0f min", sum / 60);
}

void overview_history(void *ctx, const struct mml_canvas *canvas)
{
	struct overview *ov = ctx;
	const struct mml_history *values[GROUPS];
	struct mml_canvas body;
	char span[32];

	span_text(&ov->seconds, (unsigned)canvas->cols, span, sizeof(span));
	body = mml_look_section(canvas, "History", span);
	for (int i = 0; i < GROUPS; i++)
		values[i] = &ov->group[i];
	mml_plot_layers(&body, ov->parts, values, GROUPS, ov->total);
}

/* Puts the N rows of TABLE with the largest NAME into RET, and returns how many there are. */
static size_t largest(const struct mml_table *table, const char *name, const struct mml_row **ret,
		      size_t n)
{
	int col = mml_look_id(table->schema, name, 1 << MML_U64);
	size_t have = 0;

	for (size_t i = 0; i < table->nrows && col >= 0; i++) {
		const struct mml_row *row = mml_table_row(table, i);
		size_t at = have;

		if (!mml_has(row, (unsigned)col))
			continue;
		for (; at && ret[at - 1]->cell[col].u64 < row->cell[col].u64; at--)
			if (at < n)
				ret[at] = ret[at - 1];
		if (at < n)
			ret[at] = row;
		have += have < n;
	}
	return have;
}

enum { LIST_MAX = 64 };

void overview_slab(void *ctx, const struct mml_canvas *canvas)
{
	struct overview *ov = ctx;
	const struct mml_table *slab = mml_look_table(ov->moment, "slab");
	struct mml_canvas body = mml_look_section(canvas, "Biggest slab caches", NULL);
	size_t n = body.rows < LIST_MAX ? (size_t)body.rows : LIST_MAX;
	const struct mml_row *top[LIST_MAX];
	char text[MML_LOOK_TEXT];

	if (mml_look_absent(&body, slab))
		return;
	n = largest(slab, "size", top, n);
	for (size_t i = 0; i < n; i++) {
		int y = (int)i, name = body.cols - 16;

		mml_draw_field(&body, y, 0, name, false, MML_INK_NORMAL,
			       mml_look_text(slab, top[i], "cache", &ov->moment->style, text));
		mml_draw_field(&body, y, name, 8, true, MML_INK_NORMAL,
			       mml_look_text(slab, top[i], "size", &ov->moment->style, text));
		mml_draw_field(&body, y, name + 8, 8, true, MML_INK_DIM,
			       mml_look_text(slab, top[i], "utilization", &ov->moment->style, text));
	}
}

/* Puts G into the list of the N caches that grew most, which has HAVE entries. Returns how many it
 * has now. */
static size_t insert(struct mml_growth *list, size_t have, size_t n,
		     const struct mml_growth *g)
{
	size_t at = have;

	for (; at && list[at - 1].last - list[at - 1].first < g->last - g->first; at--)
		if (at < n)
			list[at] = list[at - 1];
	if (at < n)
		list[at] = *g;
	return have + (have < n);
}

/* Puts the caches that grew most since the mark into RET, and returns how many there are. */
static size_t fastest_since(const struct mml_table *slab, const struct mml_table *mark,
			    struct mml_growth *ret, size_t n)
{
	struct mml_arena *arena = mml_arena_new();
	const struct mml_row **base = arena ? mml_table_match(arena, slab, mark) : NULL;
	size_t have = 0;

	for (size_t i = 0; base && i < slab->nrows; i++) {
		const struct mml_row *row = mml_table_row(slab, i);
		struct mml_growth g = { .name = mml_look_str(slab, row, "cache") };

		if (base[i] && g.name && mml_look_u64(slab, row, "size", &g.last) &&
		    mml_look_u64(mark, base[i], "size", &g.first) && g.last > g.first)
			have = insert(ret, have, n, &g);
	}
	mml_arena_free(arena);
	return have;
}

/* Puts the caches that grew most since the mark, or over the time that is remembered, into RET.
 * Returns how many there are. */
static size_t fastest(struct overview *ov, const struct mml_table *slab,
		      struct mml_growth *ret, size_t n)
{
	const struct mml_table *mark =
		ov->moment->mark ? mml_snapshot_table(ov->moment->mark, "slab") : NULL;
	/* The snapshot may be the last one remembered already, and only a later moment shows
	 * growth. */
	struct mml_facts now = { .slab = slab, .time_ns = ov->moment->now->time.mono_ns + 1 };
	size_t have = 0;

	if (mark)
		return fastest_since(slab, mark, ret, n);
	for (size_t i = 0; i < slab->nrows; i++) {
		struct mml_growth g;

		if (mml_past_growth(&ov->past, &now, i, &g) && g.last > g.first)
			have = insert(ret, have, n, &g);
	}
	return have;
}

/* Lists the largest caches that are not among the GROWN ones, from row Y on. */
static void list_others(struct overview *ov, const struct mml_canvas *body, int y,
			const struct mml_table *slab, const struct mml_growth *grown,
			size_t ngrown)
{
	const struct mml_row *top[2 * LIST_MAX];
	size_t want = (size_t)(body->rows - y) + ngrown;
	size_t n = largest(slab, "size", top, want < 2 * LIST_MAX ? want : 2 * LIST_MAX);
	char text[MML_LOOK_TEXT];

	for (size_t i = 0; i < n && y < body->rows; i++) {
		const char *cache = mml_look_str(slab, top[i], "cache");
		bool listed = false;

		for (size_t k = 0; k < ngrown; k++)
			listed |= !strcmp(grown[k].name, cache);
		if (listed)
			continue;
		mml_draw_field(body, y, 0, body->cols - 18, false, MML_INK_NORMAL,
			       mml_look_safe(cache, &ov->moment->style, text));
		mml_draw_field(body, y++, body->cols - 8, 8, true, MML_INK_NORMAL,
			       mml_look_text(slab, top[i], "size", &ov->moment->style, text));
	}
}

static void draw_growth(struct overview *ov, const struct mml_canvas *canvas, bool others)
{
	const struct mml_table *slab = mml_look_table(ov->moment, "slab");
	char span[64] = "", text[MML_LOOK_TEXT];
	struct mml_growth top[LIST_MAX];
	struct mml_canvas body;
	double seconds = 0;
	size_t n;

	if (ov->past.caches.points > 1)
		seconds = (double)(ov->moment->now->time.mono_ns - ov->past.caches.when[0]) / 1e9;
	if (ov->moment->mark)
		snprintf(span, sizeof(span), "growth since the mark");
	else if (seconds >= 1)
		snprintf(span, sizeof(span), "growth in %.0f s", seconds);
	body = mml_look_section(canvas, others ? "Slab caches" : "Growing slab caches", span);
	if (mml_look_absent(&body, slab))
		return;
	n = fastest(ov, slab, top, body.rows < LIST_MAX ? (size_t)body.rows : LIST_MAX);
	if (!n && !others)
		mml_draw(&body, 0, 0, MML_INK_DIM,
			 seconds >= 1 ? "none has grown" : "watching: it takes two samples");
	for (size_t i = 0; i < n; i++) {
		int y = (int)i, at = body.cols - 10, len;

		mml_draw_field(&body, y, 0, body.cols - 18, false, MML_INK_NORMAL,
			       mml_look_safe(top[i].name, &ov->moment->style, text));
		mml_look_size((double)(top[i].last - top[i].first), &ov->moment->style, text);
		len = (int)strlen(text);
		mml_draw(&body, y, at - len - 1, MML_INK_CHANGED, "+");
		mml_draw(&body, y, at - len, MML_INK_CHANGED, text);
		mml_look_size((double)top[i].last, &ov->moment->style, text);
		mml_draw_field(&body, y, body.cols - 8, 8, true, MML_INK_NORMAL, text);
	}
	if (others)
		list_others(ov, &body, (int)n, slab, top, n);
}

void overview_growth(void *ctx, const struct mml_canvas *canvas)
{
	draw_growth(ctx, canvas, false);
}

void overview_slab_short(void *ctx, const struct mml_canvas *canvas)
{
	draw_growth(ctx, canvas, true);
}
