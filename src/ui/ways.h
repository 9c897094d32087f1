/*
 * Where things came from: the size of each thing (a process, a cache, a mount) over the last ten minutes, by its
 * name. What grew is told from it, and how fast.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "plot.h"
#include "view.h"

/* What is known of a thing: a value a second over a minute, and one each ten seconds over ten minutes. */
struct mml_way;

struct mml_ways;

/* NULL: out of memory. */
struct mml_ways *mml_ways_new(void);
void mml_ways_free(struct mml_ways *ways);

/*
 * A sample at TIME_NS: begin, add each thing by its key of LEN bytes, end. Things that were not added are
 * forgotten. A sample that is not later than the last one starts anew. add() returns 0 or -ENOMEM.
 */
void mml_ways_begin(struct mml_ways *ways, uint64_t time_ns);
int mml_ways_add(struct mml_ways *ways, const void *key, size_t len, double value);
void mml_ways_end(struct mml_ways *ways);

/* The thing of that key in the last sample, or NULL. */
const struct mml_way *mml_ways_find(const struct mml_ways *ways, const void *key, size_t len);

/*
 * How much THING has changed in the last SECONDS (0: since the mark), or since the first sample when that is
 * later. Of a thing that came only then it is all it has, and *RET_NEW is set. NAN: nobody knows.
 */
double mml_ways_change(const struct mml_ways *ways, const struct mml_way *thing,
			uint64_t seconds, bool *ret_new);

/* Seconds since THING was first seen. */
uint64_t mml_ways_age(const struct mml_ways *ways, const struct mml_way *thing);

/* From now on, changes over 0 seconds are those since now. */
void mml_ways_mark(struct mml_ways *ways);

/*
 * The straight line through its values of the last SECONDS (60 at the most), in units a minute. NAN when there
 * are fewer than four of them over less than five seconds, and when the line's slope is less than three times
 * its standard error: the thing goes up and down, and no time can be told from it.
 */
double mml_ways_slope(const struct mml_ways *ways, const struct mml_way *thing,
		       uint64_t seconds);

/* The same of the last minute, for a time to be told from it: NAN also before it was there for MML_WAYS_STEADY_S. */
enum { MML_WAYS_STEADY_S = 30 };
double mml_ways_steady(const struct mml_ways *ways, const struct mml_way *thing);

/* Its last ten minutes in COLS cells, as mml_history_cells() has them. */
void mml_ways_cells(const struct mml_ways *ways, const struct mml_way *thing, int cols,
		     double *ret);
