/* What is read of a report made here, of cut ones, of none; flags of requests by version. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "../../src/collectors/oom/gfp.h"
#include "../tap.h"
#include "oom_own.h"
#include "oom_prose.h"

/* What was read of the report above, by hand. */
static void check_values(void)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_buf text = { 0 };
	const struct mml_oom_report *r;
	struct mml_oom_log *log;

	for (int i = 0; i < LINES; i++)
		mml_buf_printf(&text, "[  153.702600] %s\n", lines[i]);
	log = read_log(arena, &text);
	r = log->reports;
	is_u64(log->nreports, 1);
	is_u64(r->line_first, 1);
	is_u64(r->line_last, LINES);
	is_i64(r->time.usec, 153702600);
	is_str(r->comm, "eater");
	is_u64(r->pid.n, 185);
	is_str(r->kernel, "6.6.30-test");
	is_u64(r->version, MML_VERSION(6, 6, 30));
	is_i64(r->adj, 300);
	is_str(r->task_memcg, "/user.slice/a,b");
	is_u64(r->item[MML_OOM_SHMEM].n, 2593);
	is_u64(r->item[MML_OOM_SHMEM].line, 14);
	is_u64(r->item[MML_OOM_FREE].n, 6832);
	is_u64(r->zones->next->item[MML_OOM_MANAGED].n, 918528);
	is_u64(r->zones->next->item[MML_OOM_MANAGED].line, 21);
	is_u64(r->zones->buddy.count[8].n, 0);
	is_u64(r->zones->buddy.count[9].n, 1);
	is_u64(r->hugepages->free.n, 1);
	is_u64(r->slabs->next->total, 3);
	is_str(r->slabs->next->name, "page->ptl");
	is_str(r->tasks->next->next->name, "Web Content");
	is_str(r->frames->next->next->module, "zeta");
	is_u64(r->victim->reaped_line, LINES);
	/* 233472 managed pages and 16383 of swap; eater: 121592 + 14192 + 300 + 300 * 249 */
	is_u64(r->totalpages, 249855);
	is_i64(r->expected->points, 121592 + 14192 + 300 + 300 * 249);
	ok(r->expected == r->victim_task && r->expected->rank == 1);
	is_u64(r->next_task->n[MML_OOM_PID], 2090);
	ok(r->tasks->state == MML_OOM_TASK_EXEMPT);
	/* 262144 - 28672 - 192122 - 28 - 5 - 14722 - 1314 - 916 - 1536 - 6832 - 157 */
	is_i64(r->balance.unaccounted, 15840);
	ok(r->reason == MML_OOM_WHY_BELOW_MIN && r->reason2 == MML_OOM_WHY_TASK);
	ok(r->zones->verdict == MML_OOM_ZONE_RESERVE &&
	   r->zones->next->verdict == MML_OOM_ZONE_BELOW_MARK);
	is_i64(r->zones->margin, (3804 - 760 - 897 * 4) * 1024);
	mml_arena_free(arena);
	mml_buf_free(&text);
}

