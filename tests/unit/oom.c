/* Kernel logs made here: one report in every form people have logs in, and each conclusion just below and
 * just above where it changes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "../../src/collectors/oom/gfp.h"
#include "../../src/collectors/oom/prose.h"
#include "../tap.h"
#include "oom_dump.h"

/* The lines of a report as the kernel prints them: an x86-64 of 1 GiB, kernel 6.6. */
static const char *const lines[] = {
	"eater invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), order=0, oom_score_adj=300",
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
	"Node 0 active_anon:160768kB inactive_anon:607592kB active_file:84kB inactive_file:28kB unevictable:20kB isolated(anon):128kB "
	"isolated(file):0kB mapped:2376kB dirty:12kB writeback:4kB shmem:10372kB shmem_thp:0kB shmem_pmdmapped:0kB anon_thp:0kB "
	"writeback_tmp:0kB kernel_stack:3664kB pagetables:5256kB sec_pagetables:0kB all_unreclaimable? yes",
	"Node 0 DMA free:3804kB boost:0kB min:760kB low:948kB high:1136kB reserved_highatomic:0KB active_anon:128kB inactive_anon:9928kB "
	"active_file:0kB inactive_file:0kB unevictable:0kB writepending:0kB present:15992kB managed:15360kB mlocked:0kB bounce:0kB "
	"free_pcp:344kB local_pcp:224kB free_cma:0kB",
	"lowmem_reserve[]: 0 897 897 897 897",
	"Node 0 DMA32 free:23524kB boost:0kB min:25112kB low:28888kB high:32664kB reserved_highatomic:0KB active_anon:160640kB "
	"inactive_anon:597664kB active_file:84kB inactive_file:28kB unevictable:20kB writepending:12kB present:1032584kB managed:918528kB "
	"mlocked:0kB bounce:0kB free_pcp:284kB local_pcp:92kB free_cma:0kB",
	"lowmem_reserve[]: 0 0 0 0 0",
	"Node 0 DMA: 1*4kB (M) 1*8kB (M) 1*16kB (U) 0*32kB 1*64kB (M) 1*128kB (U) 2*256kB (U) 2*512kB (U) 0*1024kB 1*2048kB (M) 0*4096kB = 3804kB",
	"Node 0 DMA32: 401*4kB (UME) 120*8kB (UM) 60*16kB (UME) 200*32kB (UME) 13*64kB (ME) 4*128kB (UME) 4*256kB (UE) 10*512kB (UE) "
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
	"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/user.slice/a,b,task=eater,pid=185,uid=1000",
	"Out of memory: Killed process 185 (eater) total-vm:1072988kB, anon-rss:485824kB, file-rss:0kB, shmem-rss:544kB, UID:1000 "
	"pgtables:1200kB oom_score_adj:300",
	"oom_reaper: reaped process 185 (eater), now anon-rss:4kB, file-rss:0kB, shmem-rss:0kB",
};
enum { LINES = sizeof(lines) / sizeof(*lines) };

static struct mml_oom_log *read_log(struct mml_arena *arena, const struct mml_buf *text)
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

static char *dump_of(const struct mml_buf *text)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_buf out = { 0 };

	mml_buf_reserve(&out, 1);
	out.data[0] = '\0';
	dump_log(&out, read_log(arena, text), false, false);
	mml_arena_free(arena);
	return out.data;
}

typedef void form_fn(struct mml_buf *out, int i, const char *line);

static void bare(struct mml_buf *out, int i, const char *line)
{
	(void)i;
	mml_buf_printf(out, "%s\n", line);
}

static void printk(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "[%5d.%06d] %s\n", 153, 702600 + i, line);
}

static void caller(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "[%5d.%06d][%6s] %s\n", 153, 702600 + i, "T185", line);
}

static void level(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "<4>[%5d.%06d] %s\n", 153, 702600 + i, line);
}

static void facility(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "kern  :warn  : [%5d.%06d] %s\n", 153, 702600 + i, line);
}

static void delta(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "[%5d.%06d <    0.000017>] %s\n", 153, 702600 + i, line);
}

static void dated(struct mml_buf *out, int i, const char *line)
{
	(void)i;
	mml_buf_printf(out, "[Mo Mär 25 23:35:17 2019] %s\n", line);
}

static void iso(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "2026-11-25T22:41:40,%06d+00:00 %s\n", 125100 + i, line);
}

