/* The loop that keys, the clock, signals and finished snapshots come to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui.h"
#include "view.h"

/* Run the screen with VIEWS until the user leaves or the terminal does: an exit status. */
int mml_loop_run(struct mml_root *root, const struct mml_tui_args *args,
		 const struct mml_views *views);
