/* A file in memory: the page cache, shared and private. SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <sys/mman.h>

#include "step.h"

enum { PAGES = 64 };

int main(int argc, char **argv)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = PAGES * page;
	int fd = open(argc > 1 ? argv[1] : "example.tmp", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	volatile char *shared, *private;

	need(fd >= 0 && !ftruncate(fd, (off_t)size), "the file");
	shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	need(shared != MAP_FAILED, "mmap");
	printf("%#lx\n", (unsigned long)shared);
	step("64 pages of a file are mapped, shared");
	for (size_t i = 0; i < PAGES; i++)
		shared[i * page] = 1;
	step("all of them are written");
	need(!msync((void *)shared, size, MS_SYNC), "msync");
	need(!munmap((void *)shared, size), "munmap");
	private = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	need(private != MAP_FAILED, "mmap");
	printf("%#lx\n", (unsigned long)private);
	for (size_t i = 0; i < PAGES; i++)
		(void)private[i * page];
	step("they are mapped anew, private, and read");
	for (size_t i = 0; i < PAGES / 2; i++)
		private[i * page] = 2;
	step("half of them are written");
	unlink(argc > 1 ? argv[1] : "example.tmp");
	step("the file is deleted");
	return 0;
}
