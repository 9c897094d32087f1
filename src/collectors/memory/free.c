/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../zones/zoneinfo.h"
#include "balance.h"
#include "meminfo.h"

/* clang-format off */
#define FREE_COLUMNS(C, R) \
	C(item,       "ITEM",      STR, KEY,     NONE,  FIRST,  0, "line of free", "Mem, Low and High (what a 32-bit kernel can and cannot map), Swap, Total (Mem and Swap), Comm (what may be and what was promised).") \
	C(total,      "TOTAL",     U64, GAUGE,   BYTES, FIRST,  0, "MemTotal; LowTotal; HighTotal; SwapTotal; CommitLimit", "How much there is. A kernel that can map all of memory tells of no Low and High: all is Low.") \
	C(used,       "USED",      U64, DERIVED, BYTES, MAIN,   0, "MemTotal - MemAvailable; of the others total - free", "Used as free(1) of procps 4 has it: what is not available. Of Comm, Committed_AS.") \
	C(free,       "FREE",      I64, GAUGE,   BYTES, MAIN,   0, "MemFree; LowFree; HighFree; SwapFree; CommitLimit - Committed_AS", "What nobody uses. Of Comm it is negative if more was promised than the limit.") \
	C(shared,     "SHARED",    U64, GAUGE,   BYTES, MAIN,   0, "Shmem", "Shared memory and tmpfs. It is in cache as well.") \
	C(buffers,    "BUFFERS",   U64, GAUGE,   BYTES, MAIN,   0, "Buffers", "Page cache of block devices.") \
	C(cache,      "CACHE",     U64, DERIVED, BYTES, MAIN,   0, "Cached + SReclaimable", "Page cache with shared memory, and slab caches that can shrink.") \
	C(available,  "AVAILABLE", U64, GAUGE,   BYTES, MAIN,   0, "MemAvailable", "The kernel's estimate of what new work can have without swapping.") \
	C(occupied,   "OCCUPIED",  U64, DERIVED, BYTES, MAIN,   0, "MemTotal - reclaimable of balance's rows free, discard and write-back", "Used as mmlens has it: what the kernel could not get back without swapping or killing, however hard it tried.") \
	C(difference, "DIFF",      I64, DERIVED, BYTES, MORE,   0, "used - occupied", "How far the two apart are. It is what MemAvailable keeps back out of caution and what it does not know: reserve, held_cache, held_slab, uncounted, other.") \
	C(why,        "WHY",       STR, GAUGE,   NONE,  LAST,   0, "reserve, held_cache, held_slab, uncounted, other", "What the difference consists of.") \
	C(used_before, "USED3",    U64, DERIVED, BYTES, HIDDEN, 0, "MemTotal - MemFree - Buffers - Cached - SReclaimable", "Used as free(1) of procps 3.3 had it. Shared memory counts as cache and not as used.") \
	C(reserve,    "RESERVE",   U64, DERIVED, BYTES, HIDDEN, 0, "zoneinfo: sum of the lesser of managed and largest protection + high", "What each zone keeps back of free memory: MemAvailable leaves it out.") \
	C(held_cache, "HELDCACHE", U64, DERIVED, BYTES, HIDDEN, 0, "lesser of half of Active(file) + Inactive(file), and the low marks", "Page cache that MemAvailable does not count on, because somebody needs it.") \
	C(held_slab,  "HELDSLAB",  U64, DERIVED, BYTES, HIDDEN, 0, "lesser of half of KReclaimable, and the low marks", "Kernel memory that can be reclaimed, but that MemAvailable does not count on.") \
	C(uncounted,  "UNCOUNTED", U64, DERIVED, BYTES, HIDDEN, 0, "balance: reclaimable of pcp, zfs_arc, dm_bufio, gpu_reclaim and the like", "What the kernel could get back and MemAvailable does not know: free pages on the lists of the CPUs, caches of ZFS and of GPU drivers.") \
	C(other,      "OTHER",     I64, DERIVED, BYTES, HIDDEN, 0, "difference - reserve - held_cache - held_slab - uncounted", "What is left of the difference: the kernel reckons with reserves of another moment, and memory changes while the files are read.")
/* clang-format on */

