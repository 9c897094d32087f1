/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "parse.h"

/* Returns the eight digits of V, which must be below 10^8, in a byte each with the first in the
 * lowest one. */
static uint64_t eight_digits(uint32_t v)
{
	uint64_t fours = v / 10000 | (uint64_t)(v % 10000) << 32;
	uint64_t hundreds = (fours * 10486 >> 20) & UINT64_C(0x0000007f0000007f);
	uint64_t twos = hundreds | (fours - hundreds * 100) << 16;
	uint64_t tens = (twos * 103 >> 10) & UINT64_C(0x000f000f000f000f);

	return tens | (twos - tens * 10) << 8;
}

/* The two digits of each number from 0 to 99. */
static const char hundred[] = "00010203040506070809101112131415161718192021222324252627282930313233343536"
			      "37383940414243444546474849505152535455565758596061626364656667686970717273"
			      "7475767778798081828384858687888990919293949596979899";

static uint32_t two_digits(uint32_t v)
{
	return (uint32_t)(unsigned char)hundred[2 * v] |
	       (uint32_t)(unsigned char)hundred[2 * v + 1] << 8;
}

size_t mml_format_u64(char *buf, uint64_t v)
{
	size_t len;

	if (v < 10000) {
		uint64_t digits = two_digits((uint32_t)v / 100) | two_digits((uint32_t)v % 100) << 16;
		unsigned zeros = (unsigned)__builtin_ctzll((digits ^ MML_EACH('0') ) | 1 << 24) / 8;

		mml_store8(buf, digits >> 8 * zeros);
		return 4 - zeros;
	}
	if (v < 100000000) {
		uint64_t digits = eight_digits((uint32_t)v);
		unsigned zeros = (unsigned)__builtin_ctzll(digits) / 8;

		mml_store8(buf, (digits | MML_EACH('0')) >> 8 * zeros);
		len = 8 - zeros;
	} else {
		len = mml_format_u64(buf, v / 100000000);
		mml_store8(buf + len, eight_digits((uint32_t)(v % 100000000)) | MML_EACH('0'));
		len += 8;
	}
	buf[len] = '\0';
	return len;
}

/* printf() would take most of the time that a table takes. It is used only for numbers too large
 * for an int64_t. */
size_t mml_format_fixed(char *buf, double value, unsigned decimals)
{
	static const double scales[] = { 1, 10, 100, 1000 };
	double v = fabs(value);
	int64_t n;
	size_t len;
	char *p = buf;

	if (!(v < 1e15))
		return (size_t)snprintf(buf, MML_NUMBER_MAX, v < 1e30 ? "%.*f" : "%.*g",
					(int)decimals, value);
	n = (int64_t)(v * scales[decimals] + 0.5);
	if (value < 0 && n)
		*p++ = '-';
	/* Writes the digits of n, with at least one of them before the point. */
	for (len = decimals; len && n < (int64_t)scales[len]; len--)
		*p++ = '0';
	p += mml_format_u64(p, (uint64_t)n);
	if (decimals) {
		memmove(p - decimals + 1, p - decimals, decimals + 1);
		p[-(int)decimals] = '.';
		p++;
	}
	return (size_t)(p - buf);
}

/* Writes three significant digits, such as 1.5, 15.2 or 152. What would round up to 1024 is shown
 * in the next unit. */
static size_t format_auto(char *buf, double v)
{
	static const char powers[] = "BKMGTPE";
	size_t p = 0, len;
	bool tenths;
	char last;

	while (v >= 1023.5 && p < sizeof(powers) - 2) {
		v *= 0x1p-10;
		p++;
	}
	tenths = p && v < 99.95;
	if (!(v < 1023.5)) { /* larger than any unit, or not a number */
		len = mml_format_fixed(buf, v, 0);
	} else {
		len = mml_format_u64(buf, (unsigned)(v * (tenths ? 10 : 1) + 0.5));
		last = buf[len - 1];
		buf[len - 1] = tenths ? '.' : last;
		buf[len] = last;
		len += tenths;
	}
	buf[len++] = powers[p];
	buf[len] = '\0';
	return len;
}

