/* The parser of /proc/meminfo, for the tables that compute with its fields. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

struct mml_meminfo_line {
	struct mml_span name, unit;
	uint64_t value;
};

/* Takes the next line off TEXT. Returns 1, 0 at the end, or -EINVAL or -ERANGE if the line is not
 * one of meminfo; the line is taken off in any case. */
int mml_meminfo_next(struct mml_span *text, struct mml_meminfo_line *ret);

/* Returns whether UNIT, of a line, is the kernel's kB or a vendor's KB, both of 1024 bytes. */
bool mml_meminfo_in_kib(struct mml_span unit);

/* Sets RET to the bytes of the field NAME. Returns false if there is no such field, or if it is a
 * count. */
bool mml_meminfo_bytes(struct mml_span text, const char *name, uint64_t *ret);
