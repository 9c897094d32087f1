/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "../collectors/zones/zoneinfo.h"
#include "finder.h"

/* So many nodes are named one by one. */
enum { NAMED = 3 };

/*
 * A node, and its worse class: the kernel's own allocations may use the zones up to Normal, and those
 * for processes HighMem and Movable too. Allocations that may use less than that are few.
 */
struct node {
	uint64_t id, free, managed;
	const struct mml_row *kernel, *user; /* the zone that each class prefers */
	const struct mml_row *class;         /* the one of both that is worse off */
	int state;                           /* enum mml_zone_state of that class */
	int64_t room;                        /* bytes it can take until kswapd is woken */
	bool gave_up;
};

/*
 * An allocation goes through the zones of all nodes before it wakes kswapd, and again before it reclaims
 * for itself. So what is said of one node holds for everybody only while no other one can serve, and
 * otherwise for what is bound to it.
 */
struct nodes {
	struct node *list;
	size_t n;
	size_t above_min, above_low; /* how many are, */
	size_t roomy;                /* and how many are not even near low */
	bool by_zone; /* before 4.8 kswapd went by each zone */
};

/* Memory of a zone; before 3.6 `present` is what is known of it. */
static uint64_t managed_by(const struct mml_table *t, const struct mml_row *row)
{
	uint64_t bytes;

	if (mml_look_u64(t, row, "managed", &bytes) || mml_look_u64(t, row, "present", &bytes))
		return bytes;
	return 0;
}

static void add_zone(struct nodes *nodes, const struct mml_table *t, const struct mml_row *row)
{
	const char *zone = mml_look_str(t, row, "zone");
	struct node *node;
	uint64_t id, free;
	bool gave_up;

	if (!zone || mml_look_word(t, row, "state") < 0 || !mml_look_u64(t, row, "node", &id) ||
	    !mml_look_u64(t, row, "free", &free))
		return;
	if (!nodes->n || nodes->list[nodes->n - 1].id != id)
		nodes->list[nodes->n++] = (struct node){ .id = id };
	node = &nodes->list[nodes->n - 1];
	node->free += free;
	node->managed += managed_by(t, row);
	node->user = row;
	if (!node->kernel || (strcmp(zone, "HighMem") && strcmp(zone, "Movable")))
		node->kernel = row;
	if (mml_look_bool(t, row, "unreclaimable", &gave_up)) {
		nodes->by_zone = false;
		node->gave_up |= gave_up;
	}
}

static void judge_node(struct node *node, const struct mml_table *t)
{
	int kernel = mml_look_word(t, node->kernel, "class_state");
	int user = mml_look_word(t, node->user, "class_state");

	node->class = kernel < user ? node->kernel : node->user;
	node->state = kernel < user ? kernel : user;
	node->room = (int64_t)mml_look_num(t, node->class, "class_headroom");
}

/* Less is left above low than half of the way to high. */
static bool is_near(const struct mml_table *t, const struct node *node)
{
	double way = mml_look_num(t, node->class, "high") - mml_look_num(t, node->class, "low");

	return (double)node->room * 100 < way * MML_LIMIT_NEAR;
}

static bool find_nodes(struct mml_finder *f, struct nodes *ret)
{
	const struct mml_table *t = f->now->zones;

	*ret = (struct nodes){ .by_zone = true };
	ret->list = mml_arena_alloc(f->arena, (t->nrows + 1) * sizeof(struct node));
	if (!ret->list) {
		f->failed = true;
		return false;
	}
	for (size_t i = 0; i < t->nrows; i++)
		add_zone(ret, t, mml_table_row(t, i));
	for (size_t i = 0; i < ret->n; i++) {
		struct node *node = &ret->list[i];

		judge_node(node, t);
		ret->above_min += node->state > MML_ZONE_BELOW_MIN;
		ret->above_low += node->state > MML_ZONE_BELOW_LOW;
		ret->roomy += node->state > MML_ZONE_BELOW_LOW && !is_near(t, node);
	}
	return ret->n;
}

/* Looks next at the rows of that zone. */
static void look_at_zone(struct mml_finder *f, const struct mml_table *table,
			 const struct mml_row *row)
{
	const char *where = mml_find_where(f, "zone", mml_look_str(table, row, "zone"));
	uint64_t node;

	if (where && mml_look_u64(table, row, "node", &node))
		mml_find_look(f, NULL, NULL,
			      mml_arena_printf(f->arena, "node = %" PRIu64 " and %s", node, where));
}

