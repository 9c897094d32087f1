/*
 * Bytes from a terminal made into keys. Every sequence that terminals are known to send is parsed to its end:
 * those that mean a key become that key, whatever the terminal's description says, and all others become
 * nothing. What is pasted is one input.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "../core/buf.h"
#include "keys.h"

enum { MML_TAUGHT = 40 };

struct mml_decoder {
	struct mml_buf bytes; /* that are not keys yet */
	size_t at;
	struct mml_buf paste; /* what was pasted last, behind MML_PASTE */
	bool pasting;
	struct {
		char bytes[16];
		uint32_t key;
	} taught[MML_TAUGHT];
	size_t ntaught;
};

/* The terminal's description says that it sends BYTES (NULL: it does not say) for KEY. */
void mml_decoder_teach(struct mml_decoder *decoder, const char *bytes, uint32_t key);

/* N bytes came. Returns 0 or -ENOMEM; the bytes are lost then. */
int mml_decoder_feed(struct mml_decoder *decoder, const char *bytes, size_t n);

/*
 * The next key, or MML_NO_KEY when there is none yet. Behind MML_MOUSE *RET_MOUSE is what the mouse did, and
 * behind MML_PASTE the paste lies in the decoder until the next call. IDLE: no more bytes came for a while, so
 * that a single Esc is the key.
 */
uint32_t mml_decoder_key(struct mml_decoder *decoder, bool idle, struct mml_mouse *ret_mouse);

/* Whether there are bytes that may be the beginning of a sequence. */
bool mml_decoder_waits(const struct mml_decoder *decoder);

void mml_decoder_free(struct mml_decoder *decoder);
