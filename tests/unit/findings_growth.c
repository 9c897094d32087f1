/* Findings about what grows: slab caches, processes, programs, the remainder of the balance. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge.h"

/* Looks at what STEP writes before each of LOOKS looks, SECONDS apart, and judges the last one. */
static struct mml_table *watch(void (*step)(unsigned look, void *ctx), void *ctx, unsigned looks,
			       double seconds)
{
	struct mml_past past = { 0 };
	struct mml_facts facts;
	struct mml_table *table = NULL;

	for (unsigned i = 0; i < looks; i++) {
		step(i, ctx);
		facts = look(100 + i * seconds);
		mml_past_follow(&past, &facts);
		if (i + 1 == looks)
			table = judge(&facts, &past);
		mml_past_add(&past, &facts);
	}
	mml_past_free(&past);
	return table;
}

struct cache {
	const char *name;
	unsigned long first, step; /* KiB, and what is added each look */
	unsigned fall_at, stop_at; /* looks; 0: never */
	uint64_t total;            /* of the machine */
	int64_t available;
};

static void cache_step(unsigned look, void *ctx)
{
	const struct cache *c = ctx;
	struct machine m = machine_well(c->total ? c->total : 8 * GIB);
	unsigned steps = c->stop_at && look > c->stop_at ? c->stop_at : look;
	unsigned long size = c->first + c->step * steps;
	char line[256];

	if (c->fall_at && look == c->fall_at)
		size -= 2 * c->step;
	snprintf(line, sizeof(line),
		 "%s %lu %lu 1024 1 1 : tunables 0 0 0 : slabdata %lu %lu 0\n", c->name, size / 4,
		 size / 4, size / 4, size / 4);
	m.slab = line;
	if (c->available)
		m.available = c->available;
	machine_write(&t, &m);
}

static struct mml_table *cache(struct cache c, unsigned looks, double seconds)
{
	if (!c.name)
		c.name = "leaky";
	if (!c.first)
		c.first = 20000;
	return watch(cache_step, &c, looks, seconds);
}

#define CACHE(looks, seconds, ...) cache((struct cache){ __VA_ARGS__ }, looks, seconds)

static void test_caches(void)
{
	struct mml_table *table;

	severity_is(CACHE(7, 1, .step = 400), "slab-growing", "note"); /* over 6 s */
	severity_is(CACHE(4, 1, .step = 400), "slab-growing", "");     /* three looks are no trend */
	severity_is(CACHE(6, 1, .step = 400), "slab-growing", "note"); /* 5 s */
	severity_is(CACHE(10, 0.5, .step = 400), "slab-growing", "");  /* 4.5 s */
	severity_is(CACHE(11, 1, .step = 0), "slab-growing", "");
	severity_is(CACHE(11, 1, .step = 100), "slab-growing", "");    /* 1000 KiB in all */
	severity_is(CACHE(12, 1, .step = 100), "slab-growing", "note");
	severity_is(CACHE(12, 1, .step = 100, .first = 80000), "slab-growing", ""); /* 1.4 % of it */
	severity_is(CACHE(11, 1, .step = 400, .fall_at = 5), "slab-growing", "");
	severity_is(CACHE(101, 30, .step = 400), "slab-growing", "note"); /* for most of an hour */
	severity_is(CACHE(601, 0.02, .step = 4), "slab-growing", "note"); /* however often one looks */
	/* It grew for 20 s, and has not for 12. */
	severity_is(CACHE(33, 1, .step = 400, .stop_at = 20), "slab-growing", "");
	severity_is(CACHE(23, 1, .step = 400, .stop_at = 20), "slab-growing", "note");
	/* At once: 32 MiB, or a hundredth of a small machine; two looks are no rate to reckon with. */
	severity_is(CACHE(2, 1, .step = 32768), "slab-growing", "note");
	severity_is(CACHE(2, 1, .step = 32764), "slab-growing", "");
	severity_is(CACHE(2, 1, .step = 1312, .total = 128 * MIB), "slab-growing", "note");
	severity_is(CACHE(2, 1, .step = 1308, .total = 128 * MIB), "slab-growing", "");
	/* 40 MiB a second, and 59 or 61 minutes of that. */
	severity_is(CACHE(7, 1, .step = 40960, .available = 40960L * 60 * 59, .total = 256 * GIB),
		    "slab-growing", "warning");
	table = CACHE(7, 1, .step = 40960, .available = 40960L * 60 * 61, .total = 256 * GIB);
	severity_is(table, "slab-growing", "note");
	cell_has(table, "slab-growing", "text", "slab cache leaky grew from 19.5M to 260M in 6 s");
	cell_has(table, "slab-growing", "look_filter", "cache = 'leaky'");
	/* MemAvailable that nobody tells does not run out. */
	severity_is(CACHE(7, 1, .step = 400000, .available = -1), "slab-growing", "note");
}

