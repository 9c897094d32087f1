/* Saves what is read, as a tree that --root reads; inner part of the root. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

struct mml_tee;

/* Save to DIR, which is made, or is an empty directory: 0, -ENOTEMPTY or another -errno. */
int mml_tee_new(const char *dir, struct mml_tee **ret);
void mml_tee_free(struct mml_tee *tee);

/* Each may be called from any thread; the first failure sticks. */
void mml_tee_file(struct mml_tee *tee, const char *path, const void *data, size_t len);
void mml_tee_append(struct mml_tee *tee, const char *path, const void *data, size_t len);
void mml_tee_dir(struct mml_tee *tee, const char *path);
void mml_tee_link(struct mml_tee *tee, const char *path, const char *target);
void mml_tee_error_of(struct mml_tee *tee, const char *path, int err);
int mml_tee_error(struct mml_tee *tee);
