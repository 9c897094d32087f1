/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/major.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../core/root.h"
#include "../core/trouble.h"

enum { PIECE = 64 << 10, KMSG_MINOR = 11 };

static bool is_kmsg(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(MEM_MAJOR, KMSG_MINOR);
}

static int read_fd(int fd, struct mml_buf *out)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (is_kmsg(&st))
		return mml_read_records(fd, out);
	if (S_ISREG(st.st_mode) && mml_buf_reserve(out, (size_t)st.st_size + PIECE))
		return -ENOMEM;
	for (;;) {
		ssize_t n;

		if (mml_buf_reserve(out, PIECE))
			return -ENOMEM;
		n = read(fd, out->data + out->len, out->cap - 1 - out->len);
		if (!n)
			return 0;
		if (n > 0)
			out->len += (size_t)n;
		else if (errno != EINTR)
			return -errno;
	}
}

/* /dev/kmsg would let us wait for what it will have later. */
static int open_file(const char *name)
{
	struct stat st;
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY, fd;

	if (!stat(name, &st) && is_kmsg(&st))
		flags |= O_NONBLOCK;
	do
		fd = open(name, flags);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

/* Returns how to make text of what begins with a mark that no text begins with, or NULL. */
static const char *program_for(const struct mml_buf *in)
{
	static const struct {
		const char *mark;
		size_t len;
		const char *program;
	} known[] = {
		{ "\x1f\x8b", 2, "zcat" },	       { "\xfd" "7zXZ", 5, "xzcat" },
		{ "\x28\xb5\x2f\xfd", 4, "zstdcat" },  { "BZh", 3, "bzcat" },
		{ "\x04\x22\x4d\x18", 4, "lz4 -dc" },
		{ "LPKSHHRH", 8, "journalctl -o export --file" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (in->len >= known[i].len && !memcmp(in->data, known[i].mark, known[i].len))
			return known[i].program;
	return NULL;
}

int mml_input_read(const char *name, struct mml_buf *out)
{
	bool standard = !strcmp(name, "-");
	int fd = standard ? STDIN_FILENO : open_file(name), rc;
	const char *program;

	out->len = 0;
	rc = fd < 0 ? fd : read_fd(fd, out);
	if (fd >= 0 && !standard)
		close(fd);
	if (rc) {
		mml_error("%s: %s", standard ? "standard input" : name,
			  rc == -ENOMEM ? mml_trouble_words(rc) : strerror(-rc));
		return MML_FAILED;
	}
	program = program_for(out);
	if (!program)
		return MML_OK;
	mml_error("%s: not text; try: %s %s | mmlens oom -", standard ? "standard input" : name,
		  program, standard ? "..." : name);
	return MML_FAILED;
}
