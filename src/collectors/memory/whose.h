/* Whose memory /proc/meminfo is about, and which of its numbers cannot be true together. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"
#include "../zones/zoneinfo.h"

enum mml_whose_is {
	MML_WHOSE_UNKNOWN, /* there is nothing to compare it with: no warning rests on it */
	MML_WHOSE_MACHINE, /* this machine's: its other files agree */
	MML_WHOSE_LAZY,	   /* this machine's, and MemTotal counts memory that no zone manages yet */
	MML_WHOSE_OTHER,   /* not this machine's: rewritten for a container, emulated, edited */
};

struct mml_whose {
	enum mml_whose_is is;
	uint64_t total, managed; /* bytes, of meminfo and of the zones; 0: not known */
	/* LAZY and OTHER: the numbers that show it, as half a sentence. */
	const char *why;
	/* Counters that cannot all be right, whosever they are, as half sentences; NULL: none. */
	const char *contradiction;
};

/*
 * Judge /proc/meminfo by itself and against the zones and /proc/vmstat, which containers do not
 * rewrite. 0, with UNKNOWN where meminfo cannot be read, or -ENOMEM.
 */
int mml_whose_meminfo(struct mml_take *take, struct mml_whose *ret);

/* The same, for those who have /proc/zoneinfo parsed already. */
int mml_whose_meminfo_by(struct mml_take *take, const struct mml_zones *zones,
			 struct mml_whose *ret);
