/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"
#include "../../core/trouble.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A row and the name of its group. */
struct member {
	const char *name;
	struct mml_row *row;
};

static const char *str_or(const struct mml_row *row, unsigned col, const char *other)
{
	return mml_has(row, col) ? row->cell[col].str : other;
}

static const char *group_name(const struct mml_row *row, const char *by)
{
	if (!strcmp(by, "user"))
		return str_or(row, PROCESSES_user, "(unknown)");
	if (!strcmp(by, "cgroup"))
		return str_or(row, PROCESSES_cgroup, "(none)");
	if (!strcmp(by, "unit"))
		return str_or(row, PROCESSES_unit, str_or(row, PROCESSES_container, "(no unit)"));
	if (!strcmp(by, "container"))
		return str_or(row, PROCESSES_container, "(no container)");
	if (mml_has(row, PROCESSES_kthread) && row->cell[PROCESSES_kthread].b)
		return "(kernel threads)";
	return str_or(row, PROCESSES_comm, "(unknown)");
}

static int member_order(const void *a, const void *b)
{
	return strcmp(((const struct member *)a)->name, ((const struct member *)b)->name);
}

static bool summed(const struct mml_column *col)
{
	return col->type == MML_U64 && col->of < 0 && col->kind != MML_KEY &&
	       col->kind != MML_LABEL && (col->unit == MML_BYTES || col->unit == MML_COUNT);
}

static void add_age(struct mml_row *sum, const struct mml_row *row)
{
	if (mml_has(row, PROCESSES_age) &&
	    (!mml_has(sum, PROCESSES_age) || row->cell[PROCESSES_age].u64 > sum->cell[PROCESSES_age].u64))
		mml_set_u64(sum, PROCESSES_age, row->cell[PROCESSES_age].u64);
}

static void add_cell(struct mml_row *sum, const struct mml_row *row, unsigned col)
{
	uint64_t v = row->cell[col].u64;

	if (mml_has(sum, col) && __builtin_add_overflow(v, sum->cell[col].u64, &v))
		v = UINT64_MAX;
	mml_set_u64(sum, col, v);
}

/*
 * If a process would not tell a value, or was not asked yet, the sum lacks it and is a lower bound.
 * A row without an address space has nothing to add.
 */
static void sum_group(const struct mml_schema *schema, struct mml_row *sum,
		      const struct member *members, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (unsigned c = 0; c < schema->ncolumns; c++)
			if (summed(&schema->columns[c]) && mml_has(members[i].row, c))
				add_cell(sum, members[i].row, c);
		add_age(sum, members[i].row);
	}
	for (unsigned c = 0; c < schema->ncolumns; c++) {
		if (schema->columns[c].unit != MML_BYTES || !mml_has(sum, c))
			continue;
		for (size_t i = 0; i < n; i++)
			if (mml_has(members[i].row, PROCESSES_vsize) && !mml_has(members[i].row, c))
				mml_set_at_least(sum, c);
	}
	mml_set_str(sum, PROCESSES_group, members->name);
	mml_set_u64(sum, PROCESSES_processes, n);
}

/* Only the rows from FIRST on stay. */
static int keep_from(struct mml_table *table, size_t first)
{
	bool *keep = mml_calloc(table->nrows + 1, sizeof(*keep));

	if (!keep)
		return -ENOMEM;
	for (size_t i = first; i < table->nrows; i++)
		keep[i] = true;
	mml_table_keep(table, 0, keep);
	free(keep);
	return 0;
}

int mml_process_group(struct mml_table *table, const char *by)
{
	size_t n = table->nrows, end;
	struct member *members = mml_calloc(n + 1, sizeof(*members));
	int rc = 0;

	if (!members)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		members[i].row = mml_table_row(table, i);
		members[i].name = group_name(members[i].row, by);
	}
	qsort(members, n, sizeof(*members), member_order);
	for (size_t i = 0; i < n && !rc; i = end) {
		struct mml_row *sum = mml_table_add(table);

		for (end = i + 1; end < n && !strcmp(members[i].name, members[end].name);)
			end++;
		if (sum)
			sum_group(table->schema, sum, &members[i], end - i);
		else
			rc = -ENOMEM;
	}
	free(members);
	return rc ? rc : keep_from(table, n);
}

