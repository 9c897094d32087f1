/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <errno.h>

#include "../../src/collectors/registry.h"
#include "../../src/collectors/page/frames.h"
#include "../../src/collectors/page/pages.h"
#include "../../src/collectors/page/words.h"
#include "../../src/source/source.h"

enum { FRAMES = 16384, FIRST = 16, LARGE = 4096, LARGE_PAGES = 8192 };

static uint64_t pagemap[LARGE + LARGE_PAGES + 8], flags[FRAMES], counts[FRAMES];

static const uint64_t LRU = 1 << 5, ANON = KPF_ANON;

/* Pages FIRST + AT and N - 1 behind it on frames from PFN on, with the bits HIGH of pagemap and KF. */
static void map(unsigned at, unsigned n, uint64_t pfn, uint64_t high, uint64_t kf, uint64_t count)
{
	for (unsigned i = 0; i < n; i++) {
		pagemap[FIRST + at + i] = PM_PRESENT | high | (pfn + i);
		flags[pfn + i] = kf;
		counts[pfn + i] = count;
	}
}

/* A compound page of N frames from PFN on; TAILS: what the tails' flags have besides. */
static void compound(uint64_t pfn, unsigned n, uint64_t kf, uint64_t tails)
{
	for (unsigned i = 0; i < n; i++)
		flags[pfn + i] = i ? tails | KPF_TAIL : kf | KPF_HEAD;
}

static void build(struct tree *t)
{
	map(0, 4, 100, PM_EXCLUSIVE, LRU | ANON, 1);
	pagemap[FIRST + 4] = PM_SWAP | 7 << 5 | 1;
	pagemap[FIRST + 5] = PM_SWAP | 9 << 5 | 1;
	pagemap[FIRST + 6] = PM_SWAP | 9 << 5 | 2;
	pagemap[FIRST + 7] = PM_GUARD;
	map(8, 1, 50, 0, KPF_ZERO, 0);
	map(9, 1, 50, 0, KPF_ZERO, 0);
	/* Four frames downwards, as the allocator often gives them. */
	for (unsigned i = 0; i < 4; i++)
		map(10 + i, 1, 203 - i, PM_EXCLUSIVE, LRU | ANON, 1);
	/* A folio of 16 pages, mapped whole, whose tails have no flags of their own (before 6.12). */
	map(14, 16, 256, PM_EXCLUSIVE, 0, 1);
	compound(256, 16, LRU | ANON | KPF_THP, 0);
	/* The last 8 pages of a folio of 32. */
	map(30, 8, 512 + 24, PM_EXCLUSIVE, 0, 1);
	compound(512, 32, LRU | ANON | KPF_THP, LRU | ANON | KPF_THP);
	/* Two huge pages of 512, one after the other, then a hugetlb one. */
	map(64, 512, 1024, PM_EXCLUSIVE, 0, 1);
	compound(1024, 512, LRU | ANON | KPF_THP, LRU | ANON | KPF_THP);
	map(576, 4, 1536, PM_FILE, 0, 3);
	compound(1536, 4, KPF_HUGE, KPF_HUGE);
	/* One with more pages than are read at first, then pages of every second frame. */
	map(LARGE - FIRST, LARGE_PAGES, 8192, PM_EXCLUSIVE | PM_FILE, 0, 1);
	compound(8192, LARGE_PAGES, KPF_HUGE, KPF_HUGE);
	for (unsigned i = 0; i < 8; i++)
		map(LARGE - FIRST + LARGE_PAGES + i, 1, 2048 + 2 * i, PM_EXCLUSIVE | PM_FILE, LRU, 2 + i);
	tree_bytes(t, "/proc/9/pagemap", (const char *)pagemap, sizeof(pagemap));
	tree_bytes(t, "/proc/kpageflags", (const char *)flags, sizeof(flags));
	tree_bytes(t, "/proc/kpagecount", (const char *)counts, sizeof(counts));
	/* 0x10000 is page 16; the second mapping begins behind the first huge page. */
	tree_file(t, "/proc/9/maps",
		  "00010000-00250000 rw-p 00000000 00:00 0 \n"
		  "00250000-00400000 rw-s 00000000 00:10 5          /dev/hugepages/x\n"
		  "01000000-03008000 rw-s 00000000 00:01 6          /dev/shm/large\n");
	tree_file(t, "/proc/9/stat", "9 (x) S 1 1 1 0 -1 0 0\n");
	tree_file(t, "/proc/zoneinfo",
		  "Node 0, zone      DMA\n  pages free     1\n        min      0\n        low      0\n"
		  "        high     0\n        spanned  1024\n        present  1024\n"
		  "        managed  1024\n  start_pfn:           0\n"
		  "Node 0, zone   Normal\n  pages free     1\n        min      0\n        low      0\n"
		  "        high     0\n        spanned  1024\n        present  1024\n"
		  "        managed  1024\n  start_pfn:           1024\n"
		  "Node 3, zone   Normal\n  pages free     1\n        min      0\n        low      0\n"
		  "        high     0\n        spanned  1024\n        present  1024\n"
		  "        managed  1024\n  start_pfn:           1536\n");
	/* Nodes 0 and 3 overlap from 1536 to 2048: there the memory blocks decide, 256 pages each. */
	tree_file(t, "/sys/devices/system/memory/block_size_bytes", "100000\n");
	tree_file(t, "/sys/devices/system/node/node3/memory6/state", "online\n");
	tree_file(t, "/sys/devices/system/node/node0/memory7/state", "online\n");
}

