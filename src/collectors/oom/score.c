/* Who had to be killed: oom_badness() over the table, and what the log says of it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "conclude.h"

static bool has(const struct mml_oom_task *t, enum mml_oom_task_column column)
{
	return t->has >> column & 1;
}

const struct mml_oom_cgroup *mml_oom_limit(const struct mml_oom_report *r)
{
	return r->cgroups;
}

bool mml_oom_limited(struct mml_oom_value limit)
{
	/* PAGE_COUNTER_MAX: LONG_MAX over the page size; before 3.19 a resource counter's LLONG_MAX
	 * or ULLONG_MAX. */
	return mml_oom_has(limit) && limit.n < UINT64_C(9007199254000000);
}

static uint64_t to_pages(const struct mml_oom_report *r, struct mml_oom_value kb)
{
	return kb.n / (r->page_size.n / 1024);
}

/* The swap a group may have and has, kB; false: the log does not say. Version 1 counts both as one.
 */
static bool swap_of_group(const struct mml_oom_cgroup *c, uint64_t *ret_limit, uint64_t *ret_usage)
{
	const struct mml_oom_value *limit = c->limit, *usage = c->usage;
	uint64_t memory = usage[MML_OOM_CG_MEMORY].n;

	if (mml_oom_has(limit[MML_OOM_CG_SWAP])) {
		*ret_limit = limit[MML_OOM_CG_SWAP].n;
		*ret_usage = usage[MML_OOM_CG_SWAP].n;
		return true;
	}
	if (!mml_oom_limited(limit[MML_OOM_CG_MEMSW]) || !mml_oom_has(usage[MML_OOM_CG_MEMSW]) ||
	    limit[MML_OOM_CG_MEMSW].n < limit[MML_OOM_CG_MEMORY].n)
		return false;
	*ret_limit = limit[MML_OOM_CG_MEMSW].n - limit[MML_OOM_CG_MEMORY].n;
	*ret_usage = usage[MML_OOM_CG_MEMSW].n > memory ? usage[MML_OOM_CG_MEMSW].n - memory : 0;
	return true;
}

/* mem_cgroup_get_max(): the limit and, where the group may swap, as much swap as it may have and
 * there is. How much there is, a report on a group does not say: no less than the group has. */
static void total_of_group(struct mml_oom_report *r)
{
	const struct mml_oom_cgroup *c = mml_oom_limit(r);
	uint64_t limit, usage;

	if (!c || !mml_oom_has(c->limit[MML_OOM_CG_MEMORY]))
		return;
	r->has_totalpages = true;
	r->totalpages = to_pages(r, c->limit[MML_OOM_CG_MEMORY]);
	r->totalpages_least = true;
	if (!swap_of_group(c, &limit, &usage))
		return;
	r->totalpages_least = usage < limit;
	r->totalpages += (usage < limit ? usage : limit) / (r->page_size.n / 1024);
}

/* Swap, and what is present on the nodes: constrained_alloc(). */
static void total_of_nodes(struct mml_oom_report *r)
{
	const char *mask = r->constraint == MML_OOM_BY_CPUSET ? r->mems_allowed : r->nodemask;
	uint64_t kb = 0;

	for (const struct mml_oom_zone *z = r->zones; z; z = z->next) {
		if (!mml_oom_node_in(mask, z->node))
			continue;
		if (!mml_oom_has(z->item[MML_OOM_PRESENT]))
			return;
		kb += z->item[MML_OOM_PRESENT].n;
	}
	if (!kb)
		return;
	r->has_totalpages = true;
	r->totalpages = kb / (r->page_size.n / 1024) + to_pages(r, r->swap_total);
	/* Zones that the request cannot use are not printed since 6.1, and nodes without memory
	 * never. */
	r->totalpages_least = !mml_oom_has(r->swap_total) || r->request.class < MML_OOM_MOVABLE;
}

static void total_of_machine(struct mml_oom_report *r)
{
	if (!mml_oom_has(r->ram) || !mml_oom_has(r->reserved) || r->reserved.n > r->ram.n)
		return;
	r->has_totalpages = true;
	r->totalpages = r->ram.n - r->reserved.n + to_pages(r, r->swap_total);
	r->totalpages_least = !mml_oom_has(r->swap_total);
}

static void set_total(struct mml_oom_report *r)
{
	if (r->page_size.n < 1024)
		return;
	if (r->kind == MML_OOM_KIND_MEMCG_OOM || r->constraint == MML_OOM_BY_MEMCG || r->cgroups)
		total_of_group(r);
	else if (r->constraint == MML_OOM_BY_CPUSET || r->constraint == MML_OOM_BY_POLICY)
		total_of_nodes(r);
	else
		total_of_machine(r);
}

