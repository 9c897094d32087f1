/* Columns, sorting, filters and limits, and what is said about a word that is none of them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/core/sort.h"

#include <errno.h>
#include <stdlib.h>

#include "../tap.h"

static const char *const marks[] = { "poor", "fair", "good", NULL };

#define T_COLUMNS(C, R) \
	C(name, "NAME", STR, KEY, NONE, FIRST, 0, "-", "-.") \
	C(size, "SIZE", U64, GAUGE, BYTES, MAIN, 1, "-", "-.") \
	C(delta, "D", I64, GAUGE, COUNT, MAIN, 0, "-", "-.") \
	C(ratio, "R", F64, GAUGE, RATIO, HIDDEN, 2, "-", "-.") \
	C(addr, "A", ADDR, GAUGE, NONE, HIDDEN, 4, "-", "-.") \
	C(yes, "Y", BOOL, GAUGE, NONE, HIDDEN, 8, "-", "-.") \
	R(rate, "R/S", F64, RATE, BYTES, HIDDEN, size, "-.") \
	C(mark, "M", WORD(marks), GAUGE, NONE, HIDDEN, 0, "-", "-.")

#define MML_TABLE_OF T
#include "../../src/core/columns.h"
static const struct mml_schema schema = { "things", "A thing.", T_columns, T_NCOLUMNS, "-size,name", NULL };

static struct mml_table *table;
static struct mml_select sel;

static void add(const char *name, uint64_t size, int64_t delta, double ratio, bool yes)
{
	struct mml_row *row = mml_table_add(table);

	mml_set_str(row, T_name, name);
	mml_set_u64(row, T_size, size);
	mml_set_i64(row, T_delta, delta);
	mml_set_f64(row, T_ratio, ratio);
	mml_set_u64(row, T_addr, size);
	mml_set_bool(row, T_yes, yes);
}

/* The names of the rows as they are shown. */
static const char *shown(void)
{
	static char names[512];
	const struct mml_row **rows;
	long n = mml_select_rows(&sel, table, &rows);

	*names = '\0';
	for (long i = 0; i < n; i++) {
		strcat(names, i ? " " : "");
		strcat(names, mml_has(rows[i], T_name) ? rows[i]->cell[T_name].str : "-");
	}
	free(rows);
	return names;
}

static const char *columns_shown(void)
{
	static char names[256];

	*names = '\0';
	for (size_t i = 0; i < sel.ncolumns; i++) {
		strcat(names, i ? "," : "");
		strcat(names, T_columns[sel.columns[i]].name);
	}
	return names;
}

static void fresh(void)
{
	mml_select_free(&sel);
	mml_select_init(&sel, &schema);
}

static void picks(void)
{
	fresh();
	is_str(columns_shown(), "name,size,delta");
	ok(!mml_select_columns(&sel, "+ratio,yes"));
	is_str(columns_shown(), "name,size,delta,ratio,yes");
	ok(!mml_select_columns(&sel, " yes , name"));
	is_str(columns_shown(), "yes,name");
	ok(!mml_select_columns(&sel, "+name,+addr"));
	is_str(columns_shown(), "yes,name,addr");
	ok(!mml_select_columns(&sel, "name,name"));
	is_str(columns_shown(), "name");
	mml_select_all_columns(&sel);
	is_str(columns_shown(), "name,size,delta,ratio,addr,yes,rate,mark");
	ok(mml_select_columns(&sel, "sise") == -EINVAL);
	is_str(sel.error, "table things has no column 'sise'; did you mean 'size'?");
	ok(!mml_select_columns(&sel, "Ratio,NAME"));
	is_str(columns_shown(), "ratio,name");
	ok(mml_select_columns(&sel, "name,,size") == -EINVAL);
	ok(mml_select_columns(&sel, "quite_something_else") == -EINVAL);
	is_str(sel.error, "table things has no column 'quite_something_else'; 'mmlens columns things' lists them");
	ok(mml_select_columns(&sel, "") == -EINVAL && *sel.error);
	{
		char longest[2000];

		memset(longest, 'x', sizeof(longest) - 1);
		longest[sizeof(longest) - 1] = '\0';
		ok(mml_select_columns(&sel, longest) == -EINVAL && strlen(sel.error) < 200);
	}
}

