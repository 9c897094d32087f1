/* The steps from numbers to conclusions, in the order they are taken. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "gfp.h"

/* Whether VALUE, kB, is there; RET is it in bytes. */
bool mml_oom_kb(struct mml_oom_value value, uint64_t *ret);

/* zones.c: each zone against the request, as __zone_watermark_ok() would. */
void mml_oom_test_zones(struct mml_oom_report *r);

/* Whether NODE is in LIST, "0-1,3"; true for NULL, which is no restriction. */
bool mml_oom_node_in(const char *list, unsigned node);

/* balance.c */
void mml_oom_balance(struct mml_oom_report *r);

/* score.c: points of the tasks, who had to be the victim, who is next. BEFORE: the reports before
 * R. */
void mml_oom_scores(struct mml_oom_report *r);

/* reason.c */
void mml_oom_reasons(struct mml_oom_report *r);

/* The counters of the group whose limit it is; NULL: none in the log. */
const struct mml_oom_cgroup *mml_oom_limit(const struct mml_oom_report *r);

/* Whether LIMIT, kB, is one: without one the counter's largest number is printed. */
bool mml_oom_limited(struct mml_oom_value limit);

/* A value of memory.stat of C: with total_ before it where v1 has that. */
struct mml_oom_value mml_oom_stat(const struct mml_oom_cgroup *c, const char *key);
