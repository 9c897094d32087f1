/* Facts of a machine as the lines of a recording's header. Only this folder uses this. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/intern.h"
#include "../core/root.h"
#include "../record/reader.h"

/* Appends the facts of HOST. Returns 0 or -ENOMEM. */
int mml_facts_put(struct mml_buf *out, const struct mml_host *host);

/* Sets RET to what the segment of sample POS says of its machine, with strings in STRINGS. Returns 0;
 * -ENOMEM; or -EBADMSG if it does not tell the page size. */
int mml_facts_host(struct mml_reader *reader, size_t pos, struct mml_intern *strings,
		   struct mml_host *ret);
