/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "when.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../core/parse.h"
#include "keep.h"

static const int64_t SECOND = 1000000000;

/* A time of the day on some day, as a clock shows it. */
struct shown {
	struct tm tm; /* year, month, day, hour, minute, second */
	int64_t ns;   /* behind the second */
	bool dated, timed, zoned;
	int64_t offset; /* seconds east of Greenwich, where it is zoned */
};

static int fail(const char **why, const char *words, int rc)
{
	*why = words;
	return rc;
}

static bool next_char(struct mml_span *s, char c)
{
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

/* Cut exactly N digits off the front of S, or one or two where N is 0. */
static bool next_digits(struct mml_span *s, size_t n, int *ret)
{
	size_t len = 0, most = n ? n : 2;

	for (*ret = 0; len < most && s->p + len < s->end && s->p[len] >= '0' && s->p[len] <= '9';
	     len++)
		*ret = *ret * 10 + (s->p[len] - '0');
	if (len < (n ? n : 1))
		return false;
	s->p += len;
	return true;
}

/* ".25", or nothing. */
static bool next_fraction(struct mml_span *s, int64_t *ret)
{
	int64_t unit = SECOND;
	const char *begin;

	*ret = 0;
	if (!next_char(s, '.'))
		return true;
	for (begin = s->p; s->p < s->end && *s->p >= '0' && *s->p <= '9'; s->p++) {
		unit /= 10;
		*ret += unit * (*s->p - '0');
	}
	return s->p > begin;
}

static bool next_word(struct mml_span *s, const char *word)
{
	size_t len = strlen(word);

	if (!mml_span_starts(*s, word) || (s->p + len < s->end && s->p[len] != ' '))
		return false;
	s->p += len;
	return true;
}

static void to_tm(int64_t ns, bool utc, struct tm *ret)
{
	time_t seconds = (time_t)(ns / SECOND - (ns % SECOND < 0));

	if (utc)
		gmtime_r(&seconds, ret);
	else
		localtime_r(&seconds, ret);
}

/* The day of NS; days are told apart at noon, when no clock is set. */
static void take_day(struct shown *shown, int64_t ns, bool utc, int days)
{
	struct tm tm;
	time_t noon;

	to_tm(ns, utc, &tm);
	tm = (struct tm){
		.tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday, .tm_hour = 12
	};
	noon = timegm(&tm) + days * 86400;
	gmtime_r(&noon, &tm);
	shown->tm.tm_year = tm.tm_year;
	shown->tm.tm_mon = tm.tm_mon;
	shown->tm.tm_mday = tm.tm_mday;
}

static bool day_exists(int year, int month, int day)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month >= 1 && month <= 12 && day >= 1 &&
	       day <= days[month - 1] + (month == 2 && leap);
}

/* "2026-11-25", "today", "yesterday"; nothing is cut off where there is no day. */
static int next_day(struct mml_span *s, const struct mml_when *when, struct shown *shown,
		    const char **why)
{
	int year, month, day;
	struct mml_span rest = *s;
	bool yesterday = next_word(s, "yesterday");

	if (yesterday || next_word(s, "today")) {
		take_day(shown, when->now, when->utc, yesterday ? -1 : 0);
		shown->dated = true;
		return 0;
	}
	if (!next_digits(&rest, 4, &year) || !next_char(&rest, '-'))
		return 0;
	if (!next_digits(&rest, 2, &month) || !next_char(&rest, '-') ||
	    !next_digits(&rest, 2, &day) || !day_exists(year, month, day))
		return fail(why, "there is no such day", -EINVAL);
	shown->tm.tm_year = year - 1900;
	shown->tm.tm_mon = month - 1;
	shown->tm.tm_mday = day;
	shown->dated = true;
	*s = rest;
	return 0;
}

