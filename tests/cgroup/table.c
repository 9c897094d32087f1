/* The table of control groups of version 2, from trees: limits, who is charged, kinds of memory. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "groups.h"

/* The least limit is not always the one that is met first. */
static void limits(void)
{
	struct mml_table *table;
	struct tree t;

	v2_tree(&t);
	v2_group(&t, "/free", GIB, "max");
	v2_group(&t, "/a", 1000 * MIB, "1048576000");
	v2_group(&t, "/a/inner", 100 * MIB, "524288000");
	v2_group(&t, "/a/inner/deep", 90 * MIB, "max");
	v2_group(&t, "/b", 600 * MIB, "1073741824");
	v2_group(&t, "/b/same", 600 * MIB, "1073741824");
	v2_group(&t, "/b/more", MIB, "17179869184");
	v2_group(&t, "/huge", 5 * GIB, "17179869184");
	v2_group(&t, "/over", 64 * MIB, "67108863");
	v2_group(&t, "/under", 64 * MIB, "67108865");
	v2_group(&t, "/zero", 0, "0");
	table = tree_table(&t, "cgroups");
	ok(table && !table->error && table->nrows == 12);
	is_limit(table, "/", 8 * GIB, "machine", 4 * GIB, "machine");
	is_limit(table, "/free", 8 * GIB, "machine", 4 * GIB, "machine");
	is_limit(table, "/a", 1000 * MIB, "itself", 0, "itself");
	is_limit(table, "/a/inner", 500 * MIB, "itself", 0, "/a");
	is_limit(table, "/a/inner/deep", 500 * MIB, "/a/inner", 0, "/a");
	is_limit(table, "/b", GIB, "itself", 424 * MIB, "itself");
	is_limit(table, "/b/same", GIB, "itself", 424 * MIB, "itself");
	is_limit(table, "/b/more", GIB, "/b", 424 * MIB, "/b");
	is_limit(table, "/huge", 8 * GIB, "machine", 4 * GIB, "machine");
	is_limit(table, "/over", 64 * MIB - 1, "itself", 0, "itself");
	is_limit(table, "/under", 64 * MIB + 1, "itself", 1, "itself");
	is_limit(table, "/zero", 0, "itself", 0, "itself");
	is_cell_absent(table, group_row(table, "/free"), "limit");
	is_cell_u64(table, group_row(table, "/zero"), "limit", 0);
	is_cell_f64(table, group_row(table, "/free"), "share", 12.5);
	is_cell_absent(table, group_row(table, "/"), "current");
	tree_free(&t);
}

/* Without meminfo nobody knows the machine. With one that is not the machine's, the zones know its size
 * and nothing knows what is left of it. */
static void machine(void)
{
	struct mml_table *table;
	struct tree t;

	v2_tree(&t);
	v2_group(&t, "/a", GIB, "2147483648");
	v2_group(&t, "/b", GIB, "max");
	tree_file(&t, "/proc/zoneinfo", "Node 0, zone Normal\n  pages free 1\n        managed 1048576\n");
	table = tree_table(&t, "cgroups");
	is_limit(table, "/a", 2 * GIB, "itself", GIB, "itself");
	is_cell_u64(table, group_row(table, "/b"), "effective_limit", 4 * GIB);
	is_cell_absent(table, group_row(table, "/b"), "headroom");
	is_cell_f64(table, group_row(table, "/b"), "share", 25.0);
	unlink(strcat(strcpy((char[128]){ 0 }, t.dir), "/proc/zoneinfo"));
	unlink(strcat(strcpy((char[128]){ 0 }, t.dir), "/proc/meminfo"));
	table = tree_table(&t, "cgroups");
	is_limit(table, "/a", 2 * GIB, "itself", GIB, "itself");
	is_cell_absent(table, group_row(table, "/b"), "effective_limit");
	is_cell_absent(table, group_row(table, "/b"), "limit_from");
	is_cell_absent(table, group_row(table, "/b"), "share");
	tree_free(&t);
}

/* Controllers may be enabled halfway down only: what lies below is charged to the last group that has
 * them. */
