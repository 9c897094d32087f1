/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "conclude.h"

#define HAS(r, flag) ((r)->request.flags >> MML_GFP_##flag & 1)

bool mml_oom_kb(struct mml_oom_value value, uint64_t *ret)
{
	return mml_oom_has(value) && !__builtin_mul_overflow(value.n, (uint64_t)1024, ret);
}

struct wanted {
	unsigned node;
	bool found;
};

static void look(unsigned n, void *ctx)
{
	struct wanted *w = ctx;

	w->found |= n == w->node;
}

bool mml_oom_node_in(const char *list, unsigned node)
{
	struct wanted w = { node, false };

	if (!list)
		return true;
	return mml_parse_list(mml_span_str(list), look, &w) || w.found;
}

/* The pages that the watermark is compared with, by what the request may take: see
 * __zone_watermark_ok(). */
struct test {
	uint64_t page, free, cma, highatomic, min, high, reserve;
	bool has_high, has_reserve, highatomic_known;
};

static uint64_t pages(struct mml_oom_value kb, uint64_t page)
{
	return kb.n / (page / 1024);
}

/*
 * How much of the zone's min the request may go below. Since 6.3 __GFP_HIGH gives half of it, and a
 * quarter of the rest when it may not sleep; from 4.4 to 6.2 the quarter was for __GFP_ATOMIC,
 * before for whatever may not wait. Since 5.9 an order-0 request with __GFP_HIGH is not held to the
 * boost.
 */
static uint64_t lowered(const struct mml_oom_report *r, const struct mml_oom_zone *z,
			const struct test *t)
{
	bool old = r->request.table == 'A',
	     middle = r->request.table >= 'B' && r->request.table <= 'E';
	bool waits = r->request.can_reclaim, spared = HAS(r, NOMEMALLOC);
	uint64_t min = t->min, boost = pages(z->item[MML_OOM_BOOST], t->page);

	if (!r->request.known)
		return min;
	if (HAS(r, HIGH) && !r->request.order && boost <= min && r->version >= MML_VERSION(5, 9, 0))
		min -= boost;
	if (HAS(r, HIGH))
		min -= min / 2;
	if (old	     ? !waits && !spared
	    : middle ? HAS(r, ATOMIC) && !spared
		     : HAS(r, HIGH) && !waits && !spared)
		min -= min / 4;
	return min;
}

/* Whether the reserve for atomic blocks of higher orders counts for the request. */
static bool may_highatomic(const struct mml_oom_report *r)
{
	if (!r->request.known)
		return false;
	if (r->request.table >= 'B' && r->request.table <= 'E')
		return HAS(r, ATOMIC) && !HAS(r, NOMEMALLOC);
	return HAS(r, HIGH) || (!r->request.can_reclaim && !HAS(r, NOMEMALLOC));
}

static bool configured(unsigned set, unsigned type)
{
	return set >> type & 1;
}

/* Where TYPE stands in lowmem_reserve[] when the kernel has the zone types in SET: below it count.
 * A type it does not have is what the next lower one is. */
static unsigned index_of(unsigned set, unsigned type)
{
	unsigned ret = 0;

	while (type > 0 && !configured(set, type))
		type--;
	for (unsigned t = 0; t < type; t++)
		ret += configured(set, t);
	return ret;
}

/* Whether a kernel with the zone types in SET can have printed R's zones: all types are in it, each
 * zone has that many entries, and keeps nothing from requests that go no higher than itself. */
static bool fits(const struct mml_oom_report *r, unsigned set, unsigned entries)
{
	for (const struct mml_oom_zone *z = r->zones; z; z = z->next) {
		if (!configured(set, z->type))
			return false;
		if (z->reserves != entries)
			continue;
		for (unsigned i = 0; i <= index_of(set, z->type) && i < z->reserves; i++)
			if (z->reserve[i].n)
				return false;
	}
	return true;
}

/* How many entries lowmem_reserve[] has; 0: lines disagree, or there are none. */
static unsigned reserve_entries(const struct mml_oom_report *r)
{
	unsigned count[MML_OOM_MAX_RESERVES + 1] = { 0 }, best = 0;

	for (const struct mml_oom_zone *z = r->zones; z; z = z->next)
		if (z->reserves <= MML_OOM_MAX_RESERVES)
			count[z->reserves]++;
	for (unsigned i = 1; i <= MML_OOM_MAX_RESERVES; i++)
		if (count[i] > count[best] || !best)
			best = count[i] ? i : best;
	return best;
}

/* The highest zone a request of CLASS can really use: before 5.8 that was what lowmem_reserve[] was
 * asked for. */
