/* What the program counts of pages that are moved to other frames. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "trace.h"

#define MML_MIGRATIONS_REASONS 16 /* there are eleven as of 7.3; later ones count as the last one \
				   */
#define MML_MIGRATIONS_DEAD_MAX 16384

struct mml_migrations_reason {
	__u64 calls;
	__u64 pages;
	__u64 failed;
};

struct mml_migrations_counts {
	struct mml_migrations_reason reasons[MML_MIGRATIONS_REASONS];
};

struct mml_migrations_row {
	struct mml_trace_owner owner;
	struct mml_migrations_counts counts;
};
