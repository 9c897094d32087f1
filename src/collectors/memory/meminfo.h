/* /proc/meminfo, for the tables that compute with it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

struct mml_meminfo_line {
	struct mml_span name, unit;
	uint64_t value;
};

/* The next line of TEXT: 1, 0 at the end, -EINVAL or -ERANGE when it is no meminfo line. */
int mml_meminfo_next(struct mml_span *text, struct mml_meminfo_line *ret);

/* Bytes of the field NAME; false when there is none or it is a count. */
bool mml_meminfo_bytes(struct mml_span text, const char *name, uint64_t *ret);
