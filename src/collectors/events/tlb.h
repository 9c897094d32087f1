/* The counts of TLB flushes made into rows; pure, so that saved bytes do as well as live ones. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"
#include "trace.h"

/* As mml_faults_rows(). */
int mml_tlb_rows(struct mml_span bytes, const struct mml_query *query, struct mml_table *ret);

extern const struct mml_collector mml_collector_tlb;
