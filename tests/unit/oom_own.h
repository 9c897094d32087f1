/* A report made here, and how a text is read. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "../../src/collectors/oom/model.h"
#include "../../src/core/buf.h"

/* The lines of a report as the kernel prints them: an x86-64 of 1 GiB, kernel 6.6. */
__attribute__((unused)) static const char *const lines[] = {
	"eater invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), "
	"order=0, oom_score_adj=300",
	"CPU: 1 PID: 185 Comm: eater Not tainted 6.6.30-test #7",
	"Call Trace:",
	" <TASK>",
	" dump_stack_lvl+0x64/0x80",
	" dump_header+0x43/0x1d0",
	" oom_kill_process+0xfa/0x200 [zeta]",
	" </TASK>",
	"Mem-Info:",
	"active_anon:40192 inactive_anon:151898 isolated_anon:32",
	" active_file:21 inactive_file:7 isolated_file:0",
	" unevictable:5 dirty:3 writeback:1",
	" slab_reclaimable:2571 slab_unreclaimable:12151",
	" mapped:594 shmem:2593 pagetables:1314",
	" sec_pagetables:0 bounce:0",
	" kernel_misc_reclaimable:0",
	" free:6832 free_pcp:157 free_cma:0",
	"Node 0 active_anon:160768kB inactive_anon:607592kB active_file:84kB inactive_file:28kB "
	"unevictable:20kB isolated(anon):128kB "
	"isolated(file):0kB mapped:2376kB dirty:12kB writeback:4kB shmem:10372kB shmem_thp:0kB "
	"shmem_pmdmapped:0kB anon_thp:0kB "
	"writeback_tmp:0kB kernel_stack:3664kB pagetables:5256kB sec_pagetables:0kB "
	"all_unreclaimable? yes",
	"Node 0 DMA free:3804kB boost:0kB min:760kB low:948kB high:1136kB reserved_highatomic:0KB "
	"active_anon:128kB inactive_anon:9928kB "
	"active_file:0kB inactive_file:0kB unevictable:0kB writepending:0kB present:15992kB "
	"managed:15360kB mlocked:0kB bounce:0kB "
	"free_pcp:344kB local_pcp:224kB free_cma:0kB",
	"lowmem_reserve[]: 0 897 897 897 897",
	"Node 0 DMA32 free:23524kB boost:0kB min:25112kB low:28888kB high:32664kB "
	"reserved_highatomic:0KB active_anon:160640kB "
	"inactive_anon:597664kB active_file:84kB inactive_file:28kB unevictable:20kB "
	"writepending:12kB present:1032584kB managed:918528kB "
	"mlocked:0kB bounce:0kB free_pcp:284kB local_pcp:92kB free_cma:0kB",
	"lowmem_reserve[]: 0 0 0 0 0",
	"Node 0 DMA: 1*4kB (M) 1*8kB (M) 1*16kB (U) 0*32kB 1*64kB (M) 1*128kB (U) 2*256kB (U) "
	"2*512kB (U) 0*1024kB 1*2048kB (M) 0*4096kB = 3804kB",
	"Node 0 DMA32: 401*4kB (UME) 120*8kB (UM) 60*16kB (UME) 200*32kB (UME) 13*64kB (ME) "
	"4*128kB (UME) 4*256kB (UE) 10*512kB (UE) "
	"6*1024kB (UME) 0*2048kB 0*4096kB = 23556kB",
	"Node 0 hugepages_total=3 hugepages_free=1 hugepages_surp=0 hugepages_size=2048kB",
	"2621 total pagecache pages",
	"17 pages in swap cache",
	"Free swap  = 1200kB",
	"Total swap = 65532kB",
	"262144 pages RAM",
	"0 pages HighMem/MovableOnly",
	"28672 pages reserved",
	"0 pages hwpoisoned",
	"Unreclaimable slab info:",
	"Name                      Used          Total",
	"vm_area_struct          9432KB       9444KB",
	"page->ptl                  3KB          3KB",
	"Tasks state (memory values in pages):",
	"[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name",
	"[    101]     0   101     3319     1208    61440        0         -1000 sshd",
	"[    185]  1000   185   268247   121592  1228800    14192           300 eater",
	"[   2090]   998  2090   103153    52000   495616       96             0 Web Content",
	"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/"
	",mems_allowed=0,global_oom,task_memcg=/user.slice/a,b,task=eater,pid=185,uid=1000",
	"Out of memory: Killed process 185 (eater) total-vm:1072988kB, anon-rss:485824kB, "
	"file-rss:0kB, shmem-rss:544kB, UID:1000 "
	"pgtables:1200kB oom_score_adj:300",
	"oom_reaper: reaped process 185 (eater), now anon-rss:4kB, file-rss:0kB, shmem-rss:0kB",
};
enum { LINES = sizeof(lines) / sizeof(*lines) };

__attribute__((unused)) static struct mml_oom_log *read_log(struct mml_arena *arena,
							    const struct mml_buf *text)
{
	struct mml_oom_log *log = NULL;
	char *copy = malloc(text->len ? text->len : 1);

	if (text->len)
		memcpy(copy, text->data, text->len);
	if (mml_oom_read(arena, (struct mml_span){ copy, copy + text->len }, 0, &log))
		abort();
	free(copy);
	return log;
}
