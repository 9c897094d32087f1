/* The balance by what reclaim can do, and by the lists it works on. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

enum { KIB = 1024 };

static struct tree t;
static const struct mml_table *b;

static void take(const char *by, unsigned needs)
{
	struct mml_query query = { .collector = mml_collector_find("balance"),
				   .reading.needs = needs,
				   .reading.cancel_fd = -1,
				   .scope.by = by };

	mml_snapshot_put(t.snap);
	mml_root_close(t.root);
	t.snap = NULL;
	t.root = NULL;
	if (mml_root_open(t.dir, &t.root) || mml_snapshot_take(t.root, &query, 1, &t.snap))
		exit(99);
	b = t.snap->tables[0];
}

static int64_t kib(const char *item)
{
	const union mml_value *v = tree_cell(b, tree_row(b, "item", item), "bytes");

	return v ? v->i64 / KIB : INT64_MIN;
}

static const char *class_of(const char *item)
{
	size_t row = tree_row(b, "item", item);

	return row < b->nrows && tree_cell(b, row, "reclaim") ? tree_str(b, row, "reclaim") : "absent";
}

static int64_t sum(void)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < b->nrows; i++)
		if (strcmp(tree_str(b, i, "item"), "reserved") != 0 &&
		    strncmp(tree_str(b, i, "item"), "generation", 10) != 0)
			bytes += tree_cell(b, i, "bytes")->i64;
	return bytes / KIB;
}

#define MEMINFO                                                                                   \
	"MemTotal: 1024000 kB\nMemFree: 500000 kB\nActive: 160000 kB\nInactive: 204000 kB\n"      \
	"Active(anon): 60000 kB\nInactive(anon): 20000 kB\nActive(file): 100000 kB\n"             \
	"Inactive(file): 184000 kB\nUnevictable: 3000 kB\nDirty: 1000 kB\nWriteback: 200 kB\n"   \
	"Shmem: 7000 kB\nSlab: 60000 kB\nSReclaimable: 40000 kB\nSUnreclaim: 20000 kB\n"         \
	"KernelStack: 800 kB\nPageTables: 900 kB\nHugetlb: 4096 kB\nHardwareCorrupted: 8 kB\n"

static void by_reclaim(void)
{
	tree_file(&t, "/proc/meminfo", MEMINFO "SwapTotal: 9000 kB\nSwapFree: 5000 kB\n");
	tree_file(&t, "/proc/vmstat", "nr_free_pages 125000\nnr_isolated_anon 2\nnr_isolated_file 1\n");
	take("reclaim", 0);
	is_i64(kib("free"), 500000);
	is_i64(kib("kernel"), 20000 + 900);
	is_i64(kib("kernel_stacks"), 800);
	is_i64(kib("huge_pages"), 4096);
	is_i64(kib("locked"), 3000 + 12);
	is_i64(kib("out_of_use"), 8);
	is_i64(kib("anon"), 80000 - 7000);
	is_i64(kib("shmem"), 7000);
	is_i64(kib("file_dirty"), 1200);
	is_i64(kib("file_clean"), 284000 - 1200);
	is_i64(kib("slab_reclaimable"), 40000);
	is_i64(sum(), 1024000); /* to the last byte, as without --by */
	is_str(class_of("locked"), "unreclaimable");
	is_str(class_of("unaccounted"), "unreclaimable");
	is_str(class_of("anon"), "swappable");
	is_str(class_of("file_dirty"), "syncable");
	is_str(class_of("file_clean"), "discardable");
	ok(tree_row(b, "item", "unevictable") == b->nrows); /* it is in locked */
	ok(tree_row(b, "item", "reserved") == b->nrows);    /* nothing tells */
	is_u64(tree_u64(b, tree_row(b, "item", "anon"), "reclaimable"), 5000 * KIB);
	is_str(tree_str(b, tree_row(b, "item", "kernel"), "source"),
	       "slab_unreclaimable + page_tables");
	is_str(tree_str(b, tree_row(b, "item", "kernel"), "terms"), "20000 + 900");
	/* Anonymous memory stays swappable if there is no swap, but none of it can go. */
	tree_file(&t, "/proc/meminfo", MEMINFO "SwapTotal: 0 kB\nSwapFree: 0 kB\n");
	take("reclaim", 0);
	is_str(class_of("anon"), "swappable");
	is_u64(tree_u64(b, tree_row(b, "item", "anon"), "reclaimable"), 0);
}

/* 257000 pages are there, of which 256000 are MemTotal. */
static void reserved(void)
{
	tree_file(&t, "/proc/zoneinfo",
		  "Node 0, zone   Normal\n  pages free     125000\n        min      50\n        low      100\n"
		  "        high     150\n        spanned  260000\n        present  257000\n"
		  "        managed  256000\n        protection: (0, 0)\n");
	take("reclaim", 0);
	is_i64(kib("reserved"), 4000);
	is_i64(sum(), 1024000); /* it lies outside */
	ok(!tree_cell(b, tree_row(b, "item", "reserved"), "share"));
	unlink(strcat(strcpy((char[128]){ 0 }, t.dir), "/proc/zoneinfo"));
}

/* A kernel that does not split its lists: what could be done with them is not known. */
static void unsplit(void)
{
	tree_file(&t, "/proc/meminfo",
		  "MemTotal: 1000 kB\nMemFree: 400 kB\nActive: 100 kB\nInactive: 50 kB\nSlab: 30 kB\n");
	take("reclaim", 0);
	is_i64(kib("lru"), 150);
	is_str(class_of("lru"), "absent");
	is_str(class_of("slab"), "absent");
	is_i64(sum(), 1000);
}

