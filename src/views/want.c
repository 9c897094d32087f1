/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../collectors/registry.h"
#include "../ui/view.h"

static struct mml_query *add(struct mml_wants *wants, const struct mml_collector *collector,
			     unsigned needs)
{
	struct mml_query *query;

	for (size_t i = 0; i < wants->n; i++)
		if (wants->query[i].collector == collector) {
			wants->query[i].reading.needs |= needs;
			return &wants->query[i];
		}
	if (wants->n == MML_WANTS)
		return NULL;
	query = &wants->query[wants->n++];
	*query = (struct mml_query){ .collector = collector,
				     .reading = { .needs = needs, .cancel_fd = -1 } };
	return query;
}

struct mml_query *mml_want(struct mml_wants *wants, const char *table, const char *list)
{
	const struct mml_collector *collector = mml_collector_find(table);
	struct mml_select sel;
	unsigned needs = 0;

	if (!collector)
		return NULL;
	mml_select_init(&sel, &collector->schema);
	if (!list || (*list && !mml_select_columns(&sel, list)))
		needs = mml_select_needs(&sel);
	mml_select_free(&sel);
	return add(wants, collector, needs);
}

struct mml_query *mml_want_select(struct mml_wants *wants, const struct mml_select *sel)
{
	const struct mml_collector *collector = mml_collector_find(sel->schema->name);

	return collector ? add(wants, collector, mml_select_needs(sel)) : NULL;
}
