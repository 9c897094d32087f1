/* The address space and the page tables of x86-64: the parts of an address, and what lies where. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../core/parse.h"

/* What /proc/cpuinfo says of the processor. */
struct mml_x86 {
	unsigned levels; /* of page tables: 4 or 5 */
	bool guest;      /* it runs under a hypervisor */
	uint64_t physical_bits, virtual_bits; /* of addresses; 0: not told */
};

/* A part of the address space, from its first address to its last. */
struct mml_x86_part {
	uint64_t first, last;
	const char *what;
};

/* Returns part number I, in the order of addresses, or NULL if there are not so many. */
const struct mml_x86_part *mml_x86_part(unsigned levels, size_t i);

/* Parses TEXT, the /proc/cpuinfo of an x86 machine. Returns 0, or -ENODATA if it has no line of
 * flags. */
int mml_x86_parse(struct mml_span text, struct mml_x86 *ret);

/* Returns what lies at ADDRESS. Page tables have 4 or 5 LEVELS. */
const char *mml_x86_region(unsigned levels, uint64_t address);

/* Returns whether all bits above the highest translated one are the same as that one. */
bool mml_x86_canonical(unsigned levels, uint64_t address);

/* Returns the index of ADDRESS in the table of LEVEL: 1 is the PTE, 2 the PMD and 3 the PUD. With
 * five levels, 4 is the P4D and 5 the PGD; with four, 4 is the PGD. */
unsigned mml_x86_index(unsigned level, uint64_t address);
