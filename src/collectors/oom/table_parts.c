/* The tables of what a report consists of: tasks, zones, the balance, slab caches, control groups
 * and kills. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "columns.h"
#include "source.h"

#define MML_TABLE_OF OOM_TASKS
#include "../../core/columns.h"
#define MML_TABLE_OF OOM_ZONES
#include "../../core/columns.h"
#define MML_TABLE_OF OOM_BALANCE
#include "../../core/columns.h"
#define MML_TABLE_OF OOM_SLABS
#include "../../core/columns.h"
#define MML_TABLE_OF OOM_CGROUPS
#include "../../core/columns.h"
#define MML_TABLE_OF OOM_KILLS
#include "../../core/columns.h"

/* Adds the rows of each report of the log with ADD. Returns 0 or -errno. */
static int each_report(struct mml_take *take, const struct mml_query *query, struct mml_table *ret,
		       int (*add)(struct mml_table *ret, const struct mml_oom_report *r))
{
	const struct mml_oom_log *log;
	int rc = mml_oom_take(take, query, ret, &log);

	for (const struct mml_oom_report *r = rc ? NULL : log->reports; r && !rc; r = r->next)
		rc = add(ret, r);
	return rc;
}

static struct mml_row *add_row(struct mml_table *table, const struct mml_oom_report *r)
{
	struct mml_row *row = mml_table_add(table);

	if (row)
		mml_set_u64(row, 0, r->index);
	return row;
}

static struct mml_oom_value column(const struct mml_oom_task *t, enum mml_oom_task_column which)
{
	return (struct mml_oom_value){ t->n[which], t->has >> which & 1 ? t->line : 0 };
}

static void set_tables(struct mml_row *row, const struct mml_oom_report *r,
		       const struct mml_oom_task *t)
{
	struct mml_oom_value ptes = column(t, MML_OOM_NR_PTES), pmds = column(t, MML_OOM_NR_PMDS);

	mml_oom_set(row, OOM_TASKS_page_tables, column(t, MML_OOM_PGTABLES));
	if (!mml_oom_has(ptes) || __builtin_add_overflow(ptes.n, pmds.n, &ptes.n))
		return;
	mml_oom_set_pages(row, OOM_TASKS_page_tables, r, ptes);
}

static void set_points(struct mml_row *row, const struct mml_oom_report *r,
		       const struct mml_oom_task *t)
{
	int64_t score;

	mml_set_str(row, OOM_TASKS_state, mml_oom_state_word(t->state));
	if (t->rank)
		mml_set_u64(row, OOM_TASKS_rank, t->rank);
	if (!t->has_points || t->state == MML_OOM_TASK_EXEMPT)
		return;
	mml_set_i64(row, OOM_TASKS_points, t->points);
	if (t->points_least)
		mml_set_at_least(row, OOM_TASKS_points);
	if (!r->has_totalpages || r->totalpages_least || !r->totalpages ||
	    r->totalpages > INT64_MAX || t->points_least ||
	    __builtin_mul_overflow(t->points, (int64_t)1000, &score))
		return;
	mml_set_i64(row, OOM_TASKS_score, score / (int64_t)r->totalpages);
}

static int add_tasks(struct mml_table *ret, const struct mml_oom_report *r)
{
	for (const struct mml_oom_task *t = r->tasks; t; t = t->next) {
		struct mml_row *row = add_row(ret, r);

		if (!row)
			return -ENOMEM;
		mml_oom_set(row, OOM_TASKS_pid, column(t, MML_OOM_PID));
		mml_oom_set(row, OOM_TASKS_tgid, column(t, MML_OOM_TGID));
		mml_oom_set(row, OOM_TASKS_uid, column(t, MML_OOM_UID));
		mml_set_str(row, OOM_TASKS_name, t->name);
		set_points(row, r, t);
		mml_oom_set_pages(row, OOM_TASKS_rss, r, column(t, MML_OOM_RSS));
		mml_oom_set_pages(row, OOM_TASKS_rss_anon, r, column(t, MML_OOM_RSS_ANON));
		mml_oom_set_pages(row, OOM_TASKS_rss_file, r, column(t, MML_OOM_RSS_FILE));
		mml_oom_set_pages(row, OOM_TASKS_rss_shmem, r, column(t, MML_OOM_RSS_SHMEM));
		mml_oom_set_pages(row, OOM_TASKS_swap, r, column(t, MML_OOM_SWAPENTS));
		mml_oom_set_pages(row, OOM_TASKS_total_vm, r, column(t, MML_OOM_TOTAL_VM));
		set_tables(row, r, t);
		if (t->has >> MML_OOM_ADJ & 1)
			mml_set_i64(row, OOM_TASKS_adj, (int64_t)t->n[MML_OOM_ADJ]);
		mml_set_u64(row, OOM_TASKS_line, t->line);
		if (t->killed_line)
			mml_set_u64(row, OOM_TASKS_killed_line, t->killed_line);
	}
	return 0;
}

