/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "finder.h"

/* A kill for the limit of a control group is no lack of the machine's memory: no task has to reclaim
 * for the machine then. */
static void oom(struct mml_finder *f)
{
	double killed = mml_fact_change(f->now, f->past, MML_FACT_OOM_KILL);
	double stalls = mml_fact_change(f->now, f->past, MML_FACT_ALLOCSTALL);
	const char *where;
	uint64_t ever;

	if (!mml_fact_counter(f->now, MML_FACT_OOM_KILL, &ever) || ever < MML_LIMIT_OOM_KILLS)
		return;
	mml_find_number(f, "oom_kill", ever);
	if (killed >= MML_LIMIT_OOM_KILLS) {
		if (stalls >= 0)
			mml_find_number(f, "allocstall", (uint64_t)stalls);
		where = mml_find_killed_in(f);
		mml_find(f, MML_FINDING_OOM_KILL, MML_CRITICAL, NULL,
			 "the kernel killed %.0f process%s just now%s", killed,
			 killed > 1 ? "es" : "",
			 where	     ? where :
			 stalls == 0 ? ": not for the machine, for which no task had to reclaim, but at the limit of a control group" :
				       " for lack of memory, of the machine or of a control group");
	} else {
		where = mml_find_killed_before(f);
		mml_find(f, MML_FINDING_OOM_KILL, MML_NOTE, NULL,
			 "the kernel has killed %" PRIu64 " process%s since boot, limits of groups included%s",
			 ever, ever > 1 ? "es" : "", where ? where : "");
	}
}

static void direct(struct mml_finder *f)
{
	double stalls = mml_fact_rate(f->now, f->past, MML_FACT_ALLOCSTALL);
	bool critical = stalls >= MML_LIMIT_STALLS_MANY &&
			!(f->some < MML_LIMIT_STALLS_WAITED); /* not known counts as well */

	if (stalls < MML_LIMIT_STALLS)
		return;
	mml_find_rate(f, "allocstall_rate", MML_FACT_ALLOCSTALL);
	mml_find_rate(f, "pgscan_direct_rate", MML_FACT_SCAN_DIRECT);
	mml_find_rate(f, "pgsteal_direct_rate", MML_FACT_STEAL_DIRECT);
	mml_find(f, MML_FINDING_DIRECT_RECLAIM, critical ? MML_CRITICAL : MML_WARNING, NULL,
		 "tasks have to free memory for themselves, %.0f times a second", stalls);
}

/* What all who reclaim for the machine looked at and freed, in pages a second; false if not known.
 * khugepaged's share came with 6.6. */
static bool reclaimed(const struct mml_finder *f, double *ret_scan, double *ret_steal)
{
	static const struct {
		enum mml_fact_counter scan, steal;
	} who[] = {
		{ MML_FACT_SCAN_DIRECT, MML_FACT_STEAL_DIRECT },
		{ MML_FACT_SCAN_KSWAPD, MML_FACT_STEAL_KSWAPD },
		{ MML_FACT_SCAN_KHUGE, MML_FACT_STEAL_KHUGE },
	};

	*ret_scan = *ret_steal = 0;
	for (size_t i = 0; i < sizeof(who) / sizeof(*who); i++) {
		double scan = mml_fact_rate(f->now, f->past, who[i].scan);
		double steal = mml_fact_rate(f->now, f->past, who[i].steal);

		if (scan < 0 || steal < 0) {
			if (who[i].scan == MML_FACT_SCAN_KHUGE)
				continue;
			return false;
		}
		*ret_scan += scan;
		*ret_steal += steal;
	}
	return true;
}

/* PERCENT of memory in pages; UINT64_MAX if its size is not known. */
static uint64_t pages_of(const struct mml_finder *f, unsigned percent)
{
	return f->total ? mml_part(f->total, percent) / f->now->page_size : UINT64_MAX;
}

static void futile(struct mml_finder *f)
{
	uint64_t least = mml_least(MML_LIMIT_FUTILE_SCAN, pages_of(f, MML_LIMIT_FUTILE_SCAN_SHARE));
	double scan, steal;

	if (!reclaimed(f, &scan, &steal) || scan < (double)least ||
	    steal * 100 >= scan * MML_LIMIT_FUTILE_STEAL)
		return;
	mml_find_number(f, "scan_rate", (uint64_t)scan);
	mml_find_number(f, "steal_rate", (uint64_t)steal);
	mml_find(f, MML_FINDING_INEFFICIENT, MML_WARNING, NULL,
		 "reclaim frees only %.0f %% of what it looks at: %.0f of %.0f pages a second",
		 steal * 100 / scan, steal, scan);
}

static void some_number(struct mml_finder *f)
{
	if (!isnan(f->some))
		mml_find_number(f, "memory.some.avg10_hundredths", (uint64_t)(f->some * 100 + 0.5));
}

static void full_number(struct mml_finder *f)
{
	if (!isnan(f->full))
		mml_find_number(f, "memory.full.avg10_hundredths", (uint64_t)(f->full * 100 + 0.5));
}

