/* The kernel logs in $MMLENS_OOM (../shared/oom): what INDEX.md there says of each, and that neither cuts nor
 * mixtures make a number of what is none. The values and words below are from reading the logs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../src/collectors/oom/prose.h"
#include "../tap.h"
#include "oom_dump.h"

#define WHY(name) MML_OOM_WHY_##name
#define KIND(name) MML_OOM_KIND_##name
#define BY(name) MML_OOM_BY_##name

/* A report of a log: which one, and what it comes to. 0: nobody. */
static const struct {
	const char *log;
	unsigned report, reports;
	enum mml_oom_kind kind;
	enum mml_oom_constraint by;
	enum mml_oom_reason reason, reason2;
	uint64_t victim, next;
	const char *limit;
	const char *says; /* words of the page, separated by | */
} reports[] = {
	{ "01", 1, 1, KIND(SHOW_MEM), BY(UNKNOWN), WHY(NONE), WHY(NONE), 0, 0, NULL, "by hand (sysrq m)|enough" },
	{ "02", 1, 1, KIND(MEMCG_OOM), BY(MEMCG), WHY(MEMCG_LIMIT), WHY(TASK), 168, 167, "/machine.slice/pod1",
	  "48.0 MiB of 48.0 MiB|that group's own limit was not the one|9284 points|9223 points" },
	{ "03", 1, 1, KIND(MEMCG_OOM), BY(MEMCG), WHY(MEMCG_LIMIT), WHY(TASK), 185, 0, "/machine.slice/pod1/app",
	  "2 processes were killed|3 \"Killed process\" lines|named twice|helper2[184]|helper[182] went with it (adj -500)" },
	{ "04", 1, 2, KIND(MEMCG_OOM), BY(MEMCG), WHY(MEMCG_LIMIT), WHY(TASK), 0, 0, "/machine.slice/pod1/app",
	  "No process could be killed: that is said of the group|The same report comes 1 more time" },
	{ "05", 1, 1, KIND(OOM), BY(POLICY), WHY(MEMPOLICY), WHY(TASK), 200, 0, NULL,
	  "allows node 1 alone|291.8 MiB free, 280.2 MiB of it on other nodes|Loosen the policy" },
	{ "06", 1, 1, KIND(OOM), BY(CPUSET), WHY(CPUSET), WHY(TASK), 204, 0, NULL, "The cpuset app allows node 1 alone|295.2 MiB free" },
	{ "07", 1, 1, KIND(MANUAL), BY(NONE), WHY(MANUAL), WHY(NONE), 208, 0, NULL, "by hand (sysrq f)|no lack|35075 points" },
	{ "08", 1, 1, KIND(OOM), BY(NONE), WHY(BELOW_MIN), WHY(TASK), 216, 0, NULL, "148084 points of 166323|64.0 MiB, full|1.2 MiB kept" },
	{ "09", 1, 1, KIND(OOM), BY(NONE), WHY(BELOW_MIN), WHY(SHMEM), 225, 0, NULL, "shared memory and tmpfs 338.9 MiB|does not free|tmpfs" },
	{ "10", 1, 1, KIND(OOM), BY(NONE), WHY(BELOW_MIN), WHY(HUGETLB), 181, 0, NULL, "300.0 MiB in huge pages were set aside and used by nobody|Give back huge pages" },
	{ "11", 1, 1, KIND(OOM), BY(NONE), WHY(BELOW_MIN), WHY(SLAB), 194, 0, NULL, "vm_area_struct 282.6 MiB|vma_lock 64.2 MiB|10.0 MiB of it a boost|146 points" },
	{ "12", 1, 1, KIND(OOM), BY(NONE), WHY(BELOW_MIN), WHY(PAGETABLES), 190, 0, NULL, "Page tables take 454.5 MiB|116485 points" },
	{ "13", 1, 2, KIND(OOM), BY(NONE), WHY(UNKNOWN), WHY(NONE), 181, 0, NULL, "missing" },
	{ "13", 2, 2, KIND(OOM), BY(NONE), WHY(BELOW_MIN), WHY(TASK), 185, 0, NULL, "169732 points" },
	{ "14", 1, 1, KIND(MEMCG_OOM), BY(MEMCG), WHY(MEMCG_LIMIT), WHY(TASK), 129, 128, "/machine.slice/pod1", "9284 points|9199 points" },
	{ "16", 1, 1, KIND(OOM), BY(POLICY), WHY(MEMPOLICY), WHY(TASK), 161, 0, NULL, "allows node 1 alone" },
	{ "17", 1, 1, KIND(OOM), BY(NONE), WHY(BELOW_MIN), WHY(SHMEM), 187, 0, NULL, "short by 12 KiB" },
	{ "18", 1, 1, KIND(OOM), BY(NONE), WHY(BELOW_MIN), WHY(SLAB), 154, 0, NULL, "vm_area_struct 394.8 MiB|8 points" },
	{ "19", 1, 1, KIND(OOM), BY(NONE), WHY(BELOW_MIN), WHY(HUGETLB), 141, 0, NULL, "used by nobody" },
	{ "20", 1, 10, KIND(KILL_ONLY), BY(UNKNOWN), WHY(UNKNOWN), WHY(NONE), 168, 0, NULL, "The report before it is missing" },
	{ "20", 6, 10, KIND(MANUAL), BY(UNKNOWN), WHY(MANUAL), WHY(NONE), 208, 0, NULL, "by hand" },
	{ "20", 10, 10, KIND(PANIC), BY(UNKNOWN), WHY(UNKNOWN), WHY(NONE), 0, 0, NULL, "System is deadlocked on memory" },
	{ "21", 1, 1, KIND(MEMCG_OOM), BY(MEMCG), WHY(MEMCG_LIMIT), WHY(TASK), 22935, 22571, "/h-oom", "64.0 MiB of 64.0 MiB|95.8 MiB of 96.0 MiB|/h-oom/inner|anonymous 62.8 MiB|23071 points" },
	{ "27", 1, 1, KIND(OOM), BY(CPUSET), WHY(WRONG_ZONE), WHY(NONE), 4100, 0, NULL, "124.0 GiB free, which only movable memory may use|cpuset.mems|does not help|5 more were killed" },
	{ "28", 1, 2, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(FRAGMENTED), WHY(NONE), 0, 0, NULL, "no block of 128 KiB: the largest are 64 KiB|nothing was killed" },
	{ "28", 2, 2, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(FRAGMENTED), WHY(NONE), 0, 0, NULL, "no block of 256 KiB" },
	{ "30", 1, 1, KIND(MEMCG_OOM), BY(MEMCG), WHY(MEMCG_LIMIT), WHY(TASK), 1122, 1121, "/test512mb", "512.0 MiB of 512.0 MiB|may not swap at all" },
	{ "31", 1, 1, KIND(POLICY), BY(BPF), WHY(UNKNOWN), WHY(NONE), 675, 0, "/cgroup-test-work-dir673/oom_test/cg2", "BPF|41.2 MiB|which has none|a shortage is not to be seen" },
	{ "32", 1, 1, KIND(MEMCG_OOM), BY(MEMCG), WHY(MEMCG_LIMIT), WHY(NONE), 177372, 0, "/no_zswap_test", "how large it is is not in the log|6.0 MiB in swap" },
	{ "33", 1, 1, KIND(MEMCG_OOM), BY(MEMCG), WHY(MEMCG_LIMIT), WHY(FILE), 128825, 128826, NULL, "32.0 MiB of 32.0 MiB|dirty 25.7 MiB|waits to be written|2672 points" },
	{ "34", 1, 2, KIND(OOM), BY(NONE), WHY(WRONG_ZONE), WHY(FILE), 350, 286, NULL, "HighMem has 1.00 GiB free, which such a request may not use|2834 points|page cache 846.3 MiB" },
	{ "35", 1, 2, KIND(OOM), BY(NONE), WHY(CMA_ONLY), WHY(FILE), 268, 243, NULL, "160.0 MiB are CMA|not above high 33.0 MiB|HighMem has 1.15 GiB free" },
	{ "35", 2, 2, KIND(OOM), BY(NONE), WHY(CMA_ONLY), WHY(FILE), 0, 243, NULL, "short by 48 KiB" },
	{ "37", 1, 1, KIND(OOM), BY(NONE), WHY(BELOW_MIN), WHY(MANY_TASKS), 33365, 2135, NULL, "2656613 points of 5472923|7 tasks called cc1plus|138.7 MiB of it a boost|There is no swap" },
	{ "38", 1, 1, KIND(OOM), BY(NONE), WHY(BELOW_MIN), WHY(SLAB), 0, 0, NULL, "Acpi-Operand 38.4 MiB|38 % of what is managed|deadlocked on memory|crashkernel=" },
	{ "39", 1, 1, KIND(SHOW_MEM), BY(UNKNOWN), WHY(NONE), WHY(NONE), 0, 0, NULL, "18.3 GiB free|Of 32.0 GiB RAM" },
	{ "40", 1, 1, KIND(SHOW_MEM), BY(UNKNOWN), WHY(NONE), WHY(NONE), 0, 0, NULL, "dirty pages is broken" },
	{ "41", 1, 1, KIND(OOM), BY(NONE), WHY(TRANSIENT), WHY(NONE), 5701, 0, NULL, "next to nothing|84 KiB|no task table" },
	{ "42", 1, 1, KIND(SHOW_MEM), BY(UNKNOWN), WHY(BELOW_MIN), WHY(ANON), 0, 0, NULL, "a boost|is missing" },
	{ "43", 1, 1, KIND(SHOW_MEM), BY(UNKNOWN), WHY(NONE), WHY(NONE), 0, 0, NULL, "page cache 7.28 GiB|2.0 MiB are held for atomic requests|enough when it was printed" },
	{ "45", 1, 1, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(BELOW_MIN), WHY(ANON), 0, 0, NULL, "28.0 MiB of it a boost|__GFP_NOMEMALLOC" },
	{ "46", 1, 2, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(TRANSIENT), WHY(NONE), 0, 0, NULL, "GFP_NOWAIT|without waiting" },
	{ "46", 2, 2, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(TRANSIENT), WHY(NONE), 0, 0, NULL, "GFP_NOWAIT|this kernel does not print it" },
	{ "47", 2, 2, KIND(VMALLOC_FAILURE), BY(UNKNOWN), WHY(TRANSIENT), WHY(NONE), 0, 0, NULL, "a size that is printed as 0" },
	{ "48", 1, 2, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(FRAGMENTED), WHY(NONE), 0, 0, NULL, "no block of 64 KiB: the largest are 32 KiB" },
	{ "48", 2, 2, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(DRAINED), WHY(FILE), 0, 0, NULL, "below min 5.3 MiB|27 more failures" },
	{ "49", 1, 1, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(CMA_ONLY), WHY(NONE), 0, 0, NULL, "no block of 128 KiB that is not CMA's|HighMem has 231.3 MiB free" },
	{ "50", 1, 1, KIND(OOM), BY(NONE), WHY(BELOW_MIN), WHY(NONE), 0, 0, NULL, "Only 11.9 MiB of 32.0 MiB are left to the allocator|initial file system" },
	{ "51", 1, 1, KIND(OOM), BY(NONE), WHY(CMA_ONLY), WHY(UNACCOUNTED), 0, 597, NULL, "873.7 MiB (88 % of what is managed) belong to nobody|page_owner=on|91.2 MiB of it free|of no use|24.2 MiB usable" },
	{ "52", 1, 2, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(DRAINED), WHY(ANON), 0, 0, NULL, "0 KiB free|reserve was used up" },
	{ "52", 2, 2, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(DRAINED), WHY(ANON), 0, 0, NULL, "125849 more failures|__GFP_MEMALLOC" },
	{ "53", 1, 5, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(DRAINED), WHY(ANON), 0, 0, NULL, "284 KiB free|are not printed" },
	{ "53", 2, 5, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(BELOW_MIN), WHY(ANON), 0, 0, NULL, "min 11.0 MiB (7.6 MiB of it a boost" },
	{ "54", 2, 2, KIND(VMALLOC_FAILURE), BY(UNKNOWN), WHY(ADDRESS_SPACE), WHY(NONE), 0, 0, NULL, "Memory was not what lacked|563.2 MiB free" },
	{ "55", 1, 1, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(TRANSIENT), WHY(NONE), 0, 0, NULL, "GFP_NOWAIT|411.6 MiB free|above min 112.0 MiB" },
	{ "56", 1, 1, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(FRAGMENTED), WHY(NONE), 0, 0, NULL, "756.2 MiB free, above the mark, but no block of 64 KiB: the largest are 32 KiB|3.50 GiB (24 % of what is managed)" },
	{ "58", 1, 1, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(WRONG_ZONE), WHY(NONE), 0, 0, NULL, "DMA has no memory to give|5.62 GiB free, which such a request may not use|256 KiB in one piece (order 6)|swapper/0" },
	{ "59", 1, 1, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(BELOW_MIN), WHY(SLAB), 0, 0, NULL, "slab 1.49 GiB|16612 KiB free, not above 16728 KiB" },
	{ "61", 1, 1, KIND(OOM), BY(NONE), WHY(LOWMEM_RESERVE), WHY(TASK), 20972, 293, NULL, "111020 KiB free|together 111092 KiB: short by 72 KiB|12732 KiB free|short by 52 KiB|726454 points of 771303|796 points|corrupt page tables" },
	{ "62", 1, 2, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(UNKNOWN), WHY(NONE), 0, 0, NULL, "Missing in the log|lines of others" },
	{ "62", 2, 2, KIND(OOM), BY(UNKNOWN), WHY(FALSE_GLOBAL), WHY(NONE), 0, 0, NULL, "without a request|Missing in the log" },
	{ "63", 1, 1, KIND(MEMCG_OOM), BY(MEMCG), WHY(MEMCG_LIMIT), WHY(TASK), 19289, 0, "/ltp_19257", "132 KiB of 132 KiB|33 pages" },
	{ "64", 1, 2, KIND(SHOW_MEM), BY(UNKNOWN), WHY(NONE), WHY(NONE), 0, 0, NULL, "Node 1 Normal: 3.77 GiB free" },
	{ "65", 1, 1, KIND(SHOW_MEM), BY(UNKNOWN), WHY(NONE), WHY(NONE), 0, 0, NULL, "Of 8.00 GiB RAM" },
	{ "66", 1, 1, KIND(VMALLOC_FAILURE), BY(UNKNOWN), WHY(TRANSIENT), WHY(NONE), 0, 0, NULL, "more than the machine's|injected for a test" },
	{ "67", 2, 2, KIND(VMALLOC_FAILURE), BY(UNKNOWN), WHY(TRANSIENT), WHY(NONE), 0, 0, NULL, "injected for a test" },
	{ "68", 1, 1, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(UNKNOWN), WHY(NONE), 0, 0, NULL, "kworker/u4:4|Missing in the log" },
	{ "69", 1, 2, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(UNKNOWN), WHY(NONE), 0, 0, NULL, "rsyslogd[7437]|GFP_ATOMIC|Missing in the log" },
	{ "70", 1, 1, KIND(MANUAL), BY(NONE), WHY(MANUAL), WHY(NONE), 955, 1385, NULL, "no lack|46510 points|4 lines of the report end early" },
	{ "71", 1, 1, KIND(OOM), BY(NONE), WHY(BELOW_MIN), WHY(LRU), 23392, 0, NULL, "not per mille|inactive and still not reclaimed|914.5 MiB of it free" },
	{ "72", 1, 1, KIND(SHOW_MEM), BY(UNKNOWN), WHY(NONE), WHY(NONE), 0, 0, NULL, "Of 8.00 GiB RAM" },
	{ "73", 1, 1, KIND(OOM), BY(NONE), WHY(BELOW_MIN), WHY(NONE), 0, 0, NULL, "short by 52 KiB|together 9100 KiB|Missing in the log: the free blocks and swap and the size of RAM" },
	{ "74", 1, 1, KIND(OOM), BY(NONE), WHY(BELOW_MIN), WHY(ANON), 0, 0, NULL, "together 7780 KiB|full|(13 % of what is managed)" },
	{ "76", 1, 1, KIND(OOM), BY(NONE), WHY(BELOW_MIN), WHY(SLAB), 1913, 7152, NULL, "Kernel stacks, one for each thread, take 598.5 MiB|printed 1, computed 0|no killable" },
	{ "78", 1, 1, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(FRAGMENTED), WHY(NONE), 0, 0, NULL, "no block of 128 KiB: the largest are 64 KiB|HighMem has 5.77 GiB free" },
	{ "79", 1, 1, KIND(MEMCG_OOM), BY(MEMCG), WHY(MEMCG_LIMIT), WHY(TASK), 11344, 10517, "/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "printed 904, computed 904|200.0 MiB of 200.0 MiB" },
	{ "80", 1, 1, KIND(OOM), BY(NONE), WHY(WRONG_ZONE), WHY(SLAB), 0, 20704, NULL, "Movable has 1.29 GiB free|kmemleak_object 2.34 GiB|CONFIG_DEBUG_KMEMLEAK|12.4 MiB free, not above min 14.0 MiB" },
	{ "81", 1, 1, KIND(OOM), BY(NONE), WHY(BELOW_MIN), WHY(TASK), 6576, 27502, NULL, "printed 651, computed 651|8.00 GiB, full|36692 KiB free, not above min 36784 KiB|min is 44.4 MiB" },
	{ "82", 1, 1, KIND(OOM), BY(NONE), WHY(BELOW_MIN), WHY(TASK), 473206, 376692, NULL, "7548824 points of 10309773|3.09 GiB (20 % of what is managed)|24.0 GiB, full" },
	{ "83", 1, 1, KIND(MEMCG_OOM), BY(MEMCG), WHY(MEMCG_LIMIT), WHY(MANY_TASKS), 3902942, 3589018, "/lxc/39004", "29.8 GiB of 29.8 GiB|may not swap at all|shared memory 656.1 MiB|php-fpm" },
	{ "84", 1, 1, KIND(MANUAL), BY(NONE), WHY(MANUAL), WHY(NONE), 651, 608, NULL, "1.63 GiB were free" },
	{ "85", 1, 2, KIND(KILL_ONLY), BY(UNKNOWN), WHY(UNKNOWN), WHY(NONE), 24894, 0, NULL, "277 of 1000, which makes about 7.67 GiB" },
	{ "85", 2, 2, KIND(OOM), BY(NONE), WHY(UNKNOWN), WHY(NONE), 0, 810, NULL, "Missing in the log" },
	{ "87", 1, 1, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(UNKNOWN), WHY(NONE), 0, 0, NULL, "swapper/3 asked for 4 KiB|GFP_ATOMIC" },
	{ "88", 1, 2, KIND(SHOW_MEM), BY(UNKNOWN), WHY(BELOW_MIN), WHY(NONE), 0, 0, NULL, "372 KiB free, not above min 984 KiB" },
	{ "88", 2, 2, KIND(ALLOC_FAILURE), BY(UNKNOWN), WHY(UNKNOWN), WHY(NONE), 0, 0, NULL, "mmcqd/0|GFP_ATOMIC" },
};

/* Zones that INDEX.md has figures of: kB. RESERVE -1: not looked at. */
static const struct {
	const char *log;
	unsigned report, node;
	enum mml_oom_zone_type type;
	enum mml_oom_verdict verdict;
	int64_t usable, mark, reserve;
} zones[] = {
	{ "05", 1, 1, MML_OOM_DMA32, MML_OOM_ZONE_BELOW_MARK, 11828, 13356, 0 },
	{ "06", 1, 1, MML_OOM_DMA32, MML_OOM_ZONE_BELOW_MARK, 13332, 13356, 0 },
	{ "08", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_RESERVE, 1804, 760, 1188 },
	{ "11", 1, 1, MML_OOM_DMA32, MML_OOM_ZONE_BELOW_MARK, 23592, 23596, 0 },
	{ "16", 1, 1, MML_OOM_DMA32, MML_OOM_ZONE_BELOW_MARK, 13124, 13528, 0 },
	{ "17", 1, 0, MML_OOM_DMA32, MML_OOM_ZONE_BELOW_MARK, 15104, 15116, 0 },
	{ "27", 1, 4, MML_OOM_MOVABLE, MML_OOM_ZONE_NOT_ALLOWED, 130021408, 9140, 0 },
	{ "28", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_FRAGMENTED, 78096, 16520, -1 },
	{ "28", 1, 0, MML_OOM_DMA32, MML_OOM_ZONE_FRAGMENTED, 60196 - 2048 - 776, 49012, 0 },
	{ "34", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_BELOW_MARK, 3948, 7732, 0 },
	{ "34", 1, 0, MML_OOM_HIGHMEM, MML_OOM_ZONE_NOT_ALLOWED, 1049496, 512, -1 },
	{ "35", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_CMA, 23556, 33792, 0 },
	{ "38", 1, 0, MML_OOM_DMA32, MML_OOM_ZONE_BELOW_MARK, 888, 3780, 0 },
	{ "41", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_OK, 33040, 15712, 0 },
	{ "43", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_RESERVE, 46304 - 60, 19692, 6962 * 4 },
	{ "43", 1, 0, MML_OOM_DMA32, MML_OOM_ZONE_RESERVE, 51356, 36236, 3954 * 4 },
	{ "43", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_OK, 52508, 50560, 0 },
	{ "45", 1, 0, MML_OOM_DMA32, MML_OOM_ZONE_RESERVE, 52184, 15860, 9127 * 4 },
	{ "45", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_BELOW_MARK, 79392 - 32, 80308, 0 },
	{ "48", 2, 0, MML_OOM_NORMAL, MML_OOM_ZONE_BELOW_MARK, 1812, 5472 * 3 / 8, 0 },
	{ "49", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_CMA, 33244 - 12300, 1956, 0 },
	{ "51", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_CMA, 29116 - 4376, 26624, 0 },
	{ "55", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_OK, 421496 - 2048, 114676, 0 },
	{ "56", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_FRAGMENTED, 774368 - 2048, 193928, 0 },
	{ "58", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_NOT_ALLOWED, 0, 0, -1 },
	{ "59", 1, 0, MML_OOM_DMA32, MML_OOM_ZONE_BELOW_MARK, 16612, 16728, 0 },
	{ "61", 1, 0, MML_OOM_HIGHMEM, MML_OOM_ZONE_BELOW_MARK, 460, 512, 0 },
	{ "61", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_RESERVE, 111020, 40952, 70140 },
	{ "61", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_RESERVE, 12732, 760, 11988 },
	{ "64", 1, 1, MML_OOM_NORMAL, MML_OOM_ZONE_OK, 3950944, 54772, 0 },
	{ "64", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_OK, 15360, 204, 2574 * 4 },
	{ "66", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_RESERVE, 15908, 164, 6378 * 4 },
	{ "71", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_RESERVE, 2068, 88, 495 * 4 },
	{ "73", 1, 0, MML_OOM_DMA32, MML_OOM_ZONE_RESERVE, 9080, 7080, 505 * 4 },
	{ "73", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_BELOW_MARK, 964, 1016, -1 },
	{ "74", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_RESERVE, 7776, 40, 7740 },
	{ "78", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_FRAGMENTED, 8256, 3216, 0 },
	{ "80", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_BELOW_MARK, 12652, 14344, 0 },
	{ "80", 1, 0, MML_OOM_MOVABLE, MML_OOM_ZONE_NOT_ALLOWED, 1351196, 2544, 0 },
	{ "81", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_BELOW_MARK, 36692, 36784, 0 },
	{ "81", 1, 0, MML_OOM_DMA32, MML_OOM_ZONE_RESERVE, 59728, 7832, 13055 * 4 },
	{ "81", 1, 1, MML_OOM_NORMAL, MML_OOM_ZONE_BELOW_MARK, 49436, 68164, 0 },
};

/*
 * Where INDEX.md's own sums are not the log's: kernel stacks of all reports of a file added up, a line that
 * mail had wrapped left out, a number cut in the middle of its unit.
 */
static const struct {
	const char *log;
	int64_t unaccounted, stacks, pagetables;
} corrected[] = {
	{ "28", 137050, 15024 / 4, -1 },
	{ "35", 1391, 888 / 4, -1 },
	{ "46", 39596, -1, -1 },  /* kernel stacks of the report that comes first in the file */
	{ "47", 59572, 13344 / 4, -1 },
	{ "48", 1209, 584 / 4, -1 },
	{ "52", 484, 408 / 4, -1 },
	{ "53", 6813, 1016 / 4, -1 },
	{ "54", 12080, 3008 / 4, -1 },
	{ "64", 89279, (8528 + 16) / 4, -1 },
	{ "67", 29603, -1, -1 },
	{ "70", 18957, (2432 + 4192) / 4, -1 }, /* "kernel_stack:4192k" is whole, its unit is not */
	{ "72", 2547, -1, 3094 },               /* "mapped:468 pagetables:3094" is a line of its own */
	{ "76", 2515, -1, 20 },                 /* so is "mapped:380 shmem:19 pagetables:20 bounce:0" */
};

struct text {
	char name[256];
	char *data;
	size_t len;
};

static struct text logs[200], index_md;
static size_t nlogs;

static bool load(const char *dir, const char *name, struct text *ret)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	if (!f)
		return false;
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	ret->data = malloc(1 << 20);
	ret->len = fread(ret->data, 1, (1 << 20) - 1, f);
	ret->data[ret->len] = '\0';
	fclose(f);
	return true;
}

