/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "orders.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/trouble.h"
#include "../registry.h"
#include "../zones/watermark.h"
#include "trend.h"

/* clang-format off */
static const char *const confidences[] = { "weak", "fair", "sure", NULL };

#define T MML_ORDERS_TYPES
#define O MML_ORDERS_OWNERS
#define ORDERS_COLUMNS(C, R) \
	C(node,        "NODE",      STR, KEY,     NONE,    FIRST,  0, "Node", "NUMA node the zone is on; all: the machine, which is why this is text.") \
	C(zone,        "ZONE",      STR, KEY,     NONE,    FIRST,  0, "zone", "The zone; all: what allocations get that may use every zone, less what lower zones keep back from them.") \
	C(order,       "ORDER",     U64, KEY,     NONE,    FIRST,  0, "the number's place in the line", "Blocks of this order are 2^order pages long.") \
	C(block_size,  "BLOCK",     U64, LABEL,   BYTES,   MAIN,   0, "page size * 2^order", "Size of one block.") \
	C(fitting,     "FITTING",   U64, DERIVED, BYTES,   LAST,   0, "buddyinfo: free blocks of this order and larger", "Free memory in blocks that are large enough, whoever may use it.") \
	C(now,         "NOW",       U64, DERIVED, BYTES,   FIRST,  0, "least of fitting and free - low - highatomic - what is kept back", "What memory of processes can get in such blocks before the kernel has to reclaim.") \
	C(kernel,      "KERNEL",    U64, DERIVED, BYTES,   MAIN,   0, "the same without CMA and zones of movable memory", "What the kernel's own memory, which cannot be moved, can get so.") \
	C(atomic,      "ATOMIC",    U64, DERIVED, BYTES,   MORE,   0, "the same down to 3/8 of min, with highatomic", "What allocations can get that may not wait, before they fail.") \
	C(compacted,   "+COMPACT",  U64, DERIVED, BYTES,   MAIN,   T, "now, and free pages in smaller movable blocks and on lists of CPUs", "What processes could get at most if all were moved that can be.") \
	C(reclaimed,   "+RECLAIM",  U64, DERIVED, BYTES,   MAIN,   T, "the same with clean file cache", "What they could get at most if clean file cache was dropped as well.") \
	R(trend,       "TREND/s",   F64, RATE,    BYTES,   MORE,   now, "Change of now per second since the previous sample.") \
	C(lasts,       "LASTS",     U64, DERIVED, NSEC,    MAIN,   0, "now / its slope over the samples so far", "How long now lasts if it goes on falling as it has; absent where there is no trend.") \
	C(confidence,  "TRUST",     WORD(confidences), DERIVED, NONE, MAIN, 0, "pairs of samples that agree", "How far the samples agree that it falls: sure (9 in 10 pairs more than disagree), fair (6), weak (4).") \
	C(blockers,    "BLOCKERS", STR, DERIVED, NONE,   MORE,   T, "pagetypeinfo: Number of blocks type", "Kinds of pageblocks that compaction leaves alone, and their share of the zone.") \
	C(unmovable,   "UNMOVABLE", F64, DERIVED, PERCENT, HIDDEN, T, "Number of blocks type", "Share of pageblocks with memory of the kernel's.") \
	C(reclaimable, "RECLAIMABLE", F64, DERIVED, PERCENT, HIDDEN, T, "Number of blocks type", "Share of pageblocks with objects that can be reclaimed.") \
	C(blocks,      "BLOCKS",    U64, DERIVED, COUNT,   HIDDEN, O, "kpageflags", "Blocks of this order in the zone, used or not.") \
	C(blocks_free, "FREE",      U64, DERIVED, COUNT,   HIDDEN, O, "kpageflags: buddy", "Of these, those with nothing in them.") \
	C(blocks_movable, "MOVABLE", U64, DERIVED, COUNT,  HIDDEN, O, "kpageflags: lru, anon, mmap", "Those with movable pages alone: compaction can empty them.") \
	C(blocks_slab_only, "SLABONLY", U64, DERIVED, COUNT, HIDDEN, O, "kpageflags: slab", "Those with slab and else nothing that stays: they come back if the caches shrink.") \
	C(owners,      "OWNERS",    STR, DERIVED, NONE,    HIDDEN, O, "kpageflags", "Who is in blocks that compaction cannot empty, and in which share of all blocks; several may be in one. Untold are frames without a flag: those of drivers and of the kernel, on free lists of CPUs, and on some kernels holes and memory that is not brought up.")
