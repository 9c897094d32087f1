/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <errno.h>

/* The mappings of process 9 in the tree, or groups of them, with all columns; NULL: trees cannot be
 * read here. */
static struct mml_table *vmas_of(struct tree *t, const char *by)
{
	static const pid_t pid = 9;
	struct mml_query query = { .collector = mml_collector_find("vmas"),
				   .scope.by = by,
				   .reading.needs = ~0U,
				   .reading.cancel_fd = -1 };

	mml_scope_set_pid(&query.scope, &pid);
	mml_snapshot_put(t->snap);
	t->snap = NULL;
	if (!t->root && mml_root_open(t->dir, &t->root))
		return NULL;
	return mml_snapshot_take(t->root, &query, 1, &t->snap) ? NULL : t->snap->tables[0];
}

static void build(struct tree *t)
{
	tree_file(t, "/proc/9/stat", "9 (x) S 1 1 1 0 -1 0 0\n");
	tree_file(t, "/proc/9/smaps",
		  "00010000-00020000 rw-p 00000000 00:00 0 \n"
		  "Rss: 36 kB\nVmFlags: rd wr mr mw me ac ur \n"
		  "00020000-00030000 rw-p 00000000 00:00 0 \n"
		  "Rss: 36 kB\nVmFlags: rd wr mr mw me ac \n"
		  "00030000-00040000 rw-p 00000000 00:00 0 \n"
		  "Rss: 0 kB\nVmFlags: rd wr mr mw me ac \n"
		  "00200000-00800000 rw-p 00000000 00:10 5          /anon_hugepage (deleted)\n"
		  "Rss: 0 kB\nVmFlags: rd wr mr mw me ht \n"
		  "00800000-00801000 rw-p 00000000 00:06 4          /dev/zero\n"
		  "Rss: 4 kB\nVmFlags: rd wr mr mw me \n"
		  "00900000-00901000 rw-s 00000000 00:01 6          /dev/zero (deleted)\n"
		  "Rss: 4 kB\nVmFlags: rd wr sh mr mw me \n"
		  "00a00000-00a01000 rw-s 00000000 00:01 7          /secretmem (deleted)\n"
		  "Rss: 4 kB\nVmFlags: rd wr sh mr mw me lo \n");
	tree_file(t, "/proc/9/numa_maps",
		  "00010000 default anon=9 dirty=9 active=0 N0=5 N1=4 kernelpagesize_kB=4\n"
		  "00020000 default anon=7 dirty=5 mapmax=3 N0=7 kernelpagesize_kB=4\n"
		  "00030000 default\n"
		  "00200000 default file=/anon_hugepage\\040(deleted) huge anon=3 dirty=3 N0=3 "
		  "kernelpagesize_kB=2048\n");
}

/* What numa_maps leaves out is known all the same, and 0 is 0. */
static void test_numa(const struct mml_table *table)
{
	is_u64(table->nrows, 7);
	is_cell_u64(table, 0, "numa_active", 0);
	is_cell_u64(table, 0, "numa_mapped", 9 * 4096);
	is_cell_u64(table, 0, "numa_map_max", 1);
	is_cell_u64(table, 1, "numa_active", 7 * 4096);
	is_cell_u64(table, 1, "numa_mapped", 7 * 4096);
	is_cell_u64(table, 1, "numa_map_max", 3);
	is_cell_u64(table, 2, "numa_active", 0);
	is_cell_u64(table, 2, "numa_mapped", 0);
	is_cell_u64(table, 2, "numa_map_max", 0);
	is_cell_str(table, 2, "nodes", "");
	is_cell_str(table, 1, "nodes", "N0=28672");
	is_cell_absent(table, 3, "numa_active");
	is_cell_u64(table, 3, "numa_mapped", 3 << 21);
}

/* Private memory of /dev/zero is the process's own; files made for their memory never had a name that
 * could be removed. */
static void test_kinds(const struct mml_table *table)
{
	is_cell_str(table, 4, "kind", "anon");
	ok(tree_cell(table, 4, "deleted") && !tree_cell(table, 4, "deleted")->b);
	is_cell_str(table, 5, "kind", "shmem");
	is_cell_absent(table, 5, "deleted");
	is_cell_str(table, 6, "kind", "secretmem");
	is_cell_absent(table, 6, "deleted");
}

static void test_flags(const struct mml_table *table)
{
	ok(strstr(tree_str(table, 0, "flags"), " userfaultfd-rwp"));
	is_cell_str(table, 1, "flags", "read write may-read may-write may-exec accounted");
}

/* The share of a group is that of its sums, whatever the shares of its members are. */
static void test_groups(void)
{
	struct mml_table *table;
	struct tree t;

	tree_new(&t);
	tree_file(&t, "/sys/devices/system/node/online", "0-1\n");
	tree_file(&t, "/sys/devices/system/node/node0/cpulist", "0\n");
	tree_file(&t, "/sys/devices/system/node/node1/cpulist", "1\n");
	tree_file(&t, "/proc/9/stat", "9 (x) S 1 1 1 0 -1 0 0\n");
	tree_file(&t, "/proc/9/status", "Name:\tx\nCpus_allowed_list:\t0\n");
	tree_file(&t, "/proc/9/smaps",
		  "00010000-00020000 rw-p 00000000 00:00 0 \nRss: 16 kB\n"
		  "00030000-00040000 rw-p 00000000 00:00 0 \nRss: 16 kB\n"
		  "00050000-00060000 rw-p 00000000 00:00 0 \nRss: 0 kB\n");
	tree_file(&t, "/proc/9/numa_maps",
		  "00010000 default anon=4 N0=3 N1=1 kernelpagesize_kB=4\n"
		  "00030000 default anon=4 N1=4 kernelpagesize_kB=4\n"
		  "00050000 default\n");
	table = vmas_of(&t, "name");
	if (table) {
		is_u64(table->nrows, 1);
		is_cell_u64(table, 0, "remote", 5 * 4096);
		is_cell_f64(table, 0, "remote_share", 62.5);
		is_cell_str(table, 0, "nodes", "N0=12288 N1=20480");
	}
	tree_free(&t);
}

int main(void)
{
	struct mml_table *table;
	struct tree t;

	tree_new(&t);
	build(&t);
	table = vmas_of(&t, NULL);
	if (table) {
		test_numa(table);
		test_kinds(table);
		test_flags(table);
		test_groups();
	} else {
		tap_skip("trees cannot be read here");
	}
	tree_free(&t);
	return tap_done();
}
