/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Column `badness`: the kernel's formula by its version, who is exempt, and the kernel's own score. */
#include <stdlib.h>

#include "../../src/collectors/process/process.h"
#include "../unit/tree.h"

static struct tree t;

/* A process of PAGES, 2 pages in swap and 3 of page tables, and what the kernel says of it. */
static void put(int pid, unsigned flags, unsigned pages, int adj, int score)
{
	char path[64], text[512];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	snprintf(text, sizeof(text),
		 "%d (x) S 1 1 1 0 -1 %u 10 0 2 0 0 0 0 0 20 0 3 0 100 %u 9 18446744073709551615 "
		 "1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		 pid, flags, flags & MML_PF_KTHREAD ? 0 : 1 << 20);
	tree_file(&t, path, text);
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	snprintf(text, sizeof(text),
		 "Name:\tx\nState:\tS (sleeping)\nUid:\t5\t5\t5\t5\nVmSize:\t%u kB\nVmRSS:\t%u kB\n"
		 "VmPTE:\t15 kB\nVmSwap:\t8 kB\n",
		 pages * 40, pages * 4);
	if (flags & MML_PF_KTHREAD)
		snprintf(text, sizeof(text), "Name:\tx\nState:\tS\nUid:\t0\t0\t0\t0\n");
	tree_file(&t, path, text);
	snprintf(path, sizeof(path), "/proc/%d/oom_score", pid);
	snprintf(text, sizeof(text), "%d\n", score);
	tree_file(&t, path, text);
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	snprintf(text, sizeof(text), "%d\n", adj);
	tree_file(&t, path, text);
}

static void put_kernel(const char *release)
{
	char text[128];

	snprintf(text, sizeof(text), "page_size=4096\nkernel=%s\n", release);
	tree_file(&t, "/mmlens/host", text);
}

/* 1,000,999 pages: a thousandth is 1000, as the kernel divides. */
static const char meminfo[] = "MemTotal: 3003996 kB\nMemFree: 300000 kB\nSwapTotal: 1000000 kB\n"
			      "SwapFree: 1000000 kB\n";

static const union mml_value *badness(const struct mml_table *table, uint64_t pid)
{
	for (size_t i = 0; i < table->nrows; i++)
		if (tree_u64(table, i, "pid") == pid)
			return tree_cell(table, i, "badness");
	return NULL;
}

static void check_formula(void)
{
	const struct mml_table *table;

	tree_file(&t, "/proc/meminfo", meminfo);
	put_kernel("6.1.0");
	put(1, 0x400000, 500, 0, 0);
	put(2, 0x200000, 0, 0, 0);
	put(10, 0x400000, 40000, 0, 693);
	put(11, 0x400000, 40000, 300, 893);
	put(12, 0x400000, 40000, -300, 493);
	put(13, 0x400000, 40000, -1000, 0);
	put(14, 0x400000, 40000, -998, 1); /* the lowest that cannot be mistaken for exempt */
	put(15, 0x400000, 40000, -998, 0); /* killed and reaped */
	put(16, 0x400000, 40000, -999, 0); /* may be either: it can be killed */
	put(17, 0x400000, 40000, 0, 0);	   /* on its parent's memory, after vfork() */
	table = tree_table(&t, "processes");
	ok(table && !table->error);
	is_i64(badness(table, 10)->i64, 40000 + 2 + 3);
	is_i64(badness(table, 11)->i64, 40005 + 300 * 1000);
	is_i64(badness(table, 12)->i64, 40005 - 300 * 1000);
	is_i64(badness(table, 14)->i64, 40005 - 998 * 1000);
	is_i64(badness(table, 16)->i64, 40005 - 999 * 1000);
	ok(!badness(table, 1) && !badness(table, 2) && !badness(table, 13));
	ok(!badness(table, 15) && !badness(table, 17));
}

/* Before 5.9 the least was 1, and a score of 0 said nothing. */
static void check_versions(void)
{
	static const struct {
		const char *release;
		int64_t least;
		bool small;
	} kernels[] = {
		{ "5.8.18", 1, true }, { "5.9.0", 40005 - 300000, false }, { "x", 40005 - 300000, true },
	};

	for (size_t i = 0; i < sizeof(kernels) / sizeof(*kernels); i++) {
		const struct mml_table *table;

		put_kernel(kernels[i].release);
		table = tree_table(&t, "processes");
		is_i64(badness(table, 12)->i64, kernels[i].least);
		ok((badness(table, 17) != NULL) == kernels[i].small);
		ok(!badness(table, 1) && !badness(table, 2));
	}
	put_kernel("6.1.0");
}

/* Without what the machine has, an oom_score_adj weighs nobody knows how much. */
static void check_unknown(void)
{
	const struct mml_table *table;

	tree_file(&t, "/proc/meminfo", "MemTotal: 3003996 kB\n");
	table = tree_table(&t, "processes");
	is_i64(badness(table, 10)->i64, 40005);
	ok(!badness(table, 11));
	ok(strstr(table->columns[PROCESSES_badness].reason, "is not known"));
	tree_file(&t, "/proc/meminfo", meminfo);
	/* Nor if the file was rewritten for a container: the zones manage more than it says. */
	tree_file(&t, "/proc/zoneinfo",
		  "Node 0, zone   Normal\n  pages free     2000000\n        min      100\n"
		  "        low      200\n        high     300\n        spanned  4000000\n"
		  "        present  4000000\n        managed  4000000\n");
	table = tree_table(&t, "processes");
	is_i64(badness(table, 10)->i64, 40005);
	ok(!badness(table, 11));
	tree_file(&t, "/proc/12/oom_score_adj", "many\n");
	ok(tree_table(&t, "processes")->error);
}

/* The kernel's own oom_score is made of the same points, since 5.9 as two thirds of 1000 more than their
 * share in thousandths. What is resident may change between two looks. */
static void check_live(void)
{
	struct mml_query query = { .collector = &mml_collector_processes,
				   .reading = { .needs = NEEDS_RSS | NEEDS_STATUS | NEEDS_OOM,
						.once = true,
						.cancel_fd = -1 } };
	const struct mml_collector *meminfo_of = mml_collector_find("meminfo");
	struct mml_snapshot *snap;
	struct mml_query both[2] = { query, { .collector = meminfo_of, .reading.cancel_fd = -1 } };
	const struct mml_row *ram, *swap;
	uint64_t bytes[2] = { 0 };
	unsigned compared = 0, apart = 0;
	struct mml_root *root;
	int64_t total;

	if (mml_root_open(NULL, &root) || mml_snapshot_take(root, both, 2, &snap)) {
		ok(false);
		return;
	}
	ram = mml_look_row(snap->tables[1], "name", "MemTotal", NULL, NULL);
	swap = mml_look_row(snap->tables[1], "name", "SwapTotal", NULL, NULL);
	if (mml_host_since(&snap->host, 5, 9) != 1 || !ram || !swap) {
		tap_skip("oom_score is not made like that before Linux 5.9");
		goto out;
	}
	mml_look_u64(snap->tables[1], ram, "bytes", &bytes[0]);
	mml_look_u64(snap->tables[1], swap, "bytes", &bytes[1]);
	total = (int64_t)((bytes[0] + bytes[1]) / snap->host.page_size);
	for (size_t i = 0; i < snap->tables[0]->nrows; i++) {
		const union mml_value *points = tree_cell(snap->tables[0], i, "badness");
		int64_t score = (int64_t)tree_u64(snap->tables[0], i, "oom_score");
		int64_t ours = points ? (1000 + points->i64 * 1000 / total) * 2 / 3 : 0;

		if (!points)
			continue;
		compared++;
		if (score < ours - 1 || score > ours + 1) {
			printf("# pid %" PRIu64 ": oom_score %" PRId64 ", by badness %" PRId64 "\n",
			       tree_u64(snap->tables[0], i, "pid"), score, ours);
			apart++;
		}
	}
	if (compared)
		tap_ok(apart * 20 <= compared, "%u of %u processes are apart from oom_score", apart, compared);
	else
		tap_skip("no process here may be killed");
out:
	mml_snapshot_put(snap);
	mml_root_close(root);
}

int main(void)
{
	tree_new(&t);
	if (tree_table(&t, "processes")) {
		check_formula();
		check_versions();
		check_unknown();
	} else {
		tap_skip("trees cannot be read here: Linux 5.6 or newer is needed");
	}
	tree_free(&t);
	check_live();
	return tap_done();
}
