/* What a place answers whose files are those of a recorded sample. Only this folder uses this. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/root.h"
#include "../record/sample.h"
#include "../record/segment.h"

/* What the functions of a place do. They may be called by several threads at once. What nobody asked
 * for when the sample was recorded is -ENOENT. */
int mml_sampled_read(const struct mml_sample *sample, const char *path, struct mml_buf *buf);
int mml_sampled_readlink(const struct mml_sample *sample, const char *path, struct mml_buf *buf);
int mml_sampled_walk(const struct mml_sample *sample, const char *path,
		     int (*each)(const char *name, void *ctx), void *ctx);
bool mml_sampled_asked(const struct mml_sample *sample, const char *path);
struct mml_time mml_sampled_time(const struct mml_instant *instant);
