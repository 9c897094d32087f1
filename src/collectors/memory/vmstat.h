/* /proc/vmstat and the per-node file of the same form, for the tables that compute with them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

/* The next "name value" line of TEXT: 1, 0 at the end, -EINVAL or -ERANGE when it is none. */
int mml_vmstat_next(struct mml_span *text, struct mml_span *ret_name, uint64_t *ret_value);

/* The value of NAME; false when there is none. */
bool mml_vmstat_value(struct mml_span text, const char *name, uint64_t *ret);

/* What the kernel counts under a name. */
struct mml_counter {
	const char *name;
	const char *unit; /* pages, KiB, huge pages, faults, events ... */
	bool level;       /* it may fall; else it counts what happened */
};

/* The counter NAME, or NULL: none this program knows. */
const struct mml_counter *mml_counter_find(struct mml_span name);

/* Its unit, or NULL; whether it is a level, for an unknown one by its name. */
const char *mml_counter_unit(struct mml_span name);
bool mml_counter_level(struct mml_span name);
