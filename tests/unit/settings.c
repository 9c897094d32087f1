/* Settings: their defaults by the kernel's formulas, and what is said of them just below and just
 * above each threshold. The numbers are those of a machine with Linux 6.18, and of others made for
 * the test. SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <errno.h>

#define THP "/sys/kernel/mm/transparent_hugepage"

/* 8 GiB in three zones. */
static const char zoneinfo[] =
	"Node 0, zone      DMA\n  pages free     3840\n        boost    0\n        min      15\n"
	"        low      18\n        high     21\n        spanned  4095\n        present  3998\n"
	"        managed  3840\n        protection: (0, 3019, 7800, 7800, 7800)\n"
	"Node 0, zone    DMA32\n  pages free     700000\n        boost    0\n        min      "
	"3145\n"
	"        low      3931\n        high     4717\n        spanned  1044480\n        present  "
	"790000\n"
	"        managed  772915\n        protection: (0, 0, 4781, 4781, 4781)\n"
	"Node 0, zone   Normal\n  pages free     100000\n        boost    0\n        min      "
	"13734\n"
	"        low      17167\n        high     20600\n        spanned  1320396\n        present "
	" 1320396\n"
	"        managed  1320396\n        protection: (0, 0, 0, 0, 0)\n"
	"Node 0, zone  Movable\n  pages free     0\n        boost    0\n        min      0\n"
	"        low      0\n        high     0\n        spanned  0\n        present  0\n"
	"        managed  0\n        protection: (0, 0, 0, 0, 0)\n"
	"Node 0, zone   Device\n  pages free     0\n        boost    0\n        min      0\n"
	"        low      0\n        high     0\n        spanned  0\n        present  0\n"
	"        managed  0\n        protection: (0, 0, 0, 0, 0)\n";
/* 2097151 pages managed, of them 2071813 above the high marks. */

static struct tree tree;

static void host(const char *kernel)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "kernel=%s\nmachine=x86_64\npage_size=4096\nclock_ticks=100\nnodes=1\n", kernel);
	tree_file(&tree, "/mmlens/host", text);
}

static void put(const char *path, const char *text)
{
	tree_file(&tree, path, text);
}

/* The cell COLUMN of setting NAME, "-" if it is absent, "(no row)" if there is no such setting. */
static const char *cell(const char *name, const char *column)
{
	struct mml_table *t = tree_table(&tree, "settings");
	size_t i = tree_row(t, "name", name);
	const union mml_value *v;

	if (i == t->nrows)
		return "(no row)";
	if (!strcmp(column, "set")) {
		v = tree_cell(t, i, column);
		return !v ? "-" : v->b ? "yes" : "no";
	}
	return tree_str(t, i, column) ? tree_str(t, i, column) : "-";
}

#define is_cell(name, column, want) is_str(cell(name, column), want)

static void begin(void)
{
	tree_new(&tree);
	host("6.18.44");
	put("/proc/zoneinfo", zoneinfo);
	put("/proc/meminfo",
	    "MemTotal:        8388604 kB\nMemFree: 3215360 kB\nSReclaimable:     500000 kB\n");
	put("/proc/sys/vm/swappiness", "60\n");
}

