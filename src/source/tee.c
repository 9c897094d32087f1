/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/place.h"
#include "../core/trouble.h"
#include "host.h"
#include "inside.h"
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

/* Returns 0 if nobody else can have put anything into the directory. Files are made as root, too, and
 * tell about all users. */
static int check_ours(int dirfd)
{
	struct stat st;

	if (fstat(dirfd, &st))
		return -errno;
	if (st.st_uid != geteuid())
		return -ENOTUNIQ;
	return st.st_mode & (S_IWGRP | S_IWOTH) ? -EKEYREJECTED : check_empty(dirfd);
}

static int open_ours(const char *dir, int *ret)
{
	int rc;

	/* A capture tells about the machine's users, so that only whoever made it may read it. */
	if (mkdir(dir, 0700) && errno != EEXIST)
		return -errno;
	*ret = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*ret < 0)
		return -errno;
	rc = check_ours(*ret);
	if (rc)
		close(*ret);
	return rc;
}

static void tee_close(void *sink)
{
	struct tee *tee = sink;

	close(tee->dirfd);
	pthread_mutex_destroy(&tee->lock);
	free(tee);
}

static int open_inside(int dirfd, const char *path, int flags)
{
	return mml_inside_open(dirfd, path, flags | O_CLOEXEC, 0600);
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

/* Opens a file that this capture has made before. The last name may be a link that it saved, whose
 * target is not there yet. */
static int open_made(int dirfd, const char *path, bool append)
{
	int fd = open_inside(dirfd, path, O_WRONLY | O_CREAT | O_NONBLOCK | (append ? O_APPEND : 0));
	struct stat st;
	int rc = 0;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) || (!append && ftruncate(fd, 0)))
		rc = -errno;
	else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink != 1)
		rc = -EEXIST;
	if (rc)
		close(fd);
	return rc ? rc : fd;
}

static int open_new(int dirfd, const char *path, bool append)
{
	int fd = open_inside(dirfd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);

	return fd == -EEXIST ? open_made(dirfd, path, append) : fd;
}

static int save(int dirfd, const char *path, const void *data, size_t len, bool append)
{
	int rc, fd = open_new(dirfd, path, append);

	if (fd == -ENOENT) {
		rc = make_dirs(dirfd, path, 0);
		if (rc)
			return rc;
		fd = open_new(dirfd, path, append);
	}
	if (fd < 0)
		return fd;
	rc = write_all(fd, data, len);
	if (close(fd) && !rc)
		rc = -errno;
	return rc;
}

/* Returns whether the tee may write. Nothing is written behind the first failure. */
static bool tee_begin(struct tee *tee)
{
	pthread_mutex_lock(&tee->lock);
	return !tee->error;
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

	tee_done(tee, tee_begin(tee) ? save(tee->dirfd, path + 1, data, len, false) : 0);
}

static void tee_append(void *sink, const char *path, const void *data, size_t len)
{
	struct tee *tee = sink;

	tee_done(tee, tee_begin(tee) ? save(tee->dirfd, path + 1, data, len, true) : 0);
}

static int save_dir(int dirfd, const char *path)
{
	char dir[PATH_MAX];

	if (snprintf(dir, sizeof(dir), "%s/", path) >= (int)sizeof(dir))
		return -ENAMETOOLONG;
	return make_dirs(dirfd, dir, 0);
}

static void tee_dir(void *sink, const char *path, const struct mml_buf *names)
{
	struct tee *tee = sink;

	(void)names; /* they are those that more is asked of */
	tee_done(tee, tee_begin(tee) ? save_dir(tee->dirfd, path + 1) : 0);
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

	tee_done(tee, tee_begin(tee) ? save_link(tee->dirfd, path + 1, target) : 0);
}

static int save_error(int dirfd, const char *name, const char *path)
{
	struct mml_buf line = { 0 };
	int rc;

	mml_buf_printf(&line, "%s %s\n", name, path);
	rc = line.error ? line.error : save(dirfd, "mmlens/errors", line.data, line.len, true);
	mml_buf_free(&line);
	return rc;
}

static void tee_error(void *sink, const char *path, enum mml_asked asked, int err)
{
	struct tee *tee = sink;
	const char *name = mml_errno_name(err);

	/* A tree keeps errors by path, and a link that cannot be read may lead to what can be. */
	if (name && asked != MML_ASKED_LINK)
		tee_done(tee, tee_begin(tee) ? save_error(tee->dirfd, name, path) : 0);
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

static const char incomplete[] = "mmlens/incomplete";

static int tee_new(const char *dir, struct tee **ret)
{
	static const char words[] = "This capture was not finished.\n";
	struct tee *tee = mml_calloc(1, sizeof(*tee));
	int rc = tee ? open_ours(dir, &tee->dirfd) : -ENOMEM;

	if (rc) {
		free(tee);
		return rc;
	}
	pthread_mutex_init(&tee->lock, NULL);
	rc = save(tee->dirfd, incomplete, words, sizeof(words) - 1, false);
	if (rc)
		tee_close(tee);
	else
		*ret = tee;
	return rc;
}

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

int mml_root_tee_end(struct mml_root *root)
{
	struct tee *tee = mml_root_sink(root, &tee_ops);
	int rc = mml_root_sink_error(root);

	/* What was read was incomplete itself. */
	if (rc || mml_root_host(root)->incomplete)
		return rc;
	return unlinkat(tee->dirfd, incomplete, 0) ? -errno : 0;
}
