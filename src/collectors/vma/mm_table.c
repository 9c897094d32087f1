/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "../cgroup/scope.h"
#include "borders.h"
#include "vmas.h"

/* clang-format off */
#define MM_COLUMNS(C, R) \
	C(pid,     "PID",     U64,  KEY,     NONE,  MAIN,   0, "/proc/PID", "The process.") \
	C(started, "STARTED", U64,  KEY,     NONE,  HIDDEN, 0, "stat: starttime", "When the process began, in clock ticks since boot.") \
	C(name,    "NAME",    STR,  KEY,     NONE,  FIRST,  0, "mm_struct, and auxv", "The border or property, as the kernel calls it; those with at_ are of the auxiliary vector.") \
	C(value,   "VALUE",   STR,  GAUGE,   NONE,  FIRST,  0, "as SOURCE says", "What it is: an address or flags in hexadecimal, bytes, a count, or text.") \
	C(unit,    "UNIT",    STR,  LABEL,   NONE,  MAIN,   0, "mmlens", "What value is in: address, bytes, count, flags or text.") \
	C(number,  "NUMBER",  U64,  GAUGE,   NONE,  HIDDEN, 0, "value", "The value as a number, for filters and sorting; absent for text.") \
	C(bytes,   "BYTES",   U64,  GAUGE,   BYTES, MAIN,   0, "value", "The value, if it is a size.") \
	R(growth,  "GROWTH",  I64,  GROWTH,  NONE,  HIDDEN, number, "Change since the previous sample, of brk in bytes (needs -d, or the screen).") \
	R(rate,    "RATE",    F64,  RATE,    NONE,  HIDDEN, number, "Change per second.") \
	C(mapping, "MAPPING", STR,  LABEL,   NONE,  MAIN,   0, "maps: the mapping of the address, for an end of the byte before it", "The mapping it lies in: its name, or its kind.") \
	C(start,   "START",   ADDR, LABEL,   NONE,  HIDDEN, 0, "maps: address", "Where that mapping begins.") \
	C(source,  "SOURCE",  STR,  LABEL,   NONE,  MORE,   0, "mmlens", "Where the value is from. What mm_struct has and no file tells is read by BPF.") \
	C(why,     "WHY",     STR,  LABEL,   NONE,  LAST,   0, "mmlens", "Why there is no value, and what it would take.") \
	C(help,    "HELP",    STR,  LABEL,   NONE,  HIDDEN, 0, "mmlens", "What it is.")
/* clang-format on */

#define MML_TABLE_OF MM
#include "../../core/columns.h"

static const char *const units[] = {
	[MML_ADDRESS_OF] = "address", [MML_END_OF] = "address", [MML_SIZE] = "bytes",
	[MML_NUMBER] = "count",	      [MML_BITS] = "flags",	[MML_TEXT] = "text",
};

struct walk {
	struct mml_take *take;
	struct mml_table *table;
	struct mml_mm_row *rows;
	size_t nrows;
	struct mml_absence why; /* there are no rows */
};

static const char *value_of(struct mml_arena *arena, const struct mml_border *b)
{
	if (b->unit == MML_TEXT)
		return b->text;
	if (b->unit == MML_SIZE || b->unit == MML_NUMBER)
		return mml_arena_printf(arena, "%llu", (unsigned long long)b->value);
	return mml_arena_printf(arena, "0x%llx", (unsigned long long)b->value);
}

static void set_mapping(struct mml_row *row, const struct mml_table *vmas, const struct mml_border *b)
{
	uint64_t at = b->value - (b->unit == MML_END_OF && b->value);

	for (size_t i = 0; vmas && i < vmas->nrows; i++) {
		const struct mml_row *vma = mml_table_row(vmas, i);

		if (at < vma->cell[VMAS_start].u64 || at >= vma->cell[VMAS_end].u64)
			continue;
		mml_set_str(row, MM_mapping,
			    vma->cell[mml_has(vma, VMAS_name) ? VMAS_name : VMAS_kind].str);
		mml_set_u64(row, MM_start, vma->cell[VMAS_start].u64);
		return;
	}
}

static const char *why_of(struct mml_arena *arena, const struct mml_absence *absence)
{
	if (!absence->reason || !absence->needs)
		return absence->reason;
	return mml_arena_printf(arena, "%s; needs %s", absence->reason, absence->needs);
}

