/* The facts that findings are made of: the tables of one moment, and what is remembered of earlier
 * ones. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/look.h"
#include "../core/snapshot.h"

/* The counters of /proc/vmstat that the rules look at. Where the kernel keeps one counter for each
 * zone, reason or kind, "true" says that all names that begin with the one given are added up. */
#define MML_FACT_COUNTERS(X)                       \
	X(ALLOCSTALL, "allocstall", true)          \
	X(COMPACT_FAIL, "compact_fail", false)     \
	X(COMPACT_STALL, "compact_stall", false)   \
	X(OOM_KILL, "oom_kill", false)             \
	X(SCAN_DIRECT, "pgscan_direct", false)     \
	X(SCAN_KSWAPD, "pgscan_kswapd", false)     \
	X(SCAN_KHUGE, "pgscan_khugepaged", false)  \
	X(STEAL_DIRECT, "pgsteal_direct", false)   \
	X(STEAL_KSWAPD, "pgsteal_kswapd", false)   \
	X(STEAL_KHUGE, "pgsteal_khugepaged", false) \
	X(SWAP_IN, "pswpin", false)                \
	X(SWAP_OUT, "pswpout", false)              \
	X(REFAULT, "workingset_refault", true)     \
	X(THP_ALLOC, "thp_fault_alloc", false)     \
	X(THP_FALLBACK, "thp_fault_fallback", false) \
	X(DIRTY, "nr_dirty", false)                \
	X(WRITEBACK, "nr_writeback", false)        \
	X(DIRTY_THRESHOLD, "nr_dirty_threshold", false)

enum mml_fact_counter {
#define X(id, ...) MML_FACT_##id,
	MML_FACT_COUNTERS(X)
#undef X
	MML_FACTS,
};

struct mml_counters {
	uint64_t value[MML_FACTS];
	uint64_t has; /* bit I is set if value[I] was read */
};

/* The facts of one moment. A table that could not be read has no rows, and a rule that needs it
 * says nothing. */
struct mml_facts {
	uint64_t time_ns, page_size;
	const struct mml_table *meminfo, *zones, *buddy, *slab, *psi, *swaps, *balance;
	struct mml_counters counters;
};

/* The history of one slab cache: its size in bytes at each remembered moment, or 0 where the cache
 * did not exist. */
enum { MML_PAST_POINTS = 16 };
struct mml_cache_past {
	char *name;
	uint64_t size[MML_PAST_POINTS];
};

/* What is remembered of earlier moments: the counters of the last one, and the sizes of slab caches
 * at several. The time between these grows while they are collected, so that a slow leak shows as
 * well as a fast one. */
struct mml_past {
	uint64_t time_ns; /* when the counters were read; 0: never */
	struct mml_counters counters;
	struct mml_cache_past *caches;
	size_t ncaches;
	uint64_t when[MML_PAST_POINTS];
	unsigned points;
	uint64_t spacing_ns;
};

/* Gathers the facts of this moment from the tables of TAKE. Returns 0 or -ENOMEM. */
int mml_facts_take(struct mml_take *take, struct mml_facts *ret);

/* Returns meminfo's field NAME in bytes, or as a number if the field is a count, such as
 * HugePages_Free. It returns 0 if there is no such field. */
uint64_t mml_fact_meminfo(const struct mml_facts *facts, const char *name);

/* Returns by how much COUNTER grew per second since the past, or a number below 0 if that is not
 * known: there is no past, the counter is missing, or it went back. */
double mml_fact_rate(const struct mml_facts *now, const struct mml_past *past,
		     enum mml_fact_counter counter);

/* Returns by how much COUNTER grew in all since the past, or a number below 0 if that is not known. */
double mml_fact_change(const struct mml_facts *now, const struct mml_past *past,
		       enum mml_fact_counter counter);

/* Makes NOW the last moment that PAST remembers. A moment that is not later than the last one is
 * ignored. */
void mml_past_add(struct mml_past *past, const struct mml_facts *now);
void mml_past_free(struct mml_past *past);

/* How a slab cache grew while it was watched. The moment NOW is one of the points. */
struct mml_cache_growth {
	const char *name;
	uint64_t first, last; /* bytes */
	uint64_t span_ns;
	unsigned points, rises, falls;
};

/* Fills RET for row I of the slab table of NOW. Returns false if the cache was not seen before. */
bool mml_past_growth(const struct mml_past *past, const struct mml_facts *now, size_t i,
		     struct mml_cache_growth *ret);

/*
 * Adds what looks wrong in NOW, given PAST, as rows of the table findings. The answer depends on
 * nothing else. Returns 0 or -ENOMEM.
 */
int mml_findings(const struct mml_facts *now, const struct mml_past *past, struct mml_table *ret);
