/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "whose.h"

#include <errno.h>
#include <inttypes.h>

#include "meminfo.h"
#include "vmstat.h"

/* clang-format off */
#define FIELDS(F) \
	F(TOTAL, "MemTotal") F(FREE, "MemFree") F(AVAILABLE, "MemAvailable") \
	F(BUFFERS, "Buffers") F(CACHED, "Cached") F(SWAP_CACHED, "SwapCached") \
	F(ACTIVE_ANON, "Active(anon)") F(INACTIVE_ANON, "Inactive(anon)") \
	F(ACTIVE_FILE, "Active(file)") F(INACTIVE_FILE, "Inactive(file)") \
	F(UNEVICTABLE, "Unevictable") F(ANON, "AnonPages") F(SHMEM, "Shmem") F(SLAB, "Slab") \
	F(SRECLAIMABLE, "SReclaimable") F(KRECLAIMABLE, "KReclaimable") \
	F(KERNEL_STACK, "KernelStack") F(PAGE_TABLES, "PageTables") F(PERCPU, "Percpu") \
	F(HUGETLB, "Hugetlb") F(GPU_ACTIVE, "GPUActive") F(GPU_RECLAIM, "GPUReclaim") \
	F(SWAP_TOTAL, "SwapTotal") F(SWAP_FREE, "SwapFree") \
	F(HIGH_TOTAL, "HighTotal") F(LOW_TOTAL, "LowTotal")
/* clang-format on */

enum field {
#define F(id, name) id,
	FIELDS(F)
#undef F
	FIELDS_END,
};

static const char *const names[] = {
#define F(id, name) name,
	FIELDS(F)
#undef F
};

/* What meminfo says, and what the kernel says elsewhere, in KiB. */
struct account {
	struct mml_take *take;
	uint64_t kib[FIELDS_END];
	uint32_t has;
	uint64_t zones_free, managed;	 /* managed 0: not known */
	uint64_t free, anon, file, slab; /* of vmstat */
	bool zones_known, free_known, anon_known, file_known, slab_known;
};

_Static_assert(FIELDS_END <= 32, "bits of has");

static bool has(const struct account *a, enum field field)
{
	return a->has >> field & 1;
}

/* More than any machine can have; wrapped around below 0. */
static bool wrapped(const struct account *a, enum field field)
{
	return has(a, field) && a->kib[field] >> 47;
}

/* Sums and comparisons are made of fields that are there and possible. */
static bool sane(const struct account *a, enum field field)
{
	return has(a, field) && !wrapped(a, field);
}

static void read_meminfo(struct account *a, struct mml_span text)
{
	struct mml_meminfo_line line;
	int rc;

	while ((rc = mml_meminfo_next(&text, &line)))
		for (unsigned i = 0; rc > 0 && i < FIELDS_END; i++)
			if (!has(a, i) && mml_meminfo_in_kib(line.unit) &&
			    mml_span_eq(line.name, names[i])) {
				a->kib[i] = line.value;
				a->has |= UINT32_C(1) << i;
			}
}

/* Adds PAGES to RET, which is in KiB. What no machine can have is left out. */
static bool add_pages(const struct account *a, uint64_t pages, uint64_t *ret)
{
	if (pages >> 40)
		return false;
	*ret += pages * (a->take->host->page_size / 1024);
	return true;
}

static void read_zones(struct account *a, const struct mml_zones *zones)
{
	for (size_t i = 0; i < zones->n; i++) {
		const struct mml_zone *zone = &zones->zones[i];

		if (zone->has >> MML_ZONE_FREE & 1)
			a->zones_known |= add_pages(a, zone->field[MML_ZONE_FREE], &a->zones_free);
		if (zone->has >> MML_ZONE_MANAGED & 1)
			add_pages(a, zone->field[MML_ZONE_MANAGED], &a->managed);
	}
}

/* NAME of vmstat, in KiB, added to RET; false when it is not there or has wrapped. */
static bool vmstat_kib(const struct account *a, struct mml_span text, const char *name,
		       uint64_t *ret)
{
	uint64_t pages;

	return mml_vmstat_value(text, name, &pages) && add_pages(a, pages, ret);
}

