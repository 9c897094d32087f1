/* The tables of the ground floor on good, truncated, empty, overlong, CRLF and hostile files. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sys/time.h>

#include "../../src/collectors/zones/buddyinfo.h"
#include "../../src/collectors/slab/slab.h"
#include "../../src/collectors/memory/vmstat.h"
#include "tree.h"

#define MAX "18446744073709551615"
#define OVER "18446744073709551616"

static struct tree t;

/* The table NAME when its file PATH has TEXT. */
static struct mml_table *with(const char *name, const char *path, const char *text)
{
	tree_file(&t, path, text);
	return tree_table(&t, name);
}

static const char *why(const struct mml_table *table)
{
	return table->absence.reason ? table->absence.reason : "none";
}

static void meminfo(void)
{
	static const char path[] = "/proc/meminfo";
	const struct mml_table *m;

	m = with("meminfo", path, "MemTotal:       24684084 kB\nHugePages_Total:       0\n"
				  "PoolFree:  28612 KB\nActive(anon):  1 kB\nNew Thing: 7 pages\n");
	ok(!m->error && m->nrows == 5 && !m->note);
	is_cell_str(m, 0, "name", "MemTotal");
	is_cell_u64(m, 0, "value", 24684084);
	is_cell_u64(m, 0, "bytes", UINT64_C(24684084) * 1024);
	is_cell_str(m, 0, "unit", "kB");
	is_cell_absent(m, 1, "unit");
	is_cell_absent(m, 1, "bytes");
	is_cell_u64(m, 1, "value", 0);
	is_cell_u64(m, 2, "bytes", UINT64_C(28612) * 1024);
	is_cell_str(m, 3, "name", "Active(anon)");
	is_cell_str(m, 4, "name", "New Thing");
	is_cell_absent(m, 4, "bytes");
	m = with("meminfo", path, "MemTotal: 5 kB\r\nMemFree: 4 kB\r\n");
	ok(!m->error && m->nrows == 2);
	is_cell_str(m, 1, "unit", "kB");
	m = with("meminfo", path, "MemTotal: " MAX " kB\nMemFree: " MAX "\n");
	ok(!m->error);
	is_cell_u64(m, 0, "value", UINT64_MAX);
	is_cell_absent(m, 0, "bytes"); /* there is no such number of bytes */
	is_cell_u64(m, 1, "value", UINT64_MAX);
	m = with("meminfo", path, "MemTotal: 5 kB\n\n\nMemFree: " OVER " kB\nDirty: 1 kB\n");
	is_str(why(m), "/proc/meminfo: line 4: not a line of meminfo");
	ok(m->nrows == 2); /* the rest still counts */
	is_cell_str(m, 1, "name", "Dirty");
	m = with("meminfo", path, "MemTotal: 5 kB\nMemFr");
	is_str(why(m), "/proc/meminfo: line 2: not a line of meminfo");
	m = with("meminfo", path, "MemTotal: -5 kB\n");
	is_str(why(m), "/proc/meminfo: line 1: not a line of meminfo");
	m = with("meminfo", path, ": 5 kB\nMemTotal:\nMemFree\nA: 1 kB x\nB: 0x1 kB\nC: 1.5 kB\n");
	ok(m->error == -EBADMSG && !m->nrows);
	m = with("meminfo", path, "\033[31mRed:  1 kB\nRed: 1 kB\nRed: 2 kB\n");
	ok(!m->error && m->nrows == 3); /* the renderer makes names harmless; duplicates stay */
}

/* A binary search finds what stands in its order only. */
static void counters_sorted(void)
{
	static const char *const names[] = {
#define COUNTER(name, unit, level, help) name,
#include "../../src/collectors/counters/counters.def"
#undef COUNTER
	};
	size_t found = 0, n = sizeof(names) / sizeof(*names);

	for (size_t i = 0; i < n; i++)
		found += mml_counter_find(mml_span_str(names[i])) != NULL;
	ok(n > 200 && found == n);
}

