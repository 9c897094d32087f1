/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/collectors/events/trace.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "../../src/bpf/tasks.h"
#include "../../src/collectors/events/faults.h"
#include "../../src/collectors/events/tlb.h"
#include "../../src/core/buf.h"
#include "../bpf/sums.h"
#include "../tap.h"

static struct mml_trace_head *begin(struct mml_buf *bytes, enum mml_trace_kind kind)
{
	struct mml_trace_head head = {
		.magic = MML_TRACE_MAGIC,
		.order = MML_TRACE_ORDER,
		.version = MML_TRACE_VERSION,
		.kind = kind,
		.page_size = 4096,
		.traced_ns = 2000000000,
	};

	bytes->len = 0;
	mml_buf_put(bytes, (const char *)&head, sizeof(head));
	return (struct mml_trace_head *)bytes->data;
}

static struct mml_trace_head *end(struct mml_buf *bytes)
{
	struct mml_trace_head *head = (struct mml_trace_head *)bytes->data;

	head->length = bytes->len - sizeof(*head);
	return head;
}

static void put(struct mml_buf *bytes, const void *data, size_t len)
{
	mml_buf_put(bytes, data, len);
}

static int heads_rc(struct mml_buf *bytes, enum mml_trace_kind kind)
{
	struct mml_trace_head head;

	return mml_trace_check(bytes->data, bytes->len, kind, &head);
}

static void heads(void)
{
	struct mml_buf bytes = { 0 };
	struct mml_trace_head head;

	begin(&bytes, MML_TRACE_TLB);
	ok(!heads_rc(&bytes, MML_TRACE_TLB));
	ok(heads_rc(&bytes, MML_TRACE_FAULTS) == -EBADMSG);
	ok(mml_trace_check(bytes.data, sizeof(head) - 1, MML_TRACE_TLB, &head) == -EBADMSG);
	ok(mml_trace_check("", 0, MML_TRACE_TLB, &head) == -EBADMSG);
	begin(&bytes, MML_TRACE_TLB)->order = 0x04030201;
	ok(heads_rc(&bytes, MML_TRACE_TLB) == -ENOTSUP);
	begin(&bytes, MML_TRACE_TLB)->version++;
	ok(heads_rc(&bytes, MML_TRACE_TLB) == -ENOTSUP);
	begin(&bytes, MML_TRACE_TLB)->length = 1;
	ok(heads_rc(&bytes, MML_TRACE_TLB) == -EBADMSG);
	begin(&bytes, MML_TRACE_TLB)->page_size = 4095;
	ok(heads_rc(&bytes, MML_TRACE_TLB) == -EBADMSG);
	begin(&bytes, MML_TRACE_TLB)->magic[0] = 'x';
	ok(heads_rc(&bytes, MML_TRACE_TLB) == -EBADMSG);
	mml_buf_free(&bytes);
}

static struct mml_task_process process(uint32_t pid, const char *comm)
{
	struct mml_task_process p = {
		.kind = MML_TASK_PROCESS,
		.tgid = pid,
		.min_flt = 100,
		.maj_flt = 1,
		.start_boottime = 12345678901,
		.ppid = 1,
		.uid = 1000,
		.euid = 0,
		.threads = 2,
		.state = 1,
		.oom_score_adj = -17,
		.flags = MML_TASK_HAS_MM | MML_TASK_HUGETLB,
		.rss = { 10, 20, 5, 30 },
		.total_vm = 1000,
		.hiwater_vm = 900,
		.hiwater_rss = 70,
		.data_vm = 11,
		.exec_vm = 50,
		.stack_vm = 33,
		.start_code = 0x401000,
		.end_code = 0x402001,
		.page_tables = 8192,
		.hugetlb = 512,
	};

	memcpy(p.comm, comm, strnlen(comm, sizeof(p.comm)));
	return p;
}

