/* Points of time, held against what date(1) makes of them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/record/when.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "../../src/record/keep.h"
#include "../tap.h"

static const int64_t SECOND = 1000000000;

/* 2026-11-25 18:11:46 UTC; a recording of the two days before, to 2026-11-24 10:00:00 UTC. */
static const struct mml_when when = {
	.now = 1795630306 * INT64_C(1000000000),
	.recorded = true,
	.begin = (1795514400 - 2 * 86400) * INT64_C(1000000000),
	.end = 1795514400 * INT64_C(1000000000),
	.based = true,
	.base = 1795500000 * INT64_C(1000000000),
};

static void zone(const char *name)
{
	setenv("TZ", name, 1);
	tzset();
}

/* What date(1) says S is, in seconds; -1: no date. */
static int64_t date_of(const char *s)
{
	char command[256], line[64] = "";
	int64_t v = -1;
	FILE *f;

	snprintf(command, sizeof(command), "date -d '%s' +%%s 2>/dev/null", s);
	f = popen(command, "r");
	if (f && fgets(line, sizeof(line), f))
		v = strtoll(line, NULL, 10);
	if (f)
		pclose(f);
	return v;
}

static bool date_works(void)
{
	return date_of("2026-11-25 18:11:46 UTC") == 1795630306 &&
	       date_of("2026-02-30 10:00") == -1;
}

/* Is S what date(1) says? Where it comes twice date(1) has one of both. */
static bool like_date(const char *s)
{
	const char *why = NULL;
	int64_t got = -1, other = -1, want = date_of(s);
	int rc = mml_when_parse(s, &when, &got, &other, &why);
	bool good = want < 0 ? rc && why : !rc && (got == want * SECOND || other == want * SECOND);

	if (!good)
		printf("# %s: %s: %" PRId64 " or %" PRId64 ", not %" PRId64 "\n", s, rc ? why : "",
		       got, other, want);
	return good;
}

static void as_date(const char *s)
{
	tap_ok(like_date(s), "%s: %s", getenv("TZ"), s);
}

/* Every ten minutes of the hours around a moment at which clocks are set. */
static void around(const char *day)
{
	bool good = true;
	char s[64];

	for (int minute = 0; minute < 5 * 60; minute += 10) {
		snprintf(s, sizeof(s), "%s %02d:%02d", day, minute / 60, minute % 60);
		good &= like_date(s);
	}
	tap_ok(good, "%s: %s, hour by hour", getenv("TZ"), day);
}

static void by_date(void)
{
	static const char *const zones[] = { "UTC",
					     "Europe/Berlin",
					     "Australia/Lord_Howe",
					     "America/New_York",
					     "Asia/Kathmandu",
					     "Pacific/Apia" };

	if (!date_works()) {
		tap_skip("no date(1) that reads dates");
		return;
	}
	for (size_t i = 0; i < sizeof(zones) / sizeof(*zones); i++) {
		zone(zones[i]);
		around("2026-03-29"); /* Berlin: 2:00 to 3:00 is left out */
		around("2026-10-25"); /* ... 2:00 to 3:00 comes twice */
		around("2026-04-05"); /* Lord Howe: half an hour comes twice */
		around("2026-10-04"); /* ... and is left out */
		as_date("2026-11-25 22:11:46");
		as_date("2026-11-25T22:11:46Z");
		as_date("2026-11-25 22:11 +0100");
		as_date("2026-11-25 22:11:46-05:30");
		as_date("2026-11-25");
		as_date("2024-02-29 12:00");
		as_date("2026-02-29 12:00");
		as_date("2026-13-01 12:00");
		as_date("2026-00-01 12:00");
		as_date("2026-04-31 12:00");
		as_date("2026-11-25 24:00:01");
		as_date("2026-11-25 12:60");
		as_date("@1795630306");
	}
}

static int64_t parsed(const char *s)
{
	const char *why = NULL;
	int64_t got, other;
	int rc = mml_when_parse(s, &when, &got, &other, &why);

	return rc ? rc : got;
}