/* clang-format on */

#define MML_TABLE_OF ORDERS
#include "../../core/columns.h"

static const char zoneinfo_path[] = "/proc/zoneinfo", buddy_path[] = "/proc/buddyinfo";

/* The zones of a sample, and sums over them. */
struct fill {
	struct mml_take *take;
	struct mml_table *table;
	unsigned needs;
	struct mml_zones zones;
	struct mml_order_zone *list;
	size_t n;
	unsigned orders;
	struct kept *kept;
};

struct item {
	char *name;
	struct mml_trend trend[MML_MAX_ORDERS];
};

/* What is kept from sample to sample. */
struct kept {
	struct item *items;
	size_t n;
};

struct sums {
	uint64_t fitting, now, kernel, atomic, compacted, reclaimed, pageblocks,
		bad[MML_ORDER_TYPES];
	bool types;
	struct mml_order_owners owners;
	bool has_owners;
};

/* The trends of a zone, which is called NAME; NULL when nothing is kept. A trend that memory is
 * missing for is none. */
static struct mml_trend *trends_of(struct kept *kept, const char *name)
{
	struct item *more;

	if (!kept)
		return NULL;
	for (size_t i = 0; i < kept->n; i++)
		if (!strcmp(kept->items[i].name, name))
			return kept->items[i].trend;
	more = mml_realloc(kept->items, kept->n + 1, sizeof(*more));
	if (!more)
		return NULL;
	kept->items = more;
	more += kept->n;
	memset(more, 0, sizeof(*more));
	more->name = mml_strdup(name);
	if (!more->name)
		return NULL;
	kept->n++;
	return more->trend;
}

static bool is_movable(const struct mml_zone *zone)
{
	return zone->rank > 2; /* high memory is not for the kernel's own either */
}

/* The largest of the first N entries of "0, 2871, 3795"; without any nothing is known to be kept
 * back. */
static uint64_t kept_back(const struct mml_zone *zone, size_t n)
{
	struct mml_span list = zone->protection, number;
	uint64_t pages, most = 0;

	while (n-- && mml_next_field(&list, ',', &number))
		if (!mml_parse_u64(mml_span_trim(number), &pages) && pages > most)
			most = pages;
	return most;
}

/* What ZONE keeps back from allocations that may use any zone, or any that is not movable. Entries
 * rise with the class they are for, so that the last one is for those that may use all. */
static uint64_t reserve_of(const struct fill *f, const struct mml_zone *zone, bool movable)
{
	size_t place = 0, end = SIZE_MAX;

	for (size_t i = 0; i < f->zones.n && !movable; i++) {
		const struct mml_zone *other = &f->zones.zones[i];

		if (other->node != zone->node)
			continue;
		if (mml_zone_populated(other) && is_movable(other) && end == SIZE_MAX)
			end = place;
		place++;
	}
	return kept_back(zone, end);
}

/* Adds what ZONE has for ORDER. ALONE: for allocations that want this very zone. */
static void add_zone(const struct fill *f, const struct mml_order_zone *z, unsigned order,
		     bool alone, struct sums *to)
{
	uint64_t users = alone ? 0 : reserve_of(f, z->zone, true);
	uint64_t kernel = alone ? 0 : reserve_of(f, z->zone, false), n;

	to->fitting += mml_order_fitting(z, order, MML_ORDER_FOR_USERS);
	to->now += mml_order_now(z, order, MML_ORDER_FOR_USERS, users);
	if (!is_movable(z->zone)) {
		to->kernel += mml_order_now(z, order, MML_ORDER_FOR_KERNEL, kernel);
		to->atomic += mml_order_now(z, order, MML_ORDER_FOR_ATOMIC, kernel);
	}
	to->types &= z->has_types;
	if (mml_order_compacted(z, order, users, &n))
		to->compacted += n;
	if (mml_order_reclaimed(z, order, users, &n))
		to->reclaimed += n;
	for (unsigned t = 0; t < MML_ORDER_TYPES; t++) {
		to->pageblocks += z->pageblocks[t];
		to->bad[t] += z->pageblocks[t];
	}
}

