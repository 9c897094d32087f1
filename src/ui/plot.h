/* Numbers as pictures on a canvas: history, stacked bars, gauges with ticks, heat. Pure drawing, each
 * with a version in plain characters, in which nothing is told by colour alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "canvas.h"

/* The last values of something, newest last. */
enum { MML_HISTORY = 512 };
struct mml_history {
	float v[MML_HISTORY]; /* NAN: absent at that moment */
	unsigned n, at;       /* how many there are, and where the next one goes */
};

void mml_history_push(struct mml_history *h, double v); /* NAN: absent */
/* The value BACK steps ago, 0 being the newest; NAN when there is none. */
double mml_history_at(const struct mml_history *h, unsigned back);
/* The largest of the last N values; 0 when there are none. */
double mml_history_max(const struct mml_history *h, unsigned n);

/* Where a value lies between two ends, evenly or by its logarithm (LO must be above 0 then). */
struct mml_scale {
	double lo, hi;
	bool log;
};

/* From 0 at lo to 1 at hi, and no further. */
double mml_scale_at(const struct mml_scale *scale, double v);

/*
 * History in all of CANVAS, newest at the right edge. One row: a block a value; more: braille, two
 * values a column. A value of lo has a dim line, any other at least a dot, an absent one nothing.
 */
void mml_plot_history(const struct mml_canvas *canvas, const struct mml_history *h,
		      const struct mml_scale *scale, enum mml_ink ink);

/* How many values mml_plot_history() shows on CANVAS. */
unsigned mml_plot_history_values(const struct mml_canvas *canvas);

/* One part of a whole. The pattern, a number from 0, stands for the part without colours. */
struct mml_part {
	double value; /* negative ones take no room */
	enum mml_ink ink;
	unsigned pattern;
};

enum { MML_PATTERNS = 8 };
/* The character of a pattern, as bars have it and legends show it. */
uint32_t mml_plot_pattern(const struct mml_canvas *canvas, unsigned pattern);

/*
 * Columns of COLS each part gets of TOTAL, into RET: largest remainders, so that they add up to
 * COLS where the parts add up to TOTAL; a part that is not nothing gets one while there is room.
 */
void mml_plot_divide(const struct mml_part *parts, size_t n, double total, int cols, int *ret);

/* Parts side by side in one row; what TOTAL leaves is blank. */
void mml_plot_bar(const struct mml_canvas *canvas, int y, int x, int cols,
		  const struct mml_part *parts, size_t n, double total);

/* Parts on top of each other, the first at the bottom, a column a moment: values[i] is the history
 * of parts[i], whose own value is not looked at. A part too small for a row has none. */
void mml_plot_layers(const struct mml_canvas *canvas, const struct mml_part *parts,
		     const struct mml_history *const *values, size_t n, double total);

/* A mark on a gauge. */
struct mml_tick {
	double at;
	enum mml_ink ink;
	char letter; /* drawn below the gauge by mml_plot_ticks() */
};

/* VALUE as a filled part of COLS columns, with the ticks in it. */
void mml_plot_gauge(const struct mml_canvas *canvas, int y, int x, int cols, double value,
		    const struct mml_scale *scale, enum mml_ink ink, const struct mml_tick *ticks,
		    size_t n);

/* The ticks' letters, each below its tick; of those that would share a column the first. */
void mml_plot_ticks(const struct mml_canvas *canvas, int y, int x, int cols,
		    const struct mml_scale *scale, const struct mml_tick *ticks, size_t n);

/* The ink and the character for a SHARE from 0 (cold) to 1 (hot); below 0 counts as 0. */
enum mml_ink mml_heat_ink(double share);
uint32_t mml_heat_char(const struct mml_canvas *canvas, double share);

/* A cell of a heat map: TEXT at the right of COLS columns, or where it does not fit nothing, and
 * shade to the left of it; SHARE NAN: no value. */
void mml_plot_heat(const struct mml_canvas *canvas, int y, int x, int cols, double share,
		   const char *text);
