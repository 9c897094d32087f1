/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmas.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../cgroup/scope.h"

#define MML_COLUMNS_OF VMAS
#include "../../core/columns.h"

extern const struct mml_collector mml_collector_vmas;

static const struct mml_source sources[] = {
	{ "/proc/PID/maps", "the process's own user, or CAP_SYS_PTRACE", NULL, NULL },
	{ "/proc/PID/smaps", "the process's own user, or CAP_SYS_PTRACE",
	  "a kernel with CONFIG_PROC_PAGE_MONITOR", NULL },
	{ "/proc/PID/numa_maps", "the process's own user, or CAP_SYS_PTRACE", "a kernel with CONFIG_NUMA",
	  NULL },
	{ "/proc/PID/stat", NULL, NULL, NULL },
	{ "/proc/PID/mountinfo", "the process's own user, or CAP_SYS_PTRACE", NULL, NULL },
	{ NULL, NULL, NULL, NULL },
};

static struct mml_absence absence_of(struct vmas *v, const char *path, int err)
{
	return mml_absence_of(v->take->arena, v->take->root, sources, path, err);
}

/* smaps has all that maps has, but costs a hundred times as much. A tree may have only one of them. */
static int read_mappings(struct vmas *v)
{
	bool wanted = v->query->reading.needs & NEEDS_SMAPS;
	const char *const names[] = { wanted ? "smaps" : "maps", wanted ? "maps" : "smaps" };
	char paths[2][32];
	size_t at = 0; /* which of the two it is, or why there is none */
	int rc = 0;

	for (size_t i = 0; i < 2; i++) {
		snprintf(paths[i], sizeof(paths[i]), "/proc/%d/%s", (int)v->mm->pid, names[i]);
		rc = mml_vmas_read(v, paths[i]);
		if (rc != -ENOENT) {
			at = i;
			break;
		}
	}
	if (wanted && rc != -ESRCH && v->table->nrows > v->first &&
	    !mml_has(mml_table_row(v->table, v->first), VMAS_rss)) {
		struct mml_absence why = absence_of(v, paths[0], -ENOENT);

		mml_table_why_needs(v->table, NEEDS_SMAPS, why.reason, why.needs);
	}
	if (rc && rc != -ESRCH) {
		struct mml_absence why = absence_of(v, paths[at], rc);

		mml_table_fail(v->table, rc, why.needs, "%s", why.reason);
	}
	return rc;
}

static void read_allowed(struct vmas *v)
{
	struct mml_span text;
	char path[32];
	int rc;

	v->allowed_known = false;
	if (!v->cpus)
		return;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)v->mm->pid);
	rc = mml_take_file(v->take, NULL, path, &text);
	if (rc && rc != -ESRCH) {
		struct mml_absence why = absence_of(v, path, rc);

		mml_table_why_needs(v->table, NEEDS_REMOTE, why.reason, why.needs);
	}
	v->allowed_known = !rc && !mml_nodes_allowed(v->cpus, text, &v->allowed);
}

static int add_numa(struct vmas *v)
{
	char path[32];
	int rc;

	read_allowed(v);
	snprintf(path, sizeof(path), "/proc/%d/numa_maps", (int)v->mm->pid);
	rc = mml_vmas_numa(v, path);
	if (rc && rc != -ESRCH) {
		struct mml_absence why = absence_of(v, path, rc);

		mml_table_why_needs(v->table, NEEDS_NUMA, why.reason, why.needs);
	}
	return rc == -ESRCH || rc == -ENOMEM ? rc : 0;
}

int mml_vmas_list(struct mml_take *take, const struct mml_mm *mm, struct mml_table *ret_why,
		  struct mml_table **ret)
{
	const struct mml_query query = { .reading.cancel_fd = -1 };
	struct vmas v = { .take = take, .query = &query, .mm = mm };
	int rc;

	v.table = mml_table_new(take->arena, &mml_collector_vmas.schema);
	if (!v.table)
		return mml_table_fail(ret_why, -ENOMEM, NULL, "out of memory");
	v.strings.arena = take->arena;
	rc = read_mappings(&v);
	if (rc == -ESRCH)
		return mml_table_fail(ret_why, rc, NULL, "process %d ended while it was read",
				      (int)mm->pid);
	if (rc)
		return mml_table_fail(ret_why, rc, v.table->absence.needs, "%s",
				      v.table->absence.reason ? v.table->absence.reason :
								strerror(-rc));
	mml_vmas_names(&v);
	*ret = v.table;
	return 0;
}

