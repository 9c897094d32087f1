/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "thp_why.h"

#include <errno.h>
#include <string.h>

#include "../memory/meminfo.h"
#include "../numa/numa.h"
#include "thp.h"
#include "../memory/vmstat.h"
#include "../vma/mm.h"

static const char *const verdicts[] = {
	[MML_WHY_FINE] = "fine", [MML_WHY_LIMITS] = "limits", [MML_WHY_BLOCKS] = "blocks", NULL,
};

/* clang-format off */
#define THP_WHY_COLUMNS(C, R) \
	C(about,   "ABOUT",   STR, KEY,     NONE, FIRST, 0, "the files named in the reason", "What it is about: result, anon, zone, khugepaged, shmem or mapping.") \
	C(id,      "REASON",  STR, KEY,     NONE, FIRST, 0, "derived",  "Short name of the reason; stable.") \
	C(n,       "N",       U64, KEY,     NONE, HIDDEN, 0, "derived", "Number among the reasons of one name (zones, page sizes).") \
	C(pid,     "PID",     U64, KEY,     NONE, HIDDEN, 0, "PID", "With -p: the process it is about; absent when it is about the machine.") \
	C(start,   "START",   ADDR, KEY,    NONE, HIDDEN, 0, "smaps: address", "With -p: where the mapping it is about begins.") \
	C(verdict, "VERDICT", WORD(verdicts), DERIVED, NONE, FIRST, 0, "value against limit", "fine; limits: fewer huge pages than there could be; blocks: none this way.") \
	C(value,   "VALUE",   F64, DERIVED, NONE, MORE,  0, "the number in the text", "The number the reason rests on.") \
	C(limit,   "LIMIT",   F64, DERIVED, NONE, MORE,  0, "the number it was held against", "What the number was held against.") \
	C(text,    "WHY",     STR, DERIVED, NONE, FIRST, 0, "the files named in the reason", "The reason in words, with its numbers.")
/* clang-format on */

#define MML_TABLE_OF THP_WHY
#include "../../core/columns.h"

static struct mml_maybe number_of(struct mml_take *take, const char *path)
{
	struct mml_maybe ret = { 0 };

	ret.known = !mml_take_number(take, &ret.v, "%s", path);
	return ret;
}

