/* For the rules: saying a finding. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "facts.h"

enum mml_finding {
#define FINDING(id, ...) MML_FINDING_##id,
#include "findings.def"
#undef FINDING
	MML_FINDINGS,
};

/* In their order: what is worse comes later. */
enum mml_severity { MML_NOTE, MML_WARNING, MML_CRITICAL };

/* The table to look at next: how it is sorted, and which rows of it. As for -s and -f; NULL: as usual. */
struct mml_find_look {
	const char *table, *sort, *filter;
};

struct mml_found {
	struct mml_found *next;
	enum mml_finding id;
	enum mml_severity severity;
	const char *about; /* the zone, the cache; NULL: the machine */
	const char *text, *why, *numbers;
	struct mml_find_look look;
};

struct mml_finder {
	struct mml_arena *arena;
	const struct mml_facts *now;
	const struct mml_past *past;
	uint64_t total, available; /* MemTotal and MemAvailable; 0: not known */
	uint64_t managed;          /* by all zones */
	struct mml_buf numbers;    /* of the finding being made, */
	const char *why;           /* in words, or NULL */
	struct mml_find_look look; /* its own; what is NULL is the kind's */
	struct mml_found *first, **last;
	size_t n;
	bool failed; /* out of memory */
};

/* A number the next finding rests on: bytes, pages or events as the kernel has them. */
void mml_find_number(struct mml_finder *f, const char *name, uint64_t value);

/* What the next finding rests on, in whole sentences: they stand before what the kind means. */
void mml_find_why(struct mml_finder *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Where to look next, if not where the kind of the next finding says: what is NULL stays. */
void mml_find_look(struct mml_finder *f, const char *table, const char *sort, const char *filter);

/* The filter "COLUMN = 'TEXT'", in the arena; NULL where TEXT cannot be quoted. */
const char *mml_find_where(struct mml_finder *f, const char *column, const char *text);

/* A finding, with what was said of it since the last one. */
void mml_find(struct mml_finder *f, enum mml_finding id, enum mml_severity severity,
	      const char *about, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Forget what was said: nothing was found after all. */
void mml_find_nothing(struct mml_finder *f);

/* BYTES for people, in the arena. */
const char *mml_find_size(struct mml_finder *f, double bytes);

/* The rules, by what they look at. */
void mml_rules_zones(struct mml_finder *f);
void mml_rules_memory(struct mml_finder *f);
void mml_rules_reclaim(struct mml_finder *f);
void mml_rules_swap(struct mml_finder *f);
void mml_rules_slab(struct mml_finder *f);
