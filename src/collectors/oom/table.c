/* The table `oom`, and with it the page of plain language. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>

#include "../memory/vmstat.h"
#include "columns.h"
#include "prose.h"
#include "source.h"

#define MML_TABLE_OF OOM
#include "../../core/columns.h"

struct oom {
	struct mml_take *take;
	struct mml_table *out;
	const struct mml_oom_log *log;
	struct mml_oom_style style;
	bool live;        /* the log is the machine's own */
	bool has_clock;   /* times of the log can be compared with now */
	uint64_t killed;  /* lines that tell of a kill by the kernel */
};

/* Text goes into cells as it is. Whoever shows the cell makes it harmless. */
static void as_it_is(struct mml_buf *out, const char *s, size_t len, bool utf8)
{
	(void)utf8;
	mml_buf_put(out, s, len);
}

static struct mml_oom_value item(const struct mml_oom_report *r, enum mml_oom_item which)
{
	return r->item[which];
}

/* The sum of up to three counters, the first of which must be there. */
static struct mml_oom_value sum(const struct mml_oom_report *r, enum mml_oom_item a,
				enum mml_oom_item b, enum mml_oom_item c)
{
	struct mml_oom_value ret = item(r, a);

	if (!mml_oom_has(item(r, b)) || __builtin_add_overflow(ret.n, item(r, b).n, &ret.n) ||
	    __builtin_add_overflow(ret.n, item(r, c).n, &ret.n))
		ret.line = 0;
	return ret;
}

static void set_where(const struct oom *o, struct mml_row *row, const struct mml_oom_report *r)
{
	mml_set_u64(row, OOM_line_first, r->line_first);
	mml_set_u64(row, OOM_line_last, r->line_last);
	mml_oom_set_time(row, OOM_time, OOM_since_boot, &r->time);
	if (o->has_clock && mml_has(row, OOM_since_boot) &&
	    o->take->snap->time.mono_ns >= row->cell[OOM_since_boot].u64)
		mml_set_u64(row, OOM_age,
			    o->take->snap->time.mono_ns - row->cell[OOM_since_boot].u64);
	mml_set_str(row, OOM_host, r->host);
	mml_set_str(row, OOM_kernel, r->kernel);
	mml_set_str(row, OOM_arch, r->arch);
	mml_oom_set(row, OOM_page_size, r->page_size);
}

/* The names of the parts that were seen. */
static int set_parts(const struct oom *o, struct mml_row *row, const struct mml_oom_report *r)
{
	static const char *const names[] = { "header", "trace", "meminfo", "zones",   "buddy", "swap",
					     "ram",    "slabs", "tasks",   "verdict", "cgroup" };
	struct mml_buf list = { 0 };

	mml_buf_puts(&list, "");
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (r->complete >> i & 1)
			mml_buf_printf(&list, "%s%s", list.len ? "," : "", names[i]);
	if (list.len)
		mml_set_str(row, OOM_complete,
			    mml_arena_strndup(o->take->arena, list.data, list.len));
	mml_buf_free(&list);
	if (list.error || (r->complete && !mml_has(row, OOM_complete)))
		return -ENOMEM;
	mml_set_u64(row, OOM_cut, r->cut_lines);
	mml_set_u64(row, OOM_lost, r->lost_records);
	mml_set_u64(row, OOM_repeats, r->repeats);
	mml_oom_set(row, OOM_suppressed, r->suppressed);
	return 0;
}

