/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../../core/snapshot.h"
#include "../process/procfs.h"
#include "taskstats.h"

/* clang-format off */
#define DELAYS_COLUMNS(C, R) \
	C(pid,             "PID",     U64, KEY,     NONE,    FIRST,  0, "TASKSTATS_TYPE_TGID", "The process.") \
	C(started,         "STARTED", U64, KEY,     NSEC,    HIDDEN, 0, "stat 22", "When it was started, from boot.") \
	C(comm,            "COMMAND", STR, LABEL,   NONE,    FIRST,  0, "stat 2", "Name of its first thread.") \
	C(reclaim,         "RECLAIM", U64, COUNTER, NSEC,    FIRST,  0, "freepages_delay_total", "Time its threads have spent to free memory themselves, for the machine or for their group.") \
	C(reclaim_count,   "TIMES",   U64, COUNTER, COUNT,   MAIN,   0, "freepages_count", "How often they had to.") \
	R(reclaim_share,   "RECLAIM%", F64, RATE,   PERCENT, MAIN,   reclaim, "Share of the time since the previous sample; more than 100 where several threads waited.") \
	C(swapin,          "SWAPIN",  U64, COUNTER, NSEC,    FIRST,  0, "swapin_delay_total", "Time spent waiting for pages to come back from swap.") \
	C(swapin_count,    "TIMES",   U64, COUNTER, COUNT,   MAIN,   0, "swapin_count", "How often they waited for one.") \
	R(swapin_share,    "SWAPIN%", F64, RATE,    PERCENT, MAIN,   swapin, "Share of the time since the previous sample.") \
	C(thrashing,       "THRASH",  U64, COUNTER, NSEC,    FIRST,  0, "thrashing_delay_total", "Time spent waiting for pages that were in memory a short while ago; those from swap count above as well. Kernel 4.20.") \
	C(thrashing_count, "TIMES",   U64, COUNTER, COUNT,   MAIN,   0, "thrashing_count", "How often they waited for one.") \
	R(thrashing_share, "THRASH%", F64, RATE,    PERCENT, MAIN,   thrashing, "Share of the time since the previous sample.") \
	C(compact,         "COMPACT", U64, COUNTER, NSEC,    FIRST,  0, "compact_delay_total", "Time spent to make large blocks out of small ones. Kernel 5.17.") \
	C(compact_count,   "TIMES",   U64, COUNTER, COUNT,   MAIN,   0, "compact_count", "How often they had to.") \
	R(compact_share,   "COMPACT%", F64, RATE,   PERCENT, MORE,   compact, "Share of the time since the previous sample.") \
	C(copy,            "COPY",    U64, COUNTER, NSEC,    MORE,   0, "wpcopy_delay_total", "Time spent copying pages on the first write after a fork. Kernel 6.0.") \
	C(copy_count,      "TIMES",   U64, COUNTER, COUNT,   LAST,   0, "wpcopy_count", "How many were copied.") \
	R(copy_share,      "COPY%",   F64, RATE,    PERCENT, LAST,   copy, "Share of the time since the previous sample.")
/* clang-format on */

#define MML_TABLE_OF DELAYS
#include "../../core/columns.h"

/* What was answered is kept in a capture in lines of this kind: the process, and for each delay how
 * often and how long, or - - where the kernel does not tell. */
static const char saved_path[] = "/mmlens/taskstats";
static const char switch_path[] = "/proc/sys/kernel/task_delayacct";

static const struct {
	unsigned count, time;
} columns[MML_DELAYS] = {
	[MML_DELAY_SWAPIN] = { DELAYS_swapin_count, DELAYS_swapin },
	[MML_DELAY_RECLAIM] = { DELAYS_reclaim_count, DELAYS_reclaim },
	[MML_DELAY_THRASHING] = { DELAYS_thrashing_count, DELAYS_thrashing },
	[MML_DELAY_COMPACT] = { DELAYS_compact_count, DELAYS_compact },
	[MML_DELAY_COPY] = { DELAYS_copy_count, DELAYS_copy },
};

static void put_line(struct mml_buf *out, pid_t pid, const struct mml_delay_sum sums[MML_DELAYS])
{
	mml_buf_printf(out, "%d", (int)pid);
	for (size_t i = 0; i < MML_DELAYS; i++)
		if (sums[i].known)
			mml_buf_printf(out, " %" PRIu64 " %" PRIu64, sums[i].count, sums[i].ns);
		else
			mml_buf_puts(out, " - -");
	mml_buf_putc(out, '\n');
}

static int fail(struct mml_table *table, int rc)
{
	switch (rc) {
	case -EPERM:
		return mml_table_fail(table, rc, "CAP_NET_ADMIN",
				      "the kernel tells delays to root only");
	case -ENOENT:
		return mml_table_fail(table, rc, "a kernel with CONFIG_TASKSTATS",
				      "this kernel does not tell of delays");
	case -EPROTO:
		return mml_table_fail(table, rc, "another kernel than 6.14 or 6.15",
				      "version %d of the kernel's struct taskstats is not "
				      "compatible with any other",
				      MML_TASKSTATS_ODD);
	default:
		return mml_table_fail(table, rc, NULL, "asking for delays: %s", strerror(-rc));
	}
}

