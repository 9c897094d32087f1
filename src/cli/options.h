/* The options of the command line. Only plan.c uses this. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "plan.h"

/* What the options say about columns and rows. It is kept until the tables are known. */
struct mml_wishes {
	const char *columns[64], *filters[32], *sort;
	size_t ncolumns, nfilters;
	bool all_columns, total;
	uint64_t limit;
	const char *colour;
	bool format; /* a format was asked for */
};

/* Fills PLAN and W from the options. The other words are in argv from optind on. Returns an exit
 * status, after a line on stderr if that is not MML_OK. */
int mml_options_parse(int argc, char **argv, struct mml_plan *plan, struct mml_wishes *w);

/* Prints one line that names the bad word and the nearest good one, if NEAR is not NULL. Returns
 * MML_USAGE. */
int mml_bad_word(const char *what, const char *word, const char *near);