static void vmstat(void)
{
	static const char path[] = "/proc/vmstat";
	const struct mml_table *v;

	v = with("vmstat", path, "nr_free_pages 5519103\npgfault " MAX "\r\nnew_thing\t7\n");
	ok(!v->error && v->nrows == 3);
	is_cell_u64(v, 1, "value", UINT64_MAX);
	is_cell_str(v, 2, "name", "new_thing");
	ok(mml_table_row(v, 0)->levels && !mml_table_row(v, 1)->levels);
	v = with("vmstat", path, "nr_free_pages 1\npgfault\npgmajfault " OVER "\nx -1\ny 1 2\nz 3\n");
	is_str(why(v), "/proc/vmstat: line 2: not a name and a number");
	ok(v->nrows == 2);
	ok(mml_counter_level(mml_span_str("workingset_nodes")));
	ok(!mml_counter_level(mml_span_str("nr_written")));
	ok(!mml_counter_level(mml_span_str("nr_tlb_remote_flush")));
	ok(!mml_counter_level(mml_span_str("pgfault")));
	ok(mml_counter_level(mml_span_str("nr_of_tomorrow")));
	is_str(mml_counter_unit(mml_span_str("nr_free_pages")), "pages");
	is_str(mml_counter_unit(mml_span_str("nr_kernel_stack")), "KiB");
	is_str(mml_counter_unit(mml_span_str("nr_anon_transparent_hugepages")), "huge pages");
	is_str(mml_counter_unit(mml_span_str("pgpgin")), "KiB");
	is_str(mml_counter_unit(mml_span_str("numa_hit")), "allocations");
	is_str(mml_counter_unit(mml_span_str("allocstall_dma32")), "events");
	is_str(mml_counter_unit(mml_span_str("pgalloc_normal")), "pages");
	ok(!mml_counter_unit(mml_span_str("pgalloc_mystery")));
	ok(!mml_counter_unit(mml_span_str("nr_of_tomorrow")) && !mml_counter_unit(mml_span_str("nr")));
	ok(!mml_counter_unit(mml_span_str("")) && !mml_counter_unit(mml_span_str("_dma")));
	counters_sorted();
}

static const char host[] = "page_size=4096\nmachine=x86_64\n";

#define ZONE                                                                             \
	"Node 0, zone   Normal\n"                                                        \
	"  pages free     1000\n        boost    0\n        min      100\n        low      200\n" \
	"        high     300\n        promo    400\n        spanned  5000\n"             \
	"        present  4000\n        managed  3500\n        cma      0\n"              \
	"        protection: (0, 0, 12)\n"                                               \
	"      nr_free_pages 1000\n      numa_hit     77\n"                              \
	"  pagesets\n    cpu: 0\n              count:    10\n              high:     50\n" \
	"              batch:    1\n  vm stats threshold: 24\n    cpu: 1\n"              \
	"              count:    5\n  node_unreclaimable:  0\n  start_pfn:           1048576\n"

static void zones(void)
{
	static const char path[] = "/proc/zoneinfo";
	const struct mml_table *z;

	z = with("zones", path, "Node 0, zone      DMA\n  per-node stats\n      nr_inactive_anon 5\n"
				"  pages free     7\n        min      9\n        low      10\n"
				"        high     11\n        spanned  4095\n        present  3999\n"
				"        managed  3840\n        protection: (0, 3)\n" ZONE);
	ok(!z->error && z->nrows == 2);
	is_cell_str(z, 0, "state", "below-min");
	ok(tree_cell(z, 0, "headroom") && tree_cell(z, 0, "headroom")->i64 == -3 * 4096);
	is_cell_absent(z, 0, "boost");
	is_cell_absent(z, 0, "pcp");
	is_cell_str(z, 1, "state", "above-high");
	is_cell_u64(z, 1, "pcp", 15 * 4096);
	is_cell_u64(z, 1, "promo", 400 * 4096);
	is_cell_u64(z, 1, "start_pfn", 1048576);
	is_cell_str(z, 1, "protection", "0, 0, 12");
	is_cell_u64(tree_table(&t, "zonestats"), 0, "value", 5);
	is_cell_absent(tree_table(&t, "zonestats"), 0, "zone"); /* of the node */
	is_cell_str(tree_table(&t, "zonestats"), 1, "zone", "Normal");
	/* Lines under a header that is none belong to no zone. */
	z = with("zones", path, ZONE "Node x, zone Movable\n  pages free 77\n        managed 1\n" ZONE);
	is_str(why(z), "/proc/zoneinfo: line 25: not a line of zoneinfo");
	ok(z->nrows == 2);
	is_cell_u64(z, 0, "free", 1000 * 4096);
	is_cell_u64(z, 0, "managed", 3500 * 4096);
	is_cell_u64(z, 1, "free", 1000 * 4096);
	/* Numbers no machine has are absent, not wrapped. */
	z = with("zones", path, "Node 0, zone Normal\n  pages free " MAX "\n        min 1\n"
				"        low 2\n        high 3\n        present 5\n"
				"              count: " MAX "\n              count: 2\n");
	ok(z->nrows == 1);
	is_cell_absent(z, 0, "free");
	is_cell_absent(z, 0, "pcp");
	is_cell_absent(z, 0, "state");
	is_cell_u64(z, 0, "low", 8192);
	z = with("zones", path, "Node 0, zone Normal\n  pages free " OVER "\n");
	is_str(why(z), "/proc/zoneinfo: line 2: not a line of zoneinfo");
	z = with("zones", path, "Node 0, zone Normal\n        protection: (0, 1\n");
	is_str(why(z), "/proc/zoneinfo: line 2: not a line of zoneinfo");
	z = with("zones", path, "Node 0, zone Normal\n  per-node stats\n      nr_written   17146999\n"
				"                   176096\n  pages free 5\n");
	ok(!z->error && tree_table(&t, "zonestats")->nrows == 1); /* 4.18's nameless counter */
	z = with("zones", path, "nonsense\n");
	is_str(why(z), "/proc/zoneinfo: line 1: not a line of zoneinfo");
	z = with("zones", path, "Node 0, zone Normal\r\n  pages free 5\r\n");
	ok(!z->error);
	is_cell_str(z, 0, "zone", "Normal");
	is_cell_u64(z, 0, "free", 5 * 4096);
	is_cell_absent(z, 0, "state"); /* without watermarks nobody knows */
}