static void sorts(void)
{
	fresh();
	is_str(shown(), "huge big2 big10 small zero -"); /* -size, then names by their numbers */
	ok(!mml_select_sort(&sel, "size"));
	is_str(shown(), "zero small big10 big2 huge -"); /* absent last, whichever way */
	ok(!mml_select_sort(&sel, "delta"));
	is_str(shown(), "small big10 zero big2 huge -");
	ok(!mml_select_sort(&sel, "-ratio,-name"));
	is_str(shown(), "huge small zero big10 big2 -");
	ok(!mml_select_sort(&sel, "yes,size"));
	is_str(shown(), "zero small big10 big2 huge -");
	ok(!mml_select_sort(&sel, ""));
	is_str(shown(), "big10 big2 small - zero huge"); /* the kernel's order */
	ok(!mml_select_sort(&sel, "name"));
	is_str(shown(), "big2 big10 huge small zero -");
	ok(mml_select_sort(&sel, "-nme") == -EINVAL);
	is_str(sel.error, "table things has no column 'nme'; did you mean 'name'?");
	ok(mml_select_sort(&sel, "a,b,c") == -EINVAL);
	ok(mml_select_sort(&sel, "name,name,name,name,name,name,name,name,name") == -EINVAL);
	is_str(sel.error, "more than 8 columns to sort by");
	fresh();
	sel.limit = 2;
	is_str(shown(), "huge big2");
	sel.limit = 100;
	is_str(shown(), "huge big2 big10 small zero -");
}

/* What the order is by its definition, one cell after the other. */
static bool in_order(const struct mml_row *a, const struct mml_row *b)
{
	for (size_t i = 0; i < sel.nkeys; i++) {
		unsigned id = sel.keys[i].column;
		int order;

		if (mml_has(a, id) != mml_has(b, id))
			return mml_has(a, id);
		order = mml_has(a, id) ? mml_cell_compare(&T_columns[id], id, a, b) : 0;
		if (order)
			return sel.keys[i].descending ? order > 0 : order < 0;
	}
	return true;
}

static size_t place_of(const struct mml_row *row)
{
	size_t i = 0;

	while (mml_table_row(table, i) != row)
		i++;
	return i;
}

#define EIGHTY "seventy-nine characters and one more, further than keys of a text are looked at "

/* Values at every edge of what a sort key can hold, in all combinations of two columns. */
static void orders(struct mml_arena *arena)
{
	static const char *const names[] = { "",     "a",	"a1",	 "a01",	    "a10",   "a2",
					     "a-b",  "a.b",	"ab",	 "a1b2",    "a1b10", "abcdefgh",
					     "abcdefghi", "abcdefgi", "12345678", "123456789", "\xff",
					     "a0", "a09", "a010", "a00", "a:", "a/", "a9", "a12b",
					     "kmalloc-8", "kmalloc-16", "kmalloc-08", "kmalloc-rcl-96",
					     "kmalloc-rcl-128", "abcdefg1", "abcdefg10", "abcdefg2x",
					     "x99999999", "x100000000", "x200000000", "x1000000000",
					     "\xff\xff\xff\xff\xff\xff\xff\xff", "\xff\xff\xff\xff\xff\xff\xff\xff\xff",
					     EIGHTY "a2", EIGHTY "a10", EIGHTY, EIGHTY "b" };
	static const uint64_t sizes[] = { 0, 1, 2, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX - 1,
					  UINT64_MAX };
	static const double ratios[] = { -1e300, -1, -0.0, 0, 1e-300, 1, 1e300 };
	static const char *const sorts_by[] = { "name", "-name", "size,name", "-size,-name", "-size,name",
						"delta,-size", "-delta,name", "ratio,size", "-ratio,-name",
						"yes,-size", "-yes,name,size", "addr,ratio", "name,-ratio" };
	struct mml_table *few = table;
	size_t n = 0;

	table = mml_table_new(arena, &schema);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++, n++) {
			add(names[i], sizes[k], (int64_t)(sizes[k] - i), ratios[(k + i) % 7], n % 3);
			if (n % 5 == 4)
				mml_unset(mml_table_row(table, n), (unsigned)(n / 5 % T_NCOLUMNS));
		}
	for (size_t i = 0; i < sizeof(sorts_by) / sizeof(*sorts_by); i++) {
		const struct mml_row **rows;
		long got, wrong = 0;

		fresh();
		mml_select_sort(&sel, sorts_by[i]);
		got = mml_select_rows(&sel, table, &rows);
		for (long k = 1; k < got; k++) {
			wrong += !in_order(rows[k - 1], rows[k]);
			wrong += in_order(rows[k], rows[k - 1]) &&
				 place_of(rows[k - 1]) > place_of(rows[k]);
		}
		tap_ok(got == (long)n && !wrong, "order by %s", sorts_by[i]);
		free(rows);
	}
	table = few;
}

