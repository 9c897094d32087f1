/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layout.h"

#include <errno.h>
#include <string.h>

#define REGION(first, last, what) { first, last, what },
static const struct mml_x86_part layout4[] = {
#define LAYOUT4
#include "layout.def"
#undef LAYOUT4
};
static const struct mml_x86_part layout5[] = {
#define LAYOUT5
#include "layout.def"
#undef LAYOUT5
};
#undef REGION

const struct mml_x86_part *mml_x86_part(unsigned levels, size_t i)
{
	size_t n4 = sizeof(layout4) / sizeof(*layout4), n5 = sizeof(layout5) / sizeof(*layout5);

	if (levels == 5)
		return i < n5 ? &layout5[i] : NULL;
	return i < n4 ? &layout4[i] : NULL;
}

const char *mml_x86_region(unsigned levels, uint64_t address)
{
	const struct mml_x86_part *r = levels == 5 ? layout5 : layout4;

	while (address > r->last)
		r++;
	return r->what;
}

bool mml_x86_canonical(unsigned levels, uint64_t address)
{
	unsigned bits = levels == 5 ? 57 : 48;
	uint64_t high = address >> (bits - 1);

	if (levels < 4)
		return address <= UINT32_MAX;
	return !high || high == UINT64_MAX >> (bits - 1);
}

/* Entries have 8 bytes, so that 512 of them fill a table, and 4 bytes without PAE. */
unsigned mml_x86_shift(unsigned levels, unsigned level)
{
	return 12 + (levels == 2 ? 10 : 9) * (level - 1);
}

unsigned mml_x86_bits(unsigned levels, unsigned level)
{
	return levels == 2 ? 10 : levels == 3 && level == 3 ? 2 : 9;
}

unsigned mml_x86_index(unsigned levels, unsigned level, uint64_t address)
{
	return (unsigned)(address >> mml_x86_shift(levels, level)) & ((1U << mml_x86_bits(levels, level)) - 1);
}

bool mml_x86_machine(const char *machine)
{
	return !strcmp(machine, "x86_64") ||
	       (machine[0] == 'i' && machine[1] && !strcmp(machine + 2, "86"));
}

unsigned mml_x86_levels32(struct mml_span text)
{
	struct mml_span line;

	while (mml_next_line(&text, &line)) {
		if (mml_span_starts(line, "DirectMap4M:"))
			return 2;
		if (mml_span_starts(line, "DirectMap2M:"))
			return 3;
	}
	return 0;
}

/* " 46 bits physical, 48 bits virtual" */
static void parse_sizes(struct mml_span line, struct mml_x86 *ret)
{
	struct mml_span word;
	uint64_t bits;

	while (!mml_next_u64(&line, &bits) && mml_next_token(&line, &word) && mml_next_token(&line, &word)) {
		if (mml_span_starts(word, "physical"))
			ret->physical_bits = bits;
		else if (mml_span_starts(word, "virtual"))
			ret->virtual_bits = bits;
	}
}

/* "flags          : fpu vme ... la57 ... hypervisor ..." has la57 if page tables with five levels
 * are in use. */
int mml_x86_parse(struct mml_span text, struct mml_x86 *ret)
{
	struct mml_span line, key, word;
	bool flags = false;

	*ret = (struct mml_x86){ .levels = 4 };
	while (mml_next_line(&text, &line)) {
		if (!mml_next_field(&line, ':', &key))
			continue;
		key = mml_span_trim(key);
		if (mml_span_eq(key, "address sizes")) {
			parse_sizes(line, ret);
			return flags ? 0 : -ENODATA;
		}
		if (flags || !mml_span_eq(key, "flags"))
			continue;
		flags = true;
		while (mml_next_token(&line, &word)) {
			if (mml_span_eq(word, "la57"))
				ret->levels = 5;
			ret->guest |= mml_span_eq(word, "hypervisor");
		}
	}
	return flags ? 0 : -ENODATA;
}