/* Says of each zone of the node what the test was made with. No kernel has more than five zones. */
static void why_of_node(struct mml_finder *f, const struct node *node)
{
	const struct mml_table *t = f->now->zones;
	struct mml_buf all = { 0 };
	int zones = 0;

	for (size_t i = 0; i < t->nrows && zones < 5; i++) {
		const struct mml_row *row = mml_table_row(t, i);
		uint64_t id;

		if (!mml_look_u64(t, row, "node", &id) || id != node->id ||
		    mml_look_word(t, row, "state") < 0)
			continue;
		mml_buf_printf(&all, "%s%s has %s to use against min %s, low %s and high %s",
			       zones++ ? "; " : "", mml_look_str(t, row, "zone"),
			       mml_find_size(f, mml_look_num(t, row, "usable")),
			       mml_find_size(f, mml_look_num(t, row, "min")),
			       mml_find_size(f, mml_look_num(t, row, "low")),
			       mml_find_size(f, mml_look_num(t, row, "high")));
	}
	f->failed |= all.error != 0;
	if (zones)
		mml_find_why(f, zones > 1 ? "%s; lower zones keep a part back from allocations that prefer a higher one." :
					    "%s.",
			     all.data);
	mml_buf_free(&all);
}

/* Some nodes of all, together. */
struct group {
	size_t n;
	uint64_t free, managed, room;
	const struct node *one; /* the only one, or NULL */
};

static void add_node(struct group *group, const struct node *node)
{
	group->one = group->n++ ? NULL : node;
	group->free += node->free;
	group->managed += node->managed;
	group->room += node->room > 0 ? (uint64_t)node->room : 0;
}

/* " on node 3", " on 12 of 64 nodes", or "" for a machine that has one node. */
static const char *where_is(struct mml_finder *f, const struct nodes *nodes,
			    const struct group *group)
{
	const char *whose = "";

	if (group->one && group->one->kernel != group->one->user &&
	    group->one->class == group->one->kernel)
		whose = " for the kernel's own allocations";
	if (nodes->n == 1)
		return whose;
	if (group->one)
		return mml_arena_printf(f->arena, "%s on node %" PRIu64, whose, group->one->id);
	if (group->n == nodes->n)
		return mml_arena_printf(f->arena, " on all %zu nodes", group->n);
	return mml_arena_printf(f->arena, " on %zu of %zu nodes", group->n, nodes->n);
}

/* What is said of nodes in a state: a sentence about a group of them. */
typedef void say_fn(struct mml_finder *f, const struct nodes *nodes, const struct group *group,
		    const char *about);

static void say_group(struct mml_finder *f, const struct nodes *nodes, const struct group *group,
		      say_fn *say)
{
	mml_find_number(f, "free", group->free);
	mml_find_number(f, "managed", group->managed);
	if (f->has_available)
		mml_find_number(f, "MemAvailable", f->available);
	if (!group->one) {
		say(f, nodes, group, "nodes");
		return;
	}
	why_of_node(f, group->one);
	mml_find_look(f, NULL, NULL,
		      mml_arena_printf(f->arena, "node = %" PRIu64, group->one->id));
	say(f, nodes, group, mml_arena_printf(f->arena, "node %" PRIu64, group->one->id));
}

/* Few nodes are named one by one, and many are counted. */
static void each_node(struct mml_finder *f, const struct nodes *nodes,
		      bool (*is)(const struct mml_finder *f, const struct node *node), say_fn *say)
{
	struct group all = { 0 };

	for (size_t i = 0; i < nodes->n; i++)
		if (is(f, &nodes->list[i]))
			add_node(&all, &nodes->list[i]);
	if (all.n > NAMED) {
		say_group(f, nodes, &all, say);
		return;
	}
	for (size_t i = 0; i < nodes->n; i++) {
		struct group one = { 0 };

		if (!is(f, &nodes->list[i]))
			continue;
		add_node(&one, &nodes->list[i]);
		say_group(f, nodes, &one, say);
	}
}

static bool is_below_min(const struct mml_finder *f, const struct node *node)
{
	(void)f;
	return node->state == MML_ZONE_BELOW_MIN;
}

static void say_below_min(struct mml_finder *f, const struct nodes *nodes,
			  const struct group *group, const char *about)
{
	bool all = !nodes->above_min;

	mml_find(f, MML_FINDING_BELOW_MIN,
		 all && mml_find_scarce(f) ? MML_CRITICAL : MML_WARNING, about,
		 "%s to reclaim for themselves%s: %s of %s is free, below the min watermarks%s",
		 all ? "tasks have" : "tasks bound there have", where_is(f, nodes, group),
		 mml_find_size(f, (double)group->free), mml_find_size(f, (double)group->managed),
		 all ? "" : "; others get theirs from other nodes");
}

static bool is_below_low(const struct mml_finder *f, const struct node *node)
{
	(void)f;
	return node->state == MML_ZONE_BELOW_LOW;
}

