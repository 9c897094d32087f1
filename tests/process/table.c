/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Table `processes`: a tree's rows, groups and relations; the time budget on the live system. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "../../src/collectors/process/process.h"
#include "../unit/tree.h"
#include "../../src/source/source.h"

static void put(struct tree *t, int pid, const char *name, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	tree_file(t, path, text);
}

static void put_process(struct tree *t, int pid, int ppid, const char *comm, unsigned flags,
			unsigned long start, unsigned pages)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "%d (%s) S %d 1 1 0 -1 %u 10 0 2 0 0 0 0 0 20 0 3 0 %lu %u 9 18446744073709551615 "
		 "1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		 pid, comm, ppid, flags, start, pages * 4096 * 10);
	put(t, pid, "stat", text);
	snprintf(text, sizeof(text), "%u %u 1 1 0 1 0\n", pages * 10, pages);
	put(t, pid, "statm", text);
	if (!pages) {
		snprintf(text, sizeof(text), "Name:\t%s\nState:\tS\nUid:\t0\t0\t0\t0\n", comm);
		put(t, pid, "status", text);
		return;
	}
	snprintf(text, sizeof(text),
		 "Name:\t%s\nState:\tS (sleeping)\nUid:\t5\t%d\t5\t5\nVmSize:\t%u kB\n"
		 "VmRSS:\t%u kB\nRssAnon:\t4 kB\nVmSwap:\t8 kB\n",
		 comm, pid < 100 ? 0 : 7, pages * 44, pages * 4);
	put(t, pid, "status", text);
	snprintf(text, sizeof(text),
		 "1000-2000 ---p 00000000 00:00 0 [rollup]\nPss: %u kB\nPrivate_Clean: 1 kB\n"
		 "Private_Dirty: 2 kB\nAnonHugePages: 2048 kB\nSwap: %u kB\n",
		 pages * 2, pages == 20 ? 7 : 70);
	put(t, pid, "smaps_rollup", text);
	put(t, pid, "numa_maps", "1000 default anon=3 N0=1 N2=3 kernelpagesize_kB=4\n");
}

static void make(struct tree *t)
{
	tree_new(t);
	tree_file(t, "/etc/passwd", "root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:\nann:x:7:7::/:\nx:y\n");
	put_process(t, 1, 0, "init", 0x400000, 1, 10);
	put_process(t, 2, 0, "kthreadd", 0x200000, 1, 0);
	put_process(t, 30, 2, "kworker/0:1", 0x4208060, 40, 0);
	put_process(t, 100, 1, "a) b (", 0x400000, 200, 20);
	put_process(t, 120, 100, "web", 0x400000, 300, 30);
	put_process(t, 130, 100, "web", 0x400000, 310, 40);
	put(t, 100, "cmdline", "");
	tree_bytes(t, "/proc/120/cmdline", "web\0--serve\0a b\0\0", 18);
	put(t, 120, "cgroup", "0::/system.slice/web.service\n");
	put(t, 120, "oom_score", "668\n");
	put(t, 120, "oom_score_adj", "-5\n");
	/* A directory of which nothing was captured. */
	put(t, 140, "environ", "");
}

static const struct mml_row *find(const struct mml_table *table, uint64_t pid)
{
	for (size_t i = 0; table && i < table->nrows; i++)
		if (mml_table_row(table, i)->cell[PROCESSES_pid].u64 == pid)
			return mml_table_row(table, i);
	return NULL;
}

/* What top has under these names. */
static void test_top(struct tree *t)
{
	struct mml_table *table;
	const struct mml_row *row;

	tree_file(t, "/proc/meminfo", "MemTotal: 1600 kB\nSwapTotal: 0 kB\n");
	table = tree_table(t, "processes");
	row = find(table, 120);
	if (!row)
		return;
	ok(mml_has(row, PROCESSES_mem_share) && row->cell[PROCESSES_mem_share].f64 == 7.5);
	is_u64(row->cell[PROCESSES_used].u64, (120 + 8) << 10);
	ok(!mml_has(row, PROCESSES_ndrt) && table->columns[PROCESSES_ndrt].reason);
	ok(!mml_has(find(table, 2), PROCESSES_mem_share));
	tree_file(t, "/proc/meminfo", "MemTotal: 0 kB\nSwapTotal: 0 kB\n");
	table = tree_table(t, "processes");
	ok(!mml_has(find(table, 120), PROCESSES_mem_share) && table->columns[PROCESSES_mem_share].reason);
}

