/* What each line of the kernel's files means: on which kernels, and what is said of an unknown one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#define UNKNOWN "does not know"

static struct tree t;

static void kernel(const char *release)
{
	char text[128];

	snprintf(text, sizeof(text), "page_size=4096\nmachine=x86_64\nkernel=%s\nnodes=1\n", release);
	tree_file(&t, "/mmlens/host", *release ? text : "page_size=4096\n");
}

/* The help of the line NAME of TABLE. */
static const char *help(const char *table, const char *name)
{
	const struct mml_table *x = tree_table(&t, table);
	size_t row = x ? tree_row(x, "name", name) : 0;

	return x && row < x->nrows && tree_cell(x, row, "help") ? tree_str(x, row, "help") : "absent";
}

static bool says(const char *table, const char *name, const char *text)
{
	const char *is = help(table, name);
	bool found = strstr(is, text) != NULL;

	if (!found)
		printf("# %s %s: %s\n", table, name, is);
	return found;
}

static void put_files(void)
{
	tree_file(&t, "/proc/meminfo",
		  "MemTotal: 1000 kB\nVmallocUsed: 10 kB\nInactive(anon): 9 kB\nPoolFree: 28612 KB\n"
		  "SecPageTables: 4 kB\n");
	tree_file(&t, "/proc/vmstat",
		  "nr_free_pages 5\nallocstall_dma32 1\nallocstall 2\npgsteal_kswapd_movable 3\n"
		  "pswpin 4\nnr_kernel_stack 7\nallocstall_mine 8\nnr_overhead 9\n");
	tree_file(&t, "/sys/devices/system/node/node0/meminfo",
		  "Node 0 MemTotal: 1000 kB\nNode 0 MemUsed: 10 kB\nNode 0 Mine: 10 kB\n");
	tree_file(&t, "/sys/devices/system/node/node0/vmstat", "numa_miss 5\nnr_mine 6\n");
	tree_file(&t, "/sys/devices/system/node/online", "0\n");
	tree_file(&t, "/proc/zoneinfo",
		  "Node 0, zone   Normal\n  pages free     5\n        min      1\n        low      2\n"
		  "        high     3\n        spanned  9\n        present  9\n        managed  9\n"
		  "        protection: (0, 0)\n      nr_free_pages 5\n      nr_mine 6\n");
}

static void names(void)
{
	kernel("6.1.0");
	ok(says("meminfo", "MemTotal", "Memory that the kernel can give away"));
	ok(says("meminfo", "PoolFree", UNKNOWN));
	ok(says("vmstat", "nr_free_pages", "Free pages in the page allocator"));
	ok(says("vmstat", "nr_overhead", UNKNOWN));
	ok(says("node_meminfo", "MemUsed", "MemTotal less MemFree"));
	ok(says("node_meminfo", "Mine", UNKNOWN));
	ok(says("node_vmstat", "numa_miss", "meant for another node"));
	ok(says("node_vmstat", "nr_mine", UNKNOWN));
	ok(says("zonestats", "nr_free_pages", "Free pages in the page allocator"));
	ok(says("zonestats", "nr_mine", UNKNOWN));
	/* One line of the list for all zones, but only for zones. */
	ok(says("vmstat", "allocstall_dma32", "in this zone"));
	ok(says("vmstat", "pgsteal_kswapd_movable", "Pages of this zone that kswapd freed"));
	ok(says("vmstat", "allocstall_mine", UNKNOWN));
	ok(!strstr(help("vmstat", "allocstall"), "in this zone"));
}

