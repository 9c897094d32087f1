/* record.so: compression, by libzstd. All else of recordings is in the program. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/buf.h"

struct mml_module_record {
	/* What packing and unpacking need, of one thread at a time: 0 or -ENOMEM. */
	int (*open)(void **ret);
	void (*close)(void *pack);
	/* Append the LEN bytes at DATA to OUT as one zstd frame, which tells their number and has a
	 * checksum; the first FIRST of them are unlike the others. 0 or -ENOMEM. */
	int (*pack)(void *pack, const void *data, size_t len, size_t first, struct mml_buf *out);
	/* Append what the LEN bytes at DATA unpack to, which are one zstd frame and nothing else,
	 * and say that they hold RAW bytes: 0, -EBADMSG or -ENOMEM. */
	int (*unpack)(void *pack, const void *data, size_t len, size_t raw, struct mml_buf *out);
};
