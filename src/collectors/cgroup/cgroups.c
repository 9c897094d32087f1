/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroup.h"

#include <errno.h>
#include <stdlib.h>

#include "../../core/trouble.h"
#include "iterate.h"

#define MML_COLUMNS_OF CGROUPS
#include "../../core/columns.h"

/* Each group has a row. Those that are read for their limits alone have one outside the table. */
static int add_rows(const struct mml_cgroups *groups, struct mml_table *table)
{
	for (size_t i = 0; i < groups->n; i++) {
		struct mml_cgroup *g = groups->at[i];

		g->row = g->shown ? mml_table_add(table) :
				    mml_arena_alloc(table->arena, mml_row_size(table->schema));
		if (!g->row)
			return -ENOMEM;
	}
	return 0;
}

/* Version 1 tells of its root whether it counts what is below, and other groups do as the one they are
 * in, unless that does not. */
static void find_local(const struct mml_cgroups *groups)
{
	for (size_t i = 0; i < groups->n; i++) {
		struct mml_cgroup *g = groups->at[i];
		uint64_t hierarchical;

		if (groups->fs.version == 1 && (!g->parent || g->parent->local) &&
		    !mml_take_number(groups->take, &hierarchical, "%s/memory.use_hierarchy", g->dir))
			g->local = !hierarchical;
	}
}

static const char *tree_name(struct mml_arena *arena, const struct mml_cgroup *g)
{
	enum { DEEPEST = 64 };
	int indent = (int)(g->depth < DEEPEST ? g->depth : DEEPEST) * 2;

	return g->name.name ? mml_arena_printf(arena, "%*s%s", indent, "", g->name.name) : NULL;
}

static void set_names(const struct mml_cgroups *groups)
{
	for (size_t i = 0; i < groups->n; i++) {
		const struct mml_cgroup *g = groups->at[i];
		const char *self = groups->fs.self;

		mml_set_str(g->row, CGROUPS_path, g->path);
		if (g->id)
			mml_set_u64(g->row, CGROUPS_id, g->id);
		mml_set_u64(g->row, CGROUPS_depth, g->depth);
		mml_set_str(g->row, CGROUPS_tree, tree_name(groups->take->arena, g));
		mml_set_str(g->row, CGROUPS_name, g->name.name);
		mml_set_str(g->row, CGROUPS_kind, mml_cgroup_kind_word(g->name.kind));
		mml_set_str(g->row, CGROUPS_unit, g->name.unit);
		mml_set_str(g->row, CGROUPS_container, g->name.container);
		mml_set_str(g->row, CGROUPS_container_id, g->name.id);
		mml_set_str(g->row, CGROUPS_runtime, g->name.runtime);
		mml_set_str(g->row, CGROUPS_pod, g->name.pod);
		mml_set_str(g->row, CGROUPS_qos, g->name.qos);
		if (self)
			mml_set_bool(g->row, CGROUPS_self, mml_cgroup_is_in(self, g->path));
	}
}

static int drop_gone(const struct mml_cgroups *groups, struct mml_table *table)
{
	bool *keep = mml_calloc(groups->n + 1, sizeof(*keep));
	size_t n = 0;

	if (!keep)
		return -ENOMEM;
	for (size_t i = 0; i < groups->n; i++)
		if (groups->at[i]->shown)
			keep[n++] = !groups->at[i]->gone;
	mml_table_keep(table, 0, keep);
	free(keep);
	return 0;
}

/* Whether the root of the hierarchy is among those that are shown. */
static bool has_root(const struct mml_cgroups *groups)
{
	return groups->fs.whole && groups->n && groups->at[0]->shown;
}

static void say_peculiar(const struct mml_cgroups *groups, struct mml_table *table)
{
	if (groups->fs.version == 1)
		mml_table_note(table,
			       "version 1: usage is fuzzy by up to 64 pages a CPU, events are those of a "
			       "group alone%s", has_root(groups) ? ", and the root's usage leaves the kernel's memory out" : "");
	if (!groups->fs.whole)
		mml_table_note(table, "these are the groups of a container: what they lie in cannot be "
				      "seen from here, and may limit them further");
}

/* Adds the group that process PID is charged to. 0 stands for mmlens itself. */
static int add_path(struct mml_take *take, struct mml_table *table, pid_t pid, const char **paths, size_t *n)
{
	struct mml_cgroup_lines lines;
	struct mml_span text, path;
	int rc = pid ? mml_take_filef(take, &text, "/proc/%d/cgroup", (int)pid) :
		       mml_take_file(take, NULL, "/proc/self/cgroup", &text);

	if (rc)
		return mml_table_fail(table, -ESRCH, NULL, "no process %d", (int)pid);
	mml_cgroup_lines(text, &lines);
	path = lines.memory.p ? lines.memory : lines.unified;
	if (!path.p)
		return 0;
	paths[*n] = mml_arena_strndup(take->arena, path.p, mml_span_len(path));
	return paths[(*n)++] ? 0 : -ENOMEM;
}

/* Lists the groups that the processes asked about are in. If one is not there, those of the others are
 * still shown. */
static int list_processes(struct mml_take *take, const struct mml_arg *pids, struct mml_table *table,
			  struct mml_cgroups *groups)
{
	const char **paths = mml_arena_alloc(take->arena, (pids->n + 1) * sizeof(*paths));
	size_t n = 0;
	int rc = paths ? 0 : -ENOMEM;

