/* The table balance, and its formulas, which add up the kernel's fields. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"
#include "whose.h"

/* clang-format off */
#define BALANCE_COLUMNS(C, R) \
	C(item,    "ITEM",    STR, KEY,     NONE,    FIRST,  0, "the part's name", "A part of MemTotal that overlaps no other part; the last one is what no counter explains.") \
	C(bytes,   "BYTES",   I64, DERIVED, BYTES,   FIRST,  0, "the formula in source", "How much it is; all rows add up to MemTotal exactly.") \
	C(share,   "SHARE",   F64, DERIVED, PERCENT, MAIN,   0, "bytes / MemTotal", "Its share of MemTotal.") \
	C(reclaim, "RECLAIM", STR, LABEL,   NONE,    MAIN,   0, "mm/vmscan.c", "How the kernel could get it back: free (it is free), discard, write-back (then discard), swap, none.") \
	C(source,  "SOURCE",  STR, LABEL,   NONE,    MORE,   0, "the formula", "The kernel's fields it is computed from.") \
	C(terms,   "TERMS",   STR, GAUGE,   NONE,    HIDDEN, 0, "the formula with its numbers", "The same formula with this moment's numbers, in KiB.") \
	C(help,    "HELP",    STR, LABEL,   NONE,    HIDDEN, 0, "mmlens", "What the part is, and anything peculiar about it on this machine.")
/* clang-format on */

#define MML_COLUMN_IDS_OF BALANCE
#include "../../core/columns.h"

extern const struct mml_collector mml_collector_balance;

/* What the formulas are computed from, and what was found out about the machine. */
struct mml_balance {
	struct mml_take *take;
	struct mml_table *table;
	struct mml_span meminfo, vmstat;
	const struct mml_table *zones;
	struct mml_whose whose;
	uint64_t page_size;
	int64_t total, swap_free;
};

/* Sums of plausible sizes cannot overflow. Anything larger is nonsense. */
static inline bool mml_balance_plausible(uint64_t bytes)
{
	return bytes <= (uint64_t)INT64_MAX / 64;
}

/* Sets RET to the bytes of the field NAME, from whichever file has it. Returns false if there is no
 * such field, or if its value is nonsense. */
bool mml_balance_field(const struct mml_balance *b, const char *name, int64_t *ret);

/* Computes a formula such as "Active(file) + Inactive(file) - Dirty" in bytes, and appends its
 * terms to TERMS in KiB. Fields that do not exist are left out. Returns false if the first field
 * does not exist, or one that is to be subtracted. */
bool mml_balance_evaluate(const struct mml_balance *b, const char *formula, int64_t *ret,
			  struct mml_buf *terms);