static void index_is(const struct mml_buddy *zone, unsigned order, int64_t unusable, int64_t frag)
{
	is_i64(mml_unusable_index(zone, order), unusable);
	is_i64(mml_fragmentation_index(zone, order), frag);
}

/* By hand, from the kernel's fill_contig_page_info(), unusable_free_index() and
 * __fragmentation_index(). */
static void indices(void)
{
	/* 10 + 2*5 + 4*1 = 24 pages in 16 blocks, none of order 3 and up. */
	static const struct mml_buddy some = { .orders = 11, .blocks = { 10, 5, 1 } };
	/* A single block of 2^10. */
	static const struct mml_buddy whole = { .orders = 11, .blocks = { [10] = 1 } };
	static const struct mml_buddy none = { .orders = 11 };
	static const struct mml_buddy singles = { .orders = 4, .blocks = { 1000 } };

	index_is(&some, 0, 0, -1000);
	index_is(&some, 1, 416, -1000);  /* (24 - 14) * 1000 / 24 */
	index_is(&some, 2, 833, -1000);  /* (24 - 4) * 1000 / 24 */
	index_is(&some, 3, 1000, 750);   /* 1000 - (1000 + 24000 / 8) / 16 */
	index_is(&some, 4, 1000, 844);   /* 1000 - (1000 + 1500) / 16 */
	index_is(&some, 10, 1000, 937);  /* 1000 - (1000 + 23) / 16 */
	index_is(&whole, 10, 0, -1000);
	index_is(&whole, 0, 0, -1000);
	index_is(&none, 0, 1000, 0);
	index_is(&none, 10, 1000, 0);
	index_is(&singles, 1, 1000, 499); /* 1000 - (1000 + 500000) / 1000 = 1000 - 501 */
	index_is(&singles, 3, 1000, 874);
}

