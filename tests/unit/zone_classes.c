/* What each class of allocations may still take of a zone, by the rules of four kernels. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

static struct tree t;

/* DMA32 and Normal of one node, with an empty Movable. Normal has FREE pages, and 40 of them in CMA. */
static const char *zoneinfo(unsigned free, unsigned boost, const char *end)
{
	static char text[2048];

	snprintf(text, sizeof(text),
		 "Node 0, zone DMA32\n  pages free 3000\n        min 400\n        low 500\n"
		 "        high 600\n        managed 100000\n        protection: (0, 900, 950)\n"
		 "Node 0, zone Normal\n  pages free %u\n        boost %u\n        min %u\n"
		 "        low 1300\n        high 1600\n        managed 200000\n"
		 "        protection: (0, 0, 50)\n      nr_free_cma 40\n%s"
		 "Node 0, zone Movable\n  pages free 0\n        min 32\n        low 32\n"
		 "        high 32\n        managed 0\n        protection: (0, 0, 0)\n",
		 free, boost, 1000 + boost, end);
	return text;
}

/* 70 pages free in two blocks of 512 that are kept for atomic requests. */
static const char pagetypeinfo[] =
	"Page block order: 9\nPages per block:  512\n\n"
	"Free pages count per migrate type at order       0      1\n"
	"Node    0, zone    DMA32, type   HighAtomic      0      0\n"
	"Node    0, zone   Normal, type   HighAtomic     10     30\n\n"
	"Number of blocks type     HighAtomic\n"
	"Node 0, zone    DMA32            0\n"
	"Node 0, zone   Normal            2\n";

/* The rows of zones --by class, when Normal has FREE pages and BOOST. */
static const struct mml_table *classes(const char *kernel, unsigned free, unsigned boost)
{
	struct mml_query query = { .collector = mml_collector_find("zones"),
				   .scope.by = "class",
				   .reading.cancel_fd = -1 };
	char host[128];

	snprintf(host, sizeof(host), "page_size=4096\n%s%s\n", *kernel ? "kernel=" : "", kernel);
	tree_file(&t, "/mmlens/host", host);
	tree_file(&t, "/proc/zoneinfo", zoneinfo(free, boost, ""));
	tree_file(&t, "/proc/pagetypeinfo", pagetypeinfo);
	mml_snapshot_put(t.snap);
	mml_root_close(t.root);
	t.snap = NULL;
	t.root = NULL;
	if (mml_root_open(t.dir, &t.root) || mml_snapshot_take(t.root, &query, 1, &t.snap))
		return NULL;
	return t.snap->tables[0];
}

static long row_of(const struct mml_table *table, const char *zone, const char *request,
		   const char *priority)
{
	for (size_t i = 0; i < table->nrows; i++)
		if (!strcmp(tree_str(table, i, "zone"), zone) &&
		    !strcmp(tree_str(table, i, "request"), request) &&
		    !strcmp(tree_str(table, i, "priority"), priority))
			return (long)i;
	return -1;
}

/* Pages: what such a request sees of ZONE. */
struct want {
	const char *zone, *request, *priority;
	long unusable, mark, withheld, left;
};

static void are(const char *kernel, unsigned free, unsigned boost, const struct want *want, size_t n)
{
	const struct mml_table *table = classes(kernel, free, boost);

	for (size_t i = 0; i < n; i++) {
		long row = row_of(table, want[i].zone, want[i].request, want[i].priority);
		const union mml_value *left = row < 0 ? NULL : tree_cell(table, (size_t)row, "left");

		if (!tap_ok(left, "%s: %s %s %s is there", kernel, want[i].zone, want[i].request,
			    want[i].priority))
			continue;
		is_u64(tree_u64(table, (size_t)row, "unusable"), (uint64_t)want[i].unusable * 4096);
		is_u64(tree_u64(table, (size_t)row, "mark"), (uint64_t)want[i].mark * 4096);
		is_u64(tree_u64(table, (size_t)row, "withheld"), (uint64_t)want[i].withheld * 4096);
		is_i64(left->i64, want[i].left * 4096);
	}
}