static int tasks_collect(struct mml_take *take, const struct mml_query *query,
			 struct mml_table *ret)
{
	return each_report(take, query, ret, add_tasks);
}

const struct mml_collector mml_collector_oom_tasks = {
	.schema = { .name = "oom_tasks",
		    .apart = "points",
		    .help = "A process in the table that a kernel log has of an out-of-memory kill.",
		    MML_COLUMNS(OOM_TASKS),
		    .sort = "report,rank,-rss" },
	.sources = mml_oom_sources,
	.takes = MML_OOM_TAKES,
	.collect = tasks_collect,
	.keep = mml_oom_keep,
	.release = mml_oom_release,
};

/* What was concluded about a zone. */
static void set_test(struct mml_row *row, const struct mml_oom_report *r,
		     const struct mml_oom_zone *z)
{
	mml_set_str(row, OOM_ZONES_verdict, mml_oom_verdict_word(z->verdict));
	mml_set_str(row, OOM_ZONES_why_not, mml_oom_why_not_word(z->why_not));
	if (z->has_test) {
		mml_set_u64(row, OOM_ZONES_usable, z->usable);
		mml_set_u64(row, OOM_ZONES_mark, z->mark);
		mml_set_i64(row, OOM_ZONES_margin, z->margin);
	}
	if (z->has_reserve)
		mml_set_u64(row, OOM_ZONES_reserve, z->reserve_bytes);
	if (z->largest_usable >= 0)
		mml_set_u64(row, OOM_ZONES_largest, r->page_size.n << z->largest_usable);
	else if (z->largest_usable == -1)
		mml_set_u64(row, OOM_ZONES_largest, 0);
	if (z->has_blocks)
		mml_set_u64(row, OOM_ZONES_blocks, z->blocks_enough);
}

static int add_zones(struct mml_table *ret, const struct mml_oom_report *r)
{
	static const struct {
		unsigned column;
		enum mml_oom_item item;
	} items[] = {
		{ OOM_ZONES_free, MML_OOM_FREE },	{ OOM_ZONES_boost, MML_OOM_BOOST },
		{ OOM_ZONES_min, MML_OOM_MIN },		{ OOM_ZONES_low, MML_OOM_LOW },
		{ OOM_ZONES_high, MML_OOM_HIGH },	{ OOM_ZONES_cma, MML_OOM_FREE_CMA },
		{ OOM_ZONES_pcp, MML_OOM_FREE_PCP },	{ OOM_ZONES_present, MML_OOM_PRESENT },
		{ OOM_ZONES_managed, MML_OOM_MANAGED },
		{ OOM_ZONES_highatomic, MML_OOM_RESERVED_HIGHATOMIC },
		{ OOM_ZONES_highatomic, MML_OOM_FREE_HIGHATOMIC },
	};

	for (const struct mml_oom_zone *z = r->zones; z; z = z->next) {
		struct mml_row *row = add_row(ret, r);

		if (!row)
			return -ENOMEM;
		mml_set_u64(row, OOM_ZONES_node, z->node);
		mml_set_str(row, OOM_ZONES_zone, mml_oom_zone_name(z->type));
		for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++)
			mml_oom_set_kb(row, items[i].column, z->item[items[i].item]);
		set_test(row, r, z);
		mml_set_u64(row, OOM_ZONES_line, z->line);
	}
	return 0;
}

static int zones_collect(struct mml_take *take, const struct mml_query *query,
			 struct mml_table *ret)
{
	return each_report(take, query, ret, add_zones);
}

const struct mml_collector mml_collector_oom_zones = {
	.schema = { .name = "oom_zones",
		    .apart = "usable,mark,reserve,margin,largest,blocks",
		    .help = "A zone in a kernel log's report, and what the request met there.",
		    MML_COLUMNS(OOM_ZONES) },
	.sources = mml_oom_sources,
	.takes = MML_OOM_TAKES,
	.collect = zones_collect,
	.keep = mml_oom_keep,
	.release = mml_oom_release,
};

static int add_balance(struct mml_table *ret, const struct mml_oom_report *r)
{
	const struct mml_oom_balance *b = &r->balance;

	for (unsigned i = 0; b->known && i < b->n; i++) {
		struct mml_row *row;
		int64_t bytes;

		if (!b->share[i].line && !b->share[i].pages) /* the kernel does not print it */
			continue;
		row = add_row(ret, r);
		if (!row)
			return -ENOMEM;
		mml_set_str(row, OOM_BALANCE_item, b->share[i].name);
		if (!__builtin_mul_overflow(b->share[i].pages, (int64_t)r->page_size.n, &bytes))
			mml_set_i64(row, OOM_BALANCE_bytes, bytes);
		if (b->ram)
			mml_set_f64(row, OOM_BALANCE_share,
				    100.0 * (double)b->share[i].pages / (double)b->ram);
		if (b->share[i].line)
			mml_set_u64(row, OOM_BALANCE_line, b->share[i].line);
	}
	return 0;
}

