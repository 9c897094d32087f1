/* What is different between two moments. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../core/diff.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trouble.h"
#include "side.h"

enum { MML_DIFFERS = 3, A = 0, B = 1 };

struct differing {
	struct mml_plan *plan;
	struct mml_root *roots[2];
	struct mml_snapshot *snaps[2];
	struct mml_table **tables;
	struct mml_select *selects; /* of the tables of differences */
	bool gone;                  /* the reader of the output is */
};

/* When the machine was started, in seconds since 1970; 0: not known. */
static int64_t started(const struct mml_time *time)
{
	return time->mono_ns ? time->wall.tv_sec - (int64_t)(time->mono_ns / 1000000000) : 0;
}

static enum mml_diff_boots compare_boots(const struct mml_snapshot *a, const struct mml_snapshot *b)
{
	enum { SAME = 2, NEAR = 60 }; /* by how much a clock is set that is a little wrong */
	int64_t from = started(&a->time), to = started(&b->time);

	if (a->host.boot_id && b->host.boot_id)
		return strcmp(a->host.boot_id, b->host.boot_id) ? MML_BOOTS_OTHER : MML_BOOTS_SAME;
	if (!from || !to)
		return MML_BOOTS_UNKNOWN;
	if (from - to > NEAR || to - from > NEAR)
		return MML_BOOTS_OTHER;
	return from - to <= SAME && to - from <= SAME ? MML_BOOTS_SAME : MML_BOOTS_UNKNOWN;
}

static bool differ(const char *a, const char *b)
{
	return a && b && strcmp(a, b) != 0;
}

/* Says what else is not the same; the numbers are compared all the same. */
static void say_hosts(const struct differing *d)
{
	const struct mml_host *a = &d->snaps[A]->host, *b = &d->snaps[B]->host;

	if (differ(a->name, b->name))
		mml_error("diff: A is of the machine %s, and B of %s", a->name, b->name);
	if (differ(a->kernel, b->kernel))
		mml_error("diff: A is of Linux %s, and B of %s", a->kernel, b->kernel);
	if (a->page_size_known && b->page_size_known && a->page_size != b->page_size)
		mml_error("diff: pages of A have %" PRIu64 " bytes, and those of B %" PRIu64,
			  a->page_size, b->page_size);
}

static int take(struct differing *d, int side)
{
	struct mml_plan *plan = d->plan;
	struct mml_query *queries = mml_calloc(plan->ntables + 1, sizeof(*queries));
	int rc = queries ? 0 : -ENOMEM;

	for (size_t i = 0; i < plan->ntables && !rc; i++) {
		queries[i] = mml_plan_query(plan, plan->tables[i], &plan->selects[i]);
		queries[i].reading.once = true;
	}
	if (!rc)
		rc = mml_snapshot_take(d->roots[side], queries, plan->ntables, &d->snaps[side]);
	free(queries);
	return rc;
}

/* Columns, order and filter of the table of differences; what was asked for names its columns. */
static int choose(struct differing *d, size_t i)
{
	struct mml_select *sel = &d->selects[i];
	int rc;

	mml_select_init(sel, d->tables[i]->schema);
	/* Programs get what it was, too. */
	if (d->plan->format.renderer->exact)
		mml_select_all_columns(sel);
	sel->limit = d->plan->selects[i].limit;
	rc = d->plan->sort ? mml_select_sort(sel, d->plan->sort) : 0;
	if (!rc && d->plan->filter)
		rc = mml_select_filter(sel, d->plan->filter);
	if (!rc)
		return MML_OK;
	mml_error("%s", rc == -EINVAL ? sel->error : mml_trouble_words(rc));
	return rc == -EINVAL ? MML_USAGE : MML_FAILED;
}