#define ARE(kernel, free, boost, ...)                                            \
	do {                                                                     \
		const struct want want_[] = { __VA_ARGS__ };                     \
		are(kernel, free, boost, want_, sizeof(want_) / sizeof(*want_)); \
	} while (0)

/* Since 6.13 what is free of the reserve is left out, and single pages are served from it. */
static void test_newest(void)
{
	ARE("6.13.0", 5000, 8,
	    { "Normal", "kernel", "normal", 40 + 70, 1008, 0, 5000 - 110 - 1008 },
	    { "Normal", "kernel", "high", 40, 500, 0, 5000 - 40 - 500 },
	    { "Normal", "kernel", "atomic", 40, 375, 0, 5000 - 40 - 375 },
	    { "Normal", "kernel", "oom", 40, 504, 0, 5000 - 40 - 504 },
	    { "Normal", "kernel", "memalloc", 40 + 70, 0, 0, 5000 - 110 },
	    { "Normal", "movable", "normal", 70, 1008, 50, 5000 - 70 - 1008 - 50 },
	    { "Normal", "movable", "oom", 0, 504, 50, 5000 - 504 - 50 },
	    { "DMA32", "kernel", "normal", 0, 400, 900, 1700 },
	    { "DMA32", "movable", "atomic", 0, 150, 950, 1900 });
	/* The last page, and none. */
	ARE("6.13.0", 1000 + 110 + 1, 0, { "Normal", "kernel", "normal", 110, 1000, 0, 1 });
	ARE("6.13.0", 1000 + 110, 0, { "Normal", "kernel", "normal", 110, 1000, 0, 0 });
	ARE("6.13.0", 1000 + 110 - 1, 0, { "Normal", "kernel", "normal", 110, 1000, 0, -1 },
	    { "Normal", "kernel", "high", 40, 500, 0, 569 });
	ARE("6.13.0", 110, 0, { "Normal", "kernel", "memalloc", 110, 0, 0, 0 });
}

static const struct mml_table *with_zones(const char *text)
{
	struct mml_query query = { .collector = mml_collector_find("zones"),
				   .scope.by = "class",
				   .reading.cancel_fd = -1 };

	tree_file(&t, "/proc/zoneinfo", text);
	mml_snapshot_put(t.snap);
	t.snap = NULL;
	if (mml_snapshot_take(t.root, &query, 1, &t.snap))
		exit(99);
	return t.snap->tables[0];
}

static int64_t left_of(const struct mml_table *table, const char *zone, const char *request,
		       const char *priority)
{
	long row = row_of(table, zone, request, priority);
	const union mml_value *left = row < 0 ? NULL : tree_cell(table, (size_t)row, "left");

	return left ? left->i64 : INT64_MIN;
}

/* A mark below what is free of the reserve: high passes the test down to 10 pages, and gets none of the
 * 70 in the reserve. */
static void test_served(void)
{
	const struct mml_table *table;

	classes("6.13.0", 5000, 0);
	table = with_zones("Node 0, zone Normal\n  pages free 500\n        min 20\n        low 30\n"
			   "        high 40\n        managed 20000\n        protection: (0, 0)\n");
	is_i64(left_of(table, "Normal", "kernel", "normal"), (500 - 70 - 20) * 4096);
	is_i64(left_of(table, "Normal", "kernel", "high"), (500 - 70) * 4096);
	is_i64(left_of(table, "Normal", "kernel", "atomic"), (500 - 8) * 4096);
	is_i64(left_of(table, "Normal", "kernel", "memalloc"), (500 - 70) * 4096);
}

/* Before, the whole blocks were left out, and single pages for atomic requests come from elsewhere. */
static void test_6_12(void)
{
	ARE("6.12.0", 5000, 8,
	    { "Normal", "kernel", "normal", 40 + 1024, 1008, 0, 5000 - 1064 - 1008 },
	    { "Normal", "kernel", "high", 40, 500, 0, 5000 - 40 - 500 },
	    { "Normal", "kernel", "atomic", 40, 375, 0, 5000 - 40 - 375 });
}

