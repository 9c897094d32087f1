/* A rectangle of cells, each with a character and its meaning. Views draw on this and on nothing
 * else. To show it on a terminal, or to compare it in a test, is done elsewhere. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/buf.h"

/* What a cell means. inks.def says how terminals show it. */
enum mml_ink {
#define INK(id, ...) MML_INK_##id,
#include "inks.def"
#undef INK
	MML_INKS,
};

/* Kinds of memory, in the order bars have them. */
enum mml_use {
#define USE(id, ...) MML_USE_##id,
#include "uses.def"
#undef USE
	MML_USES,
};

/* Added to the ink of a cell that is under the cursor. */
enum { MML_ON_CURSOR = 0x100 };

struct mml_glyph {
	uint32_t ch; /* a Unicode code point; 0: the right half of the wide character before it */
	uint32_t ink;
};

/*
 * A canvas or a part of one; parts share the cells of the whole. Everything drawn is clipped. To
 * draw outside, or on a part without rows or columns, does nothing. If utf8 is false, only ASCII is
 * drawn and any other character becomes '?', so that drawings need a plain version.
 */
struct mml_canvas {
	int rows, cols;
	bool utf8;
	bool shades; /* inks do not tell heats apart: a character must */
	struct mml_glyph *cells; /* of the part's upper left corner */
	int stride;              /* cells from one row to the next */
	int top, left;           /* where that corner is on the whole canvas, for the mouse */
};

/* Makes a blank canvas. Sizes below 1 count as 1. Returns 0 or -ENOMEM. */
int mml_canvas_init(struct mml_canvas *canvas, int rows, int cols, bool utf8);
void mml_canvas_free(struct mml_canvas *canvas);
void mml_canvas_clear(struct mml_canvas *canvas);

/* Returns the part of CANVAS that begins at Y, X and has ROWS x COLS cells, or as many as there
 * are. */
struct mml_canvas mml_canvas_part(const struct mml_canvas *canvas, int y, int x, int rows,
				  int cols);

/* Draws the character CH if it is one column wide. */
void mml_draw_char(const struct mml_canvas *canvas, int y, int x, enum mml_ink ink, uint32_t ch);

/* Draws CH in COLS columns from Y, X to the right. */
void mml_draw_run(const struct mml_canvas *canvas, int y, int x, int cols, enum mml_ink ink,
		  uint32_t ch);

/*
 * Draws TEXT, which is UTF-8. Returns the columns it would take without clipping. Text from the
 * machine must have been through mml_escape() or mml_cell_text(), so that it can be read. Any
 * character that could still control a terminal becomes '?' here.
 */
int mml_draw(const struct mml_canvas *canvas, int y, int x, enum mml_ink ink, const char *text);
int mml_drawf(const struct mml_canvas *canvas, int y, int x, enum mml_ink ink, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* Draws TEXT into COLS columns. Longer text ends with an ellipsis, and shorter text is padded with
 * blanks of the same ink: behind it, or in front of it if RIGHT. */
void mml_draw_field(const struct mml_canvas *canvas, int y, int x, int cols, bool right,
		    enum mml_ink ink, const char *text);

/* The same of a path, to the left: what is too long loses its beginning. */
void mml_draw_path(const struct mml_canvas *canvas, int y, int x, int cols, enum mml_ink ink,
		   const char *text);

/* Draw TEXT at Y and below, broken at blanks; returns the rows it took. */
int mml_draw_text(const struct mml_canvas *canvas, int y, int x, int cols, enum mml_ink ink,
		  const char *text);

/* Changes the ink of COLS cells from Y, X on and leaves their characters. */
void mml_draw_ink(const struct mml_canvas *canvas, int y, int x, int cols, enum mml_ink ink);

/* The cursor is on COLS cells from Y, X on: they keep their characters and inks. */
void mml_draw_cursor(const struct mml_canvas *canvas, int y, int x, int cols);

/* The name, the ink and, on CANVAS, the character of a kind of memory. */
const char *mml_use_name(enum mml_use kind);
const char *mml_use_help(enum mml_use kind); /* for the legend */
enum mml_ink mml_use_ink(enum mml_use kind);
uint32_t mml_use_char(const struct mml_canvas *canvas, enum mml_use kind);

/* The canvas as lines of UTF-8 text without trailing blanks, and the inks as lines of their letters
 * (blank: TEXT; under the cursor: capitals, and _ for TEXT), for tests and screenshots. */
void mml_canvas_text(const struct mml_canvas *canvas, struct mml_buf *out);
void mml_canvas_inks(const struct mml_canvas *canvas, struct mml_buf *out);
