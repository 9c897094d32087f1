/* The balance in other orders: by what reclaim could do, and by the lists that reclaim works on. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/trouble.h"
#include "../page/words.h"
#include "balance.h"

#define MML_COLUMNS_OF BALANCE
#include "../../core/columns.h"

/* What stands together because nothing of it can be reclaimed. */
enum group { FREE, RESERVED, KERNEL, STACKS, HUGE, LOCKED, OUT_OF_USE, UNACCOUNTED, GROUPS };

static const struct {
	const char *item, *help;
} groups[GROUPS] = {
	[FREE] = { "free", "Free pages: there is nothing to reclaim of them." },
	[RESERVED] = { "reserved", "What the firmware and the kernel took at boot: the kernel's image, "
				   "and tables for each page. It lies outside of MemTotal; the other "
				   "rows add up to MemTotal." },
	[KERNEL] = { "kernel", "What the kernel allocated for itself, stacks apart." },
	[STACKS] = { "kernel_stacks", "Stacks of threads in the kernel." },
	[HUGE] = { "huge_pages", "Pools of huge pages, used or not." },
	[LOCKED] = { "locked", "Pages locked by programs, or taken off the lists for a moment." },
	[OUT_OF_USE] = { "out_of_use", "Pages with errors, and what a balloon gave away." },
	[UNACCOUNTED] = { "unaccounted", "What no counter explains; the kernel or a driver has it." },
};

enum class { UNRECLAIMABLE, SWAPPABLE, SYNCABLE, DISCARDABLE, UNKNOWN, CLASSES };

static const char *const classes[CLASSES] = {
	[UNRECLAIMABLE] = "unreclaimable",
	[SWAPPABLE] = "swappable",
	[SYNCABLE] = "syncable",
	[DISCARDABLE] = "discardable",
};

static const struct {
	const char *item;
	enum group group;
} grouped[] = {
	{ "kernel_stack", STACKS },	  { "shadow_call_stack", STACKS }, { "hugetlb", HUGE },
	{ "unevictable", LOCKED },	  { "isolated", LOCKED },	   { "balloon", OUT_OF_USE },
	{ "hardware_corrupted", OUT_OF_USE }, { "unaccounted", UNACCOUNTED },
};

/* What could be done with a row of the balance. What can go to swap is that, even if no swap is
 * free. */
static enum class class_of(const struct mml_row *row)
{
	const char *item = row->cell[BALANCE_item].str;
	const char *how = mml_has(row, BALANCE_reclaim) ? row->cell[BALANCE_reclaim].str : "";

	if (!strcmp(item, "anon") || !strcmp(item, "shmem") || !strcmp(how, "swap"))
		return SWAPPABLE;
	if (!strcmp(how, "write-back"))
		return SYNCABLE;
	if (!strcmp(how, "discard"))
		return DISCARDABLE;
	return *how || !strcmp(item, "unaccounted") ? UNRECLAIMABLE : UNKNOWN;
}

static enum group group_of(const struct mml_row *row)
{
	for (size_t i = 0; i < sizeof(grouped) / sizeof(*grouped); i++)
		if (!strcmp(grouped[i].item, row->cell[BALANCE_item].str))
			return grouped[i].group;
	return mml_has(row, BALANCE_reclaim) && !strcmp(row->cell[BALANCE_reclaim].str, "free") ?
		       FREE :
		       KERNEL;
}

static struct mml_row *add(struct mml_table *table, const char *item, int64_t bytes, int64_t total,
			   const char *help)
{
	struct mml_row *row = mml_table_add(table);

	if (!row)
		return NULL;
	mml_set_str(row, BALANCE_item, item);
	mml_set_i64(row, BALANCE_bytes, bytes);
	if (total)
		mml_set_f64(row, BALANCE_share, (double)bytes * 100 / (double)total);
	mml_set_str(row, BALANCE_help, help);
	return row;
}

