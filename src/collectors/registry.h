/* The list of all collectors. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/snapshot.h"

#define MML_TABLE(name) extern const struct mml_collector mml_collector_##name;
#include "registry.def"
#undef MML_TABLE

/* All collectors in the order of registry.def, with a NULL at the end. */
extern const struct mml_collector *const mml_collectors[];

/* Returns the table that has what NAME, which is no table, is the usual word for elsewhere, or NULL. */
const char *mml_collector_meant(const char *name);

/* The collector of the table NAME, or NULL. For an unknown NAME: the name of the table nearest to
 * it, or NULL. */
const struct mml_collector *mml_collector_find(const char *name);
const char *mml_collector_nearest(const char *name);
