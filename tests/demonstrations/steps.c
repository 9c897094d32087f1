/* What a lesson does beside the programs in examples/, step by step. steps FILE
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "../../examples/step.h"

enum { RW = PROT_READ | PROT_WRITE, ANON = MAP_PRIVATE | MAP_ANONYMOUS };

static size_t page;

static char *map(size_t pages, int prot, int flags, int fd)
{
	char *p = mmap(NULL, pages * page, prot, flags, fd, 0);

	need(p != MAP_FAILED, "mmap");
	if (fd < 0)
		madvise(p, pages * page, MADV_NOHUGEPAGE);
	printf("%#lx\n", (unsigned long)p);
	return p;
}

static void touch(volatile char *p, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		p[i * page] = 1;
}

static void *wait_for_end(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

/* Goes down the stack by more than 2 MiB. */
static int descend(int depth)
{
	volatile char frame[65536];

	frame[0] = (char)depth;
	if (depth < 34)
		return descend(depth + 1) + frame[0];
	printf("%#lx\n", (unsigned long)&frame[0]);
	step("deep in a recursion");
	return frame[0];
}

static void protect(void)
{
	char *p = map(12, RW, ANON, -1);

	touch(p, 12);
	step("12 pages are written");
	need(!mprotect(p + 4 * page, 4 * page, PROT_READ), "mprotect");
	step("the 4 in the middle are read-only");
}

static void begin_thread(void)
{
	pthread_t thread;

	need(!pthread_create(&thread, NULL, wait_for_end, NULL), "pthread_create");
	step("a second thread");
}

/* A child that touches what both have mapped as shared. */
static void share(void)
{
	char *p = map(16, RW, MAP_SHARED | MAP_ANONYMOUS, -1);
	int ready[2];
	pid_t child;
	char c;

	touch(p, 16);
	need(!pipe(ready), "pipe");
	child = fork();
	need(child >= 0, "fork");
	if (!child) {
		touch(p, 16);
		need(write(ready[1], "", 1) == 1, "write");
		wait_for_end(NULL);
	}
	need(read(ready[0], &c, 1) == 1, "read");
	printf("child %d\n", (int)child);
	step("16 shared pages, written by two processes");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	munmap(p, 16 * page);
}

static void use_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	volatile char *p;

	need(fd >= 0 && !ftruncate(fd, (off_t)(16 * page)), path);
	for (size_t i = 0; i < 16; i++)
		need(pwrite(fd, "x", 1, (off_t)(i * page)) == 1, path);
	need(!fsync(fd), path);
	p = map(16, PROT_READ, MAP_SHARED, fd);
	need(!madvise((void *)p, 16 * page, MADV_RANDOM), "madvise");
	step("a file that was written is mapped");
	need(!posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), "posix_fadvise");
	step("the page cache has dropped it");
	for (size_t i = 0; i < 16; i++)
		(void)p[i * page];
	step("16 pages of it are read");
}

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

/* Pages with something in them, written to swap if there is any. */
static void swap_out(void)
{
	char *p = map(16, RW, ANON, -1);

	for (size_t i = 0; i < 16 * page; i++)
		p[i] = (char)(i * 31 + i / page);
	madvise(p, 16 * page, MADV_PAGEOUT);
	step("16 pages are swapped out, where there is swap");
	for (size_t i = 0; i < 16; i++)
		(void)((volatile char *)p)[i * page];
	step("they are read");
}

static void give_back(void)
{
	char *p = map(16384, RW, ANON, -1);

	touch(p, 1024);
	need(!munmap(p, 16384 * page), "munmap");
	step("16384 pages were mapped, and are not any more");
}

int main(int argc, char **argv)
{
	need(argc == 2, "steps FILE");
	page = (size_t)sysconf(_SC_PAGESIZE);
	step("begun");
	protect();
	begin_thread();
	descend(1);
	share();
	use_file(argv[1]);
	swap_out();
	give_back();
	return 0;
}
