/* The terminal: it shows canvases, gives keys, and is left as it was found. This is the only user
 * of ncurses. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "canvas.h"
#include "keys.h"
#include "tui.h"

/* Take over the terminal on stdin and stdout: 0, or -1 with one line in WHY. COLOUR false: attributes
 * only. UTF8 is what the terminal is to be sent. */
int mml_screen_open(bool colour, enum mml_theme theme, bool utf8, char *why, size_t size);

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

/* Whether heat takes a character: the terminal has fewer than 256 colours. */
bool mml_screen_shades(void);

/* Read what the terminal has sent: 0, or -errno; -EPIPE: it is closed. */
int mml_screen_read(void);

/* The next key, as mml_decoder_key() has it; the paste is valid until the next call. */
uint32_t mml_screen_key(bool idle, struct mml_mouse *ret_mouse, const char **ret_paste);

/* Whether there is half a sequence. */
bool mml_screen_waits(void);
