/* The files that have pages in memory: the columns, and what the parts of the collector share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bytes.h"
#include "mounts.h"

enum { MML_FILES_NEEDS_HOLDERS = 1 };

/* clang-format off */
#define FILES_COLUMNS(C, R) \
	C(kind,    "KIND",    STR,  KEY,     NONE,    FIRST,  0, "super_block.s_magic, the name the kernel gives it", "file; deleted: without a name, and in memory for as long as somebody holds it; device: what a block device has in memory of itself, such as the metadata of ext4; metadata: of btrfs and f2fs; tmpfs; memfd; sysv: a segment of System V; anon-shm: anonymous memory that is shared; driver: shared memory that a driver made; rest: the files that are not told one by one.") \
	C(cached,  "CACHED",  U64,  GAUGE,   BYTES,   FIRST,  0, "address_space.nrpages * page size", "What of it is in memory.") \
	C(share,   "OFFILE" , F64,  DERIVED, PERCENT, MAIN,   0, "cached / (size, in whole pages)", "How much of the file that is.") \
	C(size,    "SIZE",    U64,  GAUGE,   BYTES,   MORE,   0, "inode.i_size", "How long the file is. One with holes takes less.") \
	C(swapped, "SWAPPED", U64,  GAUGE,   BYTES,   MAIN,   0, "shmem_inode_info.swapped * page size", "What of it is in swap. Only shared memory can be.") \
	R(growth,  "GROWTH",  I64,  GROWTH,  BYTES,   MAIN,   cached, "Change since the previous sample.") \
	C(holders, "HOLDERS", U64,  GAUGE,   COUNT,   MORE,   MML_FILES_NEEDS_HOLDERS, "task_struct.files, vm_area_struct.vm_file", "Processes that have it open or map it. What the kernel itself holds, such as a swap file, and what is open through overlayfs, is not among them.") \
	C(held_by, "HELDBY",  STR,  GAUGE,   NONE,    MAIN,   MML_FILES_NEEDS_HOLDERS, "task_struct.tgid, comm", "One of them, with the descriptor where it is not mapped; nobody: no process, so that of shared memory and deleted files somebody else keeps it: a descriptor on its way, or the kernel. Absent where none was met and that tells nothing: of devices, and while overlays are mounted, through which files are opened under another inode.") \
	C(fs,      "FS",      STR,  LABEL,   NONE,    MORE,   0, "file_system_type.name", "The type of its file system.") \
	C(device,  "DEVICE",  STR,  KEY,     NONE,    LAST,   0, "super_block.s_dev; of a device its own number", "The device of its file system, as in mountinfo.") \
	C(inode,   "INODE",   U64,  KEY,     NONE,    LAST,   0, "inode.i_ino", "Its number there; that of a segment of System V is its shmid.") \
	C(mount,   "MOUNT",   STR,  LABEL,   NONE,    HIDDEN, 0, "/proc/self/mountinfo", "Where its file system is mounted.") \
	C(uid,     "UID",     U64,  LABEL,   NONE,    HIDDEN, 0, "inode.i_uid", "The user whose file it is.") \
	C(deleted, "DELETED", BOOL, LABEL,   NONE,    HIDDEN, 0, "inode.i_nlink = 0", "Whether it has no name any more. What never had one (memfd, segments) counts as well.") \
	C(rest,    "REST",    BOOL, LABEL,   NONE,    HIDDEN, 0, "the sums of the walk - the rows", "Whether this is the sum of the files that have no row.") \
	C(files,   "FILES",   U64,  GAUGE,   COUNT,   HIDDEN, 0, "1; of the rest, their number", "How many files the row stands for.") \
	C(path,    "PATH",    STR,  KEY,     NONE,    FIRST,  0, "dentry.d_name, /proc/self/mountinfo", "Where it is; a file of several names has the first that the kernel remembers. Where it remembers none, its inode.")
/* clang-format on */

#define MML_COLUMN_IDS_OF FILES
#include "../../core/columns.h"

/* Who holds a file. */
struct mml_files_held {
	uint32_t processes;
	const struct mml_files_holder *first; /* one of those that map it, or else of those that have it open */
};

/* What rows are made with. */
struct mml_files_fill {
	struct mml_take *take;
	struct mml_table *table;
	const struct mml_files_bytes *bytes;
	struct mml_mount_points mounts;
	struct mml_span partitions; /* /proc/partitions, or nothing */
	struct mml_files_held *held; /* [nrows] who holds each, or NULL */
};

/* Returns the path of ROW in words, and sets RET_MOUNT to where its file system is mounted, or to NULL if it
 * is not mounted where this process can see it. Returns NULL when memory ran out. */
const char *mml_files_path(struct mml_files_fill *fill, const struct mml_files_row *row, const char **ret_mount);

/* Returns the word for what ROW is, as in the column kind. */
const char *mml_files_kind(const struct mml_files_bytes *bytes, const struct mml_files_row *row);

/* Counts the holders of each row of BYTES, each process once. Sets RET to an array in ARENA, or to NULL if nobody
 * was asked. Returns 0 or -ENOMEM. */
int mml_files_holders(struct mml_arena *arena, const struct mml_files_bytes *bytes, struct mml_files_held **ret);

/* Adds the rows of FILL->bytes to FILL->table. Returns 0 or -ENOMEM. */
int mml_files_rows(struct mml_files_fill *fill);
