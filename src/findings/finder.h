/* What the rules share: the thresholds, and what they call when they have found something. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "facts.h"

enum mml_finding {
#define FINDING(id, ...) MML_FINDING_##id,
#include "findings.def"
#undef FINDING
	MML_FINDINGS,
};

/* What a rule cannot do without: tables that were read, and an earlier look. Of tables it can do
 * without, or fields that are missing, it is silent about what they would show. */
enum {
	NEEDS_MEMINFO = 1 << 0,
	NEEDS_VMSTAT = 1 << 1,
	NEEDS_ZONES = 1 << 2,
	NEEDS_BUDDY = 1 << 3,
	NEEDS_SLAB = 1 << 4,
	NEEDS_PSI = 1 << 5,
	NEEDS_SWAPS = 1 << 6,
	NEEDS_TIME = 1 << 7,
	NEEDS_GROUPS = 1 << 8,
	NEEDS_WATCH = 1 << 9,
};

enum mml_limit {
#define LIMIT(finding, id, number, ...) MML_LIMIT_##id = number,
#define KERNELS(...)
#include "limits.def"
#undef LIMIT
#undef KERNELS
};

/* The severities in their order: the worse one comes later. */
enum mml_severity { MML_NOTE, MML_WARNING, MML_CRITICAL };

/* The table to look at next, how to sort it as for -s, and which rows of it as for -f. NULL stands
 * for the table's usual order, or for all rows. */
struct mml_find_look {
	const char *table, *sort, *filter;
};

struct mml_found {
	struct mml_found *next;
	enum mml_finding id;
	enum mml_severity severity;
	const char *about; /* the zone or cache; NULL: the whole machine */
	const char *text, *why, *numbers;
	struct mml_find_look look;
};

struct mml_finder {
	struct mml_arena *arena;
	const struct mml_facts *now;
	const struct mml_past *past;
	uint64_t total;            /* MemTotal; 0 if it is not known */
	uint64_t outside;          /* the part of it outside of huge page pools */
	uint64_t available;        /* MemAvailable, */
	bool has_available;        /* if that is known */
	double some, full;         /* per cent of time that tasks waited for memory; NAN: not known */
	struct mml_buf numbers;    /* of the finding being made, */
	const char *why;           /* its reasons in words, or NULL, */
	struct mml_find_look look; /* and where to look; NULL members are those of its kind */
	struct mml_found *first, **last;
	size_t n;
	bool failed; /* memory ran out */
};

/* Says a number that the next finding rests on: bytes, pages or events as the kernel has them. */
void mml_find_number(struct mml_finder *f, const char *name, uint64_t value);

/* Says what the next finding rests on, in whole sentences. They go before what its kind means. */
void mml_find_why(struct mml_finder *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Says where to look next, where that is not what the kind of the next finding says. NULL members
 * stay as they are there. */
void mml_find_look(struct mml_finder *f, const char *table, const char *sort, const char *filter);

/* Returns the filter "COLUMN = 'TEXT'" in the arena, or NULL if TEXT cannot be quoted. */
const char *mml_find_where(struct mml_finder *f, const char *column, const char *text);

/* Adds a finding, with what was said of it since the last one. */
void mml_find(struct mml_finder *f, enum mml_finding id, enum mml_severity severity,
	      const char *about, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Forgets what was said: nothing was found after all. */
void mml_find_nothing(struct mml_finder *f);

/* Returns BYTES as people read them, in the arena. */
const char *mml_find_size(struct mml_finder *f, double bytes);

/* Whether little is available; false too if that is not known. */
bool mml_find_scarce(const struct mml_finder *f);

/* Whether meminfo is, as far as anyone can tell, of this machine, and its counters agree: only then
 * sums over it mean something. */
bool mml_find_sums(const struct mml_finder *f);

/* Returns the rate of COUNTER and says it as a number called NAME; below 0: it is not known. */
double mml_find_rate(struct mml_finder *f, const char *name, enum mml_fact_counter counter);

/* The largest row of the slab table, named with its size, "; most of it is X with Y", or "". */
const char *mml_find_largest_cache(struct mml_finder *f);

/* Whether G is steady growth that matters beside WHOLE, in bytes. */
bool mml_find_grows(const struct mml_growth *g, uint64_t whole);

/* Says in which control group processes were killed since the last look, and whose limit that was, and
 * leads there: " in NAME: it was at its limit of 1.0G". NULL: nobody tells. */
const char *mml_find_killed_in(struct mml_finder *f);

/* Says in which group most were killed that are still there: "; 7 of them in NAME", or "". */
const char *mml_find_killed_before(struct mml_finder *f);

static inline uint64_t mml_mib(uint64_t n)
{
	return n << 20;
}

static inline uint64_t mml_gib(uint64_t n)
{
	return n << 30;
}

static inline uint64_t mml_least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t mml_most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* PERCENT of WHOLE, without wrapping. */
static inline uint64_t mml_part(uint64_t whole, unsigned percent)
{
	return whole / 100 * percent + whole % 100 * percent / 100;
}

/* Which share of WHOLE that is, in per cent; 0 of nothing. */
static inline double mml_percent(double part, uint64_t whole)
{
	return whole ? part * 100 / (double)whole : 0;
}

/* Returns how many of the MML_FINDINGS rules have what they need. */
unsigned mml_findings_looked(const struct mml_facts *now, const struct mml_past *past);

/* Fills column AGE of what was found at NOW and at each look before; FINDING and ABOUT are the columns
 * that name it. What is not found any more is forgotten. */
void mml_past_found(struct mml_past *past, struct mml_table *found, unsigned finding,
		    unsigned about, unsigned age, uint64_t now_ns);

/* The rules, by what they look at. */
void mml_rules_zones(struct mml_finder *f);
void mml_rules_memory(struct mml_finder *f);
void mml_rules_kernel(struct mml_finder *f);
void mml_rules_huge(struct mml_finder *f);
void mml_rules_reclaim(struct mml_finder *f);
void mml_rules_processes(struct mml_finder *f);
void mml_rules_shmem(struct mml_finder *f);
void mml_rules_slab(struct mml_finder *f);
void mml_rules_growth(struct mml_finder *f);
void mml_rules_groups(struct mml_finder *f);