/* What can be reclaimed takes a minute or a hundredth of memory, and takes nothing away. */
static void test_reclaimable(void)
{
	struct mml_table *table;

	severity_is(CACHE(60, 1, .name = "dentry", .step = 400), "slab-growing", "");
	table = CACHE(61, 1, .name = "dentry", .step = 400);
	severity_is(table, "slab-growing", "note");
	cell_has(table, "slab-growing", "text", "and can be reclaimed");
	severity_is(CACHE(7, 1, .name = "ext4_inode_cache", .step = 13980), "slab-growing", "");
	severity_is(CACHE(7, 1, .name = "ext4_inode_cache", .step = 13984), "slab-growing", "note");
	table = CACHE(61, 1, .name = "xfs_inode", .step = 40000, .available = 40000);
	severity_is(table, "slab-growing", "note");
	/* Open sockets hold their inodes: those cannot. */
	severity_is(CACHE(7, 1, .name = "sock_inode_cache", .step = 400), "slab-growing", "note");
}

static void two_caches(unsigned look, void *ctx)
{
	struct machine m = machine_well(8 * GIB);
	char lines[512];
	unsigned a = 20000 + 4000 * look, b = 5000 + 400 * look;

	(void)ctx;
	snprintf(lines, sizeof(lines),
		 "dentry %u %u 1024 1 1 : tunables 0 0 0 : slabdata %u %u 0\n"
		 "kmalloc-1k %u %u 1024 1 1 : tunables 0 0 0 : slabdata %u %u 0\n",
		 a, a, a, a, b, b, b, b);
	m.slab = lines;
	machine_write(&t, &m);
}

static void test_rank(void)
{
	struct mml_table *table = watch(two_caches, NULL, 70, 1);

	is_str(cell(table, 0, "about"), "kmalloc-1k"); /* though it grew by a tenth */
	is_str(cell(table, 1, "about"), "dentry");
}

static void test_debugging(void)
{
	struct machine m = machine_well(8 * GIB);

	m.slab = "kmalloc-64 64 64 95 64 1 : tunables 0 0 0 : slabdata 1 1 0\n"
		 "kmalloc-cg-1k 10 10 1024 16 4 : tunables 0 0 0 : slabdata 1 1 0\n"
		 "TCP 10 10 3072 10 8 : tunables 0 0 0 : slabdata 1 1 0\n";
	severity_is(once(&m), "slab-debugging", "");
	m.slab = "kmalloc-64 64 64 96 64 1 : tunables 0 0 0 : slabdata 1 1 0\n";
	severity_is(once(&m), "slab-debugging", "note");
	m.slab = "kmalloc-rcl-1k 10 10 3072 10 8 : tunables 0 0 0 : slabdata 1 1 0\n";
	cell_has(once(&m), "slab-debugging", "text", "objects of kmalloc-rcl-1k take 3072 bytes");
}

