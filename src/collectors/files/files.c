/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "files.h"
#include "walker.h"

#include <errno.h>
#include <inttypes.h>

#include "../../core/unit.h"
#include "../events/observe.h"
#include "../memory/meminfo.h"

#define MML_COLUMNS_OF FILES
#include "../../core/columns.h"

static const char saved[] = "/mmlens/files";
static const char mounts_path[] = "/proc/self/mountinfo";
static const char partitions_path[] = "/proc/partitions";
static const char meminfo_path[] = "/proc/meminfo";

static void *files_keep(struct mml_root *root)
{
	(void)root;
	return mml_walker_new(MML_TRACE_FILES);
}

/* How much of what meminfo counts was seen. Both change meanwhile. */
static void say_seen(struct mml_files_fill *fill)
{
	char seen_text[MML_NUMBER_MAX], all_text[MML_NUMBER_MAX];
	uint64_t cached, buffers, pages = 0, page = fill->bytes->page_size;
	struct mml_span text;

	if (mml_take_file(fill->take, NULL, meminfo_path, &text) ||
	    !mml_meminfo_bytes(text, "Cached", &cached) || !mml_meminfo_bytes(text, "Buffers", &buffers))
		return;
	for (size_t i = 0; i < fill->bytes->nsystems; i++)
		for (size_t k = 0; k < MML_FILES_KINDS; k++)
			pages += fill->bytes->systems[i].sum[k].pages;
	mml_format_size(seen_text, (double)pages * (double)page, MML_AUTO, page);
	mml_format_size(all_text, (double)cached + (double)buffers, MML_AUTO, page);
	mml_table_note(fill->table, "%" PRIu64 " inodes have %s of the %s in Cached and Buffers",
		       (uint64_t)fill->bytes->total.inodes, seen_text, all_text);
}

static void say_cut(struct mml_files_fill *fill)
{
	const struct mml_files_bytes *bytes = fill->bytes;

	if (!bytes->total.whole)
		mml_table_note(fill->table, "the walk was cut: not all file systems were met in time");
	for (size_t i = 0; i < bytes->nsystems; i++)
		if (bytes->systems[i].state == MML_FILES_CUT)
			mml_table_note(fill->table, "the walk of %s %u:%u was cut: its files changed too fast",
				       bytes->systems[i].type, bytes->systems[i].dev >> 20,
				       bytes->systems[i].dev & 0xfffff);
}

static int fill_table(struct mml_take *take, struct mml_table *table, struct mml_span text)
{
	struct mml_files_fill fill = { .take = take, .table = table };
	struct mml_files_bytes bytes;
	struct mml_span mounts;
	int rc = mml_files_parse(table->arena, MML_TRACE_FILES_HELD, text.p, mml_span_len(text), &bytes);

	if (rc == -EBADMSG)
		rc = mml_files_parse(table->arena, MML_TRACE_FILES, text.p, mml_span_len(text), &bytes);
	if (rc && rc != -ENOMEM)
		return mml_observe_bad(table, saved, rc);
	fill.bytes = &bytes;
	if (!rc && !mml_take_file(take, NULL, mounts_path, &mounts))
		rc = mml_mount_points_parse(take->arena, mounts, &fill.mounts);
	if (!rc && mml_take_file(take, NULL, partitions_path, &fill.partitions))
		fill.partitions = (struct mml_span){ NULL, NULL };
	if (!rc)
		rc = mml_files_holders(table->arena, &bytes, &fill.held);
	if (!rc)
		rc = mml_files_rows(&fill);
	if (rc)
		return mml_table_fail(table, rc, NULL, "out of memory");
	say_seen(&fill);
	say_cut(&fill);
	return 0;
}

static int files_collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	bool holders = query->reading.needs & MML_FILES_NEEDS_HOLDERS;
	struct mml_walker once = { 0 };
	struct mml_walker *walker = query->reading.state ? query->reading.state : &once;
	struct mml_span bytes;
	int rc;

	if (mml_root_live(take->root)) {
		mml_walker_choose(walker, holders ? MML_TRACE_FILES_HELD : MML_TRACE_FILES);
		rc = mml_walker_read(walker, take, saved, ret, &bytes);
		if (rc)
			mml_observe_save_why(take->root, saved, &ret->absence);
	} else {
		rc = mml_observe_saved(take, saved, ret, &bytes);
	}
	if (!rc)
		rc = fill_table(take, ret, bytes);
	mml_walker_clear(&once);
	return rc;
}

static int probe(struct mml_root *root, struct mml_absence *ret)
{
	return mml_observe_probe(root, MML_TRACE_FILES, saved, ret);
}

static const struct mml_source sources[] = {
	{ "BPF: iter/task (files)", NULL, NULL, probe },
	{ mounts_path, NULL, "a mounted /proc", NULL },
	{ partitions_path, NULL, "a kernel with block devices", NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_files = {
	.schema = { .name = "files",
		    .help = "A file that has pages in memory, whoever has it open or nobody.",
		    MML_COLUMNS(FILES),
		    .sort = "rest,-cached,path" },
	.sources = sources,
	.bulky = true,
	.collect = files_collect,
	.keep = files_keep,
	.release = mml_walker_free,
};