static double share(uint64_t part, uint64_t whole)
{
	return whole ? (double)part * 100 / (double)whole : 0;
}

/* "unmovable 12 %, reclaimable 3 %", or "-" where nothing is in the way */
static const char *words_of(struct mml_arena *arena, const char *const *names,
			    const uint64_t *parts, size_t n, uint64_t whole)
{
	const char *text = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!parts[i])
			continue;
		text = mml_arena_printf(arena, "%s%s%s %.*f %%", text ? text : "", text ? ", " : "",
					names[i], share(parts[i], whole) < 1,
					share(parts[i], whole));
		if (!text)
			return NULL;
	}
	return text ? text : "nothing";
}

static int set_types(struct fill *f, struct mml_row *row, const struct sums *s, uint64_t page)
{
	static const char *const names[] = { "unmovable", "reclaimable", "highatomic", "isolated" };
	const uint64_t parts[] = { s->bad[MML_ORDER_UNMOVABLE], s->bad[MML_ORDER_RECLAIMABLE],
				   s->bad[MML_ORDER_HIGHATOMIC], s->bad[MML_ORDER_ISOLATE] };
	const char *text;

	if (!s->types || !(f->needs & MML_ORDERS_TYPES))
		return 0;
	mml_set_u64(row, ORDERS_compacted, s->compacted * page);
	mml_set_u64(row, ORDERS_reclaimed, s->reclaimed * page);
	if (!s->pageblocks)
		return 0;
	text = words_of(f->take->arena, names, parts, 4, s->pageblocks);
	if (!text)
		return -ENOMEM;
	mml_set_str(row, ORDERS_blockers, text);
	mml_set_f64(row, ORDERS_unmovable, share(parts[0], s->pageblocks));
	mml_set_f64(row, ORDERS_reclaimable, share(parts[1], s->pageblocks));
	return 0;
}

static int set_owners(struct fill *f, struct mml_row *row, const struct mml_order_owners *o)
{
	static const char *const names[] = { "slab", "page tables", "huge pages", "reserved",
					     "drivers" };
	const uint64_t parts[] = { o->slab, o->tables, o->huge, o->reserved, o->other };
	const char *text = words_of(f->take->arena, names, parts, 5, o->blocks);

	if (!text)
		return -ENOMEM;
	mml_set_u64(row, ORDERS_blocks, o->blocks);
	mml_set_u64(row, ORDERS_blocks_free, o->free);
	mml_set_u64(row, ORDERS_blocks_movable, o->movable);
	mml_set_u64(row, ORDERS_blocks_slab_only, o->slab_only);
	mml_set_str(row, ORDERS_owners, text);
	return 0;
}

/* How long it lasts, if it falls. */
static void set_trend(const struct fill *f, struct mml_row *row, struct mml_trend *trend,
		      uint64_t bytes)
{
	enum mml_trend_confidence confidence;
	double slope, left;

	if (!trend || !f->take->snap)
		return;
	mml_trend_add(trend, f->take->snap->time.mono_ns, bytes);
	if (!bytes || !mml_trend_slope(trend, &slope, &confidence) || slope >= 0)
		return;
	left = (double)bytes / -slope * 1e9;
	if (left >= (double)(UINT64_MAX / 2))
		return;
	mml_set_u64(row, ORDERS_lasts, (uint64_t)left);
	mml_set_word(row, ORDERS_confidence, confidence);
}

static int row_of(struct fill *f, const char *node, const char *zone, unsigned order,
		  const struct sums *s, struct mml_trend *trends)
{
	uint64_t page = f->take->host->page_size;
	struct mml_row *row = mml_table_add(f->table);

	if (!row)
		return -ENOMEM;
	mml_set_str(row, ORDERS_node, node);
	mml_set_str(row, ORDERS_zone, zone);
	mml_set_u64(row, ORDERS_order, order);
	mml_set_u64(row, ORDERS_block_size, page << order);
	mml_set_u64(row, ORDERS_fitting, s->fitting * page);
	mml_set_u64(row, ORDERS_now, s->now * page);
	mml_set_u64(row, ORDERS_kernel, s->kernel * page);
	mml_set_u64(row, ORDERS_atomic, s->atomic * page);
	set_trend(f, row, trends ? &trends[order] : NULL, s->now * page);
	if (set_types(f, row, s, page))
		return -ENOMEM;
	return s->has_owners ? set_owners(f, row, &s->owners) : 0;
}

