/* What every finding says beside its words, and what is found in files that people have sent. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/core/select.h"
#include "../../src/findings/finder.h"
#include "judge.h"

/* There is such a table, with the columns the order and the filter name. */
static bool leads(const char *look, const char *sort, const char *filter)
{
	const struct mml_collector *c = look ? mml_collector_find(look) : NULL;
	struct mml_select sel;
	bool good;

	if (!c)
		return false;
	mml_select_init(&sel, &c->schema);
	good = !(sort && mml_select_sort(&sel, sort)) &&
	       !(filter && mml_select_filter(&sel, filter));
	mml_select_free(&sel);
	return good;
}

/* Whether the manual page has SECTION. */
static bool has_section(const char *section)
{
	const char *src = getenv("top_srcdir");
	char path[512], want[128], line[512];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/man/mmlens-counters.7.in", src ? src : ".");
	snprintf(want, sizeof(want), ".Sh %s\n", section);
	f = fopen(path, "r");
	while (f && !found && fgets(line, sizeof(line), f))
		found = !strcmp(line, want);
	if (f)
		fclose(f);
	return found;
}

/* Every kind says what it means, what to do, and leads to what there is. */
static void test_kinds(void)
{
	static const struct {
		const char *name;
		unsigned needs;
		const char *source, *manual;
		struct {
			const char *table, *sort, *filter;
		} look;
		const char *means, *advice;
	} kinds[] = {
#define FINDING(id, ...) { __VA_ARGS__ },
#include "../../src/findings/findings.def"
#undef FINDING
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		tap_ok(leads(kinds[i].look.table, kinds[i].look.sort, kinds[i].look.filter),
		       "%s leads to %s", kinds[i].name, kinds[i].look.table);
		tap_ok(has_section(kinds[i].manual), "%s: %s is in the manual", kinds[i].name,
		       kinds[i].manual);
	}
}


/* What is found leads to the rows it is about. */
static void test_look(void)
{
	struct machine m = machine_well(8 * GIB);
	struct mml_table *table;

	m.free = 4 * m.min;
	m.buddy = "Node 0, zone Normal 90000 0 0 0 0 0 0 0 0 0 0\n";
	m.unaccounted = GIB;
	m.available = 1000;
	table = once(&m);
	ok(table->nrows >= 4);
	is_str(cell(table, 0, "severity"), "critical"); /* the worst comes first */
	for (size_t i = 0; i < table->nrows; i++) {
		tap_ok(leads(tree_str(table, i, "look"), tree_str(table, i, "look_sort"),
			     tree_str(table, i, "look_filter")),
		       "%s leads to %s, %s, %s", cell(table, i, "finding"), cell(table, i, "look"),
		       cell(table, i, "look_sort"), cell(table, i, "look_filter"));
		tap_ok(tree_str(table, i, "why") && tree_str(table, i, "advice") &&
			       tree_str(table, i, "numbers") && tree_str(table, i, "source"),
		       "%s says why, and what to do", cell(table, i, "finding"));
	}
	is_cell_str(table, (size_t)find(table, "below-min"), "manual", "WATERMARKS");
	/* A name that no filter can hold leads to all rows. */
	m = machine_well(8 * GIB);
	m.buddy = "Node 0, zone Nor'mal 90000 0 0 0 0 0 0 0 0 0 0\n";
	table = once(&m);
	severity_is(table, "fragmented", "note");
	is_cell_absent(table, (size_t)find(table, "fragmented"), "look_filter");
}

/* The age in seconds of finding NAME in a look at M at second NOW; -1: absent. */
static double age_of(struct mml_past *past, const struct machine *m, double now, const char *name)
{
	struct mml_facts facts;
	struct mml_table *table;
	long i;

	machine_write(&t, m);
	facts = look(now);
	table = judge(&facts, past);
	mml_past_found(past, table, (unsigned)mml_schema_find(table->schema, "finding", 7),
		       (unsigned)mml_schema_find(table->schema, "about", 5),
		       (unsigned)mml_schema_find(table->schema, "age", 3), facts.time_ns);
	i = find(table, name);
	if (i < 0 || !tree_cell(table, (size_t)i, "age"))
		return -1;
	return (double)tree_u64(table, (size_t)i, "age") / 1e9;
}

