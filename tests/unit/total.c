/* The row of sums: what is added up, what is not, and what an absent cell makes of a sum. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "../../src/core/select.h"
#include "../tap.h"

#define T_COLUMNS(C, R) \
	C(word,  "WORD",  STR, LABEL,   NONE,    MAIN,  0, "-", "-.") \
	C(name,  "NAME",  STR, KEY,     NONE,    FIRST, 0, "-", "-.") \
	C(id,    "ID",    U64, KEY,     COUNT,   FIRST, 0, "-", "-.") \
	C(size,  "SIZE",  U64, GAUGE,   BYTES,   MAIN,  0, "-", "-.") \
	C(delta, "D",     I64, DERIVED, COUNT,   MAIN,  0, "-", "-.") \
	C(page,  "PAGE",  U64, LABEL,   BYTES,   MAIN,  0, "-", "-.") \
	C(share, "SHARE", F64, DERIVED, PERCENT, MAIN,  0, "-", "-.") \
	C(peak,  "PEAK",  U64, GAUGE,   BYTES,   MAIN,  0, "-", "-.") \
	C(peaks, "PEAKS", U64, GAUGE,   BYTES,   MAIN,  0, "-", "-.") \
	R(rate,  "R/S",   F64, RATE,    BYTES,   MAIN,  size, "-.")

#define MML_TABLE_OF T
#include "../../src/core/columns.h"
static const struct mml_schema schema = { .name = "things", .help = "A thing.",
					  .columns = T_columns, .ncolumns = T_NCOLUMNS,
					  .sort = "-size", .apart = "peak,none" };
static const struct mml_schema none = { .name = "things", .help = "A thing.",
					.columns = T_columns, .ncolumns = T_NCOLUMNS, .apart = "*" };

static struct mml_table *table;
static struct mml_select sel;
static const struct mml_row **rows;

static struct mml_row *add(const char *name, uint64_t size, int64_t delta)
{
	struct mml_row *row = mml_table_add(table);

	mml_set_str(row, T_name, name);
	mml_set_str(row, T_word, "word");
	mml_set_u64(row, T_id, 7);
	mml_set_u64(row, T_size, size);
	mml_set_i64(row, T_delta, delta);
	mml_set_u64(row, T_page, 4096);
	mml_set_f64(row, T_share, 50);
	mml_set_u64(row, T_peak, 5);
	mml_set_u64(row, T_peaks, 5);
	mml_set_f64(row, T_rate, 1.5);
	return row;
}

/* The last row. */
static const struct mml_row *total(void)
{
	long n;

	free(rows);
	rows = NULL;
	n = mml_select_rows(&sel, table, &rows);
	return n > 0 ? rows[n - 1] : NULL;
}

static void what(void)
{
	const struct mml_row *t;

	add("a", 100, 5);
	add("b", 300, -7);
	add("c", 200, 0);
	t = total();
	is_str(t->cell[T_name].str, "a"); /* not asked for: the smallest */
	sel.total = true;
	t = total();
	is_str(t->cell[T_name].str, "total");
	ok(!mml_has(t, T_word)); /* the key says it */
	ok(!mml_has(t, T_id) && !mml_has(t, T_page) && !mml_has(t, T_share) && !mml_has(t, T_peak));
	is_u64(t->cell[T_size].u64, 600);
	is_i64(t->cell[T_delta].i64, -2);
	is_u64(t->cell[T_peaks].u64, 15); /* only peak is apart */
	ok(t->cell[T_rate].f64 == 4.5);
	ok(!mml_at_least(t, T_size));
}

/* Only the rows and columns that are shown. */
static void shown(void)
{
	sel.limit = 2;
	is_u64(total()->cell[T_size].u64, 500);
	sel.limit = 0;
	ok(!mml_select_filter(&sel, "name = a or name = c"));
	is_u64(total()->cell[T_size].u64, 300);
	ok(!mml_select_filter(&sel, "name = z"));
	ok(!total()); /* of nothing there is no sum */
	mml_select_no_filter(&sel);
	ok(!mml_select_columns(&sel, "id,size,word"));
	ok(!mml_has(total(), T_delta));
	is_str(total()->cell[T_word].str, "total"); /* no name is shown */
	mml_select_all_columns(&sel);
}

static void absent(void)
{
	struct mml_row *row = add("d", 50, 0);

	mml_unset(row, T_size);
	mml_unset(row, T_delta);
	is_u64(total()->cell[T_size].u64, 600);
	ok(mml_at_least(total(), T_size));   /* at least that much */
	ok(!mml_at_least(total(), T_delta)); /* it could have been negative */
	mml_set_u64(row, T_size, UINT64_MAX);
	mml_set_at_least(row, T_size);
	is_u64(total()->cell[T_size].u64, UINT64_MAX);
	ok(mml_at_least(total(), T_size));
	mml_table_drop(table);
}

/* What is in other rows as well does not count, unless there is nothing else. */
static void parts(void)
{
	struct mml_row *row = add("e", 1000, 0);

	row->part = true;
	is_u64(total()->cell[T_size].u64, 600);
	ok(!mml_select_filter(&sel, "name = e"));
	is_u64(total()->cell[T_size].u64, 1000);
	mml_select_no_filter(&sel);
}

int main(void)
{
	struct mml_arena *arena = mml_arena_new();

	table = mml_table_new(arena, &schema);
	if (!table)
		return 99;
	mml_select_init(&sel, &schema);
	mml_select_all_columns(&sel);
	what();
	shown();
	absent();
	parts();
	ok(mml_schema_sums(&schema));
	ok(!mml_schema_sums(&none));
	free(rows);
	mml_select_free(&sel);
	mml_arena_free(arena);
	return tap_done();
}
