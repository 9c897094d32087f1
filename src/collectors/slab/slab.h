/* The table slab, and the parser of /proc/slabinfo. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"

/* The costly reads: files of each cache, and the links that merged caches have. */
enum { NEEDS_SYSFS = 1, NEEDS_LINKS = 2 };

/* clang-format off */
#define SLAB_COLUMNS(C, R) \
	C(cache,          "CACHE",    STR, KEY,     NONE,    FIRST,  0, "name", "Name of the cache; of caches the kernel merged, the first one's.") \
	C(active_objs,    "ACTIVE",   U64, GAUGE,   COUNT,   MORE,   0, "active_objs", "Objects in use, and those that each CPU keeps ready for itself: SLUB counts all objects of the CPUs' own slabs, and since 6.18 those in their sheaves, as used. Column idle_objs has a bound for them.") \
	C(total_objs,     "OBJS",     U64, GAUGE,   COUNT,   MAIN,   0, "num_objs", "Objects there is room for in the cache's slabs.") \
	C(obj_size,       "OBJSIZE",  U64, LABEL,   BYTES,   MAIN,   0, "objsize", "Size of one object with alignment and debugging data.") \
	C(objs_per_slab,  "OBJ/SLAB", U64, LABEL,   COUNT,   LAST,   0, "objperslab", "Objects in one slab.") \
	C(pages_per_slab, "PG/SLAB",  U64, LABEL,   COUNT,   LAST,   0, "pagesperslab", "Pages in one slab.") \
	C(slabs,          "SLABS",    U64, GAUGE,   COUNT,   MORE,   0, "num_slabs", "Slabs the cache has.") \
	C(size,           "SIZE",     U64, DERIVED, BYTES,   FIRST,  0, "slabs * pages_per_slab * page size", "Memory the cache takes.") \
	C(used,           "USED",     U64, DERIVED, BYTES,   MAIN,   0, "active_objs * obj_size", "Memory in objects that are in use.") \
	C(waste,          "WASTE",    U64, DERIVED, BYTES,   MAIN,   0, "size - used", "Memory the cache takes and does not use: free objects and what is left over in each slab.") \
	C(utilization,    "MEMUSE%",  F64, DERIVED, PERCENT, MAIN,   0, "used / size", "Share of the cache's memory that is in objects in use. It is an upper bound, because objects that the CPUs keep ready count as used; least_utilization is the lower one.") \
	C(object_use,     "OBJUSE%",  F64, DERIVED, PERCENT, MORE,   0, "active_objs / total_objs", "Share of the objects that are in use, as slabtop has it in USE. What is left over in each slab is not in it.") \
	R(growth,         "GROWTH",   I64, GROWTH,  BYTES,   MAIN,   size, "Change of size since the previous sample (needs -d, or the screen).") \
	R(growth_rate,    "GROWTH/S", F64, RATE,    BYTES,   HIDDEN, size, "Change of size per second.") \
	R(objs_rate,      "ACTIVE/S", F64, RATE,    COUNT,   HIDDEN, active_objs, "Change of the objects in use per second.") \
	C(aliases,        "ALIASES",  STR, LABEL,   NONE,    HIDDEN, NEEDS_LINKS, "/sys/kernel/slab: links to the same cache", "Other caches the kernel merged into this one, since their objects are alike.") \
	C(nodes,          "NODES",    STR, GAUGE,   NONE,    HIDDEN, NEEDS_SYSFS, "/sys/kernel/slab/CACHE/slabs", "Slabs on each NUMA node.") \
	C(object_size,    "PAYLOAD",  U64, LABEL,   BYTES,   HIDDEN, NEEDS_SYSFS, "/sys/kernel/slab/CACHE/object_size", "Size of the object itself, without alignment and debugging data.") \
	C(idle_objs,      "IDLE<=",   U64, DERIVED, COUNT,   HIDDEN, NEEDS_SYSFS, "/sys/kernel/slab/CACHE: cpu_slabs * objs_per_slab + sheaf_capacity * (2 * CPUs + 10 * nodes)", "Objects that count as in use, but at most so many of them may lie ready with the CPUs and nodes. Kernels up to 6.17 keep them in slabs of each CPU; newer ones in sheaves, two of each CPU and ten of each node, and then cpu_slabs is 0 or near it.") \
	C(least_utilization, "MEMUSE%>=", F64, DERIVED, PERCENT, HIDDEN, NEEDS_SYSFS, "(used - idle_objs * obj_size) / size", "Share of the cache's memory in objects that are in use for certain.") \
	C(partial,        "PARTIAL",  U64, GAUGE,   COUNT,   HIDDEN, NEEDS_SYSFS, "/sys/kernel/slab/CACHE/partial", "Slabs on the nodes' partial lists: neither full nor empty nor a CPU's own.") \
	C(holds,          "HOLDS",    STR, LABEL,   NONE,    HIDDEN, NEEDS_LINKS, "mmlens, by the name and the aliases", "What the cache holds, in words; of caches the kernel merged, what all of them hold. Absent where the name says nothing.") \
	C(active_slabs,   "ACTSLABS", U64, GAUGE,   COUNT,   HIDDEN, 0, "active_slabs", "Slabs with objects in use. SLUB counts all slabs.") \
	C(order,          "ORDER",    U64, LABEL,   COUNT,   HIDDEN, 0, "log2(pagesperslab)", "Order of a slab: it is a block of 2^order pages.") \
	C(left_over,      "LEFT",     U64, DERIVED, BYTES,   HIDDEN, 0, "pagesperslab * page size - objperslab * objsize", "What is left over in each slab behind its objects. SLAB colours with it: the first object begins at another place in each slab. SLUB does not.") \
	C(limit,          "LIMIT",    U64, LABEL,   COUNT,   HIDDEN, 0, "limit", "Objects that each CPU keeps ready at most (SLAB only; removed in Linux 6.8).") \
	C(batch,          "BATCH",    U64, LABEL,   COUNT,   HIDDEN, 0, "batchcount", "Objects that a CPU takes from the slabs, or gives back, at once (SLAB only).") \
	C(shared,         "SHARED",   U64, LABEL,   COUNT,   HIDDEN, 0, "sharedfactor", "How many times batch the CPUs of a node keep in common (SLAB only).") \
	C(align,          "ALIGN",    U64, LABEL,   BYTES,   HIDDEN, NEEDS_SYSFS, "/sys/kernel/slab/CACHE/align", "Objects begin at multiples of this.") \
	C(hwcache_align,  "HWALIGN",  BOOL, LABEL,  NONE,    HIDDEN, NEEDS_SYSFS, "/sys/kernel/slab/CACHE/hwcache_align", "Whether objects are aligned so that they share no line of the processor's cache.") \
	C(cpu_partial,    "CPUPART",  U64, LABEL,   COUNT,   HIDDEN, NEEDS_SYSFS, "/sys/kernel/slab/CACHE/cpu_partial", "Objects that each CPU may keep in partly used slabs of its own; 0 means that it keeps none. Sheaves do that work since Linux 7.0, and the file says 0 or is gone.") \
	C(min_partial,    "MINPART",  U64, LABEL,   COUNT,   HIDDEN, NEEDS_SYSFS, "/sys/kernel/slab/CACHE/min_partial", "Slabs that each node keeps on its partial list even when they are empty.") \
	C(cpu_slabs,      "CPUSLABS", U64, GAUGE,   COUNT,   HIDDEN, NEEDS_SYSFS, "/sys/kernel/slab/CACHE/cpu_slabs", "Slabs that belong to the CPUs at this moment. Kernels with sheaves (since 6.18) say 0 or near it, which means nothing.") \
	C(debug,          "DEBUG",    STR, LABEL,   NONE,    HIDDEN, NEEDS_SYSFS, "/sys/kernel/slab/CACHE: sanity_checks red_zone poison store_user trace", "What SLUB checks of the cache's objects (slab_debug at boot), or none. It takes memory in each object, and time.") \
	C(kfence,         "KFENCE",   BOOL, LABEL,  NONE,    HIDDEN, NEEDS_SYSFS, "/sys/module/kfence/parameters/sample_interval, /sys/kernel/slab/CACHE/skip_kfence", "Whether KFENCE takes samples of the cache's objects, each into a page of its own, to find misuse.") \
	C(kasan,          "KASAN",    BOOL, LABEL,  NONE,    HIDDEN, NEEDS_SYSFS, "/boot/config-RELEASE: CONFIG_KASAN_GENERIC, CONFIG_KASAN_SW_TAGS", "Whether the kernel checks each access to memory with KASAN, which makes objects larger and slows it down.")
/* clang-format on */

#define MML_COLUMN_IDS_OF SLAB
#include "../../core/columns.h"

extern const struct mml_collector mml_collector_slab;

struct mml_slab {
	struct mml_span name;
	uint64_t active_objs, total_objs, obj_size, objs_per_slab, pages_per_slab, slabs;
	uint64_t active_slabs;
	uint64_t limit, batch, shared; /* 0: the allocator has no tunables */
};

/* Takes the next cache off TEXT. Returns 1, 0 at the end, or -EINVAL if the line is not one of
 * slabinfo. */
int mml_slabinfo_next(struct mml_span *text, struct mml_slab *ret);

/* Fills the columns of TABLE that need any of NEEDS, from /sys/kernel/slab. */
void mml_slab_sysfs(struct mml_take *take, unsigned needs, struct mml_table *table);
