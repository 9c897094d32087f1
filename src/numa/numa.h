/* numa.so: what libnuma answers about the live system. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct mml_module_numa {
	/*
	 * The node that each page at ADDRESSES of process PID lies on, without its frame number and
	 * so without CAP_SYS_ADMIN; nothing is moved. RET_NODES receives as many numbers: a node,
	 * or -errno (-ENOENT: not present, -EFAULT: no such mapping or the zero page). Of a process
	 * that is not one's own it takes CAP_SYS_NICE. 0 or -errno (-ENOSYS: a kernel without
	 * NUMA).
	 */
	int (*where)(pid_t pid, const uint64_t *addresses, size_t n, int *ret_nodes);
};