static void tasks(void)
{
	struct mml_task_thread thread = { MML_TASK_THREAD, 7, 5, 2 };
	struct mml_task_process one = process(3, "one"), two = process(7, "sixteen-bytes-xx");
	struct mml_task_counters *got;
	struct mml_buf bytes = { 0 };
	size_t n;

	/* A thread before its process, as after the numbers have come round. */
	begin(&bytes, MML_TRACE_TASKS);
	put(&bytes, &thread, sizeof(thread));
	two.state = 0x402;
	two.flags = MML_TASK_KTHREAD;
	put(&bytes, &two, sizeof(two));
	put(&bytes, &one, sizeof(one));
	put(&bytes, &thread, sizeof(thread));
	end(&bytes);
	if (!ok(!mml_trace_tasks(bytes.data, bytes.len, &got, &n) && n == 2))
		return;
	is_i64(got[0].pid, 3);
	is_u64(got[0].min_faults, 100);
	is_u64(got[1].min_faults, 110);
	is_u64(got[1].maj_faults, 5);
	is_str(got[1].comm, "sixteen-bytes-xx");
	ok(got[1].state == 'I' && got[1].kthread && !got[1].has_mm);
	ok(got[0].state == 'S' && got[0].has_mm && got[0].has_hugetlb);
	is_u64(got[0].rss_file, 10 * 4096);
	is_u64(got[0].rss_anon, 20 * 4096);
	is_u64(got[0].swap, 5 * 4096);
	is_u64(got[0].rss_shmem, 30 * 4096);
	is_u64(got[0].rss, 60 * 4096);
	is_u64(got[0].rss_peak, 70 * 4096);
	is_u64(got[0].vsize, 1000 * 4096);
	is_u64(got[0].vsize_peak, 1000 * 4096);
	/* The text reaches over the pages it begins and ends in: 0x401000 to 0x403000. */
	is_u64(got[0].text, 2 * 4096);
	is_u64(got[0].library, 48 * 4096);
	is_u64(got[0].page_tables, 8192);
	is_u64(got[0].hugetlb, 512 * 4096);
	is_u64(got[0].start_ticks, 1234);
	is_i64(got[0].oom_score_adj, -17);
	free(got);
	for (size_t cut = 1; cut < sizeof(thread); cut += 5) {
		((struct mml_trace_head *)bytes.data)->length -= 5;
		bytes.len -= 5;
		if (mml_trace_tasks(bytes.data, bytes.len, &got, &n) != -EBADMSG)
			ok(!"cut bytes were taken");
	}
	begin(&bytes, MML_TRACE_TASKS);
	thread.kind = 3;
	put(&bytes, &thread, sizeof(thread));
	end(&bytes);
	ok(mml_trace_tasks(bytes.data, bytes.len, &got, &n) == -EBADMSG);
	begin(&bytes, MML_TRACE_TASKS);
	ok(!mml_trace_tasks(bytes.data, bytes.len, &got, &n) && n == 0);
	free(got);
	mml_buf_free(&bytes);
}

static void put_faults(struct mml_buf *bytes, uint32_t pid, uint64_t start, uint64_t user)
{
	struct mml_fault_row row = {
		.owner = { .tgid = pid, .start = start, .comm = "proc" },
		.counts = { .user = user, .kernel = 1, .write = user, .minor = user + 1 },
	};

	put(bytes, &row, sizeof(row));
}

