/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../collectors/registry.h"
#include "../core/look.h"
#include "../core/trouble.h"
#include "../core/unit.h"
#include "finder.h"

static const char *const columns[] = {
#define X(id, column) column,
	MML_GROUP_NUMBERS(X)
#undef X
};

static const char all_columns[] =
#define X(id, column) column ","
	MML_GROUP_NUMBERS(X)
#undef X
	"limit_from,psi_some,psi_full";

/* What one look alone can say something of. */
static const char few_columns[] = "oom_kills_local,swap,swap_limit,dying,psi_some,psi_full";

static void free_list(struct mml_group *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(list[i].path);
		free(list[i].name);
	}
	free(list);
}

static void free_dying(struct mml_dying *dying)
{
	free(dying->name);
	free(dying->was_in);
	*dying = (struct mml_dying){ 0 };
}

void mml_groups_free(struct mml_groups *groups)
{
	free_dying(&groups->dying);
	free_list(groups->list, groups->n);
	mml_trail_free(&groups->trail);
	*groups = (struct mml_groups){ 0 };
}

bool mml_groups_due(const struct mml_groups *groups, uint64_t now_ns, bool killed)
{
	return !groups->look_ns || killed || now_ns >= groups->look_ns + groups->cost_ns * 100;
}

const struct mml_group *mml_groups_find(const struct mml_groups *groups, const char *path)
{
	for (size_t i = 0; i < groups->n; i++)
		if (!strcmp(groups->list[i].path, path))
			return &groups->list[i];
	return NULL;
}

bool mml_group_is_below(const struct mml_group *inner, const struct mml_group *outer)
{
	size_t len = strlen(outer->path);

	if (inner->depth <= outer->depth)
		return false;
	return !outer->depth || (!strncmp(inner->path, outer->path, len) && inner->path[len] == '/');
}

bool mml_group_held(const struct mml_group *g, uint64_t *ret)
{
	if (!mml_group_has(g, MML_GROUP_CURRENT) || !mml_group_has(g, MML_GROUP_RECLAIMABLE))
		return false;
	*ret = g->value[MML_GROUP_CURRENT] > g->value[MML_GROUP_RECLAIMABLE] ?
		       g->value[MML_GROUP_CURRENT] - g->value[MML_GROUP_RECLAIMABLE] :
		       0;
	return true;
}

/* Groups come in the same order each time, so the next one is nearly always right. */
static const struct mml_group *before(const struct mml_groups *old, const struct mml_group *g,
				      size_t *at)
{
	for (size_t i = 0; i < old->n; i++) {
		const struct mml_group *one = &old->list[(*at + i) % old->n];

		if (one->id == g->id && !strcmp(one->path, g->path)) {
			*at = (*at + i + 1) % old->n;
			return one;
		}
	}
	return NULL;
}

static void compare(struct mml_group *g, const struct mml_group *old, bool told, uint64_t now_ns)
{
	const uint64_t hour = MML_LIMIT_KILLED_AGO * UINT64_C(60000000000);

	for (int i = 0; i < MML_GROUP_NUMBERS_N; i++) {
		g->change[i] = old && old->has & g->has & 1U << i && g->value[i] >= old->value[i] ?
				       (double)(g->value[i] - old->value[i]) :
				       -1;
		g->early[i] = old && !told ? old->change[i] : -1;
	}
	if (old && old->killed_ns && now_ns - old->killed_ns < hour) {
		g->killed_ns = old->killed_ns;
		g->killed = old->killed;
	}
	if (g->change[MML_GROUP_KILLS] > 0) {
		g->killed_ns = now_ns;
		g->killed += (uint64_t)g->change[MML_GROUP_KILLS];
	}
}

