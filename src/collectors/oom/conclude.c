/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conclude.h"

#include <errno.h>
#include <string.h>

#include "build.h"

enum { WINDOW = 16 };

/* "6.12.117+deb12-cloud-amd64" */
static unsigned parse_version(const char *release)
{
	struct mml_span rest = mml_span_str(release), part;
	unsigned ret = 0;

	for (int i = 0; i < 3; i++) {
		struct mml_span n;
		uint64_t v = 0;

		if (!mml_next_field(&rest, '.', &part))
			break;
		n = part;
		while (n.p < part.end && *n.p >= '0' && *n.p <= '9')
			n.p++;
		n = (struct mml_span){ part.p, n.p };
		if (mml_parse_u64(n, &v) || v > 255)
			v = i == 2 ? 255 : 0;
		ret |= (unsigned)v << (16 - 8 * i);
		if (n.end < part.end)
			break;
	}
	return ret;
}

static const char *arch_of(const struct mml_oom_report *r)
{
	static const struct {
		const char *in, *arch;
	} suffixes[] = {
		{ "x86_64", "x86_64" }, { "amd64", "x86_64" },	  { "aarch64", "arm64" },
		{ "arm64", "arm64" },	{ "ppc64le", "ppc64le" }, { "ppc64", "ppc64" },
		{ "s390x", "s390x" },	{ "riscv64", "riscv64" }, { "armv7", "arm" },
		{ "armhf", "arm" },	{ "i686", "i386" },	  { "i386", "i386" },
	};

	for (size_t i = 0; r->kernel && i < sizeof(suffixes) / sizeof(*suffixes); i++)
		if (strstr(r->kernel, suffixes[i].in))
			return suffixes[i].arch;
	return r->arch;
}

static void take_page(struct mml_oom_report *r, uint64_t bytes, uint64_t line)
{
	if (!mml_oom_has(r->page_size) && bytes >= 1024 && bytes <= 1 << 20 &&
	    !(bytes & (bytes - 1))) {
		r->page_size = (struct mml_oom_value){ bytes, line };
		r->page_size_inferred = true;
	}
}

/* "total-vm:36544kB" is as many pages as the victim's row has. */
static void page_of_victim(struct mml_oom_report *r)
{
	for (const struct mml_oom_kill *k = r->kills; k; k = k->next) {
		if (!mml_oom_has(k->pid) || !mml_oom_has(k->total_vm) || k->duplicate)
			continue;
		for (const struct mml_oom_task *t = r->tasks; t; t = t->next)
			if (t->n[MML_OOM_PID] == k->pid.n && t->n[MML_OOM_TOTAL_VM] &&
			    !(k->total_vm.n % t->n[MML_OOM_TOTAL_VM])) {
				take_page(r, k->total_vm.n / t->n[MML_OOM_TOTAL_VM] * 1024,
					  k->line);
				return;
			}
		return;
	}
}

/* A limit that is none is LONG_MAX pages, in kB. */
static void page_of_limit(struct mml_oom_report *r)
{
	for (const struct mml_oom_cgroup *c = r->cgroups; c; c = c->next)
		for (unsigned i = 0; i < MML_OOM_CG_COUNTERS; i++)
			for (uint64_t kb = 4; kb <= 256; kb *= 2)
				if (mml_oom_has(c->limit[i]) &&
				    c->limit[i].n == INT64_MAX / (kb * 1024) * kb)
					take_page(r, kb * 1024, c->limit[i].line);
}

/* The whole machine's free pages against the zones' kB, when both are there. */
static void page_of_zones(struct mml_oom_report *r)
{
	uint64_t kb = 0, line = 0;

	for (const struct mml_oom_zone *z = r->zones; z; z = z->next) {
		kb += z->item[MML_OOM_FREE].n;
		line = z->line;
	}
	for (uint64_t size = 4; size <= 64 && r->item[MML_OOM_FREE].n > 1000; size *= 4)
		if (kb / size > r->item[MML_OOM_FREE].n / 10 * 9 &&
		    kb / size < r->item[MML_OOM_FREE].n / 9 * 10)
			take_page(r, size * 1024, line);
}

static void find_page_size(struct mml_oom_report *r)
{
	page_of_victim(r);
	page_of_limit(r);
	page_of_zones(r);
	/* These have no other. */
	if (r->arch && (!strcmp(r->arch, "x86_64") || !strcmp(r->arch, "i386") ||
			!strcmp(r->arch, "arm") || !strcmp(r->arch, "s390x")))
		take_page(r, 4096, r->line_first);
	if (!mml_oom_has(r->page_size)) /* what nearly all have; said to be assumed */
		take_page(r, 4096, r->line_first);
}

/* Before 5.0 the constraint is not printed: without a group's lines it is the machine, or cannot be
 * told. */
static void find_constraint(struct mml_oom_report *r)
{
	if (r->constraint != MML_OOM_BY_UNKNOWN)
		return;
	if (r->kind == MML_OOM_KIND_MEMCG_OOM || r->cgroups) {
		r->constraint = MML_OOM_BY_MEMCG;
		r->constraint_inferred = true;
	} else if (r->kind == MML_OOM_KIND_OOM || r->kind == MML_OOM_KIND_MANUAL) {
		r->constraint = r->zones || r->ntasks ? MML_OOM_BY_NONE : MML_OOM_BY_UNKNOWN;
		r->constraint_inferred = true;
	}
	if (!r->oom_memcg && r->cgroups)
		r->oom_memcg = r->cgroups->path;
}

