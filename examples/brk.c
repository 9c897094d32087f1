/* The break: where the heap ends, and how it moves. SPDX-License-Identifier: GPL-2.0-or-later */
#include "step.h"

int main(void)
{
	char *start;

	step("begun");
	start = sbrk(0x3000);
	need(start != (void *)-1, "sbrk");
	step("the break is 0x3000 higher");
	start[0] = start[0x1000] = start[0x2000] = 1;
	step("its three pages are written");
	need(sbrk(-0x3000) != (void *)-1, "sbrk");
	step("the break is back");
	return 0;
}
