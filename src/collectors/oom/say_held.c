/* What held the memory, as a balance, and what the largest shares mean; swap. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

static int by_pages(const void *a, const void *b)
{
	const struct mml_oom_share *const *x = a, *const *y = b;

	return (*x)->pages > (*y)->pages ? -1 : (*x)->pages < (*y)->pages;
}

/* Every page of RAM, the larger shares by name. */
static void say_balance(struct mml_say *s)
{
	const struct mml_oom_balance *b = &s->r->balance;
	const struct mml_oom_share *order[MML_OOM_MAX_SHARES];
	uint64_t small = 0;

	for (unsigned i = 0; i < b->n; i++)
		order[i] = &b->share[i];
	qsort(order, b->n, sizeof(*order), by_pages);
	mml_say(s, "Of %s RAM:", mml_say_size(s, mml_say_bytes(s, b->ram)));
	for (unsigned i = 0; i < b->n; i++) {
		if (order[i]->pages <= 0)
			continue;
		if ((uint64_t)order[i]->pages < b->ram / 100 &&
		    strcmp(order[i]->name, "unaccounted") != 0) {
			small += (uint64_t)order[i]->pages;
			continue;
		}
		mml_say(s, "%s %s (%s),", order[i]->name,
			mml_say_size(s, mml_say_bytes(s, (uint64_t)order[i]->pages)),
			mml_say_share(s, (uint64_t)order[i]->pages, b->ram));
	}
	mml_say(s, "and %s in shares below 1 %%", mml_say_size(s, mml_say_bytes(s, small)));
	mml_say_end(s, s->r->ram.line, s->r->reserved.line, s->r->item[MML_OOM_FREE].line);
	if (b->unaccounted < 0) {
		mml_say(s,
			"The counters add up to %s more than there is: they are of different "
			"moments",
			mml_say_size(s, mml_say_bytes(s, (uint64_t)-b->unaccounted)));
		mml_say_end(s, 0, 0, 0);
	}
	if (b->inconsistent) {
		mml_say(s,
			"The counter of dirty pages is broken: %s dirty are more than there is "
			"page cache; nothing is concluded from it",
			mml_say_size(s, mml_say_bytes(s, s->r->item[MML_OOM_DIRTY].n)));
		mml_say_end(s, s->r->item[MML_OOM_DIRTY].line, 0, 0);
	}
}

