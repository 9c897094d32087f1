/* Keeps one copy of each distinct string. A name that a hundred thousand rows share takes the
 * memory of one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "arena.h"
#include "parse.h"

struct mml_intern {
	struct mml_arena *arena; /* owns the strings and the index */
	const char **slots;
	size_t nslots, used;
};

/* Returns a copy of S with a NUL behind it, which lives as long as the arena. The copies of equal
 * strings have the same address. A NUL inside S ends it. Returns NULL when memory ran out. */
const char *mml_intern(struct mml_intern *in, struct mml_span s);

/* The same, but faster if S is what it was the last time. LAST remembers that, and is NULL at
 * first. */
const char *mml_intern_again(struct mml_intern *in, struct mml_span s, const char **last);