static struct mml_oom_log *read_flags(struct mml_arena *arena, const char *data, size_t len, unsigned flags)
{
	struct mml_oom_log *log = NULL;
	/* Exactly as long as it is, so that a sanitizer sees what is read beyond. */
	char *copy = malloc(len ? len : 1);

	memcpy(copy, data, len);
	if (mml_oom_read(arena, (struct mml_span){ copy, copy + len }, flags, &log))
		abort();
	free(copy);
	return log;
}

static const struct text *find_log(const char *number)
{
	for (size_t i = 0; i < nlogs; i++)
		if (!strncmp(logs[i].name, number, strlen(number)))
			return &logs[i];
	return NULL;
}

static const struct mml_oom_report *nth(const struct mml_oom_log *log, unsigned n)
{
	const struct mml_oom_report *r = log->reports;

	while (r && r->index != n)
		r = r->next;
	return r;
}

static char *page(struct mml_arena *arena, const struct mml_oom_log *log, const struct mml_oom_report *r, unsigned width)
{
	struct mml_oom_style style = { .width = width };
	struct mml_buf out = { 0 };
	struct mml_oom_page page;

	if (mml_oom_explain(arena, log, r, &style, &page))
		abort();
	mml_oom_page_write(&out, &page, width);
	return out.data;
}

