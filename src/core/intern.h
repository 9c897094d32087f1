/* One copy of each distinct string: names that a hundred thousand rows share cost one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "arena.h"
#include "parse.h"

struct mml_intern {
	struct mml_arena *arena; /* owns the strings and the index */
	const char **slots;
	size_t nslots, used;
};

/* The copy of S, terminated, for the arena's lifetime: equal strings have equal addresses. NULL when
 * out of memory. A NUL in S ends it. */
const char *mml_intern(struct mml_intern *in, struct mml_span s);

/* As above, when S is likely what it was the last time, which LAST (at first NULL) remembers. */
const char *mml_intern_again(struct mml_intern *in, struct mml_span s, const char **last);