static void iso_host(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "2026-11-25T22:41:40.%06d+00:00 web-1 kernel: [  153.702600] %s\n", 125100 + i, line);
}

static void syslog_form(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "Nov  5 22:41:40 web-1 kernel: [%5d.%06d] %s\n", 153, 702600 + i, line);
}

static void el6(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "Apr 18 16:56:16 web-1 kernel: : [%5d.%06d] %s\n", 153, 702600 + i, line);
}

static void openwrt(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "Sun Nov 24 14:17:25 2019 kern.warn kernel: [%5d.%06d] %s\n", 153, 702600 + i, line);
}

static void monotonic(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "[%5d.%06d] web-1 kernel: %s\n", 153, 702600 + i, line);
}

static void crlf(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "[%5d.%06d] %s\r\n", 153, 702600 + i, line);
}

static void coloured(struct mml_buf *out, int i, const char *line)
{
	const char *colon = strchr(line, ':');
	int n = colon ? (int)(colon - line) + 1 : 0;

	mml_buf_printf(out, "\033[32m[%5d.%06d] \033[0m\033[33m%.*s\033[0m\033[1m%s\033[0m\n", 153, 702600 + i, n, line, line + n);
}

static void quoted(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, ">> \t[%5d.%06d] %s\n", 153, 702600 + i, line);
}

static void kmsg(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "4,%d,%d,-,caller=T185;%s\n SUBSYSTEM=mm\n DEVICE=+x\n", 500 + i, 153702600 + i, line);
}

/* Lines end with = where mail broke them. */
static void quoted_printable(struct mml_buf *out, int i, const char *line)
{
	char text[1024];
	int at = 0;

	snprintf(text, sizeof(text), "[%5d.%06d] %s", 153, 702600 + i, line);
	for (const char *p = text; *p; p++) {
		at += *p == '=' ? 3 : 1;
		if (at > 74) {
			mml_buf_puts(out, "=\n");
			at = *p == '=' ? 3 : 1;
		}
		if (*p == '=')
			mml_buf_puts(out, "=3D");
		else
			mml_buf_putc(out, *p);
	}
	mml_buf_putc(out, '\n');
}

/* As a mail program breaks lines: at a blank, before column 72. */
static void wrapped(struct mml_buf *out, int i, const char *line)
{
	char text[1024];
	struct mml_span rest, word;
	size_t at = 0;

	snprintf(text, sizeof(text), "[%5d.%06d] ", 153, 702600 + i);
	mml_buf_puts(out, text);
	at = strlen(text);
	while (*line == ' ') {
		mml_buf_putc(out, *line++);
		at++;
	}
	rest = mml_span_str(line);
	for (bool first = true; rest.p < rest.end; first = false) {
		const char *from = rest.p;

		if (!mml_next_token(&rest, &word))
			break;
		if (!first && at + (size_t)(word.end - from) > 72) {
			mml_buf_putc(out, '\n');
			at = 0;
			from = word.p;
		}
		mml_buf_put(out, from, (size_t)(word.end - from));
		at += (size_t)(word.end - from);
	}
	mml_buf_putc(out, '\n');
}

/* As a terminal of 100 columns breaks them: anywhere. */
static void broken(struct mml_buf *out, int i, const char *line)
{
	char text[1024];

	snprintf(text, sizeof(text), "[%5d.%06d] %s", 153, 702600 + i, line);
	for (size_t at = 0; at < strlen(text); at += 100)
		mml_buf_printf(out, "%.100s\n", text + at);
}

static void json(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "%s{\n         \"pri\": 4,\n         \"time\":  153.%06d,\n         \"caller\": \"T185\",\n         \"msg\": \"%s\"\n      }",
		       i ? "," : "{\n   \"dmesg\": [\n      ", 702600 + i, line);
	if (i == LINES - 1)
		mml_buf_puts(out, "\n   ]\n}\n");
}

static void journal_json(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "{\"__REALTIME_TIMESTAMP\":\"17641168%08d\",\"_TRANSPORT\":\"kernel\",\"_HOSTNAME\":\"web-1\",\"PRIORITY\":\"4\","
			    "\"MESSAGE\":\"%s\",\"_SOURCE_MONOTONIC_TIMESTAMP\":\"153%06d\"}\n", i, line, 702600 + i);
}

