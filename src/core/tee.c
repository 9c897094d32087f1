/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tee.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "host.h"

struct mml_tee {
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

int mml_tee_new(const char *dir, struct mml_tee **ret)
{
	struct mml_tee *tee = calloc(1, sizeof(*tee));
	int rc;

	if (!tee)
		return -ENOMEM;
	/* What is captured tells on the machine's users: it is for its maker only. */
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

void mml_tee_free(struct mml_tee *tee)
{
	if (!tee)
		return;
	close(tee->dirfd);
	pthread_mutex_destroy(&tee->lock);
	free(tee);
}

static int make_dirs(int dirfd, const char *path)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(part))
		return -ENAMETOOLONG;
	memcpy(part, path, len + 1);
	for (char *p = strchr(part, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdirat(dirfd, part, 0700) && errno != EEXIST)
			return -errno;
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
	int rc, fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_CLOEXEC | how, 0600);

	if (fd < 0 && errno == ENOENT) {
		rc = make_dirs(dirfd, path);
		if (rc)
			return rc;
		fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_CLOEXEC | how, 0600);
	}
	if (fd < 0)
		return -errno;
	rc = write_all(fd, data, len);
	if (close(fd) && !rc)
		rc = -errno;
	return rc;
}

static void tee_done(struct mml_tee *tee, int rc)
{
	if (rc && !tee->error)
		tee->error = rc;
	pthread_mutex_unlock(&tee->lock);
}

void mml_tee_file(struct mml_tee *tee, const char *path, const void *data, size_t len)
{
	pthread_mutex_lock(&tee->lock);
	tee_done(tee, save(tee->dirfd, path + 1, data, len, O_TRUNC));
}

void mml_tee_dir(struct mml_tee *tee, const char *path)
{
	int rc;

	pthread_mutex_lock(&tee->lock);
	rc = make_dirs(tee->dirfd, path + 1);
	if (!rc && mkdirat(tee->dirfd, path + 1, 0700) && errno != EEXIST)
		rc = -errno;
	tee_done(tee, rc);
}

void mml_tee_link(struct mml_tee *tee, const char *path, const char *target)
{
	int rc;

	pthread_mutex_lock(&tee->lock);
	rc = make_dirs(tee->dirfd, path + 1);
	if (!rc && symlinkat(target, tee->dirfd, path + 1) && errno != EEXIST)
		rc = -errno;
	tee_done(tee, rc);
}

void mml_tee_error_of(struct mml_tee *tee, const char *path, int err)
{
	const char *name = mml_errno_name(err);
	struct mml_buf line = { 0 };

	if (!name)
		return;
	mml_buf_printf(&line, "%s %s\n", name, path);
	pthread_mutex_lock(&tee->lock);
	tee_done(tee, line.error ? line.error :
				   save(tee->dirfd, "mmlens/errors", line.data, line.len, O_APPEND));
	mml_buf_free(&line);
}

int mml_tee_error(struct mml_tee *tee)
{
	int rc;

	pthread_mutex_lock(&tee->lock);
	rc = tee->error;
	pthread_mutex_unlock(&tee->lock);
	return rc;
}
