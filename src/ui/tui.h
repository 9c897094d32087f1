/* What the module tui.so exports: the screen, and what it is given. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/select.h"
#include "../core/snapshot.h"
#include "../render/cell.h"

/* What the command line asks of the screen. */
struct mml_tui_args {
	const char *view;           /* the view or table to open first; NULL: the first view */
	const struct mml_select *select; /* columns and order of the table that VIEW shows, or NULL */
	const char *filter;         /* for the same table, as for -f, or NULL */
	const struct mml_scope *scope;
	uint64_t delay_ns;          /* 0: what the rc file says */
	struct mml_style style;
	bool colour;
};

struct mml_module_tui {
	/* Runs the screen until the user quits. Returns the exit status. */
	int (*run)(struct mml_root *root, const struct mml_tui_args *args);
};
