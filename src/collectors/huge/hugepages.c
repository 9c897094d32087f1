/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../numa/numa.h"

#include <errno.h>
#include <stdio.h>

#include "../memory/meminfo.h"

#define POOLS "/sys/kernel/mm/hugepages"

/* clang-format off */
#define HUGEPAGES_COLUMNS(C, R) \
	C(page_size,  "PAGE",     U64,  KEY,     BYTES, FIRST,  0, "hugepages-NkB",           "Size of the pages of this pool.") \
	C(node,       "NODE",     STR,  KEY,     NONE,  FIRST,  0, "nodeN",                   "The node the pages lie on; `all` for the whole machine, which is why this is text.") \
	C(total,      "TOTAL",    U64,  GAUGE,   COUNT, FIRST,  0, "nr_hugepages",            "Pages in the pool, surplus ones with them.") \
	C(free,       "FREE",     U64,  GAUGE,   COUNT, FIRST,  0, "free_hugepages",          "Pages nobody has allocated; some of them may be reserved.") \
	C(reserved,   "RESERVED", U64,  GAUGE,   COUNT, MAIN,   0, "resv_hugepages",          "Free pages promised to mappings that have not touched them; known for the whole machine only.") \
	C(surplus,    "SURPLUS",  U64,  GAUGE,   COUNT, MAIN,   0, "surplus_hugepages",       "Pages above the size the pool was set to.") \
	C(overcommit, "OVERCOMM", U64,  GAUGE,   COUNT, MORE,   0, "nr_overcommit_hugepages", "How many surplus pages there may be.") \
	C(used,       "USED",     U64,  DERIVED, COUNT, MAIN,   0, "nr_hugepages - free_hugepages",   "Pages allocated.") \
	C(available,  "AVAIL",    U64,  DERIVED, COUNT, MAIN,   0, "free_hugepages - resv_hugepages", "Pages that a new mapping can have: free and not reserved.") \
	C(size,       "SIZE",     U64,  DERIVED, BYTES, FIRST,  0, "nr_hugepages * page size",        "Memory the pool takes.") \
	C(used_size,  "USEDSIZE", U64,  DERIVED, BYTES, MAIN,   0, "(nr_hugepages - free_hugepages) * page size", "Memory allocated from the pool.") \
	C(idle_size,  "IDLESIZE", U64,  DERIVED, BYTES, MORE,   0, "free_hugepages * page size",      "Memory of the pool nobody has allocated, and nothing else can use.") \
	C(is_default, "DEFAULT",  BOOL, LABEL,   NONE,  LAST,   0, "Hugepagesize",            "The size mmap() and hugetlbfs take unasked, the one meminfo counts.")
/* clang-format on */

#define MML_TABLE_OF HUGEPAGES
#include "../../core/columns.h"

static void derive(struct mml_row *row, uint64_t default_size)
{
	uint64_t size = row->cell[HUGEPAGES_page_size].u64;
	uint64_t total = row->cell[HUGEPAGES_total].u64, nfree = row->cell[HUGEPAGES_free].u64;

	if (default_size)
		mml_set_bool(row, HUGEPAGES_is_default, size == default_size);
	if (mml_has(row, HUGEPAGES_total) && total <= UINT64_MAX / size)
		mml_set_u64(row, HUGEPAGES_size, total * size);
	if (mml_has(row, HUGEPAGES_free) && nfree <= UINT64_MAX / size)
		mml_set_u64(row, HUGEPAGES_idle_size, nfree * size);
	/* A pool may change between two files, so that free can exceed total. */
	if (mml_has(row, HUGEPAGES_total) && mml_has(row, HUGEPAGES_free) && nfree <= total) {
		mml_set_u64(row, HUGEPAGES_used, total - nfree);
		if (mml_has(row, HUGEPAGES_size))
			mml_set_u64(row, HUGEPAGES_used_size, (total - nfree) * size);
	}
	if (mml_has(row, HUGEPAGES_free) && mml_has(row, HUGEPAGES_reserved) &&
	    row->cell[HUGEPAGES_reserved].u64 <= nfree)
		mml_set_u64(row, HUGEPAGES_available, nfree - row->cell[HUGEPAGES_reserved].u64);
}

/* Adds one pool of the whole machine or of a node. Its folder is DIR. */
static int add_pool(struct mml_take *take, struct mml_table *table, const char *dir, uint64_t size,
		    const char *node, uint64_t default_size)
{
	static const unsigned files[] = { HUGEPAGES_total, HUGEPAGES_free, HUGEPAGES_reserved, HUGEPAGES_surplus,
					  HUGEPAGES_overcommit };
	struct mml_row *row = mml_table_add(table);
	bool any = false;

	if (!row)
		return -ENOMEM;
	row->part = strcmp(node, "all") != 0;
	mml_set_u64(row, HUGEPAGES_page_size, size);
	mml_set_str(row, HUGEPAGES_node, node);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		uint64_t v;
		int rc = mml_take_number(take, &v, "%s/%s", dir, HUGEPAGES_columns[files[i]].source);

		if (rc == -ENOMEM)
			return rc;
		if (!rc)
			mml_set_u64(row, files[i], v);
		else if (rc == -EINVAL || rc == -ERANGE)
			mml_table_fail(table, -EBADMSG, NULL, "%s/%s: not a number", dir,
				       HUGEPAGES_columns[files[i]].source);
		any = any || !rc;
	}
	/* The node went offline meanwhile, or the tree lacks the files. */
	if (!any)
		mml_table_drop(table);
	else
		derive(row, default_size);
	return 0;
}

