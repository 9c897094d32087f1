/* The files of a machine, made from its numbers: each test changes one number of a machine that is
 * well. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tree.h"

#define GIB (UINT64_C(1) << 20) /* in KiB, the unit of meminfo */
#define MIB UINT64_C(1024)

enum { MACHINE_NODES = 64 };

struct machine {
	/* KiB. The page cache has what is left. */
	uint64_t total, free, anon, shmem, slab_fixed, slab_reclaimable, tables, stacks, percpu,
		unaccounted, locked, corrupted,
		unmapped; /* on the lists of anonymous memory, and nobody's */
	int64_t available; /* -1: the kernel does not tell */
	uint64_t huge_free, huge_used, huge_reserved, huge_size; /* pages; KiB */
	uint64_t giant_free, giant_used;                         /* pages of 1 GiB */
	bool default_1g;
	uint64_t swap_total, swap_free;
	uint64_t commit_limit, committed;
	const char *more_meminfo, *more_vmstat; /* lines of their own */
	/* Zones: one a node, marks in pages. */
	unsigned nodes;
	uint64_t node_free[MACHINE_NODES]; /* KiB; 0: its share */
	uint64_t min, low, high, boost, free_cma;
	bool no_managed, no_zoneinfo, old_zones, given_up;
	/* Per cent that tasks waited; below 0: not measured. */
	double some, full;
	/* Counters since boot. */
	uint64_t allocstall, scan_kswapd, steal_kswapd, scan_direct, steal_direct, refault, swap_in,
		swap_out, oom_kill, thp_alloc, thp_fallback, compact_stall, compact_fail, pins, unpins;
	uint64_t dirty, writeback, dirty_limit; /* pages */
	const char *buddy, *slab;               /* lines */
	int overcommit;
	uint64_t threads, threads_max, pid_max, max_map_count;
};

/* TOTAL KiB, half of it page cache, a quarter free. */
static inline struct machine machine_well(uint64_t total)
{
	return (struct machine){
		.total = total,
		.free = total / 4 / 4 * 4,
		.anon = total / 8 / 4 * 4,
		.slab_fixed = total / 64 / 4 * 4,
		.slab_reclaimable = total / 32 / 4 * 4,
		.tables = total / 512 / 4 * 4,
		.stacks = total / 1024 / 4 * 4,
		.percpu = total / 1024 / 4 * 4,
		.available = (int64_t)(total / 4 * 3 / 4 * 4),
		.huge_size = 2048,
		.swap_total = total / 8 / 4 * 4,
		.swap_free = total / 8 / 4 * 4,
		.commit_limit = total / 2,
		.committed = total / 4,
		.nodes = 1,
		.min = total / 4 / 1000,
		.low = total / 4 / 1000 * 5 / 4,
		.high = total / 4 / 1000 * 3 / 2,
		.some = 0.1,
		.dirty_limit = total / 4 / 10,
		.overcommit = 0,
		.threads = 300,
		.threads_max = 100000,
		.pid_max = 32768,
		.max_map_count = 1000,
	};
}

static inline uint64_t machine_hugetlb(const struct machine *m)
{
	return (m->huge_free + m->huge_used) * m->huge_size + (m->giant_free + m->giant_used) * GIB;
}

static inline uint64_t machine_file(const struct machine *m)
{
	return m->total - m->free - m->anon - m->shmem - m->slab_fixed - m->slab_reclaimable -
	       m->tables - m->stacks - m->percpu - m->unaccounted - m->locked - m->unmapped -
	       machine_hugetlb(m);
}

