/* What is in tmpfs and in segments of System V. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "../core/look.h"
#include "finder.h"

static bool is_kind(const struct mml_table *t, const struct mml_row *row, const char *kind)
{
	const char *is = mml_look_str(t, row, "kind");

	return is && !strcmp(is, kind);
}

static void full(struct mml_finder *f, const char *name, uint64_t used, uint64_t limit)
{
	if (used < mml_mib(MML_LIMIT_TMPFS_LEAST) || used < mml_part(limit, MML_LIMIT_TMPFS_USED))
		return;
	mml_find_number(f, "used", used);
	mml_find_number(f, "limit", limit);
	mml_find_look(f, NULL, NULL, mml_find_where(f, "name", name));
	mml_find(f, MML_FINDING_TMPFS_FULL, MML_WARNING, name, "%s is %.1f %% full: %s of %s", name,
		 mml_percent((double)used, limit), mml_find_size(f, (double)used), mml_find_size(f, (double)limit));
}

static void large(struct mml_finder *f, const char *name, uint64_t used)
{
	if (!f->total || used < mml_part(f->total, MML_LIMIT_TMPFS_SHARE))
		return;
	mml_find_number(f, "used", used);
	mml_find_number(f, "MemTotal", f->total);
	mml_find_look(f, NULL, NULL, mml_find_where(f, "name", name));
	mml_find(f, MML_FINDING_TMPFS_LARGE, MML_NOTE, name, "files in %s take %s (%.1f %% of memory)", name,
		 mml_find_size(f, (double)used), mml_percent((double)used, f->total));
}

static void segments(struct mml_finder *f)
{
	const struct mml_table *t = f->now->shmem;
	uint64_t n = 0, sum = 0, used, attached;

	for (size_t i = 0; i < t->nrows; i++) {
		const struct mml_row *row = mml_table_row(t, i);

		if (!is_kind(t, row, "sysv") || !mml_look_u64(t, row, "attached", &attached) || attached ||
		    !mml_look_u64(t, row, "used", &used) || used > UINT64_MAX - sum)
			continue;
		n++;
		sum += used;
	}
	if (!n || !f->total || sum < mml_part(f->total, MML_LIMIT_SEGMENTS_SHARE))
		return;
	mml_find_number(f, "segments", n);
	mml_find_number(f, "rss + swap", sum);
	mml_find(f, MML_FINDING_SEGMENTS_LEFT, MML_NOTE, NULL,
		 "%s is in %" PRIu64 " segment%s of System V that no process has attached",
		 mml_find_size(f, (double)sum), n, n == 1 ? "" : "s");
}

void mml_rules_shmem(struct mml_finder *f)
{
	const struct mml_table *t = f->now->shmem;
	uint64_t used, limit;

	/* What is mounted in a group, nobody tells. */
	if (f->now->group)
		return;
	for (size_t i = 0; i < t->nrows; i++) {
		const struct mml_row *row = mml_table_row(t, i);
		const char *name = mml_look_str(t, row, "name");

		if (!name || !is_kind(t, row, "tmpfs") || !mml_look_u64(t, row, "used", &used))
			continue;
		if (mml_look_u64(t, row, "limit", &limit))
			full(f, name, used, limit);
		large(f, name, used);
	}
	segments(f);
}
