/* Rows that have a depth, as a tree. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/select.h"

/* What a tree is made from. In the table parents come before what is below them, one deeper. */
struct mml_tree {
	unsigned depth; /* the column that has it, a number */
	/* Whether what is below ROW is left out. Optional. */
	bool (*folded)(void *ctx, const struct mml_row *row);
	/* The order of siblings, before that of the selection. Optional. */
	int (*order)(void *ctx, const struct mml_row *a, const struct mml_row *b);
	void *ctx;
};

/*
 * Puts the numbers of the rows of TABLE into RET, which has room for all of them, with siblings in the order of
 * SEL, and returns how many there are. Rows that its filter leaves out are left out.
 */
size_t mml_tree_order(const struct mml_tree *tree, const struct mml_select *sel, const struct mml_table *table,
		      size_t *ret);
