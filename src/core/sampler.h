/* One snapshot after the other: rates and growth against the previous one, changes since a mark. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "snapshot.h"

struct mml_sampler;

/* A sampler of ROOT, which must outlive it; NULL when out of memory. */
struct mml_sampler *mml_sampler_new(struct mml_root *root);
void mml_sampler_free(struct mml_sampler *sampler);

/* Forget everything before: the next snapshot is the first one, as after a leap in time. */
void mml_sampler_reset(struct mml_sampler *sampler);

/*
 * Take the next snapshot: 0 or -ENOMEM. Rates and growth are filled in for tables that the
 * previous snapshot had too; of a new row, or of a counter that went back, they are absent. The
 * caller puts RET.
 */
int mml_sampler_take(struct mml_sampler *sampler, const struct mml_query *queries, size_t n,
		     struct mml_snapshot **ret);

/* Rows of BASE matched to those of TABLE by their keys: the row of BASE that has the keys of row I
 * of TABLE is at ret[i], or NULL. In ARENA; NULL when out of memory. */
const struct mml_row **mml_table_match(struct mml_arena *arena, const struct mml_table *table,
				       const struct mml_table *base);

/* NOW - BASE of column COL as a signed number or a double; false when either is absent, or COL is
 * not a number, or a counter went back. */
bool mml_cell_change(const struct mml_column *col, unsigned id, const struct mml_row *now,
		     const struct mml_row *base, double *ret);
