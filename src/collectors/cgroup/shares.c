/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shares.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "../memory/balance.h"
#include "../memory/meminfo.h"
#include "../memory/vmstat.h"
#include "cgroup.h"
#include "scope.h"

static const struct part {
	const char *item;
	unsigned version;
	const char *formula, *reclaim, *help;
} parts[] = {
#define PART(item, version, formula, reclaim, help) { #item, version, formula, reclaim, help },
#include "shares.def"
#undef PART
};

struct balance {
	struct mml_take *take;
	struct mml_table *table;
	const struct mml_cgroups *groups;
	const struct mml_cgroup *g;
	struct mml_span stat;
	const char *before;  /* the names in memory.stat: "total_" or "" */
	int64_t total, rest; /* what is charged, and what of it the rows so far have not */
	int64_t swap_left;   /* free swap that no row above has been given; -1: not known */
};

/* A number of G's own file NAME. "max" counts as absent. */
static bool number_of(const struct balance *b, const struct mml_cgroup *g, const char *name, int64_t *ret)
{
	uint64_t v;

	if (mml_take_number(b->take, &v, "%s/%s", g->dir, name) || !mml_balance_plausible(v))
		return false;
	*ret = (int64_t)v;
	return true;
}

/* A name of a formula. Returns 0, -ENOENT, or -ERANGE if it is no size memory can have. */
static int field(const struct balance *b, const char *name, int64_t *ret)
{
	char line[64];
	uint64_t v;

	if (!strncmp(name, "memory.", 7))
		return number_of(b, b->g, name, ret) ? 0 : -ENOENT;
	snprintf(line, sizeof(line), "%s%s", b->before, name);
	if (!mml_vmstat_value(b->stat, line, &v))
		return -ENOENT;
	*ret = (int64_t)v;
	return mml_balance_plausible(v) ? 0 : -ERANGE;
}

/* As mml_balance_evaluate(), of the group's own figures. */
static int evaluate(const struct balance *b, const char *formula, int64_t *ret, struct mml_buf *terms)
{
	struct mml_span rest = mml_span_str(formula), tok;
	bool minus = false, any = false;

	*ret = 0;
	while (mml_next_token(&rest, &tok)) {
		bool optional = *tok.p == '[';
		char name[64];
		int64_t v;
		int rc;

		if (mml_span_eq(tok, "+") || mml_span_eq(tok, "-")) {
			minus = *tok.p == '-';
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int)(mml_span_len(tok) - 2 * optional), tok.p + optional);
		rc = field(b, name, &v);
		if (rc == -ENOENT && optional)
			continue;
		if (rc)
			return rc;
		if (any)
			mml_buf_puts(terms, minus ? " - " : " + ");
		mml_buf_printf(terms, "%" PRId64, v / 1024);
		*ret += minus ? -v : v;
		any = true;
	}
	return any ? 0 : -ENOENT;
}

/*
 * Swap cache that is mapped is counted in anon as well. What is on the lists of pages and neither in anon nor of
 * a file is the rest of it. Pages come to the lists in batches, so that the result is bounded.
 */
static int64_t unmapped_swap_cache(const struct balance *b, int64_t cached)
{
	static const char lists[] = "inactive_anon + active_anon + inactive_file + active_file + "
				    "unevictable - anon - file + swapcached";
	struct mml_buf terms = { 0 };
	int64_t v;
	int rc = evaluate(b, lists, &v, &terms);

	mml_buf_free(&terms);
	if (rc || v > cached)
		return cached;
	return v < 0 ? 0 : v;
}

static const char *reclaim_of(const struct balance *b, const struct part *part)
{
	if (strcmp(part->reclaim, "swap") != 0)
		return part->reclaim;
	return b->swap_left < 0 ? NULL : b->swap_left ? "swap" : "none";
}

static uint64_t reclaimable(struct balance *b, const char *reclaim, int64_t bytes)
{
	int64_t most = bytes < 0 ? 0 : bytes;

	if (!strcmp(reclaim, "none"))
		return 0;
	if (!strcmp(reclaim, "swap")) {
		most = most > b->swap_left ? b->swap_left : most;
		b->swap_left -= most;
	}
	return (uint64_t)most;
}

static int add_row(struct balance *b, const struct part *part, int64_t bytes, const struct mml_buf *terms)
{
	struct mml_row *row = mml_table_add(b->table);
	const char *reclaim = *part->reclaim ? reclaim_of(b, part) : NULL;

	if (!row || terms->error)
		return -ENOMEM;
	mml_set_str(row, BALANCE_item, part->item);
	mml_set_i64(row, BALANCE_bytes, bytes);
	if (b->total)
		mml_set_f64(row, BALANCE_share, (double)bytes * 100 / (double)b->total);
	mml_set_str(row, BALANCE_reclaim, reclaim);
	if (reclaim)
		mml_set_u64(row, BALANCE_reclaimable, reclaimable(b, reclaim, bytes));
	mml_set_str(row, BALANCE_source, part->formula);
	mml_set_str(row, BALANCE_help, part->help);
	mml_set_str(row, BALANCE_terms, mml_arena_strndup(b->take->arena, terms->data, terms->len));
	return 0;
}

