/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "thp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../numa/numa.h"
#include "../memory/vmstat.h"

/* clang-format off */
#define THP_COLUMNS(C, R) \
	C(name,      "NAME",    STR, KEY,     NONE,    FIRST, 0, "name of the file or counter", "Setting or counter: a file of transparent_hugepage, or a line of vmstat.") \
	C(page_size, "PAGE",    U64, KEY,     BYTES,   FIRST, 0, "hugepages-NkB", "The size it is about; absent for all sizes, and for what counts huge pages of the PMD's size.") \
	C(kind,      "KIND",    STR, LABEL,   NONE,    MAIN,  0, "setting, event or level",     "A setting, a count of events since boot, or a level.") \
	C(setting,   "SETTING", STR, LABEL,   NONE,    FIRST, 0, "the choice in brackets",      "What is chosen, for a setting with choices.") \
	C(choices,   "CHOICES", STR, LABEL,   NONE,    LAST,  0, "the file",                    "What can be chosen.") \
	C(value,     "VALUE",   U64, COUNTER, COUNT,   FIRST, 0, "the number",                  "The number, for a counter or a setting that is one.") \
	R(rate,      "RATE/S",  F64, RATE,    COUNT,   MAIN,  value,                            "Its change per second.") \
	C(bytes,     "BYTES",   U64, DERIVED, BYTES,   MORE,  0, "value * page size",           "The memory it stands for, where it counts huge pages.") \
	C(share,     "SHARE",   F64, DERIVED, PERCENT, MAIN,  0, "failed / (failed + done)",    "For a count of failures: their share of all attempts since boot.")
/* clang-format on */

#define MML_TABLE_OF THP
#include "../../core/columns.h"

/* always [madvise] never */
const char *mml_thp_choice(struct mml_arena *arena, struct mml_span line)
{
	struct mml_span tok;

	while (mml_next_token(&line, &tok))
		if (mml_span_len(tok) > 2 && *tok.p == '[' && tok.end[-1] == ']')
			return mml_arena_strndup(arena, tok.p + 1, mml_span_len(tok) - 2);
	return NULL;
}

const char *mml_thp_setting(struct mml_take *take, const char *path)
{
	struct mml_span text, line;

	if (mml_take_filef(take, &text, MML_THP_DIR "/%s", path) || !mml_next_line(&text, &line))
		return NULL;
	return mml_thp_choice(take->arena, line);
}

static struct mml_row *add_row(struct mml_table *table, const char *name, uint64_t page_size,
			       const char *kind)
{
	struct mml_row *row = mml_table_add(table);

	if (!row)
		return NULL;
	mml_set_str(row, THP_name, name);
	if (page_size)
		mml_set_u64(row, THP_page_size, page_size);
	mml_set_str(row, THP_kind, kind);
	row->levels = strcmp(kind, "event") != 0;
	return row;
}

/* Returns a line such as "[always] madvise never" without its brackets. */
static char *choices_of(struct mml_arena *arena, struct mml_span line)
{
	char *ret = mml_arena_strndup(arena, line.p, mml_span_len(line));
	char *to = ret;

	for (const char *p = ret; p && *p; p++)
		if (*p != '[' && *p != ']')
			*to++ = *p;
	if (to)
		*to = '\0';
	return ret;
}

/*
 * Adds a file of one number, or of one line of choices. KIND says what a number is. A file that
 * cannot be read is left out.
 */
static int add_file(struct mml_take *take, struct mml_table *table, const char *path,
		    const char *name, uint64_t page_size, const char *kind)
{
	struct mml_span text, line;
	struct mml_row *row;
	uint64_t value;
	int rc = mml_take_filef(take, &text, "%s", path);

	if (rc)
		return rc == -ENOMEM ? rc : 0;
	if (!mml_next_line(&text, &line))
		return 0;
	line = mml_span_trim(line);
	row = add_row(table, name, page_size, kind);
	if (!row)
		return -ENOMEM;
	if (!mml_parse_u64(line, &value)) {
		mml_set_u64(row, THP_value, value);
	} else if (mml_thp_choice(take->arena, line)) {
		mml_set_str(row, THP_setting, mml_thp_choice(take->arena, line));
		mml_set_str(row, THP_choices, choices_of(take->arena, line));
	} else {
		mml_table_drop(table);
		mml_table_fail(table, -EBADMSG, NULL, "%s: neither a number nor choices", path);
	}
	return 0;
}