static void delegated(void)
{
	struct mml_table *table;
	struct tree t;

	v2_tree(&t);
	v2_group(&t, "/user", GIB, "2147483648");
	group_file(&t, "/user/app", "cgroup.procs", "5\n6\n7\n");
	group_file(&t, "/user/app", "memory.pressure",
		   "some avg10=1.50 avg60=0.25 avg300=0.00 total=7\n"
		   "full avg10=0.50 avg60=0.00 avg300=0.00 total=3\n");
	group_file(&t, "/none", "cgroup.procs", "8\n");
	table = tree_table(&t, "cgroups");
	ok(table && !table->error && table->nrows == 4);
	is_cell_absent(table, group_row(table, "/user/app"), "current");
	is_cell_str(table, group_row(table, "/user/app"), "charged_to", "/user");
	is_cell_str(table, group_row(table, "/user"), "charged_to", "/user");
	is_cell_str(table, group_row(table, "/none"), "charged_to", "/");
	is_limit(table, "/user/app", 2 * GIB, "/user", GIB, "/user");
	is_cell_f64(table, group_row(table, "/user/app"), "psi_some", 1.5);
	is_cell_f64(table, group_row(table, "/user/app"), "psi_full", 0.5);
	is_cell_f64(table, group_row(table, "/user/app"), "psi_some_avg60", 0.25);
	is_cell_u64(table, group_row(table, "/user/app"), "psi_some_total", 7000);
	is_cell_u64(table, group_row(table, "/user/app"), "psi_full_total", 3000);
	is_cell_u64(table, group_row(table, "/user/app"), "own_processes", 3);
	is_cell_u64(table, group_row(table, "/user"), "own_processes", 0);
	is_cell_u64(table, group_row(table, "/user"), "processes", 3);
	is_cell_u64(table, group_row(table, "/"), "processes", 6);
	tree_free(&t);
}

