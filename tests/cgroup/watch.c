/* What is kept of control groups between samples: their last events, and what there was no time to read
 * again. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "groups.h"
#include "../../src/collectors/cgroup/cgroup.h"

static const struct mml_schema *schema = &mml_collector_cgroups.schema;

static struct mml_row *new_row(struct mml_arena *arena)
{
	return mml_arena_alloc(arena, mml_row_size(schema));
}

static void is_event(const struct mml_cgroup *g, uint64_t now, const char *event, uint64_t age)
{
	mml_cgroup_events(g, now);
	if (!event) {
		tap_ok(!mml_has(g->row, CGROUPS_last_event) && !mml_has(g->row, CGROUPS_last_event_age),
		       "nothing has happened at %" PRIu64, now);
		return;
	}
	tap_ok(mml_has(g->row, CGROUPS_last_event) &&
		       !strcmp(g->row->cell[CGROUPS_last_event].str, event) &&
		       g->row->cell[CGROUPS_last_event_age].u64 == age,
	       "%s %" PRIu64 " ago at %" PRIu64, event, age, now);
}

/* When something happened is known from two looks: after the first of them. */
static void events(void)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_cgroup_memory memory = { 0 };
	struct mml_cgroup g = { .memory = &memory, .row = new_row(arena) };

	is_event(&g, 50, NULL, 0);
	mml_set_u64(g.row, CGROUPS_max_events, 7);
	mml_set_u64(g.row, CGROUPS_oom_kills, 3);
	is_event(&g, 100, NULL, 0);
	is_event(&g, 200, NULL, 0);
	mml_set_u64(g.row, CGROUPS_max_events, 8);
	is_event(&g, 300, "max", 100);
	is_event(&g, 400, "max", 200);
	/* of several the worst */
	mml_set_u64(g.row, CGROUPS_max_events, 9);
	mml_set_u64(g.row, CGROUPS_oom_kills, 4);
	is_event(&g, 500, "kill", 100);
	/* A group below had it, and not this one. */
	mml_set_u64(g.row, CGROUPS_oom_kills_local, 4);
	mml_set_u64(g.row, CGROUPS_oom_kills, 5);
	is_event(&g, 600, "kill", 200);
	mml_set_u64(g.row, CGROUPS_oom_kills_local, 5);
	is_event(&g, 700, "kill", 100);
	/* Counters went back: the file is of another kernel's, or was edited. */
	mml_set_u64(g.row, CGROUPS_oom_kills_local, 0);
	is_event(&g, 800, "kill", 200);
	mml_arena_free(arena);
}

/* A group that is made anew has the path of the old one, and none of its past. */
static void identity(void)
{
	struct mml_cgroup_state *state = mml_cgroup_keep(NULL);
	struct mml_cgroup a = { .path = "/a", .id = 1 }, b = { .path = "/b", .id = 2 };
	struct mml_cgroup *at[] = { &a, &b };
	struct mml_cgroups groups = { .at = at, .n = 2 };
	struct mml_cgroup_memory *first;
	char paths[500][8];
	struct mml_cgroup many[500], *all[500];

	ok(state && !mml_cgroups_remember(state, &groups) && a.memory && a.memory != b.memory);
	first = a.memory;
	first->last = "kill";
	mml_cgroups_forget(state);
	ok(!mml_cgroups_remember(state, &groups) && a.memory == first);
	mml_cgroups_forget(state);
	a.id = 3;
	ok(!mml_cgroups_remember(state, &groups) && !a.memory->last && !a.memory->read_ns);
	mml_cgroups_forget(state);
	/* It was forgotten, and not only hidden. */
	a.id = 1;
	ok(!mml_cgroups_remember(state, &groups) && !a.memory->last);
	mml_cgroups_forget(state);
	for (int i = 0; i < 500; i++) {
		snprintf(paths[i], sizeof(paths[i]), "/%d", i);
		many[i] = (struct mml_cgroup){ .path = paths[i] };
		all[i] = &many[i];
	}
	groups = (struct mml_cgroups){ .at = all, .n = 500 };
	ok(!mml_cgroups_remember(state, &groups));
	for (int i = 0; i < 500; i++)
		many[i].memory->events_ns = (uint64_t)i + 1;
	mml_cgroups_forget(state);
	ok(!mml_cgroups_remember(state, &groups));
	for (int i = 0; i < 500; i++)
		if (many[i].memory->events_ns != (uint64_t)i + 1)
			tap_ok(false, "group %d is remembered as another", i);
	mml_cgroup_release(state);
}

