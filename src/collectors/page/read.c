/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/module.h"
#include "../../core/thread.h"
#include "../../core/trouble.h"
#include "../../numa/numa.h"

static const char kpageflags[] = "/proc/kpageflags", kpagecount[] = "/proc/kpagecount";

static void hidden(struct pages *p, unsigned reads)
{
	mml_table_why_needs(p->table, reads, "frame numbers are hidden from this user",
			    "CAP_SYS_ADMIN");
}

/* In a tree it is KEEP that could not be read. */
static struct mml_absence absence_of(struct pages *p, const char *path, const char *keep, int rc)
{
	if (!mml_root_live(p->take->root) && rc != -ENOENT)
		path = keep;
	return mml_absence_of(p->take->arena, p->take->root, mml_collector_pages.sources, path, rc);
}

/* Opens PATH if the columns take a read in NEED. If that fails, the columns that take a read in
 * ABSENT get the reason. */
static void open_frames(struct pages *p, const char *path, const char *keep, unsigned need,
			unsigned absent, struct mml_words **ret)
{
	int rc;

	if (!(p->needs & need))
		return;
	rc = mml_words_open(p->take->root, path, keep, ret);
	if (rc) {
		struct mml_absence why = absence_of(p, path, keep, rc);

		/* States and runs of pages would be others than they are. */
		if (rc != -ENOENT && rc != -EACCES && rc != -EPERM)
			mml_table_fail(p->table, rc, why.needs, "%s", why.reason);
		mml_table_why_needs(p->table, absent, why.reason, why.needs);
	}
}

static int out_of_memory(struct pages *p)
{
	return mml_table_fail(p->table, -ENOMEM, NULL, "out of memory");
}

static int open_pagemap(struct pages *p)
{
	const char *path = mml_arena_printf(p->take->arena, "/proc/%d/pagemap", (int)p->mm.pid);
	const char *keep = mml_arena_printf(p->take->arena, "/mmlens/words/%d", (int)p->mm.pid);
	struct mml_absence why;
	int rc;

	if (!path || !keep)
		return out_of_memory(p);
	rc = mml_words_open(p->take->root, path, keep, &p->pagemap);
	if (!rc)
		return 0;
	/* A process without an address space has no pagemap to open. That is not a failure. */
	if (rc == -ESRCH && mml_mm_why_empty(&p->mm))
		return -ESRCH;
	why = absence_of(p, path, keep, rc);
	if (rc == -ESRCH)
		return mml_table_fail(p->table, rc, NULL, "process %d ended while it was read",
				      (int)p->mm.pid);
	return mml_table_fail(p->table, rc, why.needs, "%s", why.reason);
}

int mml_pages_open(struct pages *p)
{
	struct mml_absence why;
	int rc = open_pagemap(p);

	if (rc)
		return rc;
	p->scan = true;
	mml_behind_begin(&p->behind, p->take, p->mm.pid);
	p->pm = mml_malloc(PAGES_AT_ONCE * sizeof(*p->pm));
	p->kf = mml_malloc(PAGES_AT_ONCE * sizeof(*p->kf));
	p->kc = mml_malloc(PAGES_AT_ONCE * sizeof(*p->kc));
	if (!p->pm || !p->kf || !p->kc)
		return out_of_memory(p);
	open_frames(p, kpageflags, "/mmlens/words/kpageflags", NEEDS_FLAGS | NEEDS_SIZE | NEEDS_STATE,
		    NEEDS_FLAGS | NEEDS_SIZE, &p->flags);
	open_frames(p, kpagecount, "/mmlens/words/kpagecount", NEEDS_COUNT, NEEDS_COUNT,
		    &p->counts);
	if (p->needs & NEEDS_NODE && mml_frames_open(p->take, &p->frames, &why))
		mml_table_why_needs(p->table, NEEDS_NODE, why.reason, why.needs);
	if (p->needs & NEEDS_REFS)
		mml_table_why_needs(p->table, NEEDS_REFS, "no file tells how often a frame is referenced",
				    "a debugger that reads struct page in /proc/kcore");
	if (p->needs & NEEDS_SOFT) {
		p->soft_dirty = mml_pages_soft_dirty(p->take);
		if (!p->soft_dirty)
			mml_table_why_needs(p->table, NEEDS_SOFT,
					    "this kernel keeps no soft-dirty bits",
					    "a kernel with CONFIG_MEM_SOFT_DIRTY");
	}
	return 0;
}

