/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/trouble.h"
#include "../../core/unit.h"
#include "../page/frames.h"
#include "../page/words.h"
#include "orders.h"

/* What a frame is, as a bit, so that a block's frames can be put together. Free frames have none.
 */
enum {
	MOVABLE = 1,
	SLAB = 2,
	TABLES = 4,
	HUGE = 8,
	RESERVED = 16,
	OTHER = 32,
	HOLE = 64,
};

#define KPF_LRU	       (UINT64_C(1) << 5)
#define KPF_SLAB       (UINT64_C(1) << 7)
#define KPF_BUDDY      (UINT64_C(1) << 10)
#define KPF_MMAP       (UINT64_C(1) << 11)
#define KPF_SWAPBACKED (UINT64_C(1) << 14)
#define KPF_OFFLINE    (UINT64_C(1) << 23)
#define KPF_PGTABLE    (UINT64_C(1) << 26)

enum { AT_ONCE = 65536 };

/* Of a machine with terabytes nobody wants to wait for it. */
#define PATIENCE_NS (UINT64_C(10) * 1000000000)

/* What was found is saved in a capture, a line for each zone and order, since the frames themselves
 * are too many: node, zone, order, and the numbers in the order of fields[]. */
static const char path[] = "/proc/kpageflags", saved_path[] = "/mmlens/orders";

static const size_t fields[] = {
#define FIELD(name) offsetof(struct mml_order_owners, name)
	FIELD(blocks), FIELD(free), FIELD(movable),  FIELD(slab_only), FIELD(slab),
	FIELD(tables), FIELD(huge), FIELD(reserved), FIELD(other),
#undef FIELD
};

enum { FIELDS = sizeof(fields) / sizeof(*fields) };

static uint64_t *field(struct mml_order_owners *o, size_t i)
{
	return (uint64_t *)(void *)((char *)o + fields[i]);
}

/* Frames on the free lists of CPUs have no flag at all, and look like those of drivers. */
static unsigned kind(uint64_t flags)
{
	if (flags & KPF_NOPAGE)
		return HOLE;
	if (flags & KPF_BUDDY)
		return 0;
	if (flags & KPF_SLAB)
		return SLAB;
	if (flags & KPF_PGTABLE)
		return TABLES;
	if (flags & KPF_HUGE)
		return HUGE;
	if (flags & (KPF_RESERVED | KPF_ZERO))
		return RESERVED;
	if (flags & KPF_OFFLINE)
		return OTHER;
	return flags & (KPF_LRU | KPF_ANON | KPF_MMAP | KPF_SWAPBACKED | KPF_KSM | KPF_THP)
		       ? MOVABLE
		       : OTHER;
}

static void count(struct mml_order_owners *to, unsigned mask)
{
	if (mask & HOLE)
		return;
	to->blocks++;
	to->free += !mask;
	to->movable += mask == MOVABLE;
	to->slab_only += (mask & SLAB) && !(mask & ~(unsigned)(SLAB | MOVABLE));
	to->slab += !!(mask & SLAB);
	to->tables += !!(mask & TABLES);
	to->huge += !!(mask & HUGE);
	to->reserved += !!(mask & RESERVED);
	to->other += !!(mask & OTHER);
}

/* Puts frame PFN into the blocks it is in: those that end with it are counted, and go into the next
 * larger one. */
static void put(unsigned *open, unsigned orders, uint64_t pfn, unsigned mask,
		struct mml_order_owners *ret)
{
	for (unsigned o = 0; o < orders; o++) {
		open[o] |= mask;
		if ((pfn + 1) & ((UINT64_C(1) << o) - 1))
			return;
		mask = open[o];
		open[o] = 0;
		count(&ret[o], mask);
	}
}

