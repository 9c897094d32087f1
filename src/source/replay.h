/* A recording as a place: each sample of it is a moment that a root can go to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/root.h"
#include "../record/reader.h"

struct mml_replay;

/*
 * Opens the recording PATH, at its last sample. Returns 0, or what mml_reader_open() returns, with words
 * in WHY. The root owns RET_REPLAY; mml_root_seek() goes to a sample by its number in the recording, and
 * returns -EBADMSG if it is damaged, and mml_root_next() to the one behind, looking for what was recorded since.
 */
int mml_replay_open(const char *path, struct mml_buf *why, struct mml_root **ret,
		    struct mml_replay **ret_replay);

/* Returns its reader, for questions about samples, gaps and segments. Positions change when it is
 * refreshed: use mml_replay_refresh() for that. */
struct mml_reader *mml_replay_reader(struct mml_replay *replay);

/* Goes to the sample at position POS. Returns 0; -ENODATA: there is none; -EBADMSG: it is damaged; or
 * another -errno. In case of an error the moment is the one before. */
int mml_replay_go(struct mml_replay *replay, size_t pos);

/* Returns the position of the moment. */
size_t mml_replay_pos(const struct mml_replay *replay);

/* Returns the sample itself, which is good until the next one is gone to. */
struct mml_sample *mml_replay_sample(const struct mml_replay *replay);

/* Looks for what was recorded since. Returns 1 if there is something new, 0 if there is not, or
 * -errno. */
int mml_replay_refresh(struct mml_replay *replay);