/* Adds the row of a group, from the N rows that were there before. Returns 0 or -ENOMEM. */
static int add_group(struct mml_table *table, size_t n, enum group group, int64_t total)
{
	struct mml_buf items = { 0 }, terms = { 0 };
	struct mml_row *row;
	int64_t bytes = 0;
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		const struct mml_row *part = mml_table_row(table, i);

		if (class_of(part) != UNRECLAIMABLE || group_of(part) != group)
			continue;
		bytes += part->cell[BALANCE_bytes].i64;
		mml_buf_printf(&items, "%s%s", any ? " + " : "", part->cell[BALANCE_item].str);
		mml_buf_printf(&terms, "%s%" PRId64, any ? " + " : "",
			       part->cell[BALANCE_bytes].i64 / 1024);
		any = true;
	}
	row = any ? add(table, groups[group].item, bytes, total, groups[group].help) : NULL;
	if (row) {
		mml_set_str(row, BALANCE_reclaim, classes[UNRECLAIMABLE]);
		mml_set_u64(row, BALANCE_reclaimable, group == FREE && bytes > 0 ? (uint64_t)bytes : 0);
		mml_set_str(row, BALANCE_source, mml_arena_strndup(table->arena, items.data, items.len));
		mml_set_str(row, BALANCE_terms, mml_arena_strndup(table->arena, terms.data, terms.len));
	}
	mml_buf_free(&items);
	mml_buf_free(&terms);
	return any && !row ? -ENOMEM : 0;
}

/* All pages of all zones, less MemTotal. Nothing is said of a meminfo that is of another machine. */
static int add_reserved(struct mml_table *table, const struct mml_balance *b)
{
	struct mml_row *row;
	uint64_t present = 0;

	for (size_t i = 0; i < b->zones.n; i++)
		present += b->zones.zones[i].field[MML_ZONE_PRESENT];
	if (b->whose.is == MML_WHOSE_OTHER || __builtin_mul_overflow(present, b->page_size, &present) ||
	    !mml_balance_plausible(present) || (int64_t)present <= b->total)
		return 0;
	row = add(table, groups[RESERVED].item, (int64_t)present - b->total, 0, groups[RESERVED].help);
	if (!row)
		return -ENOMEM;
	mml_set_str(row, BALANCE_reclaim, classes[UNRECLAIMABLE]);
	mml_set_u64(row, BALANCE_reclaimable, 0);
	mml_set_str(row, BALANCE_source, "zoneinfo: present of all zones - MemTotal");
	mml_set_str(row, BALANCE_terms,
		    mml_arena_printf(table->arena, "%" PRIu64 " - %" PRId64, present / 1024,
				     b->total / 1024));
	return 0;
}

/* Adds the rows of a class as they are, from the N rows that were there before. */
static int add_class(struct mml_table *table, size_t n, enum class class)
{
	for (size_t i = 0; i < n; i++) {
		const struct mml_row *part = mml_table_row(table, i);
		struct mml_row *row;

		if (class_of(part) != class)
			continue;
		row = mml_table_add(table);
		if (!row)
			return -ENOMEM;
		memcpy(row, part, mml_row_size(table->schema));
		mml_unset(row, BALANCE_reclaim);
		mml_set_str(row, BALANCE_reclaim, classes[class]);
	}
	return 0;
}

int mml_balance_by_reclaim(struct mml_table *table, const struct mml_balance *b)
{
	const size_t n = table->nrows;
	bool *keep;
	int rc = 0;

	for (enum group g = 0; g < GROUPS && !rc; g++)
		rc = g == RESERVED ? b ? add_reserved(table, b) : 0 :
				     add_group(table, n, g, b ? b->total : 0);
	for (enum class c = SWAPPABLE; c < CLASSES && !rc; c++)
		rc = add_class(table, n, c);
	keep = rc ? NULL : mml_arena_alloc(table->arena, (table->nrows + 1) * sizeof(*keep));
	if (!keep)
		return -ENOMEM;
	for (size_t i = 0; i < table->nrows; i++)
		keep[i] = i >= n;
	mml_table_keep(table, 0, keep);
	return 0;
}

