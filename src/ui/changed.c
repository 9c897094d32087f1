/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changed.h"

#include <stdio.h>
#include <string.h>

#include "../core/look.h"

struct change {
	const struct mml_table *table; /* the first one is ROW of it */
	const struct mml_row *row;
	const char *how;
	size_t n;
};

const struct mml_table *mml_found_in(const struct mml_snapshot *snap)
{
	const struct mml_table *table = snap ? mml_snapshot_table(snap, "findings") : NULL;

	return table && !table->error ? table : NULL;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* The row of TABLE that is about the same as ROW of OTHER, or NULL. */
static const struct mml_row *find(const struct mml_table *table, const struct mml_table *other,
				  const struct mml_row *row)
{
	const char *finding = mml_look_str(other, row, "finding");
	const char *about = mml_look_str(other, row, "about");

	for (size_t i = 0; i < table->nrows; i++) {
		const struct mml_row *at = mml_table_row(table, i);

		if (same_text(mml_look_str(table, at, "finding"), finding) &&
		    same_text(mml_look_str(table, at, "about"), about))
			return at;
	}
	return NULL;
}

static void add(struct change *change, const struct mml_table *table, const struct mml_row *row,
		const char *how)
{
	if (change->n++)
		return;
	change->table = table;
	change->row = row;
	change->how = how;
}

bool mml_found_changed(const struct mml_table *before, const struct mml_table *now, char *ret,
		       size_t size)
{
	struct change change = { .n = 0 };
	const char *text;

	for (size_t i = 0; i < now->nrows; i++) {
		const struct mml_row *row = mml_table_row(now, i), *was = find(before, now, row);

		if (!was)
			add(&change, now, row, "new");
		else if (!same_text(mml_look_str(before, was, "severity"),
				    mml_look_str(now, row, "severity")))
			add(&change, now, row, mml_look_str(now, row, "severity"));
	}
	for (size_t i = 0; i < before->nrows; i++) {
		const struct mml_row *row = mml_table_row(before, i);

		if (!find(now, before, row))
			add(&change, before, row, "no longer found");
	}
	if (!change.n)
		return false;
	text = mml_look_str(change.table, change.row, "text");
	if (change.n > 1)
		snprintf(ret, size, "(+%zu more) %s: %s", change.n - 1, change.how, text ? text : "");
	else
		snprintf(ret, size, "%s: %s", change.how, text ? text : "");
	return true;
}