#define MML_TABLE_OF FREE
#include "../../core/columns.h"

static const char meminfo_path[] = "/proc/meminfo";

/* What the lines are computed from. */
struct account {
	struct mml_take *take;
	struct mml_table *table;
	struct mml_span meminfo;
};

static bool field(const struct account *a, const char *name, uint64_t *ret)
{
	return mml_meminfo_bytes(a->meminfo, name, ret) && mml_balance_plausible(*ret);
}

static struct mml_row *add(struct account *a, const char *item)
{
	struct mml_row *row = mml_table_add(a->table);

	if (row)
		mml_set_str(row, FREE_item, item);
	return row;
}

/* A line of a size and what of it is free. */
static int add_pair(struct account *a, const char *item, const char *total, const char *free)
{
	struct mml_row *row = add(a, item);
	uint64_t t, f;

	if (!row)
		return -ENOMEM;
	if (field(a, total, &t))
		mml_set_u64(row, FREE_total, t);
	if (field(a, free, &f))
		mml_set_i64(row, FREE_free, (int64_t)f);
	if (mml_has(row, FREE_total) && mml_has(row, FREE_free) && f <= t)
		mml_set_u64(row, FREE_used, t - f);
	return 0;
}

/* Whether MemAvailable counts what is in this row of balance. */
static bool counted(const char *item)
{
	static const char *const items[] = { "free",	   "file_clean",       "file_dirty",
					     "file",	   "slab_reclaimable", "kernel_reclaimable" };

	for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++)
		if (!strcmp(item, items[i]))
			return true;
	return false;
}

/* Returns whether a file is there and could not be read that tells of memory which can be got back. */
static bool lacks_part(struct account *a)
{
	static const char *const paths[] = { "/proc/zoneinfo", "/proc/spl/kstat/zfs/arcstats",
					     "/sys/module/dm_bufio/parameters/allocated_get_free_pages_bytes" };
	struct mml_span text;

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		int rc = mml_take_file(a->take, NULL, paths[i], &text);

		if (rc && rc != -ENOENT && rc != -ENOTDIR)
			return true;
	}
	return false;
}

/* MemTotal less what balance says the kernel could get back by itself, and what of that MemAvailable
 * does not know. Returns false if a row does not say. */
static bool occupied(struct account *a, uint64_t total, uint64_t *ret, uint64_t *ret_uncounted)
{
	const struct mml_table *balance = mml_take_table(a->take, &mml_collector_balance);
	uint64_t back = 0;

	*ret_uncounted = 0;

	if (!balance || balance->error || lacks_part(a))
		return false;
	for (size_t i = 0; i < balance->nrows; i++) {
		const struct mml_row *row = mml_table_row(balance, i);
		const char *how;

		if (!mml_has(row, BALANCE_reclaim)) {
			if (strcmp(row->cell[BALANCE_item].str, "unaccounted") != 0)
				return false;
			continue;
		}
		how = row->cell[BALANCE_reclaim].str;
		if (!strcmp(how, "swap") || !strcmp(how, "none"))
			continue;
		back += row->cell[BALANCE_reclaimable].u64;
		if (!counted(row->cell[BALANCE_item].str))
			*ret_uncounted += row->cell[BALANCE_reclaimable].u64;
	}
	*ret = total - back;
	return back <= total;
}

/* "0, 3019, 5707": the largest. */
static uint64_t largest_protection(struct mml_span list)
{
	uint64_t most = 0, v;
	struct mml_span tok;

	while (mml_next_token(&list, &tok)) {
		if (tok.end > tok.p && tok.end[-1] == ',')
			tok.end--;
		if (!mml_parse_u64(tok, &v) && v > most)
			most = v;
	}
	return most;
}

/* What MemAvailable leaves out, in bytes: see si_mem_available() and calculate_totalreserve_pages().
 * Returns false if zoneinfo does not tell. */
