/* The folder of a recording: how its segments are called, and which there are. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/buf.h"

/* "20261125T221146.123Z-0123abcd.mml": when it was begun, and the high half of its id. */
enum { MML_SEGMENT_NAME = sizeof("20261125T221146.123Z-0123abcd.mml") };

/* The name of a segment begun at REAL_NS. */
void mml_segment_name(char ret[MML_SEGMENT_NAME], int64_t real_ns, uint64_t id);

/* Is NAME one that mml_segment_name() makes? RET_EXPECT: the half of the id. */
bool mml_segment_named(const char *name, uint32_t *ret_expect);

/* Does NAME end as recordings do? */
bool mml_name_is_recording(const char *name);

/* The names in the directory DIRFD that end as recordings do, sorted, each terminated by a NUL, and
 * how many: 0 or -errno. */
int mml_folder_list(int dirfd, struct mml_buf *ret, size_t *ret_n);

/* Open the regular file NAME in DIRFD for reading, no link, no device: a descriptor or -errno.
 * -EINVAL: it is something else. */
int mml_segment_open(int dirfd, const char *name);