/* Page tables in pages: a count before 4.15, bytes since. */
static uint64_t table_pages(const struct mml_oom_report *r, const struct mml_oom_task *t)
{
	return has(t, MML_OOM_PGTABLES) ? t->n[MML_OOM_PGTABLES] / r->page_size.n
					: t->n[MML_OOM_NR_PTES] + t->n[MML_OOM_NR_PMDS];
}

/*
 * points = rss + swap + page tables + adj * (total / 1000). Since 5.9 they may be negative, before
 * the least is 1. A bonus of 3 % for CAP_SYS_ADMIN, up to 4.16, is not counted: the table does not
 * say who has it.
 */
static void set_points(const struct mml_oom_report *r, struct mml_oom_task *t)
{
	int64_t adj = has(t, MML_OOM_ADJ) ? (int64_t)t->n[MML_OOM_ADJ] : 0, part;
	uint64_t pages;

	if (!has(t, MML_OOM_RSS) || t->n[MML_OOM_RSS] > INT64_MAX / 8 ||
	    t->n[MML_OOM_SWAPENTS] > INT64_MAX / 8 || adj < -1000 || adj > 1000 ||
	    table_pages(r, t) > INT64_MAX / 8)
		return;
	if (adj && !r->has_totalpages)
		return;
	pages = t->n[MML_OOM_RSS] + t->n[MML_OOM_SWAPENTS] + table_pages(r, t);
	if (__builtin_mul_overflow(adj, (int64_t)(r->totalpages / 1000), &part) ||
	    __builtin_add_overflow(part, (int64_t)pages, &t->points))
		return;
	t->has_points = true;
	t->points_least = !has(t, MML_OOM_SWAPENTS) || (adj && r->totalpages_least);
	if (t->points < 1 && r->version && r->version < MML_VERSION(5, 9, 0))
		t->points = 1;
}

/* The kernel's victims are few, and have ended before long: the reports in the window will do. */
static bool killed_before(const struct mml_oom_report *r, uint64_t pid, uint64_t *ret_line)
{
	for (const struct mml_oom_report *q = r->window; q && q != r; q = q->next) {
		unsigned n = 0;

		for (const struct mml_oom_kill *k = q->kills; k && n < 64; k = k->next, n++)
			if (mml_oom_has(k->pid) && k->pid.n == pid) {
				*ret_line = k->line;
				return true;
			}
	}
	return false;
}

static int by_pid(const void *a, const void *b)
{
	const struct mml_oom_task *const *x = a, *const *y = b;

	return (*x)->n[MML_OOM_PID] < (*y)->n[MML_OOM_PID]
		       ? -1
		       : (*x)->n[MML_OOM_PID] > (*y)->n[MML_OOM_PID];
}

/* Of equal points the later in the walk is taken since 5.9, before the first. */
static int by_points_later(const void *a, const void *b)
{
	const struct mml_oom_task *const *x = a, *const *y = b;

	if ((*x)->points != (*y)->points)
		return (*x)->points > (*y)->points ? -1 : 1;
	return (*x)->line > (*y)->line ? -1 : (*x)->line < (*y)->line;
}

static int by_points_first(const void *a, const void *b)
{
	const struct mml_oom_task *const *x = a, *const *y = b;

	if ((*x)->points != (*y)->points)
		return (*x)->points > (*y)->points ? -1 : 1;
	return (*x)->line < (*y)->line ? -1 : (*x)->line > (*y)->line;
}

static int by_name(const void *a, const void *b)
{
	const struct mml_oom_task *const *x = a, *const *y = b;
	int c = strcmp((*x)->name, (*y)->name);

	return c ? c : by_points_first(a, b);
}

static struct mml_oom_task *find_pid(struct mml_oom_task **tasks, size_t n, uint64_t pid)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (tasks[mid]->n[MML_OOM_PID] < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && tasks[low]->n[MML_OOM_PID] == pid ? tasks[low] : NULL;
}

/* The rows of those that R's own lines say were killed. */
static void mark_killed(struct mml_oom_report *r, struct mml_oom_task **tasks)
{
	for (const struct mml_oom_kill *k = r->kills; k; k = k->next) {
		struct mml_oom_task *t = mml_oom_has(k->pid) && k->message
						 ? find_pid(tasks, r->ntasks, k->pid.n)
						 : NULL;

		if (!t || t->state == MML_OOM_TASK_VICTIM)
			continue;
		t->state = k == r->victim ? MML_OOM_TASK_VICTIM : MML_OOM_TASK_GROUP;
		t->killed_line = k->line;
		/* Where the table was cut at a column, the kill's line has the whole name. */
		if (k->comm && !strncmp(k->comm, t->name, strlen(t->name)))
			t->name = k->comm;
		if (k == r->victim)
			r->victim_task = t;
	}
}

