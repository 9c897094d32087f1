/* Numbers as pictures on a canvas: history, stacked bars, gauges with ticks, and heat. Each picture
 * has a version in plain characters, and none tells anything by colour alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "canvas.h"

/* The last values of a quantity. */
enum { MML_HISTORY = 512 };
struct mml_history {
	float v[MML_HISTORY]; /* NAN: absent at that moment */
	unsigned n, at;       /* how many there are, and where the next one goes */
};

void mml_history_push(struct mml_history *h, double v); /* V is NAN if absent */
/* The value of BACK steps ago, 0 being the newest, or NAN if there is none. */
double mml_history_at(const struct mml_history *h, unsigned back);
/* The largest of the last N values, or 0 if there are none. */
double mml_history_max(const struct mml_history *h, unsigned n);

/* A range that values are shown in, evenly or by their logarithm. For the latter, lo must be above
 * 0. */
struct mml_scale {
	double lo, hi;
	bool log;
};

/* Returns where V lies, from 0 (lo or below) to 1 (hi or above). */
double mml_scale_at(const struct mml_scale *scale, double v);

/*
 * Draws history on all of CANVAS, with the newest value at the right edge. A single row has a block
 * for each value; several rows are in braille, with two values in each column. A value of lo is a
 * dim line, any other value at least a dot, and an absent one is blank.
 */
void mml_plot_history(const struct mml_canvas *canvas, const struct mml_history *h,
		      const struct mml_scale *scale, enum mml_ink ink);

/* Returns how many values mml_plot_history() shows on CANVAS. */
unsigned mml_plot_history_values(const struct mml_canvas *canvas);

/* One part of a whole. The pattern, a number from 0, tells the part from others without colours. */
struct mml_part {
	double value; /* a negative value takes no room */
	enum mml_ink ink;
	unsigned pattern;
};

enum { MML_PATTERNS = 8 };
/* Returns the character of a pattern, which bars are drawn with and legends show. */
uint32_t mml_plot_pattern(const struct mml_canvas *canvas, unsigned pattern);

/*
 * Puts into RET how many of COLS columns each part of TOTAL gets. Columns that are left go to the
 * largest remainders, so that the sum is COLS if the parts add up to TOTAL. A part above 0 gets at
 * least one while there is room.
 */
void mml_plot_divide(const struct mml_part *parts, size_t n, double total, int cols, int *ret);

/* Draws the parts side by side in one row. What they leave of TOTAL is blank. */
void mml_plot_bar(const struct mml_canvas *canvas, int y, int x, int cols,
		  const struct mml_part *parts, size_t n, double total);

/* Draws parts on top of each other, the first at the bottom, with a column for each moment.
 * values[i] is the history of parts[i], whose own value is not used. A part too small for a row is
 * not shown. */
void mml_plot_layers(const struct mml_canvas *canvas, const struct mml_part *parts,
		     const struct mml_history *const *values, size_t n, double total);

/* A mark on a gauge. */
struct mml_tick {
	double at;
	enum mml_ink ink;
	char letter; /* drawn below the gauge by mml_plot_ticks() */
};

/* Draws VALUE as the filled part of COLS columns, with the ticks in it. */
void mml_plot_gauge(const struct mml_canvas *canvas, int y, int x, int cols, double value,
		    const struct mml_scale *scale, enum mml_ink ink, const struct mml_tick *ticks,
		    size_t n);

/* Draws the letter of each tick below it. If several ticks share a column, it is that of the first. */
void mml_plot_ticks(const struct mml_canvas *canvas, int y, int x, int cols,
		    const struct mml_scale *scale, const struct mml_tick *ticks, size_t n);

/* The ink and the character for a SHARE from 0 (cold) to 1 (hot). A negative one counts as 0. */
enum mml_ink mml_heat_ink(double share);
uint32_t mml_heat_char(const struct mml_canvas *canvas, double share);

/* Draws a cell of a heat map: TEXT at the right of COLS columns, and shade to the left of it. If
 * there is not room for both, TEXT is drawn alone, and if it does not fit, the shade is. A SHARE of
 * NAN means that there is no value. */
void mml_plot_heat(const struct mml_canvas *canvas, int y, int x, int cols, double share,
		   const char *text);
