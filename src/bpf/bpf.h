/* What the module bpf.so offers, in plain types: no libbpf is needed to include this. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "../core/buf.h"
#include "trace.h"

/* Why BPF programs do not run here. */
struct mml_bpf_failure {
	char reason[256];
	char needs[128]; /* what it would take; "" where nothing would help */
};

struct mml_bpf_options {
	const pid_t *pids; /* MML_TRACE_REGIONS: the processes to watch */
	size_t npids;
	bool soft_events; /* as where the page-fault tracepoints do not exist */
};

/* Whether this process may load programs at all, as far as its capabilities tell. */
bool mml_bpf_allowed(void);

/* Programs that are loaded and count. */
struct mml_bpf_session;

struct mml_module_bpf {
	/* Whether KIND can be had here, without loading anything: 0, or -errno with the reason. */
	int (*probe)(enum mml_trace_kind kind, struct mml_bpf_failure *ret);

	/* Load and attach: 0, or -errno with the reason. Counting begins at once. */
	int (*start)(enum mml_trace_kind kind, const struct mml_bpf_options *options,
		     struct mml_bpf_failure *ret_failure, struct mml_bpf_session **ret);

	/* Append what was counted since the start, as trace.h has it: 0 or -errno. What is told of
	 * a process that ended is told once. */
	int (*read)(struct mml_bpf_session *session, struct mml_buf *ret);

	/* End it; nothing stays in the kernel. NULL is allowed. */
	void (*stop)(struct mml_bpf_session *session);

	/* Turn an error and libbpf's messages into one reason; for tests. */
	void (*explain)(int err, const char *log, struct mml_bpf_failure *ret);
};
