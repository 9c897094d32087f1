/* What the rules call when they have found something. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "facts.h"

enum mml_finding {
#define FINDING(id, ...) MML_FINDING_##id,
#include "findings.def"
#undef FINDING
	MML_FINDINGS,
};

/* The severities in their order: the worse one comes later. */
enum mml_severity { MML_NOTE, MML_WARNING, MML_CRITICAL };

/* The table to look at next, how to sort it as for -s, and which rows of it as for -f. NULL stands
 * for the table's usual order, or for all rows. */
struct mml_find_look {
	const char *table, *sort, *filter;
};

struct mml_found {
	struct mml_found *next;
	enum mml_finding id;
	enum mml_severity severity;
	const char *about; /* the zone or cache; NULL: the whole machine */
	const char *text, *why, *numbers;
	struct mml_find_look look;
};

struct mml_finder {
	struct mml_arena *arena;
	const struct mml_facts *now;
	const struct mml_past *past;
	uint64_t total, available; /* MemTotal and MemAvailable; 0: not known */
	uint64_t managed;          /* bytes managed by all zones */
	struct mml_buf numbers;    /* of the finding being made, */
	const char *why;           /* its reasons in words, or NULL, */
	struct mml_find_look look; /* and where to look; NULL members are those of its kind */
	struct mml_found *first, **last;
	size_t n;
	bool failed; /* out of memory */
};

/* Records a number that the next finding rests on, in bytes, pages or events as the kernel counts
 * them. */
void mml_find_number(struct mml_finder *f, const char *name, uint64_t value);

/* Records what the next finding rests on, in whole sentences. They are shown in front of what its
 * kind means. */
void mml_find_why(struct mml_finder *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Records where to look next, if that is not where the kind of the next finding says. NULL stands
 * for what the kind says. */
void mml_find_look(struct mml_finder *f, const char *table, const char *sort, const char *filter);

/* Returns the filter "COLUMN = 'TEXT'" in the arena, or NULL if TEXT cannot be quoted or memory ran
 * out. */
const char *mml_find_where(struct mml_finder *f, const char *column, const char *text);

/* Adds a finding with what was recorded since the last one. */
void mml_find(struct mml_finder *f, enum mml_finding id, enum mml_severity severity,
	      const char *about, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Drops what was recorded since the last finding, because nothing was found after all. */
void mml_find_nothing(struct mml_finder *f);

/* Returns BYTES as a string for people, in the finder's arena, or "?" when memory ran out. */
const char *mml_find_size(struct mml_finder *f, double bytes);

/* The rules, grouped by what they look at. */
void mml_rules_zones(struct mml_finder *f);
void mml_rules_memory(struct mml_finder *f);
void mml_rules_reclaim(struct mml_finder *f);
void mml_rules_swap(struct mml_finder *f);
void mml_rules_slab(struct mml_finder *f);
