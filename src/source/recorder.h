/* A sink that makes samples of what is read, for recordings. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/root.h"
#include "../record/sample.h"
#include "../record/segment.h"

struct mml_recorder;

/* From now on, what is read between begin() and end() is kept as a sample. ARGS: with the command lines
 * of processes. The root owns RET. Returns 0 or -ENOMEM. */
int mml_root_record(struct mml_root *root, bool args, struct mml_recorder **ret);

/* Files that are not read for each sample; in between they stand as they were. */
enum mml_stand {
	MML_STAND_SLAB,   /* what hardly changes of slab caches: their layout, and what is checked */
	MML_STAND_GROUPS, /* those of control groups */
	MML_STANDS,
};

/* Files of that kind are read in samples that are at least NS after the last one they were read in; 0:
 * in each. */
void mml_recorder_stand(struct mml_recorder *recorder, enum mml_stand what, uint64_t ns);

/* Returns whether the sample that was begun last reads them. */
bool mml_recorder_reads(const struct mml_recorder *recorder, enum mml_stand what);

/* Begins a sample at NOW_NS, which shares with FORMER what did not change; NULL: there is none. Returns 0
 * or -ENOMEM. */
int mml_recorder_begin(struct mml_recorder *recorder, struct mml_sample *former, uint64_t now_ns);

/* Ends it. Returns 0 and the sample, which the caller must put, or the first error. */
int mml_recorder_end(struct mml_recorder *recorder, struct mml_sample **ret);

/* Returns TIME, which is just over, on all clocks of a recording. */
struct mml_instant mml_recorder_instant(const struct mml_time *time);