/* "Z", " UTC", "+0100", " -05:30", or nothing. */
static bool next_zone(struct mml_span *s, struct shown *shown)
{
	int hours, minutes, sign;

	next_char(s, ' ');
	shown->zoned = s->p < s->end;
	if (!shown->zoned || next_char(s, 'Z') || next_word(s, "UTC"))
		return true;
	sign = next_char(s, '-') ? -1 : 1;
	if (sign > 0 && !next_char(s, '+'))
		return false;
	if (!next_digits(s, 2, &hours))
		return false;
	next_char(s, ':');
	if (!next_digits(s, 2, &minutes) || hours > 14 || minutes > 59)
		return false;
	shown->offset = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* "22:11", "22:11:46.5"; nothing is cut off where there is no time. */
static int next_time(struct mml_span *s, struct shown *shown, const char **why)
{
	struct mml_span rest = *s;

	if (!next_digits(&rest, 0, &shown->tm.tm_hour) || !next_char(&rest, ':'))
		return 0;
	if (!next_digits(&rest, 2, &shown->tm.tm_min))
		return fail(why, "there is no such time of the day", -EINVAL);
	if (next_char(&rest, ':') &&
	    (!next_digits(&rest, 2, &shown->tm.tm_sec) || !next_fraction(&rest, &shown->ns)))
		return fail(why, "there is no such time of the day", -EINVAL);
	if (shown->tm.tm_hour > 23 || shown->tm.tm_min > 59 || shown->tm.tm_sec > 59)
		return fail(why, "there is no such time of the day", -EINVAL);
	shown->timed = true;
	*s = rest;
	return 0;
}

/* Does the local clock show TM at SECONDS? */
static bool shows(time_t seconds, const struct tm *tm)
{
	struct tm local;

	localtime_r(&seconds, &local);
	return local.tm_year == tm->tm_year && local.tm_mon == tm->tm_mon &&
	       local.tm_mday == tm->tm_mday && local.tm_hour == tm->tm_hour &&
	       local.tm_min == tm->tm_min && local.tm_sec == tm->tm_sec;
}

/* When the local clock shows TM: the first and the last such second, tried with the offsets of the
 * time around it. False: never. */
static bool find_local(const struct tm *tm, time_t *ret, time_t *ret_other)
{
	static const int hours[] = { -26, -13, 0, 13, 26 };
	struct tm copy = *tm, local;
	time_t plain = timegm(&copy);
	bool found = false;

	for (size_t i = 0; i < sizeof(hours) / sizeof(*hours); i++) {
		time_t near = plain + hours[i] * 3600, at;

		localtime_r(&near, &local);
		at = plain - local.tm_gmtoff;
		if (!shows(at, tm))
			continue;
		if (!found || at > *ret)
			*ret = at;
		if (!found || at < *ret_other)
			*ret_other = at;
		found = true;
	}
	return found;
}

static int to_ns(time_t seconds, int64_t ns, int64_t *ret, const char **why)
{
	if (seconds < 0 || seconds > INT64_MAX / SECOND - 1)
		return fail(why, "it is too far away", -ERANGE);
	*ret = seconds * SECOND + ns;
	return 0;
}

static int resolve(struct shown *shown, const struct mml_when *when, int64_t *ret,
		   int64_t *ret_other, const char **why)
{
	time_t last, first;
	int rc;

	if (!shown->dated)
		take_day(shown, when->recorded ? when->end : when->now, when->utc || shown->zoned,
			 0);
	if (shown->zoned || when->utc) {
		first = last = timegm(&shown->tm) - shown->offset;
	} else if (!find_local(&shown->tm, &last, &first)) {
		return fail(why, "clocks were set forward and did not show that time", -EINVAL);
	}
	rc = to_ns(last, shown->ns, ret, why);
	return rc ? rc : to_ns(first, shown->ns, ret_other, why);
}

static int parse_shown(struct mml_span s, const struct mml_when *when, int64_t *ret,
		       int64_t *ret_other, const char **why)
{
	struct shown shown = { 0 };
	int rc = next_day(&s, when, &shown, why);

	if (rc)
		return rc;
	if (shown.dated && s.p < s.end &&
	    ((!next_char(&s, ' ') && !next_char(&s, 'T')) || s.p == s.end))
		return fail(why, "it is no point of time", -EINVAL);
	rc = next_time(&s, &shown, why);
	if (rc)
		return rc;
	if ((!shown.dated && !shown.timed) || !next_zone(&s, &shown) || s.p < s.end)
		return fail(why, "it is no point of time", -EINVAL);
	return resolve(&shown, when, ret, ret_other, why);
}

/* "@1795630306.25" */
static int parse_epoch(struct mml_span s, int64_t *ret, const char **why)
{
	struct mml_span digits = { s.p, s.p };
	uint64_t seconds;
	int64_t ns;

	while (digits.end < s.end && *digits.end >= '0' && *digits.end <= '9')
		digits.end++;
	s.p = digits.end;
	if (mml_parse_u64(digits, &seconds) || !next_fraction(&s, &ns) || s.p < s.end)
		return fail(why, "behind @ there are the seconds since 1970", -EINVAL);
	if (seconds > INT64_MAX / (uint64_t)SECOND - 1)
		return fail(why, "it is too far away", -ERANGE);
	return to_ns((time_t)seconds, ns, ret, why);
}

static int parse_distance(const char *s, const struct mml_when *when, int64_t *ret,
			  const char **why)
{
	bool behind = *s == '+';
	uint64_t ns;

	if (behind && !when->based)
		return fail(why, "there is nothing it is behind", -EINVAL);
	if (mml_keep_age(s + behind, &ns) || ns > INT64_MAX)
		return fail(why, "it is no duration, as 10m and 2h30m are", -EINVAL);
	if (behind ? __builtin_add_overflow(when->base, (int64_t)ns, ret)
		   : __builtin_sub_overflow(when->now, (int64_t)ns, ret))
		return fail(why, "it is too far away", -ERANGE);
	return 0;
}

/* Digits and one of the letters that durations are made of. */
static bool is_distance(const char *s)
{
	size_t digits = strspn(s, "0123456789");

	return *s == '+' || (digits && s[digits] && strchr("smhdw", s[digits]));
}

static int parse_word(const char *s, const struct mml_when *when, int64_t *ret, const char **why)
{
	bool begin = !strcmp(s, "begin");

	if (!strcmp(s, "now")) {
		*ret = when->now;
		return 0;
	}
	if (!begin && strcmp(s, "end") != 0)
		return 1;
	if (!when->recorded)
		return fail(why, "there is no recording that it could be of", -EINVAL);
	*ret = begin ? when->begin : when->end;
	return 0;
}

int mml_when_parse(const char *s, const struct mml_when *when, int64_t *ret, int64_t *ret_other,
		   const char **ret_why)
{
	int rc = parse_word(s, when, ret, ret_why);

	if (rc > 0 && *s == '@')
		rc = parse_epoch(mml_span_str(s + 1), ret, ret_why);
	else if (rc > 0 && is_distance(s))
		rc = parse_distance(s, when, ret, ret_why);
	else if (rc > 0)
		return parse_shown(mml_span_str(s), when, ret, ret_other, ret_why);
	if (!rc)
		*ret_other = *ret;
	return rc;
}

size_t mml_when_format(char ret[MML_WHEN_MAX], int64_t ns, bool utc)
{
	struct tm tm;

	to_tm(ns, utc, &tm);
	return strftime(ret, MML_WHEN_MAX, utc ? "%Y-%m-%d %H:%M:%S UTC" : "%Y-%m-%d %H:%M:%S %z",
			&tm);
}
