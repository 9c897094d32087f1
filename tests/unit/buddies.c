/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free blocks and their buddies, of frames whose flags are known. */
#include "tree.h"

enum { FRAMES = 32, BUDDY = 1 << 10, NOPAGE = 1 << 20 };

static const char zoneinfo[] = "Node 0, zone      DMA\n  pages free     9\n        min      1\n        spanned  16\n"
			       "        present  16\n        managed  16\n  start_pfn:           0\n"
			       "Node 0, zone   Normal\n  pages free     1\n        min      1\n        spanned  16\n"
			       "        present  15\n        managed  15\n  start_pfn:           16\n";

struct expected {
	uint64_t frame, order, buddy, free;
	const char *zone, *state;
};

static const struct expected blocks[] = {
	{ 0, 2, 0, 0, "DMA", NULL },	   /* the largest there are: no buddy */
	{ 4, 1, 6, 1, "DMA", "part-free" },
	{ 7, 0, 6, 0, "DMA", "in-use" },
	{ 9, 0, 8, 0, "DMA", "in-use" },
	{ 15, 0, 14, 0, "DMA", "in-use" }, /* and 16 is of another zone */
	{ 16, 0, 17, 0, "Normal", "no-memory" },
};

static const struct mml_table *table_of(struct tree *t, uint64_t start, uint64_t end)
{
	struct mml_query query = { .collector = mml_collector_find("buddies"),
				   .reading.needs = ~0U,
				   .reading.cancel_fd = -1 };

	mml_scope_set_range(&query.scope, start, end);
	mml_snapshot_put(t->snap);
	t->snap = NULL;
	if ((!t->root && mml_root_open(t->dir, &t->root)) || mml_snapshot_take(t->root, &query, 1, &t->snap))
		return NULL;
	return t->snap->tables[0];
}

static void is_block(const struct mml_table *table, size_t i, const struct expected *want)
{
	const struct mml_row *row = mml_table_row(table, i);
	uint64_t value = 0;

	ok(mml_look_u64(table, row, "frame", &value) && value == want->frame);
	ok(mml_look_u64(table, row, "order", &value) && value == want->order);
	is_str(mml_look_str(table, row, "zone"), want->zone);
	if (!want->state) {
		ok(!mml_look_str(table, row, "buddy_state") && !mml_look_u64(table, row, "buddy", &value));
		return;
	}
	is_str(mml_look_str(table, row, "buddy_state"), want->state);
	ok(mml_look_u64(table, row, "buddy", &value) && value == want->buddy);
	ok(mml_look_u64(table, row, "buddy_free", &value) && value == want->free);
}

int main(void)
{
	static const unsigned free_ones[] = { 0, 1, 2, 3, 4, 5, 7, 9, 15, 16 };
	const size_t n = sizeof(blocks) / sizeof(*blocks);
	const struct mml_table *table;
	uint64_t words[FRAMES];
	struct tree t;

	for (unsigned i = 0; i < FRAMES; i++)
		words[i] = 1 << 5;
	for (size_t i = 0; i < sizeof(free_ones) / sizeof(*free_ones); i++)
		words[free_ones[i]] = BUDDY;
	words[17] = NOPAGE;
	tree_new(&t);
	tree_file(&t, "/mmlens/host", "machine=x86_64\npage_size=4096\n");
	tree_file(&t, "/proc/zoneinfo", zoneinfo);
	tree_file(&t, "/proc/buddyinfo", "Node 0, zone      DMA      3      1      1\n");
	tree_bytes(&t, "/proc/kpageflags", (const char *)words, sizeof(words));
	table = table_of(&t, 0, UINT64_MAX);
	ok(table && !table->error && table->nrows == n);
	for (size_t i = 0; table && table->nrows == n && i < n; i++)
		is_block(table, i, &blocks[i]);
	/* A part of it: buddies that lie outside are looked at as well. */
	table = table_of(&t, 7 * 4096, 9 * 4096 + 1);
	ok(table && table->nrows == 2);
	if (table && table->nrows == 2) {
		is_block(table, 0, &blocks[2]);
		is_block(table, 1, &blocks[3]);
	}
	table = table_of(&t, UINT64_MAX - 8192, UINT64_MAX);
	ok(table && !table->error && !table->nrows);
	tree_free(&t);
	return tap_done();
}