/* These files of khugepaged count, and the others are settings. */
static const char *khugepaged_kind(const char *name)
{
	return !strcmp(name, "full_scans") || !strcmp(name, "pages_collapsed") ? "event"
									       : "setting";
}

static int add_dir(struct mml_take *take, struct mml_table *table, const char *sub,
		   uint64_t page_size, const char *prefix)
{
	char dir[128], path[512], name[320];
	const char *const *names;
	int rc = 0;

	snprintf(dir, sizeof(dir), MML_THP_DIR "%s%s", *sub ? "/" : "", sub);
	names = mml_take_names(take, dir);
	for (; names && *names && !rc; names++) {
		const char *kind = "setting";
		bool stats = !strcmp(prefix, "stats/");

		/* These folders are walked on their own. */
		if (!strcmp(*names, "khugepaged") || !strcmp(*names, "stats") ||
		    !strncmp(*names, "hugepages-", 10))
			continue;
		if (!strcmp(*names, "hpage_pmd_size"))
			kind = "level";
		else if (!strcmp(prefix, "khugepaged/"))
			kind = khugepaged_kind(*names);
		else if (stats)
			kind = strncmp(*names, "nr_", 3) ? "event" : "level";
		snprintf(path, sizeof(path), "%s/%s", dir, *names);
		snprintf(name, sizeof(name), "%s%s", prefix, *names);
		rc = add_file(take, table, path, mml_arena_strndup(take->arena, name, strlen(name)),
			      page_size, kind);
	}
	return rc;
}

/* Adds the sizes, up to that of a PMD, that have settings of their own (6.8 and later). */
static int add_sizes(struct mml_take *take, struct mml_table *table)
{
	const char *const *names = mml_take_names(take, MML_THP_DIR);
	int rc = 0;

	for (; names && *names && !rc; names++) {
		uint64_t size;
		char sub[300];

		if (!mml_hugepage_dir(*names, &size))
			continue;
		rc = add_dir(take, table, *names, size, "");
		snprintf(sub, sizeof(sub), "%s/stats", *names);
		if (!rc)
			rc = add_dir(take, table, sub, size, "stats/");
	}
	return rc;
}

static bool about_thp(struct mml_span name)
{
	static const char *const levels[] = { "nr_anon_transparent_hugepages", "nr_shmem_hugepages",
					      "nr_shmem_pmdmapped", "nr_file_hugepages",
					      "nr_file_pmdmapped" };

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (mml_span_eq(name, levels[i]))
			return true;
	return mml_span_starts(name, "thp_");
}

static int add_vmstat(struct mml_take *take, struct mml_table *table)
{
	struct mml_span text, name;
	uint64_t value;
	int rc;

	if (mml_take_file(take, NULL, "/proc/vmstat", &text))
		return 0;
	while ((rc = mml_vmstat_next(&text, &name, &value))) {
		struct mml_row *row;

		if (rc < 0 || !about_thp(name))
			continue;
		row = add_row(table, mml_arena_strndup(take->arena, name.p, mml_span_len(name)), 0,
			      mml_counter_level(name) ? "level" : "event");
		if (!row)
			return -ENOMEM;
		mml_set_u64(row, THP_value, value);
	}
	return 0;
}

static struct mml_row *find(const struct mml_table *table, const char *name,
			    const struct mml_row *like)
{
	for (size_t i = 0; i < table->nrows; i++) {
		struct mml_row *row = mml_table_row(table, i);

		if (!strcmp(row->cell[THP_name].str, name) &&
		    mml_has(row, THP_page_size) == mml_has(like, THP_page_size) &&
		    row->cell[THP_page_size].u64 == like->cell[THP_page_size].u64)
			return row;
	}
	return NULL;
}

