/* Whose memory /proc/meminfo is about: each kind of evidence, just enough of it and just too
 * little. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/collectors/memory/whose.h"
#include "tree.h"

static struct tree t;
static struct mml_arena *arena;
static struct mml_whose w;

/* A machine of 16 GiB; a later line of a name does not count. */
#define TOTAL "MemTotal: 16777216 kB\n"
#define REST                                                                                      \
	"MemFree: 4000000 kB\nMemAvailable: 9000000 kB\nBuffers: 100000 kB\nCached: 6000000 kB\n" \
	"SwapCached: 0 kB\nActive(anon): 2000000 kB\nInactive(anon): 1000000 kB\n"                \
	"Active(file): 3000000 kB\nInactive(file): 2500000 kB\nUnevictable: 0 kB\n"               \
	"AnonPages: 2900000 kB\nShmem: 200000 kB\nSlab: 1200000 kB\nSReclaimable: 900000 kB\n"    \
	"KReclaimable: 950000 kB\nKernelStack: 20000 kB\nPageTables: 50000 kB\n"                  \
	"SwapTotal: 1000 kB\nSwapFree: 900 kB\n"
#define HOST "page_size=4096\nmachine=x86_64\nkernel=test\n"

static void gone(const char *path)
{
	char at[128];

	snprintf(at, sizeof(at), "%s%s", t.dir, path);
	unlink(at);
}

static void judge(const char *meminfo)
{
	struct mml_take take = { .arena = arena };

	tree_file(&t, "/proc/meminfo", meminfo);
	mml_root_close(t.root);
	if (mml_root_open(t.dir, &t.root))
		exit(99);
	take.root = t.root;
	take.host = mml_root_host(t.root);
	ok(!mml_whose_meminfo(&take, &w));
	mml_take_end(&take);
	ok(!w.why == (w.is == MML_WHOSE_UNKNOWN || w.is == MML_WHOSE_MACHINE));
}

/* The zones, in KiB. */
static void zones(uint64_t managed, uint64_t free)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "Node 0, zone   Normal\n  pages free     %" PRIu64 "\n        min      1\n"
		 "        low      2\n        high     3\n        present  9\n"
		 "        managed  %" PRIu64 "\n",
		 free / 4, managed / 4);
	tree_file(&t, "/proc/zoneinfo", text);
}

static void vmstat(uint64_t free, uint64_t anon, uint64_t file, uint64_t slab)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "nr_free_pages %" PRIu64 "\nnr_active_anon %" PRIu64 "\nnr_inactive_anon 0\n"
		 "nr_active_file %" PRIu64 "\nnr_inactive_file 0\nnr_slab_reclaimable %" PRIu64 "\n"
		 "nr_slab_unreclaimable 0\n",
		 free / 4, anon / 4, file / 4, slab / 4);
	tree_file(&t, "/proc/vmstat", text);
}

static bool says(const char *text, const char *what)
{
	return text && strstr(text, what);
}

static void alone(void)
{
	judge(TOTAL REST);
	ok(w.is == MML_WHOSE_UNKNOWN && !w.contradiction); /* nothing to compare with */
	is_u64(w.total, UINT64_C(16777216) * 1024);
	is_u64(w.managed, 0);
	judge("");
	ok(w.is == MML_WHOSE_UNKNOWN && !w.total);
	gone("/proc/meminfo");
}

