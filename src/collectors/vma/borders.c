/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "borders.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vmas.h"

static const struct mml_border kinds[] = {
#define OF(unit_, id, source_, help_) { .name = #id, .source = source_, .help = help_, .unit = unit_ },
#define ADDRESS_OF(...) OF(MML_ADDRESS_OF, __VA_ARGS__)
#define END_OF(...) OF(MML_END_OF, __VA_ARGS__)
#define SIZE(...) OF(MML_SIZE, __VA_ARGS__)
#define NUMBER(...) OF(MML_NUMBER, __VA_ARGS__)
#define BITS(...) OF(MML_BITS, __VA_ARGS__)
#define TEXT(...) OF(MML_TEXT, __VA_ARGS__)
#include "mm.def"
#undef OF
};

static const char only_own[] = "the process's own user, or CAP_SYS_PTRACE";

static void set(struct mml_borders *b, enum mml_border_id id, uint64_t value)
{
	b->at[id].known = true;
	b->at[id].value = value;
}

static void lack(struct mml_border *to, const char *reason, const char *needs)
{
	to->absence = (struct mml_absence){ reason, needs };
}

/* The kernel writes 1 for start_code, and 0 for the others, to who may not know them. */
static void read_stat(struct mml_borders *b)
{
	const struct mml_mm *mm = b->mm;
	const uint64_t from[] = {
		[MML_BORDER_start_code] = mm->start_code,   [MML_BORDER_end_code] = mm->end_code,
		[MML_BORDER_start_data] = mm->start_data,   [MML_BORDER_end_data] = mm->end_data,
		[MML_BORDER_start_brk] = mm->start_brk,	    [MML_BORDER_start_stack] = mm->start_stack,
		[MML_BORDER_arg_start] = mm->arg_start,	    [MML_BORDER_arg_end] = mm->arg_end,
		[MML_BORDER_env_start] = mm->env_start,	    [MML_BORDER_env_end] = mm->env_end,
	};

	for (unsigned id = 0; id < sizeof(from) / sizeof(*from); id++) {
		if (strncmp(kinds[id].source, "stat ", 5))
			continue;
		if (!mm->known)
			lack(&b->at[id], "stat is not in this tree", NULL);
		else if (mm->start_code <= 1)
			lack(&b->at[id], "stat does not tell this user", only_own);
		else if (!from[id])
			lack(&b->at[id], "stat of this kernel does not have it", NULL);
		else
			set(b, id, from[id]);
	}
}

static bool status_value(struct mml_span text, const char *name, uint64_t *ret)
{
	struct mml_span line, key, value;

	while (mml_next_line(&text, &line))
		if (mml_smaps_split(line, &key, &value) && mml_span_eq(key, name))
			return !mml_smaps_value(value, ret);
	return false;
}

/* What is added to a field: since 4.15 VmPTE has all tables, and VmPMD is no more. */
static const char *beside(enum mml_border_id id)
{
	return id == MML_BORDER_exec_vm ? "VmLib" : id == MML_BORDER_pgtables ? "VmPMD" : NULL;
}

static void read_status(struct mml_take *take, struct mml_borders *b)
{
	struct mml_absence why = { NULL, NULL };
	struct mml_span text;
	char path[32];
	int rc;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)b->mm->pid);
	rc = mml_take_file(take, NULL, path, &text);
	if (rc)
		why = mml_absence_of(take->arena, take->root, NULL, path, rc);
	for (unsigned id = 0; id < MML_BORDERS; id++) {
		const char *field = kinds[id].source + strlen("status ");
		uint64_t value, more = 0;
		char name[32];

		if (strncmp(kinds[id].source, "status ", 7))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(field, " "), field);
		if (rc)
			lack(&b->at[id], why.reason, why.needs);
		else if (!status_value(text, name, &value) ||
			 (beside(id) && !status_value(text, beside(id), &more) && id == MML_BORDER_exec_vm) ||
			 __builtin_add_overflow(value, more, &value))
			lack(&b->at[id], "status of this kernel does not have it", NULL);
		else
			set(b, id, value);
	}
}

static void lack_maps(struct mml_borders *b, enum mml_border_id id)
{
	if (b->at[id].known || !b->no_maps.reason)
		return;
	b->at[id].absence = b->no_maps;
	b->at[id].source = NULL;
}

