/* Memory that is freed all at once. A snapshot owns an arena with every byte of it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct mml_arena;

/* Returns a new, empty arena, or NULL when memory ran out. */
struct mml_arena *mml_arena_new(void);
void mml_arena_free(struct mml_arena *arena);

/* Returns SIZE zeroed bytes, aligned for any type, or NULL when memory ran out. */
void *mml_arena_alloc(struct mml_arena *arena, size_t size);

/* Returns a copy of the LEN bytes at S with a NUL behind them, or NULL when memory ran out. */
char *mml_arena_strndup(struct mml_arena *arena, const char *s, size_t len);

/* Return a formatted string, or NULL when memory ran out. */
char *mml_arena_printf(struct mml_arena *arena, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
char *mml_arena_vprintf(struct mml_arena *arena, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* Moves everything that FROM owns to ARENA and frees FROM. A thread can so allocate in an arena of
 * its own, and what it made outlives it. */
void mml_arena_absorb(struct mml_arena *arena, struct mml_arena *from);

/* Returns the bytes that the arena has taken from the system. */
size_t mml_arena_size(const struct mml_arena *arena);
