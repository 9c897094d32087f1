/* Files in memory: the bytes of the walk whole and broken, paths by mounts, and the sums.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "../tap.h"

#include <errno.h>
#include <stdlib.h>

#include "../../src/bpf/trace.h"
#include "../../src/collectors/files/files.h"
#include "../../src/core/buf.h"

#define MML_COLUMNS_OF FILES
#include "../../src/core/columns.h"

static const struct mml_schema schema = { .name = "files", MML_COLUMNS(FILES) };

/* 0: a disk, 1: a tmpfs that is mounted, 2: memory without a mount, 3: devices, 4: one mounted elsewhere,
 * 5: btrfs */
static const struct mml_files_fs systems[] = {
	{ .dev = 8 << 20 | 1, .type = "ext4", .sum[MML_FILES_FILE] = { 10, 1000, 0 }, .state = MML_FILES_WHOLE },
	{ .dev = 31, .type = "tmpfs", .sum[MML_FILES_TMPFS] = { 1, 5, 3 }, .state = MML_FILES_WHOLE },
	{ .dev = 1, .type = "tmpfs", .sum[MML_FILES_MEMFD] = { 1, 4, 0 }, .state = MML_FILES_WHOLE },
	{ .dev = 3, .type = "bdev", .sum[MML_FILES_DEVICE] = { 2, 9, 0 }, .state = MML_FILES_WHOLE },
	{ .dev = 77, .type = "tmpfs", .sum[MML_FILES_TMPFS] = { 1, 2, 0 }, .state = MML_FILES_WHOLE },
	{ .dev = 40, .type = "btrfs", .sum[MML_FILES_FILE] = { 2, 20, 0 }, .state = MML_FILES_CUT },
};

enum { WHOLE_NAME = MML_FILES_NAMED | MML_FILES_ROOTED };
static const char names[] = "\0var/log/a b\0memfd:x\0d/f\0gone\0vol/y";
enum { N_LOG = 1, N_MEMFD = 13, N_DF = 21, N_GONE = 25, N_VOL = 30 };

static const struct mml_files_row rows[] = {
	{ .fs = 0, .ino = 12, .pages = 300, .size = 300 * 4096 - 5, .kind = MML_FILES_FILE, .flags = WHOLE_NAME, .name = N_LOG, .uid = 7 },
	{ .fs = 0, .ino = 13, .pages = 200, .size = 0, .kind = MML_FILES_FILE, .flags = WHOLE_NAME | MML_FILES_DELETED, .name = N_GONE },
	{ .fs = 0, .ino = 14, .pages = 100, .size = UINT64_MAX, .kind = MML_FILES_FILE },
	{ .fs = 5, .ino = 1, .pages = 15, .kind = MML_FILES_FILE },
	{ .fs = 3, .ino = 99, .pages = 8, .rdev = 8 << 20, .kind = MML_FILES_DEVICE },
	{ .fs = 1, .ino = 2, .pages = 5, .swapped = 3, .size = 16 * 4096, .kind = MML_FILES_TMPFS, .flags = WHOLE_NAME, .name = N_DF },
	{ .fs = 5, .ino = 257, .pages = 5, .kind = MML_FILES_FILE, .flags = WHOLE_NAME, .name = N_VOL },
	{ .fs = 2, .ino = 5, .pages = 4, .size = 4 * 4096, .kind = MML_FILES_MEMFD, .flags = MML_FILES_NAMED | MML_FILES_DELETED, .name = N_MEMFD },
	{ .fs = 4, .ino = 3, .pages = 2, .kind = MML_FILES_TMPFS, .flags = WHOLE_NAME, .name = N_DF },
	{ .fs = 3, .ino = 98, .pages = 1, .rdev = 7 << 20 | 5, .kind = MML_FILES_DEVICE },
};

enum { NROWS = sizeof(rows) / sizeof(*rows), NSYSTEMS = sizeof(systems) / sizeof(*systems) };

static const char mounts[] =
	"20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
	"21 20 8:1 /var /again rw - ext4 /dev/sda1 rw\n"
	"22 20 0:31 /d /shm\\040x rw shared:3 - tmpfs tmpfs rw\n"
	"23 20 0:40 /vol /mnt rw - btrfs /dev/sdb rw\n"
	"24 20 bad\n"
	"25 20 0:50 / /mnt/under rw - tmpfs none rw\n"
	"26 20 0:51 / /mnt rw - fuse.x none rw\n";