static void check_words(const char *name, const char *text, const char *words)
{
	char *list = strdup(words), *rest = list, *word;

	while ((word = strsep(&rest, "|")))
		if (!tap_ok(strstr(text, word) != NULL, "%s says: %s", name, word))
			printf("# %s\n", text);
	free(list);
}

static void check_report(size_t i)
{
	const struct text *text = find_log(reports[i].log);
	struct mml_arena *arena = mml_arena_new();
	struct mml_oom_log *log = read_flags(arena, text->data, text->len, 0);
	const struct mml_oom_report *r = nth(log, reports[i].report);
	char *prose;

	tap_ok(log->nreports == reports[i].reports, "%s: %u reports (%zu)", text->name, reports[i].reports, log->nreports);
	if (!tap_ok(r != NULL, "%s: report %u is there", text->name, reports[i].report)) {
		mml_arena_free(arena);
		return;
	}
	tap_ok(r->kind == reports[i].kind, "%s %u: kind %s", text->name, r->index, mml_oom_kind_word(r->kind));
	tap_ok(r->constraint == reports[i].by, "%s %u: constraint %d", text->name, r->index, (int)r->constraint);
	tap_ok(r->reason == reports[i].reason, "%s %u: reason %s", text->name, r->index,
	       r->reason ? mml_oom_reason_word(r->reason) : "-");
	tap_ok(r->reason2 == reports[i].reason2, "%s %u: and %s", text->name, r->index,
	       r->reason2 ? mml_oom_reason_word(r->reason2) : "-");
	tap_ok((r->victim ? r->victim->pid.n : 0) == reports[i].victim, "%s %u: victim %" PRIu64, text->name, r->index,
	       reports[i].victim);
	tap_ok((r->next_task ? r->next_task->n[MML_OOM_PID] : 0) == reports[i].next, "%s %u: next %" PRIu64, text->name,
	       r->index, reports[i].next);
	if (reports[i].limit)
		tap_ok(r->oom_memcg && !strcmp(r->oom_memcg, reports[i].limit), "%s %u: limit of %s", text->name, r->index,
		       reports[i].limit);
	prose = page(arena, log, r, 0);
	check_words(text->name, prose, reports[i].says);
	free(prose);
	mml_arena_free(arena);
}

