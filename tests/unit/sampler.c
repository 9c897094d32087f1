/* Rates, growth and what has none; and what they stand on: rows, tables, the arena. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/core/sampler.h"

#include <errno.h>
#include <stdlib.h>

#include "../tap.h"

#define T_COLUMNS(C, R) \
	C(name, "N", STR, KEY, NONE, FIRST, 0, "-", "-.") \
	C(id, "I", U64, KEY, NONE, FIRST, 0, "-", "-.") \
	C(count, "C", U64, COUNTER, COUNT, MAIN, 0, "-", "-.") \
	C(level, "L", U64, GAUGE, BYTES, MAIN, 0, "-", "-.") \
	C(signed, "S", I64, GAUGE, COUNT, MAIN, 0, "-", "-.") \
	C(time, "T", U64, COUNTER, NSEC, MAIN, 0, "-", "-.") \
	R(rate, "R", F64, RATE, COUNT, MAIN, count, "-.") \
	R(growth, "G", I64, GROWTH, BYTES, MAIN, level, "-.") \
	R(srate, "SR", F64, RATE, COUNT, MAIN, signed, "-.") \
	R(busy, "B", F64, RATE, PERCENT, MAIN, time, "-.") \
	R(lrate, "LR", F64, RATE, BYTES, MAIN, level, "-.")

#define MML_TABLE_OF T
#include "../../src/core/columns.h"
#include "../../src/source/source.h"

/* What the next sample has. */
struct thing {
	const char *name;
	uint64_t id, count, level;
	int64_t sign;
	bool levels, capped, absent;
};
static struct thing things[8];
static size_t nthings;

static int collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	(void)take;
	(void)query;
	for (size_t i = 0; i < nthings; i++) {
		const struct thing *t = &things[i];
		struct mml_row *row = mml_table_add(ret);

		mml_set_str(row, T_name, t->name);
		if (t->id)
			mml_set_u64(row, T_id, t->id);
		row->levels = t->levels;
		if (!t->absent)
			mml_set_u64(row, T_count, t->count);
		if (t->capped)
			mml_set_at_least(row, T_count);
		mml_set_u64(row, T_level, t->level);
		mml_set_i64(row, T_signed, t->sign);
		mml_set_u64(row, T_time, t->count);
	}
	return 0;
}

static const struct mml_collector collector = {
	.schema = { "things", "A thing.", T_columns, T_NCOLUMNS, NULL },
	.collect = collect,
};

static struct mml_sampler *sampler;
static struct mml_snapshot *snap;

static const struct mml_table *sample(void)
{
	struct mml_query query = { .collector = &collector, .reading.cancel_fd = -1 };

	mml_snapshot_put(snap);
	snap = NULL;
	if (mml_sampler_take(sampler, &query, 1, &snap))
		exit(99);
	return snap->tables[0];
}

static bool rate_is(const struct mml_table *table, size_t row, unsigned col, double change)
{
	const struct mml_row *r = mml_table_row(table, row);
	double want = change * (col == T_busy ? 100 : 1e9) / (double)snap->interval_ns;

	return mml_has(r, col) && r->cell[col].f64 >= want - 1e-6 - want * 1e-9 * (want > 0) &&
	       r->cell[col].f64 <= want + 1e-6 + want * 1e-9 * (want > 0);
}

static bool none(const struct mml_table *table, size_t row)
{
	const struct mml_row *r = mml_table_row(table, row);

	return !mml_has(r, T_rate) && !mml_has(r, T_growth) && !mml_has(r, T_srate);
}

static void set(size_t i, struct thing t)
{
	things[i] = t;
	nthings = i + 1;
}

static void rates(struct mml_root *root)
{
	const struct mml_table *t;

	sampler = mml_sampler_new(root);
	set(0, (struct thing){ "a", 1, 100, 5000, -5, false, false, false });
	set(1, (struct thing){ "b", 1, 100, 0, 0, false, false, false });
	set(2, (struct thing){ "gauge", 0, 50, 10, INT64_MIN, true, false, false });
	set(3, (struct thing){ "max", 1, 0, 0, INT64_MIN, false, false, false });
	t = sample();
	ok(none(t, 0) && none(t, 3) && !snap->interval_ns); /* one sample has no rates */
	things[0].count = 160;
	things[0].level = 4000; /* levels fall */
	things[0].sign = -15;
	things[1].count = 99; /* a counter that went back */
	things[2].count = 20; /* a level among the counters */
	things[3] = (struct thing){ "max", 1, UINT64_MAX, UINT64_MAX, INT64_MAX, false, false, false };
	set(4, (struct thing){ "new", 1, 7, 7, 7, false, false, false });
	t = sample();
	ok(snap->interval_ns > 0);
	ok(rate_is(t, 0, T_rate, 60));
	ok(rate_is(t, 0, T_srate, -10));
	ok(rate_is(t, 0, T_busy, 60));
	ok(rate_is(t, 0, T_lrate, -1000));
	ok(mml_has(mml_table_row(t, 0), T_growth) && mml_table_row(t, 0)->cell[T_growth].i64 == -1000);
	ok(!mml_has(mml_table_row(t, 1), T_rate));
	ok(rate_is(t, 2, T_rate, -30));
	ok(rate_is(t, 3, T_rate, 18446744073709551615.0));
	ok(!mml_has(mml_table_row(t, 3), T_growth)); /* no such signed number */
	ok(rate_is(t, 3, T_srate, 18446744073709551615.0));
	ok(none(t, 4));
	/* Gone and come again is new; the other key counts too; a bound has no rate. */
	set(0, (struct thing){ "a", 2, 500, 5000, 0, false, false, false });
	set(1, (struct thing){ "b", 1, 200, 0, 0, false, true, false });
	set(2, (struct thing){ "gauge", 0, 90, 10, 0, true, false, true });
	t = sample();
	ok(none(t, 0));
	ok(!mml_has(mml_table_row(t, 1), T_rate) && mml_has(mml_table_row(t, 1), T_growth));
	ok(!mml_has(mml_table_row(t, 2), T_rate));
	things[1].capped = false;
	things[1].count = 300;
	ok(!mml_has(mml_table_row(sample(), 1), T_rate));
	things[1].count = 310;
	ok(rate_is(sample(), 1, T_rate, 10));
	mml_sampler_free(sampler);
}

