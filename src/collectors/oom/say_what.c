/* What happened, and which limit it was. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "say.h"

static void say_when(struct mml_say *s)
{
	const char *when = mml_say_time(s, &s->r->time);

	if (when)
		mml_say_on(s, " (%s)", when);
}

/* "4 KiB", "128 KiB in one piece (order 5)" */
static void say_amount(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	if (!r->has_order || r->order < 0 || r->order >= MML_OOM_MAX_ORDERS) {
		mml_say(s, "memory");
		return;
	}
	mml_say(s, "%s", mml_say_size(s, r->page_size.n << r->order));
	if (r->order)
		mml_say(s, "in one piece (order %" PRId64 ")", r->order);
}

static const char *from_where(const struct mml_oom_report *r)
{
	switch (r->request.class) {
	case MML_OOM_DMA:
		return "from zone DMA alone";
	case MML_OOM_DMA32:
		return "from zone DMA32 or below";
	case MML_OOM_NORMAL:
		return "from memory the kernel uses itself, not from HighMem or Movable";
	case MML_OOM_HIGHMEM:
		return "from any zone but Movable";
	default:
		return "from any zone";
	}
}

static void say_request(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	/* pagefault_out_of_memory() has no flags, and no request either. */
	if (mml_oom_has(r->gfp_mask) && !r->gfp_mask.n && r->kind == MML_OOM_KIND_OOM) {
		mml_say(s, "the OOM killer was called for %s, without a request",
			mml_say_task(s, r->comm, r->pid));
		return;
	}
	mml_say(s, "%s asked for", mml_say_task(s, r->comm, r->pid));
	say_amount(s);
	if (!r->request.known)
		return;
	mml_say(s, "%s (%s)", from_where(r), mml_say_name(s, r->request.names));
	if (!r->request.can_reclaim)
		mml_say(s, "without waiting for memory to be freed");
}

static unsigned victims(const struct mml_oom_report *r, unsigned *ret_lines)
{
	unsigned n = 0;

	*ret_lines = 0;
	for (const struct mml_oom_kill *k = r->kills; k; k = k->next) {
		n += k->message && !k->duplicate;
		*ret_lines += k->message != NULL;
	}
	return n;
}

static void say_kills(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;
	unsigned lines, n = victims(r, &lines);

	if (r->victim && n == 1) {
		mml_say(s, "%s was killed", mml_say_task(s, r->victim->comm, r->victim->pid));
		mml_say_end(s, r->victim->line, 0, 0);
	} else if (r->victim) {
		mml_say(s, "%u processes were killed, %s first", n,
			mml_say_task(s, r->victim->comm, r->victim->pid));
		mml_say_end(s, r->victim->line, r->group_line, 0);
	}
	if (r->group_line) {
		mml_say(s, "The group has memory.oom.group set: all of it goes together");
		mml_say_end(s, r->group_line, 0, 0);
	}
	if (lines > n) {
		mml_say(s,
			"The log has %u \"Killed process\" lines for them: one is named twice, and "
			"the kernel's counters oom_kill count it twice",
			lines);
		mml_say_end(s, 0, 0, 0);
	}
}

static void say_end_of_it(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	say_kills(s);
	if (r->no_killable_line) {
		mml_say(s, "No process could be killed%s",
			r->constraint == MML_OOM_BY_MEMCG
				? ": that is said of the group, and the machine goes on"
				: "");
		mml_say_end(s, r->no_killable_line, 0, 0);
	}
	if (r->panic_line && r->kind != MML_OOM_KIND_PANIC) {
		mml_say(s, "The kernel panicked%s%s", r->panic ? ": " : "",
			r->panic ? mml_say_name(s, r->panic) : "");
		mml_say_end(s, r->panic_line, 0, 0);
	}
	if (r->repeats) {
		mml_say(s, "The same report comes %u more time%s, up to line %" PRIu64, r->repeats,
			r->repeats == 1 ? "" : "s", r->repeats_last);
		mml_say_end(s, 0, 0, 0);
	}
	if (mml_oom_has(r->suppressed)) {
		mml_say(s, "%" PRIu64 " more failures before it were not printed", r->suppressed.n);
		mml_say_end(s, r->suppressed.line, 0, 0);
	}
}

static void what_oom(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	mml_say(s, r->kind == MML_OOM_KIND_MEMCG_OOM	? "Out of memory in a control group"
		   : r->constraint == MML_OOM_BY_CPUSET ? "Out of memory in a cpuset"
		   : r->constraint == MML_OOM_BY_POLICY ? "Out of memory under a memory policy"
							: "Out of memory on the machine");
	say_when(s);
	mml_say_on(s, ":");
	if (!r->header_seen)
		mml_say(s, "the line that says who asked for what is missing");
	else
		say_request(s);
	mml_say_end(s, r->line_first, r->gfp_mask.line, 0);
	say_end_of_it(s);
}

static void what_manual(struct mml_say *s)
{
	mml_say(s, "An OOM kill was asked for by hand (sysrq f)");
	say_when(s);
	mml_say_on(s, ": it says nothing of a shortage");
	mml_say_end(s, s->r->line_first, 0, 0);
	say_end_of_it(s);
}

