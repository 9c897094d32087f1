/* What would have prevented it, and what the log does not tell. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "say.h"

static void advise(struct mml_say *s, const char *text)
{
	mml_say(s, "%s", text);
	mml_say_end(s, 0, 0, 0);
}

/* "mysqld[6576]", or the tasks that share a name. */
static const char *largest_name(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;
	const struct mml_oom_task *t = NULL;

	if (r->reason2 == MML_OOM_WHY_MANY_TASKS && r->many_name && r->scope &&
	    r->many_pages >= r->scope / 2)
		return mml_say_name(s, r->many_name);
	for (const struct mml_oom_task *u = r->tasks; u; u = u->next)
		if (!t || u->n[MML_OOM_RSS] > t->n[MML_OOM_RSS])
			t = u;
	return t ? mml_say_task(s, t->name, (struct mml_oom_value){ t->n[MML_OOM_PID], t->line })
		 : NULL;
}

static void do_group(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;
	const struct mml_oom_cgroup *c = mml_oom_limit(r);
	const char *path = r->oom_memcg ? mml_say_name(s, r->oom_memcg) : "the group",
		   *who = largest_name(s);
	uint64_t vm, limit;

	mml_say(s, "Raise the limit of %s (memory.max, or memory.limit_in_bytes)", path);
	if (who && (r->reason2 == MML_OOM_WHY_TASK || r->reason2 == MML_OOM_WHY_MANY_TASKS))
		mml_say(s, "or find why %s grows", who);
	if (c && r->victim && r->reason2 == MML_OOM_WHY_TASK &&
	    mml_oom_limited(c->limit[MML_OOM_CG_MEMORY]) &&
	    mml_oom_kb(c->limit[MML_OOM_CG_MEMORY], &limit) &&
	    mml_oom_kb(r->victim->total_vm, &vm) && vm > limit)
		mml_say_on(s, "; it had %s mapped, more than it may touch under this limit",
			   mml_say_size(s, vm));
	mml_say_end(s, 0, 0, 0);
	if (r->holder == MML_OOM_WHY_FILE)
		advise(s, "The group is full of page cache that waits to be written: a higher "
			  "limit, faster writing (or fewer dirty pages, vm.dirty_bytes), or a "
			  "newer kernel's reclaim helps; killing does not");
	if (r->holder == MML_OOM_WHY_SHMEM)
		advise(s, "Look for files on tmpfs and shared memory of the group: they stay when "
			  "processes end");
	if (c && mml_oom_has(c->limit[MML_OOM_CG_SWAP]) && !c->limit[MML_OOM_CG_SWAP].n)
		advise(s,
		       "Allowing it to swap (memory.swap.max) would give reclaim something to do");
	if (r->no_killable_line)
		advise(s, "Everything in it is exempt (adj -1000): it hangs at its limit until "
			  "that is raised or something in it ends by itself");
	if (r->group_line && !r->next_task)
		advise(s, "After a kill of the whole group only what is exempt remains");
}

static void do_zone(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	if (r->constraint == MML_OOM_BY_CPUSET)
		advise(s, "Give the cpuset a node with kernel memory (cpuset.mems), or bring the "
			  "node's memory online as kernel memory (online_kernel) instead of "
			  "movable; more RAM, swap or a higher limit does not help");
	else if (r->kind == MML_OOM_KIND_ALLOC_FAILURE && r->request.class == MML_OOM_DMA)
		advise(s, "The caller asks for the DMA zone, which has nothing to give here: a "
			  "reservation (crashkernel=, cma=) in low memory takes it, or the driver "
			  "needs a wider DMA mask");
	else
		advise(s, "The free memory is in a zone for user space alone. What fills the "
			  "kernel's zones is what counts: see above; more RAM adds to the other "
			  "zone only. A 64-bit kernel, or a smaller movable zone (movablecore=, "
			  "kernelcore=), moves the border");
}

