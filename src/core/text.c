/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"

#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "parse.h"

size_t mml_utf8_next(const char *s, size_t len, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *u = (const unsigned char *)s;
	uint32_t c = u[0];
	size_t n = c < 0x80 ? 1 : c >> 5 == 6 ? 2 : c >> 4 == 14 ? 3 : c >> 3 == 30 ? 4 : 0;

	if (!n || n > len)
		return 0;
	if (n > 1)
		c &= 0x7f >> n;
	for (size_t i = 1; i < n; i++) {
		if (u[i] >> 6 != 2)
			return 0;
		c = c << 6 | (u[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*ret = c;
	return n;
}

size_t mml_utf8_bytes(uint32_t c, char ret[4])
{
	size_t n = 0;

	if (c < 0x80) {
		ret[n++] = (char)c;
		return n;
	}
	if (c >= 0x10000) {
		ret[n++] = (char)(0xf0 | c >> 18);
		ret[n++] = (char)(0x80 | (c >> 12 & 0x3f));
	} else if (c >= 0x800) {
		ret[n++] = (char)(0xe0 | c >> 12);
	}
	ret[n++] = (char)(c < 0x800 ? 0xc0 | c >> 6 : 0x80 | (c >> 6 & 0x3f));
	ret[n++] = (char)(0x80 | (c & 0x3f));
	return n;
}

bool mml_utf8_harmful(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x061c ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe0fff);
}

static bool octal(const char *s, size_t len)
{
	return len >= 3 && s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' &&
	       s[2] >= '0' && s[2] <= '7';
}

static void put_octal(struct mml_buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		mml_buf_printf(out, "\\%03o", (unsigned)(unsigned char)s[i]);
}

char *mml_unescape(struct mml_arena *arena, struct mml_span s)
{
	char *copy = mml_arena_strndup(arena, s.p, mml_span_len(s)), *to = copy;

	if (!copy)
		return NULL;
	for (const char *p = s.p; p < s.end; p++) {
		if (*p == '\\' && octal(p + 1, (size_t)(s.end - p) - 1)) {
			*to++ = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
			p += 3;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
	return copy;
}

void mml_put_escaped(struct mml_buf *out, const char *s)
{
	for (; *s; s++)
		if (strchr(" \t\n\\", *s))
			put_octal(out, s, 1);
		else
			mml_buf_putc(out, *s);
}

static bool hex(const char *s, size_t len)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	return len >= 3 && s[0] == 'x' && s[1] && strchr(digits, s[1]) && s[2] &&
	       strchr(digits, s[2]);
}

/* Sets a top bit in the result if one of the bytes of W is below N. Bytes from 0x80 on do not count
 * as below. */
#define BELOW(w, n) (((w) - MML_EACH(n)) & ~(w))

/* Returns whether these eight bytes are all printable ASCII without a backslash. */
static bool plain(const char *s)
{
	uint64_t w, del, backslash;

	memcpy(&w, s, sizeof(w));
	del = w ^ MML_EACH(0x7f);
	backslash = w ^ MML_EACH('\\');
	return !((w | BELOW(w, 0x20) | BELOW(del, 1) | BELOW(backslash, 1)) & MML_EACH(0x80));
}

/* Returns how much of S is printable ASCII without a backslash, as almost all text is. */
static size_t plain_run(const char *s, size_t len)
{
	size_t n = 0;

	while (len - n >= 8 && plain(s + n))
		n += 8;
	while (n < len && s[n] >= ' ' && s[n] < 0x7f && s[n] != '\\')
		n++;
	return n;
}

bool mml_text_plain(const char *s, size_t len)
{
	for (; len > 8; s += 8, len -= 8)
		if (!plain(s))
			return false;
	return plain_run(s, len) == len;
}

void mml_escape(struct mml_buf *out, const char *s, size_t len, bool utf8)
{
	while (len) {
		size_t n = plain_run(s, len);
		uint32_t c;

		if (n) {
			mml_buf_put(out, s, n);
		} else if (*s == '\\') {
			n = 1;
			mml_buf_puts(out, octal(s + 1, len - 1) ? "\\134" : "\\");
		} else {
			n = mml_utf8_next(s, len, &c);
			if (n && !mml_utf8_harmful(c) && utf8) {
				mml_buf_put(out, s, n);
			} else {
				n = n ? n : 1;
				put_octal(out, s, n);
			}
		}
		s += n;
		len -= n;
	}
}

void mml_escape_json(struct mml_buf *out, const char *s, size_t len)
{
	while (len) {
		size_t n = plain_run(s, len);
		uint32_t c;

		if (n) {
			mml_buf_put(out, s, n);
		} else if (*s == '\\') {
			n = 1;
			mml_buf_puts(out, hex(s + 1, len - 1) ? "\\x5c" : "\\");
		} else {
			n = mml_utf8_next(s, len, &c);
			if (n) {
				mml_buf_put(out, s, n);
			} else {
				n = 1;
				mml_buf_printf(out, "\\x%02x", (unsigned)(unsigned char)*s);
			}
		}
		s += n;
		len -= n;
	}
}

static void load_widths(void)
{
	if (!setlocale(LC_CTYPE, ""))
		setlocale(LC_CTYPE, "C.UTF-8");
}

/* Only the C library's locale knows widths, and to load one takes longer than to print a table. It
 * is loaded for the first character that is not ASCII. */
static int wide(uint32_t c)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load_widths);
	return wcwidth((wchar_t)c);
}

size_t mml_text_width(const char *s, size_t len, bool utf8)
{
	size_t width = 0;

	if (!utf8)
		return len;
	while (len) {
		size_t n = plain_run(s, len);
		uint32_t c;
		int w;

		if (n) {
			width += n;
		} else {
			n = mml_utf8_next(s, len, &c);
			w = n ? wide(c) : 1;
			width += w < 0 ? 1 : (size_t)w;
			n = n ? n : 1;
		}
		s += n;
		len -= n;
	}
	return width;
}

/* Returns whether "UTF-8" or "utf8" is somewhere in S, in any case. */
static bool names_utf8(const char *s)
{
	for (; *s; s++)
		if ((s[0] | 0x20) == 'u' && (s[1] | 0x20) == 't' && (s[2] | 0x20) == 'f' &&
		    s[3 + (s[3] == '-')] == '8')
			return true;
	return false;
}

bool mml_utf8_locale(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return names_utf8(value);
	}
	return false;
}