/* What fits EXPR, in the kernel's order; or the error. */
static const char *fits(const char *expr)
{
	static char error[512];
	int rc;

	fresh();
	mml_select_sort(&sel, "");
	rc = mml_select_filter(&sel, expr);
	snprintf(error, sizeof(error), "%d %s", rc, sel.error);
	return rc ? error : shown();
}

static void filters(void)
{
	is_str(fits("size > 1K"), "big10 big2 huge");
	is_str(fits("size>=4K"), "big10 big2 huge");
	is_str(fits("size = 4096"), "big10 big2");
	is_str(fits("size == 0x1000"), "big10 big2");
	is_str(fits("size != 4K"), "small zero huge"); /* an absent cell fits no comparison */
	is_str(fits("not size = 4K"), "small - zero huge");
	is_str(fits("size = 18446744073709551615"), "huge");
	is_str(fits("delta < 0"), "big10 small");
	is_str(fits("delta <= -2"), "big10 small");
	is_str(fits("ratio > 49%"), "huge");
	is_str(fits("ratio = 0.25"), "small");
	is_str(fits("yes = true and size < 1M"), "big10 big2");
	is_str(fits("yes=no or yes=yes"), "big10 big2 small zero huge");
	is_str(fits("addr = 1000"), "big10 big2"); /* addresses are hexadecimal */
	is_str(fits("name ~ ^big"), "big10 big2");
	is_str(fits("name !~ 'b.*g'"), "small zero huge");
	is_str(fits("name =~ '^(big2|zero)$'"), "big2 zero");
	is_str(fits("name = big2 or name = zero and size > 0"), "big2"); /* and binds tighter */
	is_str(fits("(name = big2 or name = zero) and size = 0"), "zero");
	is_str(fits("not (name = big2 or name ~ ^z)"), "big10 small - huge");
	is_str(fits("name=\"big2\""), "big2");
	is_str(fits("name = ''"), "");
	is_str(fits("name < c"), "big10 big2");
	fresh();
	ok(!mml_select_filter(&sel, "size >= 4K") && !mml_select_filter(&sel, "delta < 0"));
	is_str(shown(), "big10");
	mml_select_no_filter(&sel);
	is_str(shown(), "huge big2 big10 small zero -");
}

#define REFUSED(expr, words) \
	tap_ok(mml_select_filter((fresh(), &sel), expr) == -EINVAL && strstr(sel.error, words), \
	       "%s: %s", expr, sel.error)

