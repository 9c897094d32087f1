/* A transparent huge page: one fault, and one entry, for 2 MiB. SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <sys/mman.h>

#include "step.h"

int main(void)
{
	const size_t huge = 2 << 20, size = 4 * huge;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	volatile char *first;

	need(p != MAP_FAILED, "mmap");
	first = p + (-(uintptr_t)p & (huge - 1));
	printf("%#lx\n", (unsigned long)first);
	need(!madvise((char *)first, huge, MADV_HUGEPAGE), "madvise");
	step("2 MiB have asked for a huge page");
	first[0] = 1;
	step("one byte is written");
	need(!mprotect((char *)first + huge / 2, 4096, PROT_READ), "mprotect");
	step("one small page of it may only be read");
	return 0;
}
