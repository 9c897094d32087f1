/* Each conclusion just below and just above where it changes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "../tap.h"
#include "oom_own.h"

/* A machine with one zone, whose figures are to be moved. */
struct machine {
	const char *header, *kernel, *constraint;
	uint64_t ram, free, min, high, boost, cma, highatomic, managed, shmem, anon, slab, huge,
		withheld, dma_free;
	const char *buddy;
	uint64_t rss[3];
	const char *names[3];
};

static struct machine plain(void)
{
	return (struct machine){
		.header = "x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, "
			  "oom_score_adj=0",
		.kernel = "6.6.1",
		.constraint = "CONSTRAINT_NONE",
		.ram = 100000,
		.free = 3000,
		.min = 4000,
		.high = 6000,
		.managed = 400000,
		.anon = 80000,
		.names = { "a", "b", "c" },
		.rss = { 1000, 900, 800 },
	};
}

static void put_kill(struct mml_buf *text, const struct machine *m)
{
	mml_buf_puts(text, "Tasks state (memory values in pages):\n[  pid  ]   uid  tgid "
			   "total_vm      rss pgtables_bytes swapents oom_score_adj name\n");
	for (int i = 0; i < 3; i++)
		mml_buf_printf(text,
			       "[ %d]     0   %d    9000     %" PRIu64
			       "    0        0             0 %s\n",
			       50 + i, 50 + i, m->rss[i], m->names[i]);
	mml_buf_printf(text,
		       "oom-kill:constraint=%s,nodemask=(null),cpuset=/"
		       ",mems_allowed=0,global_oom,task_memcg=/,task=a,pid=50,uid=0\n"
		       "Out of memory: Killed process 50 (a) total-vm:36000kB, anon-rss:4000kB, "
		       "file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:0kB oom_score_adj:0\n",
		       m->constraint);
}

static const struct mml_oom_report *read_machine(struct mml_arena *arena, const struct machine *m)
{
	struct mml_buf text = { 0 };
	const struct mml_oom_report *r;

	mml_buf_printf(&text, "%s\nCPU: 0 PID: 1 Comm: x Not tainted %s #1\nMem-Info:\n", m->header,
		       m->kernel);
	mml_buf_printf(
		&text,
		"active_anon:%" PRIu64
		" inactive_anon:0 isolated_anon:0\n active_file:0 inactive_file:0 isolated_file:0\n"
		" unevictable:0 dirty:0 writeback:0\n slab_reclaimable:0 "
		"slab_unreclaimable:%" PRIu64 "\n mapped:0 shmem:%" PRIu64
		" pagetables:0\n sec_pagetables:0 bounce:0\n free:%" PRIu64
		" free_pcp:0 free_cma:%" PRIu64 "\n",
		m->anon, m->slab, m->shmem, (m->free + m->dma_free) / 4, m->cma / 4);
	mml_buf_printf(
		&text,
		"Node 0 active_anon:0kB kernel_stack:0kB pagetables:0kB all_unreclaimable? no\n");
	if (m->withheld)
		mml_buf_printf(
			&text,
			"Node 0 DMA32 free:%" PRIu64
			"kB boost:0kB min:40kB low:50kB high:60kB present:80000kB managed:80000kB\n"
			"lowmem_reserve[]: 0 0 %" PRIu64 " %" PRIu64 "\n",
			m->dma_free, m->withheld, m->withheld);
	mml_buf_printf(&text,
		       "Node 0 Normal free:%" PRIu64 "kB boost:%" PRIu64 "kB min:%" PRIu64
		       "kB low:%" PRIu64 "kB high:%" PRIu64 "kB reserved_highatomic:%" PRIu64
		       "KB present:%" PRIu64 "kB managed:%" PRIu64 "kB free_cma:%" PRIu64
		       "kB\nlowmem_reserve[]: 0 0 0 0\n",
		       m->free, m->boost, m->min, m->min + 500, m->high, m->highatomic, m->ram * 4,
		       m->managed, m->cma);
	if (m->buddy)
		mml_buf_printf(&text, "Node 0 Normal: %s\n", m->buddy);
	if (m->huge)
		mml_buf_printf(&text,
			       "Node 0 hugepages_total=%" PRIu64
			       " hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB\n",
			       m->huge);
	mml_buf_printf(&text,
		       "Free swap  = 0kB\nTotal swap = 0kB\n%" PRIu64
		       " pages RAM\n0 pages reserved\n",
		       m->ram);
	if (strstr(m->header, "oom-killer"))
		put_kill(&text, m);
	r = read_log(arena, &text)->reports;
	mml_buf_free(&text);
	return r;
}

