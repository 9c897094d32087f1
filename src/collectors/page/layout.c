/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layout.h"

#include <errno.h>
#include <stddef.h>

struct region {
	uint64_t first, last;
	const char *what;
};

#define REGION(first, last, what) { first, last, what },
static const struct region layout4[] = {
#define LAYOUT4
#include "layout.def"
#undef LAYOUT4
};
static const struct region layout5[] = {
#define LAYOUT5
#include "layout.def"
#undef LAYOUT5
};
#undef REGION

const char *mml_x86_region(unsigned levels, uint64_t address)
{
	const struct region *r = levels == 5 ? layout5 : layout4;

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

/* "flags          : fpu vme ... la57 ... hypervisor ..." has la57 if page tables with five levels
 * are in use. */
int mml_x86_parse(struct mml_span text, struct mml_x86 *ret)
{
	struct mml_span line, key, word;

	*ret = (struct mml_x86){ .levels = 4 };
	while (mml_next_line(&text, &line)) {
		if (!mml_next_field(&line, ':', &key) || !mml_span_eq(mml_span_trim(key), "flags"))
			continue;
		while (mml_next_token(&line, &word)) {
			if (mml_span_eq(word, "la57"))
				ret->levels = 5;
			ret->guest |= mml_span_eq(word, "hypervisor");
		}
		return 0;
	}
	return -ENODATA;
}
