/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "parse.h"

/* Three digits that mean something: 1.5, 15.2, 152. What rounds up to the next power moves on. */
static size_t format_auto(char *buf, double v)
{
	static const char powers[] = "BKMGTPE";
	size_t p = 0;

	while ((v >= 999.5 && p == 0 ? v >= 1024 : v >= 1023.5) && p < sizeof(powers) - 2) {
		v /= 1024;
		p++;
	}
	if (p == 0)
		return (size_t)snprintf(buf, MML_NUMBER_MAX, "%.0fB", v);
	return (size_t)snprintf(buf, MML_NUMBER_MAX, v < 99.95 ? "%.1f%c" : "%.0f%c", v, powers[p]);
}

size_t mml_format_size(char *buf, double value, enum mml_units units, uint64_t page_size)
{
	double v = fabs(value);
	size_t sign = value < 0;

	if (sign)
		*buf++ = '-';
	switch (units) {
	case MML_AUTO:
		return sign + format_auto(buf, v);
	case MML_IN_KIB:
		v /= 1024;
		break;
	case MML_IN_MIB:
		v /= 1024 * 1024;
		return sign + (size_t)snprintf(buf, MML_NUMBER_MAX - 1, "%.1f", v);
	case MML_IN_GIB:
		v /= 1024 * 1024 * 1024;
		return sign + (size_t)snprintf(buf, MML_NUMBER_MAX - 1, "%.2f", v);
	case MML_IN_PAGES:
		v /= (double)page_size;
		break;
	case MML_IN_BYTES:
		break;
	}
	return sign + (size_t)snprintf(buf, MML_NUMBER_MAX - 1, "%.0f", v);
}

size_t mml_format_nsec(char *buf, uint64_t ns)
{
	uint64_t s = ns / 1000000000;

	if (ns < 1000)
		return (size_t)snprintf(buf, MML_NUMBER_MAX, "%uns", (unsigned)ns);
	if (ns < 1000000)
		return (size_t)snprintf(buf, MML_NUMBER_MAX, "%.1fus", (double)ns / 1e3);
	if (ns < 1000000000)
		return (size_t)snprintf(buf, MML_NUMBER_MAX, "%.1fms", (double)ns / 1e6);
	if (s < 60)
		return (size_t)snprintf(buf, MML_NUMBER_MAX, "%.1fs", (double)ns / 1e9);
	if (s < 3600)
		return (size_t)snprintf(buf, MML_NUMBER_MAX, "%um%02us", (unsigned)(s / 60),
					(unsigned)(s % 60));
	if (s < 86400)
		return (size_t)snprintf(buf, MML_NUMBER_MAX, "%uh%02um", (unsigned)(s / 3600),
					(unsigned)(s / 60 % 60));
	return (size_t)snprintf(buf, MML_NUMBER_MAX, "%llud%02uh", (unsigned long long)(s / 86400),
				(unsigned)(s / 3600 % 24));
}

/* A decimal number split at its point; the fraction in units of 1e-9. */
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

/* Cut "K", "KiB", "kB" and the like off the end of S; the factor, or 0 when it is no size. */
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
	/* nano is below 1e9, so that the fraction's share of any factor fits long double or not
	 * at all; what is lost then is below one byte in a gibibyte. */
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
	return rc ? rc : store(col, &d, factor, ret);
}

int mml_parse_seconds(const char *s, uint64_t *ret)
{
	struct decimal d;
	int rc = parse_decimal(mml_span_str(s), &d);

	if (rc)
		return rc;
	if (d.negative || d.whole > 366 * 86400)
		return -ERANGE;
	*ret = d.whole * 1000000000 + d.nano;
	return 0;
}