static void say_below_low(struct mml_finder *f, const struct nodes *nodes,
			  const struct group *group, const char *about)
{
	bool all = !nodes->above_low;

	if (!all)
		mml_find_why(f, "%s%sOnly what is bound there wakes kswapd for it.", f->why ? f->why : "",
			     f->why ? " " : "");
	mml_find(f, MML_FINDING_BELOW_LOW, all && mml_find_scarce(f) ? MML_WARNING : MML_NOTE, about,
		 all ? "kswapd has been woken%s: %s of %s is free, below the low watermarks" :
		       "allocations find no room%s and go elsewhere: %s of %s is free, below the low watermarks",
		 where_is(f, nodes, group), mml_find_size(f, (double)group->free),
		 mml_find_size(f, (double)group->managed));
}

/* Only where little can be had otherwise is it worth a word. */
static bool is_near_low(const struct mml_finder *f, const struct node *node)
{
	return node->state == MML_ZONE_ABOVE_LOW && mml_find_scarce(f) &&
	       is_near(f->now->zones, node);
}

static void say_near_low(struct mml_finder *f, const struct nodes *nodes,
			 const struct group *group, const char *about)
{
	mml_find_number(f, "above_low", group->room);
	mml_find(f, MML_FINDING_NEAR_LOW, MML_WARNING, about,
		 "kswapd is about to be woken%s: only %s is left above the low watermarks, and %s of %s is available",
		 where_is(f, nodes, group), mml_find_size(f, (double)group->room),
		 mml_find_size(f, (double)f->available), mml_find_size(f, (double)f->total));
}

static bool has_given_up(const struct mml_finder *f, const struct node *node)
{
	(void)f;
	return node->gave_up;
}

static void say_given_up(struct mml_finder *f, const struct nodes *nodes,
			 const struct group *group, const char *about)
{
	mml_find(f, MML_FINDING_GIVEN_UP, MML_WARNING, about,
		 "kswapd has given up%s: it found nothing to free, and %s of %s is free",
		 where_is(f, nodes, group), mml_find_size(f, (double)group->free),
		 mml_find_size(f, (double)group->managed));
}

/* A zone alone that is below low wakes kswapd before 4.8 only; later it is worth a word when kswapd is
 * seen at work. Zone DMA is a sliver that is kept back from everybody. */
static void zone_alone(struct mml_finder *f, const struct nodes *nodes, const struct node *node,
		       const struct mml_row *row)
{
	const struct mml_table *t = f->now->zones;
	double scanned = mml_fact_rate(f->now, f->past, MML_FACT_SCAN_KSWAPD);
	const char *zone = mml_look_str(t, row, "zone"), *about;
	int state = mml_look_word(t, row, "state");
	uint64_t free, low;

	if (state < 0 || state > MML_ZONE_BELOW_LOW || node->state <= MML_ZONE_BELOW_LOW ||
	    managed_by(t, row) < node->managed / 50 || !mml_look_u64(t, row, "usable", &free) ||
	    !mml_look_u64(t, row, "low", &low) ||
	    (!nodes->by_zone && (!(scanned > 0) || nodes->n > 1)))
		return;
	mml_find_number(f, "usable", free);
	mml_find_number(f, "low", low);
	if (scanned > 0)
		mml_find_number(f, "pgscan_kswapd_rate", (uint64_t)(scanned + 0.5));
	look_at_zone(f, t, row);
	about = mml_arena_printf(f->arena, "node %" PRIu64 " %s", node->id, zone);
	if (nodes->by_zone)
		mml_find_why(f, "Before Linux 4.8 kswapd reclaimed for each zone, whatever the others had.");
	mml_find(f, MML_FINDING_BELOW_LOW,
		 nodes->by_zone && mml_find_scarce(f) ? MML_WARNING : MML_NOTE, about,
		 "kswapd is at work for %s: %s is free, below its low watermark of %s", about,
		 mml_find_size(f, (double)free), mml_find_size(f, (double)low));
}

static void boosted(struct mml_finder *f, const struct node *node, const struct mml_row *row)
{
	const struct mml_table *t = f->now->zones;
	const char *zone = mml_look_str(t, row, "zone"), *about;
	uint64_t boost, min;

	if (!mml_look_u64(t, row, "boost", &boost) || !mml_look_u64(t, row, "min", &min) || !boost ||
	    boost < mml_part(min, MML_LIMIT_BOOST) || managed_by(t, row) < node->managed / 50)
		return;
	mml_find_number(f, "boost", boost);
	mml_find_number(f, "min", min);
	look_at_zone(f, t, row);
	about = mml_arena_printf(f->arena, "node %" PRIu64 " %s", node->id, zone);
	mml_find(f, MML_FINDING_BOOSTED, MML_NOTE, about,
		 "the watermarks of %s are raised by %s for a while", about,
		 mml_find_size(f, (double)boost));
}