static void faults(void)
{
	struct mml_buf bytes = { 0 };
	struct mml_trace_head head, *h;
	struct mml_fault_sum *got;
	size_t n;

	begin(&bytes, MML_TRACE_FAULTS);
	put_faults(&bytes, 9, 5, 100); /* two threads of one process, another one between */
	put_faults(&bytes, 4, 5, 40);
	put_faults(&bytes, 9, 5, 11);
	put_faults(&bytes, 9, 3, 7); /* an earlier process with the same number */
	put_faults(&bytes, 4, 5, 55); /* it ended while the living were read: this is the whole */
	put_faults(&bytes, 4, 5, 2);  /* and its last two threads ended at once */
	h = end(&bytes);
	h->living = 3;
	h->dead = 3;
	h->dropped = 12;
	if (!ok(!mml_trace_faults(bytes.data, bytes.len, &head, &got, &n) && n == 3))
		return;
	is_i64(got[0].owner.pid, 4);
	ok(got[0].owner.dead);
	is_u64(got[0].counts.user, 57);
	is_u64(got[0].counts.kernel, 2);
	is_i64(got[1].owner.pid, 9);
	is_u64(got[1].owner.start_ns, 3);
	is_u64(got[1].counts.user, 7);
	is_u64(got[2].counts.user, 111);
	is_u64(got[2].counts.minor, 113);
	ok(!got[2].owner.dead);
	is_str(got[2].owner.comm, "proc");
	is_u64(head.dropped, 12);
	free(got);
	h->dead = 4;
	ok(mml_trace_faults(bytes.data, bytes.len, &head, &got, &n) == -EBADMSG);
	h->dead = UINT64_MAX - 2;
	h->idle = 6;
	ok(mml_trace_faults(bytes.data, bytes.len, &head, &got, &n) == -EBADMSG);
	h->length--;
	ok(mml_trace_faults(bytes.data, bytes.len - 1, &head, &got, &n) == -EBADMSG);
	mml_buf_free(&bytes);
}

/* The same bytes as a table: the note on what was dropped, the rate, the choice of processes. */
static void fault_rows(void)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_table *table = mml_table_new(arena, &mml_collector_faults.schema);
	const pid_t pid = 9;
	struct mml_query query = { 0 };
	struct mml_buf bytes = { 0 };
	struct mml_trace_head *h;
	const struct mml_row *row;
	int faults_col = mml_schema_find(table->schema, "faults", 6);
	int rate_col = mml_schema_find(table->schema, "rate", 4);
	int write_col = mml_schema_find(table->schema, "write", 5);
	struct mml_span span;

	mml_scope_set_pid(&query.scope, &pid);
	begin(&bytes, MML_TRACE_FAULTS);
	put_faults(&bytes, 9, 5, 100);
	put_faults(&bytes, 4, 5, 40);
	h = end(&bytes);
	h->living = 2;
	h->dropped = 12;
	span = (struct mml_span){ bytes.data, bytes.data + bytes.len };
	ok(!mml_counts_rows(&mml_counts_faults, span, &query, table));
	is_u64(table->nrows, 1);
	row = mml_table_row(table, 0);
	is_u64(row->cell[faults_col].u64, 101);
	ok(mml_has(row, (unsigned)rate_col) && row->cell[rate_col].f64 == 50.5);
	ok(mml_has(row, (unsigned)write_col));
	ok(table->note && strstr(table->note, "12"));
	/* Software events have no error code; a second reading has no rate of its own. */
	h->flags = MML_TRACE_SOFT_EVENTS;
	h->reads = 1;
	table = mml_table_new(arena, &mml_collector_faults.schema);
	ok(!mml_counts_rows(&mml_counts_faults, span, &query, table));
	row = mml_table_row(table, 0);
	ok(!mml_has(row, (unsigned)write_col) && table->columns[write_col].reason);
	ok(!mml_has(row, (unsigned)rate_col));
	mml_arena_free(arena);
	mml_buf_free(&bytes);
}

