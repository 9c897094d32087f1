/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "numa.h"

#include <errno.h>

/* clang-format off */
#define DISTANCES_COLUMNS(C, R) \
	C(node,     "NODE",     U64, KEY,     NONE,  FIRST, 0, "nodeN",         "The node looked from.") \
	C(to,       "TO",       U64, KEY,     NONE,  FIRST, 0, "nodeN",         "The node looked to.") \
	C(distance, "DISTANCE", U64, GAUGE,   NONE,  FIRST, 0, "distance",      "Distance as the firmware tells; 10 is the node itself.") \
	C(cost,     "COST",     F64, DERIVED, RATIO, MAIN,  0, "distance / 10", "How many times as long as on the node itself.")
/* clang-format on */

#define MML_TABLE_OF DISTANCES
#include "../../core/columns.h"

static int add_pairs(struct mml_table *table, const struct mml_nodes *nodes, unsigned node,
		     const uint64_t *distances)
{
	for (size_t i = 0; i < nodes->n; i++) {
		struct mml_row *row = mml_table_add(table);

		if (!row)
			return -ENOMEM;
		mml_set_u64(row, DISTANCES_node, node);
		mml_set_u64(row, DISTANCES_to, nodes->ids[i]);
		mml_set_u64(row, DISTANCES_distance, distances[i]);
		mml_set_f64(row, DISTANCES_cost, (double)distances[i] / 10);
	}
	return 0;
}

static int distance_collect(struct mml_take *take, const struct mml_query *query,
			    struct mml_table *ret)
{
	struct mml_nodes nodes;
	uint64_t *distances;
	int rc = mml_nodes_list(take, ret, &nodes);

	(void)query;
	if (rc)
		return rc;
	distances = mml_arena_alloc(take->arena, nodes.n * sizeof(*distances));
	if (!distances)
		return mml_table_fail(ret, -ENOMEM, NULL, "out of memory");
	for (size_t i = 0; i < nodes.n; i++) {
		struct mml_span text;
		size_t found;

		rc = mml_node_distances(take, &nodes, nodes.ids[i], &text, distances, &found);
		if (!rc)
			rc = add_pairs(ret, &nodes, nodes.ids[i], distances);
		else if (rc == -EBADMSG)
			/* Nobody can tell which nodes these distances are to, so none is shown. */
			mml_table_note(
				ret, "node %u tells %zu distances, %zu nodes are online: left out",
				nodes.ids[i], found, nodes.n);
		else if (rc == -EINVAL)
			mml_table_fail(ret, rc, NULL,
				       MML_NODE_DIR "/node%u/distance: not a list of numbers",
				       nodes.ids[i]);
		if (rc == -ENOMEM)
			return mml_table_fail(ret, rc, NULL, "out of memory");
	}
	if (!ret->nrows && !ret->note)
		return mml_table_fail(ret, -ENOENT, "a kernel built with CONFIG_NUMA",
				      MML_NODE_DIR ": no node has a file `distance`");
	return ret->error;
}

static const struct mml_source distance_sources[] = {
	{ .path = MML_NODE_DIR "/nodeN/distance", .missing = "a kernel built with CONFIG_NUMA" },
	{ 0 },
};

const struct mml_collector mml_collector_distances = {
	.schema = { .name = "distances",
		    .help = "A pair of NUMA nodes and the distance between them.",
		    MML_COLUMNS(DISTANCES) },
	.sources = distance_sources,
	.collect = distance_collect,
};