static const struct {
	uint64_t mask;
	char table;
	unsigned version;
	const char *names;
} masks[] = {
	{ 0x201d2, 'A', MML_VERSION(2, 6, 18), "GFP_HIGHUSER|__GFP_COLD" },
	{ 0x201da, 'A', 0, "GFP_HIGHUSER_MOVABLE|__GFP_COLD" },
	{ 0x280da, 'A', 0, "GFP_HIGHUSER_MOVABLE|__GFP_ZERO" },
	{ 0xd0, 'A', 0, "GFP_KERNEL" },
	{ 0x20, 'A', 0, "GFP_ATOMIC" },
	{ 0x4020, 'A', 0, "GFP_ATOMIC|__GFP_COMP" },
	{ 0x40d0, 'A', 0, "GFP_KERNEL|__GFP_COMP" },
	{ 0x840d0, 'A', 0, "GFP_KERNEL|__GFP_RECLAIMABLE|__GFP_COMP" },
	{ 0x1200d2, 'A', MML_VERSION(2, 6, 30), "GFP_HIGHUSER_MOVABLE" },
	{ 0x24000c0, 'B', 0, "GFP_KERNEL" },
	{ 0x2080020, 'B', 0, "GFP_ATOMIC" },
	{ 0x24201ca, 'B', 0, "GFP_HIGHUSER_MOVABLE|__GFP_COLD" },
	{ 0x14000c0, 'C', 0, "GFP_KERNEL" },
	{ 0x14280ca, 'C', 0, "GFP_HIGHUSER_MOVABLE|__GFP_ZERO" },
	{ 0x1080020, 'C', 0, "GFP_ATOMIC" },
	{ 0x6000c0, 'D', 0, "GFP_KERNEL" },
	{ 0x6200ca, 'D', 0, "GFP_HIGHUSER_MOVABLE" },
	{ 0x6280ca, 'D', 0, "GFP_HIGHUSER_MOVABLE|__GFP_ZERO" },
	{ 0x484020, 'D', 0, "GFP_ATOMIC|__GFP_COMP" },
	{ 0xcc0, 'E', 0, "GFP_KERNEL" },
	{ 0xa20, 'E', 0, "GFP_ATOMIC" },
	{ 0x820, 'F', 0, "GFP_ATOMIC" },
	{ 0x100cca, 'E', 0, "GFP_HIGHUSER_MOVABLE" },
	{ 0x100dca, 'E', 0, "GFP_HIGHUSER_MOVABLE|__GFP_ZERO" },
	{ 0x140dca, 'F', 0, "GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP" },
	{ 0x1100cca, 'E', MML_VERSION(5, 15, 0), "GFP_HIGHUSER_MOVABLE" },
	{ 0xc40, 'E', 0, "GFP_NOFS" },
	{ 0xc00, 'E', 0, "GFP_NOIO" },
	{ 0x800, 'E', 0, "GFP_NOWAIT" },
	{ 0x1, 'E', 0, "GFP_DMA" },
};

static void check_gfp(void)
{
	static const struct {
		unsigned version;
		char table;
	} versions[] = {
		{ MML_VERSION(2, 6, 18), 'A' }, { MML_VERSION(4, 3, 6), 'A' },
		{ MML_VERSION(4, 4, 0), 'B' },	{ MML_VERSION(4, 9, 255), 'B' },
		{ MML_VERSION(4, 10, 0), 'C' }, { MML_VERSION(4, 17, 19), 'C' },
		{ MML_VERSION(4, 18, 0), 'D' }, { MML_VERSION(5, 0, 21), 'D' },
		{ MML_VERSION(5, 1, 0), 'E' },	{ MML_VERSION(6, 2, 16), 'E' },
		{ MML_VERSION(6, 3, 0), 'F' },	{ MML_VERSION(7, 3, 4), 'F' },
	};
	uint64_t rest;
	uint32_t flags;

	for (size_t i = 0; i < sizeof(masks) / sizeof(*masks); i++) {
		struct mml_buf out = { 0 };

		mml_gfp_print(&out, mml_gfp_decode(masks[i].mask, masks[i].table, masks[i].version,
						   &rest));
		tap_ok(!rest, "0x%" PRIx64 " by table %c", masks[i].mask, masks[i].table);
		is_str(out.data, masks[i].names);
		/* What is printed reads as what was printed. */
		ok(mml_gfp_parse(mml_span_str(masks[i].names), masks[i].table, &flags));
		ok(flags ==
		   (mml_gfp_decode(masks[i].mask, masks[i].table, masks[i].version, &rest) &
		    ~(UINT32_C(1) << MML_GFP_CONFIG)));
		mml_buf_free(&out);
	}
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++)
		ok(mml_gfp_table(versions[i].version) == versions[i].table);
	ok(!mml_gfp_table(0));
	mml_gfp_decode(0x80000000, 'E', 0, &rest);
	ok(rest == 0x80000000);
	ok(!mml_gfp_parse(mml_span_str("GFP_KERNEL|__GFP_NEW"), 'E', &flags));
}

