/* What settings of free memory, reclaim and dirty memory come to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "../memory/meminfo.h"
#include "settings.h"

static uint64_t sum(const struct mml_setting_facts *f, enum mml_zone_field field)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < f->zones.n; i++)
		if (f->zones.zones[i].has >> field & 1)
			pages += f->zones.zones[i].field[field];
	return pages * f->page_size;
}

/* More than a twentieth of memory is what the kernel itself never reserves. */
enum { RESERVED_MOST = 5 };

MML_JUDGE(min_free)
{
	uint64_t plain = mml_default_min_free_plain(f), low = f->lowmem * f->page_size / 1024;

	if (f->zones.n)
		mml_setting_now(f, ret, "min of all zones %s, free %s",
				mml_setting_size(f, sum(f, MML_ZONE_MIN)),
				mml_setting_size(f, sum(f, MML_ZONE_FREE)));
	if (!v->is_number || v->set < 0 || !low)
		return;
	if (!v->set)
		mml_setting_say(f, ret, MML_SETTING_FINE, "as the kernel computes it");
	else if (v->number > low / 100 * RESERVED_MOST)
		mml_setting_say(f, ret, MML_SETTING_NOTE,
				"keeps %.1f %% of memory free, which the kernel itself never does",
				(double)v->number * 100 / (double)low);
	else if (v->number < plain)
		mml_setting_say(
			f, ret, MML_SETTING_NOTE,
			"less than the %" PRIu64
			" KiB of the kernel's formula: allocations that may not wait fail sooner",
			plain);
	else
		mml_setting_say(f, ret, MML_SETTING_FINE,
				"between the kernel's formula and a twentieth of memory");
}

MML_JUDGE(scale)
{
	uint64_t stalls, low = sum(f, MML_ZONE_LOW), min = sum(f, MML_ZONE_MIN);

	(void)v;
	if (f->zones.n && low >= min)
		mml_setting_now(f, ret, "kswapd has %s from low to min",
				mml_setting_size(f, low - min));
	if (mml_setting_count(f, "allocstall*", &stalls))
		mml_setting_say(f, ret, -1,
				stalls ? "tasks have reclaimed for themselves %" PRIu64
					 " times since boot"
				       : "no task has had to reclaim for itself since boot",
				stalls);
}

MML_JUDGE(boost)
{
	(void)v;
	for (size_t i = 0; i < f->zones.n; i++)
		if (f->zones.zones[i].has >> MML_ZONE_BOOST & 1) {
			mml_setting_now(f, ret, "raised by %s",
					mml_setting_size(f, sum(f, MML_ZONE_BOOST)));
			return;
		}
}

/* The largest number in "0, 3019, 16203". */
static uint64_t most_of(struct mml_span list)
{
	struct mml_span number;
	uint64_t pages, most = 0;

	while (mml_next_field(&list, ',', &number))
		if (!mml_parse_u64(mml_span_trim(number), &pages) && pages > most)
			most = pages;
	return most;
}

MML_JUDGE(reserve)
{
	uint64_t pages = 0;

	(void)v;
	for (size_t i = 0; i < f->zones.n; i++) {
		const struct mml_zone *zone = &f->zones.zones[i];
		uint64_t managed =
			zone->has >> MML_ZONE_MANAGED & 1 ? zone->field[MML_ZONE_MANAGED] : 0;
		uint64_t kept = most_of(zone->protection);

		pages += kept < managed ? kept : managed;
	}
	if (f->zones.n)
		mml_setting_now(f, ret, "%s kept back in lower zones",
				mml_setting_size(f, pages * f->page_size));
}

MML_JUDGE(pcp)
{
	uint64_t pages = 0;
	bool known = false;

	(void)v;
	for (size_t i = 0; i < f->zones.n; i++)
		if (f->zones.zones[i].has_pcp) {
			pages += f->zones.zones[i].pcp;
			known = true;
		}
	if (known)
		mml_setting_now(f, ret, "%s on the lists",
				mml_setting_size(f, pages * f->page_size));
}

/* What waits to be written, of THRESHOLD; false if it is not known. */
static bool waiting(struct mml_setting_facts *f, const char *threshold,
		    struct mml_setting_judgement *ret, double *ret_share)
{
	uint64_t dirty, writeback, limit;