/* Each failure is shown as a share of failures and successes together. */
static void derive_shares(struct mml_table *table)
{
	static const struct {
		const char *failed, *done;
	} pairs[] = {
		{ "thp_fault_fallback", "thp_fault_alloc" },
		{ "thp_collapse_alloc_failed", "thp_collapse_alloc" },
		{ "thp_file_fallback", "thp_file_alloc" },
		{ "thp_zero_page_alloc_failed", "thp_zero_page_alloc" },
		{ "thp_split_page_failed", "thp_split_page" },
		{ "thp_swpout_fallback", "thp_swpout" },
		{ "stats/anon_fault_fallback", "stats/anon_fault_alloc" },
		{ "stats/shmem_fallback", "stats/shmem_alloc" },
		{ "stats/swpout_fallback", "stats/swpout" },
		{ "stats/swpin_fallback", "stats/swpin" },
		{ "stats/split_failed", "stats/split" },
	};

	for (size_t i = 0; i < table->nrows; i++) {
		struct mml_row *row = mml_table_row(table, i);

		for (size_t p = 0; p < sizeof(pairs) / sizeof(pairs[0]); p++) {
			struct mml_row *done;
			double failed, all;

			if (strcmp(row->cell[THP_name].str, pairs[p].failed))
				continue;
			done = find(table, pairs[p].done, row);
			if (!done || !mml_has(done, THP_value) || !mml_has(row, THP_value))
				continue;
			failed = (double)row->cell[THP_value].u64;
			all = failed + (double)done->cell[THP_value].u64;
			if (all > 0)
				mml_set_f64(row, THP_share, 100.0 * failed / all);
		}
	}
}

/* These counters of vmstat and of the stats folders count huge pages. Others count splits and
 * scans. */
static void derive_bytes(struct mml_table *table)
{
	static const char *const pages[] = {
		"thp_fault_alloc",
		"thp_collapse_alloc",
		"thp_file_alloc",
		"thp_file_mapped",
		"thp_swpout",
		"thp_migration_success",
		"nr_anon_transparent_hugepages",
		"nr_shmem_hugepages",
		"nr_shmem_pmdmapped",
		"nr_file_hugepages",
		"nr_file_pmdmapped",
		"stats/anon_fault_alloc",
		"stats/shmem_alloc",
		"stats/swpout",
		"stats/swpin",
		"stats/zswpout",
		"stats/nr_anon",
		"stats/nr_anon_partially_mapped",
	};
	uint64_t pmd_size = 0;

	for (size_t i = 0; i < table->nrows && !pmd_size; i++) {
		const struct mml_row *row = mml_table_row(table, i);

		if (!strcmp(row->cell[THP_name].str, "hpage_pmd_size"))
			pmd_size = row->cell[THP_value].u64;
	}
	for (size_t i = 0; i < table->nrows; i++) {
		struct mml_row *row = mml_table_row(table, i);
		uint64_t size =
			mml_has(row, THP_page_size) ? row->cell[THP_page_size].u64 : pmd_size;
		uint64_t bytes;

		for (size_t p = 0; p < sizeof(pages) / sizeof(pages[0]) && size; p++)
			if (!strcmp(row->cell[THP_name].str, pages[p]) && mml_has(row, THP_value) &&
			    !__builtin_mul_overflow(row->cell[THP_value].u64, size, &bytes))
				mml_set_u64(row, THP_bytes, bytes);
	}
}

static int thp_collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	int rc = add_dir(take, ret, "", 0, "");

	(void)query;
	if (!rc)
		rc = add_dir(take, ret, "khugepaged", 0, "khugepaged/");
	if (!rc)
		rc = add_sizes(take, ret);
	if (!rc)
		rc = add_vmstat(take, ret);
	if (rc)
		return mml_table_fail(ret, rc, NULL, "out of memory");
	if (!ret->nrows)
		return mml_table_missing(take, ret, MML_THP_DIR,
					 "a kernel built with CONFIG_TRANSPARENT_HUGEPAGE");
	derive_shares(ret);
	derive_bytes(ret);
	return ret->error;
}

static const struct mml_source sources[] = {
	{ .path = MML_THP_DIR "/enabled",
	  .missing = "a kernel built with CONFIG_TRANSPARENT_HUGEPAGE" },
	{ .path = MML_THP_DIR "/hugepages-NkB/enabled", .missing = "kernel 6.8 or newer" },
	{ .path = MML_THP_DIR "/hugepages-NkB/stats/anon_fault_alloc",
	  .missing = "kernel 6.12 or newer" },
	{ .path = "/proc/vmstat" },
	{ 0 },
};

const struct mml_collector mml_collector_thp = {
	.schema = { .name = "thp",
		    .apart = "*",
		    .help = "A setting or a counter of transparent huge pages.",
		    MML_COLUMNS(THP) },
	.sources = sources,
	.collect = thp_collect,
};
