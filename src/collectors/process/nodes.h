/* Computes the bytes of a process on each NUMA node from its page table and the numbers of its
 * frames. The result is that of numa_maps, without the cost of its text. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"
#include "procfs.h"

/* For a process with more pages than this, numa_maps takes no longer than two walks of the page
 * table. */
enum { MML_NODE_PAGES = 1024 };

/* The frames from the end of the range before up to, but not including, END. */
struct mml_node_range {
	uint64_t end;
	int node; /* -1: not known, or there are no frames */
};

/* Which node each frame is on. Once this is made, it does not change, and any thread may read it. */
struct mml_node_frames {
	uint64_t page_size;
	uint64_t end; /* of the addresses that a process may have */
	int flags_fd; /* /proc/kpageflags */
	bool refuses; /* the kernel refuses to open the pagemap of a process without an address space */
	struct mml_node_range *ranges; /* in the order of frames; the last one has no end */
	size_t n;
};

/*
 * Finds out whether processes can be read by frame here, and which node each frame is on. It reads
 * /proc/zoneinfo, also the nodes' folders in sysfs if zones overlap, and tries /proc/self/pagemap.
 * Returns 0, and then RET must be closed, or -errno if numa_maps must be read: -ENOTSUP if this is
 * a capture or not live, -EPERM if frame numbers are hidden (they take CAP_SYS_ADMIN), -ENOTTY if
 * there is no PAGEMAP_SCAN (Linux 6.7), -EXDEV if there is device memory, or an error of these
 * files.
 */
int mml_node_frames_open(struct mml_take *take, struct mml_node_frames *ret);
void mml_node_frames_close(struct mml_node_frames *frames);

/* What a thread needs to read processes by frame, or NULL when memory ran out. It remembers which
 * frames are reserved. It is meant for one sample. */
struct mml_node_counter;
struct mml_node_counter *mml_node_counter_new(const struct mml_node_frames *frames);
void mml_node_counter_free(struct mml_node_counter *counter);

/*
 * Adds the bytes of the process whose /proc/PID/pagemap FD is to RET: exactly those that numa_maps
 * counts. Returns 0, or -EAGAIN if numa_maps must be read, because it is cheaper for many pages or
 * must judge something unusual. Then RET is of no use.
 */
int mml_node_counter_sum(struct mml_node_counter *counter, int fd, struct mml_node_bytes *ret);

/* Which flags of its frame are needed to tell whether numa_maps counts the page of ENTRY, a word of
 * pagemap. */
enum mml_node_flags {
	MML_FLAGS_NONE,   /* none: there is no page, or it is mapped just once */
	MML_FLAGS_STEADY, /* those that never change: a page of a file may be one of the kernel's own */
	MML_FLAGS_NOW,    /* current ones: it is anonymous and shared, or not a page the kernel manages */
};
enum mml_node_flags mml_node_flags_for(uint64_t entry);

/* Adds those of the N entries of pagemap that numa_maps counts to RET. FLAGS are those of their
 * frames in /proc/kpageflags, where they are needed. The result depends on the arguments only.
 * Returns 0, or -EAGAIN if nothing is known of a frame. */
int mml_node_entries_sum(const struct mml_node_frames *frames, const uint64_t *entries,
			 const uint64_t *flags, size_t n, struct mml_node_bytes *ret);
