/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "../../bpf/migrations.h"
#include "counts.h"

/* clang-format off */
#define MIGRATIONS_COLUMNS(C, R) \
	C(pid,     "PID",     U64, KEY,     NONE,  FIRST,  0, "task_struct.tgid", "The process that moved the pages: the kernel's own threads, who faulted on them, or who asked for it. They may be another's.") \
	C(started, "STARTED", U64, KEY,     NSEC,  HIDDEN, 0, "task_struct.start_boottime", "When it was started, from boot; with the PID it names a process for good.") \
	C(comm,    "COMMAND", STR, LABEL,   NONE,  FIRST,  0, "task_struct.comm", "Name of its first thread.") \
	C(reason,  "REASON",  STR, KEY,     NONE,  FIRST,  0, "migrate:mm_migrate_pages reason", "Why: compaction, numa balancing, a syscall, a memory policy, demotion to a slower node, hotplug, contiguous memory, a pin for long, memory that failed, DAMON.") \
	C(pages,   "PAGES",   U64, COUNTER, COUNT, FIRST,  0, "migrate:mm_migrate_pages succeeded", "Pages that were moved since the observation began.") \
	R(rate,    "PAGES/S", F64, RATE,    COUNT, MAIN,   pages, "Pages per second; in the first sample over the whole observation.") \
	C(failed,  "FAILED",  U64, COUNTER, COUNT, MAIN,   0, "migrate:mm_migrate_pages failed", "Pages that could not be moved: they were pinned, locked or in use.") \
	C(calls,   "CALLS",   U64, COUNTER, COUNT, MORE,   0, "migrate:mm_migrate_pages", "In how many portions.") \
	C(ended,   "ENDED",   BOOL, LABEL,  NONE,  HIDDEN, 0, "sched:sched_process_exit", "Whether the process ended during the observation.")
/* clang-format on */

#define MML_TABLE_OF MIGRATIONS
#include "../../core/columns.h"

/* enum migrate_reason of include/linux/migrate_mode.h, which has only ever become longer. */
static const char *const reasons[] = {
	"compaction", "memory failure", "hotplug",	 "syscall",  "memory policy",
	"numa",	      "contiguous",	"long-term pin", "demotion", "damon",
};

static const char *reason_name(struct mml_table *table, unsigned reason)
{
	if (reason < sizeof(reasons) / sizeof(*reasons))
		return reasons[reason];
	return mml_arena_printf(table->arena, "reason %u", reason);
}

static int add(struct mml_table *table, const struct mml_sum_owner *owner, const void *counted,
	       const struct mml_trace_head *head)
{
	const struct mml_migrations_counts *counts = counted;
	const char *comm = mml_counts_comm(table, owner);

	for (unsigned i = 0; i < MML_MIGRATIONS_REASONS; i++) {
		const struct mml_migrations_reason *from = &counts->reasons[i];
		struct mml_row *row;

		if (!from->calls)
			continue;
		row = mml_table_add(table);
		if (!row)
			return -ENOMEM;
		mml_set_u64(row, MIGRATIONS_pid, (uint64_t)owner->pid);
		mml_set_u64(row, MIGRATIONS_started, owner->start_ns);
		mml_set_str(row, MIGRATIONS_comm, comm);
		mml_set_str(row, MIGRATIONS_reason, reason_name(table, i));
		mml_set_u64(row, MIGRATIONS_pages, from->pages);
		mml_counts_set_rate(row, MIGRATIONS_rate, from->pages, head);
		mml_set_u64(row, MIGRATIONS_failed, from->failed);
		mml_set_u64(row, MIGRATIONS_calls, from->calls);
		mml_set_bool(row, MIGRATIONS_ended, owner->dead);
	}
	return 0;
}

static const struct mml_counts_table migrations = {
	.kind = MML_TRACE_MIGRATIONS,
	.path = "/mmlens/migrations",
	.events = "migrations",
	.size = sizeof(struct mml_migrations_counts),
	.add = add,
};

MML_COUNTS_FUNCTIONS(migrations)

static const struct mml_source sources[] = {
	{ "BPF: migrate:mm_migrate_pages", NULL, NULL, probe },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_migrations = {
	.schema = { .name = "migrations",
		    .help = "Pages moved to other frames while they are watched, by reason and by "
			    "who moves them.",
		    MML_COLUMNS(MIGRATIONS),
		    .sort = "-pages,pid,reason" },
	.sources = sources,
	.takes = MML_TAKES(PIDS),
	.observes = true,
	.begin = begin,
	.collect = collect,
	.keep = mml_observer_new,
	.release = mml_observer_free,
};
