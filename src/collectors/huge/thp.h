/* What the kernel does about transparent huge pages. It is read once for the table and for the
 * reasons. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

#define MML_THP_DIR "/sys/kernel/mm/transparent_hugepage"

/* Returns the choice in brackets of a line such as "always [madvise] never" in ARENA, or NULL if
 * there is none. */
const char *mml_thp_choice(struct mml_arena *arena, struct mml_span line);

/* Returns the choice in the file PATH below MML_THP_DIR, or NULL if it cannot be read. */
const char *mml_thp_setting(struct mml_take *take, const char *path);