static void add_owners(struct mml_order_owners *to, const struct mml_order_owners *from)
{
	to->blocks += from->blocks;
	to->free += from->free;
	to->movable += from->movable;
	to->slab_only += from->slab_only;
	to->slab += from->slab;
	to->tables += from->tables;
	to->huge += from->huge;
	to->reserved += from->reserved;
	to->other += from->other;
}

/* Rows of the machine first, then those of each zone. */
static int rows(struct fill *f, struct mml_order_owners (*owners)[MML_MAX_ORDERS])
{
	struct mml_arena *arena = f->take->arena;
	struct mml_trend *trends = trends_of(f->kept, "all");
	int rc = 0;

	for (unsigned o = 0; o < f->orders && !rc; o++) {
		struct sums all = { .types = true, .has_owners = owners != NULL };

		for (size_t i = 0; i < f->n; i++) {
			add_zone(f, &f->list[i], o, false, &all);
			if (owners)
				add_owners(&all.owners, &owners[i][o]);
		}
		rc = row_of(f, "all", "all", o, &all, trends);
	}
	for (size_t i = 0; i < f->n && !rc; i++) {
		const struct mml_order_zone *z = &f->list[i];
		const char *node = mml_arena_printf(arena, "%" PRIu64, z->zone->node);
		const char *name =
			mml_arena_printf(arena, "%" PRIu64 " %s", z->zone->node, z->zone->name);

		if (!node || !name)
			return -ENOMEM;
		trends = trends_of(f->kept, name);
		for (unsigned o = 0; o < f->orders && !rc; o++) {
			struct sums s = { .types = true, .has_owners = owners != NULL };

			add_zone(f, z, o, true, &s);
			if (owners)
				s.owners = owners[i][o];
			rc = row_of(f, node, z->zone->name, o, &s, trends);
		}
	}
	return rc;
}

/* File pages of the zone that nothing has to be written for. */
static uint64_t clean_cache(const struct mml_zone *zone)
{
	uint64_t active, inactive, pending = 0;

	if (!mml_zone_item(zone, "nr_zone_inactive_file", &inactive) ||
	    !mml_zone_item(zone, "nr_zone_active_file", &active))
		return 0;
	mml_zone_item(zone, "nr_zone_write_pending", &pending);
	return active + inactive > pending ? active + inactive - pending : 0;
}

/* Pages of the zone's reserve for atomic allocations that are free. */
static uint64_t highatomic(const struct mml_order_zone *z)
{
	uint64_t pages = 0;

	if (z->zone->has >> MML_ZONE_FREE_HIGHATOMIC & 1)
		return z->zone->field[MML_ZONE_FREE_HIGHATOMIC];
	for (unsigned o = 0; o < z->buddy.orders; o++)
		pages += z->blocks[MML_ORDER_HIGHATOMIC][o] << o;
	return pages;
}

/* Puts the zone of a line of buddyinfo together with that of zoneinfo. */
static void match(struct fill *f, const struct mml_buddy *buddy, const struct mml_table *types)
{
	for (size_t i = 0; i < f->zones.n; i++) {
		const struct mml_zone *zone = &f->zones.zones[i];
		struct mml_order_zone *z = &f->list[f->n];

		if (f->n == f->zones.n || zone->node != buddy->node ||
		    !mml_span_eq(buddy->zone, zone->name) || !mml_zone_populated(zone))
			continue;
		*z = (struct mml_order_zone){ .zone = zone, .buddy = *buddy };
		if (types)
			mml_order_types(z, types);
		if (!mml_zone_item(zone, "nr_free_cma", &z->cma))
			z->cma = 0;
		z->highatomic = highatomic(z);
		z->cache = clean_cache(zone);
		z->pcp = zone->has_pcp ? zone->pcp : 0;
		f->orders = buddy->orders > f->orders ? buddy->orders : f->orders;
		f->n++;
		return;
	}
}

