/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../core/module.h"
#include "../cgroup/scope.h"
#include "../memory/meminfo.h"
#include "../vma/mm.h"

#define MML_COLUMNS_OF PROCESSES
#include "../../core/columns.h"

/* Files that this kernel does not have are not tried for each process. */
static void check_kernel(struct mml_scan *scan, struct mml_table *table)
{
	int fd;

	if (scan->tree)
		return;
	if (scan->needs & NEEDS_ROLLUP) {
		fd = mml_root_openfd(scan->take->root, "/proc/self/smaps_rollup");
		scan->no_rollup = fd == -ENOENT;
		if (fd >= 0)
			close(fd);
	}
	if (scan->needs & NEEDS_NODES) {
		fd = mml_root_openfd(scan->take->root, "/proc/self/numa_maps");
		if (fd >= 0)
			close(fd);
		if (fd == -ENOENT) {
			scan->needs &= ~(unsigned)NEEDS_NODES;
			mml_table_why_needs(table, NEEDS_NODES,
					    "/proc/PID/numa_maps: not on this kernel",
					    "a kernel with CONFIG_NUMA");
		}
	}
}

/* libproc2 is used if it sees the same files as we do, and otherwise the files are read here. */
static void choose_who(struct mml_scan *scan, struct mml_process_state *state)
{
	struct mml_absence why;

	if (!(scan->needs & NEEDS_WHO))
		return;
	if (mml_root_direct(scan->take->root) && state && !state->who_tried) {
		state->who_tried = true;
		state->who = mml_module("who", &why);
		if (state->who && state->who->open(&state->who_state))
			state->who = NULL;
	}
	scan->identify = !mml_root_direct(scan->take->root) || !state || !state->who;
	if (scan->needs & NEEDS_USER)
		scan->needs |= NEEDS_STATUS;
	if (scan->needs & NEEDS_USER && scan->identify)
		scan->users = mml_users_load(scan->take, &scan->users_unread);
}

/* Reads which node each CPU is on, which decides what is remote. */
static int read_cpus(struct mml_scan *scan, struct mml_table *table)
{
	struct mml_cpu_nodes *cpus;
	int rc;

	if (!(scan->needs & NEEDS_REMOTE))
		return 0;
	cpus = mml_arena_alloc(scan->take->arena, sizeof(*cpus));
	rc = cpus ? mml_cpu_nodes_read(scan->take, cpus) : -ENOMEM;
	if (rc == -ENOMEM)
		return rc;
	if (rc)
		mml_table_why_needs(table, NEEDS_REMOTE, "which node each CPU is on is not known",
				    "a kernel with CONFIG_NUMA");
	else
		scan->cpus = cpus;
	return 0;
}

/* Keeps what the next sample may use of the processes that were read now. */
static void remember(struct mml_scan *scan, struct mml_process_state *state)
{
	uint64_t now_ns = mml_root_now(scan->take->root).mono_ns;

	for (size_t i = 0; i < scan->n; i++) {
		struct mml_process *p = &scan->processes[i];
		struct mml_process_memory *m;

		if (p->gone)
			continue;
		m = mml_process_remember(state, p->pid, p->started);
		if (m)
			mml_process_remember_command(m, p, now_ns);
		if (m && p->stat_hash) {
			mml_process_store_levels(m, p->row);
			m->stat_hash = p->stat_hash;
			m->level_reads = scan->needs & (NEEDS_RSS | NEEDS_STATUS);
		}
		if (!m || !p->reads)
			continue;
		mml_process_store(m, p->row);
		m->read_ns = p->read_ns;
		m->cost_ns = p->cost_ns;
		m->reads = p->reads;
	}
}

struct refusal {
	unsigned need;
	const char *file;
};

/* Says how many processes did not let us read what was asked for. UNSEEN: it was said how many this
 * user may see nothing of. */
