/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmas.h"
#include "../../core/trouble.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The merged rows, in a hash table by the address of their interned names. */
struct groups {
	struct mml_row **slots;
	size_t nslots;
	uint64_t *last_pid; /* for the row of each slot: the process that was counted last */
};

static size_t slot_of(const struct groups *g, const char *name)
{
	size_t at = (size_t)((uintptr_t)name * UINT64_C(0x9e3779b97f4a7c15) >> 20) &
		    (g->nslots - 1);

	while (g->slots[at] && g->slots[at]->cell[VMAS_name].str != name)
		at = (at + 1) & (g->nslots - 1);
	return at;
}

/* A mapping without a name is named after its kind: [anon], [reserve]. */
static const char *group_name(struct mml_row *row, struct mml_intern *strings)
{
	char text[32];

	if (mml_has(row, VMAS_name))
		return row->cell[VMAS_name].str;
	snprintf(text, sizeof(text), "[%s]", row->cell[VMAS_kind].str);
	return mml_intern(strings, mml_span_str(text));
}

static bool same_value(const struct mml_column *col, unsigned i, const struct mml_row *a,
		       const struct mml_row *b)
{
	if (col->type == MML_STR)
		return a->cell[i].str == b->cell[i].str ||
		       !strcmp(a->cell[i].str, b->cell[i].str);
	return a->cell[i].u64 == b->cell[i].u64;
}

static bool adds_up(const struct mml_column *col, unsigned i)
{
	return col->type == MML_U64 && (col->kind == MML_GAUGE || col->kind == MML_DERIVED) &&
	       i != VMAS_numa_map_max;
}

/* Levels are added up. What describes a mapping stays only if all of them agree. */
static void add_to(struct mml_row *sum, const struct mml_row *row, const struct mml_schema *schema)
{
	for (unsigned i = 0; i < schema->ncolumns; i++) {
		const struct mml_column *col = &schema->columns[i];

		if (i == VMAS_name || i == VMAS_processes)
			continue;
		if (i == VMAS_numa_map_max && mml_has(row, i)) {
			if (!mml_has(sum, i) || sum->cell[i].u64 < row->cell[i].u64)
				mml_set_u64(sum, i, row->cell[i].u64);
		} else if (adds_up(col, i)) {
			if (mml_has(row, i))
				mml_set_u64(sum, i,
					    (mml_has(sum, i) ? sum->cell[i].u64 : 0) +
						    row->cell[i].u64);
		} else if (mml_has(sum, i) &&
			   (!mml_has(row, i) || !same_value(col, i, sum, row))) {
			mml_unset(sum, i);
		}
	}
}

/* Adds a row's nodes, such as "N0=4096 N1=8192", to SUMS, an array by node. */
static size_t add_nodes(const struct mml_row *row, uint64_t **sums, size_t n)
{
	struct mml_span rest = mml_span_str(row->cell[VMAS_nodes].str);
	uint64_t node, bytes;

	while (mml_numa_map_node(&rest, &node, &bytes)) {
		if (node >= 65536)
			continue;
		if (node >= n) {
			uint64_t *more = mml_realloc(*sums, node + 1, sizeof(*more));

			if (!more)
				continue;
			memset(more + n, 0, (node + 1 - n) * sizeof(*more));
			*sums = more;
			n = node + 1;
		}
		(*sums)[node] += bytes;
	}
	return n;
}

static void merge_nodes(struct mml_row *sum, const struct mml_row *row, struct mml_intern *strings)
{
	struct mml_buf text = { 0 };
	uint64_t *sums = NULL;
	size_t n = 0;

	if (!mml_has(row, VMAS_nodes))
		return;
	n = add_nodes(row, &sums, n);
	if (mml_has(sum, VMAS_nodes))
		n = add_nodes(sum, &sums, n);
	for (size_t i = 0; i < n; i++)
		if (sums[i])
			mml_buf_printf(&text, "%sN%zu=%" PRIu64, text.len ? " " : "", i, sums[i]);
	if (text.len)
		mml_set_str(sum, VMAS_nodes, mml_intern(strings, mml_span_str(text.data)));
	mml_buf_free(&text);
	free(sums);
}

/* The share of the sum, which is not the sum of the shares. */
static void set_share(struct mml_row *row)
{
	struct mml_span rest;
	uint64_t node, bytes, all = 0;

	mml_unset(row, VMAS_remote_share);
	if (!mml_has(row, VMAS_nodes) || !mml_has(row, VMAS_remote))
		return;
	rest = mml_span_str(row->cell[VMAS_nodes].str);
	while (mml_numa_map_node(&rest, &node, &bytes))
		all += bytes;
	if (all)
		mml_set_f64(row, VMAS_remote_share,
			    (double)row->cell[VMAS_remote].u64 * 100 / (double)all);
}

static void merge_row(struct groups *g, size_t at, struct mml_row *row,
		      const struct mml_schema *schema, struct mml_intern *strings)
{
	struct mml_row *sum = g->slots[at];
	uint64_t pid = row->cell[VMAS_pid].u64;
	const char *nodes = mml_has(sum, VMAS_nodes) ? sum->cell[VMAS_nodes].str : NULL;

	add_to(sum, row, schema);
	if (nodes)
		mml_set_str(sum, VMAS_nodes, nodes);
	merge_nodes(sum, row, strings);
	if (g->last_pid[at] != pid)
		sum->cell[VMAS_processes].u64++;
	g->last_pid[at] = pid;
}

int mml_vmas_merge(struct mml_table *table, struct mml_intern *strings)
{
	struct groups g = { .nslots = 64 };
	size_t row_size = sizeof(struct mml_row) + table->schema->ncolumns * sizeof(union mml_value);
	size_t kept = 0, rows = table->nrows;
	int rc = -ENOMEM;

	while (g.nslots < rows * 2)
		g.nslots *= 2;
	g.slots = mml_calloc(g.nslots, sizeof(*g.slots));
	g.last_pid = mml_calloc(g.nslots, sizeof(*g.last_pid));
	if (!g.slots || !g.last_pid)
		goto out;
	for (size_t i = 0; i < rows; i++) {
		struct mml_row *row = mml_table_row(table, i), *to;
		const char *name = group_name(row, strings);
		size_t at;

		if (!name)
			goto out;
		at = slot_of(&g, name);
		if (g.slots[at]) {
			merge_row(&g, at, row, table->schema, strings);
			continue;
		}
		/* The first row of a name becomes the sum, and is moved to the front. */
		to = mml_table_row(table, kept++);
		if (to != row)
			memcpy(to, row, row_size);
		mml_set_str(to, VMAS_name, name);
		mml_unset(to, VMAS_start);
		mml_unset(to, VMAS_end);
		mml_unset(to, VMAS_offset);
		g.slots[at] = to;
		g.last_pid[at] = to->cell[VMAS_pid].u64;
	}
	while (table->nrows > kept)
		mml_table_drop(table);
	for (size_t i = 0; i < kept; i++)
		set_share(mml_table_row(table, i));
	rc = 0;
out:
	free(g.slots);
	free(g.last_pid);
	return rc;
}
