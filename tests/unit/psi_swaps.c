/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <time.h>

#include "../../src/collectors/registry.h"
#include "tree.h"
#include "../../src/source/source.h"

static const char memory[] = "/proc/pressure/memory";

static void psi_good(struct tree *t)
{
	struct mml_table *table;

	tree_file(t, memory,
		  "some avg10=70.24 avg60=68.52 avg300=100.00 total=3559632828\n"
		  "full avg10=57.59 avg60=58.06 avg300=60.38 total=0\n");
	tree_file(t, "/proc/pressure/cpu", "some avg10=2.04 avg60=0.75 avg300=0.42 total=157656722\n");
	table = tree_table(t, "psi");
	ok(table && !table->error && table->nrows == 3);
	is_cell_str(table, 0, "resource", "memory");
	is_cell_str(table, 0, "stall", "some");
	is_cell_f64(table, 0, "avg10", 70.24);
	is_cell_f64(table, 0, "avg300", 100.0);
	is_cell_u64(table, 0, "total", UINT64_C(3559632828000));
	is_cell_absent(table, 0, "stalled");
	is_cell_u64(table, 1, "total", 0);
	is_cell_str(table, 2, "resource", "cpu");
}

static void psi_bad(struct tree *t)
{
	static const char *const bad[] = {
		"some avg10=1.2.3 avg60=0.00 avg300=0.00 total=1\n",
		"some avg10=-1.00 avg60=0.00 avg300=0.00 total=1\n",
		"some avg10=101.00 avg60=0.00 avg300=0.00 total=1\n",
		"some avg10=1.00 avg60=0.00 avg300=0.00 total=18446744073709551615\n",
		"some avg10=1.00 avg60=0.00 avg300=0.00 total=\n",
		"some avg10=nan avg60=0.00 avg300=0.00 total=1\n",
		"some\n",
		"some avg10\n",
		"most avg10=1.00 avg60=0.00 avg300=0.00 total=1\n",
		"some avg10=1.",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct mml_table *table;

		tree_file(t, memory, bad[i]);
		table = tree_table(t, "psi");
		tap_ok(table && table->error == -EBADMSG, "refused: %.*s", (int)strcspn(bad[i], "\n"), bad[i]);
	}
	tree_file(t, memory, "");
	ok(tree_table(t, "psi")->error == -ENODATA && t->snap->tables[0]->nrows == 1);
	tree_file(t, memory, "some avg10=1.00 avg60=2.00 avg300=3.00 total=4 new=field\r\n");
	ok(!tree_table(t, "psi")->error);
	is_cell_u64(t->snap->tables[0], 0, "total", 4000);
}

static void psi_absent(void)
{
	struct tree t;
	struct mml_table *table;

	tree_new(&t);
	table = tree_table(&t, "psi");
	ok(table && table->error == -ENOENT && !table->nrows);
	is_str(table->absence.reason, "/proc/pressure/memory: not in this tree");
	ok(!table->absence.needs);
	/* What opening it gave when the tree was captured. */
	tree_file(&t, "/mmlens/errors", "EOPNOTSUPP /proc/pressure/memory\n");
	table = tree_table(&t, "psi");
	if (table && table->error == -EOPNOTSUPP)
		ok(strstr(table->absence.reason, "switched off") &&
		   strstr(table->absence.needs, "psi=1"));
	else
		tap_skip("captured trees do not keep EOPNOTSUPP");
	tree_free(&t);
}

static uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* The share of an interval is the change of the total in it. */
static void psi_rate(struct tree *t)
{
	struct mml_query query = { .collector = mml_collector_find("psi"), .reading.cancel_fd = -1 };
	uint64_t begun[2], ended[2];
	struct mml_sampler *sampler;
	struct mml_snapshot *snap;
	struct mml_root *root;
	double most;

	(void)t;
	if (access(memory, R_OK)) {
		tap_skip("%s: not on this kernel", memory);
		return;
	}
	ok(!mml_root_open(NULL, &root));
	sampler = mml_sampler_new(root);
	for (int i = 0; i < 2; i++) {
		const union mml_value *v;

		begun[i] = clock_ns();
		ok(!mml_sampler_take(sampler, &query, 1, &snap));
		ended[i] = clock_ns();
		v = tree_cell(snap->tables[0], 0, "stalled");
		/* The file is read a little later than the clock, the second time perhaps much. */
		most = i ? 110.0 * (double)(ended[1] - begun[0]) / (double)(begun[1] - ended[0]) : 0;
		if (snap->tables[0]->error)
			tap_skip("%s", snap->tables[0]->absence.reason);
		else
			ok(i ? v && v->f64 >= 0 && v->f64 <= most : !v);
		mml_snapshot_put(snap);
		usleep(20000);
	}
	mml_sampler_free(sampler);
	mml_root_close(root);
}