static const char partitions[] = "major minor  #blocks  name\n\n   8        0  488386584 sda\n   8        1 1 sda1\n";

static void make(struct mml_buf *ret, uint64_t nsystems, uint64_t nrows)
{
	struct mml_trace_head head = { .magic = MML_TRACE_MAGIC,
				       .order = MML_TRACE_ORDER,
				       .version = MML_TRACE_VERSION,
				       .kind = MML_TRACE_FILES,
				       .page_size = 4096,
				       .living = nsystems,
				       .dead = nrows };
	struct mml_files_total total = { .inodes = 100, .names = sizeof(names), .whole = 1 };

	head.length = sizeof(total) + sizeof(systems) + sizeof(rows) + sizeof(names);
	mml_buf_put(ret, (const char *)&head, sizeof(head));
	mml_buf_put(ret, (const char *)&total, sizeof(total));
	mml_buf_put(ret, (const char *)systems, sizeof(systems));
	mml_buf_put(ret, (const char *)rows, sizeof(rows));
	mml_buf_put(ret, names, sizeof(names));
}

static struct mml_table *fill(struct mml_arena *arena, struct mml_files_bytes *bytes)
{
	struct mml_files_fill f = { .table = mml_table_new(arena, &schema),
				    .bytes = bytes,
				    .partitions = mml_span_str(partitions) };

	if (mml_mount_points_parse(arena, mml_span_str(mounts), &f.mounts) || mml_files_rows(&f))
		abort();
	return f.table;
}

static const char *text(const struct mml_table *t, size_t i, unsigned col)
{
	return i < t->nrows && mml_has(mml_table_row(t, i), col) ? mml_table_row(t, i)->cell[col].str : "-";
}

/* Nobody is said to have a file only where that is known. */
static void test_nobody(struct mml_arena *arena)
{
	struct mml_files_held held[NROWS] = { 0 };
	struct mml_files_fs other[NSYSTEMS];
	struct mml_files_fill f = { .held = held };
	struct mml_files_bytes bytes;
	struct mml_buf buf = { 0 };

	make(&buf, NSYSTEMS, NROWS);
	ok(!mml_files_parse(arena, MML_TRACE_FILES, buf.data, buf.len, &bytes));
	f.bytes = &bytes;
	f.table = mml_table_new(arena, &schema);
	ok(!mml_files_rows(&f));
	is_str(text(f.table, 0, FILES_held_by), "nobody");
	ok(mml_has(mml_table_row(f.table, 0), FILES_holders));
	is_str(text(f.table, 4, FILES_held_by), "-");
	ok(!mml_has(mml_table_row(f.table, 4), FILES_holders));
	memcpy(other, bytes.systems, sizeof(other));
	snprintf(other[5].type, sizeof(other[5].type), "overlay");
	bytes.systems = other;
	f.table = mml_table_new(arena, &schema);
	ok(!mml_files_rows(&f));
	is_str(text(f.table, 0, FILES_held_by), "-");
	is_str(text(f.table, 5, FILES_held_by), "-");
	is_str(text(f.table, 7, FILES_held_by), "nobody");
	mml_buf_free(&buf);
}

