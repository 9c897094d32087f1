/* The view of processes: what its parts share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../collectors/process/process.h"
#include "../core/unit.h"
#include "../ui/grid.h"
#include "look.h"
#include "../ui/view.h"

enum { VISIBLE = 256, PROCESS_WAYS = 8 };

/* Columns and order, as a way of looking leaves them. */
struct process_columns {
	unsigned columns[MML_MAX_COLUMNS];
	size_t ncolumns, nkeys;
	__typeof__(((struct mml_select *)0)->keys) keys;
};

struct process_view {
	struct mml_view view;
	struct mml_grid *grid;
	size_t grouping; /* which way of looking; 0: one by one */
	struct process_columns columns[PROCESS_WAYS];
	pid_t visible[VISIBLE];
	size_t nvisible;
	/* Of the moment. */
	size_t count, memory, read;
	uint64_t oldest_ns, fresh_ns; /* a value older than fresh_ns is marked */
};

/* Rows as a tree, siblings in the order of SEL; as a hook of the grid. */
size_t process_tree_order(void *ctx, const struct mml_select *sel, const struct mml_table *table,
			  size_t *ret);