static int balance_collect(struct mml_take *take, const struct mml_query *query,
			   struct mml_table *ret)
{
	return each_report(take, query, ret, add_balance);
}

const struct mml_collector mml_collector_oom_balance = {
	.schema = { .name = "oom_balance",
		    .help = "A part of RAM at the time of a kernel log's report.",
		    MML_COLUMNS(OOM_BALANCE),
		    .sort = "report,-bytes" },
	.sources = mml_oom_sources,
	.takes = MML_OOM_TAKES,
	.collect = balance_collect,
	.keep = mml_oom_keep,
	.release = mml_oom_release,
};

static int add_slabs(struct mml_table *ret, const struct mml_oom_report *r)
{
	struct mml_oom_value all = r->item[MML_OOM_SLAB_UNRECLAIMABLE];
	uint64_t whole;

	for (const struct mml_oom_slab *slab = r->slabs; slab; slab = slab->next) {
		struct mml_row *row = add_row(ret, r);

		if (!row)
			return -ENOMEM;
		mml_set_u64(row, OOM_SLABS_line, slab->line);
		mml_set_str(row, OOM_SLABS_cache, slab->name);
		mml_oom_set_kb(row, OOM_SLABS_used,
			       (struct mml_oom_value){ slab->used, slab->line });
		mml_oom_set_kb(row, OOM_SLABS_total,
			       (struct mml_oom_value){ slab->total, slab->line });
		if (mml_has(row, OOM_SLABS_total) && all.n &&
		    !__builtin_mul_overflow(all.n, r->page_size.n, &whole))
			mml_set_f64(row, OOM_SLABS_share,
				    100.0 * (double)row->cell[OOM_SLABS_total].u64 / (double)whole);
	}
	return 0;
}

static int slabs_collect(struct mml_take *take, const struct mml_query *query,
			 struct mml_table *ret)
{
	return each_report(take, query, ret, add_slabs);
}

const struct mml_collector mml_collector_oom_slabs = {
	.schema = { .name = "oom_slabs",
		    .help = "An unreclaimable slab cache in a kernel log's report. The kernel prints them if they take more than all pages that can be reclaimed.",
		    MML_COLUMNS(OOM_SLABS),
		    .sort = "report,-total" },
	.sources = mml_oom_sources,
	.takes = MML_OOM_TAKES,
	.collect = slabs_collect,
	.keep = mml_oom_keep,
	.release = mml_oom_release,
};

/* Sets COL to KEY of the group's statistics, or to OTHER, as version 1 calls it. */
static void set_stat(struct mml_row *row, unsigned col, const struct mml_oom_cgroup *c,
		     const char *key, const char *other)
{
	struct mml_oom_value v = mml_oom_stat(c, key);

	if (!mml_oom_has(v) && other)
		v = mml_oom_stat(c, other);
	mml_oom_set(row, col, v);
}

static void set_stats(struct mml_row *row, const struct mml_oom_cgroup *c)
{
	static const struct {
		unsigned column;
		const char *key, *other;
	} stats[] = {
		{ OOM_CGROUPS_anon, "anon", "rss" },
		{ OOM_CGROUPS_file, "file", "cache" },
		{ OOM_CGROUPS_shmem, "shmem", NULL },
		{ OOM_CGROUPS_kernel, "kernel", NULL },
		{ OOM_CGROUPS_slab, "slab", NULL },
		{ OOM_CGROUPS_page_tables, "pagetables", NULL },
		{ OOM_CGROUPS_kernel_stack, "kernel_stack", NULL },
		{ OOM_CGROUPS_sock, "sock", NULL },
		{ OOM_CGROUPS_percpu, "percpu", NULL },
		{ OOM_CGROUPS_dirty, "file_dirty", "dirty" },
		{ OOM_CGROUPS_writeback, "file_writeback", "writeback" },
	};

	for (size_t i = 0; i < sizeof(stats) / sizeof(*stats); i++)
		set_stat(row, stats[i].column, c, stats[i].key, stats[i].other);
}

