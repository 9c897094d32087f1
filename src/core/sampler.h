/* Takes one snapshot after the other, and fills in rates and growth against the previous one. Also
 * matches rows for changes since a mark. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "snapshot.h"

struct mml_sampler;

/* Returns a sampler of ROOT, which must outlive it, or NULL when memory ran out. */
struct mml_sampler *mml_sampler_new(struct mml_root *root);
void mml_sampler_free(struct mml_sampler *sampler);

/* Forgets the previous snapshot, so that the next one is the first. This is for a leap in time. */
void mml_sampler_reset(struct mml_sampler *sampler);

/*
 * Takes the next snapshot, which the caller must put. Returns 0 or what mml_snapshot_take()
 * returns. Rates and growth are filled in for tables that the previous snapshot had, too. For a new
 * row, or a counter that went back, they are absent. The first snapshot of another boot is taken as
 * the first of all.
 */
int mml_sampler_take(struct mml_sampler *sampler, const struct mml_query *queries, size_t n,
		     struct mml_snapshot **ret);

/* Matches the rows of BASE with those of TABLE by their keys. Element I of the result is the row of
 * BASE that has the keys of row I of TABLE, or NULL. The result is in ARENA. Returns NULL when
 * memory ran out. */
const struct mml_row **mml_table_match(struct mml_arena *arena, const struct mml_table *table,
				       const struct mml_table *base);

/* Sets RET to the cell of NOW minus that of BASE. Returns false if one of them is absent or a lower
 * bound, if the column is not a number, or if a counter went back. */
bool mml_cell_change(const struct mml_column *col, unsigned id, const struct mml_row *now,
		     const struct mml_row *base, double *ret);
