/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gfp.h"

#include <errno.h>
#include <string.h>

/* clang-format off */
#define BIT(name) (UINT32_C(1) << MML_GFP_##name)
#define RECLAIM (BIT(DIRECT_RECLAIM) | BIT(KSWAPD_RECLAIM))
#define KERNEL (RECLAIM | BIT(IO) | BIT(FS))
#define USER (KERNEL | BIT(HARDWALL))
#define HIGHUSER (USER | BIT(HIGHMEM))
#define MOVING (HIGHUSER | BIT(MOVABLE))
#define HUGE (MOVING | BIT(COMP) | BIT(NOMEMALLOC) | BIT(NOWARN))

struct gfp_bit {
	uint32_t bit;
	uint32_t flags;
};

/*
 * include/linux/gfp.h and gfp_types.h. DMA, HIGHMEM, DMA32, HIGH, IO and FS are the same in all of
 * them: 1, 2, 4, 0x20, 0x40, 0x80.
 * A: 2.6.18 to 4.3   B: 4.4 to 4.9   C: 4.10 to 4.17   D: 4.18 to 5.0   E: 5.1 to 6.2   F: 6.3 on
 */
static const struct gfp_bit common[] = {
	{ 0x1, BIT(DMA) }, { 0x2, BIT(HIGHMEM) }, { 0x4, BIT(DMA32) }, { 0x20, BIT(HIGH) },
	{ 0x40, BIT(IO) }, { 0x80, BIT(FS) }, { 0, 0 },
};
static const struct gfp_bit table_a[] = {
	{ 0x8, BIT(MOVABLE) }, { 0x10, RECLAIM }, { 0x100, BIT(COLD) }, { 0x200, BIT(NOWARN) },
	{ 0x400, BIT(RETRY_MAYFAIL) }, { 0x800, BIT(NOFAIL) }, { 0x1000, BIT(NORETRY) },
	{ 0x2000, BIT(MEMALLOC) }, { 0x4000, BIT(COMP) }, { 0x8000, BIT(ZERO) },
	{ 0x10000, BIT(NOMEMALLOC) }, { 0x20000, BIT(HARDWALL) }, { 0x40000, BIT(THISNODE) },
	{ 0x80000, BIT(RECLAIMABLE) }, { 0x100000, BIT(CONFIG) }, { 0x200000, BIT(NOTRACK) },
	{ 0x400000, BIT(NO_KSWAPD) }, { 0x800000, BIT(OTHER_NODE) }, { 0x1000000, BIT(WRITE) },
	{ 0, 0 },
};
static const struct gfp_bit table_b[] = {
	{ 0x8, BIT(MOVABLE) }, { 0x10, BIT(RECLAIMABLE) }, { 0x100, BIT(COLD) },
	{ 0x200, BIT(NOWARN) }, { 0x400, BIT(RETRY_MAYFAIL) }, { 0x800, BIT(NOFAIL) },
	{ 0x1000, BIT(NORETRY) }, { 0x2000, BIT(MEMALLOC) }, { 0x4000, BIT(COMP) },
	{ 0x8000, BIT(ZERO) }, { 0x10000, BIT(NOMEMALLOC) }, { 0x20000, BIT(HARDWALL) },
	{ 0x40000, BIT(THISNODE) }, { 0x80000, BIT(ATOMIC) }, { 0x100000, BIT(ACCOUNT) },
	{ 0x200000, BIT(NOTRACK) }, { 0x400000, BIT(DIRECT_RECLAIM) },
	{ 0x800000, BIT(OTHER_NODE) }, { 0x1000000, BIT(WRITE) },
	{ 0x2000000, BIT(KSWAPD_RECLAIM) }, { 0, 0 },
};
static const struct gfp_bit table_c[] = {
	{ 0x8, BIT(MOVABLE) }, { 0x10, BIT(RECLAIMABLE) }, { 0x100, BIT(COLD) },
	{ 0x200, BIT(NOWARN) }, { 0x400, BIT(RETRY_MAYFAIL) }, { 0x800, BIT(NOFAIL) },
	{ 0x1000, BIT(NORETRY) }, { 0x2000, BIT(MEMALLOC) }, { 0x4000, BIT(COMP) },
	{ 0x8000, BIT(ZERO) }, { 0x10000, BIT(NOMEMALLOC) }, { 0x20000, BIT(HARDWALL) },
	{ 0x40000, BIT(THISNODE) }, { 0x80000, BIT(ATOMIC) }, { 0x100000, BIT(ACCOUNT) },
	{ 0x200000, BIT(NOTRACK) }, { 0x400000, BIT(DIRECT_RECLAIM) }, { 0x800000, BIT(WRITE) },
	{ 0x1000000, BIT(KSWAPD_RECLAIM) }, { 0, 0 },
};
static const struct gfp_bit table_d[] = {
	{ 0x8, BIT(MOVABLE) }, { 0x10, BIT(RECLAIMABLE) }, { 0x200, BIT(NOWARN) },
	{ 0x400, BIT(RETRY_MAYFAIL) }, { 0x800, BIT(NOFAIL) }, { 0x1000, BIT(NORETRY) },
	{ 0x2000, BIT(MEMALLOC) }, { 0x4000, BIT(COMP) }, { 0x8000, BIT(ZERO) },
	{ 0x10000, BIT(NOMEMALLOC) }, { 0x20000, BIT(HARDWALL) }, { 0x40000, BIT(THISNODE) },
	{ 0x80000, BIT(ATOMIC) }, { 0x100000, BIT(ACCOUNT) }, { 0x200000, BIT(DIRECT_RECLAIM) },
	{ 0x400000, BIT(KSWAPD_RECLAIM) }, { 0x800000, BIT(WRITE) }, { 0, 0 },
};
static const struct gfp_bit table_e[] = {
	{ 0x8, BIT(MOVABLE) }, { 0x10, BIT(RECLAIMABLE) }, { 0x100, BIT(ZERO) },
	{ 0x200, BIT(ATOMIC) }, { 0x400, BIT(DIRECT_RECLAIM) }, { 0x800, BIT(KSWAPD_RECLAIM) },
	{ 0x1000, BIT(WRITE) }, { 0x2000, BIT(NOWARN) }, { 0x4000, BIT(RETRY_MAYFAIL) },
	{ 0x8000, BIT(NOFAIL) }, { 0x10000, BIT(NORETRY) }, { 0x20000, BIT(MEMALLOC) },
	{ 0x40000, BIT(COMP) }, { 0x80000, BIT(NOMEMALLOC) }, { 0x100000, BIT(HARDWALL) },
	{ 0x200000, BIT(THISNODE) }, { 0x400000, BIT(ACCOUNT) }, { 0x800000, BIT(ZEROTAGS) },
	{ 0x1000000, BIT(CONFIG) }, { 0x2000000, BIT(CONFIG) }, { 0x4000000, BIT(CONFIG) },
	{ 0x8000000, BIT(CONFIG) }, { 0x10000000, BIT(CONFIG) }, { 0, 0 },
};
/* clang-format on */

