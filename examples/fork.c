/* Copy on write: a child shares its parent's pages until one of them writes. SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/mman.h>
#include <sys/wait.h>

#include "step.h"

enum { PAGES = 128 };

int main(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = PAGES * page;
	volatile char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	need(p != MAP_FAILED, "mmap");
	madvise((void *)p, size, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < PAGES; i++)
		p[i * page] = 1;
	printf("%#lx\n", (unsigned long)p);
	step("128 pages are written");
	child = fork();
	need(child >= 0, "fork");
	if (child) {
		waitpid(child, NULL, 0);
		return 0;
	}
	/* What prints this has been written before, so that only the pages count below. */
	step("this is the child");
	step("nothing happened");
	for (size_t i = 0; i < PAGES; i++)
		p[i * page] = 2;
	step("it has written the 128 pages");
	return 0;
}
