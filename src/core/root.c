/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <limits.h>
#include <poll.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "host.h"
#include "tee.h"

/* The largest file of this kind, zoneinfo of a 64-node, 4096-CPU machine, has about 80 MB. What
 * is larger is not the kernel's, and would be held in memory whole. */
enum { LARGEST_FILE = 256 << 20 };

/* How long a FIFO or a socket-backed file in a tree may stay silent, and how long it may take in all:
 * one that sends a byte now and then would never come to its end. */
enum { SILENCE_MS = 10000, PATIENCE_S = 60 };

struct mml_root {
	int dirfd;  /* of a tree; -1: the live system by plain paths */
	bool live;  /* the files change under us: the system's own, or /proc of a tree is procfs */
	struct mml_host host;
	struct mml_host_text text;
	struct mml_tee *tee;
};

static int tree_open(const struct mml_root *root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)flags,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int tries = 100; /* EAGAIN: something on the way was renamed; whoever keeps at it loses */
	long fd;

	do
		fd = syscall(SYS_openat2, root->dirfd, path, &how, sizeof(how));
	while (fd < 0 && (errno == EINTR || (errno == EAGAIN && --tries)));
	return fd < 0 ? -errno : (int)fd;
}

static int plain_open(const char *path, int flags)
{
	int fd;

	do
		fd = open(path, flags);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

static int root_open_flags(const struct mml_root *root, const char *path, int flags)
{
	int rc;

	/* openat2() refuses what means nothing beside O_PATH. */
	flags |= O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY);
	if (root->dirfd < 0)
		return plain_open(path, flags);
	rc = mml_host_error(&root->text, path);
	return rc ? rc : tree_open(root, path, flags | (flags & O_PATH ? 0 : O_NONBLOCK));
}

