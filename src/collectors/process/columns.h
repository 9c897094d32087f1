/* The columns of the table `processes`; see column.h. A source that begins with "status " or
 * "smaps_rollup " names the field that the parser looks up. The columns from pss to home_share have
 * a time budget, and are kept between samples together. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* clang-format off */
#define PROCESSES_COLUMNS(C, R) \
	C(pid,             "PID",       U64,  KEY,     NONE,    FIRST,  0, "/proc/PID", "Process id.") \
	C(started,         "STARTED",   U64,  KEY,     NSEC,    HIDDEN, NEEDS_STAT, "stat starttime", "When it was started, from boot; with the PID it names a process for good.") \
	C(group,           "GROUP",     STR,  KEY,     NONE,    HIDDEN, 0, "mmlens", "With --by: what the processes of this row have in common.") \
	C(processes,       "PROCS",     U64,  GAUGE,   NONE,    HIDDEN, 0, "mmlens", "With --by: how many processes this row sums up; of --by parent, the process and all below it.") \
	C(ppid,            "PPID",      U64,  LABEL,   NONE,    HIDDEN, 0, "stat ppid", "The parent's process id.") \
	C(user,            "USER",      STR,  LABEL,   NONE,    MAIN,   NEEDS_USER, "status Uid (effective), by name", "The user the process runs as; a number when it has no name.") \
	C(uid,             "UID",       U64,  LABEL,   NONE,    HIDDEN, NEEDS_STATUS, "status Uid: the effective one", "The user id the process runs as.") \
	C(comm,            "COMM",      STR,  LABEL,   NONE,    HIDDEN, 0, "stat comm", "Name of its first thread, 15 bytes at most (kernel threads: 63).") \
	C(state,           "S",         STR,  LABEL,   NONE,    LAST,   0, "stat state", "State of its first thread: R running, S sleeping, D in uninterruptible sleep, Z dead and not waited for, T stopped, t traced, I idle kernel thread.") \
	C(kthread,         "KTHREAD",   BOOL, LABEL,   NONE,    HIDDEN, NEEDS_STAT, "stat flags & PF_KTHREAD", "Whether it is a thread of the kernel's, which has no memory of its own.") \
	C(threads,         "THR",       U64,  GAUGE,   COUNT,   LAST,   0, "stat num_threads", "Threads it has.") \
	C(vsize,           "VSIZE",     U64,  GAUGE,   BYTES,   MORE,   0, "stat vsize", "Size of the address space, of which most may never have been touched.") \
	C(rss,             "RSS",       U64,  GAUGE,   BYTES,   FIRST,  NEEDS_RSS, "statm resident, or VmRSS of status where that is read anyway", "Memory it has mapped now, shared pages counted whole, hugetlb left out. Lags by up to 64 pages a thread before Linux 6.2, and by more with many CPUs up to 6.14. On the screen the levels of a process whose stat does not change are read every tenth time.") \
	R(growth,          "GROWTH",    I64,  GROWTH,  BYTES,   HIDDEN, rss, "Change of rss since the previous sample (needs -d, or the screen).") \
	R(growth_rate,     "GROWTH/S",  F64,  RATE,    BYTES,   HIDDEN, rss, "Change of rss per second.") \
	C(rss_anon,        "ANON",      U64,  GAUGE,   BYTES,   MAIN,   NEEDS_RSS, "statm resident - shared, or RssAnon of status", "Of rss: anonymous memory (heap, stacks, copied pages). Lags as rss does.") \
	C(rss_file,        "FILE",      U64,  GAUGE,   BYTES,   MORE,   NEEDS_STATUS, "status RssFile", "Of rss: pages of files. Lags as rss does.") \
	C(rss_shmem,       "SHMEM",     U64,  GAUGE,   BYTES,   MORE,   NEEDS_STATUS, "status RssShmem", "Of rss: shared memory and tmpfs. Lags as rss does.") \
	C(swap,            "SWAP",      U64,  GAUGE,   BYTES,   MAIN,   NEEDS_STATUS, "status VmSwap", "Anonymous memory in swap; swapped shared memory is not counted. Lags as rss does.") \
	C(rss_peak,        "PEAK",      U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STATUS, "status VmHWM", "The largest rss it ever had.") \
	C(hugetlb,         "HUGETLB",   U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STATUS, "status HugetlbPages", "Pages of the hugetlb pools it has mapped; no part of rss.") \
	C(locked,          "LOCKED",    U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STATUS, "status VmLck", "Size of the mappings locked by mlock.") \
	C(pinned,          "PINNED",    U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STATUS, "status VmPin", "Memory pinned for devices, which cannot even be moved.") \
	C(page_tables,     "PTABLES",   U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STATUS, "status VmPTE", "Its page tables (up to 4.14 only the lowest level).") \
	C(data,            "DATA",      U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STATUS, "status VmData", "Size of the private writable mappings but for the stack.") \
	C(stack,           "STACK",     U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STATUS, "status VmStk", "Size of the first thread's stack.") \
	C(text,            "CODE",      U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STATUS, "status VmExe", "Size of the program's code.") \
	C(lib,             "LIB",       U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_STATUS, "status VmLib", "Size of the libraries' code.") \
	C(pss,             "PSS",       U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ROLLUP, "smaps_rollup Pss", "Proportional set size: rss with each page divided by the number of processes that share it. Exact when read, unlike rss.") \
	C(pss_anon,        "PSSANON",   U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ROLLUP, "smaps_rollup Pss_Anon", "Of pss: anonymous memory (since Linux 5.3).") \
	C(pss_file,        "PSSFILE",   U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ROLLUP, "smaps_rollup Pss_File", "Of pss: pages of files (since Linux 5.3).") \
	C(pss_shmem,       "PSSSHM",    U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ROLLUP, "smaps_rollup Pss_Shmem", "Of pss: shared memory and tmpfs (since Linux 5.3).") \
	C(pss_dirty,       "PSSDIRTY",  U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ROLLUP, "smaps_rollup Pss_Dirty", "Of pss: dirty pages (since Linux 6.0).") \
	C(uss,             "USS",       U64,  DERIVED, BYTES,   HIDDEN, NEEDS_ROLLUP, "private_clean + private_dirty", "Unique set size: pages no other process has mapped. If it ended, the anonymous ones would come free; pages of files would stay in the page cache, and shared memory with its segment or file.") \
	C(private_clean,   "PRIVCLEAN", U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ROLLUP, "smaps_rollup Private_Clean", "Clean pages no other process has mapped.") \
	C(private_dirty,   "PRIVDIRTY", U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ROLLUP, "smaps_rollup Private_Dirty", "Dirty pages no other process has mapped.") \
	C(shared_clean,    "SHCLEAN",   U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ROLLUP, "smaps_rollup Shared_Clean", "Clean pages other processes have mapped too.") \
	C(shared_dirty,    "SHDIRTY",   U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ROLLUP, "smaps_rollup Shared_Dirty", "Dirty pages other processes have mapped too.") \
	C(referenced,      "REFD",      U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ROLLUP, "smaps_rollup Referenced", "Pages marked as accessed since the kernel last looked.") \
	C(ksm,             "KSM",       U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ROLLUP, "smaps_rollup KSM", "Pages merged with like ones by KSM (since Linux 6.6).") \
	C(lazy_free,       "LAZYFREE",  U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ROLLUP, "smaps_rollup LazyFree", "Pages given up by MADV_FREE and not taken yet.") \
	C(thp,             "THP",       U64,  DERIVED, BYTES,   HIDDEN, NEEDS_ROLLUP, "thp_anon + thp_shmem + thp_file", "Memory mapped by transparent huge pages of PMD size.") \
	C(thp_anon,        "THPANON",   U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ROLLUP, "smaps_rollup AnonHugePages", "Of thp: anonymous memory.") \
	C(thp_shmem,       "THPSHMEM",  U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ROLLUP, "smaps_rollup ShmemPmdMapped", "Of thp: shared memory.") \
	C(thp_file,        "THPFILE",   U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ROLLUP, "smaps_rollup FilePmdMapped", "Of thp: pages of files (since Linux 5.4).") \
	C(swap_pss,        "SWAPPSS",   U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ROLLUP, "smaps_rollup SwapPss", "Its part of the anonymous memory in swap, each page divided by the processes that share it. Shared memory is not counted.") \
	C(swap_all,        "SWAPALL",   U64,  GAUGE,   BYTES,   HIDDEN, NEEDS_ROLLUP, "smaps_rollup Swap", "What is in swap of all its mappings: its anonymous memory, and the shared memory it has mapped, whoever put it there.") \
	C(swap_shmem,      "SWAPSHM",   U64,  DERIVED, BYTES,   HIDDEN, NEEDS_ROLLUP | NEEDS_STATUS, "smaps_rollup Swap - status VmSwap", "Of swap_all: shared memory and tmpfs. Each process that has the pages mapped counts all of them.") \
	C(nodes,           "NODES",     STR,  GAUGE,   NONE,    HIDDEN, NEEDS_NODES, "numa_maps N0=... times kernelpagesize_kB", "Bytes on each NUMA node, hugetlb included. Of processes with few pages the same sum is taken from pagemap, kpageflags and the frames of zoneinfo, which is faster, where frame numbers are shown (CAP_SYS_ADMIN) and the kernel has PAGEMAP_SCAN (6.7).") \
	C(home_node,       "NODE",      U64,  DERIVED, NONE,    HIDDEN, NEEDS_NODES, "the largest of nodes", "The NUMA node most of its memory is on.") \
	C(remote,          "REMOTE",    U64,  DERIVED, BYTES,   HIDDEN, NEEDS_REMOTE | NEEDS_NODES | NEEDS_STATUS, "nodes, but those of the CPUs in status Cpus_allowed_list", "Memory on nodes without a CPU the process may run on.") \
	C(remote_share,    "REMOTE%",   F64,  DERIVED, PERCENT, HIDDEN, NEEDS_REMOTE | NEEDS_NODES | NEEDS_STATUS, "remote / all of nodes", "Share of its memory that is remote to every CPU it may run on.") \
	C(home_share,      "NODE%",     F64,  DERIVED, PERCENT, HIDDEN, NEEDS_NODES, "the largest of nodes / all of nodes", "Share of its memory that is on home_node.") \
	R(pss_growth,      "PSSGROW",   I64,  GROWTH,  BYTES,   HIDDEN, pss, "Change of pss since the previous sample; 0 while the value is kept from before (see age).") \
	C(age,             "AGE",       U64,  DERIVED, NSEC,    HIDDEN, 0, "mmlens", "How old the columns from smaps_rollup and numa_maps are: on the screen they are read in turn, within a time budget.") \
	C(min_faults,      "MINFLT",    U64,  COUNTER, COUNT,   HIDDEN, NEEDS_STAT, "stat minflt", "Page faults resolved without input, of all its threads.") \
	R(min_faults_rate, "MINFLT/S",  F64,  RATE,    COUNT,   HIDDEN, min_faults, "Minor faults per second.") \
	C(maj_faults,      "MAJFLT",    U64,  COUNTER, COUNT,   HIDDEN, NEEDS_STAT, "stat majflt", "Page faults that had to wait for input, of all its threads.") \
	R(maj_faults_rate, "MAJFLT/S",  F64,  RATE,    COUNT,   HIDDEN, maj_faults, "Major faults per second.") \
	C(oom_score,       "OOM",       U64,  GAUGE,   NONE,    HIDDEN, NEEDS_OOM, "oom_score", "How likely the OOM killer is to choose it: the highest goes first.") \
	C(oom_score_adj,   "OOMADJ",    I64,  LABEL,   NONE,    HIDDEN, NEEDS_OOM, "oom_score_adj", "What was set to raise or lower oom_score, -1000 to 1000.") \
	C(badness,         "BADNESS",   I64,  DERIVED, COUNT,   HIDDEN, NEEDS_RSS | NEEDS_STATUS | NEEDS_OOM, "(rss + swap + page_tables) / page size + oom_score_adj * ((MemTotal + SwapTotal) / page size / 1000)", "What the OOM killer compares when the whole machine runs out, in pages: the highest goes first. Absent for those that it never kills.") \
	C(used,            "USED",      U64,  DERIVED, BYTES,   HIDDEN, NEEDS_RSS | NEEDS_STATUS, "rss + swap", "What it would take in memory if nothing of it were in swap, as top has it. Lags as rss does.") \
	C(mem_share,       "%MEM",      F64,  DERIVED, PERCENT, HIDDEN, NEEDS_RSS | NEEDS_TOTAL, "rss / meminfo MemTotal", "Share of the machine's memory that its rss is; shared pages count for each who has them.") \
	C(ndrt,            "nDRT",      U64,  GAUGE,   COUNT,   HIDDEN, NEEDS_DIRTY, "statm dt", "Dirty pages as top has them: the kernel has not counted them since 2.6 and writes 0. See private_dirty and shared_dirty.") \
	C(cgroup,          "CGROUP",    STR,  LABEL,   NONE,    HIDDEN, NEEDS_CGROUP, "cgroup", "The control group its memory is charged to.") \
	C(unit,            "UNIT",      STR,  LABEL,   NONE,    HIDDEN, NEEDS_CGROUP, "cgroup: the last part that is a unit", "The systemd unit it belongs to.") \
	C(container,       "CONTAINER", STR,  LABEL,   NONE,    HIDDEN, NEEDS_CGROUP, "cgroup: the last part that names a container", "The container it belongs to: its name, or the first 12 digits of its id.") \
	C(tty,             "TTY",       STR,  LABEL,   NONE,    HIDDEN, NEEDS_FILE, "stat tty_nr", "Its terminal.") \
	C(depth,           "DEPTH",     U64,  LABEL,   NONE,    HIDDEN, 0, "mmlens", "With --by parent: how many of its ancestors are in the table.") \
	C(tree,            "TREE",      STR,  LABEL,   NONE,    HIDDEN, 0, "mmlens", "With --by parent: its comm, indented below the parent's.") \
	C(command,         "COMMAND",   STR,  LABEL,   NONE,    FIRST,  NEEDS_COMMAND, "cmdline, or [comm] when that is empty", "Command line, arguments separated by blanks, as of when the process was first seen or last changed its comm.")
/* clang-format on */
