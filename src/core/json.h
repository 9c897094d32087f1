/* Finds single values in JSON text that other programs wrote, without making anything of the rest. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "arena.h"
#include "parse.h"

/*
 * Sets RET to the value of KEY in the object that TEXT begins with. Nothing is unescaped, so that a key
 * with an escape in it is not found. Returns false if there is none, or TEXT is not an object.
 */
bool mml_json_member(struct mml_span text, const char *key, struct mml_span *ret);

/* Cuts the next value off the array that *TEXT begins with at first. AT is NULL then, and is kept by the
 * caller. Returns false at the end, or if TEXT is not an array. */
bool mml_json_next(struct mml_span text, const char **at, struct mml_span *ret);

/* Returns the string that VALUE is, or NULL if it is something else or memory ran out. A NUL in it ends
 * it. */
char *mml_json_string(struct mml_arena *arena, struct mml_span value);
