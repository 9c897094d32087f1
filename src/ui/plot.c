/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plot.h"

#include <math.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)

static float *bin_of(struct mml_history *h, uint64_t second)
{
	return &h->bin[second % MML_SPAN_S];
}

static float merge(const struct mml_history *h, float old, double v)
{
	if (isnan(v) || isnan(old))
		return isnan(v) ? old : (float)v;
	if (h->rate)
		return v > (double)old ? (float)v : old;
	return (float)(((double)old * h->seen + v) / (h->seen + 1));
}

void mml_history_push(struct mml_history *h, uint64_t time_ns, uint64_t interval_ns, double v)
{
	uint64_t now = time_ns / SECOND + 1;
	uint64_t from = time_ns > interval_ns ? (time_ns - interval_ns) / SECOND + 1 : 0;

	if (h->last && now <= h->last) {
		*bin_of(h, h->last) = merge(h, *bin_of(h, h->last), v);
		h->seen++;
		return;
	}
	/* A sample also stands for the seconds that ended since the one before. */
	if (!h->last || now - h->last > MML_SPAN_S)
		h->last = now > MML_SPAN_S ? now - MML_SPAN_S : 0;
	for (uint64_t s = h->last + 1; s <= now; s++)
		*bin_of(h, s) = s == now || (interval_ns && s > from) ? (float)v : NAN;
	h->last = now;
	h->seen = 1;
}

/* The bin AGE seconds before the newest. */
static double bin_at(const struct mml_history *h, uint64_t age)
{
	if (!h->last || age >= MML_SPAN_S || age >= h->last)
		return (double)NAN;
	return (double)h->bin[(h->last - age) % MML_SPAN_S];
}

double mml_history_now(const struct mml_history *h)
{
	return bin_at(h, 0);
}

bool mml_history_range(const struct mml_history *h, double *ret_min, double *ret_max)
{
	bool any = false;

	for (uint64_t age = 0; age < MML_SPAN_S; age++) {
		double v = bin_at(h, age);

		if (isnan(v))
			continue;
		*ret_min = any && *ret_min < v ? *ret_min : v;
		*ret_max = any && *ret_max > v ? *ret_max : v;
		any = true;
	}
	return any;
}

void mml_history_cells(const struct mml_history *h, int cols, double *ret)
{
	for (int c = 0; c < cols; c++) {
		/* Ages of the cell's seconds: from FIRST down to, not including, END. */
		uint64_t first = (uint64_t)(cols - c) * MML_SPAN_S / (uint64_t)cols;
		uint64_t end = (uint64_t)(cols - c - 1) * MML_SPAN_S / (uint64_t)cols;
		double sum = 0, most = (double)NAN;
		unsigned n = 0;

		for (uint64_t age = end; age < first || age == end; age++) {
			double v = bin_at(h, age);

			if (isnan(v))
				continue;
			sum += v;
			most = n && most > v ? most : v;
			n++;
		}
		ret[c] = !n ? (double)NAN : h->rate ? most : sum / n;
	}
}

/* The character for LEVEL eighths of a cell, 1 to 8. */
static uint32_t eighths(const struct mml_canvas *canvas, int level)
{
	static const char plain[] = "_.-:=+*#";

	return canvas->utf8 ? 0x2580 + (uint32_t)level : (uint32_t)plain[level - 1];
}

void mml_plot_spark(const struct mml_canvas *canvas, int y, int x, int cols, const double *values,
		    bool rate)
{
	double lo = (double)INFINITY, hi = rate ? 0 : -(double)INFINITY;

	for (int c = 0; c < cols; c++) {
		if (isnan(values[c]))
			continue;
		lo = values[c] < lo ? values[c] : lo;
		hi = values[c] > hi ? values[c] : hi;
	}
	lo = rate ? 0 : lo;
	/* What hardly changes must not look as if it did. */
	if (!rate && hi - lo < fabs(hi) * 0.02)
		lo = hi;
	for (int c = 0; c < cols; c++) {
		int level = hi > lo ? 1 + (int)((values[c] - lo) / (hi - lo) * 7 + 0.5) : 1;

		if (!isnan(values[c]))
			mml_draw_char(canvas, y, x + c, MML_INK_PLOT, eighths(canvas, level));
	}
}

