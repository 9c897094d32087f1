/* Findings about zones and nodes: what kswapd and direct reclaim go by, and not one zone's number. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge.h"

/* One node of 16 GiB whose marks are 1000, 1250 and 1500 pages, with PAGES free. */
static struct machine low(uint64_t pages)
{
	struct machine m = machine_well(16 * GIB);

	m.min = 1000;
	m.low = 1250;
	m.high = 1500;
	m.free = pages * 4;
	return m;
}

/* The same with less than a fifth of memory available. */
static struct machine scarce(uint64_t pages)
{
	struct machine m = low(pages);

	m.available = 3355443; /* 20 % is 3355443.2 */
	return m;
}

static void test_marks(void)
{
	struct machine m = low(1251);

	severity_is(once(&m), "below-low", "");
	m = low(1250);
	severity_is(once(&m), "below-low", "note");
	cell_has(once(&m), "below-low", "text", "kswapd has been woken: 4.9M of 16.0G is free");
	cell_has(once(&m), "below-low", "why",
		 "Normal has 4.9M to use against min 3.9M, low 4.9M and high 5.9M.");
	cell_has(once(&m), "below-low", "look_filter", "node = 0");
	m = low(1001);
	severity_is(once(&m), "below-low", "note");
	severity_is(once(&m), "below-min", "");
	m = low(1000);
	severity_is(once(&m), "below-low", "");
	severity_is(once(&m), "below-min", "warning");
	cell_has(once(&m), "below-min", "text", "tasks have to reclaim for themselves: 3.9M of 16.0G");
	/* Memory is scarce below a fifth, and not where nobody says so. */
	m = scarce(1000);
	severity_is(once(&m), "below-min", "critical");
	m = scarce(1250);
	severity_is(once(&m), "below-low", "warning");
	m.available++;
	severity_is(once(&m), "below-low", "note");
	m.available = -1;
	severity_is(once(&m), "below-low", "note");
	m = low(1000);
	m.available = -1;
	severity_is(once(&m), "below-min", "warning");
	/* Without the file there are no marks that 0 pages could be below. */
	m.no_zoneinfo = true;
	severity_is(once(&m), "below-min", "");
	/* Where `managed` is not told, before 3.6, `present` tells that there is memory. */
	m = low(1000);
	m.no_managed = m.old_zones = true;
	severity_is(once(&m), "below-min", "warning");
	/* Free CMA pages are not for everybody. */
	m = low(500000);
	m.free_cma = 498750;
	severity_is(once(&m), "below-low", "note");
	m.free_cma--;
	severity_is(once(&m), "below-low", "");
}

static void test_near(void)
{
	struct machine m = scarce(1250 + 124); /* half of the way to high is 125 pages */

	severity_is(once(&m), "near-low", "warning");
	cell_has(once(&m), "near-low", "numbers", "above_low=507904");
	m = scarce(1250 + 125);
	severity_is(once(&m), "near-low", "");
	m = low(1250 + 124);
	severity_is(once(&m), "near-low", "");
	m.available = -1;
	severity_is(once(&m), "near-low", "");
}

static void test_nodes(void)
{
	struct machine m = machine_well(256 * GIB);
	struct mml_table *table;
	size_t rows = 0;

	m.nodes = 64;
	m.min = 1000;
	m.low = 1250;
	m.high = 1500;
	m.available = GIB;
	m.free = 64 * 4000;
	table = once(&m);
	for (size_t i = 0; i < table->nrows; i++)
		rows += !strcmp(cell(table, i, "finding"), "below-min");
	is_u64(rows, 1);
	severity_is(table, "below-min", "critical");
	cell_has(table, "below-min", "text", "on all 64 nodes: 250M of 256G is free");
	m.node_free[0] = 4004;
	m.available = (int64_t)m.total;
	table = once(&m);
	severity_is(table, "below-min", "warning");
	cell_has(table, "below-min", "text", "on 63 of 64 nodes");
	severity_is(table, "below-low", "note");
	cell_has(table, "below-low", "text", "on node 0: 3.9M of 4.0G");
	/* Few are named one by one. */
	m = machine_well(256 * GIB);
	m.nodes = 4;
	m.node_free[1] = m.node_free[3] = 4 * m.low;
	table = once(&m);
	rows = 0;
	for (size_t i = 0; i < table->nrows; i++)
		rows += !strcmp(cell(table, i, "finding"), "below-low");
	is_u64(rows, 2);
	cell_has(table, "below-low", "about", "node 1");
}

