/* Why transparent huge pages are or are not being used, in words, each with its numbers. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../zones/buddyinfo.h"

/* In their order: what is worse comes later. */
enum mml_verdict {
	MML_WHY_FINE,	/* nothing stands in the way here */
	MML_WHY_LIMITS, /* some get none, or get them late */
	MML_WHY_BLOCKS, /* none to be had this way */
};

struct mml_finding {
	const char *about; /* anon, shmem, file, khugepaged, zone, mapping, result */
	const char *id;	   /* stable, lower_snake */
	enum mml_verdict verdict;
	const char *text; /* one sentence, with the numbers */
	bool has_value, has_limit;
	double value, limit; /* the number it rests on, and what it was held against */
};

/* A number that may be unknown. */
struct mml_maybe {
	bool known;
	uint64_t v;
};

/* What is asked of a zone: can it serve a page of the PMD's order? */
struct mml_thp_zone {
	struct mml_buddy buddy;
	const char *name; /* "Normal" */
};

/* What a size of its own is set to (6.8 and later). */
struct mml_thp_size {
	uint64_t size;	     /* bytes */
	const char *enabled; /* always, inherit, madvise, never */
};

/* Everything the reasons rest on; NULL, 0 or not known where the kernel does not tell. */
struct mml_thp_facts {
	uint64_t page_size, pmd_size; /* bytes; pmd_size 0: the kernel has no huge pages */
	const char *enabled, *defrag, *shmem_enabled;
	struct mml_maybe fault_alloc, fault_fallback, fault_fallback_charge;
	struct mml_maybe collapse_alloc, collapse_failed, full_scans, collapsed;
	struct mml_maybe khugepaged_defrag, pages_to_scan, scan_sleep_ms, max_ptes_none;
	struct mml_maybe split, swpout, swpout_fallback;
	struct mml_maybe compact_stall, compact_fail;
	struct mml_maybe extfrag_threshold;				/* thousandths */
	struct mml_maybe anon, anon_huge, shmem, shmem_huge, shmem_pmd; /* bytes */
	const struct mml_thp_zone *zones;
	size_t nzones;
	const struct mml_thp_size *sizes;
	size_t nsizes;
};

/* A mapping, as smaps and /proc/PID/status tell of it. */
struct mml_thp_mapping {
	uint64_t start, end;
	uint64_t rss, huge;	   /* bytes; huge: AnonHugePages + ShmemPmdMapped + FilePmdMapped */
	struct mml_maybe eligible; /* THPeligible */
	bool anon, shmem;	   /* neither: of a file */
	bool advised, refused;	   /* VmFlags hg, nh */
	bool special;		   /* VmFlags io, pf, mm or ht */
	bool disabled;		   /* THP_enabled: 0 of the process */
};

/* The findings about the machine, in ARENA, those that stand in the way first within a subject.
 * Returns how many; -ENOMEM. A pure function of FACTS. */
long mml_thp_why(struct mml_arena *arena, const struct mml_thp_facts *facts,
		 struct mml_finding **ret);

/* The same about one mapping. */
long mml_thp_why_mapping(struct mml_arena *arena, const struct mml_thp_facts *facts,
			 const struct mml_thp_mapping *mapping, struct mml_finding **ret);

/*
 * The same about every mapping of process PID, each handed to EMIT with where it begins (0: about
 * several); those too small for any huge page are summed up. 0, what EMIT returned, or the error of
 * reading the process' smaps.
 */
typedef int (*mml_thp_emit)(const struct mml_finding *finding, pid_t pid, uint64_t start,
			    void *ctx);
int mml_thp_why_process(struct mml_take *take, const struct mml_thp_facts *facts, pid_t pid,
			mml_thp_emit emit, void *ctx);

/* Read the facts; what can't be read is unknown. 0 or -ENOMEM. */
int mml_thp_facts_read(struct mml_take *take, struct mml_thp_facts *ret);

