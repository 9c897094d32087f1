/*
 * The columns of the table `cgroups`; see column.h. The source of a column that comes straight from a file
 * is what the reader looks it up by: the file, and behind it the name of the line if it has several; behind
 * ", v1 " the same for version 1. A name that begins with "total_" stands for the one without that where
 * a group of version 1 does not count what is below it.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/column.h"

/* The reads that columns take. A file is read if a column that comes from it is wanted. */
enum {
	NEEDS_USAGE = 1 << 0,
	NEEDS_LIMIT = 1 << 1,
	NEEDS_MACHINE = 1 << 2,  /* the machine's own memory */
	NEEDS_HIGH = 1 << 3,
	NEEDS_LOW = 1 << 4,
	NEEDS_PEAK = 1 << 5,
	NEEDS_SWAP = 1 << 6,
	NEEDS_SWAP_LIMIT = 1 << 7,
	NEEDS_STAT = 1 << 8,
	NEEDS_KERNEL = 1 << 9,
	NEEDS_SOCK = 1 << 10,
	NEEDS_ZSWAP = 1 << 11,
	NEEDS_EVENTS = 1 << 12,
	NEEDS_LOCAL = 1 << 13,
	NEEDS_SWAP_EVENTS = 1 << 14,
	NEEDS_PSI = 1 << 15,
	NEEDS_PROCESSES = 1 << 16,
	NEEDS_DYING = 1 << 17,
	NEEDS_NAMES = 1 << 18,   /* what container runtimes call a container */
	NEEDS_SOFT = 1 << 19,
	NEEDS_GROUP = 1 << 20,
	NEEDS_MEMSW = 1 << 21,
	NEEDS_REACH = NEEDS_USAGE | NEEDS_LIMIT | NEEDS_MACHINE,
};

