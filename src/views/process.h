/* What the parts of the view of processes share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../collectors/process/process.h"
#include "../core/unit.h"
#include "../ui/grid.h"
#include "look.h"
#include "../ui/view.h"

enum { VISIBLE = 256, PROCESS_WAYS = 8 };

/* The columns and order that one grouping was left with. */
struct process_columns {
	unsigned columns[MML_MAX_COLUMNS];
	size_t ncolumns, nkeys;
	__typeof__(((struct mml_select *)0)->keys) keys;
};

struct process_view {
	struct mml_view view;
	struct mml_grid *grid;
	size_t grouping; /* the place in the list of groupings; 0: single processes */
	struct process_columns columns[PROCESS_WAYS];
	pid_t visible[VISIBLE];
	size_t nvisible;
	/* What the current snapshot has. */
	size_t count, memory, read;
	uint64_t oldest_ns, fresh_ns; /* values older than fresh_ns are marked as old */
};

/* A hook of the grid that orders rows as a tree, with siblings in the order of SEL. */
size_t process_tree_order(void *ctx, const struct mml_select *sel, const struct mml_table *table,
			  size_t *ret);
