/* Numbers for people, and back: sizes in binary units, rates, shares, times. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "column.h"

/* What sizes are shown in. */
enum mml_units { MML_AUTO, MML_IN_KIB, MML_IN_MIB, MML_IN_GIB, MML_IN_PAGES, MML_IN_BYTES };

enum { MML_NUMBER_MAX = 48 }; /* room for any formatted number and its terminator */

/* VALUE with DECIMALS (0 to 3) behind the point, rounded half up; returns the length. */
size_t mml_format_fixed(char *buf, double value, unsigned decimals);

/* V as decimal digits; returns the length. */
size_t mml_format_u64(char *buf, uint64_t v);

/* VALUE bytes, as "1.5G" or in the fixed unit; returns the length. */
size_t mml_format_size(char *buf, double value, enum mml_units units, uint64_t page_size);

/* Now, on CLOCK_MONOTONIC. */
uint64_t mml_now_ns(void);

/* A duration, as "3.2ms", "17s", "2h05m"; returns the length. */
size_t mml_format_nsec(char *buf, uint64_t ns);

/* S, LEN bytes, as a value of COL: decimal, hex behind 0x, sizes with K M G T P behind them, a
 * percent sign where it fits; times are seconds. 0, -EINVAL or -ERANGE. */
int mml_parse_value(const struct mml_column *col, const char *s, size_t len, union mml_value *ret);

/* S as seconds, "0.5", in nanoseconds: 0, -EINVAL or -ERANGE (a year is the most). */
int mml_parse_seconds(const char *s, uint64_t *ret);
