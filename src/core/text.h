/* What makes text from the machine harmless, and how wide it is on a terminal. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

/* Append S, LEN bytes, with every byte that could steer a terminal or that is not UTF-8 as \ooo;
 * a backslash in front of three octal digits becomes \134, so that it can be undone. */
void mml_escape(struct mml_buf *out, const char *s, size_t len, bool utf8);

/* Append S as valid UTF-8 for JSON: bytes that are not UTF-8 become \xHH, and a backslash in front
 * of xHH becomes \x5c, so that it can be undone. */
void mml_escape_json(struct mml_buf *out, const char *s, size_t len);

/* The length of the valid UTF-8 character at S, of at most LEN bytes, and which it is; 0: none. */
size_t mml_utf8_next(const char *s, size_t len, uint32_t *ret);

/* Whether C is a control of either set, or reorders or hides the text around it. */
bool mml_utf8_harmful(uint32_t c);

/* Whether S is printable ASCII without a backslash, as almost all text is: it needs no escaping and is
 * as wide as it is long. */
bool mml_text_plain(const char *s, size_t len);

/* Columns S takes on a terminal; S went through mml_escape(). */
size_t mml_text_width(const char *s, size_t len, bool utf8);

/* Whether the environment asks for UTF-8 (LC_ALL, LC_CTYPE, LANG; the first that is set). */
bool mml_utf8_locale(void);
