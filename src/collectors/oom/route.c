/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build.h"

bool mml_oom_line_ours(enum mml_oom_line_kind kind)
{
	return kind != MML_OOM_L_NONE && kind != MML_OOM_L_FRAME && kind != MML_OOM_L_REGISTERS &&
	       kind != MML_OOM_L_PERCPU && kind != MML_OOM_L_KNOWN;
}

static bool is_oom(const struct mml_oom_report *r)
{
	return r && (r->kind == MML_OOM_KIND_OOM || r->kind == MML_OOM_KIND_MEMCG_OOM ||
		     r->kind == MML_OOM_KIND_MANUAL || r->kind == MML_OOM_KIND_POLICY);
}

/* A memory dump whose beginning is missing may be anything's. */
static bool bare(const struct mml_oom_report *r)
{
	return r && r->kind == MML_OOM_KIND_SHOW_MEM && !r->by_hand;
}

static bool takes_kill(const struct mml_oom_stream *s)
{
	const struct mml_oom_report *r = s->open;

	if (!r || r->kind == MML_OOM_KIND_ALLOC_FAILURE ||
	    r->kind == MML_OOM_KIND_VMALLOC_FAILURE ||
	    (r->kind == MML_OOM_KIND_SHOW_MEM && r->by_hand) || r->kind == MML_OOM_KIND_PANIC)
		return false;
	if (!r->kills || r->group_line)
		return true;
	/* "Kill process N (x) score S or sacrifice child" announces a kill. */
	return !mml_oom_has(r->newest->pid) && mml_oom_has(r->newest->chosen_pid);
}

bool mml_oom_line_belongs(const struct mml_oom_stream *s, enum mml_oom_line_kind kind)
{
	const struct mml_oom_report *r = s->open;

	if (!r)
		return false;
	switch (kind) {
	case MML_OOM_L_OOM:
		return r->kind == MML_OOM_KIND_MANUAL && !r->header_seen;
	case MML_OOM_L_FAILURE:
		return r->kind == MML_OOM_KIND_VMALLOC_FAILURE && !mml_oom_has(r->gfp_mask) &&
		       s->stage == MML_OOM_AT_HEADER && !mml_oom_has(r->pid) && !r->frames;
	case MML_OOM_L_MEMINFO:
		return s->stage < MML_OOM_AT_GLOBAL && r->kind != MML_OOM_KIND_KILL_ONLY &&
		       r->kind != MML_OOM_KIND_PANIC;
	case MML_OOM_L_GLOBAL:
		return s->stage <= MML_OOM_AT_GLOBAL;
	case MML_OOM_L_NODE:
		return s->stage <= MML_OOM_AT_ZONES;
	case MML_OOM_L_ZONE:
	case MML_OOM_L_NODE_PREFIX:
	case MML_OOM_L_BUDDY:
	case MML_OOM_L_RESERVE:
		return s->stage <= MML_OOM_AT_BUDDY;
	case MML_OOM_L_KILL:
		return takes_kill(s);
	case MML_OOM_L_OOMKILL:
		return (is_oom(r) || bare(r) || r->kind == MML_OOM_KIND_KILL_ONLY) &&
		       !r->constraint_line && !r->kills;
	case MML_OOM_L_GROUP:
		return r->kills != NULL;
	case MML_OOM_L_NO_KILLABLE:
	case MML_OOM_L_PANIC:
		return (is_oom(r) || bare(r)) && !r->panic_line;
	case MML_OOM_L_SHOW:
	case MML_OOM_L_BY_HAND:
	case MML_OOM_L_STALL:
	case MML_OOM_L_VMALLOC:
		return false;
	case MML_OOM_L_CPU:
	case MML_OOM_L_CPUSET:
		return s->stage == MML_OOM_AT_HEADER || r->kind == MML_OOM_KIND_PANIC;
	default:
		return s->stage < MML_OOM_AT_VERDICT;
	}
}

