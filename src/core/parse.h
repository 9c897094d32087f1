/* Text of the kernel's files: lines, tokens and strict numbers. Nothing here allocates. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A run of text, not terminated. */
struct mml_span {
	const char *p, *end;
};

/* C in each of eight bytes. */
#define MML_EACH(c) (UINT64_C(0x0101010101010101) * (c))

/* Eight characters as one number, the first in the lowest byte. */
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

/* What eight digits 0 to 9 are together, the first in the lowest byte. */
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

/* S without the blanks at both ends. */
struct mml_span mml_span_trim(struct mml_span s);

/* Cut the next line off TEXT, without its newline and a carriage return before it; false at the
 * end, where RET is empty. A last line without a newline counts: whether it is whole is for the caller to tell. */
bool mml_next_line(struct mml_span *text, struct mml_span *ret);

/* Cut the next run of non-blanks off LINE; false when only blanks are left. */
bool mml_next_token(struct mml_span *line, struct mml_span *ret);

/* Cut TEXT at the first C: what is before it goes to RET, C itself is dropped. Without a C all
 * of it goes to RET; false when TEXT was empty, as RET is then. */
bool mml_next_field(struct mml_span *text, char c, struct mml_span *ret);

/* The whole of S as a number: 0, -EINVAL (empty, sign, blank, trailing text) or -ERANGE. */
int mml_parse_u64(struct mml_span s, uint64_t *ret);
int mml_parse_i64(struct mml_span s, int64_t *ret);
int mml_parse_hex(struct mml_span s, uint64_t *ret); /* without 0x */

/* The next token of LINE as a number: 0, -ENODATA when there is none, else as above. */
int mml_next_u64(struct mml_span *line, uint64_t *ret);

/* A list of CPUs or nodes, "0-3,8,10-12": calls EACH for every number in order. 0, or -EINVAL.
 * Numbers above 65535 are refused: no kernel has them and a hostile list would take for ever. */
int mml_parse_list(struct mml_span s, void (*each)(unsigned n, void *ctx), void *ctx);
