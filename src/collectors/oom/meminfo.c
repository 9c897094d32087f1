/* The memory dump: counters of the machine, of nodes and zones, the buddy lists, swap and RAM. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "build.h"

static void set(struct mml_oom_value *value, uint64_t n, uint64_t line)
{
	if (!value->line)
		*value = (struct mml_oom_value){ n, line };
}

/*
 * active_anon:759 inactive_anon:0 isolated_anon:0 and six or seven lines like it, in pages, always
 * of the whole machine. 2.6.18: Active:1621 inactive:97987 dirty:0 ...; 2.6.28: Active_anon:290797
 * active_file:28 inactive_anon:97034. A number at the end of a line is whole where some kernel ends
 * the line with it.
 */
int mml_oom_parse_global(struct mml_oom_build *b, struct mml_oom_stream *s,
			 struct mml_oom_report *r, const struct mml_oom_logical *l)
{
	struct mml_span rest = mml_oom_logical_text(l);
	bool capital = rest.p < rest.end && *rest.p == 'A';
	struct mml_oom_field field;

	(void)b;
	(void)s;
	while (r && mml_oom_next_field(l, &rest, &field)) {
		bool ends;
		int item = mml_oom_item_find(field.key, &ends);

		if (item < 0 || field.unit != MML_OOM_PAGES)
			continue;
		if (field.last && !ends && !(capital && item == MML_OOM_INACTIVE_ANON))
			continue;
		set(&r->item[item], field.n, field.line);
		r->complete |= MML_OOM_MEMINFO;
	}
	return 0;
}

static void set_items(const struct mml_oom_logical *l, struct mml_span rest,
		      struct mml_oom_value *items)
{
	struct mml_oom_field field;

	while (mml_oom_next_field(l, &rest, &field)) {
		bool ends;
		int item = mml_oom_item_find(field.key, &ends);

		if (item >= 0 && (field.unit == MML_OOM_KB || item == MML_OOM_PAGES_SCANNED))
			set(&items[item], field.n, field.line);
	}
}

/* "Node 3 " at the beginning of TEXT is cut off it; false: there is none. */
static bool take_node(struct mml_span *text, uint64_t *ret)
{
	struct mml_span rest = *text, word, n;

	if (!mml_span_starts(rest, "Node ") || !mml_next_token(&rest, &word) ||
	    !mml_next_token(&rest, &n) || mml_parse_u64(n, ret) || *ret >= MML_OOM_MAX_NODES)
		return false;
	*text = mml_span_trim(rest);
	return true;
}

/* Node 0 active_anon:56kB ... all_unreclaimable? no; since 4.8. */
int mml_oom_parse_node(struct mml_oom_build *b, struct mml_oom_stream *s, struct mml_oom_report *r,
		       const struct mml_oom_logical *l)
{
	struct mml_span text = mml_oom_logical_text(l), tail;
	struct mml_oom_node *node;
	uint64_t n;

	(void)s;
	if (!r || !take_node(&text, &n))
		return 0;
	for (node = r->nodes; node && node->node != n; node = node->next)
		;
	if (!node) {
		node = mml_arena_alloc(b->arena, sizeof(*node));
		if (!node)
			return -ENOMEM;
		node->node = (unsigned)n;
		node->line = l->seg->line;
		*r->last_node = node;
		r->last_node = &node->next;
	}
	set_items(l, text, node->item);
	if (mml_oom_between(text, "all_unreclaimable? ", NULL, &tail))
		node->all_unreclaimable = mml_span_starts(tail, "yes")	? 'y'
					  : mml_span_starts(tail, "no") ? 'n'
									: 0;
	return 0;
}

/* "Node 0 DMA32" at the beginning of TEXT is cut off it: that zone of R, new or known. */
static int zone_of(struct mml_oom_build *b, struct mml_oom_stream *s, struct mml_oom_report *r,
		   const struct mml_oom_logical *l, struct mml_span *text,
		   struct mml_oom_zone **ret)
{
	int type = MML_OOM_ZONE_TYPES;
	struct mml_oom_zone *zone;
	uint64_t n = s->has_node ? s->node : 0;

