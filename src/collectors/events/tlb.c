/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tlb.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "../../bpf/tlb.h"

/* clang-format off */
#define TLB_COLUMNS(C, R) \
	C(pid,      "PID",       U64,  KEY,     NONE,  FIRST,  0, "task_struct.tgid", "The process that was running when the flush was done; 0 is the idle threads.") \
	C(comm,     "COMMAND",   STR,  LABEL,   NONE,  FIRST,  0, "task_struct.comm", "Name of its first thread.") \
	C(started,  "STARTED",   U64,  KEY,     NSEC,  HIDDEN, 0, "task_struct.start_boottime", "When it was started, from boot; with the PID it names a process for good.") \
	C(reason,   "REASON",    STR,  KEY,     NONE,  FIRST,  0, "tlb:tlb_flush reason, enum tlb_flush_reason", "Why: it was switched to or from, another CPU asked (remote shootdown), it changed its own mappings (local), or it asked others (remote send ipi).") \
	C(flushes,  "FLUSHES",   U64,  COUNTER, COUNT, FIRST,  0, "tlb:tlb_flush", "Flushes since the observation began.") \
	R(rate,     "FLUSHES/S", F64,  RATE,    COUNT, MAIN,   flushes, "Flushes per second; in the first sample over the whole observation.") \
	C(requests, "ASKED",     U64,  COUNTER, COUNT, MAIN,   0, "flushes, but remote shootdowns and the local halves of those sent", "Flushes that were asked for, each counted once: one that other CPUs have to do as well is seen as remote send ipi, as local on the CPU itself and as remote shootdown on each of the others. These add up; flushes add up to what was done on all CPUs and what was sent.") \
	R(requests_rate, "ASKED/S", F64, RATE, COUNT,  HIDDEN, requests, "Flushes asked for per second, each counted once; in the first sample over the whole observation.") \
	C(pages,    "PAGES",     U64,  COUNTER, COUNT, MAIN,   0, "tlb:tlb_flush pages", "Pages flushed, without the full flushes.") \
	C(full,     "FULL",      U64,  COUNTER, COUNT, MAIN,   0, "tlb:tlb_flush pages = -1", "Flushes of everything the address space has in the TLB.") \
	C(empty,    "EMPTY",     U64,  COUNTER, COUNT, MAIN,   0, "tlb:tlb_flush pages = 0", "Occasions that needed no flush after all; not among the flushes. Of task switches, those that PCID saved: the TLB keeps the entries of several address spaces, marked with a number each.") \
	C(switches, "SWITCHES",  U64,  DERIVED, COUNT, MAIN,   0, "flushes + empty of task switch", "Switches of the CPU from one address space to another, while the process ran that was left; those from one thread to another of the same, and to the idle thread and back, are none. Absent for other reasons.") \
	C(saved,    "SAVED%",    F64,  DERIVED, PERCENT, HIDDEN, 0, "empty / switches", "Share of the switches that took no flush. Without PCID it is 0.") \
	C(pages_1,  "1",         U64,  COUNTER, COUNT, LAST,   0, "tlb:tlb_flush pages", "Flushes of one page.") \
	C(pages_2,  "2-3",       U64,  COUNTER, COUNT, LAST,   0, "tlb:tlb_flush pages", "Flushes of 2 or 3 pages.") \
	C(pages_4,  "4-7",       U64,  COUNTER, COUNT, LAST,   0, "tlb:tlb_flush pages", "Flushes of 4 to 7 pages.") \
	C(pages_8,  "8-15",      U64,  COUNTER, COUNT, LAST,   0, "tlb:tlb_flush pages", "Flushes of 8 to 15 pages.") \
	C(pages_16, "16-31",     U64,  COUNTER, COUNT, LAST,   0, "tlb:tlb_flush pages", "Flushes of 16 to 31 pages.") \
	C(pages_32, "32-",       U64,  COUNTER, COUNT, LAST,   0, "tlb:tlb_flush pages", "Flushes of 32 pages or more, page by page.") \
	C(ended,    "ENDED",     BOOL, LABEL,   NONE,  HIDDEN, 0, "sched:sched_process_exit", "Whether the process ended during the observation.")
/* clang-format on */

#define MML_TABLE_OF TLB
#include "../../core/columns.h"

