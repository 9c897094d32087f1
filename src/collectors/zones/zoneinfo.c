/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "zoneinfo.h"

#include <errno.h>
#include <string.h>

static const char path[] = "/proc/zoneinfo";

struct parser {
	struct mml_arena *arena;
	struct mml_zones *zones;
	struct mml_zone *zone;
	size_t cap, items_cap;
	bool node_items;
};

/* Makes room for one more element in an array that lives in ARENA. */
static void *grow(struct mml_arena *arena, void *old, size_t used, size_t *cap, size_t size)
{
	void *p;

	if (used < *cap)
		return old;
	*cap = *cap ? *cap * 2 : 64;
	p = mml_arena_alloc(arena, *cap * size);
	if (p && used)
		memcpy(p, old, used * size);
	return p;
}

int mml_zone_rank(const char *name)
{
	static const char *const names[] = { "DMA", "DMA32", "Normal", "HighMem", "Movable" };

	for (int i = 0; i < (int)(sizeof(names) / sizeof(*names)); i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

/* Node 0, zone   Normal */
static int zone_begin(struct parser *ps, struct mml_span line)
{
	struct mml_span tok, number;
	struct mml_zone *zone;

	ps->zone = NULL; /* what follows a bad header is not about the zone before */
	ps->zones->zones = grow(ps->arena, ps->zones->zones, ps->zones->n, &ps->cap, sizeof(*zone));
	if (!ps->zones->zones)
		return -ENOMEM;
	zone = &ps->zones->zones[ps->zones->n];
	memset(zone, 0, sizeof(*zone));
	if (!mml_next_token(&line, &number) || number.end[-1] != ',')
		return -EINVAL;
	number.end--;
	if (mml_parse_u64(number, &zone->node) || !mml_next_token(&line, &tok) ||
	    !mml_span_eq(tok, "zone") || !mml_next_token(&line, &tok))
		return -EINVAL;
	zone->name = mml_arena_strndup(ps->arena, tok.p, mml_span_len(tok));
	if (!zone->name)
		return -ENOMEM;
	zone->rank = mml_zone_rank(zone->name);
	if (zone->rank >= 0)
		ps->zones->ranks |= 1U << zone->rank;
	ps->zone = zone;
	ps->zones->n++;
	ps->items_cap = 0;
	ps->node_items = false;
	return 0;
}

static int zone_item(struct parser *ps, struct mml_span name, uint64_t value, bool node)
{
	struct mml_zone *zone = ps->zone;
	struct mml_zone_counter *item;

	zone->items = grow(ps->arena, zone->items, zone->nitems, &ps->items_cap, sizeof(*item));
	if (!zone->items)
		return -ENOMEM;
	item = &zone->items[zone->nitems++];
	item->name = mml_arena_strndup(ps->arena, name.p, mml_span_len(name));
	item->value = value;
	item->node = node;
	return item->name ? 0 : -ENOMEM;
}

static void zone_set(struct mml_zone *zone, enum mml_zone_field field, uint64_t value)
{
	zone->has |= 1u << field;
	zone->field[field] = value;
}

static bool zone_field(struct mml_zone *zone, struct mml_span name, uint64_t value)
{
	static const char *const names[MML_ZONE_FIELDS] = {
		[MML_ZONE_BOOST] = "boost",     [MML_ZONE_MIN] = "min",
		[MML_ZONE_LOW] = "low",         [MML_ZONE_HIGH] = "high",
		[MML_ZONE_PROMO] = "promo",     [MML_ZONE_SPANNED] = "spanned",
		[MML_ZONE_PRESENT] = "present", [MML_ZONE_MANAGED] = "managed",
		[MML_ZONE_CMA] = "cma",         [MML_ZONE_START_PFN] = "start_pfn:",
		[MML_ZONE_RESERVED_HIGHATOMIC] = "reserved_highatomic:",
		[MML_ZONE_FREE_HIGHATOMIC] = "free_highatomic:",
		[MML_ZONE_UNRECLAIMABLE] = "node_unreclaimable:",
	};

	for (int i = 0; i < MML_ZONE_FIELDS; i++)
		if (names[i] && mml_span_eq(name, names[i])) {
			zone_set(zone, (enum mml_zone_field)i, value);
			return true;
		}
	return false;
}

/* A line under a zone: "        min      9005", "      nr_free_pages 67", "    cpu: 0" ... */
static int zone_line(struct parser *ps, struct mml_span line)
{
	struct mml_span whole = mml_span_trim(line), name, second;
	uint64_t value;
	int rc;

	if (mml_span_eq(whole, "per-node stats")) {
		ps->node_items = ps->zones->by_node = true;
		return 0;
	}
	if (!mml_next_token(&line, &name))
		return 0;
	if (mml_span_eq(name, "pagesets"))
		return 0;
	if (mml_span_starts(whole, "protection:")) {
		const char *open = memchr(whole.p, '(', mml_span_len(whole));

		if (!open || whole.end[-1] != ')')
			return -EINVAL;
		ps->zone->protection = (struct mml_span){ open + 1, whole.end - 1 };
		return 0;
	}
	if (mml_span_starts(whole, "pages free")) {
		mml_next_token(&line, &second);
		if (mml_next_u64(&line, &value))
			return -EINVAL;
		zone_set(ps->zone, MML_ZONE_FREE, value);
		ps->node_items = false;
		return 0;
	}
	if (mml_span_starts(whole, "vm stats threshold:"))
		return 0;
	rc = mml_next_u64(&line, &value);
	/* 4.16 to 4.19 hide nr_indirectly_reclaimable behind an empty name. */
	if (rc == -ENODATA && !mml_parse_u64(name, &value))
		return 0;
	if (rc)
		return -EINVAL;
	if (mml_span_eq(name, "count:")) {
		if (__builtin_add_overflow(ps->zone->pcp, value, &ps->zone->pcp))
			ps->zone->pcp = UINT64_MAX;
		ps->zone->has_pcp = true;
		return 0;
	}
	if (!ps->node_items && zone_field(ps->zone, name, value))
		return 0;
	if (name.end[-1] == ':')
		return 0; /* cpu:, high:, batch:, high_min: and the like */
	return zone_item(ps, name, value, ps->node_items);
}

int mml_zoneinfo_parse(struct mml_arena *arena, struct mml_span text, struct mml_table *table,
		       struct mml_zones *ret)
{
	struct parser ps = { .arena = arena, .zones = ret };
	struct mml_span line, tok, rest, all = text;
	int rc = 0, first = 0;

	*ret = (struct mml_zones){ 0 };
	while (mml_next_line(&text, &line)) {
		rest = line;
		if (mml_span_starts(line, "Node ") && mml_next_token(&rest, &tok))
			rc = zone_begin(&ps, rest);
		else if (ps.zone)
			rc = zone_line(&ps, line);
		else
			rc = mml_span_len(mml_span_trim(line)) ? -EINVAL : 0;
		if (rc == -ENOMEM)
			return rc;
		if (rc && !first) {
			first = -EBADMSG;
			if (table)
				mml_table_bad_at(table, path, all, text.p,
						 "not a line of zoneinfo");
		}
	}
	return first;
}

bool mml_zone_item(const struct mml_zone *zone, const char *name, uint64_t *ret)
{
	for (size_t i = 0; i < zone->nitems; i++)
		if (!zone->items[i].node && !strcmp(zone->items[i].name, name)) {
			*ret = zone->items[i].value;
			return true;
		}
	return false;
}

uint64_t mml_zones_managed(const struct mml_zones *zones)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < zones->n; i++)
		if (__builtin_add_overflow(pages, zones->zones[i].field[MML_ZONE_MANAGED], &pages))
			return UINT64_MAX;
	return pages;
}
