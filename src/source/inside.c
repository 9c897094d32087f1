/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../core/buf.h"

/* The kernel follows as many links. The steps are bounded because each ".." begins at the top. */
enum { LINKS = 40, STEPS = 20000, PROC_ROOT_INO = 1 };

/* A path is followed name by name, and no name is ever followed as a link by the kernel. */
struct walk {
	int top, fd;              /* fd: the directory that was reached; -1: the top */
	struct mml_buf done, rest; /* the names that lead there, each with a slash; what is left */
	char name[NAME_MAX + 1];
	unsigned links, steps;
};

static int here(const struct walk *w)
{
	return w->fd < 0 ? w->top : w->fd;
}

static void go_to(struct walk *w, int fd)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = fd;
	if (fd < 0)
		w->done.len = 0;
}

/* Puts the LEN bytes at S before what is left of the path. */
static int put_before(struct walk *w, const char *s, size_t len)
{
	struct mml_buf rest = { 0 };

	mml_buf_put(&rest, s, len);
	mml_buf_put(&rest, w->rest.data, w->rest.len);
	mml_buf_putc(&rest, '\0');
	if (rest.error) {
		mml_buf_free(&rest);
		return -ENOMEM;
	}
	rest.len--;
	mml_buf_free(&w->rest);
	w->rest = rest;
	return 0;
}

/* Takes the next name off the path. Returns 1, 0 at the end, or -errno; RET_LAST says whether
 * nothing stands behind it, not even a slash. */
static int take_name(struct walk *w, bool *ret_last)
{
	const char *p = w->rest.data + strspn(w->rest.data, "/");
	size_t n = strcspn(p, "/");

	if (n > NAME_MAX)
		return -ENAMETOOLONG;
	if (++w->steps > STEPS)
		return -ELOOP;
	memcpy(w->name, p, n);
	w->name[n] = '\0';
	*ret_last = !p[n];
	w->rest.len -= (size_t)(p + n - w->rest.data);
	memmove(w->rest.data, p + n, w->rest.len + 1);
	return n > 0;
}

/* Goes up by beginning anew without the last name, so that a directory which was moved meanwhile
 * does not lead out of the top. */
static int go_up(struct walk *w)
{
	size_t len = w->done.len ? w->done.len - 1 : 0;

	while (len && w->done.data[len - 1] != '/')
		len--;
	if (len && put_before(w, w->done.data, len))
		return -ENOMEM;
	go_to(w, -1);
	return 0;
}

/* Returns whether a link of the directory that was reached leads to what a process has open: those
 * are procfs's links, but for the ones at its top, which are paths. */
static bool is_magic(const struct walk *w, int link)
{
	struct statfs fs;
	struct stat dir;

	return fstatfs(link, &fs) || fstat(here(w), &dir) ||
	       (fs.f_type == PROC_SUPER_MAGIC && dir.st_ino != PROC_ROOT_INO);
}

/* Replaces the name that the descriptor LINK is of by what it says. */
static int follow(struct walk *w, int link)
{
	char target[PATH_MAX + 1];
	ssize_t n;

	if (++w->links > LINKS || is_magic(w, link))
		return -ELOOP;
	n = readlinkat(link, "", target, PATH_MAX);
	if (n <= 0)
		return n ? -errno : -ENOENT;
	if (*target == '/')
		go_to(w, -1);
	return put_before(w, target, (size_t)n);
}

/* Goes into the directory that the name is of, or follows the link. Returns 0 or -errno. */
static int enter(struct walk *w)
{
	int rc = 0, fd = openat(here(w), w->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		rc = -errno;
	else if (S_ISLNK(st.st_mode))
		rc = follow(w, fd);
	else if (!S_ISDIR(st.st_mode))
		rc = -ENOTDIR;
	if (rc || !S_ISDIR(st.st_mode)) {
		close(fd);
		return rc;
	}
	go_to(w, fd);
	mml_buf_puts(&w->done, w->name);
	mml_buf_putc(&w->done, '/');
	return w->done.error;
}

/* Follows the last name if it is a link. Returns 0, or ERROR, which is why it was not opened, if it
 * is none. */
static int follow_last(struct walk *w, int error)
{
	int fd = openat(here(w), w->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return error;
	if (!fstat(fd, &st) && S_ISLNK(st.st_mode))
		error = follow(w, fd);
	close(fd);
	return error;
}

/* Opens the last name. Returns 0 with the descriptor, -errno, or 0 with -1 if it was a link, and the
 * path now has its target. */
static int open_last(struct walk *w, int flags, mode_t mode, int *ret_fd)
{
	bool follows = !(flags & (O_NOFOLLOW | O_EXCL));
	int error, fd = openat(here(w), w->name, flags | O_NOFOLLOW, mode);
	struct stat st;

	*ret_fd = -1;
	if (fd < 0) { /* a link: ELOOP, or ENOTDIR if a directory is asked for */
		error = -errno;
		return follows && (error == -ELOOP || error == -ENOTDIR) ? follow_last(w, error) :
									  error;
	}
	if (follows && flags & O_PATH && !fstat(fd, &st) && S_ISLNK(st.st_mode)) {
		error = follow(w, fd);
		close(fd);
		return error;
	}
	*ret_fd = fd;
	return 0;
}

static int walk(struct walk *w, int flags, mode_t mode)
{
	int rc, fd = -1;

	do {
		bool last;

		rc = take_name(w, &last);
		if (rc < 0)
			return rc;
		if (!rc) {
			fd = openat(here(w), ".", flags & ~(O_CREAT | O_EXCL));
			rc = fd < 0 ? -errno : 0;
		} else if (!strcmp(w->name, ".")) {
			rc = 0;
		} else if (!strcmp(w->name, "..")) {
			rc = go_up(w);
		} else if (last) {
			rc = open_last(w, flags, mode, &fd);
		} else {
			rc = enter(w);
		}
	} while (!rc && fd < 0);
	return rc ? rc : fd;
}

int mml_inside_walk(int dirfd, const char *path, int flags, mode_t mode)
{
	struct walk w = { .top = dirfd, .fd = -1 };
	int fd = *path ? put_before(&w, path, strlen(path)) : -ENOENT;

	if (!fd)
		fd = walk(&w, flags, mode);
	go_to(&w, -1);
	mml_buf_free(&w.done);
	mml_buf_free(&w.rest);
	return fd;
}

int mml_inside_open(int dirfd, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)flags,
		.mode = flags & O_CREAT ? mode : 0,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int tries = 100; /* EAGAIN means that a folder was renamed; nobody may hold us up with that */
	long fd;

	do
		fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
	while (fd < 0 && (errno == EINTR || (errno == EAGAIN && --tries)));
	/* Some sandboxes answer EPERM to a call they do not know. If the file is meant, the walk gets
	 * the same answer. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return mml_inside_walk(dirfd, path, flags, mode);
	return fd < 0 ? -errno : (int)fd;
}
