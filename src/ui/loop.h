/* The loop that keys, the clock, signals and finished snapshots come to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../cli/plan.h"

/* Run the screen until the user leaves or the terminal does: an exit status. */
int mml_loop_run(struct mml_root *root, const struct mml_plan *plan, const char *view);
