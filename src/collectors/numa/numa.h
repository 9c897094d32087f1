/* What the tables about NUMA nodes share: which nodes there are, and the forms of their files. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

#define MML_NODE_DIR "/sys/devices/system/node"

/* The nodes sysfs has a folder for, by number: those that are online. Numbers may have gaps. */
struct mml_nodes {
	unsigned *ids;
	size_t n;
};

/* List the nodes, in the snapshot's arena: 0, or -errno with TABLE's failure set (a kernel without
 * NUMA has no such folder). */
int mml_nodes_list(struct mml_take *take, struct mml_table *table, struct mml_nodes *ret);

/* The place of node ID in NODES, or -1. */
long mml_nodes_find(const struct mml_nodes *nodes, unsigned id);

/* The file NAME of node NODE: 0 or -errno. A capture made by tar has such files filled up with NULs
 * to a whole page: those are cut off. */
int mml_node_file(struct mml_take *take, unsigned node, const char *name, struct mml_span *ret);

/* A line of node/nodeN/meminfo. */
struct mml_node_field {
	struct mml_span name;
	uint64_t value;
	bool kib; /* the line says kB; else it is a count */
};

/*
 * The next line of node NODE's meminfo, empty ones left out: 1, 0 at the end, -EBADMSG for a line
 * that is not of the form "Node 0 MemTotal:  482224 kB" or of another node.
 */
int mml_node_field_next(struct mml_span *text, unsigned node, struct mml_node_field *ret);

/*
 * Read node NODE's distance to each of NODES into RET, which has room for as many: 0; -EBADMSG with
 * RET_FOUND the distances it has when they are not one for each node, -EINVAL when it is no list of
 * numbers, or the error of reading it. TEXT is the file.
 */
int mml_node_distances(struct mml_take *take, const struct mml_nodes *nodes, unsigned node,
		       struct mml_span *text, uint64_t *ret, size_t *ret_found);

/* The CPUs in a cpumap, "ff,00000000", as a list, "32-39", in ARENA; NULL when it is none. */
char *mml_cpumap_list(struct mml_arena *arena, struct mml_span map);

/* How many numbers the list S ("0-3,8") has, or -1 when it is none. */
long mml_list_count(struct mml_span s);

/* The page size in bytes that the folder "hugepages-2048kB" is for; false for other names. */
bool mml_hugepage_dir(const char *name, uint64_t *ret);

/* Set COL of ROW to A / (A + B) in percent, where both are there and not both 0. */
void mml_set_share(struct mml_row *row, unsigned col, unsigned a, unsigned b);

/* Nodes, by number: the largest any kernel is built for is 1023. */
enum { MML_NODE_LIMIT = 1024 };
struct mml_node_set {
	uint64_t bits[MML_NODE_LIMIT / 64];
};

static inline bool mml_node_in(const struct mml_node_set *set, uint64_t node)
{
	return node < MML_NODE_LIMIT && set->bits[node / 64] >> (node % 64) & 1;
}

/* The node of each CPU. */
struct mml_cpu_nodes {
	uint16_t *node; /* by CPU; UINT16_MAX: not known */
	size_t n;
};

/* Read which node each CPU is on, from the nodes' cpulists: 0, -ENOENT without nodes, or -ENOMEM. */
int mml_cpu_nodes_read(struct mml_take *take, struct mml_cpu_nodes *ret);

/* The nodes of the CPUs that TEXT, a /proc/PID/status, says the process may run on
 * (Cpus_allowed_list): 0, or -ENODATA when it does not tell or none of them is known. */
int mml_nodes_allowed(const struct mml_cpu_nodes *cpus, struct mml_span text,
		      struct mml_node_set *ret);
