/* What people reported of their machines' memory files, with the right answers. The trees lie
 * beside the project in ../shared/reports, or in $MMLENS_REPORTS. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "balance.h"
#include "invariants.h"

enum { KIB = 1024 };
#define GIB (UINT64_C(1) << 30)

/* Two of these trees have the zones' free memory of another hour than the rest, and say so by
 * vmstat. */
static const struct odd odd[] = {
	{ "47-3.2-cachefull", "free",
	  "free of one zone was lowered by hand, vmstat has what meminfo has" },
	{ "49-3.13-normal-low", "free",
	  "free of one zone was lowered by hand, vmstat has what meminfo has" },
};

static const struct mml_table *table(const char *name)
{
	b = tree_table(&t, name);
	if (!b)
		exit(99);
	return b;
}

static uint64_t of(const char *name, const char *key, const char *text, const char *column)
{
	const struct mml_table *x = table(name);

	return tree_u64(x, tree_row(x, key, text), column);
}

static double share(const char *item)
{
	const union mml_value *v = tree_cell(b, row_of(item), "share");

	return v ? v->f64 : 1000;
}

static bool another_machines(void)
{
	return notes("is not the machine's own");
}

static void jc_ubuntu2004(void)
{
	table("balance");
	ok(!another_machines() && !notes("contradicts"));
	is_i64(part("unaccounted"), -3800); /* percpu explains it */
	is_i64(part("percpu"), 107520);
	is_i64(part("shmem"), 1568);
}

static void porteus(void)
{
	table("balance");
	tap_ok(share("unaccounted") > 0.35 && share("unaccounted") < 0.45, "0.4 %%: %f",
	       share("unaccounted"));
	ok(!another_machines() && !notes("contradicts"));
}

static void zfs_arc(void)
{
	table("balance");
	is_i64(part("zfs_arc"), INT64_C(31783362560) / KIB);
	is_str(text_of("zfs_arc", "reclaim"), "discard");
	is_i64(cell_of("zfs_arc", "reclaimable"),
	       (INT64_C(31783362560) - INT64_C(2102733440)) / KIB);
	tap_ok(share("unaccounted") < 1 && share("unaccounted") > -1, "not unaccounted: %f %%",
	       share("unaccounted"));
}

static void lxcfs_negative(void)
{
	const struct mml_table *f = table("findings");

	is_u64(tree_row(f, "finding", "unmapped-lru"), f->nrows); /* no leaked huge pages */
	table("balance");
	ok(another_machines());
	ok(row_of("kernel_stack") == b->nrows); /* not the container's */
}

static void total_of_0(void)
{
	const struct mml_table *f = table("findings");

	ok(f->nrows > 0); /* not "nothing looks wrong" */
	table("balance");
	ok(notes("MemTotal is 0") && another_machines());
	for (size_t i = 0; i < b->nrows; i++)
		is_cell_absent(b, i, "share");
}

static void zero_padded(void)
{
	is_u64(of("meminfo", "name", "MemTotal", "bytes"), UINT64_C(3944876) * KIB);
	table("balance");
	tap_ok(share("unaccounted") > 0.9 && share("unaccounted") < 1.0, "about 1 %%: %f",
	       share("unaccounted"));
}

static void psmem_hugetlb(void)
{
	static const char *const items[] = { "hugetlb", "free" };

	table("balance");
	is_i64(part(items[0]), INT64_C(23764) * 2048);
	is_i64(part(items[1]), 20000000);
	table("processes");
	is_u64(tree_u64(b, 0, "pss"), 4446 * KIB);
	ok(tree_u64(b, 0, "uss") < tree_u64(b, 0, "pss")); /* nothing is negative */
	ok(tree_u64(b, 0, "hugetlb") > 2 * GIB);
}

static void available_over_total(void)
{
	table("balance");
	ok(notes("MemAvailable of 176000000 kB is more than MemTotal of 104857600 kB"));
}

static void huge_reserved(void)
{
	is_u64(of("hugepages", "node", "all", "available"), 1809);
	table("balance");
	is_i64(part("hugetlb"), INT64_C(32161) * 2048);
}

static void huge_of_two_sizes(void)
{
	const struct mml_table *n = table("nodes");

	for (size_t i = 0; i < 2; i++) {
		is_cell_u64(n, i, "hugetlb", 2 * GIB);
		is_cell_u64(n, i, "hugetlb_free", 2 * GIB);
		is_cell_u64(n, i, "hugepages_total", 1); /* of the default size only */
	}
	table("balance");
	is_i64(part("hugetlb"), (int64_t)(4 * GIB / KIB));
}

static void wsl1(void)
{
	is_u64(of("meminfo", "name", "SwapFree", "value"),
	       UINT64_C(18014396678257232)); /* no blank before it */
	table("balance");
	ok(notes("SwapFree of 18014396678257232 kB is no size memory can have"));
	is_str(text_of("anon", "reclaim"), "-"); /* how much swap is free nobody knows */
	is_i64(part("free"), 2000000);
	table("processes");
	ok(b->nrows == 1 && tree_u64(b, 0, "vsize") > 300 * GIB);
}

