/* The table of control groups of version 1, from trees, and where either version is mounted. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "groups.h"

static const char stat_v1[] =
	"cache 1\nrss 2\nrss_huge 3\nshmem 4\nmapped_file 5\ndirty 6\nwriteback 7\nswap 8\n"
	"workingset_refault_anon 9\ninactive_file 10\nactive_file 11\n"
	"hierarchical_memory_limit 3000\nhierarchical_memsw_limit " NO_LIMIT "\n"
	"total_cache 100\ntotal_rss 200\ntotal_rss_huge 300\ntotal_shmem 40\n"
	"total_mapped_file 500\ntotal_dirty 600\ntotal_writeback 700\ntotal_swap 800\n"
	"total_workingset_refault_anon 900\ntotal_workingset_refault_file 90\n"
	"total_inactive_file 1000\ntotal_active_file 1100\n";

static void v1_group(struct tree *t, const char *path)
{
	v1_file(t, path, "cgroup.procs", "5\n");
	v1_file(t, path, "memory.usage_in_bytes", "5000\n");
	v1_file(t, path, "memory.limit_in_bytes", NO_LIMIT "\n");
	v1_file(t, path, "memory.memsw.usage_in_bytes", "5800\n");
	v1_file(t, path, "memory.memsw.limit_in_bytes", "9223372036854710272\n"); /* 64K pages */
	v1_file(t, path, "memory.kmem.usage_in_bytes", "66\n");
	v1_file(t, path, "memory.kmem.tcp.usage_in_bytes", "67\n");
	v1_file(t, path, "memory.soft_limit_in_bytes", "8796093018112\n"); /* 32 bits */
	v1_file(t, path, "memory.max_usage_in_bytes", "68\n");
	v1_file(t, path, "memory.failcnt", "69\n");
	v1_file(t, path, "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 70\n");
	v1_file(t, path, "memory.stat", stat_v1);
}

static void version_1(void)
{
	struct mml_table *table;
	struct tree t;

	v1_tree(&t, "/");
	tree_file(&t, "/proc/self/cgroup", "4:memory:/a/b\n0::/\n");
	v1_file(&t, "", "memory.use_hierarchy", "1\n");
	v1_group(&t, "/a");
	v1_group(&t, "/a/b");
	v1_file(&t, "/a", "memory.limit_in_bytes", "6000\n");
	table = tree_table(&t, "cgroups");
	ok(table && !table->error && table->nrows == 3 && strstr(table->note, "version 1"));
	is_cell_u64(table, 1, "current", 5000);
	is_cell_u64(table, 1, "anon", 200);
	is_cell_u64(table, 1, "file", 60);
	is_cell_u64(table, 1, "shmem", 40);
	is_cell_u64(table, 1, "thp_anon", 300);
	is_cell_u64(table, 1, "mapped", 500);
	is_cell_u64(table, 1, "dirty", 600);
	is_cell_u64(table, 1, "writeback", 700);
	is_cell_u64(table, 1, "swap", 800);
	is_cell_u64(table, 1, "refaults", 990);
	is_cell_u64(table, 1, "working_set", 4000);
	is_cell_u64(table, 1, "reclaimable", 2100);
	is_cell_u64(table, 1, "kernel", 66);
	is_cell_u64(table, 1, "sock", 67);
	is_cell_u64(table, 1, "peak", 68);
	is_cell_u64(table, 1, "max_events", 69);
	is_cell_u64(table, 1, "max_local", 69);
	is_cell_u64(table, 1, "oom_kills", 70);
	is_cell_u64(table, 1, "oom_kills_local", 70);
	is_cell_u64(table, 1, "memsw", 5800);
	is_cell_absent(table, 1, "memsw_limit");
	is_cell_absent(table, 1, "soft_limit");
	is_cell_absent(table, 1, "psi_some");
	ok(strstr(table->columns[mml_schema_find(table->schema, "psi_some", 8)].reason, "version 1"));
	is_limit(table, "/a/b", 6000, "/a", 1000, "/a");
	is_limit(table, "/", 8 * GIB, "machine", 4 * GIB, "machine");
	is_cell_u64(table, 0, "current", 4096);
	is_cell_u64(table, 0, "self", 1);
	is_cell_u64(table, 2, "self", 1);
	ok(strstr(table->note, "root's usage"));
	tree_free(&t);
}

/* A line that is not there takes something to be there. */
static void lines_missing(void)
{
	struct mml_table *table;
	struct tree t;
	int swap;

	v1_tree(&t, "/");
	v1_group(&t, "/a");
	v1_file(&t, "/a", "memory.stat", "total_cache 100\ntotal_rss 200\n");
	table = tree_table(&t, "cgroups");
	swap = mml_schema_find(table->schema, "swap", 4);
	is_cell_absent(table, 1, "swap");
	is_str(table->columns[swap].reason, "memory.stat has no line total_swap");
	is_str(table->columns[swap].needs, "swap accounting (swapaccount=1)");
	tree_free(&t);
}