/* Two nodes of 16 GiB with so many pages free, marks of 1000, 1250 and 1500, and little available. */
static struct mml_table *two(uint64_t one, uint64_t other)
{
	struct machine m = machine_well(32 * GIB);

	m.nodes = 2;
	m.min = 1000;
	m.low = 1250;
	m.high = 1500;
	m.node_free[0] = 4 * one;
	m.node_free[1] = 4 * other;
	m.free = 4 * (one + other);
	m.available = GIB;
	return once(&m);
}

/* Allocations try all nodes before they wake kswapd, and again before they reclaim for themselves. */
static void test_other_node(void)
{
	struct mml_table *table = two(1250, 1251);

	severity_is(table, "below-low", "note");
	cell_has(table, "below-low", "text",
		 "allocations find no room on node 0 and go elsewhere: 4.9M of 16.0G is free");
	cell_has(table, "below-low", "why", "Only what is bound there wakes kswapd");
	table = two(1250, 1250);
	severity_is(table, "below-low", "warning");
	cell_has(table, "below-low", "text", "kswapd has been woken on node 0");
	table = two(1000, 1001);
	severity_is(table, "below-min", "warning");
	cell_has(table, "below-min", "text",
		 "tasks bound there have to reclaim for themselves on node 0: 3.9M of 16.0G is free");
	table = two(1000, 1000);
	severity_is(table, "below-min", "critical");
	cell_has(table, "below-min", "text", "tasks have to reclaim for themselves on node 0");
	severity_is(two(1250 + 124, 1250 + 125), "near-low", "");
	severity_is(two(1250 + 124, 1250 + 124), "near-low", "warning");
	severity_is(two(1250 + 124, 1250), "near-low", "warning");
}

static void test_given_up(void)
{
	struct machine m = low(5000);

	severity_is(once(&m), "kswapd-gave-up", "");
	m.given_up = true;
	severity_is(once(&m), "kswapd-gave-up", "warning");
}

/* A zone's text, in pages, with marks of 1000, 1250 and 1500. */
static void zone(char *to, size_t size, const char *name, unsigned free, unsigned managed,
		 const char *protection, bool old)
{
	snprintf(to, size,
		 "Node 0, zone %8s\n%s  pages free     %u\n        min      1000\n"
		 "        low      1250\n        high     1500\n        spanned  %u\n"
		 "        present  %u\n        managed  %u\n        protection: (%s)\n%s",
		 name, old ? "" : "  per-node stats\n", free, managed, managed, managed, protection,
		 old ? "" : "  node_unreclaimable:  0\n");
}

/* DMA32 with FREE32 pages beside Normal with FREE of them; together they are the machine M. */
static void two_zones(const struct machine *m, unsigned free32, unsigned free, bool old)
{
	char one[512], other[512], both[1024];
	unsigned pages = (unsigned)(m->total / 4);

	zone(one, sizeof(one), "DMA32", free32, pages / 4, "0, 924, 924", old);
	zone(other, sizeof(other), "Normal", free, pages / 4 * 3, "0, 0, 0", old);
	snprintf(both, sizeof(both), "%s%s", one, other);
	tree_file(&t, "/proc/zoneinfo", both);
}