static const struct mml_oom_zone *normal(const struct mml_oom_report *r)
{
	const struct mml_oom_zone *z = r->zones;

	while (z && z->type != MML_OOM_NORMAL)
		z = z->next;
	return z;
}

static void is_verdict(const struct machine *m, enum mml_oom_verdict want, const char *what)
{
	struct mml_arena *arena = mml_arena_new();
	const struct mml_oom_zone *z = normal(read_machine(arena, m));

	if (!tap_ok(z && z->verdict == want, "%s: %s", what,
		    want ? mml_oom_verdict_word(want) : "-"))
		printf("# got %s, usable %" PRIu64 ", mark %" PRIu64 "\n",
		       z && z->verdict ? mml_oom_verdict_word(z->verdict) : "-",
		       z ? z->usable / 1024 : 0, z ? z->mark / 1024 : 0);
	mml_arena_free(arena);
}

static void is_reason(const struct machine *m, enum mml_oom_reason reason,
		      enum mml_oom_reason reason2, const char *what)
{
	struct mml_arena *arena = mml_arena_new();
	const struct mml_oom_report *r = read_machine(arena, m);

	if (!tap_ok(r->reason == reason && r->reason2 == reason2, "%s: %s, %s", what,
		    reason ? mml_oom_reason_word(reason) : "-",
		    reason2 ? mml_oom_reason_word(reason2) : "-"))
		printf("# got %s, %s\n", r->reason ? mml_oom_reason_word(r->reason) : "-",
		       r->reason2 ? mml_oom_reason_word(r->reason2) : "-");
	mml_arena_free(arena);
}

/* The request must leave more than the mark: pages are of 4 KiB. */
static void check_marks(void)
{
	struct machine m = plain();

	m.header = "x: page allocation failure: order:0, mode:0xcc0(GFP_KERNEL), "
		   "nodemask=(null),cpuset=/,mems_allowed=0";
	m.free = 4000;
	is_verdict(&m, MML_OOM_ZONE_BELOW_MARK, "free is min");
	m.free = 4004;
	is_verdict(&m, MML_OOM_ZONE_OK, "free is a page above min");
	/* The OOM killer's last try asks for high. */
	m.header = plain().header;
	m.free = 6000;
	is_verdict(&m, MML_OOM_ZONE_BELOW_MARK, "free is high, and an OOM kill");
	m.free = 6004;
	is_verdict(&m, MML_OOM_ZONE_OK, "free is above high, and an OOM kill");
	/* __GFP_HIGH: half of min, and a quarter of that when it may not sleep: 1000 - 500 - 125
	 * pages. */
	m.header = "x: page allocation failure: order:0, mode:0x820(GFP_ATOMIC), nodemask=(null)";
	m.free = 375 * 4;
	is_verdict(&m, MML_OOM_ZONE_BELOW_MARK, "atomic, at three eighths");
	m.free = 376 * 4;
	is_verdict(&m, MML_OOM_ZONE_OK, "atomic, above three eighths");
	/* Order 0 and __GFP_HIGH are not held to the boost, since 5.9: 600 - 300 - 75 pages. */
	m.boost = 1600;
	m.free = 225 * 4;
	is_verdict(&m, MML_OOM_ZONE_BELOW_MARK, "atomic, at three eighths without the boost");
	m.free = 226 * 4;
	is_verdict(&m, MML_OOM_ZONE_OK, "atomic, above three eighths without the boost");
	m.kernel = "5.8.18";
	m.header = "x: page allocation failure: order:0, mode:0xa20(GFP_ATOMIC), nodemask=(null)";
	is_verdict(&m, MML_OOM_ZONE_BELOW_MARK, "5.8 holds it to the boost");
	/* NOWAIT is held to min. */
	m = plain();
	m.header = "x: page allocation failure: order:0, mode:0x800(GFP_NOWAIT), nodemask=(null)";
	m.free = 4000;
	is_verdict(&m, MML_OOM_ZONE_BELOW_MARK, "GFP_NOWAIT at min");
	/* __GFP_MEMALLOC to nothing at all. */
	m.header = "x: page allocation failure: order:0, "
		   "mode:0x60c40(GFP_NOFS|__GFP_COMP|__GFP_MEMALLOC), nodemask=(null)";
	m.free = 4;
	is_verdict(&m, MML_OOM_ZONE_OK, "__GFP_MEMALLOC with a page left");
	m.free = 0;
	is_verdict(&m, MML_OOM_ZONE_DRAINED, "__GFP_MEMALLOC with none");
}

