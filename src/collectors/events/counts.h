/* Tables of what BPF programs count by process: bytes, live or saved, made into rows. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "observe.h"
#include "trace.h"

/* What differs between them. */
struct mml_counts_table {
	enum mml_trace_kind kind;
	const char *path;   /* where a capture keeps the bytes */
	const char *events; /* what is counted, for the note on those that found no room */
	size_t size;        /* of a process's counts, which are all 64-bit numbers */
	/* Add the rows of one process to TABLE: 0 or -ENOMEM. */
	int (*add)(struct mml_table *table, const struct mml_sum_owner *owner, const void *counts,
		   const struct mml_trace_head *head);
	/* Say why cells are absent; or NULL. */
	void (*explain)(struct mml_table *table, const struct mml_trace_head *head);
};

/* Add to TABLE the rows of the processes that QUERY asks about: 0, or an error of mml_trace_counts(). */
int mml_counts_rows(const struct mml_counts_table *of, struct mml_span bytes,
		    const struct mml_query *query, struct mml_table *table);

/* A collector's begin, collect and its source's probe. */
void mml_counts_begin(const struct mml_counts_table *of, struct mml_take *take,
		      const struct mml_query *query);
int mml_counts_collect(const struct mml_counts_table *of, struct mml_take *take,
		       const struct mml_query *query, struct mml_table *table);
int mml_counts_probe(const struct mml_counts_table *of, struct mml_root *root,
		     struct mml_absence *ret);

/* The same as functions begin(), collect() and probe() of the file that has struct mml_counts_table OF. */
#define MML_COUNTS_FUNCTIONS(of)                                                            \
	static void begin(struct mml_take *take, const struct mml_query *query)             \
	{                                                                                   \
		mml_counts_begin(&(of), take, query);                                       \
	}                                                                                   \
	static int collect(struct mml_take *take, const struct mml_query *query,            \
			   struct mml_table *ret)                                           \
	{                                                                                   \
		return mml_counts_collect(&(of), take, query, ret);                         \
	}                                                                                   \
	static int probe(struct mml_root *root, struct mml_absence *ret)                    \
	{                                                                                   \
		return mml_counts_probe(&(of), root, ret);                                  \
	}

/* The comm of OWNER in the table's arena, or NULL when out of memory. */
const char *mml_counts_comm(struct mml_table *table, const struct mml_sum_owner *owner);

/* COUNT as a rate over the time it was counted, for cell COL: of the first sample alone, since later
 * ones have the sampler's. */
void mml_counts_set_rate(struct mml_row *row, unsigned col, uint64_t count,
			 const struct mml_trace_head *head);
