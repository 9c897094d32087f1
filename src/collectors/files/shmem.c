/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shmem.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../events/observe.h"
#include "../memory/meminfo.h"
#include "bytes.h"
#include "segments.h"
#include "space.h"
#include "walker.h"

#define MML_COLUMNS_OF SHMEM
#include "../../core/columns.h"

static const char saved[] = "/mmlens/shmem";
static const char mounts_path[] = "/proc/self/mountinfo";
static const char segments_path[] = "/proc/sysvipc/shm";
static const char meminfo_path[] = "/proc/meminfo";

/* What the rows are made from. */
struct account {
	struct mml_take *take;
	struct mml_table *table;
	struct mml_mount_points mounts;
	struct mml_spaces spaces;
	struct mml_files_bytes walk;
	bool walked;
	bool swap_empty; /* nothing is in swap at all, so that all that is used is in memory */
	int64_t cached;  /* the sum over rows */
	uint64_t segments, swapped; /* bytes of the segments that are seen */
	bool partial;    /* the sum lacks something */
};

static struct mml_row *add(struct account *a, const char *kind, const char *name)
{
	struct mml_row *row = name ? mml_table_add(a->table) : NULL;

	if (!row)
		return NULL;
	mml_set_str(row, SHMEM_kind, kind);
	mml_set_str(row, SHMEM_name, name);
	return row;
}

static void set_cached(struct account *a, struct mml_row *row, uint64_t bytes)
{
	if (bytes > INT64_MAX)
		return;
	mml_set_i64(row, SHMEM_cached, (int64_t)bytes);
	if (__builtin_add_overflow(a->cached, (int64_t)bytes, &a->cached))
		a->partial = true;
}

static void set_limit(struct mml_row *row, uint64_t limit)
{
	mml_set_u64(row, SHMEM_limit, limit);
	if (limit && mml_has(row, SHMEM_used))
		mml_set_f64(row, SHMEM_full, 100.0 * (double)row->cell[SHMEM_used].u64 / (double)limit);
}

static uint64_t bytes_of(const struct account *a, uint64_t pages)
{
	uint64_t bytes;

	return __builtin_mul_overflow(pages, a->walk.page_size, &bytes) ? UINT64_MAX : bytes;
}

static void set_sum(struct account *a, struct mml_row *row, const struct mml_files_sum *sum, uint64_t files)
{
	uint64_t cached = bytes_of(a, sum->pages), swapped = bytes_of(a, sum->swapped);

	set_cached(a, row, cached);
	mml_set_u64(row, SHMEM_swapped, swapped);
	if (!mml_has(row, SHMEM_files))
		mml_set_u64(row, SHMEM_files, files);
	if (!mml_has(row, SHMEM_used) && cached <= INT64_MAX && swapped <= INT64_MAX)
		mml_set_u64(row, SHMEM_used, cached + swapped);
}

static const struct mml_files_fs *walked_at(const struct account *a, uint32_t dev)
{
	for (size_t i = 0; a->walked && i < a->walk.nsystems; i++)
		if (a->walk.systems[i].dev == dev)
			return &a->walk.systems[i];
	return NULL;
}

static int add_space(struct account *a, const struct mml_space *space)
{
	const struct mml_mount_point *m = space->mount;
	const struct mml_files_fs *fs = walked_at(a, m->major << 20 | m->minor);
	struct mml_row *row = add(a, "tmpfs", m->point);
	const char *device = mml_arena_printf(a->table->arena, "%u:%u", m->major, m->minor);

	if (!row || !device)
		return -ENOMEM;
	mml_set_str(row, SHMEM_device, device);
	if (space->known) {
		mml_set_u64(row, SHMEM_used, space->used);
		mml_set_u64(row, SHMEM_files, space->files);
	}
	if (fs)
		set_sum(a, row, &fs->sum[MML_FILES_TMPFS], fs->inodes);
	else if (space->known && a->swap_empty)
		set_cached(a, row, space->used);
	else
		a->partial = true;
	if (space->limited)
		set_limit(row, space->limit);
	return 0;
}

static void set_idle(struct account *a, struct mml_row *row, const struct mml_segment *s)
{
	uint64_t now = a->take->snap ? (uint64_t)a->take->snap->time.wall.tv_sec : 0;

	if (!s->attached && s->detached_s && now >= s->detached_s)
		mml_set_u64(row, SHMEM_idle, (now - s->detached_s) * 1000000000);
}

