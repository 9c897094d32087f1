/* The columns of the tables that are made of a kernel log; see column.h. The source of a column is
 * what the kernel prints. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* clang-format off */
#define OOM_COLUMNS(C, R) \
	C(report,         "REPORT",   U64,  KEY,     NONE,    FIRST,  0, "its place in the log", "Number of the report in its log, from 1.") \
	C(title,          "TITLE",    STR,  LABEL,   NONE,    HIDDEN, 0, "mmlens", "Which report it is, and where in the log.") \
	C(kind,           "KIND",     STR,  LABEL,   NONE,    FIRST,  0, "\"invoked oom-killer\", \"page allocation failure\", \"Mem-Info:\" and others", "What was printed: oom (of the machine, a cpuset or a policy), memcg_oom, manual (sysrq f), policy (a BPF program), alloc_failure, vmalloc_failure, show_mem, kill_only (a kill whose report is missing), panic, or userspace (systemd-oomd, earlyoom and others).") \
	C(time,           "TIME",     STR,  LABEL,   NONE,    MAIN,   0, "before the text", "The date, as the log has it.") \
	C(since_boot,     "SINCEBOOT", U64, LABEL,   NSEC,    MORE,   0, "[seconds.microseconds] before the text", "Time since boot, by the clock of the kernel's log.") \
	C(age,            "AGE",      U64,  DERIVED, NSEC,    HIDDEN, 0, "CLOCK_BOOTTIME - since_boot", "How long ago it was, if this is the machine's own log and it was not suspended since boot.") \
	C(line_first,     "LINE",     U64,  LABEL,   NONE,    HIDDEN, 0, "mmlens", "Line of the log that the report begins at, from 1.") \
	C(line_last,      "LASTLINE", U64,  LABEL,   NONE,    HIDDEN, 0, "mmlens", "Line of the log that it ends at.") \
	C(host,           "HOST",     STR,  LABEL,   NONE,    HIDDEN, 0, "syslog's host name", "The machine the log is of.") \
	C(kernel,         "KERNEL",   STR,  LABEL,   NONE,    HIDDEN, 0, "\"Not tainted\" or \"Tainted: ...\"", "The kernel's release.") \
	C(arch,           "ARCH",     STR,  LABEL,   NONE,    HIDDEN, 0, "registers, or the release", "The architecture.") \
	C(page_size,      "PAGESIZE", U64,  DERIVED, BYTES,   HIDDEN, 0, "the blocks of order 0, or others", "Size of a page. All that the kernel prints in pages is shown in bytes by it.") \
	C(complete,       "PARTS",    STR,  LABEL,   NONE,    HIDDEN, 0, "mmlens", "The parts of the report that were seen: header, trace, meminfo, zones, buddy, swap, ram, slabs, tasks, verdict, cgroup.") \
	C(cut,            "CUT",      U64,  GAUGE,   COUNT,   HIDDEN, 0, "mmlens", "Lines that end early. What may have been cut is absent.") \
	C(lost,           "LOST",     U64,  GAUGE,   COUNT,   HIDDEN, 0, "gaps in the sequence numbers of /dev/kmsg", "Records that are missing within it.") \
	C(repeats,        "REPEATS",  U64,  GAUGE,   COUNT,   HIDDEN, 0, "mmlens", "How often the same report follows. These have no rows of their own.") \
	C(suppressed,     "SUPPRESSED", U64, GAUGE,  COUNT,   HIDDEN, 0, "\"N callbacks suppressed\"", "How many more of its kind were not printed before it.") \
	C(comm,           "ASKEDBY",  STR,  LABEL,   NONE,    MAIN,   0, "NAME invoked oom-killer", "Name of the task that asked for memory.") \
	C(pid,            "PID",      U64,  LABEL,   NONE,    MORE,   0, "CPU: N PID: N", "Its process id.") \
	C(order,          "ORDER",    I64,  LABEL,   NONE,    HIDDEN, 0, "order=", "Power of two of the pages that were asked for in one piece; -1 for a kill by hand.") \
	C(size,           "SIZE",     U64,  DERIVED, BYTES,   HIDDEN, 0, "page size << order, or the size vmalloc was asked for", "What was asked for.") \
	C(gfp_mask,       "GFP",      ADDR, LABEL,   NONE,    HIDDEN, 0, "gfp_mask= or mode:", "The flags of the request as a number.") \
	C(gfp_names,      "GFPNAMES", STR,  LABEL,   NONE,    HIDDEN, 0, "the names behind the mask, or a table of the kernel's version", "The flags of the request by name.") \
	C(gfp_table,      "GFPTABLE", STR,  LABEL,   NONE,    HIDDEN, 0, "mmlens", "Which of the kernel's assignments of bits the mask has, from A (2.6) to F (6.3).") \
	C(zone_class,     "CLASS",    STR,  DERIVED, NONE,    HIDDEN, 0, "gfp_mask", "The highest zone that the request may use.") \
	C(movable,        "MOVABLE",  BOOL, DERIVED, NONE,    HIDDEN, 0, "gfp_mask", "Whether it asked for memory that can be moved.") \
	C(can_reclaim,    "RECLAIM",  BOOL, DERIVED, NONE,    HIDDEN, 0, "gfp_mask", "Whether it could wait for memory to be freed.") \
	C(constraint,     "LIMITED",  STR,  LABEL,   NONE,    HIDDEN, 0, "constraint=", "What the request was confined to: none, cpuset, memory_policy, memcg or bpf.") \
	C(inferred,       "INFERRED", BOOL, DERIVED, NONE,    HIDDEN, 0, "mmlens", "Whether the constraint is not printed, and was concluded from the rest.") \
	C(nodemask,       "NODEMASK", STR,  LABEL,   NONE,    HIDDEN, 0, "nodemask=", "Nodes that the policy allowed.") \
	C(mems_allowed,   "MEMS",     STR,  LABEL,   NONE,    HIDDEN, 0, "mems_allowed=", "Nodes that the cpuset allowed.") \
	C(cpuset,         "CPUSET",   STR,  LABEL,   NONE,    HIDDEN, 0, "cpuset=", "The cpuset.") \
	C(oom_memcg,      "LIMITOF",  STR,  LABEL,   NONE,    MORE,   0, "oom_memcg=, or \"limit of\"", "The control group whose limit was hit.") \
	C(task_memcg,     "VICTIMIN", STR,  LABEL,   NONE,    HIDDEN, 0, "task_memcg=, or \"Task in\"", "The control group of the victim.") \
	C(reason,         "REASON",   STR,  DERIVED, NONE,    FIRST,  0, "the request against zones, limits and counters", "What refused the memory: memcg_limit, memcg_swap_limit, cpuset, mempolicy, wrong_zone, lowmem_reserve, cma_only, highatomic_only, fragmented, below_min, reserves_drained, fault_injection_or_transient, manual, false_global, address_space or unknown.") \
	C(holder,         "HELDBY",   STR,  DERIVED, NONE,    MAIN,   0, "the balance, or the group's statistics", "What held most of it: task, many_tasks, anon, shmem, file, slab, pagetables, kernel_stack, hugetlb, unevictable, lru or unaccounted. Absent if nothing held a quarter.") \
	C(ram,            "RAM",      U64,  GAUGE,   BYTES,   HIDDEN, 0, "pages RAM", "All of the machine's memory.") \
	C(reserved,       "RESERVED", U64,  GAUGE,   BYTES,   HIDDEN, 0, "pages reserved", "Memory the kernel never manages.") \
	C(free,           "FREE",     U64,  GAUGE,   BYTES,   HIDDEN, 0, "free:", "Free memory of the machine.") \
	C(free_pcp,       "FREEPCP",  U64,  GAUGE,   BYTES,   HIDDEN, 0, "free_pcp:", "Free pages in the lists of CPUs, beside free.") \
	C(free_cma,       "FREECMA",  U64,  GAUGE,   BYTES,   HIDDEN, 0, "free_cma:", "Part of free that belongs to CMA.") \
	C(anon,           "ANON",     U64,  GAUGE,   BYTES,   HIDDEN, 0, "active_anon + inactive_anon + isolated_anon", "Anonymous memory and shared memory on the lists of reclaim.") \
	C(file,           "FILE",     U64,  GAUGE,   BYTES,   HIDDEN, 0, "active_file + inactive_file + isolated_file", "Page cache on the lists of reclaim.") \
	C(shmem,          "SHMEM",    U64,  GAUGE,   BYTES,   HIDDEN, 0, "shmem:", "Shared memory and tmpfs; part of anon.") \
	C(unevictable,    "UNEVICT",  U64,  GAUGE,   BYTES,   HIDDEN, 0, "unevictable:", "Memory that reclaim may not take.") \
	C(dirty,          "DIRTY",    U64,  GAUGE,   BYTES,   HIDDEN, 0, "dirty:", "Page cache that is not written yet.") \
	C(writeback,      "WRITEBACK", U64, GAUGE,   BYTES,   HIDDEN, 0, "writeback:", "Page cache that is being written.") \
	C(slab_reclaimable,   "SRECLAIM", U64, GAUGE, BYTES,  HIDDEN, 0, "slab_reclaimable:", "Slab caches that reclaim can shrink.") \
	C(slab_unreclaimable, "SUNRECL", U64, GAUGE,  BYTES,  HIDDEN, 0, "slab_unreclaimable:", "Slab caches that it cannot.") \
	C(page_tables,    "PTABLES",  U64,  GAUGE,   BYTES,   HIDDEN, 0, "pagetables:", "Page tables.") \
	C(hugetlb,        "HUGETLB",  U64,  DERIVED, BYTES,   HIDDEN, 0, "hugepages_total * hugepages_size", "Huge pages in pools, of the nodes that are printed.") \
	C(hugetlb_free,   "HUGEFREE", U64,  DERIVED, BYTES,   HIDDEN, 0, "hugepages_free * hugepages_size", "Those of them that nobody uses.") \
	C(unaccounted,    "UNACCOUNTED", I64, DERIVED, BYTES, HIDDEN, 0, "ram - all the rest of the balance", "Memory that the report says nothing of. Negative if its counters add up to more than there is.") \
	C(swap_total,     "SWAPTOTAL", U64, GAUGE,   BYTES,   HIDDEN, 0, "Total swap", "All swap.") \
	C(swap_free,      "SWAPFREE", U64,  GAUGE,   BYTES,   HIDDEN, 0, "Free swap", "Free swap.") \
	C(total,          "TOTAL",    U64,  DERIVED, BYTES,   HIDDEN, 0, "RAM and swap, present pages of the nodes and swap, or the group's limit and swap", "What the kernel takes 1000 points of oom_score_adj to be.") \
	C(kills,          "KILLS",    U64,  DERIVED, COUNT,   HIDDEN, 0, "Killed process", "Processes that were killed.") \
	C(victim,         "KILLED",   STR,  LABEL,   NONE,    FIRST,  0, "Killed process N (NAME)", "Name of the process that was killed, of several the first.") \
	C(victim_pid,     "KILLEDPID", U64, LABEL,   NONE,    MAIN,   0, "Killed process N", "Its process id.") \
	C(victim_points,  "POINTS",   I64,  DERIVED, COUNT,   HIDDEN, 0, "rss + swap + page tables + adj * total / 1000, in pages", "Its points by the report's table of tasks.") \
	C(victim_expected, "EXPECTED", BOOL, DERIVED, NONE,   HIDDEN, 0, "the highest points in the table", "Whether it is the one that the kernel's rule chooses by this table.") \
	C(score,          "SCORE",    U64,  GAUGE,   NONE,    HIDDEN, 0, "score N or sacrifice child", "The kernel's own score of it, which it printed before 5.3.") \
	C(freed,          "FREED",    U64,  DERIVED, BYTES,   MORE,   0, "anon-rss of all that were killed", "About what the kills gave back.") \
	C(next,           "NEXT",     STR,  DERIVED, NONE,    HIDDEN, 0, "the highest points of those left", "Name of the process that would be killed next.") \
	C(next_pid,       "NEXTPID",  U64,  DERIVED, NONE,    HIDDEN, 0, "the highest points of those left", "Its process id.") \
	C(next_points,    "NEXTPOINTS", I64, DERIVED, COUNT,  HIDDEN, 0, "rss + swap + page tables + adj * total / 1000, in pages", "Its points.") \
	C(panic,          "PANIC",    STR,  LABEL,   NONE,    HIDDEN, 0, "Kernel panic", "What the kernel said when it gave up.") \
	C(what_happened,  "WHAT",     STR,  DERIVED, NONE,    HIDDEN, 0, "mmlens", "Who asked for what, and what came of it, in words.") \
	C(which_limit,    "LIMIT",    STR,  DERIVED, NONE,    HIDDEN, 0, "mmlens", "Which limit it was.") \
	C(why_no_memory,  "WHYNOT",   STR,  DERIVED, NONE,    HIDDEN, 0, "mmlens", "Why the free memory did not serve, zone by zone.") \
	C(what_held_it,   "HELD",     STR,  DERIVED, NONE,    HIDDEN, 0, "mmlens", "What held the memory.") \
	C(swap,           "SWAP",     STR,  DERIVED, NONE,    HIDDEN, 0, "mmlens", "Whether swap was there, and full.") \
	C(who_and_why,    "WHO",      STR,  DERIVED, NONE,    HIDDEN, 0, "mmlens", "Who was killed and why that one, and who would be next.") \
	C(what_to_do,     "DO",       STR,  DERIVED, NONE,    HIDDEN, 0, "mmlens", "What would have prevented it.") \
	C(not_known,      "UNKNOWN",  STR,  DERIVED, NONE,    HIDDEN, 0, "mmlens", "What the log does not tell.")

