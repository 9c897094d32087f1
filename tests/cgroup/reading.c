/* How control groups are read from trees: what is not needed is not, and what is bad or refused is said. */
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

int main(void)
{
	if (!trees_can_be_read())
		return tap_done();
	costs();
	bad();
	refused();
	names();
	listed();
	return tap_done();
}