size_t mml_format_size(char *buf, double value, enum mml_units units, uint64_t page_size)
{
	static const double mib = 1024 * 1024;

	switch (units) {
	case MML_AUTO:
		if (value <= -0.5)
			*buf++ = '-';
		return (value <= -0.5) + format_auto(buf, fabs(value));
	case MML_IN_KIB:
		return mml_format_fixed(buf, value / 1024, 0);
	case MML_IN_MIB:
		return mml_format_fixed(buf, value / mib, 1);
	case MML_IN_GIB:
		return mml_format_fixed(buf, value / (mib * 1024), 2);
	case MML_IN_PAGES:
		return mml_format_fixed(buf, value / (double)page_size, 0);
	case MML_IN_BYTES:
		break;
	}
	return mml_format_fixed(buf, value, 0);
}

uint64_t mml_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

size_t mml_format_nsec(char *buf, uint64_t ns)
{
	uint64_t s = ns / 1000000000;

	/* Each limit is where the number would round up to the next unit. */
	if (ns < 1000)
		return (size_t)snprintf(buf, MML_NUMBER_MAX, "%uns", (unsigned)ns);
	if (ns < 999950)
		return (size_t)snprintf(buf, MML_NUMBER_MAX, "%.1fus", (double)ns / 1e3);
	if (ns < 999950000)
		return (size_t)snprintf(buf, MML_NUMBER_MAX, "%.1fms", (double)ns / 1e6);
	if (ns < 59950000000)
		return (size_t)snprintf(buf, MML_NUMBER_MAX, "%.1fs", (double)ns / 1e9);
	if (s < 60)
		s = 60;
	if (s < 3600)
		return (size_t)snprintf(buf, MML_NUMBER_MAX, "%um%02us", (unsigned)(s / 60),
					(unsigned)(s % 60));
	if (s < 86400)
		return (size_t)snprintf(buf, MML_NUMBER_MAX, "%uh%02um", (unsigned)(s / 3600),
					(unsigned)(s / 60 % 60));
	return (size_t)snprintf(buf, MML_NUMBER_MAX, "%llud%02uh", (unsigned long long)(s / 86400),
				(unsigned)(s / 3600 % 24));
}

/* A decimal number. What is behind the point is in units of 1e-9. */
struct decimal {
	bool negative;
	uint64_t whole, nano;
};

static int parse_decimal(struct mml_span s, struct decimal *ret)
{
	struct mml_span whole;
	uint64_t scale = 100000000;
	int rc;

	*ret = (struct decimal){ .negative = s.p < s.end && *s.p == '-' };
	s.p += ret->negative;
	if (!mml_next_field(&s, '.', &whole))
		return -EINVAL;
	if (mml_span_len(whole) || !mml_span_len(s)) {
		rc = mml_parse_u64(whole, &ret->whole);
		if (rc)
			return rc;
	}
	for (; s.p < s.end; s.p++, scale /= 10) {
		if (*s.p < '0' || *s.p > '9')
			return -EINVAL;
		ret->nano += scale * (uint64_t)(*s.p - '0');
	}
	return 0;
}

/* Cuts a suffix such as "K", "KiB" or "kB" off S. Returns the factor it stands for, which is 1 if
 * there is none, or 0 if S is not a size. */
static uint64_t cut_power(struct mml_span *s)
{
	static const char powers[] = "KMGTPE";
	const char *at;

	if (s->p < s->end && s->end[-1] == 'B')
		s->end--;
	if (s->p < s->end && s->end[-1] == 'i')
		s->end--;
	if (s->p >= s->end)
		return 0;
	at = strchr(powers, s->end[-1] & ~0x20);
	if (!at || !*at)
		return 1;
	s->end--;
	return UINT64_C(1) << (10 * (at - powers + 1));
}

