/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "numa.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../memory/vmstat.h"
#include "node_columns.h"

#define MML_TABLE_OF NODES
#include "../../core/columns.h"

/* What is summed and checked while the nodes are read. */
struct walk {
	struct mml_take *take;
	const struct mml_query *query;
	struct mml_table *table;
	struct mml_nodes nodes;
	uint64_t *distances; /* [nodes.n], of the current node */
	unsigned node;	     /* the current node */
	struct mml_row *row; /* its row */
	bool found;	     /* whether any file of it could be read */

	/* Firmware that contradicts itself may list a CPU under several nodes. */
	uint64_t cpu_seen[(UINT16_MAX + 1) / 64], cpu_again[(UINT16_MAX + 1) / 64];
	unsigned twice;		     /* how many, ... */
	unsigned twice_cpu;	     /* ... the first one, ... */
	unsigned twice_node;	     /* ... and the node it was found under again */
	unsigned same;		     /* pairs of nodes without distance between them, ... */
	unsigned same_from, same_to; /* ... and the first one */
};

static bool asked(const struct walk *walk, unsigned need)
{
	return walk->query->reading.needs & need;
}

static void seen_cpu(unsigned cpu, void *ctx)
{
	struct walk *walk = ctx;
	uint64_t bit = UINT64_C(1) << (cpu % 64);
	uint64_t again = walk->cpu_seen[cpu / 64] & ~walk->cpu_again[cpu / 64] & bit;

	if (again && !walk->twice++) {
		walk->twice_cpu = cpu;
		walk->twice_node = walk->node;
	}
	walk->cpu_again[cpu / 64] |= again;
	walk->cpu_seen[cpu / 64] |= bit;
}

/* Before 2.6.25, and in some trees, there is no cpulist but only a cpumap. */
static void read_cpus(struct walk *walk)
{
	struct mml_span text = { 0 }, line = { 0 };
	const char *list = NULL;
	long count;

	if (!mml_node_file(walk->take, walk->node, "cpulist", &text)) {
		mml_next_line(&text, &line);
		line = mml_span_trim(line);
		list = mml_arena_strndup(walk->take->arena, line.p ? line.p : "",
					 mml_span_len(line));
	} else if (!mml_node_file(walk->take, walk->node, "cpumap", &text)) {
		mml_next_line(&text, &line);
		list = mml_cpumap_list(walk->take->arena, line);
	} else {
		return;
	}
	walk->found = true;
	count = list ? mml_list_count(mml_span_str(list)) : -1;
	if (count < 0) {
		mml_table_why(walk->table, NODES_cpus, "the kernel's list of CPUs is not one", NULL);
		mml_table_why(walk->table, NODES_ncpus, "the kernel's list of CPUs is not one",
			      NULL);
		return;
	}
	mml_set_str(walk->row, NODES_cpus, list);
	mml_set_u64(walk->row, NODES_ncpus, (uint64_t)count);
	mml_parse_list(mml_span_str(list), seen_cpu, walk);
}

static int read_meminfo(struct walk *walk)
{
	struct mml_node_field field;
	struct mml_span text = { 0 };
	int rc = mml_node_file(walk->take, walk->node, "meminfo", &text);

	if (rc)
		return rc == -ENOMEM ? rc : 0;
	walk->found = true;
	while ((rc = mml_node_field_next(&text, walk->node, &field)) > 0) {
		int col = mml_schema_source(walk->table->schema, field.name.p,
					    mml_span_len(field.name));

		if (col >= 0)
			mml_set_u64(walk->row, (unsigned)col,
				    field.kib ? field.value * 1024 : field.value);
	}
	if (rc)
		mml_table_fail(walk->table, rc, NULL,
			       MML_NODE_DIR "/node%u/meminfo: not what the kernel writes",
			       walk->node);
	return 0;
}

/* numa_hit 3224267 */
static void read_numastat(struct walk *walk)
{
	struct mml_span text, line, name;
	uint64_t value;

	if (mml_node_file(walk->take, walk->node, "numastat", &text))
		return;
	walk->found = true;
	while (mml_next_line(&text, &line)) {
		int col;

		if (!mml_next_token(&line, &name) || mml_next_u64(&line, &value)) {
			mml_table_fail(walk->table, -EBADMSG, NULL,
				       MML_NODE_DIR "/node%u/numastat: not what the kernel writes",
				       walk->node);
			return;
		}
		col = mml_schema_source(walk->table->schema, name.p, mml_span_len(name));
		if (col >= 0)
			mml_set_u64(walk->row, (unsigned)col, value);
	}
}