static const struct gfp_bit *bits_of(char table)
{
	return table == 'A'		      ? table_a
	       : table == 'B'		      ? table_b
	       : table == 'C'		      ? table_c
	       : table == 'D'		      ? table_d
	       : table == 'E' || table == 'F' ? table_e
					      : NULL;
}

char mml_gfp_table(unsigned version)
{
	/* clang-format off */
	return !version ? 0 :
	       version < MML_VERSION(4, 4, 0) ? 'A' :
	       version < MML_VERSION(4, 10, 0) ? 'B' :
	       version < MML_VERSION(4, 18, 0) ? 'C' :
	       version < MML_VERSION(5, 1, 0) ? 'D' :
	       version < MML_VERSION(6, 3, 0) ? 'E' : 'F';
	/* clang-format on */
}

static uint32_t take_bits(const struct gfp_bit *bits, uint64_t *mask)
{
	uint32_t ret = 0;

	for (; bits->bit; bits++)
		if (*mask & bits->bit) {
			ret |= bits->flags;
			*mask &= ~(uint64_t)bits->bit;
		}
	return ret;
}

uint32_t mml_gfp_decode(uint64_t mask, char table, unsigned version, uint64_t *ret_rest)
{
	const struct gfp_bit *bits = bits_of(table);
	uint32_t ret = 0;

	if (!bits) {
		*ret_rest = mask;
		return 0;
	}
	/* From 2.6.23 to 2.6.30 MOVABLE was here; later nothing until 3.x. */
	if (table == 'A' && version && version < MML_VERSION(2, 6, 31) && mask & 0x100000) {
		ret |= BIT(MOVABLE);
		mask &= ~UINT64_C(0x100000);
	}
	if (table == 'F' && mask & 0x200) {
		*ret_rest = mask;
		return 0;
	}
	ret |= take_bits(common, &mask);
	ret |= take_bits(bits, &mask);
	/* Before 4.4 every request woke kswapd that did not say otherwise. */
	if (table == 'A')
		ret = ret & BIT(NO_KSWAPD) ? ret & ~BIT(KSWAPD_RECLAIM) : ret | BIT(KSWAPD_RECLAIM);
	*ret_rest = mask;
	return ret;
}

