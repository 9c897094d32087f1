/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>

#include "../vma/maps.h"
#include "../vma/mm.h"
#include "lines.h"

/* clang-format off */
#define SMAPS_COLUMNS(C, R) \
	C(pid,    "PID",    U64, KEY,    NONE,  MAIN,   0, "/proc/PID", "The process.") \
	C(name,   "NAME",   STR, KEY,    NONE,  FIRST,  0, "the field's name", "Name of the field, as the kernel writes it.") \
	C(bytes,  "BYTES",  U64, GAUGE,  BYTES, FIRST,  0, "smaps_rollup, or the sum over smaps", "The sum over all mappings of the process.") \
	R(growth, "GROWTH", I64, GROWTH, BYTES, MAIN,   bytes, "Change since the previous sample.") \
	C(help,   "HELP",   STR, LABEL,  NONE,  HIDDEN, 0, "mmlens", "What the field means on this kernel: what is counted, of what it is a part, and when to worry.")
/* clang-format on */

#define MML_TABLE_OF SMAPS
#include "../../core/columns.h"

static const struct mml_source sources[] = {
	{ "/proc/PID/smaps_rollup", "the process's own user, or CAP_SYS_PTRACE", "Linux 4.14", NULL },
	{ "/proc/PID/smaps", "the process's own user, or CAP_SYS_PTRACE",
	  "a kernel with CONFIG_PROC_PAGE_MONITOR (it matters before Linux 4.14 only)", NULL },
	{ NULL, NULL, NULL, NULL },
};

/* The row of PID from FIRST on that is called NAME. It is added where there is none. */
static struct mml_row *row_of(struct mml_take *take, struct mml_table *table, size_t first,
			      pid_t pid, struct mml_span name)
{
	struct mml_row *row;

	for (size_t i = first; i < table->nrows; i++) {
		row = mml_table_row(table, i);
		if (mml_span_eq(name, row->cell[SMAPS_name].str))
			return row;
	}
	row = mml_table_add(table);
	if (!row)
		return NULL;
	mml_set_u64(row, SMAPS_pid, (uint64_t)pid);
	mml_set_str(row, SMAPS_name, mml_arena_strndup(take->arena, name.p, mml_span_len(name)));
	mml_set_u64(row, SMAPS_bytes, 0);
	mml_set_str(row, SMAPS_help, mml_line_help(take, MML_LINES_SMAPS, name));
	return mml_has(row, SMAPS_name) ? row : NULL;
}

/*
 * Rss:                8156 kB
 * KernelPageSize:        4 kB
 * THPeligible:           0
 * What is no amount of memory, or is the size of a page, has no sum.
 */
static int add_fields(struct mml_take *take, struct mml_table *table, pid_t pid, struct mml_span text)
{
	const size_t first = table->nrows;
	struct mml_span line, name, value;

	while (mml_next_line(&text, &line)) {
		struct mml_row *row;
		uint64_t bytes;

		if (mml_map_begins(line) || !mml_smaps_split(line, &name, &value) ||
		    mml_span_eq(name, "KernelPageSize") || mml_span_eq(name, "MMUPageSize") ||
		    mml_span_len(value) < 4 || !mml_span_eq((struct mml_span){ value.end - 3, value.end }, " kB") ||
		    mml_smaps_value(value, &bytes))
			continue;
		row = row_of(take, table, first, pid, name);
		if (!row)
			return -ENOMEM;
		if (__builtin_add_overflow(row->cell[SMAPS_bytes].u64, bytes,
					   &row->cell[SMAPS_bytes].u64))
			row->cell[SMAPS_bytes].u64 = UINT64_MAX;
	}
	return 0;
}

static int add_process(struct mml_take *take, struct mml_table *table, pid_t pid)
{
	static const char *const names[] = { "smaps_rollup", "smaps" };
	struct mml_absence why;
	struct mml_span text;
	struct mml_mm mm;
	char path[40];
	int rc = mml_mm_take(take, table, pid, &mm);

	if (rc)
		return rc;
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, names[i]);
		rc = mml_take_file(take, NULL, path, &text);
		if (rc != -ENOENT)
			break;
	}
	if (!rc)
		return add_fields(take, table, pid, text);
	if (rc == -ESRCH && mml_mm_why_empty(&mm)) {
		mml_table_note(table, "process %d has no memory of its own: %s", (int)pid,
			       mml_mm_why_empty(&mm));
		return 0;
	}
	why = mml_absence_of(take->arena, take->root, sources, path, rc);
	return mml_table_fail(table, rc, why.needs, "%s", why.reason);
}

static int smaps_collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	const struct mml_arg *asked = mml_scope_pids(&query->scope);
	int rc = 0;

	if (!asked->n)
		return mml_table_fail(ret, -EINVAL, "-p PID", "asked about no process");
	/* If one process fails, the others are still shown. */
	for (size_t i = 0; i < asked->n && rc != -ENOMEM; i++)
		rc = add_process(take, ret, asked->pids[i]);
	if (rc == -ENOMEM)
		return mml_table_fail(ret, rc, NULL, "out of memory");
	return ret->error;
}

const struct mml_collector mml_collector_smaps = {
	.schema = { .name = "smaps",
		    .apart = "*",
		    .help = "A field of a process's smaps, summed over its mappings, and what it means.",
		    MML_COLUMNS(SMAPS) },
	.sources = sources,
	.takes = MML_TAKES(PIDS),
	.requires = MML_TAKES(PIDS),
	.collect = smaps_collect,
};
