/* A zone's state, and what allocations of each class see: the kernel's watermark tests, by hand. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

static struct tree t;

/* A zone as the file has it, in pages; the marks are 100, 200 and 300, RESERVES its protection. */
struct spec {
	unsigned node;
	const char *name;
	unsigned free, managed;
	const char *reserves;
	const char *more; /* lines behind them */
};

static void put_zone(char *text, size_t size, const struct spec *z)
{
	size_t n = strlen(text);

	snprintf(text + n, size - n,
		 "Node %u, zone %8s\n  pages free     %u\n        min      100\n        low      200\n"
		 "        high     300\n        spanned  1000000\n        present  %u\n"
		 "        managed  %u\n        protection: (%s)\n%s",
		 z->node, z->name, z->free, z->managed, z->managed, z->reserves,
		 z->more ? z->more : "");
}

static const struct mml_table *zones_of(const struct spec *specs, size_t n)
{
	char text[8192] = "";

	for (size_t i = 0; i < n; i++)
		put_zone(text, sizeof(text), &specs[i]);
	tree_file(&t, "/proc/zoneinfo", text);
	return tree_table(&t, "zones");
}

#define ZONES_OF(...)                                                         \
	zones_of((const struct spec[]){ __VA_ARGS__ },                        \
		 sizeof((const struct spec[]){ __VA_ARGS__ }) / sizeof(struct spec))

static const char *state(unsigned free, const char *more)
{
	return tree_str(ZONES_OF({ 0, "Normal", free, 900000, "0", more }), 0, "state");
}

/* Free memory must be above a mark, not at it. */
static void test_marks(void)
{
	is_str(state(301, NULL), "above-high");
	is_str(state(300, NULL), "above-low");
	is_str(state(201, NULL), "above-low");
	is_str(state(200, NULL), "below-low");
	is_str(state(101, NULL), "below-low");
	is_str(state(100, NULL), "below-min");
	is_str(state(0, NULL), "below-min");
}

/* 507M free, of which 501.6M are CMA: 5.4M for who may not use these. */
static void test_cma(void)
{
	const struct mml_table *z;

	is_str(state(500301, "      nr_free_cma  500000\n"), "above-high");
	is_str(state(500300, "      nr_free_cma  500000\n"), "above-low");
	is_str(state(500200, "      nr_free_cma  500000\n"), "below-low");
	is_str(state(500100, "      nr_free_cma  500000\n"), "below-min");
	z = ZONES_OF({ 0, "DMA", 129792, 131072, "0", "      nr_free_cma  128410\n" });
	is_cell_u64(z, 0, "usable", UINT64_C(1382) * 4096);
	is_cell_u64(z, 0, "free_cma", UINT64_C(128410) * 4096);
	ok(tree_cell(z, 0, "headroom")->i64 == (1382 - 200) * 4096);
	z = ZONES_OF({ 0, "DMA", 50, 131072, "0", "      nr_free_cma  60\n" });
	is_cell_u64(z, 0, "usable", 0);
	ok(tree_cell(z, 0, "headroom")->i64 == -200 * 4096);
	/* A counter of the whole node is not the zone's. */
	tree_file(&t, "/proc/zoneinfo",
		  "Node 0, zone Normal\n  per-node stats\n      nr_free_cma 9999\n"
		  "  pages free 500\n        min 100\n        low 200\n        high 300\n"
		  "        present 5000\n        managed 5000\n");
	is_cell_str(tree_table(&t, "zones"), 0, "state", "above-high");
}

