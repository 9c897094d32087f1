/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroup.h"

#include <stdio.h>

/* Cuts what SOURCE, as in columns.h, says for VERSION. Returns false if that is nothing that can be
 * read. */
static bool source_of(const char *source, unsigned version, struct mml_span *ret)
{
	static const char mark[] = ", v1 ";
	const char *at = strstr(source, mark);

	*ret = mml_span_str(source);
	if (mml_span_starts(*ret, mark + 2)) {
		ret->p += strlen(mark + 2);
		return version == 1;
	}
	if (version == 1 && !at)
		return false;
	if (version == 1)
		ret->p = at + strlen(mark);
	else if (at)
		ret->end = at;
	return mml_span_starts(*ret, "memory.");
}

static struct mml_cgroup_file *file_of(struct mml_cgroup_plan *plan, struct mml_span name)
{
	struct mml_cgroup_file *file = plan->files;

	while (file < plan->files + plan->n &&
	       (mml_span_len(file->name) != mml_span_len(name) ||
		memcmp(file->name.p, name.p, mml_span_len(name)) != 0))
		file++;
	if (file == plan->files + plan->n) {
		plan->n++;
		file->name = name;
		snprintf(file->path, sizeof(file->path), "%.*s", (int)mml_span_len(name), name.p);
	}
	return file;
}

static struct mml_cgroup_key *key_of(struct mml_cgroup_file *file, struct mml_span name)
{
	struct mml_cgroup_key *key = file->keys;

	while (key < file->keys + file->nkeys &&
	       (mml_span_len(key->name) != mml_span_len(name) ||
		memcmp(key->name.p, name.p, mml_span_len(name)) != 0))
		key++;
	if (key == file->keys + file->nkeys) {
		file->nkeys++;
		key->name = name;
	}
	return key;
}

static void add_key(const struct mml_schema *schema, struct mml_cgroup_plan *plan,
		    struct mml_span name, struct mml_span line, unsigned col)
{
	struct mml_cgroup_file *file = file_of(plan, name);
	struct mml_cgroup_key *key;

	file->form = mml_span_eq(name, "memory.pressure") ? MML_CGROUP_PRESSURE :
		     mml_span_eq(name, "cgroup.procs")    ? MML_CGROUP_LINES :
		     mml_span_len(line)                   ? MML_CGROUP_KEYED :
							    MML_CGROUP_NUMBER;
	file->needs |= schema->columns[col].needs;
	if (file->form == MML_CGROUP_PRESSURE)
		return; /* its parser knows where all of it goes */
	key = key_of(file, line);
	if (key->ncols < MML_CGROUP_SAME)
		key->cols[key->ncols++] = col;
}

/* What is on lines that differ between kernels, or is no line by itself. */
static const struct {
	unsigned version; /* 0: both */
	const char *file, *line;
	unsigned col;
} others[] = {
	{ 1, "memory.stat", "total_workingset_refault", CGROUPS_refaults },
	{ 2, "memory.stat", "workingset_refault", CGROUPS_refaults },
	/* The second comes later in the file, and replaces the first. */
	{ 2, "cgroup.stat", "nr_dying_descendants", CGROUPS_dying },
	{ 2, "cgroup.stat", "nr_dying_subsys_memory", CGROUPS_dying },
	{ 0, "cgroup.procs", "", CGROUPS_own_processes },
};

void mml_cgroup_plan(const struct mml_schema *schema, unsigned version, unsigned needs,
		     struct mml_cgroup_plan *ret)
{
	*ret = (struct mml_cgroup_plan){ .schema = schema, .version = version, .needs = needs };
	for (unsigned i = 0; i < schema->ncolumns; i++) {
		struct mml_span source, file, line;

		if (!(schema->columns[i].needs & needs) || schema->columns[i].of >= 0 ||
		    !source_of(schema->columns[i].source, version, &source))
			continue;
		mml_next_token(&source, &file);
		mml_next_token(&source, &line);
		add_key(schema, ret, file, line, i);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (schema->columns[others[i].col].needs & needs &&
		    (!others[i].version || others[i].version == version))
			add_key(schema, ret, mml_span_str(others[i].file),
				mml_span_str(others[i].line), others[i].col);
}
