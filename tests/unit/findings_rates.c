/* Findings about what happens: two looks ten seconds apart, and each threshold from both sides. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge.h"

static const struct machine *before(void)
{
	static struct machine m;

	m = machine_well(16 * GIB);
	return &m;
}

/* The same machine ten seconds later, when some task waited SOME per cent and all FULL; -1: unknown. */
static struct machine later(double some, double full)
{
	struct machine m = machine_well(16 * GIB);

	m.some = some;
	m.full = full;
	return m;
}

static void test_pressure(void)
{
	static const struct {
		double some, full;
		const char *severity;
	} tests[] = {
		{ 9.99, 4.99, "" },	   { 10, 0, "warning" },    { 5, 5, "warning" },
		{ 50, 9.99, "warning" },   { 50, 10, "critical" },  { -1, -1, "" },
	};

	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		struct machine m = later(tests[i].some, tests[i].full);

		severity_is(once(&m), "pressure", tests[i].severity);
	}
}

static struct mml_table *killed(uint64_t ever, uint64_t now, uint64_t stalls)
{
	struct machine a = machine_well(16 * GIB), b = a;

	a.oom_kill = ever;
	b.oom_kill = ever + now;
	b.allocstall = stalls;
	return after(&a, &b);
}

static void test_kills(void)
{
	severity_is(killed(0, 0, 0), "oom-kill", "");
	severity_is(killed(3, 0, 0), "oom-kill", "note");
	cell_has(killed(3, 0, 0), "oom-kill", "text", "limits of groups included");
	severity_is(killed(0, 1, 40), "oom-kill", "critical");
	cell_has(killed(0, 1, 40), "oom-kill", "text",
		 "the kernel killed 1 process just now for lack of memory, of the machine or of a control group");
	cell_has(killed(5, 2, 0), "oom-kill", "text",
		 "2 processes just now: not for the machine, for which no task had to reclaim, but at the limit of a control group");
}

static void test_direct(void)
{
	struct machine m = later(0.5, 0);

	m.allocstall = 9;
	severity_is(after(before(), &m), "direct-reclaim", "");
	m.allocstall = 10;
	severity_is(after(before(), &m), "direct-reclaim", "warning");
	severity_is(once(&m), "direct-reclaim", ""); /* a total says nothing of now */
	m.allocstall = 1000;
	m.some = 9.99;
	severity_is(after(before(), &m), "direct-reclaim", "warning");
	m.some = 10;
	severity_is(after(before(), &m), "direct-reclaim", "critical");
	m.some = -1;
	severity_is(after(before(), &m), "direct-reclaim", "critical");
	m.allocstall = 999;
	severity_is(after(before(), &m), "direct-reclaim", "warning");
	severity_is(after(&m, before()), "direct-reclaim", ""); /* it went back */
}

static void test_futile(void)
{
	struct machine small = machine_well(128 * MIB), m = later(0.5, 0);

	m.scan_kswapd = 60000;
	m.scan_direct = 40000;
	m.steal_kswapd = 29999;
	severity_is(after(before(), &m), "reclaim-futile", "warning");
	m.steal_direct = 1;
	severity_is(after(before(), &m), "reclaim-futile", "");
	m.steal_direct = 0;
	m.scan_direct = 39999;
	severity_is(after(before(), &m), "reclaim-futile", "");
	/* Of 32768 pages, 2 % are 655. */
	m = small;
	m.scan_direct = 6549;
	severity_is(after(&small, &m), "reclaim-futile", "");
	m.scan_direct = 6550;
	severity_is(after(&small, &m), "reclaim-futile", "warning");
}

static void test_refault(void)
{
	struct machine small = machine_well(128 * MIB), m = later(1, 0);

	m.refault = 10240; /* 4 MiB/s */
	severity_is(after(before(), &m), "thrashing", "warning");
	cell_has(after(before(), &m), "thrashing", "why", "a control group is at its limit");
	m.steal_kswapd = 5120;
	cell_has(after(before(), &m), "thrashing", "text",
		 "4.0M a second is read back that was evicted not long ago, and some task waited for memory 1.0 %");
	m.refault = 10239;
	severity_is(after(before(), &m), "thrashing", "");
	m.refault = 10240;
	m.some = 0.99;
	severity_is(after(before(), &m), "thrashing", "");
	m.some = -1; /* not measured: then what is evicted meanwhile decides */
	severity_is(after(before(), &m), "thrashing", "warning");
	m.steal_kswapd = 5119;
	severity_is(after(before(), &m), "thrashing", "");
	m = small;
	m.some = 1;
	m.refault = 3270; /* 1 % of 32768 pages are 327.68 */
	severity_is(after(&small, &m), "thrashing", "warning");
	m.refault = 3260;
	severity_is(after(&small, &m), "thrashing", "");
}