static void export_form(struct mml_buf *out, int i, const char *line)
{
	unsigned char len[8] = { 0 };

	mml_buf_printf(out, "__CURSOR=s=%d\n__REALTIME_TIMESTAMP=17641168%08d\n_TRANSPORT=kernel\n_HOSTNAME=web-1\n", i, i);
	if (i % 3) {
		mml_buf_printf(out, "MESSAGE=%s\n\n", line);
		return;
	}
	len[0] = (unsigned char)(strlen(line) & 255);
	len[1] = (unsigned char)(strlen(line) >> 8);
	mml_buf_puts(out, "MESSAGE\n");
	mml_buf_put(out, (const char *)len, 8);
	mml_buf_printf(out, "%s\nPRIORITY=4\n\n", line);
}

static const struct {
	const char *name;
	form_fn *write;
} forms[] = {
	{ "bare", bare },
	{ "printk", printk },
	{ "caller", caller },
	{ "level", level },
	{ "dmesg -x", facility },
	{ "dmesg -d", delta },
	{ "dmesg -T", dated },
	{ "dmesg --time-format iso", iso },
	{ "rsyslog with ISO time", iso_host },
	{ "syslog", syslog_form },
	{ "el6", el6 },
	{ "OpenWrt", openwrt },
	{ "short-monotonic", monotonic },
	{ "CRLF", crlf },
	{ "colours", coloured },
	{ "quoted", quoted },
	{ "/dev/kmsg", kmsg },
	{ "quoted-printable", quoted_printable },
	{ "wrapped by mail", wrapped },
	{ "wrapped by a terminal", broken },
	{ "dmesg -J", json },
	{ "journalctl -o json", journal_json },
	{ "journalctl -o export", export_form },
};

static void write_all(struct mml_buf *out, form_fn *write)
{
	for (int i = 0; i < LINES; i++)
		write(out, i, lines[i]);
}

/* The first line of two that differ, for whoever looks at a failure. */
static void print_difference(const char *got, const char *want)
{
	while (*got && *want) {
		size_t a = strcspn(got, "\n"), b = strcspn(want, "\n");

		if (a != b || memcmp(got, want, a) != 0) {
			printf("#      got: %.*s\n# expected: %.*s\n", (int)a, got, (int)b, want);
			return;
		}
		got += a + (got[a] != '\0');
		want += b + (want[b] != '\0');
	}
}

static void check_forms(void)
{
	struct mml_buf first = { 0 };
	char *want;

	write_all(&first, bare);
	want = dump_of(&first);
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct mml_buf text = { 0 };
		char *got;

		write_all(&text, forms[i].write);
		got = dump_of(&text);
		if (!tap_ok(!strcmp(got, want), "%s", forms[i].name))
			print_difference(got, want);
		free(got);
		mml_buf_free(&text);
	}
	free(want);
	mml_buf_free(&first);
}

/* The counters are one record of the kernel: how journals and rsyslog write its lines. */
static void check_records_of_lines(void)
{
	static const char *const joints[] = { "\n                ", "#012", "\\x0a" };
	struct mml_buf first = { 0 };
	char *want;

	write_all(&first, printk);
	want = dump_of(&first);
	for (size_t k = 0; k < 3; k++) {
		struct mml_buf text = { 0 };
		char *got;

		for (int i = 0; i < LINES; i++) {
			if (i > 9 && i < 17) {
				text.len--;
				mml_buf_printf(&text, "%s%s\n", joints[k], lines[i]);
			} else {
				printk(&text, i, lines[i]);
			}
		}
		got = dump_of(&text);
		if (!tap_ok(!strcmp(got, want), "a record of several lines, %zu", k))
			print_difference(got, want);
		free(got);
		mml_buf_free(&text);
	}
	free(want);
	mml_buf_free(&first);
}

/* Two reports at once, told apart by who prints. */
static void check_callers(void)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_buf text = { 0 };
	struct mml_oom_log *log;

	for (int i = 0; i < LINES; i++) {
		mml_buf_printf(&text, "[  153.702600][ T185] %s\n", lines[i]);
		mml_buf_printf(&text, "[  153.702600][   C0] %s\n",
			       i == 0 ? "swapper/0: page allocation failure: order:1, mode:0x40820(GFP_ATOMIC|__GFP_COMP), nodemask=(null),cpuset=/,mems_allowed=0" :
			       i > 8 && i < 33 ? lines[i] : " x+0x1/0x2");
	}
	log = read_log(arena, &text);
	is_u64(log->nreports, 2);
	ok(log->reports->kind == MML_OOM_KIND_OOM && log->reports->next->kind == MML_OOM_KIND_ALLOC_FAILURE);
	is_u64(log->reports->ntasks, 3);
	is_u64(log->reports->next->ntasks, 0);
	is_u64(log->reports->next->ram.n, 262144);
	is_str(log->reports->next->comm, "swapper/0");
	ok(log->reports->victim && log->reports->victim->reaped_line);
	mml_arena_free(arena);
	mml_buf_free(&text);
}

