/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroup.h"

#include <errno.h>

/* What it takes for a file to be there. */
static const struct {
	const char *file, *needs;
} takes[] = {
	{ "memory.peak", "Linux 5.19" },
	{ "memory.min", "Linux 4.18" },
	{ "memory.oom.group", "Linux 4.19" },
	{ "memory.events.local", "Linux 5.2" },
	{ "memory.swap.peak", "Linux 6.6, and swap accounting" },
	{ "memory.swap.current", "swap accounting (CONFIG_SWAP, and not swapaccount=0)" },
	{ "memory.swap.max", "swap accounting (CONFIG_SWAP, and not swapaccount=0)" },
	{ "memory.swap.events", "swap accounting (CONFIG_SWAP, and not swapaccount=0)" },
	{ "memory.memsw.usage_in_bytes", "swap accounting (swapaccount=1)" },
	{ "memory.memsw.limit_in_bytes", "swap accounting (swapaccount=1)" },
	{ "memory.kmem.usage_in_bytes", "a kernel that accounts its own memory (CONFIG_MEMCG_KMEM)" },
	{ "memory.kmem.tcp.usage_in_bytes",
	  "a kernel that accounts its own memory (CONFIG_MEMCG_KMEM)" },
	{ "memory.pressure", "Linux 4.20 with CONFIG_PSI" },
};

static const char *needs_of(const struct mml_cgroup_file *file)
{
	for (size_t i = 0; i < sizeof(takes) / sizeof(*takes); i++)
		if (!strcmp(file->path, takes[i].file))
			return takes[i].needs;
	return NULL;
}

static void say(struct mml_table *table, const struct mml_cgroup_file *file, const char *reason,
		const char *needs)
{
	for (size_t k = 0; k < file->nkeys; k++)
		for (size_t i = 0; i < file->keys[k].ncols; i++)
			mml_table_why(table, file->keys[k].cols[i], reason, needs);
	if (file->form == MML_CGROUP_PRESSURE)
		mml_table_why_needs(table, NEEDS_PSI, reason, needs);
}

static void say_error(struct mml_take *take, struct mml_table *table,
		      const struct mml_cgroup_file *file, const struct mml_cgroup_met *met)
{
	const char *path = mml_arena_printf(take->arena, "%s/%s", met->where, file->path);

	if (!path)
		return;
	if (met->error == -EBADMSG)
		mml_table_fail(table, met->error, NULL, "%s: not what the kernel writes", path);
	else
		say(table, file, mml_absence_of(take->arena, take->root, NULL, path, met->error).reason,
		    met->error == -EACCES || met->error == -EPERM ? "root" : NULL);
}

static bool is_told(const struct mml_cgroup_plan *plan, unsigned col)
{
	for (size_t f = 0; f < plan->n; f++)
		for (size_t k = 0; k < plan->files[f].nkeys; k++)
			for (size_t i = 0; i < plan->files[f].keys[k].ncols; i++)
				if (plan->files[f].keys[k].cols[i] == col)
					return true;
	return false;
}

/* Each version has some columns that the other one has no file for. */
static void say_version(struct mml_table *table, const struct mml_cgroup_plan *plan)
{
	const struct mml_schema *schema = table->schema;

	for (unsigned i = 0; i < schema->ncolumns; i++) {
		const char *source = schema->columns[i].source;

		if (is_told(plan, i))
			continue;
		if (plan->version == 1 && !strncmp(source, "memory.", strlen("memory.")))
			mml_table_why(table, i, "control groups of version 1 do not tell it",
				      "memory in version 2 (systemd.unified_cgroup_hierarchy=1)");
		if (plan->version == 2 && !strncmp(source, "v1 ", strlen("v1 ")))
			mml_table_why(table, i, "control groups of version 2 have no such thing",
				      NULL);
	}
}

static bool any_has(const struct mml_cgroups *groups, unsigned col)
{
	for (size_t i = 0; i < groups->n; i++)
		if (mml_has(groups->at[i]->row, col))
			return true;
	return false;
}

/* What it takes for a line to be there. */
static const struct {
	const char *line, *needs;
} lines[] = {
	{ "total_swap", "swap accounting (swapaccount=1)" },
	{ "swap", "swap accounting (swapaccount=1)" },
	{ "oom_kill", "Linux 4.13" },
	{ "kernel", "Linux 5.18" },
	{ "workingset_refault_anon", "Linux 5.9" },
	{ "workingset_refault_file", "Linux 5.9" },
	{ "zswap", "Linux 5.19 with CONFIG_ZSWAP" },
	{ "zswapped", "Linux 5.19 with CONFIG_ZSWAP" },
	{ "hugetlb", "cgroup2 mounted with memory_hugetlb_accounting (Linux 6.13)" },
};

static const char *line_needs(struct mml_span line)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (mml_span_eq(line, lines[i].line))
			return lines[i].needs;
	return "a newer kernel, or one that is built with what this tells of";
}

/* A file that is there may lack a line on older kernels. */
static void say_lines(const struct mml_cgroups *groups, const struct mml_cgroup_file *file,
		      struct mml_table *table)
{
	for (size_t k = 0; k < file->nkeys; k++)
		for (size_t i = 0; i < file->keys[k].ncols; i++) {
			unsigned col = file->keys[k].cols[i];

			if (any_has(groups, col))
				continue;
			mml_table_why(table, col,
				      mml_arena_printf(table->arena, "%s has no line %.*s", file->path,
						       (int)mml_span_len(file->keys[k].name),
						       file->keys[k].name.p),
				      line_needs(file->keys[k].name));
		}
}

/* The root has only some of the files, and of groups that are not shown only some are read. */
static bool any_below(const struct mml_cgroups *groups)
{
	for (size_t i = 0; i < groups->n; i++) {
		const struct mml_cgroup *g = groups->at[i];

		if (g->shown && g->charges && !g->gone && (g->parent || !groups->fs.whole))
			return true;
	}
	return false;
}

void mml_cgroups_why(const struct mml_cgroups *groups, const struct mml_cgroup_plan *plan,
		     const struct mml_cgroup_met *met, struct mml_table *table)
{
	struct mml_take *take = groups->take;
	bool below = any_below(groups);

	for (size_t i = 0; i < plan->n; i++) {
		const struct mml_cgroup_file *file = &plan->files[i];

		if (met[i].error)
			say_error(take, table, file, &met[i]);
		else if (!met[i].seen && met[i].unsupported && file->form == MML_CGROUP_PRESSURE)
			say(table, file, "memory.pressure: not measured, it was switched off at boot",
			    "psi=1 on the kernel's command line");
		else if (!met[i].seen && below)
			say(table, file,
			    mml_arena_printf(take->arena, "%s: not %s", file->path,
					     mml_root_live(take->root) ? "on this kernel" :
									 "in this tree"),
			    needs_of(file));
		else if (met[i].seen && below && file->form == MML_CGROUP_KEYED)
			say_lines(groups, file, table);
	}
	say_version(table, plan);
}
