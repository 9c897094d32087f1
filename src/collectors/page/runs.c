/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages.h"

#include <errno.h>
#include <string.h>

/* The smallest number of base pages that an entry one level up maps on any architecture: 1 MiB on
 * s390. */
enum { SMALLEST_PMD = 256 };

/* How many pages are read at first, where there may be none. */
enum { PAGES_AT_FIRST = 512 };

/* The same flags come up row after row. */
static const char *words_of(struct pages *p, uint64_t flags)
{
	size_t slot = (size_t)(flags * UINT64_C(0x9e3779b97f4a7c15) >> 60);

	if (!p->met[slot].words || p->met[slot].flags != flags) {
		p->met[slot].words = mml_frame_words(&p->strings, p->take->host, flags);
		p->met[slot].flags = flags;
	}
	return p->met[slot].words;
}

static void set_frame(struct pages *p, struct mml_row *row, const struct page_run *run)
{
	if (run->pm & PM_PFN) {
		mml_set_u64(row, PAGES_pfn, run->pm & PM_PFN);
		mml_set_bool(row, PAGES_contiguous, run->contiguous);
	}
	if (run->kf != WORD_NONE && p->needs & NEEDS_FLAGS) {
		mml_set_str(row, PAGES_flags, words_of(p, run->kf));
		if (p->needs & NEEDS_RAW)
			mml_set_u64(row, PAGES_kpageflags, run->kf);
	}
	if (run->unit)
		mml_set_u64(row, PAGES_page_size, run->unit * p->page_size);
	if (run->unit && run->huge >= 0)
		mml_set_u64(row, PAGES_entry_size, (run->huge ? run->unit : 1) * p->page_size);
	if (run->kc != WORD_NONE)
		mml_set_u64(row, PAGES_map_count, run->kc);
	if (run->node >= 0)
		mml_set_u64(row, PAGES_node, (uint64_t)run->node);
	mml_set_str(row, PAGES_zone, run->zone);
	mml_set_bool(row, PAGES_exclusive, run->pm & PM_EXCLUSIVE);
	mml_set_bool(row, PAGES_file, run->pm & PM_FILE);
}

static void set_swap(struct mml_row *row, const struct page_run *run)
{
	/* Type and offset are 0 if frame numbers are hidden. No page is swapped to offset 0,
	 * because the header is there. */
	if (!(run->pm & PM_PFN))
		return;
	mml_set_u64(row, PAGES_swap_type, run->pm & 31);
	mml_set_u64(row, PAGES_swap_offset, (run->pm & PM_PFN) >> 5);
}

/* Makes a row of the run. */
static int flush(struct pages *p)
{
	struct page_run *run = &p->run;
	const char *state;
	struct mml_row *row;

	if (!run->pages)
		return 0;
	row = mml_table_add(p->table);
	if (!row)
		return -ENOMEM;
	mml_set_u64(row, PAGES_pid, (uint64_t)p->mm.pid);
	if (p->mm.known)
		mml_set_u64(row, PAGES_started, p->mm.started);
	mml_set_u64(row, PAGES_address, run->address);
	mml_set_u64(row, PAGES_end, run->address + run->pages * p->page_size);
	mml_set_u64(row, PAGES_pages, run->pages);
	mml_set_u64(row, PAGES_size, run->pages * p->page_size);
	mml_set_bool(row, PAGES_present, run->pm & PM_PRESENT);
	mml_set_bool(row, PAGES_guard, run->pm & PM_GUARD);
	mml_set_bool(row, PAGES_uffd_wp, run->pm & PM_UFFD_WP);
	if (p->soft_dirty)
		mml_set_bool(row, PAGES_soft_dirty, run->pm & PM_SOFT_DIRTY);
	state = mml_pages_state(p, run);
	mml_set_bool(row, PAGES_swapped, !strcmp(state, "swapped"));
	mml_set_str(row, PAGES_state, state);
	if (run->pm & PM_PRESENT)
		set_frame(p, row, run);
	else if (run->pm & PM_SWAP)
		set_swap(row, run);
	else if (p->needs & NEEDS_STATE)
		mml_set_str(row, PAGES_behind, mml_behind_words[run->behind]);
	if (p->has_offset)
		mml_set_u64(row, PAGES_index, (p->offset + run->address - p->from) / p->page_size);
	mml_set_str(row, PAGES_kind, p->kind);
	mml_set_str(row, PAGES_mapping, p->mapping);
	run->pages = 0;
	return 0;
}