static void each_zone(struct mml_finder *f, const struct nodes *nodes)
{
	const struct mml_table *t = f->now->zones;

	for (size_t i = 0, n = 0; i < t->nrows; i++) {
		const struct mml_row *row = mml_table_row(t, i);
		uint64_t id;

		if (mml_look_word(t, row, "state") < 0 || !mml_look_u64(t, row, "node", &id))
			continue;
		while (n < nodes->n && nodes->list[n].id != id)
			n++;
		if (n == nodes->n)
			return;
		zone_alone(f, nodes, &nodes->list[n], row);
		boosted(f, &nodes->list[n], row);
	}
}

/* Free memory that only movable pages can use looks like plenty. */
static void cma(struct mml_finder *f, const struct nodes *nodes)
{
	const struct mml_table *t = f->now->zones;
	uint64_t free = 0, managed = 0, cma = 0, one;

	for (size_t i = 0; i < nodes->n; i++) {
		free += nodes->list[i].free;
		managed += nodes->list[i].managed;
	}
	for (size_t i = 0; i < t->nrows; i++)
		if (mml_look_u64(t, mml_table_row(t, i), "free_cma", &one))
			cma += one;
	if (cma > free || !cma || cma < mml_part(free, MML_LIMIT_CMA_FREE) ||
	    free - cma >= mml_part(managed, MML_LIMIT_CMA_LEFT))
		return;
	mml_find_number(f, "free_cma", cma);
	mml_find_number(f, "free", free);
	mml_find(f, MML_FINDING_CMA, mml_find_scarce(f) ? MML_WARNING : MML_NOTE, NULL,
		 "%s of %s free memory is kept for devices (CMA), so the kernel itself can have %s",
		 mml_find_size(f, (double)cma), mml_find_size(f, (double)free),
		 mml_find_size(f, (double)(free - cma)));
}

/* What of node ID is free or could be dropped, of how much; false if it is not known. */
static bool left_of(const struct mml_table *t, uint64_t id, uint64_t *ret_left, uint64_t *ret_total)
{
	uint64_t node, free, active, inactive;

	for (size_t i = 0; t && i < t->nrows; i++) {
		const struct mml_row *row = mml_table_row(t, i);

		if (!mml_look_u64(t, row, "node", &node) || node != id)
			continue;
		if (!mml_look_u64(t, row, "total", ret_total) ||
		    !mml_look_u64(t, row, "free", &free) ||
		    !mml_look_u64(t, row, "active_file", &active) ||
		    !mml_look_u64(t, row, "inactive_file", &inactive))
			return false;
		*ret_left = free + active + inactive;
		return true;
	}
	return false;
}

static void node_full(struct mml_finder *f, const struct nodes *nodes, const struct node *node)
{
	double elsewhere = mml_fact_change(f->now, f->past, MML_FACT_NUMA_FOREIGN);
	uint64_t left, total, free = 0, managed = 0;

	if (node->state > MML_ZONE_BELOW_LOW || !left_of(f->now->nodes, node->id, &left, &total) ||
	    left >= mml_part(total, MML_LIMIT_NODE_LEFT))
		return;
	for (size_t i = 0; i < nodes->n; i++)
		if (&nodes->list[i] != node) {
			free += nodes->list[i].free;
			managed += nodes->list[i].managed;
		}
	if (!managed || free < mml_part(managed, MML_LIMIT_NODES_FREE))
		return;
	mml_find_number(f, "free_and_file", left);
	mml_find_number(f, "total", total);
	mml_find_number(f, "free_elsewhere", free);
	if (elsewhere > 0)
		mml_find_why(f, "%.0f allocations that wanted the node were just now served by another one.",
			     elsewhere);
	mml_find_look(f, NULL, NULL, mml_arena_printf(f->arena, "node = %" PRIu64, node->id));
	mml_find(f, MML_FINDING_NODE_FULL, MML_WARNING,
		 mml_arena_printf(f->arena, "node %" PRIu64, node->id),
		 "node %" PRIu64 " is full, while %s of the other nodes is free", node->id,
		 mml_find_size(f, (double)free));
}

void mml_rules_zones(struct mml_finder *f)
{
	struct nodes nodes;

	if (!find_nodes(f, &nodes))
		return;
	each_node(f, &nodes, is_below_min, say_below_min);
	each_node(f, &nodes, is_below_low, say_below_low);
	if (!nodes.roomy)
		each_node(f, &nodes, is_near_low, say_near_low);
	each_node(f, &nodes, has_given_up, say_given_up);
	each_zone(f, &nodes);
	cma(f, &nodes);
	for (size_t i = 0; i < nodes.n; i++)
		node_full(f, &nodes, &nodes.list[i]);
}
