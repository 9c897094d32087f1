/* What libproc2 reads from meminfo, vmstat and slabinfo, for differential.sh to hold against. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include <libproc2/meminfo.h>
#include <libproc2/slabinfo.h>
#include <libproc2/vmstat.h>

/* KiB, under the kernel's names. */
#define MEMINFO(X)                                                                             \
	X(ACTIVE, "Active") X(ACTIVE_ANON, "Active(anon)") X(ACTIVE_FILE, "Active(file)")     \
	X(ANON, "AnonPages") X(AVAILABLE, "MemAvailable") X(BUFFERS, "Buffers")               \
	X(CACHED, "Cached") X(COMMITTED_AS, "Committed_AS") X(COMMIT_LIMIT, "CommitLimit")    \
	X(DIRECTMAP_4K, "DirectMap4k") X(DIRTY, "Dirty") X(FREE, "MemFree")                   \
	X(INACTIVE, "Inactive") X(INACTIVE_ANON, "Inactive(anon)")                            \
	X(INACTIVE_FILE, "Inactive(file)") X(KERNEL_RECLAIM, "KReclaimable")                  \
	X(KERNEL_STACK, "KernelStack") X(LOCKED, "Mlocked") X(MAPPED, "Mapped")               \
	X(PAGE_TABLES, "PageTables") X(PER_CPU, "Percpu") X(SHARED, "Shmem") X(SLAB, "Slab")  \
	X(SLAB_RECLAIM, "SReclaimable") X(SLAB_UNRECLAIM, "SUnreclaim") X(TOTAL, "MemTotal")  \
	X(UNEVICTABLE, "Unevictable") X(VM_ALLOC_TOTAL, "VmallocTotal")                       \
	X(VM_ALLOC_USED, "VmallocUsed") X(WRITEBACK, "Writeback")

#define VMSTAT(X)                                                                              \
	X(NR_ACTIVE_ANON, nr_active_anon) X(NR_ACTIVE_FILE, nr_active_file)                   \
	X(NR_ANON_PAGES, nr_anon_pages) X(NR_DIRTIED, nr_dirtied) X(NR_FILE_PAGES, nr_file_pages) \
	X(NR_FREE_PAGES, nr_free_pages) X(NR_KERNEL_STACK, nr_kernel_stack)                   \
	X(NR_MAPPED, nr_mapped) X(NR_SHMEM, nr_shmem) X(NR_WRITTEN, nr_written)               \
	X(NUMA_HIT, numa_hit) X(NUMA_LOCAL, numa_local) X(PGACTIVATE, pgactivate)             \
	X(PGALLOC_DMA32, pgalloc_dma32) X(PGALLOC_NORMAL, pgalloc_normal) X(PGFAULT, pgfault) \
	X(PGFREE, pgfree) X(PGMAJFAULT, pgmajfault) X(PGPGIN, pgpgin) X(PGPGOUT, pgpgout)     \
	X(PSWPIN, pswpin) X(PSWPOUT, pswpout) X(SLABS_SCANNED, slabs_scanned)                 \
	X(THP_FAULT_ALLOC, thp_fault_alloc)

static int meminfo(void)
{
	struct meminfo_info *info = NULL;

	if (procps_meminfo_new(&info) < 0)
		return 1;
#define X(item, name) \
	printf("meminfo %s %lu\n", name, MEMINFO_GET(info, MEMINFO_MEM_##item, ul_int));
	MEMINFO(X)
#undef X
	return procps_meminfo_unref(&info) != 0;
}

static int vmstat(void)
{
	struct vmstat_info *info = NULL;

	if (procps_vmstat_new(&info) < 0)
		return 1;
#define X(item, name) printf("vmstat %s %lu\n", #name, VMSTAT_GET(info, VMSTAT_##item, ul_int));
	VMSTAT(X)
#undef X
	return procps_vmstat_unref(&info) != 0;
}

static int slabinfo(void)
{
	static enum slabinfo_item items[] = { SLAB_NAME, SLAB_ACTIVE_OBJS, SLAB_NUM_OBJS,
					      SLAB_OBJ_SIZE, SLAB_OBJ_PER_SLAB,
					      SLAB_PAGES_PER_SLAB, SLAB_NUMS_SLABS };
	struct slabinfo_info *info = NULL;
	struct slabinfo_reaped *all;

	if (procps_slabinfo_new(&info) < 0)
		return 1;
	all = procps_slabinfo_reap(info, items, sizeof(items) / sizeof(*items));
	for (int i = 0; all && i < all->total; i++) {
		printf("slab %s", all->stacks[i]->head[0].result.str);
		for (int k = 1; k < 7; k++)
			printf(" %u", all->stacks[i]->head[k].result.u_int);
		putchar('\n');
	}
	procps_slabinfo_unref(&info);
	return !all;
}

int main(void)
{
	return meminfo() | vmstat() | slabinfo();
}
