/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "faults.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../vma/mm.h"

/* clang-format off */
#define FAULTS_COLUMNS(C, R) \
	C(pid,            "PID",      U64,  KEY,     NONE,  FIRST,  0, "task_struct.tgid", "The process.") \
	C(comm,           "COMMAND",  STR,  LABEL,   NONE,  FIRST,  0, "task_struct.comm", "Name of its first thread.") \
	C(started,        "STARTED",  U64,  KEY,     NSEC,  HIDDEN, 0, "task_struct.start_boottime", "When it was started, from boot; with the PID it names a process for good.") \
	C(start,          "START",    ADDR, KEY,     NONE,  HIDDEN, 0, "/proc/PID/maps", "With --by vma: where the mapping begins; absent for faults where none is any more. With --by code it is the mapping of the instruction that faulted.") \
	C(end,            "END",      ADDR, LABEL,   NONE,  HIDDEN, 0, "/proc/PID/maps", "With --by vma: where the mapping ends.") \
	C(faults,         "FAULTS",   U64,  COUNTER, COUNT, FIRST,  0, "user + kernel", "Page-fault exceptions since the observation began.") \
	R(rate,           "FAULTS/S", F64,  RATE,    COUNT, MAIN,   faults, "Faults per second; in the first sample over the whole observation.") \
	C(user,           "USER",     U64,  COUNTER, COUNT, MAIN,   0, "exceptions:page_fault_user", "Faults in the program's own code.") \
	C(kernel,         "KERNEL",   U64,  COUNTER, COUNT, MAIN,   0, "exceptions:page_fault_kernel", "Faults in the kernel, working on the program's memory (system calls).") \
	C(write,          "WRITE",    U64,  COUNTER, COUNT, MAIN,   0, "error_code bit 1", "Faults by writing.") \
	C(instruction,    "INSTR",    U64,  COUNTER, COUNT, MORE,   0, "error_code bit 4", "Faults by fetching an instruction.") \
	C(protection,     "PROT",     U64,  COUNTER, COUNT, MORE,   0, "error_code bit 0", "Faults on pages that were there and did not allow it: copy on write, mostly.") \
	C(minor,          "MINOR",    U64,  COUNTER, COUNT, MAIN,   0, "task_struct.min_flt", "Faults resolved without input since the observation began; with those that the kernel resolves for the process without an exception (MAP_POPULATE, mlock, direct input and output).") \
	C(major,          "MAJOR",    U64,  COUNTER, COUNT, MAIN,   0, "task_struct.maj_flt", "Faults that had to wait for input, since the observation began.") \
	R(major_rate,     "MAJOR/S",  F64,  RATE,    COUNT, HIDDEN, major, "Major faults per second.") \
	C(ended,          "ENDED",    BOOL, LABEL,   NONE,  HIDDEN, 0, "sched:sched_process_exit", "Whether the process ended during the observation.") \
	C(major_from,     "MAJFROM", STR, DERIVED, NONE, HIDDEN, 0, "/proc/PID/maps", "With --by vma, where there were major faults: what they waited for. swap: the memory belongs to no file; file: it cannot be changed by this process alone; file or swap: a private copy may have been swapped out, or the file itself is in memory.") \
	C(hottest,        "HOTTEST",  ADDR, GAUGE,   NONE,  HIDDEN, 0, "address >> 21", "With --by vma: the 2 MiB of the mapping that were hit most.") \
	C(hottest_faults, "HITS",     U64,  GAUGE,   COUNT, HIDDEN, 0, "count of the hottest 2 MiB", "With --by vma: faults in the hottest 2 MiB.") \
	C(mapping,        "MAPPING",  STR,  LABEL,   NONE,  HIDDEN, 0, "/proc/PID/maps", "With --by vma: the mapping's file or name.")
/* clang-format on */

#define MML_TABLE_OF FAULTS
#include "../../core/columns.h"

/* What can be asked for with --by beside processes: faults by the mapping that was touched, and by the one that
 * the instruction is in. */
