/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../core/module.h"
#include "../ui/loop.h"

extern const struct mml_module_tui mml_module_tui;

const struct mml_module_tui mml_module_tui = { .run = mml_loop_run };
