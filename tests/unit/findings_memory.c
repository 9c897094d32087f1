/* Findings about memory: each threshold from both sides, and machines that have misled others. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge.h"

static void test_well(void)
{
	static const uint64_t sizes[] = { 128 * MIB, 2 * GIB, 16 * GIB, 2048 * GIB };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct machine m = machine_well(sizes[i]);
		struct mml_table *table = once(&m);

		tap_ok(!table->nrows, "nothing looks wrong with %" PRIu64 " MiB", sizes[i] / MIB);
		for (size_t r = 0; r < table->nrows; r++)
			printf("# %s\n", cell(table, r, "text"));
		tap_ok(!after(&m, &m)->nrows, "nor ten seconds later");
	}
}

static struct mml_table *available(uint64_t total, int64_t kib)
{
	struct machine m = machine_well(total);

	m.available = kib;
	return once(&m);
}

static void test_available(void)
{
	struct machine m;

	severity_is(available(16 * GIB, 1677722), "available-low", ""); /* 10 % is 1677721.6 */
	severity_is(available(16 * GIB, 1677721), "available-low", "warning");
	severity_is(available(16 * GIB, 838861), "available-low", "warning");
	severity_is(available(16 * GIB, 838860), "available-low", "critical");
	/* On a large machine 16 and 4 GiB. */
	severity_is(available(1024 * GIB, 16 * GIB), "available-low", "");
	severity_is(available(1024 * GIB, 16 * GIB - 4), "available-low", "warning");
	severity_is(available(1024 * GIB, 4 * GIB), "available-low", "warning");
	severity_is(available(1024 * GIB, 4 * GIB - 4), "available-low", "critical");
	/* None is a number, and no number is none. */
	severity_is(available(16 * GIB, 0), "available-low", "critical");
	cell_has(available(16 * GIB, 0), "available-low", "text", "no memory is left");
	severity_is(available(16 * GIB, -1), "available-low", "");
	/* 980 of 1030 GiB are in the pools, and 34 GiB are available of the other 50. */
	m = machine_well(50 * GIB);
	m.total = 1030 * GIB;
	m.huge_used = 980 * GIB / 2048;
	m.available = 34 * GIB;
	severity_is(once(&m), "available-low", "");
	m.available = 5 * GIB;
	severity_is(once(&m), "available-low", "");
	m.available = 5 * GIB - 4;
	severity_is(once(&m), "available-low", "warning");
	cell_has(once(&m), "available-low", "text", "5.0G of 50.0G outside of huge page pools");
	/* 95 % of memory in the pools. */
	m = machine_well(4 * GIB);
	m.total = 80 * GIB;
	m.huge_used = 76 * GIB / 2048;
	is_u64(once(&m)->nrows, 0);
}

static struct mml_table *unaccounted(uint64_t total, uint64_t kib)
{
	struct machine m = machine_well(total);

	m.unaccounted = kib;
	return once(&m);
}

static void test_unaccounted(void)
{
	struct machine m = machine_well(16 * GIB);

	severity_is(unaccounted(16 * GIB, 838860), "unaccounted", ""); /* 5 % is 838860.8 */
	severity_is(unaccounted(16 * GIB, 838861), "unaccounted", "note");
	severity_is(unaccounted(16 * GIB, 3355443), "unaccounted", "note"); /* 20 % is 3355443.2 */
	severity_is(unaccounted(16 * GIB, 3355444), "unaccounted", "warning");
	severity_is(unaccounted(2048 * GIB, 32 * GIB - 1), "unaccounted", "");
	severity_is(unaccounted(2048 * GIB, 32 * GIB), "unaccounted", "note");
	severity_is(unaccounted(2048 * GIB, 48 * GIB - 1), "unaccounted", "note");
	severity_is(unaccounted(2048 * GIB, 48 * GIB), "unaccounted", "warning");
	severity_is(unaccounted(2048 * GIB, 60 * GIB), "unaccounted", "warning");
	severity_is(unaccounted(4 * GIB, 256 * MIB - 1), "unaccounted", "");
	severity_is(unaccounted(4 * GIB, 256 * MIB), "unaccounted", "note");
	severity_is(unaccounted(128 * MIB, 13107), "unaccounted", ""); /* 10 % is 13107.2 */
	severity_is(unaccounted(128 * MIB, 13108), "unaccounted", "note");
	severity_is(unaccounted(128 * MIB, 64 * MIB), "unaccounted", "warning");
	/* What is not counted is in the remainder: without page tables it says nothing. */
	m.unaccounted = 8 * GIB;
	machine_write(&t, &m);
	tree_file(&t, "/proc/meminfo", "MemTotal: 16777216 kB\nMemFree: 100000 kB\nActive: 1000 kB\n"
				       "Inactive: 1000 kB\nSlab: 1000 kB\nKernelStack: 100 kB\n");
	severity_is(as_it_is(), "unaccounted", "");
}

