/* Findings about control groups: at limits, killed in, slowed down, waiting, growing, full swap. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/bpf/dying.h"
#include "../../src/bpf/trace.h"
#include "judge.h"

/* What the files of a group of version 2 say. Sizes are in MiB; 0: there is no such limit. */
struct group {
	const char *path;
	uint64_t current, file, limit, high, swap, swap_limit;
	unsigned at_max, at_high, ooms, kills; /* events of its own */
	const char *some, *full;               /* NULL: not measured */
	bool no_local;
};

__attribute__((format(printf, 3, 4))) static void put(const char *path, const char *name,
						      const char *fmt, ...)
{
	char at[512], text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(at, sizeof(at), "/sys/fs/cgroup%s/%s", path, name);
	tree_file(&t, at, text);
}

static void put_limit(const char *path, const char *name, uint64_t mib)
{
	if (mib)
		put(path, name, "%" PRIu64 "\n", mib << 20);
	else
		put(path, name, "max\n");
}

static void group(const struct group *g)
{
	put(g->path, "cgroup.procs", "%s", "");
	put(g->path, "memory.current", "%" PRIu64 "\n", g->current << 20);
	put(g->path, "memory.stat",
	    "anon %" PRIu64 "\nfile %" PRIu64 "\nshmem 0\ninactive_file %" PRIu64 "\nactive_file 0\nslab_reclaimable 0\n",
	    (g->current - g->file) << 20, g->file << 20, g->file << 20);
	put_limit(g->path, "memory.max", g->limit);
	put_limit(g->path, "memory.high", g->high);
	put(g->path, "memory.swap.current", "%" PRIu64 "\n", g->swap << 20);
	put_limit(g->path, "memory.swap.max", g->swap_limit);
	if (!g->no_local)
		put(g->path, "memory.events.local",
		    "low 0\nhigh %u\nmax %u\noom %u\noom_kill %u\n", g->at_high, g->at_max,
		    g->ooms, g->kills);
	if (g->some)
		put(g->path, "memory.pressure",
		    "some avg10=%s avg60=0.00 avg300=0.00 total=1\n"
		    "full avg10=%s avg60=0.00 avg300=0.00 total=1\n",
		    g->some, g->full ? g->full : "0.00");
}

