/* What the page-fault programs count, and what their iterator writes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "trace.h"

/* minor and major are what the kernel's own counters grew by since the watch began, and not the sum
 * of user and kernel: they also have faults that the kernel resolved for the process without an
 * exception (get_user_pages). */
struct mml_fault_counts {
	__u64 user;
	__u64 kernel;
	__u64 write;
	__u64 instruction;
	__u64 protection;
	__u64 minor;
	__u64 major;
};

/* The part of one thread, from the iterator, or the whole of a dead process, from the map of the
 * dead. */
struct mml_fault_row {
	struct mml_trace_owner owner;
	struct mml_fault_counts counts;
};

#define MML_FAULT_DEAD_MAX 65536

/* Counting by mapping or, as MML_TRACE_CODE, by the mapping of the instruction that faulted: the faults of
 * a watched process by page. An entry has one class of faults in
 * a region of 2 MiB. */
#define MML_FAULT_WATCH_MAX 64
#define MML_FAULT_REGION_SHIFT 21
#define MML_FAULT_REGION_PAGES 512 /* of 4 KiB; larger pages use fewer of them */
#define MML_FAULT_REGIONS_MAX 32768

enum mml_fault_class {
	MML_FAULT_PROTECTION = 1, /* bits of the error code on x86 */
	MML_FAULT_WRITE = 2,
	MML_FAULT_USER = 4,
	MML_FAULT_INSTRUCTION = 16,
	/* Not of x86: only the software events tell these. Where the exceptions have entries of their own,
	 * those with one of these count the same faults once more, when they were resolved. */
	MML_FAULT_MAJOR = 256,
	MML_FAULT_MINOR = 512,
};

#define MML_FAULT_CLASSES                                                                          \
	(MML_FAULT_PROTECTION | MML_FAULT_WRITE | MML_FAULT_USER | MML_FAULT_INSTRUCTION)

struct mml_fault_region_key {
	__u32 tgid;
	__u32 fault_class;
	__u64 region; /* address >> MML_FAULT_REGION_SHIFT */
};

struct mml_fault_region {
	__u64 total;
	__u16 pages[MML_FAULT_REGION_PAGES]; /* each stops at 65535, while total goes on */
};

struct mml_fault_region_entry {
	struct mml_fault_region_key key;
	struct mml_fault_region region;
};
