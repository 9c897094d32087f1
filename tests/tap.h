/* Test results in TAP, the same under Automake's driver and prove. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_tests, tap_failed;

__attribute__((format(printf, 2, 3), unused)) static bool tap_ok(bool good, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", good ? "" : "not ", ++tap_tests);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	tap_failed += !good;
	return good;
}

__attribute__((format(printf, 1, 2), unused)) static void tap_skip(const char *fmt, ...)
{
	va_list ap;

	printf("ok %d # SKIP ", ++tap_tests);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/* The line of the caller names the test: each check says what it saw. */
#define ok(good) tap_ok((good), "%s:%d %s", __FILE__, __LINE__, #good)

#define is_u64(got, want)                                                                     \
	do {                                                                                  \
		uint64_t got_ = (got), want_ = (want);                                        \
		if (!tap_ok(got_ == want_, "%s:%d %s", __FILE__, __LINE__, #got))             \
			printf("#      got: %" PRIu64 "\n# expected: %" PRIu64 "\n", got_, want_); \
	} while (0)

#define is_i64(got, want)                                                                     \
	do {                                                                                  \
		int64_t got_ = (got), want_ = (want);                                         \
		if (!tap_ok(got_ == want_, "%s:%d %s", __FILE__, __LINE__, #got))             \
			printf("#      got: %" PRId64 "\n# expected: %" PRId64 "\n", got_, want_); \
	} while (0)

#define is_str(got, want)                                                                     \
	do {                                                                                  \
		const char *got_ = (got), *want_ = (want);                                    \
		if (!tap_ok(got_ && !strcmp(got_, want_), "%s:%d %s", __FILE__, __LINE__, #got)) \
			printf("#      got: %s\n# expected: %s\n", got_ ? got_ : "(null)", want_); \
	} while (0)

static inline int tap_done(void)
{
	printf("1..%d\n", tap_tests);
	return tap_failed != 0;
}
