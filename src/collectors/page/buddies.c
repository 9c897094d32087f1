/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/snapshot.h"
#include "../../core/trouble.h"
#include "../zones/buddyinfo.h"
#include "frames.h"
#include "words.h"

/* clang-format off */
#define BUDDIES_COLUMNS(C, R) \
	C(node,        "NODE",   U64,  KEY,     NONE,  FIRST, 0, "frame in zoneinfo", "The node the block is on.") \
	C(zone,        "ZONE",   STR,  KEY,     NONE,  FIRST, 0, "frame in zoneinfo", "The zone it is in.") \
	C(frame,       "FRAME",  ADDR, KEY,     NONE,  FIRST, 0, "place in kpageflags", "Its first page frame.") \
	C(order,       "ORDER",  U64,  DERIVED, COUNT, FIRST, 0, "the largest aligned block of free frames there", "It has 2^order pages.") \
	C(size,        "SIZE",   U64,  DERIVED, BYTES, FIRST, 0, "2^order * page size", "What they are together.") \
	C(physical,    "PHYSICAL", ADDR, DERIVED, NONE, HIDDEN, 0, "frame * page size", "Its physical address, on a guest that of the guest.") \
	C(buddy,       "BUDDY",  ADDR, DERIVED, NONE,  MAIN,  0, "frame xor 2^order", "The frame of the block that it becomes one with when that is free as well; absent at the largest order.") \
	C(buddy_state, "BUDDYIS", STR, DERIVED, NONE, MAIN,  0, "kpageflags of the buddy's frames", "in-use (no page of it is free), part-free, free (seen between two changes, or kept apart while memory is isolated), outside (of the zone), no-memory.") \
	C(buddy_free,  "FREEPAGES", U64, GAUGE, COUNT, MAIN, 0, "kpageflags: BUDDY", "Pages of the buddy that are free.")
/* clang-format on */

#define MML_TABLE_OF BUDDIES
#include "../../core/columns.h"

#define KPF_BUDDY (UINT64_C(1) << 10)

static const char path[] = "/proc/kpageflags";

/* Frames that are read at once: many of the largest blocks there are anywhere. */
enum { AT_ONCE = 1 << 16, LARGEST_ORDER = 16 };

struct search {
	struct mml_take *take;
	struct mml_table *table;
	struct mml_words *words;
	struct mml_frames frames;
	struct mml_frame_place place; /* of the frames that are looked at */
	unsigned max_order;
	uint64_t first, n;            /* the frames that were read */
	uint64_t *flags;
};

/* buddyinfo has a column for each order. */
static int read_orders(struct search *s)
{
	struct mml_span text;
	struct mml_buddy buddy;
	int rc = mml_take_file(s->take, s->table, "/proc/buddyinfo", &text);

	if (rc)
		return rc;
	if (mml_buddy_next(&text, &buddy) != 1 || !buddy.orders || buddy.orders > LARGEST_ORDER)
		return mml_table_bad(s->table, "/proc/buddyinfo", 1, "not the blocks of a zone");
	s->max_order = buddy.orders - 1;
	return 0;
}

static bool is_free(const struct search *s, uint64_t frame)
{
	return frame >= s->first && frame - s->first < s->n && s->flags[frame - s->first] & KPF_BUDDY;
}

static bool in_zone(const struct search *s, uint64_t frame)
{
	return frame >= s->place.from && frame < s->place.end;
}

/* Two free buddies are always one block. The largest aligned block all of which is free is therefore what
 * the allocator has there. */
static unsigned order_at(const struct search *s, uint64_t frame)
{
	unsigned order = 0;

	while (order < s->max_order && !(frame >> order & 1) &&
	       in_zone(s, frame + (UINT64_C(2) << order) - 1)) {
		for (uint64_t i = UINT64_C(1) << order; i < UINT64_C(2) << order; i++)
			if (!is_free(s, frame + i))
				return order;
		order++;
	}
	return order;
}

static void set_buddy(const struct search *s, struct mml_row *row, uint64_t frame, unsigned order)
{
	uint64_t pages = UINT64_C(1) << order, buddy = frame ^ pages, free = 0, there = 0;

	mml_set_u64(row, BUDDIES_buddy, buddy);
	if (!in_zone(s, buddy) || !in_zone(s, buddy + pages - 1)) {
		mml_set_str(row, BUDDIES_buddy_state, "outside");
		return;
	}
	/* Blocks do not go beyond what is read at once, unless a range that was asked for ends there. */
	if (buddy < s->first || buddy + pages > s->first + s->n)
		return;
	for (uint64_t i = 0; i < pages; i++) {
		free += is_free(s, buddy + i);
		there += !(s->flags[buddy + i - s->first] & KPF_NOPAGE);
	}
	mml_set_u64(row, BUDDIES_buddy_free, free);
	mml_set_str(row, BUDDIES_buddy_state,
		    !there ? "no-memory" : !free ? "in-use" : free < pages ? "part-free" : "free");
}

