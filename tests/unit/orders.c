/* What an allocation can get, against the kernel's own test asked again and again; trends; and the
 * table made of files.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include "../../src/collectors/orders/available.h"
#include "../../src/collectors/orders/trend.h"

enum { ORDERS = 11 };

/* __zone_watermark_ok() of mm/page_alloc.c. */
static bool watermark_ok(const struct mml_order_zone *z, int64_t free, unsigned order,
			 enum mml_order_class class, uint64_t reserve)
{
	int64_t min =
		(int64_t)
			z->zone->field[class == MML_ORDER_FOR_ATOMIC ? MML_ZONE_MIN : MML_ZONE_LOW];

	free -= (1 << order) - 1;
	if (class != MML_ORDER_FOR_ATOMIC)
		free -= (int64_t)z->highatomic;
	if (class != MML_ORDER_FOR_USERS)
		free -= (int64_t)z->cma;
	if (class == MML_ORDER_FOR_ATOMIC) {
		min -= min / 2;
		min -= min / 4;
	}
	return free > min + (int64_t)reserve;
}

static bool usable(enum mml_order_class class, unsigned type)
{
	return type <= MML_ORDER_RECLAIMABLE ||
	       (type == MML_ORDER_CMA && class == MML_ORDER_FOR_USERS) ||
	       (type == MML_ORDER_HIGHATOMIC && class == MML_ORDER_FOR_ATOMIC);
}

/* Takes a block of ORDER, from the smallest that is large enough. */
static bool take_block(uint64_t blocks[MML_ORDER_TYPES][MML_MAX_ORDERS], unsigned order,
		       enum mml_order_class class)
{
	for (unsigned o = order; o < ORDERS; o++)
		for (unsigned t = 0; t < MML_ORDER_TYPES; t++) {
			if (!usable(class, t) || !blocks[t][o])
				continue;
			blocks[t][o]--;
			while (o > order)
				blocks[t][--o]++;
			return true;
		}
	return false;
}

/* How many pages blocks of ORDER can be taken for until the kernel says no. */
static uint64_t taken(const struct mml_order_zone *z, unsigned order, enum mml_order_class class,
		      uint64_t reserve)
{
	uint64_t blocks[MML_ORDER_TYPES][MML_MAX_ORDERS], pages = 0;

	memcpy(blocks, z->blocks, sizeof(blocks));
	while (watermark_ok(z, (int64_t)(z->zone->field[MML_ZONE_FREE] - pages), order, class,
			    reserve) &&
	       take_block(blocks, order, class))
		pages += UINT64_C(1) << order;
	return pages;
}

static uint64_t seed = 7;

static uint64_t pick(uint64_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (seed >> 33) % below;
}

static void make(struct mml_order_zone *z, struct mml_zone *zone)
{
	uint64_t free = 0;

	memset(z, 0, sizeof(*z));
	memset(zone, 0, sizeof(*zone));
	z->zone = zone;
	z->buddy.orders = ORDERS;
	z->has_types = true;
	for (unsigned t = 0; t < MML_ORDER_TYPES; t++)
		for (unsigned o = 0; o < ORDERS; o++) {
			z->blocks[t][o] = pick(3) ? pick(t < 3 ? 12 : 3) : 0;
			z->buddy.blocks[o] += z->blocks[t][o];
			free += z->blocks[t][o] << o;
			if (t == MML_ORDER_CMA)
				z->cma += z->blocks[t][o] << o;
			if (t == MML_ORDER_HIGHATOMIC)
				z->highatomic += z->blocks[t][o] << o;
		}
	zone->field[MML_ZONE_FREE] = free;
	zone->field[MML_ZONE_MIN] = pick(free / 2 + 1);
	zone->field[MML_ZONE_LOW] = zone->field[MML_ZONE_MIN] + pick(free / 2 + 1);
}

/* The kernel's test less one block at a time comes to what is computed at once, for the first order
 * on which the least of the two decides. */
static void test_against_kernel(void)
{
	unsigned wrong = 0, some = 0;

	for (int i = 0; i < 2000; i++) {
		struct mml_order_zone z;
		struct mml_zone zone;
		uint64_t reserve;

		make(&z, &zone);
		reserve = pick(2) ? pick(zone.field[MML_ZONE_FREE] / 4 + 1) : 0;
		for (unsigned o = 0; o < ORDERS; o++)
			for (unsigned c = 0; c < MML_ORDER_CLASSES; c++) {
				uint64_t want = taken(&z, o, c, reserve);
				uint64_t got = mml_order_now(&z, o, c, reserve);

				some += want > 0;
				if (want != got && !wrong++)
					printf("# zone %d, order %u, class %u: %" PRIu64
					       ", and %" PRIu64 " by the kernel\n",
					       i, o, c, got, want);
			}
	}
	is_u64(wrong, 0);
	ok(some > 10000);
}

