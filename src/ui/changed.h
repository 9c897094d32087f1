/* Whether two moments differ in what was found to look wrong. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "../core/snapshot.h"

/* Returns the table of findings that is in SNAP and could be made, or NULL. */
const struct mml_table *mml_found_in(const struct mml_snapshot *snap);

/* Returns whether a finding appeared, went, or changed its severity from BEFORE to NOW, and says in RET
 * which one, and how many more did. Only these count, and not the numbers in a finding's words. */
bool mml_found_changed(const struct mml_table *before, const struct mml_table *now, char *ret,
		       size_t size);