/* Up to 6.2 __GFP_HIGH alone did not open the reserve, and did not spare the boost. */
static void test_6_1(void)
{
	ARE("6.1.0", 5000, 8,
	    { "Normal", "kernel", "high", 40 + 1024, 504, 0, 5000 - 1064 - 504 },
	    { "Normal", "kernel", "atomic", 40, 375, 0, 5000 - 40 - 375 },
	    { "Normal", "movable", "oom", 0, 504, 50, 5000 - 504 - 50 });
	ARE("6.2.9", 5000, 8, { "Normal", "kernel", "high", 40 + 1024, 504, 0, 5000 - 1064 - 504 });
	ARE("6.3.0", 5000, 8, { "Normal", "kernel", "high", 40, 500, 0, 5000 - 40 - 500 });
}

/* Up to 5.8 the boost counts for all, and CMA does not count for who was killed; up to 4.13 that process
 * is held back by no mark. */
static void test_old(void)
{
	ARE("5.8.0", 5000, 8,
	    { "Normal", "kernel", "atomic", 40, 378, 0, 5000 - 40 - 378 },
	    { "Normal", "movable", "oom", 40, 504, 50, 5000 - 40 - 504 - 50 },
	    { "Normal", "movable", "memalloc", 70, 0, 0, 5000 - 70 });
	ARE("5.9.0", 5000, 8, { "Normal", "kernel", "atomic", 40, 375, 0, 5000 - 40 - 375 },
	    { "Normal", "movable", "oom", 0, 504, 50, 5000 - 504 - 50 });
	ARE("4.13.0", 5000, 0, { "Normal", "movable", "oom", 70, 0, 0, 5000 - 70 });
	ARE("4.14.0", 5000, 0, { "Normal", "movable", "oom", 40, 500, 50, 5000 - 40 - 500 - 50 });
}

/* Only where there is HighMem are its requests another class; and nothing is said of empty zones. */
static void test_rows(void)
{
	const struct mml_table *table = classes("6.13.0", 5000, 0);

	is_u64(table->nrows, 2 * 2 * 5);
	is_i64(row_of(table, "Normal", "highmem", "normal"), -1);
	is_i64(row_of(table, "Movable", "movable", "normal"), -1);
	is_str(tree_str(table, 0, "zone"), "DMA32");
	is_u64(tree_u64(table, 0, "free"), 3000 * 4096);
	ok(!table->note);
	table = classes("", 5000, 0);
	ok(table->note && strstr(table->note, "not known which kernel"));
	/* Plain rows are of no class. */
	table = tree_table(&t, "zones");
	is_u64(table->nrows, 3);
	is_cell_absent(table, 1, "request");
	is_cell_absent(table, 1, "left");
}

static void test_highmem(void)
{
	const struct mml_table *table;

	classes("6.1.0", 5000, 0);
	tree_file(&t, "/proc/pagetypeinfo", "");
	table = with_zones(
		"Node 0, zone Normal\n  pages free 900\n        min 100\n        low 200\n"
		"        high 300\n        managed 2000\n        protection: (0, 500, 600)\n"
		"Node 0, zone HighMem\n  pages free 700\n        min 100\n        low 200\n"
		"        high 300\n        managed 2000\n        protection: (0, 0, 30)\n"
		"Node 1, zone Movable\n  pages free 700\n        min 100\n        low 200\n"
		"        high 300\n        managed 2000\n        protection: (0, 0, 0)\n");
	is_u64(table->nrows, 3 * 5 + 2 * 5 + 5);
	is_i64(left_of(table, "Normal", "kernel", "normal"), 800 * 4096);
	is_i64(left_of(table, "Normal", "highmem", "normal"), 300 * 4096);
	is_i64(left_of(table, "HighMem", "highmem", "normal"), 600 * 4096);
	is_i64(row_of(table, "HighMem", "kernel", "normal"), -1);
	is_i64(row_of(table, "Movable", "highmem", "normal"), -1);
	is_i64(left_of(table, "Movable", "movable", "normal"), 600 * 4096);
}

int main(void)
{
	tree_new(&t);
	if (!classes("6.13.0", 5000, 0)) {
		tap_skip("trees need openat2(), Linux 5.6");
	} else {
		test_newest();
		test_served();
		test_6_12();
		test_6_1();
		test_old();
		test_rows();
		test_highmem();
	}
	tree_free(&t);
	return tap_done();
}
