/* The row of sums that --total adds. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "total.h"

/* Whether the list "a,b" has NAME; "*" has them all. */
static bool listed(const char *list, const char *name)
{
	const size_t len = strlen(name);

	if (!list)
		return false;
	for (; *list; list += strcspn(list, ","), list += *list == ',')
		if (*list == '*' || (!strncmp(list, name, len) && (!list[len] || list[len] == ',')))
			return true;
	return false;
}

bool mml_column_sums(const struct mml_schema *schema, unsigned id)
{
	const struct mml_column *col = &schema->columns[id];

	return (col->type == MML_U64 || col->type == MML_I64 || col->type == MML_F64) &&
	       col->kind != MML_KEY && col->kind != MML_LABEL &&
	       (col->unit == MML_BYTES || col->unit == MML_COUNT) && !listed(schema->apart, col->name);
}

bool mml_schema_sums(const struct mml_schema *schema)
{
	for (unsigned id = 0; id < schema->ncolumns; id++)
		if (mml_column_sums(schema, id))
			return true;
	return false;
}

/* Adds one cell. A sum that is too large for its type stays at the end of that. */
static void add_cell(const struct mml_column *col, unsigned id, const struct mml_row *row,
		     struct mml_row *total)
{
	const union mml_value v = row->cell[id], old = total->cell[id];
	union mml_value sum = v;

	if (!mml_has(total, id))
		; /* the first one */
	else if (col->type == MML_F64)
		sum.f64 = old.f64 + v.f64;
	else if (col->type == MML_U64 && __builtin_add_overflow(old.u64, v.u64, &sum.u64))
		sum.u64 = UINT64_MAX;
	else if (col->type == MML_I64 && __builtin_add_overflow(old.i64, v.i64, &sum.i64))
		sum.i64 = v.i64 < 0 ? INT64_MIN : INT64_MAX;
	mml_set(total, id, sum);
	if (mml_at_least(row, id))
		mml_set_at_least(total, id);
}

/* Whether no row is there whole, as where a filter has left the parts only. */
static bool only_parts(const struct mml_row *const *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!rows[i]->part)
			return false;
	return true;
}

/* A cell that could not be read leaves a sum that is a lower bound, unless it may be negative. */
static void sum_column(const struct mml_schema *schema, unsigned id, const struct mml_row *const *rows,
		       size_t n, struct mml_row *total)
{
	const struct mml_column *col = &schema->columns[id];
	const bool parts = only_parts(rows, n);
	bool missing = false;

	for (size_t i = 0; i < n; i++) {
		if (rows[i]->part && !parts)
			continue;
		if (mml_has(rows[i], id))
			add_cell(col, id, rows[i], total);
		else
			missing = true;
	}
	if (missing && mml_has(total, id) && col->type == MML_U64)
		mml_set_at_least(total, id);
}

/* The column shown that says which row it is: the first text that is a key, else the first text. */
static int name_column(const struct mml_select *sel)
{
	int first = -1;

	for (size_t c = 0; c < sel->ncolumns; c++) {
		const struct mml_column *col = &sel->schema->columns[sel->columns[c]];

		if (col->type != MML_STR)
			continue;
		if (col->kind == MML_KEY)
			return (int)sel->columns[c];
		if (first < 0)
			first = (int)sel->columns[c];
	}
	return first;
}

void mml_total(const struct mml_select *sel, const struct mml_row *const *rows, size_t n,
	       struct mml_row *ret)
{
	int name = name_column(sel);

	for (size_t c = 0; c < sel->ncolumns; c++)
		if (mml_column_sums(sel->schema, sel->columns[c]))
			sum_column(sel->schema, sel->columns[c], rows, n, ret);
	if (name >= 0)
		mml_set_str(ret, (unsigned)name, "total");
}