void mml_pages_close(struct pages *p)
{
	if (p->pagemap)
		mml_behind_end(&p->behind);
	mml_words_close(p->pagemap);
	mml_words_close(p->flags);
	mml_words_close(p->counts);
	mml_words_close(p->nodes);
	p->pagemap = p->flags = p->counts = p->nodes = NULL;
	free(p->pm);
	free(p->kf);
	free(p->kc);
	free(p->on);
	p->pm = p->kf = p->kc = NULL;
	p->on = NULL;
}

static uint64_t pfn_of(uint64_t pm)
{
	return pm & PM_PRESENT ? pm & PM_PFN : 0;
}

static void reverse(uint64_t *words, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		uint64_t w = words[i];

		words[i] = words[n - 1 - i];
		words[n - 1 - i] = w;
	}
}

/* Reads the words of N frames that follow PFN, upwards or downwards. What cannot be read becomes
 * WORD_NONE. */
static void read_run(struct mml_words *words, uint64_t pfn, size_t n, bool down, uint64_t *ret)
{
	ssize_t got = words ? mml_words_read(words, down ? pfn - (n - 1) : pfn, n, ret) : 0;

	for (size_t i = got < 0 ? 0 : (size_t)got; i < n; i++)
		ret[i] = WORD_NONE;
	if (down)
		reverse(ret, n);
}

/* The pages from FROM up to, but not including, END, of those that were read. */
struct part {
	struct pages *p;
	size_t from, end;
};

/* Returns how many pages from I on have successive frames. The allocator hands out memory upwards
 * or downwards, so both count. Each such run takes one read. */
static size_t frame_run(const struct part *part, size_t i, bool *ret_down)
{
	const uint64_t *pm = part->p->pm;
	uint64_t pfn = pfn_of(pm[i]);
	size_t n = 1;

	*ret_down = i + 1 < part->end && pfn_of(pm[i + 1]) == pfn - 1 && pfn > 1;
	if (*ret_down)
		while (i + n < part->end && n < pfn && pfn_of(pm[i + n]) == pfn - n)
			n++;
	else
		while (i + n < part->end && pfn_of(pm[i + n]) == pfn + n)
			n++;
	return n;
}

static void *read_part(void *arg)
{
	const struct part *part = arg;
	struct pages *p = part->p;

	for (size_t i = part->from, n; i < part->end; i += n) {
		uint64_t pfn = pfn_of(p->pm[i]);
		bool down;

		n = 1;
		if (!pfn) {
			p->kf[i] = p->kc[i] = WORD_NONE;
		} else if (i > part->from && pfn == pfn_of(p->pm[i - 1])) {
			/* It is the zero page, again and again. */
			p->kf[i] = p->kf[i - 1];
			p->kc[i] = p->kc[i - 1];
		} else {
			n = frame_run(part, i, &down);
			read_run(p->flags, pfn, n, down, p->kf + i);
			read_run(p->counts, pfn, n, down, p->kc + i);
		}
	}
	return NULL;
}

/* The kernel takes long over many frames, so that two threads ask it for one half each. A capture
 * does not, because it must keep the words in their order. */
static void read_frames(struct pages *p)
{
	enum { MANY = 4096 };
	bool two = p->n >= MANY && (p->flags || p->counts) && !mml_root_saves(p->take->root);
	struct part lower = { p, 0, two ? p->n / 2 : p->n }, upper = { p, p->n / 2, p->n };

	if (two)
		mml_both(read_part, &lower, &upper);
	else
		read_part(&lower);
}

/* Even if frame numbers are hidden, the kernel says which node a page is on, if asked for each
 * page. */
static int ask_nodes(struct pages *p, const uint64_t *addresses, size_t n, int *ret)
{
	const struct mml_module_numa *numa;
	struct mml_absence why = { "the kernel does not tell", NULL };
	int rc = -ENOSYS;

	if (mml_root_live(p->take->root)) {
		numa = mml_module("numa", &why);
		if (numa)
			rc = numa->where(p->mm.pid, addresses, n, ret);
	}
	if (rc)
		mml_table_why(p->table, PAGES_node,
			      rc == -EPERM ? "move_pages() is refused" : why.reason,
			      rc == -EPERM ? "CAP_SYS_NICE, or CAP_SYS_ADMIN" : why.needs);
	return rc;
}

