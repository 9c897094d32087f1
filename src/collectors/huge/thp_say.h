/* Adds reasons with their numbers, and knows what the settings mean for a page size. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "thp_why.h"

/* The reasons so far. */
struct mml_why {
	struct mml_arena *arena;
	const struct mml_thp_facts *facts;
	struct mml_finding *list;
	size_t n, cap;
	bool failed;
	struct mml_finding nowhere; /* what is written to if memory ran out */
};

/* Adds a reason with the text of FMT. The result can be written to, also if memory ran out. */
struct mml_finding *mml_why_say(struct mml_why *why, const char *about, const char *id,
				enum mml_verdict verdict, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* Gives a reason the number it rests on, and what that was compared with. */
void mml_why_value(struct mml_finding *f, double value);
void mml_why_against(struct mml_finding *f, double value, double limit);

/* Returns BYTES as text, such as "64.0K". */
const char *mml_why_size(struct mml_why *why, uint64_t bytes);

/* Appends the size BYTES to LIST, a list of sizes that may be NULL. Returns the new list, or NULL
 * when memory ran out. */
const char *mml_why_list(struct mml_why *why, const char *list, uint64_t bytes);

/* Returns whether SETTING is known and is WORD. */
bool mml_why_is(const char *setting, const char *word);

/* Returns what the settings say of anonymous memory in pages of SIZE: always, madvise or never;
 * NULL if that is not known. */
const char *mml_thp_anon_word(const struct mml_thp_facts *facts, uint64_t size);

/* Returns the same for shared anonymous memory: always, within_size, advise, never, deny or force.
 */
const char *mml_thp_shmem_word(const struct mml_thp_facts *facts, uint64_t size);
