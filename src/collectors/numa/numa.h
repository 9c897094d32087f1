/* What the tables about NUMA nodes share: which nodes there are, and the formats of their files. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

#define MML_NODE_DIR "/sys/devices/system/node"

/* The nodes that sysfs has a folder for, which are those online, by number. There may be gaps. */
struct mml_nodes {
	unsigned *ids;
	size_t n;
};

/* Lists the nodes in the snapshot's arena. Returns 0, or -errno with TABLE failed. A kernel without
 * NUMA has no such folder. */
int mml_nodes_list(struct mml_take *take, struct mml_table *table, struct mml_nodes *ret);

/* Returns the place of node ID in NODES, or -1. */
long mml_nodes_find(const struct mml_nodes *nodes, unsigned id);

/* Reads the file NAME of the node. In a capture made by tar, such files are padded with NULs to a
 * page; those are cut off. Returns 0 or -errno. */
int mml_node_file(struct mml_take *take, unsigned node, const char *name, struct mml_span *ret);

/* A line of node/nodeN/meminfo. */
struct mml_node_field {
	struct mml_span name;
	uint64_t value;
	bool kib; /* the line says kB; otherwise it is a count */
};

/*
 * Takes the next line off the node's meminfo; empty lines are skipped. Returns 1, 0 at the end, or
 * -EBADMSG if the line is not like "Node 0 MemTotal:  482224 kB" or is of another node.
 */
int mml_node_field_next(struct mml_span *text, unsigned node, struct mml_node_field *ret);

/*
 * Reads the distances from the node to each of NODES into RET, which has room for all of them. TEXT
 * is set to the file. Returns 0 or the error of reading it. If the file does not have one distance
 * for each node, returns -EBADMSG, with RET_FOUND set to how many it has. If it is not a list of
 * numbers, returns -EINVAL.
 */
int mml_node_distances(struct mml_take *take, const struct mml_nodes *nodes, unsigned node,
		       struct mml_span *text, uint64_t *ret, size_t *ret_found);

/* Returns the CPUs of a cpumap such as "ff,00000000" as a list, which is "32-39" here, in ARENA.
 * Returns NULL if it is not a cpumap or memory ran out. */
char *mml_cpumap_list(struct mml_arena *arena, struct mml_span map);

/* Returns how many numbers a list such as "0-3,8" has, or -1 if S is not a list. */
long mml_list_count(struct mml_span s);

/* Sets RET to the page size in bytes that a folder such as "hugepages-2048kB" is for. Returns false
 * for other names. */
bool mml_hugepage_dir(const char *name, uint64_t *ret);

/* Sets COL of ROW to A / (A + B) in percent, if both are present and not both 0. */
void mml_set_share(struct mml_row *row, unsigned col, unsigned a, unsigned b);

/* A set of nodes. The largest number that any kernel is built for is 1023. */
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

/* Reads from the nodes' cpulists which node each CPU is on. Returns 0, -ENOENT if there are no
 * nodes, or another -errno if one of them does not tell, as the table's note then says. */
int mml_cpu_nodes_read(struct mml_take *take, struct mml_cpu_nodes *ret);

/* Sets RET to the nodes of the CPUs that a process may run on. TEXT is its /proc/PID/status, which
 * has them as Cpus_allowed_list. Returns 0, or -ENODATA if that is missing or no node is known. */
int mml_nodes_allowed(const struct mml_cpu_nodes *cpus, struct mml_span text,
		      struct mml_node_set *ret);
