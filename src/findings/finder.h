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

struct mml_found {
	struct mml_found *next;
	enum mml_finding id;
	enum mml_severity severity;
	const char *about; /* the zone, the cache; NULL: the machine */
	const char *text, *numbers;
};

struct mml_finder {
	struct mml_arena *arena;
	const struct mml_facts *now;
	const struct mml_past *past;
	uint64_t total, available; /* MemTotal and MemAvailable; 0: not known */
	uint64_t managed;          /* by all zones */
	struct mml_buf numbers;    /* of the finding being made */
	struct mml_found *first, **last;
	size_t n;
	bool failed; /* out of memory */
};

/* A number the next finding rests on: bytes, pages or events as the kernel has them. */
void mml_find_number(struct mml_finder *f, const char *name, uint64_t value);

/* A finding, with the numbers given since the last one. */
void mml_find(struct mml_finder *f, enum mml_finding id, enum mml_severity severity,
	      const char *about, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Forget the numbers: nothing was found after all. */
void mml_find_nothing(struct mml_finder *f);

/* BYTES for people, in the arena. */
const char *mml_find_size(struct mml_finder *f, double bytes);

/* The rules, by what they look at. */
void mml_rules_zones(struct mml_finder *f);
void mml_rules_memory(struct mml_finder *f);
void mml_rules_reclaim(struct mml_finder *f);
void mml_rules_swap(struct mml_finder *f);
void mml_rules_slab(struct mml_finder *f);
