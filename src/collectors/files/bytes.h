/* The bytes that the walk over inodes hands over, live or saved. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "../../bpf/files.h"
#include "../../bpf/trace.h"
#include "../../core/arena.h"

struct mml_files_bytes {
	struct mml_files_total total;
	const struct mml_files_fs *systems;
	size_t nsystems;
	const struct mml_files_row *rows; /* the largest, from the largest down */
	size_t nrows;
	const char *names;
	const struct mml_files_holder *holders;
	size_t nholders;
	bool held; /* who holds the files was asked */
	uint64_t page_size; /* bytes */
};

/* Parses LENGTH bytes of KIND into copies in ARENA. Every place that they name is within them afterwards, and names
 * end. Returns 0, -ENOMEM, -EBADMSG if it is something else, or what mml_trace_check() returns. */
int mml_files_parse(struct mml_arena *arena, enum mml_trace_kind kind, const void *bytes, size_t length,
		    struct mml_files_bytes *ret);
