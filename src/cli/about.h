/* The tables about the tables: all columns, and all sources. They are printed like any other table. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/snapshot.h"

extern const struct mml_collector mml_collector_columns;
extern const struct mml_collector mml_collector_sources;