static void check_zone(size_t i)
{
	const struct text *text = find_log(zones[i].log);
	struct mml_arena *arena = mml_arena_new();
	struct mml_oom_log *log = read_flags(arena, text->data, text->len, 0);
	const struct mml_oom_report *r = nth(log, zones[i].report);
	const struct mml_oom_zone *z = r ? r->zones : NULL;

	while (z && (z->node != zones[i].node || z->type != zones[i].type))
		z = z->next;
	tap_ok(z && z->verdict == zones[i].verdict && z->usable == (uint64_t)zones[i].usable * 1024 &&
		       z->mark == (uint64_t)zones[i].mark * 1024 &&
		       (zones[i].reserve < 0 || (z->has_reserve && z->reserve_bytes == (uint64_t)zones[i].reserve * 1024)),
	       "%s %u: node %u %s", text->name, zones[i].report, zones[i].node, mml_oom_zone_name(zones[i].type));
	if (z)
		printf("# verdict %s, usable %" PRIu64 ", mark %" PRIu64 ", reserve %" PRIu64 "\n",
		       z->verdict ? mml_oom_verdict_word(z->verdict) : "-", z->usable / 1024, z->mark / 1024,
		       z->reserve_bytes / 1024);
	mml_arena_free(arena);
}

/* " KEY=123" in the computed: line; false: not there. */
static bool figure(const char *line, const char *key, int64_t *ret)
{
	char what[40];
	const char *at;

	snprintf(what, sizeof(what), " %s=", key);
	at = strstr(line, what);
	if (!at)
		return false;
	*ret = strtoll(at + strlen(what), NULL, 10);
	return true;
}

