/*
 * Preloaded into a recorder, makes its machine an odd one:
 *   MMLENS_WARP_CLOCKS=FILE    seconds that are added to the wall clock, the clock since boot, and the one that
 *                              stands still in suspend: three numbers, looked up again at each look at a clock
 *   MMLENS_WARP_SPEED=N        these clocks, and the timer that samples come by, run N times as fast
 *   MMLENS_WARP_WRITES="ERRNO FROM TO"  of the writes to segments those from FROM to TO fail, after half of it
 *   MMLENS_WARP_HALVES=1       each is done in two parts, with a moment between them
 *   MMLENS_WARP_NUMBERS=FILE   /proc/pressure/memory says how often it was read; FILE, of two 64-bit numbers,
 *                              says how often that was, and the number in the last sample that was written
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static const int64_t SECOND = 1000000000;

static const char *clocks;
static int64_t speed = 1;
static long writes, fail_from, fail_to;
static int fail_with;
static bool halves;
static uint64_t *numbers; /* samples begun, and the last that was written */

static int64_t now_ns(clockid_t clock)
{
	struct timespec ts = { 0 };

	syscall(SYS_clock_gettime, clock, &ts);
	return (int64_t)ts.tv_sec * SECOND + ts.tv_nsec;
}

/* Seconds that are added to a clock: the FIELD-th number of the file. */
static int64_t added(int field)
{
	char text[128] = "", *p = text;
	int64_t n = 0;
	int fd = clocks ? (int)syscall(SYS_openat, AT_FDCWD, clocks, O_RDONLY | O_CLOEXEC, 0) : -1;

	if (fd < 0)
		return 0;
	(void)!syscall(SYS_read, fd, text, sizeof(text) - 1);
	syscall(SYS_close, fd);
	for (int i = 0; i <= field; i++)
		n = strtoll(p, &p, 10);
	return n;
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
	int64_t boot, ns = now_ns(clock);
	int field = clock == CLOCK_REALTIME ? 0 : clock == CLOCK_BOOTTIME ? 1 : 2;

	if (clock == CLOCK_REALTIME || clock == CLOCK_BOOTTIME || clock == CLOCK_MONOTONIC) {
		/* All processes, one after the other too, must see the same clocks. */
		boot = now_ns(CLOCK_BOOTTIME);
		ns = ns - boot + boot * speed + added(field) * SECOND;
	}
	*ret = (struct timespec){ ns / SECOND, ns % SECOND };
	return 0;
}

int timerfd_settime(int fd, int flags, const struct itimerspec *when, struct itimerspec *old)
{
	int64_t ns = ((int64_t)when->it_interval.tv_sec * SECOND + when->it_interval.tv_nsec) / speed;
	struct timespec each = { ns / SECOND, ns % SECOND };
	struct itimerspec sooner = { each, each };

	return (int)syscall(SYS_timerfd_settime, fd, flags, &sooner, old);
}

/* Text that follows from its number alone. */
static int numbered(void)
{
	uint64_t n = __atomic_add_fetch(&numbers[0], 1, __ATOMIC_SEQ_CST);
	char text[256];
	int len, fd = memfd_create("memory", MFD_CLOEXEC);

	len = snprintf(text, sizeof(text),
		       "some avg10=0.00 avg60=0.00 avg300=0.00 total=%llu\n"
		       "full avg10=0.00 avg60=0.00 avg300=0.00 total=%llu\n",
		       (unsigned long long)n, (unsigned long long)n * 7);
	if (fd < 0 || pwrite(fd, text, (size_t)len, 0) != len)
		abort();
	return fd;
}

int open(const char *name, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (flags & (O_CREAT | O_TMPFILE))
		mode = va_arg(ap, mode_t);
	va_end(ap);
	if (numbers && !strcmp(name, "/proc/pressure/memory"))
		return numbered();
	return (int)syscall(SYS_openat, AT_FDCWD, name, flags, mode);
}

int __open_2(const char *name, int flags);

int __open_2(const char *name, int flags)
{
	return open(name, flags);
}

static bool is_segment(int fd)
{
	char link[64], name[4096];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, name, sizeof(name));
	return n > 4 && !memcmp(name + n - 4, ".mml", 4);
}

ssize_t write(int fd, const void *data, size_t len)
{
	size_t half = len / 2;

	if (!is_segment(fd))
		return syscall(SYS_write, fd, data, len);
	writes++;
	if (fail_with && writes >= fail_from && writes <= fail_to) {
		/* Half of it is there when the disk is full; the rest then fails. */
		if (half && (writes - fail_from) % 2 == 0)
			return syscall(SYS_write, fd, data, half);
		errno = fail_with;
		return -1;
	}
	if (halves && half) {
		if (syscall(SYS_write, fd, data, half) != (long)half)
			abort();
		usleep(1000);
	} else {
		half = 0;
	}
	if (syscall(SYS_write, fd, (const char *)data + half, len - half) != (long)(len - half))
		abort();
	if (numbers)
		numbers[1] = numbers[0];
	return (ssize_t)len;
}

static int error_of(const char *name, size_t len)
{
	static const struct {
		const char *name;
		int error;
	} errors[] = { { "ENOSPC", ENOSPC }, { "EDQUOT", EDQUOT }, { "EIO", EIO } };

	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (strlen(errors[i].name) == len && !memcmp(errors[i].name, name, len))
			return errors[i].error;
	abort();
}

__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("MMLENS_WARP_SPEED");
	char *end;
	int fd;

	clocks = getenv("MMLENS_WARP_CLOCKS");
	halves = getenv("MMLENS_WARP_HALVES");
	if (text)
		speed = strtoll(text, NULL, 10);
	text = getenv("MMLENS_WARP_WRITES");
	if (text) {
		fail_with = error_of(text, strcspn(text, " "));
		fail_from = strtol(text + strcspn(text, " "), &end, 10);
		fail_to = strtol(end, NULL, 10);
	}
	text = getenv("MMLENS_WARP_NUMBERS");
	if (!text)
		return;
	fd = (int)syscall(SYS_openat, AT_FDCWD, text, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, 2 * sizeof(*numbers)))
		abort();
	numbers = mmap(NULL, 2 * sizeof(*numbers), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (numbers == MAP_FAILED)
		abort();
}
