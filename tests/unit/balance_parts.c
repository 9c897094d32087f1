/* The balance's parts that depend on other files than meminfo, or on what else meminfo says: each
 * where it just applies and where it just does not. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "balance.h"

/* 1,024,000 kB, so that the 64th that is tolerated in some places is 16,000 kB. */
#define SMALL                                                                                  \
	"MemTotal: 1024000 kB\nMemFree: 600000 kB\nActive: 200000 kB\nInactive: 100000 kB\n"   \
	"Unevictable: 0 kB\nMlocked: 0 kB\nSlab: 50000 kB\nSReclaimable: 20000 kB\n"           \
	"SUnreclaim: 30000 kB\nKReclaimable: 20000 kB\nHugetlb: 0 kB\nVmallocUsed: 30000 kB\n" \
	"KernelStack: 10000 kB\n"
#define LRU                                                                           \
	"Active(anon): 80000 kB\nInactive(anon): 20000 kB\nActive(file): 120000 kB\n" \
	"Inactive(file): 80000 kB\n"
#define FILES LRU "Dirty: 100 kB\nWriteback: 0 kB\n"

/* What is being written cannot be dropped at once. */
static void writing(void)
{
	meminfo(SMALL LRU "Dirty: 1000 kB\nWriteback: 2000 kB\nNFS_Unstable: 400 kB\n");
	ok(adds_up(1024000) && !b->note);
	is_i64(part("file_clean"), 200000 - 3400);
	is_i64(part("file_dirty"), 3400);
	is_str(text_of("file_clean", "terms"), "120000 + 80000 - 1000 - 2000 - 400");
	is_str(text_of("file_dirty", "terms"), "1000 + 2000 + 400");
	meminfo(SMALL LRU "Dirty: 1000 kB\nWriteback: 2000 kB\n");
	is_i64(part("file_dirty"), 3000);
	is_i64(cell_of("file_dirty", "reclaimable"), 3000);
	/* As much as there is, and more: anonymous pages on their way to swap are among them. */
	meminfo(SMALL LRU "Dirty: 100000 kB\nWriteback: 99000 kB\nNFS_Unstable: 1000 kB\n");
	is_i64(part("file_clean"), 0);
	meminfo(SMALL LRU "Dirty: 100000 kB\nWriteback: 99000 kB\nNFS_Unstable: 1004 kB\n");
	ok(adds_up(1024000) && part("file_clean") == INT64_MIN && part("file_dirty") == INT64_MIN);
	is_i64(part("file"), 200000);
	meminfo(SMALL LRU "Dirty: 1000 kB\n"); /* how much is being written is not told */
	is_i64(part("file"), 200000);
	meminfo(SMALL FILES "WritebackTmp: 700 kB\nHardwareCorrupted: 8 kB\n");
	is_i64(part("writeback_tmp"), 700);
	is_i64(part("hardware_corrupted"), 8);
	ok(adds_up(1024000));
}

static void shared(void)
{
	meminfo(SMALL FILES "Shmem: 30000 kB\nAnonPages: 70000 kB\n");
	ok(adds_up(1024000));
	is_i64(part("anon"), 70000);
	is_i64(part("shmem"), 30000);
	/* Segments locked with SHM_LOCK are in Shmem and not on these lists: then fewer pages are
	 * left for anonymous memory than are mapped, by more than a 64th of all. */
	meminfo(SMALL FILES "Shmem: 30000 kB\nAnonPages: 86000 kB\n");
	is_i64(part("shmem"), 30000);
	meminfo(SMALL FILES "Shmem: 30000 kB\nAnonPages: 86004 kB\n");
	ok(adds_up(1024000) && part("shmem") == INT64_MIN);
	is_i64(part("anon"), 100000);
	ok(strstr(text_of("anon", "help"), "shared memory that is locked") != NULL);
	/* Anonymous memory that is locked is not on these lists either. */
	meminfo(SMALL "Mlocked: 0 kB\n" FILES "Shmem: 30000 kB\nAnonPages: 96000 kB\n");
	ok(part("shmem") == INT64_MIN);
	meminfo("MemTotal: 1024000 kB\nMlocked: 10000 kB\n" SMALL FILES
		"Shmem: 30000 kB\nAnonPages: 96000 kB\n");
	is_i64(part("shmem"), 30000);
	meminfo(SMALL FILES "Shmem: 100000 kB\n");
	is_i64(part("anon"), 0);
	meminfo(SMALL FILES "Shmem: 100004 kB\n");
	is_i64(part("anon"), 100000);
	meminfo(SMALL FILES); /* before 2.6.32 */
	is_i64(part("anon"), 100000);
	meminfo("MemTotal: 1024000 kB\nMemFree: 600000 kB\nActive: 200000 kB\nInactive: 100000 kB\n"
		"Slab: 5 kB\nShmem: 30000 kB\n");
	ok(adds_up(1024000) && part("shmem") == INT64_MIN && part("anon") == INT64_MIN);
	is_i64(part("lru"), 300000);
}

