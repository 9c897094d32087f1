/* A tree that nobody wrote the page size into: what shows it, what does not, and that it is said. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "tree.h"

static struct tree t;

/* The page size of the tree, and whether its table slab says where it is from with the words FROM (NULL:
 * that it is assumed); 0: the tree cannot be opened. */
static uint64_t size_of(const char *from)
{
	const struct mml_table *slab = tree_table(&t, "slab");
	const struct mml_host *host;

	if (!slab)
		return 0;
	host = mml_root_host(t.root);
	tap_ok(slab->note && strstr(slab->note, from ? from : "are assumed") &&
		       host->page_size_known == !!from,
	       "said: %s", slab->note);
	return host->page_size;
}

static void again(void)
{
	tree_free(&t);
	tree_new(&t);
	tree_file(&t, "/proc/slabinfo",
		  "slabinfo - version: 2.1\n# name\nx 1 1 64 64 1 : tunables 0 0 0 : slabdata 1 1 0\n");
}

static void smaps(void)
{
	again();
	is_u64(size_of(NULL), 4096);
	tree_file(&t, "/proc/700/smaps",
		  "00400000-00401000 r-xp 0 00:00 0\nKernelPageSize:     2048 kB\n"
		  "00500000-00501000 r-xp 0 00:00 0\nKernelPageSize:       64 kB\nMMUPageSize: 4 kB\n");
	is_u64(size_of("KernelPageSize in /proc/700/smaps"), 65536);
	/* The process with the lowest number is asked first, and auxv before smaps. */
	tree_file(&t, "/proc/88/smaps", "KernelPageSize:       16 kB\n");
	is_u64(size_of("/proc/88/smaps"), 16384);
	tree_file(&t, "/proc/88/smaps", "KernelPageSize:       3 kB\nKernelPageSize: x\n");
	is_u64(size_of("/proc/700/smaps"), 65536);
	tree_file(&t, "/proc/700/smaps", "KernelPageSize:     2048 kB\n"); /* of a pool: none */
	is_u64(size_of(NULL), 4096);
}

static void auxv(void)
{
	static const uint64_t native[] = { 33, 0x7ffe0000, 6, 16384, 17, 100, 0, 0 };
	static const uint32_t narrow[] = { 16, 7, 6, 8192, 0, 0 };
	static const uint64_t endless[] = { 33, 0x7ffe0000, 6, 16384, 17, 100 };
	static const unsigned char big[] = { 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 1, 0, 0,
					     0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };

	again();
	tree_bytes(&t, "/proc/5/auxv", (const char *)native, sizeof(native));
	is_u64(size_of("AT_PAGESZ in /proc/5/auxv"), 16384);
	tree_bytes(&t, "/proc/5/auxv", (const char *)narrow, sizeof(narrow));
	is_u64(size_of("AT_PAGESZ"), 8192);
	tree_bytes(&t, "/proc/5/auxv", (const char *)big, sizeof(big));
	is_u64(size_of("AT_PAGESZ"), 65536);
	tree_bytes(&t, "/proc/5/auxv", (const char *)endless, sizeof(endless)); /* cut off */
	is_u64(size_of(NULL), 4096);
	tree_file(&t, "/proc/5/auxv", "");
	is_u64(size_of(NULL), 4096);
}

static void total(void)
{
	again();
	tree_file(&t, "/proc/meminfo", "MemTotal: 33488896 kB\nMemFree: 12800000 kB\n");
	tree_file(&t, "/proc/zoneinfo", "Node 0, zone DMA\n  pages free 200000\n  managed  523263\n"
					"Node 0, zone Normal\n  managed 1\n");
	is_u64(size_of("MemTotal being what the zones manage"), 65536);
	/* To the last page: what differs may be of two machines. MemFree alone proves nothing, however
	 * near it is. */
	tree_file(&t, "/proc/zoneinfo", "Node 0, zone DMA\n  pages free 200000\n  managed  523263\n");
	is_u64(size_of(NULL), 4096);
	tree_file(&t, "/proc/meminfo", "MemTotal: 15666184 kB\nMemFree: 1814056 kB\n");
	tree_file(&t, "/proc/zoneinfo", "Node 0, zone DMA\n  pages free 226757\n  managed  2015473\n");
	tree_file(&t, "/proc/buddyinfo", "Node 0, zone DMA 226757 0 0 0 0\n");
	tree_file(&t, "/proc/vmstat", "nr_free_pages 226757\n");
	is_u64(size_of(NULL), 4096);
}

static void counters(void)
{
	again();
	tree_file(&t, "/proc/meminfo",
		  "MemFree: 640000 kB\nActive(anon): 64000 kB\nInactive(file): 32000 kB\nShmem: 1023 kB\n"
		  "Mapped: 64000 kB\nPageTables: 16000 kB\n");
	tree_file(&t, "/proc/vmstat",
		  "nr_free_pages 40000\nnr_active_anon 4100\nnr_inactive_file 1950\nnr_shmem 63\n");
	is_u64(size_of("counters that are in meminfo and in vmstat"), 16384);
	tree_file(&t, "/proc/vmstat", /* 4 % off: only two are left */
		  "nr_free_pages 40000\nnr_active_anon 4160\nnr_inactive_file 2000\n");
	is_u64(size_of(NULL), 4096);
	tree_file(&t, "/proc/vmstat", /* one speaks for another size: fewer than half */
		  "nr_free_pages 40000\nnr_active_anon 4000\nnr_inactive_file 2000\nnr_mapped 16000\n");
	is_u64(size_of("counters"), 16384);
	tree_file(&t, "/proc/vmstat",
		  "nr_free_pages 40000\nnr_active_anon 4000\nnr_inactive_file 2000\nnr_mapped 16000\n"
		  "nr_page_table_pages 4000\n");
	is_u64(size_of(NULL), 4096);
}

/* A capture's own word counts, and is not replaced by another when it cannot be read. */
static void own(void)
{
	const struct mml_table *slab;
	struct mml_root *root;
	char path[128];

	again();
	tree_file(&t, "/proc/7/smaps", "KernelPageSize:       64 kB\n");
	tree_file(&t, "/mmlens/host", "page_size=16384\n");
	slab = tree_table(&t, "slab");
	ok(slab && !slab->note && mml_root_host(t.root)->page_size == 16384);
	tree_file(&t, "/mmlens/host", "kernel=6.1\n");
	is_i64(mml_root_open(t.dir, &root), -EBADMSG);
	tree_file(&t, "/mmlens/host", "page_size=12288\n");
	is_i64(mml_root_open(t.dir, &root), -EBADMSG);
	tree_file(&t, "/mmlens/host", "");
	is_i64(mml_root_open(t.dir, &root), -EBADMSG);
	snprintf(path, sizeof(path), "%s/mmlens/host", t.dir);
	unlink(path);
	mkdir(path, 0755);
	is_i64(mml_root_open(t.dir, &root), -EBADMSG);
	rmdir(path);
	if (!symlink("host", path)) /* a loop */
		is_i64(mml_root_open(t.dir, &root), -EBADMSG);
	unlink(path);
	is_u64(size_of("KernelPageSize"), 65536);
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
	smaps();
	auxv();
	total();
	counters();
	own();
	tree_free(&t);
	return tap_done();
}