static void read_vmstat(struct account *a)
{
	struct mml_span text;

	if (mml_take_file(a->take, NULL, "/proc/vmstat", &text))
		return;
	a->free_known = vmstat_kib(a, text, "nr_free_pages", &a->free);
	a->anon_known = vmstat_kib(a, text, "nr_active_anon", &a->anon) &&
			vmstat_kib(a, text, "nr_inactive_anon", &a->anon);
	a->file_known = vmstat_kib(a, text, "nr_active_file", &a->file) &&
			vmstat_kib(a, text, "nr_inactive_file", &a->file);
	a->slab_known = vmstat_kib(a, text, "nr_slab_reclaimable", &a->slab) &&
			vmstat_kib(a, text, "nr_slab_unreclaimable", &a->slab);
}

/* "Active(file) + Inactive(file)"; B is FIELDS_END where it is one field only. */
static const char *title(const struct account *a, enum field one, enum field other)
{
	if (other == FIELDS_END)
		return names[one];
	return mml_arena_printf(a->take->arena, "%s + %s", names[one], names[other]);
}

/* The sum of both; false when one is not there or cannot be. */
static bool total_of(const struct account *a, enum field one, enum field other, uint64_t *ret)
{
	*ret = 0;
	if (!sane(a, one) || (other != FIELDS_END && !sane(a, other)))
		return false;
	*ret = a->kib[one] + (other == FIELDS_END ? 0 : a->kib[other]);
	return true;
}

/* One number of meminfo beside the same of another file: 1 far, -1 near, 0 neither or too small. */
static int apart(uint64_t total, uint64_t ours, uint64_t theirs)
{
	uint64_t more = ours > theirs ? ours : theirs, less = ours > theirs ? theirs : ours;

	/* The files are read one after the other, in a tree perhaps minutes later: memory that came
	 * or went meanwhile is not evidence. */
	if (more - less > more / 2 && more - less >= total / 8)
		return 1;
	return more >= total / 64 && more - less <= more / 8 ? -1 : 0;
}

/* A counter that a container's meminfo has of its own, beside the machine's. */
struct pair {
	enum field one, other;
	bool known;
	uint64_t theirs;
	const char *what;
};

static int compare_pair(const struct account *a, const struct pair *pair, const char **why)
{
	uint64_t ours;
	int rc;

	if (!pair->known || !total_of(a, pair->one, pair->other, &ours))
		return 0;
	rc = apart(a->kib[TOTAL], ours, pair->theirs);
	if (rc > 0 && !*why)
		*why = mml_arena_printf(
			a->take->arena, "%s is %" PRIu64 " kB, but %s %" PRIu64 " kB",
			title(a, pair->one, pair->other), ours, pair->what, pair->theirs);
	return rc;
}

/* The machine's other files against meminfo, where MemTotal agrees or cannot be compared. */
static void compare(const struct account *a, struct mml_whose *ret)
{
	const struct pair pairs[] = {
		{ FREE, FIELDS_END, a->free_known || a->zones_known,
		  a->free_known ? a->free : a->zones_free,
		  a->free_known ? "vmstat's nr_free_pages are" : "in the zones are free" },
		{ ACTIVE_ANON, INACTIVE_ANON, a->anon_known, a->anon, "vmstat's lists have" },
		{ ACTIVE_FILE, INACTIVE_FILE, a->file_known, a->file, "vmstat's lists have" },
		{ SLAB, FIELDS_END, a->slab_known, a->slab, "vmstat's nr_slab_* are" },
	};
	const char *why = NULL;
	int far = 0, near = 0;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		int vote = compare_pair(a, &pairs[i], &why);

		far += vote > 0;
		near += vote < 0;
	}
	if (far > near) {
		ret->is = MML_WHOSE_OTHER;
		ret->why = why;
	} else if (near || a->managed) {
		ret->is = MML_WHOSE_MACHINE;
	}
}

/* MemTotal is the sum of what the zones manage, to the byte, on every machine whose meminfo is its
 * own and whose memory is all brought up. */
