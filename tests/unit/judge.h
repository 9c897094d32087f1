/* What is found in the files of a tree: looks at it, and what is said. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../src/findings/facts.h"
#include "machine.h"

static struct tree t;
static struct mml_arena *arena;

/* The facts of the tree at second NOW of its time. */
static inline struct mml_facts look(double now)
{
	struct mml_facts facts;
	struct mml_take take;

	mml_root_close(t.root);
	if (mml_root_open(t.dir, &t.root))
		exit(99);
	take = (struct mml_take){ .root = t.root, .arena = arena, .host = mml_root_host(t.root) };
	if (mml_facts_take(&take, true, &facts))
		exit(99);
	mml_take_end(&take);
	facts.time_ns = (uint64_t)(now * 1e9);
	return facts;
}

static inline struct mml_table *judge(const struct mml_facts *facts, const struct mml_past *past)
{
	struct mml_table *table =
		mml_table_new(arena, &mml_collector_find("findings")->schema);

	if (!table || mml_findings(facts, past, table))
		exit(99);
	return table;
}

/* One look at the tree, whatever is in it. */
static inline struct mml_table *as_it_is(void)
{
	struct mml_past none = { 0 };
	struct mml_facts facts = look(1);

	return judge(&facts, &none);
}

/* One look at M. */
static inline struct mml_table *once(const struct machine *m)
{
	machine_write(&t, m);
	return as_it_is();
}

/* A look at BEFORE, and ten seconds later at M. */
static inline struct mml_table *after(const struct machine *before, const struct machine *m)
{
	struct mml_past past = { 0 };
	struct mml_facts facts;
	struct mml_table *table;

	machine_write(&t, before);
	facts = look(10);
	mml_past_add(&past, &facts);
	machine_write(&t, m);
	facts = look(20);
	table = judge(&facts, &past);
	mml_past_free(&past);
	return table;
}

static inline const char *cell(const struct mml_table *table, size_t i, const char *name)
{
	const char *s = tree_str(table, i, name);

	return s ? s : "-";
}

/* The row of finding NAME, or -1. */
static inline long find(const struct mml_table *table, const char *name)
{
	for (size_t i = 0; i < table->nrows; i++)
		if (!strcmp(cell(table, i, "finding"), name))
			return (long)i;
	return -1;
}

/* NAME is found with SEVERITY; "" is that it is not found. */
#define severity_is(table, name, severity)                                                   \
	do {                                                                                 \
		const struct mml_table *table_ = (table);                                    \
		long i_ = find(table_, name);                                                \
		const char *got_ = i_ < 0 ? "" : cell(table_, (size_t)i_, "severity");       \
		if (!tap_ok(!strcmp(got_, severity), "%s:%d %s: %s", __FILE__, __LINE__,     \
			    name, *severity ? severity : "not found"))                       \
			printf("#      got: %s\n", got_);                                    \
		if (i_ >= 0)                                                                 \
			printf("# %s | %s\n", cell(table_, (size_t)i_, "text"),              \
			       cell(table_, (size_t)i_, "numbers"));                         \
	} while (0)

/* What is said of it, in words or numbers. */
#define cell_has(table, name, column, want)                                                  \
	do {                                                                                 \
		const struct mml_table *table_ = (table);                                    \
		long i_ = find(table_, name);                                                \
		const char *got_ = i_ < 0 ? "" : cell(table_, (size_t)i_, column);           \
		if (!tap_ok(strstr(got_, want), "%s:%d %s, %s: %s", __FILE__, __LINE__, name, \
			    column, want))                                                   \
			printf("#      got: %s\n", got_);                                    \
	} while (0)
