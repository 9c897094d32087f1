/* The balance of a control group. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

/*
 * Fills TABLE, which has the columns of the table balance, with the parts of what is charged to the control
 * group WORD and to those in it. All rows add up to memory.current (version 1: memory.usage_in_bytes). Returns 0,
 * or -errno after a failure of TABLE.
 */
int mml_cgroup_balance(struct mml_take *take, const char *word, struct mml_table *table);
