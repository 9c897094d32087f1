/* The program that walks inodes, kept from sample to sample. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../bpf/bpf.h"
#include "../../core/snapshot.h"

struct mml_walker {
	enum mml_trace_kind kind;
	const struct mml_module_bpf *bpf;
	struct mml_bpf_session *session;
	struct mml_buf bytes;
};

/* Returns one that walks when it is asked for the first time, or NULL when memory ran out. */
void *mml_walker_new(enum mml_trace_kind kind);
void mml_walker_free(void *walker);
void mml_walker_clear(struct mml_walker *walker); /* for one that new() did not make */

/* From now on it walks for KIND. */
void mml_walker_choose(struct mml_walker *walker, enum mml_trace_kind kind);

/* Walks, and sets RET to the bytes, which are valid until the next walk. They are saved as PATH. Returns 0, or
 * -errno with TABLE failed. */
int mml_walker_read(struct mml_walker *walker, struct mml_take *take, const char *path, struct mml_table *table,
		    struct mml_span *ret);