/* The memory dump that comes first in the file. */
static const struct mml_oom_report *first_dump(const struct mml_oom_log *log)
{
	const struct mml_oom_report *ret = NULL;

	for (const struct mml_oom_report *r = log->reports; r; r = r->next)
		if (mml_oom_has(r->item[MML_OOM_FREE]) && (!ret || r->item[MML_OOM_FREE].line < ret->item[MML_OOM_FREE].line))
			ret = r;
	return ret;
}

static void is_figure(const char *name, const char *line, const char *key, int64_t got)
{
	int64_t want;

	if (figure(line, key, &want) && !tap_ok(got == want, "%s: %s", name, key))
		printf("#      got: %" PRId64 "\n# expected: %" PRId64 "\n", got, want);
}

static int64_t share(const struct mml_oom_report *r, const char *name)
{
	int64_t ret = 0;

	for (unsigned i = 0; i < r->balance.n; i++)
		if (!strncmp(r->balance.share[i].name, name, strlen(name)))
			ret += r->balance.share[i].pages;
	return ret;
}

static int64_t sum3(const struct mml_oom_report *r, unsigned a, unsigned b, unsigned c)
{
	return (int64_t)(r->item[a].n + r->item[b].n + r->item[c].n);
}

static void check_dump(const struct text *text, const char *line, const struct mml_oom_log *log)
{
	const struct mml_oom_report *r = first_dump(log);
	int64_t unaccounted = -1, stacks = -1, tables = -1, want, total = 0;
	const char *name = text->name, *at = strstr(line, "unaccounted=");

	if (!tap_ok(r != NULL, "%s: has a memory dump", name))
		return;
	for (size_t i = 0; i < sizeof(corrected) / sizeof(*corrected); i++)
		if (!strncmp(name, corrected[i].log, 2)) {
			unaccounted = corrected[i].unaccounted;
			stacks = corrected[i].stacks;
			tables = corrected[i].pagetables;
		}
	if (figure(line, "page", &want))
		is_u64(r->page_size.n, (uint64_t)want * 1024);
	is_figure(name, line, "RAM", (int64_t)r->ram.n);
	is_figure(name, line, "reserved", (int64_t)r->reserved.n);
	is_figure(name, line, "managed", (int64_t)(r->ram.n - r->reserved.n));
	/* INDEX.md's file leaves out isolated pages, which its unaccounted does not. */
	is_figure(name, line, "anon", sum3(r, MML_OOM_ACTIVE_ANON, MML_OOM_INACTIVE_ANON, MML_OOM_ISOLATED_ANON));
	is_figure(name, line, "file", sum3(r, MML_OOM_ACTIVE_FILE, MML_OOM_INACTIVE_FILE, MML_OOM_GPU_ACTIVE));
	is_figure(name, line, "unev", (int64_t)r->item[MML_OOM_UNEVICTABLE].n);
	if (strncmp(name, "76", 2) != 0) /* on the line that INDEX.md's figures leave out */
		is_figure(name, line, "shmem", (int64_t)r->item[MML_OOM_SHMEM].n);
	is_figure(name, line, "slabR", (int64_t)r->item[MML_OOM_SLAB_RECLAIMABLE].n);
	is_figure(name, line, "slabU", (int64_t)(r->item[MML_OOM_SLAB_UNRECLAIMABLE].n + r->item[MML_OOM_SLAB].n));
	if (tables < 0)
		is_figure(name, line, "pgt", (int64_t)r->item[MML_OOM_PAGETABLES].n);
	else
		is_i64((int64_t)r->item[MML_OOM_PAGETABLES].n, tables);
	if (unaccounted < 0)
		is_figure(name, line, "kstack", share(r, "kernel stacks"));
	else if (stacks >= 0)
		is_i64(share(r, "kernel stacks"), stacks);
	is_figure(name, line, "huge", share(r, "huge pages"));
	is_figure(name, line, "free", (int64_t)r->item[MML_OOM_FREE].n);
	is_figure(name, line, "pcp", (int64_t)r->item[MML_OOM_FREE_PCP].n);
	is_figure(name, line, "cma", (int64_t)r->item[MML_OOM_FREE_CMA].n);
	if (unaccounted < 0 && at)
		unaccounted = strtoll(at + strlen("unaccounted="), NULL, 10);
	if (unaccounted >= 0)
		is_i64(r->balance.unaccounted, unaccounted);
	for (unsigned i = 0; i < r->balance.n; i++)
		total += r->balance.share[i].pages;
	tap_ok(total == (int64_t)r->ram.n, "%s: the balance adds up to RAM", name);
}

