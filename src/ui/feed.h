/* Where a view's snapshots come from. A feed has a sampler in a thread of its own, so that no
 * source, however slow, keeps a key waiting. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/sampler.h"
#include "view.h"

struct mml_feed;
struct mml_travel;

enum { MML_LINE_MAX = 256 };

/* Samples of a recording to go through, one after the other. */
struct mml_line {
	struct mml_travel *travel;
	uint64_t seq[MML_LINE_MAX];
	size_t n;
	size_t looks;  /* of them, at the end, that are only looked at: see mml_travel_saw() */
	bool goes_on;  /* the first is the one behind the last of the line before */
	bool marks;    /* its only sample is to be the mark */
	size_t most;   /* bytes of snapshots to be kept; the oldest of them go */
};

/* Makes a feed that reads from ROOT. It adds 1 to the eventfd WAKE_FD whenever it has finished a
 * snapshot. For tests, a WAKE_FD of -1 makes a feed without a thread that answers at once. Returns
 * NULL when memory or descriptors ran out. */
struct mml_feed *mml_feed_new(struct mml_root *root, int wake_fd);

/* Begins a snapshot of WANTS, which is copied. Returns 0, -EBUSY while another one is being made,
 * or -ENOMEM or -EAGAIN if there can be no thread. */
int mml_feed_ask(struct mml_feed *feed, const struct mml_wants *wants);

/* The same at the samples of LINE. When it is finished, mml_feed_take() returns the snapshot of the last
 * one that was not only looked at. */
int mml_feed_ask_line(struct mml_feed *feed, const struct mml_wants *wants,
		      const struct mml_line *line);

/* After mml_feed_take(): hands over the N snapshots before that one, the oldest first, and what was
 * asked. The caller puts them and frees RET. */
size_t mml_feed_line(struct mml_feed *feed, struct mml_snapshot ***ret, struct mml_line *ret_line);

/* Returns the finished snapshot and when it was begun (CLOCK_MONOTONIC, ns). The caller must put
 * it. Returns NULL if none was finished since the last call. */
struct mml_snapshot *mml_feed_take(struct mml_feed *feed, uint64_t *ret_begun_ns);

/* Returns why the last snapshot could not be made, as mml_snapshot_take() says it, if that was not asked before;
 * else 0. */
int mml_feed_error(struct mml_feed *feed);

/* Returns when the snapshot that is being made was begun (CLOCK_MONOTONIC, ns), or 0 if none is. */
uint64_t mml_feed_busy(struct mml_feed *feed);

/* Ends an observation that is going on, so that its snapshot comes early. */
void mml_feed_cancel(struct mml_feed *feed);

/* Forgets everything that is kept between snapshots, programs in the kernel too. Returns false while a snapshot
 * is being made. */
bool mml_feed_rest(struct mml_feed *feed);

/* Stops the feed and frees it. Returns false if it is still inside a read; then nothing was freed,
 * and the caller is to try again later. */
bool mml_feed_free(struct mml_feed *feed);
