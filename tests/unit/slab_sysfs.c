/* What /sys/kernel/slab adds to the table slab, and how much of what counts as in use may be idle. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#define DIR "/sys/kernel/slab"

static struct tree t;
static const struct mml_table *s;

/* A cache of 60,000 bytes in use in 20 slabs of a page. */
static void take(void)
{
	s = tree_table(&t, "slab");
	if (!s)
		exit(99);
}

static void put(const char *file, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), DIR "/thing/%s", file);
	tree_file(&t, path, text);
}

static double f64(const char *name)
{
	const union mml_value *v = tree_cell(s, 0, name);

	return v ? v->f64 : -1;
}

static void shares(void)
{
	take();
	is_cell_f64(s, 0, "utilization", 60000.0 * 100 / (20 * 4096));
	is_cell_f64(s, 0, "object_use", 600.0 * 100 / 800);
	is_cell_absent(s, 0, "idle_objs");
	is_cell_absent(s, 0, "least_utilization");
	tree_file(&t, "/proc/slabinfo",
		  "slabinfo - version: 2.1\n# name\n"
		  "thing 800 800 100 40 1 : tunables 0 0 0 : slabdata 20 20 0\n"
		  "race 801 800 100 40 1 : tunables 0 0 0 : slabdata 20 20 0\n"
		  "empty 0 0 100 40 1 : tunables 0 0 0 : slabdata 0 0 0\n");
	take();
	is_cell_f64(s, 0, "object_use", 100.0);
	is_cell_f64(s, 0, "utilization", 80000.0 * 100 / (20 * 4096)); /* a slab's rest is lost */
	is_cell_absent(s, 1, "object_use");
	is_cell_absent(s, 2, "object_use");
}

static void slabinfo(void)
{
	tree_file(&t, "/proc/slabinfo",
		  "slabinfo - version: 2.1\n# name\n"
		  "thing 600 800 100 40 1 : tunables 0 0 0 : slabdata 20 20 0\n");
}

static void idle(void)
{
	slabinfo();
	put("slabs", "20 N0=12 N1=8\n");
	put("partial", "7 N0=7\n");
	put("object_size", "96\n");
	take();
	is_cell_str(s, 0, "nodes", "N0=12 N1=8");
	is_cell_u64(s, 0, "partial", 7);
	is_cell_u64(s, 0, "object_size", 96);
	is_cell_absent(s, 0, "idle_objs"); /* an old capture has no such file */
	/* Up to 6.17: the CPUs' own slabs. */
	put("cpu_slabs", "3 N0=2 N1=1\n");
	take();
	is_cell_u64(s, 0, "idle_objs", 120);
	is_cell_f64(s, 0, "least_utilization", 48000.0 * 100 / (20 * 4096));
	/* 7.x: sheaves of four CPUs and two nodes, and a cpu_slabs of 0 that means nothing. */
	tree_file(&t, "/sys/devices/system/cpu/online", "0-2,7\n");
	tree_file(&t, "/sys/devices/system/node/node0/cpulist", "0-2\n");
	tree_file(&t, "/sys/devices/system/node/node4/cpulist", "7\n");
	put("cpu_slabs", "0\n");
	put("sheaf_capacity", "10\n");
	take();
	is_cell_u64(s, 0, "idle_objs", 10 * (2 * 4 + 10 * 2));
	tap_ok(f64("least_utilization") < f64("utilization"), "the bound is below");
	/* 6.18 has both; never more than there are. */
	put("cpu_slabs", "1 N0=1\n");
	take();
	is_cell_u64(s, 0, "idle_objs", 320);
	put("sheaf_capacity", "60\n");
	take();
	is_cell_u64(s, 0, "idle_objs", 600);
	is_cell_f64(s, 0, "least_utilization", 0.0);
	/* How many CPUs fill their sheaves must be known. */
	tree_file(&t, "/sys/devices/system/cpu/online", "\n");
	take();
	is_cell_absent(s, 0, "idle_objs");
	put("sheaf_capacity", "0\n");
	take();
	is_cell_u64(s, 0, "idle_objs", 40);
	put("cpu_slabs", "18446744073709551615\n");
	take();
	is_cell_u64(s, 0, "idle_objs", 600);
}

/* Objects of kmalloc that are larger than their caches' names say have debugging data with them. */
static void debugging(void)
{
#define LINE(name, size) name " 600 800 " size " 40 1 : tunables 0 0 0 : slabdata 20 20 0\n"
	tree_file(&t, "/proc/slabinfo",
		  "slabinfo - version: 2.1\n# name\n" LINE("kmalloc-1k", "1024")
			  LINE("kmalloc-rcl-96", "96") LINE("kmalloc-node", "3072")
				  LINE("thing-8", "3072") LINE("kmalloc-", "9")
					  LINE("kmalloc-4M", "4194304"));
	take();
	ok(!s->note);
	tree_file(&t, "/proc/slabinfo",
		  "slabinfo - version: 2.1\n# name\n" LINE("kmalloc-1k", "1025")
			  LINE("dma-kmalloc-96",
			       "432") "kmalloc-8 0 0 344 40 1 : tunables 0 0 0 : slabdata 0 0 0\n");
	take();
	ok(s->note &&
	   strstr(s->note, "objects of kmalloc-1k take 1025 bytes, and 2 kmalloc caches"));
#undef LINE
	slabinfo();
}