static void say_refused(const struct mml_scan *scan, struct mml_table *table, bool unseen)
{
	static const struct refusal kinds[] = {
		{ NEEDS_ROLLUP, "smaps_rollup" }, { NEEDS_NODES, "numa_maps" },
		{ NEEDS_STATUS, "status" },       { NEEDS_RSS, "statm" },
		{ NEEDS_OOM, "oom_score_adj or oom_score" }, { NEEDS_COMMAND, "cmdline" },
		{ NEEDS_CGROUP, "cgroup" },       { NEEDS_STAT, "stat" },
	};

	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		size_t refused = 0, asked = 0;
		const char *reason;

		for (size_t i = 0; i < scan->n; i++) {
			const struct mml_process *p = &scan->processes[i];

			if (p->gone)
				continue;
			asked += p->has_mm || kinds[k].need == NEEDS_STAT || p->refused & kinds[k].need;
			refused += (p->refused & kinds[k].need) != 0;
		}
		if (!refused)
			continue;
		reason = mml_arena_printf(table->arena,
					  "/proc/PID/%s: permission denied for %zu of %zu processes",
					  kinds[k].file, refused, asked);
		if (kinds[k].need == NEEDS_STAT && !unseen)
			mml_table_note(table, "%s", reason);
		else if (kinds[k].need != NEEDS_STAT)
			/* From status is the resident memory, too. */
			mml_table_why_needs(table, kinds[k].need | (kinds[k].need == NEEDS_STATUS ? NEEDS_RSS : 0),
					    reason,
					    "CAP_SYS_PTRACE");
	}
}

static int finish(struct mml_scan *scan, const struct mml_query *query, struct mml_table *table)
{
	bool *keep = mml_arena_alloc(table->arena, scan->n + 1);
	size_t unread = 0;

	if (!keep)
		return -ENOMEM;
	for (size_t i = 0; i < scan->n; i++) {
		const struct mml_process *p = &scan->processes[i];

		keep[i] = !p->gone;
		if (p->gone && mml_scope_pids(&query->scope)->given)
			mml_mm_missing(scan->take, table, p->pid);
		if (!p->gone && p->error)
			mml_table_fail(table, p->error, NULL, "/proc/%d/%s: %s", (int)p->pid,
				       p->bad,
				       p->error == -EBADMSG ? "not what the kernel writes" :
							      strerror(-p->error));
		unread += mml_process_waits(scan, p);
	}
	if (scan->tree) {
		mml_process_say_unasked(scan, table);
		unread = mml_process_load_turns(scan);
	} else {
		mml_process_save_turns(scan);
	}
	/* Who asks for a process by its number is told about that one. */
	say_refused(scan, table,
		    !mml_scope_pids(&query->scope)->n && mml_process_say_unseen(scan, table));
	if (unread)
		mml_table_why_needs(table, NEEDS_COSTLY,
				    unread == 1 ? "1 process is still to be read" :
						  mml_arena_printf(table->arena,
								   "%zu processes are still to be read", unread),
				    "the next samples: each has a time budget");
	mml_table_keep(table, 0, keep);
	return 0;
}

/* To find out which frame is on which node takes as long as to read numa_maps of a few processes. */
static bool worth_frames(const struct mml_scan *scan, const struct mml_query *query)
{
	enum { FEW = 16 };
	size_t asked = mml_scope_pids(&query->scope)->n;

	return scan->needs & NEEDS_NODES && (!asked || asked > FEW);
}

/* Most of stat is in status as well. What tells a process from a later one with its number is not, but
 * there is no later sample. */
static bool does_without_stat(const struct mml_scan *scan, const struct mml_query *query)
{
	const unsigned has = NEEDS_TOTAL | NEEDS_DIRTY | NEEDS_RSS | NEEDS_STATUS | NEEDS_USER | NEEDS_COMMAND;

	return query->reading.once && mml_root_direct(scan->take->root) && !scan->identify &&
	       scan->needs & (NEEDS_RSS | NEEDS_STATUS) && !(scan->needs & ~has);
}

static int sample(struct mml_scan *scan, const struct mml_query *query,
		  struct mml_process_state *state, struct mml_table *table)
{
	struct mml_node_frames frames;
	int rc = read_cpus(scan, table);

