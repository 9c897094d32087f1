/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "look.h"

#include <math.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#define UNKNOWN_COLUMN() __builtin_trap()
#else
#define UNKNOWN_COLUMN() ((void)0)
#endif

int mml_look_id(const struct mml_schema *schema, const char *name, unsigned types)
{
	int id = mml_schema_find(schema, name, strlen(name));

	if (id >= 0 && types >> schema->columns[id].type & 1)
		return id;
	UNKNOWN_COLUMN();
	return -1;
}

/* Returns the id of the cell, or -1 if there is no such column or ROW has no value in it. */
static int cell(const struct mml_table *table, const struct mml_row *row, const char *name,
		unsigned types)
{
	int id = mml_look_id(table->schema, name, types);

	return id >= 0 && mml_has(row, (unsigned)id) ? id : -1;
}

bool mml_look_u64(const struct mml_table *table, const struct mml_row *row, const char *name,
		  uint64_t *ret)
{
	int id = cell(table, row, name, 1 << MML_U64 | 1 << MML_ADDR);

	if (id >= 0)
		*ret = row->cell[id].u64;
	return id >= 0;
}

bool mml_look_bool(const struct mml_table *table, const struct mml_row *row, const char *name,
		   bool *ret)
{
	int id = cell(table, row, name, 1 << MML_BOOL);

	if (id >= 0)
		*ret = row->cell[id].b;
	return id >= 0;
}

double mml_look_num(const struct mml_table *table, const struct mml_row *row, const char *name)
{
	int id = cell(table, row, name,
		      1 << MML_U64 | 1 << MML_ADDR | 1 << MML_I64 | 1 << MML_F64 | 1 << MML_BOOL);

	if (id < 0)
		return (double)NAN;
	switch (table->schema->columns[id].type) {
	case MML_I64:
		return (double)row->cell[id].i64;
	case MML_F64:
		return row->cell[id].f64;
	case MML_BOOL:
		return row->cell[id].b;
	default:
		return (double)row->cell[id].u64;
	}
}

const char *mml_look_str(const struct mml_table *table, const struct mml_row *row, const char *name)
{
	int id = cell(table, row, name, 1 << MML_STR | 1 << MML_WORD);

	return id < 0 ? NULL : mml_value_str(&table->schema->columns[id], row->cell[id]);
}

int mml_look_word(const struct mml_table *table, const struct mml_row *row, const char *name)
{
	int id = cell(table, row, name, 1 << MML_WORD);

	return id < 0 ? -1 : (int)row->cell[id].u64;
}

const struct mml_row *mml_look_row(const struct mml_table *table, const char *a, const char *va,
				   const char *b, const char *vb)
{
	for (size_t i = 0; table && i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);
		const char *is = mml_look_str(table, row, a);

		if (!is || strcmp(is, va))
			continue;
		is = b ? mml_look_str(table, row, b) : NULL;
		if (!b || (is && !strcmp(is, vb)))
			return row;
	}
	return NULL;
}