static void do_refused(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	switch (r->reason) {
	case MML_OOM_WHY_MEMCG_LIMIT:
	case MML_OOM_WHY_MEMCG_SWAP:
		do_group(s);
		break;
	case MML_OOM_WHY_CPUSET:
		advise(s, "Widen the cpuset (cpuset.mems), or move a part of what runs in it to "
			  "other nodes");
		break;
	case MML_OOM_WHY_MEMPOLICY:
		advise(s, "Loosen the policy: preferred instead of bind, or more nodes");
		break;
	case MML_OOM_WHY_WRONG_ZONE:
		do_zone(s);
		break;
	case MML_OOM_WHY_FRAGMENTED:
		advise(s, "There was memory, but not in one piece. A caller that can do with "
			  "smaller pieces (kvmalloc, scatter lists), an earlier allocation, or a "
			  "higher vm.min_free_kbytes helps; more RAM hardly does");
		break;
	case MML_OOM_WHY_CMA_ONLY:
		advise(s, "What is free is CMA's, which only movable memory may use: a smaller "
			  "cma= leaves more for the kernel");
		break;
	case MML_OOM_WHY_LOWMEM_RESERVE:
		advise(s, "The free memory was rightly kept for requests that can use nothing else "
			  "(vm.lowmem_reserve_ratio): nothing is wrong with the kernel's settings");
		break;
	case MML_OOM_WHY_DRAINED:
		if (r->kind == MML_OOM_KIND_ALLOC_FAILURE && !r->dying_line)
			advise(s,
			       "A higher vm.min_free_kbytes keeps more for those who cannot wait");
		break;
	case MML_OOM_WHY_TRANSIENT:
		if (mml_oom_has(r->vmalloc_size) && r->balance.known &&
		    r->vmalloc_size.n > mml_say_bytes(s, r->balance.managed))
			advise(s, "Find out who asks for that much, and why");
		else if (r->kind == MML_OOM_KIND_ALLOC_FAILURE ||
			 r->kind == MML_OOM_KIND_VMALLOC_FAILURE)
			advise(s,
			       "Nothing, unless it comes often; then a higher vm.min_free_kbytes");
		break;
	case MML_OOM_WHY_ADDRESS_SPACE:
		advise(s, "A larger vmalloc= or module area, or fewer and smaller modules; more "
			  "RAM does not help");
		break;
	case MML_OOM_WHY_FALSE_GLOBAL:
		advise(s, "Look for what made the page fault fail, in the lines before: often a "
			  "control group at its limit, or a driver");
		break;
	default:
		break;
	}
}

static void do_tasks(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;
	const char *who = largest_name(s);

	if (r->cgroups || !who)
		return;
	if (r->reason2 == MML_OOM_WHY_TASK) {
		mml_say(s, "%s alone wants more than %s: limit it, make it smaller, or move it",
			who,
			r->constraint == MML_OOM_BY_CPUSET || r->constraint == MML_OOM_BY_POLICY
				? "those nodes have"
				: "the machine has");
		mml_say_end(s, 0, 0, 0);
	} else if (r->reason2 == MML_OOM_WHY_MANY_TASKS) {
		mml_say(s,
			"No task alone is too large; together they are%s%s: fewer of them, a group "
			"with a limit, or more memory",
			r->many_name && r->many_pages >= r->scope / 2 ? ", above all " : "",
			r->many_name && r->many_pages >= r->scope / 2 ? who : "");
		mml_say_end(s, 0, 0, 0);
	}
}

static void do_held(struct mml_say *s)
{
	switch (s->r->reason2) {
	case MML_OOM_WHY_HUGETLB:
		advise(s, "Give back huge pages (vm.nr_hugepages), or reserve fewer");
		break;
	case MML_OOM_WHY_SHMEM:
		if (!s->r->cgroups)
			advise(s, "Find the files on tmpfs and the shared memory (`mmlens files`), "
				  "and limit tmpfs with size=");
		break;
	case MML_OOM_WHY_SLAB:
		advise(s, "Watch which cache grows (`mmlens slab`) and who fills it");
		break;
	case MML_OOM_WHY_PAGETABLES:
		advise(s, "A process maps far more than it uses: larger pages (hugetlb, THP) or a "
			  "smaller mapping");
		break;
	case MML_OOM_WHY_KERNEL_STACK:
		advise(s, "Count threads, and those that do not end: each has a stack of the "
			  "kernel's");
		break;
	case MML_OOM_WHY_UNACCOUNTED:
		advise(s, "Suspect the caller and drivers: compare what is unaccounted over time, "
			  "boot with page_owner=on and read `mmlens owners`; more RAM or limits "
			  "only delay it");
		break;
	case MML_OOM_WHY_FILE:
		if (!s->r->cgroups)
			advise(s, "Page cache should have been reclaimed: look for dirty pages "
				  "that are not written fast enough, or a bug in reclaim");
		break;
	default:
		do_tasks(s);
	}
}

/* Little of what is there is the allocator's: the kernel, its initial file system, or a crash
 * kernel. */
static void do_small_machine(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;
	uint64_t present = 0, managed = 0;

	for (const struct mml_oom_zone *z = r->zones; z; z = z->next) {
		if (!mml_oom_has(z->item[MML_OOM_MANAGED]))
			return;
		present += z->item[MML_OOM_PRESENT].n;
		managed += z->item[MML_OOM_MANAGED].n;
	}
	if (!present || managed >= present / 2 || present > UINT64_MAX / 1024)
		return;
	mml_say(s,
		"Only %s of %s are left to the allocator: the rest is the kernel, its initial file "
		"system and its tables, or memory another kernel keeps (crashkernel= is to be "
		"larger then)",
		mml_say_size(s, managed * 1024), mml_say_size(s, present * 1024));
	mml_say_end(s, r->zones->line, 0, 0);
}

void mml_say_do(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	do_refused(s);
	do_held(s);
	if (r->kind == MML_OOM_KIND_OOM)
		do_small_machine(s);
	if (r->corrupt_line) {
		mml_say(s, "After it the log tells of corrupt page tables: memory or the kernel is "
			   "damaged");
		mml_say_end(s, r->corrupt_line, 0, 0);
	}
}