#define OOM_TASKS_COLUMNS(C, R) \
	C(report,      "REPORT",  U64, KEY,     NONE,  FIRST,  0, "its place in the log", "Number of the report; see oom.") \
	C(pid,         "PID",     U64, KEY,     NONE,  FIRST,  0, "[ pid ]", "Id of the process, or of a thread if its first one has ended.") \
	C(tgid,        "TGID",    U64, LABEL,   NONE,  HIDDEN, 0, "tgid", "Id of the process.") \
	C(uid,         "UID",     U64, LABEL,   NONE,  HIDDEN, 0, "uid", "User id of the process.") \
	C(name,        "NAME",    STR, LABEL,   NONE,  FIRST,  0, "name", "Name of the task, 15 bytes at most.") \
	C(state,       "STATE",   STR, DERIVED, NONE,  FIRST,  0, "\"Killed process\" and oom_score_adj", "victim: it was killed; group: it was killed with the victim; candidate: it could have been; exempt: never; reaped: it had been killed before.") \
	C(rank,        "RANK",    U64, DERIVED, NONE,  MAIN,   0, "points, in the order of the kernel's version", "1 is the first to be killed. Absent for those that cannot be.") \
	C(points,      "POINTS",  I64, DERIVED, COUNT, FIRST,  0, "rss + swap + page tables + adj * total / 1000, in pages", "What the kernel compares. >= if part of what it adds is not in the log.") \
	C(score,       "SCORE",   I64, DERIVED, NONE,  MORE,   0, "points * 1000 / total", "Points as a share of all there is, in thousandths.") \
	C(rss,         "RSS",     U64, GAUGE,   BYTES, FIRST,  0, "rss", "Memory it had mapped, shared pages counted whole.") \
	C(rss_anon,    "ANON",    U64, GAUGE,   BYTES, MORE,   0, "rss_anon", "Of rss: anonymous memory (since Linux 6.8).") \
	C(rss_file,    "FILE",    U64, GAUGE,   BYTES, MORE,   0, "rss_file", "Of rss: pages of files (since Linux 6.8).") \
	C(rss_shmem,   "SHMEM",   U64, GAUGE,   BYTES, MORE,   0, "rss_shmem", "Of rss: shared memory (since Linux 6.8).") \
	C(swap,        "SWAP",    U64, GAUGE,   BYTES, MAIN,   0, "swapents", "What it had in swap.") \
	C(page_tables, "PTABLES", U64, GAUGE,   BYTES, MAIN,   0, "pgtables_bytes, or nr_ptes and nr_pmds", "Its page tables.") \
	C(total_vm,    "VSIZE",   U64, GAUGE,   BYTES, LAST,   0, "total_vm", "Size of its address space.") \
	C(adj,         "ADJ",     I64, LABEL,   NONE,  MAIN,   0, "oom_score_adj, or oom_adj", "What was set to raise or lower its points.") \
	C(line,        "LINE",    U64, LABEL,   NONE,  HIDDEN, 0, "mmlens", "Line of the log.") \
	C(killed_line, "KILLEDAT", U64, LABEL,  NONE,  HIDDEN, 0, "Killed process", "Line of the log that says that it was killed.")

