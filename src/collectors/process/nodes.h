/* Bytes of a process on each NUMA node, from its page table and the frames' numbers: what numa_maps
 * says, without its lines of text. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"
#include "procfs.h"

/* A process with more pages than this takes numa_maps no longer than two walks of its page table. */
enum { MML_NODE_PAGES = 1024 };

/* Frames up to END, not including it, and from the end of the range before it on. */
struct mml_node_range {
	uint64_t end;
	int node; /* -1: not known, or there are no frames */
};

/* Which node each frame is on. Once made it is only read, by any thread. */
struct mml_node_frames {
	uint64_t page_size;
	uint64_t end; /* of the addresses a process may have */
	int flags_fd; /* /proc/kpageflags */
	bool refuses; /* the kernel does not open pagemap of who has no address space */
	struct mml_node_range *ranges; /* in the order of frames, the last one without end */
	size_t n;
};

/*
 * Can processes of this machine be read by frame, and on which node is each? Reads /proc/zoneinfo, where
 * zones overlap the nodes' folders in sysfs, and tries /proc/self/pagemap. 0 with RET, to be closed, or
 * -errno when only numa_maps will do: not the live system, or a capture (-ENOTSUP), hidden frame numbers
 * (-EPERM: they take CAP_SYS_ADMIN), no PAGEMAP_SCAN (-ENOTTY: Linux 6.7), memory of devices (-EXDEV),
 * and what the files themselves say.
 */
int mml_node_frames_open(struct mml_take *take, struct mml_node_frames *ret);
void mml_node_frames_close(struct mml_node_frames *frames);

/* What a thread needs to read them, NULL: out of memory. It keeps which frames are reserved, which stays
 * as it is; so it is for one sample. */
struct mml_node_counter;
struct mml_node_counter *mml_node_counter_new(const struct mml_node_frames *frames);
void mml_node_counter_free(struct mml_node_counter *counter);

/*
 * Add the bytes of the process whose /proc/PID/pagemap FD is to RET: exactly those numa_maps would count.
 * 0, or -EAGAIN: ask numa_maps, which is cheaper for many pages or must judge what is odd; RET is then
 * of no use.
 */
int mml_node_counter_sum(struct mml_node_counter *counter, int fd, struct mml_node_bytes *ret);

/* Which flags of its frame it takes to say whether numa_maps counts the page of ENTRY, a word of
 * pagemap. */
enum mml_node_flags {
	MML_FLAGS_NONE,   /* none: no page, or one the kernel says is mapped just once */
	MML_FLAGS_STEADY, /* those that stay: a page of a file may be one of the kernel's own */
	MML_FLAGS_NOW,    /* those of this moment: anonymous and shared, or no page to the kernel */
};
enum mml_node_flags mml_node_flags_for(uint64_t entry);

/* Add the N entries of pagemap that numa_maps counts to RET; FLAGS are those of their frames as
 * /proc/kpageflags has them, where they are needed. Pure. 0, or -EAGAIN: a frame nothing is known of. */
int mml_node_entries_sum(const struct mml_node_frames *frames, const uint64_t *entries,
			 const uint64_t *flags, size_t n, struct mml_node_bytes *ret);
