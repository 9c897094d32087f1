/* Where the tables of kernel logs get their log, and how they fill their cells. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"
#include "conclude.h"

/* Sets RET to the log that QUERY asks about: the file it names, or what the machine has. It is read
 * once for all tables of the snapshot. Returns 0, or -errno after a call of mml_table_fail(). */
int mml_oom_take(struct mml_take *take, const struct mml_query *query, struct mml_table *table,
		 const struct mml_oom_log **ret);

/* What each table keeps from sample to sample: what the journal had. */
void *mml_oom_keep(struct mml_root *root);
void mml_oom_release(void *state);

/* What mml_oom_take() reads. */
extern const struct mml_source mml_oom_sources[];

/* The parameters that say which log it is. */
#define MML_OOM_TAKES (MML_TAKES(LOG))

/* Set cell COL of ROW in bytes to VALUE, which is in pages or in kB. An absent value, and one that
 * is too large for a cell, leaves the cell absent. */
void mml_oom_set_pages(struct mml_row *row, unsigned col, const struct mml_oom_report *r,
		       struct mml_oom_value value);
void mml_oom_set_kb(struct mml_row *row, unsigned col, struct mml_oom_value value);

/* The same for a plain number. */
static inline void mml_oom_set(struct mml_row *row, unsigned col, struct mml_oom_value value)
{
	if (mml_oom_has(value))
		mml_set_u64(row, col, value.n);
}

/* A limit in kB. One that is none leaves the cell absent. */
static inline void mml_oom_set_limit(struct mml_row *row, unsigned col, struct mml_oom_value limit)
{
	if (mml_oom_limited(limit))
		mml_oom_set_kb(row, col, limit);
}

/* A time of the log. */
void mml_oom_set_time(struct mml_row *row, unsigned date, unsigned since_boot,
		      const struct mml_oom_time *time);
