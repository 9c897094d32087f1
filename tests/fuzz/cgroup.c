/* The files of control groups, and what paths of theirs say, fed with anything. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/collectors/cgroup/cgroup.h"

#define MUST(what)                                                              \
	do {                                                                    \
		if (!(what)) {                                                  \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
			abort();                                                \
		}                                                               \
	} while (0)

static struct mml_row *row_of(struct mml_arena *arena)
{
	struct mml_row *row = mml_arena_alloc(arena, mml_row_size(&mml_collector_cgroups.schema));

	MUST(row);
	return row;
}

/* What was learned from a file before makes no difference. */
static void same(struct mml_arena *arena, const struct mml_cgroup_file *file, struct mml_span text)
{
	static struct mml_cgroup_layout layout;
	struct mml_row *plain = row_of(arena), *first = row_of(arena), *again = row_of(arena);
	size_t size = mml_row_size(&mml_collector_cgroups.schema);
	int rc = mml_cgroup_parse_file(file, text, false, NULL, plain);

	layout.arena = arena;
	layout.n = 0;
	MUST(mml_cgroup_parse_file(file, text, false, &layout, first) == rc);
	MUST(layout.n <= MML_CGROUP_LAYOUT);
	MUST(mml_cgroup_parse_file(file, text, false, &layout, again) == rc);
	MUST(!memcmp(plain, first, size) && !memcmp(plain, again, size));
	mml_cgroup_parse_file(file, text, true, &layout, row_of(arena));
}

int fuzz_cgroup(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);
	struct mml_arena *arena = mml_arena_new();
	struct mml_span all = { copy, copy + size };
	static struct mml_cgroup_plan plan;
	struct mml_cgroup_lines lines;
	struct mml_cgroup_name name;

	MUST(copy && arena);
	memcpy(copy, data, size);
	for (unsigned version = 1; version <= 2; version++) {
		mml_cgroup_plan(&mml_collector_cgroups.schema, version, ~0U, &plan);
		MUST(plan.n > 8 && plan.n <= MML_CGROUP_FILES);
		for (size_t i = 0; i < plan.n; i++)
			same(arena, &plan.files[i], all);
	}
	mml_cgroup_lines(all, &lines);
	mml_cgroup_name_path(arena, all, &name);
	MUST(name.name && mml_cgroup_kind_word(name.kind));
	MUST(!name.id || strlen(name.id) == 64);
	mml_arena_free(arena);
	free(copy);
	return 0;
}
