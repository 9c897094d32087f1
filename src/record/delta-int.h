/* What writing and reading samples share; inner part of the codec. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "delta.h"
#include "varint.h"

/* The lowest bits of an operation on entries; the rest is how many. Part of the format. */
enum {
	ENTRY_SAME = 0,    /* N entries of the former sample as they are */
	ENTRY_GONE = 1,    /* N entries of the former sample that this one does not have */
	ENTRY_CHANGED = 2, /* N entries of the former sample with another answer, which follows */
	ENTRY_NEW = 3,     /* N entries the former sample does not have; path and answer follow */
	ENTRY_BITS = 2,
};

/* The lowest bits of an answer; the rest says what it is told by. Part of the format. */
enum {
	ANSWER_ERROR = 0, /* the rest is the number of the error */
	ANSWER_BYTES = 1, /* the rest is how many follow */
	ANSWER_LINES = 2, /* lines, told by the text of the entry as many places back in this sample
			   * as the rest says, or by what this entry was when it says 0 */
	ANSWER_WORDS = 3, /* ... words */
	ANSWER_BITS = 2,
};

enum { ASKED_BITS = 2 };

/* Before the operations: the checksum, and how many bytes they take; the numbers are behind them.
 */
enum { DELTA_HEAD = 8 };

/* The most bytes of text that the answers of one sample are told by, together. Part of the format.
 */
static const uint64_t DELTA_WORK_MAX = UINT64_C(4) * MML_SAMPLE_MAX;

/* The number of an error as recordings have it, the same on every machine; and back. */
unsigned mml_error_number(int error);
int mml_error_of_number(uint64_t number);

/* The checksum behind SUM of an answer and its path. */
uint32_t mml_entry_sum(uint32_t sum, const struct mml_entry *entry);
