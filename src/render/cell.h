/* The only formatter of a cell. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/buf.h"
#include "../core/table.h"
#include "../core/text.h"
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

/* Numbers stand on the right, text on the left. */
static inline bool mml_column_right(const struct mml_column *col)
{
	return !mml_column_is_text(col);
}