static void read_distance(struct walk *walk)
{
	struct mml_span text = { 0 };
	size_t found;
	int rc = mml_node_distances(walk->take, &walk->nodes, walk->node, &text, walk->distances,
				    &found);

	if (!rc || rc == -EBADMSG || rc == -EINVAL)
		walk->found = true;
	if (rc == -EBADMSG) {
		mml_table_why(walk->table, NODES_distances,
			      mml_arena_printf(walk->take->arena,
					       "node %u tells %zu distances, %zu nodes are online",
					       walk->node, found, walk->nodes.n),
			      NULL);
		return;
	}
	if (rc) {
		mml_table_why(walk->table, NODES_distances,
			      rc == -EINVAL ? "not a list of numbers"
					    : "no file `distance` for this node",
			      NULL);
		return;
	}
	mml_set_str(walk->row, NODES_distances,
		    mml_arena_strndup(walk->take->arena, text.p, mml_span_len(text)));
	for (size_t i = 0; i < walk->nodes.n; i++) {
		if (walk->nodes.ids[i] == walk->node || walk->distances[i] > 10 || walk->same++)
			continue;
		walk->same_from = walk->node;
		walk->same_to = walk->nodes.ids[i];
	}
}

/* Access class 1 is about CPUs only (5.18 and later), and class 0 about every initiator. */
static void read_access(struct walk *walk)
{
	static const struct {
		const char *file;
		unsigned col, scale;
	} files[] = {
		{ "read_latency", NODES_read_latency, 1 },
		{ "write_latency", NODES_write_latency, 1 },
		{ "read_bandwidth", NODES_read_bandwidth, 1 << 20 },
		{ "write_bandwidth", NODES_write_bandwidth, 1 << 20 },
	};
	const char *const *names = NULL;
	struct mml_buf list = { 0 };
	char dir[80];

	for (int class = 1; class >= 0 && !(names && names[0]); class --) {
		snprintf(dir, sizeof(dir), MML_NODE_DIR "/node%u/access%d/initiators", walk->node,
			 class);
		names = mml_take_names(walk->take, dir);
	}
	for (; names && *names; names++)
		if (!strncmp(*names, "node", 4))
			mml_buf_printf(&list, "%s%s", list.len ? "," : "", *names + 4);
	if (list.len)
		mml_set_str(walk->row, NODES_initiators,
			    mml_arena_strndup(walk->take->arena, list.data, list.len));
	mml_buf_free(&list);

	/* The kernel shows a zero if the firmware told nothing. */
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		uint64_t v;

		if (!mml_take_number(walk->take, &v, "%s/%s", dir, files[i].file) && v &&
		    v <= UINT64_MAX / files[i].scale)
			mml_set_u64(walk->row, files[i].col, v * files[i].scale);
	}
}

/* A sum that lacks a pool would be a wrong number. */
static void read_hugetlb(struct walk *walk)
{
	char dir[64];
	const char *const *names;
	uint64_t total = 0, nfree = 0, n;
	bool any = false, total_known = true, free_known = true;

	snprintf(dir, sizeof(dir), MML_NODE_DIR "/node%u/hugepages", walk->node);
	names = mml_take_names(walk->take, dir);
	for (; names && *names; names++) {
		uint64_t size;

		if (!mml_hugepage_dir(*names, &size))
			continue;
		any = true;
		if (!mml_take_number(walk->take, &n, "%s/%s/nr_hugepages", dir, *names))
			total += n * size;
		else
			total_known = false;
		if (!mml_take_number(walk->take, &n, "%s/%s/free_hugepages", dir, *names))
			nfree += n * size;
		else
			free_known = false;
	}
	if (any && total_known)
		mml_set_u64(walk->row, NODES_hugetlb, total);
	if (any && free_known)
		mml_set_u64(walk->row, NODES_hugetlb_free, nfree);
}

/*
 * pgscan_kswapd 0
 * Until 7.x the kernel counts what reclaim does for the whole machine only. pgscan_anon and _file are
 * the same pages once more.
 */
