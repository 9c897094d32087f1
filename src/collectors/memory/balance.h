/* The table balance, and its formulas, which add up the kernel's fields. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"
#include "whose.h"

/* The costly read: the flags of all page frames. */
enum { NEEDS_FRAMES = 1 };

/* clang-format off */
#define BALANCE_COLUMNS(C, R) \
	C(item,        "ITEM",        STR, KEY,     NONE,    FIRST,  0, "the part's name", "A part of MemTotal, or with --cgroup of what is charged to the group, that overlaps no other part; the last one is what no counter explains.") \
	C(bytes,       "BYTES",       I64, DERIVED, BYTES,   FIRST,  0, "the formula in source", "How much it is; all rows add up to MemTotal, or to memory.current of the group, exactly.") \
	C(share,       "SHARE",       F64, DERIVED, PERCENT, MAIN,   0, "bytes / the sum of all rows", "Its share of MemTotal, or of memory.current.") \
	C(reclaim,     "RECLAIM",     STR, LABEL,   NONE,    MAIN,   0, "mm/vmscan.c", "How the kernel could get it back: free (it is free), discard, write-back (then discard), swap, none; absent where that is not known. With --by reclaim: unreclaimable, swappable (even if no swap is free), syncable (to be written first), discardable.") \
	C(reclaimable, "RECLAIMABLE", U64, DERIVED, BYTES,   MORE,   0, "bytes, and for swap SwapFree", "How much of it the kernel could get back that way at most: of what goes to swap no more than is free there, anon first; of ZFS's cache what is over its c_min.") \
	C(source,      "SOURCE",      STR, LABEL,   NONE,    MORE,   0, "the formula", "The kernel's fields it is computed from; those in brackets only where the kernel has them.") \
	C(terms,       "TERMS",       STR, GAUGE,   NONE,    HIDDEN, 0, "the formula with its numbers", "The same formula with this moment's numbers, in KiB.") \
	C(help,        "HELP",        STR, LABEL,   NONE,    HIDDEN, 0, "mmlens", "What the part is, and anything peculiar about it on this machine.") \
	C(referenced,  "REFERENCED",  U64, GAUGE,   BYTES,   HIDDEN, NEEDS_FRAMES, "/proc/kpageflags: REFERENCED", "With --by list: how much of the list is marked as used since reclaim looked last. All frames of the machine are read for it, about 20 ms for each GiB.")
/* clang-format on */

#define MML_COLUMN_IDS_OF BALANCE
#include "../../core/columns.h"

extern const struct mml_collector mml_collector_balance;

/* When a part applies, where kernels and machines count the same memory differently. */
enum mml_balance_when {
	MML_BALANCE_ALWAYS,
	MML_BALANCE_DIRTY_FITS, /* the file pages to be written are told, and are not more than all */
	MML_BALANCE_DIRTY_EXCEEDS,
	MML_BALANCE_SHMEM_FITS, /* shared memory is told, and is on the lists of anonymous pages */
	MML_BALANCE_SHMEM_EXCEEDS,
	MML_BALANCE_UNSPLIT, /* before 2.6.28: meminfo has no (anon) and (file) */
	MML_BALANCE_UNSPLIT_SLAB,
	MML_BALANCE_STACKS_INSIDE, /* CONFIG_VMAP_STACK: thread stacks lie in vmalloc memory */
	MML_BALANCE_STACKS_OUTSIDE,
	MML_BALANCE_STACKS_UNDECIDED,
	MML_BALANCE_VMALLOC_UNCOUNTED, /* VmallocUsed is address space (up to 4.3) or 0 (up to 5.2) */
	MML_BALANCE_NO_HUGETLB,        /* before 4.19 */
	MML_BALANCE_DEFAULT_POOL,      /* the same, and sysfs does not tell */
	MML_BALANCE_ZSPAGES_UNTOLD,    /* vmstat has no nr_zspages */
	MML_BALANCE_ZSWAP_OUTSIDE,     /* the zswap pool is not counted in nr_zspages */
	MML_BALANCE_BALLOON_INSIDE,
};

/* What the formulas are computed from, and what was found out about the machine. */
struct mml_balance {
	struct mml_take *take;
	struct mml_table *table;
	/* Texts of the files, empty if they could not be read. */
	struct mml_span meminfo, vmstat, zoneinfo, vmallocinfo, arcstats, sockstat, sockstat6,
		dm_bufio;
	struct mml_zones zones;
	int zones_error; /* a line of zoneinfo was not understood */
	struct mml_whose whose;
	uint64_t page_size;
	int64_t total;
	int64_t swap_left; /* free swap that no row above has been given; -1: not known */
	int64_t overlap;   /* bytes that may be counted twice, or lie outside MemTotal */
	int64_t rest;	   /* of MemTotal, after the rows above */
};

/* Sums of plausible sizes cannot overflow. Anything larger is nonsense. */
static inline bool mml_balance_plausible(uint64_t bytes)
{
	return bytes <= (uint64_t)INT64_MAX / 64;
}

/* Reads the files beside meminfo. If one could not be read, the table gets a note that names it and
 * the rows that are missing for it. Returns 0 or -ENOMEM. */
int mml_balance_open(struct mml_balance *b);

/* Sets RET to the bytes of the field NAME, from whichever file has it. Returns false if there is no
 * such field, or if its value is no size that memory can have. */
bool mml_balance_field(const struct mml_balance *b, const char *name, int64_t *ret);

/* Computes a formula such as "Active(file) + Inactive(file) - Dirty" in bytes, and appends its
 * terms to TERMS in KiB. Fields in brackets, or to be added, are left out if they do not exist.
 * Returns 0; -ENOENT if the first field does not exist, or one that is to be subtracted; -ERANGE if
 * one is no size that memory can have. */
int mml_balance_evaluate(const struct mml_balance *b, const char *formula, int64_t *ret,
			 struct mml_buf *terms);

/* Sets RET to the bytes of a field whose name has a colon, which is of a file other than meminfo and
 * vmstat. Returns false if there is no such field. */
bool mml_balance_file_field(const struct mml_balance *b, const char *name, uint64_t *ret);

/* Returns whether the parts of the kind WHEN are those that count here. */
bool mml_balance_applies(const struct mml_balance *b, enum mml_balance_when when);

/* Puts the rows of TABLE, a balance, in the order of what reclaim could do with them, and those
 * together that it can do nothing with. B is NULL for the balance of a control group. Returns 0 or
 * -ENOMEM. */
int mml_balance_by_reclaim(struct mml_table *table, const struct mml_balance *b);

/* Fills the table with the lists that reclaim works on, and their generations where the kernel has
 * some and debugfs tells of them. REFERENCED says to count the pages that are marked as used. Returns
 * 0 or -ENOMEM. */
int mml_balance_by_list(struct mml_balance *b, bool referenced);

/* Returns whether any area in TEXT, a vmallocinfo, is a thread's stack. */
bool mml_vmallocinfo_has_stacks(struct mml_span text);

/* Returns the balloon drivers that serve a device here and may have taken memory out of no counter,
 * as "hv_balloon and virtio_balloon", or NULL. */
const char *mml_balance_balloons(const struct mml_balance *b);
