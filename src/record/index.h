/* What is in a segment, and where: by the index at its end, or, when it was not ended or is
 * damaged, by going from head to head. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "pack.h"
#include "segment.h"

/* Why samples cannot be read. */
enum mml_hole_why {
	MML_HOLE_DAMAGED,
	MML_HOLE_NEWER, /* they are of a kind that this program does not know */
};

struct mml_hole {
	size_t before;          /* the sample behind it; the number of all samples: none is */
	uint64_t offset, bytes; /* where, and how much of it no head was found in; bytes may be 0 */
	uint64_t lost;          /* samples, as far as the numbers of those around it tell */
	enum mml_hole_why why;
};

/* A gap the recorder noted, and the sample it is before. */
struct mml_noted {
	size_t before;
	struct mml_stamp mark;
};

struct mml_index {
	struct mml_buf text;    /* the header's lines of "key=value" */
	uint64_t format, id;    /* of the header; id 0: nothing was read of it yet */
	uint64_t first;         /* number of the first sample; UINT64_MAX: the header is lost */
	struct mml_stamp *marks; /* of the samples that can be read, as far as their heads tell */
	size_t n, room;
	struct mml_noted *gaps;
	size_t ngaps, gaps_room;
	struct mml_hole *holes;
	size_t nholes, holes_room;
	uint64_t end, size; /* of what was understood, and of the file when it was looked at */
	bool ended;         /* by its recorder: nothing will follow */

	/* How far it is: see mml_index_accept(). */
	bool lost_track;
	uint64_t last_seq, last_boot_ns;
	unsigned since_key;
	bool any;
};

void mml_index_free(struct mml_index *index);

/*
 * Read the index of the segment FD into the zeroed INDEX; a segment that is still written is read
 * as far as it is. 0 or -errno: -EBADMSG: no segment of a recording; -EPROTONOSUPPORT: of a newer
 * format, which INDEX tells with its header. PACK: for the index at the end; without MODULE there
 * is none. EXPECT: the high half of the segment's id if its name tells, or 0; only looked at when
 * the header is damaged.
 */
int mml_index_load(struct mml_index *index, int fd, const struct mml_module_record *module,
		   void *pack, uint32_t expect);

/* Read what has been written since: 0 or -errno. */
int mml_index_more(struct mml_index *index, int fd);

/* MARK comes next: take it, or leave it out as what it needs is missing. 0 or -ENOMEM. Inner. */
int mml_index_accept(struct mml_index *index, const struct mml_stamp *mark);

/* BYTES from OFFSET on are not understood. 0 or -ENOMEM. Inner. */
int mml_index_hole(struct mml_index *index, uint64_t offset, uint64_t bytes, enum mml_hole_why why);

/* Keep the header's facts. 0 or -ENOMEM. Inner. */
int mml_index_header(struct mml_index *index, const struct mml_header *header);

/* Go from head to head, from where INDEX is to the end of the file: 0 or -errno. Inner. */
int mml_scan(struct mml_index *index, int fd, uint32_t expect);

/* Read the body of MARK and append it to RET, unpacked: 0; -EBADMSG: it is damaged; or another
 * -errno. */
int mml_mark_read(const struct mml_stamp *mark, int fd, const struct mml_module_record *module,
		  void *pack, struct mml_buf *ret);

/* Read LEN bytes at OFFSET, or as many as there are, which are returned; or -errno. */
ssize_t mml_read_at(int fd, void *buf, size_t len, uint64_t offset);
