/* Why there was no memory, and what held it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "conclude.h"

/* Free memory kept for lower requests is worth naming as the reason from a hundredth of the memory
 * on: a few thousandths are kept on every machine. */
enum { WITHHELD_SHARE = 100 };

/* What holds less than a quarter of what there is to have is not why there is none. */
enum { HOLDER_SHARE = 4 };

struct tally {
	unsigned allowed, ok, unknown, cma, highatomic, reserve, fragmented, drained, below, empty;
	uint64_t managed, withheld, elsewhere, free;
	bool managed_known, all_low; /* no allowed zone has more free than what atomic requests may
					go down to */
};

static void tally_zone(const struct mml_oom_report *r, const struct mml_oom_zone *z,
		       struct tally *t)
{
	uint64_t managed, min, boost = 0, high = 0, free = 0;

	if (mml_oom_kb(z->item[MML_OOM_MANAGED], &managed) ||
	    mml_oom_kb(z->item[MML_OOM_PRESENT], &managed))
		t->managed += managed;
	else
		t->managed_known = false;
	mml_oom_kb(z->item[MML_OOM_FREE], &free);
	mml_oom_kb(z->item[MML_OOM_HIGH], &high);
	if (!z->allowed) {
		if (z->why_not == MML_OOM_NOT_ZONE && free > high)
			t->elsewhere += free;
		t->empty += z->why_not == MML_OOM_NOT_EMPTY;
		return;
	}
	t->allowed++;
	t->free += free;
	t->ok += z->verdict == MML_OOM_ZONE_OK;
	t->unknown += z->verdict == MML_OOM_ZONE_UNKNOWN;
	t->cma += z->verdict == MML_OOM_ZONE_CMA;
	t->highatomic += z->verdict == MML_OOM_ZONE_HIGHATOMIC;
	t->fragmented += z->verdict == MML_OOM_ZONE_FRAGMENTED;
	t->drained += z->verdict == MML_OOM_ZONE_DRAINED;
	t->below += z->verdict == MML_OOM_ZONE_BELOW_MARK;
	if (z->verdict == MML_OOM_ZONE_RESERVE) {
		t->reserve++;
		t->withheld += z->usable > z->mark ? z->usable - z->mark : 0;
	}
	mml_oom_kb(z->item[MML_OOM_BOOST], &boost);
	if (!mml_oom_kb(z->item[MML_OOM_MIN], &min) || !mml_oom_has(z->item[MML_OOM_FREE]))
		t->all_low = false;
	else if (free > (min - (boost < min ? boost : min)) / 8 * 3 || r->request.order)
		t->all_low = false;
}

static void tally(struct mml_oom_report *r, struct tally *t)
{
	*t = (struct tally){ .all_low = true, .managed_known = true };
	for (const struct mml_oom_zone *z = r->zones; z; z = z->next)
		tally_zone(r, z, t);
	if (r->balance.known) {
		t->managed = r->balance.managed * r->page_size.n;
		t->managed_known = true;
	}
	r->withheld = t->withheld;
	r->elsewhere = t->elsewhere;
}

/* By what the zones said; the most telling first. */
static enum mml_oom_reason by_zones(const struct tally *t)
{
	if (!t->allowed)
		return t->elsewhere || t->empty ? MML_OOM_WHY_WRONG_ZONE : MML_OOM_WHY_UNKNOWN;
	if (t->ok)
		return MML_OOM_WHY_TRANSIENT;
	if (t->fragmented)
		return MML_OOM_WHY_FRAGMENTED;
	if (t->cma)
		return MML_OOM_WHY_CMA_ONLY;
	if (t->drained == t->allowed || (t->all_low && !t->unknown))
		return MML_OOM_WHY_DRAINED;
	if (t->elsewhere > t->free)
		return MML_OOM_WHY_WRONG_ZONE;
	if (t->reserve &&
	    (t->managed_known ? t->withheld >= t->managed / WITHHELD_SHARE : !t->below))
		return MML_OOM_WHY_LOWMEM_RESERVE;
	if (t->highatomic && !t->below)
		return MML_OOM_WHY_HIGHATOMIC_ONLY;
	if (t->unknown == t->allowed)
		return MML_OOM_WHY_UNKNOWN;
	return MML_OOM_WHY_BELOW_MIN;
}

static bool at_limit(const struct mml_oom_cgroup *c, enum mml_oom_counter counter)
{
	return mml_oom_limited(c->limit[counter]) && mml_oom_has(c->usage[counter]) &&
	       c->usage[counter].n >= c->limit[counter].n;
}

/* v1 counts memory and swap together as well: when that limit is hit and memory's is not, swapping
 * cannot help. */
static enum mml_oom_reason by_group(const struct mml_oom_report *r)
{
	const struct mml_oom_cgroup *c = mml_oom_limit(r);

