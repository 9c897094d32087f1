/* Holds memory of each kind without a path until its input ends, and says what it holds: kind, inode or shmid,
 * pages. SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t page;

static void need(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(77);
}

static uint64_t inode_of(int fd)
{
	struct stat st;

	need(!fstat(fd, &st), "fstat");
	return st.st_ino;
}

static void hold_memfd(size_t pages)
{
	int fd = memfd_create("held \033[31m", 0);
	char *p;

	need(fd >= 0 && !ftruncate(fd, (off_t)(pages * page)), "memfd");
	p = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	need(p != MAP_FAILED, "mmap");
	memset(p, 1, pages * page);
	printf("memfd %" PRIu64 " %zu\n", inode_of(fd), pages);
}

static int hold_segment(size_t pages)
{
	int id = shmget(IPC_PRIVATE, pages * page, IPC_CREAT | 0600);
	char *p = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

	need(p != (void *)-1, "shmat");
	memset(p, 1, pages * page);
	printf("sysv %d %zu\n", id, pages);
	return id;
}

static void hold_shared(size_t pages)
{
	char *p = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	need(p != MAP_FAILED, "mmap");
	memset(p, 1, pages * page);
	printf("anon-shm 0 %zu\n", pages);
}

static void hold_deleted(const char *path, size_t pages)
{
	char *text = calloc(pages, page);
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);

	need(text && fd >= 0 && write(fd, text, pages * page) == (ssize_t)(pages * page), path);
	printf("deleted %" PRIu64 " %zu\n", inode_of(fd), pages);
	need(!unlink(path), "unlink");
	free(text);
}

int main(int argc, char **argv)
{
	int id;
	char c;

	page = (size_t)sysconf(_SC_PAGESIZE);
	hold_memfd(301);
	id = hold_segment(402);
	hold_shared(503);
	if (argc > 1)
		hold_deleted(argv[1], 604);
	puts("ready");
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
	shmctl(id, IPC_RMID, NULL);
	return 0;
}
