/* The places that files come from (the live system and captured trees), and the tee that makes a
 * tree. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/root.h"

/*
 * Opens the live system if DIR is NULL, or else the captured tree DIR. Links inside a tree are
 * resolved inside it, even absolute ones. Returns 0 or -errno. -EBADMSG means a tree whose files in
 * mmlens/ are there but cannot be read or do not tell the page size.
 */
int mml_root_open(const char *dir, struct mml_root **ret);

/* From now on, saves everything that is read to the new or empty directory DIR. Returns 0 or
 * -errno: -ENOTEMPTY, -ENOTUNIQ if the directory is another user's, or -EKEYREJECTED if others may write
 * to it. Nothing is written behind a failure. */
int mml_root_tee(struct mml_root *root, const char *dir);

/* Ends a capture in which nothing failed; until then, its tree says that it is not complete. Returns
 * 0, or the first failure as -errno. */
int mml_root_tee_end(struct mml_root *root);

/* Makes TIME the moment that the saved tree is of. Returns 0 or -errno. */
int mml_root_tee_time(struct mml_root *root, const struct mml_time *time);

/* For the files of this folder only. */
struct mml_place;
int mml_live_new(struct mml_root **ret);
struct mml_time mml_live_now(struct mml_place *place, struct mml_root *root);
