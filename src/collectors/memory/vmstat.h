/* The parser of /proc/vmstat and of the nodes' files of the same form, for the tables that compute
 * with them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

/* Takes the next "name value" line off TEXT. Returns 1, 0 at the end, or -EINVAL or -ERANGE if the
 * line is not like that; the line is taken off in any case. */
int mml_vmstat_next(struct mml_span *text, struct mml_span *ret_name, uint64_t *ret_value);

/* Sets RET to the value of NAME. Returns false if there is none. */
bool mml_vmstat_value(struct mml_span text, const char *name, uint64_t *ret);

/* What the kernel counts under a name. */
struct mml_counter {
	const char *name;
	const char *unit; /* pages, KiB, huge pages, faults, events ... */
	const char *help; /* what it means; see mml_line_help() for what changed between kernels */
	bool level;       /* the value may fall; otherwise it counts events and only rises */
};

/* Returns the counter NAME, or NULL if this program does not know it. */
const struct mml_counter *mml_counter_find(struct mml_span name);

/* The unit of a counter on a kernel of today, or NULL if it is not known. */
const char *mml_counter_unit(struct mml_span name);

/* The same on the machine the files are of: up to 4.7, nr_kernel_stack counts stacks and not KiB. */
const char *mml_counter_unit_here(struct mml_take *take, struct mml_span name);

/* Returns whether a counter is a level, which is guessed from its name if it is not known. */
bool mml_counter_level(struct mml_span name);
