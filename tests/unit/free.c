/* The table free: what free(1) says, and how far its "used" is from what cannot be got back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

enum { KIB = 1024 };

static struct tree t;
static const struct mml_table *f;

static void meminfo(const char *text)
{
	tree_file(&t, "/proc/meminfo", text);
	f = tree_table(&t, "free");
	if (!f)
		exit(99);
}

static int64_t cell(const char *item, const char *column)
{
	const union mml_value *v = tree_cell(f, tree_row(f, "item", item), column);

	return v ? v->i64 / KIB : INT64_MIN;
}

#define MACHINE                                                                              \
	"MemTotal: 1024000 kB\nMemFree: 500000 kB\nMemAvailable: 700000 kB\nBuffers: 4000 kB\n" \
	"Cached: 300000 kB\nShmem: 20000 kB\nActive(anon): 60000 kB\nInactive(anon): 20000 kB\n" \
	"Active(file): 100000 kB\nInactive(file): 184000 kB\nActive: 160000 kB\n"               \
	"Inactive: 204000 kB\nUnevictable: 0 kB\nDirty: 1000 kB\nWriteback: 0 kB\n"             \
	"Slab: 60000 kB\nSReclaimable: 40000 kB\nSUnreclaim: 20000 kB\nKReclaimable: 40000 kB\n"
#define SWAP "SwapTotal: 80000 kB\nSwapFree: 50000 kB\n"
#define COMMIT "CommitLimit: 592000 kB\nCommitted_AS: 600000 kB\n"

static void machine(void)
{
	meminfo(MACHINE SWAP COMMIT);
	is_i64(cell("Mem", "total"), 1024000);
	is_i64(cell("Mem", "used"), 324000); /* procps 4: what is not available */
	is_i64(cell("Mem", "used_before"), 1024000 - 500000 - 4000 - 300000 - 40000);
	is_i64(cell("Mem", "free"), 500000);
	is_i64(cell("Mem", "shared"), 20000);
	is_i64(cell("Mem", "buffers"), 4000);
	is_i64(cell("Mem", "cache"), 340000);
	is_i64(cell("Mem", "available"), 700000);
	/* Without Low and High all is low. */
	is_i64(cell("Low", "total"), 1024000);
	is_i64(cell("Low", "used"), 524000);
	is_i64(cell("High", "total"), 0);
	is_i64(cell("Swap", "used"), 30000);
	is_i64(cell("Total", "total"), 1104000);
	is_i64(cell("Total", "used"), 354000);
	is_i64(cell("Total", "free"), 550000);
	is_i64(cell("Comm", "used"), 600000);
	is_i64(cell("Comm", "free"), -8000); /* more was promised than the limit */
	meminfo(MACHINE "HighTotal: 200000 kB\nHighFree: 150000 kB\nLowTotal: 824000 kB\nLowFree: 350000 kB\n");
	is_i64(cell("Low", "used"), 474000);
	is_i64(cell("High", "used"), 50000);
	is_i64(cell("Swap", "total"), INT64_MIN);
	is_i64(cell("Total", "total"), INT64_MIN);
	is_i64(cell("Comm", "total"), INT64_MIN);
}

/* 1000 pages lie on lists of CPUs; the zones keep 1500 + 150 and 40 (all it has) pages back. */
static void difference(void)
{
	tree_file(&t, "/proc/zoneinfo",
		  "Node 0, zone      DMA\n  pages free     30\n        min      5\n        low      10\n"
		  "        high     20\n        spanned  50\n        present  50\n        managed  40\n"
		  "        protection: (0, 900, 900)\n"
		  "Node 0, zone   Normal\n  pages free     124970\n        min      50\n        low      100\n"
		  "        high     150\n        spanned  255960\n        present  255960\n"
		  "        managed  255960\n        protection: (0, 0, 1500)\n  pagesets\n    cpu: 0\n"
		  "              count: 1000\n              high:  1200\n              batch: 63\n"
		  "Node 0, zone  Movable\n  pages free     0\n        min      32\n        low      32\n"
		  "        high     32\n        spanned  0\n        present  0\n        managed  0\n"
		  "        protection: (0, 0, 0)\n");
	meminfo(MACHINE SWAP);
	/* free, pcp, both file lists and reclaimable slab can be had back */
	is_i64(cell("Mem", "occupied"), 1024000 - 500000 - 4000 - 284000 - 40000);
	is_i64(cell("Mem", "difference"), 324000 - 196000);
	is_i64(cell("Mem", "reserve"), (40 + 1650) * 4);
	is_i64(cell("Mem", "held_cache"), 440); /* the low marks, less than half of the cache */
	is_i64(cell("Mem", "held_slab"), 440);
	is_i64(cell("Mem", "uncounted"), 4000);
	is_i64(cell("Mem", "other"), 128000 - 6760 - 440 - 440 - 4000);
	ok(strstr(tree_str(f, 0, "why"), "6.6M that zones keep back") != NULL);
	unlink(strcat(strcpy((char[128]){ 0 }, t.dir), "/proc/zoneinfo"));
	meminfo(MACHINE SWAP);
	is_i64(cell("Mem", "occupied"), 1024000 - 500000 - 284000 - 40000);
	is_i64(cell("Mem", "reserve"), INT64_MIN);
	ok(!tree_cell(f, 0, "why"));
}

/* What is not told is absent; a container's numbers are taken as free(1) takes them. */
static void odd(void)
{
	meminfo("MemTotal: 1000 kB\nMemFree: 400 kB\nBuffers: 50 kB\nCached: 100 kB\n");
	is_i64(cell("Mem", "used"), INT64_MIN);
	is_i64(cell("Mem", "available"), INT64_MIN);
	ok(f->columns && f->columns[mml_schema_find(f->schema, "available", 9)].needs);
	is_i64(cell("Mem", "used_before"), 450);
	meminfo("MemTotal: 1000 kB\nMemFree: 400 kB\nMemAvailable: 1001 kB\n");
	is_i64(cell("Mem", "used"), 600);
	meminfo("MemTotal: 1000 kB\nMemFree: 400 kB\nMemAvailable: 1000 kB\n");
	is_i64(cell("Mem", "used"), 0);
	meminfo("MemTotal: 1000 kB\nSwapTotal: 10 kB\nSwapFree: 18446744073709551615 kB\n");
	is_i64(cell("Swap", "free"), INT64_MIN);
	is_i64(cell("Swap", "used"), INT64_MIN);
}

int main(void)
{
	tree_new(&t);
	tree_file(&t, "/mmlens/host", "page_size=4096\nmachine=x86_64\nkernel=test\nnodes=1\n");
	machine();
	difference();
	odd();
	tree_free(&t);
	return tap_done();
}