static void set_states(struct mml_oom_report *r)
{
	for (struct mml_oom_task *t = r->tasks; t; t = t->next) {
		t->state = MML_OOM_TASK_CANDIDATE;
		if ((has(t, MML_OOM_ADJ) && (int64_t)t->n[MML_OOM_ADJ] == -1000) ||
		    t->n[MML_OOM_PID] == 1)
			t->state = MML_OOM_TASK_EXEMPT;
		else if (killed_before(r, t->n[MML_OOM_PID], &t->killed_line))
			t->state = MML_OOM_TASK_REAPED;
	}
}

/* Who would be killed first, second, ... */
static void set_ranks(struct mml_oom_report *r, struct mml_oom_task **tasks)
{
	unsigned rank = 0;

	qsort(tasks, r->ntasks, sizeof(*tasks),
	      r->version && r->version < MML_VERSION(5, 9, 0) ? by_points_first : by_points_later);
	for (size_t i = 0; i < r->ntasks; i++) {
		struct mml_oom_task *t = tasks[i];

		if (!t->has_points || t->state == MML_OOM_TASK_EXEMPT ||
		    t->state == MML_OOM_TASK_REAPED)
			continue;
		t->rank = ++rank;
		if (rank == 1)
			r->expected = t;
		if (t->state == MML_OOM_TASK_CANDIDATE && !r->next_task)
			r->next_task = t;
	}
}

/* Tasks of one name that together have most. */
static void set_many(struct mml_oom_report *r, struct mml_oom_task **tasks)
{
	uint64_t sum = 0;
	unsigned n = 0;

	qsort(tasks, r->ntasks, sizeof(*tasks), by_name);
	for (size_t i = 0; i < r->ntasks; i++) {
		bool same = i && !strcmp(tasks[i]->name, tasks[i - 1]->name);

		sum = same ? sum + tasks[i]->n[MML_OOM_RSS] : tasks[i]->n[MML_OOM_RSS];
		n = same ? n + 1 : 1;
		if (n > 1 && sum > r->many_pages) {
			r->many_pages = sum;
			r->many = n;
			r->many_name = tasks[i]->name;
		}
	}
}

static void set_victim(struct mml_oom_report *r)
{
	for (const struct mml_oom_kill *k = r->kills; k && !r->victim; k = k->next)
		if (mml_oom_has(k->pid) && k->message)
			r->victim = k;
}

/* The kernel's own score before 5.3, per mille of what there is: what ours would be. */
static void set_score(struct mml_oom_report *r, struct mml_oom_task **tasks)
{
	const struct mml_oom_task *t;
	uint64_t pid;

	if (!r->victim || !mml_oom_has(r->victim->score) || !r->has_totalpages || !r->totalpages)
		return;
	pid = mml_oom_has(r->victim->chosen_pid) ? r->victim->chosen_pid.n : r->victim->pid.n;
	t = find_pid(tasks, r->ntasks, pid);
	if (!t || !t->has_points || t->points < 0 || t->points > INT64_MAX / 1000)
		return;
	r->has_score = true;
	r->score = (uint64_t)t->points * 1000 / r->totalpages;
}

static uint64_t scope_pages(const struct mml_oom_report *r)
{
	uint64_t kb = 0;

	if (r->page_size.n < 1024)
		return 0;
	if (r->cgroups)
		return mml_oom_limited(r->cgroups->limit[MML_OOM_CG_MEMORY])
			       ? to_pages(r, r->cgroups->limit[MML_OOM_CG_MEMORY])
			       : 0;
	if (r->constraint != MML_OOM_BY_CPUSET && r->constraint != MML_OOM_BY_POLICY)
		return r->balance.managed;
	for (const struct mml_oom_zone *z = r->zones; z; z = z->next)
		if (z->why_not == MML_OOM_NOT_NONE || z->why_not == MML_OOM_NOT_ZONE)
			kb += z->item[MML_OOM_MANAGED].n;
	return kb / (r->page_size.n / 1024);
}

void mml_oom_scores(struct mml_oom_report *r)
{
	struct mml_oom_task **tasks = r->sorted;
	size_t i = 0;

	set_victim(r);
	if (r->kind == MML_OOM_KIND_ALLOC_FAILURE && mml_oom_has(r->pid))
		killed_before(r, r->pid.n, &r->dying_line);
	set_total(r);
	r->scope = scope_pages(r);
	if (!tasks)
		return;
	for (struct mml_oom_task *t = r->tasks; t; t = t->next) {
		tasks[i++] = t;
		/* Before 2.6.36, or where that was not carried back, the score is made of what the
		 * table does not have. */
		if (!r->old_score && r->page_size.n &&
		    (has(t, MML_OOM_ADJ) || r->version >= MML_VERSION(2, 6, 36)))
			set_points(r, t);
	}
	set_states(r);
	qsort(tasks, r->ntasks, sizeof(*tasks), by_pid);
	mark_killed(r, tasks);
	set_score(r, tasks);
	set_many(r, tasks);
	set_ranks(r, tasks);
}
