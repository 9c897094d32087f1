/* The sources of moments: the live system, captured trees, and the tee that makes one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/root.h"

/*
 * Open the live system (DIR NULL) or the captured tree DIR. Links inside a tree, absolute ones
 * too, are resolved inside it. 0 or -errno; -ENOSYS: a tree, on a kernel older than 5.6.
 */
int mml_root_open(const char *dir, struct mml_root **ret);

/* From now on save everything that is read to the new or empty directory DIR: 0 or -errno. */
int mml_root_tee(struct mml_root *root, const char *dir);

/* Let TIME be the moment the saved tree is of: 0 or -errno. */
int mml_root_tee_time(struct mml_root *root, const struct mml_time *time);

/* For the files of this room. */
struct mml_place;
int mml_live_new(struct mml_root **ret);
struct mml_time mml_live_now(struct mml_place *place, struct mml_root *root);