/* What was read of the report above, by hand. */
static void check_values(void)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_buf text = { 0 };
	const struct mml_oom_report *r;
	struct mml_oom_log *log;

	write_all(&text, printk);
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
	ok(r->zones->verdict == MML_OOM_ZONE_RESERVE && r->zones->next->verdict == MML_OOM_ZONE_BELOW_MARK);
	is_i64(r->zones->margin, (3804 - 760 - 897 * 4) * 1024);
	mml_arena_free(arena);
	mml_buf_free(&text);
}

/* A machine with one zone, whose figures are to be moved. */
struct machine {
	const char *header, *kernel, *constraint;
	uint64_t ram, free, min, high, boost, cma, highatomic, managed, shmem, anon, slab, huge, withheld, dma_free;
	const char *buddy;
	uint64_t rss[3];
	const char *names[3];
};

static struct machine plain(void)
{
	return (struct machine){
		.header = "x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
		.kernel = "6.6.1", .constraint = "CONSTRAINT_NONE",
		.ram = 100000, .free = 3000, .min = 4000, .high = 6000, .managed = 400000,
		.anon = 80000, .names = { "a", "b", "c" }, .rss = { 1000, 900, 800 },
	};
}

static const struct mml_oom_report *read_machine(struct mml_arena *arena, const struct machine *m)
{
	struct mml_buf text = { 0 };
	const struct mml_oom_report *r;

	mml_buf_printf(&text, "%s\nCPU: 0 PID: 1 Comm: x Not tainted %s #1\nMem-Info:\n", m->header, m->kernel);
	mml_buf_printf(&text, "active_anon:%" PRIu64 " inactive_anon:0 isolated_anon:0\n active_file:0 inactive_file:0 isolated_file:0\n"
			      " unevictable:0 dirty:0 writeback:0\n slab_reclaimable:0 slab_unreclaimable:%" PRIu64 "\n mapped:0 shmem:%" PRIu64
			      " pagetables:0\n sec_pagetables:0 bounce:0\n free:%" PRIu64 " free_pcp:0 free_cma:%" PRIu64 "\n",
		       m->anon, m->slab, m->shmem, (m->free + m->dma_free) / 4, m->cma / 4);
	mml_buf_printf(&text, "Node 0 active_anon:0kB kernel_stack:0kB pagetables:0kB all_unreclaimable? no\n");
	if (m->withheld)
		mml_buf_printf(&text, "Node 0 DMA32 free:%" PRIu64 "kB boost:0kB min:40kB low:50kB high:60kB present:80000kB managed:80000kB\n"
				      "lowmem_reserve[]: 0 0 %" PRIu64 " %" PRIu64 "\n", m->dma_free, m->withheld, m->withheld);
	mml_buf_printf(&text, "Node 0 Normal free:%" PRIu64 "kB boost:%" PRIu64 "kB min:%" PRIu64 "kB low:%" PRIu64 "kB high:%" PRIu64
			      "kB reserved_highatomic:%" PRIu64 "KB present:%" PRIu64 "kB managed:%" PRIu64 "kB free_cma:%" PRIu64
			      "kB\nlowmem_reserve[]: 0 0 0 0\n",
		       m->free, m->boost, m->min, m->min + 500, m->high, m->highatomic, m->ram * 4, m->managed, m->cma);
	if (m->buddy)
		mml_buf_printf(&text, "Node 0 Normal: %s\n", m->buddy);
	if (m->huge)
		mml_buf_printf(&text, "Node 0 hugepages_total=%" PRIu64 " hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB\n", m->huge);
	mml_buf_printf(&text, "Free swap  = 0kB\nTotal swap = 0kB\n%" PRIu64 " pages RAM\n0 pages reserved\n", m->ram);
	if (strstr(m->header, "oom-killer")) {
		mml_buf_puts(&text, "Tasks state (memory values in pages):\n[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n");
		for (int i = 0; i < 3; i++)
			mml_buf_printf(&text, "[ %d]     0   %d    9000     %" PRIu64 "    0        0             0 %s\n", 50 + i, 50 + i, m->rss[i], m->names[i]);
		mml_buf_printf(&text, "oom-kill:constraint=%s,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=a,pid=50,uid=0\n"
				      "Out of memory: Killed process 50 (a) total-vm:36000kB, anon-rss:4000kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:0kB oom_score_adj:0\n",
			       m->constraint);
	}
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

	if (!tap_ok(z && z->verdict == want, "%s: %s", what, want ? mml_oom_verdict_word(want) : "-"))
		printf("# got %s, usable %" PRIu64 ", mark %" PRIu64 "\n", z && z->verdict ? mml_oom_verdict_word(z->verdict) : "-",
		       z ? z->usable / 1024 : 0, z ? z->mark / 1024 : 0);
	mml_arena_free(arena);
}

