/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "numa.h"

#include <errno.h>
#include <numa.h>
#include <string.h>

/* Pages that are asked about in one system call. Their pointers fill a few pages of stack. */
enum { BATCH = 1024 };

static int where(pid_t pid, const uint64_t *addresses, size_t n, int *ret_nodes)
{
	void *pages[BATCH];

	if (numa_available() < 0)
		return -ENOSYS;
	for (size_t done = 0; done < n;) {
		size_t count = n - done < BATCH ? n - done : BATCH;

		for (size_t i = 0; i < count; i++)
			pages[i] = (void *)(uintptr_t)addresses[done + i];
		if (numa_move_pages(pid, count, pages, NULL, ret_nodes + done, 0) < 0)
			return -errno;
		done += count;
	}
	return 0;
}

__attribute__((visibility("default"))) extern const struct mml_module_numa mml_module_numa;
const struct mml_module_numa mml_module_numa = { .where = where };