static void test_min_free(void)
{
	begin();
	/* sqrt(16 * 2097151 * 4), which two pageblocks and nine more for each of three zones
	 * exceed, but no more than a twentieth. */
	put("/proc/sys/vm/min_free_kbytes", "11585\n");
	is_cell("vm.min_free_kbytes", "default", "11585");
	is_cell("vm.min_free_kbytes", "set", "no");
	is_cell("vm.min_free_kbytes", "verdict", "fine");
	is_cell("vm.min_free_kbytes", "now", "min of all zones 66.0M, free 3.1G");
	put(THP "/enabled", "always [madvise] never\n");
	put(THP "/hpage_pmd_size", "2097152\n");
	is_cell("vm.min_free_kbytes", "default", "67584");
	is_cell("vm.min_free_kbytes", "set", "yes");
	put(THP "/enabled", "always madvise [never]\n");
	is_cell("vm.min_free_kbytes", "default", "11585");
	/* Five in a hundred are no change. */
	put("/proc/sys/vm/min_free_kbytes", "12164\n");
	is_cell("vm.min_free_kbytes", "set", "no");
	put("/proc/sys/vm/min_free_kbytes", "12165\n");
	is_cell("vm.min_free_kbytes", "set", "yes");
	is_cell("vm.min_free_kbytes", "verdict", "fine");
	/* Less may have been computed when less of the memory was free: at boot, up to a quarter. */
	put("/proc/sys/vm/min_free_kbytes", "11006\n");
	is_cell("vm.min_free_kbytes", "set", "no");
	put("/proc/sys/vm/min_free_kbytes", "11005\n");
	is_cell("vm.min_free_kbytes", "set", "-");
	put("/proc/sys/vm/min_free_kbytes", "8689\n");
	is_cell("vm.min_free_kbytes", "set", "-");
	put("/proc/sys/vm/min_free_kbytes", "8688\n");
	is_cell("vm.min_free_kbytes", "set", "yes");
	/* A twentieth: 8388604 KiB / 100 * 5. */
	put("/proc/sys/vm/min_free_kbytes", "419430\n");
	is_cell("vm.min_free_kbytes", "verdict", "fine");
	put("/proc/sys/vm/min_free_kbytes", "419431\n");
	is_cell("vm.min_free_kbytes", "verdict", "note");
	is_cell("vm.min_free_kbytes", "judged",
		"keeps 5.0 % of memory free, which the kernel itself never does");
	put("/proc/sys/vm/min_free_kbytes", "8688\n");
	is_cell("vm.min_free_kbytes", "verdict", "note");
	put("/proc/sys/vm/min_free_kbytes", "8689\n");
	is_cell("vm.min_free_kbytes", "verdict", "-");
	put("/proc/sys/vm/min_free_kbytes", "11005\n");
	is_cell("vm.min_free_kbytes", "verdict", "-");
	put("/proc/sys/vm/min_free_kbytes", "11006\n");
	is_cell("vm.min_free_kbytes", "verdict", "fine");
	/* Without the zones nothing is said. */
	put("/proc/zoneinfo", "");
	is_cell("vm.min_free_kbytes", "default", "-");
	is_cell("vm.min_free_kbytes", "set", "-");
	is_cell("vm.min_free_kbytes", "judged", "-");
	tree_free(&tree);
}

/* A small machine, where a twentieth of memory is less; and large ones, by the bounds of old and
 * new. */
static void test_min_free_bounds(void)
{
	begin();
	put("/proc/zoneinfo", "Node 0, zone    DMA32\n  pages free     140000\n        min      0\n"
			      "        low      0\n        high     0\n        present  150000\n"
			      "        managed  150000\n");
	put("/proc/meminfo", "MemTotal:        600000 kB\n");
	put(THP "/enabled", "[always] madvise never\n");
	put(THP "/hpage_pmd_size", "2097152\n");
	put("/proc/sys/vm/min_free_kbytes", "22528\n");
	is_cell("vm.min_free_kbytes", "default", "22528"); /* 512 * 11 * 4 */
	put(THP "/hpage_pmd_size", "4194304\n");
	is_cell("vm.min_free_kbytes", "default", "29768");
	put(THP "/enabled", "always madvise [never]\n");
	put("/proc/meminfo", "MemTotal:        8589934592 kB\n");
	put("/proc/zoneinfo",
	    "Node 0, zone   Normal\n  pages free     140000\n        min      0\n"
	    "        low      0\n        high     0\n        present  2147483648\n"
	    "        managed  2147483648\n");
	is_cell("vm.min_free_kbytes", "default", "262144");
	host("5.8.0");
	is_cell("vm.min_free_kbytes", "default", "262144");
	host("5.7.19");
	is_cell("vm.min_free_kbytes", "default", "65536");
	tree_free(&tree);
}

