/* The only thing views draw on: a rectangle of cells, each a character and what it means. Showing
 * it on a terminal, or comparing it in a test, is somebody else's business. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/buf.h"

/* What a cell means; inks.def says how terminals show it. */
enum mml_ink {
#define INK(id, ...) MML_INK_##id,
#include "inks.def"
#undef INK
	MML_INKS,
};

struct mml_glyph {
	uint32_t ch; /* Unicode; 0: the right half of the wide character before it */
	uint32_t ink;
};

/*
 * A canvas, or a part of one: parts share the cells of the whole. Everything drawn is clipped;
 * drawing outside, or on a part with no rows or columns, does nothing. UTF8 false: only ASCII may
 * be drawn, anything else becomes '?', so drawings need a plain version.
 */
struct mml_canvas {
	int rows, cols;
	bool utf8;
	struct mml_glyph *cells; /* of the part's upper left corner */
	int stride;              /* cells from one row to the next */
	int top, left;           /* where that corner is on the whole: what mouse positions are */
};

/* A blank canvas: 0 or -ENOMEM. Sizes below 1 count as 1. */
int mml_canvas_init(struct mml_canvas *canvas, int rows, int cols, bool utf8);
void mml_canvas_free(struct mml_canvas *canvas);
void mml_canvas_clear(struct mml_canvas *canvas);

/* The part of CANVAS at Y, X, as much of ROWS x COLS as there is. */
struct mml_canvas mml_canvas_part(const struct mml_canvas *canvas, int y, int x, int rows,
				  int cols);

/* Draw the character CH, when it is one column wide. */
void mml_draw_char(const struct mml_canvas *canvas, int y, int x, enum mml_ink ink, uint32_t ch);

/* COLS times CH from Y, X to the right. */
void mml_draw_run(const struct mml_canvas *canvas, int y, int x, int cols, enum mml_ink ink,
		  uint32_t ch);

/*
 * Draw TEXT, UTF-8; returns the columns it takes, also where it was clipped. Text from the machine
 * goes through mml_escape() or mml_cell_text() first, so that it can be read; whatever could still
 * steer a terminal becomes '?' here.
 */
int mml_draw(const struct mml_canvas *canvas, int y, int x, enum mml_ink ink, const char *text);
int mml_drawf(const struct mml_canvas *canvas, int y, int x, enum mml_ink ink, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* Draw TEXT into COLS columns: what is longer ends with the ellipsis, what is shorter is followed
 * (RIGHT: preceded) by blanks in the same ink. */
void mml_draw_field(const struct mml_canvas *canvas, int y, int x, int cols, bool right,
		    enum mml_ink ink, const char *text);

/* Draw TEXT at Y and below, broken at blanks; returns the rows it took. */
int mml_draw_text(const struct mml_canvas *canvas, int y, int x, int cols, enum mml_ink ink,
		  const char *text);

/* Give COLS cells from Y, X on another ink and leave their characters. */
void mml_draw_ink(const struct mml_canvas *canvas, int y, int x, int cols, enum mml_ink ink);

/* The canvas as lines of UTF-8 text without trailing blanks, and the inks as lines of their letters
 * (blank: NORMAL), for tests and screenshots. */
void mml_canvas_text(const struct mml_canvas *canvas, struct mml_buf *out);
void mml_canvas_inks(const struct mml_canvas *canvas, struct mml_buf *out);
