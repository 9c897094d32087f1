/* Which columns and rows of a table are shown, and in which order. All names are looked up in the
 * schema once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "table.h"

enum { MML_SORT_KEYS = 8 };

struct mml_select {
	const struct mml_schema *schema;
	unsigned columns[MML_MAX_COLUMNS];
	size_t ncolumns;
	struct {
		unsigned column;
		bool descending;
	} keys[MML_SORT_KEYS];
	size_t nkeys;
	struct mml_filter *filter; /* NULL: every row */
	size_t limit;              /* 0: every row */
	bool total;                /* a last row has the sums of the others */
	char error[256];           /* why the last call below returned -EINVAL, one line */
	size_t wrong;              /* and the byte of a filter it is about */
};

/* Selects the schema's own columns and order. */
void mml_select_init(struct mml_select *sel, const struct mml_schema *schema);
void mml_select_free(struct mml_select *sel);

/* "a,b" replaces the columns, and "+a,b" adds to them. Returns 0, or -EINVAL with the error set. */
int mml_select_columns(struct mml_select *sel, const char *list);
void mml_select_all_columns(struct mml_select *sel);

/* Sorts by a list such as "a,-b". Returns 0, or -EINVAL with the error set. */
int mml_select_sort(struct mml_select *sel, const char *list);

/* Filters by an expression such as "size > 1M and (name ~ '^kmalloc' or used = 0)". A second one is
 * joined with `and`. An absent cell fits no comparison. Returns 0, -ENOMEM, or -EINVAL with the
 * error set. */
int mml_select_filter(struct mml_select *sel, const char *expr);
void mml_select_no_filter(struct mml_select *sel);

/* Returns the costly reads that the columns shown, sorted by and filtered on take. */
unsigned mml_select_needs(const struct mml_select *sel);

/* Puts the rows to show into RET in their order; the caller frees the array. Returns how many there
 * are, or -ENOMEM. */
long mml_select_rows(const struct mml_select *sel, const struct mml_table *table,
		     const struct mml_row ***ret);

/* For select.c and filter.c only. */
struct mml_filter *mml_filter_parse(struct mml_select *sel, const char *expr, int *ret_error);
bool mml_filter_fits(const struct mml_filter *filter, const struct mml_schema *schema,
		     const struct mml_row *row);
unsigned mml_filter_needs(const struct mml_filter *filter, const struct mml_schema *schema);
void mml_filter_free(struct mml_filter *filter);
struct mml_filter *mml_filter_and(struct mml_filter *a, struct mml_filter *b);

/* Sets the error, which says that there is no column S and names the nearest one. Returns -EINVAL. */
int mml_select_no_column(struct mml_select *sel, const char *s, size_t len);