static void total(void)
{
	zones(16777216, 4000000);
	judge(TOTAL REST);
	ok(w.is == MML_WHOSE_MACHINE && !w.contradiction);
	is_u64(w.managed, UINT64_C(16777216) * 1024);
	judge("MemTotal: 1048576 kB\n" REST);
	ok(w.is == MML_WHOSE_OTHER);
	is_str(w.why, "MemTotal is 1048576 kB, but the zones manage 16777216 kB");
	judge("MemTotal: 16777212 kB\n" REST); /* to the byte */
	ok(w.is == MML_WHOSE_OTHER);
	/* MemTotal counts memory that is not brought up, and MemFree does as well: within a 32nd.
	 */
	zones(8777216, 1000000);
	judge(TOTAL "MemFree: 9000000 kB\n");
	ok(w.is == MML_WHOSE_LAZY && says(w.why, "the zones manage 8777216 kB"));
	judge(TOTAL "MemFree: 9520000 kB\n"); /* 8,000,000 + 520,000 */
	ok(w.is == MML_WHOSE_LAZY);
	judge(TOTAL "MemFree: 9530000 kB\n");
	ok(w.is == MML_WHOSE_OTHER);
	judge(TOTAL "MemFree: 8480000 kB\n");
	ok(w.is == MML_WHOSE_LAZY);
	judge(TOTAL "MemFree: 8470000 kB\n");
	ok(w.is == MML_WHOSE_OTHER);
	judge(TOTAL "MemFree: 900000 kB\n");
	ok(w.is == MML_WHOSE_OTHER);
	/* Zones that do not tell what they manage, before Linux 3.x. */
	tree_file(&t, "/proc/zoneinfo", "Node 0, zone Normal\n  pages free 1000000\n  present 9\n");
	judge(TOTAL REST);
	ok(w.is == MML_WHOSE_MACHINE);
	gone("/proc/zoneinfo");
}

/* MemTotal is the machine's, the rest is a container's: lxcfs without a limit. */
static void fields(void)
{
	zones(16777216, 1890000);
	judge(TOTAL REST); /* more than double, and an eighth of the memory apart */
	ok(w.is == MML_WHOSE_OTHER);
	is_str(w.why, "MemFree is 4000000 kB, but in the zones are free 1890000 kB");
	zones(16777216, 1910000); /* not an eighth */
	judge(TOTAL REST);
	ok(w.is == MML_WHOSE_MACHINE);
	zones(16777216, 8010000);
	judge(TOTAL REST);
	ok(w.is == MML_WHOSE_OTHER);
	zones(16777216, 7990000); /* not double */
	judge(TOTAL REST);
	ok(w.is == MML_WHOSE_MACHINE);
	/* vmstat is asked before the zones, and the majority decides. */
	zones(16777216, 1000000);
	vmstat(4000000, 3000000, 5500000, 1200000);
	judge(TOTAL REST);
	ok(w.is == MML_WHOSE_MACHINE);
	vmstat(4000000, 9000000, 5500000, 1200000);
	judge(TOTAL REST);
	ok(w.is == MML_WHOSE_MACHINE);
	vmstat(4000000, 9000000, 1000000, 1200000);
	judge(TOTAL REST); /* two against two */
	ok(w.is == MML_WHOSE_MACHINE);
	vmstat(9000000, 9000000, 1000000, 1200000);
	judge(TOTAL REST);
	ok(w.is == MML_WHOSE_OTHER);
	is_str(w.why, "MemFree is 4000000 kB, but vmstat's nr_free_pages are 9000000 kB");
	/* Numbers that wrapped around are not compared. */
	tree_file(&t, "/proc/vmstat", "nr_free_pages 18446744073709551615\n");
	zones(16777216, 4000000);
	judge(TOTAL REST);
	ok(w.is == MML_WHOSE_MACHINE);
	gone("/proc/vmstat");
	gone("/proc/zoneinfo");
	vmstat(4000000, 3000000, 5500000, 1200000);
	judge(TOTAL REST); /* vmstat alone will do */
	ok(w.is == MML_WHOSE_MACHINE);
	gone("/proc/vmstat");
}

