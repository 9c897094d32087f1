/* Where a root reads from, and where it saves to: for those who make one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "root.h"

struct mml_place;

struct mml_place_ops {
	/* A descriptor of PATH, opened with FLAGS of open(2), or -errno. NULL: the place has no files,
	 * and the next three functions answer as mml_root_read() and its sisters do. */
	int (*open)(struct mml_place *place, const char *path, int flags);
	int (*read)(struct mml_place *place, const char *path, struct mml_buf *buf);
	int (*walk)(struct mml_place *place, const char *path,
		    int (*each)(const char *name, void *ctx), void *ctx);
	int (*readlink)(struct mml_place *place, const char *path, struct mml_buf *buf);
	struct mml_time (*now)(struct mml_place *place, struct mml_root *root);
	/* Go to the next moment, to moment SEQ: 0 or -errno as mml_root_next() and mml_root_seek(). NULL:
	 * there is one moment only. */
	int (*next)(struct mml_place *place);
	int (*seek)(struct mml_place *place, uint64_t seq);
	void (*close)(struct mml_place *place);
};

struct mml_place {
	const struct mml_place_ops *ops;
	bool live;    /* the files change under us: the system's own, or /proc of a tree is procfs */
	bool system;  /* this machine's own files by their own paths */
	struct mml_host host;
};

/* Each may be called from any thread; the first failure sticks. */
struct mml_sink_ops {
	void (*file)(void *sink, const char *path, const void *data, size_t len);
	void (*append)(void *sink, const char *path, const void *data, size_t len);
	void (*dir)(void *sink, const char *path);
	void (*link)(void *sink, const char *path, const char *target);
	void (*error)(void *sink, const char *path, int err); /* what reading PATH gave */
	int (*failed)(void *sink); /* the first failure, or 0 */
	void (*close)(void *sink);
};

/* A root that reads from PLACE, which it owns from then on; NULL when out of memory: then the caller
 * still does. */
struct mml_root *mml_root_new(struct mml_place *place);

/* From now on everything that is read goes to SINK too, which the root owns. */
void mml_root_set_sink(struct mml_root *root, const struct mml_sink_ops *ops, void *sink);
