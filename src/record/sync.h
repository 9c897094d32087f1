/* What was written reaches the disk: by a thread, as waiting for a disk must not delay a sample. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

struct mml_syncer;

/* EVERY_NS: how often; 0: never; then there is no thread. 0 or -errno. */
int mml_syncer_start(uint64_t every_ns, struct mml_syncer **ret);

/* FD, a file that was just made in the directory DIRFD (-1: it need not be found again), is written
 * to from now on. 0, and FD is the syncer's to close; or -errno, and nothing has changed. */
int mml_syncer_watch(struct mml_syncer *syncer, int fd, int dirfd);

/* Nothing more is written to it: it is to reach the disk now, and is closed then. */
void mml_syncer_finish(struct mml_syncer *syncer);

/* The last error that bringing something to the disk met, or 0; asked for, it is forgotten. */
int mml_syncer_error(struct mml_syncer *syncer);

/* Wait until all is done, and end: 0, or the error. */
int mml_syncer_stop(struct mml_syncer *syncer);
