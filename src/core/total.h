/* The row of sums that --total adds. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "select.h"

/* Puts into RET, which is all zero, the sums over N ROWS of the columns that SEL shows, and "total" into
 * the text that names a row. */
void mml_total(const struct mml_select *sel, const struct mml_row *const *rows, size_t n,
	       struct mml_row *ret);