/* After compaction there is never less, nor more than is free above the mark. */
static void test_later(void)
{
	unsigned wrong = 0;

	for (int i = 0; i < 2000; i++) {
		struct mml_order_zone z;
		struct mml_zone zone;

		make(&z, &zone);
		z.cache = pick(5000);
		for (unsigned o = 0; o < ORDERS; o++) {
			uint64_t now = mml_order_now(&z, o, MML_ORDER_FOR_USERS, 0), compacted,
				 reclaimed;

			wrong += !mml_order_compacted(&z, o, 0, &compacted) ||
				 !mml_order_reclaimed(&z, o, 0, &reclaimed) || compacted < now ||
				 reclaimed < compacted ||
				 reclaimed > compacted + z.cache + (1U << o) ||
				 compacted > mml_order_now(&z, 0, MML_ORDER_FOR_USERS, 0);
		}
		z.has_types = false;
		wrong += mml_order_compacted(&z, 1, 0, &seed);
	}
	is_u64(wrong, 0);
}

static void test_trend(void)
{
	enum mml_trend_confidence confidence;
	struct mml_trend t = { .n = 0 };
	double slope;

	for (int i = 1; i <= MML_TREND_LEAST - 1; i++)
		mml_trend_add(&t, (uint64_t)i * 1000000000, 100000 - (uint64_t)i * 100);
	ok(!mml_trend_slope(&t, &slope, &confidence)); /* too few */
	mml_trend_add(&t, UINT64_C(6000000000), 100000 - 600);
	ok(mml_trend_slope(&t, &slope, &confidence) && slope > -100.001 && slope < -99.999);
	ok(confidence == MML_TREND_SURE);
	/* One odd look changes little; the points remain bounded, and the slope is that of all. */
	mml_trend_add(&t, UINT64_C(7000000000), 0);
	for (int i = 8; i <= 500; i++)
		mml_trend_add(&t, (uint64_t)i * 1000000000, 100000 - (uint64_t)i * 100);
	ok(t.n <= MML_TREND_POINTS && t.n >= MML_TREND_POINTS / 2 - 1);
	ok(mml_trend_slope(&t, &slope, &confidence) && slope > -101 && slope < -99);
	/* What goes up and down has none. */
	t = (struct mml_trend){ .n = 0 };
	for (int i = 1; i <= 20; i++)
		mml_trend_add(&t, (uint64_t)i * 1000000000, i % 2 ? 5000 : 6000);
	ok(!mml_trend_slope(&t, &slope, &confidence));
	/* Of 15 pairs, 11 fall and 4 rise: 7 more, between four in ten and six. */
	t = (struct mml_trend){ .n = 0 };
	for (int i = 0; i < 6; i++)
		mml_trend_add(&t, (uint64_t)(i + 1) * 1000000000,
			      ((const uint64_t[]){ 60, 70, 40, 50, 10, 30 })[i]);
	ok(mml_trend_slope(&t, &slope, &confidence) && slope < 0);
	is_u64(confidence, MML_TREND_FAIR);
	/* Time that goes back begins anew. */
	mml_trend_add(&t, 5, 1);
	is_u64(t.n, 1);
}

static const char zoneinfo[] =
	"Node 0, zone    DMA32\n  pages free     4700\n        boost    0\n        min      100\n"
	"        low      200\n        high     300\n        spanned  20000\n        present  "
	"20000\n"
	"        managed  20000\n        protection: (0, 50, 50)\n      nr_free_cma  512\n"
	"  start_pfn:           0\n"
	"Node 0, zone   Normal\n  pages free     1500\n        boost    0\n        min      400\n"
	"        low      600\n        high     700\n        spanned  20000\n        present  "
	"20000\n"
	"        managed  20000\n        protection: (0, 0, 0)\n      nr_free_cma  0\n"
	"      nr_zone_inactive_file 300\n      nr_zone_active_file 200\n      "
	"nr_zone_write_pending 100\n"
	"  start_pfn:           20000\n"
	"Node 0, zone  Movable\n  pages free     0\n        min      0\n        low      0\n"
	"        high     0\n        spanned  0\n        present  0\n        managed  0\n"
	"        protection: (0, 0, 0)\n";
static const char buddyinfo[] =
	"Node 0, zone    DMA32     8     0     0     0     0     0     0     0     0     9     0\n"
	"Node 0, zone   Normal   476     0     0     0     0     0     0     0     0     2     0\n";
