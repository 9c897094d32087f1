/* Which columns and rows of a table are shown, in which order: resolved once against the schema. */
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
	char error[256];           /* why the last call below returned -EINVAL, one line */
};

/* The schema's own columns and order. */
void mml_select_init(struct mml_select *sel, const struct mml_schema *schema);
void mml_select_free(struct mml_select *sel);

/* "a,b" takes the place of the columns, "+a,b" adds to them: 0, or -EINVAL with the error set. */
int mml_select_columns(struct mml_select *sel, const char *list);
void mml_select_all_columns(struct mml_select *sel);

/* "a,-b": 0, or -EINVAL with the error set. */
int mml_select_sort(struct mml_select *sel, const char *list);

/* "size > 1M and (name ~ '^kmalloc' or used = 0)"; a second one is joined by `and`. 0, -ENOMEM,
 * or -EINVAL with the error set. An absent cell fits no comparison. */
int mml_select_filter(struct mml_select *sel, const char *expr);
void mml_select_no_filter(struct mml_select *sel);

/* The costly reads that the columns shown, sorted by and filtered on take. */
unsigned mml_select_needs(const struct mml_select *sel);

/* The rows to show, in order, in an array for the caller to free: how many, or -ENOMEM. */
long mml_select_rows(const struct mml_select *sel, const struct mml_table *table,
		     const struct mml_row ***ret);

/* For select.c and filter.c. */
struct mml_filter *mml_filter_parse(struct mml_select *sel, const char *expr, int *ret_error);
bool mml_filter_fits(const struct mml_filter *filter, const struct mml_schema *schema,
		     const struct mml_row *row);
unsigned mml_filter_needs(const struct mml_filter *filter, const struct mml_schema *schema);
void mml_filter_free(struct mml_filter *filter);
struct mml_filter *mml_filter_and(struct mml_filter *a, struct mml_filter *b);

/* Set the error: no column called S; with the nearest one's name. Returns -EINVAL. */
int mml_select_no_column(struct mml_select *sel, const char *s, size_t len);
