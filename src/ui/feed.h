/* Where a view's snapshots come from: a sampler in a thread of its own, so that no source, however
 * slow, keeps a key waiting. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/sampler.h"
#include "view.h"

struct mml_feed;

/* A feed from ROOT. It adds 1 to the eventfd WAKE_FD whenever a snapshot is ready; WAKE_FD -1: it
 * has no thread and answers at once, for tests. NULL when out of memory. */
struct mml_feed *mml_feed_new(struct mml_root *root, int wake_fd);

/* Begin a snapshot of what is wanted, which is copied: 0, -EBUSY while another one is being made, or
 * -ENOMEM or -EAGAIN (no thread). */
int mml_feed_ask(struct mml_feed *feed, const struct mml_wants *wants);

/* The finished snapshot, for the caller to put, and when it was begun (CLOCK_MONOTONIC); NULL: none
 * since the last call. */
struct mml_snapshot *mml_feed_take(struct mml_feed *feed, uint64_t *ret_begun_ns);

/* When the snapshot that is being made was begun; 0: none is. */
uint64_t mml_feed_busy(struct mml_feed *feed);

/* End an observation that is going on; its snapshot comes early. */
void mml_feed_cancel(struct mml_feed *feed);

/* Stop and free. False: it is still inside a read; try again later. */
bool mml_feed_free(struct mml_feed *feed);