static void buddy(void)
{
	static const char path[] = "/proc/buddyinfo";
	static const char at_most[] = "Node 0, zone Normal 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 2\n";
	const struct mml_table *b;

	b = with("buddy", path, "Node 0, zone      DMA      1      0      3 \r\n"
				"Node 12, zone   Normal     10      5      1      0 \n");
	ok(!b->error && b->nrows == 7);
	is_cell_u64(b, 2, "order", 2);
	is_cell_u64(b, 2, "block_size", 16384);
	is_cell_u64(b, 2, "free", 3 * 16384);
	is_cell_u64(b, 0, "usable", 13 * 4096);
	is_cell_u64(b, 2, "usable", 12 * 4096);
	is_cell_u64(b, 3, "node", 12);
	is_cell_f64(b, 6, "fragmentation_index", 0.75);
	b = with("buddy", path, at_most);
	ok(!b->error && b->nrows == MML_MAX_ORDERS);
	is_cell_u64(b, 17, "free", UINT64_C(2) << 29);
	b = with("buddy", path, "Node 0, zone Normal 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 2 3\n");
	is_str(why(b), "/proc/buddyinfo: line 1: not a line of buddyinfo");
	/* 2^42 pages and more in a zone would overflow what is computed from them. */
	b = with("buddy", path, "Node 0, zone Normal 4398046511103\nNode 1, zone Normal 4398046511104\n"
				"Node 2, zone Normal 1 2199023255552\nNode 3, zone Normal " MAX "\n");
	is_str(why(b), "/proc/buddyinfo: line 2: not a line of buddyinfo");
	ok(b->nrows == 1);
	is_cell_u64(b, 0, "free", UINT64_C(4398046511103) * 4096);
	b = with("buddy", path, "Node 0, zone Normal\nNode 0 zone Normal 1\nNode 0, zone Normal 1 x\n");
	ok(b->error == -EBADMSG && !b->nrows);
}

static void pagetypes(void)
{
	static const char path[] = "/proc/pagetypeinfo";
	static const char head[] =
		"Page block order: 9\nPages per block:  512\n\n"
		"Free pages count per migrate type at order       0      1      2 \n"
		"Node    0, zone   Normal, type    Unmovable      1      2      3 \n"
		"Node    0, zone   Normal, type      Movable >100000     0      1 \n\n"
		"Number of blocks type     Unmovable      Movable \n"
		"Node 0, zone   Normal           63         1193 \n";
	char again[2048];
	const struct mml_table *p;
	const struct mml_row *row;
	int free_col, order0;

	p = with("pagetypes", path, head);
	ok(!p->error && p->nrows == 2);
	is_cell_u64(p, 0, "free", (1 + 4 + 12) * 4096);
	is_cell_u64(p, 0, "pageblocks", 63);
	is_cell_u64(p, 1, "pageblocks", 1193);
	row = mml_table_row(p, 1);
	free_col = mml_schema_find(p->schema, "free", 4);
	order0 = mml_schema_find(p->schema, "order_0", 7);
	/* The kernel stops counting at the hundred thousandth block: there may be no more. */
	is_cell_u64(p, 1, "order_0", 100000);
	is_cell_u64(p, 1, "free", 100004 * 4096);
	ok(mml_at_least(row, (unsigned)free_col) && mml_at_least(row, (unsigned)order0));
	ok(!mml_at_least(row, (unsigned)order0 + 1));
	is_cell_absent(p, 0, "order_3");
	is_cell_absent(p, 0, "mixed");
	/* All of it comes once more for every node. */
	snprintf(again, sizeof(again), "%sFree pages count per migrate type at order 0\n"
		 "Node    1, zone   Normal, type    Unmovable      9 \n"
		 "Number of blocks type     Unmovable      Movable \n"
		 "Node 1, zone   Normal            7            8 \n"
		 "Number of mixed blocks    Unmovable      Movable \n"
		 "Node 1, zone   Normal            4            2 \n", head);
	p = with("pagetypes", path, again);
	ok(!p->error && p->nrows == 3);
	is_cell_u64(p, 0, "pageblocks", 63);
	is_cell_u64(p, 2, "pageblocks", 7);
	is_cell_u64(p, 2, "mixed", 4);
	is_cell_absent(p, 1, "mixed");
	/* Nodes by the ten thousand take no time that grows by their square. Of the CPU: how long that
	 * is on the clock is up to whoever else runs. */
	{
		static const struct itimerval limit = { .it_value = { .tv_sec = 5 } }, none;
		size_t size = 0, n = 100000;
		char *many = malloc(n * 100);

		for (size_t i = 0; i < n; i++)
			size += (size_t)sprintf(many + size, "Node %zu, zone Normal, type Movable 1\n", i);
		size += (size_t)sprintf(many + size, "Number of blocks type Movable\n");
		for (size_t i = 0; i < n; i++)
			size += (size_t)sprintf(many + size, "Node %zu, zone Normal %zu\n", i, i + 1);
		setitimer(ITIMER_VIRTUAL, &limit, NULL);
		p = with("pagetypes", path, many);
		setitimer(ITIMER_VIRTUAL, &none, NULL);
		ok(!p->error && p->nrows == n);
		is_cell_u64(p, 0, "pageblocks", 1);
		is_cell_u64(p, n - 1, "pageblocks", n);
		free(many);
	}
	p = with("pagetypes", path, "Node 0, zone Normal, type Movable 4398046511104\n");
	is_str(why(p), "/proc/pagetypeinfo: line 1: not a line of pagetypeinfo");
	p = with("pagetypes", path, "Node 0, zone Normal, type Movable 1 >x\n");
	is_str(why(p), "/proc/pagetypeinfo: line 1: not a line of pagetypeinfo");
	p = with("pagetypes", path, "Number of blocks type Movable CMA\nNode 0, zone Normal 1\n");
	is_str(why(p), "/proc/pagetypeinfo: line 2: not a line of pagetypeinfo");
}