static unsigned highest_populated(const struct mml_oom_report *r, unsigned class)
{
	int best = -1;

	for (const struct mml_oom_zone *z = r->zones; z; z = z->next)
		if (z->type <= class && (int)z->type > best &&
		    (!mml_oom_has(z->item[MML_OOM_PRESENT]) || z->item[MML_OOM_PRESENT].n))
			best = (int)z->type;
	return best < 0 ? class : (unsigned)best;
}

/* How likely a kernel that printed R's zones has the zone types in SET. Movable ones are in all
 * since 2.6.23; high memory only where there is no 64-bit DMA32. */
static int likely(const struct mml_oom_report *r, unsigned set)
{
	bool dma32 = false, high = r->highmem.n != 0;
	int ret = (configured(set, MML_OOM_MOVABLE) ? 8 : 0) -
		  (configured(set, MML_OOM_DEVICE) ? 1 : 0);

	for (const struct mml_oom_zone *z = r->zones; z; z = z->next) {
		dma32 |= z->type == MML_OOM_DMA32;
		high |= z->type == MML_OOM_HIGHMEM;
	}
	if (configured(set, MML_OOM_HIGHMEM))
		ret += dma32 || !high ? -4 : 4;
	return ret;
}

/* The zone types the kernel has, as a bit each: the likeliest that lowmem_reserve[] fits; 0: none
 * does. */
static unsigned zone_types(const struct mml_oom_report *r, unsigned entries)
{
	unsigned best = 0;

	for (unsigned set = 1; set < 1u << MML_OOM_ZONE_TYPES; set++)
		if ((unsigned)__builtin_popcount(set) == entries &&
		    configured(set, MML_OOM_NORMAL) && fits(r, set, entries) &&
		    (!best || likely(r, set) > likely(r, best)))
			best = set;
	return best;
}

/* What Z keeps from R's request, pages; false: the log does not say, or not which entry it is. */
static bool reserve_of(const struct mml_oom_report *r, const struct mml_oom_zone *z, uint64_t *ret)
{
	unsigned class = r->request.class, entries = reserve_entries(r), set;

	if (!entries || z->reserves != entries)
		return false;
	set = zone_types(r, entries);
	if (!set)
		return false;
	if (r->version < MML_VERSION(5, 8, 0))
		class = highest_populated(r, class);
	*ret = z->reserve[index_of(set, class)].n;
	return true;
}

static bool fill_test(const struct mml_oom_report *r, struct mml_oom_zone *z, struct test *t)
{
	const struct mml_oom_value *v = z->item;
	struct mml_oom_value highatomic = mml_oom_has(v[MML_OOM_FREE_HIGHATOMIC])
						  ? v[MML_OOM_FREE_HIGHATOMIC]
						  : v[MML_OOM_RESERVED_HIGHATOMIC];

	t->page = r->page_size.n;
	if (t->page < 1024 || !mml_oom_has(v[MML_OOM_FREE]) || !mml_oom_has(v[MML_OOM_MIN]))
		return false;
	t->free = pages(v[MML_OOM_FREE], t->page);
	t->min = pages(v[MML_OOM_MIN], t->page);
	t->high = pages(v[MML_OOM_HIGH], t->page);
	t->has_high = mml_oom_has(v[MML_OOM_HIGH]);
	t->cma = pages(v[MML_OOM_FREE_CMA], t->page);
	t->highatomic = pages(highatomic, t->page);
	t->has_reserve = reserve_of(r, z, &t->reserve);
	z->highatomic = t->highatomic * t->page;
	z->cma = t->cma * t->page;
	return true;
}

static uint64_t usable(const struct mml_oom_report *r, const struct test *t)
{
	uint64_t not = (r->request.movable ? 0 : t->cma) + (may_highatomic(r) ? 0 : t->highatomic);

	return t->free > not ? t->free - not : 0;
}

static bool passes(uint64_t have, uint64_t mark, uint64_t reserve, int order)
{
	uint64_t less = (UINT64_C(1) << order) - 1;

	return have > less && have - less > mark + reserve;
}

/* Letters of the types whose blocks the request may have: C only for movable ones, H only for
 * reserves. */
static uint32_t usable_types(const struct mml_oom_report *r)
{
	uint32_t ret = 0;

	for (const char *letters = "UMER"; *letters; letters++)
		ret |= UINT32_C(1) << (*letters - 'A');
	if (r->request.movable)
		ret |= UINT32_C(1) << ('C' - 'A');
	if (r->request.known && r->request.order > 0 && may_highatomic(r) && HAS(r, HIGH))
		ret |= UINT32_C(1) << ('H' - 'A');
	return ret;
}

