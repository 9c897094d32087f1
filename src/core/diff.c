/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diff.h"

#include <errno.h>
#include <stdlib.h>

#include "sampler.h"

enum { DIFF_IS, DIFF_MOVED, DIFF_FIRST };

/* A column of the table that is compared, and its own columns: the value, what it was, the change. */
struct compared {
	unsigned from;
	unsigned to;
	bool measured; /* the next two columns are there */
};

struct diff {
	struct mml_arena *arena;
	const struct mml_table *a, *b;
	const struct mml_diff_how *how;
	struct mml_schema *schema;
	struct mml_column *columns;
	struct compared *compared;
	size_t n, ncompared, main; /* MAIN: what "moved" is of; ncompared: there is none */
	struct mml_table *table;
	bool counters; /* some were not compared */
	bool cut;      /* there was no room for all columns */
};

/* Numbers are measured, other than those that only name or describe. */
static bool is_number(const struct mml_column *col)
{
	return col->kind != MML_KEY && col->kind != MML_LABEL && (col->type == MML_U64 || col->type == MML_I64 ||
					col->type == MML_F64);
}

static bool add_column(struct diff *d, const struct mml_column *col, const char *suffix,
		       const char *head)
{
	struct mml_column *to = &d->columns[d->n];

	*to = *col;
	to->of = -1;
	to->name = *suffix ? mml_arena_printf(d->arena, "%s%s", col->name, suffix) : col->name;
	to->head = *head ? mml_arena_printf(d->arena, "%s%s", head, col->head) : col->head;
	d->n++;
	return to->name && to->head;
}

/* Adds the columns that stand for column FROM. */
static bool compare(struct diff *d, unsigned from)
{
	const struct mml_column *col = &d->b->schema->columns[from];
	bool measured = is_number(col);
	struct mml_column *to;

	if (col->of >= 0)
		return true;
	if (d->n + (measured ? 3 : 1) > MML_MAX_COLUMNS) {
		d->cut = true;
		return true;
	}
	d->compared[d->ncompared++] = (struct compared){ from, (unsigned)d->n, measured };
	if (!add_column(d, col, "", ""))
		return false;
	/* A text that changed is none of its words. */
	to = &d->columns[d->n - 1];
	if (to->type == MML_WORD && to->kind != MML_KEY)
		to->type = MML_STR;
	if (!measured)
		return true;
	if (!add_column(d, col, "_before", "<") ||
	    !add_column(d, col, "_change", d->how->ascii ? "+" : "\u0394"))
		return false;
	d->columns[d->n - 2].rank = MML_HIDDEN;
	to = &d->columns[d->n - 1];
	to->kind = MML_GROWTH;
	to->type = col->type == MML_F64 ? MML_F64 : MML_I64;
	if (d->main == SIZE_MAX || (col->unit == MML_BYTES &&
				    d->columns[d->compared[d->main].to].unit != MML_BYTES))
		d->main = d->ncompared - 1;
	return true;
}

static bool is_shown(const unsigned *columns, size_t n, unsigned col)
{
	for (size_t i = 0; i < n; i++)
		if (columns[i] == col)
			return true;
	return false;
}