static void set_place(struct pages *p, struct page_run *u, size_t i)
{
	uint64_t pfn = u->pm & PM_PFN;

	u->node = -1;
	u->zone = NULL;
	if (!(p->needs & NEEDS_NODE))
		return;
	if (!pfn) {
		u->node = p->on ? p->on[i] : -1;
		return;
	}
	if (pfn < p->place.from || pfn >= p->place.end)
		p->place = mml_frames_place(&p->frames, pfn);
	if (p->place.has_node)
		u->node = (int64_t)p->place.node;
	u->zone = p->place.zone;
}

/* Page I is part of a compound page. This takes as much of that as is mapped here. */
static void take_compound(struct pages *p, struct page_run *u, size_t i)
{
	uint64_t pfn = u->pm & PM_PFN, high = u->pm >> 55;
	bool whole = u->kf & KPF_HEAD;
	size_t n = 1;

	while (i + n < p->n && p->pm[i + n] == (high << 55 | (pfn + n)) && p->kf[i + n] & KPF_TAIL &&
	       p->kf[i + n] != WORD_NONE && p->kc[i + n] == u->kc)
		n++;
	u->pages = n;
	u->kf &= ~KPF_TAIL;
	/* If it is mapped from its head to where the next page begins, its size is known without
	 * another read. */
	if (whole && i + n < p->n && p->pm[i + n] == (high << 55 | (pfn + n)) &&
	    !(p->kf[i + n] & KPF_TAIL))
		u->unit = n;
	else
		u->unit = mml_pages_compound(p, pfn, p->kf[i], &u->kf);
	if (u->kf & KPF_HUGE)
		u->huge = 1;
	else if (u->unit >= SMALLEST_PMD)
		u->huge = p->needs & NEEDS_ENTRY ?
				  mml_pages_entry(p, u->address, n * p->page_size) :
				  -1;
}

/* Notes in U what is behind the addresses from START to END, at which nothing is mapped. Returns up
 * to where that is the same. */
static uint64_t look_behind(struct pages *p, struct page_run *u, uint64_t start, uint64_t end)
{
	uint64_t to = end;

	if (!(p->needs & NEEDS_STATE))
		return end;
	u->behind = mml_behind_at(&p->behind, start, end, &to);
	if (u->behind == MML_BEHIND_UNKNOWN) {
		struct mml_absence why = mml_behind_why(&p->behind);

		if (why.reason)
			mml_table_why(p->table, PAGES_behind, why.reason, why.needs);
	}
	return to;
}

/* Takes page I, which is not there, with the pages behind it that are alike. */
static void take_absent(struct pages *p, struct page_run *u, size_t i)
{
	size_t n = 1;

	while (i + n < p->n && p->pm[i + n] == p->pm[i])
		n++;
	u->pages = (look_behind(p, u, u->address, u->address + n * p->page_size) - u->address) /
		   p->page_size;
}

static void say_no_flags(struct pages *p)
{
	static const char reason[] = "the kernel gives no flags of some frames, though they are mapped";

	mml_table_why(p->table, PAGES_flags, reason, NULL);
	mml_table_why(p->table, PAGES_kpageflags, reason, NULL);
}

/* Takes page I, with the pages behind it that are part of the same compound page. */
static void take_unit(struct pages *p, struct page_run *u, size_t i)
{
	uint64_t pm = p->pm[i];

	*u = (struct page_run){ .address = (p->first + i) * p->page_size,
				.pages = 1,
				.pm = pm,
				.kf = WORD_NONE,
				.kc = WORD_NONE,
				.node = -1,
				.contiguous = true };
	if (!(pm & PM_PRESENT)) {
		if (!(pm & (PM_SWAP | PM_GUARD)))
			take_absent(p, u, i);
		return;
	}
	u->kf = p->kf[i];
	u->kc = p->kc[i];
	if (!u->kf) {
		/* A page that is mapped has one flag at least, unless the kernel keeps to itself what it is. */
		u->kf = WORD_NONE;
		u->unit = 1;
		if (p->needs & NEEDS_FLAGS)
			say_no_flags(p);
	} else if (u->kf != WORD_NONE) {
		u->unit = 1;
		if (u->kf & (KPF_HEAD | KPF_TAIL))
			take_compound(p, u, i);
		/* Flags that nobody asked for must not part pages that are alike otherwise. */
		if (!(p->needs & NEEDS_FLAGS))
			u->kf &= KPF_HEAD | KPF_HUGE | KPF_ZERO;
	}
	set_place(p, u, i);
}

