/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tree.h"

/* What a row can stand for; NULL means a single process. The words are the collector's. */
static const char *const groupings[] = { NULL,     "program", "user",  "cgroup",
					 "unit",   "container", "parent" };

enum { GROUPINGS = sizeof(groupings) / sizeof(*groupings), PARENT = GROUPINGS - 1 };

/* A value that was kept from an earlier sample looks old. */
static enum mml_ink process_ink(void *ctx, const struct mml_row *row, unsigned col, enum mml_ink ink)
{
	const struct mml_column *columns = mml_collector_processes.schema.columns;
	const struct process_view *pv = ctx;
	bool costly = columns[col].needs & columns[PROCESSES_pss].needs;

	if ((costly || col == PROCESSES_age) && mml_has(row, PROCESSES_age) &&
	    row->cell[PROCESSES_age].u64 > pv->fresh_ns)
		return MML_INK_OLD;
	return ink;
}

static size_t tree_order(void *ctx, const struct mml_select *sel, const struct mml_table *table, size_t *ret)
{
	const struct mml_tree tree = { .depth = PROCESSES_depth };

	(void)ctx;
	return mml_tree_order(&tree, sel, table, ret);
}

static const struct mml_grid_hooks hooks = { .ink = process_ink };
static const struct mml_grid_hooks tree_hooks = { .ink = process_ink, .order = tree_order };

static struct mml_grid *grid_of(const struct process_view *pv)
{
	return pv->grids[pv->grouping];
}

static const struct mml_grouping *grouping_of(const char *name)
{
	const struct mml_grouping *g = mml_collector_processes.groupings;

	while (g && g->name && strcmp(g->name, name))
		g++;
	return g && g->name ? g : NULL;
}

/* The grid of a way of looking, with columns and order of its own. Returns 0 or -ENOMEM. */
static int make_grid(struct process_view *pv, size_t way)
{
	const struct mml_grouping *g = way ? grouping_of(groupings[way]) : NULL;
	struct mml_grid *grid = mml_grid_new(&mml_collector_processes.schema);
	char name[64];

	if (!grid)
		return -ENOMEM;
	pv->grids[way] = grid;
	if (way) {
		snprintf(name, sizeof(name), "processes.%s", groupings[way]);
		mml_select_columns(mml_grid_select(grid), g->columns);
		/* In a tree the order is among siblings. */
		mml_select_sort(mml_grid_select(grid), *g->sort ? g->sort : "-rss,pid");
		if (mml_grid_name(grid, name))
			return -ENOMEM;
	} else {
		/* Only what takes one or two small files of each process. */
		mml_select_columns(mml_grid_select(grid),
				   "pid,user,state,rss,rss_anon,rss_shmem,swap,maj_faults_rate,command");
	}
	mml_grid_hook(grid, way == PARENT ? &tree_hooks : &hooks, pv);
	mml_grid_changed(grid);
	return mml_grid_trail(grid, way && way != PARENT ? PROCESSES_pss : PROCESSES_rss);
}

static int process_open(struct mml_view *view)
{
	return make_grid((struct process_view *)view, 0);
}

static void process_close(struct mml_view *view)
{
	struct process_view *pv = (struct process_view *)view;

	for (size_t i = 0; i < PROCESS_WAYS; i++)
		mml_grid_free(pv->grids[i]);
}

static void process_want(struct mml_view *view, struct mml_wants *ret)
{
	struct process_view *pv = (struct process_view *)view;
	const struct mml_row *rows[VISIBLE];
	struct mml_query *query = mml_want_select(ret, mml_grid_select(grid_of(pv)));
	size_t n = mml_grid_visible(grid_of(pv), rows, VISIBLE);

	if (!query)
		return;
	pv->nvisible = 0;
	for (size_t i = 0; i < n; i++)
		if (mml_has(rows[i], PROCESSES_pid))
			pv->visible[pv->nvisible++] = (pid_t)rows[i]->cell[PROCESSES_pid].u64;
	query->reading.first = pv->visible;
	query->reading.nfirst = pv->nvisible;
	query->scope.by = pv->grouping ? groupings[pv->grouping] : "";
}

static void process_sample(struct mml_view *view, const struct mml_moment *moment, bool fresh)
{
	struct process_view *pv = (struct process_view *)view;
	const struct mml_table *table = mml_look_table(moment, "processes");

	(void)fresh;
	if (moment->now)
		pv->fresh_ns = moment->now->interval_ns + moment->now->interval_ns / 2;
	pv->count = pv->memory = 0;
	pv->oldest_ns = 0;
	for (size_t i = 0; table && i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);

		pv->count++;
		pv->memory += mml_has(row, PROCESSES_vsize);
		if (mml_has(row, PROCESSES_age) && row->cell[PROCESSES_age].u64 > pv->oldest_ns)
			pv->oldest_ns = row->cell[PROCESSES_age].u64;
	}
	mml_grid_sample(grid_of(pv), moment);
}