enum { MOST_CELLS = MML_SPAN_S };

void mml_plot_line(const struct mml_canvas *canvas, int y, int x, int cols,
		   const struct mml_history *h)
{
	double values[MOST_CELLS];

	cols = cols > MOST_CELLS ? MOST_CELLS : cols;
	if (cols < 1)
		return;
	mml_history_cells(h, cols, values);
	mml_plot_spark(canvas, y, x, cols, values, h->rate);
}

void mml_plot_area(const struct mml_canvas *canvas, const struct mml_history *h, double lo, double hi)
{
	double values[MOST_CELLS];
	int cols = canvas->cols > MOST_CELLS ? MOST_CELLS : canvas->cols;
	int skip = canvas->cols - cols;

	if (cols < 1 || canvas->rows < 1)
		return;
	mml_history_cells(h, cols, values);
	for (int c = 0; c < cols; c++) {
		double share = hi > lo ? (values[c] - lo) / (hi - lo) : 0;
		int level;

		if (isnan(values[c]))
			continue;
		share = share < 0 ? 0 : share > 1 ? 1 : share;
		/* The lowest value has a line of its own, so that it is seen not to be missing. */
		level = 1 + (int)(share * (canvas->rows * 8 - 1) + 0.5);
		for (int y = canvas->rows - 1; y >= 0 && level > 0; y--, level -= 8)
			mml_draw_char(canvas, y, skip + c, MML_INK_PLOT,
				      eighths(canvas, level > 8 ? 8 : level));
	}
}

void mml_plot_axis(const struct mml_canvas *canvas, int y, int x, int cols)
{
	static const char *const words[] = { "-10 min", "-5 min", "now" };

	if (cols >= 15)
		mml_draw(canvas, y, x, MML_INK_QUIET, words[0]);
	if (cols >= 26)
		mml_draw(canvas, y, x + cols / 2 - 3, MML_INK_QUIET, words[1]);
	if (cols >= 3)
		mml_draw(canvas, y, x + cols - 3, MML_INK_QUIET, words[2]);
}

double mml_scale_at(const struct mml_scale *scale, double v)
{
	if (isnan(v) || !(scale->hi > scale->lo) || v <= scale->lo)
		return 0;
	if (v >= scale->hi)
		return 1;
	if (scale->log)
		return log(v / scale->lo) / log(scale->hi / scale->lo);
	return (v - scale->lo) / (scale->hi - scale->lo);
}

/* Returns the part that is furthest below its exact share of the columns, or -1 if none is below
 * it. */
static long neediest(const struct mml_part *parts, size_t n, double total, int cols,
		     const int *given)
{
	double most = 0;
	long best = -1;

	for (size_t i = 0; i < n; i++) {
		double exact = parts[i].value > 0 ? parts[i].value / total * cols : 0;

		if (exact - given[i] > most + 1e-9) {
			most = exact - given[i];
			best = (long)i;
		}
	}
	return best;
}

static size_t largest(const int *cols, size_t n)
{
	size_t large = 0;

	for (size_t i = 1; i < n; i++)
		if (cols[i] > cols[large])
			large = i;
	return large;
}

void mml_plot_divide(const struct mml_part *parts, size_t n, double total, int cols, int *ret)
{
	double sum = 0;
	int left;

	for (size_t i = 0; i < n; i++) {
		sum += parts[i].value > 0 ? parts[i].value : 0;
		ret[i] = 0;
	}
	if (total > 0 && sum > total) /* one of them is negative: the others are shown in their proportions */
		total = sum;
	if (!(total > 0) || cols < 1)
		return;
	left = (int)lround(sum / total * cols);
	for (size_t i = 0; i < n; i++) {
		double exact = parts[i].value > 0 ? parts[i].value / total * cols : 0;

		ret[i] = (int)exact;
		if (!ret[i] && exact > 0)
			ret[i] = 1;
		left -= ret[i];
	}
	for (long i; left > 0 && (i = neediest(parts, n, total, cols, ret)) >= 0; left--)
		ret[i]++;
	/* Small parts took columns that are not theirs: the largest gives them. */
	for (; left < 0 && ret[largest(ret, n)]; left++)
		ret[largest(ret, n)]--;
}