	for (size_t i = 0; i < pids->n && (!rc || rc == -ESRCH); i++)
		rc = add_path(take, table, pids->pids[i], paths, &n);
	if (rc && rc != -ESRCH)
		return rc;
	rc = mml_cgroups_list_around(take, table, paths, n, groups);
	for (size_t i = 0; i < groups->n && !rc; i++)
		groups->at[i]->shown = true;
	return rc;
}

/* Lists the groups that were asked about, with those that they are in. */
static int choose(struct mml_take *take, const struct mml_query *query, struct mml_table *table,
		  struct mml_cgroups *groups)
{
	const struct mml_arg *asked = &query->scope.args[MML_PARAM_CGROUP];
	const struct mml_arg *pids = mml_scope_pids(&query->scope);
	const struct mml_cgroup *top = NULL;
	int rc;

	if (asked->given)
		rc = mml_cgroups_named(take, table, asked->text, groups, &top);
	else if (pids->n)
		return list_processes(take, pids, table, groups);
	else
		rc = mml_cgroups_list(take, table, NULL, 0, groups);
	for (size_t i = 0; i < groups->n && !rc; i++)
		groups->at[i]->shown = !top || mml_cgroup_is_in(groups->at[i]->path, top->path);
	if (!rc)
		mml_cgroups_prune(groups);
	return rc;
}

/* The events of what is kept between samples, and what is kept of groups that are gone. */
static void look_back(const struct mml_cgroups *groups, struct mml_cgroup_state *state, unsigned needs)
{
	uint64_t now;

	if (!state || !groups->take->snap)
		return;
	now = groups->take->snap->time.mono_ns;
	for (size_t i = 0; i < groups->n && needs & (NEEDS_EVENTS | NEEDS_LOCAL) && now; i++)
		if (!groups->at[i]->gone)
			mml_cgroup_events(groups->at[i], now);
	mml_cgroups_forget(state);
}

static void say_unread(const struct mml_cgroups *groups, struct mml_table *table)
{
	size_t unread = 0;

	for (size_t i = 0; i < groups->n; i++)
		unread += !groups->at[i]->gone && !mml_has(groups->at[i]->row, CGROUPS_age);
	if (unread)
		mml_table_why_needs(table, ~(unsigned)NEEDS_USAGE,
				    mml_arena_printf(table->arena,
						     "%zu groups are still to be read", unread),
				    "the next samples: each has a time budget");
}

/* Returns the time budget of the costly files; 0: there is none. Reading files of a tree disturbs
 * nobody, and they always say the same. */
static uint64_t budget_of(const struct mml_cgroups *groups, const struct mml_query *query)
{
	const unsigned cheap = NEEDS_USAGE | NEEDS_NAMES | NEEDS_MACHINE;

	if (!query->reading.state || !(query->reading.needs & ~cheap) ||
	    !mml_root_live(groups->take->root))
		return 0;
	return query->reading.budget_ns;
}

static int fill(const struct mml_cgroups *groups, struct mml_cgroup_plan *plan,
		const struct mml_query *query, struct mml_table *ret)
{
	struct mml_cgroup_met met[MML_CGROUP_FILES] = { 0 };
	struct mml_cgroup_state *state = query->reading.state;
	uint64_t budget_ns = budget_of(groups, query);
	unsigned needs = query->reading.needs;
	int rc = add_rows(groups, ret);

	if (rc)
		return rc;
	rc = state ? mml_cgroups_remember(state, groups) : 0;
	if (rc)
		return rc;
	find_local(groups);
	if (needs & NEEDS_NAMES)
		mml_cgroups_call(groups);
	set_names(groups);
	mml_cgroup_plan(ret->schema, groups->fs.version, needs, plan);
	if (state)
		rc = mml_cgroups_iterate(mml_cgroup_iterator_of(state), groups, plan);
	if (plan->n && !rc)
		rc = mml_cgroups_read(groups, plan, budget_ns, met);
	if (!rc)
		rc = mml_cgroups_derive(groups, needs);
	if (rc)
		return rc;
	mml_cgroups_why(groups, plan, met, ret);
	if (budget_ns)
		say_unread(groups, ret);
	look_back(groups, state, needs);
	say_peculiar(groups, ret);
	return drop_gone(groups, ret);
}

static int cgroups_collect(struct mml_take *take, const struct mml_query *query,
			   struct mml_table *ret)
{
	struct mml_cgroup_plan *plan = mml_arena_alloc(take->arena, sizeof(*plan));
	struct mml_cgroups groups = { 0 };
	int rc = plan ? choose(take, query, ret, &groups) : -ENOMEM;

	if (!rc)
		rc = fill(&groups, plan, query, ret);
	return rc == -ENOMEM ? mml_table_fail(ret, rc, NULL, "out of memory") : ret->error;
}

static int probe(struct mml_root *root, struct mml_absence *ret)
{
	(void)root;
	(void)ret;
	return 0;
}

static const struct mml_source sources[] = {
	{ "/proc/self/mountinfo", NULL, "a mounted /proc", NULL },
	{ "/proc/self/cgroup", NULL, "a kernel with CONFIG_CGROUPS", NULL },
	{ "memory.current, memory.stat and others of each control group", NULL, NULL, probe },
	{ "BPF: iter/cgroup", NULL, NULL, mml_cgroup_iterator_probe }, /* in place of most of these */
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_cgroups = {
	.schema = { .name = "cgroups",
		    .apart = "*",
		    .help = "A control group: what memory it has, what may limit it, and what "
			    "happened to it.",
		    MML_COLUMNS(CGROUPS) },
	.sources = sources,
	.takes = MML_TAKES(PIDS) | MML_TAKES(CGROUP),
	.collect = cgroups_collect,
	.keep = mml_cgroup_keep,
	.release = mml_cgroup_release,
};
