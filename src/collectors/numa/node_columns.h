/* The columns of the table `nodes`; see column.h. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The costly reads: files of their own, which are read on request. */
enum { NEED_ACCESS = 1, NEED_TIER = 2, NEED_HUGETLB = 4, NEED_VMSTAT = 8 };

/* clang-format off */
#define NODES_COLUMNS(C, R) \
	C(node,               "NODE",       U64, KEY,     NONE,    FIRST,  0, "nodeN",              "Number of the node; numbers may have gaps.") \
	C(kind,               "KIND",       STR, LABEL,   NONE,    MAIN,   0, "cpulist, MemTotal",  "What the node has: cpu+memory, memory, cpu, or nothing.") \
	C(cpus,               "CPUS",       STR, LABEL,   NONE,    MAIN,   0, "cpulist",            "Its CPUs as a list; empty for a node without.") \
	C(ncpus,              "NCPU",       U64, GAUGE,   COUNT,   HIDDEN, 0, "cpulist",            "How many CPUs it has.") \
	C(total,              "TOTAL",      U64, GAUGE,   BYTES,   FIRST,  0, "MemTotal",           "Memory the node has for use.") \
	C(used,               "USED",       U64, GAUGE,   BYTES,   MAIN,   0, "MemUsed",            "Memory in use: total less free.") \
	C(used_share,         "USED%",      F64, DERIVED, PERCENT, MAIN,   0, "MemUsed / MemTotal", "Share of the node's memory in use.") \
	C(free,               "FREE",       U64, GAUGE,   BYTES,   FIRST,  0, "MemFree",            "Memory nobody uses.") \
	C(share,              "SHARE",      F64, DERIVED, PERCENT, HIDDEN, 0, "MemTotal / sum of MemTotal", "The node's share of all memory.") \
	C(imbalance,          "IMBAL",      F64, DERIVED, RATIO,   HIDDEN, 0, "(MemUsed / MemTotal) / (sum of MemUsed / sum of MemTotal)", "How full the node is against the machine: 1 is even, 2 is twice as full.") \
	C(active,             "ACTIVE",     U64, GAUGE,   BYTES,   HIDDEN, 0, "Active",             "Memory used of late, anonymous and file.") \
	C(inactive,           "INACTIVE",   U64, GAUGE,   BYTES,   HIDDEN, 0, "Inactive",           "Memory not used of late, first to be reclaimed.") \
	C(active_anon,        "ACT_ANON",   U64, GAUGE,   BYTES,   HIDDEN, 0, "Active(anon)",       "Anonymous memory used of late.") \
	C(inactive_anon,      "INACT_ANON", U64, GAUGE,   BYTES,   HIDDEN, 0, "Inactive(anon)",     "Anonymous memory not used of late.") \
	C(active_file,        "ACT_FILE",   U64, GAUGE,   BYTES,   HIDDEN, 0, "Active(file)",       "Page cache used of late.") \
	C(inactive_file,      "INACT_FILE", U64, GAUGE,   BYTES,   HIDDEN, 0, "Inactive(file)",     "Page cache not used of late.") \
	C(unevictable,        "UNEVICT",    U64, GAUGE,   BYTES,   HIDDEN, 0, "Unevictable",        "Memory that can't be reclaimed.") \
	C(mlocked,            "MLOCKED",    U64, GAUGE,   BYTES,   HIDDEN, 0, "Mlocked",            "Memory locked by mlock().") \
	C(dirty,              "DIRTY",      U64, GAUGE,   BYTES,   HIDDEN, 0, "Dirty",              "Page cache to be written back.") \
	C(writeback,          "WRITEBACK",  U64, GAUGE,   BYTES,   HIDDEN, 0, "Writeback",          "Page cache being written back.") \
	C(file_pages,         "FILE",       U64, GAUGE,   BYTES,   MAIN,   0, "FilePages",          "Page cache, buffers and shared memory.") \
	C(mapped,             "MAPPED",     U64, GAUGE,   BYTES,   HIDDEN, 0, "Mapped",             "Page cache mapped by processes.") \
	C(anon,               "ANON",       U64, GAUGE,   BYTES,   MAIN,   0, "AnonPages",          "Anonymous memory mapped by processes.") \
	C(shmem,              "SHMEM",      U64, GAUGE,   BYTES,   HIDDEN, 0, "Shmem",              "Shared memory and tmpfs.") \
	C(kernel_stack,       "KSTACK",     U64, GAUGE,   BYTES,   HIDDEN, 0, "KernelStack",        "Kernel stacks of threads.") \
	C(shadow_call_stack,  "SHADOW",     U64, GAUGE,   BYTES,   HIDDEN, 0, "ShadowCallStack",    "Shadow call stacks of threads.") \
	C(page_tables,        "PGTABLES",   U64, GAUGE,   BYTES,   HIDDEN, 0, "PageTables",         "Page tables of processes.") \
	C(sec_page_tables,    "SECPGTAB",   U64, GAUGE,   BYTES,   HIDDEN, 0, "SecPageTables",      "Page tables of guests and IOMMUs.") \
	C(nfs_unstable,       "NFS",        U64, GAUGE,   BYTES,   HIDDEN, 0, "NFS_Unstable",       "Pages sent to an NFS server and not committed; 0 since 5.10.") \
	C(bounce,             "BOUNCE",     U64, GAUGE,   BYTES,   HIDDEN, 0, "Bounce",             "Bounce buffers of block devices.") \
	C(writeback_tmp,      "WBTMP",      U64, GAUGE,   BYTES,   HIDDEN, 0, "WritebackTmp",       "Buffers FUSE writes back from.") \
	C(swap_cached,        "SWAPCACHED", U64, GAUGE,   BYTES,   HIDDEN, 0, "SwapCached",         "Memory that is also on swap.") \
	C(kreclaimable,       "KRECLAIM",   U64, GAUGE,   BYTES,   HIDDEN, 0, "KReclaimable",       "Kernel memory that can be reclaimed.") \
	C(slab,               "SLAB",       U64, GAUGE,   BYTES,   MAIN,   0, "Slab",               "Slab caches.") \
	C(slab_reclaimable,   "SRECLAIM",   U64, GAUGE,   BYTES,   HIDDEN, 0, "SReclaimable",       "Slab caches that can be reclaimed.") \
	C(slab_unreclaimable, "SUNRECLAIM", U64, GAUGE,   BYTES,   HIDDEN, 0, "SUnreclaim",         "Slab caches that can't be reclaimed.") \
	C(anon_huge,          "ANONHUGE",   U64, GAUGE,   BYTES,   MORE,   0, "AnonHugePages",      "Anonymous memory in transparent huge pages.") \
	C(shmem_huge,         "SHMEMHUGE",  U64, GAUGE,   BYTES,   HIDDEN, 0, "ShmemHugePages",     "Shared memory in huge pages.") \
	C(shmem_pmd_mapped,   "SHMEMPMD",   U64, GAUGE,   BYTES,   HIDDEN, 0, "ShmemPmdMapped",     "Shared memory mapped by huge pages.") \
	C(file_huge,          "FILEHUGE",   U64, GAUGE,   BYTES,   HIDDEN, 0, "FileHugePages",      "Page cache in huge pages.") \
	C(file_pmd_mapped,    "FILEPMD",    U64, GAUGE,   BYTES,   HIDDEN, 0, "FilePmdMapped",      "Page cache mapped by huge pages.") \
	C(unaccepted,         "UNACCEPTED", U64, GAUGE,   BYTES,   HIDDEN, 0, "Unaccepted",         "Memory the guest has not yet accepted; part of free.") \
	C(balloon,            "BALLOON",    U64, GAUGE,   BYTES,   HIDDEN, 0, "Balloon",            "Memory given back to the hypervisor.") \
	C(high_total,         "HIGHTOTAL",  U64, GAUGE,   BYTES,   HIDDEN, 0, "HighTotal",          "Memory the kernel has no permanent mapping of (32 bits).") \
	C(high_free,          "HIGHFREE",   U64, GAUGE,   BYTES,   HIDDEN, 0, "HighFree",           "Free memory of that.") \
	C(low_total,          "LOWTOTAL",   U64, GAUGE,   BYTES,   HIDDEN, 0, "LowTotal",           "Memory the kernel maps permanently (32 bits).") \
	C(low_free,           "LOWFREE",    U64, GAUGE,   BYTES,   HIDDEN, 0, "LowFree",            "Free memory of that.") \
	C(hugepages_total,    "HP_TOTAL",   U64, GAUGE,   COUNT,   HIDDEN, 0, "HugePages_Total",    "Huge pages of the default size; see the table hugepages.") \
	C(hugepages_free,     "HP_FREE",    U64, GAUGE,   COUNT,   HIDDEN, 0, "HugePages_Free",     "Free ones of those.") \
	C(hugepages_surplus,  "HP_SURP",    U64, GAUGE,   COUNT,   HIDDEN, 0, "HugePages_Surp",     "Surplus ones of those.") \
	C(hugetlb,            "HUGETLB",    U64, GAUGE,   BYTES,   MORE,   NEED_HUGETLB, "hugepages/hugepages-*/nr_hugepages",   "Memory in huge page pools of every size.") \
	C(hugetlb_free,       "HUGEFREE",   U64, GAUGE,   BYTES,   HIDDEN, NEED_HUGETLB, "hugepages/hugepages-*/free_hugepages", "Memory of those pools nobody has allocated.") \
	C(numa_hit,           "HITALLOC",   U64, COUNTER, COUNT,   HIDDEN, 0, "numa_hit",           "Allocations, of a page or of a block of any order, that got memory on the node they were meant for. A huge page counts once, as a small one does.") \
	C(numa_miss,          "MISSALLOC",  U64, COUNTER, COUNT,   HIDDEN, 0, "numa_miss",          "Allocations that got memory here and were meant for another node.") \
	C(numa_foreign,       "FRGNALLOC",  U64, COUNTER, COUNT,   HIDDEN, 0, "numa_foreign",       "Allocations that were meant for this node and got memory on another.") \
	C(interleave_hit,     "INTLALLOC",  U64, COUNTER, COUNT,   HIDDEN, 0, "interleave_hit",     "Interleaved allocations that got memory on the node they were meant for.") \
	C(local_node,         "LOCALALLOC", U64, COUNTER, COUNT,   HIDDEN, 0, "local_node",         "Allocations that got memory here, made by a CPU of this node.") \
	C(other_node,         "OTHERALLOC", U64, COUNTER, COUNT,   HIDDEN, 0, "other_node",         "Allocations that got memory here, made by a CPU of another node.") \
	C(local_share,        "LOCALALLOC%", F64, DERIVED, PERCENT, MAIN,  0, "local_node / (local_node + other_node)", "Share of the allocations served here, since boot, that a CPU of this node made. It is no share of memory, because one allocation may be of many pages.") \
	C(miss_share,         "MISSALLOC%", F64, DERIVED, PERCENT, MORE,   0, "numa_miss / (numa_hit + numa_miss)", "Share of the allocations served here, since boot, that were meant for another node; no share of memory.") \
	R(numa_hit_rate,      "HITALLOC/s", F64, RATE,    COUNT,   MORE,   numa_hit,              "Allocations served as meant, per second.") \
	R(numa_miss_rate,     "MISSALLOC/s", F64, RATE,   COUNT,   MORE,   numa_miss,             "Allocations served here for want of room elsewhere, per second.") \
	R(numa_foreign_rate,  "FRGNALLOC/s", F64, RATE,   COUNT,   HIDDEN, numa_foreign,          "Allocations served elsewhere for want of room here, per second.") \
	R(interleave_hit_rate, "INTLALLOC/s", F64, RATE,  COUNT,   HIDDEN, interleave_hit,        "Interleaved allocations served as meant, per second.") \
	R(local_node_rate,    "LOCALALLOC/s", F64, RATE,  COUNT,   HIDDEN, local_node,            "Allocations made by the node's own CPUs, per second.") \
	R(other_node_rate,    "OTHERALLOC/s", F64, RATE,  COUNT,   HIDDEN, other_node,            "Allocations made by CPUs of other nodes, per second.") \
	C(scanned,            "SCANNED",    U64, COUNTER, COUNT,   HIDDEN, NEED_VMSTAT, "vmstat: pgscan_kswapd + pgscan_direct + pgscan_khugepaged + pgscan_proactive", "Pages of the node that reclaim has looked at since boot (Linux 7.x).") \
	C(reclaimed,          "RECLAIMED",  U64, COUNTER, COUNT,   HIDDEN, NEED_VMSTAT, "vmstat: pgsteal_kswapd + pgsteal_direct + pgsteal_khugepaged + pgsteal_proactive", "Pages of the node that reclaim has freed since boot (Linux 7.x).") \
	R(scanned_rate,       "SCANNED/s",  F64, RATE,    COUNT,   HIDDEN, scanned,               "Pages that reclaim looks at per second.") \
	R(reclaimed_rate,     "RECLAIMED/s", F64, RATE,   COUNT,   HIDDEN, reclaimed,             "Pages that reclaim frees per second.") \
	C(distances,          "DISTANCES",  STR, LABEL,   NONE,    MORE,   0, "distance",           "Distance to each online node, in their order; 10 is the node itself, 20 takes twice as long.") \
	C(tier,               "TIER",       U64, GAUGE,   NONE,    HIDDEN, NEED_TIER,   "memory_tiering/memory_tierN/nodelist", "Memory tier; a lower one is faster.") \
	C(initiators,         "INITIATORS", STR, LABEL,   NONE,    HIDDEN, NEED_ACCESS, "accessN/initiators/nodeN",             "Nodes of the CPUs nearest to this memory, which the next figures are for.") \
	C(read_latency,       "RD_LAT",     U64, GAUGE,   NSEC,    HIDDEN, NEED_ACCESS, "accessN/initiators/read_latency",      "Time a read takes, as the firmware tells.") \
	C(write_latency,      "WR_LAT",     U64, GAUGE,   NSEC,    HIDDEN, NEED_ACCESS, "accessN/initiators/write_latency",     "Time a write takes, as the firmware tells.") \
	C(read_bandwidth,     "RD_BW",      U64, GAUGE,   BYTES,   HIDDEN, NEED_ACCESS, "accessN/initiators/read_bandwidth",    "Bytes read per second at most, as the firmware tells.") \
	C(write_bandwidth,    "WR_BW",      U64, GAUGE,   BYTES,   HIDDEN, NEED_ACCESS, "accessN/initiators/write_bandwidth",   "Bytes written per second at most, as the firmware tells.")
/* clang-format on */