static void linprocfs(void)
{
	is_u64(of("meminfo", "name", "MemTotal", "bytes"), UINT64_C(4166184) * KIB);
	ok(b->error == -EBADMSG && b->absence.reason); /* the first lines are of Linux 2.4 */
	table("balance");
	is_i64(part("free"), 3485528);
	ok(notes("has no Active, Inactive, Slab"));
}

static void zram_read_back(void)
{
	const struct mml_table *s = table("swaps");
	size_t row = tree_row(s, "name", "/dev/zram0");

	is_cell_u64(s, row, "used", UINT64_C(239872) * KIB);
	is_cell_u64(s, row, "stored", 1572864);
	ok(notes("pages that were read back are dropped from it"));
}

static void zram_full(void)
{
	const struct mml_table *s = table("swaps");
	size_t row = tree_row(s, "name", "/dev/zram0");

	is_cell_u64(s, row, "free", 0);
	is_cell_u64(s, row, "stored", UINT64_C(2147479552));
	is_cell_u64(s, row, "memory", 451936256);
	ok(!notes("read back"));
	table("balance");
	is_i64(part("zsmalloc"), 451936256 / KIB); /* no vmstat, so the device tells */
}

static void gpu_reclaim(void)
{
	table("balance");
	is_i64(part("gpu_reclaim"), 24407784);
	is_str(text_of("gpu_reclaim", "reclaim"), "discard");
	ok(strstr(text_of("gpu_reclaim", "help"), "MemAvailable does not count it") != NULL);
	/* 10.2G of anonymous memory, and 8.0G of free swap. */
	is_i64(part("anon"), 10700000);
	is_i64(cell_of("anon", "reclaimable"), 8388604);
}

static void slab_debugged(void)
{
	is_u64(of("slab", "cache", "kmalloc-1k", "size"), 67 * 8 * 4096);
	is_u64(tree_u64(b, tree_row(b, "cache", "kmalloc-1k"), "used"), 661 * 3072);
	ok(notes("objects of kmalloc-1k take 3072 bytes"));
}

static void lxcfs_without_limit(void)
{
	table("balance");
	ok(notes("MemFree is 7130000 kB, but in the zones are free 548000 kB") &&
	   another_machines());
	ok(row_of("kernel_stack") == b->nrows && row_of("pcp") == b->nrows);
}

static void ebitmaps(void)
{
	uint64_t most = of("slab", "cache", "ebitmap_node", "size");

	is_u64(most, UINT64_C(11476662) * 4096);
	for (size_t i = 0; i < b->nrows; i++)
		if (tree_u64(b, i, "size") > most)
			ok(false);
	table("balance");
	tap_ok(share("slab_unreclaimable") > 70, "where it went: %f %%",
	       share("slab_unreclaimable"));
}

static void odd_swaps(void)
{
	const struct mml_table *s = table("swaps");
	size_t row = tree_row(s, "name", "/swap file (deleted)");

	is_u64(s->nrows, 3);
	is_cell_u64(s, row, "free", 0);
	is_cell_absent(s, tree_row(s, "name", "/dev/zram1"), "usage"); /* of nothing */
}

static void invalid_swaps(void)
{
	const struct mml_table *s = table("swaps");

	ok(!s->nrows && s->error == -EBADMSG);
	is_str(s->absence.reason, "/proc/swaps: line 2: not a line of swaps");
}

static void ppc64le(void)
{
	table("balance");
	is_u64(mml_root_host(t.root)->page_size, 65536);
	ok(notes("page size of 65536 bytes inferred from MemTotal"));
	is_u64(of("zones", "zone", "Normal", "managed"), UINT64_C(33488896) * KIB);
}

static void counters_leaked(void)
{
	table("balance");
	ok(!another_machines());
	ok(notes("contradicts itself: Active(file) + Inactive(file) of 404000000 kB is more than "
		 "all that can be "
		 "on these lists, Buffers + Cached + SwapCached + AnonPages of 141200000 kB"));
	ok(notes("MemAvailable of 402000000 kB is more than MemTotal of 263000000 kB"));
	ok(!notes("a balloon or drivers")); /* which would point the other way */
}

static void underflow(void)
{
	const struct mml_table *v = table("vmstat");
	uint64_t wrapped = 0;

	for (size_t i = 0; i < v->nrows; i++)
		wrapped += tree_u64(v, i, "value") >> 63;
	ok(wrapped > 0); /* shown as the kernel writes them */
	table("balance");
	for (size_t i = 0; i < b->nrows; i++)
		ok(tree_cell(b, i, "bytes")->i64 < (int64_t)(16 * GIB));
	ok(notes("nr_zspages is no size memory can have: the remainder holds zsmalloc"));
}

