/* Makes rows of page fault counts. The result depends on nothing but the arguments, so that saved
 * bytes do as well as live ones. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "counts.h"

/* Adds rows of the process PID by mapping. MAPS is its /proc/PID/maps, and COMM must live as long
 * as the table. Returns 0 or an error of mml_trace_counts(). */
int mml_faults_mapping_rows(struct mml_span bytes, pid_t pid, struct mml_span maps,
			    const char *comm, struct mml_table *ret);

extern const struct mml_counts_table mml_counts_faults;
extern const struct mml_collector mml_collector_faults;
