/* The columns of the table `shmem`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

enum { MML_SHMEM_NEEDS_WALK = 1 };

/* clang-format off */
#define SHMEM_COLUMNS(C, R) \
	C(kind,     "KIND",     STR,  KEY,     NONE,    FIRST,  0, "mountinfo, sysvipc/shm, the walk over inodes", "tmpfs: a file system; sysv: a segment of System V; memfd, anon-shm, driver: all of that kind; other: what could not be told apart; remainder: what meminfo's Shmem has beside the rows, below zero if they have more; total: Shmem.") \
	C(used,     "USED",     U64,  GAUGE,   BYTES,   FIRST,  0, "statfs: (f_blocks - f_bfree) * f_bsize; rss + swap; nrpages + swapped", "What it takes, in memory and in swap together.") \
	C(cached,   "CACHED",   I64,  GAUGE,   BYTES,   MAIN,   MML_SHMEM_NEEDS_WALK, "address_space.nrpages; sysvipc/shm: rss; meminfo: Shmem", "What of it is in memory.") \
	C(swapped,  "SWAPPED",  U64,  GAUGE,   BYTES,   MAIN,   MML_SHMEM_NEEDS_WALK, "shmem_inode_info.swapped; sysvipc/shm: swap", "What of it is in swap.") \
	R(growth,   "GROWTH",   I64,  GROWTH,  BYTES,   MAIN,   used, "Change of what is used since the previous sample.") \
	C(limit,    "LIMIT",    U64,  LABEL,   BYTES,   MAIN,   0, "statfs: f_blocks * f_bsize; the segment's size", "How much it can take at most.") \
	C(full,     "FULL",     F64,  DERIVED, PERCENT, MAIN,   0, "used / limit", "How much of the limit that is.") \
	C(files,    "FILES",    U64,  GAUGE,   COUNT,   MORE,   0, "statfs: f_files - f_ffree; the inodes of the kind", "Files and directories in it.") \
	C(attached, "ATTACHED", U64,  GAUGE,   COUNT,   MAIN,   0, "sysvipc/shm: nattch", "How often a segment is attached. One at 0 is held by nobody: it stays until it is removed, by ipcrm.") \
	C(idle,     "IDLE",     U64,  GAUGE,   NSEC,    MORE,   0, "now - sysvipc/shm: dtime", "How long ago the last process detached a segment that nobody has attached.") \
	C(uid,      "UID",      U64,  LABEL,   NONE,    HIDDEN, 0, "sysvipc/shm: uid", "Whose segment it is.") \
	C(creator,  "CREATOR",  U64,  LABEL,   NONE,    HIDDEN, 0, "sysvipc/shm: cpid", "The process that made the segment.") \
	C(device,   "DEVICE",   STR,  KEY,     NONE,    LAST,   0, "mountinfo", "The device of the file system.") \
	C(name,     "NAME",     STR,  KEY,     NONE,    FIRST,  0, "mountinfo; sysvipc/shm: shmid, key", "Where it is mounted; the number of a segment, and its key if it has one.")
/* clang-format on */

#define MML_COLUMN_IDS_OF SHMEM
#include "../../core/columns.h"
