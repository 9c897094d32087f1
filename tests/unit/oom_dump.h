/* A log's model as lines of text: what is compared, and what is looked at when a test fails. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <inttypes.h>
#include <string.h>

#include "../../src/collectors/oom/model.h"
#include "../../src/core/buf.h"

struct dump {
	struct mml_buf *out;
	bool lines; /* with the line of each value */
	bool raw;   /* only what was read, nothing concluded from it */
	unsigned report;
};

__attribute__((unused)) static void dump_value(struct dump *d, const char *what,
					       struct mml_oom_value v)
{
	if (!mml_oom_has(v))
		return;
	mml_buf_printf(d->out, "%u %s %" PRIu64, d->report, what, v.n);
	if (d->lines)
		mml_buf_printf(d->out, " @%" PRIu64, v.line);
	mml_buf_putc(d->out, '\n');
}

__attribute__((unused)) static void dump_text(struct dump *d, const char *what, const char *text)
{
	if (text)
		mml_buf_printf(d->out, "%u %s %s\n", d->report, what, text);
}

static void dump_zone(struct dump *d, const struct mml_oom_zone *z)
{
	char name[64];

	for (unsigned i = 0; i < MML_OOM_ITEMS; i++) {
		snprintf(name, sizeof(name), "zone %u %s %s", z->node, mml_oom_zone_name(z->type),
			 mml_oom_item_name((enum mml_oom_item)i));
		dump_value(d, name, z->item[i]);
	}
	for (unsigned i = 0; i < z->reserves; i++) {
		snprintf(name, sizeof(name), "reserve %u %s %u", z->node,
			 mml_oom_zone_name(z->type), i);
		dump_value(d, name, z->reserve[i]);
	}
	for (unsigned i = 0; i < z->buddy.orders; i++) {
		snprintf(name, sizeof(name), "buddy %u %s %u (%x)", z->node,
			 mml_oom_zone_name(z->type), i, d->raw ? 0 : z->buddy.types[i]);
		dump_value(d, name, z->buddy.count[i]);
	}
	snprintf(name, sizeof(name), "buddy %u %s total", z->node, mml_oom_zone_name(z->type));
	dump_value(d, name, z->buddy.total);
	if (d->raw)
		return;
	mml_buf_printf(
		d->out,
		"%u test %u %s allowed=%d %s verdict=%s at_high=%d usable=%" PRIu64 " mark=%" PRIu64
		" reserve=%" PRIu64 "%s margin=%" PRId64 " largest=%d enough=%" PRIu64 "\n",
		d->report, z->node, mml_oom_zone_name(z->type), z->allowed,
		z->why_not ? mml_oom_why_not_word(z->why_not) : "-",
		z->verdict ? mml_oom_verdict_word(z->verdict) : "-", z->at_high, z->usable / 1024,
		z->mark / 1024, z->reserve_bytes / 1024, z->has_reserve ? "" : "?",
		z->margin / 1024, z->largest_usable, z->blocks_enough);
}

static void dump_task(struct dump *d, const struct mml_oom_task *t)
{
	mml_buf_printf(d->out, "%u task %s", d->report, t->name);
	for (unsigned i = 0; i < MML_OOM_TASK_COLUMNS; i++)
		if (t->has >> i & 1)
			mml_buf_printf(d->out, " %u=%" PRId64, i, (int64_t)t->n[i]);
	if (!d->raw && t->has_points)
		mml_buf_printf(d->out, " points=%" PRId64 "%s rank=%u", t->points,
			       t->points_least ? "?" : "", t->rank);
	if (!d->raw)
		mml_buf_printf(d->out, " %s", mml_oom_state_word(t->state));
	if (d->lines)
		mml_buf_printf(d->out, " @%" PRIu64, t->line);
	mml_buf_putc(d->out, '\n');
}

static void dump_kill(struct dump *d, const struct mml_oom_kill *k)
{
	dump_text(d, "kill message", k->message);
	dump_text(d, "kill comm", k->comm);
	dump_value(d, "kill pid", k->pid);
	dump_value(d, "kill uid", k->uid);
	dump_value(d, "kill total_vm", k->total_vm);
	dump_value(d, "kill anon_rss", k->anon_rss);
	dump_value(d, "kill file_rss", k->file_rss);
	dump_value(d, "kill shmem_rss", k->shmem_rss);
	dump_value(d, "kill pgtables", k->pgtables);
	dump_value(d, "kill chosen_pid", k->chosen_pid);
	dump_value(d, "kill score", k->score);
	if (k->has_adj)
		mml_buf_printf(d->out, "%u kill adj %" PRId64 "\n", d->report, k->adj);
	if (k->duplicate && !d->raw)
		mml_buf_printf(d->out, "%u kill duplicate\n", d->report);
	if (k->reaped_line && !d->raw)
		mml_buf_printf(d->out, "%u kill reaped\n", d->report);
}

