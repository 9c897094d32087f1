/* The moments of a recording that a command is about. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../source/replay.h"
#include "plan.h"

/* Opens the recording that PLAN names, at the moment that --at names or else at its last one. Returns
 * MML_OK, or MML_USAGE or MML_FAILED after a line on stderr. */
int mml_moment_open(const struct mml_plan *plan, struct mml_root **ret,
		    struct mml_replay **ret_replay);

/* Sets RET to the moment that WORD, the value of OPTION, names: the last one that is not after it.
 * Returns the same as mml_moment_open(). */
int mml_moment_find(struct mml_reader *reader, const char *option, const char *word, size_t *ret);

/* Sets RET_FIRST and RET_LAST to the moments from --begin to --end; from the first one or to the last
 * one if one of them was not given. Returns the same. */
int mml_moment_range(const struct mml_plan *plan, struct mml_reader *reader, size_t *ret_first,
		     size_t *ret_last);

/* Returns the time from moment A to B in ns, 0 if it is not known. Within a boot, the wall clock does
 * not matter. */
uint64_t mml_moment_between(struct mml_reader *reader, size_t a, size_t b);

/* Writes when moment POS was begun. */
enum { MML_MOMENT_MAX = 48 };
void mml_moment_when(struct mml_reader *reader, size_t pos, char ret[MML_MOMENT_MAX]);

/* Says on stderr what is missing behind moment A up to B, and why. */
void mml_moment_say_gaps(struct mml_reader *reader, size_t a, size_t b);