/* The reserve for atomic allocations: its free part counts, and 7.2 tells it. */
static void test_highatomic(void)
{
	static const char told[] = "  reserved_highatomic: 900\n  free_highatomic:     50\n";
	const struct mml_table *z;

	is_str(state(351, told), "above-high");
	is_str(state(350, told), "above-low");
	is_str(state(250, told), "below-low");
	is_str(state(150, told), "below-min");
	/* Before, it is in pagetypeinfo: 10 * 1 + 5 * 2 + 3 * 16 = 68 pages. */
	tree_file(&t, "/proc/pagetypeinfo",
		  "Page block order: 9\nPages per block:  512\n\n"
		  "Free pages count per migrate type at order 0 1 2 3 4\n"
		  "Node    0, zone   Normal, type    Unmovable  7 7 7 7 7\n"
		  "Node    0, zone   Normal, type   HighAtomic 10 5 0 0 3\n"
		  "Node    1, zone   Normal, type   HighAtomic 90 0 0 0 0\n");
	is_str(state(369, NULL), "above-high");
	is_str(state(368, NULL), "above-low");
	is_str(state(268, NULL), "below-low");
	is_str(state(168, NULL), "below-min");
	z = ZONES_OF({ 0, "Normal", 1000, 900000, "0", NULL });
	is_cell_u64(z, 0, "highatomic", UINT64_C(68) * 4096);
	is_cell_u64(z, 0, "usable", UINT64_C(932) * 4096);
	z = ZONES_OF({ 2, "Normal", 1000, 900000, "0", NULL }); /* no such type, no reserve */
	is_cell_u64(z, 0, "highatomic", 0);
	tree_file(&t, "/proc/pagetypeinfo", "");
	z = ZONES_OF({ 0, "Normal", 1000, 900000, "0", told });
	is_cell_u64(z, 0, "highatomic", UINT64_C(50) * 4096);
}

/* Whether the reserve of the last zone is known after QUERY, which keeps what it keeps in STATE. */
static bool has_reserve(struct mml_query *query, void *state)
{
	query->reading.state = state;
	mml_snapshot_put(t.snap);
	t.snap = NULL;
	if (mml_snapshot_take(t.root, query, 1, &t.snap))
		exit(99);
	return tree_cell(t.snap->tables[0], t.snap->tables[0]->nrows - 1, "highatomic");
}

/* What is not asked for and decides nothing is not read: the kernel walks its lists for it. */
static void test_highatomic_read(void)
{
	struct mml_query query = { .collector = mml_collector_find("zones"),
				   .reading.cancel_fd = -1 };
	static const struct {
		unsigned free;
		bool read;
		const char *why;
	} tests[] = {
		{ 850000, false, "far above high" },
		{ 301, true, "just above high: a reserve may make it less" },
		{ 90, false, "below min, whatever the reserve" },
		/* A hundredth of 900000 pages and two blocks of 1024 are the most it can be. */
		{ 300 + 9000 + 2048, true, "the largest reserve leaves it at high" },
		{ 301 + 9000 + 2048, false, "the largest reserve leaves it above high" },
	};
	void *kept;

	tree_file(&t, "/proc/pagetypeinfo",
		  "Free pages count per migrate type at order 0\n"
		  "Node    0, zone   Normal, type   HighAtomic 5\n");
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		ZONES_OF({ 0, "Normal", tests[i].free, 900000, "0", NULL });
		kept = query.collector->keep(t.root);
		tap_ok(has_reserve(&query, kept) == tests[i].read, "%s: %s", tests[i].why,
		       tests[i].read ? "read" : "not read");
		query.collector->release(kept);
		/* Not for another table, which has nothing to keep it in. */
		ok(!has_reserve(&query, NULL));
	}
	/* Zone DMA is a sliver. */
	ZONES_OF({ 0, "DMA", 310, 3840, "0, 0", NULL }, { 0, "Normal", 850000, 900000, "0, 0", NULL });
	kept = query.collector->keep(t.root);
	ok(!has_reserve(&query, kept));
	query.collector->release(kept);
}

static void room_is(const struct mml_table *z, size_t i, int64_t pages)
{
	const union mml_value *v = tree_cell(z, i, "class_headroom");

	is_i64(v ? v->i64 : INT64_MIN, pages * 4096);
}

