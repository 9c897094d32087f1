/* Tables of what BPF programs count by process: they make rows from the bytes, be these live or
 * saved. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "observe.h"
#include "trace.h"

/* How such tables differ from each other. */
struct mml_counts_table {
	enum mml_trace_kind kind;
	const char *path;   /* where a capture keeps the bytes */
	const char *events; /* what is counted, for the note on what was dropped */
	size_t size;        /* the bytes of a process's counts, which are all 64-bit numbers */
	uint32_t grown;	    /* an mml_trace_flag: without it size_before bytes are there */
	size_t size_before; /* the bytes of an older version; 0: the counts have never grown */
	/* Adds the rows of one process to TABLE. Returns 0 or -ENOMEM. */
	int (*add)(struct mml_table *table, const struct mml_sum_owner *owner, const void *counts,
		   const struct mml_trace_head *head);
	/* Says why cells are absent; or NULL. */
	void (*explain)(struct mml_table *table, const struct mml_trace_head *head);
};

/* Adds the rows of the processes that QUERY asks about to TABLE. Returns 0, or an error of
 * mml_trace_counts(). */
int mml_counts_rows(const struct mml_counts_table *of, struct mml_span bytes,
		    const struct mml_query *query, struct mml_table *table);

/* What a collector's begin and collect, and its source's probe, call. */
void mml_counts_begin(const struct mml_counts_table *of, struct mml_take *take,
		      const struct mml_query *query);
int mml_counts_collect(const struct mml_counts_table *of, struct mml_take *take,
		       const struct mml_query *query, struct mml_table *table);
int mml_counts_probe(const struct mml_counts_table *of, struct mml_root *root,
		     struct mml_absence *ret);

/* Defines begin(), collect() and probe() for the file that has OF, a struct mml_counts_table. */
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

/* Returns the comm of OWNER in the table's arena, or NULL when memory ran out. */
const char *mml_counts_comm(struct mml_table *table, const struct mml_sum_owner *owner);

/* Sets cell COL to COUNT per second of the time it was counted for. It is for the first sample
 * only, since the sampler fills in later ones. */
void mml_counts_set_rate(struct mml_row *row, unsigned col, uint64_t count,
			 const struct mml_trace_head *head);