/* What goes to swap goes there as far as there is room. */
static void swap(void)
{
	meminfo(SMALL FILES "Shmem: 30000 kB\nSwapTotal: 200000 kB\nSwapFree: 100000 kB\n");
	is_str(text_of("anon", "reclaim"), "swap");
	is_i64(cell_of("anon", "reclaimable"), 70000);
	is_i64(cell_of("shmem", "reclaimable"), 30000);
	meminfo(SMALL FILES "Shmem: 30000 kB\nSwapTotal: 200000 kB\nSwapFree: 80000 kB\n");
	is_i64(cell_of("anon", "reclaimable"), 70000);
	is_i64(cell_of("shmem", "reclaimable"), 10000);
	meminfo(SMALL FILES "Shmem: 30000 kB\nSwapTotal: 200000 kB\nSwapFree: 60000 kB\n");
	is_str(text_of("anon", "reclaim"), "swap");
	is_i64(cell_of("anon", "reclaimable"), 60000);
	is_str(text_of("shmem", "reclaim"), "none");
	is_i64(cell_of("shmem", "reclaimable"), 0);
	meminfo(SMALL FILES "Shmem: 30000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n");
	is_str(text_of("anon", "reclaim"), "none");
	is_i64(cell_of("anon", "reclaimable"), 0);
	/* Nobody knows. */
	meminfo(SMALL FILES "Shmem: 30000 kB\n");
	is_str(text_of("anon", "reclaim"), "-");
	ok(cell_of("anon", "reclaimable") == INT64_MIN);
	meminfo(SMALL FILES "Shmem: 30000 kB\nSwapTotal: 100 kB\nSwapFree: 101 kB\n");
	is_str(text_of("shmem", "reclaim"), "-");
	ok(cell_of("unaccounted", "reclaimable") == INT64_MIN);
}

static void zfs(void)
{
	static const char path[] = "/proc/spl/kstat/zfs/arcstats";

	tree_file(&t, path,
		  "13 1 0x01 147 39984 5272384213 1064123456789012\nname type data\nhits 4 9\n"
		  "size                            4    102400000\nc_min                           "
		  "4    10240000\n");
	meminfo(SMALL FILES);
	ok(adds_up(1024000) && !b->note);
	is_i64(part("zfs_arc"), 100000);
	is_str(text_of("zfs_arc", "reclaim"), "discard");
	is_i64(cell_of("zfs_arc", "reclaimable"), 90000);
	is_i64(part("unaccounted"), 1024000 - 600000 - 300000 - 50000 - 30000 - 100000);
	tree_file(&t, path, "size 4 10240000\nc_min 4 10240000\n");
	meminfo(SMALL FILES);
	is_i64(cell_of("zfs_arc", "reclaimable"), 0);
	tree_file(&t, path, "size 4\nsize x 9\nc_min 4 1\n");
	meminfo(SMALL FILES);
	ok(part("zfs_arc") == INT64_MIN);
	/* The module without its file is worth a word. */
	gone(path);
	meminfo(SMALL FILES);
	ok(!b->note);
	tree_file(&t, "/sys/module/zfs/version", "2\n");
	meminfo(SMALL FILES);
	ok(notes("/proc/spl/kstat/zfs/arcstats: not in this tree (zfs_arc)"));
	gone("/sys/module/zfs/version");
	rmdir(strcat(strcpy((char[128]){ 0 }, t.dir), "/sys/module/zfs"));
}

