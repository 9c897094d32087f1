/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plot.h"

#include <math.h>
#include <string.h>

void mml_history_push(struct mml_history *h, double v)
{
	h->v[h->at] = (float)v;
	h->at = (h->at + 1) % MML_HISTORY;
	if (h->n < MML_HISTORY)
		h->n++;
}

double mml_history_at(const struct mml_history *h, unsigned back)
{
	return back < h->n ? (double)h->v[(h->at + MML_HISTORY - 1 - back) % MML_HISTORY] :
			     (double)NAN;
}

double mml_history_max(const struct mml_history *h, unsigned n)
{
	double max = 0;

	for (unsigned i = 0; i < n && i < h->n; i++)
		if (mml_history_at(h, i) > max)
			max = mml_history_at(h, i);
	return max;
}

double mml_scale_at(const struct mml_scale *scale, double v)
{
	double share;

	if (isnan(v) || !(scale->hi > scale->lo))
		return 0;
	if (v <= scale->lo)
		return 0;
	if (v >= scale->hi)
		return 1;
	if (scale->log)
		share = log(v / scale->lo) / log(scale->hi / scale->lo);
	else
		share = (v - scale->lo) / (scale->hi - scale->lo);
	return share;
}

/* Returns which of LEVELS levels V reaches. Only lo itself, or less, reaches level 0. */
static int level(const struct mml_scale *scale, double v, int levels)
{
	double share = mml_scale_at(scale, v);
	int n = (int)lround(share * levels);

	return n < 1 && v > scale->lo ? 1 : n;
}

unsigned mml_plot_history_values(const struct mml_canvas *canvas)
{
	unsigned n = (unsigned)canvas->cols;

	return canvas->utf8 && canvas->rows > 1 ? 2 * n : n;
}

static void history_row(const struct mml_canvas *canvas, const struct mml_history *h,
			const struct mml_scale *scale, enum mml_ink ink)
{
	static const char plain[] = "_.:-=+*%#";

	for (int x = 0; x < canvas->cols; x++) {
		double v = mml_history_at(h, (unsigned)(canvas->cols - 1 - x));
		int n = level(scale, v, 8);

		if (isnan(v))
			continue;
		if (!n)
			mml_draw_char(canvas, 0, x, MML_INK_DIM, canvas->utf8 ? 0x2581 : '_');
		else
			mml_draw_char(canvas, 0, x, ink,
				      canvas->utf8 ? 0x2580 + (uint32_t)n : (uint32_t)plain[n]);
	}
}

/* The dots of a braille cell from the bottom up, in its left half and in its right half. */
static const unsigned dots[2][4] = { { 0x40, 0x04, 0x02, 0x01 }, { 0x80, 0x20, 0x10, 0x08 } };

/* Draws one column of braille, which shows two values. A row's cell covers four dots, and BELOW
 * dots are in the rows under it. */
static void braille_column(const struct mml_canvas *canvas, int x, const double v[2],
			   const struct mml_scale *scale, enum mml_ink ink)
{
	for (int y = 0; y < canvas->rows; y++) {
		int below = (canvas->rows - 1 - y) * 4;
		unsigned cell = 0;
		bool any = false;

		for (int half = 0; half < 2; half++) {
			int n = level(scale, v[half], canvas->rows * 4);

			if (isnan(v[half]))
				continue;
			any |= n > below;
			if (!n && !below)
				cell |= dots[half][0];
			for (int d = 0; d < 4 && below + d < n; d++)
				cell |= dots[half][d];
		}
		if (cell)
			mml_draw_char(canvas, y, x, any ? ink : MML_INK_DIM, 0x2800 + cell);
	}
}

