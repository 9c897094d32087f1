/* The inside of the reader. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "reader.h"

/* Samples that turned out to be damaged: FROM to before TO of a segment's. */
struct damage {
	size_t from, to;
	uint64_t offset;
};

struct segment {
	char *name;
	uint32_t expect; /* half of its id, as its name says, or 0 */
	int fd;          /* -1: not open; then INDEX is empty, too */
	uint64_t used;   /* the larger, the later */
	struct mml_index index;

	/* What stays known when it is not open. */
	size_t pos, count; /* its samples among all */
	uint64_t id, first, last_seq, size, end;
	uint64_t said_first; /* by the header; the first one there may be lost */
	struct mml_instant begin, last;
	int64_t least_real, most_real;
	struct mml_buf facts;
	bool ended;
	struct damage *damages;
	size_t ndamages;
};

struct cached {
	size_t i;
	struct mml_sample *sample;
};

struct mml_reader {
	const struct mml_module_record *module;
	void *pack;
	bool single;
	int dirfd, watch;
	struct segment **segments;
	size_t nsegments, room;
	size_t count;
	struct mml_buf notes;
	struct mml_buf raw;
	uint64_t turn; /* counts the uses of segments */

	/* Samples of one block, from the key on: every eighth, and the one asked for last. */
	uint64_t block_id;
	size_t block_key;
	struct cached *cached;
	size_t ncached, cached_room;
	struct cached last;
};

/* Read the index of SEGMENT, whose file is opened if it is not: 0 or -errno. */
int mml_segment_read(struct mml_reader *r, struct segment *segment);

/* Keep what must be known of it when it is not open: 0 or -ENOMEM. */
int mml_segment_sum_up(struct segment *segment);

void mml_segment_unuse(struct segment *segment);
void mml_segment_free(struct segment *segment);

/* Put all segments in order, and count their samples anew. */
void mml_segments_arrange(struct mml_reader *r);

/* Have the index of SEGMENT and its file open: 0 or -errno. */
int mml_segment_use(struct mml_reader *r, struct segment *segment);

/* The segment that sample POS is in, or NULL. */
struct segment *mml_segment_of(const struct mml_reader *r, size_t pos);

/* Forget all samples. */
void mml_cache_drop(struct mml_reader *r);
