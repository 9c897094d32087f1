/* Where things came from: change, slope, what is new and what is gone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "../../src/ui/ways.h"
#include "../tap.h"

#define SECOND UINT64_C(1000000000)

static struct mml_ways *ways;

static void sample(uint64_t second)
{
	mml_ways_begin(ways, second * SECOND);
}

static void add(const char *name, double value)
{
	mml_ways_add(ways, name, strlen(name), value);
}

static const struct mml_way *thing(const char *name)
{
	return mml_ways_find(ways, name, strlen(name));
}

static double change(const char *name, uint64_t seconds, bool *ret_new)
{
	return mml_ways_change(ways, thing(name), seconds, ret_new);
}

/* From the first second on: grows by 5 a second; jumps; stays; comes later. */
static void run(uint64_t from, uint64_t to)
{
	for (uint64_t s = from; s <= to; s++) {
		sample(s);
		add("grows", 1000 + 5 * (double)(s - 100));
		add("jumps", s % 2 ? 2000 : 1000);
		add("stays", 700);
		if (s >= 130)
			add("comes", 300);
		mml_ways_end(ways);
	}
}

static void test_changes(void)
{
	double cells[10];
	bool new;

	ways = mml_ways_new();
	sample(100);
	add("grows", 1000);
	add("goes", 5);
	mml_ways_end(ways);
	ok(change("grows", 60, &new) == 0 && !new);
	run(101, 129);
	ok(fabs(mml_ways_slope(ways, thing("grows"), 60) - 300) < 1);
	ok(isnan(mml_ways_steady(ways, thing("grows"))));
	run(130, 130);
	ok(fabs(mml_ways_steady(ways, thing("grows")) - 300) < 1);
	run(131, 160);
	ok(!thing("goes"));
	ok(change("grows", 10, &new) == 50 && !new);
	ok(change("grows", 60, &new) == 300 && !new);
	/* Longer than it was looked at: since then. */
	ok(change("grows", 600, &new) == 300 && !new);
	ok(change("comes", 60, &new) == 300 && new);
	ok(change("comes", 10, &new) == 0 && !new);
	ok(mml_ways_age(ways, thing("comes")) == 30);
	ok(fabs(mml_ways_slope(ways, thing("grows"), 60) - 300) < 1);
	ok(mml_ways_slope(ways, thing("stays"), 60) == 0);
	ok(isnan(mml_ways_slope(ways, thing("jumps"), 60)));
	run(161, 900);
	ok(fabs(change("grows", 600, &new) - 3000) <= 50 && !new);
	mml_ways_cells(ways, thing("grows"), 10, cells);
	ok(cells[9] > cells[8] && cells[1] > cells[0] && !isnan(cells[0]));
	ok(fabs(cells[9] - cells[8] - 300) <= 10);
}

static void test_mark(void)
{
	bool new;

	ok(isnan(change("grows", 0, &new)));
	mml_ways_mark(ways);
	run(901, 905);
	ok(change("grows", 0, &new) == 25 && !new);
	sample(906);
	add("grows", 5000);
	add("late", 40);
	mml_ways_end(ways);
	ok(change("late", 0, &new) == 40 && new);
	/* Time went back: nothing is known any more. */
	sample(300);
	add("grows", 77);
	mml_ways_end(ways);
	ok(change("grows", 10, &new) == 0 && !new && !thing("late"));
	mml_ways_free(ways);
}

/* Seconds that nobody sampled are not made up. */
static void test_gaps(void)
{
	bool new;

	ways = mml_ways_new();
	for (uint64_t s = 50; s <= 350; s += 100) {
		sample(s);
		add("x", (double)s);
		mml_ways_end(ways);
	}
	ok(change("x", 10, &new) == 100 && change("x", 60, &new) == 100);
	ok(isnan(mml_ways_slope(ways, thing("x"), 60)));
	mml_ways_free(ways);
}

static void test_many(void)
{
	char name[32];
	size_t found = 0;

	ways = mml_ways_new();
	for (uint64_t s = 1; s <= 3; s++) {
		sample(s);
		for (int i = 0; i < 5000; i++) {
			snprintf(name, sizeof(name), "thing %d", i);
			add(name, i);
		}
		mml_ways_end(ways);
	}
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "thing %d", i);
		found += thing(name) != NULL;
	}
	is_u64(found, 5000);
	mml_ways_free(ways);
}

int main(void)
{
	test_changes();
	test_mark();
	test_gaps();
	test_many();
	return tap_done();
}