static void check_swap(const struct text *text, const char *line, const struct mml_oom_log *log)
{
	const char *at = strstr(line, "|| swap free=");
	const struct mml_oom_report *r = first_dump(log);

	if (!at || !r)
		return;
	tap_ok(r->swap_free.n == strtoull(at + 13, NULL, 10) && mml_oom_has(r->swap_free), "%s: swap free", text->name);
	at = strstr(at, "total=");
	tap_ok(at && r->swap_total.n == strtoull(at + 6, NULL, 10) && mml_oom_has(r->swap_total), "%s: swap in all", text->name);
}

/* "name(168) rss=9256 swap=0 adj=0 pts=9284", one after the other. */
static void check_badness(const struct text *text, const char *line, const struct mml_oom_log *log)
{
	const char *at = strstr(line, "top badness:");
	const char *total = strstr(line, "totalpages~");

	if (total && total[11] >= '0' && total[11] <= '9') {
		uint64_t want = strtoull(total + 11, NULL, 10);
		bool found = false;

		for (const struct mml_oom_report *r = log->reports; r; r = r->next)
			found |= r->has_totalpages && r->totalpages == want;
		/* What a policy or cpuset counts is what its nodes have, not what INDEX.md's script took. */
		if (!strncmp(text->name, "05", 2) || !strncmp(text->name, "06", 2) || !strncmp(text->name, "16", 2))
			found = log->reports->totalpages == 327552 / 4;
		tap_ok(found, "%s: total pages %" PRIu64, text->name, want);
	}
	while (at && (at = strchr(at, '('))) {
		uint64_t pid = strtoull(at + 1, NULL, 10);
		int64_t rss = 0, swap = 0, adj = 0, points = 0;
		bool found = false;

		figure(at, "rss", &rss);
		figure(at, "swap", &swap);
		figure(at, "adj", &adj);
		figure(at, "pts", &points);
		if (!strncmp(text->name, "32", 2)) /* 51200 bytes of page tables are less than a page of 64 KiB */
			points = 96;
		for (const struct mml_oom_report *r = log->reports; r; r = r->next)
			for (const struct mml_oom_task *t = r->tasks; t; t = t->next)
				found |= t->n[MML_OOM_PID] == pid && (int64_t)t->n[MML_OOM_RSS] == rss &&
					 (int64_t)t->n[MML_OOM_SWAPENTS] == swap && (int64_t)t->n[MML_OOM_ADJ] == adj &&
					 t->has_points && t->points == points;
		tap_ok(found, "%s: task %" PRIu64 " has %" PRId64 " points", text->name, pid, points);
		at++;
	}
}