#define OOM_ZONES_COLUMNS(C, R) \
	C(report,     "REPORT",  U64,  KEY,     NONE,  FIRST,  0, "its place in the log", "Number of the report; see oom.") \
	C(node,       "NODE",    U64,  KEY,     NONE,  FIRST,  0, "Node N", "NUMA node.") \
	C(zone,       "ZONE",    STR,  KEY,     NONE,  FIRST,  0, "Node N NAME", "Zone.") \
	C(verdict,    "VERDICT", STR,  DERIVED, NONE,  FIRST,  0, "the kernel's test of watermarks", "What the request met here: ok, below_mark, reserve (kept for lower requests), cma, highatomic, fragmented (no block large enough), drained (far below min) or not_allowed.") \
	C(why_not,    "WHYNOT",  STR,  DERIVED, NONE,  MORE,   0, "gfp_mask, nodemask, mems_allowed", "Why it may not be used: zone, cpuset, policy, or empty.") \
	C(free,       "FREE",    U64,  GAUGE,   BYTES, FIRST,  0, "free:", "Free memory.") \
	C(usable,     "USABLE",  U64,  DERIVED, BYTES, MAIN,   0, "free - highatomic - CMA, as the request may use them", "Free memory that counts for this request.") \
	C(mark,       "MARK",    U64,  DERIVED, BYTES, MAIN,   0, "min, lowered as the request allows", "The watermark that was tested.") \
	C(reserve,    "RESERVE", U64,  DERIVED, BYTES, MAIN,   0, "lowmem_reserve[class of the request]", "What is kept from this request for those that can use nothing higher.") \
	C(margin,     "MARGIN",  I64,  DERIVED, BYTES, FIRST,  0, "usable - mark - reserve", "By how much the test was passed, or missed if it is not above 0.") \
	C(largest,    "LARGEST", U64,  DERIVED, BYTES, MORE,   0, "the list of free blocks", "Largest free block that the request may use; 0 if there is none.") \
	C(blocks,     "BLOCKS",  U64,  DERIVED, COUNT, MORE,   0, "the list of free blocks", "Free blocks that are large enough for the request.") \
	C(boost,      "BOOST",   U64,  GAUGE,   BYTES, HIDDEN, 0, "boost:", "Part of min that was added after fragmentation.") \
	C(min,        "MIN",     U64,  GAUGE,   BYTES, LAST,   0, "min:", "The min watermark, with boost.") \
	C(low,        "LOW",     U64,  GAUGE,   BYTES, HIDDEN, 0, "low:", "The low watermark.") \
	C(high,       "HIGH",    U64,  GAUGE,   BYTES, HIDDEN, 0, "high:", "The high watermark.") \
	C(highatomic, "HIGHATOMIC", U64, GAUGE, BYTES, HIDDEN, 0, "free_highatomic, or reserved_highatomic", "Free memory that is kept for atomic requests.") \
	C(cma,        "CMA",     U64,  GAUGE,   BYTES, HIDDEN, 0, "free_cma:", "Free memory of CMA.") \
	C(pcp,        "PCP",     U64,  GAUGE,   BYTES, HIDDEN, 0, "free_pcp:", "Free pages in the lists of CPUs.") \
	C(present,    "PRESENT", U64,  GAUGE,   BYTES, HIDDEN, 0, "present:", "Memory there is.") \
	C(managed,    "MANAGED", U64,  GAUGE,   BYTES, LAST,   0, "managed:", "Memory that can be given out.") \
	C(line,       "LINE",    U64,  LABEL,   NONE,  HIDDEN, 0, "mmlens", "Line of the log.")