/* Returns the flags that part runs: not the idle bit, which comes and goes with who looks for idle pages, and
 * not those from 34 on, which are the kernel's own business, unless they are asked for as they are. */
static uint64_t parting(const struct pages *p, uint64_t kf)
{
	const uint64_t idle = UINT64_C(1) << 25, own = ~UINT64_C(0) << 34;

	return kf == WORD_NONE || p->needs & NEEDS_RAW ? kf : kf & ~(idle | own);
}

static bool alike(const struct pages *p, const struct page_run *a, const struct page_run *b)
{
	bool present = b->pm & PM_PRESENT;

	if (a->pm >> 55 != b->pm >> 55 || parting(p, a->kf) != parting(p, b->kf) || a->kc != b->kc || a->unit != b->unit ||
	    a->node != b->node || a->zone != b->zone || a->huge != b->huge ||
	    a->behind != b->behind)
		return false;
	if (!present && b->pm & PM_SWAP && (a->pm & 31) != (b->pm & 31))
		return false;
	/* With --each, every page is a row. But a hole is one row, however many pages long. */
	return !p->query->scope.args[MML_PARAM_EACH].given || !(present || b->pm & (PM_SWAP | PM_GUARD));
}

static int add_unit(struct pages *p, const struct page_run *u)
{
	struct page_run *run = &p->run;
	int rc;

	if (run->pages && run->address + run->pages * p->page_size == u->address &&
	    alike(p, run, u)) {
		run->contiguous &= (run->pm & PM_PFN) + run->pages == (u->pm & PM_PFN);
		run->pages += u->pages;
		run->kf &= u->kf; /* what not all of them have is not said of the run */
		return 0;
	}
	rc = flush(p);
	*run = *u;
	return rc;
}

static int add_absent(struct pages *p, uint64_t start, uint64_t end)
{
	int rc = 0;

	while (start < end && !rc) {
		struct page_run hole = { .address = start,
					 .kf = WORD_NONE,
					 .kc = WORD_NONE,
					 .node = -1,
					 .contiguous = true };
		uint64_t to = look_behind(p, &hole, start, end);

		hole.pages = (to - start) / p->page_size;
		rc = add_unit(p, &hole);
		start = to;
	}
	return rc;
}

/* Adds the pages that were read, and returns how many. A huge page that reaches to their end is
 * left for the next read, which may have more of it. It is added if all pages are part of it, and
 * either it is whole or MOST were read, the most that are read at once. */
static size_t add_pages(struct pages *p, bool last, bool most, int *ret_error)
{
	struct page_run u;
	size_t i = 0;

	while (i < p->n && !*ret_error) {
		take_unit(p, &u, i);
		if (!last && u.unit > 1 && i + u.pages == p->n &&
		    (i || (u.unit > u.pages && !most)))
			break;
		*ret_error = add_unit(p, &u);
		i += u.pages;
	}
	return i;
}

static bool all_absent(const struct pages *p)
{
	uint64_t any = 0;

	for (size_t i = 0; i < p->n; i++)
		any |= p->pm[i];
	return !any;
}

int mml_pages_range(struct pages *p, uint64_t start, uint64_t end)
{
	uint64_t size = p->page_size;
	size_t at_once = PAGES_AT_FIRST;
	int rc = 0;

	start = start / size * size;
	end = end / size * size + (end % size ? size : 0);
	p->run.pages = 0;
	while (start < end && !rc) {
		uint64_t want = (end - start) / size;
		size_t added;
		ssize_t n;

		want = want < at_once ? want : at_once;
		p->first = start / size;
		n = mml_words_read(p->pagemap, p->first, want, p->pm);
		if (n < 0)
			return (int)n;
		p->n = (size_t)n;
		/* Beyond the end of user space, where the machine tells nothing. */
		if (!n && (mml_root_live(p->take->root) || start > INT64_MAX))
			break;
		if (all_absent(p)) {
			uint64_t next = mml_pages_next(p, start + p->n * size, end);

			if (next <= start)
				break;
			at_once = PAGES_AT_FIRST;
			rc = add_absent(p, start, next);
			start = next;
			continue;
		}
		mml_pages_frames(p);
		added = add_pages(p, start + p->n * size >= end, at_once == PAGES_AT_ONCE, &rc);
		start += added * size;
		if (!added)
			at_once = PAGES_AT_ONCE;
		else if (!p->pm[p->n - 1])
			at_once = PAGES_AT_FIRST;
		else
			at_once = at_once * 8 < PAGES_USUALLY ? at_once * 8 : PAGES_USUALLY;
	}
	return rc ? rc : flush(p);
}
