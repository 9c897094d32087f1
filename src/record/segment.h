/* The bytes of a segment, a file of a recording, apart from the samples in it: header, heads, index
 * and end. Pure; docs/recording-format.md says what they mean. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "../core/buf.h"
#include "../core/parse.h"

/* The format this program writes; it reads this one and all before it. */
enum { MML_RECORDING_FORMAT = 1 };

enum {
	MML_FRAME_HEAD = 8, /* bytes of any frame's own head: magic number, length */
	MML_HEAD_SIZE = 64, /* a head, with that */
	MML_END_SIZE = 32,  /* what a segment that was ended ends with */
	MML_HEADER_MAX = 64 << 10,
	MML_BLOCK_MAX = 1024, /* samples from one key to the next */
};

/* One moment, on three clocks, in nanoseconds: since the boot, since 1970, and since the boot
 * without the time the machine was suspended. */
struct mml_instant {
	uint64_t boot_ns;
	int64_t real_ns;
	uint64_t mono_ns;
};

/* A clock that goes otherwise than another one by more was set; less is put right by NTP all the
 * time. */
static const int64_t MML_CLOCK_SET_NS = 1000000000;

/* By how much the wall clock was set from one moment to another. */
static inline int64_t mml_instant_moved(const struct mml_instant *from,
					const struct mml_instant *to)
{
	uint64_t real = (uint64_t)to->real_ns - (uint64_t)from->real_ns;

	return (int64_t)(real - (to->boot_ns - from->boot_ns));
}

static inline bool mml_instant_was_set(const struct mml_instant *from, const struct mml_instant *to)
{
	int64_t moved = mml_instant_moved(from, to);

	return moved > MML_CLOCK_SET_NS || moved < -MML_CLOCK_SET_NS;
}

/* How long the machine was suspended from one moment to another. */
static inline int64_t mml_instant_slept(const struct mml_instant *from,
					const struct mml_instant *to)
{
	return (int64_t)((to->boot_ns - from->boot_ns) - (to->mono_ns - from->mono_ns));
}

/* Kinds with the highest bit may be passed over by who does not know them. */
enum mml_kind_of_frame {
	MML_FRAME_KEY = 1,   /* a sample that needs no other */
	MML_FRAME_DELTA = 2, /* a sample, told by the one before it */
	MML_FRAME_GAP = 3,   /* why samples are missing before the next one */
	MML_FRAME_INDEX = 4,
	MML_FRAME_MAY_SKIP = 0x8000,
};

/* What stands before each packed body. */
struct mml_head {
	uint64_t id; /* the segment's own random number: that others cannot put heads into files */
	unsigned kind;  /* enum mml_kind_of_frame */
	unsigned flags; /* none yet; those in the low half must be known */
	uint32_t len;   /* bytes of the body, packed */
	uint32_t raw;   /* ... unpacked */
	uint64_t seq;   /* number of the sample in the recording; of a gap: of the next sample */
	struct mml_instant time; /* when the sample was begun */
};

/* A head, and where it is. */
struct mml_stamp {
	struct mml_head head;
	uint64_t offset;
};

static inline bool mml_head_is_sample(const struct mml_head *head)
{
	return head->kind == MML_FRAME_KEY || head->kind == MML_FRAME_DELTA;
}

/* Append HEAD to OUT. */
void mml_head_put(struct mml_buf *out, const struct mml_head *head);

/* Is there a head of the segment ID (0: of any) at P, which has MML_HEAD_SIZE bytes? */
bool mml_head_get(const char *p, uint64_t id, struct mml_head *ret);

/* Does an older reader have to stop at this head, as it does not know what it means? */
bool mml_head_unknown(const struct mml_head *head);

/* What a segment's header says. */
struct mml_header {
	struct mml_span text; /* lines of "key=value", behind the first line */
	uint64_t format, id;
	uint64_t first; /* number of the first sample */
	size_t size;    /* bytes it takes */
};

/* Append the header: FACTS are lines of "key=value" to go into it. 0, -ENOMEM, or -EINVAL: they are
 * no such lines, or too many. */
int mml_header_put(struct mml_buf *out, uint64_t id, uint64_t first, struct mml_span facts);

/* The header at the beginning of BYTES: 0; -EAGAIN: so far it may be one, but it is not whole;
 * -EBADMSG: there is none, or it is damaged. RET->format may be newer than this program. */
int mml_header_get(struct mml_span bytes, struct mml_header *ret);

/* The value of KEY in lines of "key=value"; empty when it is not there. */
struct mml_span mml_fact(struct mml_span text, const char *key);

/* Append the body of an index of the N MARKS, not packed: 0 or -ENOMEM. */
int mml_index_put(struct mml_buf *out, const struct mml_stamp *marks, size_t n);

/* The marks of the segment ID that the body of an index has, in an array of the caller's: 0,
 * -EBADMSG or -ENOMEM. LIMIT: where the index itself begins. */
int mml_index_get(struct mml_span bytes, uint64_t id, uint64_t limit, struct mml_stamp **ret,
		  size_t *ret_n);

/* Append the end of the segment ID, whose index is at OFFSET; and back: false when there is none.
 */
void mml_end_put(struct mml_buf *out, uint64_t id, uint64_t offset);
bool mml_end_get(const char *p, uint64_t id, uint64_t *ret_offset);