/* Hands each folder in DIR that is a pool to ADD, that of the smallest pages first. */
static int each_pool(struct mml_take *take, struct mml_table *table, const char *dir,
		     const char *node, uint64_t default_size)
{
	const char *const *names = mml_take_names(take, dir);
	uint64_t size;
	int rc = 0;

	for (; names && *names && !rc; names++) {
		char path[128];

		if (!mml_hugepage_dir(*names, &size) || !size)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, *names);
		rc = add_pool(take, table, path, size, node, default_size);
	}
	return rc;
}

/* What meminfo tells about huge pages. It is about the default size only. */
struct meminfo {
	uint64_t size, total, free, reserved, surplus;
	bool has_total, has_free, has_reserved, has_surplus;
};

static void meminfo_line(struct meminfo *info, struct mml_span name, uint64_t value)
{
	if (mml_span_eq(name, "HugePages_Total")) {
		info->total = value;
		info->has_total = true;
	} else if (mml_span_eq(name, "HugePages_Free")) {
		info->free = value;
		info->has_free = true;
	} else if (mml_span_eq(name, "HugePages_Rsvd")) {
		info->reserved = value;
		info->has_reserved = true;
	} else if (mml_span_eq(name, "HugePages_Surp")) {
		info->surplus = value;
		info->has_surplus = true;
	}
}

static void read_meminfo(struct mml_take *take, struct meminfo *ret)
{
	struct mml_meminfo_line line;
	struct mml_span text, at;
	int rc;

	*ret = (struct meminfo){ 0 };
	if (mml_take_file(take, NULL, "/proc/meminfo", &text))
		return;
	for (at = text; (rc = mml_meminfo_next(&at, &line));)
		if (rc > 0)
			meminfo_line(ret, line.name, line.value);
	if (!mml_meminfo_bytes(text, "Hugepagesize", &ret->size))
		ret->size = 0;
}

static int add_from_meminfo(struct mml_table *table, const struct meminfo *info, const char *node)
{
	struct mml_row *row = mml_table_add(table);

	if (!row)
		return -ENOMEM;
	row->part = strcmp(node, "all") != 0;
	mml_set_u64(row, HUGEPAGES_page_size, info->size);
	mml_set_str(row, HUGEPAGES_node, node);
	if (info->has_total)
		mml_set_u64(row, HUGEPAGES_total, info->total);
	if (info->has_free)
		mml_set_u64(row, HUGEPAGES_free, info->free);
	if (info->has_reserved)
		mml_set_u64(row, HUGEPAGES_reserved, info->reserved);
	if (info->has_surplus)
		mml_set_u64(row, HUGEPAGES_surplus, info->surplus);
	derive(row, info->size);
	return 0;
}

/* If there are no folders (up to 2.6.26, or in a small capture), meminfo has the pool of the
 * default size. */
static int collect_meminfo(struct mml_take *take, struct mml_table *table,
			   const struct meminfo *info, const struct mml_nodes *nodes)
{
	int rc = add_from_meminfo(table, info, "all");

	for (size_t i = 0; i < nodes->n && !rc; i++) {
		struct meminfo mine = { .size = info->size };
		struct mml_node_field field;
		struct mml_span text;

		if (mml_node_file(take, nodes->ids[i], "meminfo", &text))
			continue;
		while (mml_node_field_next(&text, nodes->ids[i], &field) > 0)
			if (!field.kib)
				meminfo_line(&mine, field.name, field.value);
		if (mine.has_total || mine.has_free)
			rc = add_from_meminfo(table, &mine,
					      mml_arena_printf(table->arena, "%u", nodes->ids[i]));
	}
	mml_table_note(table, "pools of the default size only, from meminfo: there is no " POOLS);
	return rc;
}

static int huge_collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	struct mml_table *nowhere = mml_table_new(take->arena, ret->schema);
	struct mml_nodes nodes = { 0 };
	struct meminfo info;
	int rc;

	(void)query;
	if (!nowhere)
		return mml_table_fail(ret, -ENOMEM, NULL, "out of memory");
	read_meminfo(take, &info);
	/* A machine without nodes has pools, too, so that error must not fail this table. */
	if (mml_nodes_list(take, nowhere, &nodes) == -ENOMEM)
		return mml_table_fail(ret, -ENOMEM, NULL, "out of memory");

	rc = each_pool(take, ret, POOLS, "all", info.size);
	for (size_t i = 0; i < nodes.n && !rc; i++) {
		char dir[64];

		snprintf(dir, sizeof(dir), MML_NODE_DIR "/node%u/hugepages", nodes.ids[i]);
		rc = each_pool(take, ret, dir, mml_arena_printf(take->arena, "%u", nodes.ids[i]),
			       info.size);
	}
	if (!rc && !ret->nrows && info.size && info.has_total)
		rc = collect_meminfo(take, ret, &info, &nodes);
	if (rc)
		return mml_table_fail(ret, rc, NULL, "out of memory");
	if (!ret->nrows)
		return mml_table_missing(take, ret, POOLS, "a kernel built with CONFIG_HUGETLBFS");
	return ret->error;
}

static const struct mml_source huge_sources[] = {
	{ .path = POOLS "/hugepages-NkB/nr_hugepages",
	  .missing = "a kernel built with CONFIG_HUGETLBFS" },
	{ .path = MML_NODE_DIR "/nodeN/hugepages/hugepages-NkB/nr_hugepages",
	  .missing = "a kernel built with CONFIG_HUGETLBFS and CONFIG_NUMA" },
	{ .path = "/proc/meminfo" },
	{ 0 },
};

const struct mml_collector mml_collector_hugepages = {
	.schema = { .name = "hugepages",
		    .apart = "total,free,reserved,surplus,overcommit,used,available",
		    .help = "A pool of hugetlb pages of one size, of the whole machine or on a "
			    "node.",
		    MML_COLUMNS(HUGEPAGES) },
	.sources = huge_sources,
	.collect = huge_collect,
};