static void networks(void)
{
	tree_file(&t, "/proc/net/sockstat",
		  "sockets: used 290\nTCP: inuse 5 orphan 0 tw 0 alloc 7 mem 1000\nUDP: inuse 3 "
		  "mem 20\n"
		  "UDPLITE: inuse 0\nRAW: inuse 0\nFRAG: inuse 1 memory 8192\n");
	meminfo(SMALL FILES);
	ok(adds_up(1024000));
	is_i64(part("sockets"), 4088);
	tree_file(&t, "/proc/net/sockstat6", "TCP6: inuse 2\nFRAG6: inuse 0 memory 4096\n");
	meminfo(SMALL FILES);
	is_i64(part("sockets"), 4092);
	gone("/proc/net/sockstat6");
	tree_file(&t, "/proc/net/sockstat", "TCP: inuse 5 mem x\nUDP: inuse 3 mem -2\n");
	meminfo(SMALL FILES);
	ok(part("sockets") == INT64_MIN);
	gone("/proc/net/sockstat");
	meminfo(SMALL FILES);
	is_str(b->note, "the remainder holds what could not be read: "
			"/proc/net/sockstat: not in this tree (sockets)");
	beside();
}

static void disks(void)
{
	static const char path[] = "/sys/module/dm_bufio/parameters/allocated_get_free_pages_bytes";

	tree_file(&t, path, "1048576\n");
	meminfo(SMALL FILES);
	is_i64(part("dm_bufio"), 1024);
	ok(adds_up(1024000));
	gone(path);
	/* The pools of all sizes, where meminfo tells of one. */
	tree_file(&t, "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "3\n");
	tree_file(&t, "/sys/kernel/mm/hugepages/hugepages-32768kB/nr_hugepages", "2\n");
	meminfo("MemTotal: 1024000 kB\nMemFree: 9 kB\nActive: 0 kB\nInactive: 0 kB\nSlab: 9 kB\n"
		"HugePages_Total: 3\nHugepagesize: 2048 kB\n");
	is_i64(part("hugetlb"), 3 * 2048 + 2 * 32768);
	meminfo("MemTotal: 1024000 kB\nMemFree: 9 kB\nActive: 0 kB\nInactive: 0 kB\nSlab: 9 kB\n"
		"HugePages_Total: 3\nHugepagesize: 2048 kB\nHugetlb: 71680 kB\n");
	ok(adds_up(1024000));
	is_i64(part("hugetlb"), 71680); /* meminfo's own word goes first */
	gone("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
	gone("/sys/kernel/mm/hugepages/hugepages-32768kB/nr_hugepages");
}

/* Kernels whose vmstat has no nr_zspages: the devices tell. */
static void zram(void)
{
	meminfo(SMALL FILES);
	ok(part("zsmalloc") == INT64_MIN);
	tree_file(&t, "/sys/block/zram0/mm_stat", "9000 8000 4096000 0 5 6 7 8\n");
	tree_file(&t, "/sys/block/zram1/mem_used_total", "2048000\n");
	tree_file(&t, "/sys/block/zram2/mm_stat", "9000 x\n");
	tree_file(&t, "/sys/block/sda/stat", "1 2 3\n");
	meminfo(SMALL FILES);
	is_i64(part("zsmalloc"), 6000);
	ok(adds_up(1024000));
	tree_file(&t, "/proc/vmstat", "nr_zspages 10\n");
	meminfo(SMALL FILES);
	is_i64(part("zsmalloc"), 40); /* the kernel's own sum goes first */
	beside();
	gone("/sys/block/zram0/mm_stat");
	gone("/sys/block/zram1/mem_used_total");
}

/* GPUReclaim is what the kernel could get back, if it is true. */
static void gpu(void)
{
	/* 44,000 kB are left by the rest: a 64th more than that is tolerated. */
	meminfo(SMALL FILES "GPUReclaim: 44000 kB\n");
	ok(adds_up(1024000) && !b->note);
	is_i64(part("gpu_reclaim"), 44000);
	is_str(text_of("gpu_reclaim", "reclaim"), "discard");
	meminfo(SMALL FILES "GPUReclaim: 60000 kB\n");
	ok(!b->note);
	is_i64(part("unaccounted"), -16000);
	meminfo(SMALL FILES "GPUReclaim: 60004 kB\n");
	ok(adds_up(1024000));
	ok(notes("GPUReclaim of 60004 kB is more than the 44000 kB that all other counters leave"));
	is_i64(part("gpu_reclaim"), 44000);
	is_i64(part("unaccounted"), 0);
	meminfo(SMALL FILES "GPUReclaim: 9000000 kB\n");
	ok(notes("GPUReclaim of 9000000 kB is more than MemTotal"));
	is_i64(part("gpu_reclaim"), 44000);
	is_i64(part("unaccounted"), 0);
}

static void stacks(void)
{
	static const char with[] = "0x0-0x1   20480 dup_task_struct+0x1/0x2 pages=4 vmalloc N0=4\n";
	static const char without[] = "0x0-0x1   20480 load_module+0x1/0x2 pages=4 vmalloc N0=4\n"
				      "0x0-0x1   20480 dup_task_struct+0x1/0x2 phys=0 ioremap\n";
	static const char *const machines[] = { "ppc64le", "loongarch64", "armv7l" };

	for (size_t i = 0; i < 3; i++) {
		host(machines[i]);
		tree_file(&t, "/proc/vmallocinfo", with);
		meminfo(SMALL FILES);
		is_i64(part("vmalloc"), 20000);
		tree_file(&t, "/proc/vmallocinfo", without);
		meminfo(SMALL FILES);
		is_i64(part("vmalloc"), 30000);
		ok(!strstr(text_of("vmalloc", "help"), "decided"));
		gone("/proc/vmallocinfo");
		meminfo(SMALL FILES);
		is_i64(part("vmalloc"), 30000);
		ok(strstr(text_of("vmalloc", "help"), "could not be decided") != NULL);
		is_i64(part("kernel_stack"), 10000);
		ok(adds_up(1024000));
	}
	host("x86_64"); /* known, so the file is not read */
	tree_file(&t, "/proc/vmallocinfo", without);
	meminfo(SMALL FILES);
	is_i64(part("vmalloc"), 20000);
	gone("/proc/vmallocinfo");
}

static void inside_free(void)
{
	meminfo(SMALL FILES "CmaFree: 0 kB\nUnaccepted: 0 kB\n");
	ok(!b->note && !strstr(text_of("free", "help"), "kB"));
	meminfo(SMALL FILES "CmaFree: 200000 kB\nUnaccepted: 100000 kB\n");
	ok(!b->note);
	ok(strstr(text_of("free", "help"), "200000 kB of it is in CMA areas") != NULL);
	ok(strstr(text_of("free", "help"), "100000 kB of it is memory that this guest has not") !=
	   NULL);
	is_i64(part("free"), 600000);
	/* More than half of what is free cannot be had by all: that is said beside the rows. */
	meminfo(SMALL FILES "CmaFree: 200000 kB\nUnaccepted: 100004 kB\n");
	ok(notes("of MemFree, 200000 kB are free CMA pages"));
}

static void balloons(void)
{
	meminfo(SMALL FILES);
	ok(!strstr(text_of("unaccounted", "help"), "balloon, "));
	tree_file(&t, "/sys/bus/vmbus/drivers/hv_balloon/bind", "");
	tree_file(&t, "/sys/bus/vmbus/drivers/hv_balloon/uevent", "");
	meminfo(SMALL FILES); /* the driver is there, and serves nobody */
	ok(!strstr(text_of("unaccounted", "help"), "balloon, "));
	tree_file(&t, "/sys/bus/vmbus/drivers/hv_balloon/1eccfd72-4b41-45ef-b73a-4a6e44c12924", "");
	meminfo(SMALL FILES);
	ok(strstr(text_of("unaccounted", "help"), "balloon, hv_balloon, by which") != NULL);
	tree_file(&t, "/sys/bus/virtio/drivers/virtio_balloon/virtio3", "");
	meminfo(SMALL FILES);
	ok(strstr(text_of("unaccounted", "help"), "hv_balloon and virtio_balloon") != NULL);
	meminfo(SMALL FILES "Balloon: 0 kB\n"); /* a kernel that counts them */
	ok(!strstr(text_of("unaccounted", "help"), "hv_balloon"));
	gone("/sys/bus/vmbus/drivers/hv_balloon/1eccfd72-4b41-45ef-b73a-4a6e44c12924");
	gone("/sys/bus/virtio/drivers/virtio_balloon/virtio3");
}

/* The remainder within its bounds, and just beyond them: 44,000 kB are left over. */
static void bounds(void)
{
	meminfo(SMALL FILES "PageTables: 60000 kB\n");
	ok(!b->note && part("unaccounted") == -16000);
	ok(strstr(text_of("unaccounted", "help"), "It is negative: 16000 kB more is counted") !=
	   NULL);
	meminfo(SMALL FILES "PageTables: 60004 kB\n");
	ok(notes("the parts are 16004 kB more than MemTotal"));
	ok(notes("Active(file) + Inactive(file)")); /* the largest */
	/* Percpu lies outside MemTotal in part. */
	meminfo(SMALL FILES "PageTables: 60004 kB\nPercpu: 4 kB\n");
	ok(notes("more than MemTotal"));
	meminfo(SMALL FILES "PageTables: 60000 kB\nPercpu: 400 kB\n");
	ok(!b->note && part("unaccounted") == -16400);
	/* Sockets and ZFS's headers lie in slab in part. */
	tree_file(&t, "/proc/net/sockstat", "TCP: inuse 5 orphan 0 tw 0 alloc 7 mem 1000\n");
	meminfo(SMALL FILES "PageTables: 60000 kB\n");
	ok(!b->note && part("unaccounted") == -20000);
	beside();
	/* Ten gigabytes too many are not explained by percpu. */
	meminfo("MemTotal: 16000000 kB\nMemFree: 8000000 kB\nActive: 9000000 kB\nInactive: 9000000 "
		"kB\n"
		"Active(anon): 9000000 kB\nInactive(anon): 0 kB\nActive(file): 0 kB\n"
		"Inactive(file): 9000000 kB\nDirty: 0 kB\nWriteback: 0 kB\nSlab: 485760 kB\n"
		"SReclaimable: 0 kB\nSUnreclaim: 485760 kB\nPercpu: 10000 kB\n");
	is_i64(part("unaccounted"), 16000000 - 8000000 - 18000000 - 485760 - 10000);
	ok(notes("kB more than MemTotal: one of them counts too much, first of all Active"));
	/* And where more than half is left over. */
	meminfo("MemTotal: 1000 kB\nMemFree: 500 kB\nActive: 0 kB\nInactive: 0 kB\nSlab: 0 kB\n");
	ok(!notes("add up"));
	meminfo("MemTotal: 1000 kB\nMemFree: 496 kB\nActive: 0 kB\nInactive: 0 kB\nSlab: 0 kB\n");
	ok(notes("the parts add up to only 496 kB of a MemTotal of 1000 kB"));
}

/* A file that cannot be read takes its rows along, and that is said. */
static void unread(void)
{
	tree_file(&t, "/mmlens/errors",
		  "EACCES /proc/vmstat\nEIO /proc/zoneinfo\nEPERM /proc/net/sockstat\n");
	meminfo(SMALL FILES);
	ok(notes("/proc/vmstat: "));
	ok(notes("(isolated, zsmalloc, memmap)") && notes("/proc/zoneinfo: ") && notes("(pcp)") &&
	   notes("/proc/net/sockstat: ") && notes("(sockets)"));
	gone("/mmlens/errors");
	meminfo(SMALL FILES);
	ok(!b->note);
	/* Numbers that are none. */
	tree_file(&t, "/proc/vmstat", "nr_zspages 18446744073709551615\n");
	meminfo(SMALL FILES);
	ok(part("zsmalloc") == INT64_MIN &&
	   notes("nr_zspages is no size memory can have: the remainder "
		 "holds zsmalloc"));
	beside();
	/* A container's account has no part of theirs anyway. */
	gone("/proc/vmstat");
	meminfo(SMALL FILES "SwapTotal: 1 kB\nSwapFree: 2 kB\n");
	ok(!notes("/proc/vmstat"));
	beside();
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
	writing();
	shared();
	swap();
	zfs();
	networks();
	disks();
	zram();
	gpu();
	stacks();
	inside_free();
	balloons();
	bounds();
	unread();
	tree_free(&t);
	return tap_done();
}
