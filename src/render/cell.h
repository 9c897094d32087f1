/* The only formatter of a cell, and what makes text from the machine harmless. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/buf.h"
#include "../core/table.h"
#include "../core/unit.h"

struct mml_style {
	enum mml_units units;
	uint64_t page_size;
	bool exact; /* numbers for programs: bytes, nanoseconds as seconds, no rounding */
	bool utf8;  /* the reader understands UTF-8 */
};

/* Append cell COL of ROW; an absent one is "-", a lower bound has ">=" before it. */
void mml_cell_text(struct mml_buf *out, const struct mml_column *col, unsigned id,
		   const struct mml_row *row, const struct mml_style *style);

/* How the values of a column that is no text are formatted: to NUM of MML_NUMBER_MAX bytes; returns
 * the length. */
typedef size_t mml_formatter(char *num, union mml_value v, const struct mml_style *style);

/* That of COL; NULL for text. */
mml_formatter *mml_column_formatter(const struct mml_column *col, const struct mml_style *style);

/* Append VALUE of a column like COL. */
void mml_value_text(struct mml_buf *out, const struct mml_column *col, union mml_value value,
		    const struct mml_style *style);

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

/* Numbers stand on the right, text on the left. */
static inline bool mml_column_right(const struct mml_column *col)
{
	return !mml_column_is_text(col);
}