int mml_oom_line_opens(enum mml_oom_line_kind kind)
{
	switch (kind) {
	case MML_OOM_L_OOM:
		return MML_OOM_KIND_OOM;
	case MML_OOM_L_FAILURE:
	case MML_OOM_L_STALL:
		return MML_OOM_KIND_ALLOC_FAILURE;
	case MML_OOM_L_VMALLOC:
		return MML_OOM_KIND_VMALLOC_FAILURE;
	case MML_OOM_L_BY_HAND:
		return MML_OOM_KIND_MANUAL;
	case MML_OOM_L_SHOW:
	case MML_OOM_L_MEMINFO:
	case MML_OOM_L_GLOBAL:
	case MML_OOM_L_NODE:
	case MML_OOM_L_ZONE:
	case MML_OOM_L_BUDDY:
	case MML_OOM_L_HUGEPAGES:
	case MML_OOM_L_SINGLE:
	case MML_OOM_L_SWAP:
		return MML_OOM_KIND_SHOW_MEM;
	case MML_OOM_L_KILL:
	case MML_OOM_L_OOMKILL:
	case MML_OOM_L_TASK_HEAD:
	case MML_OOM_L_GROUP:
	case MML_OOM_L_TASK_IN:
	case MML_OOM_L_USAGE:
		return MML_OOM_KIND_KILL_ONLY;
	case MML_OOM_L_NO_KILLABLE:
	case MML_OOM_L_PANIC:
		return MML_OOM_KIND_PANIC;
	default:
		return -1;
	}
}

enum mml_oom_stage mml_oom_line_stage(enum mml_oom_line_kind kind, enum mml_oom_stage now)
{
	static const unsigned char stages[] = {
		[MML_OOM_L_MEMINFO] = MML_OOM_AT_GLOBAL,
		[MML_OOM_L_GLOBAL] = MML_OOM_AT_GLOBAL,
		[MML_OOM_L_NODE] = MML_OOM_AT_NODES,
		[MML_OOM_L_ZONE] = MML_OOM_AT_ZONES,
		[MML_OOM_L_RESERVE] = MML_OOM_AT_ZONES,
		[MML_OOM_L_BUDDY] = MML_OOM_AT_BUDDY,
		[MML_OOM_L_HUGEPAGES] = MML_OOM_AT_BUDDY,
		[MML_OOM_L_SINGLE] = MML_OOM_AT_TAIL,
		[MML_OOM_L_SWAP] = MML_OOM_AT_TAIL,
		[MML_OOM_L_SLABS] = MML_OOM_AT_TAIL,
		[MML_OOM_L_TAGS] = MML_OOM_AT_TAIL,
		[MML_OOM_L_TASKS] = MML_OOM_AT_TASKS,
		[MML_OOM_L_TASK_HEAD] = MML_OOM_AT_TASKS,
		[MML_OOM_L_OOMKILL] = MML_OOM_AT_TASKS,
		[MML_OOM_L_KILL] = MML_OOM_AT_VERDICT,
		[MML_OOM_L_NO_KILLABLE] = MML_OOM_AT_VERDICT,
		[MML_OOM_L_PANIC] = MML_OOM_AT_VERDICT,
		[MML_OOM_L_KNOWN] = 0,
	};
	enum mml_oom_stage at = kind < sizeof(stages) ? stages[kind] : 0;

	/* The first lines of 2.6.32 to 3.x have the block's zones between its counters and its
	 * tail. */
	return at > now ? at : now;
}

enum mml_oom_section mml_oom_line_section(enum mml_oom_line_kind kind)
{
	switch (kind) {
	case MML_OOM_L_SLABS:
	case MML_OOM_L_SLAB_HEAD:
	case MML_OOM_L_SLAB:
		return MML_OOM_S_SLABS;
	case MML_OOM_L_TAGS:
	case MML_OOM_L_TAG:
		return MML_OOM_S_TAGS;
	case MML_OOM_L_USAGE:
	case MML_OOM_L_STATS:
	case MML_OOM_L_STAT:
		return MML_OOM_S_STATS;
	case MML_OOM_L_TASKS:
	case MML_OOM_L_TASK_HEAD:
	case MML_OOM_L_TASK:
		return MML_OOM_S_TASKS;
	default:
		return MML_OOM_S_NONE;
	}
}

unsigned mml_oom_line_part(enum mml_oom_line_kind kind)
{
	switch (kind) {
	case MML_OOM_L_OOM:
	case MML_OOM_L_FAILURE:
	case MML_OOM_L_STALL:
	case MML_OOM_L_VMALLOC:
		return MML_OOM_HEADER;
	case MML_OOM_L_KILL:
	case MML_OOM_L_NO_KILLABLE:
	case MML_OOM_L_OOMKILL:
		return MML_OOM_VERDICT;
	default:
		return 0;
	}
}
