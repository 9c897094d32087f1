/* Formats cells. No other code does. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/buf.h"
#include "../core/table.h"
#include "../core/text.h"
#include "../core/unit.h"

struct mml_style {
	enum mml_units units;
	uint64_t page_size;
	bool exact; /* numbers are for programs: bytes, and nanoseconds as seconds, without rounding */
	bool utf8;  /* the reader understands UTF-8 */
	bool brief; /* a size of nothing is "0", without a unit */
};

/* Appends cell ID of ROW. An absent one is "-", and a lower bound has ">=" in front. */
void mml_cell_text(struct mml_buf *out, const struct mml_column *col, unsigned id,
		   const struct mml_row *row, const struct mml_style *style);

/* Writes a value of a column that is not text to NUM, which has room for MML_NUMBER_MAX bytes.
 * Returns the length. */
typedef size_t mml_formatter(char *num, union mml_value v, const struct mml_style *style);

/* Returns the formatter of COL, or NULL if COL is text. */
mml_formatter *mml_column_formatter(const struct mml_column *col, const struct mml_style *style);

/* Appends VALUE as a value of COL. */
void mml_value_text(struct mml_buf *out, const struct mml_column *col, union mml_value value,
		    const struct mml_style *style);

/* Numbers are aligned to the right, and text to the left. */
static inline bool mml_column_right(const struct mml_column *col)
{
	return !mml_column_is_text(col);
}