static void plain_column(const struct mml_canvas *canvas, int x, double v,
			 const struct mml_scale *scale, enum mml_ink ink)
{
	int n = level(scale, v, canvas->rows * 3);

	if (isnan(v))
		return;
	if (!n)
		mml_draw_char(canvas, canvas->rows - 1, x, MML_INK_DIM, '_');
	for (int y = 0; y < canvas->rows; y++) {
		int over = n - (canvas->rows - 1 - y) * 3;

		if (over > 0)
			mml_draw_char(canvas, y, x, ink, over > 2 ? '#' : over == 2 ? ':' : '.');
	}
}

void mml_plot_history(const struct mml_canvas *canvas, const struct mml_history *h,
		      const struct mml_scale *scale, enum mml_ink ink)
{
	if (canvas->rows < 1 || canvas->cols < 1)
		return;
	if (canvas->rows == 1) {
		history_row(canvas, h, scale, ink);
		return;
	}
	for (int x = 0; x < canvas->cols; x++) {
		unsigned back = (unsigned)(canvas->cols - 1 - x);
		double v[2] = { mml_history_at(h, 2 * back + 1), mml_history_at(h, 2 * back) };

		if (canvas->utf8)
			braille_column(canvas, x, v, scale, ink);
		else
			plain_column(canvas, x, mml_history_at(h, back), scale, ink);
	}
}

