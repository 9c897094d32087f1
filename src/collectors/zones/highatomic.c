/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "highatomic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/look.h"
#include "../../core/trouble.h"
#include "../registry.h"
#include "watermark.h"

struct reserve {
	uint64_t node;
	int rank;
	uint64_t pages, whole; /* whole: all pages of its blocks; 0: not known */
};

struct mml_highatomic {
	uint64_t when_ns; /* 0: not read yet */
	struct reserve *reserves;
	size_t n;
};

struct mml_highatomic *mml_highatomic_new(void)
{
	return mml_calloc(1, sizeof(struct mml_highatomic));
}

void mml_highatomic_free(struct mml_highatomic *kept)
{
	if (kept)
		free(kept->reserves);
	free(kept);
}

/* The most pages the kernel reserves in ZONE: a hundredth of it, in whole pageblocks, and up to one
 * more. A pageblock has as many pages as a huge page, or 1024. */
static uint64_t most(const struct mml_zone *zone, uint64_t page_size)
{
	uint64_t block = page_size / 8 > 1024 ? page_size / 8 : 1024;

	return zone->field[MML_ZONE_MANAGED] / 100 + 2 * block;
}

static bool may_matter(const struct mml_zone *zone, uint64_t reserve, uint64_t atomic)
{
	uint64_t both;

	return !__builtin_add_overflow(reserve, atomic, &both) &&
	       mml_zone_state(zone, reserve) != mml_zone_state(zone, both);
}

/* Whether ZONE's state, for allocations of its own class or of any higher one, depends on a reserve.
 * TOTAL is what all zones manage: in a sliver of it, as zone DMA is, nobody reserves anything. */
static bool depends(const struct mml_zone *zone, uint64_t total, uint64_t page_size)
{
	struct mml_span list = zone->protection, number;
	uint64_t atomic = most(zone, page_size), pages;

	if (!mml_zone_populated(zone) || zone->field[MML_ZONE_MANAGED] < total / 100)
		return false;
	if (may_matter(zone, 0, atomic))
		return true;
	while (mml_next_field(&list, ',', &number))
		if (!mml_parse_u64(mml_span_trim(number), &pages) && may_matter(zone, pages, atomic))
			return true;
	return false;
}

static bool wanted(const struct mml_zones *zones, uint64_t page_size, bool asked)
{
	bool untold = false, decides = false;
	uint64_t total = mml_zones_managed(zones);

	for (size_t i = 0; i < zones->n && !(untold && decides); i++) {
		untold |= !(zones->zones[i].has >> MML_ZONE_FREE_HIGHATOMIC & 1);
		decides |= depends(&zones->zones[i], total, page_size);
	}
	return untold && (asked || decides);
}

/* "Pages per block:  512", or 0. */
static uint64_t pages_per_block(struct mml_take *take)
{
	static const char begins[] = "Pages per block:";
	struct mml_span text, line;
	uint64_t n;

	if (mml_take_file(take, NULL, "/proc/pagetypeinfo", &text))
		return 0;
	while (mml_next_line(&text, &line)) {
		if (!mml_span_starts(line, begins))
			continue;
		line.p += sizeof(begins) - 1;
		return mml_next_u64(&line, &n) || n > UINT32_MAX ? 0 : n;
	}
	return 0;
}

/* The reserves of all zones as TYPES has them. */
static int read_reserves(struct mml_take *take, const struct mml_table *types,
			 struct mml_highatomic *ret)
{
	uint64_t block = pages_per_block(take), blocks;
	struct reserve *more = mml_realloc(ret->reserves, types->nrows + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	ret->reserves = more;
	ret->n = 0;
	ret->when_ns = take->snap ? take->snap->time.mono_ns : 0;
	for (size_t i = 0; i < types->nrows; i++) {
		const struct mml_row *row = mml_table_row(types, i);
		const char *zone = mml_look_str(types, row, "zone");
		const char *type = mml_look_str(types, row, "type");
		struct reserve *r = &more[ret->n];
		uint64_t free;

		if (!zone || !type || strcmp(type, "HighAtomic") ||
		    !mml_look_u64(types, row, "node", &r->node) ||
		    !mml_look_u64(types, row, "free", &free))
			continue;
		r->rank = mml_zone_rank(zone);
		r->pages = free / take->host->page_size;
		r->whole = mml_look_u64(types, row, "pageblocks", &blocks) && blocks <= UINT32_MAX ?
				   blocks * block :
				   0;
		ret->n++;
	}
	return 0;
}

/* A zone the file has no such type of has no such reserve: kernels before 4.4. */
static void set_reserves(struct mml_zones *zones, const struct mml_highatomic *from)
{
	for (size_t i = 0; i < zones->n; i++) {
		struct mml_zone *zone = &zones->zones[i];
		size_t k = 0;

		if (zone->has >> MML_ZONE_FREE_HIGHATOMIC & 1 || !mml_zone_populated(zone))
			continue;
		while (k < from->n && (from->reserves[k].node != zone->node ||
				       from->reserves[k].rank != zone->rank))
			k++;
		zone->has |= 1U << MML_ZONE_FREE_HIGHATOMIC;
		zone->field[MML_ZONE_FREE_HIGHATOMIC] = k < from->n ? from->reserves[k].pages : 0;
		if (k < from->n && from->reserves[k].whole >= from->reserves[k].pages) {
			zone->has |= 1U << MML_ZONE_RESERVED_HIGHATOMIC;
			zone->field[MML_ZONE_RESERVED_HIGHATOMIC] = from->reserves[k].whole;
		}
	}
}

static bool fresh(const struct mml_take *take, const struct mml_highatomic *kept)
{
	const uint64_t minute = UINT64_C(60000000000);

	return kept->when_ns && take->snap && take->snap->time.mono_ns < kept->when_ns + minute;
}

int mml_highatomic_fill(struct mml_take *take, struct mml_zones *zones, bool asked,
			struct mml_highatomic *kept, struct mml_absence *ret_absence)
{
	struct mml_highatomic once = { 0 }, *from = kept ? kept : &once;
	const struct mml_table *types;
	int rc = 0;

	*ret_absence = (struct mml_absence){ NULL, NULL };
	if ((!asked && !kept) || !wanted(zones, take->host->page_size, asked))
		return 0;
	if (!fresh(take, from)) {
		types = mml_take_table(take, &mml_collector_pagetypes);
		if (!types)
			return -ENOMEM;
		if (types->error && !types->nrows) {
			*ret_absence = types->absence;
			return 0;
		}
		rc = read_reserves(take, types, from);
	}
	if (!rc)
		set_reserves(zones, from);
	free(once.reserves);
	return rc;
}
