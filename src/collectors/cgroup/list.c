/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroup.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>

#include "../../core/text.h"
#include "../../core/trouble.h"
#include "../../core/unit.h"

/* Which groups there were when a tree was captured: the id and the path of one in each line. The
 * numbers of a tree's own directories are not those of the kernel's. */
static const char list_path[] = "/mmlens/cgroups";

bool mml_cgroup_is_in(const char *path, const char *top)
{
	size_t len = strlen(top);

	if (len && top[len - 1] == '/')
		len--;
	return !strncmp(path, top, len) && (!path[len] || path[len] == '/');
}

void mml_cgroups_prune(struct mml_cgroups *groups)
{
	size_t n = 0;

	for (size_t i = groups->n; i-- > 0;) {
		struct mml_cgroup *g = groups->at[i];

		g->needed |= g->shown;
		if (g->needed && g->parent)
			g->parent->needed = true;
	}
	for (size_t i = 0; i < groups->n; i++)
		if (groups->at[i]->needed) {
			groups->at[i]->place = n;
			groups->at[n++] = groups->at[i];
		}
	groups->n = n;
}

struct mml_cgroup *mml_cgroups_find(const struct mml_cgroups *groups, const char *path)
{
	for (size_t i = 0; i < groups->n; i++)
		if (!strcmp(groups->at[i]->path, path))
			return groups->at[i];
	return NULL;
}

/* A directory that was found and not opened yet. */
struct pending {
	struct mml_cgroup *parent;
	const char *name;
};

struct walk {
	struct mml_cgroups *groups;
	struct mml_cgroup *first, **last;
	const char *const *paths;
	size_t npaths;
	bool around; /* what lies in one of them is not wanted */
	struct pending *stack;
	size_t n, room;
	struct mml_buf names, list;
	size_t too_long; /* groups whose paths no call of the kernel's takes */
};

static bool is_wanted(const struct walk *walk, const char *path)
{
	for (size_t i = 0; i < walk->npaths; i++)
		if ((!walk->around && mml_cgroup_is_in(path, walk->paths[i])) ||
		    mml_cgroup_is_in(walk->paths[i], path))
			return true;
	return !walk->paths;
}

/* Names the group and sets where it is. Returns 0, or -ENOMEM, or -ENAMETOOLONG. */
static int place(const struct walk *walk, const char *name, struct mml_cgroup *g)
{
	const struct mml_cgroup_fs *fs = &walk->groups->fs;
	struct mml_arena *arena = walk->groups->take->arena;
	const struct mml_cgroup *up = g->parent;

	if (!up) {
		g->path = *fs->prefix ? fs->prefix : "/";
		g->dir = fs->dir;
		mml_cgroup_name_path(arena, mml_span_str(g->path), &g->name);
		return 0;
	}
	if (strlen(up->dir) + strlen(name) + NAME_MAX + 2 >= PATH_MAX)
		return -ENAMETOOLONG;
	g->depth = up->depth + 1;
	g->path = mml_arena_printf(arena, "%s/%s", strcmp(up->path, "/") != 0 ? up->path : "", name);
	g->dir = mml_arena_printf(arena, "%s/%s", up->dir, name);
	if (!g->path || !g->dir)
		return -ENOMEM;
	mml_cgroup_name_child(arena, &up->name, mml_span_str(strrchr(g->path, '/') + 1), &g->name);
	return 0;
}

/* Adds the group NAME in PARENT. RET is NULL if it is not wanted. Returns 0 or -ENOMEM. */
static int add(struct walk *walk, struct mml_cgroup *parent, const char *name,
	       struct mml_cgroup **ret)
{
	struct mml_cgroup *g = mml_arena_alloc(walk->groups->take->arena, sizeof(*g));
	int rc;

	*ret = NULL;
	if (!g)
		return -ENOMEM;
	g->parent = parent;
	rc = place(walk, name, g);
	walk->too_long += rc == -ENAMETOOLONG;
	if (rc)
		return rc == -ENOMEM ? rc : 0;
	if (!is_wanted(walk, g->path))
		return 0;
	*walk->last = *ret = g;
	walk->last = &g->next;
	walk->groups->n++;
	return 0;
}

static int push(struct walk *walk, struct mml_cgroup *parent, const char *name)
{
	if (walk->n == walk->room) {
		size_t room = walk->room ? walk->room * 2 : 64;
		struct pending *stack = mml_realloc(walk->stack, room, sizeof(*stack));

		if (!stack)
			return -ENOMEM;
		walk->stack = stack;
		walk->room = room;
	}
	walk->stack[walk->n++] = (struct pending){ parent, name };
	return 0;
}

/* The last one is taken off the stack first. Numbers in names are sorted by value. */
static int last_first(const void *a, const void *b)
{
	return strverscmp(((const struct pending *)b)->name, ((const struct pending *)a)->name);
}

/* Finds the groups in G. A group that was removed meanwhile has none. Returns 0 or -errno. */
static int look_into(struct walk *walk, struct mml_cgroup *g)
{
	struct mml_arena *arena = walk->groups->take->arena;
	size_t begun = walk->n;
	struct mml_dir dir;
	const char *names;
	int rc = mml_dir_open(walk->groups->take->root, g->dir, &dir);

	walk->names.len = 0;
	if (!rc) {
		rc = mml_dir_dirs(&dir, &g->id, &walk->names);
		mml_dir_close(&dir);
	}
	if (rc || !walk->names.len)
		return rc;
	names = mml_arena_strndup(arena, walk->names.data, walk->names.len);
	for (size_t i = 0; names && i < walk->names.len && !rc; i += strlen(names + i) + 1)
		rc = push(walk, g, names + i);
	if (names && !rc)
		qsort(walk->stack + begun, walk->n - begun, sizeof(*walk->stack), last_first);
	return names ? rc : -ENOMEM;
}