/* Without BPF, the last [heap] says where the break is, to a page. */
static void read_maps(struct mml_borders *b)
{
	uint64_t end = 0, count = 0;

	if (!b->vmas) {
		lack_maps(b, MML_BORDER_map_count);
		lack_maps(b, MML_BORDER_brk);
		return;
	}
	for (size_t i = 0; i < b->vmas->nrows; i++) {
		const struct mml_row *row = mml_table_row(b->vmas, i);

		count += strcmp(row->cell[VMAS_kind].str, "vsyscall") != 0;
		if (mml_has(row, VMAS_name) && !strcmp(row->cell[VMAS_name].str, "[heap]"))
			end = row->cell[VMAS_end].u64;
	}
	if (!b->at[MML_BORDER_map_count].known) {
		set(b, MML_BORDER_map_count, count);
		b->at[MML_BORDER_map_count].source = "maps: lines but that of [vsyscall]";
	}
	if (!b->at[MML_BORDER_brk].known && end) {
		set(b, MML_BORDER_brk, end);
		b->at[MML_BORDER_brk].source = "maps: end of [heap]";
	}
}

static void read_kernel(struct mml_borders *b)
{
	static const enum mml_border_id ids[MML_MM_VALUES] = {
		[MML_MM_BRK] = MML_BORDER_brk,		   [MML_MM_MMAP_BASE] = MML_BORDER_mmap_base,
		[MML_MM_TASK_SIZE] = MML_BORDER_task_size, [MML_MM_PGD] = MML_BORDER_pgd,
		[MML_MM_USERS] = MML_BORDER_mm_users,	   [MML_MM_COUNT] = MML_BORDER_mm_count,
		[MML_MM_MAP_COUNT] = MML_BORDER_map_count, [MML_MM_FLAGS] = MML_BORDER_flags,
	};

	for (size_t i = 0; i < MML_MM_VALUES; i++) {
		if (!b->kernel)
			b->at[ids[i]].absence = b->no_kernel;
		else if (b->kernel->known >> i & 1)
			set(b, ids[i], b->kernel->value[i]);
		else
			lack(&b->at[ids[i]], "this kernel's mm_struct does not have it", NULL);
	}
}

static void read_exe(struct mml_take *take, struct mml_borders *b)
{
	struct mml_border *exe = &b->at[MML_BORDER_exe_file];
	struct mml_buf target = { 0 };
	char path[32];
	int rc;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)b->mm->pid);
	rc = mml_root_readlink(take->root, path, &target);
	exe->absence = rc ? mml_absence_of(take->arena, take->root, NULL, path, rc) : (struct mml_absence){ 0 };
	if (rc == -EACCES || rc == -EPERM)
		exe->absence.needs = only_own;
	if (!rc) {
		exe->text = mml_arena_strndup(take->arena, target.data, target.len);
		exe->known = exe->text;
	}
	mml_buf_free(&target);
}

static void read_filter(struct mml_take *take, struct mml_borders *b)
{
	struct mml_border *to = &b->at[MML_BORDER_coredump_filter];
	struct mml_span text, line;
	uint64_t bits;
	char path[48];
	int rc;

	snprintf(path, sizeof(path), "/proc/%d/coredump_filter", (int)b->mm->pid);
	rc = mml_take_file(take, NULL, path, &text);
	if (rc)
		to->absence = mml_absence_of(take->arena, take->root, NULL, path, rc);
	else if (!mml_next_line(&text, &line) || mml_parse_hex(mml_span_trim(line), &bits))
		lack(to, "not what the kernel writes", NULL);
	else
		set(b, MML_BORDER_coredump_filter, bits);
}

static void read_auxv(struct mml_take *take, struct mml_borders *b)
{
	struct mml_border *none = &b->at[b->n];
	struct mml_span text;
	char path[32];
	int rc;

	snprintf(path, sizeof(path), "/proc/%d/auxv", (int)b->mm->pid);
	rc = mml_take_file(take, NULL, path, &text);
	if (!rc)
		rc = mml_borders_auxv(take->arena, b, text);
	if (!rc)
		return;
	*none = (struct mml_border){ .name = "auxv",
				     .source = "auxv",
				     .unit = MML_TEXT,
				     .help = "The vector that the kernel handed to the program." };
	if (rc == -EBADMSG)
		lack(none, "not what the kernel writes", NULL);
	else
		none->absence = mml_absence_of(take->arena, take->root, NULL, path, rc);
	if (rc == -EACCES || rc == -EPERM)
		none->absence.needs = only_own;
	b->n++;
}

void mml_borders_read(struct mml_take *take, struct mml_borders *b)
{
	memcpy(b->at, kinds, sizeof(kinds));
	b->n = MML_BORDERS;
	read_stat(b);
	read_status(take, b);
	read_kernel(b);
	read_maps(b);
	read_filter(take, b);
	read_exe(take, b);
	read_auxv(take, b);
}
