/* The table tlb, which has flushes by process and reason. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "counts.h"

extern const struct mml_counts_table mml_counts_tlb;
extern const struct mml_collector mml_collector_tlb;
