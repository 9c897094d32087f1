/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "files.h"

#include <inttypes.h>
#include <string.h>

enum { MINOR_BITS = 20 };

static uint32_t major_of(uint32_t dev)
{
	return dev >> MINOR_BITS;
}

static uint32_t minor_of(uint32_t dev)
{
	return dev & ((1u << MINOR_BITS) - 1);
}

/* The trees that these file systems keep their own data in are inodes with a number and no name. */
static bool is_metadata(const struct mml_files_fs *fs, const struct mml_files_row *row)
{
	static const struct {
		const char *type;
		uint64_t last;
	} known[] = { { "btrfs", 1 }, { "f2fs", 2 } };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(fs->type, known[i].type) && row->ino && row->ino <= known[i].last &&
		    !(row->flags & MML_FILES_NAMED))
			return true;
	return false;
}

const char *mml_files_kind(const struct mml_files_bytes *bytes, const struct mml_files_row *row)
{
	static const char *const words[MML_FILES_KINDS] = {
		[MML_FILES_FILE] = "file",   [MML_FILES_DEVICE] = "device", [MML_FILES_TMPFS] = "tmpfs",
		[MML_FILES_MEMFD] = "memfd", [MML_FILES_SYSV] = "sysv",	    [MML_FILES_ANON] = "anon-shm",
		[MML_FILES_KERNEL] = "driver",
	};

	if (row->kind == MML_FILES_FILE && is_metadata(&bytes->systems[row->fs], row))
		return "metadata";
	if (row->kind == MML_FILES_FILE && row->flags & MML_FILES_DELETED)
		return "deleted";
	return words[row->kind];
}

/*    8        0  488386584 sda */
static const char *device_path(struct mml_files_fill *fill, uint32_t dev)
{
	struct mml_span text = fill->partitions, line, blocks;
	uint64_t major, minor;

	while (mml_next_line(&text, &line)) {
		if (mml_next_u64(&line, &major) || mml_next_u64(&line, &minor) ||
		    !mml_next_token(&line, &blocks) || major != major_of(dev) || minor != minor_of(dev))
			continue;
		line = mml_span_trim(line);
		return mml_arena_printf(fill->table->arena, "/dev/%.*s", (int)mml_span_len(line), line.p);
	}
	return mml_arena_printf(fill->table->arena, "block device %u:%u", major_of(dev), minor_of(dev));
}

/* A file system that is mounted elsewhere, such as in a container, is called by its type and device. */
static const char *where(struct mml_files_fill *fill, const struct mml_files_fs *fs, const char *mount)
{
	if (mount)
		return mount;
	return mml_arena_printf(fill->table->arena, "%s %u:%u", fs->type, major_of(fs->dev), minor_of(fs->dev));
}

static const char *unnamed(struct mml_files_fill *fill, const struct mml_files_fs *fs,
			   const struct mml_files_row *row, const char *mount)
{
	const char *on = where(fill, fs, mount);

	if (!on)
		return NULL;
	return mml_arena_printf(fill->table->arena, "%s %" PRIu64 " of %s",
				is_metadata(fs, row) ? "metadata" : "inode", (uint64_t)row->ino, on);
}

static const char *named(struct mml_files_fill *fill, const struct mml_files_fs *fs,
			 const struct mml_files_row *row, const char **ret_mount)
{
	struct mml_arena *arena = fill->table->arena;
	const char *name = fill->bytes->names + row->name, *below = NULL;
	const char *gone = row->flags & MML_FILES_DELETED ? " (deleted)" : "";
	const char *path = mml_arena_printf(arena, "/%s", name), *on;
	const struct mml_mount_point *m;

	if (!path)
		return NULL;
	m = row->flags & MML_FILES_ROOTED ?
		    mml_mount_points_find(&fill->mounts, major_of(fs->dev), minor_of(fs->dev), path, &below) :
		    NULL;
	if (m) {
		*ret_mount = m->point;
		return mml_arena_printf(arena, "%s%s%s", strcmp(m->point, "/") ? m->point : "", below, gone);
	}
	on = where(fill, fs, *ret_mount);
	if (!on)
		return NULL;
	return mml_arena_printf(arena, "[%s]%s%s%s", on, row->flags & MML_FILES_ROOTED ? "" : " ...", path, gone);
}

const char *mml_files_path(struct mml_files_fill *fill, const struct mml_files_row *row, const char **ret_mount)
{
	const struct mml_files_fs *fs = &fill->bytes->systems[row->fs];
	const struct mml_mount_point *m;
	const char *below;

	*ret_mount = NULL;
	if (row->kind == MML_FILES_DEVICE)
		return device_path(fill, row->rdev);
	/* What has no mount at all has a name that says what it is. */
	if (row->kind > MML_FILES_TMPFS && row->flags & MML_FILES_NAMED)
		return mml_arena_printf(fill->table->arena, "/%s", fill->bytes->names + row->name);
	m = mml_mount_points_find(&fill->mounts, major_of(fs->dev), minor_of(fs->dev), "/", &below);
	*ret_mount = m ? m->point : NULL;
	return row->flags & MML_FILES_NAMED ? named(fill, fs, row, ret_mount) : unnamed(fill, fs, row, *ret_mount);
}
