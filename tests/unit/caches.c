/* What slab caches hold: by name, by how names begin and end, and together with those merged in. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/collectors/slab/caches.h"
#include "tree.h"

static struct tree t;

static const char *const names[] = {
#define CACHE(name, holds) name,
#include "../../src/collectors/slab/caches.def"
#undef CACHE
};

/* Names are found by bisection, and behind the first with a * no whole one may stand. */
static void order(void)
{
	const size_t n = sizeof(names) / sizeof(*names);
	size_t whole = 0, found = 0;
	bool sorted = true, stars = true;

	while (whole < n && !strchr(names[whole], '*'))
		whole++;
	for (size_t i = 0; i < whole; i++) {
		sorted &= !i || strcmp(names[i - 1], names[i]) < 0;
		found += mml_cache_holds(names[i]) != NULL;
	}
	for (size_t i = whole; i < n; i++)
		stars &= *names[i] == '*' || strchr(names[i], '*') == names[i] + strlen(names[i]) - 1;
	tap_ok(sorted && found == whole && whole > 300, "%zu names stand in order", whole);
	tap_ok(stars && whole < n, "%zu names begin or end with their only *", n - whole);
}

static void words(void)
{
	is_str(mml_cache_holds("dentry"), "names of files and folders");
	is_str(mml_cache_holds("sock_inode_cache"), "sockets, as files");
	is_str(mml_cache_holds("filp"), "open files");
	is_str(mml_cache_holds("xfs_inode"), "inodes of XFS");
	is_str(mml_cache_holds("xfs_anything"), "XFS"); /* by its prefix */
	is_str(mml_cache_holds("some_inode_cache"), "inodes of a file system"); /* and by its end */
	is_str(mml_cache_holds("kmalloc-64"), "anything of that size");
	is_str(mml_cache_holds("kmalloc-rcl-64"), "anything of that size that can be reclaimed");
	is_str(mml_cache_holds("ext4_groupinfo_4k"), "free space in groups of blocks of ext4");
	ok(!mml_cache_holds("anything")); /* nothing is made up */
	ok(!mml_cache_holds(""));
	ok(!mml_cache_holds("dentr"));
	ok(!mml_cache_holds("dentryx"));
	ok(!mml_cache_holds("xfs_"));         /* the * stands for something */
	ok(!mml_cache_holds("_inode_cache"));
}

/* A link of a tree leads to the directory of the merged cache. */
static void put_link(const char *name, const char *id)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/sys/kernel/slab/%s", t.dir, name);
	if (symlink(id, path))
		exit(99);
}

static void merged(void)
{
	const struct mml_table *s;

	tree_file(&t, "/proc/slabinfo",
		  "slabinfo - version: 2.1\n# name\n"
		  "filp 10 10 100 40 1 : tunables 0 0 0 : slabdata 1 1 0\n"
		  "mine 10 10 100 40 1 : tunables 0 0 0 : slabdata 1 1 0\n"
		  "yours 10 10 100 40 1 : tunables 0 0 0 : slabdata 1 1 0\n");
	s = tree_table(&t, "slab");
	is_cell_str(s, 0, "holds", "open files"); /* without links, by the name alone */
	is_cell_absent(s, 1, "holds");
	tree_file(&t, "/sys/kernel/slab/:0000100/slabs", "1\n");
	tree_file(&t, "/sys/kernel/slab/:0000200/slabs", "1\n");
	put_link("filp", ":0000100");
	put_link("dentry", ":0000100");
	put_link("bfilp", ":0000100");
	put_link("theirs", ":0000100");
	put_link("mine", ":0000200");
	put_link("pid", ":0000200");
	s = tree_table(&t, "slab");
	is_cell_str(s, 0, "aliases", "bfilp dentry theirs");
	is_cell_str(s, 0, "holds", "open files; names of files and folders"); /* once each */
	is_cell_str(s, 1, "holds", "numbers of processes"); /* its own name says nothing */
	is_cell_absent(s, 2, "holds");
}

int main(void)
{
	tree_new(&t);
	order();
	words();
	merged();
	tree_free(&t);
	return tap_done();
}
