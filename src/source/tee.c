/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../core/place.h"
#include "host.h"
#include "source.h"

struct tee {
	int dirfd;
	int error;
	pthread_mutex_t lock;
};

static int check_empty(int dirfd)
{
	int rc = 0, fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	DIR *dir;

	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		rc = -errno;
		close(fd);
		return rc;
	}
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			rc = -ENOTEMPTY;
	closedir(dir);
	return rc;
}

static int tee_new(const char *dir, struct tee **ret)
{
	struct tee *tee = calloc(1, sizeof(*tee));
	int rc;

	if (!tee)
		return -ENOMEM;
	/* A capture tells about the machine's users, so that only whoever made it may read it. */
	if (mkdir(dir, 0700) && errno != EEXIST) {
		rc = -errno;
		goto fail;
	}
	tee->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tee->dirfd < 0) {
		rc = -errno;
		goto fail;
	}
	rc = check_empty(tee->dirfd);
	if (rc) {
		close(tee->dirfd);
		goto fail;
	}
	pthread_mutex_init(&tee->lock, NULL);
	*ret = tee;
	return 0;
fail:
	free(tee);
	return rc;
}

static void tee_close(void *sink)
{
	struct tee *tee = sink;

	close(tee->dirfd);
	pthread_mutex_destroy(&tee->lock);
	free(tee);
}

/* Opens PATH inside the tree. Links that were saved there may have been made by anyone, and are
 * never followed out of it. A kernel older than 5.6 cannot read trees, so that there all links are
 * from its own sysfs, and are not followed. */
static int open_inside(int dirfd, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.mode = flags & O_CREAT ? 0600 : 0,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));

	if (fd < 0 && errno == ENOSYS)
		fd = openat(dirfd, path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : fd;
}

static int make_dirs(int dirfd, const char *path, int depth);

/* DIR is a link in the directory FD, whose path is PARENT, and its target was not saved yet. This
 * makes the target as a directory. */
