/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "registry.h"

#define PLAIN(...)
#define VIEW(digit, name, brief, ops) extern const struct mml_view_ops ops;
#include "registry.def"
#undef VIEW
#undef PLAIN

static const struct mml_view_entry list[] = {
#define PLAIN(digit, table, brief) { digit, #table, brief, NULL },
#define VIEW(digit, name, brief, ops) { digit, #name, brief, &ops },
#include "registry.def"
#undef VIEW
#undef PLAIN
	{ 0, NULL, NULL, NULL },
};

const struct mml_views mml_views = { .list = list, .plain = &mml_view_plain };