static int set_request(const struct oom *o, struct mml_row *row, const struct mml_oom_report *r)
{
	const struct mml_oom_request *q = &r->request;

	mml_set_str(row, OOM_comm, r->comm);
	mml_oom_set(row, OOM_pid, r->pid);
	if (r->has_order)
		mml_set_i64(row, OOM_order, r->order);
	if (mml_oom_has(r->vmalloc_size))
		mml_set_u64(row, OOM_size, r->vmalloc_size.n);
	else if (r->has_order && r->order >= 0 && r->order < MML_OOM_MAX_ORDERS)
		mml_set_u64(row, OOM_size, r->page_size.n << r->order);
	mml_oom_set(row, OOM_gfp_mask, r->gfp_mask);
	if (!q->known || q->assumed)
		return 0;
	mml_set_str(row, OOM_gfp_names, q->names);
	mml_set_str(row, OOM_zone_class, mml_oom_zone_name(q->class));
	mml_set_bool(row, OOM_movable, q->movable);
	mml_set_bool(row, OOM_can_reclaim, q->can_reclaim);
	if (!q->table)
		return 0;
	mml_set_str(row, OOM_gfp_table, mml_arena_printf(o->take->arena, "%c", q->table));
	return mml_has(row, OOM_gfp_table) ? 0 : -ENOMEM;
}

static void set_limit(struct mml_row *row, const struct mml_oom_report *r)
{
	mml_set_str(row, OOM_constraint, mml_oom_constraint_word(r->constraint));
	if (mml_has(row, OOM_constraint))
		mml_set_bool(row, OOM_inferred, r->constraint_inferred);
	mml_set_str(row, OOM_nodemask, r->nodemask);
	mml_set_str(row, OOM_mems_allowed, r->mems_allowed);
	mml_set_str(row, OOM_cpuset, r->cpuset);
	mml_set_str(row, OOM_oom_memcg, r->oom_memcg);
	mml_set_str(row, OOM_task_memcg, r->task_memcg);
	mml_set_str(row, OOM_reason, mml_oom_reason_word(r->reason));
	mml_set_str(row, OOM_holder, mml_oom_reason_word(r->reason2));
}

static void set_hugetlb(struct mml_row *row, const struct mml_oom_report *r)
{
	uint64_t total = 0, free = 0, kb;

	if (!r->hugepages)
		return;
	for (const struct mml_oom_hugepages *h = r->hugepages; h; h = h->next) {
		if (!mml_oom_has(h->size) || !mml_oom_has(h->total) || !mml_oom_has(h->free) ||
		    __builtin_mul_overflow(h->size.n, h->total.n, &kb) ||
		    __builtin_add_overflow(total, kb, &total) || h->free.n > h->total.n)
			return;
		free += h->size.n * h->free.n;
	}
	mml_oom_set_kb(row, OOM_hugetlb, (struct mml_oom_value){ total, r->hugepages->line });
	mml_oom_set_kb(row, OOM_hugetlb_free, (struct mml_oom_value){ free, r->hugepages->line });
}

static void set_memory(struct mml_row *row, const struct mml_oom_report *r)
{
	static const struct {
		unsigned column;
		enum mml_oom_item item;
	} items[] = {
		{ OOM_free, MML_OOM_FREE },
		{ OOM_free_pcp, MML_OOM_FREE_PCP },
		{ OOM_free_cma, MML_OOM_FREE_CMA },
		{ OOM_shmem, MML_OOM_SHMEM },
		{ OOM_unevictable, MML_OOM_UNEVICTABLE },
		{ OOM_dirty, MML_OOM_DIRTY },
		{ OOM_writeback, MML_OOM_WRITEBACK },
		{ OOM_slab_reclaimable, MML_OOM_SLAB_RECLAIMABLE },
		{ OOM_slab_unreclaimable, MML_OOM_SLAB_UNRECLAIMABLE },
		{ OOM_page_tables, MML_OOM_PAGETABLES },
	};
	int64_t unaccounted;

	for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++)
		mml_oom_set_pages(row, items[i].column, r, item(r, items[i].item));
	mml_oom_set_pages(row, OOM_anon, r, sum(r, MML_OOM_ACTIVE_ANON, MML_OOM_INACTIVE_ANON,
						MML_OOM_ISOLATED_ANON));
	mml_oom_set_pages(row, OOM_file, r, sum(r, MML_OOM_ACTIVE_FILE, MML_OOM_INACTIVE_FILE,
						MML_OOM_ISOLATED_FILE));
	mml_oom_set_pages(row, OOM_ram, r, r->ram);
	mml_oom_set_pages(row, OOM_reserved, r, r->reserved);
	set_hugetlb(row, r);
	mml_oom_set_kb(row, OOM_swap_total, r->swap_total);
	mml_oom_set_kb(row, OOM_swap_free, r->swap_free);
	if (r->balance.known && !__builtin_mul_overflow(r->balance.unaccounted,
							(int64_t)r->page_size.n, &unaccounted))
		mml_set_i64(row, OOM_unaccounted, unaccounted);
	if (r->has_totalpages) {
		mml_oom_set_pages(row, OOM_total, r,
				  (struct mml_oom_value){ r->totalpages, r->line_first });
		if (r->totalpages_least)
			mml_set_at_least(row, OOM_total);
	}
}

