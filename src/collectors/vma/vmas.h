/* The table `vmas`: its columns, and the parts that fill it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/intern.h"
#include "../../core/snapshot.h"
#include "../numa/numa.h"
#include "kind.h"
#include "maps.h"
#include "mm.h"

enum {
	NEEDS_SMAPS = 1, /* smaps instead of maps, for which the kernel walks every page table */
	NEEDS_NUMA = 2,  /* numa_maps, for which it walks them, too */
	NEEDS_WORDS = 4, /* the flags in full words */
	NEEDS_BITS = 16, /* the flags as a number */
	NEEDS_REMOTE = 8, /* which node each CPU is on, and which CPUs the process may run on */
};

/* clang-format off */
#define VMAS_COLUMNS(C, R) \
	C(pid,              "PID",       U64,  KEY,     NONE,  MAIN,   0, "/proc/PID", "The process.") \
	C(started,          "STARTED",   U64,  KEY,     NONE,  HIDDEN, 0, "stat: starttime", "When the process began, in clock ticks since boot: tells two that had the same pid apart.") \
	C(start,            "START",     ADDR, KEY,     NONE,  FIRST,  0, "maps: address", "First address of the mapping.") \
	C(end,              "END",       ADDR, LABEL,   NONE,  MORE,   0, "maps: address", "First address behind the mapping.") \
	C(mappings,         "MAPS",      U64,  DERIVED, COUNT, HIDDEN, 0, "number of mappings", "Mappings the row stands for: more than one under --by name.") \
	C(processes,        "PROCS",     U64,  DERIVED, COUNT, HIDDEN, 0, "number of processes", "Processes the row's mappings are in: more than one only under --by name.") \
	C(size,             "SIZE",      U64,  GAUGE,   BYTES, FIRST,  0, "end - start", "Address space the mapping takes.") \
	C(perms,            "PERM",      STR,  LABEL,   NONE,  MAIN,   0, "maps: perms", "Read, write, execute; s: shared, p: private (copied on write).") \
	C(offset,           "OFFSET",    ADDR, LABEL,   NONE,  HIDDEN, 0, "maps: offset", "Where in the file the mapping begins.") \
	C(dev,              "DEV",       STR,  LABEL,   NONE,  HIDDEN, 0, "maps: dev", "Device of the file, major:minor in hexadecimal.") \
	C(inode,            "INODE",     U64,  LABEL,   NONE,  HIDDEN, 0, "maps: inode", "Inode of the file; absent where there is no file.") \
	C(kind,             "KIND",      STR,  LABEL,   NONE,  MAIN,   0, "from name, perms and the file system", "text (code of a file), data (private writable file), file, heap, stack, anon, reserve (private, no access), shmem (shared anonymous, memfd, tmpfs), secretmem (memfd_secret: taken out of the kernel's own map), hugetlb, device, vdso, vvar, vsyscall, special.") \
	C(rss,              "RSS",       U64,  GAUGE,   BYTES, MAIN,   NEEDS_SMAPS, "Rss", "Resident: pages of the mapping that are in memory, without hugetlb.") \
	C(pss,              "PSS",       U64,  GAUGE,   BYTES, MAIN,   NEEDS_SMAPS, "Pss", "Proportional: each page divided by the number of processes that map it.") \
	C(uss,              "USS",       U64,  DERIVED, BYTES, MORE,   NEEDS_SMAPS, "Private_Clean + Private_Dirty", "Unique: pages no other process maps. If the process ended, the anonymous ones would come free; those of files would stay in the page cache.") \
	C(shared,           "SHARED",    U64,  DERIVED, BYTES, MORE,   NEEDS_SMAPS, "Shared_Clean + Shared_Dirty", "Pages other processes, or other mappings, map too.") \
	C(dirty,            "DIRTY",     U64,  DERIVED, BYTES, HIDDEN, NEEDS_SMAPS, "Shared_Dirty + Private_Dirty", "Resident pages that were changed, as pmap -x has them.") \
	C(anonymous,        "ANON",      U64,  GAUGE,   BYTES, MORE,   NEEDS_SMAPS, "Anonymous", "Resident pages that belong to no file, copies of a file's included.") \
	C(swap,             "SWAP",      U64,  GAUGE,   BYTES, MORE,   NEEDS_SMAPS, "Swap", "Memory of the mapping that is in swap: anonymous memory, and of shared memory whatever of the mapped part is swapped, also by others.") \
	C(pss_dirty,        "PSSDIRTY",  U64,  GAUGE,   BYTES, HIDDEN, NEEDS_SMAPS, "Pss_Dirty", "The dirty part of pss (Linux 6.1).") \
	C(shared_clean,     "SHCLEAN",   U64,  GAUGE,   BYTES, HIDDEN, NEEDS_SMAPS, "Shared_Clean", "Pages mapped more than once and not changed since they came from their file.") \
	C(shared_dirty,     "SHDIRTY",   U64,  GAUGE,   BYTES, HIDDEN, NEEDS_SMAPS, "Shared_Dirty", "Pages mapped more than once and changed.") \
	C(private_clean,    "PRCLEAN",   U64,  GAUGE,   BYTES, HIDDEN, NEEDS_SMAPS, "Private_Clean", "Pages mapped here only and not changed.") \
	C(private_dirty,    "PRDIRTY",   U64,  GAUGE,   BYTES, HIDDEN, NEEDS_SMAPS, "Private_Dirty", "Pages mapped here only and changed.") \
	C(referenced,       "REFD",      U64,  GAUGE,   BYTES, HIDDEN, NEEDS_SMAPS, "Referenced", "Pages marked as accessed.") \
	C(ksm,              "KSM",       U64,  GAUGE,   BYTES, HIDDEN, NEEDS_SMAPS, "KSM", "Pages that same-page merging shares (Linux 6.6).") \
	C(lazy_free,        "LAZYFREE",  U64,  GAUGE,   BYTES, HIDDEN, NEEDS_SMAPS, "LazyFree", "Pages given back by MADV_FREE that the kernel has not taken yet.") \
	C(anon_huge_pages,  "ANONHUGE",  U64,  GAUGE,   BYTES, HIDDEN, NEEDS_SMAPS, "AnonHugePages", "Anonymous memory in transparent huge pages mapped as such.") \
	C(shmem_pmd_mapped, "SHMEMPMD",  U64,  GAUGE,   BYTES, HIDDEN, NEEDS_SMAPS, "ShmemPmdMapped", "Shared memory in transparent huge pages mapped as such.") \
	C(file_pmd_mapped,  "FILEPMD",   U64,  GAUGE,   BYTES, HIDDEN, NEEDS_SMAPS, "FilePmdMapped", "Page cache in transparent huge pages mapped as such.") \
	C(shared_hugetlb,   "SHHTLB",    U64,  GAUGE,   BYTES, HIDDEN, NEEDS_SMAPS, "Shared_Hugetlb", "hugetlb pages mapped more than once; in no other column.") \
	C(private_hugetlb,  "PRHTLB",    U64,  GAUGE,   BYTES, HIDDEN, NEEDS_SMAPS, "Private_Hugetlb", "hugetlb pages mapped here only; in no other column.") \
	C(swap_pss,         "SWAPPSS",   U64,  GAUGE,   BYTES, HIDDEN, NEEDS_SMAPS, "SwapPss", "Anonymous memory of the mapping that is in swap, with each page divided by the number of processes that have it. Unlike swap it does not count shared memory.") \
	C(locked,           "LOCKED",    U64,  GAUGE,   BYTES, HIDDEN, NEEDS_SMAPS, "Locked", "Proportional share that mlock() keeps in memory.") \
	C(kernel_page_size, "KPAGE",     U64,  LABEL,   BYTES, HIDDEN, NEEDS_SMAPS, "KernelPageSize", "Page size the kernel keeps the mapping in.") \
	C(mmu_page_size,    "MMUPAGE",   U64,  LABEL,   BYTES, HIDDEN, NEEDS_SMAPS, "MMUPageSize", "Page size the processor maps it with.") \
	C(thp_eligible,     "THP?",      BOOL, LABEL,   NONE,  HIDDEN, NEEDS_SMAPS, "THPeligible", "Whether the mapping may get transparent huge pages.") \
	C(protection_key,   "PKEY",      U64,  LABEL,   NONE,  HIDDEN, NEEDS_SMAPS, "ProtectionKey", "Memory protection key, where the processor has them.") \
	C(vm_flags,         "VMFLAGS",   STR,  LABEL,   NONE,  HIDDEN, NEEDS_SMAPS, "VmFlags", "Flags of the mapping, as the kernel abbreviates them.") \
	C(vm_flags_bits,    "VMFLAGS#",  ADDR, LABEL,   NONE,  HIDDEN, NEEDS_SMAPS | NEEDS_BITS, "VmFlags, bits 0 to 31 of vm_flags", "Flags of the mapping as a number, as the kernel has them: those of bits 0 to 31, which mean the same in all kernels. Absent where one is of no known meaning.") \
	C(flags,            "FLAGS",     STR,  LABEL,   NONE,  HIDDEN, NEEDS_SMAPS | NEEDS_WORDS, "VmFlags, decoded", "Flags of the mapping in words.") \
	C(policy,           "POLICY",    STR,  LABEL,   NONE,  HIDDEN, NEEDS_NUMA, "numa_maps: policy", "NUMA policy of the mapping.") \
	C(nodes,            "NODES",     STR,  GAUGE,   NONE,  HIDDEN, NEEDS_NUMA, "numa_maps: N<node>", "Bytes of the mapping on each NUMA node; empty when it has no pages.") \
	C(remote,           "REMOTE",    U64,  DERIVED, BYTES, HIDDEN, NEEDS_NUMA | NEEDS_REMOTE, "nodes, but those of the CPUs in status Cpus_allowed_list", "Bytes of the mapping on nodes without a CPU the process may run on.") \
	C(remote_share,     "REMOTE%",   F64,  DERIVED, PERCENT, HIDDEN, NEEDS_NUMA | NEEDS_REMOTE, "remote / all of nodes", "Share of the mapping that is remote to every CPU the process may run on.") \
	C(numa_page_size,   "NPAGE",     U64,  LABEL,   BYTES, HIDDEN, NEEDS_NUMA, "numa_maps: kernelpagesize_kB", "Page size numa_maps counts in.") \
	C(numa_anon,        "NANON",     U64,  GAUGE,   BYTES, HIDDEN, NEEDS_NUMA, "numa_maps: anon", "Resident anonymous pages, swap cache included.") \
	C(numa_dirty,       "NDIRTY",    U64,  GAUGE,   BYTES, HIDDEN, NEEDS_NUMA, "numa_maps: dirty", "Dirty pages.") \
	C(numa_mapped,      "NMAPPED",   U64,  GAUGE,   BYTES, HIDDEN, NEEDS_NUMA, "numa_maps: mapped, else the sum of N<node>", "Mapped pages. The kernel leaves the number out where it is the same as numa_anon or numa_dirty; then it is the sum over the nodes.") \
	C(numa_map_max,     "MAPMAX",    U64,  GAUGE,   COUNT, HIDDEN, NEEDS_NUMA, "numa_maps: mapmax", "How often the page of the mapping that is mapped most often is mapped: 1 where the kernel leaves the number out, 0 where the mapping has no pages.") \
	C(numa_swap_cache,  "NSWPCACHE", U64,  GAUGE,   BYTES, HIDDEN, NEEDS_NUMA, "numa_maps: swapcache", "Pages that have a copy in swap.") \
	C(numa_active,      "NACTIVE",   U64,  GAUGE,   BYTES, HIDDEN, NEEDS_NUMA, "numa_maps: active, else mapped", "Pages on the active lists. The kernel leaves the number out where all pages are; then it is numa_mapped. Absent for hugetlb, whose pages are on no list.") \
	C(numa_writeback,   "NWBACK",    U64,  GAUGE,   BYTES, HIDDEN, NEEDS_NUMA, "numa_maps: writeback", "Pages that are being written out.") \
	R(growth,           "GROWTH",    I64,  GROWTH,  BYTES, HIDDEN, rss, "Change of rss since the previous sample (needs -d, or the screen).") \
	R(pss_growth,       "PSSGROWTH", I64,  GROWTH,  BYTES, HIDDEN, pss, "Change of pss since the previous sample.") \
	R(size_growth,      "SIZEGROWTH", I64, GROWTH,  BYTES, HIDDEN, size, "Change of size since the previous sample.") \
	C(holds,            "HOLDS",     STR,  LABEL,   NONE,  LAST,   0, "stat: startcode endcode start_data end_data start_brk startstack arg_start env_start", "What the process keeps in it: code and data of its program, the break (brk), its stack, arguments (args) and environment (env).") \
	C(deleted,          "DELETED",   BOOL, LABEL,   NONE,  HIDDEN, 0, "maps: pathname ends in (deleted)", "Whether the file has been removed, or has a name that ends as the kernel marks it; absent for what never was a file with a name.") \
	C(name,             "NAME",      STR,  KEY,     NONE,  FIRST,  0, "maps: pathname, PROCMAP_QUERY", "File, or what else it is: [heap], [stack], [anon:NAME], /memfd:NAME; none: private anonymous memory.")