static bool kept_back(struct account *a, uint64_t *ret_reserve, uint64_t *ret_low)
{
	struct mml_zones zones = { 0 };
	struct mml_span text;
	uint64_t reserve = 0, low = 0;

	if (mml_take_file(a->take, NULL, "/proc/zoneinfo", &text) ||
	    mml_zoneinfo_parse(a->take->arena, text, NULL, &zones))
		return false;
	for (size_t i = 0; i < zones.n; i++) {
		const struct mml_zone *z = &zones.zones[i];
		uint64_t kept = largest_protection(z->protection) + z->field[MML_ZONE_HIGH];

		/* An empty zone has marks, but nothing to keep. */
		if (!(z->has >> MML_ZONE_MANAGED & 1) || !z->field[MML_ZONE_MANAGED])
			continue;
		if (kept > z->field[MML_ZONE_MANAGED])
			kept = z->field[MML_ZONE_MANAGED];
		reserve += kept;
		low += z->field[MML_ZONE_LOW];
	}
	return zones.n && !__builtin_mul_overflow(reserve, a->take->host->page_size, ret_reserve) &&
	       !__builtin_mul_overflow(low, a->take->host->page_size, ret_low);
}

static uint64_t half_or(uint64_t bytes, uint64_t low)
{
	return bytes / 2 < low ? bytes / 2 : low;
}

static const char *mib(struct account *a, int64_t bytes)
{
	return mml_arena_printf(a->take->arena, "%.1fM", (double)bytes / 1048576);
}

/* Says what the difference between both kinds of used consists of. */
static void explain(struct account *a, struct mml_row *row)
{
	int64_t rest = row->cell[FREE_difference].i64;
	uint64_t reserve, low, active, inactive, kernel;
	struct mml_whose whose;

	/* The zones are the machine's, whatever meminfo is. */
	if (mml_whose_meminfo(a->take, &whose) || whose.is == MML_WHOSE_OTHER ||
	    !kept_back(a, &reserve, &low) || !field(a, "Active(file)", &active) ||
	    !field(a, "Inactive(file)", &inactive) ||
	    (!field(a, "KReclaimable", &kernel) && !field(a, "SReclaimable", &kernel)))
		return;
	mml_set_u64(row, FREE_reserve, reserve);
	mml_set_u64(row, FREE_held_cache, half_or(active + inactive, low));
	mml_set_u64(row, FREE_held_slab, half_or(kernel, low));
	rest -= (int64_t)(reserve + row->cell[FREE_held_cache].u64 + row->cell[FREE_held_slab].u64 +
			  row->cell[FREE_uncounted].u64);
	mml_set_i64(row, FREE_other, rest);
	mml_set_str(row, FREE_why,
		    mml_arena_printf(a->take->arena,
				     "%s that zones keep back, %s of cache and %s of kernel memory "
				     "that MemAvailable does not count on, %s that it does not know, "
				     "%s else",
				     mib(a, (int64_t)reserve),
				     mib(a, (int64_t)row->cell[FREE_held_cache].u64),
				     mib(a, (int64_t)row->cell[FREE_held_slab].u64),
				     mib(a, (int64_t)row->cell[FREE_uncounted].u64), mib(a, rest)));
}

/* free(1) takes MemFree for MemAvailable where that is more than there is. */
static void set_used(struct account *a, struct mml_row *row, uint64_t total)
{
	uint64_t available, ours, uncounted;

	if (!field(a, "MemAvailable", &available)) {
		mml_table_why(a->table, FREE_available, "this kernel has no MemAvailable",
			      "Linux 3.14");
		return;
	}
	mml_set_u64(row, FREE_available, available);
	if (available > total && mml_has(row, FREE_free))
		available = (uint64_t)row->cell[FREE_free].i64;
	if (available > total)
		return;
	mml_set_u64(row, FREE_used, total - available);
	if (!occupied(a, total, &ours, &uncounted))
		return;
	mml_set_u64(row, FREE_uncounted, uncounted);
	mml_set_u64(row, FREE_occupied, ours);
	mml_set_i64(row, FREE_difference, (int64_t)(total - available) - (int64_t)ours);
	explain(a, row);
}

