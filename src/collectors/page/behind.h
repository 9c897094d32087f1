/* What a file or shared memory has where a process that maps it has no page: a page in the page
 * cache, a page in swap, or nothing. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"
#include "../vma/kind.h"

enum mml_behind {
	MML_BEHIND_UNKNOWN,
	MML_BEHIND_NOTHING,
	MML_BEHIND_CACHED,
	MML_BEHIND_SWAPPED,
	MML_BEHIND_PAST_END, /* of the file, so that an access is a bus error */
};

/* The words of the column `behind`; NULL for what is not known. */
extern const char *const mml_behind_words[];

struct mml_behind_run {
	uint64_t start, end;
	enum mml_behind what;
};

/* This is used for the mappings of a process, one after the other. */
struct mml_behind_file {
	struct mml_take *take;
	pid_t pid;
	uint64_t page_size;
	struct mml_mounts mounts;
	/* Of the current mapping: */
	uint64_t start, end, offset;
	enum { BEHIND_ANONYMOUS, BEHIND_FILE, BEHIND_SHMEM, BEHIND_OTHER } of;
	bool remote;   /* its file system may be another machine's, so that opening a file may never
			  end */
	bool tried;    /* whether it was tried to open the file */
	int fd;	       /* below 0: not open */
	int error;     /* -errno of opening or asking */
	bool mincore;  /* cachestat() does not help here */
	uint64_t size; /* of the file, rounded up to whole pages */
	struct mml_buf kept; /* what was found, one line each, for a capture */
	/* What a capture has, in the order of addresses: */
	bool read;
	struct mml_behind_run *runs;
	size_t nruns;
};

/* Begins with the process PID, and ends with it. The end hands over to a capture what was found. */
void mml_behind_begin(struct mml_behind_file *f, struct mml_take *take, pid_t pid);
void mml_behind_end(struct mml_behind_file *f);

/* Goes on to the mapping VMA, a row of the table vmas. */
void mml_behind_mapping(struct mml_behind_file *f, const struct mml_row *vma);

/*
 * Returns what lies at START, an address of a page that is not there. Sets RET_END to where that
 * ends, END at most. The file is opened through /proc/PID/map_files, unless opening it might wait
 * for another machine, and is asked by cachestat(), or by mincore() before Linux 6.5. No page is
 * touched.
 */
enum mml_behind mml_behind_at(struct mml_behind_file *f, uint64_t start, uint64_t end,
			      uint64_t *ret_end);

/* Returns why the last answer is not known. The reason is NULL if it is known. */
struct mml_absence mml_behind_why(const struct mml_behind_file *f);