/* clang-format on */

#define MML_COLUMN_IDS_OF VMAS
#include "../../core/columns.h"

/* What is needed while the mappings of a process go into the table. */
struct vmas {
	struct mml_take *take;
	const struct mml_query *query;
	struct mml_table *table;
	struct mml_intern strings;
	const struct mml_mm *mm;
	const struct mml_cpu_nodes *cpus; /* NULL: not asked for, or not known */
	struct mml_node_set allowed;      /* nodes of the CPUs that the process may run on, ... */
	bool allowed_known;               /* ... if that is known */
	struct mml_mounts mounts;
	size_t first;             /* the process's first row */
	unsigned order[64];       /* the column of line i of a mapping in smaps; see smaps.c */
	struct mml_span keys[64]; /* the key of that line */
	char key_text[64][24];
	size_t norder;
	/* The strings met last, and what follows from them. Neighbours share them. */
	const char *last_perms, *last_name, *last_dev, *last_flags;
	bool last_hugetlb, last_file, last_deleted, last_escaped;
	bool escaped;                         /* a name of the process may have an escaped newline in it */
	uint64_t seen[MML_MAX_COLUMNS / 64]; /* columns that any mapping has */
};

/* Sets the row's name, and what NAME tells about the file. */
void mml_vmas_set_name(struct vmas *v, struct mml_row *row, struct mml_span name);

/* Lists the mappings of MM, read from maps, as rows of the table vmas without its costly columns.
 * Returns 0, or -errno with RET_WHY failed. */
int mml_vmas_list(struct mml_take *take, const struct mml_mm *mm, struct mml_table *ret_why,
		  struct mml_table **ret);

/* Reads smaps or maps of the process, with a row for each mapping. Returns 0 or -errno, which is
 * -ESRCH if the process has ended. */
int mml_vmas_read(struct vmas *v, const char *path);

/* Adds numa_maps to the rows of the process. Returns 0 or -errno. */
int mml_vmas_numa(struct vmas *v, const char *path);

/* A name with an escaped newline cannot be told from one with a backslash. This corrects such names
 * by asking the kernel (PROCMAP_QUERY, Linux 6.11) or the capture. */
void mml_vmas_names(struct vmas *v);

/* Merges all rows of TABLE by name. Returns 0 or -ENOMEM. */
int mml_vmas_merge(struct mml_table *table, struct mml_intern *strings);
