/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "select.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"

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

#define ORDER(a, b) ((a) < (b) ? -1 : (a) > (b))

int mml_cell_compare(const struct mml_column *col, unsigned id, const struct mml_row *a,
		     const struct mml_row *b)
{
	const union mml_value *x = &a->cell[id], *y = &b->cell[id];

	switch (col->type) {
	case MML_STR:
		return strverscmp(x->str, y->str);
	case MML_U64:
	case MML_ADDR:
		return ORDER(x->u64, y->u64);
	case MML_I64:
		return ORDER(x->i64, y->i64);
	case MML_F64:
		return ORDER(x->f64, y->f64);
	case MML_BOOL:
		return ORDER(x->b, y->b);
	}
	return 0;
}

/* A row, its place for a stable order, and its first sort key as a number that orders alike. */
struct sorted {
	const struct mml_row *row;
	size_t place;
	uint64_t first;
};

/* Absent cells come last whichever way is sorted; text is left to the comparison itself. */
static uint64_t first_key(const struct mml_select *sel, const struct mml_row *row)
{
	unsigned id = sel->keys[0].column;
	uint64_t key;
	double d;

	if (!mml_has(row, id))
		return UINT64_MAX;
	switch (sel->schema->columns[id].type) {
	case MML_U64:
	case MML_ADDR:
		key = row->cell[id].u64;
		break;
	case MML_I64:
		key = (uint64_t)row->cell[id].i64 ^ UINT64_C(1) << 63;
		break;
	case MML_F64:
		d = row->cell[id].f64 + 0.0; /* -0.0 is 0 */
		memcpy(&key, &d, sizeof(key));
		key = key >> 63 ? ~key : key | UINT64_C(1) << 63;
		break;
	default:
		return 0;
	}
	if (sel->keys[0].descending)
		key = ~key;
	return key == UINT64_MAX ? key - 1 : key;
}

static int row_order(const void *a, const void *b, void *ctx)
{
	const struct sorted *x = a, *y = b;
	const struct mml_select *sel = ctx;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	for (size_t i = 0; i < sel->nkeys; i++) {
		unsigned id = sel->keys[i].column;
		bool has_x = mml_has(x->row, id), has_y = mml_has(y->row, id);
		int order;

		if (has_x != has_y)
			return has_x ? -1 : 1;
		if (!has_x)
			continue;
		order = mml_cell_compare(&sel->schema->columns[id], id, x->row, y->row);
		if (order)
			return sel->keys[i].descending ? -order : order;
	}
	return ORDER(x->place, y->place);
}

long mml_select_rows(const struct mml_select *sel, const struct mml_table *table,
		     const struct mml_row ***ret)
{
	struct sorted *rows = calloc(table->nrows + 1, sizeof(*rows));
	const struct mml_row **out;
	size_t n = 0;

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);

		if (mml_filter_fits(sel->filter, sel->schema, row))
			rows[n++] = (struct sorted){ row, i, sel->nkeys ? first_key(sel, row) : 0 };
	}
	if (sel->nkeys)
		qsort_r(rows, n, sizeof(*rows), row_order, (void *)sel);
	if (sel->limit && n > sel->limit)
		n = sel->limit;
	out = malloc((n + 1) * sizeof(*out));
	for (size_t i = 0; out && i < n; i++)
		out[i] = rows[i].row;
	free(rows);
	*ret = out;
	return out ? (long)n : -ENOMEM;
}
