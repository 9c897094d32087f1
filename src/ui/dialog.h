/* What lies over a view: a line to type into, a list to choose from, a page to read. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "canvas.h"
#include "keys.h"

/* A line of text being typed. */
struct mml_prompt {
	char text[512];
	size_t len, at; /* bytes; where the cursor is */
};

enum mml_typed { MML_TYPING, MML_TYPED, MML_CANCELLED };

void mml_prompt_set(struct mml_prompt *prompt, const char *text);

/* Every character is text; Enter ends it, Esc and Ctrl-C cancel. */
enum mml_typed mml_prompt_key(struct mml_prompt *prompt, uint32_t key);

/* Draw LABEL and the line on row Y; returns the column of the cursor. */
int mml_prompt_draw(const struct mml_prompt *prompt, const struct mml_canvas *canvas, int y,
		    const char *label);

/* Where a list or page is. */
struct mml_scroll {
	size_t n, cursor, top;
	size_t page; /* as last drawn */
};

/* Move as keys.def has it: true when IN was a movement. A page has no cursor and scrolls at once. */
bool mml_scroll_input(struct mml_scroll *scroll, const struct mml_input *in, bool has_cursor);

/* A frame of ROWS x COLS at the most in the middle of CANVAS, blank, with TITLE: its inside. */
struct mml_canvas mml_box(const struct mml_canvas *canvas, int rows, int cols, const char *title);

/* Bring the cursor into view, and say which rows to draw: from top, page of them. */
void mml_scroll_fit(struct mml_scroll *scroll, int rows, bool has_cursor);

/* Lines of TEXT from SCROLL's top on; sets how many there are. */
void mml_page_draw(struct mml_scroll *scroll, const struct mml_canvas *canvas, const char *text);