	take_node(text, &n);
	s->has_node = false;
	while (--type >= 0 &&
	       !mml_span_starts(*text, mml_oom_zone_name((enum mml_oom_zone_type)type)))
		;
	if (type < 0)
		return 0;
	text->p += strlen(mml_oom_zone_name((enum mml_oom_zone_type)type));
	for (zone = r->zones; zone && (zone->node != n || (int)zone->type != type);
	     zone = zone->next)
		;
	if (!zone) {
		zone = mml_arena_alloc(b->arena, sizeof(*zone));
		if (!zone)
			return -ENOMEM;
		zone->node = (unsigned)n;
		zone->type = (enum mml_oom_zone_type)type;
		zone->line = l->seg->line;
		zone->largest_usable = -2;
		*r->last_zone = zone;
		r->last_zone = &zone->next;
	}
	*ret = zone;
	return 0;
}

/* Node 0 DMA32 free:288256kB boost:0kB min:15112kB low:18888kB high:22664kB ... */
int mml_oom_parse_zone(struct mml_oom_build *b, struct mml_oom_stream *s, struct mml_oom_report *r,
		       const struct mml_oom_logical *l)
{
	struct mml_span text = mml_oom_logical_text(l);
	int rc;

	s->zone = NULL;
	if (!r)
		return 0;
	rc = zone_of(b, s, r, l, &text, &s->zone);
	if (rc || !s->zone)
		return rc;
	set_items(l, text, s->zone->item);
	r->complete |= MML_OOM_ZONES;
	return 0;
}

/* lowmem_reserve[]: 0 297 297 297, in pages, of the zone on the line before. */
int mml_oom_parse_reserve(struct mml_oom_build *b, struct mml_oom_stream *s,
			  struct mml_oom_report *r, const struct mml_oom_logical *l)
{
	struct mml_span rest = mml_oom_logical_text(l), tok;
	struct mml_oom_zone *zone = s->zone;

	(void)b;
	if (!r || !zone || zone->reserves || l->cut || l->full)
		return 0;
	mml_next_token(&rest, &tok);
	while (zone->reserves < MML_OOM_MAX_RESERVES && mml_next_token(&rest, &tok)) {
		struct mml_oom_value *value = &zone->reserve[zone->reserves];

		if (mml_parse_u64(tok, &value->n))
			break;
		value->line = mml_oom_logical_line(l, tok.p);
		zone->reserves++;
	}
	return 0;
}

/* "3*4kB": count and size. */
static bool blocks(struct mml_span tok, uint64_t *ret_count, uint64_t *ret_kb)
{
	struct mml_span n;

	if (!mml_next_field(&tok, '*', &n) || mml_parse_u64(n, ret_count) ||
	    mml_span_len(tok) < 3 || tok.end[-1] != 'B' || tok.end[-2] != 'k')
		return false;
	tok.end -= 2;
	return !mml_parse_u64(tok, ret_kb);
}

static uint32_t letters(struct mml_span tok)
{
	uint32_t ret = 0;

	for (const char *p = tok.p; p < tok.end; p++)
		if (*p >= 'A' && *p <= 'Z')
			ret |= UINT32_C(1) << (*p - 'A');
	return ret;
}

/* Node 0 DMA: 0*4kB 1*8kB (U) ... 3*4096kB (M) = 15232kB; letters since 3.9; "Normal: empty"
 * in 2.6. */
int mml_oom_parse_buddy(struct mml_oom_build *b, struct mml_oom_stream *s, struct mml_oom_report *r,
			const struct mml_oom_logical *l)
{
	struct mml_span rest = mml_oom_logical_text(l), tok;
	struct mml_oom_zone *zone = NULL;
	struct mml_oom_buddy *buddy;
	uint64_t n, kb, first = 0;
	int rc;

	if (!r)
		return 0;
	rc = zone_of(b, s, r, l, &rest, &zone);
	if (rc || !zone || zone->buddy.line)
		return rc;
	buddy = &zone->buddy;
	buddy->line = l->seg->line;
	while (mml_next_token(&rest, &tok)) {
		if (blocks(tok, &n, &kb)) {
			first = first ? first : kb;
			/* Each size is twice the one before: what is not was put together wrongly.
			 */
			if (buddy->orders == MML_OOM_MAX_ORDERS || kb != first << buddy->orders)
				break;
			buddy->count[buddy->orders++] =
				(struct mml_oom_value){ n, mml_oom_logical_line(l, tok.p) };
		} else if (*tok.p == '(' && tok.end[-1] == ')' && buddy->orders) {
			buddy->types[buddy->orders - 1] = letters(tok);
		} else if (mml_span_eq(tok, "=")) {
			buddy->total = mml_oom_number_after(l, (struct mml_span){ tok.p, rest.end },
							    "= ", "kB");
			break;
		}
	}
	if (first && first <= 1024 && !(first & (first - 1)) && !mml_oom_has(r->page_size))
		r->page_size = (struct mml_oom_value){ first * 1024, buddy->line };
	r->complete |= MML_OOM_BUDDY;
	return 0;
}