/* An allocation that prefers a zone may take from a lower one what that does not keep back from it. */
static void test_classes(void)
{
	const struct mml_table *z;

	z = ZONES_OF({ 0, "DMA", 3800, 3840, "0, 2871, 3795, 3795, 3795", NULL },
		     { 0, "DMA32", 2000, 700000, "0, 0, 924, 924, 924", NULL },
		     { 0, "Normal", 190, 230000, "0, 0, 0, 0, 0", NULL },
		     { 0, "Movable", 0, 0, "0, 0, 0, 0, 0", NULL },
		     { 0, "Device", 0, 0, "0, 0, 0, 0, 0", NULL });
	is_cell_str(z, 2, "state", "below-low");
	is_cell_str(z, 2, "class_state", "above-high"); /* DMA32: 2000 > 300 + 924 */
	room_is(z, 2, 2000 - 924 - 200); /* neither Normal nor DMA has any */
	room_is(z, 1, (2000 - 200) + (3800 - 2871 - 200));
	is_cell_str(z, 1, "class_state", "above-high");
	is_cell_absent(z, 3, "class_state");
	/* DMA32 at its high mark with what it keeps back: above-low; one more page, above-high. */
	z = ZONES_OF({ 0, "DMA", 3800, 3840, "0, 2871, 3795", NULL },
		     { 0, "DMA32", 1224, 700000, "0, 0, 924", NULL },
		     { 0, "Normal", 190, 230000, "0, 0, 0", NULL });
	is_cell_str(z, 1, "state", "above-high");
	is_cell_str(z, 2, "class_state", "above-low");
	z = ZONES_OF({ 0, "DMA", 3800, 3840, "0, 2871, 3795", NULL },
		     { 0, "DMA32", 1124, 700000, "0, 0, 924", NULL },
		     { 0, "Normal", 100, 230000, "0, 0, 0", NULL });
	is_cell_str(z, 2, "state", "below-min");
	is_cell_str(z, 2, "class_state", "below-low");
	z = ZONES_OF({ 0, "DMA", 3800, 3840, "0, 2871, 3795", NULL },
		     { 0, "DMA32", 1024, 700000, "0, 0, 924", NULL },
		     { 0, "Normal", 100, 230000, "0, 0, 0", NULL });
	is_cell_str(z, 2, "class_state", "below-min"); /* DMA: 3800 < 100 + 3795 */
	room_is(z, 2, -100); /* Normal and DMA32 lack 100 pages, DMA 195 */
	z = ZONES_OF({ 0, "DMA", 3896, 4096, "0, 2871, 3795", NULL },
		     { 0, "DMA32", 1024, 700000, "0, 0, 924", NULL },
		     { 0, "Normal", 100, 230000, "0, 0, 0", NULL });
	is_cell_str(z, 2, "class_state", "below-low"); /* DMA: 3896 > 100 + 3795 */
	/* Another node's zones are another node's. */
	z = ZONES_OF({ 0, "Normal", 190, 230000, "0, 0", NULL }, { 0, "Movable", 0, 0, "0, 0", NULL },
		     { 1, "Normal", 9000, 230000, "0, 0", NULL }, { 1, "Movable", 0, 0, "0, 0", NULL });
	is_cell_str(z, 0, "class_state", "below-low");
	is_cell_str(z, 2, "class_state", "above-high");
}