/* ", and some task waited for memory 5.4 % of the last 10 s" */
static const char *waited(struct mml_finder *f)
{
	if (isnan(f->some))
		return "";
	return mml_arena_printf(f->arena,
				", and some task waited for memory %.1f %% of the last 10 s", f->some);
}

/* The least of so many MiB and of a share of memory, in pages. */
static double least_pages(const struct mml_finder *f, uint64_t mib, unsigned percent)
{
	return (double)mml_least(mml_mib(mib) / f->now->page_size, pages_of(f, percent));
}

/* A page that is read back is a sign of thrashing only while someone waits for it. Whether it was
 * evicted for the machine is seen from pgsteal, which leaves out what a control group evicts at its
 * own limit. */
static void refault(struct mml_finder *f)
{
	double back = mml_fact_rate(f->now, f->past, MML_FACT_REFAULT), scan, steal = -1;
	bool known = reclaimed(f, &scan, &steal), evicts;

	evicts = known && steal * 100 >= back * MML_LIMIT_REFAULT_EVICTED;
	if (back < least_pages(f, MML_LIMIT_REFAULT_MIB, MML_LIMIT_REFAULT_SHARE) ||
	    (isnan(f->some) ? !evicts : f->some < MML_LIMIT_REFAULT_WAITED))
		return;
	mml_find_number(f, "refault_rate", (uint64_t)back);
	if (known)
		mml_find_number(f, "steal_rate", (uint64_t)steal);
	some_number(f);
	if (known && !evicts)
		mml_find_why(f, "Little is evicted for the machine meanwhile, so most likely a control group is at its limit.");
	mml_find(f, MML_FINDING_REFAULT, MML_WARNING, NULL,
		 "%s a second is read back that was evicted not long ago%s",
		 mml_find_size(f, back * (double)f->now->page_size), waited(f));
}

static void pressure(struct mml_finder *f)
{
	/* Comparing what is not known is false. */
	if (!(f->some >= MML_LIMIT_PRESSURE_SOME) && !(f->full >= MML_LIMIT_PRESSURE_FULL))
		return;
	some_number(f);
	full_number(f);
	mml_find(f, MML_FINDING_PRESSURE,
		 f->full >= MML_LIMIT_PRESSURE_CRITICAL ? MML_CRITICAL : MML_WARNING, NULL,
		 "some task waited for memory %.1f %% of the last 10 s, and all of them %.1f %%",
		 f->some, isnan(f->full) ? 0 : f->full);
}

static void swap_thrash(struct mml_finder *f)
{
	double in = mml_fact_rate(f->now, f->past, MML_FACT_SWAP_IN);
	double out = mml_fact_rate(f->now, f->past, MML_FACT_SWAP_OUT);
	double stalls = mml_fact_rate(f->now, f->past, MML_FACT_ALLOCSTALL);
	double least = least_pages(f, MML_LIMIT_SWAP_MIB, MML_LIMIT_SWAP_SHARE);

	if (in < least || out < least ||
	    (isnan(f->some) ? stalls < MML_LIMIT_STALLS : f->some < MML_LIMIT_SWAP_WAITED))
		return;
	mml_find_rate(f, "pswpin_rate", MML_FACT_SWAP_IN);
	mml_find_rate(f, "pswpout_rate", MML_FACT_SWAP_OUT);
	some_number(f);
	full_number(f);
	mml_find(f, MML_FINDING_SWAP_THRASH,
		 f->full >= MML_LIMIT_SWAP_CRITICAL ? MML_CRITICAL : MML_WARNING, NULL,
		 "%s a second goes out to swap while %s comes back%s",
		 mml_find_size(f, out * (double)f->now->page_size),
		 mml_find_size(f, in * (double)f->now->page_size), waited(f));
}

/* zswap is no room of its own, because its pages have their place on a device. */
static void swap_full(struct mml_finder *f)
{
	const struct mml_table *t = f->now->swaps;
	bool harmless = f->has_available && !mml_find_scarce(f);
	uint64_t size = 0, used = 0, one_size, one_used;

	for (size_t i = 0; i < t->nrows; i++) {
		const struct mml_row *row = mml_table_row(t, i);
		const char *type = mml_look_str(t, row, "type");

		if (!type || !strcmp(type, "zswap") || !mml_look_u64(t, row, "size", &one_size) ||
		    !mml_look_u64(t, row, "used", &one_used) || one_used > one_size)
			continue;
		size += one_size;
		used += one_used;
	}
	if (!size || used < mml_part(size, MML_LIMIT_SWAP_USED))
		return;
	mml_find_number(f, "used", used);
	mml_find_number(f, "size", size);
	mml_find(f, MML_FINDING_SWAP_FULL, harmless ? MML_NOTE : MML_WARNING, NULL,
		 "swap is %.0f %% full: %s of %s", floor(mml_percent((double)used, size)),
		 mml_find_size(f, (double)used), mml_find_size(f, (double)size));
}

void mml_rules_reclaim(struct mml_finder *f)
{
	oom(f);
	direct(f);
	futile(f);
	refault(f);
	pressure(f);
	swap_thrash(f);
	swap_full(f);
}
