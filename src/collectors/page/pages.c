/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages.h"

#include <errno.h>
#include <string.h>

#include "../vma/vmas.h"

#define MML_COLUMNS_OF PAGES
#include "../../core/columns.h"

static const struct mml_source sources[] = {
	{ "/proc/PID/pagemap",
	  "the process's own user, or CAP_SYS_PTRACE; frame numbers: CAP_SYS_ADMIN",
	  "a kernel with CONFIG_PROC_PAGE_MONITOR", NULL },
	{ "/proc/kpageflags", "root (the file is readable for root only)",
	  "a kernel with CONFIG_PROC_PAGE_MONITOR", NULL },
	{ "/proc/kpagecount", "root (the file is readable for root only)",
	  "a kernel with CONFIG_PROC_PAGE_MONITOR", NULL },
	{ "/proc/PID/maps", "the process's own user, or CAP_SYS_PTRACE", NULL, NULL },
	{ "/proc/PID/map_files", "CAP_SYS_ADMIN", "a kernel with CONFIG_CHECKPOINT_RESTORE", NULL },
	{ "/proc/zoneinfo", NULL, NULL, NULL },
	{ NULL, NULL, NULL, NULL },
};

/* Returns whether the mapping is one of those asked for. */
static bool wanted(const struct mml_query *query, const struct mml_row *vma)
{
	const struct mml_arg *range = &query->scope.args[MML_PARAM_RANGE];
	const char *name = query->scope.args[MML_PARAM_VMA].text;
	uint64_t start = vma->cell[VMAS_start].u64, end = vma->cell[VMAS_end].u64, at;

	if (range->given && (end <= range->start || start >= range->end))
		return false;
	if (!name)
		return true;
	if (mml_has(vma, VMAS_name) && !strcmp(vma->cell[VMAS_name].str, name))
		return true;
	if (mml_parse_hex(mml_span_str(name + (strncmp(name, "0x", 2) ? 0 : 2)), &at))
		return false;
	return at >= start && at < end;
}

void mml_pages_mapping(struct pages *p, const struct mml_row *vma)
{
	p->kind = vma->cell[VMAS_kind].str;
	p->shared = vma->cell[VMAS_perms].str[3] == 's';
	p->mapping = mml_has(vma, VMAS_name) ? vma->cell[VMAS_name].str : NULL;
	p->from = vma->cell[VMAS_start].u64;
	p->has_offset = mml_has(vma, VMAS_offset);
	p->offset = p->has_offset ? vma->cell[VMAS_offset].u64 : 0;
	if (p->needs & NEEDS_STATE)
		mml_behind_mapping(&p->behind, vma);
}

static int add_mapping(struct pages *p, const struct mml_row *vma)
{
	const struct mml_arg *range = &p->query->scope.args[MML_PARAM_RANGE];
	uint64_t start = vma->cell[VMAS_start].u64, end = vma->cell[VMAS_end].u64;

	if (range->given && start < range->start)
		start = range->start;
	if (range->given && end > range->end)
		end = range->end;
	mml_pages_mapping(p, vma);
	return mml_pages_range(p, start, end);
}

static void nothing_found(struct pages *p, size_t nvmas)
{
	const char *why = mml_mm_why_empty(&p->mm), *vma = p->query->scope.args[MML_PARAM_VMA].text;

	if (why)
		mml_table_note(p->table, "process %d has no pages: %s", (int)p->mm.pid, why);
	else if (nvmas && vma)
		mml_table_note(p->table, "process %d has no mapping %s", (int)p->mm.pid, vma);
	else if (nvmas)
		mml_table_note(p->table, "process %d has nothing mapped in this range",
			       (int)p->mm.pid);
}

static int add_mappings(struct pages *p, const struct mml_table *vmas)
{
	size_t found = 0;
	int rc = 0;

	for (size_t i = 0; i < vmas->nrows && !rc; i++) {
		const struct mml_row *vma = mml_table_row(vmas, i);

		if (!wanted(p->query, vma))
			continue;
		found++;
		rc = add_mapping(p, vma);
	}
	if (rc == -ENOMEM)
		mml_table_fail(p->table, rc, NULL, "out of memory");
	else if (rc)
		mml_table_fail(p->table, rc, NULL, "/proc/%d/pagemap: %s", (int)p->mm.pid,
			       rc == -ESRCH ? "process ended while it was read" :
					      strerror(-rc));
	else if (!found)
		nothing_found(p, vmas->nrows);
	return rc;
}

static int add_process(struct pages *p, pid_t pid)
{
	struct mml_table *vmas;
	int rc = mml_mm_take(p->take, p->table, pid, &p->mm);

	if (rc)
		return rc;
	rc = mml_vmas_list(p->take, &p->mm, p->table, &vmas);
	if (rc)
		return rc;
	if (!vmas->nrows) {
		nothing_found(p, 0);
		return 0;
	}
	rc = mml_pages_open(p);
	if (!rc)
		rc = add_mappings(p, vmas);
	mml_pages_close(p);
	return rc;
}

static int pages_collect(struct mml_take *take, const struct mml_query *query,
			 struct mml_table *ret)
{
	struct pages p = { .take = take,
			   .query = query,
			   .table = ret,
			   .needs = query->reading.needs,
			   .page_size = mml_take_page_size(take, ret),
			   .pfns = true };
	const struct mml_arg *asked = mml_scope_pids(&query->scope);
	int rc = 0;

	p.strings.arena = take->arena;
	if (!asked->n)
		return mml_table_fail(ret, -EINVAL, "-p PID", "asked about no process");
	for (size_t i = 0; i < asked->n && rc != -ENOMEM; i++)
		rc = add_process(&p, asked->pids[i]);
	return ret->error;
}

const struct mml_collector mml_collector_pages = {
	.schema = { .name = "pages",
		    .apart = "page_size,entry_size,map_count",
		    .help = "A run of a process's pages that are alike: what is there, where in memory it is, and what the kernel says of it.",
		    MML_COLUMNS(PAGES) },
	.sources = sources,
	.takes = MML_TAKES(PIDS) | MML_TAKES(RANGE) | MML_TAKES(VMA) | MML_TAKES(EACH),
	.requires = MML_TAKES(PIDS),
	.collect = pages_collect,
};