/* The lists, and which flags of kpageflags the pages on them have. */
static const struct {
	const char *item, *formula, *reclaim, *help;
	uint64_t flags; /* of ACTIVE and SWAPBACKED; ~0: none tell */
} lists[] = {
#define F_REFERENCED (UINT64_C(1) << 2)
#define F_LRU (UINT64_C(1) << 5)
#define F_ACTIVE (UINT64_C(1) << 6)
#define F_SWAPBACKED (UINT64_C(1) << 14)
#define F_TAIL (UINT64_C(1) << 16)
#define F_UNEVICTABLE (UINT64_C(1) << 18)
	{ "active_anon", "Active(anon)", "swap",
	  "Anonymous memory, shared memory and tmpfs that were used of late. With generations these are the two youngest.",
	  F_ACTIVE | F_SWAPBACKED },
	{ "inactive_anon", "Inactive(anon)", "swap",
	  "The same, not used of late: the first to go to swap.", F_SWAPBACKED },
	{ "active_file", "Active(file)", "discard",
	  "Page cache that was used more than once of late. With generations these are the two youngest.",
	  F_ACTIVE },
	{ "inactive_file", "Inactive(file)", "discard",
	  "Page cache that was used once, or not of late: the first to be dropped, or written.", 0 },
	{ "unevictable", "Unevictable", "none", "What reclaim passes by.", ~UINT64_C(0) },
	{ "isolated_anon", "nr_isolated_anon", "none", "Taken off the anonymous lists for a moment.", ~UINT64_C(0) },
	{ "isolated_file", "nr_isolated_file", "none", "Taken off the file lists for a moment.", ~UINT64_C(0) },
};

enum { LISTS = sizeof(lists) / sizeof(*lists) };

/* Counts the pages on each list that are marked as used. Up to Linux 6.11 only the first page of a
 * large one has its flags. */
static int count_referenced(const struct mml_balance *b, uint64_t ret[LISTS])
{
	enum { CHUNK = 4096 };
	uint64_t *flags = mml_malloc(CHUNK * sizeof(*flags)), at = 0, head = 0;
	struct mml_words *words = NULL;
	ssize_t n = 0;
	int rc = flags ? mml_words_open(b->take->root, "/proc/kpageflags", "/mmlens/words/kpageflags",
					&words) :
			 -ENOMEM;

	while (!rc && (n = mml_words_read(words, at, CHUNK, flags)) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			head = flags[i] & F_TAIL && !(flags[i] & F_LRU) ? head : flags[i];
			for (size_t k = 0; k < LISTS; k++)
				ret[k] += (head & (F_LRU | F_REFERENCED | F_UNEVICTABLE)) ==
						  (F_LRU | F_REFERENCED) &&
					  (head & (F_ACTIVE | F_SWAPBACKED)) == lists[k].flags;
		}
		at += (uint64_t)n;
	}
	/* A tree has the frames that somebody looked at, and seldom all. */
	if (!rc && (n < 0 || at < (uint64_t)b->total / b->page_size))
		rc = n < 0 ? (int)n : -ENODATA;
	if (words)
		mml_words_close(words);
	free(flags);
	return rc;
}

static void set_referenced(struct mml_balance *b)
{
	uint64_t pages[LISTS] = { 0 };
	int rc = count_referenced(b, pages);

	if (rc) {
		mml_table_why(b->table, BALANCE_referenced,
			      mml_arena_printf(b->take->arena, "/proc/kpageflags: %s", strerror(-rc)),
			      rc == -EACCES ? "root (the file is readable for root only)" : NULL);
		return;
	}
	for (size_t i = 0; i < b->table->nrows; i++) {
		struct mml_row *row = mml_table_row(b->table, i);

		for (size_t k = 0; k < LISTS; k++)
			if (lists[k].flags != ~UINT64_C(0) &&
			    !strcmp(lists[k].item, row->cell[BALANCE_item].str))
				mml_set_u64(row, BALANCE_referenced, pages[k] * b->page_size);
	}
}

/* A generation, counted from the youngest, over all groups and nodes. */
struct generation {
	uint64_t pages[2]; /* anonymous, file */
	uint64_t age_ms;   /* of the oldest */
	bool any;
};

enum { GENERATIONS = 16 };