	if (!mml_setting_count(f, "nr_dirty", &dirty) || dirty >> 63 ||
	    !mml_setting_count(f, "nr_writeback", &writeback) || writeback >> 63 ||
	    !mml_setting_count(f, threshold, &limit) || !limit)
		return false;
	*ret_share = (double)(dirty + writeback) * 100 / (double)limit;
	mml_setting_now(f, ret, "%s of %s", mml_setting_size(f, (dirty + writeback) * f->page_size),
			mml_setting_size(f, limit * f->page_size));
	return true;
}

/* As the finding dirty-limit has it. */
enum { DIRTY_MUCH = 90 };

MML_JUDGE(dirty)
{
	double share;

	if (v->is_number && !v->number) {
		mml_setting_say(f, ret, MML_SETTING_FINE, "not in use: the other of the two is");
		return;
	}
	if (waiting(f, "nr_dirty_threshold", ret, &share))
		mml_setting_say(
			f, ret, share >= DIRTY_MUCH ? MML_SETTING_WARNING : MML_SETTING_FINE,
			share >= DIRTY_MUCH ? "%.0f %% of the threshold: who writes has to wait"
					    : "%.0f %% of the threshold",
			share);
}

MML_JUDGE(background)
{
	bool ratio = v->is_number && v->number <= 100;
	uint64_t other;
	double share;

	if (v->is_number && !v->number) {
		mml_setting_say(f, ret, MML_SETTING_FINE, "not in use: the other of the two is");
		return;
	}
	if (waiting(f, "nr_dirty_background_threshold", ret, &share))
		mml_setting_say(f, ret, MML_SETTING_FINE, "%.0f %% of the threshold", share);
	if (v->is_number &&
	    mml_setting_number(f, ratio ? "/proc/sys/vm/dirty_ratio" : "/proc/sys/vm/dirty_bytes",
			       &other) &&
	    other && v->number >= other)
		mml_setting_say(f, ret, MML_SETTING_NOTE,
				"not below %s: the kernel takes half of that instead",
				ratio ? "vm.dirty_ratio" : "vm.dirty_bytes");
}

MML_JUDGE(caches)
{
	if (v->is_number && v->number)
		mml_setting_say(f, ret, MML_SETTING_NOTE,
				"was written at some time; that dropped caches once and has no "
				"lasting effect");
}

MML_JUDGE(vfs)
{
	uint64_t slab;

	if (mml_setting_bytes(f, "SReclaimable", &slab))
		mml_setting_now(f, ret, "%s of reclaimable objects", mml_setting_size(f, slab));
	if (v->is_number && !v->number)
		mml_setting_say(f, ret, MML_SETTING_WARNING,
				"dentries and inodes are never reclaimed: memory can run out for "
				"them alone");
}

MML_JUDGE(zone_reclaim)
{
	uint64_t well, badly;

	if (mml_setting_count(f, "zone_reclaim_success", &well) &&
	    mml_setting_count(f, "zone_reclaim_failed", &badly))
		mml_setting_now(f, ret,
				"%" PRIu64 " times with success since boot, %" PRIu64 " without",
				well, badly);
	if (!v->is_number || !v->number)
		return;
	if (f->take->host->nodes == 1)
		mml_setting_say(f, ret, -1, "there is one node: it has no effect");
	else
		mml_setting_say(
			f, ret, MML_SETTING_NOTE,
			"file cache of a node is dropped while other nodes may have free memory");
}

MML_JUDGE(only_zone_reclaim)
{
	uint64_t mode;

	(void)v;
	if (mml_setting_number(f, "/proc/sys/vm/zone_reclaim_mode", &mode) && !mode)
		mml_setting_say(f, ret, -1, "without effect while vm.zone_reclaim_mode is 0");
}

MML_JUDGE(numa_stat)
{
	if (v->is_number && !v->number)
		mml_setting_say(f, ret, MML_SETTING_NOTE,
				"numa_hit, numa_miss and their like are not counted, and are no "
				"measure here");
}

MML_JUDGE(interval)
{
	if (v->is_number && v->number > 1)
		mml_setting_say(f, ret, MML_SETTING_NOTE,
				"counters of the machine lag by up to %" PRIu64
				" s: a rate over less is wrong",
				v->number);
}