static struct mml_table *pages_with(struct tree *t, unsigned needs, uint64_t start, uint64_t end, bool each)
{
	static const pid_t pid = 9;
	struct mml_query query = { .collector = mml_collector_find("pages"),
				   .reading.needs = needs,
				   .reading.cancel_fd = -1 };

	mml_scope_set_pid(&query.scope, &pid);
	if (end)
		mml_scope_set_range(&query.scope, start, end);
	query.scope.args[MML_PARAM_EACH].given = each;
	mml_snapshot_put(t->snap);
	t->snap = NULL;
	if (!t->root && mml_root_open(t->dir, &t->root))
		return NULL;
	return mml_snapshot_take(t->root, &query, 1, &t->snap) ? NULL : t->snap->tables[0];
}

static struct mml_table *pages_of(struct tree *t, uint64_t start, uint64_t end, bool each)
{
	return pages_with(t, ~0U, start, end, each);
}

static void is_run(const struct mml_table *table, size_t i, uint64_t page, uint64_t n,
		   const char *state)
{
	is_cell_u64(table, i, "address", page * 4096);
	is_cell_u64(table, i, "pages", n);
	is_cell_str(table, i, "state", state);
}

static void test_runs(struct tree *t)
{
	struct mml_table *table = pages_of(t, 0, 0, false);

	if (!table) {
		tap_skip("trees cannot be read here");
		return;
	}
	ok(!table->error);
	is_run(table, 0, FIRST, 4, "private");
	is_cell_u64(table, 0, "pfn", 100);
	is_cell_u64(table, 0, "page_size", 4096);
	is_cell_u64(table, 0, "map_count", 1);
	is_cell_u64(table, 0, "node", 0);
	is_cell_str(table, 0, "zone", "DMA");
	is_cell_str(table, 0, "flags", "lru anon");
	ok(tree_cell(table, 0, "contiguous")->b && tree_cell(table, 0, "exclusive")->b);
	is_run(table, 1, FIRST + 4, 2, "swapped");
	is_cell_u64(table, 1, "swap_type", 1);
	is_cell_u64(table, 1, "swap_offset", 7);
	is_cell_absent(table, 1, "pfn");
	is_run(table, 2, FIRST + 6, 1, "swapped");
	is_cell_u64(table, 2, "swap_type", 2);
	is_run(table, 3, FIRST + 7, 1, "guard");
	is_run(table, 4, FIRST + 8, 2, "zero");
	is_run(table, 5, FIRST + 10, 4, "private");
	is_cell_u64(table, 5, "pfn", 203);
	ok(!tree_cell(table, 5, "contiguous")->b);
	is_run(table, 6, FIRST + 14, 16, "private");
	is_cell_u64(table, 6, "page_size", 65536);
	is_cell_u64(table, 6, "entry_size", 4096);
	is_cell_str(table, 6, "flags", "lru anon compound thp");
	is_run(table, 7, FIRST + 30, 8, "private");
	is_cell_u64(table, 7, "page_size", 131072);
	is_cell_str(table, 7, "flags", "lru anon compound thp");
	is_run(table, 8, FIRST + 38, 26, "absent");
	is_cell_absent(table, 8, "flags");
	is_cell_absent(table, 8, "map_count");
	is_run(table, 9, FIRST + 64, 512, "private");
	is_cell_u64(table, 9, "page_size", 512 * 4096);
	is_cell_absent(table, 9, "entry_size"); /* only the live kernel tells */
	is_cell_u64(table, 9, "node", 0);
	is_cell_str(table, 9, "zone", "Normal");
	/* Frames 1536 on are claimed by two nodes; their block is memory6, on node 3. */
	is_run(table, 10, FIRST + 576, 4, "hugetlb");
	is_cell_u64(table, 10, "node", 3);
	is_cell_u64(table, 10, "map_count", 3);
	is_cell_u64(table, 10, "entry_size", 16384);
	is_cell_str(table, 10, "mapping", "/dev/hugepages/x");
	is_run(table, 11, FIRST + 580, 428, "absent");
	is_run(table, 12, LARGE, LARGE_PAGES, "hugetlb");
	is_cell_u64(table, 12, "page_size", LARGE_PAGES * 4096);
	ok(tree_cell(table, 12, "contiguous")->b);
	for (unsigned i = 0; i < 8; i++) {
		is_run(table, 13 + i, LARGE + LARGE_PAGES + i, 1, "shared");
		is_cell_u64(table, 13 + i, "map_count", 2 + i);
	}
	is_u64(table->nrows, 21);
}

