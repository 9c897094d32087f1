/* Memory that is asked for, read, written and given back. SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/mman.h>

#include "step.h"

enum { PAGES = 512 };

int main(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = PAGES * page;
	volatile char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(p != MAP_FAILED, "mmap");
	/* Page by page: no huge pages here. */
	madvise((void *)p, size, MADV_NOHUGEPAGE);
	printf("%#lx\n", (unsigned long)p);
	step("512 pages are asked for");
	for (size_t i = 0; i < PAGES; i++)
		(void)p[i * page];
	step("all of them are read");
	for (size_t i = 0; i < PAGES; i++)
		p[i * page] = 1;
	step("all of them are written");
	need(!mlock((void *)p, size / 2), "mlock");
	step("half of them are locked");
	need(!munlock((void *)p, size / 2), "munlock");
	need(!madvise((void *)p, size / 2, MADV_DONTNEED), "madvise");
	step("half of them are given back");
	need(!munmap((void *)p, size), "munmap");
	step("the addresses are given back");
	return 0;
}
