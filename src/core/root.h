/* This is the only code that opens the machine's files. They are those of the live system, of a
 * captured tree, or of any other place (see place.h). What is read can be saved on the way. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "buf.h"
#include "parse.h"

struct mml_root;

/* What is known of the machine that the files are of. */
struct mml_host {
	const char *kernel;  /* the release, or NULL */
	const char *machine; /* the architecture, or NULL */
	uint64_t page_size;  /* bytes */
	bool page_size_known; /* false: 4096 was assumed */
	const char *page_size_from; /* what it was inferred from, or NULL if it was told */
	bool incomplete;     /* of a capture that was not finished, so that files are missing */
	unsigned nodes;      /* NUMA nodes online; 0: not known, or not counted yet */
	uint64_t clock_ticks; /* per second, for the times in /proc/PID/stat */
	const char *boot_id; /* tells its boots apart; NULL: not known, or not asked for yet */
	const char *name;    /* the host's name; the same */
};

/* Returns 1 if the machine's kernel is Linux MAJOR.MINOR or newer, 0 if it is older, and -1 if its
 * release is not known. It is only for what no file tells, because distributions take newer parts
 * into older kernels. */
int mml_host_since(const struct mml_host *host, unsigned major, unsigned minor);

/* A moment, on CLOCK_MONOTONIC for intervals and on the wall clock. */
struct mml_time {
	uint64_t mono_ns;
	struct timespec wall;
};

void mml_root_close(struct mml_root *root);
bool mml_root_live(const struct mml_root *root);
const struct mml_host *mml_root_host(const struct mml_root *root);

/* A recording has this file in moments for which the files of control groups were not read anew: when
 * they were, in nanoseconds since boot. */
#define MML_GROUPS_READ "/mmlens/groups-read"

/* What it means that the files say -ENOENT of a path. */
enum mml_missing {
	MML_MISSING_THERE,    /* the machine did not have it */
	MML_MISSING_FROM_TREE, /* it may not have been captured */
	MML_MISSING_UNASKED,  /* it was not asked for when the files were recorded */
};

enum mml_missing mml_root_missing(const struct mml_root *root, const char *path);

/* Counts the nodes of the live system. This reads a file that few tables need. */
void mml_root_count_nodes(struct mml_root *root);

/* Finds out the boot and the name of the live system, which few ask for. Returns 0 or -ENOMEM; what
 * cannot be read stays NULL. */
int mml_root_identify(struct mml_root *root);

/* Saves the LEN bytes at DATA as PATH beside the files that were read. It is for what comes from no
 * file, such as bytes of BPF maps. Returns 0 or -errno; where nothing is saved, 0. */
int mml_root_save(struct mml_root *root, const char *path, const void *data, size_t len);

/* The same for what is streamed: appends to what was saved as PATH before, unless FIRST. */
int mml_root_save_part(struct mml_root *root, const char *path, const void *data, size_t len,
		       bool first);

/* Returns whether anything is saved, for callers for whom saving is costly. */
bool mml_root_saves(const struct mml_root *root);

/* Saves that reading PATH gave ERR, for a file that was not read by mml_root_read(). */
void mml_root_save_error(struct mml_root *root, const char *path, int err);

/* Saves that the file PATH was not read again, because what is remembered of it is used once more. */
void mml_root_save_again(struct mml_root *root, const char *path);

/* Returns the first error met while saving, such as a full disk, or 0. */
int mml_root_sink_error(const struct mml_root *root);

/* Returns the time on a live system. Otherwise it is the moment that the files are of, or zero if
 * that is not known. */
struct mml_time mml_root_now(struct mml_root *root);

/*
 * The first goes to the next moment, and returns 0 or, if there is none, -ENODATA. On a live system
 * it returns 0, since moments come by themselves. The second goes to moment number SEQ, and returns
 * 0, -ENODATA, or -ENOTSUP where there is no choice of moments.
 */
int mml_root_next(struct mml_root *root);
int mml_root_seek(struct mml_root *root, uint64_t seq);

/*
 * Appends the whole of PATH, an absolute path such as "/proc/meminfo", to BUF. Returns 0 or -errno.
 * Errors such as -EACCES and -ENOENT are the kernel's own, or in a captured tree those met at the
 * capture. -EFBIG means larger than any file of the kernel's, -ETIMEDOUT a FIFO that stayed silent,
 * and -ENXIO something other than a file. Several threads may call this at once.
 */