static void unknown_parts(struct mml_say *s)
{
	static const struct {
		unsigned part;
		const char *name;
	} parts[] = {
		{ MML_OOM_MEMINFO, "the machine's counters" },
		{ MML_OOM_ZONES, "the zones" },
		{ MML_OOM_BUDDY, "the free blocks" },
		{ MML_OOM_SWAP, "swap" },
		{ MML_OOM_RAM, "the size of RAM" },
	};
	const struct mml_oom_report *r = s->r;
	unsigned n = 0;

	if (r->kind == MML_OOM_KIND_KILL_ONLY || r->kind == MML_OOM_KIND_PANIC) {
		mml_say(s, "What was asked for, what held the memory and who else could have been "
			   "killed");
		mml_say_end(s, 0, 0, 0);
		return;
	}
	if (r->constraint == MML_OOM_BY_MEMCG || r->cgroups)
		return;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (!(r->complete & parts[i].part))
			mml_say(s, "%s%s", n++ ? "and " : "Missing in the log: ", parts[i].name);
	if (n)
		mml_say_end(s, 0, 0, 0);
}

static void unknown_tasks(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;
	bool oom = r->kind == MML_OOM_KIND_OOM || r->kind == MML_OOM_KIND_MEMCG_OOM ||
		   r->kind == MML_OOM_KIND_MANUAL;

	if (oom && !r->task_table)
		advise(s, "There is no task table (vm.oom_dump_tasks=0, or it was cut away): who "
			  "had how much, and who is next, cannot be told");
	else if (oom && r->task_table && !r->ntasks)
		advise(s, "The task table is empty: nobody with memory of his own is left, or its "
			  "rows were cut away");
	if (oom && !r->victim && !r->no_killable_line && !r->panic_line)
		advise(s, "Whether somebody was killed: that line is missing");
}

/* The reserve for atomic requests is printed since 5.6, and exists since 4.4. */
static void unknown_highatomic(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;
	bool held = false, printed = false;

	for (const struct mml_oom_zone *z = r->zones; z; z = z->next) {
		printed |= mml_oom_has(z->item[MML_OOM_RESERVED_HIGHATOMIC]);
		for (unsigned i = 0; i < z->buddy.orders; i++)
			held |= z->buddy.types[i] >> ('H' - 'A') & 1;
	}
	if (held && !printed)
		advise(s, "How much is held for atomic requests: this kernel does not print it, "
			  "and it may be what lacks");
}

static bool some_adj(const struct mml_oom_report *r)
{
	for (const struct mml_oom_task *t = r->tasks; t; t = t->next)
		if (t->points_least && t->n[MML_OOM_ADJ] && t->state != MML_OOM_TASK_EXEMPT)
			return true;
	return false;
}

static void unknown_sums(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	if (r->filtered)
		advise(s, "Nodes or zones that the request could not use are not printed; the "
			  "machine's counters have them");
	if (r->has_totalpages && r->totalpages_least && some_adj(r))
		advise(s, "How much swap counts for the scores is not in the log: points with an "
			  "adj are about right only");
	if (r->page_size_inferred && r->page_size.line == r->line_first && !r->arch &&
	    (r->complete & (MML_OOM_MEMINFO | MML_OOM_TASKS))) {
		mml_say(s, "The size of a page is taken to be %s", mml_say_size(s, r->page_size.n));
		mml_say_end(s, 0, 0, 0);
	}
	if (mml_oom_has(r->gfp_mask) && r->gfp_mask.n && !r->request.known) {
		mml_say(s,
			"What the flags 0x%" PRIx64
			" mean: no kernel's table fits that is likely here",
			r->gfp_mask.n);
		mml_say_end(s, r->gfp_mask.line, 0, 0);
	}
}

void mml_say_unknown(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	unknown_parts(s);
	unknown_tasks(s);
	unknown_highatomic(s);
	unknown_sums(s);
	if (r->cut_lines == 1 && r->line_last == s->log->input_lines) {
		mml_say(s, "The log ends without an end of line: a number there is left out, since "
			   "more may have followed");
		mml_say_end(s, r->line_last, 0, 0);
	} else if (r->cut_lines) {
		mml_say(s,
			"%" PRIu64
			" line%s of the report end%s early: numbers at the end are left out",
			r->cut_lines, r->cut_lines == 1 ? "" : "s", r->cut_lines == 1 ? "s" : "");
		mml_say_end(s, 0, 0, 0);
	}
	if (r->lost_records) {
		mml_say(s, "%" PRIu64 " records of the kernel's log are missing within it",
			r->lost_records);
		mml_say_end(s, 0, 0, 0);
	}
	if (r->unknown_lines > 3) {
		mml_say(s, "%" PRIu64 " lines of others stand in between", r->unknown_lines);
		mml_say_end(s, 0, 0, 0);
	}
}
