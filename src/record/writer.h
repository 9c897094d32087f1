/* Makes a recording: samples go in, segments are on the disk. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keep.h"
#include "sample.h"
#include "segment.h"

struct mml_writer;

struct mml_writer_options {
	const char *facts;    /* lines of "key=value" for the header; boot_id tells boots apart */
	struct mml_keep keep; /* of a recording that is one file: none */
	uint64_t sync_ns;     /* how often what was written is brought to the disk; 0: never */
	/* When a sample is told without the one before it, and when a segment ends. 0: as usual. */
	unsigned key_samples;
	uint64_t key_ns, segment_ns, segment_bytes;
};

/* What became of it so far. */
struct mml_writer_state {
	const char *segment; /* the name of the file that is written, or NULL */
	uint64_t seq;        /* of the next sample */
	uint64_t samples;    /* written */
	uint64_t dropped;    /* not written, and of them since the last one that was: */
	uint64_t dropped_now;
	uint64_t bytes;    /* written */
	uint64_t kept;     /* bytes of all files of the recording */
	uint64_t unlinked; /* segments that had to go */
	int error;         /* why the last sample was dropped */
	int sync_error;    /* the last that bringing something to the disk met */
};

/*
 * Record to PATH: a directory, which is made, or a file that is not there yet, whose name ends with
 * ".mml". 0 or -errno, which WHY has words for: -EWOULDBLOCK: another process records there;
 * -EPERM: others might write there; -EEXIST: the file is there; -EROFS, -EACCES and so on; -ENOSYS:
 * built without recordings, or the module is missing.
 */
int mml_writer_open(const char *path, const struct mml_writer_options *options, struct mml_buf *why,
		    struct mml_writer **ret);

/* Returns whether a sample could be written now within the limits, when every older segment may go for
 * it. If not, WHY says what is in the way. */
bool mml_writer_has_room(const struct mml_writer *writer, struct mml_buf *why);

/* Is the recording one file? */
bool mml_writer_is_file(const struct mml_writer *writer);

/* The sample that the next one is told by, for mml_builder_new(); NULL at first. The writer's. */
struct mml_sample *mml_writer_former(const struct mml_writer *writer);

/*
 * Write SAMPLE, begun at TIME; MISSED: how many were due before it and not taken. 0, and all of it
 * is written; or -errno, and nothing of it is: it counts as dropped, and the recording is as it
 * was. The next one may be written again.
 */
int mml_writer_append(struct mml_writer *writer, struct mml_sample *sample,
		      const struct mml_instant *time, uint64_t missed);

/* End the segment; the next sample begins another one. Of a recording that is one file: nothing. */
void mml_writer_rotate(struct mml_writer *writer);

void mml_writer_state(const struct mml_writer *writer, struct mml_writer_state *ret);

/* End the segment, wait until all is on the disk, and be gone: 0, or the first -errno of that. */
int mml_writer_close(struct mml_writer *writer);
