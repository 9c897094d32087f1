/*
 * The bytes that a BPF source hands over, live or saved by a capture: a head, then rows.
 *
 * All members are in the byte order of the machine that wrote them, which `order` tells.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <linux/types.h>

#define MML_TRACE_MAGIC { 'm', 'm', 'l', 't', 'r', 'a', 'c', 'e' }
#define MML_TRACE_VERSION 1
#define MML_TRACE_ORDER 0x01020304u
#define MML_TRACE_NAMES 8
#define MML_TRACE_NAME_LEN 32

/* The kinds of rows: see the header of each object. Those that count by process have an owner and
 * its counts, first for the living, then for the dead, and then for the idle threads. */
enum mml_trace_kind {
#define COUNTS(kind, number, ...) MML_TRACE_##kind = number,
#define SOURCE COUNTS
#include "sources.def"
#undef COUNTS
#undef SOURCE
};

enum mml_trace_flag {
	MML_TRACE_SOFT_EVENTS = 1, /* perf's software events were used, which have no error code */
	MML_TRACE_RESOLVED = 4,    /* by mapping: minor and major faults are counted beside the exceptions */
	MML_TRACE_TLB_HALVES = 2,  /* TLB flushes with two halves were counted as such */
};

struct mml_trace_head {
	char magic[8];
	__u32 order;
	__u32 version;
	__u32 kind;
	__u32 flags;
	__u32 page_size;
	__u32 reads;  /* how often the session had been read before this */
	__u64 living; /* rows of living tasks; for other kinds, all rows */
	__u64 dead;
	__u64 idle;
	__u64 dropped;   /* events or threads there was no room for, and events missed within others */
	__u64 traced_ns; /* how long events were counted */
	__u64 length;    /* of the bytes behind the head */
	char names[MML_TRACE_NAMES][MML_TRACE_NAME_LEN]; /* of the TLB flush reasons */
};

/* A row of counts begins with the process they are of. The counts, which are all 64-bit, follow. */
struct mml_trace_owner {
	__u32 tgid;
	__u32 pad;
	__u64 start; /* in ns since boot, of the group's first thread */
	char comm[16];
};

/* The key of the maps of the dead. */
struct mml_trace_key {
	__u32 tgid;
	__u32 pad;
	__u64 start;
};