/* What a slab cache is for, where its name does not say it. */
static const char *cache_meaning(const char *name)
{
	static const struct {
		const char *begins, *meaning;
	} known[] = {
		{ "vm_area_struct", "one for each mapping of a process, given back when it ends" },
		{ "vma_lock", "one for each mapping of a process, given back when it ends" },
		{ "maple_node", "the trees of processes' mappings" },
		{ "anon_vma", "anonymous mappings of processes" },
		{ "task_struct", "one for each thread" },
		{ "signal_cache", "one for each process" },
		{ "kmemleak_object", "the kernel's own search for leaks, CONFIG_DEBUG_KMEMLEAK" },
		{ "skbuff", "network packets" },
		{ "Acpi-", "the ACPI interpreter" },
		{ "kernfs_node", "files of sysfs and of control groups" },
		{ "filp", "open files" },
		{ "names_cache", "paths in use by system calls" },
		{ "dentry", "names of files" },
		{ "buffer_head", "blocks of files" },
		{ "radix_tree_node", "the index of the page cache" },
		{ "debug_objects", "the kernel's own checks, CONFIG_DEBUG_OBJECTS" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strncmp(name, known[i].begins, strlen(known[i].begins)))
			return known[i].meaning;
	return NULL;
}

static void say_slabs(struct mml_say *s)
{
	const struct mml_oom_slab *top[3] = { NULL };
	uint64_t line = 0;

	for (const struct mml_oom_slab *slab = s->r->slabs; slab; slab = slab->next) {
		const struct mml_oom_slab *in = slab;

		for (unsigned i = 0; i < 3 && in; i++)
			if (!top[i] || in->total > top[i]->total) {
				const struct mml_oom_slab *out = top[i];

				top[i] = in;
				in = out;
			}
	}
	if (!top[0] || top[0]->total > UINT64_MAX / 1024)
		return;
	mml_say(s, "The largest unreclaimable slab caches:");
	for (unsigned i = 0; i < 3 && top[i]; i++) {
		const char *meaning = cache_meaning(top[i]->name);

		mml_say(s, "%s%s %s", i ? "and " : "", mml_say_name(s, top[i]->name),
			mml_say_size(s, top[i]->total * 1024));
		if (meaning)
			mml_say(s, "(%s)", meaning);
		line = line ? line : top[i]->line;
	}
	mml_say_end(s, line, top[1] ? top[1]->line : 0, top[2] ? top[2]->line : 0);
}

static void say_hugetlb(struct mml_say *s)
{
	uint64_t unused = 0, line = 0;

	for (const struct mml_oom_hugepages *h = s->r->hugepages; h; h = h->next)
		if (h->free.n && h->size.n < UINT64_MAX / 1024 / (h->free.n ? h->free.n : 1)) {
			unused += h->free.n * h->size.n * 1024;
			line = h->line;
		}
	if (!unused)
		return;
	mml_say(s, "%s in huge pages were set aside and used by nobody", mml_say_size(s, unused));
	mml_say_end(s, line, 0, 0);
}

static void say_unaccounted(struct mml_say *s)
{
	const struct mml_oom_balance *b = &s->r->balance;

	mml_say(s,
		"%s (%s of what is managed) belong to nobody the log can name: pages a part of the "
		"kernel or a driver took and did not give back, graphics, network buffers, percpu "
		"memory",
		mml_say_size(s, mml_say_bytes(s, (uint64_t)b->unaccounted)),
		mml_say_share(s, (uint64_t)b->unaccounted, b->managed));
	if (b->without_stacks || b->without_pagetables || b->without_slab)
		mml_say_on(s, "; %s%s%s are in it, since the log lacks them",
			   b->without_stacks ? "kernel stacks " : "",
			   b->without_pagetables ? "page tables " : "",
			   b->without_slab ? "slab " : "");
	mml_say_end(s, s->r->ram.line, 0, 0);
}

/* What the holder means. */
static void say_holder(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	if (r->holder == MML_OOM_WHY_SHMEM) {
		mml_say(s,
			"Most is shared memory, %s: tmpfs, /dev/shm, memfd, System V; killing a "
			"process does not free what files hold",
			mml_say_size(s, r->holder_bytes));
		mml_say_end(s, r->holder_line, 0, 0);
	}
	for (unsigned i = 0; i < r->balance.n; i++) {
		const struct mml_oom_share *share = &r->balance.share[i];

		if ((share->reason != MML_OOM_WHY_KERNEL_STACK &&
		     share->reason != MML_OOM_WHY_PAGETABLES) ||
		    share->pages < (int64_t)(r->balance.managed / 10))
			continue;
		mml_say(s, "%s take %s",
			share->reason == MML_OOM_WHY_PAGETABLES
				? "Page tables"
				: "Kernel stacks, one for each thread,",
			mml_say_size(s, mml_say_bytes(s, (uint64_t)share->pages)));
		mml_say_end(s, share->line, 0, 0);
	}
	if (r->balance.known && r->balance.unaccounted > 0 &&
	    (uint64_t)r->balance.unaccounted >= r->balance.managed / 10)
		say_unaccounted(s);
}

/* File pages that reclaim did not free, since they wait to be written. */
static void say_dirty(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;
	uint64_t dirty = r->item[MML_OOM_DIRTY].n, writeback = r->item[MML_OOM_WRITEBACK].n;
	uint64_t cached = r->item[MML_OOM_ACTIVE_FILE].n + r->item[MML_OOM_INACTIVE_FILE].n;

	if (r->balance.inconsistent || !mml_oom_has(r->item[MML_OOM_DIRTY]) ||
	    r->holder != MML_OOM_WHY_FILE || dirty + writeback < cached / 100)
		return;
	mml_say(s, "%s of the page cache is dirty and %s is being written",
		mml_say_size(s, mml_say_bytes(s, dirty)),
		mml_say_size(s, mml_say_bytes(s, writeback)));
	mml_say_end(s, r->item[MML_OOM_DIRTY].line, 0, 0);
}

/* 2.6.18 to 2.6.27: pages not in use, with room in swap for them, and still nothing could be
 * reclaimed. */
static void say_not_reclaimed(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	if (r->holder != MML_OOM_WHY_LRU || !mml_oom_has(r->item[MML_OOM_INACTIVE]) ||
	    r->item[MML_OOM_INACTIVE].n < r->balance.managed / 4)
		return;
	mml_say(s, "%s were inactive and still not reclaimed",
		mml_say_size(s, mml_say_bytes(s, r->item[MML_OOM_INACTIVE].n)));
	if (r->swap_total.n && r->swap_free.n > r->swap_total.n / 2)
		mml_say_on(s, ", with most of swap free: reclaim failed, not the amount of memory");
	mml_say_end(s, r->item[MML_OOM_INACTIVE].line, r->swap_free.line, 0);
}

static void say_tags(struct mml_say *s)
{
	const struct mml_oom_tag *t = s->r->tags;
	unsigned n = 0;

	if (!t)
		return;
	mml_say(s, "By allocation site:");
	for (; t && n < 3; t = t->next, n++)
		mml_say(s, "%s%s %s (%s:%" PRIu64 ")", n ? "and " : "", mml_say_size(s, t->bytes),
			mml_say_name(s, t->function), mml_say_name(s, t->file), t->file_line);
	mml_say_end(s, s->r->tags->line, 0, 0);
}

/* memory.stat of the group whose limit it is. */
static void say_group(struct mml_say *s)
{
	static const struct {
		const char *key, *name;
	} keys[] = {
		{ "anon", "anonymous" },
		{ "rss", "anonymous" },
		{ "file", "page cache with shared memory" },
		{ "cache", "page cache with shared memory" },
		{ "shmem", "shared memory" },
		{ "kernel", "kernel memory" },
		{ "slab", "slab" },
		{ "pagetables", "page tables" },
		{ "kernel_stack", "kernel stacks" },
		{ "sock", "network buffers" },
		{ "percpu", "percpu memory" },
		{ "vmalloc", "vmalloc" },
		{ "file_dirty", "dirty" },
		{ "dirty", "dirty" },
		{ "file_writeback", "being written" },
		{ "writeback", "being written" },
	};
	const struct mml_oom_cgroup *c = mml_oom_limit(s->r);
	uint64_t line = 0, least = s->r->scope ? mml_say_bytes(s, s->r->scope) / 1000 : 0;
	unsigned n = 0;

	for (size_t i = 0; c && i < sizeof(keys) / sizeof(*keys); i++) {
		struct mml_oom_value v = mml_oom_stat(c, keys[i].key);

		if (!v.line || !v.n || v.n < least)
			continue;
		mml_say(s, "%s%s %s", n ? "" : "In the group: ", keys[i].name,
			mml_say_size(s, v.n));
		mml_say_on(s, ",");
		line = line ? line : v.line;
		n++;
	}
	if (!n)
		return;
	s->out.len--; /* the last comma */
	mml_say_end(s, line, 0, 0);
}

static void say_nodes(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	if (!r->holder || !r->scope || !r->zones)
		return;
	if (r->holder_bytes < mml_say_bytes(s, r->scope) / 4) {
		mml_say(s,
			"Of the %s on the allowed nodes hardly anything is in use: there was "
			"nothing that a kill could free",
			mml_say_size(s, mml_say_bytes(s, r->scope)));
		mml_say_end(s, r->zones->line, r->holder_line, 0);
		return;
	}
	mml_say(s, "On the allowed nodes most is %s: %s of %s", mml_oom_reason_word(r->holder),
		mml_say_size(s, r->holder_bytes), mml_say_size(s, mml_say_bytes(s, r->scope)));
	mml_say_end(s, r->holder_line, r->zones->line, 0);
}

void mml_say_held(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	say_group(s);
	if (r->constraint == MML_OOM_BY_CPUSET || r->constraint == MML_OOM_BY_POLICY)
		say_nodes(s);
	if (!r->balance.known)
		return;
	say_balance(s);
	say_holder(s);
	say_hugetlb(s);
	say_slabs(s);
	say_dirty(s);
	say_not_reclaimed(s);
	say_tags(s);
}

static void swap_of_group(struct mml_say *s)
{
	const struct mml_oom_cgroup *c = mml_oom_limit(s->r);
	uint64_t usage, limit;

	if (!c || !mml_oom_kb(c->usage[MML_OOM_CG_SWAP], &usage) ||
	    !mml_oom_kb(c->limit[MML_OOM_CG_SWAP], &limit))
		return;
	if (!limit)
		mml_say(s, "The group may not swap at all");
	else if (!mml_oom_limited(c->limit[MML_OOM_CG_SWAP]))
		mml_say(s, "The group's swap has no limit; it used %s",
			usage ? mml_say_size(s, usage) : "none");
	else
		mml_say(s, "The group used %s of %s swap%s", mml_say_size(s, usage),
			mml_say_size(s, limit), usage >= limit ? ": all it may" : "");
	mml_say_end(s, c->usage[MML_OOM_CG_SWAP].line, 0, 0);
}

/* Pages that could be swapped out; as many as there are where the log does not tell. */
static int64_t swappable(const struct mml_oom_report *r)
{
	int64_t ret = 0;

	for (unsigned i = 0; i < r->balance.n; i++)
		if (r->balance.share[i].reason == MML_OOM_WHY_ANON ||
		    r->balance.share[i].reason == MML_OOM_WHY_SHMEM ||
		    r->balance.share[i].reason == MML_OOM_WHY_LRU)
			ret += r->balance.share[i].pages;
	return ret;
}

void mml_say_swap(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;
	uint64_t total, free;

	swap_of_group(s);
	if (!mml_oom_kb(r->swap_total, &total))
		return;
	if (!total) {
		mml_say(s, "There is no swap");
		mml_say_end(s, r->swap_total.line, 0, 0);
		return;
	}
	if (!mml_oom_kb(r->swap_free, &free))
		return;
	mml_say(s, "Swap: %s, %s", mml_say_size(s, total),
		free < total / 100 ? "full" : mml_say_size(s, free));
	if (free >= total / 100)
		mml_say_on(s, " of it free");
	mml_say_end(s, r->swap_total.line, r->swap_free.line, 0);
	if (r->reason2 && r->balance.known && free >= total / 2 &&
	    swappable(r) < (int64_t)(r->balance.managed / 20)) {
		mml_say(s, "It is of no use: hardly anything could go there");
		mml_say_end(s, r->item[MML_OOM_ACTIVE_ANON].line, 0, 0);
	}
}