/* Asks about every process in the scope. One that has ended meanwhile is left out. */
static int ask_all(struct mml_take *take, const struct mml_query *query, struct mml_buf *out)
{
	const char *const *names = mml_take_names(take, "/proc");
	struct mml_taskstats *ts = NULL;
	struct mml_delay_sum sums[MML_DELAYS];
	int rc = mml_taskstats_open(&ts);

	for (size_t i = 0; !rc && names && names[i]; i++) {
		uint64_t pid;

		if (mml_parse_u64(mml_span_str(names[i]), &pid) || !pid || pid > INT32_MAX ||
		    !mml_scope_wants(&query->scope, (pid_t)pid))
			continue;
		rc = mml_taskstats_get(ts, (pid_t)pid, sums);
		if (!rc)
			put_line(out, (pid_t)pid, sums);
		else if (rc == -ESRCH)
			rc = 0;
	}
	mml_taskstats_close(ts);
	return rc ? rc : out->error;
}

/* Sets the name and the start; false if the process is gone, so that its number may be another's.
 */
static bool set_process(struct mml_take *take, struct mml_row *row, pid_t pid)
{
	struct mml_pid_stat stat;
	struct mml_span text;

	mml_set_u64(row, DELAYS_pid, (uint64_t)pid);
	if (mml_take_filef(take, &text, "/proc/%d/stat", (int)pid) ||
	    mml_pid_stat_parse(text, &stat))
		return false;
	mml_set_str(row, DELAYS_comm,
		    mml_arena_strndup(take->arena, stat.comm.p, mml_span_len(stat.comm)));
	if (take->host->clock_ticks)
		mml_set_u64(row, DELAYS_started,
			    stat.start * (UINT64_C(1000000000) / take->host->clock_ticks));
	return true;
}

static int line_row(struct mml_take *take, const struct mml_query *query, struct mml_table *table,
		    struct mml_span line)
{
	struct mml_span count, time;
	struct mml_row *row;
	uint64_t pid, n, ns;

	if (mml_next_u64(&line, &pid) || !pid || pid > INT32_MAX)
		return -EINVAL;
	if (!mml_scope_wants(&query->scope, (pid_t)pid))
		return 0;
	row = mml_table_add(table);
	if (!row)
		return -ENOMEM;
	if (!set_process(take, row, (pid_t)pid)) {
		mml_table_drop(table);
		return 0;
	}
	for (size_t i = 0; i < MML_DELAYS; i++) {
		if (!mml_next_token(&line, &count) || !mml_next_token(&line, &time))
			return -EINVAL;
		if (mml_parse_u64(count, &n) || mml_parse_u64(time, &ns))
			continue;
		mml_set_u64(row, columns[i].count, n);
		mml_set_u64(row, columns[i].time, ns);
	}
	return 0;
}

/* The switch, where the kernel has one: before 5.14 delays are always measured, unless they were
 * switched off at boot. Processes that were started while it was off are never measured. */
static int check_switch(struct mml_take *take, struct mml_table *table)
{
	uint64_t on;

	if (mml_take_number(take, &on, "%s", switch_path))
		return 0;
	if (!on)
		return mml_table_fail(
			table, -EOPNOTSUPP,
			"kernel.task_delayacct=1, or delayacct on the kernel's command line; only "
			"processes started afterwards are measured",
			"the kernel does not measure delays now");
	mml_table_note(
		table,
		"a process that was started while kernel.task_delayacct was 0 has no delays here");
	return 0;
}

static int delays_collect(struct mml_take *take, const struct mml_query *query,
			  struct mml_table *ret)
{
	struct mml_span text, line;
	struct mml_buf out = { 0 };
	size_t number = 0;
	int rc = check_switch(take, ret);

	if (rc)
		return rc;
	if (mml_root_live(take->root)) {
		const char *copy;

		rc = ask_all(take, query, &out);
		if (!rc && out.len)
			rc = mml_root_save(take->root, saved_path, out.data, out.len);
		copy = rc ? NULL
			  : mml_arena_strndup(take->arena, out.data ? out.data : "", out.len);
		text = (struct mml_span){ copy, copy ? copy + out.len : NULL };
		mml_buf_free(&out);
		if (rc == -ENOMEM || (!rc && !copy))
			return -ENOMEM;
		if (rc)
			return fail(ret, rc);
	} else {
		rc = mml_take_file(take, NULL, saved_path, &text);
		if (rc)
			return mml_table_fail(ret, rc, "a capture that asked for delays",
					      "the delays were not asked for");
	}
	while (mml_next_line(&text, &line)) {
		number++;
		rc = line_row(take, query, ret, line);
		if (rc == -ENOMEM)
			return rc;
		if (rc)
			mml_table_bad(ret, saved_path, number, "not a line of delays");
	}
	return ret->error;
}

static int probe(struct mml_root *root, struct mml_absence *ret)
{
	struct mml_taskstats *ts;
	struct mml_delay_sum sums[MML_DELAYS];
	int rc;

	if (!mml_root_live(root)) {
		*ret = (struct mml_absence){ "it is asked of a live kernel", "the machine itself" };
		return -ENOTSUP;
	}
	rc = mml_taskstats_open(&ts);
	if (!rc) {
		rc = mml_taskstats_get(ts, 1, sums);
		mml_taskstats_close(ts);
	}
	*ret = (struct mml_absence){
		rc == -EPERM ? "the kernel tells delays to root only" : "not to be had",
		rc == -EPERM ? "CAP_NET_ADMIN" : "a kernel with CONFIG_TASKSTATS"
	};
	return rc;
}

static const struct mml_source sources[] = {
	{ "netlink: TASKSTATS", NULL, NULL, probe },
	{ switch_path, NULL, "Linux 5.14 or newer; before, delays are always measured", NULL },
	{ "/proc/PID/stat", NULL, NULL, NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_delays = {
	.schema = { .name = "delays",
		    .help = "A process, and how long its threads have waited for memory since they "
			    "were started.",
		    MML_COLUMNS(DELAYS),
		    .sort = "-reclaim,-swapin,pid" },
	.sources = sources,
	.takes = MML_TAKES(PIDS),
	.collect = delays_collect,
};