void mml_plot_bar(const struct mml_canvas *canvas, int y, int x, int cols,
		  const struct mml_part *parts, size_t n, double total)
{
	int width[MML_USES];

	n = n > MML_USES ? MML_USES : n;
	mml_plot_divide(parts, n, total, cols, width);
	for (size_t i = 0; i < n; i++) {
		mml_draw_run(canvas, y, x, width[i], mml_use_ink(parts[i].use),
			     mml_use_char(canvas, parts[i].use));
		x += width[i];
	}
}

void mml_plot_share(const struct mml_canvas *canvas, int y, int x, int cols, double share,
		    enum mml_ink ink)
{
	int eighth, full;

	share = isnan(share) || share < 0 ? 0 : share > 1 ? 1 : share;
	eighth = (int)lround(share * cols * 8);
	eighth = !eighth && share > 0 ? 1 : eighth;
	if (!canvas->utf8)
		eighth = (eighth + 4) / 8 * 8;
	full = eighth / 8;
	mml_draw_run(canvas, y, x, full, ink, canvas->utf8 ? 0x2588 : '=');
	if (eighth % 8) /* seven to one eighth of a cell, from its left edge */
		mml_draw_char(canvas, y, x + full, ink, 0x2590 - (uint32_t)(eighth % 8));
	full += eighth % 8 != 0;
	mml_draw_run(canvas, y, x + full, cols - full, MML_INK_FREE, canvas->utf8 ? 0xb7 : '.');
}

static int column_of(const struct mml_scale *scale, double at, int cols)
{
	return (int)lround(mml_scale_at(scale, at) * (cols - 1));
}

void mml_plot_marks(const struct mml_canvas *canvas, int y, int x, int cols, double value,
		    const struct mml_scale *scale, const struct mml_mark *marks, size_t n,
		    enum mml_ink ink)
{
	if (cols < 1)
		return;
	mml_draw_run(canvas, y, x, cols, MML_INK_QUIET, canvas->utf8 ? 0x2500 : '-');
	for (size_t i = n; i-- > 0;)
		mml_draw_char(canvas, y, x + column_of(scale, marks[i].at, cols), MML_INK_QUIET,
			      (uint32_t)marks[i].letter);
	if (!isnan(value))
		mml_draw_char(canvas, y, x + column_of(scale, value, cols), ink,
			      canvas->utf8 ? 0x25cf : 'O');
}

enum { HEATS = MML_INK_HEAT5 - MML_INK_HEAT1 + 1 };

/* From 0 for nothing to HEATS for all. */
static int heat(double share)
{
	int n = (int)ceil(share * HEATS);

	return n < 0 ? 0 : n > HEATS ? HEATS : n;
}

enum mml_ink mml_heat_ink(double share)
{
	int n = isnan(share) ? 0 : heat(share);

	return n ? (enum mml_ink)(MML_INK_HEAT1 + n - 1) : MML_INK_QUIET;
}

void mml_plot_heat(const struct mml_canvas *canvas, int y, int x, int cols, double share,
		   const char *text)
{
	static const uint32_t fancy[HEATS + 1] = { ' ', 0xb7, 0x2591, 0x2592, 0x2593, 0x2588 };
	static const char plain[] = " .-+*#";
	int n = isnan(share) ? 0 : heat(share), len = text ? (int)strlen(text) : 1;

	mml_draw_field(canvas, y, x, cols, true, mml_heat_ink(share), text ? text : "-");
	if (canvas->shades && len + 2 <= cols)
		mml_draw_char(canvas, y, x + cols - len - 2, MML_INK_TEXT,
			      canvas->utf8 ? fancy[n] : (uint32_t)plain[n]);
}
