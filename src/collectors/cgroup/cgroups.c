/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroup.h"

#include <errno.h>
#include <stdlib.h>

#include "../../core/trouble.h"

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

static void say_peculiar(const struct mml_cgroups *groups, struct mml_table *table)
{
	if (groups->fs.version == 1)
		mml_table_note(table,
			       "version 1: usage is fuzzy by up to 64 pages a CPU, and events are those "
			       "of a group alone");
	if (!groups->fs.whole)
		mml_table_note(table, "these are the groups of a container: what they lie in cannot be "
				      "seen from here, and may limit them further");
}

static int cgroups_collect(struct mml_take *take, const struct mml_query *query,
			   struct mml_table *ret)
{
	unsigned needs = query->reading.needs;
	struct mml_cgroup_met met[MML_CGROUP_FILES] = { 0 };
	struct mml_cgroup_plan *plan = mml_arena_alloc(take->arena, sizeof(*plan));
	struct mml_cgroups groups;
	int rc = plan ? mml_cgroups_list(take, ret, NULL, 0, &groups) : -ENOMEM;

	if (rc)
		return rc;
	for (size_t i = 0; i < groups.n; i++)
		groups.at[i]->shown = true;
	mml_cgroup_plan(ret->schema, groups.fs.version, needs, plan);
	rc = add_rows(&groups, ret);
	if (rc)
		return rc;
	find_local(&groups);
	set_names(&groups);
	rc = plan->n ? mml_cgroups_read(&groups, plan, met) : 0;
	if (!rc)
		rc = mml_cgroups_derive(&groups, needs);
	if (!rc) {
		mml_cgroups_why(&groups, plan, met, ret);
		say_peculiar(&groups, ret);
		rc = drop_gone(&groups, ret);
	}
	return rc ? mml_table_fail(ret, rc, NULL, "out of memory") : ret->error;
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
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_cgroups = {
	.schema = { .name = "cgroups",
		    .help = "A control group: what memory it has, what may limit it, and what "
			    "happened to it.",
		    MML_COLUMNS(CGROUPS) },
	.sources = sources,
	.collect = cgroups_collect,
};
