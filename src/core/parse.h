/* Parses the text of the kernel's files: lines, tokens and strict numbers. Nothing here allocates
 * memory. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A piece of text without a NUL at its end. */
struct mml_span {
	const char *p, *end;
};

/* The character C in each of eight bytes. */
#define MML_EACH(c) (UINT64_C(0x0101010101010101) * (c))

/* Eight characters as one number, with the first in the lowest byte. */
static inline uint64_t mml_load8(const char *s)
{
	uint64_t w;

	memcpy(&w, s, sizeof(w));
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(w) : w;
}

static inline void mml_store8(char *s, uint64_t w)
{
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		w = __builtin_bswap64(w);
	memcpy(s, &w, sizeof(w));
}

/* Returns the number that eight digits make, given as values from 0 to 9 with the first in the
 * lowest byte. */
static inline uint32_t mml_number8(uint64_t w)
{
	w = (w * 10 + (w >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	w = (w * 100 + (w >> 16)) & UINT64_C(0x0000ffff0000ffff);
	return (uint32_t)(w * 10000 + (w >> 32));
}

static inline size_t mml_span_len(struct mml_span s)
{
	return (size_t)(s.end - s.p);
}

static inline struct mml_span mml_span_str(const char *s)
{
	return (struct mml_span){ s, s + strlen(s) };
}

static inline bool mml_span_starts(struct mml_span s, const char *prefix)
{
	size_t n = strlen(prefix);

	return mml_span_len(s) >= n && !memcmp(s.p, prefix, n);
}

static inline bool mml_span_eq(struct mml_span s, const char *str)
{
	return mml_span_len(s) == strlen(str) && mml_span_starts(s, str);
}

/* Returns S without the blanks at both ends. */
struct mml_span mml_span_trim(struct mml_span s);

/* Cuts the next line off TEXT, without its newline or a carriage return before that. Returns false
 * at the end, and then RET is empty. A last line without a newline is returned, too; the caller
 * must know whether it is whole. */
bool mml_next_line(struct mml_span *text, struct mml_span *ret);

/* Cuts the next run of non-blanks off LINE. Returns false if only blanks are left. */
bool mml_next_token(struct mml_span *line, struct mml_span *ret);

/* Cuts TEXT at the first C, which is dropped, and sets RET to what was before it. If there is no C,
 * RET is all of TEXT. Returns false if TEXT was empty, and then RET is, too. */
bool mml_next_field(struct mml_span *text, char c, struct mml_span *ret);

/* Parse the whole of S as a number. They return 0, -EINVAL (S is empty, or has a sign, a blank or
 * other text) or -ERANGE. Only the signed one allows a minus. */
int mml_parse_u64(struct mml_span s, uint64_t *ret);
int mml_parse_i64(struct mml_span s, int64_t *ret);
int mml_parse_hex(struct mml_span s, uint64_t *ret); /* without 0x */

/* Parses the next token of LINE as a number. Returns 0, -ENODATA if there is no token, or what
 * mml_parse_u64() returns. */
int mml_next_u64(struct mml_span *line, uint64_t *ret);

/* Calls EACH for every number in a list of CPUs or nodes such as "0-3,8,10-12". Returns 0 or
 * -EINVAL. Numbers above 65535 are refused: no kernel has them, and a hostile list would take for
 * ever. */
int mml_parse_list(struct mml_span s, void (*each)(unsigned n, void *ctx), void *ctx);