static void read_reclaim(struct walk *walk)
{
	static const char *const by[] = { "kswapd", "direct", "khugepaged", "proactive" };
	struct mml_span text, name;
	uint64_t value, scanned = 0, reclaimed = 0;
	bool any = false;
	int rc;

	if (mml_node_file(walk->take, walk->node, "vmstat", &text))
		return;
	while ((rc = mml_vmstat_next(&text, &name, &value)))
		for (size_t i = 0; rc > 0 && i < sizeof(by) / sizeof(*by); i++) {
			bool scan = mml_span_starts(name, "pgscan_");
			struct mml_span who = { name.p + (scan ? 7 : 8), name.end };

			if ((!scan && !mml_span_starts(name, "pgsteal_")) || !mml_span_eq(who, by[i]))
				continue;
			*(scan ? &scanned : &reclaimed) += value;
			any = true;
		}
	if (!any)
		return;
	mml_set_u64(walk->row, NODES_scanned, scanned);
	mml_set_u64(walk->row, NODES_reclaimed, reclaimed);
}

/* Computes the shares of the node's own figures. Those of the whole machine follow at the end. */
static void derive(struct walk *walk)
{
	struct mml_row *row = walk->row;
	uint64_t total = row->cell[NODES_total].u64;

	if (mml_has(row, NODES_ncpus) && mml_has(row, NODES_total)) {
		bool cpu = row->cell[NODES_ncpus].u64;

		mml_set_str(row, NODES_kind,
			    cpu && total ? "cpu+memory"
			    : cpu	 ? "cpu"
			    : total	 ? "memory"
					 : "none");
	}
	if (mml_has(row, NODES_total) && mml_has(row, NODES_used) && total)
		mml_set_f64(row, NODES_used_share,
			    100.0 * (double)row->cell[NODES_used].u64 / (double)total);
	mml_set_share(row, NODES_local_share, NODES_local_node, NODES_other_node);
	mml_set_share(row, NODES_miss_share, NODES_numa_miss, NODES_numa_hit);
}

static int read_node(struct walk *walk)
{
	char dir[64];
	int rc;

	walk->row = mml_table_add(walk->table);
	if (!walk->row)
		return -ENOMEM;
	walk->found = false;
	mml_set_u64(walk->row, NODES_node, walk->node);
	read_cpus(walk);
	rc = read_meminfo(walk);
	if (rc)
		return rc;
	read_numastat(walk);
	read_distance(walk);
	/* If its folder is gone, the node went offline after the folders were listed. */
	snprintf(dir, sizeof(dir), MML_NODE_DIR "/node%u", walk->node);
	if (!walk->found && !mml_take_names(walk->take, dir)) {
		mml_table_drop(walk->table);
		return 0;
	}
	if (asked(walk, NEED_ACCESS))
		read_access(walk);
	if (asked(walk, NEED_HUGETLB))
		read_hugetlb(walk);
	if (asked(walk, NEED_VMSTAT))
		read_reclaim(walk);
	derive(walk);
	return 0;
}

struct tier {
	struct mml_table *table;
	uint64_t tier;
};

static void set_tier(unsigned node, void *ctx)
{
	const struct tier *tier = ctx;

	for (size_t i = 0; i < tier->table->nrows; i++) {
		struct mml_row *row = mml_table_row(tier->table, i);

		if (row->cell[NODES_node].u64 == node)
			mml_set_u64(row, NODES_tier, tier->tier);
	}
}

static void read_tiers(struct walk *walk)
{
	static const char dir[] = "/sys/devices/virtual/memory_tiering";
	const char *const *names = mml_take_names(walk->take, dir);
	struct tier tier = { .table = walk->table };
	bool any = false;

	for (; names && *names; names++) {
		struct mml_span text, line;

		if (strncmp(*names, "memory_tier", 11) ||
		    mml_parse_u64(mml_span_str(*names + 11), &tier.tier) ||
		    mml_take_filef(walk->take, &text, "%s/%s/nodelist", dir, *names) ||
		    !mml_next_line(&text, &line))
			continue;
		any = true;
		mml_parse_list(line, set_tier, &tier);
	}
	if (!any)
		mml_table_why(walk->table, NODES_tier, "the kernel tells no memory tiers",
			      "kernel 6.1 or newer");
}