/* The usage of version 1's root is the sum of its pages; kernel memory is no part of it. */
static bool applies(const struct balance *b, const struct part *part)
{
	bool root = !b->g->parent && b->groups->fs.whole;

	return part->version == b->groups->fs.version && !(root && !strcmp(part->item, "kernel"));
}

static int add_part(struct balance *b, const struct part *part, struct mml_buf *terms)
{
	int64_t bytes;
	int rc = applies(b, part) ? evaluate(b, part->formula, &bytes, terms) : -ENOENT;

	if (rc == -ERANGE)
		mml_table_note(b->table, "%s is no size memory can have: the remainder holds %s",
			       part->formula, part->item);
	if (rc)
		return 0;
	if (!strcmp(part->item, "swap_cache"))
		bytes = unmapped_swap_cache(b, bytes);
	b->rest -= bytes;
	return add_row(b, part, bytes, terms);
}

static int add_parts(struct balance *b)
{
	static const struct part rest = {
		"unaccounted", 0, "memory.current - all rows above", "",
		"What is charged and has no counter. Each CPU takes up to 64 pages ahead for a group, and the "
		"counters of the rows above may be two seconds old, so that it can be negative, too.",
	};
	struct mml_buf terms = { 0 };
	struct part last = rest;
	int rc = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && !rc; i++) {
		terms.len = 0;
		rc = add_part(b, &parts[i], &terms);
	}
	terms.len = 0;
	mml_buf_printf(&terms, "%" PRId64 " - %" PRId64, b->total / 1024, (b->total - b->rest) / 1024);
	if (b->groups->fs.version == 1)
		last.formula = "memory.usage_in_bytes - all rows above";
	if (!rc)
		rc = add_row(b, &last, b->rest, &terms);
	mml_buf_free(&terms);
	return rc;
}

/* How much of the machine's free swap the group may use, by its own limit and those of the groups it is in. */
static int64_t free_swap(const struct balance *b)
{
	struct mml_span text;
	uint64_t free, total;
	int64_t left;

	if (mml_take_file(b->take, NULL, "/proc/meminfo", &text) || !mml_meminfo_bytes(text, "SwapFree", &free) ||
	    (mml_meminfo_bytes(text, "SwapTotal", &total) && free > total) || !mml_balance_plausible(free))
		return -1;
	left = (int64_t)free;
	for (const struct mml_cgroup *g = b->g; g; g = g->parent) {
		int64_t max, used;

		if (number_of(b, g, "memory.swap.max", &max) && number_of(b, g, "memory.swap.current", &used) &&
		    max - used < left)
			left = max > used ? max - used : 0;
	}
	return left;
}

static int fill(struct balance *b)
{
	const char *current = b->groups->fs.version == 1 ? "memory.usage_in_bytes" : "memory.current";
	uint64_t hierarchical = 1;

	if (!number_of(b, b->g, current, &b->total)) {
		if (!b->g->parent && b->groups->fs.whole)
			return mml_table_fail(b->table, -ENOENT, "none: balance without --cgroup is the machine's",
					      "the root of version 2 does not tell what is charged to it");
		return mml_table_fail(b->table, -ENOENT, "the memory controller, enabled for it",
				      "%s does not tell what is charged to it", b->g->path);
	}
	if (mml_take_filef(b->take, &b->stat, "%s/memory.stat", b->g->dir))
		return mml_table_fail(b->table, -ENOENT, NULL, "%s: its memory.stat cannot be read", b->g->path);
	if (b->groups->fs.version == 1) {
		mml_take_number(b->take, &hierarchical, "%s/memory.use_hierarchy", b->g->dir);
		b->before = hierarchical ? "total_" : "";
	}
	b->rest = b->total;
	b->swap_left = free_swap(b);
	return add_parts(b);
}

int mml_cgroup_balance(struct mml_take *take, const char *word, struct mml_table *table)
{
	struct mml_cgroups groups = { 0 };
	struct balance b = { .take = take, .table = table, .groups = &groups, .before = "" };
	int rc = mml_cgroups_named(take, table, word, &groups, &b.g);

	if (!rc)
		rc = fill(&b);
	return rc == -ENOMEM ? mml_table_fail(table, rc, NULL, "out of memory") : rc;
}
