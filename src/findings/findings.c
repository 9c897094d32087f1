/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../core/unit.h"
#include "columns.h"
#include "finder.h"

static const struct {
	const char *name;
	unsigned needs;
	const char *source, *manual;
	struct mml_find_look look;
	const char *means, *advice;
} kinds[] = {
#define FINDING(id, ...) { __VA_ARGS__ },
#include "findings.def"
#undef FINDING
};

void mml_find_number(struct mml_finder *f, const char *name, uint64_t value)
{
	if (f->numbers.len)
		mml_buf_putc(&f->numbers, ' ');
	mml_buf_printf(&f->numbers, "%s=%" PRIu64, name, value);
}

void mml_find_why(struct mml_finder *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	f->why = mml_arena_vprintf(f->arena, fmt, ap);
	va_end(ap);
	f->failed |= !f->why;
}

void mml_find_look(struct mml_finder *f, const char *table, const char *sort, const char *filter)
{
	f->look = (struct mml_find_look){ table, sort, filter };
}

const char *mml_find_where(struct mml_finder *f, const char *column, const char *text)
{
	if (!text || strchr(text, '\''))
		return NULL;
	return mml_arena_printf(f->arena, "%s = '%s'", column, text);
}

void mml_find_nothing(struct mml_finder *f)
{
	f->numbers.len = 0;
	f->why = NULL;
	f->look = (struct mml_find_look){ 0 };
}

const char *mml_find_size(struct mml_finder *f, double bytes)
{
	char num[MML_NUMBER_MAX];
	const char *ret;

	ret = mml_arena_strndup(f->arena, num,
				mml_format_size(num, bytes, MML_AUTO, f->now->page_size));
	return ret ? ret : "?";
}

void mml_find(struct mml_finder *f, enum mml_finding id, enum mml_severity severity,
	      const char *about, const char *fmt, ...)
{
	struct mml_found *found = mml_arena_alloc(f->arena, sizeof(*found));
	va_list ap;

	if (!found) {
		f->failed = true;
		return;
	}
	va_start(ap, fmt);
	found->text = mml_arena_vprintf(f->arena, fmt, ap);
	va_end(ap);
	found->id = id;
	found->severity = severity;
	found->about = about;
	found->look = f->look;
	if (f->numbers.len)
		found->numbers = mml_arena_strndup(f->arena, f->numbers.data, f->numbers.len);
	found->why = f->why ? mml_arena_printf(f->arena, "%s %s", f->why, kinds[id].means) :
			      kinds[id].means;
	mml_find_nothing(f);
	f->failed |= !found->text || !found->why;
	*f->last = found;
	f->last = &found->next;
	f->n++;
}

/* The worst finding comes first; equally bad ones come in the order of findings.def. */
static int found_order(const void *a, const void *b)
{
	const struct mml_found *x = *(struct mml_found *const *)a;
	const struct mml_found *y = *(struct mml_found *const *)b;

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	return x->id == y->id ? 0 : x->id < y->id ? -1 : 1;
}

static void fill_row(struct mml_row *row, const struct mml_found *found)
{
	const struct mml_find_look *look = &found->look, *usual = &kinds[found->id].look;

	mml_set_word(row, FINDINGS_severity, found->severity);
	mml_set_str(row, FINDINGS_finding, kinds[found->id].name);
	mml_set_str(row, FINDINGS_about, found->about);
	mml_set_str(row, FINDINGS_text, found->text);
	mml_set_str(row, FINDINGS_why, found->why);
	mml_set_str(row, FINDINGS_advice, kinds[found->id].advice);
	mml_set_str(row, FINDINGS_numbers, found->numbers);
	mml_set_str(row, FINDINGS_source, kinds[found->id].source);
	mml_set_str(row, FINDINGS_manual, kinds[found->id].manual);
	mml_set_str(row, FINDINGS_look, look->table ? look->table : usual->table);
	mml_set_str(row, FINDINGS_look_sort, look->sort ? look->sort : usual->sort);
	mml_set_str(row, FINDINGS_look_filter, look->filter ? look->filter : usual->filter);
}

