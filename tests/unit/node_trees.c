/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trees of other machines, where they lie beside the project (MMLENS_FIXTURES, or
 * ../shared/fixtures): every table of nodes and huge pages reads them without an error and without
 * a figure that can't be. */
#include "tree.h"

#include <dirent.h>
#include <errno.h>

/* The one file among them that is not whole: a line of it has a number and no name. */
static bool known_bad(const char *name, const char *table)
{
	return !strcmp(name, "pcp-meminfo-root-006") && !strcmp(table, "node_vmstat");
}

static bool at_most(const struct mml_table *t, size_t i, const char *a, const char *b)
{
	const union mml_value *x = tree_cell(t, i, a), *y = tree_cell(t, i, b);

	return !x || !y || x->u64 <= y->u64;
}

static bool share_sane(const struct mml_table *t, size_t i, const char *name)
{
	const union mml_value *v = tree_cell(t, i, name);

	return !v || (v->f64 >= 0 && v->f64 <= 100);
}

static bool nodes_sane(const struct mml_table *t)
{
	for (size_t i = 0; i < t->nrows; i++) {
		const char *distances = tree_str(t, i, "distances");
		size_t n = distances && *distances;

		for (const char *p = distances; p && *p; p++)
			n += *p == ' ';
		if ((i && tree_u64(t, i, "node") <= tree_u64(t, i - 1, "node")) ||
		    (distances && n != t->nrows) || !at_most(t, i, "free", "total") ||
		    !at_most(t, i, "used", "total") || !at_most(t, i, "anon_huge", "total") ||
		    !share_sane(t, i, "used_share") || !share_sane(t, i, "local_share") ||
		    !share_sane(t, i, "miss_share"))
			return false;
	}
	return true;
}

static bool pools_sane(const struct mml_table *t)
{
	for (size_t i = 0; i < t->nrows; i++) {
		const union mml_value *total = tree_cell(t, i, "total");
		const union mml_value *size = tree_cell(t, i, "size");

		if (!tree_u64(t, i, "page_size") || !tree_str(t, i, "node") ||
		    !at_most(t, i, "free", "total") ||
		    (total && size && total->u64 * tree_u64(t, i, "page_size") != size->u64))
			return false;
	}
	return true;
}

/* As many as the nodes squared, and each node as far from itself as any node is from itself. */
static bool distances_sane(const struct mml_table *t)
{
	size_t n = 0;

	while (n * n < t->nrows)
		n++;
	if (n * n != t->nrows)
		return false;
	for (size_t i = 0; i < t->nrows; i++)
		if (tree_u64(t, i, "node") == tree_u64(t, i, "to") &&
		    tree_u64(t, i, "distance") != 10)
			return false;
	return true;
}

static const struct {
	const char *name;
	bool (*sane)(const struct mml_table *);
} tables[] = {
	{ "nodes", nodes_sane },     { "distances", distances_sane },
	{ "hugepages", pools_sane }, { "node_meminfo", NULL },
	{ "node_vmstat", NULL },     { "thp", NULL },
	{ "thp_why", NULL },	     { "hugetlb", NULL },
	{ "hugetlbfs", NULL },
};

static void test_tree(const char *dir, const char *name)
{
	struct tree tree = { .dir = "." };

	if (chdir(dir)) {
		tap_ok(false, "%s: %s", dir, strerror(errno));
		return;
	}
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct mml_table *t = tree_table(&tree, tables[i].name);
		bool fine = t && (!t->error || t->error == -ENOENT);

		tap_ok(fine || known_bad(name, tables[i].name), "%s: %s%s%s", name, tables[i].name,
		       fine ? "" : ": ", fine || !t ? "" : t->absence.reason);
		if (t && tables[i].sane)
			tap_ok(tables[i].sane(t), "%s: %s is possible", name, tables[i].name);
		if (t && !i && !strcmp(name, "hwloc-256ia64-64n2s2c"))
			is_u64(t->nrows, 64);
	}
	mml_snapshot_put(tree.snap);
	mml_root_close(tree.root);
}

int main(void)
{
	const char *from = getenv("MMLENS_FIXTURES"), *srcdir = getenv("top_srcdir");
	char path[4096], *base;
	struct dirent *entry;
	int n = 0;
	DIR *dir;

	if (from)
		snprintf(path, sizeof(path), "%s", from);
	else
		snprintf(path, sizeof(path), "%s/../shared/fixtures", srcdir ? srcdir : ".");
	base = realpath(path, NULL);
	dir = base ? opendir(base) : NULL;
	if (!dir) {
		free(base);
		printf("1..0 # SKIP no trees of other machines at %s\n", path);
		return 0;
	}
	while ((entry = readdir(dir))) {
		char tree[8192];
		struct stat st;

		snprintf(tree, sizeof(tree), "%s/%s", base, entry->d_name);
		if (entry->d_name[0] == '.' || stat(tree, &st) || !S_ISDIR(st.st_mode))
			continue;
		test_tree(tree, entry->d_name);
		n++;
	}
	closedir(dir);
	free(base);
	ok(n > 0);
	return tap_done();
}