/* Anonymous memory of all that were killed; absent if the log lacks that of one. */
static void set_freed(struct mml_row *row, const struct mml_oom_report *r)
{
	uint64_t bytes = 0, kills = 0;
	bool known = true;

	for (const struct mml_oom_kill *k = r->kills; k; k = k->next) {
		uint64_t anon = 0;

		if (!k->message || k->duplicate)
			continue;
		kills++;
		known &= mml_oom_kb(k->anon_rss, &anon) &&
			 !__builtin_add_overflow(bytes, anon, &bytes);
	}
	mml_set_u64(row, OOM_kills, kills);
	if (kills && known)
		mml_set_u64(row, OOM_freed, bytes);
}

static void set_victim(struct mml_row *row, const struct mml_oom_report *r)
{
	const struct mml_oom_task *t = r->victim_task, *next = r->next_task;

	set_freed(row, r);
	if (r->victim) {
		mml_set_str(row, OOM_victim, r->victim->comm);
		mml_oom_set(row, OOM_victim_pid, r->victim->pid);
		mml_oom_set(row, OOM_score, r->victim->score);
	}
	if (t && t->has_points)
		mml_set_i64(row, OOM_victim_points, t->points);
	if (t && t->has_points && r->expected)
		mml_set_bool(row, OOM_victim_expected, r->expected == t);
	if (next) {
		mml_set_str(row, OOM_next, next->name);
		mml_set_u64(row, OOM_next_pid, next->n[MML_OOM_PID]);
		mml_set_i64(row, OOM_next_points, next->points);
	}
	mml_set_str(row, OOM_panic, r->panic);
}

static void set_page(struct mml_row *row, const struct mml_oom_page *page)
{
	static const unsigned columns[] = {
		[MML_OOM_P_WHAT] = OOM_what_happened, [MML_OOM_P_LIMIT] = OOM_which_limit,
		[MML_OOM_P_FREE] = OOM_why_no_memory, [MML_OOM_P_HELD] = OOM_what_held_it,
		[MML_OOM_P_SWAP] = OOM_swap,	      [MML_OOM_P_VICTIM] = OOM_who_and_why,
		[MML_OOM_P_DO] = OOM_what_to_do,      [MML_OOM_P_UNKNOWN] = OOM_not_known,
	};

	mml_set_str(row, OOM_title, page->title);
	for (unsigned i = 0; i < MML_OOM_PARAGRAPHS; i++)
		mml_set_str(row, columns[i], page->text[i]);
}

static int add_report(struct oom *o, const struct mml_oom_report *r)
{
	struct mml_row *row = mml_table_add(o->out);
	struct mml_oom_page page;

	if (!row || mml_oom_explain(o->take->arena, o->log, r, &o->style, &page))
		return -ENOMEM;
	mml_set_u64(row, OOM_report, r->index);
	mml_set_str(row, OOM_kind, mml_oom_kind_word(r->kind));
	set_where(o, row, r);
	set_limit(row, r);
	set_memory(row, r);
	set_victim(row, r);
	set_page(row, &page);
	for (const struct mml_oom_kill *k = r->kills; k; k = k->next)
		o->killed += k->message != NULL;
	if (set_parts(o, row, r) || set_request(o, row, r))
		return -ENOMEM;
	return 0;
}

