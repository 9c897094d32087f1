/* The control group that the user asked the tables about. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

/*
 * If SCOPE names a control group, adds the processes in it and below it to those that are asked about; `given`
 * of these stays as it was. Returns 0, 1 if the group has none, with a note in TABLE, or -errno after a
 * failure of TABLE, such as -ESRCH: there is no such group.
 */
int mml_cgroup_scope(struct mml_take *take, struct mml_table *table, struct mml_scope *scope);

/* Sets RET to the path of the group that WORD is the path or a name of. Returns 0, or -errno after a failure of
 * TABLE. */
int mml_cgroup_path(struct mml_take *take, struct mml_table *table, const char *word, const char **ret);

/* Returns whether the group PATH is TOP or lies in it. */
bool mml_cgroup_is_in(const char *path, const char *top);
