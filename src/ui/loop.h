/* The main loop of the screen, which keys, the clock, signals and finished snapshots come to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui.h"
#include "view.h"

/* Runs the screen with VIEWS until the user leaves or the terminal is gone. Returns the exit
 * status. */
int mml_loop_run(struct mml_root *root, const struct mml_tui_args *args,
		 const struct mml_views *views);
