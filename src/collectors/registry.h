/* All collectors. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/snapshot.h"

#define MML_TABLE(name) extern const struct mml_collector mml_collector_##name;
#include "registry.def"
#undef MML_TABLE

/* In the order of registry.def; a NULL ends them. */
extern const struct mml_collector *const mml_collectors[];

/* The collector of table NAME, or NULL; the name nearest to it, or NULL. */
const struct mml_collector *mml_collector_find(const char *name);
const char *mml_collector_nearest(const char *name);
