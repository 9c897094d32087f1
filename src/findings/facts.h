/* What findings are made of: the tables of one moment, and what is remembered of earlier ones. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/look.h"
#include "../core/snapshot.h"

/* Counters of /proc/vmstat that rules look at; names that begin alike are summed where the kernel has
 * one for each zone, reason or kind. */
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
	uint64_t has; /* bits */
};

/* One moment. A table that could not be read has no rows, and no rule that needs it says anything. */
struct mml_facts {
	uint64_t time_ns, page_size;
	const struct mml_table *meminfo, *zones, *buddy, *slab, *psi, *swaps, *balance;
	struct mml_counters counters;
};

/* A slab cache over time: its size at each of the moments, 0 where it was not there. */
enum { MML_PAST_POINTS = 16 };
struct mml_cache_past {
	char *name;
	uint64_t size[MML_PAST_POINTS];
};

/* Earlier moments: the last one's counters, and sizes of slab caches at moments ever further apart,
 * so that a slow leak shows as well as a fast one. */
struct mml_past {
	uint64_t time_ns; /* of counters; 0: nothing is known */
	struct mml_counters counters;
	struct mml_cache_past *caches;
	size_t ncaches;
	uint64_t when[MML_PAST_POINTS];
	unsigned points;
	uint64_t spacing_ns;
};

/* Gather NOW from the tables of TAKE: 0 or -ENOMEM. */
int mml_facts_take(struct mml_take *take, struct mml_facts *ret);

/* The size of meminfo's field NAME, in bytes (of a count: the count); 0 when there is none. */
uint64_t mml_fact_meminfo(const struct mml_facts *facts, const char *name);

/* How much COUNTER grew per second since the past; below 0: not known. */
double mml_fact_rate(const struct mml_facts *now, const struct mml_past *past,
		     enum mml_fact_counter counter);

/* How much it grew in all, with the same absence. */
double mml_fact_change(const struct mml_facts *now, const struct mml_past *past,
		       enum mml_fact_counter counter);

/* Remember NOW. */
void mml_past_add(struct mml_past *past, const struct mml_facts *now);
void mml_past_free(struct mml_past *past);

/* How a cache grew while it was watched. */
struct mml_cache_growth {
	const char *name;
	uint64_t first, last; /* bytes */
	uint64_t span_ns;
	unsigned points, rises, falls;
};

/* The growth of row I of the slab table up to NOW; false when it was not watched. */
bool mml_past_growth(const struct mml_past *past, const struct mml_facts *now, size_t i,
		     struct mml_cache_growth *ret);

/*
 * What looks wrong in NOW, given PAST, as rows of the table findings: a pure function. 0 or -ENOMEM.
 */
int mml_findings(const struct mml_facts *now, const struct mml_past *past, struct mml_table *ret);
