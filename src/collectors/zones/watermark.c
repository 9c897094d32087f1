/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watermark.h"

/* Before 3.6 `managed` is not told; `present` leaves out the memory map then, and is as good. */
bool mml_zone_populated(const struct mml_zone *zone)
{
	const unsigned marks = 1U << MML_ZONE_FREE | 1U << MML_ZONE_MIN | 1U << MML_ZONE_LOW |
			       1U << MML_ZONE_HIGH;
	bool managed = zone->has >> MML_ZONE_MANAGED & 1;

	return (zone->has & marks) == marks &&
	       zone->field[managed ? MML_ZONE_MANAGED : MML_ZONE_PRESENT];
}

static uint64_t add(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/* Memory that a guest has not accepted yet is free here: the kernel accepts it when a mark is reached
 * (and since 6.11 counts it as free in its own test). */
uint64_t mml_zone_unusable(const struct mml_zone *zone)
{
	uint64_t cma;

	if (!mml_zone_item(zone, "nr_free_cma", &cma))
		cma = 0;
	return add(cma, zone->field[MML_ZONE_FREE_HIGHATOMIC]);
}

enum mml_zone_state mml_zone_state(const struct mml_zone *zone, uint64_t reserve)
{
	const uint64_t *f = zone->field;
	uint64_t unusable = mml_zone_unusable(zone);
	uint64_t free = f[MML_ZONE_FREE] > unusable ? f[MML_ZONE_FREE] - unusable : 0;

	if (free > add(f[MML_ZONE_HIGH], reserve))
		return MML_ZONE_ABOVE_HIGH;
	if (free > add(f[MML_ZONE_LOW], reserve))
		return MML_ZONE_ABOVE_LOW;
	return free > add(f[MML_ZONE_MIN], reserve) ? MML_ZONE_BELOW_LOW : MML_ZONE_BELOW_MIN;
}

/* Entry N of "0, 2871, 3795"; without it nothing is known to be kept back. */
static uint64_t protection(const struct mml_zone *zone, unsigned n)
{
	struct mml_span list = zone->protection, number;
	uint64_t pages;

	do {
		if (!mml_next_field(&list, ',', &number))
			return 0;
	} while (n--);
	return mml_parse_u64(mml_span_trim(number), &pages) ? 0 : pages;
}

static unsigned entries(const struct mml_zone *zone)
{
	unsigned n = 0;

	for (const char *p = zone->protection.p; p && p < zone->protection.end; p++)
		n += *p == ',';
	return n + 1;
}

/* No kernel has more zones on a node; they stand together in the file. */
enum { MOST_ZONES = 8 };

/* The first zone of zone number I's node. */
static size_t first_of_node(const struct mml_zones *zones, size_t i)
{
	size_t first = i;

	while (first && i - first < MOST_ZONES &&
	       zones->zones[first - 1].node == zones->zones[i].node)
		first--;
	return first;
}

/*
 * Which entry of protection is for allocations that prefer zone number CLASS. Newer kernels list every
 * zone of a node, so it is the zone's place. Up to 4.11 they left out those without memory, and the
 * names that other nodes have tell which are configured.
 */
static unsigned class_index(const struct mml_zones *zones, size_t class)
{
	const struct mml_zone *own = &zones->zones[class];
	size_t first = first_of_node(zones, class), end = class + 1;

	while (end < zones->n && end - first < MOST_ZONES && zones->zones[end].node == own->node)
		end++;
	if (end - first == entries(own) || own->rank < 0)
		return (unsigned)(class - first);
	return (unsigned)__builtin_popcount(zones->ranks & ((1U << own->rank) - 1));
}

/* Pages of ZONE above low and RESERVE, or below them. No machine has as many as would wrap. */
static int64_t headroom(const struct mml_zone *zone, uint64_t reserve)
{
	uint64_t needed = add(add(zone->field[MML_ZONE_LOW], reserve), mml_zone_unusable(zone));
	uint64_t most = INT64_MAX / 2, free = zone->field[MML_ZONE_FREE];

	return (int64_t)(free < most ? free : most) - (int64_t)(needed < most ? needed : most);
}

uint64_t mml_zone_protection(const struct mml_zones *zones, size_t i, size_t class)
{
	return protection(&zones->zones[i], class_index(zones, class));
}

struct mml_class mml_class_of(const struct mml_zones *zones, size_t class)
{
	unsigned index = class_index(zones, class);
	struct mml_class ret = { .state = -1 };

	for (size_t i = first_of_node(zones, class); i <= class; i++) {
		const struct mml_zone *zone = &zones->zones[i];
		uint64_t reserve = i == class ? 0 : protection(zone, index);
		int64_t room;
		int state;

		if (!mml_zone_populated(zone))
			continue;
		state = mml_zone_state(zone, reserve);
		room = headroom(zone, reserve);
		if (ret.state < 0 || (ret.headroom < 0 && room > ret.headroom))
			ret.headroom = room;
		else if (room > 0)
			ret.headroom += room;
		ret.state = state > ret.state ? state : ret.state;
	}
	return ret;
}
