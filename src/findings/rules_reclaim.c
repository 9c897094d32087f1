/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "finder.h"

static double rate(const struct mml_finder *f, enum mml_fact_counter counter)
{
	double r = mml_fact_rate(f->now, f->past, counter);

	return r < 0 ? 0 : r;
}

static void rate_number(struct mml_finder *f, const char *name, enum mml_fact_counter counter)
{
	mml_find_number(f, name, (uint64_t)(rate(f, counter) + 0.5));
}

static void oom(struct mml_finder *f)
{
	double killed = mml_fact_change(f->now, f->past, MML_FACT_OOM_KILL);
	uint64_t ever = f->now->counters.value[MML_FACT_OOM_KILL];

	if (!ever)
		return;
	mml_find_number(f, "oom_kill", ever);
	if (killed > 0)
		mml_find(f, MML_FINDING_OOM_KILL, MML_CRITICAL, NULL,
			 "the kernel killed %.0f process%s for lack of memory just now", killed,
			 killed > 1 ? "es" : "");
	else
		mml_find(f, MML_FINDING_OOM_KILL, MML_NOTE, NULL,
			 "the kernel has killed %" PRIu64 " process%s for lack of memory since boot",
			 ever, ever > 1 ? "es" : "");
}

static void direct(struct mml_finder *f)
{
	double stalls = rate(f, MML_FACT_ALLOCSTALL), scan = rate(f, MML_FACT_SCAN_DIRECT);

	if (stalls < 1)
		return;
	rate_number(f, "allocstall_rate", MML_FACT_ALLOCSTALL);
	rate_number(f, "pgscan_direct_rate", MML_FACT_SCAN_DIRECT);
	rate_number(f, "pgsteal_direct_rate", MML_FACT_STEAL_DIRECT);
	mml_find(f, MML_FINDING_DIRECT_RECLAIM, stalls >= 100 ? MML_CRITICAL : MML_WARNING, NULL,
		 "%.0f times a second a task has to reclaim memory itself (%.0f pages/s looked at, %.0f freed)",
		 stalls, scan, rate(f, MML_FACT_STEAL_DIRECT));
}

static void futile(struct mml_finder *f)
{
	double scan = rate(f, MML_FACT_SCAN_DIRECT) + rate(f, MML_FACT_SCAN_KSWAPD) +
		      rate(f, MML_FACT_SCAN_KHUGE);
	double steal = rate(f, MML_FACT_STEAL_DIRECT) + rate(f, MML_FACT_STEAL_KSWAPD) +
		       rate(f, MML_FACT_STEAL_KHUGE);

	if (scan < 10000 || steal > scan * 0.3)
		return;
	mml_find_number(f, "scan_rate", (uint64_t)scan);
	mml_find_number(f, "steal_rate", (uint64_t)steal);
	mml_find(f, MML_FINDING_INEFFICIENT, MML_WARNING, NULL,
		 "of %.0f pages/s that reclaim looks at it can free only %.0f (%.0f%%)", scan, steal,
		 steal * 100 / scan);
}

/* Returns the share of the last 10 s in which some or all tasks waited for memory, in percent, or 0
 * if that was not measured. */
static void waited(const struct mml_finder *f, double *ret_some, double *ret_full)
{
	const struct mml_table *t = f->now->psi;

	*ret_some = *ret_full = 0;
	for (size_t i = 0; i < t->nrows; i++) {
		const struct mml_row *row = mml_table_row(t, i);
		const char *resource = mml_look_str(t, row, "resource");
		const char *stall = mml_look_str(t, row, "stall");
		double avg10 = mml_look_num(t, row, "avg10");

		if (isnan(avg10) || !resource || !stall || strcmp(resource, "memory"))
			continue;
		if (!strcmp(stall, "some"))
			*ret_some = avg10;
		else
			*ret_full = avg10;
	}
}

static void some_number(struct mml_finder *f, double some)
{
	mml_find_number(f, "memory.some.avg10_hundredths", (uint64_t)(some * 100 + 0.5));
}

/* Refaults count only while pages are being evicted or tasks wait for memory: to read an evicted
 * file again later is a refault, too, but harmless. What a control group evicts at its own limit is
 * not counted in the machine's pgsteal, which is why waiting tasks are enough. */
static void refault(struct mml_finder *f)
{
	double back = rate(f, MML_FACT_REFAULT), bytes = back * (double)f->now->page_size;
	double steal = rate(f, MML_FACT_STEAL_DIRECT) + rate(f, MML_FACT_STEAL_KSWAPD);
	double some, full;

	waited(f, &some, &full);
	if (bytes < 4 << 20 || (steal < back / 2 && some < 1))
		return;
	mml_find_number(f, "refault_rate", (uint64_t)back);
	if (steal >= back / 2) {
		mml_find_number(f, "steal_rate", (uint64_t)steal);
		mml_find(f, MML_FINDING_REFAULT, MML_WARNING, NULL,
			 "%s/s is read back that was evicted not long ago, while reclaim evicts %s/s",
			 mml_find_size(f, bytes),
			 mml_find_size(f, steal * (double)f->now->page_size));
	} else {
		some_number(f, some);
		mml_find(f, MML_FINDING_REFAULT, MML_WARNING, NULL,
			 "%s/s is read back that was evicted not long ago, and tasks waited for memory %.1f%% of the last 10 s: most likely a control group is at its limit",
			 mml_find_size(f, bytes), some);
	}
}