/* What a line is as the kernel writes it, where numbers stand in columns, and with one blank more, where
 * they have to be looked for. */
static bool same_slab(const char *line)
{
	struct mml_slab slabs[2] = { 0 };
	char text[2][256];
	int rc[2];

	for (int i = 0; i < 2; i++) {
		struct mml_span span;

		snprintf(text[i], sizeof(text[i]), "%s%s\n", line, i ? " " : "");
		span = mml_span_str(text[i]);
		rc[i] = mml_slabinfo_next(&span, &slabs[i]);
	}
	return rc[0] == rc[1] &&
	       (rc[0] < 1 || (mml_span_len(slabs[0].name) == mml_span_len(slabs[1].name) &&
			      !memcmp(slabs[0].name.p, slabs[1].name.p, mml_span_len(slabs[0].name)) &&
			      slabs[0].active_objs == slabs[1].active_objs &&
			      slabs[0].total_objs == slabs[1].total_objs &&
			      slabs[0].obj_size == slabs[1].obj_size &&
			      slabs[0].objs_per_slab == slabs[1].objs_per_slab &&
			      slabs[0].pages_per_slab == slabs[1].pages_per_slab &&
			      slabs[0].slabs == slabs[1].slabs));
}

static void slab_columns(void)
{
	static const char *const names[] = { "a", "dentry", "two words", "seventeen-letters", "eighteen-letters-x",
					     "a : tunables 1 2 3", "sixteen-letters 7" };
	static const unsigned long numbers[] = { 0, 1, 9, 10, 9999, 10000, 99999, 999999, 1000000, 99999999 };
	static const char strange[] = " 09:/a-+\r\x01!";
	unsigned wrong = 0, lines = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		for (size_t k = 0; k < 10 * 8; k++) {
			unsigned long n[8];
			char line[200];

			for (size_t j = 0; j < 8; j++)
				n[j] = numbers[j == k / 10 ? k % 10 : (i + j) % 5];
			snprintf(line, sizeof(line),
				 "%-17s %6lu %6lu %6lu %4lu %4lu : tunables %4u %4u %4u : slabdata %6lu %6lu %6lu",
				 names[i], n[0], n[1], n[2], n[3], n[4], 0, 0, 0, n[5], n[6], n[7]);
			wrong += !same_slab(line);
			for (char *p = line; *p; p++)
				for (const char *c = strange; *c; c++, lines++) {
					char was = *p;

					*p = *c;
					wrong += !same_slab(line);
					*p = was;
				}
		}
	tap_ok(!wrong, "%u lines of slabinfo, in columns or not: %u differ", lines, wrong);
}

#define SLABINFO                                                                        \
	"slabinfo - version: 2.1\n"                                                     \
	"# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> " \
	": tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> " \
	"<sharedavail>\n"

