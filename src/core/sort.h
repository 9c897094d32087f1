/* The order of cells and rows. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "select.h"

/* Cell ID, which both rows have: <0, 0 or >0. Numbers in texts count by their value, ordered words
 * by their place in the list. */
int mml_cell_compare(const struct mml_column *col, unsigned id, const struct mml_row *a,
		     const struct mml_row *b);

/* Two rows by the columns SEL sorts by: <0, 0 or >0. Absent cells come last, whichever way is
 * sorted. */
int mml_sort_order(const struct mml_select *sel, const struct mml_row *x, const struct mml_row *y);

/* Put N rows in that order; rows that are alike keep theirs. Returns 0 or -ENOMEM. */
int mml_sort(const struct mml_select *sel, const struct mml_row **rows, size_t n);
