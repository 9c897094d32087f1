/* What is made of the bytes that the programs for swap and for the LRU lists hand over.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include "../../src/bpf/lru.h"
#include "../../src/bpf/swapping.h"

static struct mml_trace_head head = {
	.magic = MML_TRACE_MAGIC,
	.order = MML_TRACE_ORDER,
	.version = MML_TRACE_VERSION,
	.kind = MML_TRACE_SWAPPING,
	.page_size = 4096,
	.traced_ns = UINT64_C(2000000000),
};

static const struct mml_swapping_row rows[] = {
	{ .owner = { .comm = "vmstat" }, .counts = { .in = 40, .out = 300 } },
	{ .owner = { .tgid = 7, .start = 100, .comm = "worker" },
	  .counts = { .in = 10, .out = 100, .by_itself = 20, .by_kswapd = 70, .released = 3 } },
	/* another thread of it */
	{ .owner = { .tgid = 7, .start = 100, .comm = "worker" }, .counts = { .in = 20 } },
	{ .owner = { .tgid = 8, .start = 150, .comm = "idle" } },
	{ .owner = { .tgid = 38, .start = 5, .comm = "kswapd0" }, .counts = { .evicted = 70 } },
	/* It had ended. What was counted while it was read makes parts larger than the whole. */
	{ .owner = { .tgid = 9, .start = 200, .comm = "gone" },
	  .counts = { .out = 5, .by_itself = 6, .evicted = 1 } },
};

enum { ROWS = sizeof(rows) / sizeof(*rows) };

static void save(struct tree *tree)
{
	struct {
		struct mml_trace_head head;
		struct mml_swapping_row rows[ROWS];
	} bytes;

	head.living = ROWS - 1;
	head.dead = 1;
	head.length = sizeof(rows);
	bytes.head = head;
	memcpy(bytes.rows, rows, sizeof(rows));
	tree_bytes(tree, "/mmlens/swapping", (const char *)&bytes, sizeof(bytes));
}

static size_t row_of(const struct mml_table *t, uint64_t pid)
{
	size_t i = 0;

	while (i < t->nrows && tree_u64(t, i, "pid") != pid)
		i++;
	return i;
}

static void save_lru(struct tree *tree, __u32 kind)
{
	struct {
		struct mml_trace_head head;
		struct mml_lru_row rows[2];
	} bytes = { .rows = {
		{ .node = 1, .kind = MML_LRU_FILE,
		  .counts = { .inserted = 100, .activated = 20, .deactivated = 10 },
		  .refaulted = 40, .back = 8 },
		{ .node = 1, .kind = kind, .counts = { .inserted = 3 } },
	} };

	head.kind = MML_TRACE_LRU;
	head.living = 2;
	head.dead = 0;
	head.length = sizeof(bytes.rows);
	bytes.head = head;
	tree_bytes(tree, "/mmlens/lru", (const char *)&bytes, sizeof(bytes));
}

static void test_lru(void)
{
	struct mml_table *t;
	struct tree tree;

	tree_new(&tree);
	tree_file(&tree, "/mmlens/host",
		  "kernel=6.12.1\nmachine=x86_64\npage_size=4096\nclock_ticks=100\nnodes=1\n");
	save_lru(&tree, MML_LRU_UNEVICTABLE);
	t = tree_table(&tree, "lru");
	ok(!t->error);
	is_u64(t->nrows, 2);
	is_cell_u64(t, 0, "node", 1);
	is_cell_str(t, 0, "kind", "file");
	is_cell_u64(t, 0, "inserted", 100 * 4096);
	is_cell_f64(t, 0, "inserted_rate", 50 * 4096);
	is_cell_u64(t, 0, "activated", 20 * 4096);
	is_cell_u64(t, 0, "deactivated", 10 * 4096);
	is_cell_u64(t, 0, "refaulted", 40 * 4096);
	is_cell_u64(t, 0, "too_early", 8 * 4096);
	is_cell_str(t, 1, "kind", "unevictable");
	is_cell_u64(t, 1, "inserted", 3 * 4096);
	is_cell_absent(t, 1, "activated");
	is_cell_absent(t, 1, "refaulted");
	save_lru(&tree, MML_LRU_KINDS); /* there is no such kind */
	t = tree_table(&tree, "lru");
	ok(t->error);
	tree_free(&tree);
}

int main(void)
{
	struct mml_table *t;
	struct tree tree;
	size_t i;

	tree_new(&tree);
	tree_file(&tree, "/mmlens/host",
		  "kernel=6.12.1\nmachine=x86_64\npage_size=4096\nclock_ticks=100\nnodes=1\n");
	save(&tree);
	t = tree_table(&tree, "swapping");
	ok(!t->error);
	is_u64(t->nrows, 4); /* of "idle" there is nothing to say */
	i = row_of(t, 0); /* the machine */
	is_cell_u64(t, i, "in", 40 * 4096);
	is_cell_u64(t, i, "out", 300 * 4096);
	is_cell_f64(t, i, "out_rate", 150 * 4096);
	is_cell_absent(t, i, "by");
	is_cell_absent(t, i, "released");
	ok(!mml_table_row(t, i)->part);
	i = row_of(t, 7);
	is_cell_str(t, i, "comm", "worker");
	is_cell_u64(t, i, "in", 30 * 4096);
	is_cell_f64(t, i, "in_rate", 15 * 4096);
	is_cell_u64(t, i, "out", 100 * 4096);
	is_cell_u64(t, i, "by_kswapd", 70 * 4096);
	is_cell_u64(t, i, "by_itself", 20 * 4096);
	is_cell_u64(t, i, "by_others", 10 * 4096);
	is_cell_str(t, i, "by", "kswapd");
	is_cell_u64(t, i, "released", 3 * 4096);
	is_cell_u64(t, i, "evicted", 0);
	ok(mml_table_row(t, i)->part); /* of the machine, so that sums have it once */
	i = row_of(t, 38);
	is_cell_str(t, i, "by", "nobody");
	is_cell_u64(t, i, "evicted", 70 * 4096);
	i = row_of(t, 9);
	is_cell_str(t, i, "by", "itself");
	is_cell_u64(t, i, "by_others", 0);
	ok(tree_cell(t, i, "ended")->b);
	/* What cannot be is refused. */
	head.kind = MML_TRACE_RECLAIM;
	save(&tree);
	t = tree_table(&tree, "swapping");
	ok(t->error);
	tree_free(&tree);
	test_lru();
	return tap_done();
}
