/* A report in the tables made of it, and what the machine counts beside its log. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <math.h>

#include "../../src/core/module.h"
#include "../../src/core/place.h"
#include "oom_own.h"
#include "tree.h"

static struct tree t;

/* The report as /dev/kmsg hands it out, 100 s after boot. */
static void put_log(unsigned last_lines_missing)
{
	struct mml_buf text = { 0 };

	for (int i = 0; i < LINES - (int)last_lines_missing; i++)
		mml_buf_printf(&text, "6,%d,%d,-;%s\n", 40 + i, 100000000 + i, lines[i]);
	tree_bytes(&t, "/dev/kmsg", text.data, text.len);
	mml_buf_free(&text);
}

static bool at_least(const struct mml_table *table, size_t i, const char *name)
{
	int col = mml_schema_find(table->schema, name, strlen(name));

	return mml_at_least(mml_table_row(table, i), (unsigned)col);
}

static void check_report(void)
{
	static const struct {
		const char *column;
		uint64_t value;
	} cells[] = {
		{ "report", 1 },
		{ "line_first", 1 },
		{ "line_last", LINES },
		{ "since_boot", UINT64_C(100000000000) },
		{ "pid", 185 },
		{ "order", 0 },
		{ "size", 4096 },
		{ "gfp_mask", 0x140dca },
		{ "page_size", 4096 },
		{ "ram", UINT64_C(262144) * 4096 },
		{ "reserved", 28672 * 4096 },
		{ "free", 6832 * 4096 },
		{ "free_pcp", 157 * 4096 },
		{ "anon", (UINT64_C(40192) + 151898 + 32) * 4096 },
		{ "file", 28 * 4096 },
		{ "shmem", 2593 * 4096 },
		{ "slab_unreclaimable", 12151 * 4096 },
		{ "hugetlb", 3 * 2048 * 1024 },
		{ "hugetlb_free", 2048 * 1024 },
		{ "swap_total", 65532 * 1024 },
		{ "swap_free", 1200 * 1024 },
		{ "total", (UINT64_C(262144) - 28672 + 16383) * 4096 },
		{ "kills", 1 },
		{ "victim_pid", 185 },
		{ "victim_points", 121592 + 14192 + 300 + 300 * 249 },
		{ "victim_expected", true },
		{ "freed", UINT64_C(485824) * 1024 },
		{ "next_pid", 2090 },
		{ "next_points", 52000 + 96 + 121 },
	};
	const struct mml_table *table = tree_table(&t, "oom");

	is_u64(table->nrows, 1);
	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++)
		if (!tap_ok(tree_u64(table, 0, cells[i].column) == cells[i].value, "%s",
			    cells[i].column))
			printf("# got %" PRIu64 "\n", tree_u64(table, 0, cells[i].column));
	is_str(tree_str(table, 0, "kind"), "oom");
	is_str(tree_str(table, 0, "comm"), "eater");
	is_str(tree_str(table, 0, "kernel"), "6.6.30-test");
	is_str(tree_str(table, 0, "zone_class"), "Movable");
	is_str(tree_str(table, 0, "constraint"), "none");
	is_str(tree_str(table, 0, "reason"), "below_min");
	is_str(tree_str(table, 0, "holder"), "task");
	is_str(tree_str(table, 0, "next"), "Web Content");
	is_str(tree_str(table, 0, "complete"),
	       "header,trace,meminfo,zones,buddy,swap,ram,slabs,tasks,verdict");
	is_str(tree_str(table, 0, "task_memcg"), "/user.slice/a,b");
	/* What the report lacks is absent. */
	ok(!tree_cell(table, 0, "time") && !tree_cell(table, 0, "oom_memcg") &&
	   !tree_cell(table, 0, "score") && !tree_cell(table, 0, "panic"));
	ok(strstr(tree_str(table, 0, "title"), "Report 1 of 1: lines 1 to"));
	ok(strstr(tree_str(table, 0, "who_and_why"), "Next would be Web Content[2090]"));
	ok(!strstr(tree_str(table, 0, "who_and_why"), "121592"));
}