static bool shows(const struct mml_select *sel, unsigned col);

/* How many there are; where PSS is shown, and why some have none. */
static void process_headline(struct mml_view *view, const struct mml_moment *moment,
			     struct mml_headline *ret)
{
	const struct process_view *pv = (const struct process_view *)view;
	const struct mml_table *table = mml_look_table(moment, "processes");
	const char *by = groupings[pv->grouping];
	bool one_by_one = !by || pv->grouping == PARENT, pss = shows(mml_grid_select(grid_of(pv)), PROCESSES_pss);
	char age[MML_NUMBER_MAX], why[192];
	int len;

	if (!table || table->error)
		return;
	if (!one_by_one) {
		snprintf(ret->text, sizeof(ret->text), "Processes  by %s: %zu", by, pv->count);
		return;
	}
	/* What is missing comes first: a narrow screen cuts the end. */
	if (pss && mml_look_unread(table, "pss", sizeof(why), why, sizeof(why)))
		len = snprintf(ret->text, sizeof(ret->text), "PSS: %.120s; %zu processes, %zu with memory%s", why,
			       pv->count, pv->memory, by ? ", as a tree" : "");
	else
		len = snprintf(ret->text, sizeof(ret->text), "Processes  %zu, %zu with memory%s", pv->count,
			       pv->memory, by ? ", as a tree" : "");
	if (pss && pv->oldest_ns > pv->fresh_ns) {
		mml_format_nsec(age, pv->oldest_ns);
		snprintf(ret->text + len, sizeof(ret->text) - (size_t)len, "; the oldest PSS is of %s ago", age);
	}
}

static void process_draw(struct mml_view *view, const struct mml_moment *moment,
			 const struct mml_canvas *canvas)
{
	mml_grid_draw(grid_of((struct process_view *)view), moment, canvas);
}

/* Another way of looking; false: out of memory. */
static bool look_by(struct process_view *pv, size_t way)
{
	if (!pv->grids[way] && make_grid(pv, way)) {
		mml_grid_free(pv->grids[way]);
		pv->grids[way] = NULL;
		return false;
	}
	mml_grid_forget(grid_of(pv));
	pv->grouping = way;
	return true;
}

static bool shows(const struct mml_select *sel, unsigned col)
{
	for (size_t i = 0; i < sel->ncolumns; i++)
		if (sel->columns[i] == col)
			return true;
	return false;
}

/* Shows PSS, USS and their age in front of the names at the end, or hides them again. */
static void toggle_costly(struct process_view *pv)
{
	struct mml_select *sel = mml_grid_select(grid_of(pv));
	unsigned cols[3] = { PROCESSES_pss, PROCESSES_uss, PROCESSES_age };
	bool had = shows(sel, PROCESSES_pss);
	size_t n = 0, at;

	for (size_t i = 0; i < sel->ncolumns; i++)
		if (sel->columns[i] != cols[0] && sel->columns[i] != cols[1] &&
		    sel->columns[i] != cols[2])
			sel->columns[n++] = sel->columns[i];
	sel->ncolumns = n;
	if (had) {
		if (sel->nkeys && sel->keys[0].column == PROCESSES_pss)
			mml_select_sort(sel, "-rss,pid");
	} else {
		at = n;
		while (at && mml_collector_processes.schema.columns[sel->columns[at - 1]].type == MML_STR)
			at--;
		memmove(&sel->columns[at + 3], &sel->columns[at], (n - at) * sizeof(unsigned));
		memcpy(&sel->columns[at], cols, sizeof(cols));
		sel->ncolumns = n + 3;
		mml_select_sort(sel, "-pss,-rss,pid");
	}
	mml_grid_changed(grid_of(pv));
}

/* Writes a filter into RET that selects the processes of the group under the cursor. */
static bool group_filter(const struct process_view *pv, const char *name, char *ret, size_t size)
{
	const char *by = groupings[pv->grouping];

	if (!strcmp(name, "(kernel threads)"))
		snprintf(ret, size, "kthread = yes");
	else if (*name == '(' || strpbrk(name, "'\\"))
		return false;
	else if (!strcmp(by, "program"))
		snprintf(ret, size, "comm = '%s' and kthread = no", name);
	else if (!strcmp(by, "unit"))
		snprintf(ret, size, "unit = '%s' or container = '%s'", name, name);
	else
		snprintf(ret, size, "%s = '%s'", by, name);
	return strlen(ret) + 1 < size;
}

