/*
 * What is told of files with pages in memory: behind the head come one mml_files_total, then `living` rows
 * of file systems and `dead` rows of files, then the names, each of which is a path below the root of its
 * file system, without the leading slash and with a NUL behind it, then who holds the files.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <linux/types.h>

/* What a file is. The order is in captures, so that new ones go to the end. */
enum mml_files_kind {
	MML_FILES_FILE,
	MML_FILES_DEVICE, /* what the block device itself has in the page cache */
	MML_FILES_TMPFS,
	MML_FILES_MEMFD,
	MML_FILES_SYSV,
	MML_FILES_ANON,   /* shared anonymous memory */
	MML_FILES_KERNEL, /* shared memory that a driver made */
	MML_FILES_KINDS,
};

enum mml_files_flag {
	MML_FILES_DELETED = 1, /* it has no name any more */
	MML_FILES_NAMED = 2,   /* the kernel remembers the name it has or had */
	MML_FILES_ROOTED = 4,  /* and that leads up to the root of its file system */
};

enum mml_files_state {
	MML_FILES_WHOLE = 1, /* its list was walked to the end */
	MML_FILES_CUT = 2,   /* the walk was given up in the middle of it */
};

struct mml_files_sum {
	__u64 files; /* that have anything in memory or in swap */
	__u64 pages;
	__u64 swapped;
};

struct mml_files_fs {
	__u64 inodes; /* walked, whether they have pages or not */
	__u64 magic;
	__u32 dev; /* of the kernel's form: major << 20 | minor */
	__u32 flags; /* the lower half of s_flags */
	__u32 state;
	__u32 pass; /* how often its walk was begun again */
	char type[16];
	struct mml_files_sum sum[MML_FILES_KINDS];
};

struct mml_files_row {
	__u64 ino;
	__u64 pages;
	__u64 size; /* bytes */
	__u64 swapped; /* pages; of shared memory only */
	__u64 inode; /* its address; 0 in what is handed over */
	__u32 fs;    /* the place among the file systems */
	__u32 pass;
	__u32 rdev;  /* of a block device: its number */
	__u32 uid;
	__u32 kind;
	__u32 flags;
	__u32 name;  /* the place of its name among the names */
	__u32 pad;
};

struct mml_files_total {
	__u64 inodes;
	__u64 evicted;  /* times that an inode went away under the walk, which began that file system again */
	__u64 names;    /* bytes of names */
	__u32 whole;    /* all file systems were met */
	__u32 holders;  /* rows of holders */
};

/* A process that has a file open, or maps it. It may be told several times. */
struct mml_files_holder {
	__u32 row; /* the place among the files */
	__u32 tgid;
	__s32 fd;  /* -1: it is mapped */
	char comm[16];
};

/* What the program is asked to name. */
struct mml_files_wanted {
	__u64 inode, ino, sb;
};

#define MML_FILES_CHUNK 4096 /* inodes at a time */
#define MML_FILES_ROOM 16384 /* rows that the program has room for until they are fetched */
#define MML_FILES_FS_MAX 8192
#define MML_FILES_KEEP 16384 /* rows that are kept: the largest */
#define MML_FILES_NAME_MAX 256