static void dump_cgroup(struct dump *d, const struct mml_oom_cgroup *c)
{
	static const char *const names[] = { "memory", "memsw", "swap", "kmem" };
	char name[64];

	dump_text(d, "cgroup", c->path);
	for (unsigned i = 0; i < MML_OOM_CG_COUNTERS; i++) {
		snprintf(name, sizeof(name), "cgroup %s usage", names[i]);
		dump_value(d, name, c->usage[i]);
		snprintf(name, sizeof(name), "cgroup %s limit", names[i]);
		dump_value(d, name, c->limit[i]);
		snprintf(name, sizeof(name), "cgroup %s failcnt", names[i]);
		dump_value(d, name, c->failcnt[i]);
	}
	for (const struct mml_oom_stat *s = c->stats; s; s = s->next) {
		snprintf(name, sizeof(name), "stat %.50s", s->key);
		dump_value(d, name, (struct mml_oom_value){ s->n, s->line });
	}
}

static void dump_request(struct dump *d, const struct mml_oom_report *r)
{
	const struct mml_oom_request *q = &r->request;

	mml_buf_printf(d->out,
		       "%u request known=%d assumed=%d inferred=%d table=%c names=%s class=%s "
		       "order=%d reclaim=%d oom=%d "
		       "movable=%d atomic=%d unmarked=%d\n",
		       d->report, q->known, q->assumed, q->inferred, q->table ? q->table : '-',
		       q->names ? q->names : "-", mml_oom_zone_name(q->class), q->order,
		       q->can_reclaim, q->can_oom, q->movable, q->atomic, q->no_watermarks);
}

static void dump_balance(struct dump *d, const struct mml_oom_report *r)
{
	const struct mml_oom_balance *b = &r->balance;

	for (unsigned i = 0; i < b->n; i++)
		if (b->share[i].pages)
			mml_buf_printf(d->out, "%u balance %s %" PRId64 "\n", d->report,
				       b->share[i].name, b->share[i].pages);
	if (b->known)
		mml_buf_printf(d->out, "%u unaccounted %" PRId64 " of %" PRIu64 "%s%s%s%s%s\n",
			       d->report, b->unaccounted, b->managed,
			       b->without_stacks ? " +stacks" : "",
			       b->without_hugetlb ? " +hugetlb" : "",
			       b->without_pagetables ? " +pagetables" : "",
			       b->without_slab ? " +slab" : "", r->filtered ? " filtered" : "");
	if (b->inconsistent)
		mml_buf_printf(d->out, "%u inconsistent\n", d->report);
}

static void dump_conclusions(struct dump *d, const struct mml_oom_report *r)
{
	dump_request(d, r);
	dump_balance(d, r);
	mml_buf_printf(d->out, "%u page_size %" PRIu64 "%s version %x\n", d->report, r->page_size.n,
		       r->page_size_inferred ? "?" : "", r->version);
	if (r->has_totalpages)
		mml_buf_printf(d->out, "%u totalpages %" PRIu64 "%s\n", d->report, r->totalpages,
			       r->totalpages_least ? "?" : "");
	if (r->has_score)
		mml_buf_printf(d->out, "%u score %" PRIu64 "\n", d->report, r->score);
	if (r->expected)
		mml_buf_printf(d->out, "%u expected %s %" PRIu64 "\n", d->report, r->expected->name,
			       r->expected->n[MML_OOM_PID]);
	if (r->next_task)
		mml_buf_printf(d->out, "%u next %s %" PRIu64 "\n", d->report, r->next_task->name,
			       r->next_task->n[MML_OOM_PID]);
	if (r->many_name)
		mml_buf_printf(d->out, "%u many %s %u %" PRIu64 " of scope %" PRIu64 "\n",
			       d->report, r->many_name, r->many, r->many_pages, r->scope);
	mml_buf_printf(d->out,
		       "%u reason %s, %s; holder %s %" PRIu64 " withheld %" PRIu64
		       " elsewhere %" PRIu64 "\n",
		       d->report, r->reason ? mml_oom_reason_word(r->reason) : "-",
		       r->reason2 ? mml_oom_reason_word(r->reason2) : "-",
		       r->holder ? mml_oom_reason_word(r->holder) : "-", r->holder_bytes,
		       r->withheld, r->elsewhere);
}