static int add_segment(struct account *a, const struct mml_segment *s)
{
	struct mml_arena *arena = a->table->arena;
	struct mml_row *row;
	const char *name;

	name = s->key ? mml_arena_printf(arena, "shmid %" PRId64 " key 0x%08x", s->id, (unsigned)s->key) :
			mml_arena_printf(arena, "shmid %" PRId64, s->id);
	row = add(a, s->huge ? "hugetlb" : "sysv", name);
	if (!row)
		return -ENOMEM;
	mml_set_u64(row, SHMEM_used, s->swap < UINT64_MAX - s->rss ? s->rss + s->swap : UINT64_MAX);
	if (!s->huge) {
		set_cached(a, row, s->rss);
		a->segments += s->rss;
		a->swapped += s->swap;
	} else if (s->rss <= INT64_MAX) {
		mml_set_i64(row, SHMEM_cached, (int64_t)s->rss);
	}
	mml_set_u64(row, SHMEM_swapped, s->swap);
	mml_set_u64(row, SHMEM_attached, s->attached);
	mml_set_u64(row, SHMEM_uid, s->uid);
	mml_set_u64(row, SHMEM_creator, s->creator);
	set_idle(a, row, s);
	set_limit(row, s->size);
	return 0;
}

static int add_segments(struct account *a)
{
	struct mml_span text, rest;
	struct mml_segment s;
	int rc;

	if (mml_take_file(a->take, NULL, segments_path, &text)) {
		mml_table_note(a->table, "segments of System V are not seen: there is no %s", segments_path);
		return 0;
	}
	rest = text;
	while ((rc = mml_segment_next(&rest, &s)) > 0)
		if (add_segment(a, &s))
			return -ENOMEM;
	return rc ? mml_table_bad_at(a->table, segments_path, text, rest.p, "not a segment") : 0;
}

/* What of the kernel's own mount is left for KIND, less what has rows of its own. */
static int add_kind(struct account *a, const struct mml_files_fs *fs, enum mml_files_kind kind, const char *word,
		    const char *name)
{
	struct mml_files_sum sum = fs->sum[kind];
	struct mml_row *row;

	if (kind == MML_FILES_SYSV) {
		uint64_t rss = a->segments / a->walk.page_size, swap = a->swapped / a->walk.page_size;

		sum.pages = sum.pages > rss ? sum.pages - rss : 0;
		sum.swapped = sum.swapped > swap ? sum.swapped - swap : 0;
	}
	if (!sum.pages && !sum.swapped)
		return 0;
	row = add(a, word, name);
	if (!row)
		return -ENOMEM;
	if (kind == MML_FILES_SYSV)
		mml_unset(row, SHMEM_files);
	set_sum(a, row, &sum, sum.files);
	return 0;
}

static int add_elsewhere(struct account *a, const struct mml_files_fs *fs)
{
	const struct mml_files_sum *sum = &fs->sum[MML_FILES_TMPFS];
	const char *device = mml_arena_printf(a->table->arena, "%u:%u", fs->dev >> 20, fs->dev & 0xfffff);
	struct mml_row *row;

	if (!device)
		return -ENOMEM;
	for (size_t i = 0; i < a->spaces.n; i++)
		if ((a->spaces.at[i].mount->major << 20 | a->spaces.at[i].mount->minor) == fs->dev)
			return 0;
	if (!sum->pages && !sum->swapped)
		return 0;
	row = add(a, "tmpfs", mml_arena_printf(a->table->arena, "[%s %s]", fs->type, device));
	if (!row)
		return -ENOMEM;
	mml_set_str(row, SHMEM_device, device);
	set_sum(a, row, sum, fs->inodes);
	return 0;
}

static int add_walked(struct account *a)
{
	static const struct {
		enum mml_files_kind kind;
		const char *word, *name;
	} kinds[] = {
		{ MML_FILES_MEMFD, "memfd", "all of memfd_create" },
		{ MML_FILES_SYSV, "sysv", "segments of other namespaces" },
		{ MML_FILES_ANON, "anon-shm", "anonymous memory that processes share" },
		{ MML_FILES_KERNEL, "driver", "what drivers made" },
	};
	int rc = 0;

	for (size_t i = 0; i < a->walk.nsystems && !rc; i++) {
		rc = add_elsewhere(a, &a->walk.systems[i]);
		for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds) && !rc; k++)
			rc = add_kind(a, &a->walk.systems[i], kinds[k].kind, kinds[k].word, kinds[k].name);
	}
	return rc;
}