static void test_rows(struct mml_arena *arena)
{
	static const struct {
		const char *kind, *device, *mount, *path;
	} want[NROWS + 1] = {
		{ "file", "8:1", "/", "/var/log/a b" },
		{ "deleted", "8:1", "/", "/gone (deleted)" },
		{ "file", "8:1", "/", "inode 14 of /" },
		{ "metadata", "0:40", "-", "metadata 1 of btrfs 0:40" },
		{ "device", "8:0", "-", "/dev/sda" },
		{ "tmpfs", "0:31", "/shm x", "/shm x/f" },
		{ "file", "0:40", "/mnt", "/mnt/y" },
		{ "memfd", "0:1", "-", "/memfd:x" },
		{ "tmpfs", "0:77", "-", "[tmpfs 0:77]/d/f" },
		{ "device", "7:5", "-", "block device 7:5" },
		{ "rest", "-", "-", "7 more files, none above 4.0K" },
	};
	struct mml_files_bytes bytes;
	struct mml_buf buf = { 0 };
	struct mml_table *t;

	make(&buf, NSYSTEMS, NROWS);
	ok(!mml_files_parse(arena, MML_TRACE_FILES, buf.data, buf.len, &bytes));
	t = fill(arena, &bytes);
	is_u64(t->nrows, NROWS + 1);
	for (size_t i = 0; i <= NROWS; i++) {
		is_str(text(t, i, FILES_kind), want[i].kind);
		is_str(text(t, i, FILES_device), want[i].device);
		is_str(text(t, i, FILES_mount), want[i].mount);
		is_str(text(t, i, FILES_path), want[i].path);
	}
	is_u64(mml_table_row(t, 0)->cell[FILES_cached].u64, 300 * 4096);
	is_u64(mml_table_row(t, 0)->cell[FILES_uid].u64, 7);
	ok(mml_table_row(t, 0)->cell[FILES_share].f64 == 100.0);
	ok(!mml_has(mml_table_row(t, 0), FILES_swapped));
	/* Nothing can be said of a share of an empty file, and no file is that long. */
	ok(!mml_has(mml_table_row(t, 1), FILES_share));
	ok(!mml_has(mml_table_row(t, 2), FILES_size));
	is_u64(mml_table_row(t, 5)->cell[FILES_swapped].u64, 3 * 4096);
	ok(mml_table_row(t, 5)->cell[FILES_share].f64 == 31.25);
	/* 1,040 pages in all, and 640 in rows. */
	is_u64(mml_table_row(t, NROWS)->cell[FILES_cached].u64, 400 * 4096);
	is_u64(mml_table_row(t, NROWS)->cell[FILES_swapped].u64, 0);
	mml_buf_free(&buf);
}

static int parse_changed(struct mml_arena *arena, size_t at, uint32_t value, size_t length)
{
	struct mml_files_bytes bytes;
	struct mml_buf buf = { 0 };
	int rc;

	make(&buf, NSYSTEMS, NROWS);
	memcpy(buf.data + at, &value, sizeof(value));
	((struct mml_trace_head *)(void *)buf.data)->length -= buf.len - length;
	rc = mml_files_parse(arena, MML_TRACE_FILES, buf.data, length, &bytes);
	mml_buf_free(&buf);
	return rc;
}

static void test_broken(struct mml_arena *arena)
{
	size_t head = sizeof(struct mml_trace_head), first = head + sizeof(struct mml_files_total) + sizeof(systems);
	size_t all = first + sizeof(rows) + sizeof(names);
	size_t living = offsetof(struct mml_trace_head, living), page = offsetof(struct mml_trace_head, page_size);
	size_t pad = offsetof(struct mml_files_row, pad) + first;

	is_i64(parse_changed(arena, pad, 5, all), 0);
	is_i64(parse_changed(arena, first + offsetof(struct mml_files_row, fs), NSYSTEMS, all), -EBADMSG);
	is_i64(parse_changed(arena, first + offsetof(struct mml_files_row, fs), NSYSTEMS - 1, all), 0);
	is_i64(parse_changed(arena, first + offsetof(struct mml_files_row, kind), MML_FILES_KINDS, all), -EBADMSG);
	is_i64(parse_changed(arena, first + offsetof(struct mml_files_row, name), sizeof(names), all), -EBADMSG);
	is_i64(parse_changed(arena, all - sizeof(uint32_t), 0x41414141, all), -EBADMSG);
	is_i64(parse_changed(arena, living, UINT32_MAX, all), -EBADMSG);
	is_i64(parse_changed(arena, page, 0, all), -EBADMSG);
	is_i64(parse_changed(arena, pad, 5, all - 1), -EBADMSG);
	is_i64(parse_changed(arena, pad, 5, head), -EBADMSG);
	for (size_t length = head; length < all; length += 13)
		if (parse_changed(arena, pad, 5, length) != -EBADMSG)
			ok(!"a part is taken for the whole");
}

int main(void)
{
	struct mml_arena *arena = mml_arena_new();

	test_rows(arena);
	test_nobody(arena);
	test_broken(arena);
	mml_arena_free(arena);
	return tap_done();
}
