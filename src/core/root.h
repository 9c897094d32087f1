/* The only code that opens the machine's files: of the live system, of a captured tree, or of whatever
 * else a place is (see place.h); all that is read may be saved on the way. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "buf.h"
#include "parse.h"

struct mml_root;

/* What is known of the machine the files are of. */
struct mml_host {
	const char *kernel;  /* release, or NULL */
	const char *machine; /* architecture, or NULL */
	uint64_t page_size;  /* bytes */
	bool page_size_known; /* false: 4096 was assumed */
	unsigned nodes;      /* NUMA nodes online; 0: not known, or not counted yet */
	uint64_t clock_ticks; /* per second, of the times in /proc/PID/stat */
};

/* A moment, on a clock for intervals and on the wall. */
struct mml_time {
	uint64_t mono_ns;
	struct timespec wall;
};

void mml_root_close(struct mml_root *root);
bool mml_root_live(const struct mml_root *root);
const struct mml_host *mml_root_host(const struct mml_root *root);

/* Count the live system's nodes, which takes a file that few tables need. */
void mml_root_count_nodes(struct mml_root *root);

/* Save the LEN bytes at DATA as PATH, beside what was read: 0 or -errno, 0 also where nothing is
 * saved. For what comes from no file (map bytes). */
int mml_root_save(struct mml_root *root, const char *path, const void *data, size_t len);

/* As above, but appended to what was saved as PATH before, unless FIRST: for what is streamed. */
int mml_root_save_part(struct mml_root *root, const char *path, const void *data, size_t len,
		       bool first);

/* Is anything saved? For what is costly to hand over. */
bool mml_root_saves(const struct mml_root *root);

/* Save that reading PATH gave ERR, for files not read by mml_root_read(). */
void mml_root_save_error(struct mml_root *root, const char *path, int err);

/* The first error that saving met (a full disk), or 0. */
int mml_root_sink_error(const struct mml_root *root);

/* Now, on the live system; else the moment what is read is of (zero: unknown). */
struct mml_time mml_root_now(struct mml_root *root);

/*
 * Go to the next moment: 0, also where the moments come by themselves (live), or -ENODATA when there is
 * none behind it. Go to moment number SEQ: 0, -ENOTSUP where there is nothing to choose, -ENODATA.
 */
int mml_root_next(struct mml_root *root);
int mml_root_seek(struct mml_root *root, uint64_t seq);

/*
 * Append the whole of PATH (absolute, as "/proc/meminfo") to BUF: 0 or -errno. -EACCES, -EPERM,
 * -ENOENT and so on are the kernel's own; in a captured tree those it met when it was captured.
 * -EFBIG: larger than any file of the kernel's; -ETIMEDOUT: a FIFO that stayed silent;
 * -ENXIO: not a file. Safe from several threads at once.
 */
int mml_root_read(struct mml_root *root, const char *path, struct mml_buf *buf);

/*
 * A directory held open, so that what is read through it is of one thing: files of /proc/PID read
 * through it are of one process, never of a later one with the same number. Of one thread.
 */
struct mml_dir {
	struct mml_root *root;
	int fd;             /* -1: by path */
	int anchor_fd;      /* -1: none */
	const char *anchor;
	char path[64];
};

/* Open directory PATH: 0 or -errno. */
int mml_dir_open(struct mml_root *root, const char *path, struct mml_dir *ret);

/*
 * The same cheaper, where few files of a process are read: only the file ANCHOR is held open from
 * the beginning. When it is read last, and can be, what was read before it is of the same process;
 * it cannot when that one is gone.
 */
int mml_dir_open_anchor(struct mml_root *root, const char *path, const char *anchor,
			struct mml_dir *ret);
void mml_dir_close(struct mml_dir *dir);

/* Append the whole of NAME in DIR to BUF, as mml_root_read() does. ONCE: the kernel makes the file
 * in one piece (stat, statm, status, smaps_rollup), so a short read is all of it. */
int mml_dir_read(const struct mml_dir *dir, const char *name, bool once, struct mml_buf *buf);

/* Open NAME in DIR for reading by the caller, who closes it: a descriptor, or -errno; -ENOTSUP in a
 * tree. Not saved. */
int mml_dir_openfd(const struct mml_dir *dir, const char *name);

/* Whether all is read from this machine's own files and nothing is saved: then libraries that open
 * the files themselves see the same. */
bool mml_root_direct(const struct mml_root *root);

/* Open PATH for reading by the caller, for files that are too large to hold (pagemap) or that
 * answer ioctls: a descriptor, or -errno. Not saved. */
int mml_root_openfd(struct mml_root *root, const char *path);

/* Append the names in directory PATH to BUF, each terminated by a NUL, in no order, without those
 * that begin with a dot: 0 or -errno. */
int mml_root_list(struct mml_root *root, const char *path, struct mml_buf *buf);

/* Call EACH with these names one by one, as they come; what it returns other than 0 ends it and is
 * returned. */
int mml_root_walk(struct mml_root *root, const char *path,
		  int (*each)(const char *name, void *ctx), void *ctx);

/* Append the target of the link PATH to BUF: 0 or -errno. */
int mml_root_readlink(struct mml_root *root, const char *path, struct mml_buf *buf);
