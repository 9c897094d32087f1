/* The address space and the page tables of x86: the parts of an address and, on 64 bits, what lies where. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../core/parse.h"

/* What /proc/cpuinfo says of the processor. */
struct mml_x86 {
	unsigned levels; /* of page tables: 4 or 5; on 32 bits 2 or, with PAE, 3 */
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

/* Returns whether MACHINE, as uname tells it, is an x86 of 64 or 32 bits. */
bool mml_x86_machine(const char *machine);

/* Returns how many levels of page tables a 32-bit kernel has, by TEXT, its /proc/meminfo: what maps large parts at
 * once is 4 MiB with 2 levels and 2 MiB with 3 (PAE). Returns 0 if it does not tell. */
unsigned mml_x86_levels32(struct mml_span text);

/* Returns the lowest bit of an address that is of the index into the table of LEVEL, and how many there are. */
unsigned mml_x86_shift(unsigned levels, unsigned level);
unsigned mml_x86_bits(unsigned levels, unsigned level);

/* Returns what lies at ADDRESS. Page tables have 4 or 5 LEVELS. */
const char *mml_x86_region(unsigned levels, uint64_t address);

/* Returns whether all bits above the highest translated one are the same as that one; on 32 bits, whether there are
 * none. */
bool mml_x86_canonical(unsigned levels, uint64_t address);

/* Returns the index of ADDRESS in the table of LEVEL: 1 is the PTE, 2 the PMD and 3 the PUD. With
 * five levels, 4 is the P4D and 5 the PGD; with fewer, the highest one is the PGD. */
unsigned mml_x86_index(unsigned levels, unsigned level, uint64_t address);