#define OOM_BALANCE_COLUMNS(C, R) \
	C(report, "REPORT", U64, KEY,     NONE,    FIRST, 0, "its place in the log", "Number of the report; see oom.") \
	C(item,   "ITEM",   STR, KEY,     NONE,    FIRST, 0, "mmlens", "What the memory is. The rows of a report add up to its RAM.") \
	C(bytes,  "BYTES",  I64, DERIVED, BYTES,   FIRST, 0, "the machine's counters", "How much. Unaccounted may be negative, if the counters are of different moments.") \
	C(share,  "SHARE",  F64, DERIVED, PERCENT, MAIN,  0, "bytes / RAM", "Share of RAM.") \
	C(line,   "LINE",   U64, LABEL,   NONE,    HIDDEN, 0, "mmlens", "Line of the log that it was read from.")

#define OOM_SLABS_COLUMNS(C, R) \
	C(report, "REPORT", U64, KEY,     NONE,    FIRST,  0, "its place in the log", "Number of the report; see oom.") \
	C(line,   "LINE",   U64, KEY,     NONE,    HIDDEN, 0, "mmlens", "Line of the log.") \
	C(cache,  "CACHE",  STR, LABEL,   NONE,    FIRST,  0, "Name", "Name of the slab cache, for merged ones that of one of them.") \
	C(used,   "USED",   U64, GAUGE,   BYTES,   FIRST,  0, "Used", "Memory in objects that are in use.") \
	C(total,  "TOTAL",  U64, GAUGE,   BYTES,   FIRST,  0, "Total", "Memory the cache takes.") \
	C(share,  "SHARE",  F64, DERIVED, PERCENT, MAIN,   0, "total / slab_unreclaimable", "Share of all unreclaimable slab memory.")

