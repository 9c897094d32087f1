/* Parsers of /proc/PID/maps, smaps and numa_maps: a line in, its fields out. Nothing is allocated. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/parse.h"

/* A mapping, as the line of maps, or the heading line of smaps, has it. */
struct mml_map {
	uint64_t start, end, offset, inode;
	uint32_t major, minor;
	char perms[5];
	struct mml_span name; /* empty: it has none */
};

/* Does LINE begin a mapping? In smaps the other lines begin with a capital letter. */
bool mml_map_begins(struct mml_span line);

/* LINE as a mapping: 0 or -EINVAL. */
int mml_map_parse(struct mml_span line, struct mml_map *ret);

/* "Rss:   4 kB": the part in front of the colon, and what is behind it without the blanks around it;
 * false when LINE has no colon. */
bool mml_smaps_split(struct mml_span line, struct mml_span *ret_key, struct mml_span *ret_value);

/* A value of smaps, "4 kB" in bytes or a bare number: 0, -EINVAL or -ERANGE. */
int mml_smaps_value(struct mml_span value, uint64_t *ret);

/* A line of numa_maps. Fields not in the line are 0, and not in HAS. */
struct mml_numa_map {
	uint64_t start;
	struct mml_span policy;
	bool heap, stack, huge;
	uint64_t page_size; /* of the counts; 0: not told, the base page's */
	uint64_t anon, dirty, mapped, mapmax, swapcache, active, writeback;
	struct mml_span nodes; /* the line from its first N<id>= on; see mml_numa_map_node() */
};

/* LINE of numa_maps: 0, -EINVAL or -ERANGE. */
int mml_numa_map_parse(struct mml_span line, struct mml_numa_map *ret);

/* Cut the next "N<id>=pages" off REST (at first: nodes), other words skipped; false at the end. */
bool mml_numa_map_node(struct mml_span *rest, uint64_t *ret_node, uint64_t *ret_pages);