static int add_cgroups(struct mml_table *ret, const struct mml_oom_report *r)
{
	for (const struct mml_oom_cgroup *c = r->cgroups; c; c = c->next) {
		struct mml_row *row = add_row(ret, r);

		if (!row)
			return -ENOMEM;
		mml_set_u64(row, OOM_CGROUPS_line, c->line);
		mml_set_str(row, OOM_CGROUPS_path,
			    c->path || !c->is_limit ? c->path : r->oom_memcg);
		mml_set_bool(row, OOM_CGROUPS_is_limit, c->is_limit);
		mml_oom_set_kb(row, OOM_CGROUPS_usage, c->usage[MML_OOM_CG_MEMORY]);
		mml_oom_set_limit(row, OOM_CGROUPS_limit, c->limit[MML_OOM_CG_MEMORY]);
		mml_oom_set(row, OOM_CGROUPS_failcnt, c->failcnt[MML_OOM_CG_MEMORY]);
		mml_oom_set_kb(row, OOM_CGROUPS_swap_usage, c->usage[MML_OOM_CG_SWAP]);
		mml_oom_set_limit(row, OOM_CGROUPS_swap_limit, c->limit[MML_OOM_CG_SWAP]);
		mml_oom_set_kb(row, OOM_CGROUPS_memsw_usage, c->usage[MML_OOM_CG_MEMSW]);
		mml_oom_set_limit(row, OOM_CGROUPS_memsw_limit, c->limit[MML_OOM_CG_MEMSW]);
		mml_oom_set_kb(row, OOM_CGROUPS_kmem_usage, c->usage[MML_OOM_CG_KMEM]);
		mml_oom_set_limit(row, OOM_CGROUPS_kmem_limit, c->limit[MML_OOM_CG_KMEM]);
		set_stats(row, c);
	}
	return 0;
}

static int cgroups_collect(struct mml_take *take, const struct mml_query *query,
			   struct mml_table *ret)
{
	return each_report(take, query, ret, add_cgroups);
}

const struct mml_collector mml_collector_oom_cgroups = {
	.schema = { .name = "oom_cgroups",
		    .apart = "*",
		    .help = "A memory control group in a kernel log's report of a kill for its limit.",
		    MML_COLUMNS(OOM_CGROUPS) },
	.sources = mml_oom_sources,
	.takes = MML_OOM_TAKES,
	.collect = cgroups_collect,
	.keep = mml_oom_keep,
	.release = mml_oom_release,
};

static int add_kill(struct mml_table *ret, const struct mml_oom_kill *k, unsigned report)
{
	bool kernel = k->kind == MML_OOM_KILL;
	struct mml_row *row = mml_table_add(ret);

	if (!row)
		return -ENOMEM;
	mml_set_u64(row, OOM_KILLS_report, report);
	mml_set_u64(row, OOM_KILLS_line, k->line);
	mml_oom_set_time(row, OOM_KILLS_time, OOM_KILLS_since_boot, &k->time);
	mml_set_str(row, OOM_KILLS_by, kernel ? "kernel" : "userspace");
	mml_oom_set(row, OOM_KILLS_pid, k->pid);
	mml_set_str(row, OOM_KILLS_name, k->comm);
	mml_oom_set(row, OOM_KILLS_uid, k->uid);
	mml_oom_set_kb(row, OOM_KILLS_total_vm, k->total_vm);
	mml_oom_set_kb(row, OOM_KILLS_rss_anon, k->anon_rss);
	mml_oom_set_kb(row, OOM_KILLS_rss_file, k->file_rss);
	mml_oom_set_kb(row, OOM_KILLS_rss_shmem, k->shmem_rss);
	mml_oom_set_kb(row, OOM_KILLS_page_tables, k->pgtables);
	if (k->has_adj)
		mml_set_i64(row, OOM_KILLS_adj, k->adj);
	if (kernel) {
		mml_set_bool(row, OOM_KILLS_again, k->duplicate);
		mml_set_bool(row, OOM_KILLS_reaped, k->reaped_line != 0);
	}
	mml_set_str(row, OOM_KILLS_message, k->message);
	return 0;
}

static int kills_collect(struct mml_take *take, const struct mml_query *query,
			 struct mml_table *ret)
{
	const struct mml_oom_log *log;
	int rc = mml_oom_take(take, query, ret, &log);

	if (rc)
		return rc;
	for (const struct mml_oom_report *r = log->reports; r && !rc; r = r->next)
		for (const struct mml_oom_kill *k = r->kills; k && !rc; k = k->next)
			rc = add_kill(ret, k, r->index);
	for (const struct mml_oom_kill *k = log->kills; k && !rc; k = k->next)
		rc = add_kill(ret, k, k->index);
	return rc;
}

const struct mml_collector mml_collector_oom_kills = {
	.schema = { .name = "oom_kills",
		    .help = "A process that a kernel log says was killed for its memory.",
		    MML_COLUMNS(OOM_KILLS),
		    .sort = "report,line" },
	.sources = mml_oom_sources,
	.takes = MML_OOM_TAKES,
	.collect = kills_collect,
	.keep = mml_oom_keep,
	.release = mml_oom_release,
};