static int add_kill(struct oom *o, const struct mml_oom_kill *k)
{
	struct mml_row *row = mml_table_add(o->out);
	struct mml_oom_page page;

	if (!row || mml_oom_explain_kill(o->take->arena, o->log, k, &o->style, &page))
		return -ENOMEM;
	mml_set_u64(row, OOM_report, k->index);
	mml_set_str(row, OOM_kind, "userspace");
	mml_oom_set_time(row, OOM_time, OOM_since_boot, &k->time);
	mml_set_u64(row, OOM_line_first, k->line);
	mml_set_u64(row, OOM_line_last, k->line);
	mml_set_u64(row, OOM_kills, 1);
	mml_set_str(row, OOM_victim, k->comm);
	mml_oom_set(row, OOM_victim_pid, k->pid);
	set_page(row, &page);
	return 0;
}

/* The log's clock stands while the machine is suspended, and CLOCK_BOOTTIME does not. */
static bool never_suspended(struct mml_take *take)
{
	struct mml_span text, word;
	uint64_t times;

	if (!mml_take_number(take, &times, "/sys/power/suspend_stats/success"))
		return !times;
	if (mml_take_filef(take, &text, "/sys/power/state"))
		return false;
	return !mml_next_line(&text, &word) || mml_span_trim(word).p == mml_span_trim(word).end;
}

/* The kernel counts its kills, and the log may have lost what was written about some of them. */
static void compare_counts(struct oom *o)
{
	struct mml_span text;
	uint64_t counted;

	if (mml_take_filef(o->take, &text, "/proc/vmstat") ||
	    !mml_vmstat_value(text, "oom_kill", &counted) || counted <= o->killed)
		return;
	mml_table_note(o->out,
		       "the kernel has killed %" PRIu64 " process%s since boot (oom_kill of "
		       "vmstat), and this log tells of %" PRIu64 ": the rest was overwritten",
		       counted, counted == 1 ? "" : "es", o->killed);
}

static int collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	struct oom o = {
		.take = take,
		.out = ret,
		.live = !query->scope.args[MML_PARAM_LOG].given,
		.style = { .verbose = query->scope.args[MML_PARAM_VERBOSE].given,
			   .utf8 = true,
			   .escape = as_it_is },
	};
	int rc = mml_oom_take(take, query, ret, &o.log);

	if (rc)
		return rc;
	o.has_clock = o.live && take->snap && take->snap->time.mono_ns && never_suspended(take);
	if (o.live && !o.has_clock && (o.log->reports || o.log->kills))
		mml_table_why(ret, OOM_age, "the machine may have been suspended since", NULL);
	for (const struct mml_oom_report *r = o.log->reports; r && !rc; r = r->next)
		rc = add_report(&o, r);
	for (const struct mml_oom_kill *k = o.log->kills; k && !rc; k = k->next)
		rc = add_kill(&o, k);
	if (rc)
		return rc;
	if (o.log->lost_records)
		mml_table_note(ret, "%" PRIu64 " records of the kernel's log are missing",
			       o.log->lost_records);
	if (o.live)
		compare_counts(&o);
	return 0;
}

const struct mml_collector mml_collector_oom = {
	.schema = { .name = "oom",
		    .apart = "*",
		    .help = "An out-of-memory kill, a failed allocation or a memory dump in a kernel log, and what it comes to.",
		    MML_COLUMNS(OOM),
		    .sort = "report" },
	.sources = mml_oom_sources,
	.takes = MML_OOM_TAKES | MML_TAKES(VERBOSE),
	.page = "title,what_happened,which_limit,why_no_memory,what_held_it,swap,who_and_why,"
		"what_to_do,not_known",
	.collect = collect,
	.keep = mml_oom_keep,
	.release = mml_oom_release,
};