	if (c && at_limit(c, MML_OOM_CG_MEMSW) && !at_limit(c, MML_OOM_CG_MEMORY))
		return MML_OOM_WHY_MEMCG_SWAP;
	return MML_OOM_WHY_MEMCG_LIMIT;
}

static bool in_trace(const struct mml_oom_report *r, const char *function)
{
	for (const struct mml_oom_frame *f = r->frames; f; f = f->next)
		if (!f->unsure && !strcmp(f->function, function))
			return true;
	return false;
}

/* The OOM killer was called for a page fault that failed for another reason: without flags, or by a
 * function that has no request to make. */
static bool false_global(const struct mml_oom_report *r)
{
	return r->kind == MML_OOM_KIND_OOM && r->header_seen &&
	       ((mml_oom_has(r->gfp_mask) && !r->gfp_mask.n && !r->policy) ||
		in_trace(r, "pagefault_out_of_memory"));
}

static enum mml_oom_reason find_reason(struct mml_oom_report *r, const struct tally *t)
{
	enum mml_oom_reason zones;

	switch (r->kind) {
	case MML_OOM_KIND_MANUAL:
		return MML_OOM_WHY_MANUAL;
	case MML_OOM_KIND_MEMCG_OOM:
		return by_group(r);
	case MML_OOM_KIND_KILL_ONLY:
		return r->constraint == MML_OOM_BY_MEMCG || r->cgroups ? by_group(r)
								       : MML_OOM_WHY_UNKNOWN;
	case MML_OOM_KIND_POLICY:
	case MML_OOM_KIND_PANIC:
		return MML_OOM_WHY_UNKNOWN;
	default:
		break;
	}
	if (r->vmalloc_space)
		return MML_OOM_WHY_ADDRESS_SPACE;
	if (false_global(r))
		return MML_OOM_WHY_FALSE_GLOBAL;
	if (!r->zones)
		return r->kind == MML_OOM_KIND_SHOW_MEM ? MML_OOM_WHY_NONE : MML_OOM_WHY_UNKNOWN;
	zones = by_zones(t);
	if (r->kind == MML_OOM_KIND_SHOW_MEM) /* nobody asked: only a machine that could serve
						 nobody is told of */
		return zones == MML_OOM_WHY_TRANSIENT || zones == MML_OOM_WHY_UNKNOWN
			       ? MML_OOM_WHY_NONE
			       : zones;
	if (zones != MML_OOM_WHY_WRONG_ZONE && r->constraint == MML_OOM_BY_CPUSET)
		return MML_OOM_WHY_CPUSET;
	if (zones != MML_OOM_WHY_WRONG_ZONE && r->constraint == MML_OOM_BY_POLICY)
		return MML_OOM_WHY_MEMPOLICY;
	return zones;
}

struct mml_oom_value mml_oom_stat(const struct mml_oom_cgroup *c, const char *key)
{
	struct mml_oom_value ret = { 0, 0 };

	for (const struct mml_oom_stat *s = c->stats; s; s = s->next) {
		bool total = !strncmp(s->key, "total_", 6);

		if (!strcmp(s->key + (total ? 6 : 0), key) && (total || !ret.line))
			ret = (struct mml_oom_value){ s->n, s->line };
	}
	return ret;
}