static void check_parts(void)
{
	const struct mml_table *table = tree_table(&t, "oom_tasks");
	int64_t sum = 0;
	size_t i;

	is_u64(table->nrows, 3);
	i = tree_row(table, "name", "sshd");
	is_str(tree_str(table, i, "state"), "exempt");
	ok(!tree_cell(table, i, "rank") && !tree_cell(table, i, "points"));
	is_i64(tree_cell(table, i, "adj")->i64, -1000);
	i = tree_row(table, "name", "eater");
	is_str(tree_str(table, i, "state"), "victim");
	is_u64(tree_u64(table, i, "rank"), 1);
	is_u64(tree_u64(table, i, "rss"), UINT64_C(121592) * 4096);
	is_u64(tree_u64(table, i, "swap"), 14192 * 4096);
	is_u64(tree_u64(table, i, "page_tables"), 1228800);
	is_i64(tree_cell(table, i, "score")->i64, 210784 * 1000 / 249855);
	ok(!at_least(table, i, "points") && !tree_cell(table, i, "rss_anon"));
	table = tree_table(&t, "oom_zones");
	is_u64(table->nrows, 2);
	is_str(tree_str(table, 0, "zone"), "DMA");
	is_str(tree_str(table, 0, "verdict"), "reserve");
	is_u64(tree_u64(table, 0, "reserve"), 897 * 4096);
	is_u64(tree_u64(table, 1, "usable"), 23524 * 1024);
	is_i64(tree_cell(table, 1, "margin")->i64, (23524 - 25112) * 1024);
	is_u64(tree_u64(table, 1, "largest"), 1024 * 1024);
	table = tree_table(&t, "oom_balance");
	for (i = 0; i < table->nrows; i++)
		sum += tree_cell(table, i, "bytes")->i64;
	is_i64(sum, INT64_C(262144) * 4096);
	ok(tree_row(table, "item", "balloon") == table->nrows);
	table = tree_table(&t, "oom_slabs");
	is_u64(table->nrows, 2);
	is_u64(tree_u64(table, 0, "total"), 9444 * 1024);
	ok(fabs(tree_cell(table, 0, "share")->f64 - 100.0 * 9444 / (12151 * 4)) < 1e-9);
	is_u64(tree_table(&t, "oom_cgroups")->nrows, 0);
	table = tree_table(&t, "oom_kills");
	is_u64(table->nrows, 1);
	is_str(tree_str(table, 0, "by"), "kernel");
	is_str(tree_str(table, 0, "message"), "Out of memory");
	is_u64(tree_u64(table, 0, "rss_anon"), UINT64_C(485824) * 1024);
	ok(tree_cell(table, 0, "reaped")->b && !tree_cell(table, 0, "again")->b);
}

/* A group's limits: one that is none is absent. */
static void check_group(void)
{
	const struct mml_table *table;

	tree_file(&t, "/dev/kmsg",
		  "6,1,2,-;x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, "
		  "oom_score_adj=0\n"
		  "6,2,3,-;memory: usage 65536kB, limit 65536kB, failcnt 12\n"
		  "6,3,4,-;swap: usage 0kB, limit 9007199254740988kB, failcnt 0\n"
		  "6,4,5,-;Memory cgroup stats for /a:\n6,5,6,-;anon 61440000\n"
		  "6,6,7,-;file_dirty 4096\n");
	table = tree_table(&t, "oom_cgroups");
	is_u64(table->nrows, 1);
	is_str(tree_str(table, 0, "path"), "/a");
	is_u64(tree_u64(table, 0, "limit"), 64 << 20);
	is_u64(tree_u64(table, 0, "failcnt"), 12);
	is_u64(tree_u64(table, 0, "swap_usage"), 0);
	ok(!tree_cell(table, 0, "swap_limit") && !tree_cell(table, 0, "memsw_usage"));
	is_u64(tree_u64(table, 0, "anon"), 61440000);
	is_u64(tree_u64(table, 0, "dirty"), 4096);
	ok(!tree_cell(table, 0, "file"));
}

static const char *note(void)
{
	const struct mml_table *table = tree_table(&t, "oom");

	return table->note ? table->note : "";
}