/* In a capture, the nodes are kept as words like those of pagemap. */
static bool kept_nodes(struct pages *p)
{
	const char *keep = mml_arena_printf(p->take->arena, "/mmlens/words/%d.nodes",
					    (int)p->mm.pid);

	if (!p->nodes && keep && mml_words_open(p->take->root, NULL, keep, &p->nodes))
		p->nodes = NULL;
	return !mml_root_live(p->take->root);
}

static void read_nodes(struct pages *p)
{
	enum { BATCH = 1024 };
	uint64_t at[BATCH], words[BATCH];
	int on[BATCH];
	bool kept = kept_nodes(p);

	if (!p->on)
		p->on = mml_malloc(PAGES_AT_ONCE * sizeof(*p->on));
	for (size_t i = 0; p->on && i < p->n; i += BATCH) {
		size_t n = p->n - i < BATCH ? p->n - i : BATCH;
		bool good;

		for (size_t k = 0; k < n; k++)
			at[k] = (p->first + i + k) * p->page_size;
		if (kept)
			good = p->nodes &&
			       mml_words_read(p->nodes, p->first + i, n, words) == (ssize_t)n;
		else
			good = !ask_nodes(p, at, n, on);
		for (size_t k = 0; k < n; k++) {
			int node = !good ? -1 : kept ? (int)(int64_t)words[k] : on[k];

			p->on[i + k] = node;
			words[k] = (uint64_t)(int64_t)node;
		}
		if (!kept && good && p->nodes)
			mml_words_put(p->nodes, p->first + i, n, words);
	}
}

void mml_pages_frames(struct pages *p)
{
	size_t i = 0;

	while (i < p->n && !(p->pm[i] & PM_PRESENT))
		i++;
	if (i < p->n && p->pfns && !(p->pm[i] & PM_PFN)) {
		p->pfns = false;
		mml_table_why(p->table, PAGES_pfn, "frame numbers are hidden from this user",
			      "CAP_SYS_ADMIN");
		mml_table_why(p->table, PAGES_zone, "frame numbers are hidden from this user",
			      "CAP_SYS_ADMIN");
		hidden(p, NEEDS_FLAGS | NEEDS_SIZE | NEEDS_COUNT);
	}
	read_frames(p);
	if (i < p->n && !p->pfns && p->needs & NEEDS_NODE)
		read_nodes(p);
}

static uint64_t flags_of(struct pages *p, uint64_t pfn)
{
	uint64_t kf;

	return mml_words_read(p->flags, pfn, 1, &kf) == 1 ? kf : 0;
}

/*
 * A compound page has 2^n pages and begins at a frame number that is a multiple of that. Its head
 * is therefore found by clearing low bits of a tail's number until a frame has the head flag. Its
 * end is the first of head + 1, head + 2, head + 4 ... that lacks the tail flag.
 */
uint64_t mml_pages_compound(struct pages *p, uint64_t pfn, uint64_t kf, uint64_t *ret_flags)
{
	enum { MOST = 24 }; /* 2^24 pages are 64 GiB, more than any known huge page */
	uint64_t head = pfn;
	unsigned order = 0;

	if (p->head_pages && pfn >= p->head && pfn < p->head + p->head_pages) {
		*ret_flags = p->head_flags;
		return p->head_pages;
	}
	for (unsigned k = 1; !(kf & KPF_HEAD) && k <= MOST; k++) {
		head = pfn & ~((UINT64_C(1) << k) - 1);
		kf = flags_of(p, head);
	}
	*ret_flags = kf & ~KPF_TAIL;
	if (!(kf & KPF_HEAD))
		return 0;
	while (order < MOST && flags_of(p, head + (UINT64_C(1) << order)) & KPF_TAIL)
		order++;
	p->head = head;
	p->head_pages = UINT64_C(1) << order;
	p->head_flags = *ret_flags;
	return p->head_pages;
}