static void hold(struct mml_oom_report *r, enum mml_oom_reason what, uint64_t bytes, uint64_t line)
{
	if (line && bytes > r->holder_bytes) {
		r->holder = what;
		r->holder_bytes = bytes;
		r->holder_line = line;
	}
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* memory.stat: shared memory is part of file (v2) or cache (v1). Where there is no memory.stat the
 * tasks' memory is all there is to go by. */
static void hold_group(struct mml_oom_report *r)
{
	const struct mml_oom_cgroup *c = mml_oom_limit(r);
	struct mml_oom_value anon, file, shmem, slab, kmem;

	if (!c)
		return;
	anon = mml_oom_stat(c, "anon");
	if (!anon.line)
		anon = mml_oom_stat(c, "rss");
	file = mml_oom_stat(c, "file");
	if (!file.line)
		file = mml_oom_stat(c, "cache");
	shmem = mml_oom_stat(c, "shmem");
	slab = mml_oom_stat(c, "slab");
	hold(r, MML_OOM_WHY_ANON, anon.n, anon.line);
	hold(r, MML_OOM_WHY_SHMEM, shmem.n, shmem.line);
	hold(r, MML_OOM_WHY_FILE, less(file.n, shmem.n), file.line);
	hold(r, MML_OOM_WHY_SLAB, slab.n, slab.line);
	kmem = mml_oom_stat(c, "pagetables");
	hold(r, MML_OOM_WHY_PAGETABLES, kmem.n, kmem.line);
	kmem = mml_oom_stat(c, "kernel_stack");
	hold(r, MML_OOM_WHY_KERNEL_STACK, kmem.n, kmem.line);
}

/* The nodes of a cpuset or policy: what their own lines say. */
static void hold_nodes(struct mml_oom_report *r)
{
	const char *mask = r->constraint == MML_OOM_BY_CPUSET ? r->mems_allowed : r->nodemask;
	uint64_t anon = 0, file = 0, shmem = 0, line = 0;

	for (const struct mml_oom_node *n = r->nodes; n; n = n->next) {
		if (!mml_oom_node_in(mask, n->node))
			continue;
		line = n->line;
		anon += n->item[MML_OOM_ACTIVE_ANON].n + n->item[MML_OOM_INACTIVE_ANON].n;
		file += n->item[MML_OOM_ACTIVE_FILE].n + n->item[MML_OOM_INACTIVE_FILE].n;
		shmem += n->item[MML_OOM_SHMEM].n;
	}
	if (anon > UINT64_MAX / 1024 || file > UINT64_MAX / 1024 || shmem > UINT64_MAX / 1024)
		return;
	hold(r, MML_OOM_WHY_ANON, less(anon, shmem) * 1024, line);
	hold(r, MML_OOM_WHY_SHMEM, shmem * 1024, line);
	hold(r, MML_OOM_WHY_FILE, file * 1024, line);
}

static void hold_machine(struct mml_oom_report *r)
{
	const struct mml_oom_balance *b = &r->balance;
	uint64_t pages = 0;

	if (!b->known || b->holder < 0)
		return;
	for (unsigned i = 0; i < b->n; i++)
		if (b->share[i].reason == b->share[b->holder].reason && b->share[i].pages > 0)
			pages += (uint64_t)b->share[i].pages;
	hold(r, b->share[b->holder].reason, pages * r->page_size.n, b->share[b->holder].line);
}

/* Anonymous memory is the tasks': of one of them when it has half of what there is to have. */
static enum mml_oom_reason whose(const struct mml_oom_report *r)
{
	uint64_t largest = 0, all = 0;

	if (!r->ntasks || !r->scope)
		return MML_OOM_WHY_ANON;
	for (const struct mml_oom_task *t = r->tasks; t; t = t->next) {
		largest = t->n[MML_OOM_RSS] > largest ? t->n[MML_OOM_RSS] : largest;
		if (__builtin_add_overflow(all, t->n[MML_OOM_RSS], &all))
			all = UINT64_MAX;
	}
	if (largest >= r->scope - r->scope / 2)
		return MML_OOM_WHY_TASK;
	return all >= r->scope - r->scope / 2 ? MML_OOM_WHY_MANY_TASKS : MML_OOM_WHY_ANON;
}

/* Whether what holds the memory matters: the request failed for want of it, and not for its shape.
 */
static bool shortage(enum mml_oom_reason reason)
{
	switch (reason) {
	case MML_OOM_WHY_MEMCG_LIMIT:
	case MML_OOM_WHY_MEMCG_SWAP:
	case MML_OOM_WHY_CPUSET:
	case MML_OOM_WHY_MEMPOLICY:
	case MML_OOM_WHY_WRONG_ZONE:
	case MML_OOM_WHY_LOWMEM_RESERVE:
	case MML_OOM_WHY_CMA_ONLY:
	case MML_OOM_WHY_HIGHATOMIC_ONLY:
	case MML_OOM_WHY_BELOW_MIN:
	case MML_OOM_WHY_DRAINED:
		return true;
	default:
		return false;
	}
}

static bool holds_much(const struct mml_oom_report *r)
{
	return r->cgroups || !r->scope ||
	       r->holder_bytes / (r->page_size.n ? r->page_size.n : 1) >= r->scope / HOLDER_SHARE;
}

void mml_oom_reasons(struct mml_oom_report *r)
{
	struct tally t;

	tally(r, &t);
	r->reason = find_reason(r, &t);
	if (r->cgroups)
		hold_group(r);
	else if (r->constraint == MML_OOM_BY_CPUSET || r->constraint == MML_OOM_BY_POLICY)
		hold_nodes(r);
	else
		hold_machine(r);
	/* Without memory.stat of the group, the tasks tell. */
	if (!r->holder && r->cgroups && r->ntasks)
		r->holder = MML_OOM_WHY_ANON;
	if (!shortage(r->reason) || !holds_much(r))
		return;
	r->reason2 = r->holder == MML_OOM_WHY_ANON ? whose(r) : r->holder;
	/* Where blocks were there, and of the wrong kind, how much is in use does not matter. */
	if ((r->reason == MML_OOM_WHY_CMA_ONLY || r->reason == MML_OOM_WHY_HIGHATOMIC_ONLY) &&
	    r->request.order)
		r->reason2 = MML_OOM_WHY_NONE;
	/* A node without anything on it is not full of tasks. */
	if (r->reason == MML_OOM_WHY_WRONG_ZONE &&
	    (r->constraint == MML_OOM_BY_CPUSET || r->constraint == MML_OOM_BY_POLICY))
		r->reason2 = MML_OOM_WHY_NONE;
}