static void compare_total(const struct account *a, struct mml_whose *ret)
{
	const uint64_t total = a->kib[TOTAL], page = a->take->host->page_size / 1024;
	uint64_t missing = total - a->managed, free = a->kib[FREE] - a->zones_free;

	if (!a->managed || !sane(a, TOTAL) || a->managed == total)
		return;
	/* Without a page size any that fits will do. */
	for (uint64_t size = 1; !a->take->host->page_size_known && size <= 64; size *= 2)
		if (a->managed / page * size == total)
			return;
	ret->why = mml_arena_printf(
		a->take->arena, "MemTotal is %" PRIu64 " kB, but the zones manage %" PRIu64 " kB",
		total, a->managed);
	/* Memory that is not brought up yet counts as free too. */
	if (a->managed < total && sane(a, FREE) && a->kib[FREE] > a->zones_free &&
	    (free > missing ? free - missing : missing - free) <= total / 32)
		ret->is = MML_WHOSE_LAZY;
	else
		ret->is = MML_WHOSE_OTHER;
}

/* The kernel's MemAvailable is an estimate that takes its reserves off; lxcfs adds up a few fields.
 */
static void added_up(const struct account *a, struct mml_whose *ret)
{
	const uint64_t *kib = a->kib;
	const char *sum = NULL;

	if (!sane(a, AVAILABLE) || !sane(a, FREE) || !kib[FREE])
		return;
	if (kib[AVAILABLE] == kib[FREE])
		sum = "MemFree";
	else if (sane(a, CACHED) && kib[AVAILABLE] == kib[FREE] + kib[CACHED])
		sum = "MemFree + Cached";
	else if (sane(a, ACTIVE_FILE) && sane(a, INACTIVE_FILE) && sane(a, SRECLAIMABLE) &&
		 kib[AVAILABLE] ==
			 kib[FREE] + kib[ACTIVE_FILE] + kib[INACTIVE_FILE] + kib[SRECLAIMABLE])
		sum = "MemFree + Active(file) + Inactive(file) + SReclaimable";
	if (!sum)
		return;
	ret->is = MML_WHOSE_OTHER;
	ret->why = mml_arena_printf(
		a->take->arena,
		"MemAvailable is %s to the last kB, with none of the kernel's reserves off", sum);
}

static void say(const struct account *a, struct mml_whose *ret, const char *text)
{
	if (ret->contradiction && text)
		text = mml_arena_printf(a->take->arena, "%s; %s", ret->contradiction, text);
	ret->contradiction = text;
}

static void say_more(const struct account *a, struct mml_whose *ret, const char *what, uint64_t kib,
		     enum field than)
{
	say(a, ret,
	    mml_arena_printf(a->take->arena,
			     "%s of %" PRIu64 " kB is more than %s of %" PRIu64 " kB", what, kib,
			     names[than], a->kib[than]));
}

/* What no kernel writes: lxcfs makes these out of a control group's numbers. */
static void impossible(const struct account *a, struct mml_whose *ret)
{
	struct mml_arena *arena = a->take->arena;
	const uint64_t *kib = a->kib, mib = 1024;

	if (has(a, TOTAL) && !kib[TOTAL])
		say(a, ret, "MemTotal is 0");
	for (unsigned i = 0; i < FIELDS_END; i++)
		if (wrapped(a, i))
			say(a, ret,
			    mml_arena_printf(arena,
					     "%s of %" PRIu64 " kB is no size memory can have",
					     names[i], kib[i]));
	/* Kernels of 32 bits compute LowTotal from the two others. */
	if (sane(a, TOTAL) && sane(a, HIGH_TOTAL) && sane(a, LOW_TOTAL) && kib[TOTAL] &&
	    kib[HIGH_TOTAL] + kib[LOW_TOTAL] != kib[TOTAL])
		say(a, ret,
		    mml_arena_printf(arena,
				     "MemTotal is %" PRIu64 " kB, but HighTotal + LowTotal are %" PRIu64 " kB",
				     kib[TOTAL], kib[HIGH_TOTAL] + kib[LOW_TOTAL]));
	if (sane(a, SWAP_FREE) && sane(a, SWAP_TOTAL) && kib[SWAP_FREE] > kib[SWAP_TOTAL])
		say_more(a, ret, names[SWAP_FREE], kib[SWAP_FREE], SWAP_TOTAL);
	if (has(a, SLAB) && !kib[SLAB] && sane(a, KRECLAIMABLE) && kib[KRECLAIMABLE] >= mib)
		say(a, ret,
		    mml_arena_printf(arena, "Slab is 0 beside KReclaimable of %" PRIu64 " kB",
				     kib[KRECLAIMABLE]));
	else if (has(a, SLAB) && !kib[SLAB] && a->slab_known && a->slab >= mib)
		say(a, ret,
		    mml_arena_printf(arena, "Slab is 0, but vmstat's nr_slab_* are %" PRIu64 " kB",
				     a->slab));
	if (!ret->contradiction)
		return;
	if (ret->is != MML_WHOSE_OTHER)
		ret->why = "no kernel writes such numbers";
	ret->is = MML_WHOSE_OTHER;
}