uint32_t mml_plot_pattern(const struct mml_canvas *canvas, unsigned pattern)
{
	/* Full block, shades and quarters of a cell. The last one is the lightest and stands for
	 * what is empty. */
	static const uint32_t fancy[MML_PATTERNS] = { 0x2588, 0x2593, 0x2592, 0x259a,
						      0x259e, 0x2584, 0x2596, 0x2591 };
	static const char plain[MML_PATTERNS + 1] = "#%=+o*-.";

	pattern %= MML_PATTERNS;
	return canvas->utf8 ? fancy[pattern] : (uint32_t)plain[pattern];
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

/* Divides the columns among the parts. LEAST is what a part gets that is too small for a column. */
static void divide(const struct mml_part *parts, size_t n, double total, int cols, int least,
		   int *ret)
{
	double sum = 0;
	int left, want;

	for (size_t i = 0; i < n; i++)
		sum += parts[i].value > 0 ? parts[i].value : 0;
	if (total > 0 && sum > total) /* the rest is negative: the parts keep their proportions */
		total = sum;
	for (size_t i = 0; i < n; i++)
		ret[i] = 0;
	if (!(total > 0) || cols < 1)
		return;
	want = left = (int)lround(sum / total * cols);
	for (size_t i = 0; i < n; i++) {
		double exact = parts[i].value > 0 ? parts[i].value / total * cols : 0;

		ret[i] = (int)exact;
		if (!ret[i] && exact > 0)
			ret[i] = least;
		left -= ret[i];
	}
	for (long i; left > 0 && (i = neediest(parts, n, total, cols, ret)) >= 0; left--)
		ret[i]++;
	/* The small parts took columns that are not theirs. The largest part gives them up. */
	for (; left < 0 && want > 0; left++) {
		size_t large = 0;

		for (size_t i = 1; i < n; i++)
			if (ret[i] > ret[large])
				large = i;
		if (!ret[large])
			break;
		ret[large]--;
	}
}

void mml_plot_divide(const struct mml_part *parts, size_t n, double total, int cols, int *ret)
{
	divide(parts, n, total, cols, 1, ret);
}

void mml_plot_bar(const struct mml_canvas *canvas, int y, int x, int cols,
		  const struct mml_part *parts, size_t n, double total)
{
	enum { MANY = 64 };
	int width[MANY];

	if (n > MANY)
		n = MANY;
	mml_plot_divide(parts, n, total, cols, width);
	for (size_t i = 0; i < n; i++) {
		mml_draw_run(canvas, y, x, width[i], parts[i].ink,
			     mml_plot_pattern(canvas, parts[i].pattern));
		x += width[i];
	}
}

void mml_plot_layers(const struct mml_canvas *canvas, const struct mml_part *parts,
		     const struct mml_history *const *values, size_t n, double total)
{
	enum { MANY = 64 };
	struct mml_part now[MANY];
	int height[MANY];

	if (n > MANY)
		n = MANY;
	for (int x = 0; x < canvas->cols; x++) {
		unsigned back = (unsigned)(canvas->cols - 1 - x);
		int y = canvas->rows;
		bool any = false;

		for (size_t i = 0; i < n; i++) {
			now[i] = parts[i];
			now[i].value = mml_history_at(values[i], back);
			any |= !isnan(now[i].value);
		}
		if (!any)
			continue;
		divide(now, n, total, canvas->rows, 0, height);
		for (size_t i = 0; i < n; i++)
			for (int k = 0; k < height[i]; k++)
				mml_draw_char(canvas, --y, x, now[i].ink,
					      mml_plot_pattern(canvas, now[i].pattern));
	}
}

static int tick_column(const struct mml_scale *scale, double at, int cols)
{
	int x = (int)(mml_scale_at(scale, at) * cols);

	return x < cols ? x : cols - 1;
}

void mml_plot_gauge(const struct mml_canvas *canvas, int y, int x, int cols, double value,
		    const struct mml_scale *scale, enum mml_ink ink, const struct mml_tick *ticks,
		    size_t n)
{
	int full = level(scale, value, cols);

	if (cols < 1)
		return;
	mml_draw_run(canvas, y, x, full, ink, canvas->utf8 ? 0x2588 : '=');
	mml_draw_run(canvas, y, x + full, cols - full, MML_INK_FRAME, canvas->utf8 ? 0x2591 : '.');
	for (size_t i = n; i-- > 0;) /* the first tick is drawn last, over others */
		mml_draw_char(canvas, y, x + tick_column(scale, ticks[i].at, cols), ticks[i].ink,
			      canvas->utf8 ? 0x2502 : '|');
}

void mml_plot_ticks(const struct mml_canvas *canvas, int y, int x, int cols,
		    const struct mml_scale *scale, const struct mml_tick *ticks, size_t n)
{
	if (cols < 1)
		return;
	for (size_t i = n; i-- > 0;)
		mml_draw_char(canvas, y, x + tick_column(scale, ticks[i].at, cols), ticks[i].ink,
			      (uint32_t)ticks[i].letter);
}

enum mml_ink mml_heat_ink(double share)
{
	int n = (int)(share * 8);

	return (enum mml_ink)(MML_INK_HEAT1 + (n < 0 ? 0 : n > 7 ? 7 : n));
}

uint32_t mml_heat_char(const struct mml_canvas *canvas, double share)
{
	static const uint32_t fancy[] = { 0x2802, 0x2591, 0x2592, 0x2593, 0x2588 };
	static const char plain[] = ".-+*#";
	int n = share <= 0 ? 0 : 1 + (int)(share * 4);

	n = n > 4 ? 4 : n;
	return canvas->utf8 ? fancy[n] : (uint32_t)plain[n];
}

void mml_plot_heat(const struct mml_canvas *canvas, int y, int x, int cols, double share,
		   const char *text)
{
	int len = text ? (int)strlen(text) : 0;
	int shade = len && len + 2 <= cols ? cols - len - 1 : cols;

	if (isnan(share)) {
		mml_draw_field(canvas, y, x, cols, true, MML_INK_DIM, text ? text : "-");
		return;
	}
	/* A cell of nothing needs no shade. The number says it. */
	if (share <= 0 && len && len <= cols) {
		mml_draw_field(canvas, y, x, cols, true, MML_INK_DIM, text);
		return;
	}
	/* If there is room for shade, the text keeps its place beside it. Otherwise the number
	 * alone is drawn in the ink of its heat. */
	if (shade < cols)
		mml_draw_field(canvas, y, x + cols - len, len, true, mml_heat_ink(share), text);
	else if (len && len <= cols) {
		mml_draw_field(canvas, y, x, cols, true, mml_heat_ink(share), text);
		return;
	}
	mml_draw_run(canvas, y, x, shade, mml_heat_ink(share), mml_heat_char(canvas, share));
}
