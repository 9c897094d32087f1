/* The parser of /proc/zoneinfo, which the tables zones, zonestats and balance share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

enum mml_zone_field {
	MML_ZONE_FREE,
	MML_ZONE_BOOST,
	MML_ZONE_MIN,
	MML_ZONE_LOW,
	MML_ZONE_HIGH,
	MML_ZONE_PROMO,
	MML_ZONE_SPANNED,
	MML_ZONE_PRESENT,
	MML_ZONE_MANAGED,
	MML_ZONE_CMA,
	MML_ZONE_START_PFN,
	MML_ZONE_RESERVED_HIGHATOMIC, /* these two since 7.2 */
	MML_ZONE_FREE_HIGHATOMIC,
	MML_ZONE_UNRECLAIMABLE,       /* of the node: kswapd has given up, 0 or 1 */
	MML_ZONE_FIELDS,
};

/* Where free memory stands against the watermarks, from low to high. These are the words of the
 * column zones.state. */
enum mml_zone_state {
	MML_ZONE_BELOW_MIN,
	MML_ZONE_BELOW_LOW,
	MML_ZONE_ABOVE_LOW,
	MML_ZONE_ABOVE_HIGH,
};

struct mml_zone_counter {
	const char *name;
	uint64_t value;
	bool node; /* of the whole node; the file has it under the node's first populated zone */
};

struct mml_zone {
	uint64_t node;
	const char *name;
	int rank;                         /* 0 to 4: DMA, DMA32, Normal, HighMem, Movable; else -1 */
	unsigned has;                     /* as bits of enum mml_zone_field */
	uint64_t field[MML_ZONE_FIELDS];  /* in pages */
	struct mml_span protection;       /* as in "0, 3019, 5707" */
	uint64_t pcp;                     /* pages on the free lists of CPUs */
	bool has_pcp;
	struct mml_zone_counter *items;
	size_t nitems;
};

struct mml_zones {
	struct mml_zone *zones;
	size_t n;
	unsigned ranks; /* those that any node has, as bits */
	bool by_node;   /* the kernel reclaims by node, as it does since 4.8 */
};

/* Parses TEXT into ARENA. If TABLE is not NULL, a bad line fails it. What was understood stays.
 * Returns 0, -EBADMSG or -ENOMEM. */
int mml_zoneinfo_parse(struct mml_arena *arena, struct mml_span text, struct mml_table *table,
		       struct mml_zones *ret);

/* Returns the rank of a zone called NAME: see mml_zone.rank. */
int mml_zone_rank(const char *name);

/* Looks up the counter NAME of ZONE itself, in the kernel's unit. Returns false if it has none. */
bool mml_zone_item(const struct mml_zone *zone, const char *name, uint64_t *ret);

/* Returns the pages that all zones manage together, or 0 if the file does not tell (before 3.6). */
uint64_t mml_zones_managed(const struct mml_zones *zones);
