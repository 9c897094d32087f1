/* What is wrong is found, with the right numbers; what is not, is not. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/collectors/registry.h"
#include "../../src/core/select.h"
#include "../../src/findings/facts.h"
#include "tree.h"
#include "../../src/source/source.h"

static struct tree t;
static struct mml_arena *arena;

/* A machine on which all is well: 8 GiB, half of them available. */
static const char quiet_meminfo[] = "MemTotal: 8388608 kB\nMemFree: 2097152 kB\n"
				    "MemAvailable: 4194304 kB\nBuffers: 100000 kB\nCached: 3400000 kB\n"
				    "SwapCached: 0 kB\nActive: 3200000 kB\nInactive: 2200000 kB\n"
				    "Active(anon): 1000000 kB\nInactive(anon): 900000 kB\n"
				    "Active(file): 2200000 kB\nInactive(file): 1300000 kB\n"
				    "Unevictable: 0 kB\nDirty: 0 kB\nAnonPages: 1900000 kB\n"
				    "Slab: 800000 kB\nSReclaimable: 600000 kB\nSUnreclaim: 200000 kB\n"
				    "KernelStack: 10000 kB\nPageTables: 20000 kB\n"
				    "Hugepagesize: 2048 kB\n";

static void zone(unsigned free, unsigned boost)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "Node 0, zone   Normal\n  pages free     %u\n        boost    %u\n"
		 "        min      10000\n        low      12500\n        high     15000\n"
		 "        spanned  2097152\n        present  2097152\n        managed  2097152\n",
		 free, boost);
	tree_file(&t, "/proc/zoneinfo", text);
}

static void slab(unsigned long slabs)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "slabinfo - version: 2.1\n# name\n"
		 "kmalloc-64 64 64 64 64 1 : tunables 0 0 0 : slabdata 1 1 0\n"
		 "leaky %lu %lu 4096 1 1 : tunables 0 0 0 : slabdata %lu %lu 0\n",
		 slabs, slabs, slabs, slabs);
	tree_file(&t, "/proc/slabinfo", text);
}

static void quiet(void)
{
	tree_file(&t, "/proc/meminfo", quiet_meminfo);
	tree_file(&t, "/proc/vmstat",
		  "allocstall_normal 5\nallocstall_movable 5\npgscan_direct 1000\n"
		  "pgsteal_direct 900\npgscan_kswapd 5000\npgsteal_kswapd 4000\npswpin 10\n"
		  "pswpout 10\nworkingset_refault_anon 0\nworkingset_refault_file 500\n"
		  "thp_fault_alloc 100\nthp_fault_fallback 50\noom_kill 0\nnr_dirty 10\n"
		  "nr_writeback 0\nnr_dirty_threshold 100000\n");
	tree_file(&t, "/proc/buddyinfo", "Node 0, zone Normal 100 100 0 0 0 0 0 0 0 1000 10\n");
	tree_file(&t, "/proc/pressure/memory",
		  "some avg10=0.50 avg60=0.00 avg300=0.00 total=1\n"
		  "full avg10=0.10 avg60=0.00 avg300=0.00 total=1\n");
	tree_file(&t, "/proc/swaps", "Filename Type Size Used Priority\n/dev/sda2 partition 1000 100 -2\n");
	zone(500000, 0);
	slab(1000);
}

/* The facts of the tree at second NOW of its time. */
static struct mml_facts look(double now)
{
	struct mml_facts facts;
	struct mml_take take;

	mml_root_close(t.root);
	if (mml_root_open(t.dir, &t.root))
		exit(99);
	take = (struct mml_take){ .root = t.root, .arena = arena, .host = mml_root_host(t.root) };
	if (mml_facts_take(&take, &facts))
		exit(99);
	mml_take_end(&take);
	facts.time_ns = (uint64_t)(now * 1e9);
	return facts;
}

static struct mml_table *judge(const struct mml_facts *facts, const struct mml_past *past)
{
	struct mml_table *table =
		mml_table_new(arena, &mml_collector_find("findings")->schema);

	if (!table || mml_findings(facts, past, table))
		exit(99);
	return table;
}

static const char *cell(const struct mml_table *table, size_t i, const char *name)
{
	const char *s = tree_str(table, i, name);

	return s ? s : "-";
}

/* The row of finding NAME, or -1. */
static long find(const struct mml_table *table, const char *name)
{
	for (size_t i = 0; i < table->nrows; i++)
		if (!strcmp(cell(table, i, "finding"), name))
			return (long)i;
	return -1;
}

static struct mml_table *once(void)
{
	struct mml_past none = { 0 };
	struct mml_facts facts = look(1);