static void words(void)
{
	int64_t got, other;
	const char *why;

	zone("Europe/Berlin");
	is_i64(parsed("now"), when.now);
	is_i64(parsed("begin"), when.begin);
	is_i64(parsed("end"), when.end);
	is_i64(parsed("10m"), when.now - 600 * SECOND);
	is_i64(parsed("2h30m"), when.now - 9000 * SECOND);
	is_i64(parsed("1d"), when.now - 86400 * SECOND);
	is_i64(parsed("90s"), when.now - 90 * SECOND);
	is_i64(parsed("+10m"), when.base + 600 * SECOND);
	is_i64(parsed("@1795630306.25"), 1795630306 * SECOND + 250000000);
	is_i64(parsed("2026-11-25T22:11:46.5Z"), 1795644706 * SECOND + 500000000);
	/* On the last day of the recording, which is the 24th; and on that before today. */
	is_i64(parsed("22:11"), 1795554660 * SECOND);
	is_i64(parsed("9:05"), 1795507500 * SECOND);
	is_i64(parsed("today 22:11"), 1795641060 * SECOND);
	is_i64(parsed("yesterday 22:11"), 1795554660 * SECOND);
	is_i64(parsed("yesterday"), 1795474800 * SECOND);
	is_i64(parsed("yesterday 22:11 UTC"), 1795558260 * SECOND);
	/* Twice, and never. */
	ok(!mml_when_parse("2026-10-25 02:30", &when, &got, &other, &why));
	is_i64(got, 1792891800 * SECOND);
	is_i64(other, 1792888200 * SECOND);
	ok(mml_when_parse("2026-03-29 02:30", &when, &got, &other, &why) == -EINVAL);
	is_str(why, "clocks were set forward and did not show that time");
	ok(!mml_when_parse("2026-03-29 02:30Z", &when, &got, &other, &why));
}

static void refused(void)
{
	static const char *const bad[] = {
		"",
		" ",
		"x",
		"22",
		"22:",
		"22:1",
		":11",
		"22:11:",
		"22:11:4",
		"22:11:46.",
		"22:11 x",
		"2026-11-25 ",
		"2026-11-25 x",
		"2026-11-2",
		"2026/11/25",
		"26-11-25",
		"tomorrow",
		"@",
		"@x",
		"@1.",
		"@-1",
		"10",
		"10x",
		"10m5",
		"m",
		"+",
		"+10",
		"10m2h",
		"10m10m",
		"begin ",
		"22:11 +1",
		"22:11 +01000",
		"22:11 +1500",
		"2026-11-25T",
		"T22:11",
		"yesterday22:11",
	};
	struct mml_when bare = { .now = when.now };
	int64_t got, other;
	const char *why;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		why = NULL;
		tap_ok(mml_when_parse(bad[i], &when, &got, &other, &why) < 0 && why,
		       "no time: '%s'", bad[i]);
	}
	ok(mml_when_parse("begin", &bare, &got, &other, &why) == -EINVAL);
	ok(mml_when_parse("+10m", &bare, &got, &other, &why) == -EINVAL);
	ok(mml_when_parse("@99999999999", &when, &got, &other, &why) == -ERANGE);
	ok(mml_when_parse("@99999999999999999999", &when, &got, &other, &why) == -EINVAL);
	ok(mml_when_parse("9999-01-01 00:00Z", &when, &got, &other, &why) == -ERANGE);
	ok(mml_when_parse("1969-12-31 23:00Z", &when, &got, &other, &why) == -ERANGE);
	ok(mml_when_parse("999999999w", &when, &got, &other, &why) == -EINVAL);
}

static void shown(void)
{
	char text[MML_WHEN_MAX];

	zone("Europe/Berlin");
	is_u64(mml_when_format(text, when.now, false), 25);
	is_str(text, "2026-11-25 19:11:46 +0100");
	mml_when_format(text, when.now, true);
	is_str(text, "2026-11-25 18:11:46 UTC");
	is_i64(parsed("2026-11-25 19:11:46 +0100"), when.now);
	is_i64(parsed("2026-11-25 18:11:46 UTC"), when.now);
	mml_when_format(text, -1, true);
	is_str(text, "1969-12-31 23:59:59 UTC");
}

int main(void)
{
	words();
	refused();
	shown();
	by_date();
	return tap_done();
}
