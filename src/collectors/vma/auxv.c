/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "borders.h"

#include <errno.h>
#include <string.h>

static const struct {
	uint64_t type;
	const char *name, *help;
	enum mml_border_unit unit;
} known[] = {
#define AUXV(type, name, unit, help) { type, name, help, MML_##unit },
#include "auxv.def"
#undef AUXV
};

/* Types are small numbers. If those of a 32-bit process are read as 64-bit ones, their values are part of
 * them. */
enum { LARGEST_TYPE = 4096 };

static uint64_t word(const char *at, size_t size)
{
	uint64_t wide;
	uint32_t narrow;

	if (size == sizeof(wide)) {
		memcpy(&wide, at, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, at, sizeof(narrow));
	return narrow;
}

static bool looks_right(struct mml_span text, size_t size)
{
	for (const char *at = text.p; (size_t)(text.end - at) >= 2 * size; at += 2 * size) {
		if (word(at, size) > LARGEST_TYPE)
			return false;
		if (!word(at, size))
			return true;
	}
	return false;
}

static void add(struct mml_arena *arena, struct mml_borders *b, uint64_t type, uint64_t value)
{
	struct mml_border *to = &b->at[b->n];
	size_t i = 0;

	while (i < sizeof(known) / sizeof(*known) && known[i].type != type)
		i++;
	*to = (struct mml_border){ .source = "auxv", .known = true, .value = value, .unit = MML_BITS };
	if (i < sizeof(known) / sizeof(*known)) {
		to->name = known[i].name;
		to->help = known[i].help;
		to->unit = known[i].unit;
	} else {
		to->name = mml_arena_printf(arena, "at_%llu", (unsigned long long)type);
		to->help = "An entry of the architecture's own.";
	}
	b->n++;
}

int mml_borders_auxv(struct mml_arena *arena, struct mml_borders *b, struct mml_span text)
{
	size_t size = looks_right(text, 8) ? 8 : 4;

	if (size == 4 && !looks_right(text, 4))
		return -EBADMSG;
	for (const char *at = text.p; word(at, size); at += 2 * size)
		if (b->n < sizeof(b->at) / sizeof(*b->at) && word(at, size) != 1) /* AT_IGNORE */
			add(arena, b, word(at, size), word(at + size, size));
	return 0;
}
