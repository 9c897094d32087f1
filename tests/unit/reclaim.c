/* What is made of the bytes that the programs for reclaim and migrations hand over.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include "../../src/bpf/migrations.h"
#include "../../src/bpf/reclaim.h"

static struct mml_trace_head head = {
	.magic = MML_TRACE_MAGIC,
	.order = MML_TRACE_ORDER,
	.version = MML_TRACE_VERSION,
	.kind = MML_TRACE_RECLAIM,
	.page_size = 4096,
	.traced_ns = UINT64_C(2000000000),
};

static void save(struct tree *tree, const struct mml_reclaim_row *rows, size_t living, size_t dead)
{
	struct {
		struct mml_trace_head head;
		struct mml_reclaim_row rows[4];
	} bytes;

	head.living = living;
	head.dead = dead;
	head.length = (living + dead) * sizeof(*rows);
	bytes.head = head;
	memcpy(bytes.rows, rows, (living + dead) * sizeof(*rows));
	tree_bytes(tree, "/mmlens/reclaim", (const char *)&bytes, sizeof(head) + head.length);
}

static size_t row(const struct mml_table *t, uint64_t pid, const char *kind)
{
	size_t i = 0;

	while (i < t->nrows &&
	       (tree_u64(t, i, "pid") != pid || strcmp(tree_str(t, i, "kind"), kind)))
		i++;
	return i;
}

static void test_migrations(void)
{
	struct {
		struct mml_trace_head head;
		struct mml_migrations_row row;
	} bytes = { .row.owner = { .tgid = 5, .start = 100, .comm = "kcompactd0" } };
	struct mml_migrations_reason *reasons = bytes.row.counts.reasons;
	struct mml_table *t;
	struct tree tree;

	reasons[0] = (struct mml_migrations_reason){ .calls = 2, .pages = 60, .failed = 4 };
	reasons[8] = (struct mml_migrations_reason){ .calls = 1, .pages = 32 };
	reasons[15] = (struct mml_migrations_reason){ .calls = 1, .failed = 1 };
	head.kind = MML_TRACE_MIGRATIONS;
	head.living = 1;
	head.dead = 0;
	head.length = sizeof(bytes.row);
	bytes.head = head;
	tree_new(&tree);
	tree_file(&tree, "/mmlens/host",
		  "kernel=6.12.1\nmachine=x86_64\npage_size=4096\nclock_ticks=100\nnodes=1\n");
	tree_bytes(&tree, "/mmlens/migrations", (const char *)&bytes, sizeof(bytes));
	t = tree_table(&tree, "migrations");
	ok(!t->error);
	is_u64(t->nrows, 3);
	is_cell_str(t, 0, "reason", "compaction");
	is_cell_u64(t, 0, "pages", 60);
	is_cell_u64(t, 0, "failed", 4);
	is_cell_u64(t, 0, "calls", 2);
	is_cell_f64(t, 0, "rate", 30.0);
	is_cell_str(t, 1, "reason", "demotion");
	is_cell_str(t, 2, "reason", "reason 15");
	is_cell_u64(t, 2, "pages", 0);
	tree_free(&tree);
}

int main(void)
{
	struct mml_reclaim_row rows[3] = {
		{ .owner = { .tgid = 7, .start = 100, .comm = "worker" } },
		{ .owner = { .tgid = 7, .start = 100, .comm = "worker" } },
		{ .owner = { .tgid = 9, .start = 200, .comm = "gone" } },
	};
	struct mml_reclaim_sum *direct = &rows[0].counts.kinds[MML_RECLAIM_DIRECT];
	struct mml_reclaim_sum *other = &rows[1].counts.kinds[MML_RECLAIM_DIRECT];
	struct mml_reclaim_sum *compact = &rows[2].counts.kinds[MML_RECLAIM_COMPACT];
	struct mml_table *t;
	struct tree tree;
	size_t i;

	*direct = (struct mml_reclaim_sum){ .count = 3, .ns = 9000, .pages = 96, .large = 1 };
	direct->times[0] = 2; /* below 2 us */
	direct->times[2] = 1; /* 4 to 8 us */
	*other = (struct mml_reclaim_sum){ .count = 1, .ns = 3000, .pages = 32, .unpaired = 1 };
	other->times[1] = 1;
	*compact = (struct mml_reclaim_sum){ .count = 2, .ns = 5000000, .large = 2 };
	compact->times[11] = 2;
	tree_new(&tree);
	tree_file(&tree, "/mmlens/host",
		  "kernel=6.12.1\nmachine=x86_64\npage_size=4096\nclock_ticks=100\nnodes=1\n");
	save(&tree, rows, 2, 1);
	t = tree_table(&tree, "reclaim");
	ok(!t->error);
	is_u64(t->nrows, 2);
	i = row(t, 7, "direct"); /* the two threads of a process are one row */
	is_cell_str(t, i, "comm", "worker");
	is_cell_u64(t, i, "count", 4);
	is_cell_u64(t, i, "time", 12000);
	is_cell_u64(t, i, "mean", 3000);
	is_cell_u64(t, i, "max_time", 8000);
	is_cell_u64(t, i, "pages", 128);
	is_cell_u64(t, i, "large", 1);
	is_cell_u64(t, i, "unpaired", 1);
	is_cell_f64(t, i, "rate", 2.0);
	i = row(t, 9, "compact");
	is_cell_u64(t, i, "count", 2);
	is_cell_u64(t, i, "max_time", 4096000);
	is_cell_absent(t, i, "pages");
	ok(tree_cell(t, i, "ended")->b);
	/* What cannot be is refused. */
	head.kind = MML_TRACE_TLB;
	save(&tree, rows, 2, 1);
	t = tree_table(&tree, "reclaim");
	ok(t->error);
	tree_free(&tree);
	test_migrations();
	return tap_done();
}
