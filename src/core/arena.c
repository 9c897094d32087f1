/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "trouble.h"

/* The first block is in the heap, where the next arena finds it again, and is cleared as it is
 * given out. Larger blocks are mapped: their pages are zero without a write, cost nothing until
 * they are used, and go back to the system as soon as they are freed. All blocks of the largest
 * step but the last are used for certain, so that their pages are mapped at once. */
enum { FIRST_BLOCK = 60 << 10, FIRST_STEP = 256 << 10, LARGEST_STEP = 1 << 20 };

struct block {
	struct block *next;
	size_t size, used;
	bool mapped;
	alignas(max_align_t) unsigned char bytes[];
};

struct mml_arena {
	struct block *head;
	size_t step; /* the least size of the next mapped block; 0: there are no blocks yet */
	size_t total;
};

struct mml_arena *mml_arena_new(void)
{
	return mml_calloc(1, sizeof(struct mml_arena));
}

void mml_arena_free(struct mml_arena *arena)
{
	if (!arena)
		return;
	for (struct block *b = arena->head, *next; b; b = next) {
		next = b->next;
		if (b->mapped)
			munmap(b, b->size + sizeof(*b));
		else
			free(b);
	}
	free(arena);
}

static struct block *block_map(size_t size, bool used)
{
	struct block *b;

	if (__builtin_add_overflow(size, sizeof(*b) + 4095, &size))
		return NULL;
	size &= ~(size_t)4095;
	b = mmap(NULL, size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | (used ? MAP_POPULATE : 0), -1, 0);
	if (b == MAP_FAILED)
		return NULL;
	b->size = size - sizeof(*b);
	b->mapped = true;
	return b;
}

static struct block *arena_grow(struct mml_arena *arena, size_t size)
{
	bool first = !arena->step && size <= FIRST_BLOCK, large = !first && size > arena->step;
	struct block *b;

	if (first) {
		b = malloc(sizeof(*b) + FIRST_BLOCK);
		if (b)
			*b = (struct block){ .size = FIRST_BLOCK };
	} else {
		b = block_map(large ? size : arena->step, !large && arena->step == LARGEST_STEP);
	}
	if (!b) {
		mml_trouble(-ENOMEM);
		return NULL;
	}
	arena->total += sizeof(*b) + b->size;
	/* A request larger than a step gets a block of its own behind the head, so that the rest of
	 * the head stays usable. */
	if (large && arena->head) {
		b->next = arena->head->next;
		arena->head->next = b;
	} else {
		b->next = arena->head;
		arena->head = b;
	}
	if (!arena->step)
		arena->step = FIRST_STEP;
	else if (arena->step < LARGEST_STEP)
		arena->step *= 2;
	return b;
}

/* Returns SIZE bytes at AT in the head, or at the beginning of a new block if they do not fit. */
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
	return b->mapped ? b->bytes + at : memset(b->bytes + at, 0, size);
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
		/* They go behind the head, so that its rest stays usable. */
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