static void what_policy(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	mml_say(s, "A BPF program had a process killed");
	say_when(s);
	if (r->policy)
		mml_say_on(s, ", by the policy \"%s\"", mml_say_name(s, r->policy));
	mml_say_on(s, ": the request has no flags, and a shortage is not to be seen in the log");
	mml_say_end(s, r->line_first, r->constraint_line, 0);
	say_end_of_it(s);
}

static void what_failure(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	mml_say(s, "A page allocation %s", mml_oom_has(r->stall_ms) ? "took long" : "failed");
	say_when(s);
	mml_say_on(s, ":");
	say_request(s);
	if (mml_oom_has(r->stall_ms))
		mml_say(s, "and waited %" PRIu64 " ms for it", r->stall_ms.n);
	mml_say_end(s, r->line_first, r->gfp_mask.line, 0);
	if (!mml_oom_has(r->stall_ms)) {
		mml_say(s, "The caller got an error, or did without; nothing was killed");
		mml_say_end(s, 0, 0, 0);
	}
	if (r->dying_line) {
		mml_say(s, "It had been killed already: such a process may use up the reserve to "
			   "end, and fails where others would wait");
		mml_say_end(s, r->dying_line, 0, 0);
	}
	say_end_of_it(s);
}

static void what_vmalloc(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	mml_say(s, "vmalloc failed");
	say_when(s);
	mml_say_on(s, ": %s asked for", mml_say_task(s, r->comm, r->pid));
	if (mml_oom_has(r->vmalloc_size) && r->vmalloc_size.n)
		mml_say(s, "%s", mml_say_size(s, r->vmalloc_size.n));
	else
		mml_say(s, "memory of a size that is printed as 0");
	if (r->request.names)
		mml_say(s, "(%s)", mml_say_name(s, r->request.names));
	if (r->vmalloc_why)
		mml_say_on(s, "; %s", mml_say_name(s, r->vmalloc_why));
	mml_say_end(s, r->line_first, r->gfp_mask.line, 0);
	say_end_of_it(s);
}

static void what_dump(struct mml_say *s)
{
	mml_say(s, s->r->by_hand
			   ? "A memory dump was asked for by hand (sysrq m)"
			   : "A memory dump; the line that says what it was made for is missing");
	say_when(s);
	mml_say_end(s, s->r->line_first, 0, 0);
	say_end_of_it(s);
}

static void what_kill(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	if (!r->victim) {
		mml_say(s, "The rest of an OOM report%s", r->kills ? ", and a kill" : "");
		say_when(s);
		mml_say_end(s, r->line_first, 0, 0);
		return;
	}
	mml_say(s, "%s: %s was killed",
		mml_say_name(s, *r->victim->message ? r->victim->message : "Out of memory"),
		mml_say_task(s, r->victim->comm, r->victim->pid));
	say_when(s);
	mml_say_end(s, r->victim->line, 0, 0);
	mml_say(s, "The report before it is missing: it is printed at most 10 times in 5 s, and at "
		   "a lower level than this line");
	mml_say_end(s, 0, 0, 0);
	if (r->group_line)
		say_kills(s);
}

static void what_panic(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	mml_say(s, "The kernel panicked");
	say_when(s);
	if (r->panic)
		mml_say_on(s, ": %s", mml_say_name(s, r->panic));
	mml_say_end(s, r->panic_line ? r->panic_line : r->line_first, 0, 0);
	mml_say(s, "Nothing was left that could be killed, or the machine is set to panic when "
		   "memory runs out");
	mml_say_end(s, 0, 0, 0);
}

void mml_say_what(struct mml_say *s)
{
	static void (*const kinds[])(struct mml_say *) = {
		[MML_OOM_KIND_OOM] = what_oom,
		[MML_OOM_KIND_MEMCG_OOM] = what_oom,
		[MML_OOM_KIND_MANUAL] = what_manual,
		[MML_OOM_KIND_POLICY] = what_policy,
		[MML_OOM_KIND_ALLOC_FAILURE] = what_failure,
		[MML_OOM_KIND_VMALLOC_FAILURE] = what_vmalloc,
		[MML_OOM_KIND_SHOW_MEM] = what_dump,
		[MML_OOM_KIND_KILL_ONLY] = what_kill,
		[MML_OOM_KIND_PANIC] = what_panic,
	};

	kinds[s->r->kind](s);
}

/* "48.0 MiB of 48.0 MiB", of COUNTER of C. */
static void say_counter(struct mml_say *s, const char *what, const struct mml_oom_cgroup *c,
			enum mml_oom_counter counter)
{
	uint64_t usage, limit;

	if (!mml_oom_limited(c->limit[counter]) || !mml_oom_kb(c->usage[counter], &usage) ||
	    !mml_oom_kb(c->limit[counter], &limit))
		return;
	mml_say(s, "%s: %s of %s", what, mml_say_size(s, usage), mml_say_size(s, limit));
	mml_say_end(s, c->usage[counter].line, 0, 0);
}

/* The kernel charges in batches: 32 pages, 64 since 6.1. A limit of hardly more is hit by the first
 * touch. */
