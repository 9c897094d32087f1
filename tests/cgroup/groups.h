/* Trees with control groups, for the tests of their tables. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdarg.h>

#include "../unit/tree.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* Writes a file of the group PATH, which begins with a slash or is empty. */
__attribute__((format(printf, 4, 5))) static inline void
group_file(struct tree *t, const char *path, const char *name, const char *fmt, ...)
{
	char at[8192], text[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(at, sizeof(at), "/sys/fs/cgroup%s/%s", path, name);
	tree_file(t, at, text);
}

static inline void v2_tree(struct tree *t)
{
	tree_new(t);
	tree_file(t, "/proc/self/mountinfo",
		  "20 1 0:5 / /proc rw - proc proc rw\n"
		  "24 22 0:28 / /sys/fs/cgroup rw,nosuid shared:4 master:2 - cgroup2 cgroup2 "
		  "rw,nsdelegate\n");
	tree_file(t, "/proc/meminfo", "MemTotal: 8388608 kB\nMemAvailable: 4194304 kB\n");
	tree_file(t, "/mmlens/host", "page_size=4096\nkernel=6.12.0\n");
	group_file(t, "", "cgroup.procs", "1\n2\n");
	group_file(t, "", "memory.stat", "anon 1048576\nfile 3145728\nkernel 777\nshmem 1048576\nslab 77\n");
}

/* A group with what every one has. MAX is what memory.max has in it. */
static inline void v2_group(struct tree *t, const char *path, uint64_t current, const char *max)
{
	group_file(t, path, "cgroup.procs", "%s", "");
	group_file(t, path, "memory.current", "%" PRIu64 "\n", current);
	group_file(t, path, "memory.max", "%s\n", max);
}

/* The row of the group PATH. */
static inline size_t group_row(const struct mml_table *table, const char *path)
{
	return tree_row(table, "path", path);
}

#define NO_LIMIT "9223372036854771712"

/* A group of version 1. */
static inline void v1_file(struct tree *t, const char *path, const char *name, const char *text)
{
	char at[8192];

	snprintf(at, sizeof(at), "/sys/fs/cgroup/memory%s/%s", path, name);
	tree_file(t, at, text);
}

static inline void v1_tree(struct tree *t, const char *root)
{
	char mounts[512];

	tree_new(t);
	snprintf(mounts, sizeof(mounts),
		 "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
		 "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
		 "35 31 0:32 %s /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
		 "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n", root);
	tree_file(t, "/proc/self/mountinfo", mounts);
	tree_file(t, "/proc/meminfo", "MemTotal: 8388608 kB\nMemAvailable: 4194304 kB\n");
	tree_file(t, "/mmlens/host", "page_size=4096\nkernel=5.4.0\n");
	v1_file(t, "", "memory.usage_in_bytes", "4096\n");
	v1_file(t, "", "memory.limit_in_bytes", NO_LIMIT "\n");
}

static inline void is_limit(const struct mml_table *table, const char *path, uint64_t limit,
		     const char *from, uint64_t left, const char *left_from)
{
	size_t i = group_row(table, path);

	tap_ok(tree_u64(table, i, "effective_limit") == limit &&
		       !strcmp(tree_str(table, i, "limit_from"), from),
	       "%s has a limit of %" PRIu64 " by %s", path, tree_u64(table, i, "effective_limit"),
	       tree_str(table, i, "limit_from"));
	tap_ok(tree_u64(table, i, "headroom") == left &&
		       !strcmp(tree_str(table, i, "headroom_from"), left_from),
	       "%s has %" PRIu64 " left, by %s", path, tree_u64(table, i, "headroom"),
	       tree_str(table, i, "headroom_from"));
}

/* A memory.stat of Linux 6.12. */
static const char stat_6_12[] __attribute__((unused)) =
	"anon 400000000\nfile 300000000\nkernel 50000000\nkernel_stack 1000000\npagetables 2000000\n"
	"sec_pagetables 3000000\npercpu 64\nsock 5000000\nvmalloc 6000000\nshmem 100000000\n"
	"zswap 7000000\nzswapped 21000000\nfile_mapped 8000000\nfile_dirty 9000000\n"
	"file_writeback 10000000\nswapcached 11000000\nanon_thp 12000000\nfile_thp 13000000\n"
	"shmem_thp 14000000\ninactive_anon 15000000\nactive_anon 16000000\ninactive_file 90000000\n"
	"active_file 80000000\nunevictable 17000000\nslab_reclaimable 15001\n"
	"slab_unreclaimable 20000000\nslab 20015001\nworkingset_refault_anon 18\n"
	"workingset_refault_file 19\npgscan 20\npgsteal 21\npgmajfault 22\nbrand_new 99\n";

/* Says so where they cannot. */
static inline bool trees_can_be_read(void)
{
	struct mml_root *root;

	if (mml_root_open("/", &root)) {
		tap_skip("trees need openat2(), Linux 5.6");
		return false;
	}
	mml_root_close(root);
	return true;
}