static void test_defaults(void)
{
	begin();
	put("/proc/sys/vm/lowmem_reserve_ratio", "256\t256\t32\t0\t0\n");
	is_cell("vm.lowmem_reserve_ratio", "value", "256 256 32 0 0");
	is_cell("vm.lowmem_reserve_ratio", "set", "no");
	/* DMA keeps back all it has at most, DMA32 4781 pages. */
	is_cell("vm.lowmem_reserve_ratio", "now", "33.7M kept back in lower zones");
	put("/proc/sys/vm/lowmem_reserve_ratio", "256\t256\t32\t1\t0\n");
	is_cell("vm.lowmem_reserve_ratio", "set", "yes");
	put("/proc/sys/vm/lowmem_reserve_ratio", "256\t256\t32\n");
	is_cell("vm.lowmem_reserve_ratio", "set", "yes");
	host("4.16.1");
	is_cell("vm.lowmem_reserve_ratio", "default", "-");
	is_cell("vm.lowmem_reserve_ratio", "set", "-");
	host("6.18.44");
	put("/proc/sys/vm/user_reserve_kbytes", "131072\n");
	is_cell("vm.user_reserve_kbytes", "set", "no");
	put("/proc/sys/vm/user_reserve_kbytes", "131073\n");
	is_cell("vm.user_reserve_kbytes", "set", "yes");
	/* Less may have been free at boot. */
	put("/proc/sys/vm/user_reserve_kbytes", "100403\n");
	is_cell("vm.user_reserve_kbytes", "set", "-");
	put("/proc/sys/vm/admin_reserve_kbytes", "8192\n");
	is_cell("vm.admin_reserve_kbytes", "default", "8192");
	put("/proc/sys/vm/unprivileged_userfaultfd", "0\n");
	is_cell("vm.unprivileged_userfaultfd", "set", "no");
	host("5.10.1");
	is_cell("vm.unprivileged_userfaultfd", "set", "yes");
	host("6.18.44");
	put("/proc/sys/kernel/shmmax", "18446744073692774399\n");
	is_cell("kernel.shmmax", "set", "no");
	put("/proc/sys/fs/file-max", "838860\n");
	is_cell("fs.file-max", "default", "838860");
	put("/proc/sys/net/ipv4/tcp_mem", "97113\t129488\t194226\n");
	is_cell("net.ipv4.tcp_mem", "default", "97116 129488 194232");
	is_cell("net.ipv4.tcp_mem", "set", "no");
	put("/proc/sys/net/ipv4/tcp_mem", "87113\t129488\t194226\n");
	is_cell("net.ipv4.tcp_mem", "set", "-");
	put("/proc/sys/net/ipv4/tcp_mem", "87113\t129488\t300000\n");
	is_cell("net.ipv4.tcp_mem", "set", "yes");
	tree_free(&tree);
}