static inline void machine_meminfo(struct tree *t, const struct machine *m)
{
	uint64_t file = machine_file(m);
	char text[4096], available[64] = "";

	if (m->available >= 0)
		snprintf(available, sizeof(available), "MemAvailable: %" PRIu64 " kB\n",
			 (uint64_t)m->available);
	snprintf(text, sizeof(text),
		 "MemTotal: %" PRIu64 " kB\nMemFree: %" PRIu64 " kB\n%s"
		 "Buffers: 0 kB\nCached: %" PRIu64 " kB\nSwapCached: 0 kB\n"
		 "Active: %" PRIu64 " kB\nInactive: %" PRIu64 " kB\n"
		 "Active(anon): %" PRIu64 " kB\nInactive(anon): %" PRIu64 " kB\n"
		 "Active(file): %" PRIu64 " kB\nInactive(file): 0 kB\n"
		 "Unevictable: %" PRIu64 " kB\nSwapTotal: %" PRIu64 " kB\nSwapFree: %" PRIu64 " kB\n"
		 "Dirty: 0 kB\nWriteback: 0 kB\nAnonPages: %" PRIu64 " kB\nShmem: %" PRIu64 " kB\n"
		 "KReclaimable: %" PRIu64 " kB\nSlab: %" PRIu64 " kB\nSReclaimable: %" PRIu64 " kB\n"
		 "SUnreclaim: %" PRIu64 " kB\nKernelStack: %" PRIu64 " kB\nPageTables: %" PRIu64 " kB\n"
		 "CommitLimit: %" PRIu64 " kB\nCommitted_AS: %" PRIu64 " kB\nPercpu: %" PRIu64 " kB\n"
		 "HardwareCorrupted: %" PRIu64 " kB\n"
		 "HugePages_Total: %" PRIu64 "\nHugePages_Free: %" PRIu64 "\nHugePages_Rsvd: %" PRIu64 "\n"
		 "Hugepagesize: %" PRIu64 " kB\nHugetlb: %" PRIu64 " kB\n%s",
		 m->total, m->free, available, file + m->shmem, file + m->anon + m->unmapped, m->shmem,
		 m->anon + m->unmapped, m->shmem, file, m->locked, m->swap_total, m->swap_free, m->anon + m->locked, m->shmem,
		 m->slab_reclaimable, m->slab_fixed + m->slab_reclaimable, m->slab_reclaimable,
		 m->slab_fixed, m->stacks, m->tables, m->commit_limit, m->committed, m->percpu,
		 m->corrupted, m->default_1g ? m->giant_free + m->giant_used : m->huge_free + m->huge_used,
		 m->default_1g ? m->giant_free : m->huge_free, m->default_1g ? 0 : m->huge_reserved,
		 m->default_1g ? GIB : m->huge_size, machine_hugetlb(m),
		 m->more_meminfo ? m->more_meminfo : "");
	tree_file(t, "/proc/meminfo", text);
}

static inline void machine_zones(struct tree *t, const struct machine *m)
{
	static char text[MACHINE_NODES * 512];
	size_t n = 0;

	if (m->no_zoneinfo) {
		tree_file(t, "/proc/zoneinfo", "");
		return;
	}
	for (unsigned i = 0; i < m->nodes; i++) {
		uint64_t free = m->node_free[i] ? m->node_free[i] : m->free / m->nodes;
		char managed[64] = "", boost[64] = "", end[64] = "";

		if (!m->no_managed)
			snprintf(managed, sizeof(managed), "        managed  %" PRIu64 "\n",
				 m->total / m->nodes / 4);
		if (m->boost)
			snprintf(boost, sizeof(boost), "        boost    %" PRIu64 "\n", m->boost);
		if (!m->old_zones)
			snprintf(end, sizeof(end), "  node_unreclaimable:  %d\n", m->given_up);
		n += (size_t)snprintf(
			text + n, sizeof(text) - n,
			"Node %u, zone   Normal\n%s  pages free     %" PRIu64 "\n%s        min      %" PRIu64
			"\n        low      %" PRIu64 "\n        high     %" PRIu64
			"\n        spanned  %" PRIu64 "\n        present  %" PRIu64
			"\n%s        protection: (0, 0)\n      nr_free_cma  %" PRIu64 "\n%s",
			i, m->old_zones ? "" : "  per-node stats\n", free / 4, boost, m->min, m->low,
			m->high, m->total / m->nodes / 4, m->total / m->nodes / 4, managed, m->free_cma,
			end);
	}
	tree_file(t, "/proc/zoneinfo", text);
}

