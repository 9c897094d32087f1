/* The facts that findings are made of: the tables of one moment, and what is remembered of earlier
 * ones. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../collectors/memory/whose.h"
#include "../core/look.h"
#include "../core/snapshot.h"
#include "groups.h"
#include "trail.h"

/* The counters of /proc/vmstat that the rules look at. Where the kernel keeps one counter for each
 * zone, reason or kind, "true" says that all names that begin with the one given are added up. */
#define MML_FACT_COUNTERS(X)                       \
	X(ALLOCSTALL, "allocstall", true)          \
	X(COMPACT_FAIL, "compact_fail", false)     \
	X(COMPACT_STALL, "compact_stall", false)   \
	X(OOM_KILL, "oom_kill", false)             \
	X(PAGEOUTRUN, "pageoutrun", false)         \
	X(SCAN_DIRECT, "pgscan_direct", true)      \
	X(SCAN_KSWAPD, "pgscan_kswapd", true)      \
	X(SCAN_KHUGE, "pgscan_khugepaged", false)  \
	X(STEAL_DIRECT, "pgsteal_direct", true)    \
	X(STEAL_KSWAPD, "pgsteal_kswapd", true)    \
	X(STEAL_KHUGE, "pgsteal_khugepaged", false) \
	X(SWAP_IN, "pswpin", false)                \
	X(SWAP_OUT, "pswpout", false)              \
	X(REFAULT, "workingset_refault", true)     \
	X(THP_ALLOC, "thp_fault_alloc", false)     \
	X(THP_FALLBACK, "thp_fault_fallback", false) \
	X(NUMA_FOREIGN, "numa_foreign", false)     \
	X(PIN_ACQUIRED, "nr_foll_pin_acquired", false) \
	X(PIN_RELEASED, "nr_foll_pin_released", false) \
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
	uint64_t has;     /* bit I is set if value[I] was read, */
	uint64_t wrapped; /* and here if it cannot be: it has gone below 0 */
};

/* Settings of the kernel's that rules need, and the number of threads: -1 where one is not known. */
struct mml_fact_settings {
	int64_t overcommit, threads, threads_max, pid_max, max_map_count;
};

/* The facts of one moment. A table that could not be read has no rows, and a rule that needs it
 * says nothing. */
struct mml_facts {
	uint64_t time_ns, page_size;
	const struct mml_table *vmstat, *meminfo, *zones, *buddy, *slab, *psi, *swaps, *balance, *shmem;
	/* These take many files. NULL: nothing can be found in them now, or it is not their turn. */
	const struct mml_table *hugepages, *nodes, *processes;
	uint64_t processes_cost_ns; /* what reading these took */
	/* Somebody watches, and this look has them already; or NULL. */
	const struct mml_table *reclaim, *swapping;
	struct mml_counters counters;
	struct mml_fact_settings settings;
	struct mml_whose whose;
	const char *group; /* the path of the control group that is asked about; NULL: the machine is */
};

/* Something that was found, by its name and what it is about. */
struct mml_seen {
	const char *finding; /* for good */
	char *about;
	uint64_t first_ns;
};

/* A process that has many mappings. */
struct mml_mapped {
	uint64_t pid, started, n;
	char *comm;
};

enum mml_watched_table { MML_WATCHED_RECLAIM, MML_WATCHED_SWAPPING };

/* A row of one of these: how often and how long, or bytes in and out. */
struct mml_watched {
	enum mml_watched_table table;
	uint64_t pid, started, a, b;
	const char *kind; /* of reclaim; else NULL */
};

/* What is remembered of earlier moments: the counters of the last one, and sizes at several: of slab
 * caches, of memory by what it is (the remainder of the balance), of processes and programs. */
struct mml_past {
	uint64_t time_ns; /* when the counters were read; 0: never */
	struct mml_counters counters;
	struct mml_trail caches, memory, processes, programs;
	uint64_t processes_ns; /* when they were looked at */
	uint64_t cost_ns;      /* what that took */
	struct mml_mapped *mapped; /* as of then */
	size_t nmapped;
	uint64_t counted_pid;  /* the last one whose mappings were counted in its turn */
	struct mml_groups groups;
	struct mml_watched *watched;
	size_t nwatched;
	uint64_t watched_ns; /* when they were seen; 0: nobody watched */
	struct mml_seen *seen; /* what was found at the last look */
	size_t nseen;
};