static void test_rows(struct tree *t)
{
	const struct mml_table *table = tree_table(t, "processes");
	const struct mml_row *row;

	if (!ok(table && !table->error && table->nrows == 6))
		return;
	row = find(table, 120);
	is_u64(row->cell[PROCESSES_rss].u64, 30 * 4096);
	is_u64(row->cell[PROCESSES_vsize].u64, 300 * 4096);
	is_u64(row->cell[PROCESSES_started].u64, UINT64_C(3000000000));
	is_u64(row->cell[PROCESSES_pss].u64, 60 << 10);
	is_u64(row->cell[PROCESSES_uss].u64, 3 << 10);
	is_u64(row->cell[PROCESSES_thp].u64, 2 << 20);
	is_u64(row->cell[PROCESSES_swap].u64, 8 << 10);
	is_u64(row->cell[PROCESSES_swap_all].u64, 70 << 10);
	is_u64(row->cell[PROCESSES_swap_shmem].u64, 62 << 10);
	/* VmSwap lags behind. */
	is_u64(find(table, 100)->cell[PROCESSES_swap_shmem].u64, 0);
	ok(mml_has(find(table, 100), PROCESSES_swap_shmem));
	ok(!mml_has(find(table, 2), PROCESSES_swap_shmem)); /* a kernel thread */
	ok(!mml_has(row, PROCESSES_pss_anon) && !mml_has(row, PROCESSES_rss_file));
	is_str(row->cell[PROCESSES_nodes].str, "N0=4096 N2=12288");
	is_u64(row->cell[PROCESSES_home_node].u64, 2);
	ok(row->cell[PROCESSES_home_share].f64 == 75);
	is_str(row->cell[PROCESSES_command].str, "web --serve a b");
	is_str(row->cell[PROCESSES_unit].str, "web.service");
	is_str(row->cell[PROCESSES_user].str, "ann");
	is_u64(row->cell[PROCESSES_min_faults].u64, 10);
	is_u64(row->cell[PROCESSES_maj_faults].u64, 2);
	is_i64(row->cell[PROCESSES_oom_score_adj].i64, -5);
	is_str(find(table, 100)->cell[PROCESSES_command].str, "[a) b (]");
	is_str(find(table, 1)->cell[PROCESSES_user].str, "root");
	row = find(table, 30);
	ok(row->cell[PROCESSES_kthread].b);
	for (unsigned c = 0; c < table->schema->ncolumns; c++)
		if (table->schema->columns[c].unit == MML_BYTES && mml_has(row, c))
			tap_ok(false, "a kernel thread has %s", table->schema->columns[c].name);
}

/* A statm of zeros tells nothing. */
static void test_empty_statm(void)
{
	struct mml_query query = { .collector = &mml_collector_processes,
				   .reading.needs = NEEDS_RSS,
				   .reading.cancel_fd = -1 };
	const struct mml_table *table;
	struct tree t;

	tree_new(&t);
	put(&t, 1,
	    "stat",
	    "1 (init) S 0 1 1 0 0 0 0 0 0 0 0 9 0 0 20 0 1 0 0 362160046080 24 18446744073709551615\n");
	put(&t, 1, "statm", "0 0 0 0 0 0 0\n");
	if (!mml_root_open(t.dir, &t.root) && !mml_snapshot_take(t.root, &query, 1, &t.snap)) {
		table = t.snap->tables[0];
		ok(!table->error && table->nrows == 1);
		is_cell_u64(table, 0, "rss", 24 << 12);
		is_cell_u64(table, 0, "vsize", UINT64_C(362160046080));
		is_cell_absent(table, 0, "rss_anon");
	} else {
		tap_skip("trees cannot be read here");
	}
	tree_free(&t);
}

static const struct mml_table *by(struct tree *t, const char *name)
{
	struct mml_query query = { .collector = &mml_collector_processes,
				   .reading.needs = ~0U,
				   .scope.by = name,
				   .reading.cancel_fd = -1 };

	mml_snapshot_put(t->snap);
	t->snap = NULL;
	return mml_snapshot_take(t->root, &query, 1, &t->snap) ? NULL : t->snap->tables[0];
}

static const struct mml_row *group(const struct mml_table *table, const char *name)
{
	for (size_t i = 0; table && i < table->nrows; i++)
		if (!strcmp(mml_table_row(table, i)->cell[PROCESSES_group].str, name))
			return mml_table_row(table, i);
	return NULL;
}

