/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a row can stand for; NULL means a single process. The words are the collector's. */
static const char *const groupings[] = { NULL,     "program", "user",  "cgroup",
					 "unit",   "container", "parent" };

enum { GROUPINGS = sizeof(groupings) / sizeof(*groupings), PARENT = GROUPINGS - 1 };

/* A value that was kept from an earlier sample looks old. */
static enum mml_ink process_ink(void *ctx, const struct mml_row *row, unsigned col,
				enum mml_ink ink)
{
	const struct process_view *pv = ctx;

	if (mml_has(row, PROCESSES_age) && row->cell[PROCESSES_age].u64 > pv->fresh_ns &&
	    (mml_collector_processes.schema.columns[col].needs & mml_collector_processes.schema.columns[PROCESSES_pss].needs || col == PROCESSES_age))
		return MML_INK_OLD;
	if (col == PROCESSES_growth && mml_has(row, col))
		return row->cell[col].i64 > 0 ? MML_INK_WARN : MML_INK_DIM;
	return ink;
}

static const struct mml_grid_hooks hooks = { .ink = process_ink };
static const struct mml_grid_hooks tree_hooks = { .ink = process_ink, .order = process_tree_order };

static int process_open(struct mml_view *view)
{
	struct process_view *pv = (struct process_view *)view;

	pv->grid = mml_grid_new(&mml_collector_processes.schema);
	if (!pv->grid)
		return -ENOMEM;
	/* By default these columns are shown, because stat and statm cost least to read. */
	mml_select_columns(mml_grid_select(pv->grid), "pid,user,state,threads,vsize,rss,growth,"
						      "rss_anon,min_faults_rate,maj_faults_rate,"
						      "command");
	mml_grid_hook(pv->grid, &hooks, pv);
	return 0;
}

static void process_close(struct mml_view *view)
{
	struct process_view *pv = (struct process_view *)view;

	mml_grid_free(pv->grid);
}

static void process_want(struct mml_view *view, struct mml_wants *ret)
{
	struct process_view *pv = (struct process_view *)view;
	const struct mml_row *rows[VISIBLE];
	struct mml_query *query = mml_want_select(ret, mml_grid_select(pv->grid));
	size_t n = mml_grid_visible(pv->grid, rows, VISIBLE);

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
	pv->count = pv->memory = pv->read = 0;
	pv->oldest_ns = 0;
	for (size_t i = 0; table && i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);

		pv->count++;
		pv->memory += mml_has(row, PROCESSES_vsize);
		pv->read += mml_has(row, PROCESSES_pss);
		if (mml_has(row, PROCESSES_age) && row->cell[PROCESSES_age].u64 > pv->oldest_ns)
			pv->oldest_ns = row->cell[PROCESSES_age].u64;
	}
	mml_grid_sample(pv->grid, moment);
}

/* Draws how many processes there are. Where PSS is shown, it also tells how far the reading has
 * come. */
static void draw_head(const struct process_view *pv, const struct mml_canvas *canvas)
{
	const char *by = groupings[pv->grouping];
	char num[MML_NUMBER_MAX] = "";
	int x;

	if (by && pv->grouping != PARENT)
		x = mml_drawf(canvas, 0, 0, MML_INK_LABEL, "%zu by %s", pv->count, by);
	else
		x = mml_drawf(canvas, 0, 0, MML_INK_LABEL, "%zu processes, %zu with memory%s",
			      pv->count, pv->memory, by ? ", as a tree" : "");
	if (!pv->read)
		return;
	if (!by || pv->grouping == PARENT)
		x += mml_drawf(canvas, 0, x, MML_INK_LABEL, ", PSS of %zu", pv->read);
	if (pv->oldest_ns > pv->fresh_ns) {
		mml_format_nsec(num, pv->oldest_ns);
		mml_drawf(canvas, 0, x, MML_INK_OLD, ", oldest %s", num);
	}
}