/* What the rows have less or more than the kernel's counter, which each CPU brings up to date now and then. */
static int add_total(struct account *a)
{
	struct mml_span text;
	struct mml_row *row;
	uint64_t shmem;

	if (mml_take_file(a->take, NULL, meminfo_path, &text) || !mml_meminfo_bytes(text, "Shmem", &shmem) ||
	    shmem > INT64_MAX)
		return 0;
	if (!a->partial) {
		bool rest = !a->walked;

		row = add(a, rest ? "other" : "remainder",
			  rest ? "memfd, anonymous and drivers' memory, and what is mounted elsewhere" :
				 "Shmem less the rows above");
		if (!row)
			return -ENOMEM;
		mml_set_i64(row, SHMEM_cached, (int64_t)shmem - a->cached);
	}
	row = add(a, "total", "Shmem");
	if (!row)
		return -ENOMEM;
	row->part = true;
	mml_set_i64(row, SHMEM_cached, (int64_t)shmem);
	return 0;
}

/* Without the walk the table tells of what has a mount or a number. */
static int walk(struct account *a, struct mml_walker *walker)
{
	struct mml_table *scratch = mml_table_new(a->take->arena, a->table->schema);
	struct mml_span bytes;
	int rc;

	if (!scratch)
		return -ENOMEM;
	if (mml_root_live(a->take->root)) {
		rc = mml_walker_read(walker, a->take, saved, scratch, &bytes);
		if (rc)
			mml_observe_save_why(a->take->root, saved, &scratch->absence);
	} else {
		rc = mml_observe_saved(a->take, saved, scratch, &bytes);
	}
	if (!rc) {
		rc = mml_files_parse(a->table->arena, MML_TRACE_SHMEM, bytes.p, mml_span_len(bytes), &a->walk);
		if (rc && rc != -ENOMEM)
			return mml_observe_bad(a->table, saved, rc);
		a->walked = !rc && a->walk.total.whole;
	} else {
		mml_table_why_needs(a->table, MML_SHMEM_NEEDS_WALK, scratch->absence.reason,
				    scratch->absence.needs);
	}
	return rc == -ENOMEM ? rc : 0;
}

static bool is_swap_empty(struct mml_take *take)
{
	uint64_t total, free, cached;
	struct mml_span text;

	return !mml_take_file(take, NULL, meminfo_path, &text) && mml_meminfo_bytes(text, "SwapTotal", &total) &&
	       mml_meminfo_bytes(text, "SwapFree", &free) && mml_meminfo_bytes(text, "SwapCached", &cached) &&
	       total == free && !cached;
}

static int fill(struct account *a, struct mml_walker *walker, bool walks)
{
	struct mml_span text;
	int rc = walks ? walk(a, walker) : 0;

	if (rc)
		return rc;
	a->swap_empty = is_swap_empty(a->take);
	if (!mml_take_file(a->take, NULL, mounts_path, &text))
		rc = mml_mount_points_parse(a->take->arena, text, &a->mounts);
	if (!rc)
		rc = mml_spaces_take(a->take, &a->mounts, &a->spaces);
	if (rc == -EBADMSG)
		return mml_table_fail(a->table, rc, NULL, "/mmlens/tmpfs: not what mmlens saves");
	for (size_t i = 0; i < a->spaces.n && !rc; i++)
		rc = add_space(a, &a->spaces.at[i]);
	if (!rc)
		rc = add_segments(a);
	if (!rc && a->walked)
		rc = add_walked(a);
	return rc ? rc : add_total(a);
}

static int shmem_collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	struct mml_walker once = { .kind = MML_TRACE_SHMEM };
	struct account a = { .take = take, .table = ret };
	int rc = fill(&a, query->reading.state ? query->reading.state : &once,
		      query->reading.needs & MML_SHMEM_NEEDS_WALK);

	mml_walker_clear(&once);
	return rc == -ENOMEM ? mml_table_fail(ret, rc, NULL, "out of memory") : rc;
}

static void *shmem_keep(struct mml_root *root)
{
	(void)root;
	return mml_walker_new(MML_TRACE_SHMEM);
}

static int probe(struct mml_root *root, struct mml_absence *ret)
{
	return mml_observe_probe(root, MML_TRACE_SHMEM, saved, ret);
}

static const struct mml_source sources[] = {
	{ "BPF: iter/task (shmem)", NULL, NULL, probe },
	{ mounts_path, NULL, "a mounted /proc", NULL },
	{ segments_path, NULL, "a kernel with CONFIG_SYSVIPC", NULL },
	{ meminfo_path, NULL, "a mounted /proc", NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_shmem = {
	.schema = { .name = "shmem",
		    .help = "A part of shared memory: a tmpfs, a segment of System V, all memory of a kind without a path.",
		    MML_COLUMNS(SHMEM) },
	.sources = sources,
	.collect = shmem_collect,
	.keep = shmem_keep,
	.release = mml_walker_free,
};