/* kswapd sleeps while another zone can serve: since 4.8, and unless it is seen at work. */
static void test_other_zone(void)
{
	struct machine m = machine_well(16 * GIB), later = m;
	struct mml_past past = { 0 };
	struct mml_facts facts;

	m.free = 4 * 61250;
	machine_write(&t, &m);
	two_zones(&m, 60000, 1250, false);
	severity_is(as_it_is(), "below-low", "");
	two_zones(&m, 1250 + 924, 1250, false);
	severity_is(as_it_is(), "below-low", "note");
	two_zones(&m, 1251 + 924, 1250, false);
	severity_is(as_it_is(), "below-low", "");
	two_zones(&m, 60000, 1250, true); /* before 4.8 */
	severity_is(as_it_is(), "below-low", "note");
	cell_has(as_it_is(), "below-low", "about", "node 0 Normal");
	cell_has(as_it_is(), "below-low", "look_filter", "node = 0 and zone = 'Normal'");
	two_zones(&m, 60000, 1251, true);
	severity_is(as_it_is(), "below-low", "");
	two_zones(&m, 60000, 1250, false);
	facts = look(10);
	mml_past_add(&past, &facts);
	later.free = m.free;
	later.scan_kswapd = 100;
	machine_vmstat(&t, &later);
	facts = look(20);
	severity_is(judge(&facts, &past), "below-low", "note");
	cell_has(judge(&facts, &past), "below-low", "text",
		 "kswapd is at work for node 0 Normal: 4.9M is free");
	mml_past_free(&past);
}

/* The kernel's own allocations cannot have HighMem. */
static void test_kernel_class(void)
{
	struct machine m = machine_well(2 * GIB);
	char one[512], other[512], both[1024];

	machine_write(&t, &m);
	zone(one, sizeof(one), "Normal", 1000, 100000, "0, 50", false);
	zone(other, sizeof(other), "HighMem", 200000, (unsigned)(m.total / 4) - 100000, "0, 0", false);
	snprintf(both, sizeof(both), "%s%s", one, other);
	tree_file(&t, "/proc/zoneinfo", both);
	severity_is(as_it_is(), "below-min", "warning");
	cell_has(as_it_is(), "below-min", "text", "for the kernel's own allocations");
}

static void test_boost(void)
{
	struct machine m = low(50000);

	m.boost = 249;
	severity_is(once(&m), "boosted", "");
	m.boost = 250;
	severity_is(once(&m), "boosted", "note");
	m.boost = m.min = 0;
	severity_is(once(&m), "boosted", "");
}

static void test_cma(void)
{
	struct machine m = low(400000); /* 5 % of 16 GiB is 209715.2 pages */

	m.free_cma = 199999;
	severity_is(once(&m), "cma", "");
	m.free_cma = 200000;
	severity_is(once(&m), "cma", "note");
	m.free = 4 * 500000;
	m.free_cma = 500000 - 209716;
	severity_is(once(&m), "cma", "");
	m.free_cma++;
	severity_is(once(&m), "cma", "note");
	m.available = 3355443;
	severity_is(once(&m), "cma", "warning");
}

static void node_files(unsigned node, uint64_t total, uint64_t free, uint64_t file)
{
	char path[128], text[512];

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/meminfo", node);
	snprintf(text, sizeof(text),
		 "Node %u MemTotal: %" PRIu64 " kB\nNode %u MemFree: %" PRIu64 " kB\n"
		 "Node %u Active(file): %" PRIu64 " kB\nNode %u Inactive(file): 0 kB\n",
		 node, total, node, free, node, file, node);
	tree_file(&t, path, text);
}

/* Node 0 has FILE KiB of file cache besides what is free below low, and node 1 FREE KiB free. */
static struct mml_table *full(uint64_t file, uint64_t free)
{
	struct machine m = machine_well(32 * GIB);

	m.nodes = 2;
	m.node_free[0] = 4 * m.low;
	m.node_free[1] = free;
	m.free = m.node_free[0] + free;
	machine_write(&t, &m);
	tree_file(&t, "/sys/devices/system/node/online", "0-1\n");
	node_files(0, 16 * GIB, 4 * m.low, file);
	node_files(1, 16 * GIB, free, GIB);
	return as_it_is();
}