static int walk(struct mml_words *words, uint64_t from, uint64_t end, unsigned orders,
		uint64_t *buf, struct mml_order_owners *ret)
{
	unsigned open[MML_MAX_ORDERS] = { 0 };
	uint64_t begin = mml_now_ns();

	for (unsigned o = 0; o < orders; o++)
		if (from & ((UINT64_C(1) << o) - 1))
			open[o] = HOLE;
	while (from < end) {
		size_t want = end - from < AT_ONCE ? (size_t)(end - from) : AT_ONCE;
		ssize_t got = mml_words_read(words, from, want, buf);

		if (got <= 0)
			return got < 0 ? (int)got : 0;
		if (mml_now_ns() - begin > PATIENCE_NS)
			return -ETIMEDOUT;
		for (ssize_t i = 0; i < got; i++)
			put(open, orders, from + (uint64_t)i, kind(buf[i]), ret);
		from += (uint64_t)got;
	}
	return 0;
}

static int save(struct mml_take *take, const struct mml_zone *zone, unsigned orders,
		struct mml_order_owners *owners, bool first)
{
	struct mml_buf out = { 0 };
	int rc;

	for (unsigned o = 0; o < orders; o++) {
		mml_buf_printf(&out, "%" PRIu64 " %s %u", zone->node, zone->name, o);
		for (size_t i = 0; i < FIELDS; i++)
			mml_buf_printf(&out, " %" PRIu64, *field(&owners[o], i));
		mml_buf_putc(&out, '\n');
	}
	rc = out.error ? out.error
		       : mml_root_save_part(take->root, saved_path, out.data, out.len, first);
	mml_buf_free(&out);
	return rc == -ENOMEM ? rc : 0;
}

/* 0 Normal 9 10752 2300 125 148 1075 537 0 2 8160 */
static int load(struct mml_take *take, const struct mml_zone *zone, unsigned orders,
		struct mml_order_owners *ret)
{
	struct mml_span text, line, name;
	uint64_t node, order;
	int rc = mml_take_file(take, NULL, saved_path, &text);

	if (rc)
		return rc;
	while (mml_next_line(&text, &line)) {
		if (mml_next_u64(&line, &node) || !mml_next_token(&line, &name) ||
		    mml_next_u64(&line, &order))
			return -EBADMSG;
		if (node != zone->node || !mml_span_eq(name, zone->name) || order >= orders)
			continue;
		for (size_t i = 0; i < FIELDS; i++)
			if (mml_next_u64(&line, field(&ret[order], i)))
				return -EBADMSG;
	}
	return 0;
}

static int look(struct mml_take *take, const struct mml_zone *zone, unsigned orders,
		struct mml_order_owners *ret)
{
	struct mml_words *words = NULL;
	uint64_t *buf, end;
	int rc;

	if (!(zone->has >> MML_ZONE_START_PFN & 1) || !(zone->has >> MML_ZONE_SPANNED & 1) ||
	    __builtin_add_overflow(zone->field[MML_ZONE_START_PFN], zone->field[MML_ZONE_SPANNED],
				   &end))
		return 0;
	rc = mml_words_open(take->root, path, NULL, &words);
	if (rc)
		return rc;
	buf = mml_malloc(AT_ONCE * sizeof(*buf));
	rc = buf ? walk(words, zone->field[MML_ZONE_START_PFN], end, orders, buf, ret) : -ENOMEM;
	free(buf);
	mml_words_close(words);
	return rc;
}

int mml_order_owners(struct mml_take *take, const struct mml_zone *zone, unsigned orders,
		     bool first, struct mml_order_owners *ret, struct mml_absence *ret_why)
{
	bool live = mml_root_live(take->root);
	int rc = live ? look(take, zone, orders, ret) : load(take, zone, orders, ret);

	if (!rc && live)
		rc = save(take, zone, orders, ret, first);
	if (rc == -ETIMEDOUT)
		*ret_why = (struct mml_absence){ "there are too many page frames to look at each",
						 NULL };
	else if (rc && rc != -ENOMEM)
		*ret_why =
			mml_absence_of(take->arena, take->root, NULL, live ? path : saved_path, rc);
	return rc;
}