	if (rc)
		return rc;
	scan->lean = does_without_stat(scan, query);
	check_kernel(scan, table);
	mml_fields_of(table->schema, "status", &scan->status);
	mml_fields_add(&scan->status, "VmRSS", PROCESSES_rss);
	mml_fields_add(&scan->status, "RssAnon", PROCESSES_rss_anon);
	mml_fields_add(&scan->status, "VmSize", PROCESSES_vsize);
	mml_fields_of(table->schema, "smaps_rollup", &scan->rollup);
	scan->rollup.sum = true;
	if (worth_frames(scan, query) && !mml_node_frames_open(scan->take, &frames))
		scan->frames = &frames;
	rc = mml_process_list(scan, query, state, table);
	if (!rc)
		rc = mml_process_scan_end(scan);
	if (scan->frames)
		mml_node_frames_close(&frames);
	if (!rc && scan->by_tasks)
		rc = mml_process_complete(scan, state);
	else if (!rc && scan->counters)
		rc = mml_process_verify(scan, state);
	if (rc)
		return rc;
	if (scan->needs & NEEDS_COMMAND && !scan->identify)
		mml_process_show_commands(scan);
	if (scan->needs & NEEDS_USER && !scan->identify)
		mml_process_name_users(scan, state);
	/* Answers about groups go into what is kept, and are shown from there. */
	if (state && (!query->reading.once || scan->needs & NEEDS_CGROUP)) {
		remember(scan, state);
		if (scan->needs & NEEDS_CGROUP && !scan->identify)
			mml_process_ask(scan, state);
		mml_process_forget(state);
	}
	mml_process_save_list(scan);
	rc = mml_process_badness(scan, table);
	return rc ? rc : finish(scan, query, table);
}

/* The sums are of PSS, because it counts shared pages once and rss counts them many times. */
#define SUMS "group,processes,pss,uss,rss,swap,pss_anon,pss_file,pss_shmem"

static const struct mml_grouping groupings[] = {
	{ "program", SUMS, "-pss,group" },
	{ "user", SUMS, "-pss,group" },
	{ "cgroup", SUMS, "-pss,group" },
	{ "unit", SUMS, "-pss,group" },
	{ "container", SUMS, "-pss,group" },
	{ "parent", "pid,user,processes,rss,rss_anon,swap,tree", "" },
	{ NULL, NULL, NULL },
};

static const struct mml_grouping *grouping_of(const char *by)
{
	for (const struct mml_grouping *g = groupings; by && g->name; g++)
		if (!strcmp(g->name, by))
			return g;
	return NULL;
}

/* Returns the reads it takes to tell the groups apart, whether or not these columns are shown. */
static unsigned grouping_needs(const struct mml_grouping *g)
{
	if (!g)
		return 0;
	if (!strcmp(g->name, "program") || !strcmp(g->name, "parent"))
		return NEEDS_STAT;
	return strcmp(g->name, "user") ? NEEDS_CGROUP : NEEDS_USER;
}

/* Swap in smaps_rollup counts shared memory as well, VmSwap does not. VmSwap lags, so the difference can
 * come out a little below 0. */
static void derive_swap(struct mml_table *table)
{
	for (size_t i = 0; i < table->nrows; i++) {
		struct mml_row *row = mml_table_row(table, i);
		uint64_t all = row->cell[PROCESSES_swap_all].u64, own = row->cell[PROCESSES_swap].u64;

		if (mml_has(row, PROCESSES_swap_all) && mml_has(row, PROCESSES_swap))
			mml_set_u64(row, PROCESSES_swap_shmem, all > own ? all - own : 0);
	}
}

/* Group or process: what both have. */
static void derive_top(struct mml_take *take, unsigned needs, struct mml_table *table)
{
	struct mml_span text;
	uint64_t total = 0;

	if (needs & NEEDS_DIRTY)
		mml_table_why_needs(table, NEEDS_DIRTY, "the kernel does not count them: it writes 0 for all",
				    NULL);
	if (needs & NEEDS_TOTAL && (mml_take_file(take, NULL, "/proc/meminfo", &text) ||
				    !mml_meminfo_bytes(text, "MemTotal", &total) || !total)) {
		mml_table_why_needs(table, NEEDS_TOTAL, "MemTotal is not known", "a mounted /proc");
		total = 0;
	}
	for (size_t i = 0; i < table->nrows; i++) {
		struct mml_row *row = mml_table_row(table, i);
		uint64_t rss = row->cell[PROCESSES_rss].u64;

		if (!mml_has(row, PROCESSES_rss))
			continue;
		if (mml_has(row, PROCESSES_swap))
			mml_set_u64(row, PROCESSES_used, rss + row->cell[PROCESSES_swap].u64);
		if (total)
			mml_set_f64(row, PROCESSES_mem_share, 100.0 * (double)rss / (double)total);
	}
}

