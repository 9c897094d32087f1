/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nodes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../page/frames.h"
#include "../page/pagemap.h"
#include "../../core/trouble.h"

enum {
	BLOCK = 64,         /* frames whose flags are read and kept together */
	SLOTS = 512,        /* blocks kept */
	MOST_REGIONS = 256,
	MOST_READS = 40,    /* of current flags, each of which is a read of its own */
	HOLE = 64,          /* entries that are read for nothing rather than beginning another read */
	AT_ONCE = 2048,     /* entries that are read at once */
};

struct block {
	uint64_t tag;            /* its number + 1; 0: none */
	uint64_t reserved, none; /* a bit for each frame */
};

struct mml_node_counter {
	const struct mml_node_frames *frames;
	struct block blocks[SLOTS];
	struct page_region regions[MOST_REGIONS];
	uint64_t entries[AT_ONCE], flags[AT_ONCE];
	unsigned reads; /* of flags, for the current process */
};

struct mml_node_counter *mml_node_counter_new(const struct mml_node_frames *frames)
{
	struct mml_node_counter *c = mml_malloc(sizeof(*c));

	if (!c)
		return NULL;
	c->frames = frames;
	memset(c->blocks, 0, sizeof(c->blocks));
	return c;
}

void mml_node_counter_free(struct mml_node_counter *counter)
{
	free(counter);
}

/*
 * The same rule as in can_gather_numa_stats() (fs/proc/task_mmu.c): the kernel must manage the page
 * (vm_normal_page()), it must not be reserved, and its node must have memory. pagemap sets bit 61
 * for pages of files and bit 56 for pages that are mapped once, both only if the kernel manages the
 * page. With neither bit set, it is an anonymous page that is mapped several times, a frame of a
 * driver, or a zero page.
 */
enum mml_node_flags mml_node_flags_for(uint64_t entry)
{
	if (!(entry & PM_PRESENT))
		return MML_FLAGS_NONE;
	if (entry & PM_FILE)
		return MML_FLAGS_STEADY; /* the vDSO is part of the kernel's image, which is reserved */
	return entry & PM_EXCLUSIVE ? MML_FLAGS_NONE : MML_FLAGS_NOW;
}

static const struct mml_node_range *find_range(const struct mml_node_frames *frames, uint64_t pfn)
{
	size_t low = 0, high = frames->n - 1;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (pfn < frames->ranges[mid].end)
			high = mid;
		else
			low = mid + 1;
	}
	return &frames->ranges[low];
}

static bool counts(enum mml_node_flags which, uint64_t flags)
{
	if (which == MML_FLAGS_NONE)
		return true;
	if (flags & (KPF_RESERVED | KPF_ZERO))
		return false;
	return which == MML_FLAGS_STEADY || flags & KPF_ANON;
}

int mml_node_entries_sum(const struct mml_node_frames *frames, const uint64_t *entries,
			 const uint64_t *flags, size_t n, struct mml_node_bytes *ret)
{
	const struct mml_node_range *range = NULL;
	uint64_t from = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t pfn = entries[i] & PM_PFN;
		enum mml_node_flags which = mml_node_flags_for(entries[i]);

		if (!(entries[i] & PM_PRESENT))
			continue;
		if (!pfn || (which != MML_FLAGS_NONE && flags[i] & KPF_NOPAGE))
			return -EAGAIN;
		if (!counts(which, flags[i]))
			continue;
		if (!range || pfn < from || pfn >= range->end) {
			range = find_range(frames, pfn);
			from = range == frames->ranges ? 0 : range[-1].end;
		}
		if (range->node < 0 || range->node >= MML_MAX_NODES)
			return -EAGAIN;
		ret->bytes[range->node] += frames->page_size;
		if ((unsigned)range->node >= ret->limit)
			ret->limit = (unsigned)range->node + 1;
	}
	return 0;
}

/* A frame that cannot be read counts as having no page. */
static void read_flags(int fd, uint64_t pfn, size_t n, uint64_t *ret)
{
	ssize_t got = pread(fd, ret, n * sizeof(*ret), (off_t)(pfn * sizeof(*ret)));

	for (size_t i = got < 0 ? 0 : (size_t)got / sizeof(*ret); i < n; i++)
		ret[i] = KPF_NOPAGE;
}

static const struct block *find_block(struct mml_node_counter *c, uint64_t number)
{
	struct block *block = &c->blocks[number % SLOTS];
	uint64_t flags[BLOCK];

	if (block->tag == number + 1)
		return block;
	read_flags(c->frames->flags_fd, number * BLOCK, BLOCK, flags);
	*block = (struct block){ .tag = number + 1 };
	for (unsigned i = 0; i < BLOCK; i++) {
		block->reserved |= (uint64_t)!!(flags[i] & (KPF_RESERVED | KPF_ZERO)) << i;
		block->none |= (uint64_t)!!(flags[i] & KPF_NOPAGE) << i;
	}
	return block;
}