static int add_row(struct walk *w, const struct mml_borders *all, const struct mml_border *b)
{
	struct mml_arena *arena = w->table->arena;
	struct mml_row *row = mml_table_add(w->table);

	if (!row)
		return -ENOMEM;
	mml_set_u64(row, MM_pid, (uint64_t)all->mm->pid);
	if (all->mm->known)
		mml_set_u64(row, MM_started, all->mm->started);
	mml_set_str(row, MM_name, b->name);
	mml_set_str(row, MM_unit, units[b->unit]);
	mml_set_str(row, MM_source, b->source);
	mml_set_str(row, MM_help, b->help);
	if (!b->known) {
		mml_set_str(row, MM_why, why_of(arena, &b->absence));
		return 0;
	}
	mml_set_str(row, MM_value, value_of(arena, b));
	if (b->unit != MML_TEXT)
		mml_set_u64(row, MM_number, b->value);
	if (b->unit == MML_SIZE)
		mml_set_u64(row, MM_bytes, b->value);
	if (b->unit == MML_ADDRESS_OF || b->unit == MML_END_OF)
		set_mapping(row, all->vmas, b);
	return 0;
}

/* Finds what the kernel tells of the process. A number of another PID namespace may be that of another
 * process here, which began at another time. */
static void find_kernel(const struct walk *w, struct mml_borders *b)
{
	uint64_t ticks = w->take->host->clock_ticks;

	b->no_kernel = w->why;
	for (size_t i = 0; i < w->nrows && ticks && b->mm->known; i++)
		if (w->rows[i].tgid == (uint32_t)b->mm->pid &&
		    w->rows[i].start / (1000000000 / ticks) == b->mm->started)
			b->kernel = &w->rows[i];
	if (w->nrows && !b->kernel)
		b->no_kernel = (struct mml_absence){ "the kernel knows this process by another number or start",
						     "to be asked in the first PID and time namespace" };
}

static int add_process(struct walk *w, pid_t pid)
{
	struct mml_table *scratch = mml_table_new(w->take->arena, w->table->schema), *vmas = NULL;
	struct mml_borders *b = mml_arena_alloc(w->take->arena, sizeof(*b));
	struct mml_mm mm;
	int rc = mml_mm_take(w->take, w->table, pid, &mm);

	if (rc)
		return rc;
	if (!scratch || !b)
		return mml_table_fail(w->table, -ENOMEM, NULL, "out of memory");
	if (mml_mm_why_empty(&mm)) {
		mml_table_note(w->table, "process %d has no address space: %s", (int)pid,
			       mml_mm_why_empty(&mm));
		return 0;
	}
	*b = (struct mml_borders){ .mm = &mm };
	if (mml_vmas_list(w->take, &mm, scratch, &vmas) == -ENOMEM)
		return mml_table_fail(w->table, -ENOMEM, NULL, "out of memory");
	if (scratch->error)
		mml_table_note(w->table, "%s: mappings are missing", scratch->absence.reason);
	b->vmas = scratch->error ? NULL : vmas;
	b->no_maps = scratch->absence;
	find_kernel(w, b);
	mml_borders_read(w->take, b);
	for (size_t i = 0; i < b->n && !rc; i++)
		rc = add_row(w, b, &b->at[i]);
	return rc ? mml_table_fail(w->table, rc, NULL, "out of memory") : 0;
}

static int mm_collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	struct walk w = { .take = take, .table = ret };
	struct mml_query asked = *query;
	const struct mml_arg *pids;
	int rc = mml_cgroup_scope(take, ret, &asked.scope);

	if (rc)
		return rc < 0 ? rc : ret->error;
	pids = mml_scope_pids(&asked.scope);
	if (!pids->n)
		return mml_table_fail(ret, -EINVAL, "-p PID", "asked about no process");
	w.nrows = mml_mm_kernel_read(take, query->reading.state, &w.rows, &w.why);
	if (ret->error)
		return ret->error;
	for (size_t i = 0; i < pids->n && rc != -ENOMEM; i++)
		rc = add_process(&w, pids->pids[i]);
	return ret->error;
}

static const struct mml_source sources[] = {
	{ "/proc/PID/stat", "the process's own user, or CAP_SYS_PTRACE", NULL, NULL },
	{ "/proc/PID/status", NULL, NULL, NULL },
	{ "/proc/PID/maps", "the process's own user, or CAP_SYS_PTRACE", NULL, NULL },
	{ "/proc/PID/auxv", "the process's own user, or CAP_SYS_PTRACE", NULL, NULL },
	{ "/proc/PID/coredump_filter", "the process's own user", "a kernel with CONFIG_ELF_CORE", NULL },
	{ "BPF: iter/task", NULL, NULL, mml_mm_kernel_probe },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_mm = {
	.schema = { .name = "mm",
		    .apart = "*",
		    .help = "A border or property of a process's address space.",
		    MML_COLUMNS(MM) },
	.sources = sources,
	.takes = MML_TAKES(PIDS) | MML_TAKES(CGROUP),
	.requires = MML_TAKES(PIDS),
	.collect = mm_collect,
	.keep = mml_mm_kernel_keep,
	.release = mml_mm_kernel_release,
};