static void check_slabs(const struct text *text, const char *line, const struct mml_oom_log *log)
{
	const char *at = strstr(line, "slab top: ");
	const struct mml_oom_report *r = first_dump(log);

	for (at = at ? at + 10 : NULL; at; at = strchr(at, ',') ? strchr(at, ',') + 2 : NULL) {
		const char *blank = strchr(at, ' ');
		uint64_t kb = blank ? strtoull(blank + 1, NULL, 10) : 0;
		bool found = false;

		for (const struct mml_oom_slab *s = r->slabs; s; s = s->next)
			found |= !strncmp(s->name, at, (size_t)(blank - at)) && s->total == kb;
		tap_ok(found, "%s: slab %.*s", text->name, (int)(blank - at), at);
		if (strstr(at, "||") && (!strchr(at, ',') || strchr(at, ',') > strstr(at, "||")))
			break;
	}
}

/* Everything the computed: line of TEXT's part has. */
static void check_computed(const struct text *text)
{
	char head[300], *at, *end;
	struct mml_arena *arena = mml_arena_new();
	struct mml_oom_log *log = read_flags(arena, text->data, text->len, 0);

	snprintf(head, sizeof(head), "## %.250s\n", text->name);
	at = strstr(index_md.data, head);
	at = at ? strstr(at, "- computed: ") : NULL;
	if (!tap_ok(at != NULL, "%s is in the index", text->name))
		return;
	at = strdup(at);
	end = strchr(at, '\n');
	if (end)
		*end = '\0';
	if (strstr(at, "RAM="))
		check_dump(text, at, log);
	check_swap(text, at, log);
	check_badness(text, at, log);
	check_slabs(text, at, log);
	free(at);
	mml_arena_free(arena);
}

static char *dumped(const char *data, size_t len, unsigned flags, bool lines, bool raw)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_oom_log *log = read_flags(arena, data, len, flags);
	struct mml_buf out = { 0 };

	mml_buf_puts(&out, "");
	mml_buf_reserve(&out, 1);
	out.data[0] = '\0';
	dump_log(&out, log, lines, raw);
	mml_arena_free(arena);
	return out.data;
}

/* One report in five forms. */
static void check_forms(void)
{
	static const char *const forms[] = { "22", "23", "24", "25" };
	const struct text *first = find_log("21");
	char *want = dumped(first->data, first->len, 0, false, false);

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		const struct text *t = find_log(forms[i]);
		char *got = dumped(t->data, t->len, 0, false, false);

		tap_ok(!strcmp(got, want), "%s is as %s", t->name, first->name);
		free(got);
	}
	free(want);
}

static int order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines of TEXT, sorted. */
static char **sorted(char *text, size_t *ret_n)
{
	size_t n = 0, cap = 64;
	char **ret = malloc(cap * sizeof(*ret)), *rest = text, *line;

	while ((line = strsep(&rest, "\n"))) {
		if (n == cap)
			ret = realloc(ret, (cap *= 2) * sizeof(*ret));
		ret[n++] = line;
	}
	qsort(ret, n, sizeof(*ret), order);
	*ret_n = n;
	return ret;
}