static int compare(struct differing *d)
{
	const struct mml_plan *plan = d->plan;
	const struct mml_snapshot *a = d->snaps[A], *b = d->snaps[B];
	struct mml_diff_how how = {
		.boots = compare_boots(a, b),
		.backwards = b->time.mono_ns < a->time.mono_ns,
		.all = plan->all,
		.ascii = !plan->format.style.utf8,
	};
	int status = MML_OK;

	d->tables = mml_calloc(plan->ntables + 1, sizeof(*d->tables));
	d->selects = mml_calloc(plan->ntables + 1, sizeof(*d->selects));
	for (size_t i = 0; i < plan->ntables && !status; i++) {
		const struct mml_select *sel = &plan->selects[i];

		if (!d->tables || !d->selects ||
		    mml_diff(b->arena, a->tables[i], b->tables[i], sel->columns, sel->ncolumns,
			     &how, &d->tables[i])) {
			mml_error("out of memory");
			return MML_FAILED;
		}
		status = choose(d, i);
	}
	return status;
}

/* Prints the differences of the tables from FIRST on, N of them. */
static int print(struct differing *d, size_t first, size_t n, const char *above)
{
	struct mml_snapshot shown = *d->snaps[B];
	struct mml_format format = d->plan->format;
	struct mml_buf out = { 0 };
	int rc, status = MML_OK;

	shown.tables = d->tables + first;
	shown.ntables = n;
	shown.interval_ns = 0;
	format.style.page_size = shown.host.page_size;
	format.base = d->snaps[A];
	mml_buf_puts(&out, above);
	rc = mml_render(&out, d->selects + first, &shown, &format);
	if (rc)
		mml_error("%s", mml_trouble_words(rc));
	status = rc ? MML_FAILED : mml_write_out(&out, &d->gone);
	mml_buf_free(&out);
	return status;
}

/* How many rows of table I are shown. */
static long rows_of(const struct differing *d, size_t i)
{
	const struct mml_row **rows;
	long n = mml_select_rows(&d->selects[i], d->tables[i], &rows);

	if (n >= 0)
		free(rows);
	return n;
}

/* Prints those that differ, each under its name if there may be others. */
static int print_each(struct differing *d)
{
	size_t printed = 0;
	int status = MML_OK;

	for (size_t i = 0; i < d->plan->ntables && !status && !d->gone; i++) {
		struct mml_buf above = { 0 };

		if (rows_of(d, i) <= 0)
			continue;
		if (printed++)
			mml_buf_putc(&above, '\n');
		if (d->plan->ntables > 1 && !d->plan->format.renderer->exact)
			mml_buf_printf(&above, "%s\n", d->plan->tables[i]->schema.name);
		mml_buf_puts(&above, "");
		status = above.error ? MML_FAILED : print(d, i, 1, above.data ? above.data : "");
		mml_buf_free(&above);
	}
	return status;
}

static int report(struct differing *d)
{
	struct mml_snapshot said = *d->snaps[B];
	bool differs = false;
	int status, why;

	if (d->plan->format.renderer->document)
		status = print(d, 0, d->plan->ntables, "");
	else
		status = print_each(d);
	said.tables = d->tables;
	why = d->gone ? MML_OK : mml_say_absences(d->plan, d->selects, &said);
	/* That a table is nowhere is an error for who named it. */
	if (!status && d->plan->named)
		status = why;
	for (size_t i = 0; i < d->plan->ntables; i++)
		differs |= rows_of(d, i) > 0;
	return !status && differs && d->plan->exit_status ? MML_DIFFERS : status;
}

int mml_run_diff(struct mml_plan *plan)
{
	struct differing d = { .plan = plan };
	int status = MML_OK;

	for (int side = A; side <= B && !status; side++) {
		int rc;

		status = mml_side_open(plan->args[side], &d.roots[side]);
		rc = status ? 0 : take(&d, side);
		if (rc) {
			mml_error("%s", mml_trouble_words(rc));
			status = MML_FAILED;
		}
	}
	if (!status) {
		say_hosts(&d);
		status = compare(&d);
	}
	if (!status)
		status = report(&d);
	for (size_t i = 0; i < plan->ntables && d.selects; i++)
		mml_select_free(&d.selects[i]);
	free(d.selects);
	free(d.tables);
	for (int side = A; side <= B; side++) {
		if (d.snaps[side])
			mml_snapshot_put(d.snaps[side]);
		if (d.roots[side])
			mml_root_close(d.roots[side]);
	}
	return status;
}
