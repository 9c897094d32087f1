/* One of the two moments that are compared: a captured tree, a moment of a recording, or now. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/snapshot.h"
#include "plan.h"

/* Opens what WORD names: a tree, a recording, RECORDING@TIME or "now". Returns MML_OK, or MML_USAGE or
 * MML_FAILED after a line on stderr. */
int mml_side_open(const char *word, struct mml_root **ret);