/* The parts that are larger than the whole, one by one. Of a container's meminfo only what it has
 * of its own can be held against its limit. */
static void larger_than_total(const struct account *a, struct mml_whose *ret)
{
	static const struct {
		enum field one, other;
		bool own;
	} parts[] = {
		{ FREE, FIELDS_END, true },	      { AVAILABLE, FIELDS_END, true },
		{ BUFFERS, FIELDS_END, true },	      { CACHED, FIELDS_END, true },
		{ ACTIVE_ANON, INACTIVE_ANON, true }, { ACTIVE_FILE, INACTIVE_FILE, true },
		{ UNEVICTABLE, FIELDS_END, true },    { ANON, FIELDS_END, true },
		{ SHMEM, FIELDS_END, true },	      { SLAB, FIELDS_END, true },
		{ KRECLAIMABLE, FIELDS_END, false },  { KERNEL_STACK, FIELDS_END, false },
		{ PAGE_TABLES, FIELDS_END, false },   { PERCPU, FIELDS_END, false },
		{ HUGETLB, FIELDS_END, false },	      { GPU_ACTIVE, FIELDS_END, false },
		{ GPU_RECLAIM, FIELDS_END, false },
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		uint64_t sum;

		if ((parts[i].own || ret->is != MML_WHOSE_OTHER) &&
		    total_of(a, parts[i].one, parts[i].other, &sum) && sum > a->kib[TOTAL])
			say_more(a, ret, title(a, parts[i].one, parts[i].other), sum, TOTAL);
	}
}

/* Pages on the file lists are page cache, or anonymous pages given up with MADV_FREE. */
static void listed_twice(const struct account *a, struct mml_whose *ret)
{
	uint64_t lists, cache, rest;

	if (!total_of(a, ACTIVE_FILE, INACTIVE_FILE, &lists) ||
	    !total_of(a, BUFFERS, CACHED, &cache) || !total_of(a, SWAP_CACHED, ANON, &rest))
		return;
	/* Counters of each CPU lag behind. */
	if (lists <= cache + rest + a->kib[TOTAL] / 16)
		return;
	say(a, ret,
	    mml_arena_printf(a->take->arena,
			     "Active(file) + Inactive(file) of %" PRIu64
			     " kB is more than all that can be on "
			     "these lists, Buffers + Cached + SwapCached + AnonPages of %" PRIu64
			     " kB",
			     lists, cache + rest));
}

int mml_whose_meminfo_by(struct mml_take *take, const struct mml_zones *zones,
			 struct mml_whose *ret)
{
	struct account a = { .take = take };
	struct mml_span text;

	*ret = (struct mml_whose){ .is = MML_WHOSE_UNKNOWN };
	read_zones(&a, zones);
	ret->managed = a.managed * 1024;
	if (mml_take_file(take, NULL, "/proc/meminfo", &text))
		return 0;
	read_meminfo(&a, text);
	read_vmstat(&a);
	ret->total = sane(&a, TOTAL) ? a.kib[TOTAL] * 1024 : 0;
	compare_total(&a, ret);
	impossible(&a, ret);
	if (ret->is == MML_WHOSE_UNKNOWN && take->host->page_size_known)
		compare(&a, ret);
	if (ret->is == MML_WHOSE_UNKNOWN)
		added_up(&a, ret);
	if (sane(&a, TOTAL) && a.kib[TOTAL]) {
		listed_twice(&a, ret);
		larger_than_total(&a, ret);
	}
	return ret->is >= MML_WHOSE_LAZY && !ret->why ? -ENOMEM : 0;
}

int mml_whose_meminfo(struct mml_take *take, struct mml_whose *ret)
{
	struct mml_zones zones = { 0 };
	struct mml_span text;

	if (!mml_take_file(take, NULL, "/proc/zoneinfo", &text) &&
	    mml_zoneinfo_parse(take->arena, text, NULL, &zones) == -ENOMEM)
		return -ENOMEM;
	return mml_whose_meminfo_by(take, &zones, ret);
}