/* The kernel's own count of kills against the lines of the log: a kill more than those is said. */
static void check_counts(void)
{
	put_log(0);
	is_str(note(), ""); /* there is no vmstat */
	tree_file(&t, "/proc/vmstat", "nr_free_pages 1\n");
	is_str(note(), ""); /* it does not count kills, as before 4.13 */
	tree_file(&t, "/proc/vmstat", "nr_free_pages 1\noom_kill 1\n");
	is_str(note(), "");
	tree_file(&t, "/proc/vmstat", "nr_free_pages 1\noom_kill 2\n");
	is_str(note(), "the kernel has killed 2 processes since boot (oom_kill of vmstat), and this "
		       "log tells of 1: the rest was overwritten");
	put_log(2); /* without the kill */
	tree_file(&t, "/proc/vmstat", "nr_free_pages 1\noom_kill 1\n");
	is_str(note(), "the kernel has killed 1 process since boot (oom_kill of vmstat), and this "
		       "log tells of 0: the rest was overwritten");
	put_log(0);
}

/* How long ago is known only if the log's clock never stood. */
static void check_age(void)
{
	static const struct {
		const char *state, *times;
		bool known;
	} machines[] = {
		{ NULL, NULL, false },	     { "freeze mem disk\n", NULL, false },
		{ "\n", NULL, true },	     { "freeze mem\n", "0\n", true },
		{ "freeze mem\n", "1\n", false },
	};
	const struct mml_table *table;

	tree_file(&t, "/mmlens/host",
		  "page_size=4096\nkernel=6.6.30\ntime=1700000000.0\nmono_ns=160000000000\n");
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
		if (machines[i].state)
			tree_file(&t, "/sys/power/state", machines[i].state);
		if (machines[i].times)
			tree_file(&t, "/sys/power/suspend_stats/success", machines[i].times);
		table = tree_table(&t, "oom");
		is_u64(tree_u64(table, 0, "age"),
		       machines[i].known ? UINT64_C(60000000000) : UINT64_MAX);
		ok(machines[i].known ||
		   !strcmp(table->columns[mml_schema_find(table->schema, "age", 3)].reason,
			   "the machine may have been suspended since"));
	}
}

/* Kills of user space are told beside the kernel's, each in its place. */
static void check_userspace(void)
{
	static const char text[] =
		"Nov  5 22:41:40 web-1 systemd-oomd[81]: Killed /user.slice/x due to memory pressure "
		"for /user.slice being 51%\n"
		"Nov  5 22:41:41 web-1 kernel: [   12.500000] Out of memory: Killed process 5 (y) "
		"total-vm:36000kB, anon-rss:4000kB, file-rss:0kB, shmem-rss:0kB\n";
	const struct mml_table *table;

	tree_file(&t, "/dev/kmsg", text);
	table = tree_table(&t, "oom");
	is_u64(table->nrows, 2);
	is_str(tree_str(table, tree_row(table, "kind", "userspace"), "victim"), "/user.slice/x");
	is_u64(tree_u64(table, tree_row(table, "kind", "userspace"), "report"), 1);
	is_u64(tree_u64(table, tree_row(table, "kind", "kill_only"), "report"), 2);
	table = tree_table(&t, "oom_kills");
	is_u64(table->nrows, 2);
	is_u64(tree_u64(table, tree_row(table, "by", "userspace"), "report"), 1);
	is_u64(tree_u64(table, tree_row(table, "by", "kernel"), "report"), 2);
}

/* What the journal has from before the ring begins is kept in a tree beside it. */
static void check_journal(void)
{
	const struct mml_table *table;

	put_log(0);
	tree_file(&t, "/mmlens/journal",
		  "2026-11-26T02:28:10.123456+00:00 web-1 kernel: [   12.500000] Out of memory: "
		  "Killed process 5 (y) total-vm:36000kB, anon-rss:4000kB, file-rss:0kB, "
		  "shmem-rss:0kB\n");
	table = tree_table(&t, "oom");
	is_u64(table->nrows, 2);
	is_str(tree_str(table, 0, "kind"), "kill_only");
	is_str(tree_str(table, 0, "time"), "2026-11-26T02:28:10.123456+00:00");
	is_u64(tree_u64(table, 0, "since_boot"), UINT64_C(12500000000));
	is_str(tree_str(table, 1, "kind"), "oom");
	is_u64(tree_u64(table, 1, "since_boot"), UINT64_C(100000000000));
	is_u64(tree_table(&t, "oom_kills")->nrows, 2);
	tree_file(&t, "/mmlens/journal", "");
	is_u64(tree_table(&t, "oom")->nrows, 1);
}

/* A place whose files are taken to be this machine's own. */
struct own {
	struct mml_place place;
};