static void test_thp(void)
{
	begin();
	put(THP "/enabled", "always [madvise] never\n");
	put(THP "/hpage_pmd_size", "2097152\n");
	is_cell("thp.enabled", "value", "madvise");
	is_cell("thp.enabled", "default", "-"); /* the configuration decides it, */
	put("/proc/cmdline", "quiet transparent_hugepage=never cgroup.memory=nokmem "
			     "cgroup.memory=nosocket -- mem=1G\n");
	is_cell("thp.enabled", "default", "never"); /* or the command line */
	is_cell("thp.enabled", "set", "yes");
	is_cell("boot.transparent_hugepage", "value", "never");
	is_cell("boot.transparent_hugepage", "set", "yes");
	is_cell("boot.cgroup.memory", "value", "nokmem");
	is_cell("boot.cgroup.memory#2", "value", "nosocket");
	is_cell("boot.quiet", "value", "(no row)");
	is_cell("boot.mem", "value", "(no row)"); /* the first process's own */
	put(THP "/khugepaged/max_ptes_none", "511\n");
	put(THP "/khugepaged/max_ptes_swap", "65\n");
	is_cell("khugepaged.max_ptes_none", "set", "no");
	is_cell("khugepaged.max_ptes_swap", "set", "yes");
	put(THP "/hugepages-64kB/enabled", "always inherit madvise [never]\n");
	put(THP "/hugepages-2048kB/enabled", "always [inherit] madvise never\n");
	is_cell("thp.64kB.enabled", "set", "no");
	is_cell("thp.2048kB.enabled", "set", "no");
	put(THP "/hugepages-64kB/enabled", "always [inherit] madvise never\n");
	is_cell("thp.64kB.enabled", "set", "yes");
	put("/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "2\n");
	is_cell("hugepages.1048576kB.nr_hugepages", "set", "yes");
	tree_free(&tree);
}

static void test_dirty(void)
{
	begin();
	put("/proc/sys/vm/dirty_ratio", "20\n");
	put("/proc/sys/vm/dirty_bytes", "0\n");
	put("/proc/sys/vm/dirty_background_ratio", "10\n");
	is_cell("vm.dirty_ratio", "judged", "-");
	put("/proc/vmstat", "nr_dirty 850\nnr_writeback 49\nnr_dirty_threshold "
			    "1000\nnr_dirty_background_threshold 500\n");
	is_cell("vm.dirty_ratio", "verdict", "fine");
	is_cell("vm.dirty_ratio", "now", "3.5M of 3.9M");
	is_cell("vm.dirty_bytes", "judged", "not in use: the other of the two is");
	is_cell("vm.dirty_background_ratio", "verdict", "fine");
	put("/proc/vmstat", "nr_dirty 850\nnr_writeback 50\nnr_dirty_threshold "
			    "1000\nnr_dirty_background_threshold 500\n");
	is_cell("vm.dirty_ratio", "verdict", "warning");
	put("/proc/sys/vm/dirty_background_ratio", "19\n");
	is_cell("vm.dirty_background_ratio", "verdict", "fine");
	put("/proc/sys/vm/dirty_background_ratio", "20\n");
	is_cell("vm.dirty_background_ratio", "verdict", "note");
	tree_free(&tree);
}

static void test_commit(void)
{
	begin();
	put("/proc/sys/vm/overcommit_memory", "2\n");
	put("/proc/sys/vm/overcommit_ratio", "50\n");
	is_cell("vm.overcommit_memory", "judged", "-");
	put("/proc/meminfo",
	    "MemTotal: 8388604 kB\nCommitLimit: 4194304 kB\nCommitted_AS: 3774000 kB\n");
	is_cell("vm.overcommit_memory", "verdict", "fine");
	is_cell("vm.overcommit_memory", "judged", "programs that ask for 410M more are refused");
	is_cell("vm.overcommit_ratio", "judged", "-");
	put("/proc/meminfo",
	    "MemTotal: 8388604 kB\nCommitLimit: 4194304 kB\nCommitted_AS: 3775000 kB\n");
	is_cell("vm.overcommit_memory", "verdict", "warning");
	put("/proc/meminfo",
	    "MemTotal: 8388604 kB\nCommitLimit: 4194304 kB\nCommitted_AS: 4194304 kB\n");
	is_cell("vm.overcommit_memory", "judged", "programs that ask for memory are refused");
	put("/proc/sys/vm/overcommit_memory", "0\n");
	is_cell("vm.overcommit_memory", "verdict", "-");
	is_cell("vm.overcommit_ratio", "judged", "without effect unless vm.overcommit_memory is 2");
	tree_free(&tree);
}

static void test_limits(void)
{
	begin();
	put("/proc/sys/fs/file-max", "1000\n");
	is_cell("fs.file-max", "judged", "-");
	put("/proc/sys/fs/file-nr", "899\t0\t1000\n");
	is_cell("fs.file-max", "verdict", "fine");
	put("/proc/sys/fs/file-nr", "900\t0\t1000\n");
	is_cell("fs.file-max", "verdict", "warning");
	put("/proc/sys/net/ipv4/tcp_mem", "100\t200\t300\n");
	is_cell("net.ipv4.tcp_mem", "judged", "-");
	put("/proc/net/sockstat",
	    "sockets: used 9\nTCP: inuse 5 orphan 0 tw 0 alloc 9 mem 199\nUDP: inuse 0 mem 300\n");
	is_cell("net.ipv4.tcp_mem", "verdict", "fine");
	put("/proc/net/sockstat", "TCP: inuse 5 orphan 0 tw 0 alloc 9 mem 200\n");
	is_cell("net.ipv4.tcp_mem", "verdict", "note");
	put("/proc/net/sockstat", "TCP: inuse 5 orphan 0 tw 0 alloc 9 mem 299\n");
	is_cell("net.ipv4.tcp_mem", "verdict", "note");
	put("/proc/net/sockstat", "TCP: inuse 5 orphan 0 tw 0 alloc 9 mem 300\n");
	is_cell("net.ipv4.tcp_mem", "verdict", "warning");
	tree_free(&tree);
}

static void test_pool(void)
{
	static const char dir[] = "/sys/kernel/mm/hugepages/hugepages-2048kB";
	char path[128];

	begin();
	put("/proc/sys/vm/nr_hugepages", "300\n");
	put("/proc/meminfo", "MemTotal: 8388604 kB\nHugepagesize: 2048 kB\n");
	is_cell("vm.nr_hugepages", "now", "-");
	snprintf(path, sizeof(path), "%s/nr_hugepages", dir);
	put(path, "300\n");
	snprintf(path, sizeof(path), "%s/resv_hugepages", dir);
	put(path, "10\n");
	snprintf(path, sizeof(path), "%s/free_hugepages", dir);
	put(path, "214\n"); /* 204 idle: 408 of 409.6 MiB */
	is_cell("vm.nr_hugepages", "verdict", "fine");
	put(path, "215\n");
	is_cell("vm.nr_hugepages", "verdict", "note");
	is_cell("vm.nr_hugepages", "now", "205 of 300 neither used nor promised");
	tree_free(&tree);
}

static void test_switches(void)
{
	static const struct {
		const char *name, *path, *fine, *odd, *verdict;
	} all[] = {
		{ "vm.drop_caches", "/proc/sys/vm/drop_caches", "0", "3", "note" },
		{ "vm.panic_on_oom", "/proc/sys/vm/panic_on_oom", "0", "1", "note" },
		{ "vm.oom_kill_allocating_task", "/proc/sys/vm/oom_kill_allocating_task", "0", "1",
		  "note" },
		{ "vm.oom_dump_tasks", "/proc/sys/vm/oom_dump_tasks", "1", "0", "note" },
		{ "vm.vfs_cache_pressure", "/proc/sys/vm/vfs_cache_pressure", "1", "0", "warning" },
		{ "vm.numa_stat", "/proc/sys/vm/numa_stat", "1", "0", "note" },
		{ "vm.stat_interval", "/proc/sys/vm/stat_interval", "1", "2", "note" },
	};

	begin();
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		put(all[i].path, all[i].fine);
		is_cell(all[i].name, "verdict", "-");
		put(all[i].path, all[i].odd);
		is_cell(all[i].name, "verdict", all[i].verdict);
		is_cell(all[i].name, "set", "yes");
	}
	put("/proc/sys/vm/zone_reclaim_mode", "1\n");
	is_cell("vm.zone_reclaim_mode", "verdict", "-"); /* one node */
	put("/proc/sys/vm/swappiness", "1\n");
	is_cell("vm.swappiness", "set", "yes");
	is_cell("vm.swappiness", "judged", "-");
	put("/proc/meminfo", "SwapTotal: 0 kB\nSwapFree: 0 kB\n");
	is_cell("vm.swappiness", "judged",
		"without swap it has no effect: only file cache is reclaimed");
	put("/sys/kernel/mm/ksm/run", "1\n");
	is_cell("ksm.run", "judged", "-");
	put("/sys/kernel/mm/ksm/general_profit", "0\n");
	is_cell("ksm.run", "verdict", "fine");
	put("/sys/kernel/mm/ksm/general_profit", "-4096\n");
	is_cell("ksm.run", "verdict", "note");
	is_cell("ksm.run", "judged", "takes 4.0K more than it saves");
	tree_free(&tree);
}

/* Settings that vendors add are shown; files that make the kernel do something are not even opened.
 */
static void test_others(void)
{
	begin();
	put("/proc/sys/vm/vendor_thing", "7\n");
	put("/proc/sys/vm/stat_refresh", "1\n");
	put("/proc/sys/vm/compact_memory", "1\n");
	is_cell("vm.vendor_thing", "value", "7");
	is_cell("vm.vendor_thing", "default", "-");
	is_cell("vm.vendor_thing", "help", "-");
	is_cell("vm.stat_refresh", "value", "(no row)");
	is_cell("vm.compact_memory", "value", "(no row)");
	is_cell("vm.swappiness", "source", "/proc/sys/vm/swappiness");
	is_cell("vm.page-cluster", "value", "(no row)");
	tree_free(&tree);
	tree_new(&tree);
	put("/proc/meminfo", "MemTotal: 1 kB\n");
	is_u64(tree_table(&tree, "settings")->error, (uint64_t)-ENOENT);
	tree_free(&tree);
}

int main(void)
{
	test_min_free();
	test_min_free_bounds();
	test_defaults();
	test_thp();
	test_dirty();
	test_commit();
	test_limits();
	test_pool();
	test_switches();
	test_others();
	return tap_done();
}
