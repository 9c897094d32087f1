/* The allocator's flags of each kernel, and what a request with them may do. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/buf.h"
#include "model.h"

/* The flags that MASK is by TABLE, A to F; RET_REST: bits that the table does not have. */
uint32_t mml_gfp_decode(uint64_t mask, char table, unsigned version, uint64_t *ret_rest);

/* The flags that NAMES, "GFP_KERNEL|__GFP_COMP", stand for in TABLE; false: a name is not known. */
bool mml_gfp_parse(struct mml_span names, char table, uint32_t *ret);

/* Append FLAGS as the kernel would print them. Returns how many flags no compound name covers. */
unsigned mml_gfp_print(struct mml_buf *out, uint32_t flags);

/* The table of a kernel, by its version as in struct mml_oom_report; 0: not known. */
char mml_gfp_table(unsigned version);

/* Fill R's request from what was printed. 0 or -ENOMEM. */
int mml_gfp_request(struct mml_arena *arena, struct mml_oom_report *r);

#define MML_VERSION(major, minor, patch) \
	((unsigned)(major) << 16 | (unsigned)(minor) << 8 | (unsigned)(patch))
