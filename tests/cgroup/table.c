/* The table of control groups, from trees of both versions. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "groups.h"

/* How often files were read, by the ends of their paths. */
static const char *counted;
static unsigned reads;

int __real_mml_root_read(struct mml_root *root, const char *path, struct mml_buf *buf);
int __wrap_mml_root_read(struct mml_root *root, const char *path, struct mml_buf *buf);

int __wrap_mml_root_read(struct mml_root *root, const char *path, struct mml_buf *buf)
{
	size_t len = strlen(path), end = counted ? strlen(counted) : 0;

	__atomic_add_fetch(&reads, counted && len > end && !strcmp(path + len - end, counted),
			   __ATOMIC_RELAXED);
	return __real_mml_root_read(root, path, buf);
}

/* What was read of files NAME for the columns that take NEEDS. */
static unsigned reads_of(struct tree *t, const char *name, unsigned needs)
{
	struct mml_query query = { .collector = mml_collector_find("cgroups"),
				   .reading.needs = needs,
				   .reading.cancel_fd = -1 };
	struct mml_snapshot *snap;
	struct mml_root *root;

	counted = name;
	reads = 0;
	ok(!mml_root_open(t->dir, &root) && !mml_snapshot_take(root, &query, 1, &snap));
	mml_snapshot_put(snap);
	mml_root_close(root);
	counted = NULL;
	return reads;
}

static unsigned needs_of(const char *column)
{
	const struct mml_schema *schema = &mml_collector_find("cgroups")->schema;

	return schema->columns[mml_schema_find(schema, column, strlen(column))].needs;
}

static void is_limit(const struct mml_table *table, const char *path, uint64_t limit,
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

static const char stat_6_12[] =
	"anon 400000000\nfile 300000000\nkernel 50000000\nkernel_stack 1000000\npagetables 2000000\n"
	"sec_pagetables 3000000\npercpu 64\nsock 5000000\nvmalloc 6000000\nshmem 100000000\n"
	"zswap 7000000\nzswapped 21000000\nfile_mapped 8000000\nfile_dirty 9000000\n"
	"file_writeback 10000000\nswapcached 11000000\nanon_thp 12000000\nfile_thp 13000000\n"
	"shmem_thp 14000000\ninactive_anon 15000000\nactive_anon 16000000\ninactive_file 90000000\n"
	"active_file 80000000\nunevictable 17000000\nslab_reclaimable 15001\n"
	"slab_unreclaimable 20000000\nslab 20015001\nworkingset_refault_anon 18\n"
	"workingset_refault_file 19\npgscan 20\npgsteal 21\npgmajfault 22\nbrand_new 99\n";

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

/* What is not shown is not read, and nothing is read twice. */
static void costs(void)
{
	struct tree t;

	v2_tree(&t);
	for (int i = 0; i < 3; i++) {
		char path[16];

		snprintf(path, sizeof(path), "/g%d", i);
		v2_group(&t, path, GIB, "max");
		group_file(&t, path, "memory.stat", "%s", stat_6_12);
	}
	is_u64(reads_of(&t, "/memory.stat", ~0U), 4);
	is_u64(reads_of(&t, "/memory.stat", needs_of("anon") | needs_of("kernel") | needs_of("zswap")), 4);
	is_u64(reads_of(&t, "/memory.stat", needs_of("sock")), 4);
	is_u64(reads_of(&t, "/memory.stat", ~0U & ~(needs_of("anon") | needs_of("kernel") |
						    needs_of("sock") | needs_of("zswap"))), 0);
	is_u64(reads_of(&t, "/memory.current", needs_of("current")), 4 + 1);
	is_u64(reads_of(&t, "/memory.current", needs_of("anon")), 1); /* is this the root? */
	is_u64(reads_of(&t, "/memory.pressure", ~0U & ~needs_of("psi_some")), 0);
	is_u64(reads_of(&t, "/cgroup.procs", ~0U & ~needs_of("processes")), 0);
	is_u64(reads_of(&t, "/meminfo", needs_of("current")), 0);
	is_u64(reads_of(&t, "/meminfo", ~0U), 1);
	tree_free(&t);
}

static void bad(void)
{
	static const struct {
		const char *file, *text;
	} cases[] = {
		{ "memory.current", "" },
		{ "memory.current", "max\n" }, /* of this one it is no number, and absent */
		{ "memory.current", "-1\n" },
		{ "memory.current", "18446744073709551616\n" },
		{ "memory.max", "maximum\n" },
		{ "memory.stat", "anon\n" },
		{ "memory.stat", "anon 1 2\n" },
		{ "memory.stat", "anon -5\n" },
		{ "memory.events", "oom_kill x\n" },
		{ "memory.pressure", "some avg10=200.00 avg60=0.00 avg300=0.00 total=0\n" },
		{ "memory.pressure", "some avg10=1.00\n" },
	};
	struct mml_table *table;
	struct tree t;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		v2_tree(&t);
		v2_group(&t, "/a", GIB, "max");
		v2_group(&t, "/b", GIB, "max");
		group_file(&t, "/a", cases[i].file, "%s", cases[i].text);
		table = tree_table(&t, "cgroups");
		if (i == 1)
			tap_ok(!table->error && !tree_cell(table, group_row(table, "/a"), "current"),
			       "max is no number");
		else
			tap_ok(table->error == -EBADMSG && strstr(table->absence.reason, "/a/") &&
				       strstr(table->absence.reason, cases[i].file),
			       "%s: %s", cases[i].text, table->absence.reason);
		is_cell_u64(table, group_row(table, "/b"), "current", GIB);
		tree_free(&t);
	}
}