static void swaps_good(struct tree *t)
{
	struct mml_table *table;

	tree_file(t, "/proc/swaps",
		  "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
		  "/dev/zram0                              partition\t8388604\t\t76\t\t100\n"
		  "/my\\040swap\\134x                          file\t\t1048572\t\t0\t\t-2\n");
	tree_file(t, "/sys/block/zram0/mm_stat",
		  "  77824    20000    40960        0    81920        3        0        2        5\n");
	tree_file(t, "/sys/block/zram0/comp_algorithm", "lzo lzo-rle [lz4] zstd \n");
	table = tree_table(t, "swaps");
	ok(table && !table->error && table->nrows == 2);
	is_cell_str(table, 0, "name", "/dev/zram0");
	is_cell_u64(table, 0, "size", UINT64_C(8388604) * 1024);
	is_cell_u64(table, 0, "used", 76 * 1024);
	is_cell_u64(table, 0, "free", UINT64_C(8388528) * 1024);
	is_cell_u64(table, 0, "stored", 77824);
	is_cell_u64(table, 0, "compressed", 20000);
	is_cell_u64(table, 0, "memory", 40960);
	is_cell_f64(table, 0, "ratio", 1.9);
	is_cell_absent(table, 0, "limit");
	is_cell_u64(table, 0, "peak", 81920);
	is_cell_u64(table, 0, "same", 3 * 4096);
	is_cell_u64(table, 0, "huge", 2 * 4096);
	is_cell_str(table, 0, "algorithm", "lz4");
	is_cell_str(table, 1, "name", "/my swap\\x");
	ok(tree_cell(table, 1, "priority") && tree_cell(table, 1, "priority")->i64 == -2);
	is_cell_absent(table, 1, "stored");
}

/* zram keeps less than half of what is in use there: that is said, and why. */
static void swaps_read_back(struct tree *t)
{
	struct mml_table *table;

	tree_file(t, "/proc/swaps", "/dev/zram0 partition 8388604 2048 100\n");
	tree_file(t, "/sys/block/zram0/mm_stat", "1048576 20000 40960 0 81920 3 0 2 5\n");
	table = tree_table(t, "swaps");
	ok(!table->note);
	tree_file(t, "/sys/block/zram0/mm_stat", "1048575 20000 40960 0 81920 3 0 2 5\n");
	table = tree_table(t, "swaps");
	ok(table->note &&
	   strstr(table->note, "/dev/zram0 keeps 1023 kB, though 2048 kB of swap are in use"));
	tree_file(t, "/proc/swaps",
		  "/dev/zram0 partition 8388604 1023 100\n"); /* too little to speak of */
	tree_file(t, "/sys/block/zram0/mm_stat", "0 0 40960 0 81920 3 0 2 5\n");
	table = tree_table(t, "swaps");
	ok(!table->note);
}

static void swaps_zswap(struct tree *t)
{
	struct mml_table *table;

	tree_file(t, "/proc/meminfo",
		  "MemTotal: 1000000 kB\nZswap: 1000 kB\nZswapped: 3500 kB\n");
	tree_file(t, "/sys/module/zswap/parameters/enabled", "N\n");
	tree_file(t, "/sys/module/zswap/parameters/max_pool_percent", "20\n");
	tree_file(t, "/sys/module/zswap/parameters/compressor", "zstd\n");
	table = tree_table(t, "swaps");
	ok(table->nrows == 3);
	is_cell_str(table, 2, "name", "zswap");
	is_cell_u64(table, 2, "used", 3500 * 1024);
	is_cell_u64(table, 2, "size", UINT64_C(200000) * 1024);
	is_cell_f64(table, 2, "usage", 0.5);
	is_cell_f64(table, 2, "ratio", 3.5);
	is_cell_str(table, 2, "algorithm", "zstd");
	/* Off and empty is no swap. */
	tree_file(t, "/proc/meminfo", "MemTotal: 1000000 kB\nZswap: 0 kB\nZswapped: 0 kB\n");
	ok(tree_table(t, "swaps")->nrows == 2);
	tree_file(t, "/sys/module/zswap/parameters/enabled", "Y\n");
	ok(tree_table(t, "swaps")->nrows == 3);
}

static void swaps_bad(struct tree *t)
{
	static const char *const bad[] = {
		"/dev/sda1 partition 100 0\n",
		"/dev/sda1 partition 100 0 -2 more\n",
		"/dev/sda1 partition 100 x -2\n",
		"/dev/sda1 partition 18446744073709551615 0 -2\n",
		"/dev/sda1 partition -1 0 -2\n",
		"/dev/sda1",
	};
	struct mml_table *table;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		tree_file(t, "/proc/swaps", bad[i]);
		table = tree_table(t, "swaps");
		tap_ok(table->error == -EBADMSG, "refused: %.*s", (int)strcspn(bad[i], "\n"), bad[i]);
	}
	/* More used than there is: the numbers stay, what they would give does not. */
	tree_file(t, "/proc/swaps", "Filename Type Size Used Priority\r\n/dev/sda1 partition 1 2 -2\r\n");
	table = tree_table(t, "swaps");
	ok(!table->error);
	is_cell_u64(table, 0, "used", 2048);
	is_cell_absent(table, 0, "free");
	/* A mm_stat cut short gives what it has. */
	tree_file(t, "/proc/swaps", "/dev/zram0 partition 100 0 -2\n");
	tree_file(t, "/sys/block/zram0/mm_stat", "1 2");
	table = tree_table(t, "swaps");
	is_cell_u64(table, 0, "compressed", 2);
	is_cell_absent(table, 0, "memory");
	is_cell_absent(table, 0, "ratio");
	/* A name cannot lead out of /sys/block. */
	tree_file(t, "/proc/swaps", "/dev/zram/../../x partition 100 0 -2\n");
	table = tree_table(t, "swaps");
	is_cell_absent(table, 0, "stored");
}

int main(void)
{
	struct tree t;

	tree_new(&t);
	tree_file(&t, memory, "");
	if (!tree_table(&t, "psi")) {
		tap_skip("trees need openat2(), Linux 5.6");
		tree_free(&t);
		return tap_done();
	}
	psi_good(&t);
	psi_bad(&t);
	psi_absent();
	psi_rate(&t);
	swaps_good(&t);
	swaps_zswap(&t);
	swaps_bad(&t);
	swaps_read_back(&t);
	tree_free(&t);
	return tap_done();
}