static int add_process(struct vmas *v, pid_t pid)
{
	uint64_t seen[MML_MAX_COLUMNS / 64];
	struct mml_mm mm;
	int rc = mml_mm_take(v->take, v->table, pid, &mm);

	if (rc)
		return rc;
	memcpy(seen, v->seen, sizeof(seen));
	v->mm = &mm;
	v->escaped = false;
	v->mounts = (struct mml_mounts){ 0 };
	v->first = v->table->nrows;
	rc = read_mappings(v);
	if (!rc && v->query->reading.needs & NEEDS_NUMA)
		rc = add_numa(v);
	if (rc == -ESRCH) {
		while (v->table->nrows > v->first)
			mml_table_drop(v->table);
		memcpy(v->seen, seen, sizeof(seen));
		return mml_table_fail(v->table, -ESRCH, NULL,
				      "process %d ended while it was read", (int)pid);
	}
	mml_vmas_names(v);
	if (!rc && v->table->nrows == v->first && mml_scope_pids(&v->query->scope)->given) {
		const char *why = mml_mm_why_empty(&mm);

		mml_table_note(v->table, "process %d has no mappings%s%s", (int)pid,
			       why ? ": " : "", why ? why : "");
	}
	return rc;
}

/* Says which fields this kernel's smaps does not have. */
static void explain_columns(struct vmas *v)
{
	if (!(v->query->reading.needs & NEEDS_SMAPS) || !v->table->nrows)
		return;
	for (unsigned i = 0; i < v->table->schema->ncolumns; i++)
		if (VMAS_columns[i].needs & NEEDS_SMAPS && !(v->seen[i / 64] >> (i % 64) & 1))
			mml_table_why(v->table, i,
				      mml_arena_printf(v->take->arena,
						       "smaps of this kernel has no %s",
						       VMAS_columns[i].source),
				      NULL);
}

/* A process of a control group that has ended is no longer asked about. */
static int add_member(struct vmas *v, pid_t pid)
{
	bool failed = v->table->error;
	int rc = add_process(v, pid);

	if (rc != -ESRCH || failed)
		return rc;
	v->table->error = 0;
	v->table->absence = (struct mml_absence){ 0 };
	return 0;
}

static int collect_asked(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	struct vmas v = { .take = take, .query = query, .table = ret };
	const struct mml_arg *asked = mml_scope_pids(&query->scope);
	struct mml_cpu_nodes cpus;
	int rc = 0;

	v.strings.arena = take->arena;
	if (!asked->n)
		return mml_table_fail(ret, -EINVAL, "-p PID", "asked about no process");
	if (query->reading.needs & NEEDS_REMOTE) {
		rc = mml_cpu_nodes_read(take, &cpus);
		if (rc == -ENOMEM)
			return mml_table_fail(ret, rc, NULL, "out of memory");
		if (rc)
			mml_table_why_needs(ret, NEEDS_REMOTE,
					    "which node each CPU is on is not known",
					    "a kernel with CONFIG_NUMA");
		else
			v.cpus = &cpus;
		rc = 0;
	}
	/* If one process fails, the others are still shown. */
	for (size_t i = 0; i < asked->n && rc != -ENOMEM; i++)
		rc = asked->given ? add_process(&v, asked->pids[i]) : add_member(&v, asked->pids[i]);
	if (rc == -ENOMEM)
		return mml_table_fail(ret, rc, NULL, "out of memory");
	explain_columns(&v);
	if (query->scope.by && !strcmp(query->scope.by, "name") && mml_vmas_merge(ret, &v.strings))
		return mml_table_fail(ret, -ENOMEM, NULL, "out of memory");
	return ret->error;
}

static int vmas_collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	struct mml_query asked = *query;
	int rc = mml_cgroup_scope(take, ret, &asked.scope);

	if (rc)
		return rc < 0 ? rc : ret->error;
	return collect_asked(take, &asked, ret);
}

static const struct mml_grouping groupings[] = {
	{ "name", "processes,mappings,size,kind,rss,pss,uss,shared,anonymous,swap,name", "-pss,-size" },
	{ NULL, NULL, NULL },
};

const struct mml_collector mml_collector_vmas = {
	.schema = { .name = "vmas",
		    .apart = "processes,numa_map_max",
		    .help = "A mapping: a range of a process's addresses, what it is of, and how much of it is in memory.",
		    MML_COLUMNS(VMAS) },
	.sources = sources,
	.takes = MML_TAKES(PIDS) | MML_TAKES(CGROUP),
	.requires = MML_TAKES(PIDS),
	.groupings = groupings,
	.collect = vmas_collect,
};