static inline void machine_vmstat(struct tree *t, const struct machine *m)
{
	char text[2048];

	snprintf(text, sizeof(text),
		 "nr_free_pages %" PRIu64 "\nallocstall_normal %" PRIu64 "\nallocstall_movable 0\n"
		 "pgscan_kswapd %" PRIu64 "\npgsteal_kswapd %" PRIu64 "\npgscan_direct %" PRIu64 "\n"
		 "pgscan_direct_throttle 0\npgsteal_direct %" PRIu64 "\nworkingset_refault_anon 0\n"
		 "workingset_refault_file %" PRIu64 "\npswpin %" PRIu64 "\npswpout %" PRIu64 "\n"
		 "oom_kill %" PRIu64 "\nthp_fault_alloc %" PRIu64 "\nthp_fault_fallback %" PRIu64 "\n"
		 "compact_stall %" PRIu64 "\ncompact_fail %" PRIu64 "\n"
		 "nr_foll_pin_acquired %" PRIu64 "\nnr_foll_pin_released %" PRIu64 "\n"
		 "nr_dirty %" PRIu64 "\nnr_writeback %" PRIu64 "\nnr_dirty_threshold %" PRIu64 "\n%s",
		 m->free / 4, m->allocstall, m->scan_kswapd, m->steal_kswapd, m->scan_direct,
		 m->steal_direct, m->refault, m->swap_in, m->swap_out, m->oom_kill, m->thp_alloc,
		 m->thp_fallback, m->compact_stall, m->compact_fail, m->pins, m->unpins, m->dirty,
		 m->writeback, m->dirty_limit, m->more_vmstat ? m->more_vmstat : "");
	tree_file(t, "/proc/vmstat", text);
}

static inline void machine_pool(struct tree *t, uint64_t size, uint64_t total, uint64_t free,
				uint64_t reserved)
{
	const struct {
		const char *name;
		uint64_t value;
	} files[] = {
		{ "nr_hugepages", total },   { "free_hugepages", free },
		{ "resv_hugepages", reserved }, { "surplus_hugepages", 0 },
		{ "nr_overcommit_hugepages", 0 },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		char path[128], text[32];

		snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/%s",
			 size, files[i].name);
		snprintf(text, sizeof(text), "%" PRIu64 "\n", files[i].value);
		tree_file(t, path, text);
	}
}

static inline void machine_pressure(struct tree *t, const struct machine *m)
{
	char text[256] = "";

	if (m->some >= 0)
		snprintf(text, sizeof(text),
			 "some avg10=%.2f avg60=0.00 avg300=0.00 total=1\n"
			 "full avg10=%.2f avg60=0.00 avg300=0.00 total=1\n",
			 m->some, m->full);
	tree_file(t, "/proc/pressure/memory", text);
}

static inline void machine_number(struct tree *t, const char *path, uint64_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64 "\n", n);
	tree_file(t, path, text);
}

/* All files of M. */
static inline void machine_write(struct tree *t, const struct machine *m)
{
	char text[256];

	tree_file(t, "/mmlens/host", "page_size=4096\nmachine=x86_64\n");
	machine_meminfo(t, m);
	machine_zones(t, m);
	machine_vmstat(t, m);
	machine_pressure(t, m);
	machine_pool(t, m->huge_size, m->huge_free + m->huge_used, m->huge_free, m->huge_reserved);
	machine_pool(t, GIB, m->giant_free + m->giant_used, m->giant_free, 0);
	tree_file(t, "/proc/buddyinfo",
		  m->buddy ? m->buddy : "Node 0, zone Normal 100 100 0 0 0 0 0 0 0 1000 10\n");
	snprintf(text, sizeof(text), "slabinfo - version: 2.1\n# name\n%s",
		 m->slab ? m->slab :
			   "kmalloc-64 64 64 64 64 1 : tunables 0 0 0 : slabdata 1 1 0\n");
	tree_file(t, "/proc/slabinfo", text);
	snprintf(text, sizeof(text),
		 "Filename Type Size Used Priority\n/dev/sda2 partition %" PRIu64 " %" PRIu64 " -2\n",
		 m->swap_total, m->swap_total - m->swap_free);
	tree_file(t, "/proc/swaps", text);
	snprintf(text, sizeof(text), "0.10 0.10 0.10 1/%" PRIu64 " 4242\n", m->threads);
	tree_file(t, "/proc/loadavg", text);
	machine_number(t, "/proc/sys/vm/overcommit_memory", (uint64_t)m->overcommit);
	machine_number(t, "/proc/sys/kernel/threads-max", m->threads_max);
	machine_number(t, "/proc/sys/kernel/pid_max", m->pid_max);
	machine_number(t, "/proc/sys/vm/max_map_count", m->max_map_count);
}