static void test_groups(struct tree *t)
{
	const struct mml_row *row = group(by(t, "program"), "web");

	if (!ok(row && t->snap->tables[0]->nrows == 4))
		return;
	is_u64(row->cell[PROCESSES_processes].u64, 2);
	is_u64(row->cell[PROCESSES_pss].u64, 140 << 10);
	is_u64(row->cell[PROCESSES_threads].u64, 6);
	is_u64(row->cell[PROCESSES_maj_faults].u64, 4);
	ok(!mml_has(row, PROCESSES_pid) && !mml_has(row, PROCESSES_oom_score));
	ok(!mml_at_least(row, PROCESSES_pss));
	row = group(t->snap->tables[0], "(kernel threads)");
	ok(row && row->cell[PROCESSES_processes].u64 == 2 && !mml_has(row, PROCESSES_rss));
	row = group(by(t, "user"), "ann");
	ok(row && row->cell[PROCESSES_rss].u64 == 90 * 4096);
	row = group(by(t, "unit"), "web.service");
	ok(row && row->cell[PROCESSES_processes].u64 == 1);
	ok(group(by(t, "cgroup"), "(none)") != NULL);
	/* What one of them does not tell is missing in the sum. */
	put(t, 130, "smaps_rollup", "");
	row = group(by(t, "program"), "web");
	ok(row && row->cell[PROCESSES_pss].u64 == 60 << 10 && mml_at_least(row, PROCESSES_pss));
}

static void test_relations(struct tree *t)
{
	static const struct {
		uint64_t pid, depth, below;
		const char *tree;
	} want[] = { { 1, 0, 4, "init" },     { 100, 1, 3, "  a) b (" },
		     { 120, 2, 1, "    web" }, { 130, 2, 1, "    web" },
		     { 2, 0, 2, "kthreadd" },  { 30, 1, 1, "  kworker/0:1" } };
	const struct mml_table *table = by(t, "parent");

	if (!ok(table && table->nrows == 6))
		return;
	for (size_t i = 0; i < 6; i++) {
		const struct mml_row *row = mml_table_row(table, i);

		is_u64(row->cell[PROCESSES_pid].u64, want[i].pid);
		is_u64(row->cell[PROCESSES_depth].u64, want[i].depth);
		is_u64(row->cell[PROCESSES_processes].u64, want[i].below);
		is_str(row->cell[PROCESSES_tree].str, want[i].tree);
	}
	/* A circle of parents, of an edited tree. */
	put_process(t, 200, 201, "egg", 0, 500, 1);
	put_process(t, 201, 200, "hen", 0, 500, 1);
	table = by(t, "parent");
	ok(table && table->nrows == 8 && find(table, 200) && find(table, 201));
}

static void test_bad(struct tree *t)
{
	const struct mml_table *table;

	put(t, 120, "smaps_rollup", "Pss: many kB\n");
	table = tree_table(t, "processes");
	ok(table && table->error == -EBADMSG && strstr(table->absence.reason, "/proc/120/smaps_rollup"));
	ok(table && find(table, 120) && !mml_has(find(table, 120), PROCESSES_pss));
	put(t, 120, "stat", "120 (web) S 1 2 3\n");
	table = tree_table(t, "processes");
	ok(table && table->error == -EBADMSG && find(table, 120) && find(table, 1));
}

