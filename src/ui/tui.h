/* What the module tui.so exports: the screen, and what it is given. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/select.h"
#include "../core/snapshot.h"
#include "../render/cell.h"

enum mml_theme { MML_THEME_AUTO, MML_THEME_DARK, MML_THEME_LIGHT };

/* Their names, by their numbers. */
static const char *const mml_themes[] = { "auto", "dark", "light", NULL };

/* What the command line asks of the screen. */
struct mml_tui_args {
	const char *view;           /* the view or table to open first; NULL: the first view */
	const struct mml_select *select; /* columns and order of the table that VIEW shows, or NULL */
	const char *filter;         /* of the same, as for -f, or NULL */
	const char *root;           /* the captured tree that is shown; NULL: this machine */
	const char *replay;         /* the recording that is shown, from sample SEQ on; NULL: none */
	uint64_t seq;
	const struct mml_scope *scope;
	uint64_t delay_ns;          /* 0: what the rc file says */
	struct mml_style style;
	bool colour;
	enum mml_theme theme;       /* AUTO: as the rc file has it, or as the terminal answers */
};

struct mml_module_tui {
	/* Runs the screen until the user quits. Returns the exit status. */
	int (*run)(struct mml_root *root, const struct mml_tui_args *args);
};
