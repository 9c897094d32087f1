/* Rules about control groups. Groups are looked at less often than the rest: what is said of them is as
 * of that look. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "../collectors/cgroup/scope.h"
#include "finder.h"

enum { NAMED = 3 };

/* The groups that something is worst in. */
struct top {
	const struct mml_group *at[NAMED];
	double key[NAMED];
	size_t n, all;
};

static void top_add(struct top *top, const struct mml_group *g, double key)
{
	size_t at;

	for (at = top->n; at && key > top->key[at - 1]; at--)
		if (at < NAMED) {
			top->at[at] = top->at[at - 1];
			top->key[at] = top->key[at - 1];
		}
	if (at < NAMED) {
		top->at[at] = g;
		top->key[at] = key;
	}
	top->n += top->n < NAMED;
	top->all++;
}

/* Whether G, or a group around it, is what is asked about. */
static bool meant(const struct mml_finder *f, const struct mml_group *g)
{
	return !f->now->group || mml_cgroup_is_in(g->path, f->now->group);
}

/* How often a second the counter NUMBER of G rose; below 0: not known. */
static double rate(const struct mml_finder *f, const struct mml_group *g, enum mml_group_number number)
{
	const struct mml_groups *groups = &f->past->groups;

	if (g->change[number] < 0 || !groups->since_ns || groups->look_ns <= groups->since_ns)
		return -1;
	return g->change[number] * 1e9 / (double)(groups->look_ns - groups->since_ns);
}

static void some_number(struct mml_finder *f, const struct mml_group *g)
{
	if (!isnan(g->some))
		mml_find_number(f, "some.avg10_hundredths", (uint64_t)(g->some * 100 + 0.5));
}

/* The path in the arena: the groups are forgotten before the finding is. */
static const char *about(struct mml_finder *f, const struct mml_group *g)
{
	const char *path = mml_arena_strndup(f->arena, g->path, strlen(g->path));

	f->failed |= !path;
	mml_find_look(f, NULL, NULL, mml_find_where(f, "path", path));
	return path;
}

static void at_limit(struct mml_finder *f, const struct mml_group *g)
{
	double met = rate(f, g, MML_GROUP_AT_MAX);
	uint64_t held;

	mml_find_number(f, "max_rate", (uint64_t)(met + 0.5));
	mml_find_number(f, "limit", g->value[MML_GROUP_LIMIT]);
	some_number(f, g);
	if (mml_group_held(g, &held)) {
		mml_find_number(f, "held", held);
		mml_find_why(f, "%s of it cannot be reclaimed without swap.",
			     mml_find_size(f, (double)held));
	}
	mml_find(f, MML_FINDING_GROUP_LIMIT,
		 g->some >= MML_LIMIT_GROUP_WAITED ? MML_WARNING : MML_NOTE, about(f, g),
		 "%s is at its limit of %s, %.0f times a second", g->name,
		 mml_find_size(f, (double)g->value[MML_GROUP_LIMIT]), met);
}

static void throttled(struct mml_finder *f, const struct mml_group *g)
{
	double slowed = rate(f, g, MML_GROUP_AT_HIGH);

	mml_find_number(f, "high_rate", (uint64_t)(slowed + 0.5));
	mml_find_number(f, "high", g->value[MML_GROUP_HIGH]);
	some_number(f, g);
	mml_find(f, MML_FINDING_GROUP_HIGH,
		 g->some >= MML_LIMIT_GROUP_WAITED ? MML_WARNING : MML_NOTE, about(f, g),
		 "%s is slowed down %.0f times a second, above its memory.high of %s", g->name, slowed,
		 mml_find_size(f, (double)g->value[MML_GROUP_HIGH]));
}

static void limits(struct mml_finder *f)
{
	const struct mml_groups *groups = &f->past->groups;
	struct top max = { 0 }, high = { 0 };

	for (size_t i = 0; i < groups->n; i++) {
		const struct mml_group *g = &groups->list[i];
		double met = rate(f, g, MML_GROUP_AT_MAX), slowed = rate(f, g, MML_GROUP_AT_HIGH);

		if (!meant(f, g))
			continue;
		if (met >= MML_LIMIT_GROUP_MET && mml_group_has(g, MML_GROUP_LIMIT))
			top_add(&max, g, met);
		if (slowed >= MML_LIMIT_GROUP_SLOWED && mml_group_has(g, MML_GROUP_HIGH))
			top_add(&high, g, slowed);
	}
	for (size_t i = 0; i < max.n; i++)
		at_limit(f, max.at[i]);
	for (size_t i = 0; i < high.n; i++)
		throttled(f, high.at[i]);
}

