/* One text told by how it differs from another: by lines and the numbers in them, or by words of
 * eight bytes. docs/recording-format.md says what the bytes mean. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/buf.h"
#include "../core/parse.h"

/* What a text is told by: operations, with all they say in bytes and small numbers, and the
 * differences of the numbers that changed, which are packed better apart. */
struct mml_told {
	struct mml_buf ops, numbers;
};

struct mml_telling {
	struct mml_span ops, numbers;
};

void mml_told_free(struct mml_told *told);

/* What encoding needs room for, kept from sample to sample. Zeroed at first. */
struct mml_text_room {
	struct mml_told sample, line;
	struct mml_buf made;
};

void mml_text_room_free(struct mml_text_room *room);

/* Append to OUT what makes TEXT of BASE, by lines: 0 or -ENOMEM. */
int mml_lines_encode(struct mml_text_room *room, struct mml_span base, struct mml_span text,
		     struct mml_told *out);

/* The same by words. */
int mml_words_encode(struct mml_span base, struct mml_span text, struct mml_told *out);

/* Make a text of LEN bytes at RET of BASE and what is cut off the front of IN: 0, or -EBADMSG when
 * IN does not make exactly that many. */
int mml_lines_decode(struct mml_span base, struct mml_telling *in, char *ret, size_t len);
int mml_words_decode(struct mml_span base, struct mml_telling *in, char *ret, size_t len);
