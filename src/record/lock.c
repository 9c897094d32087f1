/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/parse.h"

/* Who holds the lock FD wrote its number into it; the lock itself does not tell. */
static void say_who(int fd, struct mml_buf *why)
{
	char text[32];
	ssize_t n = pread(fd, text, sizeof(text), 0);
	struct mml_span rest = { text, text + (n > 0 ? n : 0) }, line;
	uint64_t pid;

	if (mml_next_line(&rest, &line) && !mml_parse_u64(line, &pid))
		mml_buf_printf(why, "process %llu records there", (unsigned long long)pid);
	else
		mml_buf_puts(why, "another process records there");
}

int mml_lock_take(int dirfd, struct mml_buf *why)
{
	int fd =
		openat(dirfd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	struct stat st;
	char text[32];
	int rc = 0, n;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		rc = -errno;
	else if (!S_ISREG(st.st_mode))
		rc = -EINVAL;
	else if (flock(fd, LOCK_EX | LOCK_NB))
		rc = -errno;
	if (rc == -EWOULDBLOCK)
		say_who(fd, why);
	if (rc) {
		close(fd);
		return rc;
	}
	/* On a full disk there is a lock all the same, which does not say whose. */
	n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) || pwrite(fd, text, (size_t)n, 0) != n)
		n = 0;
	return fd;
}
