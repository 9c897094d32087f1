/* Points of time as people write them. Pure but for the time zone, which is that of the process. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the words are about; times are nanoseconds since 1970. */
struct mml_when {
	int64_t now;
	bool recorded; /* there is a recording, from BEGIN to END */
	int64_t begin, end;
	bool based; /* there is a time that "+10m" is behind: BASE */
	int64_t base;
	bool utc; /* times without a zone are in UTC, not in the local zone */
};

/*
 * S as a time: "2026-11-25 22:11", "2026-11-25T22:11:46.5Z", "2026-11-25 22:11 +0100", "22:11" (on
 * the last day of the recording, or today), "yesterday 22:11", "2026-11-25" (0:00), "10m" and
 * "2h30m" (ago), "+10m",
 * "@1795630306", "now", "begin", "end". 0; or -EINVAL or -ERANGE, which RET_WHY has words for.
 * Where clocks were set back a time comes twice: RET is the later one, RET_OTHER the earlier one,
 * or else the same.
 */
int mml_when_parse(const char *s, const struct mml_when *when, int64_t *ret, int64_t *ret_other,
		   const char **ret_why);

enum { MML_WHEN_MAX = 48 };

/* NS as "2026-11-25 22:11:46 +0100" (or " UTC"); returns the length. */
size_t mml_when_format(char ret[MML_WHEN_MAX], int64_t ns, bool utc);
