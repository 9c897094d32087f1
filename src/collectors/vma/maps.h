/* Parsers of the lines of /proc/PID/maps, smaps and numa_maps. They allocate nothing. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/parse.h"

/* A mapping, as a line of maps or the heading line in smaps has it. */
struct mml_map {
	uint64_t start, end, offset, inode;
	uint32_t major, minor;
	char perms[5];
	struct mml_span name; /* empty: it has none */
};

/* Returns whether LINE begins a mapping. The other lines of smaps begin with a capital letter. */
bool mml_map_begins(struct mml_span line);

/* Parses LINE as a mapping. Returns 0 or -EINVAL. */
int mml_map_parse(struct mml_span line, struct mml_map *ret);

/* Splits a line such as "Rss:   4 kB" at its colon. RET_VALUE has no blanks around it. Returns
 * false if LINE has no colon. */
bool mml_smaps_split(struct mml_span line, struct mml_span *ret_key, struct mml_span *ret_value);

/* Parses a value of smaps: "4 kB" in bytes, or a bare number. Returns 0, -EINVAL or -ERANGE. */
int mml_smaps_value(struct mml_span value, uint64_t *ret);

/* A line of numa_maps, with the counts that the kernel leaves out because they follow from others.
 */
struct mml_numa_map {
	uint64_t start;
	struct mml_span policy;
	bool heap, stack, huge;
	uint64_t page_size; /* of the counts; 0: not told, so that it is that of base pages */
	uint64_t anon, dirty, mapped, mapmax, swapcache, active, writeback;
	bool active_known;     /* false for hugetlb, the pages of which are on no list */
	struct mml_span nodes; /* the line from its first N<id>= on; see mml_numa_map_node() */
};

/* Parses LINE of numa_maps. Returns 0, -EINVAL or -ERANGE. */
int mml_numa_map_parse(struct mml_span line, struct mml_numa_map *ret);

/* Cuts the next "N<id>=pages" off REST, which is nodes at first. Other words are skipped. Returns
 * false at the end. */
bool mml_numa_map_node(struct mml_span *rest, uint64_t *ret_node, uint64_t *ret_pages);