static void is_reason(const struct machine *m, enum mml_oom_reason reason, enum mml_oom_reason reason2, const char *what)
{
	struct mml_arena *arena = mml_arena_new();
	const struct mml_oom_report *r = read_machine(arena, m);

	if (!tap_ok(r->reason == reason && r->reason2 == reason2, "%s: %s, %s", what, reason ? mml_oom_reason_word(reason) : "-",
		    reason2 ? mml_oom_reason_word(reason2) : "-"))
		printf("# got %s, %s\n", r->reason ? mml_oom_reason_word(r->reason) : "-", r->reason2 ? mml_oom_reason_word(r->reason2) : "-");
	mml_arena_free(arena);
}

/* The request must leave more than the mark: pages are of 4 KiB. */
static void check_marks(void)
{
	struct machine m = plain();

	m.header = "x: page allocation failure: order:0, mode:0xcc0(GFP_KERNEL), nodemask=(null),cpuset=/,mems_allowed=0";
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
	/* __GFP_HIGH: half of min, and a quarter of that when it may not sleep: 1000 - 500 - 125 pages. */
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
	m.header = "x: page allocation failure: order:0, mode:0x60c40(GFP_NOFS|__GFP_COMP|__GFP_MEMALLOC), nodemask=(null)";
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
	m.header = "x: page allocation failure: order:0, mode:0x100cca(GFP_HIGHUSER_MOVABLE), nodemask=(null)";
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
	m.header = "x: page allocation failure: order:3, mode:0x40cc0(GFP_KERNEL|__GFP_COMP), nodemask=(null)";
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

static void check_reasons(void)
{
	struct machine m = plain();

	m.rss[0] = 49999;
	is_reason(&m, MML_OOM_WHY_BELOW_MIN, MML_OOM_WHY_MANY_TASKS, "a task has just less than half");
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
	is_reason(&m, MML_OOM_WHY_BELOW_MIN, MML_OOM_WHY_UNACCOUNTED, "1101 of 4000 pages are nobody's");
	m.slab = 1051;
	is_reason(&m, MML_OOM_WHY_BELOW_MIN, MML_OOM_WHY_SLAB, "the slab has a page more than what is nobody's");
	m.anon = 1001;
	m.slab = 999;
	is_reason(&m, MML_OOM_WHY_BELOW_MIN, MML_OOM_WHY_MANY_TASKS, "anonymous memory leads");
	/* Free memory that is kept for others: from a hundredth on it is the reason. */
	m = plain();
	m.withheld = 2000;
	m.dma_free = 40 + 3996;
	is_reason(&m, MML_OOM_WHY_BELOW_MIN, MML_OOM_WHY_ANON, "just less than a hundredth is withheld");
	m.dma_free = 40 + 4000;
	is_reason(&m, MML_OOM_WHY_LOWMEM_RESERVE, MML_OOM_WHY_ANON, "a hundredth is withheld");
	/* The reserve for those who cannot wait: three eighths of min. */
	m = plain();
	m.free = 1504;
	is_reason(&m, MML_OOM_WHY_BELOW_MIN, MML_OOM_WHY_ANON, "above what atomic requests may go down to");
	m.free = 1500;
	is_reason(&m, MML_OOM_WHY_DRAINED, MML_OOM_WHY_ANON, "down to it");
	m = plain();
	m.free = 60000;
	is_reason(&m, MML_OOM_WHY_TRANSIENT, MML_OOM_WHY_NONE, "enough when it was printed");
	m.header = "x invoked oom-killer: gfp_mask=0x0(), order=0, oom_score_adj=0";
	is_reason(&m, MML_OOM_WHY_FALSE_GLOBAL, MML_OOM_WHY_NONE, "no request at all");
	m.header = "x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-1, oom_score_adj=0";
	is_reason(&m, MML_OOM_WHY_MANUAL, MML_OOM_WHY_NONE, "order -1");
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
		{ MML_VERSION(2, 6, 18), 'A' }, { MML_VERSION(4, 3, 6), 'A' }, { MML_VERSION(4, 4, 0), 'B' },
		{ MML_VERSION(4, 9, 255), 'B' }, { MML_VERSION(4, 10, 0), 'C' }, { MML_VERSION(4, 17, 19), 'C' },
		{ MML_VERSION(4, 18, 0), 'D' }, { MML_VERSION(5, 0, 21), 'D' }, { MML_VERSION(5, 1, 0), 'E' },
		{ MML_VERSION(6, 2, 16), 'E' }, { MML_VERSION(6, 3, 0), 'F' }, { MML_VERSION(7, 3, 4), 'F' },
	};
	uint64_t rest;
	uint32_t flags;

	for (size_t i = 0; i < sizeof(masks) / sizeof(*masks); i++) {
		struct mml_buf out = { 0 };

		mml_gfp_print(&out, mml_gfp_decode(masks[i].mask, masks[i].table, masks[i].version, &rest));
		tap_ok(!rest, "0x%" PRIx64 " by table %c", masks[i].mask, masks[i].table);
		is_str(out.data, masks[i].names);
		/* What is printed reads as what was printed. */
		ok(mml_gfp_parse(mml_span_str(masks[i].names), masks[i].table, &flags));
		ok(flags == (mml_gfp_decode(masks[i].mask, masks[i].table, masks[i].version, &rest) &
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
		{ "x invoked oom-killer: gfp_mask=0x24000c0, order=0, oom_score_adj=0", NULL, 'B', "GFP_KERNEL" },
		{ "x invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=0", "3.10.0-514.el7.x86_64", 'A', "GFP_HIGHUSER_MOVABLE|__GFP_COLD" },
		{ "x invoked oom-killer: gfp_mask=0x404000(GFP_NOWAIT|__GFP_COMP), nodemask=(null), order=0, oom_score_adj=0", "5.0.10", 'D', "GFP_NOWAIT|__GFP_COMP" },
		{ "x invoked oom-killer: gfp_mask=0x6000c0(GFP_KERN", "4.19.60", 'D', "GFP_KERNEL" },
		{ "x invoked oom-killer: gfp_mask=0x840d0, order=0, oom_adj=0, oom_score_adj=0", NULL, 'A', "GFP_KERNEL|__GFP_RECLAIMABLE|__GFP_COMP" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mml_arena *arena = mml_arena_new();
		struct mml_buf text = { 0 };
		const struct mml_oom_report *r;

		mml_buf_printf(&text, "%s\n", cases[i].header);
		if (cases[i].kernel)
			mml_buf_printf(&text, "CPU: 0 PID: 1 Comm: x Not tainted %s #1\n", cases[i].kernel);
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
		"inactive_anon:151898 isolated_anon:32\n",  /* the rest of a line? */
		"144 pages RAM\n",
	};
	for (size_t i = 0; i < sizeof(cut) / sizeof(*cut); i++) {
		struct mml_arena *arena = mml_arena_new();
		struct mml_buf text = { 0 };
		const struct mml_oom_report *r;

		mml_buf_puts(&text, cut[i]);
		r = read_log(arena, &text)->reports;
		tap_ok(!r || (!mml_oom_has(r->item[MML_OOM_INACTIVE_ANON]) && !mml_oom_has(r->ram) &&
			      (!r->zones || (!mml_oom_has(r->zones->item[MML_OOM_MIN]) && !r->zones->reserves &&
					     r->zones->buddy.orders < 3 && r->zones->item[MML_OOM_FREE].n != 38))),
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
	struct mml_oom_style style = { .width = 80 };
	struct mml_oom_log *log;

	mml_buf_puts(&text, "Nov  5 22:41:40 web-1 sshd[81]: Accepted publickey for root\n[    0.000000] Linux version 6.6.30\n"
			    "a page allocation failure occurred, they said; memory allocation is hard\n");
	log = read_log(arena, &text);
	is_u64(log->nreports, 0);
	ok(!mml_oom_prose(&out, arena, log, &style) && strstr(out.data, "No out-of-memory kill"));
	text.len = out.len = 0;
	mml_buf_puts(&text, "Nov 5 22:41:40 web-1 systemd-oomd[81]: Killed /user.slice/x due to memory pressure for /user.slice being 51%\n"
			    "Nov 5 22:41:41 web-1 earlyoom[90]: sending SIGTERM to process 4711 uid 1000 \"fire fox\": badness 900, VmRSS 3000 MiB\n"
			    "<6>[ 12.5] lowmemorykiller: Killing 'com.x' (812), adj 1000,\n");
	log = read_log(arena, &text);
	is_u64(log->nreports, 0);
	ok(log->kills && log->kills->kind == MML_OOM_KILL_USERSPACE && log->kills->next && log->kills->next->next);
	is_str(log->kills->comm, "/user.slice/x");
	is_u64(log->kills->next->pid.n, 4711);
	is_str(log->kills->next->comm, "fire fox");
	is_u64(log->kills->next->next->pid.n, 812);
	ok(!mml_oom_prose(&out, arena, log, &style) && strstr(out.data, "Not the kernel [line 2]"));
	mml_arena_free(arena);
	mml_buf_free(&text);
	mml_buf_free(&out);
}

/* Names are the users': what could steer a terminal is none of our text. */
static void check_harmless(void)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_buf text = { 0 }, out = { 0 };
	struct mml_oom_style style = { .width = 60 };
	size_t widest = 0, at = 0;

	mml_buf_puts(&text, "[1.000001] \302\233x\ty invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
			    "[1.000002] Out of memory: Killed process 5 (\302\233x\ty) total-vm:36000kB, anon-rss:4000kB, file-rss:0kB, shmem-rss:0kB\n");
	ok(!mml_oom_prose(&out, arena, read_log(arena, &text), &style));
	for (size_t i = 0; i < out.len; i++) {
		at = out.data[i] == '\n' ? 0 : at + 1;
		widest = at > widest ? at : widest;
		if (out.data[i] != '\n' && (out.data[i] < ' ' || out.data[i] > '~'))
			widest = 1000;
	}
	ok(widest <= 60);
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

		mml_buf_printf(&text, "x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
				      "CPU: 0 PID: 1 Comm: x Not tainted %s #1\nmemory: usage %" PRIu64 "kB, limit %" PRIu64 "kB, failcnt 9\n"
				      "swap: usage 0kB, limit 9007199254740988kB, failcnt 0\nMemory cgroup stats for /a:b/c:\nanon 4096\nfile 0\n",
			       new ? "6.1.0" : "5.15.0", limits[i], limits[i]);
		ok(!mml_oom_prose(&out, arena, read_log(arena, &text), &style));
		tap_ok((strstr(out.data, "hardly anything can run") != NULL) == (i % 2 == 0), "%" PRIu64 " pages, %s", limits[i] / 4, new ? "6.1" : "5.15");
		ok(strstr(out.data, "The limit of /a:b/c"));
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

	mml_buf_puts(&text, "x invoked oom-killer: gfp_mask=0x24000c0(GFP_KERNEL), order=0, oom_score_adj=0\nx cpuset=/ mems_allowed=0-1\n"
			    "CPU: 0 PID: 7 Comm: x Not tainted 4.9.1 #1\n1000000 pages RAM\n0 pages reserved\nFree swap  = 0kB\nTotal swap = 0kB\n"
			    "[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name\n"
			    "[   50]     0    50    97590   300000     113       5        0             0 main\n"
			    "[   51]     0    51    97590     1000       9       3        0             0 child\n"
			    "Out of memory: Kill process 50 (main) score 300 or sacrifice child\n"
			    "Killed process 51 (child) total-vm:390360kB, anon-rss:4000kB, file-rss:0kB, shmem-rss:0kB\n");
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
	check_forms();
	check_records_of_lines();
	check_callers();
	check_values();
	check_marks();
	check_usable();
	check_reasons();
	check_gfp();
	check_gfp_choice();
	check_cut();
	check_nothing();
	check_harmless();
	check_group();
	check_old_kill();
	return tap_done();
}