/* Computes what share of the machine each node is. */
static void derive_all(struct mml_table *table)
{
	uint64_t total = 0, used = 0;
	bool whole = true;

	for (size_t i = 0; i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);

		whole = whole && mml_has(row, NODES_total) && mml_has(row, NODES_used);
		total += row->cell[NODES_total].u64;
		used += row->cell[NODES_used].u64;
	}
	for (size_t i = 0; i < table->nrows && whole && total; i++) {
		struct mml_row *row = mml_table_row(table, i);
		double mine = (double)row->cell[NODES_total].u64;

		mml_set_f64(row, NODES_share, 100.0 * mine / (double)total);
		if (mine > 0 && used)
			mml_set_f64(row, NODES_imbalance,
				    ((double)row->cell[NODES_used].u64 / mine) /
					    ((double)used / (double)total));
	}
}

/* Notes where the files contradict each other. Nobody can tell from here which of them is right. */
static void note_contradictions(const struct walk *walk)
{
	if (walk->twice)
		mml_table_note(walk->table,
			       "%u CPUs are listed under more than one node, the first is CPU %u, "
			       "again under node %u: the firmware contradicts itself",
			       walk->twice, walk->twice_cpu, walk->twice_node);
	if (walk->same)
		mml_table_note(walk->table,
			       "%u pairs of nodes have no distance between them, the first is "
			       "node %u to node %u: the firmware does not tell distances",
			       walk->same, walk->same_from, walk->same_to);
}

static void check_online(unsigned node, void *ctx)
{
	const struct walk *walk = ctx;

	if (mml_nodes_find(&walk->nodes, node) < 0)
		mml_table_note(walk->table, "node %u is online and has no files", node);
}

/* Whether any node tells what reclaim has looked at. */
static bool any_scanned(const struct mml_table *table)
{
	for (size_t i = 0; i < table->nrows; i++)
		if (mml_has(mml_table_row(table, i), NODES_scanned))
			return true;
	return false;
}

static int node_collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	struct walk *walk = mml_arena_alloc(take->arena, sizeof(*walk));
	struct mml_span text, online;
	int rc;

	if (!walk)
		return mml_table_fail(ret, -ENOMEM, NULL, "out of memory");
	walk->take = take;
	walk->query = query;
	walk->table = ret;
	rc = mml_nodes_list(take, ret, &walk->nodes);
	if (rc)
		return rc;
	walk->distances = mml_arena_alloc(take->arena, walk->nodes.n * sizeof(*walk->distances));
	if (!walk->distances)
		return mml_table_fail(ret, -ENOMEM, NULL, "out of memory");
	for (size_t i = 0; i < walk->nodes.n; i++) {
		walk->node = walk->nodes.ids[i];
		rc = read_node(walk);
		if (rc)
			return rc;
	}
	if (asked(walk, NEED_TIER))
		read_tiers(walk);
	if (asked(walk, NEED_VMSTAT) && !any_scanned(ret))
		mml_table_why_needs(ret, NEED_VMSTAT, "the kernel does not count this by node",
				    "a newer kernel (7.2 has it)");
	derive_all(ret);
	note_contradictions(walk);
	if (!mml_take_file(take, NULL, MML_NODE_DIR "/online", &text) &&
	    mml_next_line(&text, &online))
		mml_parse_list(online, check_online, walk);
	return ret->error;
}

static const struct mml_source node_sources[] = {
	{ .path = MML_NODE_DIR "/nodeN/meminfo", .missing = "a kernel built with CONFIG_NUMA" },
	{ .path = MML_NODE_DIR "/nodeN/numastat", .missing = "a kernel built with CONFIG_NUMA" },
	{ .path = MML_NODE_DIR "/nodeN/vmstat", .missing = "a kernel built with CONFIG_NUMA" },
	{ .path = MML_NODE_DIR "/nodeN/cpulist", .missing = "a kernel built with CONFIG_NUMA" },
	{ .path = MML_NODE_DIR "/nodeN/distance", .missing = "a kernel built with CONFIG_NUMA" },
	{ .path = MML_NODE_DIR "/nodeN/access1/initiators/read_latency",
	  .missing = "firmware with a heterogeneous memory attribute table (HMAT)" },
	{ .path = "/sys/devices/virtual/memory_tiering/memory_tierN/nodelist",
	  .missing = "kernel 6.1 or newer" },
	{ 0 },
};

const struct mml_collector mml_collector_nodes = {
	.schema = { .name = "nodes",
		    .apart = "read_bandwidth,write_bandwidth",
		    .help = "A NUMA node: its CPUs, its memory by kind, where its pages were "
			    "allocated from, and how far it is from the others.",
		    MML_COLUMNS(NODES) },
	.sources = node_sources,
	.collect = node_collect,
};