static void count_blocks(const struct mml_oom_report *r, struct mml_oom_zone *z,
			 uint32_t *ret_other)
{
	uint32_t types = usable_types(r);

	*ret_other = 0;
	if (!z->buddy.orders)
		return;
	z->largest_usable = -1;
	for (unsigned o = 0; o < z->buddy.orders; o++) {
		uint32_t has = z->buddy.types[o];

		if (!z->buddy.count[o].n)
			continue;
		if (has && !(has & types)) {
			*ret_other |= (int)o >= r->request.order ? has : 0;
			continue;
		}
		z->largest_usable = (int)o;
		if ((int)o >= r->request.order)
			z->blocks_enough += z->buddy.count[o].n;
	}
	/* Where the list was cut, larger blocks may be missing. */
	z->has_blocks = mml_oom_has(z->buddy.total) || z->blocks_enough;
	if (!mml_oom_has(z->buddy.total) && !z->blocks_enough)
		z->largest_usable = -2;
}

/* Before 4.4 each order's free pages were taken off while the mark was halved: what is left must
 * suffice. */
static bool passes_old_orders(const struct mml_oom_zone *z, uint64_t have, uint64_t mark,
			      uint64_t reserve, int order)
{
	uint64_t less = (UINT64_C(1) << order) - 1;

	have = have > less ? have - less : 0;
	if (have <= mark + reserve)
		return false;
	for (int o = 0; o < order && o < (int)z->buddy.orders; o++) {
		uint64_t gone = z->buddy.count[o].n << o;

		have = have > gone ? have - gone : 0;
		mark >>= 1;
		if (have <= mark)
			return false;
	}
	return true;
}

/* Of what stands between the request and the free memory, the largest that alone is the difference.
 */
static enum mml_oom_verdict refused_by(const struct mml_oom_report *r, const struct test *t,
				       uint64_t mark)
{
	uint64_t have = usable(r, t), largest = 0;
	enum mml_oom_verdict ret = MML_OOM_ZONE_BELOW_MARK;
	int order = r->request.order;

	if (t->reserve && passes(have, mark, 0, order)) {
		ret = MML_OOM_ZONE_RESERVE;
		largest = t->reserve;
	}
	if (!r->request.movable && t->cma > largest &&
	    passes(have + t->cma, mark, t->reserve, order)) {
		ret = MML_OOM_ZONE_CMA;
		largest = t->cma;
	}
	if (!may_highatomic(r) && t->highatomic > largest &&
	    passes(have + t->highatomic, mark, t->reserve, order))
		ret = MML_OOM_ZONE_HIGHATOMIC;
	return ret;
}

static enum mml_oom_verdict blocks_verdict(const struct mml_oom_report *r, struct mml_oom_zone *z,
					   const struct test *t, uint64_t mark, uint32_t other)
{
	if (!r->request.order)
		return MML_OOM_ZONE_OK;
	if (!z->has_blocks)
		return MML_OOM_ZONE_UNKNOWN;
	if (r->request.table == 'A' && r->version && r->version < MML_VERSION(4, 4, 0))
		return passes_old_orders(z, usable(r, t), mark, t->reserve, r->request.order)
			       ? MML_OOM_ZONE_OK
			       : MML_OOM_ZONE_FRAGMENTED;
	if (z->blocks_enough)
		return MML_OOM_ZONE_OK;
	return other >> ('C' - 'A') & 1	  ? MML_OOM_ZONE_CMA
	       : other >> ('H' - 'A') & 1 ? MML_OOM_ZONE_HIGHATOMIC
					  : MML_OOM_ZONE_FRAGMENTED;
}

static bool is_oom(const struct mml_oom_report *r)
{
	return r->kind == MML_OOM_KIND_OOM || r->kind == MML_OOM_KIND_MEMCG_OOM;
}

/* Requests without watermarks are refused by nothing but emptiness. */
static void judge_unmarked(const struct mml_oom_report *r, struct mml_oom_zone *z,
			   const struct test *t)
{
	bool left = r->request.order				     ? z->blocks_enough != 0
		    : z->buddy.orders && mml_oom_has(z->buddy.total) ? z->buddy.total.n != 0
								     : t->free != 0;

	z->mark = 0;
	z->has_reserve = true;
	z->reserve_bytes = 0;
	z->usable = t->free * t->page;
	z->margin = (int64_t)z->usable;
	z->verdict = left ? MML_OOM_ZONE_OK : MML_OOM_ZONE_DRAINED;
}

