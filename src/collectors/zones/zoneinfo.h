/* /proc/zoneinfo, parsed once for the tables zones, zonestats and balance. */
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
	MML_ZONE_FIELDS,
};

/* How much is free against the marks, in its order: the words of the column zones.state. */
enum mml_zone_state {
	MML_ZONE_BELOW_MIN,
	MML_ZONE_BELOW_LOW,
	MML_ZONE_ABOVE_LOW,
	MML_ZONE_ABOVE_HIGH,
};

struct mml_zone_item {
	const char *name;
	uint64_t value;
	bool node; /* of the whole node: printed under its first populated zone */
};

struct mml_zone {
	uint64_t node;
	const char *name;
	unsigned has;                     /* bits of enum mml_zone_field */
	uint64_t field[MML_ZONE_FIELDS];  /* pages */
	struct mml_span protection;       /* "0, 3019, 5707" */
	uint64_t pcp;                     /* pages on the CPUs' free lists */
	bool has_pcp;
	struct mml_zone_item *items;
	size_t nitems;
};

struct mml_zones {
	struct mml_zone *zones;
	size_t n;
};

/* Parse TEXT into ARENA; with a TABLE a bad line is set as its failure, and what was understood
 * stays. 0, -EBADMSG or -ENOMEM. */
int mml_zoneinfo_parse(struct mml_arena *arena, struct mml_span text, struct mml_table *table,
		       struct mml_zones *ret);

/* Pages all zones manage together; 0: the file does not tell (before 3.6). */
uint64_t mml_zones_managed(const struct mml_zones *zones);
