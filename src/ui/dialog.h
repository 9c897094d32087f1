/* What is drawn over a view: a line to type into, a list to choose from, and a page to read. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "canvas.h"
#include "keys.h"

/* A line of text that is being typed. */
struct mml_prompt {
	char text[512];
	size_t len, at; /* both in bytes; at is where the cursor is */
};

enum mml_typed { MML_TYPING, MML_TYPED, MML_CANCELLED };

void mml_prompt_set(struct mml_prompt *prompt, const char *text);

/* Adds a character to the line, or edits it. Enter ends the line; Esc and Ctrl-C cancel it. */
enum mml_typed mml_prompt_key(struct mml_prompt *prompt, uint32_t key);

/* Put what was pasted at the cursor: a line break or another control character in it is a blank. */
void mml_prompt_paste(struct mml_prompt *prompt, const char *text);

/* Put TEXT in the place of N bytes from byte FROM on, the cursor behind it. */
void mml_prompt_replace(struct mml_prompt *prompt, size_t from, size_t n, const char *text);

/* Draw LABEL and the line on row Y; returns the column of the cursor. */
int mml_prompt_draw(const struct mml_prompt *prompt, const struct mml_canvas *canvas, int y,
		    const char *label);

/* The position in a list or page. */
struct mml_scroll {
	size_t n, cursor, top;
	size_t page; /* the rows there was room for when last drawn */
};

/* Moves as keys.def says. Returns whether IN was a movement. A page has no cursor, so that it
 * scrolls at once. */
bool mml_scroll_input(struct mml_scroll *scroll, const struct mml_input *in, bool has_cursor);

/* Draws a blank frame with TITLE in the middle of CANVAS, at most ROWS x COLS large. Returns its
 * inside. */
struct mml_canvas mml_box(const struct mml_canvas *canvas, int rows, int cols, const char *title);

/* Scrolls so that the cursor is in view when ROWS rows are drawn. These are the PAGE rows from TOP
 * on. */
void mml_scroll_fit(struct mml_scroll *scroll, int rows, bool has_cursor);

/* Draws the lines of TEXT from the scroll's top on, and sets how many lines there are. */
void mml_page_draw(struct mml_scroll *scroll, const struct mml_canvas *canvas, const char *text);
