/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Blocks are mapped: fresh pages are zero without anyone writing to them, those never used cost
 * nothing, and what is freed is the system's again at once. The largest ones, but for the last of them,
 * are sure to be used: their pages are had in one go. */
enum { FIRST_BLOCK = 256 << 10, LARGEST_STEP = 1 << 20 };

struct block {
	struct block *next;
	size_t size, used;
	alignas(max_align_t) unsigned char bytes[];
};

struct mml_arena {
	struct block *head;
	size_t step, total;
};

struct mml_arena *mml_arena_new(void)
{
	struct mml_arena *arena = calloc(1, sizeof(*arena));

	if (arena)
		arena->step = FIRST_BLOCK;
	return arena;
}

void mml_arena_free(struct mml_arena *arena)
{
	if (!arena)
		return;
	for (struct block *b = arena->head, *next; b; b = next) {
		next = b->next;
		munmap(b, b->size + sizeof(*b));
	}
	free(arena);
}

static struct block *arena_grow(struct mml_arena *arena, size_t size)
{
	size_t want = size > arena->step ? size : arena->step;
	bool used = arena->step == LARGEST_STEP && size <= arena->step;
	struct block *b;

	if (__builtin_add_overflow(want, sizeof(*b) + 4095, &want))
		return NULL;
	want &= ~(size_t)4095;
	b = mmap(NULL, want, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | (used ? MAP_POPULATE : 0), -1, 0);
	if (b == MAP_FAILED)
		return NULL;
	b->size = want - sizeof(*b);
	arena->total += want;
	/* A large request gets a block of its own behind the head, whose rest stays usable. */
	if (size > arena->step && arena->head) {
		b->next = arena->head->next;
		arena->head->next = b;
	} else {
		b->next = arena->head;
		arena->head = b;
	}
	if (arena->step < LARGEST_STEP)
		arena->step *= 2;
	return b;
}

/* SIZE bytes from AT of the block in use on, or of a new one. */
static void *take_at(struct mml_arena *arena, size_t at, size_t size)
{
	struct block *b = arena->head;

	if (!b || at > b->size || b->size - at < size) {
		b = arena_grow(arena, size);
		at = 0;
	}
	if (!b)
		return NULL;
	b->used = at + size;
	return b->bytes + at;
}

void *mml_arena_alloc(struct mml_arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	size_t at = arena->head ? arena->head->used : 0;

	return take_at(arena, (at + align - 1) & ~(align - 1), size);
}

char *mml_arena_strndup(struct mml_arena *arena, const char *s, size_t len)
{
	char *p = len < SIZE_MAX ? take_at(arena, arena->head ? arena->head->used : 0, len + 1) :
				   NULL;

	if (p && len)
		memcpy(p, s, len);
	return p;
}

char *mml_arena_vprintf(struct mml_arena *arena, const char *fmt, va_list ap)
{
	va_list again;
	char *p;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return NULL;
	p = mml_arena_alloc(arena, (size_t)n + 1);
	if (p)
		vsnprintf(p, (size_t)n + 1, fmt, ap);
	return p;
}

char *mml_arena_printf(struct mml_arena *arena, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = mml_arena_vprintf(arena, fmt, ap);
	va_end(ap);
	return p;
}

void mml_arena_absorb(struct mml_arena *arena, struct mml_arena *from)
{
	struct block *last = from->head;

	if (last) {
		while (last->next)
			last = last->next;
		/* Behind the head, whose rest stays usable. */
		if (arena->head) {
			last->next = arena->head->next;
			arena->head->next = from->head;
		} else {
			arena->head = from->head;
		}
		arena->total += from->total;
	}
	free(from);
}

size_t mml_arena_size(const struct mml_arena *arena)
{
	return arena->total;
}