static void test_range(struct tree *t)
{
	struct mml_table *table = pages_of(t, 0x10000 + 2 * 4096, 0x10000 + 5 * 4096, false);
	unsigned wrong = 0;

	if (!table)
		return;
	is_u64(table->nrows, 2);
	is_run(table, 0, FIRST + 2, 2, "private");
	is_run(table, 1, FIRST + 4, 1, "swapped");
	table = pages_of(t, 0x10000, 0x10000 + 15 * 4096, true);
	/* A row a page; of the folio only the one page that was asked for. */
	is_u64(table->nrows, 15);
	is_run(table, 14, FIRST + 14, 1, "private");
	is_cell_u64(table, 14, "page_size", 65536);
	table = pages_of(t, 0x900000, 0x901000, false);
	ok(!table->error && !table->nrows && table->note);
	/* One huge page is one, a row a page or not. */
	table = pages_of(t, 0x10000 + 64 * 4096, 0x10000 + 576 * 4096, true);
	is_u64(table->nrows, 1);
	is_u64(tree_u64(table, 0, "pages"), 512);
	table = pages_of(t, LARGE * 4096, (LARGE + LARGE_PAGES) * 4096, true);
	is_u64(table->nrows, 1);
	is_u64(tree_u64(table, 0, "pages"), LARGE_PAGES);
	/* Each of many pages has its own words, whichever thread read them. */
	for (unsigned i = 0; i < LARGE_PAGES; i++)
		map(LARGE - FIRST + i, 1, 8192 + (i ^ 1), PM_EXCLUSIVE | PM_FILE, LRU, i % 500);
	tree_bytes(t, "/proc/9/pagemap", (const char *)pagemap, sizeof(pagemap));
	tree_bytes(t, "/proc/kpageflags", (const char *)flags, sizeof(flags));
	tree_bytes(t, "/proc/kpagecount", (const char *)counts, sizeof(counts));
	table = pages_of(t, LARGE * 4096, (LARGE + LARGE_PAGES) * 4096, false);
	is_u64(table->nrows, LARGE_PAGES);
	for (unsigned i = 0; i < LARGE_PAGES; i++)
		wrong += tree_u64(table, i, "address") != (LARGE + i) * 4096 ||
			 tree_u64(table, i, "pfn") != 8192 + (i ^ 1) ||
			 tree_u64(table, i, "map_count") != i % 500;
	is_u64(wrong, 0);
}