/* The table of a mask alone: by the release, or by which it is a mask of. */
static void check_gfp_choice(void)
{
	static const struct {
		const char *header, *kernel;
		char table;
		const char *names;
	} cases[] = {
		{ "x: page allocation failure. order:0, mode:0x20", NULL, 'A', "GFP_ATOMIC" },
		{ "x invoked oom-killer: gfp_mask=0x24000c0, order=0, oom_score_adj=0", NULL, 'B',
		  "GFP_KERNEL" },
		{ "x invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=0",
		  "3.10.0-514.el7.x86_64", 'A', "GFP_HIGHUSER_MOVABLE|__GFP_COLD" },
		{ "x invoked oom-killer: gfp_mask=0x404000(GFP_NOWAIT|__GFP_COMP), "
		  "nodemask=(null), order=0, oom_score_adj=0",
		  "5.0.10", 'D', "GFP_NOWAIT|__GFP_COMP" },
		{ "x invoked oom-killer: gfp_mask=0x6000c0(GFP_KERN", "4.19.60", 'D',
		  "GFP_KERNEL" },
		{ "x invoked oom-killer: gfp_mask=0x840d0, order=0, oom_adj=0, oom_score_adj=0",
		  NULL, 'A', "GFP_KERNEL|__GFP_RECLAIMABLE|__GFP_COMP" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mml_arena *arena = mml_arena_new();
		struct mml_buf text = { 0 };
		const struct mml_oom_report *r;

		mml_buf_printf(&text, "%s\n", cases[i].header);
		if (cases[i].kernel)
			mml_buf_printf(&text, "CPU: 0 PID: 1 Comm: x Not tainted %s #1\n",
				       cases[i].kernel);
		r = read_log(arena, &text)->reports;
		ok(r && r->request.known && r->request.table == cases[i].table);
		is_str(r->request.names, cases[i].names);
		mml_arena_free(arena);
		mml_buf_free(&text);
	}
}

/* An end that is missing takes the number before it along. */
static void check_cut(void)
{
	static const char *const cut[] = {
		"Mem-Info:\nactive_anon:40192 inactive_anon:151",
		"Mem-Info:\nactive_anon:40192 inactive_anon:151>",
		"Mem-Info:\nNode 0 DMA free:38",
		"Mem-Info:\nNode 0 DMA free:38>\n",
		"Mem-Info:\nNode 0 DMA free:3804kB min:76\nlowmem_reserve[]: 0 8",
		"Mem-Info:\nNode 0 DMA: 1*4kB (M) 1*8kB (M) 1*1",
		"inactive_anon:151898 isolated_anon:32\n", /* the rest of a line? */
		"144 pages RAM\n",
	};
	for (size_t i = 0; i < sizeof(cut) / sizeof(*cut); i++) {
		struct mml_arena *arena = mml_arena_new();
		struct mml_buf text = { 0 };
		const struct mml_oom_report *r;

		mml_buf_puts(&text, cut[i]);
		r = read_log(arena, &text)->reports;
		tap_ok(!r || (!mml_oom_has(r->item[MML_OOM_INACTIVE_ANON]) &&
			      !mml_oom_has(r->ram) &&
			      (!r->zones || (!mml_oom_has(r->zones->item[MML_OOM_MIN]) &&
					     !r->zones->reserves && r->zones->buddy.orders < 3 &&
					     r->zones->item[MML_OOM_FREE].n != 38))),
		       "cut %zu", i);
		mml_arena_free(arena);
		mml_buf_free(&text);
	}
}

/* Nothing of ours: no report, and it is said. */
static void check_nothing(void)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_buf text = { 0 }, out = { 0 };
	struct mml_oom_style style = { 0 };
	struct mml_oom_log *log;

	mml_buf_puts(&text,
		     "Nov  5 22:41:40 web-1 sshd[81]: Accepted publickey for root\n[    0.000000] "
		     "Linux version 6.6.30\n"
		     "a page allocation failure occurred, they said; memory allocation is hard\n");
	log = read_log(arena, &text);
	is_u64(log->nreports, 0);
	ok(!log->reports && !log->kills);
	text.len = 0;
	mml_buf_puts(&text, "Nov 5 22:41:40 web-1 systemd-oomd[81]: Killed /user.slice/x due to "
			    "memory pressure for /user.slice being 51%\n"
			    "Nov 5 22:41:41 web-1 earlyoom[90]: sending SIGTERM to process 4711 "
			    "uid 1000 \"fire fox\": badness 900, VmRSS 3000 MiB\n"
			    "<6>[ 12.5] lowmemorykiller: Killing 'com.x' (812), adj 1000,\n");
	log = read_log(arena, &text);
	is_u64(log->nreports, 0);
	ok(log->kills && log->kills->kind == MML_OOM_KILL_USERSPACE && log->kills->next &&
	   log->kills->next->next);
	is_str(log->kills->comm, "/user.slice/x");
	is_u64(log->kills->next->pid.n, 4711);
	is_str(log->kills->next->comm, "fire fox");
	is_u64(log->kills->next->next->pid.n, 812);
	is_u64(log->kills->next->index, 2);
	put_prose(&out, arena, log, &style);
	ok(strstr(out.data, "Report 3 of 3: line 3\nNot the kernel, but a program that watches memory"));
	mml_arena_free(arena);
	mml_buf_free(&text);
	mml_buf_free(&out);
}