static void slab(void)
{
	static const char path[] = "/proc/slabinfo";
	static const char tail[] = "  10  20  192  21  1 : tunables    0    0    0 : slabdata  2  3  0";
	char text[4096];
	const struct mml_table *s;

	snprintf(text, sizeof(text),
		 SLABINFO "dentry%s\nwith blanks in it%s\na:b : tunables 1%s\n#hash%s\n"
			  "name-of-eighty-characters-456789012345678901234567890123456789012345678901234567890%s\n"
			  "dentry%s\nslabinfo - cache%s\r\n",
		 tail, tail, tail, tail, tail, tail, tail);
	s = with("slab", path, text);
	ok(!s->error && s->nrows == 7);
	is_cell_str(s, 0, "cache", "dentry");
	is_cell_u64(s, 0, "size", 3 * 4096);
	is_cell_u64(s, 0, "used", 1920);
	is_cell_u64(s, 0, "waste", 3 * 4096 - 1920);
	is_cell_f64(s, 0, "utilization", 1920.0 * 100 / (3 * 4096));
	is_cell_str(s, 1, "cache", "with blanks in it");
	is_cell_str(s, 2, "cache", "a:b : tunables 1");
	is_cell_str(s, 3, "cache", "#hash");
	is_cell_str(s, 4, "cache",
		    "name-of-eighty-characters-456789012345678901234567890123456789012345678901234567890");
	is_cell_str(s, 5, "cache", "dentry");
	is_cell_str(s, 6, "cache", "slabinfo - cache");
	/* A debugging kernel's statistics behind it. */
	snprintf(text, sizeof(text),
		 "slabinfo - version: 2.1 (statistics)\n# name <x>\nold%s : globalstat 1 2 3 : cpustat 4\n", tail);
	s = with("slab", path, text);
	ok(!s->error && s->nrows == 1);
	is_cell_u64(s, 0, "slabs", 3);
	/* A cache without slabs uses no share of nothing. */
	s = with("slab", path, "empty 0 0 312 13 1 : tunables 0 0 0 : slabdata 0 0 0\n");
	ok(!s->error && s->nrows == 1);
	is_cell_absent(s, 0, "utilization");
	is_cell_u64(s, 0, "size", 0);
	/* More in use than there is room for: read in the middle of a change. */
	s = with("slab", path, "race 99 20 192 21 1 : tunables 0 0 0 : slabdata 1 1 0\n");
	is_cell_absent(s, 0, "waste");
	s = with("slab", path, SLABINFO "huge 1 1 1 1 " MAX " : tunables 0 0 0 : slabdata 1 " MAX " 0\n");
	is_str(why(s), "/proc/slabinfo: line 3: numbers too large to multiply");
	is_cell_absent(s, 0, "size");
	s = with("slab", path, SLABINFO "a 1 1 1 1 1\nb 1 1 1 1 : tunables 0 0 0 : slabdata 1 1 0\n"
			       "c 1 1 1 1 1 : tunables 0 0 0\nd 1 1 1 1 1 : tunables 0 : slabdata 1\n"
			       "1 1 1 1 1 : tunables 0 0 0 : slabdata 1 1 0\n"
			       "e 1 1 -1 1 1 : tunables 0 0 0 : slabdata 1 1 0\n");
	is_str(why(s), "/proc/slabinfo: line 3: not a line of slabinfo");
	ok(!s->nrows);
	s = with("slab", path, "slabinfo - version: 2.1\n");
	ok(!s->error && !s->nrows);
}

/* A tree that was not captured by mmlens: its page size is found out, or said to be assumed. */
static void page_sizes(void)
{
	const struct mml_table *b;

	unlink(strcat(strcpy((char[128]){ 0 }, t.dir), "/mmlens/host"));
	tree_file(&t, "/proc/meminfo", "MemFree: 1 kB\n");
	tree_file(&t, "/proc/vmstat", "x 1\n");
	tree_file(&t, "/proc/zoneinfo", ZONE);
	b = with("buddy", "/proc/buddyinfo", "Node 0, zone Normal 10 5 1\n");
	ok(!b->error && b->note &&
	   !strcmp(b->note, "the tree does not tell its page size: 4096 bytes are assumed"));
	/* MemTotal is what the zones manage. */
	tree_file(&t, "/proc/meminfo", "MemTotal: 56000 kB\nMemFree: 1 kB\n");
	b = tree_table(&t, "buddy");
	ok(b->note && strstr(b->note, "page size of 16384 bytes inferred from MemTotal"));
	is_cell_u64(b, 0, "block_size", 16384);
	/* That about as much is free in one file as in the other proves nothing. */
	tree_file(&t, "/proc/meminfo", "MemTotal: 1 kB\nMemFree: 1500 kB\n");
	b = tree_table(&t, "buddy");
	ok(b->note && strstr(b->note, "are assumed"));
	is_cell_u64(b, 0, "block_size", 4096);
}

int main(void)
{
	tree_new(&t);
	tree_file(&t, "/mmlens/host", host);
	if (!tree_table(&t, "meminfo")) {
		tap_skip("trees need openat2(), Linux 5.6");
		return tap_done();
	}
	meminfo();
	vmstat();
	zones();
	indices();
	buddy();
	pagetypes();
	slab();
	slab_columns();
	page_sizes();
	tree_free(&t);
	return tap_done();
}