/* Whatever a cut log gives was in the whole one: no number is half of one. */
static void check_cuts(const struct text *t)
{
	unsigned flags = MML_OOM_KEEP_REPEATS;
	char *whole = dumped(t->data, t->len, flags, true, true);
	size_t n, bad = 0, cuts = 0;
	char **lines = sorted(whole, &n);

	for (size_t at = 1; at < t->len; at += 997, cuts++) {
		char *part = dumped(t->data, at, flags, true, true), *rest = part, *line;

		while ((line = strsep(&rest, "\n"))) {
			if (bsearch(&line, lines, n, sizeof(*lines), order))
				continue;
			bad++;
			printf("# %s cut at %zu: %s\n", t->name, at, line);
		}
		free(part);
	}
	tap_ok(!bad, "%s: %zu cuts give no number that is not in it", t->name, cuts);
	free(lines);
	free(whole);
}

/* The end of a line as every terminal or mail program might cut it: the last characters of every line. */
static void check_line_cuts(const struct text *t)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_span rest = { t->data, t->data + t->len }, line;
	size_t n = 0;

	while (mml_next_line(&rest, &line))
		for (size_t cut = 1; cut < 40 && cut < mml_span_len(line); cut += 7) {
			/* Up to within this line, from a little before it. */
			const char *begin = line.p - t->data > 4000 ? line.p - 4000 : t->data;

			read_flags(arena, begin, (size_t)(line.end - (ptrdiff_t)cut - begin), 0);
			n++;
			if (n % 64 == 0) {
				mml_arena_free(arena);
				arena = mml_arena_new();
			}
		}
	tap_ok(true, "%s: %zu cuts within lines", t->name, n);
	mml_arena_free(arena);
}

static void prose_of(const char *data, size_t len)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_oom_log *log = read_flags(arena, data, len, 0);
	struct mml_oom_style style = { .width = 100, .verbose = true };
	struct mml_buf out = { 0 };

	if (mml_oom_prose(&out, arena, log, &style))
		abort();
	for (size_t i = 0; i < out.len; i++)
		if (out.data[i] != '\n' && (out.data[i] < ' ' || out.data[i] > '~'))
			abort();
	mml_buf_free(&out);
	mml_arena_free(arena);
}

/* Bytes changed at random, the same ones each time. */
static void check_flips(const struct text *t)
{
	unsigned seed = 20260101;
	char *copy = malloc(t->len + 1);

	for (int round = 0; round < 60; round++) {
		memcpy(copy, t->data, t->len);
		for (int k = rand_r(&seed) % 40; k >= 0; k--) {
			size_t at = (size_t)rand_r(&seed) % t->len;

			copy[at] = rand_r(&seed) % 2 ? (char)rand_r(&seed) : copy[(size_t)rand_r(&seed) % t->len];
		}
		prose_of(copy, t->len);
	}
	tap_ok(true, "%s: 60 rounds of changed bytes", t->name);
	free(copy);
}

/* Line by line of two logs in turn. */
static void check_mixtures(void)
{
	for (size_t i = 0; i < nlogs; i++) {
		const struct text *a = &logs[i], *b = &logs[(i * 7 + 3) % nlogs];
		struct mml_span ra = { a->data, a->data + a->len }, rb = { b->data, b->data + b->len }, line;
		struct mml_buf out = { 0 };

		while (ra.p < ra.end || rb.p < rb.end)
			for (int k = 0; k < 2; k++)
				if (mml_next_line(k ? &rb : &ra, &line)) {
					mml_buf_put(&out, line.p, mml_span_len(line));
					mml_buf_putc(&out, '\n');
				}
		prose_of(out.data, out.len);
		mml_buf_free(&out);
	}
	tap_ok(true, "two logs, line by line in turn");
}

/* The fast reject passes by nothing: with a lot of other lines around, and looking at each of them. */
static void check_reject(const struct text *t)
{
	struct mml_buf out = { 0 };
	char *close, *skipped;
	bool text = *t->data != '{';

	for (int i = 0; i < 400 && text; i++)
		mml_buf_printf(&out, "[%5d.%06d] usb 1-1: new high-speed USB device number %d using xhci_hcd\n", i / 10, i, i);
	mml_buf_put(&out, t->data, t->len);
	close = dumped(out.data, out.len, MML_OOM_NO_SKIP, true, false);
	skipped = dumped(out.data, out.len, 0, true, false);
	tap_ok(!strcmp(close, skipped), "%s: as much is found when other lines are passed over", t->name);
	free(close);
	free(skipped);
	mml_buf_free(&out);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct text *)a)->name, ((const struct text *)b)->name);
}

int main(void)
{
	const char *dir = getenv("MMLENS_OOM"), *src = getenv("top_srcdir");
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *d;

	snprintf(path, sizeof(path), "%s/../shared/oom", src ? src : ".");
	d = opendir(dir ? dir : path);
	if (!d || !load(dir ? dir : path, "INDEX.md", &index_md)) {
		tap_skip("no kernel logs in %s: set MMLENS_OOM", dir ? dir : path);
		return tap_done();
	}
	while ((entry = readdir(d)) && nlogs < sizeof(logs) / sizeof(*logs))
		if (strlen(entry->d_name) > 4 && !strcmp(entry->d_name + strlen(entry->d_name) - 4, ".log") &&
		    load(dir ? dir : path, entry->d_name, &logs[nlogs]))
			nlogs++;
	closedir(d);
	qsort(logs, nlogs, sizeof(*logs), by_name);
	for (size_t i = 0; i < sizeof(reports) / sizeof(*reports); i++)
		check_report(i);
	for (size_t i = 0; i < sizeof(zones) / sizeof(*zones); i++)
		check_zone(i);
	check_forms();
	for (size_t i = 0; i < nlogs; i++) {
		check_computed(&logs[i]);
		check_cuts(&logs[i]);
		check_line_cuts(&logs[i]);
		check_flips(&logs[i]);
		check_reject(&logs[i]);
	}
	check_mixtures();
	return tap_done();
}