static void judge(struct mml_oom_report *r, struct mml_oom_zone *z)
{
	struct test t = { 0 };
	uint64_t mark;
	uint32_t other;

	z->blocks_enough = 0;
	z->at_high = false;
	z->verdict = MML_OOM_ZONE_UNKNOWN;
	count_blocks(r, z, &other);
	z->has_test = fill_test(r, z, &t);
	if (!z->has_test)
		return;
	if (r->request.no_watermarks) {
		judge_unmarked(r, z, &t);
		return;
	}
	mark = lowered(r, z, &t);
	if (passes(usable(r, &t), mark, t.reserve, r->request.order))
		z->verdict = blocks_verdict(r, z, &t, mark, other);
	else
		z->verdict = refused_by(r, &t, mark);
	/* The OOM killer's last try asks for the high mark. */
	if (z->verdict == MML_OOM_ZONE_OK && is_oom(r) && t.has_high &&
	    !passes(usable(r, &t), t.high, t.reserve, r->request.order)) {
		z->at_high = true;
		mark = t.high;
		z->verdict = refused_by(r, &t, mark);
	}
	z->usable = usable(r, &t) * t.page;
	z->mark = mark * t.page;
	z->has_reserve = t.has_reserve;
	z->reserve_bytes = t.reserve * t.page;
	z->margin = (int64_t)(z->usable - z->mark - z->reserve_bytes);
	/* Whether it fits cannot be told while it is not known what is kept. */
	if (!t.has_reserve && z->verdict == MML_OOM_ZONE_OK)
		z->verdict = MML_OOM_ZONE_UNKNOWN;
}

/* cpuset_zone_allowed(): what may not sleep is not held to the cpuset when it has __GFP_HIGH. */
static void allow(const struct mml_oom_report *r, struct mml_oom_zone *z)
{
	const struct mml_oom_value *managed = &z->item[MML_OOM_MANAGED];
	const char *mems = r->request.known && r->request.atomic ? NULL : r->mems_allowed;

	z->why_not = MML_OOM_NOT_NONE;
	if (z->type > r->request.class)
		z->why_not = MML_OOM_NOT_ZONE;
	else if (!mml_oom_node_in(mems, z->node))
		z->why_not = MML_OOM_NOT_CPUSET;
	else if (!mml_oom_node_in(r->nodemask, z->node))
		z->why_not = MML_OOM_NOT_POLICY;
	else if (mml_oom_has(*managed)
			 ? !managed->n
			 : mml_oom_has(z->item[MML_OOM_PRESENT]) && !z->item[MML_OOM_PRESENT].n)
		z->why_not = MML_OOM_NOT_EMPTY;
	z->allowed = !z->why_not;
}

static void judge_all(struct mml_oom_report *r)
{
	for (struct mml_oom_zone *z = r->zones; z; z = z->next) {
		allow(r, z);
		judge(r, z);
		if (!z->allowed)
			z->verdict = MML_OOM_ZONE_NOT_ALLOWED;
	}
}

static int highest_type(const struct mml_oom_report *r)
{
	int ret = -1;

	for (const struct mml_oom_zone *z = r->zones; z; z = z->next)
		if ((int)z->type > ret &&
		    (!mml_oom_has(z->item[MML_OOM_PRESENT]) || z->item[MML_OOM_PRESENT].n))
			ret = (int)z->type;
	return ret;
}

static bool some_ok(const struct mml_oom_report *r, enum mml_oom_zone_type type)
{
	for (const struct mml_oom_zone *z = r->zones; z; z = z->next)
		if (z->type == type && z->verdict == MML_OOM_ZONE_OK)
			return true;
	return false;
}

/*
 * The line that says what was asked for is missing, but an OOM kill followed: a zone that would
 * have satisfied any request cannot have been allowed. What is left is the highest the request
 * could go.
 */
static void infer_class(struct mml_oom_report *r, int highest)
{
	r->request.inferred = true;
	r->request.movable = false;
	for (int type = highest; type >= 0; type--) {
		r->request.class = (enum mml_oom_zone_type)type;
		judge_all(r);
		if (!some_ok(r, (enum mml_oom_zone_type)type))
			return;
	}
	/* Every zone would have done: there is nothing to infer. */
	r->request.inferred = false;
	r->request.class = (enum mml_oom_zone_type)highest;
	judge_all(r);
}

void mml_oom_test_zones(struct mml_oom_report *r)
{
	int highest = highest_type(r);

	if (highest < 0)
		return;
	if (!r->request.known && is_oom(r) && r->constraint != MML_OOM_BY_MEMCG &&
	    !r->header_seen) {
		infer_class(r, highest);
		return;
	}
	/* A dump that nobody's request led to: what a plain one of the kernel would meet. */
	if (!r->request.known) {
		r->request.assumed = true;
		r->request.class = MML_OOM_NORMAL;
		r->request.order = 0;
	}
	judge_all(r);
}