static void duplicates(void)
{
	is_u64(of("meminfo", "name", "Active", "value"), 24484);
	table("balance");
	is_i64(part("lru"), 24484 + 7468);
	ok(another_machines());
}

static void old_kernel(void)
{
	const struct mml_table *v = table("vmstat");

	is_cell_str(v, tree_row(v, "name", "nr_kernel_stack"), "unit", "stacks");
	table("balance");
	ok(!another_machines() && !notes("contradicts"));
	tap_ok(share("unaccounted") > 0 && share("unaccounted") < 3, "about 3 %%: %f",
	       share("unaccounted"));
	ok(notes("/proc/vmallocinfo: not in this tree (vmalloc)"));
}

static void sysstat(void)
{
	table("balance");
	is_i64(part("slab_reclaimable"), 262788);
	ok(!another_machines() && !notes("contradicts"));
	tap_ok(share("unaccounted") > 4 && share("unaccounted") < 5, "4.3 %%: %f",
	       share("unaccounted"));
}

static const struct {
	const char *name;
	void (*check)(void);
} reports[] = {
	{ "01-jc-ubuntu2004", jc_ubuntu2004 },
	{ "06-porteus", porteus },
	{ "08-zfs-arc-htop1559", zfs_arc },
	{ "09-lxcfs84-negative", lxcfs_negative },
	{ "11-lxcfs389-memtotal0", total_of_0 },
	{ "12-bcachefs447-zeropad", zero_padded },
	{ "13-psmem64-hugetlb", psmem_hugetlb },
	{ "15-btop473-avail-gt-total", available_over_total },
	{ "16-xsos288-rsvd", huge_reserved },
	{ "17-numactl152-1g-default", huge_of_two_sizes },
	{ "19-wsl1-swapfree", wsl1 },
	{ "20-linprocfs-cacti207", linprocfs },
	{ "23-zram-utillinux1237", zram_read_back },
	{ "24-zram-htop1216", zram_full },
	{ "25-gpureclaim-7.1", gpu_reclaim },
	{ "28-rpi6549-slab3072", slab_debugged },
	{ "34-lxcfs210-nolimit", lxcfs_without_limit },
	{ "35-coreos2637-ebitmap", ebitmaps },
	{ "36-swaps-odd", odd_swaps },
	{ "37-swaps-invalid", invalid_swaps },
	{ "38-ppc64le-64k", ppc64le },
	{ "39-uek218-counter-leak", counters_leaked },
	{ "43-vmstat-underflow", underflow },
	{ "44-lxcfs153-duplicates", duplicates },
	{ "46-container-cgroup2", jc_ubuntu2004 },
	{ "47-3.2-cachefull", old_kernel },
	{ "49-3.13-normal-low", old_kernel },
	{ "sysstat-root1", sysstat },
	{ "sysstat-root3", sysstat },
};

/* The tree's own path may be long; a link to it is not. */
static bool point(const char *dir, const char *name)
{
	char target[PATH_MAX * 2], real[PATH_MAX];

	snprintf(target, sizeof(target), "%s/%s", dir, name);
	unlink(t.dir);
	return realpath(target, real) && !symlink(real, t.dir);
}

static void all(const char *dir)
{
	char path[PATH_MAX * 2];
	struct dirent **names;
	int n = scandir(dir, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		struct stat st;

		snprintf(path, sizeof(path), "%s/%s/proc", dir, names[i]->d_name);
		if (*names[i]->d_name != '.' && !stat(path, &st)) {
			snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
			invariants(path, odd, sizeof(odd) / sizeof(*odd));
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

int main(void)
{
	const char *src = getenv("top_srcdir"), *dir = getenv("MMLENS_REPORTS");
	char beside[PATH_MAX], scratch[] = "/tmp/mmlens-reports-XXXXXX";
	struct stat st;

	snprintf(beside, sizeof(beside), "%s/../shared/reports", src ? src : ".");
	dir = dir ? dir : beside;
	if (stat(dir, &st)) {
		tap_skip("%s: no trees of reports beside the project", dir);
		return tap_done();
	}
	if (!mkdtemp(scratch))
		exit(99);
	snprintf(t.dir, sizeof(t.dir), "%s/tree", scratch);
	if (mml_root_open(dir, &t.root)) {
		tap_skip("trees need openat2(), Linux 5.6");
		rmdir(scratch);
		return tap_done();
	}
	all(dir);
	for (size_t i = 0; i < sizeof(reports) / sizeof(*reports); i++) {
		if (!point(dir, reports[i].name)) {
			tap_skip("%s: not among the reports", reports[i].name);
			continue;
		}
		printf("# %s\n", reports[i].name);
		reports[i].check();
	}
	mml_snapshot_put(t.snap);
	mml_root_close(t.root);
	unlink(t.dir);
	rmdir(scratch);
	return tap_done();
}