/* A machine of 16 GiB with those groups, in which KILLS processes were killed for all reasons. */
static void groups(const struct group *list, size_t n, uint64_t kills)
{
	struct machine m = machine_well(16 * GIB);
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s/sys/fs/cgroup'", t.dir);
	if (system(command))
		exit(99);
	m.oom_kill = kills;
	machine_write(&t, &m);
	tree_file(&t, "/proc/self/mountinfo",
		  "20 1 0:5 / /proc rw - proc proc rw\n"
		  "24 22 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	put("", "cgroup.procs", "1\n");
	put("", "cgroup.controllers", "memory\n");
	put("", "cgroup.stat", "nr_descendants 5\nnr_dying_descendants 1234\n");
	for (size_t i = 0; i < n; i++)
		group(&list[i]);
}

/* A look at second NOW, and what is found in it. ONCE: no other one follows. */
static struct mml_table *seen_once(struct mml_past *past, double now, bool once)
{
	struct mml_facts facts = look(now);
	struct mml_snapshot snap = { .time.mono_ns = facts.time_ns };
	struct mml_take take = { .root = t.root,
				 .arena = arena,
				 .host = mml_root_host(t.root),
				 .snap = &snap };
	struct mml_table *table;

	if (mml_groups_look(&past->groups, &take, once,
			    mml_fact_change(&facts, past, MML_FACT_OOM_KILL) > 0, facts.time_ns))
		exit(99);
	mml_take_end(&take);
	table = judge(&facts, past);
	mml_past_add(past, &facts);
	return table;
}

static struct mml_table *seen(struct mml_past *past, double now)
{
	return seen_once(past, now, false);
}

/* What is found when OLD has become NEW ten seconds later; KILLS of the machine are among that. */
static struct mml_table *change(const struct group *old, const struct group *new, size_t n,
				uint64_t kills)
{
	struct mml_past past = { 0 };
	struct mml_table *table;

	groups(old, n, 0);
	seen(&past, 100);
	groups(new, n, kills);
	table = seen(&past, 110);
	mml_past_free(&past);
	return table;
}

static struct mml_table *now_is(struct group g)
{
	struct group well = { .path = g.path, .current = 100, .limit = g.limit, .high = g.high };

	return change(&well, &g, 1, 0);
}

#define NOW(...) now_is((struct group){ .path = "/db.service", .current = 100, __VA_ARGS__ })

static void test_limit(void)
{
	struct mml_table *table;

	is_u64(NOW(.limit = 512)->nrows, 0);
	severity_is(NOW(.limit = 512, .at_max = 9), "group-limit", "");
	severity_is(NOW(.limit = 512, .at_max = 10), "group-limit", "note");
	severity_is(NOW(.limit = 512, .at_max = 10, .some = "9.99"), "group-limit", "note");
	table = NOW(.limit = 512, .at_max = 340, .file = 30, .some = "10.00");
	severity_is(table, "group-limit", "warning");
	cell_has(table, "group-limit", "text", "db.service is at its limit of 512M, 34 times a second");
	cell_has(table, "group-limit", "why", "70.0M of it cannot be reclaimed");
	cell_has(table, "group-limit", "about", "/db.service");
	cell_has(table, "group-limit", "look_filter", "path = '/db.service'");
	/* A limit further out is met there. */
	severity_is(NOW(.at_max = 340), "group-limit", "");
	severity_is(NOW(.limit = 512, .at_max = 340, .no_local = true), "group-limit", "");
}

static void test_high(void)
{
	severity_is(NOW(.high = 256, .at_high = 9), "group-throttled", "");
	severity_is(NOW(.high = 256, .at_high = 10), "group-throttled", "note");
	severity_is(NOW(.high = 256, .at_high = 10, .some = "9.99"), "group-throttled", "note");
	severity_is(NOW(.high = 256, .at_high = 10, .some = "10.00"), "group-throttled", "warning");
	cell_has(NOW(.high = 256, .at_high = 10), "group-throttled", "text",
		 "db.service is slowed down 1 times a second, above its memory.high of 256M");
}

static void test_pressure(void)
{
	const struct group two[] = {
		{ .path = "/web.slice", .current = 100, .some = "60.00" },
		{ .path = "/web.slice/a.service", .current = 100, .some = "50.00", .full = "4.00" },
		{ .path = "/web.slice/b.service", .current = 100, .some = "9.00" },
	};
	struct mml_table *table = change(two, two, 3, 0);
	size_t n = 0;

	severity_is(NOW(.some = "9.99", .full = "4.99"), "group-pressure", "");
	severity_is(NOW(.some = "10.00"), "group-pressure", "warning");
	severity_is(NOW(.some = "5.00", .full = "5.00"), "group-pressure", "warning");
	/* The innermost group is named. */
	cell_has(table, "group-pressure", "text",
		 "some task of a.service waited for memory 50.0 % of the last 10 s, and all of them 4.0 %");
	for (size_t i = 0; i < table->nrows; i++)
		n += !strcmp(cell(table, i, "finding"), "group-pressure");
	is_u64(n, 1);
}

static void test_swap(void)
{
	severity_is(NOW(.swap = 89, .swap_limit = 100), "group-swap-full", "");
	severity_is(NOW(.swap = 90, .swap_limit = 100), "group-swap-full", "note");
	severity_is(NOW(.swap = 90), "group-swap-full", "");
}

static void test_killed(void)
{
	const struct group before[] = {
		{ .path = "/web.slice", .current = 200, .limit = 512 },
		{ .path = "/web.slice/a.service", .current = 100 },
		{ .path = "/web.slice/b.service", .current = 100, .limit = 128 },
	};
	struct group after[3];
	struct mml_past past = { 0 };
	struct mml_table *table;

	memcpy(after, before, sizeof(after));
	after[1].kills = 1;
	after[0].ooms = after[0].at_max = 1;
	table = change(before, after, 3, 1);
	severity_is(table, "oom-kill", "critical");
	cell_has(table, "oom-kill", "text",
		 "the kernel killed 1 process just now in a.service: group web.slice was at its limit of 512M");
	cell_has(table, "oom-kill", "look", "cgroups");
	severity_is(table, "group-killed", "");
	/* Nobody was at a limit: the machine was short, or a group further out. */
	after[0].ooms = 0;
	cell_has(change(before, after, 3, 1), "oom-kill", "text", "just now in a.service");
	after[1].kills = 0;
	after[2].kills = 2;
	after[2].ooms = 1;
	cell_has(change(before, after, 3, 2), "oom-kill", "text",
		 "2 processes just now in b.service: it was at its limit of 128M");
	after[1].kills = 1;
	cell_has(change(before, after, 3, 3), "oom-kill", "text",
		 "3 processes just now, 2 of them in b.service and the others in 1 more group");
	/* Nothing is known of groups whose events are not told. */
	after[1].no_local = after[2].no_local = true;
	cell_has(change(before, after, 3, 3), "oom-kill", "text",
		 "no task had to reclaim, but at the limit of a control group");
	/* The look before saw it when the machine's counter had been read already. */
	memcpy(after, before, sizeof(after));
	groups(before, 3, 0);
	seen(&past, 100);
	after[1].kills = 1;
	after[0].ooms = after[0].at_max = 1;
	groups(after, 3, 0);
	severity_is(seen(&past, 110), "oom-kill", "");
	groups(after, 3, 1);
	cell_has(seen(&past, 120), "oom-kill", "text",
		 "1 process just now in a.service: group web.slice was at its limit of 512M");
	/* The next one is not that one again. */
	after[2].kills = 1;
	groups(after, 3, 2);
	cell_has(seen(&past, 130), "oom-kill", "text", "1 process just now in b.service");
	mml_past_free(&past);
	/* For an hour it is said which it was. */
	memcpy(after, before, sizeof(after));
	groups(before, 3, 0);
	seen(&past, 100);
	after[2].kills = 2;
	groups(after, 3, 2);
	seen(&past, 110);
	table = seen(&past, 110 + 59.9 * 60);
	severity_is(table, "group-killed", "warning");
	cell_has(table, "group-killed", "text",
		 "2 processes of b.service were killed, the last one 60 min ago");
	cell_has(table, "oom-kill", "text", "limits of groups included; 2 of them in b.service");
	severity_is(seen(&past, 110 + 60 * 60), "group-killed", "");
	mml_past_free(&past);
}

/* Asked about a group, what is found is of it and of those in it. */
static void test_scope(void)
{
	const struct group before[] = {
		{ .path = "/web.slice", .current = 200 },
		{ .path = "/web.slice/a.service", .current = 100 },
		{ .path = "/web.slice2", .current = 100 },
	};
	struct group after[3];
	struct mml_past past = { 0 };
	struct mml_table *table;
	struct mml_facts facts;

	memcpy(after, before, sizeof(after));
	after[1].kills = 1;
	after[1].some = after[2].some = "10.00";
	groups(before, 3, 0);
	seen(&past, 100);
	groups(after, 3, 1);
	seen(&past, 110);
	facts = look(110);
	facts.group = "/web.slice";
	table = judge(&facts, &past);
	is_u64(table->nrows, 2);
	severity_is(table, "group-killed", "critical");
	severity_is(table, "group-pressure", "warning");
	cell_has(table, "group-pressure", "about", "/web.slice/a.service");
	cell_has(table, "group-killed", "text",
		 "1 process of a.service was killed, the last one less than a minute ago");
	facts.group = "/web.slice2";
	table = judge(&facts, &past);
	is_u64(table->nrows, 1);
	cell_has(table, "group-pressure", "about", "/web.slice2");
	mml_past_free(&past);
}

/* One look tells of kills that were, of waiting and of swap. */
static void test_once(void)
{
	const struct group list[] = {
		{ .path = "/a.service", .current = 100, .kills = 2, .some = "10.00" },
		{ .path = "/b.service", .current = 100, .kills = 3, .swap = 9, .swap_limit = 10 },
	};
	struct mml_past past = { 0 };
	struct mml_table *table;

	groups(list, 2, 5);
	table = seen_once(&past, 100, true);
	severity_is(table, "oom-kill", "note");
	cell_has(table, "oom-kill", "text", "5 processes since boot, limits of groups included; 3 of them in b.service");
	severity_is(table, "group-pressure", "warning");
	severity_is(table, "group-swap-full", "note");
	severity_is(table, "group-killed", "");
	mml_past_free(&past);
}

/* LOOKS looks ten seconds apart at a service that grows by STEP MiB at each, FILE more of which is page
 * cache, in a slice of 4096 MiB that has REST MiB besides. */
static struct mml_table *growing(uint64_t step, uint64_t file, uint64_t rest, uint64_t limit,
				 unsigned looks)
{
	struct mml_past past = { 0 };
	struct mml_table *table = NULL;

	for (unsigned i = 0; i < looks; i++) {
		uint64_t held = 500 + step * i, cache = file * i;
		const struct group both[] = {
			{ .path = "/web.slice", .current = rest + held + cache, .file = cache,
			  .limit = 4096 },
			{ .path = "/web.slice/a.service", .current = held + cache, .file = cache,
			  .limit = limit },
		};

		groups(both, 2, 0);
		table = seen(&past, 100 + i * 10);
	}
	mml_past_free(&past);
	return table;
}

static void test_growing(void)
{
	struct mml_table *table;

	/* 1 % of 2048 MiB is 20.48. */
	severity_is(growing(3, 0, 0, 2048, 7), "group-growing", ""); /* 18 MiB */
	severity_is(growing(4, 0, 0, 2048, 7), "group-growing", "warning"); /* 24 MiB, 63 min left */
	severity_is(growing(4, 0, 0, 2048, 6), "group-growing", ""); /* for 50 s */
	severity_is(growing(0, 40, 0, 2048, 7), "group-growing", ""); /* page cache */
	table = growing(8, 0, 0, 548 + 8 * 6 * 29, 7);
	severity_is(table, "group-growing", "critical");
	cell_has(table, "group-growing", "text",
		 "a.service grows by 48.0M a minute: it is at its limit of 1.9G in about 29 min");
	severity_is(growing(8, 0, 0, 548 + 8 * 6 * 31, 7), "group-growing", "warning");
	/* Its slice is at the limit before: 548 MiB + 2400 of others, 4096 in all. */
	table = growing(8, 0, 4096 - 548 - 8 * 6 * 20, 3000, 7);
	cell_has(table, "group-growing", "text",
		 "a.service grows by 48.0M a minute: web.slice is at its limit of 4.0G in about 20 min");
	severity_is(table, "group-growing", "critical");
	/* 239 minutes, and 241. */
	severity_is(growing(1, 0, 4096 - 512 - 6 * 239, 0, 13), "group-growing", "");
	severity_is(growing(2, 0, 4096 - 548 - 12 * 239, 0, 25), "group-growing", "warning");
	severity_is(growing(2, 0, 4096 - 548 - 12 * 241, 0, 25), "group-growing", "");
}

static void test_dying(void)
{
	struct machine m = machine_well(16 * GIB);
	struct mml_past past = { 0 };
	struct group g = { .path = "/db.service", .current = 100 };

	groups(&g, 1, 0);
	m.percpu = 838861;
	machine_write(&t, &m);
	cell_has(seen(&past, 100), "percpu", "why",
		 "1234 control groups were removed and still hold memory, beside 2 that are there.");
	mml_past_free(&past);
}

/* What is found when removed groups still have so many pages. */
static struct mml_table *removed(uint64_t one, uint64_t other)
{
	struct {
		struct mml_trace_head head;
		struct mml_dying_row rows[2];
	} saved = {
		.head = { .magic = MML_TRACE_MAGIC,
			  .order = MML_TRACE_ORDER,
			  .version = MML_TRACE_VERSION,
			  .kind = MML_TRACE_DYING,
			  .page_size = 4096,
			  .length = sizeof(saved.rows) },
		.rows = { { .id = 5, .pages = one, .name = "job-5" },
			  { .id = 6, .pages = other, .name = "job-6" } },
	};
	struct group g = { .path = "/db.service", .current = 100 };
	struct mml_past past = { 0 };
	struct mml_table *table;

	groups(&g, 1, 0);
	tree_bytes(&t, "/mmlens/dying", (const char *)&saved, sizeof(saved));
	table = seen(&past, 100);
	mml_past_free(&past);
	/* None was removed: nobody looks which. */
	put("", "cgroup.stat", "nr_descendants 5\nnr_dying_descendants 0\n");
	severity_is(seen(&past, 200), "dying-groups", "");
	mml_past_free(&past);
	return table;
}

static void test_removed(void)
{
	struct mml_table *table;

	/* A hundredth of 16 GiB is 41943.04 pages. */
	severity_is(removed(41943, 0), "dying-groups", "");
	table = removed(0, 41944);
	severity_is(table, "dying-groups", "note");
	cell_has(table, "dying-groups", "text",
		 "164M of 16.0G (1.0 %) is charged to 1 control group that was removed");
	cell_has(table, "dying-groups", "why", "Most has job-6, 164M.");
	table = removed(41900, 44);
	severity_is(table, "dying-groups", "note");
	cell_has(table, "dying-groups", "text", "up to 164M of 16.0G (1.0 %) is charged to 2 control groups that were removed");
	severity_is(removed(41900, 43), "dying-groups", "");
}

/* They are looked at for a hundredth of the time, and at once when something was killed. */
static void test_due(void)
{
	struct mml_groups of = { .look_ns = 1000, .cost_ns = 50 };

	ok(!mml_groups_due(&of, 5999, false));
	ok(mml_groups_due(&of, 6000, false));
	ok(mml_groups_due(&of, 1001, true));
	of.look_ns = 0;
	ok(mml_groups_due(&of, 1, false));
}

int main(void)
{
	tree_new(&t);
	arena = mml_arena_new();
	tree_file(&t, "/proc/meminfo", "MemTotal: 1 kB\n");
	if (!tree_table(&t, "findings")) {
		tap_skip("trees need openat2(), Linux 5.6");
	} else {
		test_limit();
		test_high();
		test_pressure();
		test_swap();
		test_killed();
		test_once();
		test_scope();
		test_growing();
		test_dying();
		test_removed();
	}
	test_due();
	mml_arena_free(arena);
	tree_free(&t);
	return tap_done();
}