static void kinds(void)
{
	struct mml_table *table;
	struct tree t;
	size_t i;

	v2_tree(&t);
	v2_group(&t, "/a", 800000000, "max");
	group_file(&t, "/a", "memory.stat", "%s", stat_6_12);
	group_file(&t, "/a", "memory.swap.current", "23\n");
	group_file(&t, "/a", "memory.swap.max", "24\n");
	group_file(&t, "/a", "memory.swap.events", "high 0\nmax 25\nfail 26\n");
	group_file(&t, "/a", "memory.high", "27\n");
	group_file(&t, "/a", "memory.low", "28\n");
	group_file(&t, "/a", "memory.min", "29\n");
	group_file(&t, "/a", "memory.peak", "30\n");
	group_file(&t, "/a", "memory.oom.group", "1\n");
	group_file(&t, "/a", "memory.events", "low 0\nhigh 31\nmax 32\noom 33\noom_kill 34\nnew 9\n");
	group_file(&t, "/a", "memory.events.local", "low 0\nhigh 35\nmax 36\noom 37\noom_kill 38\n");
	group_file(&t, "/a", "cgroup.stat",
		   "nr_descendants 1\nnr_subsys_memory 1\nnr_dying_descendants 40\n"
		   "nr_dying_subsys_memory 39\n");
	table = tree_table(&t, "cgroups");
	ok(table && !table->error && !table->columns[0].reason);
	i = group_row(table, "/a");
	is_cell_u64(table, i, "anon", 400000000);
	is_cell_u64(table, i, "cache", 300000000);
	is_cell_u64(table, i, "file", 300000000 - 100000000 - 11000000);
	is_cell_u64(table, i, "shmem", 100000000);
	is_cell_u64(table, i, "kernel", 50000000);
	is_cell_u64(table, i, "kernel_stack", 1000000);
	is_cell_u64(table, i, "page_tables", 2000000);
	is_cell_u64(table, i, "sec_page_tables", 3000000);
	is_cell_u64(table, i, "percpu", 64);
	is_cell_u64(table, i, "sock", 5000000);
	is_cell_u64(table, i, "vmalloc", 6000000);
	is_cell_u64(table, i, "zswap", 7000000);
	is_cell_u64(table, i, "zswapped", 21000000);
	is_cell_u64(table, i, "mapped", 8000000);
	is_cell_u64(table, i, "dirty", 9000000);
	is_cell_u64(table, i, "writeback", 10000000);
	is_cell_u64(table, i, "thp_anon", 12000000);
	is_cell_u64(table, i, "thp_file", 13000000);
	is_cell_u64(table, i, "thp_shmem", 14000000);
	is_cell_u64(table, i, "unevictable", 17000000);
	is_cell_u64(table, i, "slab", 20015001);
	is_cell_u64(table, i, "working_set", 710000000);
	is_cell_u64(table, i, "working_set_freeable", 80015001);
	is_cell_u64(table, i, "reclaimable", 170015001);
	is_cell_u64(table, i, "refaults", 37);
	is_cell_u64(table, i, "scanned", 20);
	is_cell_u64(table, i, "reclaimed", 21);
	is_cell_u64(table, i, "maj_faults", 22);
	is_cell_u64(table, i, "swap", 23);
	is_cell_u64(table, i, "swap_limit", 24);
	is_cell_u64(table, i, "swap_max_events", 25);
	is_cell_u64(table, i, "swap_fail_events", 26);
	is_cell_u64(table, i, "high", 27);
	is_cell_u64(table, i, "low", 28);
	is_cell_u64(table, i, "min", 29);
	is_cell_u64(table, i, "peak", 30);
	is_cell_u64(table, i, "oom_group", 1);
	is_cell_u64(table, i, "throttled", 31);
	is_cell_u64(table, i, "max_events", 32);
	is_cell_u64(table, i, "oom_events", 33);
	is_cell_u64(table, i, "oom_kills", 34);
	is_cell_u64(table, i, "high_local", 35);
	is_cell_u64(table, i, "max_local", 36);
	is_cell_u64(table, i, "oom_local", 37);
	is_cell_u64(table, i, "oom_kills_local", 38);
	is_cell_u64(table, i, "dying", 39);
	/* The root's anonymous memory is all of the machine's, and its kernel memory is nobody's. */
	is_cell_u64(table, group_row(table, "/"), "anon", MIB);
	is_cell_u64(table, group_row(table, "/"), "file", 2 * MIB);
	is_cell_absent(table, group_row(table, "/"), "kernel");
	is_cell_absent(table, group_row(table, "/"), "slab");
	is_cell_absent(table, group_row(table, "/"), "working_set");
	/* More inactive file pages than memory in use: the figures are not of one moment. */
	group_file(&t, "/a", "memory.current", "89999999\n");
	table = tree_table(&t, "cgroups");
	is_cell_u64(table, i, "working_set", 0);
	is_cell_u64(table, i, "working_set_freeable", 0);
	group_file(&t, "/a", "memory.current", "90000001\n");
	table = tree_table(&t, "cgroups");
	is_cell_u64(table, i, "working_set", 1);
	is_cell_u64(table, i, "working_set_freeable", 1);
	/* Before 5.9 refaults were not told apart, and before 6.12 nr_dying_subsys_memory was not told. */
	group_file(&t, "/a", "memory.stat", "anon 1\nfile 2\nshmem 3\nworkingset_refault 55\n");
	group_file(&t, "/a", "cgroup.stat", "nr_descendants 1\nnr_dying_descendants 40\n");
	table = tree_table(&t, "cgroups");
	is_cell_u64(table, i, "refaults", 55);
	is_cell_absent(table, i, "refaults_anon");
	is_cell_u64(table, i, "file", 0);
	is_cell_u64(table, i, "dying", 40);
	is_cell_absent(table, i, "kernel");
	ok(table->columns[mml_schema_find(table->schema, "kernel", 6)].reason &&
	   strstr(table->columns[mml_schema_find(table->schema, "kernel", 6)].reason,
		  "memory.stat has no line kernel"));
	tree_free(&t);
}

int main(void)
{
	if (!trees_can_be_read())
		return tap_done();
	limits();
	machine();
	delegated();
	kinds();
	return tap_done();
}
