/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../numa/numa.h"

#include <errno.h>
#include <stdio.h>

#include "../vma/maps.h"

/* clang-format off */
#define HUGETLB_COLUMNS(C, R) \
	C(pid,       "PID",     U64,  KEY,     NONE,  FIRST, 0, "PID",                 "Process that maps the pages.") \
	C(start,     "START",   ADDR, KEY,     NONE,  MAIN,  0, "start",               "Where the mapping begins; absent where the process's mappings may not be read.") \
	C(comm,      "COMMAND", STR,  LABEL,   NONE,  FIRST, 0, "Name",                "Name of the process.") \
	C(page_size, "PAGE",    U64,  GAUGE,   BYTES, FIRST, 0, "KernelPageSize",      "Size of its pages.") \
	C(size,      "SIZE",    U64,  GAUGE,   BYTES, MAIN,  0, "Size",                "Length of the mapping, touched or not.") \
	C(rss,       "RSS",     U64,  DERIVED, BYTES, FIRST, 0, "Shared_Hugetlb + Private_Hugetlb, without a mapping HugetlbPages", "Memory of it that is there.") \
	C(shared,    "SHARED",  U64,  GAUGE,   BYTES, MORE,  0, "Shared_Hugetlb",      "Of that, pages others map too.") \
	C(private,   "PRIVATE", U64,  GAUGE,   BYTES, MORE,  0, "Private_Hugetlb",     "Of that, pages nobody else maps.") \
	C(policy,    "POLICY",  STR,  LABEL,   NONE,  MORE,  0, "numa_maps",           "NUMA policy of the mapping.") \
	C(nodes,     "NODES",   STR,  LABEL,   NONE,  MAIN,  0, "numa_maps N0=, N1=",  "Pages on each node.") \
	C(name,      "NAME",    STR,  LABEL,   NONE,  MAIN,  0, "name",                "File the pages are of, if it has a name.")
/* clang-format on */

#define MML_TABLE_OF HUGETLB
#include "../../core/columns.h"

struct scan {
	struct mml_take *take;
	struct mml_table *table;
	uint64_t pid;
	const char *comm;
	uint64_t total; /* in bytes, as status says */
	size_t refused; /* processes whose mappings may not be read */
	size_t unread;  /* processes of which it is not known whether they have any */
};

/*
 * Name:   qemu-system-x86
 * HugetlbPages:	 4194304 kB     (4.4 and later)
 * Returns 0 if the process has such pages. Others are left out, because the files read next are costly.
 */
static int read_status(struct scan *scan)
{
	struct mml_span text, line, name;
	int rc = mml_take_filef(scan->take, &text, "/proc/%llu/status",
				(unsigned long long)scan->pid);

	scan->comm = NULL;
	scan->total = 0;
	if (rc)
		return rc;
	while (mml_next_line(&text, &line)) {
		uint64_t kib;

		if (!mml_next_field(&line, ':', &name))
			continue;
		if (mml_span_eq(name, "Name")) {
			line = mml_span_trim(line);
			scan->comm =
				mml_arena_strndup(scan->take->arena, line.p, mml_span_len(line));
		} else if (mml_span_eq(name, "HugetlbPages") && !mml_next_u64(&line, &kib) &&
			   kib <= UINT64_MAX / 1024) {
			scan->total = kib * 1024;
		}
	}
	return 0;
}

static struct mml_row *add_row(struct scan *scan)
{
	struct mml_row *row = mml_table_add(scan->table);

	if (row) {
		mml_set_u64(row, HUGETLB_pid, scan->pid);
		mml_set_str(row, HUGETLB_comm, scan->comm);
	}
	return row;
}

/* Ends a mapping of smaps. It is kept only if it is of huge pages. */
static void finish(struct scan *scan, struct mml_row *row, bool huge)
{
	if (!huge) {
		mml_table_drop(scan->table);
		return;
	}
	if (mml_has(row, HUGETLB_shared) && mml_has(row, HUGETLB_private))
		mml_set_u64(row, HUGETLB_rss, row->cell[HUGETLB_shared].u64 + row->cell[HUGETLB_private].u64);
}