static bool is(const char *name)
{
	const union mml_value *v = tree_cell(s, 0, name);

	return v && v->b;
}

/* How a slab is laid out, and the tunables of an allocator that has some. */
static void layout(void)
{
	put("align", "8\n");
	put("hwcache_align", "1\n");
	put("cpu_partial", "30\n");
	put("min_partial", "5\n");
	put("cpu_slabs", "2 N0=2\n");
	slabinfo();
	take();
	is_cell_u64(s, 0, "active_slabs", 20);
	is_cell_u64(s, 0, "order", 0);
	is_cell_u64(s, 0, "left_over", 4096 - 40 * 100);
	is_cell_absent(s, 0, "limit");
	is_cell_absent(s, 0, "shared");
	is_cell_u64(s, 0, "align", 8);
	ok(is("hwcache_align"));
	is_cell_u64(s, 0, "cpu_partial", 30);
	is_cell_u64(s, 0, "min_partial", 5);
	is_cell_u64(s, 0, "cpu_slabs", 2);
	put("hwcache_align", "0\n");
	tree_file(&t, "/proc/slabinfo",
		  "slabinfo - version: 2.1\n# name\n"
		  "thing 600 800 100 160 4 : tunables 120 60 0 : slabdata 4 5 7\n"
		  "odd 600 800 100 130 3 : tunables 0 0 0 : slabdata 4 5 0\n"
		  "liar 600 800 100 41 1 : tunables 0 0 0 : slabdata 4 5 0\n");
	take();
	ok(!is("hwcache_align"));
	is_cell_u64(s, 0, "active_slabs", 4);
	is_cell_u64(s, 0, "order", 2);
	is_cell_u64(s, 0, "left_over", 384);
	is_cell_u64(s, 0, "limit", 120);
	is_cell_u64(s, 0, "batch", 60);
	is_cell_u64(s, 0, "shared", 0);
	is_cell_absent(s, 1, "order");    /* three pages are no order */
	is_cell_absent(s, 2, "left_over"); /* more objects than room */
	slabinfo();
}

static bool why(const char *name)
{
	int col = mml_schema_find(s->schema, name, strlen(name));

	return s->columns && col >= 0 && s->columns[col].reason;
}

static void checks(void)
{
	static const char config[] = "/boot/config-test";
	static const char sampling[] = "/sys/module/kfence/parameters/sample_interval";

	take();
	is_cell_absent(s, 0, "debug");
	is_cell_absent(s, 0, "kfence");
	is_cell_absent(s, 0, "kasan");
	ok(why("kfence") && why("kasan"));
	put("sanity_checks", "0\n");
	put("red_zone", "0\n");
	take();
	is_cell_str(s, 0, "debug", "none");
	put("poison", "1\n");
	put("red_zone", "1\n");
	tree_file(&t, sampling, "0\n");
	tree_file(&t, config, "CONFIG_SLUB=y\n# CONFIG_KASAN is not set\n");
	take();
	is_cell_str(s, 0, "debug", "red_zone poison");
	ok(tree_cell(s, 0, "kfence") && !is("kfence"));
	ok(tree_cell(s, 0, "kasan") && !is("kasan"));
	tree_file(&t, sampling, "100\n");
	tree_file(&t, config, "CONFIG_KASAN=y\nCONFIG_KASAN_GENERIC=y\n");
	take();
	ok(is("kfence") && is("kasan") && !why("kasan"));
	put("skip_kfence", "1\n");
	tree_file(&t, config, "CONFIG_KASAN=y\nCONFIG_KASAN_HW_TAGS=y\n");
	take();
	ok(tree_cell(s, 0, "kfence") && !is("kfence"));
	is_cell_absent(s, 0, "kasan"); /* the processor decides */
	ok(why("kasan"));
}

/* Everybody sees the links, only root the numbers. */
static void refused(void)
{
	tree_file(&t, "/mmlens/errors", "EACCES " DIR "/thing/slabs\n");
	take();
	is_cell_absent(s, 0, "idle_objs");
	ok(s->columns && s->columns[mml_schema_find(s->schema, "idle_objs", 9)].reason);
	ok(s->columns && s->columns[mml_schema_find(s->schema, "least_utilization", 17)].needs);
}

int main(void)
{
	tree_new(&t);
	tree_file(&t, "/mmlens/host", "page_size=4096\nmachine=x86_64\nkernel=test\n");
	slabinfo();
	if (!tree_table(&t, "slab")) {
		tap_skip("trees need openat2(), Linux 5.6");
		return tap_done();
	}
	shares();
	idle();
	debugging();
	layout();
	checks();
	refused();
	tree_free(&t);
	return tap_done();
}
