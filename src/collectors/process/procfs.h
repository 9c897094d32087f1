/* The files of /proc/PID as the kernel writes them: pure parsers, which allocate nothing. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/column.h"
#include "../../core/parse.h"

/* /proc/PID/stat. Addresses are 0 or 1 for those who may not trace the process. */
struct mml_pid_stat {
	struct mml_span comm; /* may hold anything, newlines and parentheses too */
	char state;
	uint64_t pid, ppid;
	int64_t tty; /* device number, 0: none */
	uint64_t flags;
	uint64_t min_faults, maj_faults;
	uint64_t threads;
	uint64_t start; /* clock ticks after boot */
	uint64_t vsize; /* bytes; 0: no address space of its own */
	uint64_t rss;   /* pages */
	uint64_t start_code, end_code, start_stack;
	/* From 3.3 on; 0 before. */
	uint64_t start_data, end_data, start_brk, arg_start, arg_end, env_start, env_end;
};

enum { MML_PF_KTHREAD = 0x00200000 };

/* 0, or -EINVAL: not what the kernel writes. The comm lies in TEXT. */
int mml_pid_stat_parse(struct mml_span text, struct mml_pid_stat *ret);

/* /proc/PID/statm, in pages: 0 or -EINVAL. */
struct mml_pid_statm {
	uint64_t size, resident, shared;
};
int mml_pid_statm_parse(struct mml_span text, struct mml_pid_statm *ret);

/*
 * The fields of a file of "Name:  123 kB" lines that a schema has columns for: those whose source
 * is PREFIX, a blank and the field's name. Made once, used for every process.
 */
enum { MML_MAX_FIELDS = 48 };
struct mml_fields {
	size_t n;
	bool sum; /* a field may come more than once and is summed (smaps) */
	struct {
		const char *name;
		size_t len;
		unsigned col;
	} at[MML_MAX_FIELDS];
};
void mml_fields_add(struct mml_fields *fields, const char *name, unsigned col);
void mml_fields_of(const struct mml_schema *schema, const char *prefix, struct mml_fields *ret);

/*
 * Set the cells of FIELDS from TEXT, in bytes. 0, or -EINVAL or -ERANGE: a known field without a sane number in kB.
 */
int mml_fields_fill(const struct mml_fields *fields, struct mml_span text, struct mml_row *row);

/* What else /proc/PID/status tells, for trees that have it and no stat. */
struct mml_pid_status {
	struct mml_span name; /* with newline and backslash escaped by the kernel */
	char state;
	uint64_t ppid, threads;
	uint64_t euid;
	bool has_ppid, has_threads, has_euid, has_mm;
};
int mml_pid_status_parse(struct mml_span text, struct mml_pid_status *ret);

/* Bytes on each NUMA node, from numa_maps. */
enum { MML_MAX_NODES = 1024 };
struct mml_node_bytes {
	unsigned limit; /* nodes below it have been written to */
	uint64_t bytes[MML_MAX_NODES];
};
/* RET must be zeroed. 0, or -EINVAL or -ERANGE. */
int mml_numa_maps_sum(struct mml_span text, uint64_t page_size, struct mml_node_bytes *ret);
