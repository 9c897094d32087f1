/* Memory that is freed all at once: a snapshot owns one, every byte of it included. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct mml_arena;

/* A new, empty arena; NULL when out of memory. */
struct mml_arena *mml_arena_new(void);
void mml_arena_free(struct mml_arena *arena);

/* SIZE zeroed bytes aligned for any type; NULL when out of memory. */
void *mml_arena_alloc(struct mml_arena *arena, size_t size);

/* The LEN bytes at S, terminated; NULL when out of memory. */
char *mml_arena_strndup(struct mml_arena *arena, const char *s, size_t len);

/* A formatted string; NULL when out of memory. */
char *mml_arena_printf(struct mml_arena *arena, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
char *mml_arena_vprintf(struct mml_arena *arena, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* Everything FROM owns is ARENA's from now on, and FROM is gone: what a thread allocated in an
 * arena of its own outlives it. */
void mml_arena_absorb(struct mml_arena *arena, struct mml_arena *from);

/* Bytes the arena has taken from the allocator. */
size_t mml_arena_size(const struct mml_arena *arena);
