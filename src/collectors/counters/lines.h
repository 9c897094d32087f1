/* What each line of the kernel's memory files means, in words. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

enum mml_lines {
	MML_LINES_MEMINFO, /* /proc/meminfo and the nodes' */
	MML_LINES_VMSTAT,  /* /proc/vmstat, zoneinfo and the nodes' vmstat */
	MML_LINES_SMAPS,   /* /proc/PID/smaps and smaps_rollup */
};

/*
 * Returns what the line NAME of FILE means on the machine that is looked at, in sentences. What holds
 * for some kernels only is among them where it may hold for this one. A line that is not known is told
 * to be that. NULL: memory ran out.
 */
const char *mml_line_help(struct mml_take *take, enum mml_lines file, struct mml_span name);
