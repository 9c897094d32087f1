/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "thp_why.h"

#include <errno.h>
#include <string.h>

#include "../../core/unit.h"

/* A share of failures above this, one page in ten, is worth telling. In percent. */
static const double HIGH_SHARE = 10.0;

/* Above this value, the kernel's unusable index says that hardly any free page is in a large block. */
enum { UNUSABLE = 900 };

struct why {
	struct mml_arena *arena;
	const struct mml_thp_facts *facts;
	struct mml_finding *list;
	size_t n, cap;
	bool failed;
	struct mml_finding nowhere; /* what is written to if memory ran out */
};

static struct mml_finding *say(struct why *why, const char *about, const char *id,
			       enum mml_verdict verdict, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

static struct mml_finding *say(struct why *why, const char *about, const char *id,
			       enum mml_verdict verdict, const char *fmt, ...)
{
	struct mml_finding *f;
	va_list ap;

	if (why->n == why->cap) {
		size_t cap = why->cap ? 2 * why->cap : 16;
		struct mml_finding *list = mml_arena_alloc(why->arena, cap * sizeof(*list));

		if (!list) {
			why->failed = true;
			return &why->nowhere;
		}
		if (why->n)
			memcpy(list, why->list, why->n * sizeof(*list));
		why->list = list;
		why->cap = cap;
	}
	f = &why->list[why->n++];
	*f = (struct mml_finding){ .about = about, .id = id, .verdict = verdict };
	va_start(ap, fmt);
	f->text = mml_arena_vprintf(why->arena, fmt, ap);
	va_end(ap);
	if (!f->text)
		why->failed = true;
	return f;
}

static void number(struct mml_finding *f, double value)
{
	f->has_value = true;
	f->value = value;
}

static void against(struct mml_finding *f, double value, double limit)
{
	number(f, value);
	f->has_limit = true;
	f->limit = limit;
}

static bool is(const char *setting, const char *word)
{
	return setting && !strcmp(setting, word);
}

static unsigned long long ull(uint64_t v)
{
	return v;
}

static const char *size_text(struct why *why, uint64_t bytes)
{
	char buf[MML_NUMBER_MAX];
	char *ret;

	mml_format_size(buf, (double)bytes, MML_AUTO, why->facts->page_size);
	ret = mml_arena_strndup(why->arena, buf, strlen(buf));
	if (!ret)
		why->failed = true;
	return ret ? ret : "?";
}

/* Returns what the setting of the PMD's own size makes of that for all sizes. */
static const char *effective(const struct mml_thp_facts *facts)
{
	for (size_t i = 0; i < facts->nsizes; i++)
		if (facts->sizes[i].size == facts->pmd_size && facts->sizes[i].enabled &&
		    !is(facts->sizes[i].enabled, "inherit"))
			return facts->sizes[i].enabled;
	return facts->enabled;
}

static void why_setting(struct why *why)
{
	const struct mml_thp_facts *f = why->facts;
	const char *setting = effective(f);
	const char *file =
		setting == f->enabled ? "transparent_hugepage/enabled" : "the setting of this size";
	const char *size = size_text(why, f->pmd_size);

	if (is(setting, "never"))
		say(why, "anon", "setting_never", MML_WHY_BLOCKS,
		    "anonymous memory gets no pages of %s: %s is never", size, file);
	else if (is(setting, "madvise"))
		say(why, "anon", "setting_madvise", MML_WHY_LIMITS,
		    "only mappings that ask by madvise(MADV_HUGEPAGE) get pages of %s: %s is "
		    "madvise",
		    size, file);
	else if (is(setting, "always"))
		say(why, "anon", "setting_always", MML_WHY_FINE,
		    "every anonymous mapping may get pages of %s: %s is always", size, file);
}

/* Lists the sizes other than the PMD's that have the same setting as number I, as in "16K 32K".
 * Returns NULL if one before number I has it, too. */
static const char *sizes_like(struct why *why, size_t i)
{
	const struct mml_thp_facts *f = why->facts;
	const char *list = NULL;

	for (size_t j = 0; j < f->nsizes; j++) {
		if (f->sizes[j].size == f->pmd_size ||
		    !is(f->sizes[j].enabled, f->sizes[i].enabled))
			continue;
		if (j < i)
			return NULL;
		list = list ? mml_arena_printf(why->arena, "%s %s", list,
					       size_text(why, f->sizes[j].size))
			    : size_text(why, f->sizes[j].size);
		if (!list) {
			why->failed = true;
			return NULL;
		}
	}
	return list;
}

static void why_sizes(struct why *why)
{
	const struct mml_thp_facts *f = why->facts;

	for (size_t i = 0; i < f->nsizes; i++) {
		const struct mml_thp_size *s = &f->sizes[i];
		bool inherit = is(s->enabled, "inherit");
		const char *word = inherit ? f->enabled : s->enabled;
		const char *list;

		if (s->size == f->pmd_size || !word || !s->enabled)
			continue;
		list = sizes_like(why, i);
		if (!list)
			continue;
		if (is(word, "never"))
			say(why, "anon", "size_never", MML_WHY_LIMITS,
			    "pages of %s are not used: their own setting is %s", list, s->enabled);
		else
			say(why, "anon", "size_allowed",
			    is(word, "madvise") ? MML_WHY_LIMITS : MML_WHY_FINE,
			    "pages of %s may be used%s: their own setting is %s", list,
			    is(word, "madvise") ? " by mappings that ask by madvise" : "",
			    s->enabled);
	}
}

static void why_defrag(struct why *why)
{
	const struct mml_thp_facts *f = why->facts;
	struct mml_finding *finding;

	if (is(f->defrag, "never"))
		say(why, "anon", "defrag_never", MML_WHY_LIMITS,
		    "a fault takes a huge page only when one is free: defrag is never");
	else if (is(f->defrag, "defer"))
		say(why, "anon", "defrag_defer", MML_WHY_LIMITS,
		    "a fault takes a huge page only when one is free, and wakes kcompactd for the "
		    "next: defrag is defer");
	else if (is(f->defrag, "madvise") || is(f->defrag, "defer+madvise"))
		say(why, "anon", "defrag_madvise", MML_WHY_FINE,
		    "only mappings that ask by madvise wait for memory to be compacted: defrag is "
		    "%s",
		    f->defrag);
	else if (is(f->defrag, "always"))
		say(why, "anon", "defrag_always", MML_WHY_FINE,
		    "every fault waits for memory to be compacted when no huge page is free: "
		    "defrag "
		    "is always");

	if (!f->compact_stall.known || !f->compact_fail.known || !f->compact_stall.v)
		return;
	finding = say(why, "anon", "compaction", MML_WHY_FINE,
		      "%llu of %llu allocations that waited for compaction got nothing from it",
		      ull(f->compact_fail.v), ull(f->compact_stall.v));
	against(finding, 100.0 * (double)f->compact_fail.v / (double)f->compact_stall.v,
		HIGH_SHARE);
	if (finding->value > HIGH_SHARE)
		finding->verdict = MML_WHY_LIMITS;
}

static void why_faults(struct why *why)
{
	const struct mml_thp_facts *f = why->facts;
	double all, share;

	if (!f->fault_alloc.known || !f->fault_fallback.known)
		return;
	all = (double)f->fault_alloc.v + (double)f->fault_fallback.v;
	if (all <= 0) {
		say(why, "anon", "no_faults", MML_WHY_LIMITS,
		    "no page fault has asked for a huge page since boot");
		return;
	}
	share = 100.0 * (double)f->fault_fallback.v / all;
	against(say(why, "anon", share > HIGH_SHARE ? "fallback_high" : "fallback_low",
		    share > HIGH_SHARE ? MML_WHY_LIMITS : MML_WHY_FINE,
		    "%llu of %.0f page faults that asked for a huge page fell back to small ones "
		    "(%.1f %%)",
		    ull(f->fault_fallback.v), all, share),
		share, HIGH_SHARE);
	if (f->fault_fallback_charge.known && f->fault_fallback_charge.v)
		number(say(why, "anon", "fallback_charge", MML_WHY_LIMITS,
			   "%llu page faults fell back because their cgroup was at its limit",
			   ull(f->fault_fallback_charge.v)),
		       (double)f->fault_fallback_charge.v);
}

static unsigned pmd_order(const struct mml_thp_facts *facts)
{
	unsigned order = 0;

	while (facts->page_size << order < facts->pmd_size && order < 63)
		order++;
	return order;
}

/* Says whether the zones can serve the order. Anonymous memory does not come from zone DMA. */
static void why_zones(struct why *why)
{
	const struct mml_thp_facts *f = why->facts;
	unsigned order = pmd_order(f);
	int64_t threshold = f->extfrag_threshold.known && f->extfrag_threshold.v <= 1000
				    ? (int64_t)f->extfrag_threshold.v
				    : 500;

	for (size_t i = 0; i < f->nzones; i++) {
		const struct mml_thp_zone *zone = &f->zones[i];
		int64_t unusable, index;
		struct mml_finding *finding;
		bool some;

		if (!strcmp(zone->name, "DMA") || order >= zone->buddy.orders)
			continue;
		unusable = mml_unusable_index(&zone->buddy, order);
		index = mml_fragmentation_index(&zone->buddy, order);
		some = index == -1000; /* -1000 is how the kernel says that a block is free */
		if (unusable < UNUSABLE) {
			finding = say(why, "zone", "order_usable", MML_WHY_FINE,
				      "order %u is usable in zone %s of node %llu: %.1f %% of its "
				      "free memory is in blocks that large (unusable index %.3f)",
				      order, zone->name, ull(zone->buddy.node),
				      (double)(1000 - unusable) / 10, (double)unusable / 1000);
			against(finding, (double)unusable / 1000, (double)UNUSABLE / 1000);
			continue;
		}
		finding =
			say(why, "zone", "order_unusable", some ? MML_WHY_LIMITS : MML_WHY_BLOCKS,
			    "order %u is unusable in zone %s of node %llu with index %.3f: %s",
			    order, zone->name, ull(zone->buddy.node), (double)unusable / 1000,
			    some		? "few free blocks are that large"
			    : index > threshold ? "no free block is that large, by fragmentation"
						: "no free block is that large, by want of memory");
		against(finding, (double)unusable / 1000, (double)UNUSABLE / 1000);
	}
}

static void why_khugepaged(struct why *why)
{
	const struct mml_thp_facts *f = why->facts;
	double all, share;

	if (f->khugepaged_defrag.known && !f->khugepaged_defrag.v)
		say(why, "khugepaged", "khugepaged_defrag_off", MML_WHY_LIMITS,
		    "khugepaged takes a huge page only when one is free: khugepaged/defrag is 0");
	if (f->pages_to_scan.known && f->scan_sleep_ms.known && f->scan_sleep_ms.v)
		number(say(why, "khugepaged", "scan_rate", MML_WHY_FINE,
			   "khugepaged looks at %s at most every %.1f s; %llu full scans so far",
			   size_text(why, f->pages_to_scan.v * f->page_size),
			   (double)f->scan_sleep_ms.v / 1000,
			   ull(f->full_scans.known ? f->full_scans.v : 0)),
		       (double)f->pages_to_scan.v * (double)f->page_size * 1000 /
			       (double)f->scan_sleep_ms.v);
	if (f->max_ptes_none.known && !f->max_ptes_none.v)
		say(why, "khugepaged", "max_ptes_none_zero", MML_WHY_LIMITS,
		    "khugepaged collapses only ranges every page of which is there: max_ptes_none "
		    "is 0");
	if (!f->collapse_alloc.known || !f->collapse_failed.known)
		return;
	all = (double)f->collapse_alloc.v + (double)f->collapse_failed.v;
	if (all <= 0)
		return;
	share = 100.0 * (double)f->collapse_failed.v / all;
	against(say(why, "khugepaged", share > HIGH_SHARE ? "collapse_failing" : "collapse_working",
		    share > HIGH_SHARE ? MML_WHY_LIMITS : MML_WHY_FINE,
		    "khugepaged found no huge page for %llu of %.0f ranges it would have collapsed "
		    "(%.1f %%)",
		    ull(f->collapse_failed.v), all, share),
		share, HIGH_SHARE);
}

static void why_lost(struct why *why)
{
	const struct mml_thp_facts *f = why->facts;

	if (f->split.known && f->split.v)
		number(say(why, "anon", "split", MML_WHY_LIMITS,
			   "%llu huge pages have been split since boot, for swap, migration or "
			   "because parts of them were freed",
			   ull(f->split.v)),
		       (double)f->split.v);
	if (f->swpout_fallback.known && f->swpout_fallback.v)
		number(say(why, "anon", "swpout_fallback", MML_WHY_LIMITS,
			   "%llu huge pages were split because swap had no room for them whole",
			   ull(f->swpout_fallback.v)),
		       (double)f->swpout_fallback.v);
}

static void why_shmem(struct why *why)
{
	const struct mml_thp_facts *f = why->facts;

	if (is(f->shmem_enabled, "never") || is(f->shmem_enabled, "deny"))
		say(why, "shmem", "shmem_never",
		    is(f->shmem_enabled, "deny") ? MML_WHY_BLOCKS : MML_WHY_LIMITS,
		    is(f->shmem_enabled, "deny")
			    ? "shared memory gets no huge pages: shmem_enabled is %s"
			    : "shared memory gets no huge pages but on a tmpfs mounted with huge=: "
			      "shmem_enabled is %s",
		    f->shmem_enabled);
	else if (f->shmem_enabled)
		say(why, "shmem", "shmem_allowed",
		    is(f->shmem_enabled, "advise") ? MML_WHY_LIMITS : MML_WHY_FINE,
		    "shared memory may get huge pages: shmem_enabled is %s", f->shmem_enabled);
	if (f->shmem_huge.known && f->shmem_pmd.known && f->shmem_huge.v > f->shmem_pmd.v)
		against(say(why, "shmem", "shmem_not_mapped_huge", MML_WHY_LIMITS,
			    "%s of shared memory are in huge pages, but only %s are mapped as such",
			    size_text(why, f->shmem_huge.v), size_text(why, f->shmem_pmd.v)),
			(double)f->shmem_pmd.v, (double)f->shmem_huge.v);
}

static void why_result(struct why *why)
{
	const struct mml_thp_facts *f = why->facts;
	double share;

	if (!f->anon.known || !f->anon_huge.known || !f->anon.v)
		return;
	share = 100.0 * (double)f->anon_huge.v / (double)f->anon.v;
	number(say(why, "result", "anon_share", MML_WHY_FINE,
		   "%s of %s of anonymous memory are in huge pages (%.1f %%)",
		   size_text(why, f->anon_huge.v), size_text(why, f->anon.v), share),
	       share);
}

long mml_thp_why(struct mml_arena *arena, const struct mml_thp_facts *facts,
		 struct mml_finding **ret)
{
	struct why why = { .arena = arena, .facts = facts };

	why_result(&why);
	if (facts->pmd_size) {
		why_setting(&why);
		why_faults(&why);
		why_zones(&why);
		why_defrag(&why);
		why_lost(&why);
		why_khugepaged(&why);
		why_shmem(&why);
	}
	why_sizes(&why);
	*ret = why.list;
	return why.failed ? -ENOMEM : (long)why.n;
}

/* Returns how many bytes between START and END whole huge pages can take. */
static uint64_t aligned_room(uint64_t start, uint64_t end, uint64_t size)
{
	uint64_t before = start % size ? size - start % size : 0;
	uint64_t length = end > start ? end - start : 0;

	return length > before ? (length - before) / size * size : 0;
}

static void why_eligible(struct why *why, const struct mml_thp_mapping *m)
{
	const struct mml_thp_facts *f = why->facts;
	const char *setting = effective(f);
	uint64_t room = aligned_room(m->start, m->end, f->pmd_size);

	if (m->special)
		say(why, "mapping", "special", MML_WHY_BLOCKS,
		    "not ordinary memory: a device, raw frames, or hugetlb");
	if (m->disabled)
		say(why, "mapping", "process_disabled", MML_WHY_BLOCKS,
		    "the process has switched huge pages off by prctl(PR_SET_THP_DISABLE)");
	if (m->refused)
		say(why, "mapping", "nohugepage", MML_WHY_BLOCKS,
		    "the mapping refuses them by madvise(MADV_NOHUGEPAGE)");
	if (!room)
		against(say(why, "mapping", "too_small", MML_WHY_BLOCKS,
			    "no whole aligned page of %s fits into its %s",
			    size_text(why, f->pmd_size), size_text(why, m->end - m->start)),
			(double)(m->end - m->start), (double)f->pmd_size);
	if (m->anon && is(setting, "never"))
		say(why, "mapping", "setting_never", MML_WHY_BLOCKS, "enabled is never");
	if (m->anon && is(setting, "madvise") && !m->advised)
		say(why, "mapping", "not_advised", MML_WHY_BLOCKS,
		    "enabled is madvise, and the mapping has not asked by madvise(MADV_HUGEPAGE)");
	if (m->shmem && (is(f->shmem_enabled, "never") || is(f->shmem_enabled, "deny")))
		say(why, "mapping", "shmem_never", MML_WHY_BLOCKS, "shmem_enabled is %s",
		    f->shmem_enabled);
	if (m->shmem && is(f->shmem_enabled, "advise") && !m->advised)
		say(why, "mapping", "shmem_not_advised", MML_WHY_BLOCKS,
		    "shmem_enabled is advise, and the mapping has not asked by "
		    "madvise(MADV_HUGEPAGE)");
	if (!m->anon && !m->shmem && !m->special)
		say(why, "mapping", "file", MML_WHY_LIMITS,
		    "a file's pages are huge only where its file system makes them so");
	if (!why->n && m->eligible.known && !m->eligible.v)
		say(why, "mapping", "not_eligible", MML_WHY_BLOCKS,
		    "the kernel says the mapping is not eligible, for a reason it does not tell");
}

long mml_thp_why_mapping(struct mml_arena *arena, const struct mml_thp_facts *facts,
			 const struct mml_thp_mapping *m, struct mml_finding **ret)
{
	struct why why = { .arena = arena, .facts = facts };
	double share;

	if (facts->pmd_size)
		why_eligible(&why, m);
	if (m->rss && (m->huge || !why.n)) {
		share = 100.0 * (double)m->huge / (double)m->rss;
		number(say(&why, "result", "mapping_share", MML_WHY_FINE,
			   "%s of its %s are mapped by huge pages (%.1f %%)",
			   size_text(&why, m->huge), size_text(&why, m->rss), share),
		       share);
	}
	*ret = why.list;
	return why.failed ? -ENOMEM : (long)why.n;
}