static void test_unmapped(void)
{
	struct machine m = machine_well(16 * GIB);

	m.unmapped = 838860;
	severity_is(once(&m), "unmapped-lru", "");
	m.unmapped = 838861;
	severity_is(once(&m), "unmapped-lru", "warning");
	m = machine_well(1024 * GIB);
	m.unmapped = 16 * GIB - 1;
	severity_is(once(&m), "unmapped-lru", "");
	m.unmapped = 16 * GIB;
	severity_is(once(&m), "unmapped-lru", "warning");
	m = machine_well(4 * GIB);
	m.unmapped = 256 * MIB - 1;
	severity_is(once(&m), "unmapped-lru", "");
	m.unmapped = 256 * MIB;
	severity_is(once(&m), "unmapped-lru", "warning");
	m = machine_well(128 * MIB);
	m.unmapped = 13107;
	severity_is(once(&m), "unmapped-lru", "");
	m.unmapped = 13108;
	severity_is(once(&m), "unmapped-lru", "warning");
}

static void test_shares(void)
{
	struct machine m = machine_well(16 * GIB);

	m.shmem = 4 * GIB - 1;
	severity_is(once(&m), "shmem-large", "");
	m.shmem = 4 * GIB;
	severity_is(once(&m), "shmem-large", "note");
	m.swap_total = m.swap_free = 0;
	cell_has(once(&m), "shmem-large", "text", "no swap");
	m.shmem = 8 * GIB;
	severity_is(once(&m), "shmem-large", "note"); /* memory is not scarce */
	m.available = 3355444; /* 20 % is 3355443.2 */
	severity_is(once(&m), "shmem-large", "note");
	m.available = 3355443;
	severity_is(once(&m), "shmem-large", "warning");
	m.shmem = 8 * GIB - 1;
	severity_is(once(&m), "shmem-large", "note");
	m = machine_well(16 * GIB);
	m.tables = 838860;
	severity_is(once(&m), "page-tables", "");
	m.tables = 838861;
	severity_is(once(&m), "page-tables", "note");
	m = machine_well(16 * GIB);
	m.percpu = 838860;
	severity_is(once(&m), "percpu", "");
	m.percpu = 838861;
	severity_is(once(&m), "percpu", "note");
	m = machine_well(16 * GIB);
	m.stacks = 838860;
	severity_is(once(&m), "threads", "");
	m.stacks = 838861;
	severity_is(once(&m), "threads", "note");
	m = machine_well(16 * GIB);
	m.slab_fixed = 3355443;
	severity_is(once(&m), "slab-large", "");
	m.slab_fixed = 3355444;
	severity_is(once(&m), "slab-large", "warning");
	cell_has(once(&m), "slab-large", "text", "cannot be reclaimed");
	m = machine_well(16 * GIB);
	m.slab_reclaimable = 8 * GIB - m.slab_fixed - 1;
	severity_is(once(&m), "slab-large", "");
	m.slab_reclaimable++;
	severity_is(once(&m), "slab-large", "warning");
	m = machine_well(16 * GIB);
	m.pins = 5000000 + 1048575; /* a quarter is 1048576 pages */
	m.unpins = 5000000;
	severity_is(once(&m), "pinned", "");
	m.pins++;
	severity_is(once(&m), "pinned", "note");
	m.unpins = m.pins + 1; /* counters of CPUs that are read one after the other */
	severity_is(once(&m), "pinned", "");
	m.pins = UINT64_C(1) << 40; /* pages that are pinned many times */
	severity_is(once(&m), "pinned", "");
}