/* How long something has been found without a break. */
static void test_age(void)
{
	struct machine well = machine_well(8 * GIB), low = well;
	struct mml_past past = { 0 };

	low.free = 4 * low.low;
	ok(age_of(&past, &low, 10, "below-low") < 0);
	ok(age_of(&past, &low, 15, "below-low") == 5);
	low.corrupted = 4;
	ok(age_of(&past, &low, 25, "below-low") == 15);
	ok(age_of(&past, &low, 30, "hardware") == 5);
	ok(age_of(&past, &well, 35, "below-low") < 0);
	ok(age_of(&past, &low, 40, "below-low") < 0);
	ok(age_of(&past, &low, 41, "below-low") == 1);
	mml_past_free(&past);
}

/* Silence is worth as much as there is to look at. */
static void test_looked(void)
{
	struct machine m = machine_well(8 * GIB);
	struct mml_past none = { 0 }, past = { 0 };
	struct mml_facts facts;
	unsigned all = MML_FINDINGS; /* but those of groups: there are none */

#define FINDING(id, name, needs, ...) all -= !!((needs)&NEEDS_GROUPS);
#include "../../src/findings/findings.def"
#undef FINDING
	machine_write(&t, &m);
	facts = look(10);
	ok(mml_findings_looked(&facts, &none) < all);
	mml_past_add(&past, &facts);
	facts = look(20);
	is_u64(mml_findings_looked(&facts, &past), all);
	tree_file(&t, "/proc/buddyinfo", "");
	facts = look(30);
	is_u64(mml_findings_looked(&facts, &past), all - 1);
	tree_file(&t, "/proc/pressure/memory", "");
	facts = look(40);
	is_u64(mml_findings_looked(&facts, &past), all - 2);
	mml_past_free(&past);
}

/* The thresholds in the manual are those of the rules: both are made from one list. That list names
 * every finding, and holds no number beside those. */
static void test_limits(void)
{
	static const struct {
		const char *finding, *what, *why;
	} limits[] = {
#define LIMIT(finding, id, number, unit, what, why) { #finding, what, why },
#define KERNELS(finding, limit, what, why) { #finding, what, why },
#include "../../src/findings/limits.def"
#undef LIMIT
#undef KERNELS
	};
	static const char *const ids[] = {
#define FINDING(id, ...) #id,
#include "../../src/findings/findings.def"
#undef FINDING
	};
	const size_t n = sizeof(limits) / sizeof(*limits);

	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		size_t k = 0;

		while (k < n && strcmp(limits[k].finding, ids[i]))
			k++;
		tap_ok(k < n, "%s has a threshold", ids[i]);
	}
	for (size_t i = 0; i < n; i++)
		if (strpbrk(limits[i].why, "0123456789") ||
		    (strpbrk(limits[i].what, "0123456789") && !strstr(limits[i].what, "Linux 4.8")))
			tap_ok(false, "%s: a number in the words: %s %s", limits[i].finding,
			       limits[i].what, limits[i].why);
}

/* Where trees beside the project are: in the folder that VARIABLE names, or in ../shared/FOLDER. */
static const char *beside(const char *variable, const char *folder, const char *tree, char *ret,
			  size_t size)
{
	const char *src = getenv("top_srcdir"), *at = getenv(variable);

	if (at)
		snprintf(ret, size, "%s/%s", at, tree);
	else
		snprintf(ret, size, "%s/../shared/%s/%s", src ? src : ".", folder, tree);
	return ret;
}

/* The findings of the tree at DIR; NULL: it is not there. To be put back. */
static struct mml_snapshot *findings_of(const char *dir, struct mml_root **ret_root)
{
	struct mml_query query = { .collector = mml_collector_find("findings"),
				   .reading.cancel_fd = -1 };
	struct mml_snapshot *snap;

