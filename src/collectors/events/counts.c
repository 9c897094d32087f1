/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int mml_counts_rows(const struct mml_counts_table *of, struct mml_span bytes,
		    const struct mml_query *query, struct mml_table *table)
{
	size_t n, size = sizeof(struct mml_sum_owner) + of->size, stored = of->size;
	struct mml_trace_head head;
	char *sums;
	int rc = mml_trace_check(bytes.p, mml_span_len(bytes), of->kind, &head);

	if (!rc && of->size_before && !(head.flags & of->grown))
		stored = of->size_before;
	if (!rc)
		rc = mml_trace_counts(bytes.p, mml_span_len(bytes), of->kind, of->size, stored,
				      &head, &sums, &n);

	if (rc)
		return rc;
	for (size_t i = 0; i < n && !rc; i++) {
		const struct mml_sum_owner *owner = (const void *)(sums + i * size);

		if (mml_scope_wants(&query->scope, owner->pid))
			rc = of->add(table, owner, owner + 1, &head);
	}
	free(sums);
	if (of->explain)
		of->explain(table, &head);
	mml_observe_note(table, &head, of->events);
	return rc;
}

void mml_counts_begin(const struct mml_counts_table *of, struct mml_take *take,
		      const struct mml_query *query)
{
	bool started;

	if (mml_root_live(take->root))
		mml_observe_begin(query, query->reading.state, of->kind, NULL, &started);
}

int mml_counts_collect(const struct mml_counts_table *of, struct mml_take *take,
		       const struct mml_query *query, struct mml_table *table)
{
	struct mml_span bytes;
	int rc = mml_observe(take, query, of->kind, of->path, table, &bytes);

	if (rc)
		return rc;
	rc = mml_counts_rows(of, bytes, query, table);
	return rc && !table->error ? mml_observe_bad(table, of->path, rc) : table->error;
}

int mml_counts_probe(const struct mml_counts_table *of, struct mml_root *root,
		     struct mml_absence *ret)
{
	return mml_observe_probe(root, of->kind, of->path, ret);
}

const char *mml_counts_comm(struct mml_table *table, const struct mml_sum_owner *owner)
{
	return mml_arena_strndup(table->arena, owner->comm, strlen(owner->comm));
}

void mml_counts_set_rate(struct mml_row *row, unsigned col, uint64_t count,
			 const struct mml_trace_head *head)
{
	if (!head->reads && head->traced_ns)
		mml_set_f64(row, col, (double)count * 1e9 / (double)head->traced_ns);
}