static int collect_asked(struct mml_take *take, const struct mml_query *query,
			 struct mml_table *ret)
{
	struct mml_process_state *state = query->reading.state;
	const struct mml_grouping *grouping = grouping_of(query->scope.by);
	struct mml_scan scan = {
		.take = take,
		.needs = query->reading.needs | grouping_needs(grouping),
		.tree = !mml_root_live(take->root),
	};
	int rc;

	scan.now_ns = (take->snap ? take->snap->time : mml_root_now(take->root)).mono_ns;
	if (state)
		scan.sample = ++state->sample;
	choose_who(&scan, state);
	if (!scan.tree) /* reading files of a tree disturbs nobody, and they always say the same */
		scan.budget_ns = query->reading.budget_ns;
	rc = sample(&scan, query, state, ret);
	if (scan.needs & NEEDS_ROLLUP)
		derive_swap(ret);
	if (ret->nrows)
		mml_take_page_size(take, ret); /* for its note: RSS is told in pages */
	if (!rc && grouping)
		rc = strcmp(grouping->name, "parent") ? mml_process_group(ret, grouping->name) :
							mml_process_tree(ret);
	if (!rc)
		derive_top(take, scan.needs, ret);
	free(scan.counters);
	return rc ? rc : ret->error;
}

static int processes_collect(struct mml_take *take, const struct mml_query *query,
			     struct mml_table *ret)
{
	struct mml_query asked = *query;
	int rc = mml_cgroup_scope(take, ret, &asked.scope);

	if (rc)
		return rc < 0 ? rc : ret->error;
	return collect_asked(take, &asked, ret);
}

static const struct mml_source sources[] = {
	{ "/proc/PID/stat", "the processes' own user: this procfs is mounted with hidepid", NULL,
	  NULL },
	{ "/proc/PID/statm", NULL, NULL, NULL },
	{ "/proc/PID/status", NULL, NULL, NULL },
	{ "/proc/PID/smaps_rollup", "CAP_SYS_PTRACE",
	  "Linux 4.14 or newer; smaps is read instead", NULL },
	{ "/proc/PID/numa_maps", "CAP_SYS_PTRACE",
	  "a kernel with CONFIG_NUMA", NULL },
	{ "/proc/PID/pagemap", "CAP_SYS_ADMIN; numa_maps is read instead",
	  "Linux 6.7 or newer; numa_maps is read instead", NULL },
	{ "/proc/kpageflags", "CAP_SYS_ADMIN; numa_maps is read instead", NULL, NULL },
	{ "/proc/zoneinfo", NULL, NULL, NULL },
	{ "/proc/PID/oom_score", NULL, NULL, NULL },
	{ "/proc/meminfo", NULL, NULL, NULL },
	{ "/proc/PID/cmdline", NULL, NULL, NULL },
	{ "/proc/PID/cgroup", NULL, "a kernel with CONFIG_CGROUPS", NULL },
	{ "BPF: iter/task", NULL, NULL, mml_tasks_probe }, /* in place of stat, statm and status */
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_processes = {
	.schema = { .name = "processes",
		    .apart = "badness,rss_peak",
		    .help = "A process: the memory it has mapped, of which kind, and its page faults.",
		    MML_COLUMNS(PROCESSES),
		    .sort = "-rss,pid" },
	.sources = sources,
	.takes = MML_TAKES(PIDS) | MML_TAKES(CGROUP),
	.groupings = groupings,
	.heavy = NEEDS_NODES,
	.collect = processes_collect,
	.keep = mml_process_keep,
	.release = mml_process_release,
};
