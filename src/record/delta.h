/* The codec: a sample as bytes, told by how it differs from the one before it, and back. It knows
 * nothing of files and compression. docs/recording-format.md says what the bytes mean. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sample.h"
#include "told.h"

/* The most bytes that one sample may take before compression. */
enum { MML_DELTA_MAX = 128 << 20 };

/*
 * Append SAMPLE to OUT, told by how it differs from FORMER (NULL: from nothing): 0, -ENOMEM, or
 * -EFBIG when it takes more than MML_DELTA_MAX. RET_FIRST: how many bytes the first part has, which
 * is unlike the second and better packed apart.
 */
int mml_delta_encode(struct mml_text_room *room, const struct mml_sample *former,
		     const struct mml_sample *sample, struct mml_buf *out, size_t *ret_first);

/*
 * The sample that BYTES make of FORMER (NULL: of nothing), in RET: 0, -EBADMSG when they are not
 * what was written for this former sample, -EFBIG when it would be larger than a sample may be, or
 * -ENOMEM.
 */
int mml_delta_decode(struct mml_sample *former, struct mml_span bytes, struct mml_sample **ret);
