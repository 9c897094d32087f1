/* The reserve for atomic allocations of high order, where zoneinfo does not tell it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "zoneinfo.h"

/* What was read last, kept from sample to sample. */
struct mml_highatomic;

struct mml_highatomic *mml_highatomic_new(void);
void mml_highatomic_free(struct mml_highatomic *kept);

/*
 * Fills MML_ZONE_FREE_HIGHATOMIC of ZONES from /proc/pagetypeinfo: the free pages in pageblocks of that
 * type, which is what the kernel leaves out since 6.13 (before, it left out all pages of the blocks:
 * MML_ZONE_RESERVED_HIGHATOMIC, which is filled where there is such a block).
 * The kernel walks all free lists for that file, under the zone's lock, so it is read only when ASKED
 * for, or when the state of some zone depends on it and there is KEPT to remember it in (NULL: the table
 * is read for another one): then once a minute. Zones it cannot be known of keep the field absent. RET_ABSENCE says why the file could not be read, or nothing.
 * Returns 0 or -ENOMEM.
 */
int mml_highatomic_fill(struct mml_take *take, struct mml_zones *zones, bool asked,
			struct mml_highatomic *kept, struct mml_absence *ret_absence);
