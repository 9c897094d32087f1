/* Every column that is computed from what the kernel counts in a unit of its own: pages, KiB, huge pages, stacks,
 * microseconds. The machine has pages of 16 KiB, huge ones of 32 MiB, and no two numbers alike, so that a wrong
 * factor shows. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

enum { KIB = 1024, PAGE = 16 * KIB };
#define MIB (UINT64_C(1) << 20)

static struct tree t;

/* The cell of the row of TABLE that has TEXT in column KEY; with a NULL text the first row. */
struct expected {
	const char *table, *key, *text, *column;
	uint64_t value;
};

static const struct mml_table *take(const char *name)
{
	static const pid_t pid = 7;
	struct mml_query query = { .collector = mml_collector_find(name),
				   .reading.needs = ~0U,
				   .reading.cancel_fd = -1 };

	if (!query.collector)
		exit(99);
	if (query.collector->requires & MML_TAKES(PIDS))
		mml_scope_set_pid(&query.scope, &pid);
	mml_snapshot_put(t.snap);
	mml_root_close(t.root);
	t.snap = NULL;
	t.root = NULL;
	if (mml_root_open(t.dir, &t.root) || mml_snapshot_take(t.root, &query, 1, &t.snap))
		exit(99);
	return t.snap->tables[0];
}

static void check(const struct expected *e, size_t n)
{
	const struct mml_table *table = NULL;

	for (size_t i = 0; i < n; i++) {
		const union mml_value *v;
		size_t row;

		if (!table || strcmp(table->schema->name, e[i].table) != 0)
			table = take(e[i].table);
		row = e[i].text ? tree_row(table, e[i].key, e[i].text) : 0;
		v = tree_cell(table, row, e[i].column);
		tap_ok(v && v->u64 == e[i].value, "%s %s: %s is %" PRIu64 ": %" PRIu64, e[i].table,
		       e[i].text ? e[i].text : "", e[i].column, e[i].value, v ? v->u64 : 0);
	}
}

static void put_machine(void)
{
	tree_file(&t, "/mmlens/host",
		  "page_size=16384\nmachine=aarch64\nkernel=test\nclock_ticks=100\nnodes=1\n");
	tree_file(&t, "/proc/meminfo",
		  "MemTotal: 8192000 kB\nMemFree: 1600 kB\nActive: 0 kB\nInactive: 0 kB\nSlab: 77 kB\n"
		  "HugePages_Total: 5\nHugePages_Free: 3\nHugePages_Rsvd: 1\nHugePages_Surp: 2\n"
		  "Hugepagesize: 32768 kB\nHugetlb: 163840 kB\nKernelStack: 640 kB\n");
	tree_file(&t, "/proc/zoneinfo",
		  "Node 0, zone   Normal\n  per-node stats\n      nr_inactive_anon 1\n"
		  "      nr_kernel_stack 640\n      nr_anon_transparent_hugepages 3\n"
		  "  pages free     100\n        boost    11\n        min      12\n        low      13\n"
		  "        high     14\n        promo    15\n        spanned  512003\n        present  512002\n"
		  "        managed  512000\n        cma      16\n        protection: (0, 17)\n"
		  "      nr_free_cma 9\n      numa_hit 18\n  pagesets\n    cpu: 0\n              count:    19\n");
	tree_file(&t, "/proc/buddyinfo", "Node 0, zone   Normal 20 21 22\n");
	tree_file(&t, "/proc/pagetypeinfo",
		  "Page block order: 11\nPages per block:  2048\n\n"
		  "Free pages count per migrate type at order       0      1\n"
		  "Node    0, zone   Normal, type    Unmovable      5      6\n\n"
		  "Number of blocks type     Unmovable\nNode 0, zone   Normal            4\n");
	tree_file(&t, "/proc/slabinfo",
		  "slabinfo - version: 2.1\n# name\nthing 6 8 100 4 3 : tunables 0 0 0 : slabdata 2 2 0\n");
	tree_file(&t, "/proc/swaps",
		  "Filename Type Size Used Priority\n/dev/zram0 partition 1000 100 -2\n");
	tree_file(&t, "/sys/block/zram0/mm_stat", "40000 3000 5000 60000 7000 8 9 10 11\n");
	tree_file(&t, "/sys/block/zram0/disksize", "1024000\n");
	tree_file(&t, "/proc/pressure/memory",
		  "some avg10=0.50 avg60=0.00 avg300=0.00 total=123\nfull avg10=0 avg60=0 avg300=0 total=4\n");
	tree_file(&t, "/proc/vmstat",
		  "nr_isolated_anon 2\nnr_isolated_file 3\nnr_zspages 7\nnr_memmap_pages 23\n"
		  "nr_kernel_stack 640\nnr_shadow_call_stack 80\nnr_anon_transparent_hugepages 3\n"
		  "nr_shmem_hugepages 1\nnr_shmem_pmdmapped 1\nnr_file_hugepages 1\nnr_file_pmdmapped 1\n"
		  "pgpgin 5\npgpgout 6\npgscan_direct_throttle 1\nthp_swpout 1\nnuma_hit 1\nnuma_other 1\n"
		  "balloon_inflate 1\npgmajfault 1\nallocstall_normal 1\npgalloc_dma32 1\npgfree 1\n"
		  "slabs_scanned 1\nkswapd_inodesteal 1\nworkingset_nodes 1\n");
	tree_file(&t, "/proc/net/sockstat", "TCP: inuse 5 mem 24\nFRAG: inuse 1 memory 4096\n");
}

