/* The table findings: what is looked at each time, and what is kept between two looks. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../collectors/cgroup/scope.h"
#include "../collectors/registry.h"
#include "../core/trouble.h"
#include "columns.h"
#include "finder.h"

static const char *const severities[] = { "note", "warning", "critical", NULL };

#define MML_COLUMNS_OF FINDINGS
#include "../core/columns.h"

static void *findings_keep(struct mml_root *root)
{
	(void)root;
	return mml_calloc(1, sizeof(struct mml_past));
}

static void findings_release(void *state)
{
	mml_past_free(state);
	free(state);
}

/* A rule whose table could not be read is silent, and that must not look as if all were well. */
static void say_unseen(struct mml_table *ret, const struct mml_facts *now,
		       const struct mml_past *past)
{
	const struct mml_table *const tables[] = { now->meminfo, now->vmstat, now->zones, now->buddy,
						   now->slab,	 now->psi,    now->swaps };
	unsigned looked = mml_findings_looked(now, past);

	if (now->group) {
		if (!ret->nrows)
			mml_table_note(ret, "nothing looks wrong in the group");
		return;
	}
	if (!ret->nrows)
		mml_table_note(ret, "nothing looks wrong; %u of %u rules looked", looked,
			       MML_FINDINGS);
	else if (looked < MML_FINDINGS)
		mml_table_note(ret, "%u of %u rules could not look", MML_FINDINGS - looked,
			       MML_FINDINGS);
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		if (tables[i]->error)
			mml_table_note(ret, "%s", tables[i]->absence.reason);
}

/* Reading all processes may take a tenth of a second on a large machine. They are read when they are
 * followed for growth, every ten seconds, and less often where it takes over a hundredth of the time. */
static bool is_turn_of_processes(const struct mml_take *take, const struct mml_query *query)
{
	const struct mml_past *past = query->reading.state;
	uint64_t wait = UINT64_C(9900000000); /* a look may come a little early */

	if (!past || query->reading.once || !past->time_ns || !take->snap)
		return false;
	if (past->cost_ns * 100 > wait)
		wait = past->cost_ns * 100;
	return !past->processes_ns || take->snap->time.mono_ns >= past->processes_ns + wait;
}

/* Where time is of account, less often if it takes long, but at once if a process was killed: it may be
 * gone from the group at the next look. */
static int look_at_groups(struct mml_past *past, struct mml_take *take,
			  const struct mml_query *query, const struct mml_facts *now)
{
	bool killed = mml_fact_change(now, past, MML_FACT_OOM_KILL) > 0;

	if (query->reading.budget_ns && !mml_groups_due(&past->groups, now->time_ns, killed))
		return 0;
	return mml_groups_look(&past->groups, take, query->reading.once, killed, now->time_ns);
}

/* Says what is found in NOW, and remembers it. Returns 0, or -errno after a failure of RET. */
static int judge(const struct mml_query *query, const struct mml_facts *now, struct mml_past *past,
		 struct mml_table *ret)
{
	if (mml_findings(now, past, ret))
		return mml_table_fail(ret, -ENOMEM, NULL, "out of memory");
	if (!now->meminfo->nrows && !now->zones->nrows)
		return mml_table_fail(ret, now->meminfo->error ? now->meminfo->error : -ENODATA,
				      now->meminfo->absence.needs, "%s",
				      now->meminfo->absence.reason ? now->meminfo->absence.reason :
								     "/proc/meminfo: empty");
	if (!past->time_ns)
		mml_table_note(ret, "one look only: what happens over time needs -d, or the screen");
	say_unseen(ret, now, past);
	if (query->reading.state)
		mml_past_found(past, ret, FINDINGS_finding, FINDINGS_about, FINDINGS_age,
			       now->time_ns);
	mml_past_add(past, now);
	return 0;
}

static int findings_collect(struct mml_take *take, const struct mml_query *query,
			    struct mml_table *ret)
{
	struct mml_past none = { 0 }, *past = query->reading.state ? query->reading.state : &none;
	struct mml_facts now;
	const struct mml_arg *arg = &query->scope.args[MML_PARAM_CGROUP];
	const char *group = NULL;
	int rc = arg->given ? mml_cgroup_path(take, ret, arg->text, &group) : 0;

	if (rc)
		return rc == -ENOMEM ? mml_table_fail(ret, rc, NULL, "out of memory") : rc;
	rc = mml_facts_take(take, is_turn_of_processes(take, query), &now);
	now.group = group;
	if (!rc) {
		mml_past_follow(past, &now);
		mml_past_mappings(past, take->root, &now);
		rc = look_at_groups(past, take, query, &now);
	}
	rc = rc ? mml_table_fail(ret, rc, NULL, "out of memory") : judge(query, &now, past, ret);
	mml_past_free(&none);
	return rc;
}

static const struct mml_source sources[] = {
	{ "/proc/meminfo", NULL, "a mounted /proc", NULL },
	{ "/proc/vmstat", NULL, "a kernel with CONFIG_VM_EVENT_COUNTERS", NULL },
	{ "/proc/zoneinfo", NULL, "a mounted /proc", NULL },
	{ "/proc/buddyinfo", NULL, "a mounted /proc", NULL },
	{ "/proc/slabinfo", "root (the file is readable for root only)",
	  "a kernel with CONFIG_SLUB_DEBUG (or SLAB), and not a container that hides it", NULL },
	{ "/proc/pressure/memory", NULL, "Linux 4.20 or newer with CONFIG_PSI", NULL },
	{ "/proc/swaps", NULL, "a kernel with CONFIG_SWAP", NULL },
	{ "/proc/loadavg", NULL, "a mounted /proc", NULL },
	{ "/proc/self/mountinfo", NULL, "a mounted /proc", NULL },
	{ "/proc/sys/vm/overcommit_memory", NULL, "a mounted /proc", NULL },
	{ "/proc/sys/vm/max_map_count", NULL, "a mounted /proc", NULL },
	{ "/proc/sys/kernel/threads-max", NULL, "a mounted /proc", NULL },
	{ "/proc/sys/kernel/pid_max", NULL, "a mounted /proc", NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_findings = {
	.schema = { .name = "findings",
		    .help = "Something that looks wrong, in words, with the numbers it rests on.",
		    MML_COLUMNS(FINDINGS) },
	.sources = sources,
	.takes = MML_TAKES(CGROUP),
	.collect = findings_collect,
	.keep = findings_keep,
	.release = findings_release,
};
