/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "../../bpf/swapping.h"
#include "counts.h"

/* clang-format off */
#define SWAPPING_COLUMNS(C, R) \
	C(pid,       "PID",     U64, KEY,     NONE,  FIRST,  0, "task_struct.tgid", "The process that the pages belong to. 0 is the whole machine, as /proc/vmstat counted it in the same time; shared memory is in there, which belongs to no process.") \
	C(started,   "STARTED", U64, KEY,     NSEC,  HIDDEN, 0, "task_struct.start_boottime", "When it was started, from boot; with the PID it names a process for good.") \
	C(comm,      "COMMAND", STR, LABEL,   NONE,  FIRST,  0, "task_struct.comm", "Name of its first thread.") \
	C(in,        "IN",      U64, COUNTER, BYTES, FIRST,  0, "kmem:rss_stat", "Its memory that came back from swap since the observation began: it met faults on it. What was not yet written, or was read ahead, comes back without being read, so that it can be more than vmstat has.") \
	R(in_rate,   "IN/S",    F64, RATE,    BYTES, MAIN,   in, "The same per second; in the first sample over the whole observation.") \
	C(out,       "OUT",     U64, COUNTER, BYTES, FIRST,  0, "kmem:rss_stat", "Its memory that went out to swap.") \
	R(out_rate,  "OUT/S",   F64, RATE,    BYTES, MAIN,   out, "The same per second; in the first sample over the whole observation.") \
	C(by,        "BY",      STR, LABEL,   NONE,  FIRST,  0, "the largest of the next three", "Who made most of it go out: kswapd, itself (it had to reclaim, or asked for it), or others, for their own memory; nobody: nothing went out.") \
	C(by_kswapd, "KSWAPD",  U64, COUNTER, BYTES, MAIN,   0, "PF_KSWAPD", "Of what went out: kswapd, which keeps the zones above their marks.") \
	C(by_itself, "ITSELF",  U64, COUNTER, BYTES, MAIN,   0, "PF_MEMALLOC of its own threads", "Of what went out: the process itself.") \
	C(by_others, "OTHERS",  U64, DERIVED, BYTES, MAIN,   0, "out - by_kswapd - by_itself", "Of what went out: other processes.") \
	C(released,  "RELEASED", U64, COUNTER, BYTES, MAIN,  0, "kmem:rss_stat", "Its memory in swap that it gave up there: it ended, or unmapped it.") \
	C(evicted,   "EVICTED", U64, COUNTER, BYTES, MAIN,   0, "kmem:rss_stat", "Memory of other processes that this one made go out.") \
	C(ended,     "ENDED",   BOOL, LABEL,  NONE,  HIDDEN, 0, "sched:sched_process_exit", "Whether the process ended during the observation.")
/* clang-format on */

#define MML_TABLE_OF SWAPPING
#include "../../core/columns.h"

static const char *most_by(uint64_t kswapd, uint64_t itself, uint64_t others)
{
	if (kswapd >= itself && kswapd >= others)
		return kswapd ? "kswapd" : "nobody";
	return itself >= others ? "itself" : "others";
}

static void set_movers(struct mml_row *row, const struct mml_swapping_counts *counts, uint64_t page)
{
	uint64_t kswapd = counts->by_kswapd, itself = counts->by_itself, others = 0;

	/* A thread's counts are read while another one counts. */
	if (kswapd + itself < counts->out)
		others = counts->out - kswapd - itself;
	mml_set_u64(row, SWAPPING_by_kswapd, kswapd * page);
	mml_set_u64(row, SWAPPING_by_itself, itself * page);
	mml_set_u64(row, SWAPPING_by_others, others * page);
	mml_set_str(row, SWAPPING_by, most_by(kswapd, itself, others));
	mml_set_u64(row, SWAPPING_released, counts->released * page);
	mml_set_u64(row, SWAPPING_evicted, counts->evicted * page);
}

static bool is_empty(const struct mml_swapping_counts *counts)
{
	return !(counts->in | counts->out | counts->released | counts->evicted);
}

static int add(struct mml_table *table, const struct mml_sum_owner *owner, const void *counted,
	       const struct mml_trace_head *head)
{
	const struct mml_swapping_counts *counts = counted;
	uint64_t page = head->page_size;
	struct mml_row *row;

	if (owner->pid && is_empty(counts))
		return 0;
	row = mml_table_add(table);
	if (!row)
		return -ENOMEM;
	mml_set_u64(row, SWAPPING_pid, (uint64_t)owner->pid);
	mml_set_u64(row, SWAPPING_started, owner->start_ns);
	mml_set_str(row, SWAPPING_comm, mml_counts_comm(table, owner));
	mml_set_u64(row, SWAPPING_in, counts->in * page);
	mml_counts_set_rate(row, SWAPPING_in_rate, counts->in * page, head);
	mml_set_u64(row, SWAPPING_out, counts->out * page);
	mml_counts_set_rate(row, SWAPPING_out_rate, counts->out * page, head);
	row->part = owner->pid;
	if (owner->pid) {
		set_movers(row, counts, page);
		mml_set_bool(row, SWAPPING_ended, owner->dead);
	}
	return 0;
}

static void say_why(struct mml_table *table, const struct mml_trace_head *head)
{
	static const unsigned of_processes[] = { SWAPPING_by, SWAPPING_by_kswapd,
						 SWAPPING_by_itself, SWAPPING_by_others,
						 SWAPPING_released, SWAPPING_evicted,
						 SWAPPING_ended };

	(void)head;
	for (size_t i = 0; i < sizeof(of_processes) / sizeof(*of_processes); i++)
		mml_table_why(table, of_processes[i], "vmstat does not tell processes apart", NULL);
}

static const struct mml_counts_table swapping = {
	.kind = MML_TRACE_SWAPPING,
	.path = "/mmlens/swapping",
	.events = "events of swap",
	.size = sizeof(struct mml_swapping_counts),
	.add = add,
	.explain = say_why,
};

MML_COUNTS_FUNCTIONS(swapping)

static const struct mml_source sources[] = {
	{ "BPF: kmem:rss_stat", NULL, NULL, probe },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_swapping = {
	.schema = { .name = "swapping",
		    .help = "A process whose memory goes to swap or comes back while it is watched, "
			    "and who makes it go.",
		    MML_COLUMNS(SWAPPING),
		    .sort = "-out,-in,pid" },
	.sources = sources,
	.takes = MML_TAKES(PIDS),
	.observes = true,
	.begin = begin,
	.collect = collect,
	.keep = mml_observer_new,
	.release = mml_observer_free,
};
