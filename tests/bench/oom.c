/* Kernel logs of 100 MB, read for what belongs to memory reports, beside a bare walk over their
 * lines: the median of the ratios pair by pair, and megabytes a second. Four logs: what a busy
 * machine writes, with a report now and then; the same as a journal's export; one line in a hundred
 * with a word of ours that is none of ours; and reports one behind the other.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../src/collectors/oom/model.h"
#include "../../src/core/buf.h"

enum { SIZE = 100 << 20, PAIRS = 9, REPORT_EVERY = 200000 };

static const char *const others[] = {
	"usb 1-1.4: new high-speed USB device number %u using xhci_hcd",
	"audit: type=1400 audit(1764110500.125:%u): apparmor=\"ALLOWED\" operation=\"open\" "
	"class=\"file\" pid=812 comm=\"cupsd\"",
	"IPv4: martian source 10.0.%u.255 from 10.0.3.7, on dev eth0",
	"EXT4-fs (sda%u): mounted filesystem with ordered data mode. Quota mode: none.",
	"nf_conntrack: nf_conntrack: table full, dropping packet %u",
	"systemd[1]: Started Session %u of User root.",
	"e1000e 0000:00:1f.6 eth0: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx (%u)",
	"docker0: port %u(veth9c8a1b7) entered blocking state",
};
static const char *const ours[] = {
	"node%u: allocation of huge pages is up to the administrator",
	"watchdog: %u Memory cgroup hierarchies were looked at",
	"reclaimd: Killed %u idle connections",
};
static const char *const report[] = {
	"worker invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
	"CPU: 1 UID: 0 PID: 168 Comm: worker Not tainted 6.12.117 #1",
	"Call Trace:",
	" <TASK>",
	" dump_stack_lvl+0x64/0x80",
	" dump_header+0x43/0x1d0",
	" </TASK>",
	"Mem-Info:",
	"active_anon:61694 inactive_anon:0 isolated_anon:0",
	" active_file:0 inactive_file:0 isolated_file:0",
	" unevictable:0 dirty:0 writeback:0",
	" slab_reclaimable:218 slab_unreclaimable:2100",
	" mapped:578 shmem:732 pagetables:144",
	" sec_pagetables:0 bounce:0",
	" kernel_misc_reclaimable:0",
	" free:74691 free_pcp:2363 free_cma:0",
	"Node 0 Normal free:11828kB boost:0kB min:13356kB low:16692kB high:20028kB "
	"reserved_highatomic:0KB active_anon:246660kB "
	"inactive_anon:0kB active_file:0kB inactive_file:0kB unevictable:0kB writepending:0kB "
	"present:327552kB managed:279700kB "
	"mlocked:0kB bounce:0kB free_pcp:9452kB local_pcp:9388kB free_cma:0kB",
	"lowmem_reserve[]: 0 0 0 0 0",
	"Node 0 Normal: 6*4kB (UE) 8*8kB (UME) 7*16kB (UME) 6*32kB (UME) 2*64kB (UM) 6*128kB (ME) "
	"5*256kB (UME) 2*512kB (U) 0*1024kB 2*2048kB (UE) 1*4096kB (M) = 11784kB",
	"Free swap  = 0kB",
	"Total swap = 0kB",
	"163710 pages RAM",
	"13770 pages reserved",
	"Tasks state (memory values in pages):",
	"[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes "
	"swapents oom_score_adj name",
	"[    168]     0   168    25847     9256     9120        0       136   114688        0     "
	"        0 worker",
	"[    167]     0   167     3319     3208     3072        0       136    61440        0     "
	"      500 sidecar",
	"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/"
	",mems_allowed=0,global_oom,task_memcg=/,task=worker,pid=168,uid=0",
	"Out of memory: Killed process 168 (worker) total-vm:103388kB, anon-rss:36480kB, "
	"file-rss:0kB, shmem-rss:544kB, UID:0 pgtables:112kB oom_score_adj:0",
};
enum { REPORT = sizeof(report) / sizeof(*report) };

enum kind { BUSY, EXPORT, NEAR, REPORTS };

static void put_line(struct mml_buf *out, enum kind kind, unsigned n, const char *text)
{
	if (kind == EXPORT)
		mml_buf_printf(out,
			       "__CURSOR=s=0123456789abcdef0123456789abcdef;i=%x\n__REALTIME_"
			       "TIMESTAMP=17641105%08u\n"
			       "__MONOTONIC_TIMESTAMP=%u\n_BOOT_ID="
			       "0123456789abcdef0123456789abcdef\n_TRANSPORT=kernel\n"
			       "PRIORITY=6\nSYSLOG_FACILITY=0\nSYSLOG_IDENTIFIER=kernel\n_HOSTNAME="
			       "web-1\nMESSAGE=%s\n\n",
			       n, n, n, text);
	else
		mml_buf_printf(out, "Nov 25 22:41:40 web-1 kernel: [%7u.%06u] %s\n", n / 1000,
			       n % 1000 * 1000, text);
}

static struct mml_buf make_log(enum kind kind)
{
	struct mml_buf out = { 0 };
	char text[256];

	for (unsigned n = 0; out.len < SIZE && !out.error; n++) {
		const char *line = kind == NEAR && n % 100 == 0 ? ours[n / 100 % 3] : others[n % 8];

		if (kind == REPORTS || n % REPORT_EVERY == REPORT_EVERY / 2)
			for (unsigned i = 0; i < REPORT; i++)
				put_line(&out, kind, n, report[i]);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), line, n % 1000);
#pragma GCC diagnostic pop
		if (kind != REPORTS)
			put_line(&out, kind, n, text);
	}
	return out;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) /* others run as well */;
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double walk(const struct mml_buf *log, size_t *ret_lines)
{
	double begin = now();
	const char *p = log->data, *end = p + log->len;

	*ret_lines = 0;
	while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
		p++;
		++*ret_lines;
	}
	return now() - begin;
}

static double read_once(const struct mml_buf *log, size_t *ret_reports)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_oom_log *got = NULL;
	double begin = now(), took;

	if (!arena ||
	    mml_oom_read(arena, (struct mml_span){ log->data, log->data + log->len }, 0, &got))
		exit(1);
	took = now() - begin;
	*ret_reports = got->nreports;
	mml_arena_free(arena);
	return took;
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void measure(const char *name, enum kind kind)
{
	struct mml_buf log = make_log(kind);
	double ratio[PAIRS], took[PAIRS];
	size_t lines = 0, reports = 0;

	if (log.error)
		exit(1);
	for (int i = -1; i < PAIRS; i++) { /* the first pair only warms up */
		double a = read_once(&log, &reports), b = walk(&log, &lines);

		if (i >= 0) {
			took[i] = a;
			ratio[i] = a / b;
		}
	}
	qsort(took, PAIRS, sizeof(*took), order);
	qsort(ratio, PAIRS, sizeof(*ratio), order);
	printf("oom, %s: %.0f MB, %zu lines, %zu reports: %.0f MB/s (at least 200: %s), %.1f times "
	       "a walk over the lines\n",
	       name, (double)log.len / 1e6, lines, reports, (double)log.len / 1e6 / took[PAIRS / 2],
	       (double)log.len / 1e6 / took[PAIRS / 2] >= 200 ? "yes" : "NO", ratio[PAIRS / 2]);
	mml_buf_free(&log);
}

int main(void)
{
	measure("a busy machine's log", BUSY);
	measure("words of ours that are none", NEAR);
	measure("a journal's export", EXPORT);
	measure("nothing but reports", REPORTS);
	return 0;
}
