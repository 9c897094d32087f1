/* /proc/vmstat and the per-node file of the same form, for the tables that compute with them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

/* The next "name value" line of TEXT: 1, 0 at the end, -EINVAL or -ERANGE when it is none. */
int mml_vmstat_next(struct mml_span *text, struct mml_span *ret_name, uint64_t *ret_value);

/* The value of NAME; false when there is none. */
bool mml_vmstat_value(struct mml_span text, const char *name, uint64_t *ret);

/* Is NAME a level that may fall, rather than a count of events? */
bool mml_vmstat_level(struct mml_span name);