static void tlb(void)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_table *table = mml_table_new(arena, &mml_collector_tlb.schema);
	struct mml_tlb_row row = { .owner = { .tgid = 5, .start = 1, .comm = "five" } };
	struct mml_query query = { 0 };
	struct mml_buf bytes = { 0 };
	struct mml_trace_head *h;
	int reason = mml_schema_find(table->schema, "reason", 6);
	int flushes = mml_schema_find(table->schema, "flushes", 7);
	int sizes = mml_schema_find(table->schema, "pages_32", 8);

	begin(&bytes, MML_TRACE_TLB);
	row.counts.reasons[1] = (struct mml_tlb_reason){ 10, 60, 4, 2, { 1, 0, 0, 0, 0, 5 } };
	put(&bytes, &row, sizeof(row));
	put(&bytes, &row, sizeof(row)); /* another thread */
	row = (struct mml_tlb_row){ .owner = { .comm = "swapper" } };
	row.counts.reasons[7].empty = 3;
	put(&bytes, &row, sizeof(row)); /* two CPUs idle */
	put(&bytes, &row, sizeof(row));
	h = end(&bytes);
	h->flags = MML_TRACE_TLB_HALVES;
	h->living = 2;
	h->idle = 2;
	strcpy(h->names[1], "remote shootdown");
	ok(!mml_counts_rows(&mml_counts_tlb, ((struct mml_span){ bytes.data, bytes.data + bytes.len }), &query, table));
	is_u64(table->nrows, 2);
	is_str(mml_table_row(table, 0)->cell[reason].str, "reason 7");
	is_u64(mml_table_row(table, 0)->cell[flushes].u64, 0);
	is_str(mml_table_row(table, 1)->cell[reason].str, "remote shootdown");
	is_u64(mml_table_row(table, 1)->cell[flushes].u64, 20);
	is_u64(mml_table_row(table, 1)->cell[sizes].u64, 10);
	mml_arena_free(arena);
	mml_buf_free(&bytes);
}

/* The sum of column NAME of the rows made of BYTES, UINT64_MAX where it is absent. */
static uint64_t tlb_sum(const struct mml_buf *bytes, const char *name)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_table *table = mml_table_new(arena, &mml_collector_tlb.schema);
	unsigned col = (unsigned)mml_schema_find(table->schema, name, strlen(name));
	struct mml_query query = { 0 };
	uint64_t sum = 0;

	ok(!mml_counts_rows(&mml_counts_tlb,
			    (struct mml_span){ bytes->data, bytes->data + bytes->len }, &query,
			    table));
	for (size_t i = 0; i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);

		sum = mml_has(row, col) && sum != UINT64_MAX ? sum + row->cell[col].u64
							     : UINT64_MAX;
	}
	mml_arena_free(arena);
	return sum;
}

/* 7 flushes: 4 for which another CPU had to be asked, one of them by a thread whose own CPU had
 * nothing to flush, and 3 that were local. They are seen 14 times. */
static void tlb_once(void)
{
	struct mml_tlb_row row = { .owner = { .tgid = 5, .start = 1, .comm = "five" } };
	struct mml_buf bytes = { 0 };
	struct mml_trace_head *h;

	row.counts.reasons[MML_TLB_REMOTE_SEND_IPI].flushes = 4;
	row.counts.reasons[MML_TLB_LOCAL_MM_SHOOTDOWN].flushes = 6;
	row.counts.halves[MML_TLB_LOCAL_MM_SHOOTDOWN] = 3;
	row.counts.reasons[MML_TLB_REMOTE_SHOOTDOWN].flushes = 4;
	begin(&bytes, MML_TRACE_TLB);
	put(&bytes, &row, sizeof(row));
	h = end(&bytes);
	h->flags = MML_TRACE_TLB_HALVES;
	h->living = 1;
	is_u64(tlb_sum(&bytes, "flushes"), 14);
	is_u64(tlb_sum(&bytes, "requests"), 7);
	/* As an older version saved it. */
	begin(&bytes, MML_TRACE_TLB);
	put(&bytes, &row, offsetof(struct mml_tlb_row, counts.halves));
	h = end(&bytes);
	h->living = 1;
	is_u64(tlb_sum(&bytes, "flushes"), 14);
	is_u64(tlb_sum(&bytes, "requests"), UINT64_MAX);
	mml_buf_free(&bytes);
}

static void put_region(struct mml_buf *bytes, uint32_t pid, uint32_t fault_class, uint64_t region,
		       unsigned from, unsigned to, uint16_t each, uint64_t more)
{
	struct mml_fault_region_entry e = {
		.key = { .tgid = pid, .fault_class = fault_class, .region = region },
	};

	for (unsigned i = from; i < to; i++) {
		e.region.pages[i] = each;
		e.region.total += each;
	}
	e.region.total += more;
	put(bytes, &e, sizeof(e));
}