static int make_schema(struct diff *d, const unsigned *columns, size_t n)
{
	static const struct mml_column own[] = {
		[DIFF_IS] = { .name = "is", .head = "", .source = "mmlens", .type = MML_STR,
			      .help = "= same, ~ changed, + new, - gone.", .kind = MML_LABEL,
			      .rank = MML_FIRST, .of = -1 },
		[DIFF_MOVED] = { .name = "moved", .head = "MOVED", .source = "mmlens",
				 .help = "By how much the first size of the row changed.",
				 .type = MML_F64, .kind = MML_DERIVED, .rank = MML_HIDDEN, .of = -1 },
	};
	const struct mml_schema *from = d->b->schema;
	bool ok = true;

	d->schema = mml_arena_alloc(d->arena, sizeof(*d->schema));
	d->columns = mml_arena_alloc(d->arena, MML_MAX_COLUMNS * sizeof(*d->columns));
	d->compared = mml_arena_alloc(d->arena, MML_MAX_COLUMNS * sizeof(*d->compared));
	if (!d->schema || !d->columns || !d->compared)
		return -ENOMEM;
	memcpy(d->columns, own, sizeof(own));
	d->n = DIFF_FIRST;
	d->main = SIZE_MAX;
	for (unsigned i = 0; i < from->ncolumns && ok; i++)
		if (from->columns[i].kind == MML_KEY && !is_shown(columns, n, i))
			ok = compare(d, i) && (d->columns[d->n - 1].rank = MML_HIDDEN, true);
	for (size_t i = 0; i < n && ok; i++) {
		size_t before = d->n;

		ok = compare(d, columns[i]);
		/* What was asked for is shown. */
		if (ok && d->n > before && d->columns[before].rank == MML_HIDDEN)
			d->columns[before].rank = MML_MAIN;
		if (ok && d->n > before + 1 && d->columns[before + 2].rank == MML_HIDDEN)
			d->columns[before + 2].rank = MML_MAIN;
	}
	if (d->main != SIZE_MAX)
		d->columns[DIFF_MOVED].unit = d->columns[d->compared[d->main].to].unit;
	*d->schema = (struct mml_schema){ .name = from->name,
					  .help = from->help,
					  .columns = d->columns,
					  .ncolumns = d->n,
					  .sort = "-moved" };
	return ok ? 0 : -ENOMEM;
}

/* Returns whether the numbers of column COL can be set against each other: a counter begins anew with
 * a boot. */
static bool comparable(struct diff *d, const struct mml_column *col, const struct mml_row *row)
{
	if (col->kind != MML_COUNTER || row->levels || d->how->boots == MML_BOOTS_SAME)
		return true;
	d->counters = true;
	return false;
}

/* Sets RET to the change from A to B, exactly if it is of whole numbers. Returns false if there is
 * none. */
static bool change(struct diff *d, const struct compared *c, const struct mml_row *a,
		   const struct mml_row *b, union mml_value *ret)
{
	const struct mml_column *col = &d->b->schema->columns[c->from];
	double rough;

	/* A counter that fell as time went on is no change that can be told. */
	if (!comparable(d, col, b) ||
	    !(d->how->backwards ? mml_cell_change(col, c->from, a, b, &rough) :
				  mml_cell_change(col, c->from, b, a, &rough)))
		return false;
	if (col->type == MML_F64)
		ret->f64 = b->cell[c->from].f64 - a->cell[c->from].f64;
	else
		ret->u64 = b->cell[c->from].u64 - a->cell[c->from].u64;
	return true;
}

static bool same_value(const struct mml_column *col, union mml_value a, union mml_value b)
{
	if (mml_column_is_text(col))
		return !strcmp(mml_value_str(col, a), mml_value_str(col, b));
	if (col->type == MML_F64)
		return a.f64 == b.f64;
	return col->type == MML_BOOL ? a.b == b.b : a.u64 == b.u64;
}

/* Puts the text of a cell that is not measured, or both texts. */
static int put_text(struct diff *d, const struct compared *c, const struct mml_row *a,
		    const struct mml_row *b, struct mml_row *row)
{
	const struct mml_column *col = &d->b->schema->columns[c->from];
	const char *was = a && mml_has(a, c->from) ? mml_value_str(col, a->cell[c->from]) : NULL;
	const char *is = b && mml_has(b, c->from) ? mml_value_str(col, b->cell[c->from]) : NULL;
	const char *both = is ? is : was;

	if (a && b && (was || is) && (!was || !is || strcmp(was, is) != 0))
		both = mml_arena_printf(d->arena, "%s -> %s", was ? was : "-", is ? is : "-");
	if ((was || is) && !both)
		return -ENOMEM;
	mml_set_str(row, c->to, both);
	return 0;
}

/* Fills the cells of one column. Returns -ENOMEM, 0, or 1 if they differ. */
static int put_cells(struct diff *d, const struct compared *c, const struct mml_row *a,
		     const struct mml_row *b, struct mml_row *row)
{
	const struct mml_column *col = &d->b->schema->columns[c->from];
	const struct mml_row *now = b ? b : a;
	bool had = a && mml_has(a, c->from), has = b && mml_has(b, c->from);
	union mml_value by;

	if (mml_column_is_text(col) && col->kind != MML_KEY) {
		if (put_text(d, c, a, b, row))
			return -ENOMEM;
	} else if (c->measured ? has : mml_has(now, c->from)) {
		mml_set(row, c->to, now->cell[c->from]);
		if (mml_at_least(now, c->from))
			mml_set_at_least(row, c->to);
	}
	if (c->measured && had)
		mml_set(row, c->to + 1, a->cell[c->from]);
	if (c->measured && a && b && change(d, c, a, b, &by))
		mml_set(row, c->to + 2, by);
	if (!a || !b)
		return 0;
	return had != has || (has && !same_value(col, a->cell[c->from], b->cell[c->from]));
}

