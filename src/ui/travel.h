/* Where on the time line of a recording the screen is. It belongs to the screen's own thread, and never
 * reads a sample: the feeds do. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/root.h"
#include "../core/snapshot.h"
#include "../record/reader.h"
#include "canvas.h"

enum { MML_TRAVEL_NOTHING = -1 };

struct mml_travel {
	struct mml_reader *reader; /* for times and gaps alone */
	pthread_mutex_t root;      /* the root has one moment: who reads from it holds this */
	size_t pos;                /* the cursor */
	size_t gone;               /* how many samples went with old files since it was opened */
	uint64_t mark;             /* the number of the marked sample; UINT64_MAX: none */
	bool playing;
	int speed;                 /* the place among the speeds */
	uint64_t played_ns;        /* when playing went on last, by the screen's clock, */
	double owed_ns;            /* and recorded time that was played since the cursor moved */
	pthread_mutex_t seen_lock; /* for what the feeds have seen on their way: */
	struct {
		uint64_t seq; /* UINT64_MAX: nothing is known */
		float stalled; /* percent of ten seconds that some waited for memory; NAN: not recorded */
		int worst; /* the place of the worst severity found there; -1: none, or nobody looked */
	} seen[1024]; /* by the lowest bits of SEQ */
};

/* Opens the recording PATH at sample SEQ. Returns NULL if that fails. */
struct mml_travel *mml_travel_new(const char *path, uint64_t seq);
void mml_travel_free(struct mml_travel *travel);

size_t mml_travel_count(const struct mml_travel *travel);

/* Returns the number of the sample at POS, or UINT64_MAX if there is none. */
uint64_t mml_travel_seq(const struct mml_travel *travel, size_t pos);

/* Sets RET to when the sample at POS was begun. Returns false if there is none. */
bool mml_travel_time(const struct mml_travel *travel, size_t pos, struct mml_instant *ret);

/* Returns whether both are of one boot. */
bool mml_travel_same_boot(const struct mml_travel *travel, size_t a, size_t b);

/* Moves the cursor BY samples, as far as there are any. Returns false if it stays. */
bool mml_travel_step(struct mml_travel *travel, long by);

/* Moves it by SECONDS of recorded time, but at least by one sample. */
bool mml_travel_leap(struct mml_travel *travel, int64_t seconds);

/* Moves it to the time that WORD names. Returns NULL, or what is wrong with it, valid until the next
 * call. */
const char *mml_travel_go(struct mml_travel *travel, const char *word);

/* Begins to play, or stops. */
void mml_travel_play(struct mml_travel *travel, uint64_t now_ns);

/* Makes it faster or slower; below the slowest it goes backwards. */
void mml_travel_faster(struct mml_travel *travel, int by);

/* Lets NOW_NS of the screen's clock be. Moves the cursor if it plays, and sees what was recorded since.
 * Returns when it wants to be called again. */
uint64_t mml_travel_tick(struct mml_travel *travel, uint64_t now_ns);

/* Called by feeds, in any thread, when the root is at sample SEQ. */
void mml_travel_saw(struct mml_travel *travel, struct mml_root *root, uint64_t seq);

/* The same with the snapshot of it: how bad what was found is, if it has that. */
void mml_travel_found(struct mml_travel *travel, const struct mml_snapshot *snap, uint64_t seq);

/* How many rows its lines take on a screen of ROWS. */
int mml_travel_rows(int rows);

/* Draws them. LATE: the rows shown are not yet those of the cursor. */
void mml_travel_draw(struct mml_travel *travel, const struct mml_canvas *canvas, bool late);