static int fill(struct mml_finder *f, struct mml_table *ret)
{
	struct mml_found **all = mml_arena_alloc(f->arena, (f->n + 1) * sizeof(struct mml_found *));
	size_t n = 0;

	if (!all || f->failed)
		return -ENOMEM;
	for (struct mml_found *found = f->first; found; found = found->next)
		all[n++] = found;
	qsort(all, n, sizeof(struct mml_found *), found_order);
	for (size_t i = 0; i < n; i++) {
		struct mml_row *row = mml_table_add(ret);

		if (!row)
			return -ENOMEM;
		fill_row(row, all[i]);
	}
	return 0;
}

/* The share of the last 10 s in which some tasks, and all of them, waited for memory. */
static void measure_waiting(struct mml_finder *f)
{
	const struct mml_table *t = f->now->psi;

	f->some = f->full = (double)NAN;
	for (size_t i = 0; i < t->nrows; i++) {
		const struct mml_row *row = mml_table_row(t, i);
		const char *resource = mml_look_str(t, row, "resource");
		const char *stall = mml_look_str(t, row, "stall");

		if (!resource || !stall || strcmp(resource, "memory"))
			continue;
		if (!strcmp(stall, "some"))
			f->some = mml_look_num(t, row, "avg10");
		else
			f->full = mml_look_num(t, row, "avg10");
	}
}

/* In a container the pools are the machine's, and its memory is not. */
static void measure_memory(struct mml_finder *f)
{
	uint64_t pools = 0, pages, size;

	if (!mml_fact_meminfo(f->now, "MemTotal", &f->total))
		f->total = 0;
	f->has_available = mml_fact_meminfo(f->now, "MemAvailable", &f->available) && f->total &&
			   f->available <= f->total;
	if (!mml_fact_meminfo(f->now, "Hugetlb", &pools) &&
	    mml_fact_meminfo(f->now, "HugePages_Total", &pages) &&
	    mml_fact_meminfo(f->now, "Hugepagesize", &size) &&
	    __builtin_mul_overflow(pages, size, &pools))
		pools = 0;
	if (f->now->whose.is == MML_WHOSE_OTHER || pools > f->total)
		pools = 0;
	f->outside = f->total - pools;
}

bool mml_find_scarce(const struct mml_finder *f)
{
	return f->has_available && f->available < mml_part(f->outside, MML_LIMIT_SCARCE);
}

bool mml_find_sums(const struct mml_finder *f)
{
	return f->now->whose.is != MML_WHOSE_OTHER && !f->now->whose.contradiction;
}

double mml_find_rate(struct mml_finder *f, const char *name, enum mml_fact_counter counter)
{
	double rate = mml_fact_rate(f->now, f->past, counter);

	if (rate >= 0)
		mml_find_number(f, name, (uint64_t)(rate + 0.5));
	return rate;
}

static void rules_of_machine(struct mml_finder *f)
{
	measure_memory(f);
	measure_waiting(f);
	mml_rules_zones(f);
	mml_rules_memory(f);
	mml_rules_kernel(f);
	mml_rules_huge(f);
	mml_rules_reclaim(f);
	mml_rules_processes(f);
	mml_rules_shmem(f);
	mml_rules_slab(f);
	mml_rules_growth(f);
}

int mml_findings(const struct mml_facts *now, const struct mml_past *past, struct mml_table *ret)
{
	struct mml_finder f = { .arena = ret->arena, .now = now, .past = past };
	int rc;

	f.last = &f.first;
	if (!now->group)
		rules_of_machine(&f);
	mml_rules_groups(&f);
	rc = fill(&f, ret);
	mml_buf_free(&f.numbers);
	return rc;
}

unsigned mml_findings_looked(const struct mml_facts *now, const struct mml_past *past)
{
	const struct {
		unsigned need;
		bool there;
	} all[] = {
		{ NEEDS_MEMINFO, now->meminfo->nrows }, { NEEDS_VMSTAT, now->vmstat->nrows },
		{ NEEDS_ZONES, now->zones->nrows },     { NEEDS_BUDDY, now->buddy->nrows },
		{ NEEDS_SLAB, now->slab->nrows },       { NEEDS_PSI, now->psi->nrows },
		{ NEEDS_SWAPS, !now->swaps->error },    { NEEDS_TIME, past->time_ns },
		{ NEEDS_GROUPS, past->groups.n },
		{ NEEDS_WATCH, now->reclaim || now->swapping },
	};
	unsigned there = 0, looked = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		there |= all[i].there ? all[i].need : 0;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		looked += !(kinds[i].needs & ~there);
	return looked;
}
