/* What the module who.so exports: it asks libproc2 who processes are. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct mml_who {
	pid_t pid;
	uint64_t start_ticks;       /* since boot; with the pid, it identifies the process */
	uint64_t uid;               /* effective; of no use without a user */
	const char *user;           /* or NULL, as the list may be; a NULL ends it */
	const char *const *cgroups; /* lines of /proc/PID/cgroup */
};
enum { MML_WHO_USER = 1, MML_WHO_CGROUPS = 2 };
struct mml_module_who {
	/* Returns 0 or -errno. */
	int (*open)(void **ret);
	/* Calls TELL for each of PIDS that exists. It gets what WHAT has bits for, and NULL for the
	 * rest. Returns 0 or -errno. */
	int (*ask)(void *who, unsigned what, const pid_t *pids, size_t n,
		   void (*tell)(const struct mml_who *who, void *ctx), void *ctx);
	void (*close)(void *who);
};
