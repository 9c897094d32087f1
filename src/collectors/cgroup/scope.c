/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scope.h"

#include <errno.h>
#include <stdlib.h>

#include "../../core/trouble.h"
#include "cgroup.h"

static bool is_prefix(const char *text, const char *of)
{
	return of && !strncmp(text, of, strlen(text));
}

/* How well a word names a group: 0 is not at all, and the higher the better. */
static int fits(const struct mml_cgroup *g, const char *word)
{
	enum { SHORTEST_ID = 6 };
	size_t len = strlen(word);
	bool id = len >= SHORTEST_ID;

	if (!strcmp(g->path, word))
		return 5;
	if (mml_span_eq(g->name.part, word))
		return 4;
	if (g->name.name && !strcmp(g->name.name, word))
		return 3;
	if (g->name.kind == MML_CGROUP_IS_CONTAINER && id && is_prefix(word, g->name.id))
		return 2;
	if (g->name.kind == MML_CGROUP_IS_POD && id && is_prefix(word, g->name.pod))
		return 2;
	/* app for app.service */
	return mml_span_starts(g->name.part, word) && g->name.part.p[len] == '.' &&
			       g->name.kind >= MML_CGROUP_IS_SLICE && g->name.kind <= MML_CGROUP_IS_APP ?
		       1 :
		       0;
}

static int not_found(struct mml_table *table, const char *word)
{
	return mml_table_fail(table, -ESRCH, NULL, "there is no control group '%s'", word);
}

static int ambiguous(const struct mml_cgroups *groups, struct mml_table *table, const char *word,
		     int best)
{
	enum { NAMED = 3 };
	const char *list = "";
	size_t n = 0;

	for (size_t i = 0; i < groups->n; i++)
		if (fits(groups->at[i], word) == best && n++ < NAMED)
			list = mml_arena_printf(table->arena, "%s%s%s", list, *list ? ", " : "",
						groups->at[i]->path);
	return mml_table_fail(table, -EINVAL, NULL, "'%s' may be any of %zu control groups: %s%s", word,
			      n, list, n > NAMED ? " ..." : "");
}

int mml_cgroups_choose(const struct mml_cgroups *groups, struct mml_table *table, const char *word,
		       const struct mml_cgroup **ret)
{
	size_t found = 0;
	int best = 0;

	*ret = NULL;
	if (!*word)
		return not_found(table, word);
	for (size_t i = 0; i < groups->n; i++) {
		int how = fits(groups->at[i], word);

		if (how > best) {
			best = how;
			found = 0;
		}
		if (how && how == best && !found++)
			*ret = groups->at[i];
	}
	if (!found)
		return not_found(table, word);
	return found > 1 ? ambiguous(groups, table, word, best) : 0;
}

int mml_cgroups_named(struct mml_take *take, struct mml_table *table, const char *word,
		      struct mml_cgroups *groups, const struct mml_cgroup **ret)
{
	size_t len = strlen(word);
	const char *path;
	int rc;

	while (len > 1 && *word == '/' && word[len - 1] == '/')
		len--;
	path = mml_arena_strndup(take->arena, word, len);
	if (!path)
		return mml_table_fail(table, -ENOMEM, NULL, "out of memory");
	/* A path takes a look at few groups, and a name at all. */
	rc = mml_cgroups_list(take, table, *path == '/' ? &path : NULL, 1, groups);
	if (!rc && *path != '/')
		mml_cgroups_call(groups);
	return rc ? rc : mml_cgroups_choose(groups, table, path, ret);
}

int mml_cgroup_path(struct mml_take *take, struct mml_table *table, const char *word, const char **ret)
{
	const struct mml_cgroup *g;
	struct mml_cgroups groups = { 0 };
	int rc = mml_cgroups_named(take, table, word, &groups, &g);

	*ret = rc ? NULL : g->path;
	return rc;
}

/* The processes of a group that was removed meanwhile are gone, too. */
static int add_group(struct mml_take *take, const struct mml_cgroup *g, struct mml_buf *buf)
{
	struct mml_dir dir;
	int rc = mml_dir_open(take->root, g->dir, &dir);

	if (!rc) {
		rc = mml_dir_read(&dir, "cgroup.procs", false, buf);
		mml_dir_close(&dir);
	}
	return rc;
}

static int pid_order(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return x < y ? -1 : x > y;
}

/* A process of another PID namespace has the number 0 here. */
static int add_pids(struct mml_take *take, struct mml_span text, struct mml_arg *arg)
{
	struct mml_span line, rest = text;
	size_t n = arg->n, kept = 0;
	pid_t *pids;

	while (mml_next_line(&rest, &line))
		n++;
	pids = mml_arena_alloc(take->arena, (n + 1) * sizeof(*pids));
	if (!pids)
		return -ENOMEM;
	if (arg->n)
		memcpy(pids, arg->pids, arg->n * sizeof(*pids));
	for (n = arg->n; mml_next_line(&text, &line);) {
		uint64_t pid;

		if (!mml_parse_u64(line, &pid) && pid && pid <= INT32_MAX)
			pids[n++] = (pid_t)pid;
	}
	qsort(pids, n, sizeof(*pids), pid_order);
	for (size_t i = 0; i < n; i++)
		if (!kept || pids[i] != pids[kept - 1])
			pids[kept++] = pids[i];
	arg->pids = pids;
	arg->n = kept;
	return 0;
}

int mml_cgroup_scope(struct mml_take *take, struct mml_table *table, struct mml_scope *scope)
{
	const struct mml_arg *asked = &scope->args[MML_PARAM_CGROUP];
	struct mml_arg *pids = &scope->args[MML_PARAM_PIDS];
	const struct mml_cgroup *top;
	struct mml_cgroups groups = { 0 };
	struct mml_buf text = { 0 };
	int rc;

	if (!asked->given)
		return 0;
	rc = mml_cgroups_named(take, table, asked->text, &groups, &top);
	for (size_t i = 0; i < groups.n && !rc; i++) {
		if (!mml_cgroup_is_in(groups.at[i]->path, top->path))
			continue;
		rc = add_group(take, groups.at[i], &text);
		if (rc == -EOPNOTSUPP)
			mml_table_note(table, "%s is threaded: its processes are told of the group "
				       "around it", groups.at[i]->path);
		else if (rc == -EACCES || rc == -EPERM)
			mml_table_note(table, "%s: who is in it is not told to this user",
				       groups.at[i]->path);
		rc = rc == -ENOMEM ? rc : 0;
	}
	if (!rc)
		rc = add_pids(take, (struct mml_span){ text.data, text.data + text.len }, pids);
	if (rc == -ENOMEM)
		mml_table_fail(table, rc, NULL, "out of memory");
	mml_buf_free(&text);
	if (rc || pids->n)
		return rc;
	mml_table_note(table, "no process is in %s", top->path);
	return 1;
}
