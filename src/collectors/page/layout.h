/* The address space and the page tables of x86-64: how an address is cut up and what lies where. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "../../core/parse.h"

/* What /proc/cpuinfo says of the processor. */
struct mml_x86 {
	unsigned levels; /* of page tables, 4 or 5 */
	bool guest;      /* runs on a hypervisor */
};

/* TEXT of /proc/cpuinfo of an x86 machine: 0, or -ENODATA when it has no line of flags. */
int mml_x86_parse(struct mml_span text, struct mml_x86 *ret);

/* What lies at ADDRESS, with page tables of LEVELS (4 or 5). */
const char *mml_x86_region(unsigned levels, uint64_t address);

/* Are the bits above the highest that is translated all the same as that one? */
bool mml_x86_canonical(unsigned levels, uint64_t address);

/* The index of ADDRESS into the table of LEVEL: 5 PGD with five levels, 4 P4D then, else PGD, 3 PUD,
 * 2 PMD, 1 PTE. */
unsigned mml_x86_index(unsigned level, uint64_t address);