/* Two caches of one name are told apart by their order, and do not share a past. */
static void duplicates(struct mml_root *root)
{
	const struct mml_table *t;

	sampler = mml_sampler_new(root);
	set(0, (struct thing){ "same", 1, 10, 0, 0, false, false, false });
	set(1, (struct thing){ "same", 1, 1000, 0, 0, false, false, false });
	set(2, (struct thing){ "other", 1, 1, 0, 0, false, false, false });
	sample();
	things[0].count = 11;
	things[1].count = 1100;
	set(3, (struct thing){ "same", 1, 5, 0, 0, false, false, false });
	nthings = 4;
	t = sample();
	ok(rate_is(t, 0, T_rate, 1));
	ok(rate_is(t, 1, T_rate, 100));
	ok(rate_is(t, 2, T_rate, 0));
	ok(none(t, 3));
	nthings = 0;
	ok(sample()->nrows == 0);
	nthings = 1;
	ok(none(sample(), 0));
	mml_sampler_free(sampler);
}

static void arena(void)
{
	void *(*volatile fill)(void *, int, size_t) = memset; /* not left out before free() */
	struct mml_arena *a = mml_arena_new();
	static const size_t sizes[] = { 0, 1, 7, 16, 4095, 65536, 5 << 20, 3, 70000 };
	char *blocks[300];
	bool good = true;

	for (size_t i = 0; i < 300; i++) {
		size_t size = sizes[i % 9];

		blocks[i] = mml_arena_alloc(a, size);
		good &= blocks[i] && !((uintptr_t)blocks[i] % _Alignof(max_align_t));
		for (size_t k = 0; good && k < size; k++)
			good = !blocks[i][k];
		if (good && size)
			memset(blocks[i], (int)i, size);
		if (i % 9 == 6)
			i += 27; /* not too many of the large ones */
	}
	ok(good);
	ok(!mml_arena_alloc(a, SIZE_MAX) && !mml_arena_alloc(a, SIZE_MAX - 15));
	is_str(mml_arena_strndup(a, "abcdef", 3), "abc");
	is_str(mml_arena_strndup(a, NULL, 0), "");
	is_str(mml_arena_printf(a, "%s-%d", "x", 5), "x-5");
	ok(mml_arena_size(a) > 5 << 20);
	mml_arena_free(a);
	/* What the heap gives may have been used before. */
	for (int i = 0; i < 4; i++) {
		blocks[i] = malloc(100000);
		fill(blocks[i], 0xff, 100000);
	}
	for (int i = 0; i < 3; i++) /* the last one keeps the system from taking them back */
		free(blocks[i]);
	a = mml_arena_new();
	good = true;
	for (size_t size = 1; size < 300; size++) {
		unsigned char *p = mml_arena_alloc(a, size);

		for (size_t k = 0; k < size && good; k++)
			good = !p[k];
	}
	ok(good);
	mml_arena_free(a);
	free(blocks[3]);
	mml_arena_free(NULL);
}

static void table(void)
{
	struct mml_arena *a = mml_arena_new();
	struct mml_table *t = mml_table_new(a, &collector.schema);
	struct mml_row *first = mml_table_add(t), *row = NULL;
	bool good = true;

	mml_set_u64(first, T_id, 0);
	for (uint64_t i = 1; i < 5000; i++) {
		row = mml_table_add(t);
		good &= !mml_has(row, T_id) && !mml_has(row, T_lrate);
		mml_set_u64(row, T_id, i);
	}
	for (size_t i = 0; i < t->nrows; i++)
		good &= mml_table_row(t, i)->cell[T_id].u64 == i;
	ok(good && t->nrows == 5000 && mml_table_row(t, 0) == first); /* rows keep their place */
	mml_set_at_least(row, T_id);
	mml_table_drop(t);
	row = mml_table_add(t);
	ok(t->nrows == 5000 && !mml_has(row, T_id) && !mml_at_least(row, T_id));
	mml_set_str(row, T_name, NULL);
	ok(!mml_has(row, T_name));
	ok(mml_table_fail(t, -EIO, "root", "%s: first", "f") == -EIO);
	ok(mml_table_fail(t, -EPERM, NULL, "second") == -EPERM);
	ok(t->error == -EIO && !strcmp(t->absence.reason, "f: first") && !strcmp(t->absence.needs, "root"));
	mml_table_note(t, "one");
	mml_table_note(t, "%d", 2);
	is_str(t->note, "one; 2");
	mml_table_why(t, T_rate, "no", NULL);
	mml_table_why(t, T_rate, "other", "x");
	is_str(t->columns[T_rate].reason, "no");
	mml_arena_free(a);
}

int main(void)
{
	struct mml_root *root;

	arena();
	table();
	if (mml_root_open(NULL, &root))
		return 99;
	rates(root);
	duplicates(root);
	mml_snapshot_put(snap);
	mml_root_close(root);
	return tap_done();
}