static void read_vmstat(struct mml_take *take, struct mml_thp_facts *facts)
{
	const struct {
		const char *name;
		struct mml_maybe *to;
	} wanted[] = {
		{ "thp_fault_alloc", &facts->fault_alloc },
		{ "thp_fault_fallback", &facts->fault_fallback },
		{ "thp_fault_fallback_charge", &facts->fault_fallback_charge },
		{ "thp_collapse_alloc", &facts->collapse_alloc },
		{ "thp_collapse_alloc_failed", &facts->collapse_failed },
		{ "thp_split_page", &facts->split },
		{ "thp_swpout", &facts->swpout },
		{ "thp_swpout_fallback", &facts->swpout_fallback },
		{ "compact_stall", &facts->compact_stall },
		{ "compact_fail", &facts->compact_fail },
		{ "nr_free_pages_blocks", &facts->free_blocks },
	};
	struct mml_span text, name;
	uint64_t value;
	int rc;

	if (mml_take_file(take, NULL, "/proc/vmstat", &text))
		return;
	while ((rc = mml_vmstat_next(&text, &name, &value)))
		for (size_t i = 0; rc > 0 && i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (mml_span_eq(name, wanted[i].name))
				*wanted[i].to = (struct mml_maybe){ true, value };
}

static void read_meminfo(struct mml_take *take, struct mml_thp_facts *facts)
{
	const struct {
		const char *name;
		struct mml_maybe *to;
	} wanted[] = {
		{ "AnonPages", &facts->anon },
		{ "AnonHugePages", &facts->anon_huge },
		{ "Shmem", &facts->shmem },
		{ "ShmemHugePages", &facts->shmem_huge },
		{ "ShmemPmdMapped", &facts->shmem_pmd },
	};
	struct mml_span text;

	if (mml_take_file(take, NULL, "/proc/meminfo", &text))
		return;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		wanted[i].to->known = mml_meminfo_bytes(text, wanted[i].name, &wanted[i].to->v);
}

static int read_zones(struct mml_take *take, struct mml_thp_facts *facts)
{
	struct mml_span text, at;
	struct mml_thp_zone *zones;
	struct mml_buddy buddy;
	size_t n = 0;
	int rc;

	if (mml_take_file(take, NULL, "/proc/buddyinfo", &text))
		return 0;
	for (at = text; (rc = mml_buddy_next(&at, &buddy));)
		n += rc > 0;
	zones = mml_arena_alloc(take->arena, (n + 1) * sizeof(*zones));
	if (!zones)
		return -ENOMEM;
	for (at = text, n = 0; (rc = mml_buddy_next(&at, &buddy));) {
		if (rc < 0)
			continue;
		zones[n].buddy = buddy;
		zones[n].name =
			mml_arena_strndup(take->arena, buddy.zone.p, mml_span_len(buddy.zone));
		if (!zones[n++].name)
			return -ENOMEM;
	}
	facts->zones = zones;
	facts->nzones = n;
	return 0;
}

/* What the folder NAME of one size has; false: it has no setting. */
static bool read_size(struct mml_take *take, const char *name, struct mml_thp_size *ret)
{
	struct mml_span text, line;
	uint64_t unused;

	*ret = (struct mml_thp_size){ 0 };
	if (!mml_hugepage_dir(name, &ret->size))
		return false;
	if (!mml_take_filef(take, &text, MML_THP_DIR "/%s/enabled", name) &&
	    mml_next_line(&text, &line))
		ret->enabled = mml_thp_choice(take->arena, line);
	if (!mml_take_filef(take, &text, MML_THP_DIR "/%s/shmem_enabled", name) &&
	    mml_next_line(&text, &line))
		ret->shmem = mml_thp_choice(take->arena, line);
	ret->nr_anon.known =
		!mml_take_number(take, &ret->nr_anon.v, MML_THP_DIR "/%s/stats/nr_anon", name);
	ret->collapses = !mml_take_number(take, &unused,
					  MML_THP_DIR "/%s/stats/collapse_exceed_none_pte", name);
	return ret->enabled || ret->shmem;
}

static int read_sizes(struct mml_take *take, struct mml_thp_facts *facts)
{
	const char *const *names = mml_take_names(take, MML_THP_DIR);
	struct mml_thp_size *sizes;
	size_t n = 0;

	while (names && names[n])
		n++;
	sizes = mml_arena_alloc(take->arena, (n + 1) * sizeof(*sizes));
	if (!sizes)
		return -ENOMEM;
	for (; names && *names; names++)
		facts->nsizes += read_size(take, *names, &sizes[facts->nsizes]);
	facts->sizes = sizes;
	return 0;
}

int mml_thp_facts_read(struct mml_take *take, struct mml_thp_facts *ret)
{
	struct mml_maybe pmd = number_of(take, MML_THP_DIR "/hpage_pmd_size");
	int rc;

	*ret = (struct mml_thp_facts){
		.page_size = take->host->page_size,
		.pmd_size = pmd.known ? pmd.v : 0,
		.enabled = mml_thp_setting(take, "enabled"),
		.defrag = mml_thp_setting(take, "defrag"),
		.shmem_enabled = mml_thp_setting(take, "shmem_enabled"),
		.khugepaged_defrag = number_of(take, MML_THP_DIR "/khugepaged/defrag"),
		.pages_to_scan = number_of(take, MML_THP_DIR "/khugepaged/pages_to_scan"),
		.scan_sleep_ms = number_of(take, MML_THP_DIR "/khugepaged/scan_sleep_millisecs"),
		.max_ptes_none = number_of(take, MML_THP_DIR "/khugepaged/max_ptes_none"),
		.full_scans = number_of(take, MML_THP_DIR "/khugepaged/full_scans"),
		.collapsed = number_of(take, MML_THP_DIR "/khugepaged/pages_collapsed"),
		.extfrag_threshold = number_of(take, "/proc/sys/vm/extfrag_threshold"),
	};
	read_vmstat(take, ret);
	read_meminfo(take, ret);
	rc = read_zones(take, ret);
	return rc ? rc : read_sizes(take, ret);
}

static uint64_t count_same(const struct mml_table *table, const char *id)
{
	uint64_t n = 0;

	for (size_t i = 0; i < table->nrows; i++)
		n += !strcmp(mml_table_row(table, i)->cell[THP_WHY_id].str, id);
	return n;
}

static int add_row(const struct mml_finding *f, pid_t pid, uint64_t start, void *ctx)
{
	struct mml_table *table = ctx;
	uint64_t same = start ? 0 : count_same(table, f->id);
	struct mml_row *row = mml_table_add(table);

	if (!row)
		return -ENOMEM;
	mml_set_str(row, THP_WHY_about, f->about);
	mml_set_str(row, THP_WHY_id, f->id);
	mml_set_u64(row, THP_WHY_n, same);
	if (pid)
		mml_set_u64(row, THP_WHY_pid, (uint64_t)pid);
	if (start)
		mml_set_u64(row, THP_WHY_start, start);
	mml_set_word(row, THP_WHY_verdict, f->verdict);
	if (f->has_value)
		mml_set_f64(row, THP_WHY_value, f->value);
	if (f->has_limit)
		mml_set_f64(row, THP_WHY_limit, f->limit);
	mml_set_str(row, THP_WHY_text, f->text);
	return 0;
}

static int add_process(struct mml_take *take, struct mml_table *table,
		       const struct mml_thp_facts *facts, pid_t pid)
{
	int rc = mml_thp_why_process(take, facts, pid, add_row, table);

	if (rc == -ENOENT || rc == -ESRCH)
		return mml_mm_missing(take, table, pid);
	if (rc == -EACCES || rc == -EPERM)
		return mml_table_fail(table, rc, "CAP_SYS_PTRACE, or to be the process' user",
				      "/proc/%d/smaps: permission denied", (int)pid);
	return rc;
}

static int why_collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	const struct mml_arg *asked = mml_scope_pids(&query->scope);
	struct mml_thp_facts facts;
	struct mml_finding *list = NULL;
	long n;

	/* Old kernels do not have it; where it is there and cannot be read, nothing can be said. */
	if (!mml_take_there(take, ret, MML_THP_DIR "/hpage_pmd_size"))
		return ret->error;
	n = mml_thp_facts_read(take, &facts);
	if (!n)
		n = mml_thp_why(take->arena, &facts, &list);
	if (!n && !facts.enabled)
		return mml_table_missing(take, ret, MML_THP_DIR,
					 "a kernel built with CONFIG_TRANSPARENT_HUGEPAGE");
	if (n < 0)
		return mml_table_fail(ret, -ENOMEM, NULL, "out of memory");
	for (long i = 0; i < n; i++)
		if (add_row(&list[i], 0, 0, ret))
			return -ENOMEM;
	for (size_t i = 0; i < asked->n && facts.pmd_size; i++)
		if (add_process(take, ret, &facts, asked->pids[i]) == -ENOMEM)
			return mml_table_fail(ret, -ENOMEM, NULL, "out of memory");
	return ret->error;
}

static const struct mml_source sources[] = {
	{ .path = MML_THP_DIR "/enabled",
	  .missing = "a kernel built with CONFIG_TRANSPARENT_HUGEPAGE" },
	{ .path = MML_THP_DIR "/hugepages-NkB/shmem_enabled", .missing = "kernel 6.12 or newer" },
	{ .path = "/proc/vmstat" },
	{ .path = "/proc/buddyinfo" },
	{ .path = "/proc/meminfo" },
	{ .path = "/proc/PID/smaps",
	  .needs = "CAP_SYS_PTRACE, or to be the process' user",
	  .missing = "a kernel built with CONFIG_PROC_PAGE_MONITOR" },
	{ 0 },
};

const struct mml_collector mml_collector_thp_why = {
	.schema = { .name = "thp_why",
		    .help = "A reason why transparent huge pages are or are not being used, by the "
			    "machine and, with -p, by the mappings of a process.",
		    MML_COLUMNS(THP_WHY) },
	.sources = sources,
	.takes = MML_TAKES(PIDS),
	.collect = why_collect,
};