static uint64_t steady_flags(struct mml_node_counter *c, uint64_t pfn)
{
	const struct block *block = find_block(c, pfn / BLOCK);

	return (block->reserved >> pfn % BLOCK & 1 ? KPF_RESERVED : 0) |
	       (block->none >> pfn % BLOCK & 1 ? KPF_NOPAGE : 0);
}

/* Returns how many entries from I on take current flags and have successive frames. */
static size_t frame_run(const uint64_t *entries, size_t i, size_t end)
{
	uint64_t pfn = entries[i] & PM_PFN;
	size_t n = 1;

	while (i + n < end && mml_node_flags_for(entries[i + n]) == MML_FLAGS_NOW &&
	       (entries[i + n] & PM_PFN) == pfn + n)
		n++;
	return n;
}

static int find_flags(struct mml_node_counter *c, size_t from, size_t end)
{
	for (size_t i = from, n; i < end; i += n) {
		n = 1;
		switch (mml_node_flags_for(c->entries[i])) {
		case MML_FLAGS_NONE:
			c->flags[i] = 0;
			break;
		case MML_FLAGS_STEADY:
			c->flags[i] = steady_flags(c, c->entries[i] & PM_PFN);
			break;
		case MML_FLAGS_NOW:
			if (c->reads++ == MOST_READS)
				return -EAGAIN;
			n = frame_run(c->entries, i, end);
			read_flags(c->frames->flags_fd, c->entries[i] & PM_PFN, n, c->flags + i);
			break;
		}
	}
	return 0;
}

/* Returns the end of the regions from I on that are read at once, with small holes between them. */
static size_t regions_together(const struct mml_node_counter *c, size_t i, size_t n)
{
	const struct page_region *r = c->regions;
	uint64_t page = c->frames->page_size;
	size_t end = i + 1;

	while (end < n && r[end].start - r[end - 1].end <= HOLE * page &&
	       r[end].end - r[i].start <= AT_ONCE * page)
		end++;
	return end;
}

/* Only pages inside the regions are counted, since there may be zero pages between them. */
static int sum_regions(struct mml_node_counter *c, int fd, size_t i, size_t end,
		       struct mml_node_bytes *ret)
{
	const struct page_region *r = c->regions;
	uint64_t page = c->frames->page_size, first = r[i].start / page;
	size_t n = r[end - 1].end / page - first;
	int rc = 0;

	if (n > AT_ONCE ||
	    pread(fd, c->entries, n * sizeof(*c->entries), (off_t)(first * sizeof(*c->entries))) !=
		    (ssize_t)(n * sizeof(*c->entries)))
		return -EAGAIN;
	for (; i < end && !rc; i++) {
		size_t a = r[i].start / page - first, b = r[i].end / page - first;

		rc = find_flags(c, a, b);
		if (!rc)
			rc = mml_node_entries_sum(c->frames, c->entries + a, c->flags + a, b - a,
						  ret);
	}
	return rc;
}

int mml_node_counter_sum(struct mml_node_counter *c, int fd, struct mml_node_bytes *ret)
{
	struct pm_scan_arg arg = {
		.size = sizeof(arg),
		.end = c->frames->end,
		.vec = (uint64_t)(uintptr_t)c->regions,
		.vec_len = MOST_REGIONS,
		.max_pages = MML_NODE_PAGES + 1,
		.category_inverted = IS_PFNZERO,
		.category_mask = IS_PRESENT | IS_PFNZERO,
		.return_mask = IS_PRESENT,
	};
	int n, rc = 0;

	c->reads = 0;
	/* Before 6.16, the kernel does not check in a scan whether there was an address space when
	 * the file was opened, and must not be asked to scan without one. Reading the file shows
	 * whether there is one. */
	if (!c->frames->refuses &&
	    pread(fd, c->entries, sizeof(*c->entries), 0) != sizeof(*c->entries))
		return -EAGAIN;
	n = pagemap_scan(fd, &arg);
	/* If the process has ended, there is nothing left to count. */
	if (n <= 0 || arg.walk_end != arg.end)
		return -EAGAIN;
	for (size_t i = 0, end; i < (size_t)n && !rc; i = end) {
		end = regions_together(c, i, (size_t)n);
		rc = sum_regions(c, fd, i, end, ret);
	}
	return rc;
}