/* Pages of network buffers. */
static struct mml_table *sockets(unsigned pages)
{
	struct machine m = machine_well(16 * GIB);
	struct mml_table *ret;
	char text[256];

	machine_write(&t, &m);
	snprintf(text, sizeof(text),
		 "sockets: used 5\nTCP: inuse 1 orphan 0 tw 0 alloc 1 mem %u\nUDP: inuse 1 mem 0\n"
		 "UDPLITE: inuse 0\nRAW: inuse 0\nFRAG: inuse 0 memory 0\n",
		 pages);
	tree_file(&t, "/proc/net/sockstat", text);
	ret = as_it_is();
	tree_file(&t, "/proc/net/sockstat", "sockets: used 5\n");
	return ret;
}

static void test_sockets(void)
{
	severity_is(sockets(209715), "sockets", ""); /* 5 % is 209715.2 pages */
	severity_is(sockets(209716), "sockets", "note");
}

static void test_limits(void)
{
	struct machine m = machine_well(16 * GIB);

	m.threads = 26213; /* 80 % of pid_max is 26214.4 */
	severity_is(once(&m), "threads", "");
	m.threads = 26214;
	severity_is(once(&m), "threads", "warning");
	cell_has(once(&m), "threads", "text", "26214 of at most 32768 threads");
	m.pid_max = 4194304;
	severity_is(once(&m), "threads", "");
	m.threads = 80000;
	cell_has(once(&m), "threads", "numbers", "kernel.threads-max=100000");
	m = machine_well(16 * GIB);
	m.overcommit = 2;
	m.committed = 7549746; /* 90 % of 8388608 is 7549747.2 */
	severity_is(once(&m), "commit-limit", "");
	m.committed = 7549748;
	severity_is(once(&m), "commit-limit", "warning");
	cell_has(once(&m), "commit-limit", "text", "7.2G of at most 8.0G is promised");
	m.committed = 9 * GIB;
	cell_has(once(&m), "commit-limit", "text", "more than 0");
	m.overcommit = 0;
	severity_is(once(&m), "commit-limit", "");
	m = machine_well(16 * GIB);
	m.corrupted = 4;
	severity_is(once(&m), "hardware", "warning");
	m.corrupted = 0;
	severity_is(once(&m), "hardware", "");
}

static void test_dirty(void)
{
	struct machine m = machine_well(16 * GIB);

	m.dirty_limit = 100000;
	m.dirty = 50000;
	m.writeback = 39999;
	severity_is(once(&m), "dirty-limit", "");
	m.writeback = 40000;
	severity_is(once(&m), "dirty-limit", "warning");
	m.dirty_limit = 1023;
	severity_is(once(&m), "dirty-limit", "");
	m.dirty_limit = 1024;
	severity_is(once(&m), "dirty-limit", "warning");
	/* A counter that went below 0 is no amount, and a mark that is missing is not 0. */
	m.dirty_limit = 100000;
	m.dirty = 0;
	m.writeback = -UINT64_C(256);
	severity_is(once(&m), "dirty-limit", "");
	severity_is(once(&m), "contradiction", "warning");
	cell_has(once(&m), "contradiction", "text", "nr_writeback of vmstat is below zero");
	cell_has(once(&m), "contradiction", "look_filter", "name = 'nr_writeback'");
	m.writeback = 0;
	severity_is(once(&m), "contradiction", "");
	machine_write(&t, &m);
	tree_file(&t, "/proc/vmstat", "nr_dirty 95000\nnr_writeback 0\n");
	severity_is(as_it_is(), "dirty-limit", "");
}