/* The last kernel with one meaning, the first with the next, and one that is not known. */
static void versions(void)
{
	kernel("4.3.9");
	ok(says("meminfo", "VmallocUsed", "Up to Linux 4.3: It is address space"));
	ok(!says("meminfo", "VmallocUsed", "always 0"));
	kernel("4.4.0");
	ok(!says("meminfo", "VmallocUsed", "address space"));
	ok(says("meminfo", "VmallocUsed", "From Linux 4.4 to 5.2: It is always 0."));
	kernel("5.2.21");
	ok(says("meminfo", "VmallocUsed", "always 0"));
	kernel("5.3.0-rc1");
	ok(!says("meminfo", "VmallocUsed", "Linux"));
	kernel("5.8.18");
	ok(says("meminfo", "Inactive(anon)", "begins on the active list"));
	ok(!says("meminfo", "Inactive(anon)", "Since"));
	kernel("5.9.0");
	ok(says("meminfo", "Inactive(anon)", "Since Linux 5.9: New anonymous memory begins here"));
	ok(!says("meminfo", "Inactive(anon)", "Up to"));
	kernel("6.11.0");
	ok(!says("vmstat", "pswpin", "Since"));
	kernel("6.12.1");
	ok(says("vmstat", "pswpin", "Since Linux 6.12: Pages of nothing but zeros"));
	kernel("4.7.0");
	ok(says("vmstat", "nr_kernel_stack", "Up to Linux 4.7: It counts stacks"));
	kernel("");
	ok(says("meminfo", "VmallocUsed", "Up to Linux 4.3"));
	ok(says("meminfo", "VmallocUsed", "From Linux 4.4 to 5.2"));
}

/* Mappings are summed by field; what is no amount of memory has no sum. */
static void smaps(void)
{
	static const char text[] =
		"00400000-00401000 r-xp 00000000 08:01 5 /bin/a\n"
		"Size:                  4 kB\nKernelPageSize:        4 kB\nMMUPageSize:           4 kB\n"
		"Rss:                   4 kB\nMine:                  1 kB\nTHPeligible:    0\n"
		"VmFlags: rd ex\n"
		"00500000-00503000 rw-p 00000000 00:00 0\n"
		"Size:                 12 kB\nKernelPageSize:        4 kB\nMMUPageSize:           4 kB\n"
		"Rss:                   8 kB\nMine:                  2 kB\nTHPeligible:    1\n"
		"VmFlags: rd wr\n";
	static const pid_t pid = 7;
	struct mml_query query = { .collector = mml_collector_find("smaps"),
				   .reading.cancel_fd = -1 };
	const struct mml_table *x;

	tree_file(&t, "/proc/7/stat", "7 (a) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 9 4096 3 1 "
				      "1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
	tree_file(&t, "/proc/7/smaps", text);
	mml_scope_set_pid(&query.scope, &pid);
	mml_snapshot_put(t.snap);
	mml_root_close(t.root);
	t.snap = NULL;
	if (mml_root_open(t.dir, &t.root) || mml_snapshot_take(t.root, &query, 1, &t.snap))
		exit(99);
	x = t.snap->tables[0];
	is_u64(x->nrows, 3);
	is_u64(tree_u64(x, tree_row(x, "name", "Size"), "bytes"), 16384);
	is_u64(tree_u64(x, tree_row(x, "name", "Rss"), "bytes"), 12288);
	is_u64(tree_u64(x, tree_row(x, "name", "Mine"), "bytes"), 3072);
	ok(strstr(tree_str(x, tree_row(x, "name", "Rss"), "help"), "that is there") != NULL);
	ok(strstr(tree_str(x, tree_row(x, "name", "Mine"), "help"), UNKNOWN) != NULL);
}

/* Each field of smaps that vmas has a column for is in the list. */
static void fields_of_vmas(void)
{
	static const char *const listed[] = {
#define LINE(name, help) name,
#include "../../src/collectors/counters/smaps.def"
#undef LINE
	};
	const struct mml_schema *vmas = &mml_collector_find("vmas")->schema;
	size_t fields = 0, missing = 0;

	for (size_t i = 0; i < vmas->ncolumns; i++) {
		const char *source = vmas->columns[i].source;
		bool found = false;

		/* Sources of other files have a colon, and formulas have blanks. */
		if (*source < 'A' || *source > 'Z' || strpbrk(source, " :,"))
			continue;
		fields++;
		for (size_t k = 0; k < sizeof(listed) / sizeof(*listed); k++)
			found |= !strcmp(listed[k], source);
		if (!found)
			printf("# %s\n", source);
		missing += !found;
	}
	tap_ok(fields > 20 && !missing, "all %zu fields of smaps have a meaning", fields);
}

int main(void)
{
	tree_new(&t);
	put_files();
	names();
	versions();
	smaps();
	fields_of_vmas();
	tree_free(&t);
	return tap_done();
}
