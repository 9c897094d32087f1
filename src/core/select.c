/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "select.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "sort.h"
#include "total.h"
#include "trouble.h"

int mml_select_no_column(struct mml_select *sel, const char *s, size_t len)
{
	const char *near = mml_schema_nearest(sel->schema, s, len);
	int shown = len > 64 ? 64 : (int)len;

	if (near)
		snprintf(sel->error, sizeof(sel->error),
			 "table %s has no column '%.*s'; did you mean '%s'?", sel->schema->name,
			 shown, s, near);
	else
		snprintf(sel->error, sizeof(sel->error),
			 "table %s has no column '%.*s'; 'mmlens columns %s' lists them",
			 sel->schema->name, shown, s, sel->schema->name);
	return -EINVAL;
}

static void default_columns(struct mml_select *sel)
{
	sel->ncolumns = 0;
	for (unsigned i = 0; i < sel->schema->ncolumns; i++)
		if (sel->schema->columns[i].rank != MML_HIDDEN)
			sel->columns[sel->ncolumns++] = i;
}

void mml_select_init(struct mml_select *sel, const struct mml_schema *schema)
{
	*sel = (struct mml_select){ .schema = schema };
	default_columns(sel);
	if (schema->sort)
		mml_select_sort(sel, schema->sort);
}

void mml_select_free(struct mml_select *sel)
{
	mml_filter_free(sel->filter);
	sel->filter = NULL;
}

void mml_select_all_columns(struct mml_select *sel)
{
	sel->ncolumns = 0;
	for (unsigned i = 0; i < sel->schema->ncolumns; i++)
		sel->columns[sel->ncolumns++] = i;
}

static bool shows(const struct mml_select *sel, unsigned col)
{
	for (size_t i = 0; i < sel->ncolumns; i++)
		if (sel->columns[i] == col)
			return true;
	return false;
}

int mml_select_columns(struct mml_select *sel, const char *list)
{
	struct mml_span rest = mml_span_str(list), word;
	bool add = *list == '+';

	rest.p += add;
	if (!add)
		sel->ncolumns = 0;
	while (mml_next_field(&rest, ',', &word)) {
		int col;

		word = mml_span_trim(word);
		if (word.p < word.end && *word.p == '+')
			word.p++;
		col = mml_schema_find(sel->schema, word.p, mml_span_len(word));
		if (col < 0)
			return mml_select_no_column(sel, word.p, mml_span_len(word));
		if (!shows(sel, (unsigned)col))
			sel->columns[sel->ncolumns++] = (unsigned)col;
	}
	if (!sel->ncolumns) {
		snprintf(sel->error, sizeof(sel->error), "an empty list of columns");
		return -EINVAL;
	}
	return 0;
}

int mml_select_sort(struct mml_select *sel, const char *list)
{
	struct mml_span rest = mml_span_str(list), word;

	sel->nkeys = 0;
	while (mml_next_field(&rest, ',', &word)) {
		bool descending;
		int col;

		word = mml_span_trim(word);
		descending = word.p < word.end && *word.p == '-';
		if (word.p < word.end && (*word.p == '-' || *word.p == '+'))
			word.p++;
		col = mml_schema_find(sel->schema, word.p, mml_span_len(word));
		if (col < 0)
			return mml_select_no_column(sel, word.p, mml_span_len(word));
		if (sel->nkeys == MML_SORT_KEYS) {
			snprintf(sel->error, sizeof(sel->error), "more than %d columns to sort by",
				 MML_SORT_KEYS);
			return -EINVAL;
		}
		sel->keys[sel->nkeys].column = (unsigned)col;
		sel->keys[sel->nkeys++].descending = descending;
	}
	return 0;
}

int mml_select_filter(struct mml_select *sel, const char *expr)
{
	int rc = 0;
	struct mml_filter *more = mml_filter_parse(sel, expr, &rc), *both;

	if (!more)
		return rc;
	both = mml_filter_and(sel->filter, more);
	if (!both) {
		mml_filter_free(more);
		return -ENOMEM;
	}
	sel->filter = both;
	return 0;
}

void mml_select_no_filter(struct mml_select *sel)
{
	mml_filter_free(sel->filter);
	sel->filter = NULL;
}

static unsigned column_needs(const struct mml_schema *schema, unsigned col)
{
	unsigned needs = schema->columns[col].needs;

	if (schema->columns[col].of >= 0)
		needs |= schema->columns[schema->columns[col].of].needs;
	return needs;
}

unsigned mml_select_needs(const struct mml_select *sel)
{
	unsigned needs = mml_filter_needs(sel->filter, sel->schema);

	for (size_t i = 0; i < sel->ncolumns; i++)
		needs |= column_needs(sel->schema, sel->columns[i]);
	for (size_t i = 0; i < sel->nkeys; i++)
		needs |= column_needs(sel->schema, sel->keys[i].column);
	return needs;
}

long mml_select_rows(const struct mml_select *sel, const struct mml_table *table,
		     const struct mml_row ***ret)
{
	/* The row of sums lies behind the pointers, which are as many as rows may be. */
	const size_t pointers = (table->nrows + 1) * sizeof(const struct mml_row *);
	const struct mml_row **rows = mml_malloc(pointers + mml_row_size(table->schema));
	size_t n = 0;
	int rc = 0;

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);

		if (mml_filter_fits(sel->filter, sel->schema, row))
			rows[n++] = row;
	}
	if (sel->nkeys)
		rc = mml_sort(sel, rows, n, NULL);
	if (rc) {
		free(rows);
		return rc;
	}
	if (sel->limit && n > sel->limit)
		n = sel->limit;
	if (sel->total && n) {
		struct mml_row *total = (struct mml_row *)((char *)rows + pointers);

		memset(total, 0, mml_row_size(table->schema));
		mml_total(sel, rows, n, total);
		rows[n++] = total;
	}
	*ret = rows;
	return (long)n;
}
