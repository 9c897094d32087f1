/* The formulas of the balance: names of the kernel's fields, added up; inner part of balance.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"
#include "../zones/zoneinfo.h"

/* What the formulas are computed from, and what was found out about the machine. */
struct mml_balance {
	struct mml_take *take;
	struct mml_table *table;
	struct mml_span meminfo, vmstat;
	struct mml_zones zones;
	uint64_t page_size;
	int64_t total, swap_free;
	int64_t managed;   /* bytes; 0: not known */
	bool rewritten;    /* meminfo is a container's, the other files are the host's */
	bool lazy;         /* MemTotal counts memory no zone manages yet */
};

/* Sums of that many bytes cannot overflow; what is larger is nonsense. */
static inline bool mml_balance_plausible(uint64_t bytes)
{
	return bytes <= (uint64_t)INT64_MAX / 64;
}

/* Bytes of the field NAME, from the file it is in; false when there is none, or it is nonsense. */
bool mml_balance_field(const struct mml_balance *b, const char *name, int64_t *ret);

/* "Active(file) + Inactive(file) - Dirty": the sum of the fields that exist, in bytes, and the same
 * appended to TERMS in KiB; false when the first, or one to be taken off, does not exist. */
bool mml_balance_evaluate(const struct mml_balance *b, const char *formula, int64_t *ret,
			  struct mml_buf *terms);