/* What counts as free: not CMA for what cannot move, not what is held for atomic requests. */
static void check_usable(void)
{
	struct machine m = plain();

	m.header = "x: page allocation failure: order:0, mode:0xcc0(GFP_KERNEL), nodemask=(null)";
	m.free = 5000;
	m.cma = 996;
	is_verdict(&m, MML_OOM_ZONE_OK, "a page above min without CMA");
	m.cma = 1000;
	is_verdict(&m, MML_OOM_ZONE_CMA, "at min without CMA");
	m.header = "x: page allocation failure: order:0, mode:0x100cca(GFP_HIGHUSER_MOVABLE), "
		   "nodemask=(null)";
	is_verdict(&m, MML_OOM_ZONE_OK, "movable memory may use CMA");
	m = plain();
	m.header = "x: page allocation failure: order:0, mode:0xcc0(GFP_KERNEL), nodemask=(null)";
	m.free = 5000;
	m.highatomic = 996;
	is_verdict(&m, MML_OOM_ZONE_OK, "a page above min without what is held");
	m.highatomic = 1000;
	is_verdict(&m, MML_OOM_ZONE_HIGHATOMIC, "at min without what is held");
	/* Blocks: none of the order, only CMA's, only held ones, one that serves. */
	m = plain();
	m.free = 50000;
	m.header = "x: page allocation failure: order:3, mode:0x40cc0(GFP_KERNEL|__GFP_COMP), "
		   "nodemask=(null)";
	m.buddy = "9000*4kB (UME) 1000*8kB (UM) 375*16kB (UE) 0*32kB 0*64kB = 50000kB";
	is_verdict(&m, MML_OOM_ZONE_FRAGMENTED, "order 3 and blocks of order 2");
	m.buddy = "9000*4kB (UME) 1000*8kB (UM) 371*16kB (UE) 2*32kB (C) 0*64kB = 50000kB";
	is_verdict(&m, MML_OOM_ZONE_CMA, "order 3 and blocks of CMA");
	m.buddy = "9000*4kB (UME) 1000*8kB (UM) 371*16kB (UE) 2*32kB (H) 0*64kB = 50000kB";
	is_verdict(&m, MML_OOM_ZONE_HIGHATOMIC, "order 3 and held blocks");
	m.buddy = "9000*4kB (UME) 1000*8kB (UM) 371*16kB (UE) 2*32kB (CE) 0*64kB = 50000kB";
	is_verdict(&m, MML_OOM_ZONE_OK, "order 3 and a block that serves");
	m.buddy = "9000*4kB (UME) 1000*8kB (UM) 375*16kB (UE)";
	is_verdict(&m, MML_OOM_ZONE_UNKNOWN, "order 3 and a list that was cut");
	m.buddy = NULL;
	is_verdict(&m, MML_OOM_ZONE_UNKNOWN, "order 3 without a list");
}

