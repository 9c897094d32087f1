/* Numbers as pictures on a canvas: sparklines, plots, bars, marks on a line, heat. Pure drawing, each with a
 * version in plain characters, in which nothing is told by colour alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "canvas.h"

/* All histories of a screen cover the same time. */
enum { MML_SPAN_S = 600 };

/* Ten minutes of something, a second a bin. Of a level that is seen several times in a second the mean is
 * kept, of a rate the maximum. */
struct mml_history {
	float bin[MML_SPAN_S]; /* NAN: not seen */
	uint64_t last;         /* the newest bin, in seconds of its clock; 0: nothing was seen yet */
	unsigned seen;         /* values in the newest bin */
	bool rate;
};

/* V was seen at TIME_NS (NAN: it was absent) and stands for the INTERVAL_NS before it: what is older than the
 * sample before it is not known. */
void mml_history_push(struct mml_history *h, uint64_t time_ns, uint64_t interval_ns, double v);

/* The newest value; NAN when it is absent or nothing was seen. */
double mml_history_now(const struct mml_history *h);

/* The smallest and the largest value of the span; false when there is none. */
bool mml_history_range(const struct mml_history *h, double *ret_min, double *ret_max);

/* The span in COLS cells, oldest first: means of a level, maxima of a rate, NAN where nothing was seen. */
void mml_history_cells(const struct mml_history *h, int cols, double *ret);

/* VALUES of COLS cells in one row. A level is drawn from its smallest to its largest value, but flat where
 * they differ by less than 2 %; a rate from 0. */
void mml_plot_spark(const struct mml_canvas *canvas, int y, int x, int cols, const double *values,
		    bool rate);

/* The history in COLS cells from X on, in one row. */
void mml_plot_line(const struct mml_canvas *canvas, int y, int x, int cols,
		   const struct mml_history *h);

/* The history in all of CANVAS, from LO at the bottom to HI at the top. */
void mml_plot_area(const struct mml_canvas *canvas, const struct mml_history *h, double lo, double hi);

/* "-10 min", "-5 min" and "now" below histories of COLS cells from X on. */
void mml_plot_axis(const struct mml_canvas *canvas, int y, int x, int cols);

/* One part of a whole. */
struct mml_part {
	double value; /* negative ones take no room */
	enum mml_use use;
};

/*
 * Puts into RET how many of COLS columns each part of TOTAL gets. Columns that are left go to the
 * largest remainders, so that the sum is COLS if the parts add up to TOTAL. A part above 0 gets at
 * least one while there is room.
 */
void mml_plot_divide(const struct mml_part *parts, size_t n, double total, int cols, int *ret);

/* Draws the parts side by side in one row. What they leave of TOTAL is blank. */
void mml_plot_bar(const struct mml_canvas *canvas, int y, int x, int cols,
		  const struct mml_part *parts, size_t n, double total);

/* SHARE, from 0 to 1, of COLS columns filled to an eighth of a column in INK, the rest in dots. */
void mml_plot_share(const struct mml_canvas *canvas, int y, int x, int cols, double share,
		    enum mml_ink ink);

/* Where a value lies between two ends, evenly or by its logarithm (LO must be above 0 then). */
struct mml_scale {
	double lo, hi;
	bool log;
};

/* From 0 at lo to 1 at hi, and no further. */
double mml_scale_at(const struct mml_scale *scale, double v);

/* A letter on a line of marks. */
struct mml_mark {
	double at;
	char letter;
};

/* A line of COLS columns with MARKS on it and a dot where VALUE is (NAN: none), in INK. Of marks that share a
 * column the first is drawn. */
void mml_plot_marks(const struct mml_canvas *canvas, int y, int x, int cols, double value,
		    const struct mml_scale *scale, const struct mml_mark *marks, size_t n,
		    enum mml_ink ink);

/* The ink of a number that is SHARE, from 0 to 1, of the most there is. */
enum mml_ink mml_heat_ink(double share);

/* A cell of a heat map: TEXT at the right of COLS columns, by heat; SHARE NAN: no value. Where inks cannot
 * tell heats apart, a shade stands before it. */
void mml_plot_heat(const struct mml_canvas *canvas, int y, int x, int cols, double share,
		   const char *text);
