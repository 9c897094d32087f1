/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "conclude.h"

static void add(struct mml_oom_balance *b, const char *name, enum mml_oom_reason reason,
		int64_t pages, uint64_t line)
{
	if (b->n < MML_OOM_MAX_SHARES)
		b->share[b->n++] = (struct mml_oom_share){ name, reason, pages, line };
}

static int64_t n(struct mml_oom_value v)
{
	return v.n <= INT64_MAX / 8 ? (int64_t)v.n : INT64_MAX / 8;
}

static uint64_t line_of(const struct mml_oom_report *r, unsigned item)
{
	return r->item[item].line;
}

static int64_t sum(const struct mml_oom_report *r, unsigned a, unsigned b, unsigned c)
{
	return n(r->item[a]) + n(r->item[b]) + n(r->item[c]);
}

/* ITEM, kB, over all zones or, where zones do not have it, nodes: pages. WHOLE: each of them has
 * it. */
static int64_t over_zones(const struct mml_oom_report *r, unsigned item, bool *ret_whole,
			  uint64_t *ret_line)
{
	uint64_t kb = 0;
	bool whole = r->zones != NULL;

	*ret_line = 0;
	for (const struct mml_oom_zone *z = r->zones; z; z = z->next) {
		whole &= mml_oom_has(z->item[item]);
		kb += z->item[item].n;
		*ret_line = *ret_line ? *ret_line : z->item[item].line;
	}
	if (!*ret_line) {
		whole = r->nodes != NULL;
		for (const struct mml_oom_node *node = r->nodes; node; node = node->next) {
			whole &= mml_oom_has(node->item[item]);
			kb += node->item[item].n;
			*ret_line = *ret_line ? *ret_line : node->item[item].line;
		}
	}
	*ret_whole = whole;
	return n((struct mml_oom_value){ kb / (r->page_size.n / 1024), 1 });
}

static int64_t hugepages(const struct mml_oom_report *r, bool free, uint64_t *ret_line)
{
	uint64_t kb = 0;

	*ret_line = 0;
	for (const struct mml_oom_hugepages *h = r->hugepages; h; h = h->next) {
		uint64_t count = free ? h->free.n : h->total.n, part;

		if (__builtin_mul_overflow(count, h->size.n, &part) ||
		    __builtin_add_overflow(kb, part, &kb))
			return 0;
		if (count)
			*ret_line = h->line;
	}
	return n((struct mml_oom_value){ kb / (r->page_size.n / 1024), 1 });
}

/* 2.6.18 counts pages in use and not, of files and not, in two numbers. */
static void add_lru(struct mml_oom_report *r, struct mml_oom_balance *b)
{
	int64_t anon = sum(r, MML_OOM_ACTIVE_ANON, MML_OOM_INACTIVE_ANON, MML_OOM_ISOLATED_ANON);
	int64_t file = sum(r, MML_OOM_ACTIVE_FILE, MML_OOM_INACTIVE_FILE, MML_OOM_ISOLATED_FILE);
	int64_t shmem = n(r->item[MML_OOM_SHMEM]), unevictable = n(r->item[MML_OOM_UNEVICTABLE]),
		hidden;
	int64_t lru = n(r->item[MML_OOM_ACTIVE]) + n(r->item[MML_OOM_INACTIVE]);

	if (mml_oom_has(r->item[MML_OOM_ACTIVE])) {
		add(b, "page cache and anonymous memory", MML_OOM_WHY_LRU, lru,
		    line_of(r, MML_OOM_ACTIVE));
		return;
	}
	/* Shared memory is on the lists of anonymous pages; what has no room there is locked. */
	hidden = shmem > anon ? shmem - anon : 0;
	hidden = hidden > unevictable ? unevictable : hidden;
	shmem = shmem > anon + hidden ? anon + hidden : shmem;
	add(b, "anonymous", MML_OOM_WHY_ANON, anon + hidden - shmem,
	    line_of(r, MML_OOM_ACTIVE_ANON));
	add(b, "shared memory and tmpfs", MML_OOM_WHY_SHMEM, shmem, line_of(r, MML_OOM_SHMEM));
	add(b, "page cache", MML_OOM_WHY_FILE, file, line_of(r, MML_OOM_ACTIVE_FILE));
	add(b, "unevictable", MML_OOM_WHY_UNEVICTABLE, unevictable - hidden,
	    line_of(r, MML_OOM_UNEVICTABLE));
}

