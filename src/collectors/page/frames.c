/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "frames.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/*
 * This bit has three meanings. An anonymous page with it need not be copied before its process
 * writes to it (since 5.19). Of other pages it says that their blocks are mapped, and since 6.12
 * whatever their file system makes of it.
 */
static const char *owner_2(const struct mml_host *host, uint64_t flags)
{
	int renamed = mml_host_since(host, 6, 12);

	if (flags & KPF_ANON)
		return "anon-exclusive";
	return renamed < 0 ? "mappedtodisk/owner-2" : renamed ? "owner-2" : "mappedtodisk";
}

const char *mml_frame_words(struct mml_intern *strings, const struct mml_host *host, uint64_t flags)
{
	static const struct {
		unsigned bit;
		const char *word;
	} words[] = {
#define KPF(bit, word) { bit, word },
#include "kpf.def"
#undef KPF
	};
	struct mml_buf text = { 0 };
	uint64_t left = flags;
	const char *ret;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		uint64_t bit = UINT64_C(1) << words[i].bit;

		if (!(left & bit))
			continue;
		left &= ~bit;
		mml_buf_printf(&text, "%s%s", text.len ? " " : "",
			       bit == KPF_OWNER_2 ? owner_2(host, flags) : words[i].word);
	}
	/* Bits that this program does not know are shown by their numbers. */
	for (unsigned bit = 0; bit < 64; bit++)
		if (left >> bit & 1)
			mml_buf_printf(&text, "%sbit-%u", text.len ? " " : "", bit);
	ret = mml_intern(strings, (struct mml_span){ text.data, text.data + text.len });
	mml_buf_free(&text);
	return ret;
}

int mml_frames_open(struct mml_take *take, struct mml_frames *ret, struct mml_absence *ret_why)
{
	static const char path[] = "/proc/zoneinfo", sys[] = "/sys/devices/system/memory";
	struct mml_span text, line;
	uint64_t bytes;
	int rc;

	*ret = (struct mml_frames){ .take = take };
	rc = mml_take_file(take, NULL, path, &text);
	if (!rc)
		rc = mml_zoneinfo_parse(take->arena, text, NULL, &ret->zones);
	if (rc)
		*ret_why = mml_absence_of(take->arena, take->root, NULL, path, rc);
	/* block_size_bytes is hexadecimal without 0x. */
	if (!mml_take_filef(take, &text, "%s/block_size_bytes", sys) &&
	    mml_next_line(&text, &line) && !mml_parse_hex(mml_span_trim(line), &bytes))
		ret->block_pages = bytes / take->host->page_size;
	return rc;
}

/* Returns the number of a memory block, such as 32 for the name "memory32", or UINT64_MAX for other
 * names. */
static uint64_t block_number(const char *name)
{
	uint64_t n;

	if (strncmp(name, "memory", 6) || mml_parse_u64(mml_span_str(name + 6), &n) || n >> 24)
		return UINT64_MAX;
	return n;
}

/* Stands for a block that several nodes list: it has frames of each of them, and nothing tells
 * which. */
static const unsigned several = UINT_MAX;

static void add_node_blocks(struct mml_frames *f, unsigned node, bool count)
{
	char dir[64];
	const char *const *names;

	snprintf(dir, sizeof(dir), "/sys/devices/system/node/node%u", node);
	names = mml_take_names(f->take, dir);
	for (size_t i = 0; names && names[i]; i++) {
		uint64_t n = block_number(names[i]);

		if (n == UINT64_MAX)
			continue;
		if (count)
			f->nblocks = n + 1 > f->nblocks ? n + 1 : f->nblocks;
		else if (n < f->nblocks)
			f->block_nodes[n] = f->block_nodes[n] && f->block_nodes[n] != node + 1 ?
						    several :
						    node + 1;
	}
}