	if (mml_root_open(dir, ret_root))
		return NULL;
	if (!mml_snapshot_take(*ret_root, &query, 1, &snap))
		return snap;
	mml_root_close(*ret_root);
	return NULL;
}

/* Trees of machines that were well when they were captured: there is no alarm. */
static void test_fixtures(void)
{
	static const char *const well[] = {
		"hwloc-256ia64-64n2s2c", "hwloc-20s390-2g6s4c", "hwloc-40intel64-2g2n4c_pcilocality",
		"hwloc-96em64t-4no4pa3ca2co", "utillinux-x86_64-16g", "khandevops-linux",
		"hwloc-nvidiagpunumanodes", "hwloc-5intel64-hybrid-lakefield",
		"hwloc-fakememinitiators-1np2c_1npp_gi", "hotsos-kubernetes", "innofirmware",
	};
	char dir[512];

	for (size_t i = 0; i < sizeof(well) / sizeof(*well); i++) {
		struct mml_root *root;
		struct mml_snapshot *snap = findings_of(
			beside("MMLENS_FIXTURES", "fixtures", well[i], dir, sizeof(dir)), &root);

		if (!snap) {
			tap_skip("%s is not here", well[i]);
			continue;
		}
		tap_ok(!snap->tables[0]->nrows, "%s: nothing looks wrong", well[i]);
		for (size_t r = 0; r < snap->tables[0]->nrows; r++)
			printf("# %s\n", cell(snap->tables[0], r, "text"));
		mml_snapshot_put(snap);
		mml_root_close(root);
	}
}

