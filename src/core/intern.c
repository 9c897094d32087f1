/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "intern.h"

#include <stdbool.h>
#include <string.h>

enum { FIRST_SLOTS = 64 };

static uint64_t hash(const char *s, size_t len)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325), word;

	for (; len >= 8; s += 8, len -= 8) {
		memcpy(&word, s, 8);
		h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	for (; len; s++, len--)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return h ^ h >> 32;
}

/* Returns the slot that S is in, or the empty one that it belongs in. */
static const char **find(const struct mml_intern *in, const char *s, size_t len)
{
	size_t mask = in->nslots - 1, at = hash(s, len) & mask;

	while (in->slots[at] && (strncmp(in->slots[at], s, len) || in->slots[at][len]))
		at = (at + 1) & mask;
	return &in->slots[at];
}

static bool grow(struct mml_intern *in)
{
	struct mml_intern bigger = { .arena = in->arena,
				     .nslots = in->nslots ? in->nslots * 2 : FIRST_SLOTS };

	bigger.slots = mml_arena_alloc(in->arena, bigger.nslots * sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < in->nslots; i++)
		if (in->slots[i])
			*find(&bigger, in->slots[i], strlen(in->slots[i])) = in->slots[i];
	in->slots = bigger.slots;
	in->nslots = bigger.nslots;
	return true;
}

const char *mml_intern(struct mml_intern *in, struct mml_span s)
{
	const char *nul = mml_span_len(s) ? memchr(s.p, '\0', mml_span_len(s)) : NULL;
	const char **slot;

	if (!mml_span_len(s))
		return "";
	if (nul)
		s.end = nul;
	if (in->used * 2 >= in->nslots && !grow(in))
		return NULL;
	slot = find(in, s.p, mml_span_len(s));
	if (!*slot) {
		*slot = mml_arena_strndup(in->arena, s.p, mml_span_len(s));
		in->used += *slot != NULL;
	}
	return *slot;
}

const char *mml_intern_again(struct mml_intern *in, struct mml_span s, const char **last)
{
	size_t len = mml_span_len(s);

	if (!len || !*last || strncmp(*last, s.p, len) || (*last)[len])
		*last = mml_intern(in, s);
	return *last;
}