/* A control group has a view of its own. */
static bool open_cgroup(const char *path, struct mml_action *ret)
{
	if (*path != '/' || strlen(path) >= sizeof(ret->target.group))
		return false;
	ret->kind = MML_OPEN;
	ret->view = "cgroup";
	snprintf(ret->target.group, sizeof(ret->target.group), "%s", path);
	snprintf(ret->target.title, sizeof(ret->target.title), "%.63s", strrchr(path, '/')[1] ? strrchr(path, '/') + 1 : path);
	return true;
}

static void enter(const struct process_view *pv, struct mml_action *ret)
{
	const struct mml_row *row = mml_grid_row(grid_of(pv));
	unsigned group = PROCESSES_group, comm = PROCESSES_comm;

	if (!row)
		return;
	if (mml_has(row, group)) {
		if (!strcmp(groupings[pv->grouping], "cgroup") && open_cgroup(row->cell[group].str, ret))
			return;
		if (group_filter(pv, row->cell[group].str, ret->target.filter,
				 sizeof(ret->target.filter))) {
			ret->kind = MML_OPEN;
			ret->view = "processes";
			snprintf(ret->target.title, sizeof(ret->target.title), "%s %s",
				 groupings[pv->grouping], row->cell[group].str);
			return;
		}
		ret->kind = MML_MESSAGE;
		snprintf(ret->message, sizeof(ret->message), "%s: no filter can say this",
			 row->cell[group].str);
		return;
	}
	if (!mml_has(row, PROCESSES_vsize)) {
		ret->kind = MML_MESSAGE;
		snprintf(ret->message, sizeof(ret->message),
			 "it has no memory of its own: a kernel thread, or dead and not waited for");
		return;
	}
	ret->kind = MML_OPEN;
	ret->view = "vmas";
	ret->target.pid = (pid_t)row->cell[PROCESSES_pid].u64;
	snprintf(ret->target.title, sizeof(ret->target.title), "%d %s", (int)ret->target.pid,
		 mml_has(row, comm) ? row->cell[comm].str : "");
}

static bool process_input(struct mml_view *view, const struct mml_moment *moment,
			  const struct mml_input *in, struct mml_action *ret)
{
	struct process_view *pv = (struct process_view *)view;
	bool done = true;

	(void)moment;
	if (in->what == MML_DO_ENTER) {
		enter(pv, ret);
		return true;
	}
	if (in->what == MML_DO_TREE)
		done = look_by(pv, in->key == MML_F(5) ? (pv->grouping == PARENT ? 0 : PARENT)
						       : (pv->grouping + 1) % GROUPINGS);
	else if (in->key == 'u')
		done = look_by(pv, pv->grouping == 2 ? 0 : 2);
	else if (in->key == 'p')
		toggle_costly(pv);
	else
		return false;
	if (!done) {
		ret->kind = MML_MESSAGE;
		snprintf(ret->message, sizeof(ret->message), "out of memory");
		return true;
	}
	/* What is wanted is something else now. */
	ret->kind = MML_SAMPLE;
	return true;
}

static struct mml_grid *process_grid(struct mml_view *view)
{
	return grid_of((struct process_view *)view);
}

static struct mml_grid *process_grids(struct mml_view *view, size_t i)
{
	return i < PROCESS_WAYS ? ((struct process_view *)view)->grids[i] : NULL;
}

static const char *process_enter(struct mml_view *view)
{
	const struct process_view *pv = (const struct process_view *)view;

	if (!mml_grid_row(grid_of(pv)))
		return NULL;
	if (!pv->grouping || pv->grouping == PARENT)
		return "mappings";
	return strcmp(groupings[pv->grouping], "cgroup") ? "processes" : "what is in it";
}

static const struct mml_view_key keys[] = {
	{ "Enter", "the mappings of the process; the processes of the group; what is in a control group", NULL },
	{ "t", "by program, user, cgroup, unit, container, as a tree, then one by one again", "group" },
	{ "F5", "as a tree by parent, and back", NULL },
	{ "u", "by user, and back", NULL },
	{ "p", "with PSS, USS and their age, and without; old values have a ~", "PSS" },
	{ NULL, NULL, NULL },
};

static const struct mml_view_sort sorts[] = {
	{ 'S', "rss", "size", false },	 { 'X', "rss", "change", true },
	{ 'P', "pss", "pss", false },	 { 'R', "maj_faults_rate", "major faults", false },
	{ 'A', "comm", "name", false },	 { 0, NULL, NULL, false },
};

const struct mml_view_ops mml_view_processes = {
	.name = "processes",
	.help = "Who holds the memory: processes, by program, user, control group, or as a tree.",
	.size = sizeof(struct process_view),
	.keys = keys,
	.sorts = sorts,
	.headline = process_headline,
	.enter = process_enter,
	.open = process_open,
	.close = process_close,
	.want = process_want,
	.sample = process_sample,
	.draw = process_draw,
	.input = process_input,
	.grid = process_grid,
	.grids = process_grids,
};