/* As the kernel prints them, the widest first. GFP_ATOMIC was HIGH|ATOMIC|KSWAPD_RECLAIM from 4.4
 * to 6.2. */
static const struct {
	const char *name;
	uint32_t flags;
} compounds[] = {
	{ "GFP_TRANSHUGE", HUGE },
	{ "GFP_TRANSHUGE_LIGHT", HUGE & ~RECLAIM },
	{ "GFP_HIGHUSER_MOVABLE", MOVING },
	{ "GFP_HIGHUSER", HIGHUSER },
	{ "GFP_USER", USER },
	{ "GFP_KERNEL_ACCOUNT", KERNEL | BIT(ACCOUNT) },
	{ "GFP_KERNEL", KERNEL },
	{ "GFP_NOFS", RECLAIM | BIT(IO) },
	{ "GFP_ATOMIC", BIT(HIGH) | BIT(ATOMIC) | BIT(KSWAPD_RECLAIM) },
	{ "GFP_ATOMIC", BIT(HIGH) | BIT(KSWAPD_RECLAIM) },
	{ "GFP_NOIO", RECLAIM },
	{ "GFP_NOWAIT", BIT(KSWAPD_RECLAIM) },
};

static bool name_flags(struct mml_span name, char table, uint32_t *ret)
{
	/* clang-format off */
	static const struct {
		const char *name;
		uint32_t flags;
	} names[] = {
#define GFP(id, name) { name, BIT(id) },
#include "gfp.def"
#undef GFP
		{ "__GFP_RECLAIM", RECLAIM }, { "__GFP_WAIT", RECLAIM },
		{ "__GFP_REPEAT", BIT(RETRY_MAYFAIL) }, { "__GFP_NOACCOUNT", BIT(CONFIG) },
		{ "__GFP_NOTRACK_FALSE_POSITIVE", BIT(NOTRACK) },
		{ "__GFP_OTHERNODE", BIT(OTHER_NODE) }, { "__GFP_NOLOCKDEP", BIT(CONFIG) },
		{ "__GFP_SKIP_ZERO", BIT(CONFIG) }, { "__GFP_SKIP_KASAN", BIT(CONFIG) },
		{ "__GFP_SKIP_KASAN_POISON", BIT(CONFIG) },
		{ "__GFP_SKIP_KASAN_UNPOISON", BIT(CONFIG) }, { "__GFP_NO_OBJ_EXT", BIT(CONFIG) },
		{ "GFP_DMA", BIT(DMA) }, { "GFP_DMA32", BIT(DMA32) },
		{ "GFP_TEMPORARY", KERNEL | BIT(RECLAIMABLE) },
	};
	/* clang-format on */

	if (mml_span_eq(name, "GFP_ATOMIC")) {
		*ret = BIT(HIGH) | BIT(KSWAPD_RECLAIM) |
		       (table >= 'B' && table <= 'E' ? BIT(ATOMIC) : 0);
		return true;
	}
	for (size_t i = 0; i < sizeof(compounds) / sizeof(*compounds); i++)
		if (mml_span_eq(name, compounds[i].name)) {
			*ret = compounds[i].flags;
			return true;
		}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (mml_span_eq(name, names[i].name)) {
			*ret = names[i].flags;
			return true;
		}
	return false;
}