static int store(const struct mml_column *col, const struct decimal *d, uint64_t factor,
		 union mml_value *ret)
{
	/* nano is below 1e9. Where the product has more bits than a long double, the error is below
	 * one byte in a GiB. */
	uint64_t part = (uint64_t)((long double)d->nano * (long double)factor / 1e9L);
	uint64_t v;

	if (col->type == MML_F64) {
		ret->f64 = ((double)d->whole + (double)d->nano / 1e9) * (double)factor;
		if (d->negative)
			ret->f64 = -ret->f64;
		return 0;
	}
	if (__builtin_mul_overflow(d->whole, factor, &v) || __builtin_add_overflow(v, part, &v))
		return -ERANGE;
	if (col->type == MML_I64) {
		if (v > INT64_MAX)
			return -ERANGE;
		ret->i64 = d->negative ? -(int64_t)v : (int64_t)v;
		return 0;
	}
	if (d->negative && v)
		return -ERANGE;
	ret->u64 = v;
	return 0;
}

int mml_parse_value(const struct mml_column *col, const char *s, size_t len, union mml_value *ret)
{
	struct mml_span span = { s, s + len };
	uint64_t factor = 1;
	struct decimal d;
	int rc;

	if (col->type == MML_BOOL) {
		if (mml_span_eq(span, "true") || mml_span_eq(span, "yes") || mml_span_eq(span, "1"))
			ret->b = true;
		else if (mml_span_eq(span, "false") || mml_span_eq(span, "no") ||
			 mml_span_eq(span, "0"))
			ret->b = false;
		else
			return -EINVAL;
		return 0;
	}
	if (mml_span_starts(span, "0x") && col->type != MML_F64) {
		span.p += 2;
		return mml_parse_hex(span, &ret->u64);
	}
	if (col->type == MML_ADDR)
		return mml_parse_hex(span, &ret->u64);
	if (len && s[len - 1] == '%' && (col->unit == MML_PERCENT || col->unit == MML_RATIO)) {
		span.end--;
		rc = parse_decimal(span, &d);
		if (rc)
			return rc;
		rc = store(col, &d, 1, ret);
		if (!rc && col->unit == MML_RATIO)
			ret->f64 /= 100;
		return rc;
	}
	if (col->unit == MML_NSEC)
		factor = 1000000000;
	else
		factor = cut_power(&span);
	if (!factor)
		return -EINVAL;
	rc = parse_decimal(span, &d);
	/* Things that are counted have no fractions. */
	if (!rc && d.nano && factor == 1 && col->type != MML_F64)
		rc = -EINVAL;
	return rc ? rc : store(col, &d, factor, ret);
}

/* Cuts the unit of a time off SPAN. Returns its length in nanoseconds; that of no unit is a second. */
static uint64_t cut_time_unit(struct mml_span *span)
{
	static const struct {
		const char *unit;
		uint64_t ns;
	} units[] = {
		{ "us", 1000 },
		{ "ms", 1000000 },
		{ "s", 1000000000 },
		{ "m", UINT64_C(60) * 1000000000 },
		{ "h", UINT64_C(3600) * 1000000000 },
		{ "d", UINT64_C(86400) * 1000000000 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		size_t len = strlen(units[i].unit);

		if (mml_span_len(*span) > len && !memcmp(span->end - len, units[i].unit, len)) {
			span->end -= len;
			return units[i].ns;
		}
	}
	return 1000000000;
}

int mml_parse_seconds(const char *s, uint64_t *ret)
{
	const uint64_t year = UINT64_C(366) * 86400 * 1000000000;
	struct mml_span span = mml_span_str(s);
	uint64_t unit = cut_time_unit(&span), whole;
	struct decimal d;
	int rc = parse_decimal(span, &d);

	if (rc)
		return rc;
	if (d.negative || __builtin_mul_overflow(d.whole, unit, &whole) || whole > year)
		return -ERANGE;
	*ret = whole + (uint64_t)((double)d.nano * ((double)unit / 1e9));
	return *ret > year ? -ERANGE : 0;
}