/* A tree may hold anything. Files are read, FIFOs waited for; devices and sockets are refused. */
static int tree_check(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct stat st;
	int n;

	if (fstat(fd, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (S_ISREG(st.st_mode))
		return st.st_size > LARGEST_FILE ? -EFBIG : 0;
	if (!S_ISFIFO(st.st_mode))
		return -ENXIO;
	do
		n = poll(&p, 1, SILENCE_MS);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n ? 0 : -ETIMEDOUT;
}

static int read_all(int fd, bool once, struct mml_buf *buf)
{
	size_t start = buf->len;
	struct timespec begun = { 0 }, now;

	for (;;) {
		ssize_t n;

		/* Files of the kernel come a page at a time; the room doubles as they turn out long. */
		if (mml_buf_reserve(buf, 8 << 10))
			return -ENOMEM;
		n = read(fd, buf->data + buf->len, buf->cap - 1 - buf->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) { /* a FIFO between two writes */
			int rc;

			clock_gettime(CLOCK_MONOTONIC, &now);
			if (!begun.tv_sec)
				begun = now;
			rc = now.tv_sec - begun.tv_sec > PATIENCE_S ? -ETIMEDOUT : tree_check(fd);
			if (rc)
				return rc;
			continue;
		}
		if (n < 0)
			return -errno;
		if (!n)
			break;
		buf->len += (size_t)n;
		if (once && buf->len < buf->cap - 1)
			break;
		if (buf->len - start > LARGEST_FILE)
			return -EFBIG;
	}
	buf->data[buf->len] = '\0';
	return 0;
}

/* What was read, or its failure, goes to the tee too. */
static int read_done(struct mml_root *root, const char *path, struct mml_buf *buf, size_t start,
		     int rc)
{
	if (rc)
		buf->len = start;
	if (root->tee && rc)
		mml_tee_error_of(root->tee, path, rc);
	else if (root->tee)
		mml_tee_file(root->tee, path, buf->data + start, buf->len - start);
	return rc;
}

int mml_root_read(struct mml_root *root, const char *path, struct mml_buf *buf)
{
	size_t start = buf->len;
	int rc, fd = root_open_flags(root, path, O_RDONLY);

	if (fd < 0) {
		rc = fd;
	} else {
		rc = root->dirfd < 0 ? 0 : tree_check(fd);
		if (!rc)
			rc = read_all(fd, false, buf);
		close(fd);
	}
	return read_done(root, path, buf, start, rc);
}

static int dir_init(struct mml_root *root, const char *path, struct mml_dir *ret)
{
	size_t len = strlen(path);

	*ret = (struct mml_dir){ .root = root, .fd = -1, .anchor_fd = -1 };
	if (len >= sizeof(ret->path))
		return -ENAMETOOLONG;
	memcpy(ret->path, path, len + 1);
	return 0;
}

/* PATH/NAME of DIR, in RET of DIR_PATH_MAX bytes. */
enum { DIR_PATH_MAX = sizeof(((struct mml_dir *)0)->path) + NAME_MAX + 2 };

static int dir_path(const struct mml_dir *dir, const char *name, char *ret)
{
	size_t len = strlen(dir->path), more = strlen(name);

	if (more > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(ret, dir->path, len);
	ret[len] = '/';
	memcpy(ret + len + 1, name, more + 1);
	return 0;
}

int mml_dir_open(struct mml_root *root, const char *path, struct mml_dir *ret)
{
	int rc = dir_init(root, path, ret);

	/* In a tree nothing changes, and its links must not lead out of it. */
	if (rc || !root->live)
		return rc;
	ret->fd = root_open_flags(root, path, O_PATH | O_DIRECTORY);
	return ret->fd < 0 ? ret->fd : 0;
}

int mml_dir_open_anchor(struct mml_root *root, const char *path, const char *anchor,
			struct mml_dir *ret)
{
	char whole[DIR_PATH_MAX];
	int rc = dir_init(root, path, ret);

	if (rc || !root->live)
		return rc;
	rc = dir_path(ret, anchor, whole);
	if (rc)
		return rc;
	ret->anchor = anchor;
	ret->anchor_fd = root_open_flags(root, whole, O_RDONLY);
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
	return fd < 0 ? -errno : fd;
}

int mml_dir_read(const struct mml_dir *dir, const char *name, bool once, struct mml_buf *buf)
{
	bool anchor = dir->anchor_fd >= 0 && !strcmp(name, dir->anchor);
	size_t start = buf->len;
	char path[DIR_PATH_MAX];
	int rc = dir_path(dir, name, path), fd;

	if (rc)
		return rc;
	if (!dir->root->live)
		return mml_root_read(dir->root, path, buf);
	if (anchor)
		fd = dir->anchor_fd;
	else if (dir->fd < 0)
		fd = root_open_flags(dir->root, path, O_RDONLY);
	else
		fd = dir_openat(dir->fd, name);
	rc = fd < 0 ? fd : read_all(fd, once, buf);
	if (fd >= 0 && !anchor)
		close(fd);
	return read_done(dir->root, path, buf, start, rc);
}

int mml_dir_openfd(const struct mml_dir *dir, const char *name)
{
	char path[DIR_PATH_MAX];
	int rc = dir_path(dir, name, path), fd;

	if (rc)
		return rc;
	if (!dir->root->live)
		return -ENOTSUP;
	if (dir->anchor_fd >= 0 && !strcmp(name, dir->anchor)) {
		fd = fcntl(dir->anchor_fd, F_DUPFD_CLOEXEC, 0);
		return fd < 0 ? -errno : fd;
	}
	return dir->fd < 0 ? root_open_flags(dir->root, path, O_RDONLY) : dir_openat(dir->fd, name);
}

bool mml_root_direct(const struct mml_root *root)
{
	return root->dirfd < 0 && !root->tee;
}

int mml_root_openfd(struct mml_root *root, const char *path)
{
	int rc, fd = root_open_flags(root, path, O_RDONLY);

	if (fd < 0 || root->dirfd < 0)
		return fd;
	rc = tree_check(fd);
	if (rc == -EFBIG) /* streamed by the caller: any size will do */
		rc = 0;
	if (rc)
		close(fd);
	return rc ? rc : fd;
}

int mml_root_walk(struct mml_root *root, const char *path,
		  int (*each)(const char *name, void *ctx), void *ctx)
{
	/* A small part at a time, for those who want to begin with the first names. */
	alignas(struct dirent) char part[4096];
	int fd = root_open_flags(root, path, O_RDONLY | O_DIRECTORY), rc = fd < 0 ? fd : 0;
	ssize_t n = 0;

	while (!rc && (n = getdents64(fd, part, sizeof(part))) > 0)
		for (ssize_t at = 0; at < n && !rc;) {
			const struct dirent64 *entry = (const struct dirent64 *)(part + at);

			if (entry->d_name[0] != '.')
				rc = each(entry->d_name, ctx);
			at += entry->d_reclen;
		}
	if (!rc && n < 0)
		rc = -errno;
	if (fd >= 0)
		close(fd);
	if (root->tee && fd < 0)
		mml_tee_error_of(root->tee, path, fd);
	else if (root->tee)
		mml_tee_dir(root->tee, path);
	return rc;
}

static int list_name(const char *name, void *buf)
{
	mml_buf_put(buf, name, strlen(name) + 1);
	return ((struct mml_buf *)buf)->error;
}

int mml_root_list(struct mml_root *root, const char *path, struct mml_buf *buf)
{
	return mml_root_walk(root, path, list_name, buf);
}

int mml_root_readlink(struct mml_root *root, const char *path, struct mml_buf *buf)
{
	int fd = root_open_flags(root, path, O_PATH | O_NOFOLLOW);
	ssize_t n;
	int rc = 0;

	if (fd < 0)
		return fd;
	if (!mml_buf_reserve(buf, PATH_MAX)) {
		n = readlinkat(fd, "", buf->data + buf->len, PATH_MAX);
		if (n < 0)
			rc = -errno;
		else
			buf->data[buf->len += (size_t)n] = '\0';
		if (!rc && root->tee)
			mml_tee_link(root->tee, path, buf->data + buf->len - n);
	}
	close(fd);
	return rc ? rc : buf->error;
}

static bool tree_is_live(const struct mml_root *root)
{
	int fd = tree_open(root, "/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;
	bool live;

	if (fd < 0)
		return false;
	live = !fstatfs(fd, &fs) && fs.f_type == PROC_SUPER_MAGIC;
	close(fd);
	return live;
}

static int tree_attach(struct mml_root *root, const char *dir)
{
	int fd;

	root->dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root->dirfd < 0)
		return -errno;
	fd = tree_open(root, "/", O_PATH | O_CLOEXEC);
	if (fd < 0)
		return fd;
	close(fd);
	root->live = tree_is_live(root);
	return 0;
}

int mml_root_open(const char *dir, struct mml_root **ret)
{
	struct mml_root *root = calloc(1, sizeof(*root));
	int rc = 0;

	if (!root)
		return -ENOMEM;
	root->dirfd = -1;
	root->live = true;
	if (dir)
		rc = tree_attach(root, dir);
	if (!rc)
		rc = root->live ? mml_host_live(&root->host, &root->text) :
				  mml_host_tree(root, &root->host, &root->text);
	if (rc) {
		mml_root_close(root);
		return rc;
	}
	*ret = root;
	return 0;
}

void mml_root_close(struct mml_root *root)
{
	if (!root)
		return;
	if (root->dirfd >= 0)
		close(root->dirfd);
	mml_host_free(&root->text);
	mml_tee_free(root->tee);
	free(root);
}

bool mml_root_live(const struct mml_root *root)
{
	return root->live;
}

const struct mml_host *mml_root_host(const struct mml_root *root)
{
	return &root->host;
}

void mml_root_count_nodes(struct mml_root *root)
{
	if (root->live && !root->host.nodes)
		root->host.nodes = mml_host_nodes(root);
}

int mml_root_tee(struct mml_root *root, const char *dir)
{
	struct mml_time now = mml_root_now(root);
	int rc;

	mml_root_count_nodes(root);
	rc = mml_tee_new(dir, &root->tee);
	return rc ? rc : mml_root_tee_time(root, &now);
}

int mml_root_tee_time(struct mml_root *root, const struct mml_time *time)
{
	return mml_host_save(root, &root->host, time);
}

int mml_root_save(struct mml_root *root, const char *path, const void *data, size_t len)
{
	if (root->tee)
		mml_tee_file(root->tee, path, data, len);
	return mml_root_tee_error(root);
}

int mml_root_save_part(struct mml_root *root, const char *path, const void *data, size_t len,
		       bool first)
{
	if (root->tee && first)
		mml_tee_file(root->tee, path, data, len);
	else if (root->tee)
		mml_tee_append(root->tee, path, data, len);
	return mml_root_tee_error(root);
}

bool mml_root_saves(const struct mml_root *root)
{
	return root->tee;
}

void mml_root_save_error(struct mml_root *root, const char *path, int err)
{
	if (root->tee)
		mml_tee_error_of(root->tee, path, err);
}

int mml_root_tee_error(const struct mml_root *root)
{
	return root->tee ? mml_tee_error(root->tee) : 0;
}

struct mml_time mml_root_now(struct mml_root *root)
{
	struct mml_time now = { 0 };
	struct timespec mono;

	if (!root->live) {
		mml_host_time(root, &now);
		return now;
	}
	clock_gettime(CLOCK_BOOTTIME, &mono);
	clock_gettime(CLOCK_REALTIME, &now.wall);
	now.mono_ns = (uint64_t)mono.tv_sec * 1000000000 + (uint64_t)mono.tv_nsec;
	return now;
}
