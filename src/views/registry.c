/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ui/view.h"

#define PLAIN(...)
#define VIEW(digit, name, ops) extern const struct mml_view_ops ops;
#include "registry.def"
#undef VIEW
#undef PLAIN

const struct mml_view_entry mml_views[] = {
#define PLAIN(digit, table) { digit, #table, NULL },
#define VIEW(digit, name, ops) { digit, #name, &ops },
#include "registry.def"
#undef VIEW
#undef PLAIN
	{ 0, NULL, NULL },
};