static void process_draw(struct mml_view *view, const struct mml_moment *moment,
			 const struct mml_canvas *canvas)
{
	struct process_view *pv = (struct process_view *)view;
	bool room = canvas->rows >= 6 && pv->count;
	struct mml_canvas rows = mml_canvas_part(canvas, room, 0, canvas->rows - room, canvas->cols);

	if (room)
		draw_head(pv, canvas);
	mml_grid_draw(pv->grid, moment, &rows);
}

static void load(struct mml_select *sel, const struct process_columns *from)
{
	memcpy(sel->columns, from->columns, from->ncolumns * sizeof(*from->columns));
	memcpy(sel->keys, from->keys, sizeof(sel->keys));
	sel->ncolumns = from->ncolumns;
	sel->nkeys = from->nkeys;
}

static void save(struct process_columns *to, const struct mml_select *sel)
{
	memcpy(to->columns, sel->columns, sel->ncolumns * sizeof(*to->columns));
	memcpy(to->keys, sel->keys, sizeof(to->keys));
	to->ncolumns = sel->ncolumns;
	to->nkeys = sel->nkeys;
}

static const struct mml_grouping *grouping_of(const char *name)
{
	const struct mml_grouping *g = mml_collector_processes.groupings;

	while (g && g->name && strcmp(g->name, name))
		g++;
	return g && g->name ? g : NULL;
}

/* Changes what the rows stand for. Each choice keeps its own columns and order while the view is
 * open. */
static void look_by(struct process_view *pv, size_t grouping)
{
	struct mml_select *sel = mml_grid_select(pv->grid);
	const struct mml_grouping *g = grouping ? grouping_of(groupings[grouping]) : NULL;

	if (grouping == pv->grouping || (grouping && !g))
		return;
	save(&pv->columns[pv->grouping], sel);
	pv->grouping = grouping;
	if (pv->columns[grouping].ncolumns) {
		load(sel, &pv->columns[grouping]);
	} else {
		mml_select_columns(sel, g->columns);
		/* In a tree, the order is that of siblings. */
		mml_select_sort(sel, *g->sort ? g->sort : "-rss,pid");
	}
	mml_grid_hook(pv->grid, grouping == PARENT ? &tree_hooks : &hooks, pv);
	mml_grid_changed(pv->grid);
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
	struct mml_select *sel = mml_grid_select(pv->grid);
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
	mml_grid_changed(pv->grid);
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

static void enter(const struct process_view *pv, struct mml_action *ret)
{
	const struct mml_row *row = mml_grid_row(pv->grid);
	unsigned group = PROCESSES_group, comm = PROCESSES_comm;

	if (!row)
		return;
	if (mml_has(row, group)) {
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

	(void)moment;
	if (in->what == MML_DO_ENTER) {
		enter(pv, ret);
		return true;
	}
	if (in->what == MML_DO_TREE)
		look_by(pv, pv->grouping == PARENT ? 0 : PARENT);
	else if (in->key == 'b')
		look_by(pv, (pv->grouping + 1) % PARENT);
	else if (in->key == 'u')
		look_by(pv, pv->grouping == 2 ? 0 : 2);
	else if (in->key == 'p')
		toggle_costly(pv);
	else
		return false;
	/* The columns have changed, and with them what is to be read. */
	ret->kind = MML_SAMPLE;
	return true;
}

static struct mml_grid *process_grid(struct mml_view *view)
{
	return ((struct process_view *)view)->grid;
}

static const struct mml_view_key keys[] = {
	{ "Enter", "the mappings of the process; the processes of the group" },
	{ "t F5", "tree by parent, and back" },
	{ "b", "by program, user, cgroup, unit, container, then one by one again" },
	{ "u", "by user, and back" },
	{ "p", "PSS, USS and their age, and without; old values are marked" },
	{ NULL, NULL },
};

const struct mml_view_ops mml_view_processes = {
	.name = "processes",
	.help = "Who holds the memory: processes, by program, user, control group, or as a tree.",
	.size = sizeof(struct process_view),
	.keys = keys,
	.open = process_open,
	.close = process_close,
	.want = process_want,
	.sample = process_sample,
	.draw = process_draw,
	.input = process_input,
	.grid = process_grid,
};
