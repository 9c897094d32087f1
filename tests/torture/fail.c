/*
 * Preloaded into a program, makes one of its calls fail. What MMLENS_FAIL says:
 *   alloc N            the N-th allocation fails; "alloc N+": all fail from the N-th on
 *   open PATH ERRNO    files are not opened that are there and whose path ends with PATH
 *   read PATH ERRNO    their bytes cannot be read; also the names in a directory
 *   part PATH ERRNO    their first bytes can be read, and no more
 * MMLENS_FAIL_TOLD names a file that gets the number of allocations, and, a line each, the paths opened.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <dirent.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);

enum { FDS = 1024 };

static atomic_ulong allocations;
static unsigned long first;
static bool for_good, on;
static char what, path[512];
static int error, told = -1;
static unsigned char marked[FDS]; /* 1: its bytes cannot be read; 2: the first part can */
static long (*real_syscall)(long, ...);

static bool fails(void)
{
	unsigned long n = atomic_fetch_add(&allocations, 1) + 1;

	return on && what == 'a' && (n == first || (for_good && n > first));
}

static void *failed(void)
{
	errno = ENOMEM;
	return NULL;
}

void *malloc(size_t size)
{
	return fails() ? failed() : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? failed() : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return fails() ? failed() : __libc_realloc(p, size);
}

static void tell(const char *text)
{
	if (told < 0)
		return;
	(void)!write(told, text, strlen(text));
	(void)!write(told, "\n", 1);
}

static bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), n = strlen(end);

	return n && len >= n && !strcmp(s + len - n, end);
}

/* What opening NAME gives, which gave FD. There may be no descriptor for what is not there, either. */
static int opened(const char *name, int fd)
{
	if (on)
		tell(name);
	if (on && what == 'o' && ends_with(name, path) && (fd >= 0 || error == EMFILE)) {
		if (fd >= 0)
			real_syscall(SYS_close, fd);
		errno = error;
		return -1;
	}
	if (fd >= 0 && fd < FDS)
		marked[fd] = on && ends_with(name, path) ? what == 'r' ? 1 : what == 'p' ? 2 : 0 : 0;
	return fd;
}

static int do_open(int dirfd, const char *name, int flags, mode_t mode)
{
	return opened(name, (int)real_syscall(SYS_openat, dirfd, name, flags, mode));
}

#define MODE(last)                                                      \
	mode_t mode = 0;                                                \
	va_list ap;                                                     \
	va_start(ap, last);                                             \
	if (last & (O_CREAT | O_TMPFILE))                               \
		mode = va_arg(ap, mode_t);                              \
	va_end(ap)

int open(const char *name, int flags, ...)
{
	MODE(flags);
	return do_open(AT_FDCWD, name, flags, mode);
}

int open64(const char *name, int flags, ...)
{
	MODE(flags);
	return do_open(AT_FDCWD, name, flags, mode);
}

int openat(int dirfd, const char *name, int flags, ...)
{
	MODE(flags);
	return do_open(dirfd, name, flags, mode);
}

int openat64(int dirfd, const char *name, int flags, ...)
{
	MODE(flags);
	return do_open(dirfd, name, flags, mode);
}

/* What _FORTIFY_SOURCE makes of them. */
int __open_2(const char *name, int flags);
int __open64_2(const char *name, int flags);
int __openat_2(int dirfd, const char *name, int flags);
int __openat64_2(int dirfd, const char *name, int flags);

int __open_2(const char *name, int flags)
{
	return do_open(AT_FDCWD, name, flags, 0);
}

int __open64_2(const char *name, int flags)
{
	return do_open(AT_FDCWD, name, flags, 0);
}

int __openat_2(int dirfd, const char *name, int flags)
{
	return do_open(dirfd, name, flags, 0);
}

int __openat64_2(int dirfd, const char *name, int flags)
{
	return do_open(dirfd, name, flags, 0);
}

static bool unreadable(int fd)
{
	if (!on || fd < 0 || fd >= FDS || !marked[fd])
		return false;
	if (marked[fd] == 2) {
		marked[fd] = 1;
		return false;
	}
	errno = error;
	return true;
}

ssize_t read(int fd, void *buf, size_t n)
{
	bool part = on && fd >= 0 && fd < FDS && marked[fd] == 2;

	return unreadable(fd) ? -1 : real_syscall(SYS_read, fd, buf, part && n > 16 ? 16 : n);
}

ssize_t pread(int fd, void *buf, size_t n, off_t at)
{
	return unreadable(fd) ? -1 : real_syscall(SYS_pread64, fd, buf, n, at);
}

ssize_t pread64(int fd, void *buf, size_t n, off64_t at)
{
	return unreadable(fd) ? -1 : real_syscall(SYS_pread64, fd, buf, n, at);
}

ssize_t getdents64(int fd, void *buf, size_t n)
{
	return unreadable(fd) ? -1 : real_syscall(SYS_getdents64, fd, buf, n);
}

long syscall(long number, ...)
{
	long a[6];
	va_list ap;

	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_openat2)
		return opened((const char *)a[1], (int)real_syscall(number, a[0], a[1], a[2], a[3]));
	return real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

ssize_t __read_chk(int fd, void *buf, size_t n, size_t room);
ssize_t __pread_chk(int fd, void *buf, size_t n, off_t at, size_t room);
ssize_t __pread64_chk(int fd, void *buf, size_t n, off64_t at, size_t room);

ssize_t __read_chk(int fd, void *buf, size_t n, size_t room)
{
	return n > room ? abort(), -1 : read(fd, buf, n);
}

ssize_t __pread_chk(int fd, void *buf, size_t n, off_t at, size_t room)
{
	return n > room ? abort(), -1 : pread(fd, buf, n, at);
}

ssize_t __pread64_chk(int fd, void *buf, size_t n, off64_t at, size_t room)
{
	return n > room ? abort(), -1 : pread64(fd, buf, n, at);
}

static void parse(const char *plan)
{
	static const struct {
		const char *name;
		int error;
	} errors[] = { { "EIO", EIO },	 { "EMFILE", EMFILE }, { "ENOMEM", ENOMEM }, { "EACCES", EACCES },
		       { "EPERM", EPERM }, { "ENOENT", ENOENT }, { "ESRCH", ESRCH }, { "EINVAL", EINVAL } };
	const char *blank = strchr(plan, ' '), *last = strrchr(plan, ' ');

	what = *plan;
	if (what == 'a' && blank) {
		first = strtoul(blank, NULL, 10);
		for_good = plan[strlen(plan) - 1] == '+';
	} else if (blank && last > blank) {
		snprintf(path, sizeof(path), "%.*s", (int)(last - blank - 1), blank + 1);
		for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
			if (!strcmp(last + 1, errors[i].name))
				error = errors[i].error;
	}
}

__attribute__((constructor)) static void begin(void)
{
	const char *plan = getenv("MMLENS_FAIL"), *to = getenv("MMLENS_FAIL_TOLD");

	real_syscall = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	if (plan)
		parse(plan);
	if (to)
		told = (int)real_syscall(SYS_openat, AT_FDCWD, to,
					 O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	atomic_store(&allocations, 0);
	on = true;
}

__attribute__((destructor)) static void end(void)
{
	char text[64];

	on = false;
	snprintf(text, sizeof(text), "allocations %lu", atomic_load(&allocations));
	tell(text);
}