/* Finds out which node each memory block is on. That is needed only if zones overlap. */
static void read_blocks(struct mml_frames *f)
{
	f->blocks_read = true;
	for (int count = 1; count >= 0; count--) {
		uint64_t last = UINT64_MAX;

		for (size_t i = 0; i < f->zones.n; i++)
			if (f->zones.zones[i].node != last) {
				last = f->zones.zones[i].node;
				add_node_blocks(f, (unsigned)last, count);
			}
		if (count && f->nblocks)
			f->block_nodes = mml_arena_alloc(f->take->arena,
							 f->nblocks * sizeof(*f->block_nodes));
		if (!f->block_nodes)
			return;
	}
}

/* Narrows PLACE to the memory block of PFN. Returns the number of its node + 1, or 0 if that is not
 * known. */
static unsigned block_node(struct mml_frames *f, struct mml_frame_place *place, uint64_t pfn)
{
	uint64_t block;

	if (!f->block_pages)
		return 0;
	if (!f->blocks_read)
		read_blocks(f);
	block = pfn / f->block_pages;
	if (place->from < block * f->block_pages)
		place->from = block * f->block_pages;
	if (place->end > (block + 1) * f->block_pages)
		place->end = (block + 1) * f->block_pages;
	if (!f->block_nodes || block >= f->nblocks || f->block_nodes[block] == several)
		return 0;
	return f->block_nodes[block];
}

/* The valid_zones of an online block names the zone it is in. */
static const char *block_zone(struct mml_frames *f, uint64_t pfn)
{
	struct mml_span text, line, zone;

	if (!f->block_pages ||
	    mml_take_filef(f->take, &text, "/sys/devices/system/memory/memory%llu/valid_zones",
			   (unsigned long long)(pfn / f->block_pages)) ||
	    !mml_next_line(&text, &line) || !mml_next_token(&line, &zone) ||
	    mml_span_eq(zone, "none"))
		return NULL;
	return mml_arena_strndup(f->take->arena, zone.p, mml_span_len(zone));
}

static bool zone_has(const struct mml_zone *z, struct mml_frame_place *place, uint64_t pfn)
{
	const unsigned both = 1U << MML_ZONE_START_PFN | 1U << MML_ZONE_SPANNED;
	uint64_t start = z->field[MML_ZONE_START_PFN], end = start + z->field[MML_ZONE_SPANNED];

	if ((z->has & both) != both || start >= end)
		return false;
	if (pfn >= start && pfn < end) {
		place->from = start > place->from ? start : place->from;
		place->end = end < place->end ? end : place->end;
		return true;
	}
	if (end <= pfn && end > place->from)
		place->from = end;
	if (start > pfn && start < place->end)
		place->end = start;
	return false;
}

struct mml_frame_place mml_frames_place(struct mml_frames *f, uint64_t pfn)
{
	struct mml_frame_place place = { .end = UINT64_MAX };
	const struct mml_zone *found = NULL, *on_node = NULL;
	size_t found_n = 0, on_node_n = 0;
	bool one_node = true;
	unsigned node = 0;

	for (size_t i = 0; i < f->zones.n; i++)
		if (zone_has(&f->zones.zones[i], &place, pfn)) {
			one_node &= !found || found->node == f->zones.zones[i].node;
			found = &f->zones.zones[i];
			found_n++;
		}
	if (!found)
		return place;
	if (found_n == 1) {
		place.has_node = true;
		place.node = found->node;
		place.zone = found->name;
		return place;
	}
	/* The spans of nodes may interleave, and so may those of zones Movable and Normal. */
	node = block_node(f, &place, pfn);
	if (!node && one_node)
		node = (unsigned)found->node + 1;
	for (size_t i = 0; i < f->zones.n; i++) {
		struct mml_frame_place ignored = place;

		if (!zone_has(&f->zones.zones[i], &ignored, pfn))
			continue;
		if (f->zones.zones[i].node + 1 == node) {
			on_node = &f->zones.zones[i];
			on_node_n++;
		}
	}
	place.has_node = node;
	place.node = node ? node - 1 : 0;
	place.zone = on_node_n == 1 ? on_node->name : block_zone(f, pfn);
	return place;
}
