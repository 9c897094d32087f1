/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "../../core/look.h"
#include "orders.h"

static const char *const names[MML_ORDER_TYPES] = { "Unmovable",  "Movable", "Reclaimable",
						    "HighAtomic", "CMA",     "Isolate" };

static void take_row(struct mml_order_zone *zone, unsigned type, const struct mml_table *types,
		     const struct mml_row *row)
{
	uint64_t n;

	for (unsigned o = 0; o < zone->buddy.orders; o++) {
		char column[32];

		snprintf(column, sizeof(column), "order_%u", o);
		if (mml_look_u64(types, row, column, &n))
			zone->blocks[type][o] = n;
	}
	if (mml_look_u64(types, row, "pageblocks", &n))
		zone->pageblocks[type] = n;
	zone->has_types = true;
}

void mml_order_types(struct mml_order_zone *zone, const struct mml_table *types)
{
	for (size_t i = 0; i < types->nrows; i++) {
		const struct mml_row *row = mml_table_row(types, i);
		const char *name = mml_look_str(types, row, "zone");
		const char *type = mml_look_str(types, row, "type");
		uint64_t node;

		if (!name || !type || !mml_look_u64(types, row, "node", &node) ||
		    node != zone->zone->node || strcmp(name, zone->zone->name))
			continue;
		for (unsigned t = 0; t < MML_ORDER_TYPES; t++)
			if (!strcmp(type, names[t]))
				take_row(zone, t, types, row);
	}
}