#define OOM_CGROUPS_COLUMNS(C, R) \
	C(report,       "REPORT",   U64,  KEY,   NONE,  FIRST,  0, "its place in the log", "Number of the report; see oom.") \
	C(line,         "LINE",     U64,  KEY,   NONE,  HIDDEN, 0, "mmlens", "Line of the log.") \
	C(path,         "CGROUP",   STR,  LABEL, NONE,  FIRST,  0, "Memory cgroup stats for PATH", "The control group.") \
	C(is_limit,     "ISLIMIT",  BOOL, LABEL, NONE,  HIDDEN, 0, "limit of PATH, oom_memcg=", "Whether it is the one whose limit was hit.") \
	C(usage,        "USAGE",    U64,  GAUGE, BYTES, FIRST,  0, "memory: usage", "Memory charged to it and all below it.") \
	C(limit,        "LIMIT",    U64,  GAUGE, BYTES, FIRST,  0, "memory: limit", "The most it may have. Absent if it has no limit.") \
	C(failcnt,      "FAILCNT",  U64,  GAUGE, COUNT, MORE,   0, "memory: failcnt", "How often a charge had met the limit.") \
	C(swap_usage,   "SWAP",     U64,  GAUGE, BYTES, MAIN,   0, "swap: usage", "Swap charged to it (v2).") \
	C(swap_limit,   "SWAPLIMIT", U64, GAUGE, BYTES, MORE,   0, "swap: limit", "The most swap it may have (v2). Absent if it has no limit.") \
	C(memsw_usage,  "MEMSW",    U64,  GAUGE, BYTES, MORE,   0, "memory+swap: usage", "Memory and swap together (v1).") \
	C(memsw_limit,  "MEMSWLIMIT", U64, GAUGE, BYTES, MORE,  0, "memory+swap: limit", "The most of both together (v1). Absent if it has no limit.") \
	C(kmem_usage,   "KMEM",     U64,  GAUGE, BYTES, HIDDEN, 0, "kmem: usage", "Kernel memory (v1).") \
	C(kmem_limit,   "KMEMLIMIT", U64, GAUGE, BYTES, HIDDEN, 0, "kmem: limit", "The most kernel memory it may have (v1). Absent if it has no limit.") \
	C(anon,         "ANON",     U64,  GAUGE, BYTES, MAIN,   0, "anon, or total_rss (v1)", "Anonymous memory.") \
	C(file,         "FILE",     U64,  GAUGE, BYTES, MAIN,   0, "file, or total_cache (v1)", "Page cache, with shared memory.") \
	C(shmem,        "SHMEM",    U64,  GAUGE, BYTES, MORE,   0, "shmem, or total_shmem (v1)", "Shared memory and tmpfs; part of file.") \
	C(kernel,       "KERNELMEM", U64, GAUGE, BYTES, MORE,   0, "kernel", "All kernel memory (since Linux 5.18).") \
	C(slab,         "SLAB",     U64,  GAUGE, BYTES, HIDDEN, 0, "slab", "Slab objects.") \
	C(page_tables,  "PTABLES",  U64,  GAUGE, BYTES, HIDDEN, 0, "pagetables", "Page tables.") \
	C(kernel_stack, "KSTACK",   U64,  GAUGE, BYTES, HIDDEN, 0, "kernel_stack", "Kernel stacks.") \
	C(sock,         "SOCK",     U64,  GAUGE, BYTES, HIDDEN, 0, "sock", "Network buffers.") \
	C(percpu,       "PERCPU",   U64,  GAUGE, BYTES, HIDDEN, 0, "percpu", "Percpu memory.") \
	C(dirty,        "DIRTY",    U64,  GAUGE, BYTES, HIDDEN, 0, "file_dirty, or total_dirty (v1)", "Page cache that is not written yet.") \
	C(writeback,    "WRITEBACK", U64, GAUGE, BYTES, HIDDEN, 0, "file_writeback, or total_writeback (v1)", "Page cache that is being written.")

