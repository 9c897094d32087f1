/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "space.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/vfs.h>

static const char saved[] = "/mmlens/tmpfs";

enum { TMPFS = 0x01021994 };

static bool is_tmpfs(const struct mml_mount_point *m)
{
	return !strcmp(m->type, "tmpfs") || !strcmp(m->type, "devtmpfs");
}

static struct mml_space *find(const struct mml_spaces *spaces, uint32_t major, uint32_t minor)
{
	for (size_t i = 0; i < spaces->n; i++)
		if (spaces->at[i].mount->major == major && spaces->at[i].mount->minor == minor)
			return &spaces->at[i];
	return NULL;
}

/* Of several mounts the one that can be seen, and shows the most. */
static void list(const struct mml_mount_points *mounts, struct mml_spaces *ret)
{
	const char *below;

	for (size_t i = 0; i < mounts->n; i++) {
		const struct mml_mount_point *m = &mounts->at[i], *best;

		if (!is_tmpfs(m) || find(ret, m->major, m->minor))
			continue;
		best = mml_mount_points_find(mounts, m->major, m->minor, "/", &below);
		ret->at[ret->n++] = (struct mml_space){ .mount = best ? best : m };
	}
}

static void set(struct mml_space *s, uint64_t block, uint64_t blocks, uint64_t free, uint64_t files)
{
	s->files = files;
	s->limited = blocks && !__builtin_mul_overflow(blocks, block, &s->limit);
	s->known = s->limited && free <= blocks;
	s->used = s->known ? (blocks - free) * block : 0;
}

/* 0:31 4096 2048000 2047990 17
 * The device, the size of a block, blocks, free ones, files. A file system without a limit has 0 blocks. */
int mml_spaces_parse(struct mml_span text, struct mml_spaces *ret)
{
	struct mml_span line, device, major;
	uint64_t number[4], a, b;
	struct mml_space *s;

	while (mml_next_line(&text, &line)) {
		if (!mml_next_token(&line, &device) || !mml_next_field(&device, ':', &major) ||
		    mml_parse_u64(major, &a) || mml_parse_u64(device, &b) || a > UINT32_MAX || b > UINT32_MAX)
			return -EBADMSG;
		for (size_t i = 0; i < 4; i++)
			if (mml_next_u64(&line, &number[i]))
				return -EBADMSG;
		s = find(ret, (uint32_t)a, (uint32_t)b);
		if (s)
			set(s, number[0], number[1], number[2], number[3]);
	}
	return 0;
}

static int ask(struct mml_take *take, const struct mml_spaces *spaces, struct mml_buf *ret)
{
	struct statfs fs;

	for (size_t i = 0; i < spaces->n && mml_root_system(take->root); i++) {
		const struct mml_mount_point *m = spaces->at[i].mount;

		/* What lies over it may be a file system that does not answer. */
		if (m->hidden || statfs(m->point, &fs) || fs.f_type != TMPFS)
			continue;
		mml_buf_printf(ret, "%" PRIu32 ":%" PRIu32 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
			       m->major, m->minor, (uint64_t)fs.f_bsize, (uint64_t)fs.f_blocks, (uint64_t)fs.f_bfree,
			       (uint64_t)(fs.f_files - fs.f_ffree));
	}
	return ret->error;
}

int mml_spaces_take(struct mml_take *take, const struct mml_mount_points *mounts, struct mml_spaces *ret)
{
	struct mml_buf text = { 0 };
	struct mml_span kept;
	int rc;

	ret->n = 0;
	ret->at = mml_arena_alloc(take->arena, (mounts->n + 1) * sizeof(*ret->at));
	if (!ret->at)
		return -ENOMEM;
	list(mounts, ret);
	if (!mml_root_live(take->root))
		return mml_take_file(take, NULL, saved, &kept) ? 0 : mml_spaces_parse(kept, ret);
	rc = ask(take, ret, &text);
	if (!rc && text.len) {
		mml_root_save(take->root, saved, text.data, text.len);
		rc = mml_spaces_parse((struct mml_span){ text.data, text.data + text.len }, ret);
	}
	mml_buf_free(&text);
	return rc;
}
