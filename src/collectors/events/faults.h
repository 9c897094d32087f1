/* The counts of page faults made into rows; pure, so that saved bytes do as well as live ones. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "counts.h"

/* Rows of process PID by mapping; 0 or an error of mml_trace_counts(). MAPS is its /proc/PID/maps, COMM lives as long as the table. */
int mml_faults_mapping_rows(struct mml_span bytes, pid_t pid, struct mml_span maps,
			    const char *comm, struct mml_table *ret);

extern const struct mml_counts_table mml_counts_faults;
extern const struct mml_collector mml_collector_faults;
