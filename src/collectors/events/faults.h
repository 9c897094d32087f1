/* The counts of page faults made into rows; pure, so that saved bytes do as well as live ones. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"
#include "trace.h"

/*
 * Rows from what the programs counted: 0, -ENOMEM, or -EBADMSG or -ENOTSUP where BYTES are not
 * what mmlens saves. Of QUERY only the processes asked for count.
 */
int mml_faults_rows(struct mml_span bytes, const struct mml_query *query, struct mml_table *ret);

/* Rows of process PID by mapping; MAPS is its /proc/PID/maps, COMM lives as long as the table. */
int mml_faults_mapping_rows(struct mml_span bytes, pid_t pid, struct mml_span maps,
			    const char *comm, struct mml_table *ret);

extern const struct mml_collector mml_collector_faults;
