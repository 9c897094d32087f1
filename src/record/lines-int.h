/* What writing and reading lines share; inner part of the codec. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "told.h"
#include "varint.h"

/* The lowest bits of an operation; the rest is how many. Part of the format. */
enum {
	LINE_SAME = 0,    /* N lines of the base as they are */
	LINE_SKIP = 1,    /* N lines of the base are left out */
	LINE_INSERT = 2,  /* N bytes follow, which the base does not have */
	LINE_REPLACE = 3, /* N bytes follow, in place of one line of the base */
	LINE_NUMBERS = 4, /* one line of the base, N of its numbers changed */
	LINE_COLUMNS = 5, /* ... with blanks before them so that they end where they ended */
	LINE_ZEROS = 6,   /* ... with zeros before them so that they are as long as they were */
	LINE_BITS = 3,
};

/* Longer runs of digits are no numbers: they may not fit into 64 bits. */
enum { DIGITS_MAX = 19 };

static inline bool line_digit(char c)
{
	return (unsigned char)(c - '0') <= 9;
}

/* Cut a run of digits off the front of S, and what it says, if it is not too long. */
static inline size_t line_number(struct mml_span *s, uint64_t *ret)
{
	const char *begin = s->p;
	uint64_t v = 0;

	while (s->p < s->end && line_digit(*s->p))
		v = v * 10 + (uint64_t)(*s->p++ - '0');
	*ret = v;
	return (size_t)(s->p - begin);
}

/* Cut the next line off TEXT, with its newline. */
static inline struct mml_span line_next(struct mml_span *text)
{
	const char *nl = memchr(text->p, '\n', mml_span_len(*text));
	struct mml_span line = { text->p, nl ? nl + 1 : text->end };

	text->p = line.end;
	return line;
}

/* What is written to: never behind its end. */
struct line_out {
	char *begin, *p, *end;
};

/* Apply N changed numbers of IN to the line BASE, by enum LINE_NUMBERS and so on: 0 or -EBADMSG. */
int mml_line_apply(struct mml_span base, unsigned how, uint64_t n, struct mml_telling *in,
		   struct line_out *out);