static void dump_header(struct dump *d, const struct mml_oom_report *r)
{
	if (!d->raw) {
		dump_text(d, "kind", mml_oom_kind_word(r->kind));
		dump_text(d, "constraint", mml_oom_constraint_word(r->constraint));
		mml_buf_printf(d->out, "%u complete %x repeats %u group %d panic %d\n", d->report,
			       r->complete, r->repeats, r->group_line != 0, r->panic_line != 0);
	}
	if (d->lines && !d->raw)
		mml_buf_printf(d->out,
			       "%u lines %" PRIu64 "-%" PRIu64 " (%" PRIu64 ") cut %" PRIu64
			       " lost %" PRIu64 " unknown %" PRIu64 "\n",
			       d->report, r->line_first, r->line_last, r->lines, r->cut_lines,
			       r->lost_records, r->unknown_lines);
	dump_text(d, "kernel", r->kernel);
	dump_text(d, "comm", r->comm);
	dump_value(d, "pid", r->pid);
	dump_value(d, "gfp", r->gfp_mask);
	dump_text(d, "gfp_printed", r->gfp_printed_whole ? r->gfp_printed : NULL);
	if (r->has_order)
		mml_buf_printf(d->out, "%u order %" PRId64 "\n", d->report, r->order);
	if (r->has_adj)
		mml_buf_printf(d->out, "%u adj %" PRId64 "\n", d->report, r->adj);
	dump_value(d, "vmalloc_size", r->vmalloc_size);
	dump_text(d, "vmalloc_why", r->vmalloc_why);
	dump_text(d, "nodemask", r->nodemask);
	dump_text(d, "mems_allowed", d->raw ? NULL : r->mems_allowed);
	dump_text(d, "cpuset", r->cpuset);
	dump_text(d, "oom_memcg", r->oom_memcg);
	dump_text(d, "task_memcg", r->task_memcg);
	dump_value(d, "suppressed", r->suppressed);
	dump_text(d, "panic", d->raw ? NULL : r->panic);
}

__attribute__((unused)) static void dump_report(struct dump *d, const struct mml_oom_report *r)
{
	char name[64];

	d->report = r->index;
	dump_header(d, r);
	for (unsigned i = 0; i < MML_OOM_ITEMS; i++)
		dump_value(d, mml_oom_item_name((enum mml_oom_item)i), r->item[i]);
	dump_value(d, "ram", r->ram);
	dump_value(d, "reserved", r->reserved);
	dump_value(d, "highmem", r->highmem);
	dump_value(d, "cma", r->cma);
	dump_value(d, "pagecache", r->pagecache);
	dump_value(d, "swapcache", r->swapcache);
	dump_value(d, "swap_free", r->swap_free);
	dump_value(d, "swap_total", r->swap_total);
	for (const struct mml_oom_node *n = r->nodes; n; n = n->next)
		for (unsigned i = 0; i < MML_OOM_ITEMS; i++) {
			snprintf(name, sizeof(name), "node %u %s", n->node,
				 mml_oom_item_name((enum mml_oom_item)i));
			dump_value(d, name, n->item[i]);
		}
	for (const struct mml_oom_zone *z = r->zones; z; z = z->next)
		dump_zone(d, z);
	for (const struct mml_oom_hugepages *h = r->hugepages; h; h = h->next) {
		snprintf(name, sizeof(name), "hugepages %" PRIu64 " %" PRIu64, h->node.n,
			 h->size.n);
		dump_value(d, name, h->total);
		dump_value(d, "hugepages free", h->free);
	}
	for (const struct mml_oom_slab *s = r->slabs; s; s = s->next)
		mml_buf_printf(d->out, "%u slab %s %" PRIu64 " %" PRIu64 "\n", d->report, s->name,
			       s->used, s->total);
	for (const struct mml_oom_tag *t = r->tags; t; t = t->next)
		mml_buf_printf(d->out, "%u tag %" PRIu64 " %" PRIu64 " %s:%" PRIu64 " [%s] %s\n",
			       d->report, t->bytes, t->calls, t->file, t->file_line,
			       t->module ? t->module : "", t->function);
	for (const struct mml_oom_task *t = r->tasks; t; t = t->next)
		dump_task(d, t);
	for (const struct mml_oom_cgroup *c = r->cgroups; c; c = c->next)
		dump_cgroup(d, c);
	for (const struct mml_oom_frame *f = r->frames; f; f = f->next)
		mml_buf_printf(d->out, "%u frame %s%s %s\n", d->report, f->unsure ? "? " : "",
			       f->function, f->module ? f->module : "");
	for (const struct mml_oom_kill *k = r->kills; k; k = k->next)
		dump_kill(d, k);
	if (!d->raw)
		dump_conclusions(d, r);
}

__attribute__((unused)) static void dump_log(struct mml_buf *out, const struct mml_oom_log *log,
					     bool lines, bool raw)
{
	struct dump d = { .out = out, .lines = lines, .raw = raw };

	for (const struct mml_oom_report *r = log->reports; r; r = r->next)
		dump_report(&d, r);
	d.report = 0;
	for (const struct mml_oom_kill *k = log->kills; k; k = k->next)
		dump_kill(&d, k);
}
