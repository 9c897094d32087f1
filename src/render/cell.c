/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cell.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

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

static bool hex(const char *s, size_t len)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	return len >= 3 && s[0] == 'x' && s[1] && strchr(digits, s[1]) && s[2] &&
	       strchr(digits, s[2]);
}

static void put_octal(struct mml_buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		mml_buf_printf(out, "\\%03o", (unsigned)(unsigned char)s[i]);
}

/* Almost all text is printable ASCII without a backslash: how much of it there is. */
static size_t plain_run(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= ' ' && s[n] < 0x7f && s[n] != '\\')
		n++;
	return n;
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

/* Only the C library's locale knows widths, and loading one takes longer than printing a table:
 * it waits for the first character that is not ASCII. */
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

static void put_f64(struct mml_buf *out, const struct mml_column *col, double v,
		    const struct mml_style *style)
{
	bool fraction = col->unit == MML_RATIO || col->unit == MML_PERCENT;
	char num[MML_NUMBER_MAX];
	size_t len;

	if (style->exact)
		len = mml_format_fixed(num, v, fraction ? 3 : 2);
	else if (col->unit == MML_BYTES)
		len = mml_format_size(num, v, style->units, style->page_size);
	else if (col->unit == MML_PERCENT)
		len = mml_format_fixed(num, v, 1);
	else if (col->unit == MML_RATIO)
		len = mml_format_fixed(num, v, 3);
	else
		len = mml_format_fixed(num, v, fabs(v) < 99.95 && v != floor(v));
	mml_buf_put(out, num, len);
	if (col->unit == MML_PERCENT && !style->exact)
		mml_buf_putc(out, '%');
}

static void put_integer(struct mml_buf *out, const struct mml_column *col, bool negative,
			uint64_t v, const struct mml_style *style)
{
	char num[MML_NUMBER_MAX];
	size_t len = 0;

	if (col->unit == MML_BYTES && !style->exact && style->units != MML_IN_BYTES) {
		len = mml_format_size(num, negative ? -(double)v : (double)v, style->units,
				      style->page_size);
	} else if (col->unit == MML_NSEC && style->exact) {
		len = (size_t)snprintf(num, sizeof(num), "%" PRIu64 ".%09u", v / 1000000000,
				       (unsigned)(v % 1000000000));
	} else if (col->unit == MML_NSEC) {
		len = mml_format_nsec(num, v);
	} else {
		if (negative)
			num[len++] = '-';
		len += mml_format_u64(num + len, v);
	}
	mml_buf_put(out, num, len);
}

static void put_hex(struct mml_buf *out, uint64_t v)
{
	char digits[18];
	size_t at = sizeof(digits);

	do
		digits[--at] = "0123456789abcdef"[v & 15];
	while (v >>= 4);
	digits[--at] = 'x';
	digits[--at] = '0';
	mml_buf_put(out, digits + at, sizeof(digits) - at);
}

void mml_value_text(struct mml_buf *out, const struct mml_column *col, union mml_value value,
		    const struct mml_style *style)
{
	switch (col->type) {
	case MML_STR:
		mml_escape(out, value.str, strlen(value.str), style->utf8);
		return;
	case MML_U64:
		put_integer(out, col, false, value.u64, style);
		return;
	case MML_I64:
		put_integer(out, col, value.i64 < 0,
			    value.i64 < 0 ? 0 - (uint64_t)value.i64 : (uint64_t)value.i64, style);
		return;
	case MML_F64:
		put_f64(out, col, value.f64, style);
		return;
	case MML_ADDR:
		put_hex(out, value.u64);
		return;
	case MML_BOOL:
		mml_buf_puts(out, value.b ? "yes" : "no");
		return;
	}
}

void mml_cell_text(struct mml_buf *out, const struct mml_column *col, unsigned id,
		   const struct mml_row *row, const struct mml_style *style)
{
	if (!mml_has(row, id)) {
		mml_buf_putc(out, '-');
		return;
	}
	if (mml_at_least(row, id))
		mml_buf_puts(out, ">=");
	mml_value_text(out, col, row->cell[id], style);
}

bool mml_utf8_locale(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "UTF-8") || strcasestr(value, "utf8");
	}
	return false;
}
