/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay.h"

#include <errno.h>
#include <stdlib.h>

#include "../core/intern.h"
#include "../core/place.h"
#include "facts.h"
#include "sampled.h"

struct mml_replay {
	struct mml_place place;
	struct mml_reader *reader;
	struct mml_sample *sample;
	struct mml_stop stop;
	size_t pos;
	bool of_tree; /* what was recorded was a captured tree */
	struct mml_intern strings; /* what the facts of hosts point to, for snapshots that outlive a segment */
};

static int replay_read(struct mml_place *place, const char *path, struct mml_buf *buf)
{
	return mml_sampled_read(((struct mml_replay *)place)->sample, path, buf);
}

static int replay_walk(struct mml_place *place, const char *path,
		       int (*each)(const char *name, void *ctx), void *ctx)
{
	return mml_sampled_walk(((struct mml_replay *)place)->sample, path, each, ctx);
}

static int replay_readlink(struct mml_place *place, const char *path, struct mml_buf *buf)
{
	return mml_sampled_readlink(((struct mml_replay *)place)->sample, path, buf);
}

static enum mml_missing replay_missing(struct mml_place *place, const char *path)
{
	struct mml_replay *replay = (struct mml_replay *)place;

	if (!mml_sampled_asked(replay->sample, path))
		return MML_MISSING_UNASKED;
	return replay->of_tree ? MML_MISSING_FROM_TREE : MML_MISSING_THERE;
}

static struct mml_time replay_now(struct mml_place *place, struct mml_root *root)
{
	const struct mml_replay *replay = (struct mml_replay *)place;

	(void)root;
	return mml_sampled_time(&replay->stop.time);
}

int mml_replay_go(struct mml_replay *replay, size_t pos)
{
	struct mml_sample *sample;
	struct mml_stop stop;
	int rc;

	if (pos >= mml_reader_count(replay->reader))
		return -ENODATA;
	rc = mml_reader_stop(replay->reader, pos, &stop);
	if (!rc)
		rc = mml_reader_sample(replay->reader, pos, &sample);
	if (rc)
		return rc == -ERANGE ? -ENODATA : rc;
	if (!replay->sample || stop.segment != replay->stop.segment)
		rc = mml_facts_host(replay->reader, pos, &replay->strings, &replay->place.host);
	if (rc) {
		mml_sample_put(sample);
		return rc;
	}
	replay->of_tree = mml_span_eq(mml_reader_fact(replay->reader, pos, "source"), "tree");
	mml_sample_put(replay->sample);
	replay->sample = sample;
	replay->stop = stop;
	replay->pos = pos;
	return 0;
}

/* Goes to the first sample from POS on that is not damaged. */
static int go_on(struct mml_replay *replay, size_t pos)
{
	int rc;

	do
		rc = mml_replay_go(replay, pos++);
	while (rc == -EBADMSG);
	return rc;
}

static int replay_next(struct mml_place *place)
{
	struct mml_replay *replay = (struct mml_replay *)place;
	int rc = 0;

	if (replay->pos + 1 >= mml_reader_count(replay->reader))
		rc = mml_replay_refresh(replay);
	return rc < 0 ? rc : go_on(replay, replay->pos + 1);
}

static int replay_seek(struct mml_place *place, uint64_t seq)
{
	struct mml_replay *replay = (struct mml_replay *)place;
	struct mml_stop stop;
	size_t pos;
	int rc = mml_reader_find_seq(replay->reader, seq, &pos);

	if (!rc && pos >= mml_reader_count(replay->reader)) {
		rc = mml_replay_refresh(replay);
		rc = rc < 0 ? rc : mml_reader_find_seq(replay->reader, seq, &pos);
	}
	if (!rc)
		rc = mml_reader_stop(replay->reader, pos, &stop);
	if (!rc && stop.seq != seq)
		rc = -ENODATA;
	return rc == -ERANGE ? -ENODATA : rc ? rc : mml_replay_go(replay, pos);
}

static void replay_close(struct mml_place *place)
{
	struct mml_replay *replay = (struct mml_replay *)place;

	mml_sample_put(replay->sample);
	mml_reader_close(replay->reader);
	mml_arena_free(replay->strings.arena);
	free(replay);
}

static const struct mml_place_ops replay_ops = {
	.read = replay_read,
	.walk = replay_walk,
	.readlink = replay_readlink,
	.missing = replay_missing,
	.now = replay_now,
	.next = replay_next,
	.seek = replay_seek,
	.close = replay_close,
};

struct mml_reader *mml_replay_reader(struct mml_replay *replay)
{
	return replay->reader;
}

size_t mml_replay_pos(const struct mml_replay *replay)
{
	return replay->pos;
}

struct mml_sample *mml_replay_sample(const struct mml_replay *replay)
{
	return replay->sample;
}

/* What is gone at the beginning shifts all positions, and the number of the segment. */
int mml_replay_refresh(struct mml_replay *replay)
{
	struct mml_stop stop;
	size_t gone;
	int rc = mml_reader_refresh(replay->reader, &gone);

	replay->pos = replay->pos > gone ? replay->pos - gone : 0;
	if (!mml_reader_stop(replay->reader, replay->pos, &stop))
		replay->stop.segment = stop.seq == replay->stop.seq ? stop.segment : SIZE_MAX;
	return rc;
}

/* Goes to the last sample that is not damaged. */
static int go_to_end(struct mml_replay *replay)
{
	size_t pos = mml_reader_count(replay->reader);
	int rc = -ENODATA;

	while (pos-- && (rc = mml_replay_go(replay, pos)) == -EBADMSG)
		;
	return rc;
}

int mml_replay_open(const char *path, struct mml_buf *why, struct mml_root **ret,
		    struct mml_replay **ret_replay)
{
	struct mml_replay *replay = calloc(1, sizeof(*replay));
	int rc = replay ? 0 : -ENOMEM;

	if (rc)
		return rc;
	replay->place.ops = &replay_ops;
	replay->strings.arena = mml_arena_new();
	if (!replay->strings.arena) {
		free(replay);
		return -ENOMEM;
	}
	rc = mml_reader_open(path, why, &replay->reader);
	if (!rc) {
		rc = go_to_end(replay);
		if (rc)
			mml_buf_printf(why, "%s: %s", path,
				       rc == -EBADMSG ? "every sample in it is damaged" : strerror(-rc));
	}
	*ret = rc ? NULL : mml_root_new(&replay->place);
	if (!*ret) {
		replay_close(&replay->place);
		return rc ? rc : -ENOMEM;
	}
	*ret_replay = replay;
	return 0;
}
