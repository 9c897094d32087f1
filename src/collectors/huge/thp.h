/* What the kernel does about transparent huge pages: read once, for the table and for the reasons.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

#define MML_THP_DIR "/sys/kernel/mm/transparent_hugepage"

/* The choice in brackets of "always [madvise] never", in ARENA; NULL when there is none. */
const char *mml_thp_choice(struct mml_arena *arena, struct mml_span line);

/* The choice of the file PATH below MML_THP_DIR; NULL when it can't be read. */
const char *mml_thp_setting(struct mml_take *take, const char *path);
