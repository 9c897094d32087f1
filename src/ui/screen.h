/* The terminal: it shows canvases, gives keys, and is left as it was found. This is the only user
 * of ncurses. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "canvas.h"
#include "keys.h"

/* Takes over the terminal on stdin and stdout. Without COLOUR only attributes are used. UTF8 says
 * what to send to the terminal. Returns 0, or -1 with one line in WHY. */
int mml_screen_open(bool colour, bool utf8, char *why, size_t size);

/* Gives the terminal back. It may be called any number of times. */
void mml_screen_close(void);

/* Takes the terminal again after the program was stopped. */
void mml_screen_again(void);

/* The first asks the terminal for its size in characters; the second tells ncurses of it. */
void mml_screen_size(int *ret_rows, int *ret_cols);
void mml_screen_resize(int rows, int cols);

/* Shows CANVAS by sending what differs from what is shown. The cursor is put at Y, X, or hidden if
 * Y is -1. */
void mml_screen_show(const struct mml_canvas *canvas, int y, int x);

/* Forgets what the terminal shows, so that the next mml_screen_show() sends everything. */
void mml_screen_forget(void);

/* Returns the next key that is waiting, or MML_NO_KEY if there is none. */
uint32_t mml_screen_key(struct mml_mouse *ret_mouse);