bool mml_gfp_parse(struct mml_span names, char table, uint32_t *ret)
{
	struct mml_span name;
	uint64_t rest;
	uint32_t flags;

	*ret = 0;
	while (mml_next_field(&names, '|', &name)) {
		/* Bits without a name are printed as a number. */
		if (mml_span_starts(name, "0x") &&
		    !mml_parse_hex((struct mml_span){ name.p + 2, name.end }, &rest))
			flags = BIT(CONFIG);
		else if (!name_flags(mml_span_trim(name), table, &flags))
			return false;
		*ret |= flags;
	}
	return true;
}

static void put_name(struct mml_buf *out, size_t begin, const char *name)
{
	if (out->len > begin)
		mml_buf_putc(out, '|');
	mml_buf_puts(out, name);
}

unsigned mml_gfp_print(struct mml_buf *out, uint32_t flags)
{
	static const char *const names[] = {
#define GFP(id, name) name,
#include "gfp.def"
#undef GFP
	};
	size_t begin = out->len;
	unsigned left = 0;

	for (size_t i = 0; i < sizeof(compounds) / sizeof(*compounds); i++)
		if ((flags & compounds[i].flags) == compounds[i].flags) {
			put_name(out, begin, compounds[i].name);
			flags &= ~compounds[i].flags;
			break;
		}
	for (unsigned i = 0; i < MML_GFP_FLAGS; i++)
		if (flags >> i & 1 && i != MML_GFP_CONFIG) {
			put_name(out, begin,
				 i == MML_GFP_DMA && out->len == begin ? "GFP_DMA" : names[i]);
			left++;
		}
	if (out->len == begin)
		mml_buf_putc(out, '0');
	return left;
}

/* How well MASK decodes by TABLE: flags that are left over; a large number where it does not. */
static unsigned misfit(uint64_t mask, char table, unsigned version)
{
	struct mml_buf out = { 0 };
	uint64_t rest;
	uint32_t flags = mml_gfp_decode(mask, table, version, &rest);
	unsigned left = rest ? 1000 : mml_gfp_print(&out, flags);

	/* Without a compound name it is hardly a mask of that kernel. */
	if (!rest && out.data && strncmp(out.data, "GFP_", 4) != 0)
		left += 100;
	mml_buf_free(&out);
	return left;
}

/* The table for R's mask: that of its release, of its names, or, with neither, the one it decodes
 * best by. */
static char choose_table(const struct mml_oom_report *r)
{
	char by_version = mml_gfp_table(r->version), best = 0;
	const char *tables = "FEDCBA";
	unsigned least = 1000;

	if (r->gfp_printed && r->gfp_printed_whole) {
		uint32_t named, decoded;
		uint64_t rest;

		for (const char *t = tables; *t; t++) {
			decoded = mml_gfp_decode(r->gfp_mask.n, *t, r->version, &rest);
			if (!rest && mml_gfp_parse(mml_span_str(r->gfp_printed), *t, &named) &&
			    named == decoded && (!best || *t == by_version))
				best = *t;
		}
		return best ? best : by_version;
	}
	if (by_version && misfit(r->gfp_mask.n, by_version, r->version) < 1000)
		return by_version;
	if (by_version == 'C' && misfit(r->gfp_mask.n, 'D', r->version) < 1000)
		return 'D';
	if (by_version)
		return 0;
	/* Names are printed since 4.6: without them it is A or B. */
	for (const char *t = r->gfp_printed ? "FEDCB" : "BA"; *t; t++) {
		unsigned m = misfit(r->gfp_mask.n, *t, r->version);

		if (m <= least && m < 1000) {
			least = m;
			best = *t;
		}
	}
	return best;
}