/* A reason that the kernel has no name for is shown as its number. */
static const char *reason_name(struct mml_table *table, const struct mml_trace_head *head,
			       unsigned reason)
{
	const char *name = head->names[reason];

	if (!name[0])
		return mml_arena_printf(table->arena, "reason %u", reason);
	return mml_arena_strndup(table->arena, name, strlen(name));
}

/* Returns how many flushes of REASON are not counted under another reason already. */
static uint64_t requests_of(const struct mml_tlb_counts *counts, unsigned reason)
{
	uint64_t flushes = counts->reasons[reason].flushes, halves = counts->halves[reason];

	if (reason == MML_TLB_REMOTE_SHOOTDOWN || reason == MML_TLB_REMOTE_WRONG_CPU)
		return 0;
	return flushes > halves ? flushes - halves : 0;
}

static void fill(struct mml_row *row, const struct mml_tlb_reason *from,
		 const struct mml_trace_head *head)
{
	mml_set_u64(row, TLB_flushes, from->flushes);
	mml_set_u64(row, TLB_pages, from->pages);
	mml_set_u64(row, TLB_full, from->full);
	mml_set_u64(row, TLB_empty, from->empty);
	for (unsigned i = 0; i < MML_TLB_SIZES; i++)
		mml_set_u64(row, TLB_pages_1 + i, from->sizes[i]);
	mml_counts_set_rate(row, TLB_rate, from->flushes, head);
}

static void set_switches(struct mml_row *row, const struct mml_tlb_reason *from)
{
	uint64_t all = from->flushes + from->empty;

	mml_set_u64(row, TLB_switches, all);
	if (all)
		mml_set_f64(row, TLB_saved, 100.0 * (double)from->empty / (double)all);
}

static int add_process(struct mml_table *table, const struct mml_sum_owner *owner,
		       const void *counted, const struct mml_trace_head *head)
{
	const struct mml_tlb_counts *counts = counted;
	const char *comm = mml_counts_comm(table, owner);

	for (unsigned i = 0; i < MML_TLB_REASONS; i++) {
		const struct mml_tlb_reason *from = &counts->reasons[i];
		struct mml_row *row;

		if (!from->flushes && !from->empty)
			continue;
		row = mml_table_add(table);
		if (!row)
			return -ENOMEM;
		mml_set_u64(row, TLB_pid, (uint64_t)owner->pid);
		mml_set_str(row, TLB_comm, comm);
		mml_set_u64(row, TLB_started, owner->start_ns);
		mml_set_bool(row, TLB_ended, owner->dead);
		mml_set_str(row, TLB_reason, reason_name(table, head, i));
		fill(row, from, head);
		if (i == MML_TLB_TASK_SWITCH)
			set_switches(row, from);
		if (!(head->flags & MML_TRACE_TLB_HALVES))
			continue;
		mml_set_u64(row, TLB_requests, requests_of(counts, i));
		mml_counts_set_rate(row, TLB_requests_rate, requests_of(counts, i), head);
	}
	return 0;
}

static void say_why(struct mml_table *table, const struct mml_trace_head *head)
{
	if (!(head->flags & MML_TRACE_TLB_HALVES))
		mml_table_why(table, TLB_requests, "captured by a version that did not count them",
			      NULL);
}

const struct mml_counts_table mml_counts_tlb = {
	.kind = MML_TRACE_TLB,
	.path = "/mmlens/tlb",
	.events = "TLB flushes",
	.size = sizeof(struct mml_tlb_counts),
	.grown = MML_TRACE_TLB_HALVES,
	.size_before = offsetof(struct mml_tlb_counts, halves),
	.add = add_process,
	.explain = say_why,
};

MML_COUNTS_FUNCTIONS(mml_counts_tlb)

static const struct mml_source sources[] = {
	{ "BPF: tlb:tlb_flush", NULL, NULL, probe },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_tlb = {
	.schema = { .name = "tlb",
		    .help = "TLB flushes that hit a process while it is watched, by reason.",
		    MML_COLUMNS(TLB),
		    .sort = "-flushes,pid,reason" },
	.sources = sources,
	.takes = MML_TAKES(PIDS),
	.observes = true,
	.begin = begin,
	.collect = collect,
	.keep = mml_observer_new,
	.release = mml_observer_free,
};
