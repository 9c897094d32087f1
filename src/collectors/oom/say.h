/* Sentences: numbers in words people use, names made harmless, lines of the log behind them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "conclude.h"
#include "prose.h"

struct mml_say {
	struct mml_arena *arena;
	const struct mml_oom_log *log;
	const struct mml_oom_report *r;
	const struct mml_oom_style *style;
	struct mml_buf out;
	bool error; /* an allocation failed */
};

/* Go on with a sentence, or begin one; a blank is put before it. */
__attribute__((format(printf, 2, 3))) void mml_say(struct mml_say *s, const char *fmt, ...);

/* As mml_say() without the blank. */
__attribute__((format(printf, 2, 3))) void mml_say_on(struct mml_say *s, const char *fmt, ...);

/* End the sentence, with the lines of the log it rests on, 0 for none. */
void mml_say_end(struct mml_say *s, uint64_t a, uint64_t b, uint64_t c);

/* BYTES as people read them: "72 KiB", "28.4 MiB", "2.94 GiB". */
const char *mml_say_size(struct mml_say *s, uint64_t bytes);

/* NAME harmless; "?" where there is none. */
const char *mml_say_name(struct mml_say *s, const char *name);

/* "worker[168]" */
const char *mml_say_task(struct mml_say *s, const char *comm, struct mml_oom_value pid);

/* PART of WHOLE: "88 %", "0.1 %". */
const char *mml_say_share(struct mml_say *s, uint64_t part, uint64_t whole);

/* A time: "153.703 s after boot", or the date as it is written. */
const char *mml_say_time(struct mml_say *s, const struct mml_oom_time *time);

/* "Normal", or "Node 1 Normal" on a machine of several. */
const char *mml_say_zone(struct mml_say *s, const struct mml_oom_zone *zone);

/* PAGES in bytes. */
static inline uint64_t mml_say_bytes(const struct mml_say *s, uint64_t pages)
{
	uint64_t ret;

	return __builtin_mul_overflow(pages, s->r->page_size.n, &ret) ? UINT64_MAX : ret;
}

/* The paragraphs. */
void mml_say_what(struct mml_say *s);
void mml_say_limit(struct mml_say *s);
void mml_say_free(struct mml_say *s);
void mml_say_held(struct mml_say *s);
void mml_say_swap(struct mml_say *s);
void mml_say_victim(struct mml_say *s);
void mml_say_do(struct mml_say *s);
void mml_say_unknown(struct mml_say *s);