static void test_swapping(void)
{
	struct machine m = later(1, 0);

	m.swap_in = m.swap_out = 2560; /* 1 MiB/s */
	severity_is(after(before(), &m), "swap-thrashing", "warning");
	m.swap_in = 2559;
	severity_is(after(before(), &m), "swap-thrashing", "");
	m.swap_in = 2560;
	m.swap_out = 2559;
	severity_is(after(before(), &m), "swap-thrashing", "");
	/* zram at 16 MiB/s each way, and nobody waits. */
	m.swap_in = m.swap_out = 40960;
	m.some = 0.99;
	severity_is(after(before(), &m), "swap-thrashing", "");
	m.some = 30;
	m.full = 9.99;
	severity_is(after(before(), &m), "swap-thrashing", "warning");
	m.full = 10;
	severity_is(after(before(), &m), "swap-thrashing", "critical");
	m.some = -1;
	m.allocstall = 9;
	severity_is(after(before(), &m), "swap-thrashing", "");
	m.allocstall = 10;
	severity_is(after(before(), &m), "swap-thrashing", "warning");
}

static void test_swap_full(void)
{
	struct machine m = later(0, 0);

	m.swap_total = 1000000;
	m.swap_free = 100001;
	severity_is(once(&m), "swap-full", "");
	m.swap_free = 100000;
	severity_is(once(&m), "swap-full", "note");
	m.available = 3355443; /* scarce */
	severity_is(once(&m), "swap-full", "warning");
	m.available = -1;
	severity_is(once(&m), "swap-full", "warning");
}

static void test_huge(void)
{
	struct machine a = machine_well(16 * GIB), m = a;

	m.thp_fallback = 8;
	m.thp_alloc = 8;
	severity_is(after(&a, &m), "thp-fallback", "warning");
	m.thp_alloc = 9;
	severity_is(after(&a, &m), "thp-fallback", "");
	m.thp_fallback = 7;
	m.thp_alloc = 0;
	severity_is(after(&a, &m), "thp-fallback", "");
	m.thp_fallback = m.thp_alloc = 1000;
	severity_is(once(&m), "thp-fallback", "note");
	cell_has(once(&m), "thp-fallback", "text", "since boot 1000 of 2000 page faults");
	m.thp_alloc = 1001;
	severity_is(once(&m), "thp-fallback", "");
	m.thp_fallback = 999;
	severity_is(once(&m), "thp-fallback", "");
	m = a;
	m.compact_stall = 10;
	m.compact_fail = 5;
	severity_is(after(&a, &m), "compaction-fails", "warning");
	m.compact_fail = 4;
	severity_is(after(&a, &m), "compaction-fails", "");
	m.compact_stall = m.compact_fail = 9;
	severity_is(after(&a, &m), "compaction-fails", "");
}

/* A counter that was not there before, or is not there now, has no rate. */
static void test_absent(void)
{
	struct mml_past past = { 0 };
	struct mml_facts facts;
	struct machine m = later(50, 20);

	machine_write(&t, before());
	facts = look(10);
	mml_past_add(&past, &facts);
	m.more_vmstat = "allocstall_device 5000\n";
	m.swap_in = m.swap_out = m.refault = 1000000;
	machine_write(&t, &m);
	tree_file(&t, "/proc/vmstat", "pgscan_kswapd 900000\n");
	facts = look(20);
	is_i64(find(judge(&facts, &past), "direct-reclaim"), -1);
	is_i64(find(judge(&facts, &past), "reclaim-futile"), -1);
	is_i64(find(judge(&facts, &past), "thrashing"), -1);
	is_i64(find(judge(&facts, &past), "swap-thrashing"), -1);
	mml_past_free(&past);
	machine_write(&t, &m);
	tree_file(&t, "/proc/vmstat", "pgscan_kswapd 5\n");
	facts = look(30);
	mml_past_add(&past, &facts);
	machine_write(&t, &m);
	facts = look(40);
	is_i64(find(judge(&facts, &past), "direct-reclaim"), -1);
	is_i64(find(judge(&facts, &past), "swap-thrashing"), -1);
	mml_past_free(&past);
}

int main(void)
{
	tree_new(&t);
	arena = mml_arena_new();
	tree_file(&t, "/proc/meminfo", "MemTotal: 1 kB\n");
	if (!tree_table(&t, "findings")) {
		tap_skip("trees need openat2(), Linux 5.6");
	} else {
		test_pressure();
		test_kills();
		test_direct();
		test_futile();
		test_refault();
		test_swapping();
		test_swap_full();
		test_huge();
		test_absent();
	}
	mml_arena_free(arena);
	tree_free(&t);
	return tap_done();
}
