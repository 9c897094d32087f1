/* Where malloc() puts what it gives: small blocks on the heap, large ones in mappings of their own.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "step.h"

int main(void)
{
	char *small, *large;

	step("begun");
	small = malloc(16 << 10);
	need(small != NULL, "malloc");
	memset(small, 1, 16 << 10);
	step("16 KiB are allocated and written");
	large = malloc(16 << 20);
	need(large != NULL, "malloc");
	printf("%#lx\n", (unsigned long)large);
	step("16 MiB are allocated");
	memset(large, 1, 4 << 20);
	step("a quarter of it is written");
	free(large);
	step("it is freed");
	free(small);
	return 0;
}