int mml_root_read(struct mml_root *root, const char *path, struct mml_buf *buf);

/*
 * Appends what PATH has at this moment, where that is a device which hands out one record a read,
 * as /dev/kmsg does. It does not wait for more, and leaves out what is overwritten meanwhile. In a
 * captured tree PATH is a file. Returns 0 or -errno, as mml_root_read() does.
 */
int mml_root_read_records(struct mml_root *root, const char *path, struct mml_buf *buf);

/* The same for a file that is open. Nothing is saved. */
int mml_read_records(int fd, struct mml_buf *buf);

/*
 * A directory that is held open, so that all that is read through it belongs together. Files read
 * through that of /proc/PID are of one process, and never of a later one with the same number. Only
 * one thread may use it at a time.
 */
struct mml_dir {
	struct mml_root *root;
	int fd;             /* -1: files are opened by their paths */
	int anchor_fd;      /* -1: there is none */
	const char *anchor;
	const char *path;   /* the caller's, who keeps it until the directory is closed */
};

/* Opens the directory PATH. Returns 0 or -errno. */
int mml_dir_open(struct mml_root *root, const char *path, struct mml_dir *ret);

/*
 * The same for a process of which few files are read, and cheaper. Only its file ANCHOR is held
 * open from the beginning, and must be read last. If that succeeds, all that was read before is of
 * the same process. It fails if that process is gone.
 */
int mml_dir_open_anchor(struct mml_root *root, const char *path, const char *anchor,
			struct mml_dir *ret);
void mml_dir_close(struct mml_dir *dir);

/* Appends the whole of NAME in DIR to BUF, as mml_root_read() does. ONCE says that the kernel makes
 * the file in one piece (stat, statm, status and smaps_rollup are like that), so that a short read
 * is all of it. */
int mml_dir_read(const struct mml_dir *dir, const char *name, bool once, struct mml_buf *buf);

/* Opens NAME in DIR for reading. Returns a descriptor, which the caller closes, or -errno; in a
 * tree that is -ENOTSUP. What is read from it is not saved. */
int mml_dir_openfd(const struct mml_dir *dir, const char *name);

/*
 * Appends the names of the directories in DIR to RET, each with a NUL behind it, in no particular order.
 * Those that begin with a dot are among them, and links are not. Sets RET_NUMBER to the number of DIR in
 * its file system, or to 0 if the files are not those of a live system. Returns 0 or -errno, which is
 * -ENOTSUP in a place that has no directories.
 */
int mml_dir_dirs(const struct mml_dir *dir, uint64_t *ret_number, struct mml_buf *ret);

/* Returns whether all is read from this machine's own files and nothing is saved. Then libraries
 * that open the files themselves see the same. */
bool mml_root_direct(const struct mml_root *root);

/* Returns whether the files are this machine's own, by their own paths. */
bool mml_root_system(const struct mml_root *root);

/* Opens PATH for reading, if it is too large to hold (pagemap) or answers ioctls. Returns a
 * descriptor, which the caller closes, or -errno. What is read from it is not saved. */
int mml_root_openfd(struct mml_root *root, const char *path);

/* Opens PATH for questions about the file other than what it says. This leaves no access time and
 * waits for nothing. Returns a descriptor, or -errno: -EPERM for a user who may not leave the time
 * as it is, -ENOTSUP if the files are not those of this machine. Nothing is saved. */
int mml_root_open_quietly(struct mml_root *root, const char *path);

/* Appends the names in the directory PATH to BUF, each with a NUL behind it, in no particular
 * order. Names that begin with a dot are left out. Returns 0 or -errno. */
int mml_root_list(struct mml_root *root, const char *path, struct mml_buf *buf);

/* Calls EACH with these names one by one, as they come. If it returns other than 0, the walk ends
 * and returns that. */
int mml_root_walk(struct mml_root *root, const char *path,
		  int (*each)(const char *name, void *ctx), void *ctx);

/* Appends the target of the link PATH to BUF. Returns 0 or -errno. */
int mml_root_readlink(struct mml_root *root, const char *path, struct mml_buf *buf);
