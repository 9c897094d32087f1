/* The inside of the writer. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "delta.h"
#include "folder.h"
#include "pack.h"
#include "sync.h"
#include "writer.h"

/* A segment that is finished. */
struct written {
	char *name;
	uint64_t bytes, first;
	struct mml_instant last;
	bool this_boot;
};

struct mml_writer {
	struct mml_writer_options options;
	struct mml_buf facts;
	struct mml_span boot_id; /* in the facts */
	const struct mml_module_record *module;
	void *pack;
	struct mml_syncer *syncer;
	bool single; /* one file, which is not ended before the recording is */
	int dirfd, lock;
	struct mml_writer_state state;

	struct written *written; /* the oldest first */
	size_t nwritten, room;

	/* The segment. */
	int fd;
	char *name;              /* its name in the directory */
	uint64_t id, first, end; /* END: where the next byte goes */
	bool sync_failed;        /* some of it may not reach the disk */
	struct mml_instant begun;
	struct mml_buf header;  /* as it stands before each key */
	struct mml_stamp *marks; /* for the index */
	size_t nmarks, marks_room;
	bool no_index; /* there are too many for one */

	/* What the next sample is told by. */
	struct mml_sample *former;
	struct mml_instant last; /* of the last sample; all 0: there is none */
	unsigned since_key;
	uint64_t key_boot_ns;

	/* One sample in the making. */
	struct mml_text_room text_room;
	struct mml_buf raw, body, out;
	size_t fresh; /* marks of it, behind the others */
};

/* Room for one more segment among those written: 0 or -ENOMEM. */
int mml_written_reserve(struct mml_writer *w);

/* Put a segment, whose name is taken over, where it belongs among them. There is room for it. */
void mml_written_add(struct mml_writer *w, const struct written *written);

/* Find what was recorded to the directory before: 0 or -errno. */
int mml_written_load(struct mml_writer *w);

/* Let segments go until MORE bytes can be written within the limits: 0, -ENOSPC when these do not
 * hold then, or -ENOMEM. */
int mml_written_make_room(struct mml_writer *w, uint64_t more, const struct mml_instant *now);

/* Let the oldest segment go: false when there is none. */
bool mml_written_drop_oldest(struct mml_writer *w);

/* Compose the sample that is next, with all that goes before it, in w->out: 0 or -errno. KEY: it is
 * told by no other. */
int mml_writer_compose(struct mml_writer *w, const struct mml_sample *sample,
		       const struct mml_instant *time, uint64_t missed, bool key);

/* The same for the index and the end of the segment. */
int mml_writer_compose_end(struct mml_writer *w);