static const char types[] =
	"Page block order: 9\nPages per block:  512\n\n"
	"Free pages count per migrate type at order       0      1      2      3      4      5     "
	" 6      7      8      9     10 \n"
	"Node    0, zone    DMA32, type    Unmovable      8      0      0      0      0      0     "
	" 0      0      0      0      0 \n"
	"Node    0, zone    DMA32, type      Movable      0      0      0      0      0      0     "
	" 0      0      0      8      0 \n"
	"Node    0, zone    DMA32, type  Reclaimable      0      0      0      0      0      0     "
	" 0      0      0      0      0 \n"
	"Node    0, zone    DMA32, type   HighAtomic      0      0      0      0      0      0     "
	" 0      0      0      0      0 \n"
	"Node    0, zone    DMA32, type          CMA      0      0      0      0      0      0     "
	" 0      0      0      1      0 \n"
	"Node    0, zone   Normal, type    Unmovable     76      0      0      0      0      0     "
	" 0      0      0      0      0 \n"
	"Node    0, zone   Normal, type      Movable    400      0      0      0      0      0     "
	" 0      0      0      1      0 \n"
	"Node    0, zone   Normal, type  Reclaimable      0      0      0      0      0      0     "
	" 0      0      0      0      0 \n"
	"Node    0, zone   Normal, type   HighAtomic      0      0      0      0      0      0     "
	" 0      0      0      1      0 \n"
	"Node    0, zone   Normal, type          CMA      0      0      0      0      0      0     "
	" 0      0      0      0      0 \n\n"
	"Number of blocks type     Unmovable      Movable  Reclaimable   HighAtomic          CMA \n"
	"Node 0, zone    DMA32            2           36            0            0            1 \n"
	"Node 0, zone   Normal           10           28            1            1            0 \n";

static size_t row(const struct mml_table *t, const char *node, const char *zone, uint64_t order)
{
	size_t i = 0;

	while (i < t->nrows &&
	       (strcmp(tree_str(t, i, "node"), node) || strcmp(tree_str(t, i, "zone"), zone) ||
		tree_u64(t, i, "order") != order))
		i++;
	return i;
}

#define is_pages(t, i, name, pages) is_cell_u64(t, i, name, (uint64_t)(pages)*4096)

static void test_table(void)
{
	struct mml_table *t;
	struct tree tree;
	size_t i;

	tree_new(&tree);
	tree_file(&tree, "/mmlens/host",
		  "kernel=6.12.1\nmachine=x86_64\npage_size=4096\nclock_ticks=100\nnodes=1\n");
	tree_file(&tree, "/proc/zoneinfo", zoneinfo);
	tree_file(&tree, "/proc/buddyinfo", buddyinfo);
	t = tree_table(&tree, "orders");
	ok(!t->error);
	is_u64(t->nrows, 33);
	i = row(t, "0", "DMA32", 9);
	is_pages(t, i, "fitting", 9 * 512);
	is_pages(t, i, "now", 8 * 512); /* 4500 are above low, and 4608 in such blocks */
	is_cell_absent(t, i, "compacted");
	is_cell_absent(t, i, "blockers");
	tree_file(&tree, "/proc/pagetypeinfo", types);
	t = tree_table(&tree, "orders");
	i = row(t, "0", "DMA32", 9);
	is_pages(t, i, "now", 8 * 512);
	is_pages(t, i, "kernel", 7 * 512); /* one is CMA: 3988 */
	is_pages(t, i, "compacted", 8 * 512);
	is_cell_str(t, i, "blockers", "unmovable 5 %");
	i = row(t, "0", "Normal", 9);
	is_pages(t, i, "fitting", 512); /* the other is for atomic allocations */
	is_pages(t, i, "now", 0);	/* 1500 - 512 - 600 = 388 are no block */
	is_pages(t, i, "atomic", 1024); /* 1500 - 150 = 1350 */
	is_pages(t, i, "compacted", 0);
	is_pages(t, i, "reclaimed", 512); /* with 400 clean pages: 788 */
	is_cell_str(t, i, "blockers", "unmovable 25 %, reclaimable 2 %, highatomic 2 %");
	i = row(t, "0", "Normal", 0);
	is_pages(t, i, "now", 388);
	/* Allocations that may use both leave 50 more in the lower one. */
	i = row(t, "all", "all", 0);
	is_pages(t, i, "now", 4450 + 388);
	i = row(t, "all", "all", 9);
	is_pages(t, i, "now", 8 * 512);
	is_cell_absent(t, i, "lasts");
	tree_file(&tree, "/proc/buddyinfo", "Node 0, zone DMA32 nonsense\n");
	t = tree_table(&tree, "orders");
	ok(t->error);
	tree_free(&tree);
}

int main(void)
{
	test_against_kernel();
	test_later();
	test_trend();
	test_table();
	return tap_done();
}