/* Gathers the facts of this moment from the tables of TAKE, with PROCESSES if these are wanted or at
 * hand. Returns 0 or -ENOMEM. */
int mml_facts_take(struct mml_take *take, bool processes, struct mml_facts *ret);

/* Looks up meminfo's field NAME in bytes, or as a number if the field is a count, such as
 * HugePages_Free. Returns false if there is no such field, or it is no size memory can have. */
bool mml_fact_meminfo(const struct mml_facts *facts, const char *name, uint64_t *ret);

/* Looks up COUNTER. Returns false if there is none, or it has wrapped. */
bool mml_fact_counter(const struct mml_facts *facts, enum mml_fact_counter counter, uint64_t *ret);

/* Returns the name of COUNTER in the kernel's file. */
const char *mml_fact_name(enum mml_fact_counter counter);

/* Returns by how much COUNTER grew per second since the past, or a number below 0 if that is not
 * known: there is no past, the counter is missing, or it went back. */
double mml_fact_rate(const struct mml_facts *now, const struct mml_past *past,
		     enum mml_fact_counter counter);

/* Returns by how much COUNTER grew in all since the past, or a number below 0 if that is not known. */
double mml_fact_change(const struct mml_facts *now, const struct mml_past *past,
		       enum mml_fact_counter counter);

/* Looks up the remainder of the balance in bytes, 0 where it is negative. Returns false if it means
 * nothing, since counters that are large on any machine are missing. */
bool mml_fact_unaccounted(const struct mml_facts *facts, uint64_t *ret);
#define MML_FACT_UNACCOUNTED "unaccounted" /* its name in its trail */

/* Returns the name a process has in its trail, "PID STARTED COMMAND", which is unique; or NULL. */
const char *mml_fact_process(const struct mml_facts *facts, const struct mml_row *row,
			     struct mml_arena *arena);

/* Returns the bytes a process has for itself, in memory and in swap, or 0 if that is not known. */
uint64_t mml_fact_private(const struct mml_facts *facts, const struct mml_row *row);

/* The processes of one name, two or more, and what they have for themselves. */
struct mml_program {
	const char *name;
	uint64_t private;
	size_t processes;
};

struct mml_programs {
	struct mml_program *list; /* by name, without those that have less than LEAST */
	size_t n;
	uint64_t least; /* bytes: processes and programs with less are not followed */
};

/* Adds up the processes by name, in ARENA. Returns 0 or -ENOMEM. */
int mml_fact_programs(const struct mml_facts *facts, struct mml_arena *arena,
		      struct mml_programs *ret);

/* Follows the processes of NOW, if it has any. What is judged afterwards is as of this look. */
void mml_past_follow(struct mml_past *past, const struct mml_facts *now);

/* Counts the mappings of the processes of NOW, if it has any: of those that may be near the limit, and
 * as many as there is time for. */
void mml_past_mappings(struct mml_past *past, struct mml_root *root, const struct mml_facts *now);
void mml_mapped_free(struct mml_mapped *mapped, size_t n);

/* The table WHICH of NOW, or NULL if nobody watches it. */
const struct mml_table *mml_watched_table(const struct mml_facts *now, enum mml_watched_table which);

/* Fills RET with what ROW of table WHICH has counted since the past, and sets RET_SECONDS to how long
 * that was. Returns false if it was not watched then. */
bool mml_watched_since(const struct mml_facts *now, const struct mml_past *past,
		       enum mml_watched_table which, const struct mml_row *row,
		       struct mml_watched *ret, double *ret_seconds);

/* Remembers the rows of these tables of NOW. */
void mml_past_watch(struct mml_past *past, const struct mml_facts *now);
void mml_watched_free(struct mml_past *past);

/* Makes NOW the last moment that PAST remembers. A moment that is not later than the last one is
 * ignored. */
void mml_past_add(struct mml_past *past, const struct mml_facts *now);
void mml_past_free(struct mml_past *past);

/* Fills RET for row I of the slab table of NOW. Returns false if the cache was not seen before. */
bool mml_past_growth(const struct mml_past *past, const struct mml_facts *now, size_t i,
		     struct mml_growth *ret);

/*
 * Adds what looks wrong in NOW, given PAST, as rows of the table findings. The answer depends on
 * nothing else. Returns 0 or -ENOMEM.
 */
int mml_findings(const struct mml_facts *now, const struct mml_past *past, struct mml_table *ret);
