/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "numa.h"

#include <errno.h>

#include "../counters/lines.h"
#include "../memory/vmstat.h"

/*
 * Two long tables with a row for each line of a node's meminfo and vmstat. What a newer kernel adds is
 * shown without a change here.
 */

/* clang-format off */
#define NODE_MEMINFO_COLUMNS(C, R) \
	C(node,  "NODE",  U64, KEY,   NONE,  FIRST,  0, "nodeN",            "Number of the node.") \
	C(name,  "NAME",  STR, KEY,   NONE,  FIRST,  0, "name of the line", "The kernel's name of the figure.") \
	C(value, "VALUE", U64, GAUGE, COUNT, HIDDEN, 0, "value",            "The number as the kernel writes it, in its unit.") \
	C(unit,  "UNIT",  STR, LABEL, NONE,  HIDDEN, 0, "unit",             "kB; empty for a count.") \
	C(bytes, "BYTES", U64, GAUGE, BYTES, FIRST,  0, "value",            "The figure in bytes; absent for a count.") \
	C(help,  "HELP",  STR, LABEL, NONE,  HIDDEN, 0, "mmlens",           "What the line means on this kernel: what is counted, of what it is a part, and when to worry.")

#define NODE_VMSTAT_COLUMNS(C, R) \
	C(node,  "NODE",   U64, KEY,     NONE,  FIRST, 0, "nodeN",            "Number of the node.") \
	C(name,  "NAME",   STR, KEY,     NONE,  FIRST, 0, "name of the line", "The kernel's name of the counter.") \
	C(value, "VALUE",  U64, COUNTER, COUNT, FIRST, 0, "value",            "How much there is now, or how much it was since boot, in the unit beside it.") \
	C(unit,  "UNIT",   STR, LABEL,   NONE,  MAIN, 0, "name of the line", "What is counted: pages, KiB, huge pages, allocations, faults, events; absent for a counter that this version does not know.") \
	R(rate,  "RATE/s", F64, RATE,    COUNT, MAIN,  value,                 "Its change per second.") \
	C(help,  "HELP",   STR, LABEL,   NONE,  HIDDEN, 0, "mmlens",          "What the line means on this kernel: what is counted, of what it is a part, and when to worry.")
/* clang-format on */

#define MML_TABLE_OF NODE_MEMINFO
#include "../../core/columns.h"

#define MML_TABLE_OF NODE_VMSTAT
#include "../../core/columns.h"

/* A file that is gone with its node is left out. One that is not what the kernel writes is an
 * error. */
static int each_node(struct mml_take *take, struct mml_table *table, const char *file,
		     int (*add)(struct mml_take *, struct mml_table *, unsigned node,
				struct mml_span text))
{
	struct mml_nodes nodes;
	int rc = mml_nodes_list(take, table, &nodes);

	if (rc)
		return rc;
	for (size_t i = 0; i < nodes.n; i++) {
		struct mml_span text;

		rc = mml_node_file(take, nodes.ids[i], file, &text);
		if (!rc)
			rc = add(take, table, nodes.ids[i], text);
		if (rc == -EBADMSG)
			mml_table_fail(table, rc, NULL,
				       MML_NODE_DIR "/node%u/%s: not what the kernel writes",
				       nodes.ids[i], file);
		if (rc == -ENOMEM)
			return mml_table_fail(table, rc, NULL, "out of memory");
	}
	if (!table->nrows)
		return mml_table_fail(table, -ENOENT, NULL,
				      MML_NODE_DIR ": no node has a file `%s`", file);
	return table->error;
}

static int add_meminfo(struct mml_take *take, struct mml_table *table, unsigned node,
		       struct mml_span text)
{
	struct mml_node_field field;
	int rc;

	while ((rc = mml_node_field_next(&text, node, &field)) > 0) {
		struct mml_row *row = mml_table_add(table);

		if (!row)
			return -ENOMEM;
		mml_set_u64(row, NODE_MEMINFO_node, node);
		mml_set_str(
			row, NODE_MEMINFO_name,
			mml_arena_strndup(table->arena, field.name.p, mml_span_len(field.name)));
		mml_set_u64(row, NODE_MEMINFO_value, field.value);
		mml_set_str(row, NODE_MEMINFO_unit, field.kib ? "kB" : "");
		if (field.kib)
			mml_set_u64(row, NODE_MEMINFO_bytes, field.value * 1024);
		mml_set_str(row, NODE_MEMINFO_help,
			    mml_line_help(take, MML_LINES_MEMINFO, field.name));
	}
	return rc;
}

static int add_vmstat(struct mml_take *take, struct mml_table *table, unsigned node,
		      struct mml_span text)
{
	struct mml_span name;
	uint64_t value;
	int rc;

	while ((rc = mml_vmstat_next(&text, &name, &value)) > 0) {
		struct mml_row *row = mml_table_add(table);

		if (!row)
			return -ENOMEM;
		row->levels = mml_counter_level(name);
		mml_set_u64(row, NODE_VMSTAT_node, node);
		mml_set_str(row, NODE_VMSTAT_name,
			    mml_arena_strndup(table->arena, name.p, mml_span_len(name)));
		mml_set_u64(row, NODE_VMSTAT_value, value);
		mml_set_str(row, NODE_VMSTAT_unit, mml_counter_unit_here(take, name));
		mml_set_str(row, NODE_VMSTAT_help, mml_line_help(take, MML_LINES_VMSTAT, name));
	}
	return rc ? -EBADMSG : 0;
}

static int meminfo_collect(struct mml_take *take, const struct mml_query *query,
			   struct mml_table *ret)
{
	(void)query;
	return each_node(take, ret, "meminfo", add_meminfo);
}

static int vmstat_collect(struct mml_take *take, const struct mml_query *query,
			  struct mml_table *ret)
{
	(void)query;
	return each_node(take, ret, "vmstat", add_vmstat);
}

static const struct mml_source meminfo_sources[] = {
	{ .path = MML_NODE_DIR "/nodeN/meminfo", .missing = "a kernel built with CONFIG_NUMA" },
	{ 0 },
};

static const struct mml_source vmstat_sources[] = {
	{ .path = MML_NODE_DIR "/nodeN/vmstat", .missing = "a kernel built with CONFIG_NUMA" },
	{ 0 },
};

const struct mml_collector mml_collector_node_meminfo = {
	.schema = { .name = "node_meminfo",
		    .apart = "*",
		    .help = "A line of a NUMA node's meminfo.",
		    MML_COLUMNS(NODE_MEMINFO) },
	.sources = meminfo_sources,
	.collect = meminfo_collect,
};

const struct mml_collector mml_collector_node_vmstat = {
	.schema = { .name = "node_vmstat",
		    .apart = "*",
		    .help = "A counter of a NUMA node's vmstat.",
		    MML_COLUMNS(NODE_VMSTAT) },
	.sources = vmstat_sources,
	.collect = vmstat_collect,
};
