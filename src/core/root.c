/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "root-int.h"
#include "trouble.h"

/* The largest of the kernel's files is zoneinfo, which has about 80 MB on a machine with 64 nodes
 * and 4096 CPUs. A larger file is not the kernel's, and all of it would be held in memory. */
enum { LARGEST_FILE = 256 << 20 };

/* How long a FIFO in a tree may stay silent, and how long it may take in all. Without the latter,
 * one that sends a byte now and then would never come to its end. */
enum { SILENCE_MS = 10000, PATIENCE_S = 60 };

int mml_root_opened(int fd)
{
	return fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM ? mml_trouble(fd) : fd;
}

int mml_root_open_flags(const struct mml_root *root, const char *path, int flags)
{
	if (!root->place->ops->open)
		return -ENOTSUP;
	/* openat2() refuses flags that have no meaning beside O_PATH. */
	flags |= O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY);
	return mml_root_opened(root->place->ops->open(root->place, path, flags));
}

/* A tree may hold anything. Regular files are read and FIFOs are waited for, but devices and
 * sockets are refused. */
int mml_root_tree_check(int fd)
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

int mml_root_read_all(int fd, bool once, struct mml_buf *buf)
{
	size_t start = buf->len;
	struct timespec begun = { 0 }, now;

	for (;;) {
		ssize_t n;

		/* The kernel's files come a page at a time. The buffer doubles if they turn out to
		 * be long. */
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
			rc = now.tv_sec - begun.tv_sec > PATIENCE_S ? -ETIMEDOUT : mml_root_tree_check(fd);
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

int mml_root_read_done(struct mml_root *root, const char *path, struct mml_buf *buf, size_t start,
		       int rc)
{
	if (rc)
		buf->len = start;
	if (root->sink_ops && rc)
		root->sink_ops->error(root->sink, path, MML_ASKED_FILE, rc);
	else if (root->sink_ops)
		root->sink_ops->file(root->sink, path, buf->data + start, buf->len - start);
	return rc;
}

int mml_root_read(struct mml_root *root, const char *path, struct mml_buf *buf)
{
	size_t start = buf->len;
	int rc, fd;

	if (mml_root_stands(root, path, MML_ASKED_FILE, buf, &rc))
		return mml_root_read_done(root, path, buf, start, rc);
	if (!root->place->ops->open)
		return mml_root_read_done(root, path, buf, start,
					  root->place->ops->read(root->place, path, buf));
	fd = mml_root_open_flags(root, path, O_RDONLY);
	if (fd < 0) {
		rc = fd;
	} else {
		rc = root->place->system ? 0 : mml_root_tree_check(fd);
		if (!rc)
			rc = mml_root_read_all(fd, false, buf);
		close(fd);
	}
	return mml_root_read_done(root, path, buf, start, rc);
}

bool mml_root_system(const struct mml_root *root)
{
	return root->place->system;
}

bool mml_root_direct(const struct mml_root *root)
{
	return root->place->system && !root->sink_ops;
}

/* A place without files has what was read of them. A file in memory is made of that. */
static int open_memory(struct mml_root *root, const char *path)
{
	struct mml_buf buf = { 0 };
	int fd = -1, rc = root->place->ops->read(root->place, path, &buf);

	if (!rc)
		fd = mml_root_opened(memfd_create("mmlens", MFD_CLOEXEC));
	if (!rc && fd < 0)
		rc = -errno;
	if (!rc)
		rc = mml_buf_flush(&buf, fd);
	if (!rc && lseek(fd, 0, SEEK_SET))
		rc = -errno;
	mml_buf_free(&buf);
	if (rc && fd >= 0)
		close(fd);
	return rc ? rc : fd;
}

int mml_root_openfd(struct mml_root *root, const char *path)
{
	int rc, fd;

	if (!root->place->ops->open)
		return open_memory(root, path);
	fd = mml_root_open_flags(root, path, O_RDONLY);
	if (fd < 0 || root->place->system)
		return fd;
	rc = mml_root_tree_check(fd);
	if (rc == -EFBIG) /* the caller streams the file, so that any size will do */
		rc = 0;
	if (rc)
		close(fd);
	return rc ? rc : fd;
}

int mml_root_open_quietly(struct mml_root *root, const char *path)
{
	if (!root->place->system)
		return -ENOTSUP;
	return mml_root_open_flags(root, path, O_RDONLY | O_NOATIME | O_NONBLOCK);
}

/* What a walk goes through. The names are kept for the sink, if there is one. */
struct walk {
	int (*each)(const char *name, void *ctx);
	void *ctx;
	struct mml_buf names;
	bool keeps;
};

static int walk_name(const char *name, void *ctx)
{
	struct walk *walk = ctx;

	if (walk->keeps) {
		mml_buf_puts(&walk->names, name);
		mml_buf_putc(&walk->names, '\n');
	}
	return walk->each(name, walk->ctx);
}

static int walk_files(struct mml_root *root, const char *path, struct walk *walk, int *ret_open)
{
	/* Names are read in small parts, for those who want to begin with the first ones. */
	alignas(struct dirent) char part[4096];
	int fd = *ret_open = mml_root_open_flags(root, path, O_RDONLY | O_DIRECTORY), rc = 0;
	ssize_t n = 0;

	if (fd < 0)
		return fd;
	while (!rc && (n = getdents64(fd, part, sizeof(part))) > 0)
		for (ssize_t at = 0; at < n && !rc;) {
			const struct dirent64 *entry = (const struct dirent64 *)(part + at);

			if (entry->d_name[0] != '.')
				rc = walk_name(entry->d_name, walk);
			at += entry->d_reclen;
		}
	if (!rc && n < 0)
		rc = -errno;
	close(fd);
	return rc;
}

int mml_root_walk(struct mml_root *root, const char *path,
		  int (*each)(const char *name, void *ctx), void *ctx)
{
	const struct mml_place_ops *ops = root->place->ops;
	struct walk walk = { each, ctx, { 0 }, root->sink_ops };
	int rc, opened = 0;

	if (ops->open)
		rc = walk_files(root, path, &walk, &opened);
	else
		rc = opened = ops->walk(root->place, path, walk_name, &walk);
	if (root->sink_ops && opened < 0)
		root->sink_ops->error(root->sink, path, MML_ASKED_DIR, opened);
	else if (root->sink_ops)
		root->sink_ops->dir(root->sink, path,
				    rc || walk.names.error ? NULL : &walk.names);
	mml_buf_free(&walk.names);
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

static int read_link(struct mml_root *root, const char *path, struct mml_buf *buf)
{
	int rc, fd = mml_root_open_flags(root, path, O_PATH | O_NOFOLLOW);
	ssize_t n;

	if (fd < 0)
		return fd;
	rc = mml_buf_reserve(buf, PATH_MAX);
	if (!rc) {
		n = readlinkat(fd, "", buf->data + buf->len, PATH_MAX);
		if (n < 0)
			rc = -errno;
		else
			buf->data[buf->len += (size_t)n] = '\0';
	}
	close(fd);
	return rc;
}

int mml_root_readlink(struct mml_root *root, const char *path, struct mml_buf *buf)
{
	const struct mml_place_ops *ops = root->place->ops;
	size_t start = buf->len;
	int rc;

	if (!mml_root_stands(root, path, MML_ASKED_LINK, buf, &rc))
		rc = ops->open ? read_link(root, path, buf) : ops->readlink(root->place, path, buf);
	if (root->sink_ops && rc)
		root->sink_ops->error(root->sink, path, MML_ASKED_LINK, rc);
	else if (root->sink_ops)
		root->sink_ops->link(root->sink, path, buf->data + start);
	return rc;
}

struct mml_root *mml_root_new(struct mml_place *place)
{
	struct mml_root *root = mml_calloc(1, sizeof(*root));

	if (root)
		root->place = place;
	return root;
}

void mml_root_set_sink(struct mml_root *root, const struct mml_sink_ops *ops, void *sink)
{
	root->sink_ops = ops;
	root->sink = sink;
}

void *mml_root_sink(const struct mml_root *root, const struct mml_sink_ops *ops)
{
	return root->sink_ops == ops ? root->sink : NULL;
}

void mml_root_close(struct mml_root *root)
{
	if (!root)
		return;
	root->place->ops->close(root->place);
	if (root->sink_ops)
		root->sink_ops->close(root->sink);
	mml_buf_free(&root->boot_id);
	mml_buf_free(&root->name);
	free(root);
}

bool mml_root_live(const struct mml_root *root)
{
	return root->place->live;
}

enum mml_missing mml_root_missing(const struct mml_root *root, const char *path)
{
	struct mml_place *place = root->place;

	if (place->live)
		return MML_MISSING_THERE;
	return place->ops->missing ? place->ops->missing(place, path) : MML_MISSING_FROM_TREE;
}

/* 6.12.117+deb13-cloud-amd64 */
int mml_host_since(const struct mml_host *host, unsigned major, unsigned minor)
{
	struct mml_span rest = mml_span_str(host->kernel ? host->kernel : ""), number;
	uint64_t has[2];

	for (size_t i = 0; i < 2; i++) {
		number = (struct mml_span){ rest.p, rest.p };
		while (number.end < rest.end && *number.end >= '0' && *number.end <= '9')
			number.end++;
		if (mml_parse_u64(number, &has[i]))
			return -1;
		rest.p = number.end;
		if (!i && (rest.p == rest.end || *rest.p++ != '.'))
			return -1;
	}
	return has[0] != major ? has[0] > major : has[1] >= minor;
}

const struct mml_host *mml_root_host(const struct mml_root *root)
{
	return &root->place->host;
}

static void count_node(unsigned n, void *ctx)
{
	(void)n;
	++*(unsigned *)ctx;
}

void mml_root_count_nodes(struct mml_root *root)
{
	struct mml_host *host = &root->place->host;
	struct mml_buf buf = { 0 };

	if (host->nodes || mml_root_read(root, "/sys/devices/system/node/online", &buf))
		return;
	{
		struct mml_span text = { buf.data, buf.data + buf.len }, line;

		if (mml_next_line(&text, &line) && mml_parse_list(line, count_node, &host->nodes))
			host->nodes = 0;
	}
	mml_buf_free(&buf);
}

/* Reads a file of one line. */
static int read_word(struct mml_root *root, const char *path, struct mml_buf *buf, const char **ret)
{
	int rc = mml_root_read(root, path, buf);

	if (rc)
		return rc == -ENOMEM ? rc : 0;
	buf->data[strcspn(buf->data, "\n")] = '\0';
	*ret = buf->data;
	return 0;
}

int mml_root_identify(struct mml_root *root)
{
	struct mml_host *host = &root->place->host;
	int rc = 0;

	if (!root->place->live)
		return 0;
	if (!host->boot_id)
		rc = read_word(root, "/proc/sys/kernel/random/boot_id", &root->boot_id,
			       &host->boot_id);
	if (!rc && !host->name)
		rc = read_word(root, "/proc/sys/kernel/hostname", &root->name, &host->name);
	return rc;
}

int mml_root_save(struct mml_root *root, const char *path, const void *data, size_t len)
{
	return mml_root_save_part(root, path, data, len, true);
}

int mml_root_save_part(struct mml_root *root, const char *path, const void *data, size_t len,
		       bool first)
{
	if (root->sink_ops && first)
		root->sink_ops->file(root->sink, path, data, len);
	else if (root->sink_ops)
		root->sink_ops->append(root->sink, path, data, len);
	return mml_root_sink_error(root);
}

bool mml_root_saves(const struct mml_root *root)
{
	return root->sink_ops;
}

void mml_root_save_error(struct mml_root *root, const char *path, int err)
{
	if (root->sink_ops)
		root->sink_ops->error(root->sink, path, MML_ASKED_FILE, err);
}

void mml_root_save_again(struct mml_root *root, const char *path)
{
	if (root->sink_ops && root->sink_ops->again)
		root->sink_ops->again(root->sink, path);
}

int mml_root_sink_error(const struct mml_root *root)
{
	return root->sink_ops ? root->sink_ops->failed(root->sink) : 0;
}

struct mml_time mml_root_now(struct mml_root *root)
{
	return root->place->ops->now(root->place, root);
}

int mml_root_next(struct mml_root *root)
{
	const struct mml_place_ops *ops = root->place->ops;

	if (root->place->live)
		return 0;
	return ops->next ? ops->next(root->place) : -ENODATA;
}

int mml_root_seek(struct mml_root *root, uint64_t seq)
{
	const struct mml_place_ops *ops = root->place->ops;

	return ops->seek ? ops->seek(root->place, seq) : -ENOTSUP;
}