/* Node 0 hugepages_total=75 hugepages_free=75 hugepages_surp=0 hugepages_size=2048kB; since 3.11.
 */
int mml_oom_parse_hugepages(struct mml_oom_build *b, struct mml_oom_stream *s,
			    struct mml_oom_report *r, const struct mml_oom_logical *l)
{
	struct mml_span text = mml_oom_logical_text(l);
	struct mml_oom_hugepages h = { .line = l->seg->line };
	struct mml_oom_hugepages *ret;
	uint64_t node;

	(void)s;
	h.total = mml_oom_number_after(l, text, "hugepages_total=", " ");
	h.free = mml_oom_number_after(l, text, "hugepages_free=", " ");
	h.surplus = mml_oom_number_after(l, text, "hugepages_surp=", " ");
	h.size = mml_oom_number_after(l, text, "hugepages_size=", "kB");
	if (!r || !take_node(&text, &node) || !mml_oom_has(h.total) || !mml_oom_has(h.size))
		return 0;
	h.node = (struct mml_oom_value){ node, h.line };
	for (ret = r->hugepages; ret; ret = ret->next)
		if (ret->node.n == node && ret->size.n == h.size.n)
			return 0;
	if (h.size.n & (h.size.n - 1))
		return 0;
	ret = mml_arena_alloc(b->arena, sizeof(*ret));
	if (!ret)
		return -ENOMEM;
	*ret = h;
	*r->last_hugepages = ret;
	r->last_hugepages = &ret->next;
	return 0;
}

/* 163710 pages RAM and its likes; 2.6: 131052 pages of RAM, 2358 reserved pages. */
int mml_oom_parse_single(struct mml_oom_build *b, struct mml_oom_stream *s,
			 struct mml_oom_report *r, const struct mml_oom_logical *l)
{
	struct mml_span rest = mml_oom_logical_text(l), tok;
	struct mml_oom_value v = { 0, l->seg->line };

	(void)b;
	(void)s;
	if (!r || !mml_next_token(&rest, &tok) || mml_parse_u64(tok, &v.n))
		return 0;
	rest = mml_span_trim(rest);
	if (mml_span_eq(rest, "pages RAM") || mml_span_eq(rest, "pages of RAM")) {
		set(&r->ram, v.n, v.line);
		r->complete |= MML_OOM_RAM;
	} else if (mml_span_eq(rest, "pages reserved") || mml_span_eq(rest, "reserved pages")) {
		set(&r->reserved, v.n, v.line);
	} else if (mml_span_eq(rest, "pages HighMem/MovableOnly") ||
		   mml_span_eq(rest, "pages of HIGHMEM")) {
		set(&r->highmem, v.n, v.line);
	} else if (mml_span_eq(rest, "pages cma reserved")) {
		set(&r->cma, v.n, v.line);
	} else if (mml_span_eq(rest, "pages hwpoisoned")) {
		set(&r->hwpoisoned, v.n, v.line);
	} else if (mml_span_eq(rest, "total pagecache pages")) {
		set(&r->pagecache, v.n, v.line);
	} else if (mml_span_eq(rest, "pages in swap cache") ||
		   mml_span_eq(rest, "pages swap cached")) {
		set(&r->swapcache, v.n, v.line);
	}
	return 0;
}

/* Free swap  = 0kB, Total swap = 65532kB */
int mml_oom_parse_swap(struct mml_oom_build *b, struct mml_oom_stream *s, struct mml_oom_report *r,
		       const struct mml_oom_logical *l)
{
	struct mml_span text = mml_oom_logical_text(l);
	struct mml_oom_value v = mml_oom_number_after(l, text, "= ", "kB");

	(void)b;
	(void)s;
	if (!r || !mml_oom_has(v))
		return 0;
	set(mml_span_starts(text, "Free") ? &r->swap_free : &r->swap_total, v.n, v.line);
	r->complete |= MML_OOM_SWAP;
	return 0;
}

