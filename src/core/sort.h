/* The order of cells and rows. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "select.h"

/* Compares cell ID, which both rows must have. The result is below, at or above 0. Numbers in texts
 * count by their value, and ordered words by their place in the list. */
int mml_cell_compare(const struct mml_column *col, unsigned id, const struct mml_row *a,
		     const struct mml_row *b);

/* Compares two rows by the columns that SEL sorts by. The result is below, at or above 0. Absent
 * cells come last in either direction. */
int mml_sort_order(const struct mml_select *sel, const struct mml_row *x, const struct mml_row *y);

/* Puts N rows in that order. Rows that are equal keep theirs. If RET_WAS is not NULL, it gets for each
 * row the place where it was. Returns 0 or -ENOMEM. */
int mml_sort(const struct mml_select *sel, const struct mml_row **rows, size_t n, size_t *ret_was);