/* clang-format off */
#define CGROUPS_COLUMNS(C, R) \
	C(id,               "ID",        U64,  KEY,     NONE,    HIDDEN, 0, "the directory's inode", "The number the kernel knows it by; a group that is made anew has another.") \
	C(tree,             "GROUP",     STR,  LABEL,   NONE,    FIRST,  NEEDS_NAMES, "name and depth", "Its name, indented below the group it is in.") \
	C(depth,            "DEPTH",     U64,  LABEL,   NONE,    HIDDEN, 0, "the parts of path", "How many groups it is in.") \
	C(name,             "NAME",      STR,  LABEL,   NONE,    HIDDEN, NEEDS_NAMES, "the last part of path, and the runtime's files", "What it is, in plain words: a unit, a container by the name its runtime gave it or else the first 12 digits of its id, a pod.") \
	C(kind,             "KIND",      STR,  LABEL,   NONE,    MORE,   0, "the last part of path", "root, slice, service, scope, unit (another one of systemd's), user, session, app, pods (a class of them), pod, container, monitor (what watches over a container), vm, group (anything else).") \
	C(unit,             "UNIT",      STR,  LABEL,   NONE,    HIDDEN, 0, "path: the last part that is a unit", "The systemd unit it is or lies in.") \
	C(container,        "CONTAINER", STR,  LABEL,   NONE,    HIDDEN, NEEDS_NAMES, "path: the last part that names a container", "The container it is or lies in.") \
	C(container_id,     "CONTAINERID", STR, LABEL,  NONE,    HIDDEN, 0, "path: the last part that names a container", "The whole id of that container.") \
	C(runtime,          "RUNTIME",   STR,  LABEL,   NONE,    HIDDEN, 0, "path: the last part that names a container", "What runs that container, where the path tells.") \
	C(pod,              "POD",       STR,  LABEL,   NONE,    HIDDEN, 0, "path: the last part that names a pod", "The pod it is or lies in: Kubernetes' uid of it, or the first 12 digits of podman's id.") \
	C(qos,              "QOS",       STR,  LABEL,   NONE,    HIDDEN, 0, "path", "The class of service of that pod: guaranteed, burstable or best effort.") \
	C(self,             "SELF",      BOOL, LABEL,   NONE,    HIDDEN, 0, "/proc/self/cgroup", "Whether mmlens itself runs in it or below it.") \
	C(charged_to,       "CHARGEDTO", STR, LABEL,   NONE,    HIDDEN, NEEDS_USAGE, "the nearest group with memory.current", "The group its memory counts in: itself, unless the memory controller is not enabled for it.") \
	C(current,          "USAGE",     U64,  GAUGE,   BYTES,   FIRST,  NEEDS_USAGE, "memory.current, v1 memory.usage_in_bytes", "Memory charged to it and to all groups below it. Each CPU may have taken up to 64 pages ahead, which are counted. The root of version 2 has no such figure: see balance.") \
	R(growth,           "GROWTH",    I64,  GROWTH,  BYTES,   MAIN,   current, "Change of current since the previous sample (needs -d, or the screen).") \
	R(growth_rate,      "GROWTH/S",  F64,  RATE,    BYTES,   HIDDEN, current, "Change of current per second.") \
	C(share,            "SHARE",     F64,  DERIVED, PERCENT, HIDDEN, NEEDS_USAGE | NEEDS_MACHINE, "current / the machine's memory", "Its share of the machine's memory.") \
	C(limit,            "OWNLIMIT", U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_LIMIT, "memory.max, v1 memory.limit_in_bytes", "Its own limit, beyond which the kernel reclaims from it and at last kills in it; absent: it has none.") \
	C(effective_limit,  "LIMIT",     U64,  DERIVED, BYTES,   MAIN,   NEEDS_LIMIT | NEEDS_MACHINE, "the least limit of it and of all groups it is in, and the machine's memory", "The most it can ever have.") \
	C(limit_from,       "LIMITOF",  STR,  DERIVED, NONE,    MAIN,   NEEDS_LIMIT | NEEDS_MACHINE, "whose limit effective_limit is", "Who sets that limit: itself, the path of a group it is in, or the machine.") \
	C(headroom,         "LEFT",      U64,  DERIVED, BYTES,   MAIN,   NEEDS_REACH, "the least of limit - current over it and all groups it is in, and MemAvailable", "How much more it can take before it or a group it is in is at a limit. Page cache counts as taken, though the kernel gives that up at the limit: see reclaimable.") \
	C(headroom_from,    "LEFTIN",   STR,  DERIVED, NONE,    HIDDEN, NEEDS_REACH, "whose headroom it is", "Where the limit is that it would meet first: itself, the path of a group it is in, or the machine.") \
	C(high,             "HIGH",      U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_HIGH, "memory.high", "Beyond this its processes are slowed down and its memory is reclaimed; absent: it has none.") \
	C(low,              "LOW",       U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_LOW, "memory.low", "So much of it is spared as long as there is other memory to reclaim.") \
	C(min,              "MIN",       U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_LOW, "memory.min", "So much of it is never reclaimed.") \
	C(soft_limit,       "SOFT",      U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_SOFT, "v1 memory.soft_limit_in_bytes", "What it is reclaimed down to first when the machine runs short (version 1 only); absent: it has none.") \
	C(peak,             "PEAK",      U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_PEAK, "memory.peak, v1 memory.max_usage_in_bytes", "The most it ever had (version 2: since Linux 5.19).") \
	C(working_set,      "WORKSET",   U64,  DERIVED, BYTES,   HIDDEN, NEEDS_USAGE | NEEDS_STAT, "current - inactive_file", "What kubelet, cAdvisor and docker stats call its use. It still has page cache in it: see working_set_freeable.") \
	C(working_set_freeable, "WSFREE", U64, DERIVED, BYTES,   HIDDEN, NEEDS_USAGE | NEEDS_STAT, "active_file + slab_reclaimable", "How much of working_set the kernel could still free without swap. Version 1 does not tell of slab.") \
	C(reclaimable,      "RECLAIM",   U64,  DERIVED, BYTES,   HIDDEN, NEEDS_STAT, "inactive_file + active_file + slab_reclaimable", "What the kernel could free without swap; dirty pages have to be written first. Shared memory and locked pages are no part of it. Version 1 does not tell of slab.") \
	C(anon,             "ANON",      U64,  GAUGE,   BYTES,   MAIN,   NEEDS_STAT, "memory.stat anon, v1 memory.stat total_rss", "Anonymous memory of its processes: heap, stacks, copied pages. Version 1 counts swap cache in.") \
	C(file,             "FILE",      U64,  DERIVED, BYTES,   MAIN,   NEEDS_STAT, "cache - shmem - swap_cached", "Page cache of files.") \
	C(shmem,            "SHMEM",     U64,  GAUGE,   BYTES,   MAIN,   NEEDS_STAT, "memory.stat shmem, v1 memory.stat total_shmem", "Shared memory and tmpfs.") \
	C(kernel,           "KERNEL",    U64,  GAUGE,   BYTES,   MAIN,   NEEDS_KERNEL, "memory.stat kernel, v1 memory.kmem.usage_in_bytes", "Memory of the kernel that is charged to it: slab, stacks, page tables, per-CPU, and what has no counter of its own (version 2: since Linux 5.18).") \
	C(sock,             "SOCK",      U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_SOCK, "memory.stat sock, v1 memory.kmem.tcp.usage_in_bytes", "Buffers of its sockets. In version 1 they are TCP's alone, and no part of current.") \
	C(cache,            "CACHE",     U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat file, v1 memory.stat total_cache", "Page cache with shared memory and swap cache in it, as the kernel counts it.") \
	C(swap_cached,      "SWCACHED",  U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat swapcached", "Swapped pages that are in memory, too.") \
	C(mapped,           "MAPPED",    U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat file_mapped, v1 memory.stat total_mapped_file", "Of cache: what processes have mapped.") \
	C(dirty,            "DIRTY",     U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat file_dirty, v1 memory.stat total_dirty", "Of cache: what must be written before it can be freed.") \
	C(writeback,        "WRITEBACK", U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat file_writeback, v1 memory.stat total_writeback", "Of cache: what is being written.") \
	C(thp_anon,         "THPANON",   U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat anon_thp, v1 memory.stat total_rss_huge", "Of anon: what is mapped by transparent huge pages.") \
	C(thp_file,         "THPFILE",   U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat file_thp", "Of cache: transparent huge pages of files.") \
	C(thp_shmem,        "THPSHMEM",  U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat shmem_thp", "Of shmem: transparent huge pages.") \
	C(inactive_anon,    "INANON",    U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat inactive_anon, v1 memory.stat total_inactive_anon", "Pages on its list of inactive anonymous and shared memory.") \
	C(active_anon,      "ACANON",    U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat active_anon, v1 memory.stat total_active_anon", "Pages on its list of active anonymous and shared memory.") \
	C(inactive_file,    "INFILE",    U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat inactive_file, v1 memory.stat total_inactive_file", "Pages on its list of inactive page cache.") \
	C(active_file,      "ACFILE",    U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat active_file, v1 memory.stat total_active_file", "Pages on its list of active page cache.") \
	C(unevictable,      "UNEVICT",   U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat unevictable, v1 memory.stat total_unevictable", "Pages that reclaim leaves alone, such as locked ones.") \
	C(slab,             "SLAB",      U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat slab", "Of kernel: slab caches.") \
	C(slab_reclaimable, "SRECLAIM",  U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat slab_reclaimable", "Of slab: what has a shrinker, such as dentries and inodes.") \
	C(slab_unreclaimable, "SUNRECLAIM", U64, GAUGE, BYTES,   HIDDEN, NEEDS_STAT, "memory.stat slab_unreclaimable", "Of slab: the rest.") \
	C(kernel_stack,     "STACKS",    U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat kernel_stack", "Of kernel: the stacks of its threads.") \
	C(page_tables,      "PTABLES",   U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat pagetables", "Of kernel: page tables.") \
	C(sec_page_tables,  "SECPTABLES", U64, GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat sec_pagetables", "Of kernel: page tables of virtual machines and of IOMMUs.") \
	C(percpu,           "PERCPU",    U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat percpu", "Of kernel: variables that each CPU has.") \
	C(vmalloc,          "VMALLOC",   U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat vmalloc", "Of kernel: memory mapped page by page.") \
	C(hugetlb,          "HUGETLB",   U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STAT, "memory.stat hugetlb", "Pages of the hugetlb pools, where cgroup2 is mounted with memory_hugetlb_accounting.") \
	C(swap,             "SWAP",      U64,  GAUGE,   BYTES,   MAIN,   NEEDS_SWAP, "memory.swap.current, v1 memory.stat total_swap", "What of it is in swap.") \
	C(swap_limit,       "SWAPLIMIT", U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_SWAP_LIMIT, "memory.swap.max", "The most it may have in swap; absent: it has no such limit.") \
	C(swap_peak,        "SWAPPEAK",  U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_PEAK, "memory.swap.peak", "The most it ever had in swap (since Linux 6.6).") \
	C(memsw,            "MEMSW",     U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_MEMSW, "v1 memory.memsw.usage_in_bytes", "Memory and swap together (version 1 only).") \
	C(memsw_limit,      "MEMSWLIMIT", U64, GAUGE,   BYTES,   HIDDEN, NEEDS_MEMSW, "v1 memory.memsw.limit_in_bytes", "Its own limit of memory and swap together (version 1 only); absent: it has none.") \
	C(zswap,            "ZSWAP",     U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ZSWAP, "memory.stat zswap", "Memory that its compressed pages take in zswap.") \
	C(zswapped,         "ZSWAPPED",  U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ZSWAP, "memory.stat zswapped", "What was compressed to that.") \
	C(refaults,         "REFAULTS",  U64,  COUNTER, COUNT,   HIDDEN, NEEDS_STAT, "refaults_anon + refaults_file, or memory.stat workingset_refault before Linux 5.9", "Pages that had to be read in again soon after they were reclaimed.") \
	R(refault_rate,     "REFAULTS/S", F64, RATE,    COUNT,   MORE,   refaults, "Refaults per second.") \
	C(refaults_anon,    "REFANON",   U64,  COUNTER, COUNT,   HIDDEN, NEEDS_STAT, "memory.stat workingset_refault_anon, v1 memory.stat total_workingset_refault_anon", "Of refaults: anonymous memory, from swap.") \
	C(refaults_file,    "REFFILE",   U64,  COUNTER, COUNT,   HIDDEN, NEEDS_STAT, "memory.stat workingset_refault_file, v1 memory.stat total_workingset_refault_file", "Of refaults: page cache.") \
	R(refault_anon_rate, "REFANON/S", F64, RATE,    COUNT,   HIDDEN, refaults_anon, "Refaults of anonymous memory per second.") \
	R(refault_file_rate, "REFFILE/S", F64, RATE,    COUNT,   HIDDEN, refaults_file, "Refaults of page cache per second.") \
	C(maj_faults,       "MAJFLT",    U64,  COUNTER, COUNT,   HIDDEN, NEEDS_STAT, "memory.stat pgmajfault, v1 memory.stat total_pgmajfault", "Page faults that had to wait for input.") \
	R(maj_faults_rate,  "MAJFLT/S",  F64,  RATE,    COUNT,   HIDDEN, maj_faults, "Major faults per second.") \
	C(scanned,          "SCANNED",   U64,  COUNTER, COUNT,   HIDDEN, NEEDS_STAT, "memory.stat pgscan", "Pages that reclaim looked at.") \
	R(scan_rate,        "SCAN/S",    F64,  RATE,    COUNT,   HIDDEN, scanned, "Pages looked at per second.") \
	C(reclaimed,        "RECLAIMED", U64,  COUNTER, COUNT,   HIDDEN, NEEDS_STAT, "memory.stat pgsteal", "Pages that reclaim took back.") \
	R(reclaim_rate,     "RECLAIM/S", F64,  RATE,    COUNT,   HIDDEN, reclaimed, "Pages taken back per second.") \
	C(throttled,        "THROTTLED", U64,  COUNTER, COUNT,   HIDDEN, NEEDS_EVENTS, "memory.events high", "How often processes were slowed down because a group was above its memory.high: it or one below it.") \
	R(throttled_rate,   "HIGH/S",    F64,  RATE,    COUNT,   HIDDEN, throttled, "How often per second.") \
	C(max_events,       "MAX",       U64,  COUNTER, COUNT,   MORE,   NEEDS_EVENTS, "memory.events max, v1 memory.failcnt", "How often a limit was met: its own or that of a group below it; in version 1 its own alone.") \
	R(max_events_rate,  "MAX/S",     F64,  RATE,    COUNT,   HIDDEN, max_events, "How often per second.") \
	C(oom_events,       "OOMS",      U64,  COUNTER, COUNT,   HIDDEN, NEEDS_EVENTS, "memory.events oom", "How often reclaim at such a limit was not enough.") \
	R(oom_events_rate,  "OOMS/S",    F64,  RATE,    COUNT,   HIDDEN, oom_events, "How often per second.") \
	C(oom_kills,        "KILLS",     U64,  COUNTER, COUNT,   MAIN,   NEEDS_EVENTS, "memory.events oom_kill, v1 memory.oom_control oom_kill", "Processes in it or below it that the OOM killer has killed, for whatever limit; in version 1 (since Linux 4.13) in it alone.") \
	R(oom_kills_rate,   "KILLS/S",   F64,  RATE,    COUNT,   HIDDEN, oom_kills, "How many per second.") \
	C(high_local,       "HIGHOWN",   U64,  COUNTER, COUNT,   HIDDEN, NEEDS_LOCAL, "memory.events.local high", "Of throttled: above its own memory.high (since Linux 5.2).") \
	C(max_local,        "MAXOWN",    U64,  COUNTER, COUNT,   HIDDEN, NEEDS_LOCAL, "memory.events.local max, v1 memory.failcnt", "Of max_events: at its own limit (since Linux 5.2).") \
	R(max_local_rate,   "MAXOWN/S",  F64,  RATE,    COUNT,   HIDDEN, max_local, "How often per second.") \
	C(oom_local,        "OOMOWN",    U64,  COUNTER, COUNT,   HIDDEN, NEEDS_LOCAL, "memory.events.local oom", "Of oom_events: at its own limit (since Linux 5.2).") \
	C(oom_kills_local,  "KILLSOWN",  U64,  COUNTER, COUNT,   HIDDEN, NEEDS_LOCAL, "memory.events.local oom_kill, v1 memory.oom_control oom_kill", "Of oom_kills: processes in it itself (since Linux 5.2).") \
	C(swap_max_events,  "SWAPMAX",   U64,  COUNTER, COUNT,   HIDDEN, NEEDS_SWAP_EVENTS, "memory.swap.events max", "How often a page could not go to swap because of memory.swap.max, its own or of a group it is in.") \
	C(swap_fail_events, "SWAPFAIL",  U64,  COUNTER, COUNT,   HIDDEN, NEEDS_SWAP_EVENTS, "memory.swap.events fail", "How often a page could not go to swap, for that reason or because swap was full.") \
	C(last_event,       "EVENT",     STR,  DERIVED, NONE,    HIDDEN, NEEDS_EVENTS | NEEDS_LOCAL, "mmlens", "What happened to it last while it was watched: kill, oom, max or high.") \
	C(last_event_age,   "AGO",       U64,  DERIVED, NSEC,    HIDDEN, NEEDS_EVENTS | NEEDS_LOCAL, "mmlens", "How long ago that was at most.") \
	C(psi_some,         "PSI",       F64,  GAUGE,   PERCENT, MAIN,   NEEDS_PSI, "memory.pressure some avg10", "Share of the last 10 seconds in which at least one of its tasks waited for memory.") \
	C(psi_full,         "PSIFULL",   F64,  GAUGE,   PERCENT, HIDDEN, NEEDS_PSI, "memory.pressure full avg10", "Share of the last 10 seconds in which all of its tasks that had work to do waited for memory.") \
	C(psi_some_avg60,   "PSI60",     F64,  GAUGE,   PERCENT, HIDDEN, NEEDS_PSI, "memory.pressure some avg60", "The same as psi_some over the last minute.") \
	C(psi_full_avg60,   "PSIFULL60", F64,  GAUGE,   PERCENT, HIDDEN, NEEDS_PSI, "memory.pressure full avg60", "The same as psi_full over the last minute.") \
	C(psi_some_total,   "WAITED",    U64,  COUNTER, NSEC,    HIDDEN, NEEDS_PSI, "memory.pressure some total", "Time in which at least one of its tasks waited for memory.") \
	R(stalled,          "STALL",     F64,  RATE,    PERCENT, HIDDEN, psi_some_total, "Share of the time since the previous sample in which at least one of its tasks waited for memory.") \
	C(psi_full_total,   "WAITEDFULL", U64, COUNTER, NSEC,    HIDDEN, NEEDS_PSI, "memory.pressure full total", "Time in which all of its tasks that had work to do waited for memory.") \
	R(stalled_full,     "STALLFULL", F64,  RATE,    PERCENT, HIDDEN, psi_full_total, "Share of the time since the previous sample in which all of its tasks waited.") \
	C(processes,        "PROCS",     U64,  GAUGE,   COUNT,   MORE,   NEEDS_PROCESSES, "the lines of cgroup.procs, of it and of all groups below it", "Processes in it and below it.") \
	C(own_processes,    "PROCSOWN",  U64,  GAUGE,   COUNT,   HIDDEN, NEEDS_PROCESSES, "the lines of cgroup.procs", "Processes in it itself. Those of a threaded group are in the domain around it.") \
	C(dying,            "DYING",     U64,  GAUGE,   COUNT,   HIDDEN, NEEDS_DYING, "cgroup.stat nr_dying_subsys_memory, or nr_dying_descendants before Linux 6.12", "Groups below it that were removed and still hold something: see dying_cgroups.") \
	C(oom_group,        "OOMGROUP",  BOOL, LABEL,   NONE,    HIDDEN, NEEDS_GROUP, "memory.oom.group", "Whether the OOM killer kills all of it or nothing.") \
	C(path,             "PATH",      STR,  KEY,     NONE,    LAST,   0, "the directory", "The group's path, as /proc/PID/cgroup has it.") \
	C(age,              "AGE",       U64,  DERIVED, NSEC,    HIDDEN, 0, "mmlens", "How old all columns but current are: on the screen they are read in turn, within a time budget.")
/* clang-format on */

#define MML_COLUMN_IDS_OF CGROUPS
#include "../../core/columns.h"
