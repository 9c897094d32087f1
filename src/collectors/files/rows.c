/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "../../core/unit.h"

static void set_pages(const struct mml_files_fill *fill, struct mml_row *row, unsigned col, uint64_t pages)
{
	uint64_t bytes;

	if (!__builtin_mul_overflow(pages, fill->bytes->page_size, &bytes))
		mml_set_u64(row, col, bytes);
}

static bool in_memory_only(uint32_t kind)
{
	return kind != MML_FILES_FILE && kind != MML_FILES_DEVICE;
}

static void set_size(const struct mml_files_fill *fill, struct mml_row *row, const struct mml_files_row *file)
{
	uint64_t page = fill->bytes->page_size, pages = file->size / page + (file->size % page != 0);

	/* It is signed in the kernel. */
	if (file->size > INT64_MAX)
		return;
	mml_set_u64(row, FILES_size, file->size);
	if (pages)
		mml_set_f64(row, FILES_share, 100.0 * (double)file->pages / (double)pages);
}

/* "4187 postgres, 3 more", "1210 java fd 41" */
static const char *held_by(struct mml_arena *arena, const struct mml_files_held *held)
{
	const struct mml_files_holder *h = held->first;
	char fd[24] = "", more[24] = "";

	if (h->fd >= 0)
		snprintf(fd, sizeof(fd), " fd %" PRId32, h->fd);
	if (held->processes > 1)
		snprintf(more, sizeof(more), ", %" PRIu32 " more", held->processes - 1);
	return mml_arena_printf(arena, "%" PRIu32 " %s%s%s", h->tgid, h->comm, fd, more);
}

/* Whether nobody is known to have what no process was met with. A mounted file system has its device, and what is opened
 * through an overlay is met as a file of the overlay, not as that below it. */
static bool is_free(const struct mml_files_bytes *bytes, const struct mml_files_row *file)
{
	for (size_t i = 0; i < bytes->nsystems; i++)
		if (!strcmp(bytes->systems[i].type, "overlay") &&
		    (file->kind == MML_FILES_FILE || file->kind == MML_FILES_TMPFS))
			return false;
	return file->kind != MML_FILES_DEVICE;
}

static int set_holders(struct mml_files_fill *fill, struct mml_row *row, const struct mml_files_row *file)
{
	const struct mml_files_held *held = fill->held ? &fill->held[file - fill->bytes->rows] : NULL;
	const char *who;

	if (!held || (!held->first && !is_free(fill->bytes, file)))
		return 0;
	who = held->first ? held_by(fill->table->arena, held) : "nobody";
	mml_set_u64(row, FILES_holders, held->processes);
	mml_set_str(row, FILES_held_by, who);
	return who ? 0 : -ENOMEM;
}

static int add_file(struct mml_files_fill *fill, const struct mml_files_row *file)
{
	const struct mml_files_fs *fs = &fill->bytes->systems[file->fs];
	uint32_t dev = file->kind == MML_FILES_DEVICE ? file->rdev : fs->dev;
	struct mml_row *row = mml_table_add(fill->table);
	const char *mount, *path = mml_files_path(fill, file, &mount);
	const char *device = mml_arena_printf(fill->table->arena, "%u:%u", dev >> 20, dev & 0xfffff);

	if (!row || !path || !device)
		return -ENOMEM;
	mml_set_str(row, FILES_kind, mml_files_kind(fill->bytes, file));
	set_pages(fill, row, FILES_cached, file->pages);
	set_size(fill, row, file);
	if (in_memory_only(file->kind))
		set_pages(fill, row, FILES_swapped, file->swapped);
	mml_set_str(row, FILES_fs, fs->type);
	mml_set_str(row, FILES_device, device);
	mml_set_u64(row, FILES_inode, file->ino);
	mml_set_str(row, FILES_mount, mount);
	mml_set_u64(row, FILES_uid, file->uid);
	mml_set_bool(row, FILES_deleted, file->flags & MML_FILES_DELETED);
	mml_set_bool(row, FILES_rest, false);
	mml_set_u64(row, FILES_files, 1);
	mml_set_str(row, FILES_path, path);
	return set_holders(fill, row, file);
}

static void add_sums(const struct mml_files_bytes *bytes, struct mml_files_sum *ret)
{
	*ret = (struct mml_files_sum){ 0 };
	for (size_t i = 0; i < bytes->nsystems; i++)
		for (size_t k = 0; k < MML_FILES_KINDS; k++) {
			ret->files += bytes->systems[i].sum[k].files;
			ret->pages += bytes->systems[i].sum[k].pages;
			ret->swapped += bytes->systems[i].sum[k].swapped;
		}
}

/* What was counted and has no row. */
static void subtract_rows(const struct mml_files_bytes *bytes, struct mml_files_sum *sum)
{
	for (size_t i = 0; i < bytes->nrows; i++) {
		const struct mml_files_row *row = &bytes->rows[i];

		sum->files -= sum->files ? 1 : 0;
		sum->pages -= row->pages < sum->pages ? row->pages : sum->pages;
		sum->swapped -= row->swapped < sum->swapped ? row->swapped : sum->swapped;
	}
}

static int add_rest(struct mml_files_fill *fill)
{
	const struct mml_files_bytes *bytes = fill->bytes;
	const struct mml_files_row *last = bytes->nrows ? &bytes->rows[bytes->nrows - 1] : NULL;
	char most[MML_NUMBER_MAX];
	struct mml_files_sum sum;
	struct mml_row *row;
	const char *path;

	add_sums(bytes, &sum);
	subtract_rows(bytes, &sum);
	if (!last || !sum.files)
		return 0;
	mml_format_size(most, (double)(last->pages + last->swapped) * (double)bytes->page_size, MML_AUTO,
			bytes->page_size);
	path = mml_arena_printf(fill->table->arena, "%" PRIu64 " more files, none above %s", (uint64_t)sum.files,
				most);
	row = mml_table_add(fill->table);
	if (!row || !path)
		return -ENOMEM;
	mml_set_str(row, FILES_kind, "rest");
	set_pages(fill, row, FILES_cached, sum.pages);
	set_pages(fill, row, FILES_swapped, sum.swapped);
	mml_set_bool(row, FILES_rest, true);
	mml_set_u64(row, FILES_files, sum.files);
	mml_set_str(row, FILES_path, path);
	return 0;
}

int mml_files_rows(struct mml_files_fill *fill)
{
	int rc = 0;

	for (size_t i = 0; i < fill->bytes->nrows && !rc; i++)
		rc = add_file(fill, &fill->bytes->rows[i]);
	return rc ? rc : add_rest(fill);
}
