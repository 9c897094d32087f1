/* Numbers for people, and back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/core/unit.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "../tap.h"

static const char *size(double v)
{
	static char buf[MML_NUMBER_MAX];
	size_t len = mml_format_size(buf, v, MML_AUTO, 4096);

	return len == strlen(buf) ? buf : "wrong length";
}

static const char *nsec(uint64_t ns)
{
	static char buf[MML_NUMBER_MAX];
	size_t len = mml_format_nsec(buf, ns);

	return len == strlen(buf) ? buf : "wrong length";
}

/* At each power the last value before it, the border and the first behind it. */
static void sizes(void)
{
	static const char powers[] = "BKMGTPE";

	is_str(size(0), "0B");
	is_str(size(-0.0), "0B");
	is_str(size(-0.4), "0B");
	is_str(size(-0.6), "-1B");
	is_str(size(1), "1B");
	is_str(size(1023), "1023B");
	is_str(size(1023.4), "1023B");
	is_str(size(1023.7), "1.0K"); /* a rate: "1024B" would be a K by another name */
	for (int p = 1; p < 7; p++) {
		double unit = pow(1024, p), below = pow(1024, p - 1);
		char want[16];

		snprintf(want, sizeof(want), "1.0%c", powers[p]);
		is_str(size(unit), want);
		is_str(size(unit - below / 4), want); /* 1023.75 of the smaller one */
		is_str(size(unit * 1.04), want);
		snprintf(want, sizeof(want), "-1.0%c", powers[p]);
		is_str(size(-unit), want);
		snprintf(want, sizeof(want), "1.1%c", powers[p]);
		is_str(size(unit * 1.06), want);
		snprintf(want, sizeof(want), "10.0%c", powers[p]);
		is_str(size(unit * 9.96), want);
		snprintf(want, sizeof(want), "99.9%c", powers[p]);
		is_str(size(unit * 99.94), want);
		snprintf(want, sizeof(want), "100%c", powers[p]);
		is_str(size(unit * 99.96), want);
		snprintf(want, sizeof(want), "1023%c", powers[p]);
		is_str(size(unit * 1023.4), want);
	}
	is_str(size(18446744073709551615.0), "16.0E");
	is_str(size(1024.0 * pow(1024, 6)), "1024E"); /* there is no larger unit */
}

/* No two neighbours of a million sizes go backwards, and none is longer than six places. */
static void monotone(void)
{
	double last = -1;
	bool good = true;

	for (double v = 0; v < 1e19 && good; v = v * 1.00005 + 1) {
		const char *s = size(v);
		double number = strtod(s, NULL);
		const char *power = strchr("BKMGTPE", s[strlen(s) - 1]);

		for (const char *p = "BKMGTPE"; power && *p != *power; p++)
			number *= 1024;
		good = strlen(s) <= 6 && power && number >= last && fabs(number - v) <= v * 0.05 + 0.5;
		last = number;
	}
	ok(good);
}

static void fixed_units(void)
{
	char buf[MML_NUMBER_MAX];

	mml_format_size(buf, 1536, MML_IN_KIB, 4096);
	is_str(buf, "2");
	mml_format_size(buf, -1536.0 * 1024, MML_IN_MIB, 4096);
	is_str(buf, "-1.5");
	mml_format_size(buf, -1.0, MML_IN_MIB, 4096);
	is_str(buf, "0.0");
	mml_format_size(buf, 1e9, MML_IN_GIB, 4096);
	is_str(buf, "0.93");
	mml_format_size(buf, 8192, MML_IN_PAGES, 4096);
	is_str(buf, "2");
	mml_format_size(buf, 18446744073709551615.0, MML_IN_BYTES, 4096);
	is_str(buf, "18446744073709551616"); /* the nearest double */
	mml_format_fixed(buf, NAN, 2);
	is_str(buf, "nan");
	mml_format_fixed(buf, 1e300, 2);
	ok(strlen(buf) < MML_NUMBER_MAX);
	mml_format_fixed(buf, 0.0005, 3);
	is_str(buf, "0.001");
	mml_format_fixed(buf, -0.0004, 3);
	is_str(buf, "0.000");
	mml_format_u64(buf, UINT64_MAX);
	is_str(buf, "18446744073709551615");
}

