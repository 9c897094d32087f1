/* What is different between two readings of a table: a table itself, so that it can be sorted,
 * filtered and printed as any other. Pure. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "table.h"

enum mml_diff_boots {
	MML_BOOTS_SAME,    /* both are of one boot */
	MML_BOOTS_OTHER,   /* they are not */
	MML_BOOTS_UNKNOWN,
};

struct mml_diff_how {
	enum mml_diff_boots boots; /* counters are compared within a boot only */
	bool backwards; /* what is called B was before A */
	bool all;       /* rows that are the same, too */
	bool ascii;     /* headings have a + instead of a delta */
};

/*
 * Makes RET, in ARENA: how the N COLUMNS of B differ from those of A, two readings of one table. It has
 * a column "is" (= same, ~ changed, + new, - gone), the keys, and for each measured number also
 * NAME_before and NAME_change, which is NAME less NAME_before and has its unit. Texts that changed show both.
 * Rates and growth are left out. "moved", by which it is sorted, is by how much the first size of the
 * row changed. Returns 0 or -ENOMEM; what could not be read in A or B is an error or a note of RET.
 */
int mml_diff(struct mml_arena *arena, const struct mml_table *a, const struct mml_table *b,
	     const unsigned *columns, size_t n, const struct mml_diff_how *how,
	     struct mml_table **ret);