static bool waits(const struct mml_group *g)
{
	/* Comparing what is not known is false. */
	return g->some >= MML_LIMIT_PRESSURE_SOME || g->full >= MML_LIMIT_PRESSURE_FULL;
}

/* Whether a group in number I, which come right behind it, does that too: then that one is named. */
static bool is_inner(const struct mml_groups *groups, size_t i, bool (*does)(const struct mml_group *g))
{
	for (size_t k = i + 1; k < groups->n; k++) {
		if (!mml_group_is_below(&groups->list[k], &groups->list[i]))
			return true;
		if (does(&groups->list[k]))
			return false;
	}
	return true;
}

static void pressure(struct mml_finder *f)
{
	const struct mml_groups *groups = &f->past->groups;
	struct top top = { 0 };

	for (size_t i = 0; i < groups->n; i++)
		if (groups->list[i].depth && meant(f, &groups->list[i]) && waits(&groups->list[i]) &&
		    is_inner(groups, i, waits))
			top_add(&top, &groups->list[i], groups->list[i].some);
	for (size_t i = 0; i < top.n; i++) {
		const struct mml_group *g = top.at[i];

		some_number(f, g);
		mml_find(f, MML_FINDING_GROUP_PRESSURE, MML_WARNING, about(f, g),
			 "some task of %s waited for memory %.1f %% of the last 10 s, and all of them %.1f %%",
			 g->name, g->some, isnan(g->full) ? 0 : g->full);
	}
}

/* What G can still take until it, or a group it is in, is at its limit, with all that can be reclaimed
 * gone; false if that is not known. */
static bool left_for(const struct mml_groups *groups, const struct mml_group *g, uint64_t *ret,
		     const struct mml_group **ret_in)
{
	*ret = 0;
	*ret_in = NULL;
	for (size_t i = 0; i < groups->n; i++) {
		const struct mml_group *up = &groups->list[i];
		uint64_t held, limit = up->value[MML_GROUP_LIMIT], left;

		if (!mml_group_has(up, MML_GROUP_LIMIT) || (up != g && !mml_group_is_below(g, up)))
			continue;
		if (!mml_group_held(up, &held))
			return false;
		left = limit > held ? limit - held : 0;
		if (*ret_in && left >= *ret)
			continue;
		*ret = left;
		*ret_in = up;
	}
	return *ret_in;
}

static void say_growing(struct mml_finder *f, const struct mml_group *g, const struct mml_growth *by)
{
	const struct mml_group *in;
	uint64_t left;
	double minutes;

	if (!left_for(&f->past->groups, g, &left, &in))
		return;
	minutes = (double)left / by->slope / 60;
	if (!(minutes < MML_LIMIT_LASTS_WARNING))
		return;
	mml_find_number(f, "held", by->last);
	mml_find_number(f, "held_before", by->first);
	mml_find_number(f, "seconds", (uint64_t)((double)by->span_ns / 1e9 + 0.5));
	mml_find_number(f, "left", left);
	mml_find_why(f, "Without what can be reclaimed it went from %s to %s in %.0f s, along a straight line with an error of %.0f %%.",
		     mml_find_size(f, (double)by->first), mml_find_size(f, (double)by->last),
		     (double)by->span_ns / 1e9, by->noise * 100 / by->slope);
	mml_find(f, MML_FINDING_GROUP_GROWING,
		 minutes < MML_LIMIT_LASTS_CRITICAL ? MML_CRITICAL : MML_WARNING, about(f, g),
		 "%s grows by %s a minute: %s is at its limit of %s in about %.0f min", g->name,
		 mml_find_size(f, by->slope * 60), in == g ? "it" : in->name,
		 mml_find_size(f, (double)in->value[MML_GROUP_LIMIT]), minutes);
}