/* What is right to say of files from public reports, and what would be wrong. */
static void test_reports(void)
{
	static const struct {
		const char *tree, *finding, *severity; /* "": it must not be found */
		const char *text;                      /* part of it, or NULL */
	} reports[] = {
		/* Normal is 32K under low while DMA32 has 2.3G: kswapd sleeps. */
		{ "01-jc-ubuntu2004", "below-low", "", NULL },
		{ "01-jc-ubuntu2004", "below-min", "", NULL },
		{ "02-jc-zoneinfo2", "below-low", "", NULL },
		{ "02-jc-zoneinfo2", "below-min", "", NULL },
		{ "02-jc-zoneinfo2", "kswapd-gave-up", "", NULL },
		{ "46-container-cgroup2", "below-low", "", NULL },
		{ "06-porteus", "unaccounted", "", NULL },
		{ "06-porteus", "below-low", "", NULL },
		/* The meminfo of a container is no leak of the machine's. */
		{ "09-lxcfs84-negative", "unmapped-lru", "", NULL },
		{ "09-lxcfs84-negative", "rewritten", "note", NULL },
		{ "09-lxcfs84-negative", "unaccounted", "", NULL },
		{ "11-lxcfs389-memtotal0", "contradiction", "warning", "MemTotal is 0" },
		{ "11-lxcfs389-memtotal0", "available-low", "", NULL },
		{ "15-btop473-avail-gt-total", "contradiction", "warning",
		  "MemAvailable of 176000000 kB is more than MemTotal of 104857600 kB" },
		{ "15-btop473-avail-gt-total", "available-low", "", NULL },
		{ "34-lxcfs210-nolimit", "rewritten", "note", "MemFree" },
		{ "34-lxcfs210-nolimit", "unmapped-lru", "", NULL },
		{ "44-lxcfs153-duplicates", "unaccounted", "", NULL },
		{ "39-uek218-counter-leak", "contradiction", "warning", "Buffers + Cached + SwapCached + AnonPages of 141200000 kB" },
		{ "39-uek218-counter-leak", "unmapped-lru", "", NULL },
		/* Fields that are not there are not memory that is gone. */
		{ "13-psmem64-hugetlb", "unaccounted", "", NULL },
		{ "13-psmem64-hugetlb", "huge-pages-idle", "note", "23764 of 2.0M" },
		{ "20-linprocfs-cacti207", "unaccounted", "", NULL },
		{ "36-swaps-odd", "unaccounted", "", NULL },
		{ "40-hotsos526-frag", "unaccounted", "", NULL },
		{ "19-wsl1-swapfree", "unaccounted", "", NULL },
		{ "19-wsl1-swapfree", "swap-full", "", NULL },
		{ "17-numactl152-1g-default", "huge-pages-idle", "note",
		  "4.0G of huge page pools is neither used nor reserved (1024 of 2.0M, 2 of 1.0G)" },
		{ "16-xsos288-rsvd", "huge-pages-idle", "", NULL },
		{ "24-zram-htop1216", "available-low", "critical", "memory is nearly gone" },
		{ "35-coreos2637-ebitmap", "slab-large", "warning", "ebitmap_node with 43.8G" },
		{ "28-rpi6549-slab3072", "slab-debugging", "note", "take 3072 bytes" },
		{ "37-swaps-invalid", "swap-full", "", NULL },
		{ "40-hotsos526-frag", "fragmented", "note",
		  "node 1 Normal has 3.9G free, and not one block of 2.0M for a huge page" },
		/* No 65536E wait to be written. */
		{ "43-vmstat-underflow", "dirty-limit", "", NULL },
		{ "43-vmstat-underflow", "contradiction", "warning", "below zero" },
		/* kswapd of that age went by each zone; MemAvailable that is not told is not scarce. */
		{ "47-3.2-cachefull", "below-low", "note", "kswapd is at work for node 0 Normal" },
		{ "49-3.13-normal-low", "below-low", "note", "kswapd is at work for node 0 Normal" },
		{ "49-3.13-normal-low", "available-low", "", NULL },
		{ "sysstat-root3", "pressure", "warning", "21.1 %" },
		{ "sysstat-root1", "pressure", "", NULL },
		/* These are among the fixtures. Leaked huge pages of 64K arm64 are what is on the lists. */
		{ "arm64-64k-el8-thp-leak", "unmapped-lru", "warning", "224G of 254G (88.2 %)" },
		{ "arm64-64k-el8-thp-leak", "available-low", "critical", "323M of 254G left" },
		{ "hwloc-2i386-2t-hugepagesizecount", "contradiction", "warning",
		  "MemTotal is 400016779264 kB, but HighTotal + LowTotal are 1033560 kB" },
		{ "hwloc-2i386-2t-hugepagesizecount", "unaccounted", "", NULL },
		{ "hotsos-rabbitmq", "contradiction", "warning", "Slab is 0 beside KReclaimable" },
		{ "hotsos-rabbitmq", "rewritten", "note", "MemTotal is 1048576 kB" },
		{ "pcp-pressure-root-001", "pressure", "critical", "70.2 %" },
		{ "node_exporter", "fragmented", "note", "node 0 DMA32 has 55.4M free" },
		{ "vm-5.10", "oom-kill", "note", "since boot" },
	};
	char dir[512];

	for (size_t i = 0; i < sizeof(reports) / sizeof(*reports); i++) {
		struct mml_root *root;
		struct mml_snapshot *snap = findings_of(
			beside("MMLENS_REPORTS", "reports", reports[i].tree, dir, sizeof(dir)), &root);

		if (!snap)
			snap = findings_of(beside("MMLENS_FIXTURES", "fixtures", reports[i].tree, dir,
						  sizeof(dir)),
					   &root);
		if (!snap) {
			tap_skip("%s is not here", reports[i].tree);
			continue;
		}
		printf("# %s\n", reports[i].tree);
		severity_is(snap->tables[0], reports[i].finding, reports[i].severity);
		if (reports[i].text)
			cell_has(snap->tables[0], reports[i].finding, "text", reports[i].text);
		mml_snapshot_put(snap);
		mml_root_close(root);
	}
}

int main(void)
{
	tree_new(&t);
	arena = mml_arena_new();
	tree_file(&t, "/proc/meminfo", "MemTotal: 1 kB\n");
	if (!tree_table(&t, "findings")) {
		tap_skip("trees need openat2(), Linux 5.6");
	} else {
		test_look();
		test_age();
		test_looked();
	}
	test_kinds();
	test_limits();
	test_fixtures();
	test_reports();
	mml_arena_free(arena);
	tree_free(&t);
	return tap_done();
}
