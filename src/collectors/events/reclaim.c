/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "../../bpf/reclaim.h"
#include "counts.h"

/* clang-format off */
#define RECLAIM_COLUMNS(C, R) \
	C(pid,      "PID",     U64, KEY,     NONE,  FIRST,  0, "task_struct.tgid", "The process whose thread did it, or had to wait.") \
	C(started,  "STARTED", U64, KEY,     NSEC,  HIDDEN, 0, "task_struct.start_boottime", "When it was started, from boot; with the PID it names a process for good.") \
	C(comm,     "COMMAND", STR, LABEL,   NONE,  FIRST,  0, "task_struct.comm", "Name of its first thread.") \
	C(kind,     "KIND",    STR, KEY,     NONE,  FIRST,  0, "the tracepoint", "direct: it had to free memory of the machine before it got any; memcg: of its control group, or by memory.reclaim; compact: it moved pages to make a large block; throttled: it was made to wait for others; kswapd: from when that woke until it slept.") \
	C(count,    "TIMES",   U64, COUNTER, COUNT, FIRST,  0, "mm_vmscan_*_begin and _end, mm_compaction_begin and _end", "How often, since the observation began.") \
	R(rate,     "TIMES/S", F64, RATE,    COUNT, MAIN,   count, "How often a second; in the first sample over the whole observation.") \
	C(time,     "TIME",    U64, COUNTER, NSEC,  FIRST,  0, "end - begin", "How long in all; threads at the same time add up.") \
	C(mean,     "MEAN",    U64, DERIVED, NSEC,  MAIN,   0, "time / count", "How long once took on average.") \
	C(max_time, "LONGEST", U64, DERIVED, NSEC,  MAIN,   0, "the next power of two, in us", "The longest was shorter than this, and no shorter than half of it.") \
	C(pages,    "PAGES",   U64, COUNTER, COUNT, MAIN,   0, "nr_reclaimed", "Pages it freed; what a group has to free counts to the limit that was hit.") \
	C(large,    "LARGE",   U64, COUNTER, COUNT, MORE,   0, "order", "How often it was for a block of more than one page.") \
	C(unpaired, "UNPAIRED", U64, COUNTER, COUNT, HIDDEN, 0, "an end without a begin", "Ends of what had begun before it was watched; not among the times.") \
	C(ended,    "ENDED",   BOOL, LABEL,  NONE,  HIDDEN, 0, "sched:sched_process_exit", "Whether the process ended during the observation.")
/* clang-format on */

#define MML_TABLE_OF RECLAIM
#include "../../core/columns.h"

static const char *const kinds[MML_RECLAIM_KINDS] = { "direct", "memcg", "compact", "throttled",
						      "kswapd" };

static void set_times(struct mml_row *row, const struct mml_reclaim_sum *sum)
{
	if (sum->count)
		mml_set_u64(row, RECLAIM_mean, sum->ns / sum->count);
	for (unsigned i = MML_RECLAIM_TIMES; i--;)
		if (sum->times[i]) {
			mml_set_u64(row, RECLAIM_max_time, UINT64_C(2000) << i);
			return;
		}
}

static int add(struct mml_table *table, const struct mml_sum_owner *owner, const void *counted,
	       const struct mml_trace_head *head)
{
	const struct mml_reclaim_counts *counts = counted;
	const char *comm = mml_counts_comm(table, owner);

	for (unsigned i = 0; i < MML_RECLAIM_KINDS; i++) {
		const struct mml_reclaim_sum *sum = &counts->kinds[i];
		struct mml_row *row;

		if (!sum->count && !sum->unpaired)
			continue;
		row = mml_table_add(table);
		if (!row)
			return -ENOMEM;
		mml_set_u64(row, RECLAIM_pid, (uint64_t)owner->pid);
		mml_set_u64(row, RECLAIM_started, owner->start_ns);
		mml_set_str(row, RECLAIM_comm, comm);
		mml_set_str(row, RECLAIM_kind, kinds[i]);
		mml_set_u64(row, RECLAIM_count, sum->count);
		mml_counts_set_rate(row, RECLAIM_rate, sum->count, head);
		mml_set_u64(row, RECLAIM_time, sum->ns);
		set_times(row, sum);
		if (i == MML_RECLAIM_DIRECT || i == MML_RECLAIM_MEMCG)
			mml_set_u64(row, RECLAIM_pages, sum->pages);
		if (i != MML_RECLAIM_MEMCG && i != MML_RECLAIM_THROTTLED)
			mml_set_u64(row, RECLAIM_large, sum->large);
		mml_set_u64(row, RECLAIM_unpaired, sum->unpaired);
		mml_set_bool(row, RECLAIM_ended, owner->dead);
	}
	return 0;
}

static void say_why(struct mml_table *table, const struct mml_trace_head *head)
{
	(void)head;
	mml_table_why(table, RECLAIM_pages,
		      "only direct and memcg reclaim tell how much they freed", NULL);
	mml_table_why(table, RECLAIM_large, "the kernel does not tell that of memcg and throttled",
		      NULL);
}

static const struct mml_counts_table reclaim = {
	.kind = MML_TRACE_RECLAIM,
	.path = "/mmlens/reclaim",
	.events = "events of reclaim",
	.size = sizeof(struct mml_reclaim_counts),
	.add = add,
	.explain = say_why,
};

MML_COUNTS_FUNCTIONS(reclaim)

static const struct mml_source sources[] = {
	{ "BPF: vmscan:mm_vmscan_*, compaction:mm_compaction_*", NULL, NULL, probe },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_reclaim = {
	.schema = { .name = "reclaim",
		    .help = "A process that had to reclaim or compact memory, or was made to wait, "
			    "while it is watched.",
		    MML_COLUMNS(RECLAIM),
		    .sort = "-time,pid,kind" },
	.sources = sources,
	.takes = MML_TAKES(PIDS),
	.observes = true,
	.begin = begin,
	.collect = collect,
	.keep = mml_observer_new,
	.release = mml_observer_free,
};