enum { GROUPS = 20 };

struct budget {
	struct tree t;
	struct mml_snapshot snap;
	struct mml_take take;
	struct mml_cgroups groups;
	struct mml_cgroup_plan plan;
	struct mml_cgroup_state *state;
};

static void sample(struct budget *b, uint64_t budget_ns)
{
	struct mml_cgroup_met met[MML_CGROUP_FILES] = { 0 };
	struct mml_table *table;

	mml_take_end(&b->take);
	if (b->take.arena)
		mml_arena_free(b->take.arena);
	b->take = (struct mml_take){ .root = b->t.root, .arena = mml_arena_new(), .snap = &b->snap };
	table = mml_table_new(b->take.arena, schema);
	ok(!mml_cgroups_list(&b->take, table, NULL, 0, &b->groups) && b->groups.n == GROUPS + 1);
	for (size_t i = 0; i < b->groups.n; i++) {
		b->groups.at[i]->row = new_row(b->take.arena);
		b->groups.at[i]->shown = true;
	}
	ok(!mml_cgroups_remember(b->state, &b->groups));
	mml_cgroup_plan(schema, 2, NEEDS_USAGE | NEEDS_LIMIT, &b->plan);
	ok(!mml_cgroups_read(&b->groups, &b->plan, budget_ns, met));
	mml_cgroups_forget(b->state);
}

static void write_groups(struct budget *b, uint64_t current, const char *max)
{
	for (int i = 0; i < GROUPS; i++) {
		char path[16];

		snprintf(path, sizeof(path), "/g%d", i);
		v2_group(&b->t, path, current, max);
	}
}

/* How many groups have the limit LIMIT by now. */
static int with_limit(const struct budget *b, uint64_t limit)
{
	int n = 0;

	for (size_t i = 1; i < b->groups.n; i++) {
		const struct mml_row *row = b->groups.at[i]->row;

		n += mml_has(row, CGROUPS_limit) && row->cell[CGROUPS_limit].u64 == limit;
	}
	return n;
}

static bool all_use(const struct budget *b, uint64_t current)
{
	for (size_t i = 1; i < b->groups.n; i++) {
		const struct mml_row *row = b->groups.at[i]->row;

		if (!mml_has(row, CGROUPS_current) || row->cell[CGROUPS_current].u64 != current)
			return false;
	}
	return true;
}

/* With hardly any time, one group is read in each sample, and each one has its turn. */
static void budgets(void)
{
	struct budget b = { .state = mml_cgroup_keep(NULL) };
	uint64_t ages = 0;

	v2_tree(&b.t);
	write_groups(&b, 111, "1000");
	if (mml_root_open(b.t.dir, &b.t.root)) {
		tap_skip("trees need openat2(), Linux 5.6");
		return;
	}
	for (int i = 0; i <= GROUPS; i++) {
		sample(&b, 1);
		/* The first one is the root, which has no limit. */
		tap_ok(with_limit(&b, 1000) == i, "after %d samples %d limits are known", i + 1,
		       with_limit(&b, 1000));
	}
	write_groups(&b, 222, "2000");
	for (int i = 0; i <= GROUPS; i++) {
		sample(&b, 1);
		tap_ok(with_limit(&b, 2000) == i && with_limit(&b, 1000) == GROUPS - i && all_use(&b, 222),
		       "%d limits are new after %d more samples, and the rest as before",
		       with_limit(&b, 2000), i + 1);
		for (size_t k = 0; k < b.groups.n; k++)
			ages += b.groups.at[k]->row->cell[CGROUPS_age].u64 > 0;
	}
	tap_ok(ages == GROUPS * (GROUPS + 1), "what was not read again has an age");
	write_groups(&b, 333, "3000");
	sample(&b, UINT64_C(3600000000000));
	ok(with_limit(&b, 3000) == GROUPS && all_use(&b, 333));
	mml_take_end(&b.take);
	mml_arena_free(b.take.arena);
	mml_cgroup_release(b.state);
	tree_free(&b.t);
}

int main(void)
{
	events();
	identity();
	budgets();
	return tap_done();
}
