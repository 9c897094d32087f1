/* The columns of the table findings. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/column.h"

/* clang-format off */
#define FINDINGS_COLUMNS(C, R) \
	C(severity,    "SEVERITY", WORD(severities), LABEL, NONE, FIRST, 0, "the rule", "critical: work stands still or is lost; warning: it is slowed down or soon will be; note: worth knowing.") \
	C(finding,     "FINDING",  STR, KEY,     NONE, FIRST,  0, "the rule's name", "What was found.") \
	C(about,       "ABOUT",    STR, KEY,     NONE, MAIN,   0, "the row of the table it is about", "The zone, cache, process or control group it is about; absent: the whole machine.") \
	C(text,        "TEXT",     STR, DERIVED, NONE, FIRST,  0, "the numbers, in words", "What looks wrong, in words.") \
	C(why,         "WHY",      STR, DERIVED, NONE, HIDDEN, 0, "the numbers, in words", "What that rests on, and what it means.") \
	C(advice,      "ADVICE",   STR, LABEL,   NONE, HIDDEN, 0, "mmlens", "What to do about it.") \
	C(numbers,     "NUMBERS",  STR, DERIVED, NONE, HIDDEN, 0, "the tables' cells", "The numbers it rests on: bytes, or pages or events a second.") \
	C(source,      "SOURCE",   STR, LABEL,   NONE, HIDDEN, 0, "the kernel's fields", "The kernel's fields those numbers come from.") \
	C(manual,      "MANUAL",   STR, LABEL,   NONE, HIDDEN, 0, "mmlens", "The section of mmlens-counters(7) that has more about it.") \
	C(look,        "LOOK",     STR, LABEL,   NONE, HIDDEN, 0, "mmlens", "The table to look at next.") \
	C(look_sort,   "SORT",     STR, LABEL,   NONE, HIDDEN, 0, "mmlens", "How to sort that table, as for -s; absent: as usual.") \
	C(look_filter, "FILTER",   STR, DERIVED, NONE, HIDDEN, 0, "the row it is about", "Which rows of that table to look at, as for -f; absent: all.") \
	C(age,         "FOR",      U64, DERIVED, NSEC, HIDDEN, 0, "the time between looks", "How long it has been found at each look (on the screen, with -c); absent at the first.")
/* clang-format on */

#define MML_COLUMN_IDS_OF FINDINGS
#include "../core/columns.h"