static void test_whose(void)
{
	struct machine m = machine_well(16 * GIB);

	m.available = (int64_t)m.total;
	severity_is(once(&m), "contradiction", "");
	m.available = (int64_t)m.total + 1;
	severity_is(once(&m), "contradiction", "warning");
	cell_has(once(&m), "contradiction", "text",
		 "MemAvailable of 16777217 kB is more than MemTotal of 16777216 kB");
	severity_is(once(&m), "available-low", "");
	/* A container of 1 GiB on a machine of 16: sums over both mean nothing. */
	m = machine_well(16 * GIB);
	machine_write(&t, &m);
	m = machine_well(GIB);
	m.unaccounted = 300 * MIB;
	m.tables = 100 * MIB;
	machine_meminfo(&t, &m);
	severity_is(as_it_is(), "rewritten", "note");
	severity_is(as_it_is(), "unaccounted", "");
	severity_is(as_it_is(), "page-tables", "");
	severity_is(as_it_is(), "contradiction", "");
	/* Without zones to compare with nothing is said of whose it is, and the sums count. */
	m = machine_well(16 * GIB);
	m.no_zoneinfo = true;
	m.unaccounted = GIB;
	severity_is(once(&m), "rewritten", "");
	severity_is(once(&m), "unaccounted", "note");
	/* Zones that do not tell what they manage silence no rule. */
	m.no_zoneinfo = false;
	m.no_managed = true;
	severity_is(once(&m), "rewritten", "");
	severity_is(once(&m), "unaccounted", "note");
}

/* Zones that manage 4 GiB less than MemTotal, and have FREE KiB free. */
static struct mml_table *managed(uint64_t free)
{
	struct machine m = machine_well(16 * GIB);
	char text[512];

	m.free = 6 * GIB;
	machine_write(&t, &m);
	snprintf(text, sizeof(text),
		 "Node 0, zone   Normal\n  pages free     %" PRIu64 "\n        min      1000\n"
		 "        low      1250\n        high     1500\n        managed  %" PRIu64 "\n",
		 free / 4, 12 * GIB / 4);
	tree_file(&t, "/proc/zoneinfo", text);
	return as_it_is();
}

/* Memory that is brought up later is free, and so meminfo has as much more free; to a 32nd of memory. */
static void test_unmanaged(void)
{
	severity_is(managed(2 * GIB), "not-brought-up", "note");
	cell_has(managed(2 * GIB), "not-brought-up", "text",
		 "MemTotal is 16.0G, of which the zones manage 12.0G");
	severity_is(managed(2 * GIB + GIB / 2), "not-brought-up", "note");
	severity_is(managed(2 * GIB + GIB / 2 + 4), "not-brought-up", "");
	severity_is(managed(2 * GIB + GIB / 2 + 4), "rewritten", "note");
	severity_is(managed(2 * GIB - GIB / 2), "not-brought-up", "note");
	severity_is(managed(2 * GIB - GIB / 2 - 4), "not-brought-up", "");
}

static void test_pools(void)
{
	struct machine m = machine_well(16 * GIB);

	m.huge_free = 409; /* 5 % is 409.6 pages of 2 MiB */
	severity_is(once(&m), "huge-pages-idle", "");
	m.huge_free = 410;
	severity_is(once(&m), "huge-pages-idle", "note");
	m.huge_reserved = 1;
	severity_is(once(&m), "huge-pages-idle", "");
	/* Pools of all sizes count, whichever is the default. */
	m.huge_free = 205;
	m.huge_reserved = 0;
	m.giant_free = 1;
	severity_is(once(&m), "huge-pages-idle", "note");
	cell_has(once(&m), "huge-pages-idle", "text", "1.4G of huge page pools");
	m.default_1g = true;
	cell_has(once(&m), "huge-pages-idle", "text", "205 of 2.0M, 1 of 1.0G");
	m = machine_well(1024 * GIB);
	m.giant_free = 15;
	severity_is(once(&m), "huge-pages-idle", "");
	m.giant_free = 16;
	severity_is(once(&m), "huge-pages-idle", "note");
}

int main(void)
{
	tree_new(&t);
	arena = mml_arena_new();
	tree_file(&t, "/proc/meminfo", "MemTotal: 1 kB\n");
	if (!tree_table(&t, "findings")) {
		tap_skip("trees need openat2(), Linux 5.6");
	} else {
		test_well();
		test_available();
		test_unaccounted();
		test_unmapped();
		test_shares();
		test_sockets();
		test_limits();
		test_dirty();
		test_whose();
		test_unmanaged();
		test_pools();
	}
	mml_arena_free(arena);
	tree_free(&t);
	return tap_done();
}
