/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <errno.h>

#define POOLS "/sys/kernel/mm/hugepages"
#define NODE  "/sys/devices/system/node"

static void put_pool(struct tree *tree, const char *dir, const char *total, const char *nfree,
		     const char *reserved)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/nr_hugepages", dir);
	tree_file(tree, path, total);
	snprintf(path, sizeof(path), "%s/free_hugepages", dir);
	tree_file(tree, path, nfree);
	snprintf(path, sizeof(path), "%s/surplus_hugepages", dir);
	tree_file(tree, path, "0\n");
	if (!reserved)
		return;
	snprintf(path, sizeof(path), "%s/resv_hugepages", dir);
	tree_file(tree, path, reserved);
	snprintf(path, sizeof(path), "%s/nr_overcommit_hugepages", dir);
	tree_file(tree, path, "4\n");
}

static void test_pools(void)
{
	struct mml_table *t;
	struct tree tree;

	tree_new(&tree);
	tree_file(&tree, "/proc/meminfo", "HugePages_Total: 16\nHugepagesize: 2048 kB\n");
	put_pool(&tree, POOLS "/hugepages-1048576kB", "1\n", "0\n", "0\n");
	put_pool(&tree, POOLS "/hugepages-2048kB", "16\n", "10\n", "3\n");
	put_pool(&tree, POOLS "/hugepages-64kB", "5\n", "9\n", "0\n"); /* read while it shrank */
	put_pool(&tree, NODE "/node3/hugepages/hugepages-2048kB", "16\n", "10\n", NULL);
	tree_file(&tree, POOLS "/hugepages-oddkB/nr_hugepages", "7\n");

	t = tree_table(&tree, "hugepages");
	ok(!t->error && !t->note);
	is_u64(t->nrows, 4);
	is_u64(tree_u64(t, 0, "page_size"), 65536);
	ok(!tree_cell(t, 0, "used") && !tree_cell(t, 0, "used_size"));
	is_u64(tree_u64(t, 1, "page_size"), 2 << 20);
	is_str(tree_str(t, 1, "node"), "all");
	is_u64(tree_u64(t, 1, "used"), 6);
	is_u64(tree_u64(t, 1, "available"), 7);
	is_u64(tree_u64(t, 1, "overcommit"), 4);
	is_u64(tree_u64(t, 1, "size"), 32 << 20);
	is_u64(tree_u64(t, 1, "used_size"), 12 << 20);
	ok(tree_cell(t, 1, "is_default")->b && !tree_cell(t, 2, "is_default")->b);
	is_u64(tree_u64(t, 2, "size"), 1 << 30);
	is_str(tree_str(t, 3, "node"), "3");
	ok(!tree_cell(t, 3, "reserved") && !tree_cell(t, 3, "available") &&
	   !tree_cell(t, 3, "overcommit"));

	tree_file(&tree, POOLS "/hugepages-2048kB/free_hugepages", "some\n");
	t = tree_table(&tree, "hugepages");
	ok(t->error == -EBADMSG);
	ok(!tree_cell(t, 1, "free") && !tree_cell(t, 1, "used"));
	is_u64(t->nrows, 4);
	tree_free(&tree);
}

static void test_meminfo_only(void)
{
	struct mml_table *t;
	struct tree tree;

	tree_new(&tree);
	tree_file(&tree, "/proc/meminfo", "MemTotal: 5 kB\n");
	t = tree_table(&tree, "hugepages");
	ok(t->error == -ENOENT && strstr(t->absence.reason, "not in this tree") && !t->absence.needs);

	tree_file(
		&tree, "/proc/meminfo",
		"HugePages_Total: 6\nHugePages_Free: 5\nHugePages_Rsvd: 2\nHugepagesize: 256 MB\n");
	t = tree_table(&tree, "hugepages");
	ok(t->error == -ENOENT);

	tree_file(
		&tree, "/proc/meminfo",
		"HugePages_Total: 6\nHugePages_Free: 5\nHugePages_Rsvd: 2\nHugepagesize: 256 kB\n");
	tree_file(&tree, NODE "/node1/meminfo",
		  "Node 1 HugePages_Total: 6\nNode 1 HugePages_Free: 5\n");
	t = tree_table(&tree, "hugepages");
	ok(!t->error && t->note);
	is_u64(t->nrows, 2);
	is_u64(tree_u64(t, 0, "size"), 6 * 256 * 1024);
	is_u64(tree_u64(t, 0, "available"), 3);
	is_str(tree_str(t, 1, "node"), "1");
	is_u64(tree_u64(t, 1, "used"), 1);
	tree_free(&tree);
}

