/* What the parts of the view of processes share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../collectors/process/process.h"
#include "../core/unit.h"
#include "../ui/grid.h"
#include "look.h"
#include "../ui/view.h"

enum { VISIBLE = 256, PROCESS_WAYS = 8 };

struct process_view {
	struct mml_view view;
	struct mml_grid *grids[PROCESS_WAYS]; /* one for each way of looking, made when it is looked at */
	size_t grouping;                      /* which way that is; 0: one by one */
	pid_t visible[VISIBLE];
	size_t nvisible;
	/* Of the moment. */
	size_t count, memory;
	uint64_t oldest_ns, fresh_ns; /* a value older than fresh_ns is marked */
};