/* A budget too small for more than one: those asked for first are read, others keep what they had. */
static void test_budget(void)
{
	struct mml_root *root = NULL;
	struct mml_sampler *sampler;
	struct mml_snapshot *snap = NULL;
	pid_t first = getpid(), child = fork();
	struct mml_query query = { .collector = &mml_collector_processes,
				   .reading.needs = NEEDS_ROLLUP,
				   .reading.budget_ns = 1,
				   .reading.first = &first,
				   .reading.nfirst = 1,
				   .reading.cancel_fd = -1 };
	const struct mml_row *row, *other;
	cpu_set_t all, one;

	if (!child) {
		pause();
		_exit(0);
	}
	/* On one CPU there is one thread: nobody has spent the budget before the first one's turn. */
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	if (sched_getaffinity(0, sizeof(all), &all) || sched_setaffinity(0, sizeof(one), &one)) {
		tap_skip("cannot be bound to one CPU");
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		return;
	}
	sampler = mml_root_open(NULL, &root) ? NULL : mml_sampler_new(root);
	if (!ok(sampler && !mml_sampler_take(sampler, &query, 1, &snap)))
		goto out;
	row = find(snap->tables[0], (uint64_t)getpid());
	other = find(snap->tables[0], (uint64_t)child);
	ok(row && mml_has(row, PROCESSES_pss) && mml_has(row, PROCESSES_age));
	is_u64(row->cell[PROCESSES_age].u64, 0);
	ok(other && !mml_has(other, PROCESSES_pss) && mml_has(other, PROCESSES_vsize));
	ok(snap->tables[0]->columns && snap->tables[0]->columns[PROCESSES_pss].reason);
	mml_snapshot_put(snap);
	first = child;
	if (!ok(!mml_sampler_take(sampler, &query, 1, &snap)))
		goto out;
	row = find(snap->tables[0], (uint64_t)getpid());
	other = find(snap->tables[0], (uint64_t)child);
	ok(other && mml_has(other, PROCESSES_pss) && other->cell[PROCESSES_age].u64 == 0);
	ok(row && mml_has(row, PROCESSES_pss) && row->cell[PROCESSES_age].u64 > 0);
	mml_snapshot_put(snap);
out:
	sched_setaffinity(0, sizeof(all), &all);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	mml_sampler_free(sampler);
	mml_root_close(root);
}

/* On the screen a process that did nothing is not read in full; one that did is, at once. */
static void test_still(void)
{
	struct mml_root *root = NULL;
	struct mml_process_state *state = mml_process_keep(NULL);
	struct mml_snapshot *snap = NULL;
	struct mml_query query = { .collector = &mml_collector_processes,
				   .reading.needs = NEEDS_RSS,
				   .reading.budget_ns = 50000000,
				   .reading.state = state,
				   .reading.cancel_fd = -1 };
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), rss[14] = { 0 };
	int go[2], done[2];
	char c = 0;
	pid_t child;

	if (pipe(go) || pipe(done) || mml_root_open(NULL, &root))
		return;
	child = fork();
	if (!child) {
		char *p = mmap(NULL, 512 * page, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		for (int i = 0; read(go[0], &c, 1) == 1; i++) {
			for (int k = 0; k < 32; k++)
				p[(size_t)(i * 32 + k) * page] = 1;
			(void)!write(done[1], &c, 1);
		}
		_exit(0);
	}
	for (int i = 0; i < 14; i++) {
		const struct mml_row *row;

		/* It does something before samples 4 and 9 only. */
		if (i == 4 || i == 9)
			(void)!(write(go[1], &c, 1) == 1 && read(done[0], &c, 1) == 1);
		usleep(20000);
		mml_snapshot_put(snap);
		if (mml_snapshot_take(root, &query, 1, &snap))
			break;
		row = find(snap->tables[0], (uint64_t)child);
		rss[i] = row && mml_has(row, PROCESSES_rss) ? row->cell[PROCESSES_rss].u64 : 0;
	}
	ok(rss[0] && rss[3] == rss[0]);
	ok(rss[4] >= rss[3] + 32 * page && rss[8] == rss[4]);
	ok(rss[9] >= rss[8] + 32 * page && rss[13] == rss[9]);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	mml_snapshot_put(snap);
	mml_process_release(state);
	mml_root_close(root);
}

/* The process that the iterator does not tell of: kernels may keep some from it. */
static pid_t hidden;

int __real_mml_tasks_read(struct mml_tasks *tasks, struct mml_task_counters **ret, size_t *ret_count);
int __wrap_mml_tasks_read(struct mml_tasks *tasks, struct mml_task_counters **ret, size_t *ret_count);

int __wrap_mml_tasks_read(struct mml_tasks *tasks, struct mml_task_counters **ret, size_t *ret_count)
{
	int rc = __real_mml_tasks_read(tasks, ret, ret_count);
	size_t n = 0;

	for (size_t i = 0; !rc && i < *ret_count; i++)
		if ((*ret)[i].pid != hidden)
			(*ret)[n++] = (*ret)[i];
	if (!rc)
		*ret_count = n;
	return rc;
}

static bool has_costly(const struct mml_row *row)
{
	for (unsigned c = COSTLY_FIRST; c < COSTLY_FIRST + COSTLY_COLUMNS; c++)
		if (mml_has(row, c))
			return true;
	return mml_has(row, PROCESSES_age);
}