static const struct by {
	const char *word, *path;
	enum mml_trace_kind kind;
} by_mappings[] = {
	{ "vma", "/mmlens/faults-by-vma", MML_TRACE_REGIONS },
	{ "code", "/mmlens/faults-by-code", MML_TRACE_CODE },
};

static void set_counts(struct mml_row *row, const struct mml_fault_counts *counts,
		       const struct mml_trace_head *head)
{
	mml_set_u64(row, FAULTS_faults, counts->user + counts->kernel);
	mml_set_u64(row, FAULTS_user, counts->user);
	mml_set_u64(row, FAULTS_kernel, counts->kernel);
	mml_counts_set_rate(row, FAULTS_rate, counts->user + counts->kernel, head);
	if (!(head->flags & MML_TRACE_SOFT_EVENTS)) {
		mml_set_u64(row, FAULTS_write, counts->write);
		mml_set_u64(row, FAULTS_instruction, counts->instruction);
		mml_set_u64(row, FAULTS_protection, counts->protection);
	}
	if (head->flags & (MML_TRACE_SOFT_EVENTS | MML_TRACE_RESOLVED) || head->kind == MML_TRACE_FAULTS) {
		mml_set_u64(row, FAULTS_minor, counts->minor);
		mml_set_u64(row, FAULTS_major, counts->major);
		mml_counts_set_rate(row, FAULTS_major_rate, counts->major, head);
	}
}

static void say_why(struct mml_table *table, const struct mml_trace_head *head)
{
	static const unsigned codes[] = { FAULTS_write, FAULTS_instruction, FAULTS_protection };
	static const char soft[] = "perf's software events have no error code";
	static const char early[] = "no software events of perf to tell them by";

	if (head->flags & MML_TRACE_SOFT_EVENTS) {
		for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
			mml_table_why(table, codes[i], soft, "the tracepoints of x86 or riscv");
	} else if (head->kind != MML_TRACE_FAULTS && !(head->flags & MML_TRACE_RESOLVED)) {
		mml_table_why(table, FAULTS_minor, early, NULL);
		mml_table_why(table, FAULTS_major, early, NULL);
	}
}

static char *copy_string(struct mml_table *table, const char *s, size_t len)
{
	return mml_arena_strndup(table->arena, s, len);
}

static int add_process(struct mml_table *table, const struct mml_sum_owner *owner,
		       const void *counts, const struct mml_trace_head *head)
{
	struct mml_row *row = mml_table_add(table);

	if (!row)
		return -ENOMEM;
	mml_set_u64(row, FAULTS_pid, (uint64_t)owner->pid);
	mml_set_str(row, FAULTS_comm, mml_counts_comm(table, owner));
	mml_set_u64(row, FAULTS_started, owner->start_ns);
	mml_set_bool(row, FAULTS_ended, owner->dead);
	set_counts(row, counts, head);
	return 0;
}

const struct mml_counts_table mml_counts_faults = {
	.kind = MML_TRACE_FAULTS,
	.path = "/mmlens/faults",
	.events = "faults",
	.size = sizeof(struct mml_fault_counts),
	.add = add_process,
	.explain = say_why,
};

static const char *unmapped(const struct mml_trace_head *head, const struct mml_fault_counts *counts)
{
	if (head->kind != MML_TRACE_CODE || !counts->kernel)
		return "(unmapped since)";
	return counts->user ? "(the kernel, and what is unmapped since)" : "(the kernel)";
}