/* Frame numbers are hidden: absent with the reason, and what the rest tells stays. */
/* A block both nodes list has frames of each. */
static void test_shared_block(struct tree *t)
{
	struct mml_table *table;

	tree_file(t, "/sys/devices/system/node/node0/memory6/state", "online\n");
	table = pages_of(t, 0, 0, false);
	is_run(table, 10, FIRST + 576, 4, "hugetlb");
	is_cell_absent(table, 10, "node");
	is_cell_u64(table, 9, "node", 0);
}

static void test_hidden(struct tree *t)
{
	struct mml_table *table;
	int pfn;

	for (size_t i = 0; i < sizeof(pagemap) / sizeof(*pagemap); i++)
		pagemap[i] &= ~PM_PFN;
	tree_bytes(t, "/proc/9/pagemap", (const char *)pagemap, sizeof(pagemap));
	table = pages_of(t, 0x10000, 0x10000 + 8 * 4096, false);
	if (!table)
		return;
	pfn = mml_schema_find(table->schema, "pfn", 3);
	is_run(table, 0, FIRST, 4, "private");
	is_cell_absent(table, 0, "pfn");
	is_cell_absent(table, 0, "flags");
	is_cell_absent(table, 0, "zone");
	ok(table->columns && table->columns[pfn].reason);
	is_str(table->columns[pfn].needs, "CAP_SYS_ADMIN");
	is_run(table, 1, FIRST + 4, 3, "swapped");
	is_cell_absent(table, 1, "swap_offset");
}

/* Entries that are not of pages in memory, and whose memory it is that a mapping shows. */
static void test_states(struct tree *t)
{
	enum { AT = 4 };
	uint64_t pm[16] = { 0 }, kf[8] = { 0 };
	struct mml_table *table;

	pm[AT] = PM_SWAP | 7 << 5 | 22;	    /* the last number a swap area can have */
	pm[AT + 1] = PM_SWAP | 7 << 5 | 23; /* the first that is none: a poisoned page */
	pm[AT + 2] = PM_SWAP | PM_UFFD_WP | 1 << 5 | 31; /* a marker of userfaultfd's */
	pm[AT + 3] = PM_SWAP | 4 << 5 | 31;		 /* a guard, without a bit that says so */
	pm[AT + 4] = PM_SWAP | PM_GUARD | 4 << 5 | 31;
	pm[AT + 5] = PM_PRESENT | PM_FILE | PM_EXCLUSIVE | 1;
	pm[AT + 6] = PM_PRESENT | PM_FILE | PM_EXCLUSIVE | 2;
	pm[AT + 7] = PM_PRESENT | PM_FILE | PM_EXCLUSIVE | 3;
	tree_bytes(t, "/proc/9/pagemap", (const char *)pm, sizeof(pm));
	tree_bytes(t, "/proc/kpageflags", (const char *)kf, sizeof(kf));
	tree_file(t, "/proc/9/maps",
		  "00004000-00009000 rw-p 00000000 00:00 0 \n"
		  "00009000-0000a000 rw-p 00000000 00:01 6          /memfd:x (deleted)\n"
		  "0000a000-0000b000 rw-s 00000000 00:01 6          /memfd:x (deleted)\n"
		  "0000b000-0000c000 rw-s 00000000 00:01 7          /secretmem (deleted)\n");
	table = pages_of(t, 0, 0, true);
	if (!table)
		return;
	is_u64(table->nrows, 8);
	is_run(table, 0, AT, 1, "swapped");
	ok(tree_cell(table, 0, "swapped")->b);
	is_run(table, 1, AT + 1, 1, "special");
	ok(!tree_cell(table, 1, "swapped")->b);
	is_run(table, 2, AT + 2, 1, "special");
	is_run(table, 3, AT + 3, 1, "guard");
	ok(!tree_cell(table, 3, "swapped")->b);
	is_run(table, 4, AT + 4, 1, "guard");
	ok(!tree_cell(table, 4, "swapped")->b);
	/* Of a private mapping it is the file's until it is written to, however often it is mapped.
	 */
	is_run(table, 5, AT + 5, 1, "file");
	is_run(table, 6, AT + 6, 1, "shared");
	is_run(table, 7, AT + 7, 1, "shared");
	is_cell_str(table, 7, "kind", "secretmem");
	/* Types are hidden: it is swap where there is swap. */
	for (size_t i = AT; i < AT + 5; i++)
		pm[i] &= ~PM_PFN;
	tree_bytes(t, "/proc/9/pagemap", (const char *)pm, sizeof(pm));
	tree_file(t, "/proc/swaps", "Filename Type Size Used Priority\n/dev/x partition 9 1 -2\n");
	table = pages_of(t, AT << 12, (AT + 5) << 12, true);
	is_run(table, 0, AT, 1, "swapped");
	is_run(table, 4, AT + 4, 1, "guard");
	tree_file(t, "/proc/swaps", "Filename Type Size Used Priority\n");
	table = pages_of(t, AT << 12, (AT + 5) << 12, true);
	is_run(table, 0, AT, 1, "special");
	ok(!tree_cell(table, 0, "swapped")->b);
	is_run(table, 4, AT + 4, 1, "guard");
}