static struct mml_row *begin(struct scan *scan, const struct mml_map *map)
{
	struct mml_row *row = add_row(scan);

	if (!row)
		return NULL;
	mml_set(row, HUGETLB_start, (union mml_value){ .u64 = map->start });
	if (map->name.p < map->name.end)
		mml_set_str(
			row, HUGETLB_name,
			mml_arena_strndup(scan->take->arena, map->name.p, mml_span_len(map->name)));
	return row;
}

/* Only "ht" among the VmFlags tells a hugetlb mapping from others, even if no page of it was
 * touched yet. */
static int read_smaps(struct scan *scan)
{
	struct mml_span text, line, name, value, word;
	struct mml_row *row = NULL;
	struct mml_map map;
	bool huge = false;
	int rc = mml_take_filef(scan->take, &text, "/proc/%llu/smaps",
				(unsigned long long)scan->pid);

	if (rc)
		return rc;
	while (mml_next_line(&text, &line)) {
		uint64_t v;
		int col;

		if (mml_map_begins(line)) {
			if (row)
				finish(scan, row, huge);
			row = NULL;
			huge = false;
			if (!mml_map_parse(line, &map)) {
				row = begin(scan, &map);
				if (!row)
					return -ENOMEM;
			}
			continue;
		}
		if (!row || !mml_smaps_split(line, &name, &value))
			continue;
		if (mml_span_eq(name, "VmFlags")) {
			while (mml_next_token(&value, &word))
				huge = huge || mml_span_eq(word, "ht");
			continue;
		}
		col = mml_schema_source(scan->table->schema, name.p, mml_span_len(name));
		if (col >= 0 && !mml_smaps_value(value, &v))
			mml_set_u64(row, (unsigned)col, v);
	}
	if (row)
		finish(scan, row, huge);
	return 0;
}

static struct mml_row *row_at(struct scan *scan, size_t first, uint64_t start)
{
	for (size_t i = first; i < scan->table->nrows; i++) {
		struct mml_row *row = mml_table_row(scan->table, i);

		if (row->cell[HUGETLB_start].u64 == start)
			return row;
	}
	return NULL;
}

static void set_numa(struct scan *scan, struct mml_row *row, const struct mml_numa_map *map)
{
	struct mml_span rest = map->nodes;
	struct mml_buf nodes = { 0 };
	uint64_t node, pages;

	mml_set_str(row, HUGETLB_policy,
		    mml_arena_strndup(scan->take->arena, map->policy.p, mml_span_len(map->policy)));
	while (mml_numa_map_node(&rest, &node, &pages))
		mml_buf_printf(&nodes, "%sN%llu=%llu", nodes.len ? " " : "",
			       (unsigned long long)node, (unsigned long long)pages);
	if (nodes.len && !nodes.error)
		mml_set_str(row, HUGETLB_nodes,
			    mml_arena_strndup(scan->take->arena, nodes.data, nodes.len));
	mml_buf_free(&nodes);
}

static void read_numa_maps(struct scan *scan, size_t first)
{
	struct mml_numa_map map;
	struct mml_span text, line;
	int rc = mml_take_filef(scan->take, &text, "/proc/%llu/numa_maps",
				(unsigned long long)scan->pid);

	if (rc == -EACCES || rc == -EPERM)
		for (unsigned col = HUGETLB_policy; col <= HUGETLB_nodes; col++)
			mml_table_why(scan->table, col, "/proc/PID/numa_maps: permission denied",
				      "CAP_SYS_PTRACE, or to be the process' user");
	if (rc)
		return;
	while (mml_next_line(&text, &line)) {
		struct mml_row *row = NULL;

		if (!mml_numa_map_parse(line, &map))
			row = row_at(scan, first, map.start);
		if (row)
			set_numa(scan, row, &map);
	}
}

