/* How much of a recording is kept: what has to go, oldest first. The choice is pure; so are the
 * words that limits are given in. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The limits, each of which holds always; 0: there is none. */
struct mml_keep {
	uint64_t age_ns;       /* since the last sample of a segment */
	uint64_t bytes;        /* all files together */
	uint64_t free_bytes;   /* what must stay free in the file system ... */
	unsigned free_percent; /* ... at most one of both */
};

/* What is kept if nobody says otherwise: a week, 1 GiB, and of the disk 5 % are left. */
extern const struct mml_keep mml_keep_usual;

/* A segment that is not written any more. */
struct mml_kept {
	uint64_t bytes;
	uint64_t age_ns;
};

/* The file system: bytes that are free for who writes, and all. */
struct mml_disk {
	uint64_t free, all;
};

/*
 * How many of the N segments KEPT, the oldest first, must go so that MORE bytes can be written
 * beside CURRENT bytes of the segment that is being written. RET_FITS: whether the limits hold
 * then.
 */
size_t mml_keep_excess(const struct mml_keep *keep, const struct mml_kept *kept, size_t n,
		       uint64_t current, uint64_t more, const struct mml_disk *disk,
		       bool *ret_fits);

/* The size at which a segment is ended, so that by taking one away not too much is lost. */
uint64_t mml_keep_segment(const struct mml_keep *keep);

/* "7d", "12h30m", "90s": nanoseconds; "1G", "500M", "65536": bytes; "5%" or a size. 0 or -EINVAL,
 * or -ERANGE. "0" is no limit. */
int mml_keep_age(const char *s, uint64_t *ret_ns);
int mml_keep_size(const char *s, uint64_t *ret_bytes);
int mml_keep_free(const char *s, struct mml_keep *ret);