static int own_open(struct mml_place *place, const char *path, int flags)
{
	char full[512];
	int fd;

	(void)place;
	snprintf(full, sizeof(full), "%s%s", t.dir, path);
	fd = open(full, flags);
	return fd < 0 ? -errno : fd;
}

static struct mml_time own_now(struct mml_place *place, struct mml_root *root)
{
	(void)place;
	(void)root;
	return (struct mml_time){ .mono_ns = 1 };
}

static void own_close(struct mml_place *place)
{
	(void)place;
}

/* The module is not beside this test: only if the ring has lost something, that is a loss. */
static void check_lost(void)
{
	static const struct mml_place_ops ops = { .open = own_open, .now = own_now, .close = own_close };
	struct mml_query query = { .collector = mml_collector_find("oom"),
				   .reading.cancel_fd = -1 };
	struct own own = { .place = { .ops = &ops,
				      .live = true,
				      .system = true,
				      .host = { .page_size = 4096, .page_size_known = true } } };
	struct mml_root *root = mml_root_new(&own.place);
	struct mml_snapshot *snap;
	struct mml_absence why;

	if (mml_module("journal", &why)) {
		tap_skip("the module is installed here");
		mml_root_close(root);
		return;
	}
	for (int lost = 0; lost < 2; lost++) {
		tree_file(&t, "/dev/kmsg", lost ? "6,1,7,-;hello\n" : "6,0,7,-;hello\n");
		tree_file(&t, "/proc/vmstat", "nr_free_pages 1\n");
		ok(!mml_snapshot_take(root, &query, 1, &snap));
		ok(lost ? snap->tables[0]->note &&
			       !strncmp(snap->tables[0]->note,
					"the first 1 records of the kernel's log were overwritten, "
					"and the journal was not read: ",
					85) :
			  !snap->tables[0]->note);
		mml_snapshot_put(snap);
	}
	mml_root_close(root);
}

/* A file that the user named is read instead of the machine's log, and the arithmetic is told. */
static void check_file(void)
{
	static const char text[] = "[    1.500000] Out of memory: Killed process 5 (y) total-vm:36000kB, "
				   "anon-rss:4000kB, file-rss:0kB, shmem-rss:0kB\n";
	struct mml_query query = { .collector = mml_collector_find("oom"),
				   .reading.cancel_fd = -1 };
	struct mml_scope copy;
	struct mml_arena *arena = mml_arena_new();
	struct mml_snapshot *snap;
	char *file = strdup(text);

	put_log(0);
	query.scope.args[MML_PARAM_VERBOSE].given = true;
	ok(!mml_snapshot_take(t.root, &query, 1, &snap));
	ok(strstr(tree_str(snap->tables[0], 0, "who_and_why"),
		  "rss 121592 + swap 14192 + page tables 300 + adj 300 * (249855 / 1000)"));
	mml_snapshot_put(snap);
	query.scope.args[MML_PARAM_LOG] = (struct mml_arg){ .given = true,
							    .text = "x.log",
							    .data = file,
							    .size = strlen(file) };
	ok(!mml_scope_copy(&copy, &query.scope, arena));
	memset(file, 0, strlen(text)); /* the copy does not need it */
	free(file);
	query.scope = copy;
	ok(!mml_snapshot_take(t.root, &query, 1, &snap));
	is_str(tree_str(snap->tables[0], 0, "victim"), "y");
	ok(!tree_cell(snap->tables[0], 0, "age"));
	mml_snapshot_put(snap);
	query.scope.args[MML_PARAM_LOG].data = NULL;
	ok(!mml_snapshot_take(t.root, &query, 1, &snap));
	is_str(snap->tables[0]->absence.reason, "x.log was not read");
	mml_snapshot_put(snap);
	mml_arena_free(arena);
}

int main(void)
{
	tree_new(&t);
	if (!tree_table(&t, "oom")) {
		tap_skip("trees need openat2(), Linux 5.6");
		return tap_done();
	}
	is_str(tree_table(&t, "oom_tasks")->absence.reason, "/dev/kmsg: not in this tree");
	put_log(0);
	check_report();
	check_parts();
	check_group();
	check_counts();
	check_age();
	check_userspace();
	check_journal();
	check_lost();
	check_file();
	tree_free(&t);
	return tap_done();
}
