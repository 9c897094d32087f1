/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroup.h"

#include <errno.h>

#include "../memory/psi.h"

static const char total[] = "total_";

void mml_cgroup_set(const struct mml_cgroup_key *key, uint64_t v, struct mml_row *row)
{
	for (size_t i = 0; i < key->ncols; i++)
		if (key->cols[i] == CGROUPS_oom_group)
			mml_set_bool(row, CGROUPS_oom_group, v != 0);
		else
			mml_set_u64(row, key->cols[i], v);
}

/* What version 1 writes for no limit: the largest number of pages that it can count, in bytes. Its
 * counters have 64 or 32 bits. */
static bool is_no_limit(uint64_t v)
{
	const uint64_t largest_page = 1 << 20;

	return v > INT64_MAX - largest_page || v == (uint64_t)INT32_MAX << 12;
}

/*
 * 1073741824
 * max
 * 9223372036854771712               version 1, for no limit
 */
static int parse_number(const struct mml_cgroup_file *file, struct mml_span text,
			struct mml_row *row)
{
	struct mml_span line;
	uint64_t v;
	int rc;

	if (!mml_next_line(&text, &line))
		return -EINVAL;
	line = mml_span_trim(line);
	if (mml_span_eq(line, "max"))
		return 0;
	rc = mml_parse_u64(line, &v);
	if (!rc && !is_no_limit(v))
		mml_cgroup_set(file->keys, v, row);
	return rc;
}

/* Returns the key of the line NAME, beginning with *NEXT, or NULL. */
static const struct mml_cgroup_key *find_key(const struct mml_cgroup_file *file,
					     struct mml_span name, bool local, size_t *next)
{
	size_t len = mml_span_len(name);

	for (size_t tries = 0, i = *next; tries < file->nkeys; tries++) {
		struct mml_span key = file->keys[i].name;

		if (local && mml_span_starts(key, total))
			key.p += strlen(total);
		if (mml_span_len(key) == len && !memcmp(key.p, name.p, len)) {
			*next = i;
			return &file->keys[i];
		}
		i = i + 1 == file->nkeys ? 0 : i + 1;
	}
	return NULL;
}

static void learn(struct mml_cgroup_layout *layout, struct mml_span name,
		  const struct mml_cgroup_key *key)
{
	const char *copy = mml_arena_strndup(layout->arena, name.p, mml_span_len(name));

	if (!copy)
		return;
	layout->lines[layout->n].name = (struct mml_span){ copy, copy + mml_span_len(name) };
	layout->lines[layout->n++].key = key;
}

static const struct mml_cgroup_key *key_of(const struct mml_cgroup_file *file, struct mml_span name,
					   size_t number, bool local, size_t *next,
					   struct mml_cgroup_layout *layout)
{
	const struct mml_cgroup_key *key;

	if (layout && number < layout->n) {
		struct mml_span known = layout->lines[number].name;

		if (mml_span_len(known) == mml_span_len(name) &&
		    !memcmp(known.p, name.p, mml_span_len(name)))
			return layout->lines[number].key;
	}
	key = find_key(file, name, local, next);
	if (layout && number == layout->n && number < MML_CGROUP_LAYOUT)
		learn(layout, name, key);
	return key;
}

/*
 * anon 1769472                                                     memory.stat
 * workingset_refault_file 0
 * oom_kill 0                                                       memory.events, memory.oom_control
 */
static int parse_keyed(const struct mml_cgroup_file *file, struct mml_span text, bool local,
		       struct mml_cgroup_layout *layout, struct mml_row *row)
{
	struct mml_span line, name;
	size_t next = 0;

	for (size_t number = 0; mml_next_line(&text, &line); number++) {
		const struct mml_cgroup_key *key;
		uint64_t v;
		int rc;

		mml_next_field(&line, ' ', &name);
		key = key_of(file, name, number, local, &next, layout);
		rc = key ? mml_parse_u64(mml_span_trim(line), &v) : 0;
		if (rc)
			return rc;
		if (key)
			mml_cgroup_set(key, v, row);
	}
	return 0;
}

/* some avg10=0.00 avg60=0.00 avg300=0.00 total=5136 */
static int parse_pressure(struct mml_span text, struct mml_row *row)
{
	struct mml_span line;
	struct mml_psi psi;

	while (mml_next_line(&text, &line)) {
		if (mml_psi_parse(line, &psi))
			return -EINVAL;
		mml_set_f64(row, psi.full ? CGROUPS_psi_full : CGROUPS_psi_some, psi.avg10);
		mml_set_f64(row, psi.full ? CGROUPS_psi_full_avg60 : CGROUPS_psi_some_avg60,
			    psi.avg60);
		mml_set_u64(row, psi.full ? CGROUPS_psi_full_total : CGROUPS_psi_some_total,
			    psi.total_ns);
	}
	return 0;
}

static uint64_t count_lines(struct mml_span text)
{
	uint64_t n = text.end > text.p && text.end[-1] != '\n';

	for (const char *p = text.p; p < text.end && (p = memchr(p, '\n', (size_t)(text.end - p)));
	     p++)
		n++;
	return n;
}

int mml_cgroup_parse_file(const struct mml_cgroup_file *file, struct mml_span text, bool local,
			  struct mml_cgroup_layout *layout, struct mml_row *row)
{
	switch (file->form) {
	case MML_CGROUP_NUMBER:
		return parse_number(file, text, row);
	case MML_CGROUP_KEYED:
		return parse_keyed(file, text, local, local ? NULL : layout, row);
	case MML_CGROUP_PRESSURE:
		return parse_pressure(text, row);
	case MML_CGROUP_LINES:
		mml_set_u64(row, file->keys->cols[0], count_lines(text));
	}
	return 0;
}
