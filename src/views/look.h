/* What the views share: cells as text, and the frame around the parts of a view. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/look.h"
#include "../ui/view.h"

/* The moment's table NAME, or NULL. */
const struct mml_table *mml_look_table(const struct mml_moment *moment, const char *name);

/* Cell NAME of ROW as text in RET, as tables show it. */
enum { MML_LOOK_TEXT = 128 };
const char *mml_look_text(const struct mml_table *table, const struct mml_row *row,
			  const char *name, const struct mml_style *style,
			  char ret[MML_LOOK_TEXT]);

/* BYTES in the user's units; NAN is "-". */
const char *mml_look_size(double bytes, const struct mml_style *style, char ret[MML_LOOK_TEXT]);

/* S from the machine as harmless text. */
const char *mml_look_safe(const char *s, const struct mml_style *style, char ret[MML_LOOK_TEXT]);

/* A title line on row 0, REMARK (or NULL) at its right end; what is below it. */
struct mml_canvas mml_look_section(const struct mml_canvas *canvas, const char *title,
				   const char *remark);

/* Why TABLE has nothing to show, on row 0; true when it said so. */
bool mml_look_absent(const struct mml_canvas *canvas, const struct mml_table *table);

/* Values that are older than they should be look it: draw this last. */
void mml_look_age(const struct mml_canvas *canvas, const struct mml_moment *moment);

/* Parts of a column of a view, from top to bottom. */
struct mml_stack {
	void (*draw)(void *ctx, const struct mml_canvas *canvas);
	int min;      /* rows without which it is left out */
	int max;      /* rows it can make use of */
	int priority; /* the lowest goes first where there is too little room */
};

/* Give each part its rows of CANVAS and draw them. At most 16 parts. */
void mml_look_stack(const struct mml_canvas *canvas, const struct mml_stack *parts, size_t n,
		    void *ctx);