static void process(unsigned pid, const char *comm, uint64_t anon_kib)
{
	char path[64], text[512];

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	snprintf(text, sizeof(text),
		 "%u (%s) S 1 %u %u 0 -1 4194560 10 0 0 0 1 1 0 0 20 0 1 0 %u 3276800 1000 "
		 "18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		 pid, comm, pid, pid, 1000 + pid);
	tree_file(&t, path, text);
	snprintf(path, sizeof(path), "/proc/%u/statm", pid);
	snprintf(text, sizeof(text), "500000 %" PRIu64 " 100 10 0 400000 0\n", anon_kib / 4 + 100);
	tree_file(&t, path, text);
}

struct grower {
	uint64_t first, step, noise; /* KiB */
	unsigned stop_at;
	int64_t available;
	bool program; /* by two processes that grow in turn, so that neither has a line of its own */
};

static void grower_step(unsigned look, void *ctx)
{
	const struct grower *g = ctx;
	struct machine m = machine_well(16 * GIB);
	unsigned steps = g->stop_at && look > g->stop_at ? g->stop_at : look;
	uint64_t size = g->first + g->step * steps + (look % 2 ? g->noise : 0);

	if (g->available)
		m.available = g->available;
	machine_write(&t, &m);
	process(1, "init", 8000);
	if (g->program) {
		/* What one gains in a look the other loses, and the sum grows. */
		process(4211, "worker", size / 2 + (look % 2) * 100000);
		process(4212, "worker", size / 2 - (look % 2) * 100000);
	} else {
		process(4211, "postgres", size);
	}
}

/* Ten seconds apart. */
static struct mml_table *grower(struct grower g, unsigned looks)
{
	if (!g.first)
		g.first = GIB;
	return watch(grower_step, &g, looks, 10);
}

#define GROWER(looks, ...) grower((struct grower){ __VA_ARGS__ }, looks)

static void test_processes(void)
{
	struct mml_table *table;

	/* 1 % of 16 GiB is 167772.16 KiB. */
	severity_is(GROWER(7, .step = 27968, .available = -1), "process-growing", "note");
	severity_is(GROWER(7, .step = 27960), "process-growing", ""); /* 167760 KiB */
	severity_is(GROWER(6, .step = 60000), "process-growing", ""); /* for 50 s */
	table = GROWER(7, .step = 60000, .available = 60000L * 6 * 29);
	severity_is(table, "process-growing", "critical"); /* 29 min */
	cell_has(table, "process-growing", "text",
		 "postgres 4211 grows by 352M a minute: no memory is left in about 29 min");
	cell_has(table, "process-growing", "look_filter", "pid = 4211");
	severity_is(GROWER(7, .step = 40000, .available = 40000L * 6 * 31), "process-growing",
		    "warning");
	severity_is(GROWER(61, .step = 2800, .available = 2800L * 6 * 239), "process-growing",
		    "warning");
	severity_is(GROWER(61, .step = 2800, .available = 2800L * 6 * 241), "process-growing", "note");
	severity_is(GROWER(13, .step = 60000, .stop_at = 6), "process-growing", ""); /* it stopped */
	severity_is(GROWER(13, .step = 60000, .noise = 20000), "process-growing", "warning");
	severity_is(GROWER(13, .step = 15000, .noise = 300000), "process-growing", ""); /* noise */
	severity_is(GROWER(13, .step = 0), "process-growing", "");
}

static void test_programs(void)
{
	struct mml_table *table = GROWER(13, .step = 60000, .program = true);

	severity_is(table, "program-growing", "warning");
	cell_has(table, "program-growing", "text", "program worker, all its processes together, grows by 352M a minute");
	is_i64(find(table, "process-growing"), -1);
	severity_is(GROWER(13, .step = 13980, .program = true), "program-growing", "");
}

/* Between two looks at the processes what was said of them stands. */
static void test_between(void)
{
	struct grower g = { .first = GIB, .step = 60000 };
	struct mml_past past = { 0 };
	struct mml_facts facts;

	for (unsigned i = 0; i < 8; i++) {
		grower_step(i, &g);
		facts = look(100 + i * 10.0);
		mml_past_follow(&past, &facts);
		mml_past_add(&past, &facts);
	}
	facts = look(175);
	facts.processes = NULL;
	severity_is(judge(&facts, &past), "process-growing", "warning");
	/* It ends, and is not said any more. */
	process(4211, "other", 1000);
	facts = look(180);
	mml_past_follow(&past, &facts);
	severity_is(judge(&facts, &past), "process-growing", "");
	mml_past_free(&past);
}

/* LINES mappings of process 4211, of which 1000 are the most. */
static void mappings(unsigned lines, bool kernels)
{
	struct mml_buf text = { 0 };

	for (unsigned i = 0; i < lines; i++)
		mml_buf_printf(&text, "%x000-%x000 rw-p 00000000 00:00 0\n", 2 * i + 1, 2 * i + 2);
	if (kernels)
		mml_buf_printf(&text, "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0"
				      "                  [vsyscall]\n");
	tree_bytes(&t, "/proc/4211/maps", text.data, text.len);
	mml_buf_free(&text);
}

/* What is said after a look at the processes. */
static struct mml_table *counted(struct mml_past *past)
{
	struct mml_facts facts = look(10);

	past->time_ns = 1;
	mml_past_mappings(past, t.root, &facts);
	return judge(&facts, past);
}

static void test_mappings(void)
{
	struct machine m = machine_well(16 * GIB);
	struct mml_past past = { 0 };
	struct mml_facts facts;

	machine_write(&t, &m);
	process(4211, "elastic", 8000);
	mappings(799, true);
	severity_is(counted(&past), "mappings", "");
	mappings(800, false);
	severity_is(counted(&past), "mappings", "warning");
	cell_has(counted(&past), "mappings", "text",
		 "elastic 4211 has 800 of at most 1000 mappings: beyond that it gets no memory");
	cell_has(counted(&past), "mappings", "look_filter", "pid = 4211");
	/* It stands until the processes are looked at again. */
	facts = look(11);
	facts.processes = NULL;
	mml_past_mappings(&past, t.root, &facts);
	severity_is(judge(&facts, &past), "mappings", "warning");
	/* All processes together have fewer, so no maps is read. */
	m.slab = "vm_area_struct 799 900 200 20 1 : tunables 0 0 0 : slabdata 45 45 0\n";
	machine_write(&t, &m);
	severity_is(counted(&past), "mappings", "");
	m.slab = "vm_area_struct 800 900 200 20 1 : tunables 0 0 0 : slabdata 45 45 0\n";
	machine_write(&t, &m);
	severity_is(counted(&past), "mappings", "warning");
	/* A limit that nobody tells is none. */
	tree_file(&t, "/proc/sys/vm/max_map_count", "");
	severity_is(counted(&past), "mappings", "");
	mml_past_free(&past);
}

struct rest {
	uint64_t first, step;
};

static void rest_step(unsigned look, void *ctx)
{
	const struct rest *r = ctx;
	struct machine m = machine_well(16 * GIB);

	m.unaccounted = r->first + r->step * look;
	machine_write(&t, &m);
}

static void test_unaccounted(void)
{
	struct rest fast = { 100000, 27968 }, slow = { 100000, 27960 }, burst = { 100000, 90000 };

	severity_is(watch(rest_step, &fast, 7, 10), "unaccounted-growing", "warning");
	cell_has(watch(rest_step, &fast, 7, 10), "unaccounted-growing", "text",
		 "memory that no counter explains grows by 164M a minute");
	severity_is(watch(rest_step, &slow, 7, 10), "unaccounted-growing", "");
	severity_is(watch(rest_step, &burst, 6, 10), "unaccounted-growing", ""); /* for 50 s */
}

/* What is remembered stays small, however long it goes on, and what ends is forgotten. */
static void test_bounds(void)
{
	struct mml_trail trail = { 0 };
	struct mml_growth g;
	char name[32];

	for (unsigned i = 1; i < 20000; i++) {
		if (!mml_trail_begin(&trail, i * UINT64_C(500000000)))
			break;
		mml_trail_put(&trail, "stays", 0, 1000 + i);
		snprintf(name, sizeof(name), "short %u", i / 40);
		mml_trail_put(&trail, name, 1, 1000);
		mml_trail_end(&trail);
	}
	is_u64(trail.look_ns, UINT64_C(9999500000000));
	ok(!mml_trail_begin(&trail, trail.look_ns));
	ok(trail.points <= MML_TRAIL_POINTS && trail.n <= MML_TRAIL_POINTS + 2);
	ok(trail.spacing_ns >= UINT64_C(60000000000) && trail.spacing_ns < UINT64_C(130000000000));
	ok(mml_trail_growth(&trail, "stays", 0, 21000, trail.look_ns + 500000000, &g));
	ok(g.slope > 1.99 && g.slope < 2.01 && g.noise < 0.01 && !g.falls && !g.paused);
	ok(!mml_trail_growth(&trail, "short 1", 0, 1000, trail.look_ns + 500000000, &g));
	mml_trail_free(&trail);
}

int main(void)
{
	tree_new(&t);
	arena = mml_arena_new();
	tree_file(&t, "/proc/meminfo", "MemTotal: 1 kB\n");
	if (!tree_table(&t, "findings")) {
		tap_skip("trees need openat2(), Linux 5.6");
	} else {
		test_caches();
		test_reclaimable();
		test_rank();
		test_debugging();
		test_processes();
		test_programs();
		test_between();
		test_mappings();
		test_unaccounted();
	}
	test_bounds();
	mml_arena_free(arena);
	tree_free(&t);
	return tap_done();
}
