/* Where MemTotal has gone: every part once, the sum exact, whatever the kernel and the file. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "balance.h"

static void modern(void)
{
	host("x86_64");
	meminfo(MODERN);
	ok(adds_up(1000000));
	ok(!b->note);
	is_i64(part("free"), 300000);
	is_i64(part("file_clean"), 249300);
	is_i64(part("file_dirty"), 700);
	is_i64(part("anon"), 147000);
	is_i64(part("shmem"), 3000);
	is_i64(part("unevictable"), 5000);
	is_i64(part("slab_reclaimable"), 40000);
	is_i64(part("slab_unreclaimable"), 50000);
	is_i64(part("kernel_reclaimable"), 1000);
	is_i64(part("kernel_stack"), 2000);
	is_i64(part("vmalloc"), 18000); /* the stacks lie in it: once */
	is_i64(part("page_tables"), 3000);
	is_i64(part("sec_page_tables"), 4);
	is_i64(part("percpu"), 6000);
	is_i64(part("hugetlb"), 8192); /* not the four pages once more */
	is_i64(part("unaccounted"), 1000000 - 300000 - 250000 - 150000 - 5000 - 90000 - 1000 -
					    20000 - 3000 - 4 - 6000 - 8192);
	ok(part("slab") == INT64_MIN && part("lru") == INT64_MIN && part("file") == INT64_MIN);
	ok(part("pcp") == INT64_MIN && part("balloon") == INT64_MIN); /* nothing tells */
	/* Without swap nothing of a process can go anywhere. */
	is_str(text_of("anon", "reclaim"), "none");
	is_str(text_of("free", "reclaim"), "free");
	is_str(text_of("file_clean", "terms"), "150000 + 100000 - 700 - 0");
	is_str(text_of("unaccounted", "reclaim"), "-"); /* nobody knows */
	is_str(text_of("vmalloc", "source"), "VmallocUsed - KernelStack");
	meminfo(MODERN "SwapFree: 5 kB\n");
	is_str(text_of("anon", "reclaim"), "none"); /* the first line of a name counts */
}

static void stacks(void)
{
	host("ppc64le"); /* no CONFIG_VMAP_STACK: beside vmalloc */
	meminfo(MODERN);
	ok(adds_up(1000000));
	is_i64(part("vmalloc"), 20000);
	is_i64(part("kernel_stack"), 2000);
	host("x86_64");
	/* 5.3 and newer count the stacks in VmallocUsed: where it is less, they are not in it. */
	meminfo("MemTotal: 1000 kB\nMemFree: 1 kB\nActive: 0 kB\nInactive: 0 kB\nSlab: 0 kB\n"
		"KReclaimable: 1 kB\nKernelStack: 100 kB\nVmallocUsed: 50 kB\n");
	ok(adds_up(1000));
	is_i64(part("vmalloc"), 50);
	is_i64(part("kernel_stack"), 100);
}

/* Up to 4.3 VmallocUsed is address space, with drivers' windows on device memory in it: nine
 * gigabytes of a 32 GB machine in one of the trees. From 4.4 to 5.2 it is always 0. */
static void old_vmalloc(void)
{
	static const char old[] =
		"MemTotal: 1000 kB\nMemFree: 600 kB\nActive: 60 kB\nInactive: 40 kB\n"
		"Active(anon): 10 kB\nInactive(anon): 10 kB\nActive(file): 50 kB\n"
		"Inactive(file): 30 kB\nDirty: 5 kB\nSlab: 50 kB\nSReclaimable: 20 kB\n"
		"SUnreclaim: 30 kB\nKernelStack: 10 kB\nVmallocUsed: 9180332 kB\n";
	static const char zero[] =
		"MemTotal: 1000 kB\nMemFree: 1 kB\nActive: 0 kB\nInactive: 0 kB\nSlab: 0 kB\n"
		"KReclaimable: 1 kB\nKernelStack: 16 kB\nVmallocUsed: 0 kB\n";

	host("x86_64");
	meminfo(old);
	ok(adds_up(1000));
	ok(part("vmalloc") == INT64_MIN); /* absent is not 0 */
	is_i64(part("unaccounted"), 1000 - 600 - 100 - 50 - 10);
	is_str(b->note, "the remainder holds what could not be read: /proc/vmallocinfo: not in this tree "
			"(vmalloc)");
	meminfo(zero);
	ok(part("vmalloc") == INT64_MIN);
	tree_file(&t, "/proc/vmallocinfo",
		  "0x0-0x1   20480 alloc_thread_stack_node+0x1/0x2 pages=4 vmalloc N0=4\n"
		  "0x1-0x2   20480 _do_fork+0x1/0x2 pages=4 vmalloc\n"
		  "0x2-0x3  8392704 load_module+0x1/0x2 pages=10 vmalloc N0=10\n"
		  "0x3-0x4  9999360 pci_iomap+0x1/0x2 phys=0xfd000000 ioremap\n"
		  "0x4-0x5  8192 bpf_prog_alloc+0x1/0x2 pages=x vmalloc\ngarbage\n");
	b = tree_table(&t, "balance");
	ok(adds_up(1000));
	is_i64(part("vmalloc"), 40);
	meminfo(old);
	is_i64(part("vmalloc"), 40);
	ok(!b->note);
	gone("/proc/vmallocinfo");
}