/* A dump that its own line asked for and that then was not printed is nothing. */
static bool empty(const struct mml_oom_report *r)
{
	if (r->header_seen || r->kills || r->panic_line || r->no_killable_line)
		return false;
	if (r->kind == MML_OOM_KIND_MANUAL)
		return true;
	return !(r->complete & ~(unsigned)(MML_OOM_HEADER | MML_OOM_VERDICT)) &&
	       !r->constraint_line;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* A group in which nothing can be killed has the same report again and again. */
static bool repeats(const struct mml_oom_report *a, const struct mml_oom_report *b)
{
	return a->no_killable_line && b->no_killable_line && !a->kills && !b->kills &&
	       !a->panic_line && !b->panic_line && a->kind == b->kind &&
	       a->gfp_mask.n == b->gfp_mask.n && a->order == b->order && a->pid.n == b->pid.n &&
	       a->ntasks == b->ntasks && same_text(a->comm, b->comm) &&
	       same_text(a->oom_memcg, b->oom_memcg);
}

/* Take what is empty, or said before, out of the list. */
static void thin_out(struct mml_oom_log *log, bool keep_repeats)
{
	struct mml_oom_report **at = &log->reports, *last = NULL;
	bool dropped = false;

	log->nreports = 0;
	while (*at) {
		struct mml_oom_report *r = *at;

		if (empty(r)) {
			*at = r->next;
			dropped = true;
			r->repeats = UINT32_MAX;
			continue;
		}
		if (last && !keep_repeats && repeats(last, r)) {
			last->repeats++;
			last->repeats_last = r->line_last;
			last->lost_records += r->lost_records;
			*at = r->next;
			dropped = true;
			r->repeats = UINT32_MAX;
			r->next = last;
			continue;
		}
		log->nreports++;
		last = r;
		at = &r->next;
	}
	for (struct mml_oom_line *l = dropped ? log->lines : NULL; l; l = l->next)
		if (l->report && l->report->repeats == UINT32_MAX)
			l->report = NULL;
}

/* Reports and the kills of user space are numbered together, as they stand in the log. */
static void number_all(struct mml_oom_log *log)
{
	struct mml_oom_kill *k = log->kills;
	unsigned index = 0;

	for (struct mml_oom_report *r = log->reports; r || k;) {
		if (k && (!r || k->line < r->line_first)) {
			k->index = ++index;
			k = k->next;
			log->nkills++;
		} else {
			r->index = ++index;
			r = r->next;
		}
	}
}

/* One machine's log has one kernel, unless it says otherwise. */
static void share_kernel(struct mml_oom_log *log)
{
	const char *kernel = NULL;

	for (const struct mml_oom_report *r = log->reports; r; r = r->next) {
		if (!r->kernel)
			continue;
		if (kernel && strcmp(kernel, r->kernel) != 0)
			return;
		kernel = r->kernel;
	}
	for (struct mml_oom_report *r = log->reports; r; r = r->next)
		if (!r->kernel)
			r->version = kernel ? parse_version(kernel) : 0;
}

static int conclude_one(struct mml_arena *arena, struct mml_oom_report *r)
{
	if (r->kernel)
		r->version = parse_version(r->kernel);
	r->arch = arch_of(r);
	find_page_size(r);
	find_constraint(r);
	if (mml_gfp_request(arena, r))
		return -ENOMEM;
	mml_oom_test_zones(r);
	mml_oom_balance(r);
	if (r->ntasks) {
		r->sorted = mml_arena_alloc(arena, r->ntasks * sizeof(struct mml_oom_task *));
		if (!r->sorted)
			return -ENOMEM;
	}
	mml_oom_scores(r);
	mml_oom_reasons(r);
	return 0;
}

/* Two sorted lists in one. */
static struct mml_oom_line *merge(struct mml_oom_line *a, struct mml_oom_line *b)
{
	struct mml_oom_line *ret = NULL, **last = &ret;

	while (a && b) {
		struct mml_oom_line **from = a->line <= b->line ? &a : &b;

		*last = *from;
		last = &(*last)->next;
		*from = *last;
	}
	*last = a ? a : b;
	return ret;
}

/* Lines are noted as they are understood; they are kept as they stand. */
static struct mml_oom_line *sort_lines(struct mml_oom_line *list)
{
	struct mml_oom_line *runs[64] = { NULL }, *ret = NULL;

	while (list) {
		struct mml_oom_line *one = list;
		unsigned i = 0;

		list = list->next;
		one->next = NULL;
		for (; i < 63 && runs[i]; i++) {
			one = merge(runs[i], one);
			runs[i] = NULL;
		}
		runs[i] = merge(runs[i], one);
	}
	for (unsigned i = 0; i < 64; i++)
		ret = merge(runs[i], ret);
	return ret;
}

int mml_oom_conclude(struct mml_arena *arena, struct mml_oom_log *log, unsigned flags)
{
	const struct mml_oom_report *window;
	unsigned n = 0;

	thin_out(log, flags & MML_OOM_KEEP_REPEATS);
	number_all(log);
	share_kernel(log);
	log->lines = sort_lines(log->lines);
	window = log->reports;
	for (struct mml_oom_report *r = log->reports; r; r = r->next) {
		if (++n > WINDOW)
			window = window->next;
		r->window = window;
		if (conclude_one(arena, r))
			return -ENOMEM;
	}
	return 0;
}