static void times(void)
{
	is_str(nsec(0), "0ns");
	is_str(nsec(999), "999ns");
	is_str(nsec(1000), "1.0us");
	is_str(nsec(999949), "999.9us");
	is_str(nsec(999950), "1.0ms");
	is_str(nsec(999949999), "999.9ms");
	is_str(nsec(999950000), "1.0s");
	is_str(nsec(59949999999), "59.9s");
	is_str(nsec(59950000000), "1m00s");
	is_str(nsec(60000000000), "1m00s");
	is_str(nsec(3599999999999), "59m59s");
	is_str(nsec(3600000000000), "1h00m");
	is_str(nsec(86399000000000), "23h59m");
	is_str(nsec(86400000000000), "1d00h");
	is_str(nsec(UINT64_MAX), "213503d23h");
}

static const struct mml_column *column(enum mml_type type, enum mml_unit unit)
{
	static struct mml_column col;

	col.type = type;
	col.unit = unit;
	return &col;
}

static int value(enum mml_type type, enum mml_unit unit, const char *s, union mml_value *ret)
{
	ret->u64 = 4711;
	return mml_parse_value(column(type, unit), s, strlen(s), ret);
}

static void values(void)
{
	union mml_value v;

	ok(!value(MML_U64, MML_BYTES, "1.5K", &v) && v.u64 == 1536);
	ok(!value(MML_U64, MML_BYTES, "1.5KiB", &v) && v.u64 == 1536);
	ok(!value(MML_U64, MML_BYTES, "2g", &v) && v.u64 == UINT64_C(2) << 30);
	ok(!value(MML_U64, MML_BYTES, "3TB", &v) && v.u64 == UINT64_C(3) << 40);
	ok(!value(MML_U64, MML_BYTES, "15E", &v) && v.u64 == UINT64_C(15) << 60);
	ok(value(MML_U64, MML_BYTES, "16E", &v) == -ERANGE);
	ok(!value(MML_U64, MML_BYTES, "0x10", &v) && v.u64 == 16);
	ok(!value(MML_U64, MML_BYTES, "18446744073709551615", &v) && v.u64 == UINT64_MAX);
	ok(value(MML_U64, MML_BYTES, "18446744073709551616", &v) == -ERANGE);
	ok(value(MML_U64, MML_BYTES, "", &v) == -EINVAL);
	ok(value(MML_U64, MML_BYTES, "K", &v) == -EINVAL);
	ok(value(MML_U64, MML_BYTES, "B", &v) == -EINVAL);
	ok(value(MML_U64, MML_BYTES, ".", &v) == -EINVAL);
	ok(value(MML_U64, MML_BYTES, "1.2.3", &v) == -EINVAL);
	ok(value(MML_U64, MML_BYTES, "1 K", &v) == -EINVAL);
	ok(value(MML_U64, MML_BYTES, "-1", &v) == -ERANGE);
	ok(value(MML_U64, MML_BYTES, "12x", &v) == -EINVAL);
	ok(!value(MML_I64, MML_BYTES, "-1.5M", &v) && v.i64 == -1572864);
	ok(value(MML_I64, MML_BYTES, "8E", &v) == -ERANGE);
	/* Half an object is no number of objects: as 1 it would make "= 1.5" fit what it should not. */
	ok(value(MML_U64, MML_COUNT, "1.5", &v) == -EINVAL);
	ok(!value(MML_U64, MML_COUNT, "1.0", &v) && v.u64 == 1);
	ok(!value(MML_U64, MML_COUNT, "1.5K", &v) && v.u64 == 1536);
	ok(!value(MML_F64, MML_COUNT, "1.5", &v) && v.f64 == 1.5);
	ok(!value(MML_F64, MML_PERCENT, "12.5%", &v) && v.f64 == 12.5);
	ok(!value(MML_F64, MML_RATIO, "50%", &v) && v.f64 == 0.5);
	ok(!value(MML_F64, MML_RATIO, "-1", &v) && v.f64 == -1);
	ok(!value(MML_U64, MML_NSEC, "0.25", &v) && v.u64 == 250000000);
	ok(!value(MML_ADDR, MML_NONE, "7fff", &v) && v.u64 == 0x7fff);
	ok(!value(MML_ADDR, MML_NONE, "0x7fff", &v) && v.u64 == 0x7fff);
	ok(value(MML_ADDR, MML_NONE, "0x", &v) == -EINVAL);
	ok(!value(MML_BOOL, MML_NONE, "yes", &v) && v.b);
	ok(!value(MML_BOOL, MML_NONE, "0", &v) && !v.b);
	ok(value(MML_BOOL, MML_NONE, "2", &v) == -EINVAL);
}