static void by_list(void)
{
	tree_file(&t, "/proc/meminfo", MEMINFO);
	take("list", 0);
	is_i64(kib("active_anon"), 60000);
	is_i64(kib("inactive_anon"), 20000);
	is_i64(kib("active_file"), 100000);
	is_i64(kib("inactive_file"), 184000);
	is_i64(kib("unevictable"), 3000);
	is_i64(kib("isolated_anon"), 8);
	is_i64(kib("elsewhere"), 1024000 - 367000 - 12);
	is_i64(sum(), 1024000);
	ok(tree_row(b, "item", "generation_0_anon") == b->nrows);
}

/* Of each group and node the last line is the youngest, whatever its number. */
static void generations(void)
{
	tree_file(&t, "/sys/kernel/debug/lru_gen",
		  "memcg     1 /\n node     0\n"
		  "          4     300000       10         20 \n"
		  "          5     100000       30         40 \n"
		  "          6       1500       50         60 \n"
		  "memcg    33 /a\n node     0\n"
		  "          8     400000        1          2 \n"
		  "          9       2000        3          4 \n"
		  " node     1\n"
		  "          2        500        5          6 \n");
	take("list", 0);
	is_i64(kib("generation_0_anon"), (50 + 3 + 5) * 4);
	is_i64(kib("generation_0_file"), (60 + 4 + 6) * 4);
	is_i64(kib("generation_1_anon"), (30 + 1) * 4);
	is_i64(kib("generation_1_file"), (40 + 2) * 4);
	is_i64(kib("generation_2_anon"), 10 * 4);
	is_i64(kib("generation_2_file"), 20 * 4);
	ok(tree_row(b, "item", "generation_3_anon") == b->nrows);
	is_i64(sum(), 1024000); /* they are parts of the lists */
	ok(strstr(tree_str(b, tree_row(b, "item", "generation_1_anon"), "help"),
		  "Part of active_anon: generation 1 from the youngest, not older than 400 s.") != NULL);
	ok(strstr(tree_str(b, tree_row(b, "item", "generation_2_file"), "help"),
		  "Part of inactive_file") != NULL);
	/* More generations than there can be are no memory to write to. */
	{
		char text[4096] = "memcg 1 /\n node 0\n";

		for (int i = 0; i < 40; i++)
			strcat(text, " 1 1 1 1\n");
		tree_file(&t, "/sys/kernel/debug/lru_gen", text);
		take("list", 0);
		ok(!b->error);
	}
	tree_file(&t, "/sys/kernel/debug/lru_gen", "");
}

static uint64_t used(const char *item)
{
	const union mml_value *v = tree_cell(b, tree_row(b, "item", item), "referenced");

	return v ? v->u64 : UINT64_MAX;
}

/* Ten frames: see words.c for how a tree keeps them. */
static void referenced(void)
{
	enum { REF = 1 << 2, LRU = 1 << 5, ACTIVE = 1 << 6, SWAPBACKED = 1 << 14, HEAD = 1 << 15, TAIL = 1 << 16,
	       UNEVICTABLE = 1 << 18 };
	static uint64_t kept[] = { UINT64_C(0x6d6d6c2d776f7264), 0, 10,
				   LRU | REF,                       /* inactive file */
				   LRU,                             /* not used */
				   LRU | REF | ACTIVE,              /* active file */
				   LRU | REF | ACTIVE | SWAPBACKED | HEAD,
				   TAIL,                            /* has its head's marks */
				   LRU | REF | SWAPBACKED | TAIL,   /* since 6.12 they are its own, too */
				   LRU | REF | UNEVICTABLE,         /* on no list of these */
				   REF | ACTIVE,                    /* on no list at all */
				   LRU | REF, 0 };

	take("list", ~0U);
	is_cell_absent(b, 0, "referenced");
	ok(b->columns && b->columns[mml_schema_find(b->schema, "referenced", 10)].reason);
	tree_file(&t, "/proc/meminfo", "MemTotal: 40 kB\nMemFree: 0 kB\nActive(anon): 12 kB\n"
				       "Inactive(anon): 4 kB\nActive(file): 4 kB\nInactive(file): 12 kB\n");
	tree_bytes(&t, "/mmlens/words/kpageflags", (const char *)kept, sizeof(kept));
	take("list", ~0U);
	is_u64(used("active_anon"), 2 * 4096);
	is_u64(used("inactive_anon"), 4096);
	is_u64(used("active_file"), 4096);
	is_u64(used("inactive_file"), 2 * 4096);
	take("list", 0);
	is_u64(used("inactive_file"), UINT64_MAX); /* not asked for */
	/* Where a frame of MemTotal is missing, nothing is said. */
	tree_file(&t, "/proc/meminfo", "MemTotal: 44 kB\nMemFree: 0 kB\nActive(anon): 12 kB\n");
	take("list", ~0U);
	is_u64(used("active_anon"), UINT64_MAX);
}

int main(void)
{
	tree_new(&t);
	tree_file(&t, "/mmlens/host", "page_size=4096\nmachine=x86_64\nkernel=test\nnodes=1\n");
	by_reclaim();
	reserved();
	unsplit();
	by_list();
	generations();
	referenced();
	tree_free(&t);
	return tap_done();
}