static void put_nodes(void)
{
#define NODE "/sys/devices/system/node/node0"
	tree_file(&t, NODE "/cpulist", "0-3\n");
	tree_file(&t, NODE "/meminfo",
		  "Node 0 MemTotal: 8192000 kB\nNode 0 MemFree: 1600 kB\nNode 0 MemUsed: 8190400 kB\n"
		  "Node 0 KernelStack: 640 kB\nNode 0 AnonHugePages: 98304 kB\n"
		  "Node 0 HugePages_Total: 5\nNode 0 HugePages_Free: 3\n");
	tree_file(&t, NODE "/vmstat",
		  "nr_kernel_stack 640\nnr_anon_transparent_hugepages 3\nnuma_hit 4\nnr_free_pages 100\n");
	tree_file(&t, NODE "/numastat", "numa_hit 4\n");
	tree_file(&t, NODE "/hugepages/hugepages-32768kB/nr_hugepages", "5\n");
	tree_file(&t, NODE "/hugepages/hugepages-32768kB/free_hugepages", "3\n");
	tree_file(&t, NODE "/access0/initiators/read_bandwidth", "100\n"); /* MiB/s */
	tree_file(&t, NODE "/access0/initiators/read_latency", "80\n");   /* ns */
	tree_file(&t, "/sys/kernel/mm/hugepages/hugepages-32768kB/nr_hugepages", "5\n");
	tree_file(&t, "/sys/kernel/mm/hugepages/hugepages-32768kB/free_hugepages", "3\n");
	tree_file(&t, "/sys/kernel/mm/hugepages/hugepages-32768kB/resv_hugepages", "1\n");
	tree_file(&t, "/sys/kernel/mm/hugepages/hugepages-32768kB/surplus_hugepages", "2\n");
	tree_file(&t, "/sys/kernel/mm/hugepages/hugepages-32768kB/nr_overcommit_hugepages", "6\n");
}

