/* Builds mappings of which everything is known, says where they are, and waits until its input ends:
 * what the tests of vmas, pages and translate look at.
 *	mappings build DIR     NAME START END (hexadecimal), a line each, "-" when it cannot be had
 *	mappings many N        N mappings of a page each, all touched
 *	mappings fill BYTES    BYTES of touched anonymous memory in pages of the base size
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static size_t page;

static void say(const char *name, const void *start, size_t len)
{
	if (start == MAP_FAILED)
		printf("%s - -\n", name);
	else
		printf("%s %" PRIxPTR " %" PRIxPTR "\n", name, (uintptr_t)start,
		       (uintptr_t)start + len);
}

/* LEN bytes with a hole on both sides, so that nothing merges with its neighbours. */
static char *apart(size_t len, size_t align, int prot, int flags, int fd)
{
	char *p = mmap(NULL, len + 2 * align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *at;

	if (p == MAP_FAILED)
		return p;
	at = (char *)(((uintptr_t)p + align) & ~(uintptr_t)(align - 1));
	munmap(p, len + 2 * align);
	return mmap(at, len, prot, flags | MAP_FIXED, fd, 0);
}

static void touch(volatile char *p, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		p[i * page] = (char)(i + 1);
}

static void look(const volatile char *p, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		(void)p[i * page];
}

static int make_file(const char *dir, const char *name, size_t pages)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		return -1;
	for (size_t i = 0; i < pages; i++) {
		char bytes[65536] = { (char)i };

		if (write(fd, bytes, page) != (ssize_t)page)
			return -1;
	}
	fsync(fd); /* clean pages are what is asserted */
	return fd;
}

static void build_plain(void)
{
	enum { RW = PROT_READ | PROT_WRITE, ANON = MAP_PRIVATE | MAP_ANONYMOUS };
	char *p = apart(64 * page, page, RW, ANON, -1);

	madvise(p, 64 * page, MADV_NOHUGEPAGE);
	touch(p, 0, 32);
	say("anon", p, 64 * page);
	p = apart(16 * page, page, RW, MAP_SHARED | MAP_ANONYMOUS, -1);
	touch(p, 0, 16);
	say("shared", p, 16 * page);
	p = apart(256 * page, page, PROT_NONE, ANON | MAP_NORESERVE, -1);
	say("none", p, 256 * page);
	p = apart(8 * page, page, RW, ANON, -1);
	madvise(p, 8 * page, MADV_NOHUGEPAGE);
	look(p, 0, 8);
	say("zero", p, 8 * page);
	p = apart(4 * page, page, RW, ANON, -1);
	if (mlock(p, 4 * page))
		say("locked", MAP_FAILED, 0);
	else
		say("locked", p, 4 * page);
	p = apart(4 * page, page, RW, ANON, -1);
	madvise(p, 4 * page, MADV_DONTFORK);
	madvise(p, 4 * page, MADV_DONTDUMP);
	say("advised", p, 4 * page);
}

static void build_files(const char *dir)
{
	enum { RW = PROT_READ | PROT_WRITE };
	int fd = memfd_create("a\nb\033[31m\\012", 0);
	char *p = apart(8 * page, page, RW, MAP_SHARED, fd);

	if (!ftruncate(fd, (off_t)(8 * page)))
		touch(p, 0, 8);
	say("memfd", p, 8 * page);
	fd = make_file(dir, "private file", 16);
	p = fd < 0 ? MAP_FAILED : apart(16 * page, page, RW, MAP_PRIVATE, fd);
	if (p != MAP_FAILED) {
		look(p, 0, 16);
		touch(p, 0, 4);
	}
	say("private", p, 16 * page);
	fd = make_file(dir, "new\nline\\012 \033]0;x\007\377", 2);
	p = fd < 0 ? MAP_FAILED : apart(2 * page, page, PROT_READ, MAP_SHARED, fd);
	say("odd", p, 2 * page);
	fd = make_file(dir, "gone", 2);
	p = fd < 0 ? MAP_FAILED : apart(2 * page, page, PROT_READ, MAP_SHARED, fd);
	if (p != MAP_FAILED) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/gone", dir);
		unlink(path);
	}
	say("deleted", p, 2 * page);
}

