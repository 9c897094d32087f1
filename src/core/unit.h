/* Formats numbers for people and parses them: sizes in binary units, rates, shares and times. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "column.h"

/* The units that sizes are shown in. */
enum mml_units { MML_AUTO, MML_IN_KIB, MML_IN_MIB, MML_IN_GIB, MML_IN_PAGES, MML_IN_BYTES };

enum { MML_NUMBER_MAX = 48 }; /* room for any formatted number and its NUL */

/* Writes VALUE with DECIMALS (0 to 3) digits behind the point, rounded half up. Returns the length. */
size_t mml_format_fixed(char *buf, double value, unsigned decimals);

/* Writes V in decimal digits. Returns the length. */
size_t mml_format_u64(char *buf, uint64_t v);

/* Writes VALUE, which is in bytes, as "1.5G" or in the unit given. Returns the length. */
size_t mml_format_size(char *buf, double value, enum mml_units units, uint64_t page_size);

/* Returns the time on CLOCK_MONOTONIC in nanoseconds. */
uint64_t mml_now_ns(void);

/* Writes a duration, such as "3.2ms", "17s" or "2h05m". Returns the length. */
size_t mml_format_nsec(char *buf, uint64_t ns);

/* Parses S, whose length is LEN, as a value of COL: a decimal number, a hexadecimal one with 0x, a
 * size with K, M, G, T, P or E behind it, or a share with a percent sign. Times are in seconds.
 * Returns 0, -EINVAL or -ERANGE. */
int mml_parse_value(const struct mml_column *col, const char *s, size_t len, union mml_value *ret);

/* Parses S, such as "0.5", "500ms", "10s", "1m", "2h" or "7d", where a number alone is seconds, and
 * sets RET to nanoseconds. Returns 0, -EINVAL or -ERANGE; the limit is a year. */
int mml_parse_seconds(const char *s, uint64_t *ret);