	return judge(&facts, &none);
}

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

static void has(const struct mml_table *table, const char *name, const char *severity,
		const char *about, const char *numbers)
{
	long i = find(table, name);

	tap_ok(i >= 0 && !strcmp(cell(table, (size_t)i, "severity"), severity) &&
		       !strcmp(cell(table, (size_t)i, "about"), about) &&
		       strstr(cell(table, (size_t)i, "numbers"), numbers),
	       "%s: %s %s, %s", name, severity, about, numbers);
	if (i < 0)
		return;
	printf("# %s | %s\n", cell(table, (size_t)i, "text"), cell(table, (size_t)i, "numbers"));
	tap_ok(leads(tree_str(table, (size_t)i, "look"), tree_str(table, (size_t)i, "look_sort"),
		     tree_str(table, (size_t)i, "look_filter")),
	       "%s leads to %s, %s, %s", name, cell(table, (size_t)i, "look"),
	       cell(table, (size_t)i, "look_sort"), cell(table, (size_t)i, "look_filter"));
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
		const char *name, *source, *manual;
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

static void test_look(void)
{
	const struct mml_table *table;
	size_t i;

	quiet();
	zone(10000, 0);
	table = once();
	i = (size_t)find(table, "below-min");
	is_cell_str(table, i, "look", "zones");
	is_cell_str(table, i, "look_filter", "node = 0 and zone = 'Normal'");
	is_cell_absent(table, i, "look_sort");
	is_cell_str(table, i, "manual", "WATERMARKS");
	ok(tree_str(table, i, "why") && tree_str(table, i, "advice"));
	tree_file(&t, "/proc/zoneinfo", /* a name that no filter can hold leads to all rows */
		  "Node 0, zone   Nor'mal\n  pages free     1\n        min      10000\n"
		  "        low      12500\n        high     15000\n        spanned  2097152\n"
		  "        present  2097152\n        managed  2097152\n");
	table = once();
	is_cell_absent(table, (size_t)find(table, "below-min"), "look_filter");
}

static void test_quiet(void)
{
	struct mml_past past = { 0 };
	struct mml_facts facts;

	quiet();
	for (int i = 0; i < 40; i++) {
		facts = look(1 + i);
		if (judge(&facts, &past)->nrows)
			break;
		mml_past_add(&past, &facts);
	}
	is_u64(past.time_ns, UINT64_C(40000000000));
	for (size_t i = 0; i < judge(&facts, &past)->nrows; i++)
		printf("# %s\n", cell(judge(&facts, &past), i, "text"));
	mml_past_free(&past);
}

static void test_zones(void)
{
	quiet();
	zone(12500, 0);
	has(once(), "below-low", "note", "node 0 Normal", "free=51200000 min=40960000 low=51200000");
	zone(10000, 0);
	has(once(), "below-min", "critical", "node 0 Normal", "free=40960000");
	zone(12501, 0);
	is_u64(once()->nrows, 0); /* half of memory is available */
	tree_file(&t, "/proc/meminfo",
		  "MemTotal: 8388608 kB\nMemAvailable: 1048576 kB\nMemFree: 1048576 kB\n");
	has(once(), "near-low", "warning", "node 0 Normal", "MemAvailable=1073741824");
	zone(12500, 0);
	has(once(), "below-low", "warning", "node 0 Normal", "low=51200000");
	quiet();
	zone(500000, 9000);
	has(once(), "boosted", "note", "node 0 Normal", "boost=36864000");
	quiet();
	tree_file(&t, "/proc/buddyinfo", "Node 0, zone Normal 50000 0 0 0 0 0 0 0 0 0 0\n");
	has(once(), "fragmented", "note", "node 0 Normal", "free=204800000 order=9");
	tree_file(&t, "/proc/buddyinfo", "Node 0, zone Normal 500 0 0 0 0 0 0 0 0 0 0\n");
	is_u64(once()->nrows, 0);
}

static void test_memory(void)
{
	quiet();
	zone(25000, 0); /* as MemFree */
	tree_file(&t, "/proc/meminfo",
		  "MemTotal: 8388608 kB\nMemFree: 100000 kB\nMemAvailable: 300000 kB\n"
		  "Buffers: 0 kB\nCached: 0 kB\nAnonPages: 1000000 kB\nActive: 3000000 kB\n"
		  "Inactive: 0 kB\nUnevictable: 0 kB\nSUnreclaim: 2000000 kB\nPageTables: 700000 kB\n"
		  "HugePages_Total: 500\nHugePages_Free: 400\nHugePages_Rsvd: 100\n"
		  "Hugepagesize: 2048 kB\nHardwareCorrupted: 4 kB\n");
	has(once(), "available-low", "critical", "-", "MemAvailable=307200000");
	has(once(), "unmapped-lru", "warning", "-", "lru=3072000000 cache_and_mapped=1024000000");
	has(once(), "unaccounted", "note", "-", "unaccounted=1602154496 MemTotal=8589934592");
	has(once(), "slab-large", "warning", "-", "SUnreclaim=2048000000");
	has(once(), "page-tables", "note", "-", "PageTables=716800000");
	has(once(), "huge-pages-idle", "note", "-", "HugePages_Free=400 HugePages_Rsvd=100");
	has(once(), "hardware", "warning", "-", "HardwareCorrupted=4096");
	is_str(cell(once(), 0, "severity"), "critical"); /* the worst comes first */
	tree_file(&t, "/proc/meminfo", "MemTotal: 1048576 kB\nMemFree: 100000 kB\n");
	has(once(), "rewritten", "note", "-", "MemTotal=1073741824 managed=8589934592");
	is_i64(find(once(), "unaccounted"), -1);
	tree_file(&t, "/proc/swaps", "/dev/sda2 partition 1000 950 -2\n");
	has(once(), "swap-full", "warning", "-", "used=972800 size=1024000");
	tree_file(&t, "/proc/pressure/memory",
		  "some avg10=12.34 avg60=0.00 avg300=0.00 total=1\n"
		  "full avg10=11.00 avg60=0.00 avg300=0.00 total=1\n");
	has(once(), "pressure", "critical", "-", "memory.some.avg10_hundredths=1234");
	tree_file(&t, "/proc/vmstat", "nr_dirty 95000\nnr_writeback 0\nnr_dirty_threshold 100000\n"
				      "oom_kill 2\nthp_fault_alloc 1\nthp_fault_fallback 1999\n");
	has(once(), "dirty-limit", "warning", "-", "nr_dirty=95000");
	has(once(), "oom-kill", "note", "-", "oom_kill=2");
	has(once(), "thp-fallback", "note", "-", "thp_fault_fallback=1999 thp_fault_alloc=1");
}

static void test_rates(void)
{
	struct mml_past past = { 0 };
	struct mml_facts facts;
	struct mml_table *table;

	quiet();
	facts = look(10);
	mml_past_add(&past, &facts);
	tree_file(&t, "/proc/vmstat",
		  "allocstall_normal 105\nallocstall_movable 305\npgscan_direct 101000\n"
		  "pgsteal_direct 8900\npgscan_kswapd 5000\npgsteal_kswapd 4000\npswpin 4010\n"
		  "pswpout 2010\nworkingset_refault_anon 4000\nworkingset_refault_file 500\n"
		  "thp_fault_alloc 110\nthp_fault_fallback 80\noom_kill 1\nnr_dirty 10\n"
		  "nr_writeback 0\nnr_dirty_threshold 100000\ncompact_stall 1\n");
	facts = look(12);
	table = judge(&facts, &past);
	has(table, "direct-reclaim", "critical", "-", "allocstall_rate=200 pgscan_direct_rate=50000 pgsteal_direct_rate=4000");
	has(table, "reclaim-futile", "warning", "-", "scan_rate=50000 steal_rate=4000");
	has(table, "swap-thrashing", "warning", "-", "pswpin_rate=2000 pswpout_rate=1000");
	has(table, "thrashing", "warning", "-", "refault_rate=2000");
	has(table, "thp-fallback", "warning", "-", "thp_fault_fallback=30 thp_fault_alloc=10");
	has(table, "oom-kill", "critical", "-", "oom_kill=1");
	is_i64(find(table, "compaction-fails"), -1); /* it was not there before */
	/* Evicted by a control group at its limit: seen by the waiting alone. */
	quiet();
	facts = look(20);
	mml_past_free(&past);
	mml_past_add(&past, &facts);
	tree_file(&t, "/proc/vmstat", "pgsteal_direct 900\npgsteal_kswapd 4000\n"
				      "workingset_refault_file 4500\n");
	facts = look(22);
	is_i64(find(judge(&facts, &past), "thrashing"), -1);
	tree_file(&t, "/proc/pressure/memory", "some avg10=5.40 avg60=0.00 avg300=0.00 total=9\n");
	facts = look(22);
	has(judge(&facts, &past), "thrashing", "warning", "-",
	    "refault_rate=2000 memory.some.avg10_hundredths=540");
	/* Counters that went back tell nothing. */
	mml_past_add(&past, &facts);
	quiet();
	facts = look(23);
	is_u64(judge(&facts, &past)->nrows, 0);
	mml_past_free(&past);
}

/* Does a cache that grows like that count as growing, and how badly? */
static const char *grow(double step_s, unsigned steps, unsigned slabs_a_step, unsigned fall_at)
{
	struct mml_past past = { 0 };
	struct mml_facts facts;
	struct mml_table *table;
	unsigned long slabs = 10000;
	const char *severity = "";

	quiet();
	for (unsigned i = 0; i <= steps; i++) {
		slab(slabs);
		facts = look(100 + i * step_s);
		if (i == steps)
			break;
		mml_past_add(&past, &facts);
		slabs += slabs_a_step;
		if (fall_at && i == fall_at)
			slabs -= 2 * slabs_a_step;
	}
	table = judge(&facts, &past);
	if (find(table, "slab-growing") >= 0) {
		severity = cell(table, (size_t)find(table, "slab-growing"), "severity");
		is_str(cell(table, (size_t)find(table, "slab-growing"), "about"), "leaky");
	}
	mml_past_free(&past);
	return severity;
}

static void test_growth(void)
{
	is_str(grow(1, 10, 100, 0), "note");      /* a leak of 400 KiB/s shows within ten seconds */
	is_str(grow(1, 3, 100, 0), "");           /* but not within three */
	is_str(grow(1, 1, 20000, 0), "warning");  /* 80 MiB at once does: 4 GiB are gone in a minute */
	is_str(grow(1, 10, 0, 0), "");
	is_str(grow(1, 10, 2, 0), "");            /* 80 KiB in ten seconds */
	is_str(grow(1, 10, 100, 5), "");          /* it also shrank */
	is_str(grow(30, 100, 100, 0), "note");    /* 400 KiB in half a minute, for most of an hour */
	is_str(grow(0.02, 600, 4, 0), "note");    /* looking often does not hide it */
}

/* What is remembered stays small, however long it goes on. */
static void test_bounds(void)
{
	struct mml_past past = { 0 };
	struct mml_facts facts;

	quiet();
	facts = look(0);
	for (int i = 1; i < 20000; i++) {
		facts.time_ns = (uint64_t)i * 500000000;
		mml_past_add(&past, &facts);
	}
	ok(past.points <= MML_PAST_POINTS && past.ncaches == 2);
	ok(past.spacing_ns >= UINT64_C(60000000000) && past.spacing_ns < UINT64_C(130000000000));
	ok(past.when[past.points - 1] > past.when[0]);
	mml_past_free(&past);
}

/* Trees of machines that were well when they were captured: no alarm. */
static void test_fixtures(void)
{
	static const char *const well[] = {
		"hwloc-256ia64-64n2s2c", "hwloc-20s390-2g6s4c", "hwloc-40intel64-2g2n4c_pcilocality",
		"hwloc-96em64t-4no4pa3ca2co", "utillinux-x86_64-16g", "khandevops-linux",
		"hwloc-nvidiagpunumanodes", "hwloc-5intel64-hybrid-lakefield",
	};

	const char *src = getenv("top_srcdir"), *shared = getenv("MMLENS_FIXTURES");

	for (size_t i = 0; i < sizeof(well) / sizeof(*well); i++) {
		struct mml_query query = { .collector = mml_collector_find("findings"),
					   .reading.cancel_fd = -1 };
		struct mml_snapshot *snap;
		struct mml_root *root;
		char dir[512];

		if (shared)
			snprintf(dir, sizeof(dir), "%s/%s", shared, well[i]);
		else
			snprintf(dir, sizeof(dir), "%s/../shared/fixtures/%s", src ? src : ".",
				 well[i]);
		if (mml_root_open(dir, &root)) {
			tap_skip("%s is not here", well[i]);
			continue;
		}
		if (!mml_snapshot_take(root, &query, 1, &snap)) {
			tap_ok(!snap->tables[0]->nrows, "%s: nothing looks wrong", well[i]);
			for (size_t r = 0; r < snap->tables[0]->nrows; r++)
				printf("# %s\n", cell(snap->tables[0], r, "text"));
			mml_snapshot_put(snap);
		}
		mml_root_close(root);
	}
}

int main(void)
{
	tree_new(&t);
	arena = mml_arena_new();
	quiet();
	if (!tree_table(&t, "findings")) {
		tap_skip("trees need openat2(), Linux 5.6");
	} else {
		test_quiet();
		test_look();
		test_zones();
		test_memory();
		test_rates();
		test_growth();
		test_bounds();
	}
	test_kinds();
	test_fixtures();
	mml_arena_free(arena);
	tree_free(&t);
	return tap_done();
}
