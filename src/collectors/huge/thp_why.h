/* Says in words why transparent huge pages are used or not, with the numbers. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../zones/buddyinfo.h"

/* The verdicts in their order: the worse one comes later. */
enum mml_verdict {
	MML_WHY_FINE,	/* nothing stands in the way here */
	MML_WHY_LIMITS, /* some get none, or get them late */
	MML_WHY_BLOCKS, /* none are to be had this way */
};

struct mml_finding {
	const char *about; /* anon, shmem, file, khugepaged, zone, mapping, result */
	const char *id;	   /* never changes; lower_snake */
	enum mml_verdict verdict;
	const char *text; /* one sentence, with the numbers */
	bool has_value, has_limit;
	double value, limit; /* the number it rests on, and what that was compared with */
};

/* A number that may be unknown. */
struct mml_maybe {
	bool known;
	uint64_t v;
};

/* A zone of which is asked whether it can serve a page of the PMD's order. */
struct mml_thp_zone {
	struct mml_buddy buddy;
	const char *name; /* "Normal" */
};

/* The setting of one size (6.8 and later). */
struct mml_thp_size {
	uint64_t size;	     /* bytes */
	const char *enabled; /* always, inherit, madvise, never */
	const char *shmem;   /* shmem_enabled: always, inherit, within_size, advise, never */
	struct mml_maybe nr_anon; /* anonymous pages of this size, however they are mapped */
	bool collapses;		  /* khugepaged makes pages of it (7.2 and later) */
};

/* Everything that the reasons rest on. What the kernel does not tell is NULL, 0 or not known. */
struct mml_thp_facts {
	uint64_t page_size, pmd_size; /* in bytes; pmd_size 0: the kernel has no huge pages */
	const char *enabled, *defrag, *shmem_enabled;
	struct mml_maybe fault_alloc, fault_fallback, fault_fallback_charge;
	struct mml_maybe collapse_alloc, collapse_failed, full_scans, collapsed;
	struct mml_maybe khugepaged_defrag, pages_to_scan, scan_sleep_ms, max_ptes_none;
	struct mml_maybe split, swpout, swpout_fallback;
	struct mml_maybe compact_stall, compact_fail;
	struct mml_maybe extfrag_threshold;				/* thousandths */
	struct mml_maybe free_blocks; /* nr_free_pages_blocks, in pages (6.18 and later) */
	struct mml_maybe anon, anon_huge, shmem, shmem_huge, shmem_pmd; /* bytes */
	const struct mml_thp_zone *zones;
	size_t nzones;
	const struct mml_thp_size *sizes;
	size_t nsizes;
};

/* What decides whether shared memory is in huge pages. */
enum mml_thp_shmem {
	MML_THP_NO_SHMEM,
	MML_THP_SHMEM_ANON,  /* shared by mmap() or fork(): the settings of each size */
	MML_THP_SHMEM_NAMED, /* a memfd, System V: shmem_enabled */
	MML_THP_SHMEM_MOUNT, /* a file of a tmpfs: the option huge= of its mount */
};

/* A mapping as smaps and /proc/PID/status tell of it. */
struct mml_thp_mapping {
	uint64_t start, end;
	uint64_t rss, huge;	   /* bytes; huge: AnonHugePages + ShmemPmdMapped + FilePmdMapped */
	struct mml_maybe eligible; /* THPeligible */
	bool anon;
	enum mml_thp_shmem shmem;  /* neither it nor anon: the mapping is of a file */
	const char *mount_huge;	   /* of MML_THP_SHMEM_MOUNT: the option; NULL: not given */
	bool advised, refused;	   /* VmFlags hg and nh */
	bool special;		   /* VmFlags io, pf, mm or ht */
	bool disabled;		   /* THP_enabled of the process is 0 */
};

/* Makes the findings about the machine in ARENA. Within a subject, those that stand in the way come
 * first. Returns how many there are, or -ENOMEM. The answer depends on FACTS only. */
long mml_thp_why(struct mml_arena *arena, const struct mml_thp_facts *facts,
		 struct mml_finding **ret);

/* The same about one mapping. */
long mml_thp_why_mapping(struct mml_arena *arena, const struct mml_thp_facts *facts,
			 const struct mml_thp_mapping *mapping, struct mml_finding **ret);

/* Returns the smallest size that any mapping may have, that of the PMD at most. */
uint64_t mml_thp_smallest(const struct mml_thp_facts *facts);

/*
 * The same about every mapping of the process PID. Each finding is handed to EMIT with the address
 * its mapping begins at, which is 0 for a finding about several. Mappings that are too small for a
 * huge page are summed up. Returns 0, what EMIT returned, or the error of reading smaps.
 */
typedef int (*mml_thp_emit)(const struct mml_finding *finding, pid_t pid, uint64_t start,
			    void *ctx);
int mml_thp_why_process(struct mml_take *take, const struct mml_thp_facts *facts, pid_t pid,
			mml_thp_emit emit, void *ctx);

/* Reads the facts. What cannot be read is not known. Returns 0 or -ENOMEM. */
int mml_thp_facts_read(struct mml_take *take, struct mml_thp_facts *ret);