static void add_kernel(struct mml_oom_report *r, struct mml_oom_balance *b)
{
	static const struct {
		unsigned item;
		const char *name;
	} others[] = {
		{ MML_OOM_SHADOW_STACK, "shadow call stacks" },
		{ MML_OOM_ZSPAGES, "compressed pages (zsmalloc)" },
		{ MML_OOM_BALLOON, "balloon" },
		{ MML_OOM_GPU_ACTIVE, "graphics" },
		{ MML_OOM_GPU_RECLAIM, "graphics, reclaimable" },
	};
	int64_t slab = n(r->item[MML_OOM_SLAB]) + n(r->item[MML_OOM_SLAB_RECLAIMABLE]) +
		       n(r->item[MML_OOM_SLAB_UNRECLAIMABLE]);
	uint64_t slab_line = line_of(r, MML_OOM_SLAB_UNRECLAIMABLE), line;
	bool whole;
	int64_t pages;

	add(b, "slab", MML_OOM_WHY_SLAB, slab, slab_line ? slab_line : line_of(r, MML_OOM_SLAB));
	b->without_slab = !slab_line && !line_of(r, MML_OOM_SLAB);
	add(b, "page tables", MML_OOM_WHY_PAGETABLES,
	    n(r->item[MML_OOM_PAGETABLES]) + n(r->item[MML_OOM_SEC_PAGETABLES]),
	    line_of(r, MML_OOM_PAGETABLES));
	b->without_pagetables = !line_of(r, MML_OOM_PAGETABLES);
	pages = over_zones(r, MML_OOM_KERNEL_STACK, &whole, &line);
	add(b, "kernel stacks", MML_OOM_WHY_KERNEL_STACK, pages, line);
	b->without_stacks = !whole || r->filtered;
	add(b, "other reclaimable kernel memory", MML_OOM_WHY_NONE, n(r->item[MML_OOM_KERNEL_MISC]),
	    line_of(r, MML_OOM_KERNEL_MISC));
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		pages = over_zones(r, others[i].item, &whole, &line);
		add(b, others[i].name, MML_OOM_WHY_NONE, pages, line);
	}
}

static void add_hugepages(struct mml_oom_report *r, struct mml_oom_balance *b)
{
	uint64_t line, free_line;
	int64_t total = hugepages(r, false, &line), free = hugepages(r, true, &free_line);

	add(b, "huge pages in use", MML_OOM_WHY_HUGETLB, total - (free > total ? total : free),
	    line);
	add(b, "huge pages nobody uses", MML_OOM_WHY_HUGETLB, free > total ? total : free,
	    free_line);
	b->without_hugetlb = !r->hugepages || r->filtered;
}

/* The largest share among those that hold memory; parts of one reason count together. */
static int largest(const struct mml_oom_balance *b)
{
	int64_t best = 0;
	int ret = -1;

	for (unsigned i = 0; i < b->n; i++) {
		int64_t together = 0;

		for (unsigned k = 0; k < b->n; k++)
			if (b->share[k].reason == b->share[i].reason)
				together += b->share[k].pages;
		if (b->share[i].reason && together > best) {
			best = together;
			ret = (int)i;
		}
	}
	return ret;
}

/* More dirty pages than there are pages that can be: a counter has gone wrong. */
static bool dirty_impossible(const struct mml_oom_report *r)
{
	int64_t cached = sum(r, MML_OOM_ACTIVE_FILE, MML_OOM_INACTIVE_FILE, MML_OOM_ISOLATED_FILE) +
			 n(r->item[MML_OOM_UNEVICTABLE]) + n(r->item[MML_OOM_SHMEM]) +
			 n(r->swapcache);

	return mml_oom_has(r->item[MML_OOM_ACTIVE_FILE]) &&
	       mml_oom_has(r->item[MML_OOM_INACTIVE_FILE]) && n(r->item[MML_OOM_DIRTY]) > cached;
}

/* Nodes outside the request's, and since 6.1 zones above its, are not printed; RAM counts them. */
static bool is_filtered(const struct mml_oom_report *r)
{
	uint64_t kb = 0, managed = r->ram.n - r->reserved.n;

	for (const struct mml_oom_zone *z = r->zones; z; z = z->next) {
		if (!mml_oom_has(z->item[MML_OOM_MANAGED]))
			return false;
		kb += z->item[MML_OOM_MANAGED].n;
	}
	return r->zones && kb / (r->page_size.n / 1024) < managed - managed / 256;
}

void mml_oom_balance(struct mml_oom_report *r)
{
	struct mml_oom_balance *b = &r->balance;
	int64_t left;

	b->holder = -1;
	b->inconsistent = dirty_impossible(r);
	if (!mml_oom_has(r->ram) || !mml_oom_has(r->reserved) ||
	    !mml_oom_has(r->item[MML_OOM_FREE]) || r->page_size.n < 1024 ||
	    r->ram.n > INT64_MAX / 8 || r->reserved.n > r->ram.n)
		return;
	if (!mml_oom_has(r->item[MML_OOM_ACTIVE_ANON]) && !mml_oom_has(r->item[MML_OOM_ACTIVE]))
		return;
	b->known = true;
	b->ram = r->ram.n;
	b->reserved = r->reserved.n;
	b->managed = b->ram - b->reserved;
	r->filtered = is_filtered(r);
	add(b, "reserved at boot", MML_OOM_WHY_NONE, (int64_t)b->reserved, r->reserved.line);
	add_lru(r, b);
	add_kernel(r, b);
	add_hugepages(r, b);
	add(b, "free", MML_OOM_WHY_NONE, n(r->item[MML_OOM_FREE]), line_of(r, MML_OOM_FREE));
	add(b, "free, in CPUs' lists", MML_OOM_WHY_NONE, n(r->item[MML_OOM_FREE_PCP]),
	    line_of(r, MML_OOM_FREE_PCP));
	left = (int64_t)b->ram;
	for (unsigned i = 0; i < b->n; i++)
		left -= b->share[i].pages;
	b->unaccounted = left;
	add(b, "unaccounted", left > 0 ? MML_OOM_WHY_UNACCOUNTED : MML_OOM_WHY_NONE, left,
	    r->ram.line);
	b->holder = largest(b);
}
