/* What the module bpf.so exports, in plain types, so that whoever includes this needs no libbpf. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "../core/buf.h"
#include "trace.h"

/* Why BPF programs do not run here. */
struct mml_bpf_failure {
	char reason[256];
	char needs[128]; /* what it would take; "" if nothing would help */
};

struct mml_bpf_options {
	const pid_t *pids; /* for MML_TRACE_REGIONS and MML_TRACE_CODE: the processes to watch */
	size_t npids;
	const char *group; /* for MML_TRACE_GROUPS: the directory of the group to begin at, */
	unsigned rows;     /* and how many groups there may be at most */
	bool soft_events; /* use perf's software events, as if there were no page-fault tracepoints */
};

/* Returns whether this process may load programs, as far as its capabilities tell. */
bool mml_bpf_allowed(void);

/* Programs that are loaded and count. */
struct mml_bpf_session;
struct mml_bpf_obstacles;

struct mml_module_bpf {
	/* Tells whether KIND can be had here, without loading anything. Returns 0, or -errno with
	 * the reason. */
	int (*probe)(enum mml_trace_kind kind, struct mml_bpf_failure *ret);

	/* Loads and attaches the programs, which begin to count at once. Returns 0, or -errno with
	 * the reason. */
	int (*start)(enum mml_trace_kind kind, const struct mml_bpf_options *options,
		     struct mml_bpf_failure *ret_failure, struct mml_bpf_session **ret);

	/* Appends what was counted since the start, in the format of trace.h. Processes that have
	 * ended are told only once. Returns 0 or -errno. */
	int (*read)(struct mml_bpf_session *session, struct mml_buf *ret);

	/* Ends the session. Nothing stays in the kernel. SESSION may be NULL. */
	void (*stop)(struct mml_bpf_session *session);

	/* Makes one reason from an error, libbpf's messages, and what else stands in the way, which
	 * may be NULL. For tests. */
	void (*explain)(int err, const char *log, const struct mml_bpf_obstacles *in_way,
			struct mml_bpf_failure *ret);
};