/* Flags that part no run unless they are asked for as they are, one that does, and a frame of which the
 * kernel tells nothing. */
static void test_parting(struct tree *t)
{
	enum { AT = 4, PAGES = 6 };
	const uint64_t idle = UINT64_C(1) << 25, own = UINT64_C(1) << 42, active = 1 << 6;
	uint64_t pm[16] = { 0 };
	uint64_t kf[] = { 0, LRU | ANON, LRU | ANON | idle, LRU | ANON | own, LRU | ANON | active, 0, LRU };
	const uint64_t ones[] = { 1, 1, 1, 1, 1, 1, 1 };
	struct mml_table *table;

	for (unsigned i = 0; i < PAGES; i++)
		pm[AT + i] = PM_PRESENT | PM_EXCLUSIVE | (i + 1);
	tree_bytes(t, "/proc/9/pagemap", (const char *)pm, sizeof(pm));
	tree_bytes(t, "/proc/kpageflags", (const char *)kf, sizeof(kf));
	tree_bytes(t, "/proc/kpagecount", (const char *)ones, sizeof(ones));
	tree_file(t, "/proc/9/maps",
		  "00004000-00009000 rw-p 00000000 00:00 0 \n"
		  "00009000-0000a000 r--p 00007000 08:01 6          /lib/x.so\n");
	table = pages_with(t, NEEDS_FLAGS | NEEDS_COUNT | NEEDS_SIZE, 0, 0, false);
	if (!table)
		return;
	is_u64(table->nrows, 4);
	is_run(table, 0, AT, 3, "private");
	is_cell_str(table, 0, "flags", "lru anon");
	is_cell_absent(table, 0, "kpageflags");
	is_cell_absent(table, 0, "index");
	is_run(table, 1, AT + 3, 1, "private");
	is_cell_str(table, 1, "flags", "lru active anon");
	is_cell_absent(table, 2, "flags");
	ok(strstr(table->columns[mml_schema_find(table->schema, "flags", 5)].reason, "though they are mapped"));
	is_cell_u64(table, 2, "page_size", 4096);
	is_cell_u64(table, 3, "index", 7);
	table = pages_of(t, 0, 0, false);
	is_u64(table->nrows, 6);
	is_cell_u64(table, 1, "kpageflags", LRU | ANON | idle);
	is_cell_absent(table, 0, "refcount");
	ok(table->columns[mml_schema_find(table->schema, "refcount", 8)].reason);
}

