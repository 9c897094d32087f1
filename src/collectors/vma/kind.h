/* What a mapping is: text, data, heap, stack, shmem ... */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "../../core/snapshot.h"
#include "maps.h"

/* The file systems in memory that a process sees, by device; read when the first file asks. */
struct mml_mounts {
	bool read;
	size_t n;
	struct mml_mount {
		uint32_t major, minor;
		bool hugetlb; /* hugetlbfs; else tmpfs and its like */
	} *list;
};

/* The kind of MAP of process PID: a constant word. What smaps alone tells, that memory of a memfd or
 * of System V is hugetlb, is for the caller to add. */
const char *mml_map_kind(struct mml_take *take, struct mml_mounts *mounts, pid_t pid,
			 const struct mml_map *map);

/* Text of /proc/PID/mountinfo into MOUNTS, in ARENA: 0 or -ENOMEM. Lines that are none are skipped. */
int mml_mounts_parse(struct mml_arena *arena, struct mml_span text, struct mml_mounts *mounts);
