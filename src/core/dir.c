/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdalign.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "root-int.h"

static void dir_init(struct mml_root *root, const char *path, struct mml_dir *ret)
{
	*ret = (struct mml_dir){ .root = root, .fd = -1, .anchor_fd = -1, .path = path };
}

/* Writes the path of NAME in DIR to RET, which has PATH_MAX bytes: the kernel takes no longer one. */
static int dir_path(const struct mml_dir *dir, const char *name, char *ret)
{
	size_t len = strlen(dir->path), more = strlen(name);

	if (len + 1 + more >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(ret, dir->path, len);
	ret[len] = '/';
	memcpy(ret + len + 1, name, more + 1);
	return 0;
}

int mml_dir_open(struct mml_root *root, const char *path, struct mml_dir *ret)
{
	dir_init(root, path, ret);
	/* In a tree nothing changes, and its links must not lead out of it. */
	if (!root->place->live)
		return 0;
	ret->fd = mml_root_open_flags(root, path, O_PATH | O_DIRECTORY);
	return ret->fd < 0 ? ret->fd : 0;
}

int mml_dir_open_anchor(struct mml_root *root, const char *path, const char *anchor,
			struct mml_dir *ret)
{
	char whole[PATH_MAX];
	int rc;

	dir_init(root, path, ret);
	if (!root->place->live)
		return 0;
	rc = dir_path(ret, anchor, whole);
	if (rc)
		return rc;
	ret->anchor = anchor;
	ret->anchor_fd = mml_root_open_flags(root, whole, O_RDONLY);
	return ret->anchor_fd < 0 ? ret->anchor_fd : 0;
}

void mml_dir_close(struct mml_dir *dir)
{
	if (dir->fd >= 0)
		close(dir->fd);
	if (dir->anchor_fd >= 0)
		close(dir->anchor_fd);
	dir->fd = dir->anchor_fd = -1;
}

static int dir_openat(int dirfd, const char *name)
{
	int fd;

	do
		fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	return mml_root_opened(fd < 0 ? -errno : fd);
}

int mml_dir_read(const struct mml_dir *dir, const char *name, bool once, struct mml_buf *buf)
{
	bool anchor = dir->anchor_fd >= 0 && !strcmp(name, dir->anchor);
	size_t start = buf->len;
	char path[PATH_MAX];
	int rc = dir_path(dir, name, path), fd;

	if (rc)
		return rc;
	if (!dir->root->place->live)
		return mml_root_read(dir->root, path, buf);
	if (mml_root_stands(dir->root, path, MML_ASKED_FILE, buf, &rc))
		return mml_root_read_done(dir->root, path, buf, start, rc);
	if (anchor)
		fd = dir->anchor_fd;
	else if (dir->fd < 0)
		fd = mml_root_open_flags(dir->root, path, O_RDONLY);
	else
		fd = dir_openat(dir->fd, name);
	rc = fd < 0 ? fd : mml_root_read_all(fd, once, buf);
	if (fd >= 0 && !anchor)
		close(fd);
	return mml_root_read_done(dir->root, path, buf, start, rc);
}

int mml_dir_openfd(const struct mml_dir *dir, const char *name)
{
	char path[PATH_MAX];
	int rc = dir_path(dir, name, path), fd;

	if (rc)
		return rc;
	if (!dir->root->place->live)
		return -ENOTSUP;
	if (dir->anchor_fd >= 0 && !strcmp(name, dir->anchor)) {
		fd = fcntl(dir->anchor_fd, F_DUPFD_CLOEXEC, 0);
		return mml_root_opened(fd < 0 ? -errno : fd);
	}
	return dir->fd < 0 ? mml_root_open_flags(dir->root, path, O_RDONLY) : dir_openat(dir->fd, name);
}

/* Returns whether the entry NAME of type TYPE of the directory FD is a directory. Some file systems do
 * not tell types. */
static bool is_dir(int fd, const char *name, unsigned char type)
{
	struct stat st;

	if (type != DT_UNKNOWN)
		return type == DT_DIR;
	return !fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode);
}

static int list_dirs(int fd, struct mml_buf *ret)
{
	alignas(struct dirent64) char part[8 << 10];
	ssize_t n;

	while ((n = getdents64(fd, part, sizeof(part))) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *entry = (const struct dirent64 *)(part + at);
			const char *name = entry->d_name;

			if (strcmp(name, ".") && strcmp(name, "..") && is_dir(fd, name, entry->d_type))
				mml_buf_put(ret, name, strlen(name) + 1);
			at += entry->d_reclen;
		}
	return n < 0 ? -errno : ret->error;
}

int mml_dir_dirs(const struct mml_dir *dir, uint64_t *ret_number, struct mml_buf *ret)
{
	struct mml_root *root = dir->root;
	struct stat st;
	int rc, fd;

	*ret_number = 0;
	if (dir->fd >= 0 && !fstat(dir->fd, &st)) {
		*ret_number = st.st_ino;
		/* A directory has a link in each of its own, beside that in its parent and ".". */
		if (st.st_nlink == 2 && !root->sink_ops)
			return 0;
	}
	fd = dir->fd < 0 ? mml_root_open_flags(root, dir->path, O_RDONLY | O_DIRECTORY) :
			   dir_openat(dir->fd, ".");
	rc = fd < 0 ? fd : list_dirs(fd, ret);
	if (fd >= 0)
		close(fd);
	if (root->sink_ops && rc)
		root->sink_ops->error(root->sink, dir->path, MML_ASKED_DIR, rc);
	else if (root->sink_ops)
		root->sink_ops->dir(root->sink, dir->path, NULL);
	return rc;
}
