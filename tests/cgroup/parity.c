/* Control groups as the kernel tells of them all at once, against the same read from their files.
 * Usage: parity [PATH]: those that lie in PATH must agree in every cell. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/collectors/cgroup/iterate.h"
#include "../../src/core/module.h"
#include "../../src/core/trouble.h"
#include "../../src/core/unit.h"
#include "../unit/tree.h"

/* What is not of the kernel's files, or of those that are read either way and do not rest. */
static bool is_apart(const struct mml_column *col)
{
	static const char *const names[] = { "age", "last_event", "last_event_age", "headroom", "headroom_from",
					     "share" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(col->name, names[i]))
			return true;
	return col->of >= 0 || col->needs == NEEDS_PSI;
}

static struct mml_snapshot *look(struct mml_root *root, void *state)
{
	struct mml_query query = { .collector = &mml_collector_cgroups,
				   .reading.needs = ~0U,
				   .reading.state = state,
				   .reading.cancel_fd = -1 };
	struct mml_snapshot *snap;

	return mml_snapshot_take(root, &query, 1, &snap) ? NULL : snap;
}

static bool same_cell(const struct mml_column *col, const struct mml_row *a, const struct mml_row *b, unsigned c)
{
	if (mml_has(a, c) != mml_has(b, c))
		return false;
	if (!mml_has(a, c))
		return true;
	if (col->type == MML_STR)
		return !strcmp(a->cell[c].str, b->cell[c].str);
	if (col->type == MML_BOOL)
		return a->cell[c].b == b->cell[c].b;
	return a->cell[c].u64 == b->cell[c].u64;
}

struct tally {
	unsigned compared, moved, unlike, nonzero;
	bool met[CGROUPS_NCOLUMNS]; /* columns that were more than 0 in some row */
};

static void compare_row(const struct mml_row *before, const struct mml_row *row, const struct mml_row *after,
			const char *path, struct tally *ret)
{
	for (unsigned c = 0; c < CGROUPS_NCOLUMNS; c++) {
		const struct mml_column *col = &mml_collector_cgroups.schema.columns[c];

		if (is_apart(col))
			continue;
		ret->compared++;
		if (!same_cell(col, before, after, c)) {
			ret->moved++;
			continue;
		}
		ret->met[c] |= col->type == MML_U64 && mml_has(row, c) && row->cell[c].u64;
		if (same_cell(col, before, row, c))
			continue;
		ret->unlike++;
		if (col->type == MML_U64)
			printf("# %s %s: files %s%" PRIu64 ", told %s%" PRIu64 "\n", path, col->name,
			       mml_has(before, c) ? "" : "absent ", before->cell[c].u64,
			       mml_has(row, c) ? "" : "absent ", row->cell[c].u64);
		else
			printf("# %s %s\n", path, col->name);
	}
}

/* Returns how many groups in PATH there were in all three. */
static size_t compare(const struct mml_table *before, const struct mml_table *told, const struct mml_table *after,
		      const char *path, struct tally *ret)
{
	size_t n = 0;

	*ret = (struct tally){ 0 };
	for (size_t i = 0; i < told->nrows; i++) {
		const char *name = tree_str(told, i, "path");
		size_t b = tree_row(before, "path", name), a = tree_row(after, "path", name);

		if (!mml_cgroup_is_in(name, path) || b == before->nrows || a == after->nrows)
			continue;
		compare_row(mml_table_row(before, b), mml_table_row(told, i), mml_table_row(after, a), name, ret);
		n++;
	}
	return n;
}

/* What happens meanwhile is not of the groups that rest: a look in which nothing moved counts. */
static void compare_at_rest(struct mml_root *root, void *files, void *told, const char *path)
{
	struct tally tally = { 0 };
	size_t n = 0;

	for (int tries = 0; tries < 200; tries++) {
		struct mml_snapshot *before = look(root, files), *now = look(root, told), *after = look(root, files);

		n = before && now && after ? compare(before->tables[0], now->tables[0], after->tables[0], path, &tally) : 0;
		mml_snapshot_put(before);
		mml_snapshot_put(now);
		mml_snapshot_put(after);
		if (n && !tally.moved)
			break;
		usleep(50000);
	}
	tap_ok(n > 0 && !tally.unlike && !tally.moved,
	       "%zu groups, %u cells: what is told is what the files say (%u differ, %u moved)", n,
	       tally.compared, tally.unlike, tally.moved);
	printf("# more than 0:");
	for (unsigned c = 0; c < CGROUPS_NCOLUMNS; c++)
		if (tally.met[c])
			printf(" %s", mml_collector_cgroups.schema.columns[c].name);
	printf("\n");
}

/* How long a look takes either way, the shortest of some. For a person to read. */
static void measure(struct mml_root *root, void *state, const char *what)
{
	uint64_t best = UINT64_MAX;
	size_t n = 0;

	for (int i = 0; i < 5; i++) {
		uint64_t begun = mml_now_ns();
		struct mml_snapshot *snap = look(root, state);

		begun = mml_now_ns() - begun;
		best = begun < best ? begun : best;
		n = snap ? snap->tables[0]->nrows : 0;
		mml_snapshot_put(snap);
	}
	printf("# %zu groups, %s: %.2f ms\n", n, what, (double)best / 1e6);
}

static bool has_function(void)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	char line[512];
	bool has = false;

	while (f && !has && fgets(line, sizeof(line), f))
		has = strstr(line, " bpf_mem_cgroup_page_state\n");
	if (f)
		fclose(f);
	return has;
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "/";
	struct mml_cgroup_state *files = mml_cgroup_keep(NULL), *told = mml_cgroup_keep(NULL);
	struct mml_cgroup_iterator *it = mml_cgroup_iterator_of(told);
	struct mml_root *root = NULL;
	struct mml_snapshot *snap;
	uint64_t begun;

	if (mml_root_open(NULL, &root))
		return 99;
	mml_cgroup_iterator_of(files)->from = SIZE_MAX;
	it->from = 1;
	begun = mml_now_ns();
	snap = look(root, told);
	printf("# the first look: %.2f ms\n", (double)(mml_now_ns() - begun) / 1e6);
	mml_snapshot_put(snap);
	if (it->session) {
		compare_at_rest(root, files, told, path);
		measure(root, files, "files");
		measure(root, told, "told at once");
		ok(it->session && !mml_cgroup_iterator_of(files)->session);
	} else if (has_function() && !geteuid()) {
		struct mml_absence why;
		const struct mml_module_bpf *bpf = mml_module("bpf", &why);
		struct mml_bpf_options options = { .group = "/sys/fs/cgroup", .rows = 1 };
		struct mml_bpf_failure failure = { .needs = "" };

		if (bpf && !bpf->start(MML_TRACE_GROUPS, &options, &failure, &it->session))
			bpf->stop(it->session);
		tap_ok(false, "the kernel has what it takes, and it is not used: %s", failure.reason);
		it->session = NULL;
	} else {
		tap_skip("this kernel, or this user, has no functions that tell of groups at once (needs root and Linux 7.2)");
	}
	mml_cgroup_release(files);
	mml_cgroup_release(told);
	mml_root_close(root);
	return tap_done();
}
