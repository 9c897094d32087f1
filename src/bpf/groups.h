/* What the iterator tells of control groups for the table `cgroups`: a row for each, in place of its files. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <linux/types.h>

/*
 * The values of a row, by the file that tells the same and its line, if it has several. A limit that is not
 * set is MML_GROUP_NONE.
 *   STATE(name, file, line, item)   a sum of memory.stat, by its enum node_stat_item
 *   MEMCG(name, file, line, item)   one by its enum memcg_stat_item
 *   TOTAL(name, file, line)         the sum of some of those
 *   EVENT(name, file, line, item)   an event by its enum memcg_memory_event, with those of groups below
 *   LOCAL(name, file, line, item)   the same of the group alone
 *   OTHER(name, file, line)         a counter of pages, or anything else
 */
#define MML_GROUP_VALUES(STATE, MEMCG, TOTAL, EVENT, LOCAL, OTHER)                                \
	OTHER(CURRENT, "memory.current", "")                                                      \
	OTHER(MAX, "memory.max", "")                                                              \
	OTHER(HIGH, "memory.high", "")                                                            \
	OTHER(LOW, "memory.low", "")                                                              \
	OTHER(MIN, "memory.min", "")                                                              \
	OTHER(PEAK, "memory.peak", "")                                                            \
	OTHER(SWAP, "memory.swap.current", "")                                                    \
	OTHER(SWAP_MAX, "memory.swap.max", "")                                                    \
	OTHER(SWAP_PEAK, "memory.swap.peak", "")                                                  \
	OTHER(OOM_GROUP, "memory.oom.group", "")                                                  \
	STATE(ANON, "memory.stat", "anon", NR_ANON_MAPPED)                                        \
	STATE(FILE, "memory.stat", "file", NR_FILE_PAGES)                                         \
	STATE(SHMEM, "memory.stat", "shmem", NR_SHMEM)                                            \
	STATE(SWAPCACHED, "memory.stat", "swapcached", NR_SWAPCACHE)                              \
	STATE(FILE_MAPPED, "memory.stat", "file_mapped", NR_FILE_MAPPED)                          \
	STATE(FILE_DIRTY, "memory.stat", "file_dirty", NR_FILE_DIRTY)                             \
	STATE(FILE_WRITEBACK, "memory.stat", "file_writeback", NR_WRITEBACK)                      \
	STATE(ANON_THP, "memory.stat", "anon_thp", NR_ANON_THPS)                                  \
	STATE(FILE_THP, "memory.stat", "file_thp", NR_FILE_THPS)                                  \
	STATE(SHMEM_THP, "memory.stat", "shmem_thp", NR_SHMEM_THPS)                               \
	STATE(INACTIVE_ANON, "memory.stat", "inactive_anon", NR_INACTIVE_ANON)                    \
	STATE(ACTIVE_ANON, "memory.stat", "active_anon", NR_ACTIVE_ANON)                          \
	STATE(INACTIVE_FILE, "memory.stat", "inactive_file", NR_INACTIVE_FILE)                    \
	STATE(ACTIVE_FILE, "memory.stat", "active_file", NR_ACTIVE_FILE)                          \
	STATE(UNEVICTABLE, "memory.stat", "unevictable", NR_UNEVICTABLE)                          \
	STATE(SLAB_RECLAIMABLE, "memory.stat", "slab_reclaimable", NR_SLAB_RECLAIMABLE_B)         \
	STATE(SLAB_UNRECLAIMABLE, "memory.stat", "slab_unreclaimable", NR_SLAB_UNRECLAIMABLE_B)   \
	STATE(KERNEL_STACK, "memory.stat", "kernel_stack", NR_KERNEL_STACK_KB)                    \
	STATE(PAGETABLES, "memory.stat", "pagetables", NR_PAGETABLE)                              \
	STATE(SEC_PAGETABLES, "memory.stat", "sec_pagetables", NR_SECONDARY_PAGETABLE)            \
	STATE(VMALLOC, "memory.stat", "vmalloc", NR_VMALLOC)                                      \
	STATE(HUGETLB, "memory.stat", "hugetlb", NR_HUGETLB)                                      \
	STATE(REFAULT_ANON, "memory.stat", "workingset_refault_anon", WORKINGSET_REFAULT_ANON)    \
	STATE(REFAULT_FILE, "memory.stat", "workingset_refault_file", WORKINGSET_REFAULT_FILE)    \
	MEMCG(KERNEL, "memory.stat", "kernel", MEMCG_KMEM)                                        \
	MEMCG(SOCK, "memory.stat", "sock", MEMCG_SOCK)                                            \
	MEMCG(PERCPU, "memory.stat", "percpu", MEMCG_PERCPU_B)                                    \
	MEMCG(ZSWAP, "memory.stat", "zswap", MEMCG_ZSWAP_B)                                       \
	MEMCG(ZSWAPPED, "memory.stat", "zswapped", MEMCG_ZSWAPPED)                                \
	TOTAL(SLAB, "memory.stat", "slab")                                                        \
	TOTAL(PGSCAN, "memory.stat", "pgscan")                                                    \
	TOTAL(PGSTEAL, "memory.stat", "pgsteal")                                                  \
	OTHER(PGMAJFAULT, "memory.stat", "pgmajfault")                                            \
	EVENT(EVENT_HIGH, "memory.events", "high", MEMCG_HIGH)                                    \
	EVENT(EVENT_MAX, "memory.events", "max", MEMCG_MAX)                                       \
	EVENT(EVENT_OOM, "memory.events", "oom", MEMCG_OOM)                                       \
	EVENT(EVENT_OOM_KILL, "memory.events", "oom_kill", MEMCG_OOM_KILL)                        \
	LOCAL(LOCAL_HIGH, "memory.events.local", "high", MEMCG_HIGH)                              \
	LOCAL(LOCAL_MAX, "memory.events.local", "max", MEMCG_MAX)                                 \
	LOCAL(LOCAL_OOM, "memory.events.local", "oom", MEMCG_OOM)                                 \
	LOCAL(LOCAL_OOM_KILL, "memory.events.local", "oom_kill", MEMCG_OOM_KILL)                  \
	EVENT(EVENT_SWAP_MAX, "memory.swap.events", "max", MEMCG_SWAP_MAX)                        \
	EVENT(EVENT_SWAP_FAIL, "memory.swap.events", "fail", MEMCG_SWAP_FAIL)

#define MML_GROUP_VALUE(name, ...) MML_GROUP_##name,
enum mml_group_value {
	MML_GROUP_VALUES(MML_GROUP_VALUE, MML_GROUP_VALUE, MML_GROUP_VALUE, MML_GROUP_VALUE,
			 MML_GROUP_VALUE, MML_GROUP_VALUE)
	MML_GROUP_NVALUES
};

#define MML_GROUP_NONE (~0ULL)

struct mml_group_row {
	__u64 id;    /* the inode of its directory */
	__u64 known; /* which of the values are, by bit: others are not in this kernel */
	__u64 value[MML_GROUP_NVALUES];
};