/* Up to 4.11 zones without memory are left out, and the zones of other nodes tell the order. */
static void test_old_lists(void)
{
	const struct mml_table *z;

	z = ZONES_OF({ 0, "DMA", 3800, 3840, "0, 2871, 99999, 99999", NULL },
		     { 0, "DMA32", 1000, 700000, "0, 0, 900, 900", NULL },
		     { 0, "Normal", 50, 230000, "0, 0, 0, 0", NULL },
		     { 1, "Normal", 250, 230000, "0, 0, 0, 0", NULL });
	is_cell_str(z, 2, "class_state", "below-min"); /* 1000 <= 100 + 900 */
	is_cell_str(z, 3, "class_state", "above-low");
	/* A node that begins with DMA32: its place is not its class. */
	z = ZONES_OF({ 0, "DMA", 3800, 3840, "0, 2871, 99999, 99999", NULL },
		     { 1, "DMA32", 1000, 700000, "0, 0, 900, 900", NULL },
		     { 1, "Normal", 50, 230000, "0, 0, 0, 0", NULL });
	is_cell_str(z, 2, "class_state", "below-min");
	is_cell_str(z, 1, "class_state", "above-high");
	/* Without `managed`, before 3.6, `present` tells whether there is memory. */
	tree_file(&t, "/proc/zoneinfo",
		  "Node 0, zone Normal\n  pages free 150\n        min 100\n        low 200\n"
		  "        high 300\n        present 5000\n        protection: (0, 0)\n"
		  "Node 0, zone Movable\n  pages free 0\n        min 0\n        low 0\n"
		  "        high 0\n        present 0\n        protection: (0, 0)\n");
	z = tree_table(&t, "zones");
	is_cell_str(z, 0, "state", "below-low");
	is_cell_absent(z, 1, "state");
}

/* The kernel gives an empty zone marks (32 pages each on 7.x): nobody is to add them up. */
static void test_empty(void)
{
	const struct mml_table *z = ZONES_OF({ 0, "Normal", 1000, 5000, "0, 0", NULL },
					     { 0, "Movable", 0, 0, "0, 0", NULL });

	is_cell_u64(z, 0, "min", 100 * 4096);
	is_cell_absent(z, 1, "min");
	is_cell_absent(z, 1, "low");
	is_cell_absent(z, 1, "high");
	is_cell_absent(z, 1, "usable");
	is_cell_absent(z, 1, "state");
	is_cell_u64(z, 1, "managed", 0);
	/* Present but not managed: nothing there for an allocation. */
	tree_file(&t, "/proc/zoneinfo",
		  "Node 0, zone Device\n  pages free 0\n        min 0\n        low 0\n"
		  "        high 0\n        present 5000\n        managed 0\n");
	is_cell_absent(tree_table(&t, "zones"), 0, "state");
}

static void test_given_up(void)
{
	const struct mml_table *z;

	z = ZONES_OF({ 0, "Normal", 1000, 5000, "0", "  node_unreclaimable:  1\n" },
		     { 1, "Normal", 1000, 5000, "0", "  node_unreclaimable:  0\n" },
		     { 2, "Normal", 1000, 5000, "0", "  node_unreclaimable:  9\n" },
		     { 3, "Normal", 1000, 5000, "0", NULL });
	ok(tree_cell(z, 0, "unreclaimable") && tree_cell(z, 0, "unreclaimable")->b);
	ok(tree_cell(z, 1, "unreclaimable") && !tree_cell(z, 1, "unreclaimable")->b);
	is_cell_absent(z, 2, "unreclaimable"); /* no kernel says that */
	is_cell_absent(z, 3, "unreclaimable");
}

/* Numbers that no machine has, and lists that are none, end nothing and wrap nowhere. */
static void test_nonsense(void)
{
	is_cell_str(ZONES_OF({ 0, "DMA", 900, 5000, "0, 18446744073709551615", NULL },
			     { 0, "Normal", 150, 5000, "0, 0", NULL }),
		    1, "class_state", "below-low");
	is_cell_str(ZONES_OF({ 0, "DMA", 900, 5000, "x", NULL }, { 0, "Normal", 150, 5000, "", NULL }),
		    1, "class_state", "above-high");
	is_str(state(301, "      nr_free_cma 18446744073709551615\n"), "below-min");
}

int main(void)
{
	tree_new(&t);
	tree_file(&t, "/mmlens/host", "page_size=4096\n");
	if (!ZONES_OF({ 0, "Normal", 1, 1, "0", NULL })) {
		tap_skip("trees need openat2(), Linux 5.6");
	} else {
		test_marks();
		test_cma();
		test_highatomic();
		test_highatomic_read();
		test_classes();
		test_old_lists();
		test_empty();
		test_given_up();
		test_nonsense();
	}
	tree_free(&t);
	return tap_done();
}