static void growing(struct mml_finder *f)
{
	const struct mml_groups *groups = &f->past->groups;
	struct mml_growth by[NAMED], one;
	const struct mml_group *who[NAMED];
	size_t n = 0, hint = 0;
	uint64_t held;

	/* From the last one on, so that the inner groups come before those that they are in. */
	for (size_t i = 0; i < groups->n; i++)
		hint += mml_group_is_followed(&groups->list[i], &held);
	for (size_t i = groups->n; i-- && n < NAMED;) {
		const struct mml_group *g = &groups->list[i];
		size_t k = 0;

		if (!mml_group_is_followed(g, &held) ||
		    !mml_trail_growth(&groups->trail, g->path, --hint, held, groups->look_ns, &one) ||
		    !mml_find_grows(&one, g->value[MML_GROUP_LEAST]))
			continue;
		while (k < n && !mml_group_is_below(who[k], g))
			k++;
		if (k < n || !meant(f, g))
			continue;
		by[n] = one;
		who[n++] = g;
	}
	for (size_t i = n; i--;)
		say_growing(f, who[i], &by[i]);
}

static void swap(struct mml_finder *f)
{
	const struct mml_groups *groups = &f->past->groups;
	struct top top = { 0 };

	for (size_t i = 0; i < groups->n; i++) {
		const struct mml_group *g = &groups->list[i];
		uint64_t limit = g->value[MML_GROUP_SWAP_LIMIT], used = g->value[MML_GROUP_SWAP];

		if (meant(f, g) && mml_group_has(g, MML_GROUP_SWAP_LIMIT) && mml_group_has(g, MML_GROUP_SWAP) && limit &&
		    used >= mml_part(limit, MML_LIMIT_SWAP_USED))
			top_add(&top, g, (double)used);
	}
	for (size_t i = 0; i < top.n; i++) {
		const struct mml_group *g = top.at[i];

		mml_find_number(f, "swap", g->value[MML_GROUP_SWAP]);
		mml_find_number(f, "swap_limit", g->value[MML_GROUP_SWAP_LIMIT]);
		mml_find(f, MML_FINDING_GROUP_SWAP, MML_NOTE, about(f, g),
			 "%s has %s in swap, of at most %s", g->name,
			 mml_find_size(f, (double)g->value[MML_GROUP_SWAP]),
			 mml_find_size(f, (double)g->value[MML_GROUP_SWAP_LIMIT]));
	}
}

/* The machine's, since the groups they were in are shown for themselves. */
static void dying(struct mml_finder *f)
{
	const struct mml_dying *d = &f->past->groups.dying;
	uint64_t part = mml_least(d->bytes, f->total);

	if (f->now->group || !f->total || !d->n || part < mml_part(f->total, MML_LIMIT_DYING_SHARE))
		return;
	mml_find_number(f, "bytes", d->bytes);
	mml_find_number(f, "groups", d->n);
	mml_find_number(f, "MemTotal", f->total);
	mml_find_why(f, "Most has %s, %s%s%s.", d->name, mml_find_size(f, (double)d->most),
		     d->was_in ? ", which was in " : "", d->was_in ? d->was_in : "");
	mml_find(f, MML_FINDING_DYING, MML_NOTE, NULL,
		 "%s%s of %s (%.1f %%) is charged to %zu control group%s that %s removed",
		 d->n > 1 ? "up to " : "", mml_find_size(f, (double)part),
		 mml_find_size(f, (double)f->total), mml_percent((double)part, f->total), d->n,
		 d->n > 1 ? "s" : "", d->n > 1 ? "were" : "was");
}

/* Whether this look saw processes of G killed: where the machine is asked about, oom-kill says so. */
static bool killed_now(const struct mml_finder *f, const struct mml_group *g)
{
	return f->past->groups.look_ns == f->now->time_ns && g->change[MML_GROUP_KILLS] > 0;
}

/* By how much NUMBER of G grew since the machine's counter of kills was read without those of now; 0:
 * it did not, or that is not known. */
static double grew(const struct mml_group *g, enum mml_group_number number)
{
	return fmax(g->change[number], 0) + fmax(g->early[number], 0);
}