/* Names are the users': what could steer a terminal is none of our text. */
static void check_harmless(void)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_buf text = { 0 }, out = { 0 };
	struct mml_oom_style style = { 0 };
	bool harmless = true;

	mml_buf_puts(&text, "[1.000001] \302\233x\ty invoked oom-killer: "
			    "gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
			    "[1.000002] Out of memory: Killed process 5 (\302\233x\ty) "
			    "total-vm:36000kB, anon-rss:4000kB, file-rss:0kB, shmem-rss:0kB\n");
	put_prose(&out, arena, read_log(arena, &text), &style);
	for (size_t i = 0; i < out.len; i++)
		harmless &= out.data[i] == '\n' || (out.data[i] >= ' ' && out.data[i] <= '~');
	ok(harmless);
	ok(strstr(out.data, "??x?y[5]"));
	mml_arena_free(arena);
	mml_buf_free(&text);
	mml_buf_free(&out);
}

/* A group: its own name, the limit's, and how small a limit is worth a word. */
static void check_group(void)
{
	static const uint64_t limits[] = { 63 * 4, 64 * 4, 127 * 4, 128 * 4 };

	for (size_t i = 0; i < 4; i++) {
		struct mml_arena *arena = mml_arena_new();
		struct mml_buf text = { 0 }, out = { 0 };
		struct mml_oom_style style = { 0 };
		bool new = i >= 2;

		mml_buf_printf(&text,
			       "x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, "
			       "oom_score_adj=0\n"
			       "CPU: 0 PID: 1 Comm: x Not tainted %s #1\nmemory: usage %" PRIu64
			       "kB, limit %" PRIu64 "kB, failcnt 9\n"
			       "swap: usage 0kB, limit 9007199254740988kB, failcnt 0\nMemory "
			       "cgroup stats for /a:b/c:\nanon 4096\nfile 0\n",
			       new ? "6.1.0" : "5.15.0", limits[i], limits[i]);
		put_prose(&out, arena, read_log(arena, &text), &style);
		tap_ok((strstr(out.data, "hardly anything can run") != NULL) == (i % 2 == 0),
		       "%" PRIu64 " pages, %s", limits[i] / 4, new ? "6.1" : "5.15");
		ok(strstr(out.data, "The limit of /a:b/c"));
		mml_arena_free(arena);
		mml_buf_free(&text);
		mml_buf_free(&out);
	}
}

/* What a process has mapped says something about the limit only if it is more. */
static void check_mapped(void)
{
	for (unsigned more = 0; more < 2; more++) {
		struct mml_arena *arena = mml_arena_new();
		struct mml_buf text = { 0 }, out = { 0 };
		struct mml_oom_style style = { 0 };

		mml_buf_printf(&text,
			       "x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, "
			       "oom_score_adj=0\n"
			       "memory: usage 65536kB, limit 65536kB, failcnt 9\n"
			       "swap: usage 0kB, limit 0kB, failcnt 0\nMemory cgroup stats for /a:\n"
			       "anon 61440000\nTasks state (memory values in pages):\n"
			       "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents "
			       "oom_score_adj name\n"
			       "[    5]     0     5    16384    15000    61440        0             0 x\n"
			       "Memory cgroup out of memory: Killed process 5 (x) total-vm:%ukB, "
			       "anon-rss:60000kB, file-rss:0kB, shmem-rss:0kB\n",
			       65536 + more * 4);
		put_prose(&out, arena, read_log(arena, &text), &style);
		ok((strstr(out.data, "64.0 MiB mapped, more than it may touch") != NULL) == more);
		mml_arena_free(arena);
		mml_buf_free(&text);
		mml_buf_free(&out);
	}
}

/* Of how many pages the adj of a group's task is a share: what swap counts is known when all that
 * may be used is. */