static double as_number(const struct mml_column *col, union mml_value v)
{
	return col->type == MML_F64 ? v.f64 : col->type == MML_I64 ? (double)v.i64 : (double)v.u64;
}

/* What is new or gone moved by all of it. */
static void set_moved(struct diff *d, struct mml_row *row, bool whole)
{
	const struct mml_column *cols = d->columns;
	unsigned at;
	double by;

	if (d->main == SIZE_MAX)
		return;
	at = d->compared[d->main].to;
	if (whole && mml_has(row, at))
		by = as_number(&cols[at], row->cell[at]);
	else if (whole && mml_has(row, at + 1))
		by = as_number(&cols[at + 1], row->cell[at + 1]);
	else if (!whole && mml_has(row, at + 2))
		by = as_number(&cols[at + 2], row->cell[at + 2]);
	else
		return;
	mml_set_f64(row, DIFF_MOVED, by < 0 ? -by : by);
}

static int add_row(struct diff *d, const struct mml_row *a, const struct mml_row *b)
{
	struct mml_row *row = mml_table_add(d->table);
	int differs = 0;

	if (!row)
		return -ENOMEM;
	for (size_t i = 0; i < d->ncompared; i++) {
		int rc = put_cells(d, &d->compared[i], a, b, row);

		if (rc < 0)
			return rc;
		differs |= rc;
	}
	mml_set_str(row, DIFF_IS, !a ? "+" : !b ? "-" : differs ? "~" : "=");
	set_moved(d, row, !a || !b);
	if (a && b && !differs && !d->how->all)
		mml_table_drop(d->table);
	return 0;
}

static int add_rows(struct diff *d)
{
	const struct mml_row **before = mml_table_match(d->arena, d->b, d->a);
	const struct mml_row **after = mml_table_match(d->arena, d->a, d->b);
	int rc = before && after ? 0 : -ENOMEM;

	for (size_t i = 0; i < d->b->nrows && !rc; i++)
		rc = add_row(d, before[i], mml_table_row(d->b, i));
	for (size_t i = 0; i < d->a->nrows && !rc; i++)
		if (!after[i])
			rc = add_row(d, mml_table_row(d->a, i), NULL);
	return rc;
}

/* Passes on why A or B is not whole. */
static void explain(struct diff *d, const struct mml_table *from, const char *which)
{
	if (from->error)
		mml_table_fail(d->table, from->error, from->absence.needs, "%s: %s", which,
			       from->absence.reason);
	for (size_t i = 0; i < d->ncompared && from->columns; i++) {
		const struct mml_absence *why = &from->columns[d->compared[i].from];

		if (why->reason)
			mml_table_why(d->table, d->compared[i].to,
				      mml_arena_printf(d->arena, "%s: %s", which, why->reason),
				      why->needs);
	}
}

int mml_diff(struct mml_arena *arena, const struct mml_table *a, const struct mml_table *b,
	     const unsigned *columns, size_t n, const struct mml_diff_how *how,
	     struct mml_table **ret)
{
	struct diff d = { .arena = arena, .a = a, .b = b, .how = how };
	int rc = make_schema(&d, columns, n);

	d.table = rc ? NULL : mml_table_new(arena, d.schema);
	if (!d.table)
		return -ENOMEM;
	explain(&d, a, "A");
	explain(&d, b, "B");
	/* Without one of them all rows would seem to be new, or gone. */
	if (!(a->error && !a->nrows) && !(b->error && !b->nrows))
		rc = add_rows(&d);
	if (d.counters)
		mml_table_note(d.table, how->boots == MML_BOOTS_OTHER ?
						"counters are not compared: A and B are of different boots" :
						"counters are not compared: who knows whether A and B are of one boot");
	if (d.cut)
		mml_table_note(d.table, "these are too many columns to be compared at once: the last ones are left out");
	*ret = d.table;
	return rc;
}