static int add_mem(struct account *a)
{
	struct mml_row *row = add(a, "Mem");
	uint64_t total, free, buffers, cached, slab, shared;

	if (!row)
		return -ENOMEM;
	if (field(a, "MemFree", &free))
		mml_set_i64(row, FREE_free, (int64_t)free);
	if (field(a, "Shmem", &shared) || field(a, "MemShared", &shared))
		mml_set_u64(row, FREE_shared, shared);
	if (field(a, "Buffers", &buffers))
		mml_set_u64(row, FREE_buffers, buffers);
	if (!field(a, "SReclaimable", &slab))
		slab = 0;
	if (field(a, "Cached", &cached))
		mml_set_u64(row, FREE_cache, cached + slab);
	if (!field(a, "MemTotal", &total))
		return 0;
	mml_set_u64(row, FREE_total, total);
	set_used(a, row, total);
	if (mml_has(row, FREE_free) && mml_has(row, FREE_buffers) && mml_has(row, FREE_cache) &&
	    free + buffers + cached + slab <= total)
		mml_set_u64(row, FREE_used_before, total - free - buffers - cached - slab);
	return 0;
}

/* Where the kernel does not tell of low and high memory, all is low, as free -l has it. */
static int add_low_and_high(struct account *a)
{
	uint64_t v;
	struct mml_row *row;

	if (field(a, "LowTotal", &v)) {
		int rc = add_pair(a, "Low", "LowTotal", "LowFree");

		return rc ? rc : add_pair(a, "High", "HighTotal", "HighFree");
	}
	if (add_pair(a, "Low", "MemTotal", "MemFree"))
		return -ENOMEM;
	row = add(a, "High");
	if (!row)
		return -ENOMEM;
	mml_set_u64(row, FREE_total, 0);
	mml_set_u64(row, FREE_used, 0);
	mml_set_i64(row, FREE_free, 0);
	return 0;
}

/* The sums of Mem and Swap, which are the rows 0 and 3. */
static int add_total(struct account *a)
{
	const struct mml_row *mem = mml_table_row(a->table, 0);
	const struct mml_row *swap = mml_table_row(a->table, a->table->nrows - 1);
	struct mml_row *row = add(a, "Total");

	if (!row)
		return -ENOMEM;
	if (mml_has(mem, FREE_total) && mml_has(swap, FREE_total))
		mml_set_u64(row, FREE_total, mem->cell[FREE_total].u64 + swap->cell[FREE_total].u64);
	if (mml_has(mem, FREE_used) && mml_has(swap, FREE_used))
		mml_set_u64(row, FREE_used, mem->cell[FREE_used].u64 + swap->cell[FREE_used].u64);
	if (mml_has(mem, FREE_free) && mml_has(swap, FREE_free))
		mml_set_i64(row, FREE_free, mem->cell[FREE_free].i64 + swap->cell[FREE_free].i64);
	return 0;
}

static int add_commit(struct account *a)
{
	uint64_t limit, promised;
	struct mml_row *row;

	if (!field(a, "CommitLimit", &limit) || !field(a, "Committed_AS", &promised))
		return 0;
	row = add(a, "Comm");
	if (!row)
		return -ENOMEM;
	mml_set_u64(row, FREE_total, limit);
	mml_set_u64(row, FREE_used, promised);
	mml_set_i64(row, FREE_free, (int64_t)limit - (int64_t)promised);
	return 0;
}

static int free_collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	struct account a = { .take = take, .table = ret };
	int rc = mml_take_file(take, ret, meminfo_path, &a.meminfo);

	(void)query;
	if (rc)
		return rc;
	rc = add_mem(&a);
	if (!rc)
		rc = add_low_and_high(&a);
	if (!rc)
		rc = add_pair(&a, "Swap", "SwapTotal", "SwapFree");
	if (!rc)
		rc = add_total(&a);
	if (!rc)
		rc = add_commit(&a);
	return rc ? mml_table_fail(ret, rc, NULL, "out of memory") : 0;
}

static const struct mml_source sources[] = {
	{ "/proc/meminfo", "a procfs that is not mounted with subset=pid", NULL, NULL },
	{ "/proc/zoneinfo", NULL, NULL, NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_free = {
	.schema = { .name = "free",
		    .apart = "*",
		    .help = "A line of free(1), and how far what it calls used is from what cannot be got back.",
		    MML_COLUMNS(FREE) },
	.sources = sources,
	.collect = free_collect,
};