static int read_zones(struct fill *f, const struct mml_table *types)
{
	struct mml_span text, all;
	struct mml_buddy buddy;
	int rc = mml_take_file(f->take, f->table, zoneinfo_path, &text);

	if (!rc)
		rc = mml_zoneinfo_parse(f->take->arena, text, f->table, &f->zones);
	if (rc == -ENOMEM || !f->zones.n)
		return rc;
	f->list = mml_arena_alloc(f->take->arena, f->zones.n * sizeof(*f->list));
	if (!f->list)
		return -ENOMEM;
	rc = mml_take_file(f->take, f->table, buddy_path, &text);
	if (rc)
		return rc;
	all = text;
	while ((rc = mml_buddy_next(&text, &buddy))) {
		if (rc < 0)
			mml_table_bad_at(f->table, buddy_path, all, text.p,
					 "not a line of buddyinfo");
		else
			match(f, &buddy, types);
	}
	return 0;
}

/* Who is in the way, of every zone; NULL if nobody asked, or it cannot be read. */
static int read_owners(struct fill *f, struct mml_order_owners (**ret)[MML_MAX_ORDERS])
{
	struct mml_absence why = { NULL, NULL };
	struct mml_order_owners(*owners)[MML_MAX_ORDERS];
	int rc = 0;

	*ret = NULL;
	if (!(f->needs & MML_ORDERS_OWNERS) || !f->n)
		return 0;
	owners = mml_arena_alloc(f->take->arena, f->n * sizeof(*owners));
	if (!owners)
		return -ENOMEM;
	for (size_t i = 0; i < f->n && !rc; i++)
		rc = mml_order_owners(f->take, f->list[i].zone, f->orders, !i, owners[i], &why);
	if (rc == -ENOMEM)
		return rc;
	if (rc)
		mml_table_why_needs(f->table, MML_ORDERS_OWNERS, why.reason, why.needs);
	else
		*ret = owners;
	return 0;
}

static int orders_collect(struct mml_take *take, const struct mml_query *query,
			  struct mml_table *ret)
{
	struct fill f = { .take = take,
			  .table = ret,
			  .needs = query->reading.needs,
			  .kept = query->reading.state };
	struct mml_order_owners(*owners)[MML_MAX_ORDERS];
	const struct mml_table *types = NULL;
	int rc;

	if (f.needs & MML_ORDERS_TYPES) {
		types = mml_take_table(take, &mml_collector_pagetypes);
		if (!types)
			return -ENOMEM;
		if (types->error)
			mml_table_why_needs(ret, MML_ORDERS_TYPES, types->absence.reason,
					    types->absence.needs);
	}
	mml_take_page_size(take, ret);
	rc = read_zones(&f, types);
	if (!rc || rc == -EBADMSG)
		rc = read_owners(&f, &owners);
	if (!rc)
		rc = rows(&f, owners);
	return rc == -ENOMEM ? rc : ret->error;
}

static void *keep(struct mml_root *root)
{
	(void)root;
	return mml_calloc(1, sizeof(struct kept));
}

static void release(void *state)
{
	struct kept *kept = state;

	for (size_t i = 0; i < kept->n; i++)
		free(kept->items[i].name);
	free(kept->items);
	free(kept);
}

static const struct mml_source sources[] = {
	{ zoneinfo_path, "a procfs that is not mounted with subset=pid", NULL, NULL },
	{ buddy_path, "a procfs that is not mounted with subset=pid", NULL, NULL },
	{ "/proc/pagetypeinfo", "root (the file is readable for root only since Linux 5.4)", NULL,
	  NULL },
	{ "/proc/kpageflags", "root", "a kernel with CONFIG_PROC_PAGE_MONITOR", NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_orders = {
	.schema = { .name = "orders",
		    .apart = "*",
		    .help = "An order, of the machine and of each zone: what an allocation of that "
			    "size can get now, and after compaction and reclaim.",
		    MML_COLUMNS(ORDERS) },
	.sources = sources,
	.heavy = MML_ORDERS_OWNERS,
	.collect = orders_collect,
	.keep = keep,
	.release = release,
};