static void pressure(struct mml_finder *f)
{
	double some, full;

	waited(f, &some, &full);
	if (some < 10 && full < 5)
		return;
	some_number(f, some);
	mml_find_number(f, "memory.full.avg10_hundredths", (uint64_t)(full * 100 + 0.5));
	mml_find(f, MML_FINDING_PRESSURE, full >= 10 ? MML_CRITICAL : MML_WARNING, NULL,
		 "in the last 10 s some task waited for memory %.1f%% of the time, all of them %.1f%%",
		 some, full);
}

static void thp(struct mml_finder *f)
{
	double got = mml_fact_change(f->now, f->past, MML_FACT_THP_ALLOC);
	double fell = mml_fact_change(f->now, f->past, MML_FACT_THP_FALLBACK);
	const struct mml_counters *c = &f->now->counters;
	bool now = got >= 0 && fell >= 0 && fell >= 8 && fell >= got;

	if (!now) {
		got = (double)c->value[MML_FACT_THP_ALLOC];
		fell = (double)c->value[MML_FACT_THP_FALLBACK];
		if (fell < 1000 || fell < got)
			return;
	}
	mml_find_number(f, "thp_fault_fallback", (uint64_t)fell);
	mml_find_number(f, "thp_fault_alloc", (uint64_t)got);
	mml_find(f, MML_FINDING_THP_FALLBACK, now ? MML_WARNING : MML_NOTE, NULL,
		 "%s %.0f of %.0f faults that wanted a huge page (%.0f%%) got small pages",
		 now ? "just now" : "since boot", fell, fell + got, fell * 100 / (fell + got));
}

static void compaction(struct mml_finder *f)
{
	double stalls = rate(f, MML_FACT_COMPACT_STALL), fails = rate(f, MML_FACT_COMPACT_FAIL);

	if (stalls < 1 || fails < stalls / 2)
		return;
	rate_number(f, "compact_stall_rate", MML_FACT_COMPACT_STALL);
	rate_number(f, "compact_fail_rate", MML_FACT_COMPACT_FAIL);
	mml_find(f, MML_FINDING_COMPACT_FAIL, MML_WARNING, NULL,
		 "%.0f times a second a task has to compact memory itself, and %.0f times in vain",
		 stalls, fails);
}

void mml_rules_reclaim(struct mml_finder *f)
{
	oom(f);
	direct(f);
	futile(f);
	refault(f);
	pressure(f);
	thp(f);
	compaction(f);
}

static void swap_thrash(struct mml_finder *f)
{
	double in = rate(f, MML_FACT_SWAP_IN) * (double)f->now->page_size;
	double out = rate(f, MML_FACT_SWAP_OUT) * (double)f->now->page_size;
	double least = 1 << 20;

	if (in < least || out < least)
		return;
	rate_number(f, "pswpin_rate", MML_FACT_SWAP_IN);
	rate_number(f, "pswpout_rate", MML_FACT_SWAP_OUT);
	mml_find(f, MML_FINDING_SWAP_THRASH, in > 16 * least ? MML_CRITICAL : MML_WARNING, NULL,
		 "%s/s goes out to swap while %s/s comes back", mml_find_size(f, out),
		 mml_find_size(f, in));
}

/* Pages in zswap have their place on a swap device, too, so that zswap must not be added to the
 * room. */
static void swap_full(struct mml_finder *f)
{
	const struct mml_table *t = f->now->swaps;
	uint64_t size = 0, used = 0, one;

	for (size_t i = 0; i < t->nrows; i++) {
		const struct mml_row *row = mml_table_row(t, i);

		const char *type = mml_look_str(t, row, "type");

		if (!type || !strcmp(type, "zswap"))
			continue;
		size += mml_look_u64(t, row, "size", &one) ? one : 0;
		used += mml_look_u64(t, row, "used", &one) ? one : 0;
	}
	if (!size || used < size / 10 * 9)
		return;
	mml_find_number(f, "used", used);
	mml_find_number(f, "size", size);
	mml_find(f, MML_FINDING_SWAP_FULL, MML_WARNING, NULL, "%s of %s swap is used (%.0f%%)",
		 mml_find_size(f, (double)used), mml_find_size(f, (double)size),
		 (double)used * 100 / (double)size);
}

void mml_rules_swap(struct mml_finder *f)
{
	swap_thrash(f);
	swap_full(f);
}