/* A limit that may not be read leaves open what the least one is. */
static void refused(void)
{
	struct mml_table *table;
	struct tree t;
	int col;

	v2_tree(&t);
	v2_group(&t, "/a", GIB, "max");
	v2_group(&t, "/a/b", MIB, "2097152");
	v2_group(&t, "/c", GIB, "max");
	group_file(&t, "/c", "memory.stat", "%s", stat_6_12);
	tree_file(&t, "/mmlens/errors", "EACCES /sys/fs/cgroup/a/memory.max\n"
					"EACCES /sys/fs/cgroup/c/memory.stat\n"
					"EOPNOTSUPP /sys/fs/cgroup/a/memory.pressure\n"
					"EOPNOTSUPP /sys/fs/cgroup/c/cgroup.procs\n");
	table = tree_table(&t, "cgroups");
	ok(table && !table->error && table->nrows == 4);
	is_cell_absent(table, group_row(table, "/a"), "effective_limit");
	is_cell_absent(table, group_row(table, "/a/b"), "effective_limit");
	is_cell_absent(table, group_row(table, "/a/b"), "headroom");
	is_cell_u64(table, group_row(table, "/a/b"), "limit", 2 * MIB);
	is_limit(table, "/c", 8 * GIB, "machine", 4 * GIB, "machine");
	is_cell_absent(table, group_row(table, "/c"), "anon");
	is_cell_u64(table, group_row(table, "/c"), "current", GIB);
	col = mml_schema_find(table->schema, "anon", 4);
	ok(strstr(table->columns[col].reason, "/sys/fs/cgroup/c/memory.stat: permission denied"));
	is_str(table->columns[col].needs, "root");
	col = mml_schema_find(table->schema, "psi_full", 8);
	ok(strstr(table->columns[col].reason, "switched off") &&
	   strstr(table->columns[col].needs, "psi=1"));
	/* c is threaded: its processes are told of the domain around it. */
	is_cell_absent(table, group_row(table, "/c"), "processes");
	is_cell_u64(table, group_row(table, "/"), "processes", 2);
	ok(!mml_at_least(mml_table_row(table, 0), (unsigned)mml_schema_find(table->schema, "processes", 9)));
	tree_free(&t);
}

static void names(void)
{
	static const char *const order[] = { "/",		"/.hidden",	 "/a b\nc",
					     "/a b\nc/\\012",	"/g2",		 "/g10",
					     "/system.slice",	"/system.slice/x.service",
					     "/\xff\x1b[0m" };
	struct mml_table *table;
	struct tree t;
	char deep[256] = "";

	v2_tree(&t);
	for (size_t i = 1; i < sizeof(order) / sizeof(*order); i++)
		v2_group(&t, order[i], i, "max");
	table = tree_table(&t, "cgroups");
	ok(table && table->nrows == sizeof(order) / sizeof(*order));
	for (size_t i = 0; i < table->nrows; i++)
		tap_ok(!strcmp(tree_str(table, i, "path"), order[i]), "row %zu is in its place", i);
	is_cell_str(table, 3, "tree", "    \\012");
	is_cell_u64(table, 3, "depth", 2);
	is_cell_str(table, 7, "name", "x.service");
	is_cell_absent(table, 7, "id");
	for (int i = 0; i < 40; i++) {
		snprintf(deep + strlen(deep), sizeof(deep) - strlen(deep), "/d%d", i);
		v2_group(&t, deep, 1, "max");
	}
	group_file(&t, "/d0/d1", "memory.max", "2\n");
	table = tree_table(&t, "cgroups");
	is_cell_u64(table, group_row(table, deep), "depth", 40);
	is_cell_str(table, group_row(table, deep), "limit_from", "/d0/d1");
	tree_free(&t);
}

/* The ids are the kernel's, and a tree's directories do not have them. */
static void listed(void)
{
	static const char *const bad[] = { "7\n",	  "x /a\n",	    "7 a\n",	  "7 /\n8 /\n",
					   "7 /\n8 /b/c\n", "7 /\n8 /a\n9 /a\n" };
	struct mml_table *table;
	struct tree t;

	v2_tree(&t);
	v2_group(&t, "/a", 1, "max");
	v2_group(&t, "/a/x\ny", 2, "max");
	v2_group(&t, "/later", 3, "max");
	tree_file(&t, "/mmlens/cgroups", "1 /\n4711 /a\n18446744073709551615 /a/x\\012y\n");
	table = tree_table(&t, "cgroups");
	ok(table && !table->error && table->nrows == 3);
	is_cell_u64(table, 1, "id", 4711);
	is_cell_u64(table, 2, "id", UINT64_MAX);
	is_cell_u64(table, 2, "current", 2);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		tree_file(&t, "/mmlens/cgroups", bad[i]);
		table = tree_table(&t, "cgroups");
		tap_ok(table->error == -EBADMSG && strstr(table->absence.reason, "/mmlens/cgroups"),
		       "list %zu: %s", i, table->absence.reason);
	}
	tree_free(&t);
}

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
	ok(table && !table->error && table->nrows == 2 && strstr(table->note, "container"));
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
	struct mml_root *root;

	if (mml_root_open("/", &root)) {
		tap_skip("trees need openat2(), Linux 5.6");
		return tap_done();
	}
	mml_root_close(root);
	limits();
	machine();
	delegated();
	kinds();
	costs();
	bad();
	refused();
	names();
	listed();
	version_1();
	not_hierarchical();
	container();
	mounts();
	return tap_done();
}