int mml_faults_mapping_rows(struct mml_span bytes, pid_t pid, struct mml_span maps,
			    const char *comm, struct mml_table *ret)
{
	struct mml_fault_mapping *mappings;
	struct mml_trace_head head;
	size_t n;
	int rc = mml_trace_regions(bytes.p, mml_span_len(bytes), pid, maps, &head, &mappings, &n);

	if (rc)
		return rc;
	for (size_t i = 0; i < n && !ret->error; i++) {
		const struct mml_fault_mapping *from = &mappings[i];
		struct mml_row *row = mml_table_add(ret);

		if (!row)
			break;
		mml_set_u64(row, FAULTS_pid, (uint64_t)pid);
		mml_set_str(row, FAULTS_comm, comm);
		if (from->mapped) {
			mml_set_u64(row, FAULTS_start, from->start);
			mml_set_u64(row, FAULTS_end, from->end);
			if (from->name.p != from->name.end)
				mml_set_str(row, FAULTS_mapping,
					    copy_string(ret, from->name.p,
							mml_span_len(from->name)));
		} else {
			mml_set_str(row, FAULTS_mapping, unmapped(&head, &from->counts));
		}
		/* What was touched decides, and not by which code. */
		if (from->mapped && from->counts.major && head.kind == MML_TRACE_REGIONS)
			mml_set_str(row, FAULTS_major_from,
				    !from->of_file ? "swap" : from->swaps ? "file or swap" : "file");
		mml_set_u64(row, FAULTS_hottest, from->hottest);
		mml_set_u64(row, FAULTS_hottest_faults, from->hottest_faults);
		set_counts(row, &from->counts, &head);
	}
	free(mappings);
	say_why(ret, &head);
	mml_observe_note(ret, &head, "faults");
	return ret->error;
}

/*
 * The maps of the watched processes from before the events. A process that has ended has none any more,
 * and then these are used. The observer keeps them as a pid, a length and that many bytes each.
 */
struct kept_maps {
	pid_t pid;
	size_t len;
};

static void keep_maps(struct mml_take *take, const struct mml_query *query, struct mml_buf *kept)
{
	const struct mml_arg *asked = mml_scope_pids(&query->scope);

	kept->len = 0;
	for (size_t i = 0; i < asked->n; i++) {
		struct kept_maps head = { asked->pids[i], 0 };
		struct mml_span text;

		if (mml_take_filef(take, &text, "/proc/%d/maps", (int)head.pid))
			continue;
		head.len = mml_span_len(text);
		mml_buf_put(kept, (const char *)&head, sizeof(head));
		mml_buf_put(kept, text.p, head.len);
	}
}

static bool find_kept(const struct mml_buf *kept, pid_t pid, struct mml_span *ret)
{
	struct kept_maps head;

	for (size_t at = 0; at + sizeof(head) <= kept->len; at += head.len) {
		memcpy(&head, kept->data + at, sizeof(head));
		at += sizeof(head);
		if (head.pid != pid)
			continue;
		*ret = (struct mml_span){ kept->data + at, kept->data + at + head.len };
		return true;
	}
	return false;
}

static void find_maps(struct mml_take *take, const struct mml_buf *kept, pid_t pid,
		      struct mml_span *ret)
{
	char name[64];

	*ret = (struct mml_span){ NULL, NULL };
	if (!mml_take_filef(take, ret, "/proc/%d/maps", (int)pid) && ret->p != ret->end)
		return;
	if (!find_kept(kept, pid, ret))
		return;
	snprintf(name, sizeof(name), "/proc/%d/maps", (int)pid);
	mml_root_save(take->root, name, ret->p, mml_span_len(*ret));
}

static const char *find_comm(struct mml_take *take, pid_t pid)
{
	struct mml_span text, line;

	if (mml_take_filef(take, &text, "/proc/%d/comm", (int)pid) || !mml_next_line(&text, &line))
		return NULL;
	return mml_arena_strndup(take->arena, line.p, mml_span_len(line));
}

/* Returns how faults are counted by mapping, or NULL if they are by process. */
static const struct by *by_mapping(const struct mml_query *query)
{
	for (size_t i = 0; query->scope.by && i < sizeof(by_mappings) / sizeof(*by_mappings); i++)
		if (!strcmp(query->scope.by, by_mappings[i].word))
			return &by_mappings[i];
	return NULL;
}