static void seconds(void)
{
	uint64_t ns;

	ok(!mml_parse_seconds("0.5", &ns) && ns == 500000000);
	ok(!mml_parse_seconds(".5", &ns) && ns == 500000000);
	ok(!mml_parse_seconds("3", &ns) && ns == UINT64_C(3000000000));
	ok(!mml_parse_seconds("0.0000000019", &ns) && ns == 1);
	ok(mml_parse_seconds("-1", &ns) == -ERANGE);
	ok(mml_parse_seconds("1e3", &ns) == -EINVAL);
	ok(mml_parse_seconds("inf", &ns) == -EINVAL);
	ok(mml_parse_seconds("99999999999", &ns) == -ERANGE);
	ok(mml_parse_seconds("", &ns) == -EINVAL);
	ok(!mml_parse_seconds("500ms", &ns) && ns == 500000000);
	ok(!mml_parse_seconds("1.5ms", &ns) && ns == 1500000);
	ok(!mml_parse_seconds("10s", &ns) && ns == UINT64_C(10000000000));
	ok(!mml_parse_seconds("1m", &ns) && ns == UINT64_C(60000000000));
	ok(!mml_parse_seconds("1.5h", &ns) && ns == UINT64_C(5400000000000));
	ok(!mml_parse_seconds("366d", &ns));
	ok(mml_parse_seconds("367d", &ns) == -ERANGE);
	ok(mml_parse_seconds("18446744073709551615d", &ns) == -ERANGE);
	ok(mml_parse_seconds("ms", &ns) == -EINVAL);
	ok(mml_parse_seconds("1 s", &ns) == -EINVAL);
	ok(mml_parse_seconds("1w", &ns) == -EINVAL);
}

/* As printf() has it, around every power of ten and for all that a few digits hold. */
static void integers(void)
{
	char buf[MML_NUMBER_MAX], want[MML_NUMBER_MAX];
	uint64_t power = 1, wrong = 0;

	for (uint64_t v = 0; v < 200000; v++) {
		snprintf(want, sizeof(want), "%" PRIu64, v);
		wrong += mml_format_u64(buf, v) != strlen(want) || strcmp(buf, want);
	}
	for (int i = 0; i < 20; i++, power *= 10)
		for (uint64_t v = power - 3; v != power + 3; v++) {
			snprintf(want, sizeof(want), "%" PRIu64, v);
			wrong += mml_format_u64(buf, v) != strlen(want) || strcmp(buf, want);
			snprintf(want, sizeof(want), "%" PRIu64, v * 7 / 3);
			wrong += mml_format_u64(buf, v * 7 / 3) != strlen(want) || strcmp(buf, want);
		}
	is_u64(wrong, 0);
}

int main(void)
{
	integers();
	sizes();
	monotone();
	fixed_units();
	times();
	values();
	seconds();
	return tap_done();
}