static int walk_dirs(struct walk *walk)
{
	struct mml_cgroup *g;
	int rc = add(walk, NULL, "", &g);

	if (!rc && g)
		rc = look_into(walk, g);
	while (!rc && walk->n) {
		struct pending next = walk->stack[--walk->n];

		rc = add(walk, next.parent, next.name, &g);
		if (!rc && g)
			rc = look_into(walk, g);
		/* Only the first one must be there, and one that may not be read has no groups that
		 * could be. */
		if (rc == -ENOENT || rc == -ENODEV || rc == -EACCES || rc == -EPERM)
			rc = 0;
	}
	return rc;
}

/* Returns the group that PATH lies in, among GROUP and those it lies in itself. */
static struct mml_cgroup *parent_of(struct mml_cgroup *group, const char *path)
{
	while (group && !mml_cgroup_is_in(path, group->path))
		group = group->parent;
	return group;
}

/* 4151 /system.slice/a\040b.service */
static int walk_list(struct walk *walk, struct mml_span text)
{
	struct mml_cgroup *group = NULL, *g;
	struct mml_span line, id;
	int rc = 0;

	while (!rc && mml_next_line(&text, &line)) {
		const char *path, *name;
		uint64_t number;

		if (!mml_next_field(&line, ' ', &id) || mml_parse_u64(id, &number))
			return -EBADMSG;
		path = mml_unescape(walk->groups->take->arena, line);
		if (!path)
			return -ENOMEM;
		name = strrchr(path, '/') ? strrchr(path, '/') + 1 : "";
		if (*path != '/' || (group && (!*name || !parent_of(group, path))))
			return -EBADMSG;
		if (!is_wanted(walk, path))
			continue;
		rc = add(walk, parent_of(group, path), name, &g);
		if (!rc && g) {
			g->id = number;
			group = g;
			if (strcmp(g->path, path) != 0)
				return -EBADMSG;
		}
	}
	return rc;
}

static void save_list(const struct mml_cgroups *groups)
{
	struct mml_buf list = { 0 };

	if (!mml_root_saves(groups->take->root))
		return;
	for (size_t i = 0; i < groups->n; i++) {
		mml_buf_printf(&list, "%" PRIu64 " ", groups->at[i]->id);
		mml_put_escaped(&list, groups->at[i]->path);
		mml_buf_putc(&list, '\n');
	}
	if (!list.error)
		mml_root_save(groups->take->root, list_path, list.data, list.len);
	mml_buf_free(&list);
}

static int finish(struct walk *walk, struct mml_table *table)
{
	struct mml_cgroups *groups = walk->groups;
	size_t n = 0;

	groups->at = mml_arena_alloc(groups->take->arena, (groups->n + 1) * sizeof(*groups->at));
	if (!groups->at)
		return -ENOMEM;
	for (struct mml_cgroup *g = walk->first; g; g = g->next) {
		g->place = n;
		groups->at[n++] = g;
	}
	if (walk->too_long)
		mml_table_note(table,
			       "%zu groups, and what is below them, have longer paths than the kernel "
			       "takes, and are left out",
			       walk->too_long);
	if (!walk->paths)
		save_list(groups);
	return 0;
}

/* A recorder reads the files of many groups less often than it takes samples. */
static void say_when(struct mml_take *take, struct mml_table *table)
{
	uint64_t read_ns, now = take->snap ? take->snap->time.mono_ns : 0;
	char text[MML_NUMBER_MAX];

	if (mml_root_live(take->root) || mml_take_number(take, &read_ns, "%s", MML_GROUPS_READ) ||
	    read_ns >= now)
		return;
	mml_format_nsec(text, now - read_ns);
	table->read_ns = read_ns;
	mml_table_note(table, "control groups are as they were %s before: to read them for each sample would have cost too much",
		       text);
}

static int list(struct mml_take *take, struct mml_table *table, struct walk *of, struct mml_cgroups *ret)
{
	struct walk walk = *of;
	struct mml_span text;
	int rc;

	*ret = (struct mml_cgroups){ .take = take };
	walk.groups = ret;
	walk.last = &walk.first;
	rc = mml_cgroup_fs_find(take, table, &ret->fs);
	if (rc)
		return rc;
	if (!mml_root_live(take->root) && !mml_take_file(take, NULL, list_path, &text)) {
		rc = walk_list(&walk, text);
		if (rc == -EBADMSG)
			mml_table_bad(table, list_path, ret->n + 1, "not an id and a path");
	} else {
		rc = walk_dirs(&walk);
	}
	if (!rc || rc == -EBADMSG)
		rc = finish(&walk, table);
	else
		mml_table_fail(table, rc, NULL, "%s: %s", ret->fs.dir, strerror(-rc));
	if (!rc)
		say_when(take, table);
	free(walk.stack);
	mml_buf_free(&walk.names);
	return rc;
}

int mml_cgroups_list(struct mml_take *take, struct mml_table *table, const char *const *paths,
		     size_t n, struct mml_cgroups *ret)
{
	struct walk walk = { .paths = paths, .npaths = paths ? n : 0 };

	return list(take, table, &walk, ret);
}

int mml_cgroups_list_around(struct mml_take *take, struct mml_table *table, const char *const *paths,
			    size_t n, struct mml_cgroups *ret)
{
	struct walk walk = { .paths = paths, .npaths = n, .around = true };

	return list(take, table, &walk, ret);
}
