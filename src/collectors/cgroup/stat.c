/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "../memory/vmstat.h"
#include "cgroup.h"
#include "scope.h"

/* clang-format off */
#define CGROUP_STAT_COLUMNS(C, R) \
	C(name,    "NAME",    STR, KEY,     NONE,  FIRST, 0, "the line's name", "Name of the line, as the kernel writes it.") \
	C(bytes,   "BYTES",   U64, GAUGE,   BYTES, FIRST, 0, "the line's number", "How much memory it is; absent for counts, and for a limit if there is none.") \
	R(growth,  "GROWTH",  I64, GROWTH,  BYTES, MAIN,  bytes, "Change since the previous sample.") \
	C(count,   "COUNT",   U64, COUNTER, COUNT, FIRST, 0, "the line's number", "How often it happened, or to how many pages, since the group was made; absent for sizes. The number of a line that this version does not know is here, too.") \
	R(rate,    "RATE/S",  F64, RATE,    COUNT, MAIN,  count, "Change of count per second.") \
	C(meaning, "MEANING", STR, LABEL,   NONE,  MAIN,  0, "mm/memcontrol.c", "What it is; absent for a line that this version does not know.")
/* clang-format on */

#define MML_TABLE_OF CGROUP_STAT
#include "../../core/columns.h"

static const struct line {
	const char *name;
	bool bytes;
	const char *meaning;
} lines[] = {
#define BYTES true
#define COUNT false
#define STAT(name, bytes, meaning) { name, bytes, meaning },
#include "stat.def"
#undef STAT
#undef BYTES
#undef COUNT
};

static int order(const void *key, const void *item)
{
	const struct mml_span *name = key;
	const char *known = ((const struct line *)item)->name;
	size_t len = mml_span_len(*name);
	int rc = strncmp(name->p, known, len);

	return rc ? rc : known[len] ? -1 : 0;
}

static const struct line *find(struct mml_span name)
{
	if (mml_span_starts(name, "total_"))
		name.p += strlen("total_");
	return bsearch(&name, lines, sizeof(lines) / sizeof(*lines), sizeof(*lines), order);
}

static int add(struct mml_take *take, struct mml_table *table, struct mml_span name, uint64_t value)
{
	struct mml_row *row = mml_table_add(table);
	const struct line *line = find(name);

	if (!row)
		return -ENOMEM;
	mml_set_str(row, CGROUP_STAT_name, mml_arena_strndup(take->arena, name.p, mml_span_len(name)));
	/* Version 1 writes no limit as the largest number of pages. */
	if (!line || !line->bytes)
		mml_set_u64(row, CGROUP_STAT_count, value);
	else if (value < INT64_MAX >> 1)
		mml_set_u64(row, CGROUP_STAT_bytes, value);
	mml_set_str(row, CGROUP_STAT_meaning, line ? line->meaning : NULL);
	return 0;
}

static int cgroup_stat_collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	const char *word = query->scope.args[MML_PARAM_CGROUP].text;
	struct mml_cgroups groups = { 0 };
	const struct mml_cgroup *g;
	struct mml_span text, all, name;
	const char *path;
	uint64_t value;
	int rc = mml_cgroups_named(take, ret, word, &groups, &g);

	path = rc ? NULL : mml_arena_printf(take->arena, "%s/memory.stat", g->dir);
	if (rc || !path)
		return rc ? rc : mml_table_fail(ret, -ENOMEM, NULL, "out of memory");
	rc = mml_take_file(take, ret, path, &text);
	if (rc)
		return rc;
	all = text;
	while ((rc = mml_vmstat_next(&text, &name, &value))) {
		if (rc < 0)
			mml_table_bad_at(ret, path, all, text.p, "not a name and a number");
		else if (add(take, ret, name, value))
			return mml_table_fail(ret, -ENOMEM, NULL, "out of memory");
	}
	return ret->error;
}

static int probe(struct mml_root *root, struct mml_absence *ret)
{
	(void)root;
	(void)ret;
	return 0;
}

static const struct mml_source sources[] = {
	{ "memory.stat of a control group", NULL, NULL, probe },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_cgroup_stat = {
	.schema = { .name = "cgroup_stat",
		    .apart = "*",
		    .help = "A line of a control group's memory.stat: what it says, and what that means.",
		    MML_COLUMNS(CGROUP_STAT) },
	.sources = sources,
	.takes = MML_TAKES(CGROUP),
	.requires = MML_TAKES(CGROUP),
	.collect = cgroup_stat_collect,
};