/* What could not be read for another reason than these was said when it was read. */
static int not_read(struct scan *scan, int rc)
{
	scan->unread += rc == -EACCES || rc == -EPERM;
	return rc == -ENOMEM ? rc : 0;
}

/* A process that ends while it is read is left out. */
static int scan_process(struct scan *scan)
{
	size_t first = scan->table->nrows;
	struct mml_row *row;
	int rc = read_status(scan);

	if (rc || !scan->total)
		return not_read(scan, rc);
	rc = read_smaps(scan);
	if (!rc) {
		read_numa_maps(scan, first);
		return 0;
	}
	if (rc != -EACCES && rc != -EPERM)
		return not_read(scan, rc);
	scan->refused++;
	row = add_row(scan);
	if (!row)
		return -ENOMEM;
	mml_set_u64(row, HUGETLB_rss, scan->total);
	return 0;
}

/* If every page of every pool is free, no process maps one, and there is no need to read them all.
 * A pool that cannot be read counts as used. */
static bool pools_used(struct mml_take *take)
{
	static const char dir[] = "/sys/kernel/mm/hugepages";
	const char *const *names = mml_take_names(take, dir);

	if (!names || !*names)
		return true;
	for (; *names; names++) {
		uint64_t total, nfree, size;

		if (!mml_hugepage_dir(*names, &size))
			continue;
		if (mml_take_number(take, &total, "%s/%s/nr_hugepages", dir, *names) ||
		    mml_take_number(take, &nfree, "%s/%s/free_hugepages", dir, *names) ||
		    total != nfree)
			return true;
	}
	return false;
}

static int map_collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	const char *const *names = mml_take_names(take, "/proc");
	struct scan scan = { .take = take, .table = ret };

	if (!names)
		return mml_table_fail(ret, -ENOENT, "proc mounted on /proc", "/proc: not readable");
	if (!pools_used(take)) {
		mml_table_note(ret, "no process has hugetlb pages: all pages of all pools are free");
		return ret->error;
	}
	for (; *names; names++) {
		if (mml_parse_u64(mml_span_str(*names), &scan.pid) || 
		    !mml_scope_wants(&query->scope, (pid_t)scan.pid))
			continue;
		if (scan_process(&scan) == -ENOMEM)
			return mml_table_fail(ret, -ENOMEM, NULL, "out of memory");
	}
	if (scan.refused)
		mml_table_note(ret,
			       "/proc/PID/smaps: permission denied for %zu processes, of which only the "
			       "sum is known: needs CAP_SYS_PTRACE",
			       scan.refused);
	if (scan.unread)
		mml_table_note(ret, "/proc/PID/status: permission denied for %zu processes, which are left out",
			       scan.unread);
	return ret->error;
}

static const struct mml_source map_sources[] = {
	{ .path = "/sys/kernel/mm/hugepages/hugepages-NkB/nr_hugepages",
	  .missing = "a kernel built with CONFIG_HUGETLBFS" },
	{ .path = "/proc/PID/status", .missing = "kernel 4.4 or newer" },
	{ .path = "/proc/PID/smaps",
	  .needs = "CAP_SYS_PTRACE, or to be the process' user",
	  .missing = "a kernel built with CONFIG_PROC_PAGE_MONITOR" },
	{ .path = "/proc/PID/numa_maps",
	  .needs = "CAP_SYS_PTRACE, or to be the process' user",
	  .missing = "a kernel built with CONFIG_NUMA" },
	{ 0 },
};

const struct mml_collector mml_collector_hugetlb = {
	.schema = { .name = "hugetlb",
		    .apart = "page_size",
		    .help = "A mapping of hugetlb pages, of a process that has touched any: which "
			    "pages, and on which nodes.",
		    MML_COLUMNS(HUGETLB),
		    .sort = "-rss" },
	.sources = map_sources,
	.takes = MML_TAKES(PIDS),
	.collect = map_collect,
};
