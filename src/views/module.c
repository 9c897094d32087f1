/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ui/loop.h"
#include "registry.h"

static int run(struct mml_root *root, const struct mml_tui_args *args)
{
	return mml_loop_run(root, args, &mml_views);
}

extern const struct mml_module_tui mml_module_tui;

const struct mml_module_tui mml_module_tui = { .run = run };