/* Up to 5.10 a group could be set not to count what is below it, nor to limit that. */
static void not_hierarchical(void)
{
	struct mml_table *table;
	struct tree t;

	v1_tree(&t, "/");
	v1_file(&t, "", "memory.use_hierarchy", "0\n");
	v1_group(&t, "/a");
	v1_file(&t, "/a", "memory.use_hierarchy", "0\n");
	v1_file(&t, "/a", "memory.limit_in_bytes", "6000\n");
	v1_group(&t, "/a/b");
	v1_file(&t, "/a/b", "memory.use_hierarchy", "1\n");
	v1_file(&t, "/a/b", "memory.limit_in_bytes", "7000\n");
	v1_group(&t, "/a/b/c");
	table = tree_table(&t, "cgroups");
	is_cell_u64(table, 1, "anon", 2);
	is_cell_u64(table, 1, "swap", 8);
	is_cell_u64(table, 1, "refaults_anon", 9);
	is_cell_u64(table, 2, "anon", 200);
	is_cell_u64(table, 3, "anon", 200);
	is_limit(table, "/a", 6000, "itself", 1000, "itself");
	is_limit(table, "/a/b", 7000, "itself", 2000, "itself");
	is_limit(table, "/a/b/c", 7000, "/a/b", 2000, "/a/b");
	tree_free(&t);
}

/* A container without a namespace sees its own group mounted, and version 1 tells the least limit of all
 * around it. */
static void container(void)
{
	struct mml_table *table;
	struct tree t;

	v1_tree(&t, "/docker/0123");
	tree_file(&t, "/proc/self/cgroup", "4:memory:/docker/0123/sub\n0::/\n");
	v1_group(&t, "");
	v1_group(&t, "/sub");
	table = tree_table(&t, "cgroups");
	ok(table && !table->error && table->nrows == 2 && strstr(table->note, "container") &&
	   !strstr(table->note, "root's usage"));
	is_cell_str(table, 0, "path", "/docker/0123");
	is_cell_str(table, 1, "path", "/docker/0123/sub");
	is_cell_u64(table, 1, "self", 1);
	is_cell_u64(table, 0, "effective_limit", 3000);
	is_cell_str(table, 1, "limit_from", "outside");
	tree_free(&t);
	/* With version 2 the group that is mounted has what no root has. */
	v2_tree(&t);
	v2_group(&t, "", GIB, "2147483648");
	tree_file(&t, "/proc/self/cgroup", "0::/x\n");
	v2_group(&t, "/x", MIB, "max");
	table = tree_table(&t, "cgroups");
	is_limit(table, "/x", 2 * GIB, "/", GIB, "/");
	ok(strstr(table->note, "container"));
	is_cell_u64(table, 0, "kernel", 777);
	/* A mount that was made outside the namespace begins above it. */
	tree_file(&t, "/proc/self/mountinfo",
		  "24 22 0:28 /../.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	table = tree_table(&t, "cgroups");
	is_cell_str(table, 1, "path", "/x");
	is_cell_absent(table, 1, "self");
	tree_free(&t);
}

static void mounts(void)
{
	static const struct {
		const char *mountinfo, *dir;
		bool v1;
	} cases[] = {
		/* of several mounts, the one that shows most */
		{ "1 1 0:1 /a/b /x rw - cgroup2 c rw\n1 1 0:1 / /y\\040z rw - cgroup2 c rw\n"
		  "1 1 0:1 /../.. /w rw - cgroup2 c rw\n", "/y z", false },
		/* memory is in version 1 where that has it */
		{ "1 1 0:1 / /x rw - cgroup2 c rw\n1 1 0:2 /deep/er /y rw a:1 b:2 - cgroup c rw,cpu,memory\n",
		  "/y", true },
		{ "1 1 0:1 / /x rw - cgroup c rw,cpu\n1 1 0:1 / /y rw - cgroup2 c rw\n", "/y", false },
		{ "1 1 0:1 / /x\n- cgroup2 c rw\nnonsense\n\n1 1 0:1 / /y rw - cgroup2 c rw", "/y", false },
	};
	struct mml_table *table;
	struct tree t;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char path[64];

		tree_new(&t);
		tree_file(&t, "/proc/self/mountinfo", cases[i].mountinfo);
		snprintf(path, sizeof(path), "%s/%s", cases[i].dir,
			 cases[i].v1 ? "memory.usage_in_bytes" : "memory.current");
		tree_file(&t, path, "12345\n");
		table = tree_table(&t, "cgroups");
		ok(table && !table->error && table->nrows == 1);
		is_cell_u64(table, 0, "current", 12345);
		tree_free(&t);
	}
	tree_new(&t);
	tree_file(&t, "/proc/self/mountinfo", "1 1 0:1 / /x rw - cgroup c rw,cpu\n");
	table = tree_table(&t, "cgroups");
	ok(table && table->error == -ENOENT && table->absence.needs && !table->nrows);
	tree_free(&t);
}

int main(void)
{
	if (!trees_can_be_read())
		return tap_done();
	version_1();
	lines_missing();
	not_hierarchical();
	container();
	mounts();
	return tap_done();
}
