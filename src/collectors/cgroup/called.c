/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroup.h"

#include <errno.h>

#include "../../core/text.h"
#include "../../core/trouble.h"
#include "runtime.h"

/* Whether G is a pod or a container itself, which its runtime may have a name for. What lies in a
 * container takes that of the container. */
static bool has_own(const struct mml_cgroup *g)
{
	return g->name.kind == MML_CGROUP_IS_POD || g->name.kind == MML_CGROUP_IS_CONTAINER;
}

static const char *key_of(const struct mml_cgroup *g)
{
	return g->name.kind == MML_CGROUP_IS_POD ? g->name.pod : g->name.id;
}

/* Asks the runtimes, but for each group only once. */
static const char *ask(const struct mml_runtimes *runtimes, struct mml_arena *arena,
		       const struct mml_cgroup *g)
{
	const char *name;

	if (g->memory && g->memory->asked)
		return g->memory->called;
	name = g->name.kind == MML_CGROUP_IS_POD ? mml_runtime_pod(runtimes, arena, g->name.pod) :
						   mml_runtime_container(runtimes, arena, g->name.id);
	if (g->memory) {
		g->memory->called = name ? mml_strdup(name) : NULL;
		g->memory->asked = true;
	}
	return name;
}

static void call(struct mml_arena *arena, struct mml_cgroup *g, const char *name)
{
	name = mml_arena_strndup(arena, name, strlen(name));
	if (g->name.kind == MML_CGROUP_IS_CONTAINER)
		g->name.name = g->name.container = name;
	else
		g->name.name = name && g->name.qos ?
				       mml_arena_printf(arena, "%s (%s)", name, g->name.qos) :
				       name;
}

void mml_cgroups_call(const struct mml_cgroups *groups)
{
	struct mml_take *take = groups->take;
	struct mml_runtimes runtimes = { 0 };
	struct mml_buf list = { 0 };

	for (size_t i = 0; i < groups->n; i++) {
		struct mml_cgroup *g = groups->at[i];
		const char *name;

		if (!has_own(g) && g->parent && g->name.id)
			g->name.container = g->parent->name.container;
		if (!has_own(g) || !key_of(g))
			continue;
		if (!runtimes.root)
			mml_runtimes_open(take, &runtimes);
		name = ask(&runtimes, take->arena, g);
		if (!name)
			continue;
		call(take->arena, g, name);
		mml_buf_printf(&list, "%s ", key_of(g));
		mml_put_escaped(&list, name);
		mml_buf_putc(&list, '\n');
	}
	mml_runtimes_save(take->root, &list);
	mml_buf_free(&list);
}
