/* Parsers of the files in /proc/PID. They allocate nothing, and depend on their arguments only. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/column.h"
#include "../../core/parse.h"

/* /proc/PID/stat. Addresses are 0 or 1 for a reader who may not trace the process. */
struct mml_pid_stat {
	struct mml_span comm; /* may have anything in it, even newlines and parentheses */
	char state;
	uint64_t pid, ppid;
	int64_t tty; /* a device number; 0: none */
	uint64_t flags;
	uint64_t min_faults, maj_faults;
	uint64_t threads;
	uint64_t start; /* clock ticks since boot */
	uint64_t vsize; /* bytes; 0: no address space of its own */
	uint64_t rss;   /* pages */
	uint64_t start_code, end_code, start_stack;
	/* Since 3.3; 0 on older kernels. */
	uint64_t start_data, end_data, start_brk, arg_start, arg_end, env_start, env_end;
};

enum { MML_PF_KTHREAD = 0x00200000 };

/* Returns 0, or -EINVAL if TEXT is not what the kernel writes. The comm lies in TEXT. */
int mml_pid_stat_parse(struct mml_span text, struct mml_pid_stat *ret);

/* /proc/PID/statm, in pages. Returns 0 or -EINVAL. */
struct mml_pid_statm {
	uint64_t size, resident, shared;
};
int mml_pid_statm_parse(struct mml_span text, struct mml_pid_statm *ret);

/*
 * The fields of a file of "Name:  123 kB" lines that a schema has columns for. The source of such a
 * column is PREFIX, a blank and the field's name. This is made once and used for every process.
 */
enum { MML_MAX_FIELDS = 48 };
struct mml_fields {
	size_t n;
	bool sum; /* a field may come several times and is added up (smaps) */
	struct {
		const char *name;
		size_t len;
		unsigned col;
	} at[MML_MAX_FIELDS];
};
void mml_fields_add(struct mml_fields *fields, const char *name, unsigned col);
void mml_fields_of(const struct mml_schema *schema, const char *prefix, struct mml_fields *ret);

/*
 * Sets the cells of FIELDS from TEXT, in bytes. Returns 0, or -EINVAL or -ERANGE if a known field
 * is not a plausible number in kB.
 */
int mml_fields_fill(const struct mml_fields *fields, struct mml_span text, struct mml_row *row);

/* What else /proc/PID/status tells, for trees that have it but not stat. */
struct mml_pid_status {
	struct mml_span name; /* the kernel has escaped newlines and backslashes */
	char state;
	uint64_t ppid, threads;
	uint64_t euid;
	bool has_ppid, has_threads, has_euid, has_mm;
};
int mml_pid_status_parse(struct mml_span text, struct mml_pid_status *ret);

/* Bytes on each NUMA node, from numa_maps. */
enum { MML_MAX_NODES = 1024 };
struct mml_node_bytes {
	unsigned limit; /* only nodes below it have been written to */
	uint64_t bytes[MML_MAX_NODES];
};
/* Adds up TEXT into RET, which must be zeroed. Returns 0, -EINVAL or -ERANGE. */
int mml_numa_maps_sum(struct mml_span text, uint64_t page_size, struct mml_node_bytes *ret);
