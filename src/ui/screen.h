/* The terminal: shows canvases, reads keys, and is left as it was found. The only user of ncurses. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "canvas.h"
#include "keys.h"

/* Take over the terminal on stdin and stdout: 0, or -1 with one line in WHY. COLOUR false: attributes
 * only. UTF8 is what the terminal is to be sent. */
int mml_screen_open(bool colour, bool utf8, char *why, size_t size);

/* Give the terminal back; any number of times. */
void mml_screen_close(void);

/* Take it again after a stop. */
void mml_screen_again(void);

/* Ask the terminal for its size, and give it to the canvas. */
void mml_screen_size(int *ret_rows, int *ret_cols);
void mml_screen_resize(int rows, int cols);

/* Show CANVAS, the terminal's cursor at Y, X, or hidden for Y -1: sends what differs. */
void mml_screen_show(const struct mml_canvas *canvas, int y, int x);

/* Forget what the terminal shows: the next show sends everything. */
void mml_screen_forget(void);

/* The next key that is waiting, MML_NO_KEY: none. */
uint32_t mml_screen_key(struct mml_mouse *ret_mouse);
