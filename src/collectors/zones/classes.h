/* What each class of allocations may still take of a zone, by the rules of its kernel. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "zoneinfo.h"

/* What is asked for: which zones will do, and whether the pages can be moved. */
enum mml_request {
	MML_REQUEST_KERNEL,  /* GFP_KERNEL: up to zone Normal */
	MML_REQUEST_HIGHMEM, /* GFP_HIGHUSER: up to HighMem */
	MML_REQUEST_MOVABLE, /* GFP_HIGHUSER_MOVABLE: every zone, and free CMA pages */
	MML_REQUESTS,
};

/* How far below the mark min it may go. */
enum mml_priority {
	MML_PRIORITY_NORMAL,
	MML_PRIORITY_HIGH,     /* __GFP_HIGH */
	MML_PRIORITY_ATOMIC,   /* GFP_ATOMIC: __GFP_HIGH, and it may not wait */
	MML_PRIORITY_OOM,      /* a process that the OOM killer has killed */
	MML_PRIORITY_MEMALLOC, /* PF_MEMALLOC, __GFP_MEMALLOC: who frees memory */
	MML_PRIORITIES,
};

/* The rules that changed, by the kernel's version. */
struct mml_class_rules {
	bool victims_limited;    /* 4.14: a killed process has half of min, and not everything */
	bool boost_spared;       /* 5.9: an atomic request does not count the boost */
	bool victims_movable;    /* 5.9: CMA counts for a killed process's movable requests, too */
	bool reserves_merged;    /* 6.3: __GFP_HIGH counts as ATOMIC does, for boost and reserve */
	bool reserve_shared;     /* 6.13: atomic requests of one page are served from the reserve, */
	                         /* and of that only what is free is not usable */
};

/* Returns the rules of the kernel of HOST, or today's if it is not known which one that is. */
struct mml_class_rules mml_class_rules_of(const struct mml_host *host);

/* In pages. */
struct mml_class_room {
	uint64_t mark;     /* the part of min that must stay free, */
	uint64_t withheld; /* and what lowmem_reserve keeps back, */
	uint64_t unusable; /* of what is free, what does not count for it */
	int64_t left;      /* single pages it can still have of the zone; below 0: what it lacks */
};

/* Returns the number of the zone that REQUEST prefers on the node of zone number I, which is a class of
 * zones; or -1 if it may not have that zone. */
long mml_request_class(const struct mml_zones *zones, size_t i, enum mml_request request);

/* Returns what REQUEST with PRIORITY, of class CLASS, sees of zone number I: __zone_watermark_ok() and
 * rmqueue() of mm/page_alloc.c, for order 0. */
struct mml_class_room mml_class_room(const struct mml_zones *zones, size_t i, size_t class,
				     enum mml_request request, enum mml_priority priority,
				     const struct mml_class_rules *rules);