/* The lines of one node, whose last is the youngest. */
static void add_node(struct generation *all, const struct generation *lines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct generation *g = &all[n - 1 - i];

		g->any = true;
		for (int k = 0; k < 2; k++)
			g->pages[k] += lines[i].pages[k];
		if (lines[i].age_ms > g->age_ms)
			g->age_ms = lines[i].age_ms;
	}
}

/*
 * memcg     1 /
 *  node     0
 *           5     381632      12042      40321
 *           6     103245       8120       2931
 * The numbers: generation, age in ms, anonymous pages, file pages.
 */
static void read_generations(struct mml_span text, struct generation all[GENERATIONS])
{
	struct generation lines[GENERATIONS];
	struct mml_span line;
	size_t n = 0;

	while (mml_next_line(&text, &line)) {
		struct generation g = { .any = true };
		uint64_t number;

		if (!mml_next_u64(&line, &number) && !mml_next_u64(&line, &g.age_ms) &&
		    !mml_next_u64(&line, &g.pages[0]) && !mml_next_u64(&line, &g.pages[1])) {
			if (n < GENERATIONS)
				lines[n++] = g;
			continue;
		}
		add_node(all, lines, n);
		n = 0;
	}
	add_node(all, lines, n);
}

static int add_generations(struct mml_balance *b)
{
	static const char path[] = "/sys/kernel/debug/lru_gen";
	static const char *const kinds[] = { "anon", "file" };
	struct generation all[GENERATIONS] = { 0 };
	struct mml_arena *arena = b->take->arena;
	struct mml_span text;

	if (mml_take_file(b->take, NULL, path, &text))
		return 0;
	read_generations(text, all);
	for (unsigned i = 0; i < GENERATIONS; i++)
		for (unsigned k = 0; k < 2 && all[i].any; k++) {
			uint64_t bytes;
			struct mml_row *row;

			if (__builtin_mul_overflow(all[i].pages[k], b->page_size, &bytes) ||
			    !mml_balance_plausible(bytes))
				continue;
			row = add(b->table, mml_arena_printf(arena, "generation_%u_%s", i, kinds[k]),
				  (int64_t)bytes, b->total,
				  mml_arena_printf(arena,
						   "Part of %s_%s: generation %u from the youngest, not older than "
						   "%" PRIu64 " s.",
						   i < 2 ? "active" : "inactive", kinds[k], i,
						   (all[i].age_ms + 999) / 1000));
			if (!row)
				return -ENOMEM;
			mml_set_str(row, BALANCE_reclaim, k ? "discard" : "swap");
			mml_set_str(row, BALANCE_source, path);
			row->part = true;
		}
	return 0;
}

/* What is on no list, so that the rows above add up to MemTotal. */
static int add_elsewhere(struct mml_balance *b)
{
	struct mml_row *row = add(b->table, "elsewhere", b->rest, b->total,
				  "What is on no list: free memory, the kernel's own, and pools of huge pages.");

	if (!row)
		return -ENOMEM;
	mml_set_str(row, BALANCE_source, "MemTotal - all rows above");
	return 0;
}

int mml_balance_by_list(struct mml_balance *b, bool referenced)
{
	struct mml_buf terms = { 0 };
	int64_t bytes;
	int rc = 0;

	for (size_t i = 0; i < LISTS && !rc; i++) {
		struct mml_row *row;

		terms.len = 0;
		if ((*lists[i].formula == 'n' && b->whose.is == MML_WHOSE_OTHER) ||
		    mml_balance_evaluate(b, lists[i].formula, &bytes, &terms))
			continue;
		row = add(b->table, lists[i].item, bytes, b->total, lists[i].help);
		if (!row) {
			rc = -ENOMEM;
			break;
		}
		b->rest -= bytes;
		mml_set_str(row, BALANCE_reclaim, lists[i].reclaim);
		mml_set_str(row, BALANCE_source, lists[i].formula);
		mml_set_str(row, BALANCE_terms,
			    mml_arena_strndup(b->take->arena, terms.data, terms.len));
	}
	if (!rc)
		rc = add_elsewhere(b);
	if (!rc)
		rc = add_generations(b);
	if (!rc && referenced)
		set_referenced(b);
	mml_buf_free(&terms);
	return rc;
}