/* Returns -ENOMEM, or 1 if the row does not name a group. */
static int fill(const struct mml_table *t, const struct mml_row *row, struct mml_group *ret)
{
	const char *path = mml_look_str(t, row, "path"), *name = mml_look_str(t, row, "name");
	const char *from = mml_look_str(t, row, "limit_from");
	uint64_t depth;

	*ret = (struct mml_group){ .some = mml_look_num(t, row, "psi_some"),
				   .full = mml_look_num(t, row, "psi_full") };
	if (!path || !mml_look_u64(t, row, "depth", &depth))
		return 1;
	mml_look_u64(t, row, "id", &ret->id);
	ret->depth = (unsigned)depth;
	for (int i = 0; i < MML_GROUP_NUMBERS_N; i++)
		ret->has |= (unsigned)mml_look_u64(t, row, columns[i], &ret->value[i]) << i;
	ret->path = mml_strdup(path);
	ret->name = mml_strdup(name ? name : path);
	ret->limited = from && strcmp(from, "machine");
	return ret->path && ret->name ? 0 : -ENOMEM;
}

bool mml_group_is_followed(const struct mml_group *g, uint64_t *ret_held)
{
	return g->limited && mml_group_has(g, MML_GROUP_LEAST) && mml_group_held(g, ret_held) &&
	       *ret_held >= g->value[MML_GROUP_LEAST] / 200;
}

static void follow(struct mml_groups *groups, uint64_t now_ns)
{
	size_t hint = 0;

	if (!mml_trail_begin(&groups->trail, now_ns))
		return;
	for (size_t i = 0; i < groups->n; i++) {
		const struct mml_group *g = &groups->list[i];
		uint64_t held;

		if (mml_group_is_followed(g, &held))
			mml_trail_put(&groups->trail, g->path, hint++, held);
	}
	mml_trail_end(&groups->trail);
}

/* Whether groups were removed and still hold something, or nobody tells: version 1 does not. */
static bool may_die(const struct mml_groups *groups)
{
	const struct mml_group *root = groups->list;

	return groups->n && (!mml_group_has(root, MML_GROUP_DYING) || root->value[MML_GROUP_DYING]);
}

static int look_at_dying(struct mml_groups *groups, struct mml_take *take)
{
	const struct mml_table *t = mml_take_table(take, &mml_collector_dying_cgroups);
	const struct mml_row *largest = NULL;
	struct mml_dying *dying = &groups->dying;
	const char *name, *was_in;
	uint64_t bytes;

	free_dying(dying);
	for (size_t i = 0; t && i < t->nrows; i++) {
		const struct mml_row *row = mml_table_row(t, i);

		if (!mml_look_u64(t, row, "bytes", &bytes) || !bytes)
			continue;
		dying->n++;
		dying->bytes = bytes > UINT64_MAX - dying->bytes ? UINT64_MAX : dying->bytes + bytes;
		if (bytes > dying->most) {
			dying->most = bytes;
			largest = row;
		}
	}
	if (!largest)
		return t ? 0 : -ENOMEM;
	name = mml_look_str(t, largest, "name");
	was_in = mml_look_str(t, largest, "was_in");
	dying->name = mml_strdup(name ? name : "?");
	dying->was_in = was_in ? mml_strdup(was_in) : NULL;
	return dying->name && (!was_in || dying->was_in) ? 0 : -ENOMEM;
}

int mml_groups_look(struct mml_groups *groups, struct mml_take *take, bool once, bool killed,
		    uint64_t now_ns)
{
	uint64_t begun = mml_now_ns();
	const struct mml_table *t = mml_take_columns(take, &mml_collector_cgroups,
						     once ? few_columns : all_columns);
	struct mml_group *list;
	size_t n = 0, at = 0;
	int rc = 0;

	/* In a recording they may not have been read anew. */
	if (t && t->read_ns && groups->look_ns >= t->read_ns)
		return 0;
	if (t && t->read_ns)
		now_ns = t->read_ns;
	list = t ? mml_calloc(t->nrows + 1, sizeof(*list)) : NULL;
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < t->nrows && rc >= 0; i++) {
		rc = fill(t, mml_table_row(t, i), &list[n]);
		if (!rc)
			compare(&list[n], before(groups, &list[n], &at), groups->told, now_ns);
		n += rc <= 0;
	}
	free_list(groups->list, groups->n);
	groups->list = list;
	groups->n = n;
	groups->since_ns = groups->look_ns;
	groups->look_ns = now_ns;
	groups->told = killed;
	follow(groups, now_ns);
	if (rc >= 0)
		rc = may_die(groups) ? look_at_dying(groups, take) : 0;
	groups->cost_ns = mml_now_ns() - begun;
	return rc < 0 ? rc : 0;
}