static void check_group_swap(void)
{
	static const struct {
		const char *swap;
		uint64_t total;
		bool least;
	} cases[] = {
		{ "swap: usage 0kB, limit 0kB, failcnt 1", 6144, false },
		{ "swap: usage 8188kB, limit 8192kB, failcnt 1", 6144 + 2047, true },
		{ "swap: usage 8192kB, limit 8192kB, failcnt 1", 6144 + 2048, false },
		{ "swap: usage 40kB, limit 9007199254740988kB, failcnt 0", 6144 + 10, true },
		{ "memory+swap: usage 24576kB, limit 24576kB, failcnt 1", 6144, false },
		{ "memory+swap: usage 32764kB, limit 32768kB, failcnt 1", 6144 + 2047, true },
		{ "memory+swap: usage 32768kB, limit 32768kB, failcnt 1", 6144 + 2048, false },
		{ "memory+swap: usage 24576kB, limit 9007199254740988kB, failcnt 0", 6144, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mml_arena *arena = mml_arena_new();
		struct mml_buf text = { 0 };
		const struct mml_oom_report *r;

		mml_buf_printf(&text,
			       "x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, "
			       "oom_score_adj=0\nCPU: 0 PID: 1 Comm: x Not tainted 6.1.0 #1\n"
			       "memory: usage 24576kB, limit 24576kB, failcnt 9\n%s\n",
			       cases[i].swap);
		r = read_log(arena, &text)->reports;
		tap_ok(r->totalpages == cases[i].total && r->totalpages_least == cases[i].least,
		       "%s: %s%" PRIu64, cases[i].swap, r->totalpages_least ? "at least " : "",
		       r->totalpages);
		mml_arena_free(arena);
		mml_buf_free(&text);
	}
}

/* Who is being killed fails where others wait; nobody else does. */
static void check_dying(void)
{
	for (unsigned pid = 185; pid < 187; pid++) {
		struct mml_arena *arena = mml_arena_new();
		struct mml_buf text = { 0 }, out = { 0 };
		struct mml_oom_style style = { 0 };

		for (int i = 0; i < LINES; i++)
			mml_buf_printf(&text, "%s\n", lines[i]);
		mml_buf_printf(&text,
			       "eater: page allocation failure: order:0, mode:0xcc0(GFP_KERNEL), "
			       "nodemask=(null)\nCPU: 1 PID: %u Comm: eater Not tainted 6.6.30 #7\n"
			       "Mem-Info:\n262144 pages RAM",
			       pid);
		put_prose(&out, arena, read_log(arena, &text), &style);
		ok((strstr(out.data, "It had been killed already") != NULL) == (pid == 185));
		ok(strstr(out.data, "ends without an end of line"));
		mml_arena_free(arena);
		mml_buf_free(&text);
		mml_buf_free(&out);
	}
}

/* 4.19 and before: who was chosen, whose child was killed, and the kernel's own score. */
static void check_old_kill(void)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_buf text = { 0 };
	const struct mml_oom_report *r;

	mml_buf_puts(&text, "x invoked oom-killer: gfp_mask=0x24000c0(GFP_KERNEL), order=0, "
			    "oom_score_adj=0\nx cpuset=/ mems_allowed=0-1\n"
			    "CPU: 0 PID: 7 Comm: x Not tainted 4.9.1 #1\n1000000 pages RAM\n0 "
			    "pages reserved\nFree swap  = 0kB\nTotal swap = 0kB\n"
			    "[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents "
			    "oom_score_adj name\n"
			    "[   50]     0    50    97590   300000     113       5        0        "
			    "     0 main\n"
			    "[   51]     0    51    97590     1000       9       3        0        "
			    "     0 child\n"
			    "Out of memory: Kill process 50 (main) score 300 or sacrifice child\n"
			    "Killed process 51 (child) total-vm:390360kB, anon-rss:4000kB, "
			    "file-rss:0kB, shmem-rss:0kB\n");
	r = read_log(arena, &text)->reports;
	is_u64(r->victim->pid.n, 51);
	is_u64(r->victim->chosen_pid.n, 50);
	is_u64(r->victim->score.n, 300);
	ok(r->has_score && r->score == 300);
	ok(!r->kills->next);
	is_str(r->mems_allowed, "0-1");
	is_i64(r->tasks->points, 300118);
	mml_arena_free(arena);
	mml_buf_free(&text);
}

int main(void)
{
	check_values();
	check_gfp();
	check_gfp_choice();
	check_cut();
	check_nothing();
	check_harmless();
	check_group();
	check_mapped();
	check_group_swap();
	check_dying();
	check_old_kill();
	return tap_done();
}
