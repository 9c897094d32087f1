/* Page frames: what their flags are called, and which node and zone they are in. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/intern.h"
#include "../../core/snapshot.h"
#include "../zones/zoneinfo.h"

/* The bits of /proc/kpageflags that the program looks at. kpf.def names all of them. */
#define KPF_ANON (UINT64_C(1) << 12)
#define KPF_HEAD (UINT64_C(1) << 15)
#define KPF_TAIL (UINT64_C(1) << 16)
#define KPF_HUGE (UINT64_C(1) << 17)
#define KPF_NOPAGE (UINT64_C(1) << 20)
#define KPF_KSM (UINT64_C(1) << 21)
#define KPF_THP (UINT64_C(1) << 22)
#define KPF_ZERO (UINT64_C(1) << 24)
#define KPF_RESERVED (UINT64_C(1) << 32)
#define KPF_OWNER_2  (UINT64_C(1) << 34)

/* Returns FLAGS in words, as HOST's kernel means them, or NULL when memory ran out. The string is
 * interned. */
const char *mml_frame_words(struct mml_intern *strings, const struct mml_host *host,
			    uint64_t flags);

/* The zones by frame number, and the memory blocks for places where zones overlap. */
struct mml_frames {
	struct mml_take *take;
	struct mml_zones zones;
	uint64_t block_pages; /* 0: no memory blocks */
	bool blocks_read;
	unsigned *block_nodes; /* [nblocks] the node + 1; 0: not known, UINT_MAX: several */
	uint64_t nblocks;
};

/* Reads the zones. Returns 0, or -errno with the absence of node and zone in RET_WHY. */
int mml_frames_open(struct mml_take *take, struct mml_frames *ret, struct mml_absence *ret_why);

/* Where frames are. Those from FROM up to, but not including, END are in the same place. */
struct mml_frame_place {
	uint64_t from, end;
	bool has_node;
	uint64_t node;
	const char *zone; /* NULL: not known */
};

/* Returns the place of frame PFN. */
struct mml_frame_place mml_frames_place(struct mml_frames *frames, uint64_t pfn);
