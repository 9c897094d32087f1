/* Parses the lines that tell of pressure, the machine's and those of control groups. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/parse.h"

struct mml_psi {
	bool full; /* all tasks that had work to do waited; otherwise at least one */
	double avg10, avg60, avg300; /* percent */
	uint64_t total_ns;
};

/* Parses a line. Returns 0, or -EINVAL if it is not one of the kernel's or has no more than a part. */
int mml_psi_parse(struct mml_span line, struct mml_psi *ret);
