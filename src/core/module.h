/* The modules: what needs a large library is loaded when it is first asked for, so that printing a
 * table costs no more than reading it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../bpf/bpf.h" /* bpf.so: struct mml_module_bpf */
#include "snapshot.h"

/* tui.so: the screen. */
struct mml_plan;
struct mml_module_tui {
	/* Run the screen until the user quits: an exit status. VIEW NULL: the overview. */
	int (*run)(struct mml_root *root, const struct mml_plan *plan, const char *view);
};

/* json.so: JSON, written by json-c. */
struct mml_select;
struct mml_format;
struct mml_module_json {
	/* Append SNAP as one document, table i as SELS[i] has it: 0 or -ENOMEM. */
	int (*render)(struct mml_buf *out, const struct mml_select *sels,
		      const struct mml_snapshot *snap, const struct mml_format *format);
};

/* who.so: libproc2, which says who processes are. */
struct mml_who {
	pid_t pid;
	uint64_t start_ticks;       /* after boot: with pid, the process */
	const char *user;           /* or NULL, as are the lists, which end with a NULL */
	const char *const *argv;
	const char *const *cgroups; /* lines of /proc/PID/cgroup */
};
enum { MML_WHO_USER = 1, MML_WHO_ARGV = 2, MML_WHO_CGROUPS = 4 };
struct mml_module_who {
	/* 0 or -errno. */
	int (*open)(void **ret);
	/* Call TELL for each of PIDS that is there, with what WHAT has bits for (the rest is NULL): 0
	 * or -errno. */
	int (*ask)(void *who, unsigned what, const pid_t *pids, size_t n,
		   void (*tell)(const struct mml_who *who, void *ctx), void *ctx);
	void (*close)(void *who);
};

/*
 * The table of functions of module NAME ("json", "tui", "bpf", "who", "numa"), which stays loaded; NULL
 * with the reason, in words, when it was not built or is not installed.
 */
const void *mml_module(const char *name, struct mml_absence *ret_why);
