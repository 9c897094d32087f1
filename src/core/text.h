/* Makes text from the machine harmless, and tells how wide it is on a terminal. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "buf.h"
#include "parse.h"

/* Appends the LEN bytes of S. Every byte that could steer a terminal or that is not UTF-8 becomes
 * \ooo. A backslash in front of three octal digits becomes \134, so that this can be undone. */
void mml_escape(struct mml_buf *out, const char *s, size_t len, bool utf8);

/* Returns a copy of S, in which the kernel has written blanks, tabs, newlines and backslashes as \ooo, as
 * they are. Returns NULL when memory ran out. */
char *mml_unescape(struct mml_arena *arena, struct mml_span s);

/* Appends S with these written as \ooo. */
void mml_put_escaped(struct mml_buf *out, const char *s);

/* Appends S as valid UTF-8 for JSON. A byte that is not UTF-8 becomes \xHH, and a backslash in
 * front of xHH becomes \x5c, so that this can be undone. */
void mml_escape_json(struct mml_buf *out, const char *s, size_t len);

/* Returns the length of the valid UTF-8 character at S, which has LEN bytes at most, and sets RET
 * to the character. Returns 0 if there is none. */
size_t mml_utf8_next(const char *s, size_t len, uint32_t *ret);

/* The bytes of character C in RET: how many. */
size_t mml_utf8_bytes(uint32_t c, char ret[4]);

/* Whether C is a control of either set, or reorders or hides the text around it. */
bool mml_utf8_harmful(uint32_t c);

/* Returns whether S is printable ASCII without a backslash, as almost all text is. Such text needs
 * no escaping, and is as wide as it is long. */
bool mml_text_plain(const char *s, size_t len);

/* Returns the columns that S takes on a terminal. S must have been through mml_escape(). */
size_t mml_text_width(const char *s, size_t len, bool utf8);

/* Returns whether the environment asks for UTF-8. The first of LC_ALL, LC_CTYPE and LANG that is
 * set decides. */
bool mml_utf8_locale(void);
