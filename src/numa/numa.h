/* What the module numa.so exports: answers of libnuma about the live system. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct mml_module_numa {
	/*
	 * Finds the node that each page at ADDRESSES of the process PID is on. This takes no frame
	 * numbers, and so no CAP_SYS_ADMIN, and moves nothing. RET_NODES gets a node for each page,
	 * or -errno: -ENOENT if the page is not present, -EFAULT if there is no such mapping or it
	 * is the zero page. For a process of somebody else it takes CAP_SYS_NICE. Returns 0, or
	 * -errno, which is -ENOSYS on a kernel without NUMA.
	 */
	int (*where)(pid_t pid, const uint64_t *addresses, size_t n, int *ret_nodes);
};