static void put_process(void)
{
	tree_file(&t, "/proc/7/stat",
		  "7 (x) S 1 1 1 0 -1 4194304 10 0 2 0 0 0 0 0 20 0 1 0 300 9216000 31 "
		  "18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
	tree_file(&t, "/proc/7/statm", "600 31 4 1 0 1 0\n");
	tree_file(&t, "/proc/7/status",
		  "Name:\tx\nState:\tS\nUid:\t0\t0\t0\t0\nVmSize:\t9000 kB\nVmSwap:\t48 kB\n"
		  "HugetlbPages:\t32768 kB\nVmPTE:\t80 kB\nCpus_allowed_list:\t0-3\n");
	tree_file(&t, "/proc/7/smaps_rollup",
		  "1000-2000 ---p 00000000 00:00 0 [rollup]\nPss: 33 kB\nPrivate_Clean: 1 kB\n"
		  "Private_Dirty: 2 kB\nSwap: 64 kB\nSwapPss: 5 kB\n");
	tree_file(&t, "/proc/7/maps",
		  "400000000-404000000 rw-p 00000000 00:0e 5    /dev/hugepages/x\n"
		  "500000000-500040000 rw-p 00000000 00:00 0 \n");
	tree_file(&t, "/proc/7/smaps",
		  "400000000-404000000 rw-p 00000000 00:0e 5    /dev/hugepages/x\nSize: 65536 kB\n"
		  "KernelPageSize: 32768 kB\nMMUPageSize: 32768 kB\nRss: 0 kB\nPrivate_Hugetlb: 65536 kB\n"
		  "VmFlags: rd wr ht\n"
		  "500000000-500040000 rw-p 00000000 00:00 0 \nSize: 256 kB\nKernelPageSize: 16 kB\n"
		  "MMUPageSize: 16 kB\nRss: 48 kB\nPss: 48 kB\nPrivate_Dirty: 48 kB\nSwap: 16 kB\n"
		  "VmFlags: rd wr\n");
	/* Counts are of the mapping's own pages: huge ones, then base ones. */
	tree_file(&t, "/proc/7/numa_maps",
		  "400000000 default file=/dev/hugepages/x huge anon=2 dirty=2 N0=2 kernelpagesize_kB=32768\n"
		  "500000000 default anon=3 dirty=3 swapcache=1 N0=3 kernelpagesize_kB=16\n");
}

/* clang-format off */
static const struct expected cells[] = {
	{ "meminfo", "name", "MemFree", "value", 1600 }, { "meminfo", "name", "MemFree", "bytes", 1600 * KIB },
	{ "meminfo", "name", "HugePages_Rsvd", "value", 1 },
	{ "meminfo", "name", "Hugetlb", "bytes", 160 * MIB },
	{ "balance", "item", "pcp", "bytes", 19 * PAGE }, { "balance", "item", "isolated", "bytes", 5 * PAGE },
	{ "balance", "item", "zsmalloc", "bytes", 7 * PAGE }, { "balance", "item", "memmap", "bytes", 23 * PAGE },
	{ "balance", "item", "sockets", "bytes", 24 * PAGE + 4096 },
	{ "balance", "item", "hugetlb", "bytes", 160 * MIB },
	{ "balance", "item", "kernel_stack", "bytes", 640 * KIB },
	{ "zones", NULL, NULL, "free", 100 * PAGE }, { "zones", NULL, NULL, "boost", 11 * PAGE },
	{ "zones", NULL, NULL, "min", 12 * PAGE }, { "zones", NULL, NULL, "low", 13 * PAGE },
	{ "zones", NULL, NULL, "high", 14 * PAGE }, { "zones", NULL, NULL, "promo", 15 * PAGE },
	{ "zones", NULL, NULL, "managed", UINT64_C(512000) * PAGE },
	{ "zones", NULL, NULL, "present", UINT64_C(512002) * PAGE },
	{ "zones", NULL, NULL, "spanned", UINT64_C(512003) * PAGE },
	{ "zones", NULL, NULL, "cma", 16 * PAGE }, { "zones", NULL, NULL, "free_cma", 9 * PAGE },
	{ "zones", NULL, NULL, "pcp", 19 * PAGE },
	{ "buddy", NULL, NULL, "block_size", PAGE }, { "buddy", NULL, NULL, "free", 20 * PAGE },
	{ "buddy", NULL, NULL, "usable", (20 + 2 * 21 + 4 * 22) * PAGE },
	{ "pagetypes", NULL, NULL, "free", (5 + 2 * 6) * PAGE }, { "pagetypes", NULL, NULL, "pageblocks", 4 },
	{ "slab", NULL, NULL, "size", 2 * 3 * PAGE }, { "slab", NULL, NULL, "used", 600 },
	{ "slab", NULL, NULL, "obj_size", 100 },
	{ "swaps", NULL, NULL, "size", 1000 * KIB }, { "swaps", NULL, NULL, "used", 100 * KIB },
	{ "swaps", NULL, NULL, "stored", 40000 }, { "swaps", NULL, NULL, "compressed", 3000 },
	{ "swaps", NULL, NULL, "memory", 5000 }, { "swaps", NULL, NULL, "limit", 60000 },
	{ "swaps", NULL, NULL, "peak", 7000 },
	{ "swaps", NULL, NULL, "same", 8 * PAGE }, { "swaps", NULL, NULL, "huge", 10 * PAGE },
	{ "psi", NULL, NULL, "total", 123 * 1000 }, /* ns */
	{ "hugepages", NULL, NULL, "page_size", 32 * MIB }, { "hugepages", NULL, NULL, "total", 5 },
	{ "hugepages", NULL, NULL, "size", 5 * 32 * MIB }, { "hugepages", NULL, NULL, "free", 3 },
	{ "hugepages", NULL, NULL, "reserved", 1 }, { "hugepages", NULL, NULL, "surplus", 2 },
	{ "hugepages", NULL, NULL, "overcommit", 6 },
	{ "nodes", NULL, NULL, "total", UINT64_C(8192000) * KIB }, { "nodes", NULL, NULL, "free", 1600 * KIB },
	{ "nodes", NULL, NULL, "kernel_stack", 640 * KIB }, { "nodes", NULL, NULL, "anon_huge", 96 * MIB },
	{ "nodes", NULL, NULL, "hugepages_total", 5 }, { "nodes", NULL, NULL, "hugepages_free", 3 },
	{ "nodes", NULL, NULL, "hugetlb", 160 * MIB }, { "nodes", NULL, NULL, "hugetlb_free", 96 * MIB },
	{ "nodes", NULL, NULL, "numa_hit", 4 }, { "nodes", NULL, NULL, "read_bandwidth", 100 * MIB },
	{ "nodes", NULL, NULL, "read_latency", 80 },
	{ "node_meminfo", "name", "AnonHugePages", "bytes", 96 * MIB },
	{ "node_meminfo", "name", "HugePages_Total", "value", 5 },
	{ "processes", "comm", "x", "vsize", 9216000 }, { "processes", "comm", "x", "started", UINT64_C(3000000000) },
	{ "processes", "comm", "x", "swap", 48 * KIB }, { "processes", "comm", "x", "swap_all", 64 * KIB },
	{ "processes", "comm", "x", "swap_shmem", 16 * KIB }, { "processes", "comm", "x", "hugetlb", 32 * MIB },
	{ "processes", "comm", "x", "page_tables", 80 * KIB }, { "processes", "comm", "x", "pss", 33 * KIB },
	{ "processes", "comm", "x", "uss", 3 * KIB },
	{ "vmas", NULL, NULL, "size", 64 * MIB }, { "vmas", NULL, NULL, "kernel_page_size", 32 * MIB },
	{ "vmas", NULL, NULL, "private_hugetlb", 64 * MIB }, { "vmas", NULL, NULL, "numa_page_size", 32 * MIB },
	{ "vmas", NULL, NULL, "numa_anon", 64 * MIB }, { "vmas", NULL, NULL, "numa_dirty", 64 * MIB },
	{ "vmas", "kind", "anon", "rss", 48 * KIB }, { "vmas", "kind", "anon", "numa_anon", 3 * PAGE },
	{ "vmas", "kind", "anon", "numa_swap_cache", 1 * PAGE }, { "vmas", "kind", "anon", "swap", 16 * KIB },
	{ "vmas", "kind", "anon", "numa_page_size", PAGE },
};
/* clang-format on */

/* The counters that are not in pages, as the kernel's own lists have them. */
static const struct {
	const char *name, *unit;
} units[] = {
	{ "nr_kernel_stack", "KiB" },
	{ "nr_shadow_call_stack", "KiB" },
	{ "nr_anon_transparent_hugepages", "huge pages" },
	{ "nr_shmem_hugepages", "huge pages" },
	{ "nr_shmem_pmdmapped", "huge pages" },
	{ "nr_file_hugepages", "huge pages" },
	{ "nr_file_pmdmapped", "huge pages" },
	{ "thp_swpout", "huge pages" },
	{ "pgpgin", "KiB" },
	{ "pgpgout", "KiB" },
	{ "pgscan_direct_throttle", "events" },
	{ "allocstall_normal", "events" },
	{ "numa_hit", "allocations" },
	{ "numa_other", "allocations" },
	{ "pgmajfault", "faults" },
	{ "slabs_scanned", "objects" },
	{ "workingset_nodes", "tree nodes" },
	{ "nr_isolated_anon", "pages" },
	{ "balloon_inflate", "pages" },
	{ "pgalloc_dma32", "pages" },
	{ "pgfree", "pages" },
	{ "kswapd_inodesteal", "pages" },
	{ "nr_zspages", "pages" },
};

static void counters(void)
{
	static const char *const tables[] = { "zonestats", "node_vmstat" };
	const struct mml_table *v = take("vmstat");

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		is_str(tree_str(v, tree_row(v, "name", units[i].name), "unit"), units[i].unit);
	for (size_t i = 0; i < v->nrows; i++)
		tap_ok(tree_str(v, i, "unit") != NULL, "%s has a unit", tree_str(v, i, "name"));
	for (size_t i = 0; i < 2; i++) {
		v = take(tables[i]);
		is_str(tree_str(v, tree_row(v, "name", "nr_kernel_stack"), "unit"), "KiB");
		is_str(tree_str(v, tree_row(v, "name", "nr_anon_transparent_hugepages"), "unit"),
		       "huge pages");
		is_str(tree_str(v, tree_row(v, "name", "numa_hit"), "unit"), "allocations");
	}
	/* Counts have no bytes. */
	v = take("meminfo");
	for (size_t i = 0; i < v->nrows; i++)
		if (!strncmp(tree_str(v, i, "name"), "HugePages_", 10))
			is_cell_absent(v, i, "bytes");
}

/* Up to 4.7 the same counter is of stacks, of 16 KiB here. */
static void stacks(void)
{
	const struct mml_table *v;

	tree_file(&t, "/proc/vmstat", "nr_kernel_stack 40\n");
	v = take("vmstat");
	is_cell_str(v, 0, "unit", "stacks");
	v = take("node_vmstat");
	is_cell_str(v, tree_row(v, "name", "nr_kernel_stack"), "unit", "stacks");
	/* The files are read one after the other: a few stacks come and go. */
	tree_file(&t, "/proc/vmstat", "nr_kernel_stack 600\n");
	is_cell_str(take("vmstat"), 0, "unit", "KiB");
	tree_file(&t, "/proc/vmstat", "nr_kernel_stack 428\n"); /* 640 is less than 1.5 of it */
	is_cell_str(take("vmstat"), 0, "unit", "KiB");
	tree_file(&t, "/proc/vmstat", "nr_kernel_stack 427\n");
	is_cell_str(take("vmstat"), 0, "unit", "stacks");
	/* Without meminfo another counter tells the kernel's age. */
	tree_file(&t, "/proc/meminfo", "MemTotal: 1 kB\n");
	is_cell_str(take("vmstat"), 0, "unit", "stacks");
	tree_file(&t, "/proc/vmstat", "nr_kernel_stack 426\nnr_zone_write_pending 0\n");
	is_cell_str(take("vmstat"), 0, "unit", "KiB");
}

/* Without status the sizes are in pages, and in bytes. */
static void without_status(void)
{
	static const struct expected sizes[] = {
		{ "processes", "comm", "x", "rss", 31 * PAGE },
		{ "processes", "comm", "x", "rss_anon", 27 * PAGE },
		{ "processes", "comm", "x", "vsize", 9216000 },
	};
	char path[128];

	snprintf(path, sizeof(path), "%s/proc/7/status", t.dir);
	unlink(path);
	check(sizes, 3);
}

int main(void)
{
	struct mml_root *root;

	tree_new(&t);
	if (mml_root_open(t.dir, &root)) {
		tap_skip("trees need openat2(), Linux 5.6");
		return tap_done();
	}
	mml_root_close(root);
	put_machine();
	put_nodes();
	put_process();
	check(cells, sizeof(cells) / sizeof(*cells));
	without_status();
	counters();
	stacks();
	tree_free(&t);
	return tap_done();
}