static void test_node_full(void)
{
	struct machine m = machine_well(32 * GIB);
	/* A tenth of the node is 1677721.6 KiB, and a quarter of the other 4 GiB. */
	uint64_t left = 1677721 - 4 * m.low;

	severity_is(full(left + 1, 8 * GIB), "node-full", "");
	severity_is(full(left, 8 * GIB), "node-full", "warning");
	cell_has(full(left, 8 * GIB), "node-full", "text",
		 "node 0 is full, while 8.0G of the other nodes is free");
	severity_is(full(left, 4 * GIB), "node-full", "warning");
	severity_is(full(left, 4 * GIB - 4), "node-full", "");
}

static struct mml_table *blocks(uint64_t total, const char *buddy)
{
	struct machine m = machine_well(total);

	m.buddy = buddy;
	return once(&m);
}

static void test_fragmented(void)
{
	struct machine m = machine_well(GIB);

	/* 16 huge pages are 8192 small ones; of 8 GiB a hundredth is 20971.52 pages. */
	severity_is(blocks(GIB, "Node 0, zone Normal 8191 0 0 0 0 0 0 0 0 0 0\n"), "fragmented", "");
	severity_is(blocks(GIB, "Node 0, zone Normal 8192 0 0 0 0 0 0 0 0 0 0\n"), "fragmented",
		    "note");
	severity_is(blocks(8 * GIB, "Node 0, zone Normal 20971 0 0 0 0 0 0 0 0 0 0\n"), "fragmented",
		    "");
	severity_is(blocks(8 * GIB, "Node 0, zone Normal 20972 0 0 0 0 0 0 0 0 0 0\n"), "fragmented",
		    "note");
	/* 96 blocks of 256 pages and 4 of 128: the kernel's index is 500 of 1000; with 97 and 3, 498. */
	severity_is(blocks(GIB, "Node 0, zone Normal 0 0 0 0 0 0 0 4 96 0 0\n"), "fragmented", "note");
	severity_is(blocks(GIB, "Node 0, zone Normal 0 0 0 0 0 0 0 3 97 0 0\n"), "fragmented", "");
	severity_is(blocks(GIB, "Node 0, zone Normal 90000 0 0 0 0 0 0 0 0 1 0\n"), "fragmented", "");
	/* It is held against the size of transparent huge pages, whatever hugetlb's default is. */
	m.default_1g = true;
	m.buddy = "Node 0, zone Normal 9000 0 0 0 0 0 0 0 0 0 0\n";
	cell_has(once(&m), "fragmented", "text",
		 "node 0 Normal has 35.2M free, and not one block of 2.0M for a huge page");
	cell_has(once(&m), "fragmented", "why", "order 9");
	cell_has(once(&m), "fragmented", "look_filter", "node = 0 and zone = 'Normal'");
	m.buddy = "Node 0, zone Normal 9000 0 0 0 0 0 0 0 0 0 0\n"
		  "Node 1, zone Normal 9000 0 0 0 0 0 0 0 0 0 0\n"
		  "Node 2, zone Normal 9000 0 0 0 0 0 0 0 0 0 0\n"
		  "Node 3, zone Normal 9000 0 0 0 0 0 0 0 0 0 0\n";
	cell_has(once(&m), "fragmented", "text", "4 zones have 141M free");
}

int main(void)
{
	tree_new(&t);
	arena = mml_arena_new();
	tree_file(&t, "/proc/meminfo", "MemTotal: 1 kB\n");
	if (!tree_table(&t, "findings")) {
		tap_skip("trees need openat2(), Linux 5.6");
	} else {
		test_marks();
		test_near();
		test_nodes();
		test_other_node();
		test_given_up();
		test_other_zone();
		test_kernel_class();
		test_boost();
		test_cma();
		test_node_full();
		test_fragmented();
	}
	mml_arena_free(arena);
	tree_free(&t);
	return tap_done();
}
