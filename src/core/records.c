/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/major.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "root-int.h"

/* The kernel refuses to put a record into less room than it takes, and none is longer than 8 KiB.
 * Its log is a few MiB at most, unless somebody writes faster than we read. */
enum { LARGEST_RECORD = 16 << 10, MOST = 256 << 20 };

enum { KMSG_MINOR = 11 };

int mml_read_records(int fd, struct mml_buf *buf)
{
	size_t start = buf->len;

	while (buf->len - start <= MOST) {
		ssize_t n;

		if (mml_buf_reserve(buf, LARGEST_RECORD))
			return -ENOMEM;
		n = read(fd, buf->data + buf->len, buf->cap - 1 - buf->len);
		if (!n || (n < 0 && errno == EAGAIN)) {
			buf->data[buf->len] = '\0';
			return 0;
		}
		if (n > 0)
			buf->len += (size_t)n;
		else if (errno != EINTR && errno != EPIPE) /* EPIPE: the next one was overwritten */
			return -errno;
	}
	return -EFBIG;
}

/* The kernel's log is of this machine. A tree that was captured elsewhere has a copy, and a device
 * in its place would tell lies. */
static int check(const struct mml_root *root, int fd)
{
	struct stat st;

	if (root->place->system)
		return 0;
	if (root->place->live && !fstat(fd, &st) && S_ISCHR(st.st_mode) &&
	    st.st_rdev == makedev(MEM_MAJOR, KMSG_MINOR))
		return 0;
	return mml_root_tree_check(fd);
}

int mml_root_read_records(struct mml_root *root, const char *path, struct mml_buf *buf)
{
	size_t start = buf->len;
	int rc, fd;

	if (!root->place->ops->open)
		return mml_root_read(root, path, buf);
	fd = mml_root_open_flags(root, path, O_RDONLY | O_NONBLOCK);
	rc = fd < 0 ? fd : check(root, fd);
	if (!rc)
		rc = mml_read_records(fd, buf);
	if (fd >= 0)
		close(fd);
	return mml_root_read_done(root, path, buf, start, rc);
}