static int make_target(int dirfd, int fd, const char *parent, const char *dir, int depth)
{
	char target[PATH_MAX], path[PATH_MAX * 2 + 2];
	ssize_t n = readlinkat(fd, dir, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	if (depth == 8)
		return -ELOOP;
	target[n] = '\0';
	if (*target == '/')
		snprintf(path, sizeof(path), "%s/", target + strspn(target, "/"));
	else
		snprintf(path, sizeof(path), "%s%s%s/", parent, *parent ? "/" : "", target);
	return make_dirs(dirfd, path, depth + 1);
}

/* Makes the directory BASE in the one whose path is PARENT. */
static int make_dir(int dirfd, const char *parent, const char *base, const char *path, int depth)
{
	int rc = 0, fd = open_inside(dirfd, *parent ? parent : ".", O_PATH | O_DIRECTORY), made;

	if (fd < 0)
		return fd;
	if (*base && mkdirat(fd, base, 0700)) {
		rc = errno == EEXIST ? 0 : -errno;
		made = rc ? rc : open_inside(dirfd, path, O_PATH | O_DIRECTORY);
		if (made >= 0)
			close(made);
		else
			rc = made == -ENOENT ? make_target(dirfd, fd, parent, base, depth) : made;
	}
	close(fd);
	return rc;
}

/* Makes the directories of PATH, up to its last slash. */
static int make_dirs(int dirfd, const char *path, int depth)
{
	char part[PATH_MAX], parent[PATH_MAX] = "";
	size_t len = strlen(path);

	if (len >= sizeof(part))
		return -ENAMETOOLONG;
	memcpy(part, path, len + 1);
	for (char *base = part, *p; (p = strchr(base, '/')); base = p + 1) {
		int rc;

		*p = '\0';
		rc = make_dir(dirfd, parent, base, part, depth);
		if (rc)
			return rc;
		memcpy(parent, part, (size_t)(p - part) + 1);
		*p = '/';
	}
	return 0;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int save(int dirfd, const char *path, const void *data, size_t len, int how)
{
	int rc, fd = open_inside(dirfd, path, O_WRONLY | O_CREAT | how);

	if (fd == -ENOENT) {
		rc = make_dirs(dirfd, path, 0);
		if (rc)
			return rc;
		fd = open_inside(dirfd, path, O_WRONLY | O_CREAT | how);
	}
	if (fd < 0)
		return fd;
	rc = write_all(fd, data, len);
	if (close(fd) && !rc)
		rc = -errno;
	return rc;
}

static void tee_done(struct tee *tee, int rc)
{
	if (rc && !tee->error)
		tee->error = rc;
	pthread_mutex_unlock(&tee->lock);
}

static void tee_file(void *sink, const char *path, const void *data, size_t len)
{
	struct tee *tee = sink;

	pthread_mutex_lock(&tee->lock);
	tee_done(tee, save(tee->dirfd, path + 1, data, len, O_TRUNC));
}

static void tee_append(void *sink, const char *path, const void *data, size_t len)
{
	struct tee *tee = sink;

	pthread_mutex_lock(&tee->lock);
	tee_done(tee, save(tee->dirfd, path + 1, data, len, O_APPEND));
}

static void tee_dir(void *sink, const char *path, const struct mml_buf *names)
{
	struct tee *tee = sink;
	char dir[PATH_MAX];

	(void)names; /* they are those that more is asked of */
	pthread_mutex_lock(&tee->lock);
	tee_done(tee, snprintf(dir, sizeof(dir), "%s/", path + 1) < (int)sizeof(dir) ?
			      make_dirs(tee->dirfd, dir, 0) :
			      -ENAMETOOLONG);
}

static int save_link(int dirfd, const char *path, const char *target)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd, rc = make_dirs(dirfd, path, 0);

	if (rc)
		return rc;
	snprintf(parent, sizeof(parent), "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
	fd = open_inside(dirfd, parent, O_PATH | O_DIRECTORY);
	if (fd < 0)
		return fd;
	rc = symlinkat(target, fd, slash ? slash + 1 : path) && errno != EEXIST ? -errno : 0;
	close(fd);
	return rc;
}

static void tee_link(void *sink, const char *path, const char *target)
{
	struct tee *tee = sink;

	pthread_mutex_lock(&tee->lock);
	tee_done(tee, save_link(tee->dirfd, path + 1, target));
}

static void tee_error(void *sink, const char *path, enum mml_asked asked, int err)
{
	struct tee *tee = sink;
	const char *name = mml_errno_name(err);
	struct mml_buf line = { 0 };

	/* A tree keeps errors by path, and a link that cannot be read may lead to what can be. */
	if (!name || asked == MML_ASKED_LINK)
		return;
	mml_buf_printf(&line, "%s %s\n", name, path);
	pthread_mutex_lock(&tee->lock);
	tee_done(tee, line.error ? line.error :
				   save(tee->dirfd, "mmlens/errors", line.data, line.len, O_APPEND));
	mml_buf_free(&line);
}

static int tee_failed(void *sink)
{
	struct tee *tee = sink;
	int rc;

	pthread_mutex_lock(&tee->lock);
	rc = tee->error;
	pthread_mutex_unlock(&tee->lock);
	return rc;
}

static const struct mml_sink_ops tee_ops = {
	.file = tee_file,
	.append = tee_append,
	.dir = tee_dir,
	.link = tee_link,
	.error = tee_error,
	.failed = tee_failed,
	.close = tee_close,
};

int mml_root_tee(struct mml_root *root, const char *dir)
{
	struct mml_time now = mml_root_now(root);
	struct tee *tee = NULL;
	int rc;

	mml_root_count_nodes(root);
	rc = tee_new(dir, &tee);
	if (rc)
		return rc;
	mml_root_set_sink(root, &tee_ops, tee);
	return mml_root_tee_time(root, &now);
}

int mml_root_tee_time(struct mml_root *root, const struct mml_time *time)
{
	return mml_host_save(root, mml_root_host(root), time);
}
