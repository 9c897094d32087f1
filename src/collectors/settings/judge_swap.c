/* What settings of swap, huge pages and merged pages come to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "settings.h"

/* -1: it is not known whether there is swap. */
static int has_swap(const struct mml_setting_facts *f, uint64_t *ret_total, uint64_t *ret_free)
{
	if (!mml_setting_bytes(f, "SwapTotal", ret_total) ||
	    !mml_setting_bytes(f, "SwapFree", ret_free))
		return -1;
	return *ret_total > 0;
}

MML_JUDGE(swappiness)
{
	uint64_t total, unused, in, out;
	int swap = has_swap(f, &total, &unused);

	(void)v;
	if (!swap) {
		mml_setting_now(f, ret, "no swap");
		mml_setting_say(f, ret, -1,
				"without swap it has no effect: only file cache is reclaimed");
		return;
	}
	if (swap > 0)
		mml_setting_now(f, ret, "swap %s of %s used",
				mml_setting_size(f, total > unused ? total - unused : 0),
				mml_setting_size(f, total));
	if (mml_setting_count(f, "pswpin", &in) && mml_setting_count(f, "pswpout", &out))
		mml_setting_say(f, ret, -1,
				"%" PRIu64 " pages went to swap since boot, %" PRIu64 " came back",
				out, in);
}

/* What swapoff reads back counts as read ahead and is never used, so the share judges nothing. */
MML_JUDGE(cluster)
{
	uint64_t ahead, hits, total, unused;

	(void)v;
	if (!has_swap(f, &total, &unused)) {
		mml_setting_say(f, ret, -1, "without swap it has no effect");
		return;
	}
	if (mml_setting_count(f, "swap_ra", &ahead) && mml_setting_count(f, "swap_ra_hit", &hits) &&
	    ahead && hits <= ahead)
		mml_setting_now(f, ret, "%.0f %% used of %" PRIu64 " pages read ahead since boot",
				(double)hits * 100 / (double)ahead, ahead);
}

MML_JUDGE(zswap)
{
	uint64_t pool, stored;

	(void)v;
	if (!mml_setting_bytes(f, "Zswap", &pool) || !mml_setting_bytes(f, "Zswapped", &stored))
		return;
	mml_setting_now(f, ret, "%s in %s", mml_setting_size(f, stored), mml_setting_size(f, pool));
}

/* As the finding huge-pages-idle has it, for a pool of any size. */
enum { IDLE_SHARE = 5 };

MML_JUDGE(pool)
{
	uint64_t total, unused, reserved, size, memory;

	(void)v;
	if (!mml_take_number(f->take, &total, "/proc/sys/vm/nr_hugepages") && !total) {
		mml_setting_now(f, ret, "none");
		return;
	}
	if (!mml_setting_bytes(f, "Hugepagesize", &size) || !size ||
	    mml_take_number(f->take, &total,
			    "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/nr_hugepages",
			    size / 1024) ||
	    mml_take_number(f->take, &unused,
			    "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/free_hugepages",
			    size / 1024) ||
	    mml_take_number(f->take, &reserved,
			    "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/resv_hugepages",
			    size / 1024))
		return;
	unused = unused > reserved ? unused - reserved : 0;
	mml_setting_now(f, ret, "%" PRIu64 " of %" PRIu64 " neither used nor promised", unused,
			total);
	if (!mml_setting_bytes(f, "MemTotal", &memory) || !memory || unused > UINT64_MAX / size)
		return;
	if (unused * size >= memory / 100 * IDLE_SHARE)
		mml_setting_say(f, ret, MML_SETTING_NOTE,
				"%s of memory idle, which nothing else can use",
				mml_setting_size(f, unused * size));
	else
		mml_setting_say(f, ret, MML_SETTING_FINE, "hardly any memory lies idle in it");
}

MML_JUDGE(surplus)
{
	uint64_t size, surplus;

	(void)v;
	if (mml_setting_bytes(f, "Hugepagesize", &size) && size &&
	    !mml_take_number(f->take, &surplus,
			     "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/surplus_hugepages",
			     size / 1024))
		mml_setting_now(f, ret, "%" PRIu64 " made so far", surplus);
}

MML_JUDGE(thp)
{
	uint64_t huge, anon;

	(void)v;
	if (mml_setting_bytes(f, "AnonHugePages", &huge) &&
	    mml_setting_bytes(f, "AnonPages", &anon))
		mml_setting_now(f, ret, "%s of %s anonymous memory", mml_setting_size(f, huge),
				mml_setting_size(f, anon));
}

/* general_profit may be below 0, and is told since 6.4. */
MML_JUDGE(ksm)
{
	uint64_t sharing;
	struct mml_span text, line;
	int64_t profit;

	if (mml_setting_number(f, "/sys/kernel/mm/ksm/pages_sharing", &sharing) &&
	    sharing < UINT64_MAX / f->page_size)
		mml_setting_now(f, ret, "%s merged", mml_setting_size(f, sharing * f->page_size));
	if (!v->is_number || v->number != 1 ||
	    mml_take_file(f->take, NULL, "/sys/kernel/mm/ksm/general_profit", &text) ||
	    !mml_next_line(&text, &line) || mml_parse_i64(line, &profit))
		return;
	if (profit < 0)
		mml_setting_say(f, ret, MML_SETTING_NOTE, "takes %s more than it saves",
				mml_setting_size(f, -(uint64_t)profit));
	else
		mml_setting_say(f, ret, MML_SETTING_FINE, "saves %s",
				mml_setting_size(f, (uint64_t)profit));
}

MML_JUDGE(balancing)
{
	uint64_t updates;

	if (mml_setting_count(f, "numa_pte_updates", &updates))
		mml_setting_now(f, ret, "%" PRIu64 " page table entries taken away since boot",
				updates);
	if (v->is_number && v->number && f->take->host->nodes == 1)
		mml_setting_say(f, ret, -1, "there is one node: it has no effect");
}