static void check_holders(void)
{
	struct machine m = plain();

	m.rss[0] = 49999;
	is_reason(&m, MML_OOM_WHY_BELOW_MIN, MML_OOM_WHY_MANY_TASKS,
		  "a task has just less than half");
	m.rss[0] = 50000;
	is_reason(&m, MML_OOM_WHY_BELOW_MIN, MML_OOM_WHY_TASK, "a task has half");
	m.rss[0] = 40000;
	m.rss[1] = 9199;
	is_reason(&m, MML_OOM_WHY_BELOW_MIN, MML_OOM_WHY_ANON, "tasks have just less than half");
	m.rss[1] = 9200;
	is_reason(&m, MML_OOM_WHY_BELOW_MIN, MML_OOM_WHY_MANY_TASKS, "tasks have half");
	/* A quarter is the least that a share is worth naming for. */
	m = plain();
	m.anon = m.shmem = 0;
	m.free = 4000;
	m.ram = 4000;
	m.managed = 16000;
	m.slab = 999;
	m.huge = 0;
	m.anon = 900;
	m.cma = 0;
	is_reason(&m, MML_OOM_WHY_BELOW_MIN, MML_OOM_WHY_UNACCOUNTED,
		  "1101 of 4000 pages are nobody's");
	m.slab = 1051;
	is_reason(&m, MML_OOM_WHY_BELOW_MIN, MML_OOM_WHY_SLAB,
		  "the slab has a page more than what is nobody's");
	m.anon = 1001;
	m.slab = 999;
	is_reason(&m, MML_OOM_WHY_BELOW_MIN, MML_OOM_WHY_MANY_TASKS, "anonymous memory leads");
	m = plain();
	m.huge = 45;
	m.anon = 23039;
	m.shmem = 0;
	m.slab = 23039;
	m.ram = 23040 + 23039 + 23039 + 750;
	is_reason(&m, MML_OOM_WHY_BELOW_MIN, MML_OOM_WHY_HUGETLB, "huge pages have a page more");
	m.slab = m.anon = 23041;
	m.ram += 4;
	is_reason(&m, MML_OOM_WHY_BELOW_MIN, MML_OOM_WHY_ANON, "huge pages have a page less");
}

static void check_refusals(void)
{
	struct machine m = plain();

	/* Free memory that is kept for others: from a hundredth on it is the reason. */
	m.withheld = 2000;
	m.dma_free = 40 + 3996;
	is_reason(&m, MML_OOM_WHY_BELOW_MIN, MML_OOM_WHY_ANON,
		  "just less than a hundredth is withheld");
	m.dma_free = 40 + 4000;
	is_reason(&m, MML_OOM_WHY_LOWMEM_RESERVE, MML_OOM_WHY_ANON, "a hundredth is withheld");
	/* The reserve for those who cannot wait: three eighths of min. */
	m = plain();
	m.free = 1504;
	is_reason(&m, MML_OOM_WHY_BELOW_MIN, MML_OOM_WHY_ANON,
		  "above what atomic requests may go down to");
	m.free = 1500;
	is_reason(&m, MML_OOM_WHY_DRAINED, MML_OOM_WHY_ANON, "down to it");
	m = plain();
	m.free = 60000;
	is_reason(&m, MML_OOM_WHY_TRANSIENT, MML_OOM_WHY_NONE, "enough when it was printed");
	m.header = "x invoked oom-killer: gfp_mask=0x0(), order=0, oom_score_adj=0";
	is_reason(&m, MML_OOM_WHY_FALSE_GLOBAL, MML_OOM_WHY_NONE, "no request at all");
	m.header = "x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-1, oom_score_adj=0";
	is_reason(&m, MML_OOM_WHY_MANUAL, MML_OOM_WHY_NONE, "order -1");
}

int main(void)
{
	check_marks();
	check_usable();
	check_holders();
	check_refusals();
	return tap_done();
}