static void say_small(struct mml_say *s, const struct mml_oom_cgroup *c)
{
	uint64_t limit, batch = s->r->version >= MML_VERSION(6, 1, 0) ? 64 : 32;

	if (!mml_oom_kb(c->limit[MML_OOM_CG_MEMORY], &limit) ||
	    limit / s->r->page_size.n >= 2 * batch)
		return;
	mml_say(s,
		"That is %" PRIu64 " pages, where the kernel charges %" PRIu64
		" at a time: hardly anything can run in it",
		limit / s->r->page_size.n, batch);
	mml_say_end(s, c->limit[MML_OOM_CG_MEMORY].line, 0, 0);
}

static void limit_group(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;
	const struct mml_oom_cgroup *c = mml_oom_limit(r);
	const char *path = r->oom_memcg ? r->oom_memcg : c ? c->path : NULL;
	uint64_t usage, limit;
	bool known = c && mml_oom_kb(c->usage[MML_OOM_CG_MEMORY], &usage) &&
		     mml_oom_kb(c->limit[MML_OOM_CG_MEMORY], &limit);

	mml_say(s, "The limit of %s",
		path ? mml_say_name(s, path) : "a group whose name is not in the log");
	if (known && mml_oom_limited(c->limit[MML_OOM_CG_MEMORY])) {
		mml_say_on(s, ": %s of %s", mml_say_size(s, usage), mml_say_size(s, limit));
		mml_say_end(s, c->usage[MML_OOM_CG_MEMORY].line, r->constraint_line, 0);
	} else if (known) {
		mml_say_on(s, ", which has none: it used %s", mml_say_size(s, usage));
		mml_say_end(s, c->usage[MML_OOM_CG_MEMORY].line, r->constraint_line, 0);
	} else {
		mml_say_on(s, "; how large it is is not in the log");
		mml_say_end(s, r->constraint_line, 0, 0);
	}
	if (path && r->task_memcg && strcmp(path, r->task_memcg) != 0) {
		mml_say(s, "The victim is in %s, below it: that group's own limit was not the one",
			mml_say_name(s, r->task_memcg));
		mml_say_end(s, r->constraint_line, 0, 0);
	}
	if (c) {
		say_counter(s, "Memory and swap together", c, MML_OOM_CG_MEMSW);
		say_counter(s, "Kernel memory", c, MML_OOM_CG_KMEM);
		say_small(s, c);
	}
	if (r->kind == MML_OOM_KIND_MEMCG_OOM) {
		mml_say(s, "The machine itself had no shortage that this report tells of");
		mml_say_end(s, 0, 0, 0);
	}
}

/* Nodes that were allowed, and what is free beyond them. */
static void limit_nodes(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;
	bool cpuset = r->constraint == MML_OOM_BY_CPUSET;
	const char *mask = cpuset ? r->mems_allowed : r->nodemask;
	uint64_t inside = 0, all;

	if (cpuset)
		mml_say(s, "The cpuset %s allows node %s alone", mml_say_name(s, r->cpuset),
			mml_say_name(s, mask));
	else
		mml_say(s, "A memory policy (mbind, set_mempolicy, numactl) allows node %s alone",
			mml_say_name(s, mask));
	mml_say_end(s, r->constraint_line, 0, 0);
	mml_say(s, "The kernel's \"global_oom\" only says that it was no memory control group");
	mml_say_end(s, 0, 0, 0);
	for (const struct mml_oom_zone *z = r->zones; z; z = z->next)
		if (mml_oom_node_in(mask, z->node) && z->item[MML_OOM_FREE].n < UINT64_MAX / 2048)
			inside += z->item[MML_OOM_FREE].n * 1024;
	all = mml_say_bytes(s, r->item[MML_OOM_FREE].n);
	if (!mml_oom_has(r->item[MML_OOM_FREE]) || all <= inside)
		return;
	mml_say(s, "The machine has %s free, %s of it on other nodes", mml_say_size(s, all),
		mml_say_size(s, all - inside));
	mml_say_end(s, r->item[MML_OOM_FREE].line, 0, 0);
}

void mml_say_limit(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	if (r->reason == MML_OOM_WHY_FALSE_GLOBAL) {
		mml_say(s, "No limit is told: a page fault failed for another reason, and the "
			   "kernel called the OOM killer for the whole machine without a request "
			   "of its own");
		mml_say_end(s, r->gfp_mask.line ? r->gfp_mask.line : r->line_first, 0, 0);
		return;
	}
	if (r->constraint == MML_OOM_BY_MEMCG || r->cgroups)
		limit_group(s);
	else if ((r->constraint == MML_OOM_BY_CPUSET && r->mems_allowed) ||
		 (r->constraint == MML_OOM_BY_POLICY && r->nodemask))
		limit_nodes(s);
	else if (r->kind == MML_OOM_KIND_OOM && r->constraint == MML_OOM_BY_NONE) {
		mml_say(s, "No limit of a group, a cpuset or a policy%s: the machine's own memory",
			r->constraint_inferred ? " is told" : "");
		mml_say_end(s, r->constraint_line, 0, 0);
	}
}