/* Kernels that tell less: nothing is counted twice, nothing left out. */
static void ancient(void)
{
	meminfo("MemTotal: 1000 kB\nMemFree: 100 kB\nActive: 300 kB\nInactive: 200 kB\n"
		"Dirty: 50 kB\nSlab: 80 kB\nPageTables: 20 kB\nHugePages_Total: 3\n"
		"Hugepagesize: 4 kB\n");
	ok(adds_up(1000));
	is_i64(part("lru"), 500);
	ok(part("file_dirty") == INT64_MIN && part("file_clean") == INT64_MIN);
	is_i64(part("slab"), 80);
	is_i64(part("hugetlb"), 12);
	is_i64(part("unaccounted"), 1000 - 100 - 500 - 80 - 20 - 12);
	is_str(text_of("lru", "reclaim"), "-");
	is_str(text_of("hugetlb", "terms"), "3 * 4");
	/* Without Dirty the file pages are still there. */
	meminfo("MemTotal: 1000 kB\nMemFree: 100 kB\nActive: 30 kB\nInactive: 20 kB\nSlab: 0 kB\n"
		"Active(anon): 0 kB\nInactive(anon): 0 kB\nActive(file): 30 kB\nInactive(file): 20 kB\n");
	ok(adds_up(1000) && part("file_clean") == INT64_MIN);
	is_i64(part("file"), 50);
	/* What is to be taken off is not told: the rest is not told either. */
	meminfo("MemTotal: 1000 kB\nMemFree: 100 kB\nActive: 30 kB\nInactive: 20 kB\nSlab: 80 kB\n"
		"KReclaimable: 70 kB\n");
	ok(adds_up(1000) && part("kernel_reclaimable") == INT64_MIN);
	is_i64(part("slab"), 80);
	is_i64(part("unaccounted"), 770);
	/* Dirty pages that are on no list at this instant: no part is negative by them. */
	meminfo("MemTotal: 1000 kB\nMemFree: 100 kB\nActive: 30 kB\nInactive: 20 kB\nSlab: 0 kB\n"
		"Active(anon): 0 kB\nInactive(anon): 0 kB\nActive(file): 30 kB\n"
		"Inactive(file): 20 kB\nDirty: 60 kB\n");
	ok(adds_up(1000));
	is_i64(part("file"), 50);
	is_i64(part("unaccounted"), 850);
}

static void zones(uint64_t free, uint64_t managed, uint64_t pcp)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "Node 0, zone   Normal\n  pages free     %" PRIu64 "\n        min      1\n"
		 "        low      2\n        high     3\n        present  9\n"
		 "        managed  %" PRIu64 "\n  pagesets\n"
		 "    cpu: 0\n              count:    %" PRIu64 "\n", free, managed, pcp);
	tree_file(&t, "/proc/zoneinfo", text);
}

static void other_files(void)
{
	host("x86_64");
	tree_file(&t, "/proc/vmstat",
		  "nr_isolated_anon 3\nnr_isolated_file 4\nnr_zspages 5\nnr_memmap_pages 6\n");
	zones(75000, 250000, 20);
	meminfo(MODERN);
	ok(adds_up(1000000) && !b->note);
	is_i64(part("pcp"), 80);
	is_i64(part("isolated"), 28);
	is_i64(part("zsmalloc"), 20);
	is_i64(part("memmap"), 24);
	/* Memory that is brought up lazily: MemTotal has more than the zones. */
	zones(25000, 200000, 20);
	meminfo(MODERN);
	ok(adds_up(1000000));
	ok(b->note && strstr(b->note, "brought up"));
	ok(strstr(text_of("free", "help"), "200000 kB") != NULL);
	is_i64(part("pcp"), 80);
	/* A container's meminfo beside the machine's other files: none of the machine's parts. */
	zones(75000, 4000000, 20);
	meminfo(MODERN);
	ok(adds_up(1000000));
	ok(b->note && strstr(b->note, "container"));
	ok(strstr(text_of("unaccounted", "help"), "16000000 kB") != NULL);
	ok(part("pcp") == INT64_MIN && part("isolated") == INT64_MIN &&
	   part("vmalloc") == INT64_MIN && part("percpu") == INT64_MIN &&
	   part("page_tables") == INT64_MIN);
	is_i64(part("anon"), 147000);
	/* Zones nobody can have say nothing about the file. */
	zones(75000, UINT64_MAX, UINT64_MAX);
	meminfo(MODERN);
	ok(adds_up(1000000) && !b->note && part("pcp") == INT64_MIN);
	tree_file(&t, "/proc/vmstat", "nr_isolated_anon 18446744073709551615\nnr_zspages x\n");
	meminfo(MODERN);
	ok(adds_up(1000000) && part("isolated") == INT64_MIN && part("zsmalloc") == INT64_MIN);
	beside();
}

