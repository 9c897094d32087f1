/* What is remembered of processes that reclaim or swap, where somebody watches that. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "../core/trouble.h"
#include "finder.h"

/* The two columns of a table that are followed, and the one that tells rows of a process apart. */
static const struct {
	const char *kind, *a, *b;
} followed[] = {
	[MML_WATCHED_RECLAIM] = { "kind", "count", "time" },
	[MML_WATCHED_SWAPPING] = { NULL, "in", "out" },
};

static bool read_row(enum mml_watched_table which, const struct mml_table *table,
		     const struct mml_row *row, struct mml_watched *ret)
{
	const char *kind = followed[which].kind;

	*ret = (struct mml_watched){ .table = which };
	if (kind)
		ret->kind = mml_look_str(table, row, kind);
	return (!kind || ret->kind) && mml_look_u64(table, row, "pid", &ret->pid) &&
	       mml_look_u64(table, row, "started", &ret->started) &&
	       mml_look_u64(table, row, followed[which].a, &ret->a) &&
	       mml_look_u64(table, row, followed[which].b, &ret->b);
}

static bool is_same(const struct mml_watched *x, const struct mml_watched *y)
{
	return x->table == y->table && x->pid == y->pid && x->started == y->started &&
	       (!x->kind || !strcmp(x->kind, y->kind));
}

static const struct mml_watched *find(const struct mml_past *past, const struct mml_watched *what)
{
	for (size_t i = 0; i < past->nwatched; i++)
		if (is_same(&past->watched[i], what))
			return &past->watched[i];
	return NULL;
}

const struct mml_table *mml_watched_table(const struct mml_facts *now, enum mml_watched_table which)
{
	const struct mml_table *table =
		which == MML_WATCHED_RECLAIM ? now->reclaim : now->swapping;

	return table && !table->error ? table : NULL;
}

/* A process that is new in the table has done all it did since the earlier look. */
bool mml_watched_since(const struct mml_facts *now, const struct mml_past *past,
		       enum mml_watched_table which, const struct mml_row *row,
		       struct mml_watched *ret, double *ret_seconds)
{
	const struct mml_watched *before;

	if (!past->watched_ns || now->time_ns <= past->watched_ns ||
	    !read_row(which, mml_watched_table(now, which), row, ret))
		return false;
	before = find(past, ret);
	if (before && (before->a > ret->a || before->b > ret->b))
		return false; /* it was counted anew */
	if (before) {
		ret->a -= before->a;
		ret->b -= before->b;
	}
	*ret_seconds = (double)(now->time_ns - past->watched_ns) / 1e9;
	return true;
}

static size_t put_rows(enum mml_watched_table which, const struct mml_facts *now,
		       struct mml_watched *to)
{
	const struct mml_table *table = mml_watched_table(now, which);
	size_t n = 0;

	for (size_t i = 0; table && i < table->nrows; i++) {
		if (!read_row(which, table, mml_table_row(table, i), &to[n]))
			continue;
		if (to[n].kind)
			to[n].kind = mml_strdup(to[n].kind);
		n += !followed[which].kind || to[n].kind;
	}
	return n;
}

void mml_watched_free(struct mml_past *past)
{
	for (size_t i = 0; i < past->nwatched; i++)
		free((char *)past->watched[i].kind);
	free(past->watched);
	past->watched = NULL;
	past->nwatched = 0;
}

void mml_past_watch(struct mml_past *past, const struct mml_facts *now)
{
	const struct mml_table *reclaim = mml_watched_table(now, MML_WATCHED_RECLAIM);
	const struct mml_table *swapping = mml_watched_table(now, MML_WATCHED_SWAPPING);

	mml_watched_free(past);
	past->watched_ns = 0;
	if (!reclaim && !swapping)
		return;
	past->watched = mml_calloc((reclaim ? reclaim->nrows : 0) +
					   (swapping ? swapping->nrows : 0) + 1,
				   sizeof(*past->watched));
	if (!past->watched)
		return;
	past->nwatched = put_rows(MML_WATCHED_RECLAIM, now, past->watched);
	past->nwatched += put_rows(MML_WATCHED_SWAPPING, now, past->watched + past->nwatched);
	past->watched_ns = now->time_ns;
}
