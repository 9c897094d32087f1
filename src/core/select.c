/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "select.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"
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

#define ORDER(a, b) ((a) < (b) ? -1 : (a) > (b))

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Numbers in names by their value; most names differ where there is none. */
static int text_order(const char *a, const char *b)
{
	size_t i = 0;

	while (a[i] == b[i] && a[i])
		i++;
	if ((digit(a[i]) && digit(b[i])) || (i && digit(a[i - 1])))
		return strverscmp(a, b);
	return (unsigned char)a[i] - (unsigned char)b[i];
}

int mml_cell_compare(const struct mml_column *col, unsigned id, const struct mml_row *a,
		     const struct mml_row *b)
{
	const union mml_value *x = &a->cell[id], *y = &b->cell[id];

	switch (col->type) {
	case MML_STR:
		return text_order(x->str, y->str);
	case MML_U64:
	case MML_ADDR:
	case MML_WORD:
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

/* A row, and a cell of it as a number that orders alike. */
struct sorted {
	uint64_t key;
	const struct mml_row *row;
};

/* Of equal keys: the cells are equal, or differ further on, or only cells_order() can tell. */
enum clear { SETTLED, MORE, UNCLEAR };

/* Texts are compared this many characters at a time, and not for ever. */
enum { STEP = sizeof(uint64_t), FARTHEST = 8 * STEP };

static bool no_digit(uint64_t w)
{
	w ^= MML_EACH('0');
	return !(~(((w & MML_EACH(0x7f)) + MML_EACH(0x80 - 10)) | w) & MML_EACH(0x80));
}

/* Those of S from SKIP on, as text_order() sees them: in front of a number stands how long it is, and
 * a 0 or a 9 alone stands for all that begin with 0 or are longer than eight digits. */
static enum clear text_key(const char *s, size_t skip, uint64_t *ret)
{
	size_t end = skip + STEP, at = 0, digits = 0;

	/* Mostly they are as they stand. */
	for (; strnlen(s, STEP) == STEP && no_digit(mml_load8(s)); s += STEP, at += STEP)
		if (at == skip) {
			*ret = __builtin_bswap64(mml_load8(s));
			return MORE;
		}
	*ret = 0;
	while (*s && at < end) {
		unsigned char c = (unsigned char)*s;
		bool all = false;

		if (!digit(*s)) {
			s++;
		} else if (digits) {
			digits--;
			s++;
		} else {
			while (digit(s[digits]) && digits < 9)
				digits++;
			all = *s == '0' || digits == 9;
			c = *s == '0' ? '0' : (unsigned char)('0' + digits);
		}
		if (at >= skip)
			*ret |= (uint64_t)c << 8 * (end - 1 - at);
		at++;
		if (all)
			return UNCLEAR;
	}
	return at < end ? SETTLED : MORE;
}

/* Cell I of those sorted by, if a text from SKIP on; absent ones come last whichever way. */
static enum clear sort_key(const struct mml_select *sel, size_t i, size_t skip,
			   const struct mml_row *row, uint64_t *ret)
{
	const uint64_t half = UINT64_C(1) << 63, largest = UINT64_MAX - 1;
	unsigned id = sel->keys[i].column;
	enum clear clear = SETTLED;
	uint64_t key = 0;
	double d;

	*ret = UINT64_MAX;
	if (!mml_has(row, id))
		return SETTLED;
	switch (sel->schema->columns[id].type) {
	case MML_U64:
	case MML_ADDR:
	case MML_WORD:
		key = row->cell[id].u64;
		break;
	case MML_I64:
		key = (uint64_t)row->cell[id].i64 ^ half;
		break;
	case MML_F64:
		d = row->cell[id].f64 + 0.0; /* -0.0 is 0 */
		memcpy(&key, &d, sizeof(key));
		key = key & half ? ~key : key | half;
		break;
	case MML_STR:
		clear = text_key(row->cell[id].str, skip, &key);
		break;
	case MML_BOOL:
		key = row->cell[id].b;
		break;
	}
	if (key >= largest) {
		key = largest;
		clear = UNCLEAR;
	}
	*ret = sel->keys[i].descending ? largest - key : key;
	return clear;
}

static int cells_order(const struct mml_select *sel, const struct mml_row *x,
		       const struct mml_row *y)
{
	for (size_t i = 0; i < sel->nkeys; i++) {
		unsigned id = sel->keys[i].column;
		bool has_x = mml_has(x, id), has_y = mml_has(y, id);
		int order;

		if (has_x != has_y)
			return has_x ? -1 : 1;
		if (!has_x)
			continue;
		order = mml_cell_compare(&sel->schema->columns[id], id, x, y);
		if (order)
			return sel->keys[i].descending ? -order : order;
	}
	return 0;
}

static int unclear_order(const void *a, const void *b, void *sel)
{
	const struct sorted *x = a, *y = b;
	int order = cells_order(sel, x->row, y->row);

	return order ? order : ORDER(x->key, y->key);
}

/* Rows of the same key by cells_order(); those that are alike keep their order. */
static void sort_unclear(const struct mml_select *sel, struct sorted *rows, size_t n)
{
	for (size_t k = 0; k < n; k++)
		rows[k].key = k;
	qsort_r(rows, n, sizeof(*rows), unclear_order, (void *)sel);
}

static void sort_few(struct sorted *rows, size_t n)
{
	for (size_t k = 1; k < n; k++) {
		struct sorted row = rows[k];
		size_t at = k;

		for (; at && row.key < rows[at - 1].key; at--)
			rows[at] = rows[at - 1];
		rows[at] = row;
	}
}

/* A byte of the key at a time from the lowest, of those in which keys DIFFER: there is no branch to be
 * guessed. */
static void sort_many(struct sorted *rows, size_t n, struct sorted *spare, uint64_t differ)
{
	struct sorted *from = rows, *to = spare;

	for (unsigned shift = 0; shift < 64; shift += 8) {
		size_t places[256] = { 0 }, place = 0;

		if (!(differ >> shift & 255))
			continue;
		for (size_t k = 0; k < n; k++)
			places[from[k].key >> shift & 255]++;
		for (size_t i = 0; i < 256; i++) {
			size_t next = place + places[i];

			places[i] = place;
			place = next;
		}
		for (size_t k = 0; k < n; k++)
			to[places[from[k].key >> shift & 255]++] = from[k];
		to = from;
		from = from == rows ? spare : rows;
	}
	if (from != rows)
		memcpy(rows, from, n * sizeof(*rows));
}

/* By key; rows of the same keep their order. SPARE has room for as many. */
static void sort_by_key(struct sorted *rows, size_t n, struct sorted *spare)
{
	enum { FEW = 24 };
	uint64_t differ = 0;
	bool ordered = true;

	for (size_t k = 1; k < n; k++) {
		differ |= rows[k].key ^ rows[0].key;
		ordered &= rows[k - 1].key <= rows[k].key;
	}
	if (!ordered && n <= FEW)
		sort_few(rows, n);
	else if (!ordered)
		sort_many(rows, n, spare, differ);
}

/* N rows that are alike before cell I of those sorted by, and in SKIP characters of it. */
static void sort_rows(const struct mml_select *sel, struct sorted *rows, size_t n,
		      struct sorted *spare, size_t i, size_t skip)
{
	for (size_t k = 0; k < n; k++)
		sort_key(sel, i, skip, rows[k].row, &rows[k].key);
	sort_by_key(rows, n, spare);
	for (size_t first = 0, last = 1; first < n; first = last++) {
		struct sorted *same = &rows[first];
		enum clear clear;

		while (last < n && rows[last].key == same->key)
			last++;
		if (last - first == 1)
			continue;
		clear = sort_key(sel, i, skip, same->row, &same->key);
		if (clear == SETTLED && i + 1 < sel->nkeys)
			sort_rows(sel, same, last - first, spare, i + 1, 0);
		else if (clear == MORE && skip + STEP < FARTHEST)
			sort_rows(sel, same, last - first, spare, i, skip + STEP);
		else if (clear != SETTLED)
			sort_unclear(sel, same, last - first);
	}
}

long mml_select_rows(const struct mml_select *sel, const struct mml_table *table,
		     const struct mml_row ***ret)
{
	struct sorted *rows = mml_malloc((2 * table->nrows + 1) * sizeof(*rows));
	const struct mml_row **out;
	size_t n = 0;

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);

		if (mml_filter_fits(sel->filter, sel->schema, row))
			rows[n++].row = row;
	}
	if (sel->nkeys)
		sort_rows(sel, rows, n, rows + table->nrows, 0, 0);
	if (sel->limit && n > sel->limit)
		n = sel->limit;
	out = mml_malloc((n + 1) * sizeof(*out));
	for (size_t i = 0; out && i < n; i++)
		out[i] = rows[i].row;
	free(rows);
	*ret = out;
	return out ? (long)n : -ENOMEM;
}