static void impossible(void)
{
	zones(16777216, 4000000);
	judge(TOTAL "SwapTotal: 1000 kB\nSwapFree: 1000 kB\n");
	ok(w.is == MML_WHOSE_MACHINE && !w.contradiction);
	judge(TOTAL "SwapTotal: 1000 kB\nSwapFree: 1001 kB\n");
	ok(w.is == MML_WHOSE_OTHER);
	is_str(w.contradiction, "SwapFree of 1001 kB is more than SwapTotal of 1000 kB");
	judge(TOTAL "SwapTotal: 0 kB\nSwapFree:18014396678257232 kB\n");
	ok(w.is == MML_WHOSE_OTHER);
	is_str(w.contradiction, "SwapFree of 18014396678257232 kB is no size memory can have");
	judge(TOTAL "HighTotal: 1000 kB\nLowTotal: 16776216 kB\n");
	ok(w.is == MML_WHOSE_MACHINE && !w.contradiction);
	judge(TOTAL "HighTotal: 1000 kB\nLowTotal: 16776212 kB\n");
	ok(w.is == MML_WHOSE_OTHER);
	is_str(w.contradiction, "MemTotal is 16777216 kB, but HighTotal + LowTotal are 16777212 kB");
	judge(TOTAL "HighTotal: 1000 kB\n");
	ok(w.is == MML_WHOSE_MACHINE && !w.contradiction);
	judge(TOTAL "Slab: 0 kB\nKReclaimable: 1023 kB\n");
	ok(w.is == MML_WHOSE_MACHINE && !w.contradiction);
	judge(TOTAL "Slab: 0 kB\nKReclaimable: 1024 kB\n");
	ok(w.is == MML_WHOSE_OTHER &&
	   says(w.contradiction, "Slab is 0 beside KReclaimable of 1024 kB"));
	judge(TOTAL "Slab: 4 kB\nKReclaimable: 1024 kB\n");
	ok(w.is == MML_WHOSE_MACHINE);
	vmstat(0, 0, 0, 1020);
	judge(TOTAL "Slab: 0 kB\n");
	ok(w.is == MML_WHOSE_MACHINE);
	vmstat(0, 0, 0, 1024);
	judge(TOTAL "Slab: 0 kB\n");
	ok(w.is == MML_WHOSE_OTHER && says(w.contradiction, "nr_slab_* are 1024 kB"));
	gone("/proc/vmstat");
	judge("MemTotal: 0 kB\nMemFree: 18446744073708785356 kB\n");
	ok(w.is == MML_WHOSE_OTHER && says(w.contradiction, "MemTotal is 0; MemFree of"));
	is_u64(w.total, 0);
	gone("/proc/zoneinfo");
}

/* Without other files: lxcfs adds MemAvailable up, the kernel takes its reserves off. */
static void added_up(void)
{
	judge(TOTAL "MemFree: 500 kB\nMemAvailable: 500 kB\n");
	ok(w.is == MML_WHOSE_OTHER && says(w.why, "MemAvailable is MemFree to the last kB"));
	judge(TOTAL "MemFree: 500 kB\nMemAvailable: 499 kB\n");
	ok(w.is == MML_WHOSE_UNKNOWN);
	judge(TOTAL "MemFree: 500 kB\nMemAvailable: 520 kB\nCached: 20 kB\n");
	ok(w.is == MML_WHOSE_OTHER && says(w.why, "MemFree + Cached"));
	judge(TOTAL "MemFree: 500 kB\nMemAvailable: 521 kB\nCached: 20 kB\n");
	ok(w.is == MML_WHOSE_UNKNOWN);
	judge(TOTAL
	      "MemFree: 500 kB\nMemAvailable: 506 kB\nActive(file): 1 kB\nInactive(file): 2 kB\n"
	      "SReclaimable: 3 kB\n");
	ok(w.is == MML_WHOSE_OTHER && says(w.why, "SReclaimable"));
	judge(TOTAL "MemFree: 0 kB\nMemAvailable: 0 kB\n"); /* nothing is left */
	ok(w.is == MML_WHOSE_UNKNOWN);
	/* A machine's other files say more than the coincidence. */
	zones(16777216, 500);
	judge(TOTAL "MemFree: 500 kB\nMemAvailable: 500 kB\n");
	ok(w.is == MML_WHOSE_MACHINE);
	gone("/proc/zoneinfo");
}

