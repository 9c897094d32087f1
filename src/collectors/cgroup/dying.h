/* Control groups that were removed and still hold memory, as the kernel's lists have them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../bpf/dying.h"
#include "../../core/snapshot.h"

/* Parses bytes that were read from the program: sets RET to a copy of the rows in ARENA and RET_COUNT to their
 * number, and RET_DROPPED to how many more there were. Returns 0, -ENOMEM, or -EBADMSG if it is something else. */
int mml_dying_parse(struct mml_arena *arena, const void *bytes, size_t length, struct mml_dying_row **ret,
		    size_t *ret_count, uint64_t *ret_dropped);