/* 0x200000 is region 1; its pages 0 to 255 lie in `a b`, 256 to 299 in nothing, the rest in [x]. */
static const char maps_text[] =
	"00100000-00300000 rw-p 00000000 08:01 12      /tmp/a b\n"
	"not a mapping\n"
	"0032c000-00600000 r-xp 00000000 00:00 0       [x]\n"
	"00700000-00800000 r-xp 00000000 00:00 0 \n";

static void regions(void)
{
	struct mml_span maps = mml_span_str(maps_text);
	struct mml_fault_mapping *got;
	struct mml_buf bytes = { 0 };
	struct mml_trace_head head, *h;
	size_t n;

	begin(&bytes, MML_TRACE_REGIONS);
	put_region(&bytes, 5, MML_FAULT_USER | MML_FAULT_WRITE, 1, 250, 310, 2, 0);
	put_region(&bytes, 6, MML_FAULT_USER, 1, 0, 512, 9, 0); /* another process */
	put_region(&bytes, 5, MML_FAULT_INSTRUCTION, 2, 0, 100, 1, 7); /* 7 not told by page */
	put_region(&bytes, 5, MML_FAULT_USER | MML_FAULT_PROTECTION, 1, 300, 301, 1, 0);
	put_region(&bytes, 5, MML_FAULT_USER, 99, 3, 4, 1, 0); /* no mapping */
	put_region(&bytes, 5, MML_FAULT_USER, 3, 511, 512, 0, 5); /* nothing told by page */
	h = end(&bytes);
	h->living = 6;
	if (!ok(!mml_trace_regions(bytes.data, bytes.len, 5, maps, &head, &got, &n) && n == 4))
		return;
	ok(!got[0].mapped);
	is_u64(got[0].counts.user, 44 * 2 + 1);
	is_u64(got[0].hottest, 0x200000);
	is_u64(got[0].hottest_faults, 88);
	is_u64(got[1].start, 0x100000);
	is_u64(got[1].counts.user, 6 * 2);
	is_u64(got[1].counts.write, 6 * 2);
	ok(mml_span_eq(got[1].name, "/tmp/a b"));
	is_u64(got[2].start, 0x32c000);
	is_u64(got[2].counts.user, 10 * 2 + 1);
	is_u64(got[2].counts.protection, 1);
	is_u64(got[2].counts.kernel, 107);
	is_u64(got[2].counts.instruction, 107);
	is_u64(got[2].hottest, 0x400000);
	is_u64(got[2].hottest_faults, 107);
	is_u64(got[3].counts.user, 5);
	ok(got[3].name.p == got[3].name.end);
	free(got);
	/* Entries of resolved faults are the same ones once more, if they say that they are. */
	put_region(&bytes, 5, MML_FAULT_USER | MML_FAULT_MAJOR, 1, 250, 310, 1, 0);
	h = end(&bytes);
	h->living = 7;
	h->flags = MML_TRACE_RESOLVED;
	if (ok(!mml_trace_regions(bytes.data, bytes.len, 5, maps, &head, &got, &n) && n == 4)) {
		is_u64(got[1].counts.user, 6 * 2);
		is_u64(got[1].counts.major, 6);
		is_u64(got[2].counts.major, 10);
		is_u64(got[2].hottest_faults, 107);
		free(got);
	}
	h->living = 8;
	ok(mml_trace_regions(bytes.data, bytes.len, 5, maps, &head, &got, &n) == -EBADMSG);
	h->living = 7;
	h->page_size = 1 << 22;
	ok(mml_trace_regions(bytes.data, bytes.len, 5, maps, &head, &got, &n) == -EBADMSG);
	/* Without maps nothing is lost. */
	h->page_size = 4096;
	ok(!mml_trace_regions(bytes.data, bytes.len, 5, mml_span_str(""), &head, &got, &n) &&
	   n == 1);
	is_u64(got[0].counts.user + got[0].counts.kernel, 60 * 2 + 107 + 1 + 1 + 5);
	free(got);
	mml_buf_free(&bytes);
}

int main(void)
{
	heads();
	tasks();
	faults();
	fault_rows();
	tlb();
	tlb_once();
	regions();
	return tap_done();
}