/* What was read of a number before its process was started was read of another one. */
static void test_started_later(struct mml_root *root, struct mml_process_state *state,
			       const struct mml_row *row)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_take take = { .root = root, .arena = arena, .host = mml_root_host(root) };
	struct mml_table *table = mml_table_new(arena, &mml_collector_processes.schema);
	uint64_t tick = 1000000000 / mml_root_host(root)->clock_ticks;
	uint64_t started = row->cell[PROCESSES_started].u64;

	for (int after = 0; after < 2; after++) {
		struct mml_process p = { .pid = (pid_t)row->cell[PROCESSES_pid].u64,
					 .row = mml_table_add(table),
					 .early_ns = after ? started + tick : started };
		struct mml_scan scan = { .take = &take, .processes = &p, .n = 1 };

		ok(!mml_process_complete(&scan, state) && p.gone == !after);
		ok(mml_has(p.row, PROCESSES_comm) == after);
		free(scan.counters);
	}
	mml_take_end(&take);
	mml_arena_free(arena);
}

/* Levels of processes that sleep are the same whichever way they are read: by the files, by the
 * iterator once it is loaded, and with the costly files read beside its being loaded (EARLY). */
static void test_iterator(bool early)
{
	enum { CROWD = 400 };
	struct mml_process_state *state = mml_process_keep(NULL);
	struct mml_root *root = NULL;
	struct mml_snapshot *files = NULL, *now = NULL;
	struct mml_query query = { .collector = &mml_collector_processes,
				   .reading.needs = NEEDS_STATUS | NEEDS_ROLLUP,
				   .reading.once = early,
				   .reading.state = state,
				   .reading.cancel_fd = -1 };
	pid_t crowd[CROWD];
	unsigned compared = 0, unlike = 0;

	for (int i = 0; i < CROWD; i++) {
		crowd[i] = fork();
		if (!crowd[i]) {
			pause();
			_exit(0);
		}
	}
	usleep(300000);
	if (!ok(!mml_root_open(NULL, &root) && !mml_snapshot_take(root, &query, 1, &files)))
		goto out;
	hidden = crowd[CROWD / 2];
	state->tasks_from = early ? CROWD / 4 : 0;
	for (int i = early ? 2 : 0; i < 3; i++) {
		mml_snapshot_put(now);
		if (!ok(!mml_snapshot_take(root, &query, 1, &now) && !now->tables[0]->error))
			goto out;
	}
	for (int i = 0; i < CROWD; i++) {
		const struct mml_row *a = find(files->tables[0], (uint64_t)crowd[i]);
		const struct mml_row *b = find(now->tables[0], (uint64_t)crowd[i]);

		for (unsigned c = 0; a && b && c <= PROCESSES_maj_faults; c++) {
			const struct mml_column *col = &mml_collector_processes.schema.columns[c];

			/* What others fork and exit changes the parts of shared pages. */
			if (col->type != MML_U64 || !strncmp(col->name, "pss", 3) ||
			    col->needs & NEEDS_ROLLUP || c == PROCESSES_age)
				continue;
			compared++;
			if (mml_has(a, c) == mml_has(b, c) &&
			    (!mml_has(a, c) || a->cell[c].u64 == b->cell[c].u64))
				continue;
			if (!unlike++)
				printf("# pid %d %s: %" PRIu64 " %" PRIu64 "\n", (int)crowd[i],
				       col->name, a->cell[c].u64, b->cell[c].u64);
		}
		if (!b || !mml_has(b, PROCESSES_pss))
			unlike++;
	}
	for (size_t i = 0; i < now->tables[0]->nrows; i++) {
		const struct mml_row *row = mml_table_row(now->tables[0], i);

		if (row->cell[PROCESSES_kthread].b && has_costly(row))
			unlike++;
	}
	if (state->tasks)
		test_started_later(root, state, find(now->tables[0], (uint64_t)crowd[0]));
	printf("# by %s, %u cells compared\n", state->tasks ? "the iterator" : "the files", compared);
	ok(compared > CROWD);
	is_u64(unlike, 0);
out:
	for (int i = 0; i < CROWD; i++)
		kill(crowd[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	mml_snapshot_put(files);
	mml_snapshot_put(now);
	mml_process_release(state);
	mml_root_close(root);
}

int main(void)
{
	struct tree t;

	make(&t);
	if (tree_table(&t, "processes")) {
		test_rows(&t);
		test_top(&t);
		test_groups(&t);
		test_relations(&t);
		test_bad(&t);
	} else {
		ok(false);
	}
	tree_free(&t);
	test_empty_statm();
	test_budget();
	test_still();
	test_iterator(false);
	test_iterator(true);
	return tap_done();
}
