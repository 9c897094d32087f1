/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json.h"

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

/* Returns what is behind the string at P, which begins with its quote, or NULL if it has no end. */
static const char *skip_string(const char *p, const char *end)
{
	for (p++; p < end; p++) {
		if (*p == '"')
			return p + 1;
		if (*p == '\\')
			p++;
	}
	return NULL;
}

/* Returns what is behind the value at P, or NULL if it has no end. Brackets of both kinds are counted
 * alike: text that is no JSON is not to be refused, only not to be run over. */
static const char *skip_value(const char *p, const char *end)
{
	size_t depth = 0;

	do {
		p = skip_blanks(p, end);
		if (p >= end)
			return NULL;
		if (*p == '"') {
			p = skip_string(p, end);
			if (!p)
				return NULL;
		} else if (*p == '{' || *p == '[') {
			depth++;
			p++;
		} else if (*p == '}' || *p == ']') {
			if (!depth--)
				return NULL;
			p++;
		} else if (*p == ',' || *p == ':') {
			if (!depth)
				return NULL;
			p++;
		} else {
			while (p < end && !strchr(" \t\n\r\",:{}[]", *p))
				p++;
			if (p < end && !*p)
				return NULL;
		}
	} while (depth);
	return p;
}

bool mml_json_member(struct mml_span text, const char *key, struct mml_span *ret)
{
	const char *p = skip_blanks(text.p, text.end), *next;

	if (p >= text.end || *p != '{')
		return false;
	for (p++;; p++) {
		struct mml_span name;

		p = skip_blanks(p, text.end);
		if (p >= text.end || *p != '"')
			return false;
		name.p = p + 1;
		p = skip_string(p, text.end);
		if (!p)
			return false;
		name.end = p - 1;
		p = skip_blanks(p, text.end);
		if (p >= text.end || *p != ':')
			return false;
		p = skip_blanks(p + 1, text.end);
		next = skip_value(p, text.end);
		if (!next)
			return false;
		if (mml_span_eq(name, key)) {
			*ret = (struct mml_span){ p, next };
			return true;
		}
		p = skip_blanks(next, text.end);
		if (p >= text.end || *p != ',')
			return false;
	}
}

bool mml_json_next(struct mml_span text, const char **at, struct mml_span *ret)
{
	const char *p = skip_blanks(*at ? *at : text.p, text.end);

	if (p >= text.end || *p != (*at ? ',' : '['))
		return false;
	p = skip_blanks(p + 1, text.end);
	*at = p < text.end ? skip_value(p, text.end) : NULL;
	if (!*at)
		return false;
	*ret = (struct mml_span){ p, *at };
	return true;
}

static int hex4(const char *p, const char *end)
{
	uint64_t v;

	return end - p < 4 || mml_parse_hex((struct mml_span){ p, p + 4 }, &v) ? -1 : (int)v;
}

static char *put_utf8(char *to, unsigned c)
{
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3f));
	} else {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	}
	return to;
}

char *mml_json_string(struct mml_arena *arena, struct mml_span value)
{
	static const char from[] = "bfnrt", as[] = "\b\f\n\r\t";
	char *copy, *to;

	if (mml_span_len(value) < 2 || *value.p != '"' || value.end[-1] != '"')
		return NULL;
	value.p++;
	value.end--;
	to = copy = mml_arena_strndup(arena, value.p, mml_span_len(value));
	for (const char *p = value.p; copy && p < value.end; p++) {
		const char *at;
		int c;

		if (*p != '\\' || p + 1 == value.end) {
			*to++ = *p;
			continue;
		}
		p++;
		at = *p ? strchr(from, *p) : NULL;
		c = *p == 'u' ? hex4(p + 1, value.end) : -1;
		/* Half of a character outside the first 65536 stays as it is written. */
		if (c >= 0 && (c & 0xf800) != 0xd800) {
			to = put_utf8(to, (unsigned)c);
			p += 4;
		} else {
			*to++ = at ? as[at - from] : *p;
		}
	}
	if (copy)
		*to = '\0';
	return copy;
}
