/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parse.h"

#include <errno.h>
#include <string.h>

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

struct mml_span mml_span_trim(struct mml_span s)
{
	while (s.p < s.end && blank(*s.p))
		s.p++;
	while (s.end > s.p && blank(s.end[-1]))
		s.end--;
	return s;
}

bool mml_next_line(struct mml_span *text, struct mml_span *ret)
{
	const char *nl;

	*ret = (struct mml_span){ text->p, text->p };
	if (text->p >= text->end)
		return false;
	nl = memchr(text->p, '\n', mml_span_len(*text));
	ret->p = text->p;
	ret->end = nl ? nl : text->end;
	text->p = nl ? nl + 1 : text->end;
	if (ret->end > ret->p && ret->end[-1] == '\r')
		ret->end--;
	return true;
}

bool mml_next_token(struct mml_span *line, struct mml_span *ret)
{
	while (line->p < line->end && blank(*line->p))
		line->p++;
	ret->p = line->p;
	while (line->p < line->end && !blank(*line->p))
		line->p++;
	ret->end = line->p;
	return ret->p < ret->end;
}

bool mml_next_field(struct mml_span *text, char c, struct mml_span *ret)
{
	const char *at;

	*ret = (struct mml_span){ text->p, text->p };
	if (text->p >= text->end)
		return false;
	at = memchr(text->p, c, mml_span_len(*text));
	ret->p = text->p;
	ret->end = at ? at : text->end;
	text->p = at ? at + 1 : text->end;
	return true;
}

int mml_parse_u64(struct mml_span s, uint64_t *ret)
{
	uint64_t v = 0;

	if (s.p >= s.end)
		return -EINVAL;
	for (; s.p < s.end; s.p++) {
		unsigned digit = (unsigned)(unsigned char)*s.p - '0';

		if (digit > 9)
			return -EINVAL;
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)digit, &v))
			return -ERANGE;
	}
	*ret = v;
	return 0;
}

int mml_parse_i64(struct mml_span s, int64_t *ret)
{
	bool minus = s.p < s.end && *s.p == '-';
	uint64_t v;
	int rc;

	s.p += minus;
	rc = mml_parse_u64(s, &v);
	if (rc)
		return rc;
	if (v > (uint64_t)INT64_MAX + minus)
		return -ERANGE;
	*ret = minus ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int mml_parse_hex(struct mml_span s, uint64_t *ret)
{
	uint64_t v = 0;

	if (s.p >= s.end)
		return -EINVAL;
	for (; s.p < s.end; s.p++) {
		int digit = hex_digit(*s.p);

		if (digit < 0)
			return -EINVAL;
		if (v >> 60)
			return -ERANGE;
		v = v << 4 | (uint64_t)digit;
	}
	*ret = v;
	return 0;
}

/* Parses a short number in a padded column, such as "  33180 ", eight bytes at a time. A loop over
 * characters would mispredict a branch at both ends of each number. Returns false if this is
 * something else, or if fewer than 16 bytes are left; then the caller must look closer. */
static bool next_short(struct mml_span *line, uint64_t *ret)
{
	const char *p = line->p;
	uint64_t w, other;
	unsigned n;

	while (line->end - p >= 8 && mml_load8(p) == MML_EACH(' '))
		p += 8;
	if (line->end - p < 16)
		return false;
	p += __builtin_ctzll(mml_load8(p) ^ MML_EACH(' ')) / 8;
	w = mml_load8(p) ^ MML_EACH('0');
	/* The lowest top bit that is set belongs to the first byte above 9. */
	other = (w | (w + MML_EACH(0x80 - 10))) & MML_EACH(0x80);
	n = other ? (unsigned)__builtin_ctzll(other) / 8 : 8;
	if (!n || n == 8 || !blank(p[n]))
		return false;
	*ret = mml_number8(w << (64 - 8 * n));
	line->p = p + n;
	return true;
}

int mml_next_u64(struct mml_span *line, uint64_t *ret)
{
	struct mml_span tok;

	if (next_short(line, ret))
		return 0;
	return mml_next_token(line, &tok) ? mml_parse_u64(tok, ret) : -ENODATA;
}

int mml_parse_list(struct mml_span s, void (*each)(unsigned n, void *ctx), void *ctx)
{
	enum { LARGEST = 65535 };
	struct mml_span part;

	s = mml_span_trim(s);
	while (mml_next_field(&s, ',', &part)) {
		struct mml_span low;
		uint64_t a, b;

		if (!mml_next_field(&part, '-', &low) || mml_parse_u64(low, &a))
			return -EINVAL;
		if (part.p == part.end && part.end[-1] != '-')
			b = a;
		else if (mml_parse_u64(part, &b))
			return -EINVAL;
		if (b < a || b > LARGEST)
			return -EINVAL;
		for (; a <= b; a++)
			each((unsigned)a, ctx);
	}
	return 0;
}
