/* What a mapping is: text, data, heap, stack, shmem ... */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "../../core/snapshot.h"
#include "maps.h"

/* The file systems of known kinds without a disk behind them that a process sees, by device. They
 * are read when the first file asks. */
struct mml_mounts {
	bool read;
	size_t n;
	struct mml_mount {
		uint32_t major, minor;
		bool memory;  /* tmpfs or the like */
		const char *huge; /* its option huge=; NULL: not given */
		bool hugetlb; /* hugetlbfs */
		bool local;   /* its files are never those of another machine */
	} *list;
};

/* Returns the file system of device 0:MINOR as the process PID sees it, or NULL if its kind is not
 * known. */
const struct mml_mount *mml_mounts_find(struct mml_take *take, struct mml_mounts *mounts, pid_t pid,
					uint32_t minor);

/* Returns the kind of MAP of the process PID, as a constant word. Only smaps tells that memory of a
 * memfd or of System V is hugetlb, so that the caller must add this. */
const char *mml_map_kind(struct mml_take *take, struct mml_mounts *mounts, pid_t pid,
			 const struct mml_map *map);

/* Parses TEXT, a /proc/PID/mountinfo, into MOUNTS in ARENA. Lines of another form are skipped.
 * Returns 0 or -ENOMEM. */
int mml_mounts_parse(struct mml_arena *arena, struct mml_span text, struct mml_mounts *mounts);