static int add(struct search *s, uint64_t frame, unsigned order)
{
	uint64_t page = s->take->host->page_size;
	struct mml_row *row = mml_table_add(s->table);

	if (!row)
		return -ENOMEM;
	if (s->place.has_node)
		mml_set_u64(row, BUDDIES_node, s->place.node);
	mml_set_str(row, BUDDIES_zone, s->place.zone);
	mml_set_u64(row, BUDDIES_frame, frame);
	mml_set_u64(row, BUDDIES_order, order);
	mml_set_u64(row, BUDDIES_size, page << order);
	mml_set_u64(row, BUDDIES_physical, frame * page);
	if (order < s->max_order)
		set_buddy(s, row, frame, order);
	return 0;
}

/* Adds the blocks that begin from FROM up to END, of the frames that were read. */
static int add_blocks(struct search *s, uint64_t from, uint64_t end)
{
	int rc = 0;

	for (uint64_t frame = from; frame < end && !rc;) {
		unsigned order;

		if (!is_free(s, frame)) {
			frame++;
			continue;
		}
		if (!in_zone(s, frame))
			s->place = mml_frames_place(&s->frames, frame);
		order = order_at(s, frame);
		rc = add(s, frame, order);
		frame += UINT64_C(1) << order;
	}
	return rc;
}

/* Returns the first frame behind all zones. */
static uint64_t last_frame(const struct mml_frames *frames)
{
	uint64_t end = 0;

	for (size_t i = 0; i < frames->zones.n; i++) {
		const struct mml_zone *zone = &frames->zones.zones[i];
		uint64_t to = zone->field[MML_ZONE_START_PFN] + zone->field[MML_ZONE_SPANNED];

		if (zone->has >> MML_ZONE_START_PFN & zone->has >> MML_ZONE_SPANNED & 1 && to > end)
			end = to;
	}
	return end;
}

/* What is read begins and ends with a largest block, so that no block and no buddy is cut. */
static int walk(struct search *s, uint64_t from, uint64_t end)
{
	uint64_t block = UINT64_C(1) << s->max_order, at = from / block * block;
	uint64_t last = last_frame(&s->frames);
	int rc = 0;

	end = end < last ? end : last;
	for (; at < end && !rc; at += AT_ONCE) {
		uint64_t want = (end - at + block - 1) / block * block;
		ssize_t n = mml_words_read(s->words, at, want < AT_ONCE ? want : AT_ONCE, s->flags);

		if (n < 0)
			return (int)n;
		if (!n && mml_root_live(s->take->root))
			break;
		s->first = at;
		s->n = (uint64_t)n;
		rc = add_blocks(s, at < from ? from : at, at + s->n < end ? at + s->n : end);
	}
	return rc;
}

static int open_files(struct search *s)
{
	struct mml_absence why;
	int rc = mml_words_open(s->take->root, path, "/mmlens/words/buddies", &s->words);

	if (rc) {
		why = mml_absence_of(s->take->arena, s->take->root, s->take->collector->sources, path, rc);
		return mml_table_fail(s->table, rc, why.needs, "%s", why.reason);
	}
	if (mml_frames_open(s->take, &s->frames, &why))
		return mml_table_fail(s->table, -EIO, why.needs, "%s", why.reason);
	return read_orders(s);
}

static int buddies_collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	const struct mml_arg *range = &query->scope.args[MML_PARAM_RANGE];
	struct search s = { .take = take, .table = ret };
	uint64_t page = mml_take_page_size(take, ret);
	int rc;

	if (!range->given)
		return mml_table_fail(ret, -EINVAL, "--range START-END", "asked about no range of physical addresses");
	rc = open_files(&s);
	s.flags = rc ? NULL : mml_malloc(AT_ONCE * sizeof(*s.flags));
	if (!rc && !s.flags)
		rc = mml_table_fail(ret, -ENOMEM, NULL, "out of memory");
	if (!rc) {
		/* A range without memory is no reason to have no file. */
		mml_words_put(s.words, 0, 0, NULL);
		rc = walk(&s, range->start / page, range->end / page + (range->end % page != 0));
		if (rc)
			mml_table_fail(ret, rc, NULL, "%s: %s", path, strerror(-rc));
	}
	mml_words_close(s.words);
	free(s.flags);
	return ret->error;
}

static const struct mml_source sources[] = {
	{ path, "root (the file is readable for root only)", "a kernel with CONFIG_PROC_PAGE_MONITOR", NULL },
	{ "/proc/zoneinfo", NULL, NULL, NULL },
	{ "/proc/buddyinfo", NULL, NULL, NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_buddies = {
	.schema = { .name = "buddies",
		    .apart = "order,buddy_free",
		    .help = "A free block of pages, and its buddy: why it is no larger. --range says which physical addresses are looked at.",
		    MML_COLUMNS(BUDDIES) },
	.sources = sources,
	.takes = MML_TAKES(RANGE),
	.requires = MML_TAKES(RANGE),
	.collect = buddies_collect,
};