/* vm_area_struct        289432KB     289432KB, under "Unreclaimable slab info:", since 4.15. */
int mml_oom_parse_slab(struct mml_oom_build *b, struct mml_oom_stream *s, struct mml_oom_report *r,
		       const struct mml_oom_logical *l)
{
	struct mml_span text = mml_oom_logical_text(l), name = text, n;
	struct mml_oom_slab *slab;
	uint64_t kb[2];

	(void)s;
	if (!r)
		return 0;
	for (int i = 1; i >= 0; i--) {
		n.end = name.end;
		while (name.end > name.p && name.end[-1] != ' ')
			name.end--;
		n.p = name.end;
		if (mml_span_len(n) < 3 || memcmp(n.end - 2, "KB", 2))
			return 0;
		n.end -= 2;
		if (mml_parse_u64(n, &kb[i]))
			return 0;
		name = mml_span_trim(name);
	}
	slab = mml_arena_alloc(b->arena, sizeof(*slab));
	if (!slab)
		return -ENOMEM;
	slab->line = l->seg->line;
	slab->used = kb[0];
	slab->total = kb[1];
	slab->name = mml_oom_text(b, name);
	*r->last_slab = slab;
	r->last_slab = &slab->next;
	return slab->name ? 0 : -ENOMEM;
}

/* "88.6" and "MiB": bytes, as near as the kernel printed them. */
static bool tag_bytes(struct mml_span number, struct mml_span unit, uint64_t *ret)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	struct mml_span whole;
	uint64_t n, part = 0, scale = 1, shift = 0;

	while (shift < 5 && !mml_span_eq(unit, units[shift]))
		shift++;
	mml_next_field(&number, '.', &whole);
	if (shift == 5 || mml_parse_u64(whole, &n) || n > 1 << 20)
		return false;
	if (mml_span_len(number) && (mml_span_len(number) > 3 || mml_parse_u64(number, &part)))
		return false;
	for (size_t i = 0; i < mml_span_len(number); i++)
		scale *= 10;
	*ret = (n << 10 * shift) + (part << 10 * shift) / scale;
	return true;
}

/*      88.6 MiB     7937 mm/slub.c:2423 func:alloc_slab_page, a [module] before func:; since 6.10.
 */
int mml_oom_parse_tag(struct mml_oom_build *b, struct mml_oom_stream *s, struct mml_oom_report *r,
		      const struct mml_oom_logical *l)
{
	struct mml_span rest = mml_oom_logical_text(l), n, unit, calls, place, file, part;
	struct mml_oom_tag tag = { .line = l->seg->line, .rounded = true };
	struct mml_oom_tag *ret;

	(void)s;
	if (!r || !mml_next_token(&rest, &n) || !mml_next_token(&rest, &unit))
		return 0;
	if (*unit.p >= '0' && *unit.p <= '9') { /* 6.10-rc: bytes without a unit */
		calls = unit;
		tag.rounded = false;
		if (mml_parse_u64(n, &tag.bytes))
			return 0;
	} else if (!mml_next_token(&rest, &calls) || !tag_bytes(n, unit, &tag.bytes)) {
		return 0;
	}
	if (mml_parse_u64(calls, &tag.calls) || !mml_next_token(&rest, &place))
		return 0;
	mml_next_field(&place, ':', &file);
	mml_parse_u64(place, &tag.file_line);
	ret = mml_arena_alloc(b->arena, sizeof(*ret));
	if (!ret)
		return -ENOMEM;
	tag.file = mml_oom_text(b, file);
	if (mml_oom_between(rest, "[", "]", &part) && !(tag.module = mml_oom_text(b, part)))
		return -ENOMEM;
	if (!mml_oom_between(rest, "func:", NULL, &part) || l->cut || !tag.file)
		return tag.file ? 0 : -ENOMEM;
	tag.function = mml_oom_text(b, part);
	*ret = tag;
	*r->last_tag = ret;
	r->last_tag = &ret->next;
	return tag.function ? 0 : -ENOMEM;
}
