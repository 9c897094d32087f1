/* The options of the command line; inner part of plan.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "plan.h"

/* What was said about columns and rows waits until the tables are known. */
struct mml_wishes {
	const char *columns[64], *filters[32], *sort;
	size_t ncolumns, nfilters;
	bool all_columns;
	uint64_t limit;
	const char *colour;
};

/* Fill PLAN and W from the options; the words stay in argv from optind on. An exit status, after a
 * line on stderr when it is not MML_OK. */
int mml_options_parse(int argc, char **argv, struct mml_plan *plan, struct mml_wishes *w);

/* One line that names the bad word, and the nearest one (NULL: none is near). MML_USAGE. */
int mml_bad_word(const char *what, const char *word, const char *near);