static void killed(struct mml_finder *f)
{
	const struct mml_groups *groups = &f->past->groups;
	struct top top = { 0 };

	for (size_t i = 0; i < groups->n; i++)
		if (groups->list[i].killed_ns && meant(f, &groups->list[i]) &&
		    (f->now->group || !killed_now(f, &groups->list[i])))
			top_add(&top, &groups->list[i], (double)groups->list[i].killed_ns);
	for (size_t i = 0; i < top.n; i++) {
		const struct mml_group *g = top.at[i];
		double ago = (double)(f->now->time_ns - g->killed_ns) / 60e9;

		if (!(ago < MML_LIMIT_KILLED_AGO))
			continue;
		mml_find_number(f, "oom_kill", g->value[MML_GROUP_KILLS]);
		mml_find(f, MML_FINDING_GROUP_KILLED, killed_now(f, g) ? MML_CRITICAL : MML_WARNING,
			 about(f, g),
			 "%" PRIu64 " process%s of %s %s killed, the last one %s ago", g->killed,
			 g->killed > 1 ? "es" : "", g->name, g->killed > 1 ? "were" : "was",
			 ago < 1 ? "less than a minute" : mml_arena_printf(f->arena, "%.0f min", ago));
	}
}

/* Whether that was a limit of G's own. Version 1 does not count it apart from what reclaim could help. */
static bool was_at_limit(const struct mml_group *g)
{
	if (!mml_group_has(g, MML_GROUP_LIMIT))
		return false;
	return grew(g, mml_group_has(g, MML_GROUP_OOMS) ? MML_GROUP_OOMS : MML_GROUP_AT_MAX) > 0;
}

/* The only group that is IN or that it lies in and was at its limit, or NULL. */
static const struct mml_group *limit_of(const struct mml_groups *groups, const struct mml_group *in)
{
	const struct mml_group *ret = NULL;

	for (size_t i = 0; i < groups->n; i++) {
		const struct mml_group *g = &groups->list[i];

		if (!was_at_limit(g) || (g != in && !mml_group_is_below(in, g)))
			continue;
		if (ret)
			return NULL;
		ret = g;
	}
	return ret;
}

const char *mml_find_killed_in(struct mml_finder *f)
{
	const struct mml_groups *groups = &f->past->groups;
	const struct mml_group *limit;
	struct top top = { 0 };

	for (size_t i = 0; i < groups->n && groups->look_ns == f->now->time_ns; i++)
		if (grew(&groups->list[i], MML_GROUP_KILLS) > 0)
			top_add(&top, &groups->list[i], grew(&groups->list[i], MML_GROUP_KILLS));
	if (!top.n)
		return NULL;
	mml_find_look(f, "cgroups", "-oom_kills_local", "oom_kills_local > 0");
	limit = limit_of(groups, top.at[0]);
	if (top.all > 1)
		return mml_arena_printf(f->arena, ", %.0f of them in %s and the others in %zu more group%s",
					top.key[0], top.at[0]->name, top.all - 1,
					top.all > 2 ? "s" : "");
	if (!limit)
		return mml_arena_printf(f->arena, " in %s", top.at[0]->name);
	mml_find_number(f, "limit", limit->value[MML_GROUP_LIMIT]);
	return mml_arena_printf(f->arena, " in %s: %s%s was at its limit of %s", top.at[0]->name,
				limit == top.at[0] ? "it" : "group ",
				limit == top.at[0] ? "" : limit->name,
				mml_find_size(f, (double)limit->value[MML_GROUP_LIMIT]));
}

const char *mml_find_killed_before(struct mml_finder *f)
{
	const struct mml_groups *groups = &f->past->groups;
	const struct mml_group *most = NULL;

	for (size_t i = 0; i < groups->n; i++)
		if (mml_group_has(&groups->list[i], MML_GROUP_KILLS) &&
		    groups->list[i].value[MML_GROUP_KILLS] >
			    (most ? most->value[MML_GROUP_KILLS] : 0))
			most = &groups->list[i];
	if (!most)
		return "";
	mml_find_look(f, "cgroups", "-oom_kills_local", "oom_kills_local > 0");
	return mml_arena_printf(f->arena, "; %" PRIu64 " of them in %s",
				most->value[MML_GROUP_KILLS], most->name);
}

void mml_rules_groups(struct mml_finder *f)
{
	if (!f->past->groups.n)
		return;
	limits(f);
	pressure(f);
	growing(f);
	swap(f);
	killed(f);
	dying(f);
}