static void refusals(void)
{
	char deep[400];

	REFUSED("sice > 1", "'sice'; did you mean 'size'?");
	REFUSED("", "a column is missing at the end");
	REFUSED("size", "an operator");
	REFUSED("size >", "a value is missing at the end");
	REFUSED("size > 1 and", "a column is missing at the end");
	REFUSED("size > 1 name = x", "'and' or 'or' is missing before 'name = x'");
	REFUSED("(size > 1", "')' is missing");
	REFUSED("size > 1)", "missing before ')'");
	REFUSED("size > many", "'many' is not a value for column 'size'");
	REFUSED("size > -1", "'-1' is not a value");
	REFUSED("delta = 1.5", "'1.5' is not a value");
	REFUSED("yes = maybe", "'maybe' is not a value");
	REFUSED("size ~ 1", "'size' is not text");
	REFUSED("name ~ '('", "regular expression");
	REFUSED("name = 'x", "quote");
	REFUSED("> 1", "a column is missing");
	memset(deep, '(', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	REFUSED(deep, "too deeply nested");
	for (size_t i = 0; i + 4 < sizeof(deep); i += 4)
		memcpy(deep + i, "not ", 5);
	REFUSED(deep, "too deeply nested");
}

/* A chain of thousands of terms is no deep nesting, and is let go of without trouble. */
static void chain(void)
{
	size_t n = 20000;
	char *expr = malloc(n * 10 + 10), *p = expr;

	p += sprintf(p, "size = 4K");
	for (size_t i = 0; i < n; i++)
		p += sprintf(p, " or size=7");
	is_str(fits(expr), "big10 big2");
	free(expr);
}

/* Words are compared by their place in the column's list, not by their letters. */
static void words(void)
{
	unsigned place[] = { 2, 0, 1, 9, 2, 1 }; /* of big10, big2, small, the empty row, zero, huge */

	for (size_t i = 0; i < table->nrows; i++)
		if (place[i] < 9)
			mml_set_word(mml_table_row(table, i), T_mark, place[i]);
	is_str(fits("mark >= fair"), "big10 small zero huge");
	is_str(fits("mark > fair"), "big10 zero");
	is_str(fits("mark < good"), "big2 small huge");
	is_str(fits("mark = FAIR"), "small huge");
	is_str(fits("mark != poor"), "big10 small zero huge");
	is_str(fits("mark ~ '^[pf]'"), "big2 small huge");
	fresh();
	ok(!mml_select_sort(&sel, "-mark,name"));
	is_str(shown(), "big10 zero huge small big2 -");
	ok(!mml_select_sort(&sel, "mark,-name"));
	is_str(shown(), "big2 small huge zero big10 -");
	REFUSED("mark = fiar", "'fiar' is no value of column 'mark'; did you mean 'fair'?");
	REFUSED("mark >= excellent",
		"'excellent' is no value of column 'mark'; there are: poor, fair, good");
	for (size_t i = 0; i < table->nrows; i++)
		mml_unset(mml_table_row(table, i), T_mark);
}

static void needs(void)
{
	fresh();
	is_u64(mml_select_needs(&sel), 1);
	mml_select_columns(&sel, "name");
	mml_select_sort(&sel, "name");
	is_u64(mml_select_needs(&sel), 0);
	mml_select_columns(&sel, "rate"); /* the change of size takes size */
	is_u64(mml_select_needs(&sel), 1);
	mml_select_columns(&sel, "name");
	mml_select_sort(&sel, "-ratio");
	is_u64(mml_select_needs(&sel), 2);
	ok(!mml_select_filter(&sel, "not (addr = 1 or yes = 1)"));
	is_u64(mml_select_needs(&sel), 14);
}

static const char *word(size_t i, const void *ctx)
{
	static const char *const words[] = { "slab", "zones", "zonestats", "buddy", "meminfo" };

	(void)ctx;
	return words[i];
}

static const char *nearest(const char *s)
{
	const char *near = mml_nearest(s, strlen(s), word, 5, NULL);

	return near ? near : "none";
}

static void near_matches(void)
{
	is_str(nearest("slba"), "slab");
	is_str(nearest("slabs"), "slab");
	is_str(nearest("SLAB"), "slab");
	is_str(nearest("zone"), "zones");
	is_str(nearest("memifno"), "meminfo");
	is_str(nearest("mem"), "meminfo"); /* its beginning */
	is_str(nearest("zonesta"), "zonestats");
	is_str(nearest("xyz"), "none");
	is_str(nearest(""), "none");
	is_str(nearest("a"), "none");
	is_str(nearest("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), "none");
}

int main(void)
{
	struct mml_arena *arena = mml_arena_new();

	table = mml_table_new(arena, &schema);
	mml_select_init(&sel, &schema);
	add("big10", 4096, -2, 0.0, true);
	add("big2", 4096, 7, -0.0, true);
	add("small", 5, INT64_MIN, 0.25, false);
	mml_table_add(table);
	add("zero", 0, 0, 0.125, false);
	add("huge", UINT64_MAX, INT64_MAX, 0.5, true);
	picks();
	sorts();
	orders(arena);
	filters();
	refusals();
	chain();
	words();
	needs();
	near_matches();
	mml_select_free(&sel);
	mml_arena_free(arena);
	return tap_done();
}