/* __alloc_pages_may_oom(): what never calls the OOM killer. */
static bool may_oom(const struct mml_oom_report *r, uint32_t flags, int order)
{
	if (r->kind == MML_OOM_KIND_MEMCG_OOM)
		return true;
	return order <= 3 && (flags & BIT(FS)) &&
	       !(flags &
		 (BIT(RETRY_MAYFAIL) | BIT(NORETRY) | BIT(THISNODE) | BIT(DMA) | BIT(DMA32)));
}

static void interpret(struct mml_oom_report *r, uint32_t flags)
{
	struct mml_oom_request *q = &r->request;

	q->known = true;
	q->flags = flags;
	/* gfp_zone() */
	q->class = flags & BIT(DMA)				      ? MML_OOM_DMA
		   : flags & BIT(DMA32)				      ? MML_OOM_DMA32
		   : (flags & BIT(HIGHMEM)) && (flags & BIT(MOVABLE)) ? MML_OOM_MOVABLE
		   : flags & BIT(HIGHMEM)			      ? MML_OOM_HIGHMEM
								      : MML_OOM_NORMAL;
	q->can_reclaim = flags & BIT(DIRECT_RECLAIM);
	q->movable = flags & BIT(MOVABLE);
	q->atomic = (flags & BIT(HIGH)) && !q->can_reclaim;
	q->can_oom = q->can_reclaim && may_oom(r, flags, q->order);
	q->no_watermarks = (flags & BIT(MEMALLOC)) && !(flags & BIT(NOMEMALLOC));
	/* kswapd itself may take all there is, which it needs to free more; interrupts it is in the
	 * middle of may not. */
	if (r->comm && !strncmp(r->comm, "kswapd", 6) && q->can_reclaim &&
	    !(flags & BIT(NOMEMALLOC)))
		q->no_watermarks = true;
}

int mml_gfp_request(struct mml_arena *arena, struct mml_oom_report *r)
{
	struct mml_oom_request *q = &r->request;
	struct mml_buf out = { 0 };
	uint64_t rest;
	uint32_t flags;
	bool named;

	/* vmalloc() goes on with single pages where it gets no larger ones. */
	q->order = r->has_order && r->kind != MML_OOM_KIND_VMALLOC_FAILURE && r->order > 0 &&
				   r->order < MML_OOM_MAX_ORDERS
			   ? (int)r->order
			   : 0;
	/* pagefault_out_of_memory() and policies call the OOM killer without flags: they say
	 * nothing. */
	if (!mml_oom_has(r->gfp_mask) || (!r->gfp_mask.n && r->kind != MML_OOM_KIND_ALLOC_FAILURE))
		return 0;
	q->table = choose_table(r);
	named = r->gfp_printed &&
		mml_gfp_parse(mml_span_str(r->gfp_printed), q->table ? q->table : 'F', &flags);
	q->names_cut = r->gfp_printed && !r->gfp_printed_whole;
	if (named && r->gfp_printed_whole) {
		q->names = r->gfp_printed;
		q->names_printed = true;
		interpret(r, flags);
		return 0;
	}
	if (!q->table)
		return 0;
	flags = mml_gfp_decode(r->gfp_mask.n, q->table, r->version, &rest);
	if (rest)
		return 0;
	mml_gfp_print(&out, flags);
	q->names = out.error ? NULL : mml_arena_strndup(arena, out.data, out.len);
	mml_buf_free(&out);
	if (!q->names)
		return -ENOMEM;
	interpret(r, flags);
	return 0;
}