static void test_users(void)
{
	struct mml_table *t;
	struct tree tree;

	tree_new(&tree);
	tree_file(&tree, "/proc/7/status", "Name:\tbig\nHugetlbPages:\t    6144 kB\n");
	tree_file(&tree, "/proc/7/smaps",
		  "00400000-00401000 r-xp 00000000 08:01 99 /bin/big\n"
		  "Size:                  4 kB\nKernelPageSize:        4 kB\n"
		  "Private_Hugetlb:       0 kB\nShared_Hugetlb:        0 kB\nVmFlags: rd ex mr\n"
		  "7f0000000000-7f0000800000 rw-p 00000000 00:0f 12 /anon_hugepage (deleted)\n"
		  "Size:               8192 kB\nKernelPageSize:     2048 kB\nRss: 0 kB\n"
		  "Shared_Hugetlb:     2048 kB\nPrivate_Hugetlb:    4096 kB\nVmFlags: rd wr ht\n");
	tree_file(&tree, "/proc/7/numa_maps",
		  "00400000 default file=/bin/big mapped=1 N0=1 kernelpagesize_kB=4\n"
		  "7f0000000000 interleave:0-1 file=/anon_hugepage\\040(deleted) huge dirty=3 N0=1 "
		  "N1=2 kernelpagesize_kB=2048\n");
	tree_file(&tree, "/proc/8/status", "Name:\tsmall\nHugetlbPages:\t       0 kB\n");
	tree_file(&tree, "/proc/9/status", "Name:\tgone\nHugetlbPages:\t    2048 kB\n");
	tree_file(&tree, "/proc/self/mounts",
		  "proc /proc proc rw 0 0\n"
		  "huge /mnt/a\\040b hugetlbfs rw,pagesize=1024M,size=8M,min_size=2M,nr_inodes=5 0 "
		  "0\n"
		  "hugetlbfs /dev/hugepages hugetlbfs rw,relatime,pagesize=2M 0 0\n");

	t = tree_table(&tree, "hugetlb");
	ok(!t->error && !t->note);
	is_u64(t->nrows, 1);
	is_u64(tree_u64(t, 0, "pid"), 7);
	is_str(tree_str(t, 0, "comm"), "big");
	is_u64(tree_u64(t, 0, "start"), 0x7f0000000000);
	is_u64(tree_u64(t, 0, "page_size"), 2 << 20);
	is_u64(tree_u64(t, 0, "size"), 8 << 20);
	is_u64(tree_u64(t, 0, "rss"), 6 << 20);
	is_str(tree_str(t, 0, "policy"), "interleave:0-1");
	is_str(tree_str(t, 0, "nodes"), "N0=1 N1=2");
	is_str(tree_str(t, 0, "name"), "/anon_hugepage (deleted)");

	/* A policy with a blank in its name, and one that the kernel cut at 64 characters. */
	tree_file(&tree, "/proc/7/numa_maps",
		  "7f0000000000 prefer (many)=static:0-1 huge N1=3 kernelpagesize_kB=2048\n");
	t = tree_table(&tree, "hugetlb");
	is_str(tree_str(t, 0, "policy"), "prefer (many)=static:0-1");
	is_str(tree_str(t, 0, "nodes"), "N1=3");
	tree_file(&tree, "/proc/7/numa_maps",
		  "7f0000000000 interleave:0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,3 huge "
		  "N2=3 kernelpagesize_kB=2048\n");
	t = tree_table(&tree, "hugetlb");
	is_str(tree_str(t, 0, "policy"),
	       "interleave:0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,3");
	is_str(tree_str(t, 0, "nodes"), "N2=3");

	/* No page of any pool is allocated: nobody is looked at. */
	put_pool(&tree, POOLS "/hugepages-2048kB", "3\n", "3\n", "1\n");
	t = tree_table(&tree, "hugetlb");
	ok(!t->error);
	is_u64(t->nrows, 0);
	is_str(t->note, "no process has hugetlb pages: all pages of all pools are free");
	put_pool(&tree, POOLS "/hugepages-2048kB", "3\n", "2\n", "1\n");
	t = tree_table(&tree, "hugetlb");
	is_u64(t->nrows, 1);

	t = tree_table(&tree, "hugetlbfs");
	ok(!t->error);
	is_u64(t->nrows, 2);
	is_str(tree_str(t, 0, "mount"), "/mnt/a b");
	is_u64(tree_u64(t, 0, "page_size"), 1 << 30);
	is_u64(tree_u64(t, 0, "size"), 8 << 20);
	is_u64(tree_u64(t, 0, "min_size"), 2 << 20);
	is_u64(tree_u64(t, 0, "inodes"), 5);
	ok(!tree_cell(t, 1, "size") && !tree_cell(t, 1, "min_size"));
	ok(!t->note);
	tree_file(&tree, "/proc/self/mounts", "proc /proc proc rw 0 0\n");
	t = tree_table(&tree, "hugetlbfs");
	is_u64(t->nrows, 0);
	is_str(t->note, "no hugetlbfs is mounted");
	tree_free(&tree);
}

int main(void)
{
	test_pools();
	test_meminfo_only();
	test_users();
	return tap_done();
}