#define OOM_KILLS_COLUMNS(C, R) \
	C(report,      "REPORT",  U64,  KEY,     NONE,  FIRST,  0, "its place in the log", "Number of the report; see oom.") \
	C(line,        "LINE",    U64,  KEY,     NONE,  MORE,   0, "mmlens", "Line of the log.") \
	C(time,        "TIME",    STR,  LABEL,   NONE,  MORE,   0, "before the text", "The date, as the log has it.") \
	C(since_boot,  "SINCEBOOT", U64, LABEL,  NSEC,  MORE,   0, "[seconds.microseconds] before the text", "Time since boot, by the clock of the kernel's log.") \
	C(by,          "BY",      STR,  LABEL,   NONE,  MAIN,   0, "mmlens", "kernel, or userspace for systemd-oomd, earlyoom and others.") \
	C(pid,         "PID",     U64,  LABEL,   NONE,  FIRST,  0, "Killed process N", "The process.") \
	C(name,        "NAME",    STR,  LABEL,   NONE,  FIRST,  0, "Killed process N (NAME)", "Its name.") \
	C(uid,         "UID",     U64,  LABEL,   NONE,  HIDDEN, 0, "UID:", "User id (since Linux 5.3).") \
	C(total_vm,    "VSIZE",   U64,  GAUGE,   BYTES, LAST,   0, "total-vm:", "Size of its address space.") \
	C(rss_anon,    "ANON",    U64,  GAUGE,   BYTES, FIRST,  0, "anon-rss:", "Anonymous memory, which its end gives back.") \
	C(rss_file,    "FILE",    U64,  GAUGE,   BYTES, MORE,   0, "file-rss:", "Pages of files it had mapped.") \
	C(rss_shmem,   "SHMEM",   U64,  GAUGE,   BYTES, MORE,   0, "shmem-rss:", "Shared memory it had mapped.") \
	C(page_tables, "PTABLES", U64,  GAUGE,   BYTES, HIDDEN, 0, "pgtables:", "Its page tables (since Linux 5.3).") \
	C(adj,         "ADJ",     I64,  LABEL,   NONE,  MAIN,   0, "oom_score_adj:", "What was set to raise or lower its points (since Linux 5.3).") \
	C(again,       "AGAIN",   BOOL, DERIVED, NONE,  HIDDEN, 0, "mmlens", "Whether an earlier line says the same: the first victim of a group is named twice.") \
	C(reaped,      "REAPED",  BOOL, DERIVED, NONE,  HIDDEN, 0, "oom_reaper: reaped process", "Whether its memory was taken away at once.") \
	C(message,     "MESSAGE", STR,  LABEL,   NONE,  LAST,   0, "what the line begins with", "What the kernel, or the program, said.")
/* clang-format on */