/* A process among its relatives, which are row numbers. NOBODY ends a list. */
struct relative {
	uint32_t parent, child, last, sibling;
	uint32_t depth, below;
	bool done;
};

static const uint32_t nobody = UINT32_MAX;

/* Rows are in the order of their pids. */
static uint32_t find_pid(const struct mml_table *table, uint64_t pid)
{
	size_t low = 0, high = table->nrows;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (mml_table_row(table, mid)->cell[PROCESSES_pid].u64 < pid)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < table->nrows && mml_table_row(table, low)->cell[PROCESSES_pid].u64 == pid)
		return (uint32_t)low;
	return nobody;
}

static void relate(const struct mml_table *table, struct relative *all)
{
	for (uint32_t i = 0; i < table->nrows; i++)
		all[i] = (struct relative){ nobody, nobody, nobody, nobody, 0, 1, false };
	for (uint32_t i = 0; i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);
		uint32_t parent = mml_has(row, PROCESSES_ppid) ?
					  find_pid(table, row->cell[PROCESSES_ppid].u64) :
					  nobody;

		/* A parent is older than its child. If not, the tree was edited, or processes were
		 * read at different moments, and there could be a circle. */
		if (parent == i || parent == nobody ||
		    (mml_has(row, PROCESSES_started) &&
		     mml_table_row(table, parent)->cell[PROCESSES_started].u64 >
			     row->cell[PROCESSES_started].u64))
			continue;
		all[i].parent = parent;
		if (all[parent].child == nobody)
			all[parent].child = i;
		else
			all[all[parent].last].sibling = i;
		all[parent].last = i;
	}
}

/* Appends TOP and the rows below it to ORDER, parents first. */
static uint32_t walk(struct relative *all, uint32_t top, uint32_t *order, uint32_t n)
{
	uint32_t at = top, begun = n;

	while (at != nobody) {
		if (!all[at].done) {
			all[at].done = true;
			order[n++] = at;
			if (all[at].child != nobody && !all[all[at].child].done) {
				all[all[at].child].depth = all[at].depth + 1;
				at = all[at].child;
				continue;
			}
		}
		if (at == top)
			break;
		if (all[at].sibling != nobody && !all[all[at].sibling].done) {
			all[all[at].sibling].depth = all[at].depth;
			at = all[at].sibling;
		} else {
			at = all[at].parent;
		}
	}
	for (uint32_t i = n; i-- > begun + 1;)
		all[all[order[i]].parent].below += all[order[i]].below;
	return n;
}

static void set_relation(struct mml_table *table, struct mml_row *row, const struct relative *r)
{
	enum { DEEPEST = 64 };
	int indent = (int)(r->depth < DEEPEST ? r->depth : DEEPEST) * 2;

	mml_set_u64(row, PROCESSES_depth, r->depth);
	mml_set_u64(row, PROCESSES_processes, r->below);
	if (mml_has(row, PROCESSES_comm))
		mml_set_str(row, PROCESSES_tree,
			    mml_arena_printf(table->arena, "%*s%s", indent, "",
					     row->cell[PROCESSES_comm].str));
}

int mml_process_tree(struct mml_table *table)
{
	uint32_t n = (uint32_t)table->nrows, done = 0;
	struct relative *all = mml_calloc(n + 1, sizeof(*all));
	uint32_t *order = mml_calloc(n + 1, sizeof(*order));
	size_t size = sizeof(struct mml_row) + PROCESSES_NCOLUMNS * sizeof(union mml_value);
	int rc = all && order ? 0 : -ENOMEM;

	if (rc)
		goto out;
	relate(table, all);
	for (uint32_t i = 0; i < n; i++)
		if (all[i].parent == nobody)
			done = walk(all, i, order, done);
	for (uint32_t i = 0; i < n; i++) /* what is left are circles */
		if (!all[i].done) {
			all[i].parent = nobody;
			done = walk(all, i, order, done);
		}
	for (uint32_t i = 0; i < done; i++) {
		struct mml_row *row = mml_table_add(table);

		if (!row) {
			rc = -ENOMEM;
			goto out;
		}
		memcpy(row, mml_table_row(table, order[i]), size);
		set_relation(table, row, &all[order[i]]);
	}
	rc = keep_from(table, n);
out:
	free(order);
	free(all);
	return rc;
}
