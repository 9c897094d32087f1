/* Reads a recording: a directory of segments, or one segment. Its samples are counted from 0 on in
 * the order they were recorded in, whatever the wall clock said. Of one thread; the samples it
 * hands out may be used by any. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "index.h"
#include "sample.h"

struct mml_reader;

/*
 * Open the recording PATH: 0 or -errno, which WHY has words for: -EBADMSG: not a recording;
 * -EPROTONOSUPPORT: of a newer format, all of it; -ENODATA: there is no sample in it; -ENOSYS:
 * built without recordings, or the module is missing. No lock is taken: it may be written
 * meanwhile.
 */
int mml_reader_open(const char *path, struct mml_buf *why, struct mml_reader **ret);
void mml_reader_close(struct mml_reader *reader);

/* What could not be read when it was opened, a line each; may be empty. */
const char *mml_reader_notes(const struct mml_reader *reader);

/* How many samples there are. */
size_t mml_reader_count(const struct mml_reader *reader);

/*
 * See what was recorded since. RET_GONE: how many samples at the beginning are gone, by which the
 * numbers of all others are less now. 1: there is something new; 0: there is not; or -errno.
 */
int mml_reader_refresh(struct mml_reader *reader, size_t *ret_gone);

/* A descriptor to poll for reading: when it is readable, refresh. -1: there is none; refresh each
 * second. */
int mml_reader_fd(struct mml_reader *reader);

/* Of one sample: when it was begun, its number in the recording, and the segment it is in. */
struct mml_stop {
	struct mml_instant time;
	uint64_t seq;
	size_t segment;
};

/* Of the sample POS: 0 or -errno (-ERANGE: there is none; -EBADMSG: its segment changed). */
int mml_reader_stop(struct mml_reader *reader, size_t pos, struct mml_stop *ret);

/*
 * The answers of the sample POS, to be put when done with: 0; -EBADMSG: it is damaged, as are all
 * up to the next one that is told without others, and mml_reader_gaps() says so from now on; or
 * another -errno.
 */
int mml_reader_sample(struct mml_reader *reader, size_t pos, struct mml_sample **ret);

/*
 * The last sample that was not begun after REAL_NS. Where the clock was set back there may be two
 * such: RET is the one recorded later, RET_OTHER the one before, or SIZE_MAX. 0; -ERANGE: nothing
 * was recorded then, and RET is the first sample or the last one, whichever is nearer; or another
 * -errno.
 */
int mml_reader_find(struct mml_reader *reader, int64_t real_ns, size_t *ret, size_t *ret_other);

/* The first sample with a number not less than SEQ; the number of samples when there is none. 0 or
 * -errno. */
int mml_reader_find_seq(struct mml_reader *reader, uint64_t seq, size_t *ret);

/* A fact of the header of the segment that sample POS is in; empty when it is not there. */
struct mml_span mml_reader_fact(struct mml_reader *reader, size_t pos, const char *key);

enum mml_gap_why {
	MML_GAP_MISSED,    /* the recorder was late: COUNT samples */
	MML_GAP_SUSPENDED, /* the machine was, for NS */
	MML_GAP_CLOCK,     /* the wall clock was set, by NS */
	MML_GAP_DROPPED,   /* COUNT samples could not be written: ERROR */
	MML_GAP_OTHER,     /* a newer recorder knows why */
	MML_GAP_STOPPED,   /* nothing was recorded for NS */
	MML_GAP_BOOT,      /* the machine was started again */
	MML_GAP_DAMAGED,   /* COUNT samples, 0: who knows how many, cannot be read any more */
	MML_GAP_NEWER,     /* ... are of a kind that this program does not know */
	MML_GAP_EARLY,     /* the segment ends in the middle of something */
};

struct mml_gap {
	enum mml_gap_why why;
	uint64_t count;
	int64_t ns;
	int error;           /* 0 or -errno */
	const char *segment; /* of what is damaged: the name of the file, and where */
	uint64_t offset;
};

/* Call EACH for all that is between sample POS - 1 and POS; for POS the number of samples: behind
 * the last one. What EACH returns other than 0 ends it and is returned; else 0 or -errno. */
int mml_reader_gaps(struct mml_reader *reader, size_t pos,
		    int (*each)(const struct mml_gap *gap, void *ctx), void *ctx);

/* Append what GAP is, in words. */
void mml_gap_say(struct mml_buf *out, const struct mml_gap *gap);

/* One file of the recording. */
struct mml_segment_info {
	const char *name;
	size_t first, count;           /* its samples */
	struct mml_instant begin, end; /* of the first one and of the last one */
	uint64_t bytes;
	struct mml_span facts;
	bool ended; /* by its recorder; else it is still written, or the recorder was killed */
};

size_t mml_reader_segments(const struct mml_reader *reader);
void mml_reader_segment(const struct mml_reader *reader, size_t i, struct mml_segment_info *ret);
