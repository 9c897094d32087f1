/* Keys as numbers that do not depend on a terminal library, and what they do. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Keys that are not characters lie above Unicode. */
enum mml_key {
	MML_NO_KEY = 0,
	MML_UP = 0x110000,
	MML_DOWN,
	MML_LEFT,
	MML_RIGHT,
	MML_PGUP,
	MML_PGDN,
	MML_HOME,
	MML_END,
	MML_ENTER,
	MML_ESC,
	MML_BACKTAB,
	MML_BACKSPACE,
	MML_DELETE,
	MML_MOUSE,
	MML_PASTE,
	MML_F0,
	MML_KEY_LAST = MML_F0 + 64,
};

#define MML_F(n) (MML_F0 + (n))

enum mml_do {
	MML_DO_NOTHING,
#define GROUP(...)
#define DO(id, ...) MML_DO_##id,
#include "keys.def"
#undef DO
#undef GROUP
	MML_DOS,
};

struct mml_mouse {
	int y, x; /* on the screen: see top and left of a canvas */
	enum { MML_CLICK, MML_WHEEL_UP, MML_WHEEL_DOWN } what;
};

/* One thing the user did. */
struct mml_input {
	uint32_t key;     /* a character or an enum mml_key */
	enum mml_do what; /* by keys.def; MML_DO_NOTHING for other keys: a view's own */
	struct mml_mouse mouse; /* when key is MML_MOUSE */
	const char *paste;      /* when key is MML_PASTE */
};

/* Returns what KEY does according to keys.def. */
enum mml_do mml_key_does(uint32_t key);

/* The lines of the help in their order. The heading of a group has no keys. Behind the last line
 * there is one whose help is NULL. */
struct mml_key_line {
	const char *shown, *help;
};
const struct mml_key_line *mml_key_lines(void);

/* Returns the key called NAME in a script of keys, such as "a", "Up", "F4", "Ctrl-L" or "Space", or
 * 0. */
uint32_t mml_key_named(const char *name, size_t len);
