/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../core/snapshot.h"

#define MML_TABLE(name) extern const struct mml_collector mml_collector_##name;
#include "registry.def"
#undef MML_TABLE

#define MML_TABLE(name) &mml_collector_##name,
const struct mml_collector *const mml_collectors[] = {
#include "registry.def"
	NULL
};