static void compressed_and_balloons(void)
{
	meminfo(MODERN "Balloon: 500 kB\n");
	ok(part("balloon") == INT64_MIN); /* virtio's is out of MemTotal already */
	mkdir(strcat(strcpy((char[128]){ 0 }, t.dir), "/sys"), 0755);
	tree_file(&t, "/sys/bus/virtio/devices/virtio3/device", "0x0005\n");
	tree_file(&t, "/sys/bus/virtio/devices/virtio3/features", "0001000000000000\n");
	meminfo(MODERN "Balloon: 500 kB\n");
	ok(part("balloon") == INT64_MIN);
	tree_file(&t, "/sys/bus/virtio/devices/virtio3/features", "0011000000000000\n");
	meminfo(MODERN "Balloon: 500 kB\n");
	ok(adds_up(1000000));
	is_i64(part("balloon"), 500); /* one that may be deflated on OOM is not */
	tree_file(&t, "/sys/bus/virtio/devices/virtio3/device", "0x0001\n");
	tree_file(&t, "/sys/module/vmw_balloon/refcnt", "1\n");
	meminfo(MODERN "Balloon: 500 kB\n");
	is_i64(part("balloon"), 500); /* VMware's never is */
	meminfo("MemTotal: 1000 kB\nMemFree: 1 kB\nActive: 0 kB\nInactive: 0 kB\nSlab: 0 kB\nZswap: 7 kB\n");
	ok(part("zswap") == INT64_MIN);
	tree_file(&t, "/sys/module/zswap/parameters/zpool", "zsmalloc\n");
	b = tree_table(&t, "balance");
	ok(part("zswap") == INT64_MIN); /* in nr_zspages */
	tree_file(&t, "/sys/module/zswap/parameters/zpool", "zbud\n");
	b = tree_table(&t, "balance");
	is_i64(part("zswap"), 7);
	ok(adds_up(1000));
}

/* Files that cannot be true are told of; the sum stays exact all the same. */
static void nonsense(void)
{
	meminfo("MemTotal: 400016779264 kB\nMemFree: 1000 kB\nActive: 5 kB\nInactive: 5 kB\nSlab: 5 kB\n");
	ok(adds_up(INT64_C(400016779264)));
	ok(b->note && strstr(b->note, "edited"));
	meminfo("MemTotal: 1000 kB\nMemFree: 900 kB\nActive: 900 kB\nInactive: 5 kB\nSlab: 5 kB\n");
	ok(adds_up(1000) && part("unaccounted") < 0);
	ok(b->note && strstr(b->note, "edited"));
	ok(strstr(text_of("unaccounted", "help"), "negative") != NULL);
	meminfo("MemTotal: 1000 kB\nMemFr");
	ok(b->note && strstr(b->note, "MemFree, Active, Inactive, Slab"));
	ok(adds_up(1000));
	meminfo("MemTotal: 1000 kB\nMemFree: 18446744073709551615 kB\nActive: 9007199254740992 kB\n"
		"Inactive: 0 kB\nSlab: 0 kB\n");
	ok(adds_up(1000));
	ok(b->note && strstr(b->note, "MemFree, Active"));
	meminfo("MemTotal: 18446744073709551615 kB\nMemFree: 5 kB\n");
	ok(b->error == -EBADMSG && !b->nrows);
	is_str(b->absence.reason, "/proc/meminfo: MemTotal is not in it, or no size memory can have");
	meminfo("MemFree: 5 kB\n");
	ok(b->error == -EBADMSG);
	meminfo("MemTotal: 0 kB\nMemFree: 0 kB\nActive: 0 kB\nInactive: 0 kB\nSlab: 0 kB\n");
	ok(adds_up(0) && !strcmp(text_of("free", "item"), "free"));
	is_cell_absent(b, 0, "share"); /* no share of nothing */
}

int main(void)
{
	tree_new(&t);
	host("x86_64");
	if (!tree_table(&t, "meminfo")) {
		tap_skip("trees need openat2(), Linux 5.6");
		return tap_done();
	}
	beside();
	modern();
	stacks();
	old_vmalloc();
	ancient();
	other_files();
	compressed_and_balloons();
	nonsense();
	tree_free(&t);
	return tap_done();
}