/* Begins to count by mapping, and keeps the mappings as they are now. */
static int begin_mappings(struct mml_take *take, const struct mml_query *query,
			  struct mml_observer *observer, struct mml_table *table)
{
	bool started;
	int rc = mml_observe_begin(query, observer, by_mapping(query)->kind, table, &started);

	if (!rc && started)
		keep_maps(take, query, &observer->maps);
	return rc;
}

static bool can_watch(const struct mml_query *query)
{
	size_t asked = mml_scope_pids(&query->scope)->n;

	return asked && asked <= MML_FAULT_WATCH_MAX;
}

static int collect_mappings(struct mml_take *take, const struct mml_query *query,
			    struct mml_observer *observer, struct mml_table *ret)
{
	const struct mml_arg *asked = mml_scope_pids(&query->scope);
	const char *path = by_mapping(query)->path;
	struct mml_span bytes, maps;
	int rc;

	if (!can_watch(query))
		return mml_table_fail(ret, -EINVAL, "-p PID",
				      "--by %s looks on 1 to %d processes, asked for with -p",
				      query->scope.by, MML_FAULT_WATCH_MAX);
	if (mml_root_live(take->root)) {
		rc = begin_mappings(take, query, observer, ret);
		if (!rc)
			rc = mml_observe_end(take, query, observer, path, ret, &bytes);
	} else {
		rc = mml_observe_saved(take, path, ret, &bytes);
	}
	for (size_t i = 0; i < asked->n && !rc; i++) {
		pid_t pid = asked->pids[i];

		find_maps(take, &observer->maps, pid, &maps);
		if (!maps.p)
			rc = mml_mm_missing(take, ret, pid);
		else
			rc = mml_faults_mapping_rows(bytes, pid, maps, find_comm(take, pid), ret);
		if (rc && !ret->error)
			mml_observe_bad(ret, path, rc);
	}
	return ret->error;
}

static void faults_begin(struct mml_take *take, const struct mml_query *query)
{
	if (!by_mapping(query))
		mml_counts_begin(&mml_counts_faults, take, query);
	else if (mml_root_live(take->root) && can_watch(query))
		begin_mappings(take, query, query->reading.state, NULL);
}

static int faults_collect(struct mml_take *take, const struct mml_query *query,
			  struct mml_table *ret)
{
	struct mml_observer once = { 0 };
	int rc;

	if (!by_mapping(query))
		return mml_counts_collect(&mml_counts_faults, take, query, ret);
	rc = collect_mappings(take, query, query->reading.state ? query->reading.state : &once, ret);
	mml_observer_clear(&once);
	return rc;
}

static int probe(struct mml_root *root, struct mml_absence *ret)
{
	return mml_counts_probe(&mml_counts_faults, root, ret);
}

static const struct mml_source sources[] = {
	{ "BPF: exceptions:page_fault_user, page_fault_kernel", NULL, NULL, probe },
	{ "/proc/PID/maps", "ptrace access to the process (its own user, or CAP_SYS_PTRACE)", NULL,
	  NULL },
	{ NULL, NULL, NULL, NULL },
};

static const struct mml_grouping groupings[] = {
	{ "process", "pid,comm,faults,rate,user,kernel,write,instruction,protection,minor,major", NULL },
	{ "vma", "pid,comm,start,end,faults,rate,user,kernel,write,instruction,protection,minor,major,major_from,mapping", NULL },
	{ "code", "pid,comm,start,end,faults,rate,user,kernel,write,protection,minor,major,mapping", NULL },
	{ NULL, NULL, NULL },
};

const struct mml_collector mml_collector_faults = {
	.schema = { .name = "faults",
		    .apart = "hottest_faults",
		    .help = "A process's page faults while it is watched (--by vma: a mapping's; --by code: those of the instructions in a mapping).",
		    MML_COLUMNS(FAULTS),
		    .sort = "-faults,pid" },
	.sources = sources,
	.takes = MML_TAKES(PIDS),
	.observes = true,
	.groupings = groupings,
	.begin = faults_begin,
	.collect = faults_collect,
	.keep = mml_observer_new,
	.release = mml_observer_free,
};
