/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layout.h"

#include <errno.h>

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

	return !high || high == UINT64_MAX >> (bits - 1);
}

unsigned mml_x86_index(unsigned level, uint64_t address)
{
	return (unsigned)(address >> (12 + 9 * (level - 1))) & 511;
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