static void test_words(struct tree *t)
{
	static uint64_t kept[] = { UINT64_C(0x6d6d6c2d776f7264), 100, 3, 1, 2, 3, 50, 2, 8, 9, 103, 9 };
	struct mml_words *words;
	uint64_t got[4];

	tree_bytes(t, "/mmlens/words/1", (const char *)kept, sizeof(kept));
	if (!t->root)
		return;
	ok(!mml_words_open(t->root, "/proc/1/pagemap", "/mmlens/words/1", &words));
	ok(mml_words_read(words, 100, 4, got) == 3 && got[0] == 1 && got[2] == 3);
	ok(mml_words_read(words, 51, 4, got) == 1 && got[0] == 9);
	ok(mml_words_read(words, 52, 4, got) == 0);
	is_u64(mml_words_next(words, 0), 50);
	is_u64(mml_words_next(words, 52), 100);
	is_u64(mml_words_next(words, 101), 101);
	is_u64(mml_words_next(words, 103), UINT64_MAX); /* that record was cut off */
	mml_words_close(words);
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		kept[i] = __builtin_bswap64(kept[i]);
	tree_bytes(t, "/mmlens/words/1", (const char *)kept, sizeof(kept));
	ok(!mml_words_open(t->root, NULL, "/mmlens/words/1", &words));
	ok(mml_words_read(words, 101, 1, got) == 1 && got[0] == 2); /* another byte order */
	mml_words_close(words);
	tree_file(t, "/mmlens/words/1", "not words at all");
	ok(mml_words_open(t->root, NULL, "/mmlens/words/1", &words) == -EBADMSG);
	ok(mml_words_open(t->root, NULL, "/mmlens/words/2", &words) == -ENOENT);
}

static void test_flags(void)
{
	struct mml_intern in = { .arena = mml_arena_new() };
	struct mml_host host = { .kernel = "6.12.117+deb13-cloud-amd64" };

	is_str(mml_frame_words(&in, &host, 0), "");
	is_str(mml_frame_words(&in, &host, 1 | UINT64_C(1) << 42), "locked arch-3");
	is_str(mml_frame_words(&in, &host, UINT64_C(1) << 63), "bit-63");
	is_str(mml_frame_words(&in, &host, KPF_OWNER_2 | LRU), "lru owner-2");
	is_str(mml_frame_words(&in, &host, KPF_OWNER_2 | LRU | ANON), "lru anon anon-exclusive");
	host.kernel = "6.11.0-rc1";
	is_str(mml_frame_words(&in, &host, KPF_OWNER_2 | LRU), "lru mappedtodisk");
	is_str(mml_frame_words(&in, &host, KPF_OWNER_2 | LRU | ANON), "lru anon anon-exclusive");
	host.kernel = NULL;
	is_str(mml_frame_words(&in, &host, KPF_OWNER_2 | LRU), "lru mappedtodisk/owner-2");
	mml_arena_free(in.arena);
}

static void test_since(void)
{
	struct mml_host host = { .kernel = "6.9.0" };

	is_i64(mml_host_since(&host, 6, 9), 1);
	is_i64(mml_host_since(&host, 6, 10), 0);
	is_i64(mml_host_since(&host, 5, 19), 1);
	is_i64(mml_host_since(&host, 7, 0), 0);
	host.kernel = "7.2-rc1";
	is_i64(mml_host_since(&host, 7, 2), 1);
	is_i64(mml_host_since(&host, 7, 3), 0);
	for (size_t i = 0; i < 4; i++) {
		host.kernel = (const char *const[]){ NULL, "", "6", "next-20260101" }[i];
		is_i64(mml_host_since(&host, 1, 0), -1);
	}
}

int main(void)
{
	struct tree t;

	tree_new(&t);
	build(&t);
	test_flags();
	test_since();
	test_runs(&t);
	test_range(&t);
	test_words(&t);
	test_shared_block(&t);
	test_hidden(&t);
	test_states(&t);
	test_parting(&t);
	tree_free(&t);
	return tap_done();
}