/* Memory that is not there, each for another reason, or that is not what it looks like. */
static void build_odd(void)
{
	enum {
		RW = PROT_READ | PROT_WRITE,
		ANON = MAP_PRIVATE | MAP_ANONYMOUS,
		GUARD_INSTALL = 102
	};
	int fd = memfd_create("held", 0);
	char *p = apart(24 * page, page, RW, MAP_SHARED, fd), *bytes = calloc(8, page);

	/* 8 pages in the page cache, which nobody maps; 8 never written to; 8 past the end. */
	if (!bytes || ftruncate(fd, (off_t)(16 * page)) ||
	    pwrite(fd, bytes, 8 * page, 0) != (ssize_t)(8 * page))
		p = MAP_FAILED;
	say("held", p, 24 * page);
	p = apart(8 * page, page, RW, MAP_PRIVATE, fd);
	look(p, 0, 8);
	touch(p, 0, 2);
	say("copied", p, 8 * page);
	free(bytes);
	p = apart(8 * page, page, RW, ANON, -1);
	touch(p, 0, 8);
	if (madvise(p + 2 * page, 2 * page, GUARD_INSTALL))
		p = MAP_FAILED;
	say("guarded", p, 8 * page);
#ifdef SYS_memfd_secret
	fd = (int)syscall(SYS_memfd_secret, 0);
	p = fd < 0 || ftruncate(fd, (off_t)(4 * page)) ? MAP_FAILED
						       : apart(4 * page, page, RW, MAP_SHARED, fd);
	if (p != MAP_FAILED)
		touch(p, 0, 2);
	say("secret", p, 4 * page);
#else
	say("secret", MAP_FAILED, 0);
#endif
}

static void build_huge(void)
{
	enum { RW = PROT_READ | PROT_WRITE, ANON = MAP_PRIVATE | MAP_ANONYMOUS };
	size_t huge = 2 << 20;
	char *p = apart(huge, huge, RW, ANON | MAP_HUGETLB, -1);

	if (p != MAP_FAILED)
		p[0] = 1;
	say("hugetlb", p, huge);
	p = apart(2 * huge, huge, RW, ANON, -1);
	madvise(p, 2 * huge, MADV_HUGEPAGE);
	touch(p, 0, 2 * huge / page);
	say("thp", p, 2 * huge);
}

#ifdef MADV_PAGEOUT
/* Are N pages from P on in swap? Of shared memory the page tables do not tell, but mincore() does:
 * it has been written to, and is not in memory. */
static bool in_swap(char *p, size_t n, bool shared)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	unsigned char there[64];
	uint64_t word = 0;
	size_t i = 0;

	if (shared && mincore(p, n * page, there))
		i = n + 1;
	while (fd >= 0 && i < n &&
	       pread(fd, &word, sizeof(word), (off_t)(((uintptr_t)p / page + i) * sizeof(word))) ==
		       (ssize_t)sizeof(word) &&
	       (shared ? !(word >> 63) && !(there[i] & 1) : word >> 62 == 1))
		i++;
	if (fd >= 0)
		close(fd);
	return i == n;
}

/* The kernel leaves out pages that another CPU has not put on its lists yet. */
static bool page_out(char *p, size_t n, bool shared)
{
	for (int i = 0; i < 100; i++) {
		if (madvise(p, n * page, MADV_PAGEOUT))
			return false;
		if (in_swap(p, n, shared))
			return true;
		usleep(20000);
	}
	return false;
}
#else
static bool page_out(char *p, size_t n, bool shared)
{
	return p && n && shared && false;
}
#endif

static bool has_swap(void)
{
	char line[256];
	int lines = 0;
	FILE *f = fopen("/proc/swaps", "re");

	while (f && fgets(line, sizeof(line), f))
		lines++;
	if (f)
		fclose(f);
	return lines > 1;
}

static void build_swapped(const char *name, int how)
{
	char *p = apart(32 * page, page, PROT_READ | PROT_WRITE, how | MAP_ANONYMOUS, -1);

	madvise(p, 32 * page, MADV_NOHUGEPAGE);
	touch(p, 0, 32);
	if (has_swap() && page_out(p, 32, how == MAP_SHARED))
		say(name, p, 32 * page);
	else
		say(name, MAP_FAILED, 0);
}

static void build_many(size_t n)
{
	char *p = mmap(NULL, n * page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	madvise(p, n * page, MADV_NOHUGEPAGE);
	touch(p, 0, n);
	for (size_t i = 0; i < n; i += 2)
		if (mprotect(p + i * page, page, PROT_READ)) {
			perror("mprotect");
			exit(1);
		}
	say("many", p, n * page);
}

static void build_fill(size_t bytes)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	madvise(p, bytes, MADV_NOHUGEPAGE);
	touch(p, 0, bytes / page);
	say("fill", p, bytes);
}

int main(int argc, char **argv)
{
	char byte;

	page = (size_t)sysconf(_SC_PAGESIZE);
	prctl(PR_SET_PDEATHSIG, 9);
	if (argc == 3 && !strcmp(argv[1], "build")) {
		build_plain();
		build_files(argv[2]);
		build_odd();
		build_huge();
		build_swapped("swapped", MAP_PRIVATE);
		build_swapped("shmswapped", MAP_SHARED);
	} else if (argc == 3 && !strcmp(argv[1], "many")) {
		build_many(strtoul(argv[2], NULL, 0));
	} else if (argc == 3 && !strcmp(argv[1], "fill")) {
		build_fill(strtoul(argv[2], NULL, 0));
	} else {
		return 2;
	}
	printf("ready %d\n", (int)getpid());
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
