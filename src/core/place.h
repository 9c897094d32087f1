/* What a root reads from (a place), and what it saves to (a sink), for those who make one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "root.h"

struct mml_place;

/* What is asked of a path. The numbers are part of the format of recordings. */
enum mml_asked {
	MML_ASKED_FILE = 0, /* its bytes */
	MML_ASKED_DIR = 1,  /* the names in it */
	MML_ASKED_LINK = 2, /* where the link leads */
	MML_ASKED_KINDS = 3,
};

struct mml_place_ops {
	/* Returns a descriptor of PATH, opened with FLAGS of open(2), or -errno. If this is NULL,
	 * the place has no files, and the next three functions do what mml_root_read(),
	 * mml_root_walk() and mml_root_readlink() do. */
	int (*open)(struct mml_place *place, const char *path, int flags);
	int (*read)(struct mml_place *place, const char *path, struct mml_buf *buf);
	int (*walk)(struct mml_place *place, const char *path,
		    int (*each)(const char *name, void *ctx), void *ctx);
	int (*readlink)(struct mml_place *place, const char *path, struct mml_buf *buf);
	/* Returns what it means that PATH is -ENOENT here. NULL: that it may not have been captured. */
	enum mml_missing (*missing)(struct mml_place *place, const char *path);
	struct mml_time (*now)(struct mml_place *place, struct mml_root *root);
	/* Go to the next moment, or to moment SEQ. They return 0 or -errno as mml_root_next() and
	 * mml_root_seek() do. NULL: there is only one moment. */
	int (*next)(struct mml_place *place);
	int (*seek)(struct mml_place *place, uint64_t seq);
	void (*close)(struct mml_place *place);
};

struct mml_place {
	const struct mml_place_ops *ops;
	bool live;    /* files change under us: they are the system's, or a tree's /proc is procfs */
	bool system;  /* these are this machine's own files by their own paths */
	struct mml_host host;
};

/* Each of these may be called from any thread. The first failure is kept. */
struct mml_sink_ops {
	void (*file)(void *sink, const char *path, const void *data, size_t len);
	void (*append)(void *sink, const char *path, const void *data, size_t len);
	/* NAMES are the names in the directory, each with a newline behind it; NULL: not all of them
	 * are known. */
	void (*dir)(void *sink, const char *path, const struct mml_buf *names);
	void (*link)(void *sink, const char *path, const char *target);
	/* What was ASKED of PATH gave ERR. */
	void (*error)(void *sink, const char *path, enum mml_asked asked, int err);
	/* PATH was not read again: what was saved of it before still stands. May be NULL. */
	void (*again)(void *sink, const char *path);
	/* Returns whether what PATH answered before still stands, so that it is not to be read again.
	 * If so, RET_RC is the error it gave, or 0 and the answer is appended to BUF. May be NULL. */
	bool (*stands)(void *sink, const char *path, enum mml_asked asked, struct mml_buf *buf,
		       int *ret_rc);
	int (*failed)(void *sink); /* returns the first failure, or 0 */
	void (*close)(void *sink);
};

/* Returns a root that reads from PLACE, and owns it from then on. Returns NULL when memory ran out,
 * and then the caller still owns PLACE. */
struct mml_root *mml_root_new(struct mml_place *place);

/* From now on, everything that is read goes to SINK, too, which the root owns. */
void mml_root_set_sink(struct mml_root *root, const struct mml_sink_ops *ops, void *sink);

/* Returns the sink if it is one of OPS, or else NULL. */
void *mml_root_sink(const struct mml_root *root, const struct mml_sink_ops *ops);
