/* What container runtimes call their containers and pods, from the files they keep. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

/* Where names are looked up. Several threads may do that at once. */
struct mml_runtimes {
	struct mml_root *root;
	struct mml_span saved;        /* of a capture; p is NULL if there is none */
	const char *const *logs;      /* names in /var/log/containers, or NULL */
	const char *const *pods;      /* names in /var/log/pods, or NULL */
};

void mml_runtimes_open(struct mml_take *take, struct mml_runtimes *ret);

/* Returns the name of the container ID, which has 64 digits, or of the pod UID, in ARENA. Returns NULL if
 * nobody tells it, or its files may not be read. */
const char *mml_runtime_container(const struct mml_runtimes *runtimes, struct mml_arena *arena,
				  const char *id);
const char *mml_runtime_pod(const struct mml_runtimes *runtimes, struct mml_arena *arena,
			    const char *uid);

/* Saves the names that were found, in lines of an id and a name. */
void mml_runtimes_save(struct mml_root *root, const struct mml_buf *list);