static void contradictions(void)
{
	judge(TOTAL "MemAvailable: 16777216 kB\n");
	ok(!w.contradiction);
	judge(TOTAL "MemAvailable: 16777217 kB\n");
	is_str(w.contradiction, "MemAvailable of 16777217 kB is more than MemTotal of 16777216 kB");
	ok(w.is == MML_WHOSE_UNKNOWN); /* a counter that leaks can do that on any machine */
	judge(TOTAL "GPUReclaim: 16777217 kB\n");
	ok(says(w.contradiction, "GPUReclaim of 16777217 kB"));
	judge(TOTAL "Active(anon): 8388608 kB\nInactive(anon): 8388608 kB\n");
	ok(!w.contradiction);
	judge(TOTAL "Active(anon): 8388608 kB\nInactive(anon): 8388609 kB\n");
	is_str(w.contradiction,
	       "Active(anon) + Inactive(anon) of 16777217 kB is more than MemTotal of 16777216 kB");
	/* What a container's meminfo has of the machine's cannot be held against its limit. */
	judge("MemTotal: 1000 kB\nMemFree: 500 kB\nMemAvailable: 500 kB\nPageTables: 1001 kB\n");
	ok(w.is == MML_WHOSE_OTHER && !w.contradiction);
	judge("MemTotal: 1000 kB\nMemFree: 500 kB\nPageTables: 1001 kB\n");
	ok(says(w.contradiction, "PageTables"));
	/* File pages against what they can be, more than a sixteenth apart. */
	judge(TOTAL "Active(file): 3000000 kB\nInactive(file): 1148576 kB\nBuffers: 100000 kB\n"
		    "Cached: 2000000 kB\nSwapCached: 0 kB\nAnonPages: 1000000 kB\n");
	ok(!w.contradiction);
	judge(TOTAL "Active(file): 3000000 kB\nInactive(file): 1148577 kB\nBuffers: 100000 kB\n"
		    "Cached: 2000000 kB\nSwapCached: 0 kB\nAnonPages: 1000000 kB\n");
	ok(says(w.contradiction, "Active(file) + Inactive(file) of 4148577 kB is more than"));
	ok(says(w.contradiction, "Buffers + Cached + SwapCached + AnonPages of 3100000 kB"));
	judge(TOTAL "Active(file): 3000000 kB\nInactive(file): 9148577 kB\nBuffers: 100000 kB\n"
		    "Cached: 2000000 kB\nSwapCached: 0 kB\n"); /* a side is not known */
	ok(!w.contradiction);
}

/* A tree that does not tell its page size cannot be compared in pages. */
static void no_page_size(void)
{
	gone("/mmlens/host");
	zones(16777216, 1000000);
	judge(TOTAL "MemFree: 500 kB\n");
	ok(w.is != MML_WHOSE_OTHER || !says(w.why, "MemTotal"));
	zones(16777216 / 16, 1000000 / 16); /* in pages of 64 KiB */
	judge(TOTAL "MemFree: 1000000 kB\n");
	ok(w.is != MML_WHOSE_OTHER);
	zones(16777216 / 3, 1000000);
	judge(TOTAL "MemFree: 500 kB\n");
	ok(w.is == MML_WHOSE_OTHER);
	gone("/proc/zoneinfo");
}

int main(void)
{
	tree_new(&t);
	arena = mml_arena_new();
	tree_file(&t, "/mmlens/host", HOST);
	if (!arena || !tree_table(&t, "meminfo")) {
		tap_skip("trees need openat2(), Linux 5.6");
		return tap_done();
	}
	alone();
	total();
	fields();
	impossible();
	added_up();
	contradictions();
	no_page_size();
	mml_arena_free(arena);
	tree_free(&t);
	return tap_done();
}
