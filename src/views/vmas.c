/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../collectors/vma/vmas.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../collectors/registry.h"
#include "../ui/grid.h"
#include "look.h"
#include "strip.h"
#include "../ui/view.h"

/* What the grid shows: processes to choose from, mappings, or mappings merged by name. */
enum vmas_way { CHOOSE, BY_ADDRESS, BY_NAME, WAYS };

struct vmas_view {
	struct mml_view view;
	struct mml_grid *grids[WAYS];
	enum vmas_way way;
	struct mml_strip strip;
	bool ordered; /* the order was chosen by how many mappings there are */
	uint64_t size, rss, mappings; /* sums */
	bool has_rss;
};

static bool choosing(const struct vmas_view *v)
{
	return v->way == CHOOSE;
}

static struct mml_grid *grid_of(const struct vmas_view *v)
{
	return v->grids[v->way];
}

static int make_grid(struct vmas_view *v, enum vmas_way way)
{
	static const char *const names[] = { "processes.choose", "vmas", "vmas.name" };
	const struct mml_collector *c = mml_collector_find(way == CHOOSE ? "processes" : "vmas");
	struct mml_grid *grid = c ? mml_grid_new(&c->schema) : NULL;
	struct mml_select *sel;

	v->grids[way] = grid;
	if (!grid || mml_grid_name(grid, names[way]))
		return -ENOMEM;
	sel = mml_grid_select(grid);
	if (way == CHOOSE) {
		mml_select_columns(sel, "pid,rss,swap,threads,comm");
		mml_select_sort(sel, "-rss");
	} else if (way == BY_NAME) {
		mml_select_columns(sel, c->groupings->columns);
		mml_select_sort(sel, c->groupings->sort);
	} else {
		/* The process stands in the line above. */
		mml_select_columns(sel, "start,size,rss,pss,anonymous,swap,perms,kind,name");
	}
	mml_grid_changed(grid);
	return way == BY_ADDRESS ? mml_grid_trail(grid, VMAS_rss) : 0;
}

static int vmas_open(struct mml_view *view)
{
	struct vmas_view *v = (struct vmas_view *)view;

	v->way = view->target.pid ? BY_ADDRESS : CHOOSE;
	return make_grid(v, v->way);
}

static void vmas_close(struct mml_view *view)
{
	struct vmas_view *v = (struct vmas_view *)view;

	for (int i = 0; i < WAYS; i++)
		mml_grid_free(v->grids[i]);
	mml_strip_free(&v->strip);
}

static void vmas_want(struct mml_view *view, struct mml_wants *ret)
{
	struct vmas_view *v = (struct vmas_view *)view;
	struct mml_query *query = mml_want_select(ret, mml_grid_select(grid_of(v)));

	if (!query || choosing(v))
		return;
	mml_scope_set_pid(&query->scope, &view->target.pid);
	query->scope.by = v->way == BY_NAME ? "name" : NULL;
	query = v->way == BY_ADDRESS ? mml_want(ret, "mm", "name,number") : NULL;
	if (query)
		mml_scope_set_pid(&query->scope, &view->target.pid);
}

static uint64_t cell(const struct mml_row *row, unsigned col)
{
	return mml_has(row, col) ? row->cell[col].u64 : 0;
}

static void add_sums(struct vmas_view *v, const struct mml_row *row)
{
	v->size += cell(row, VMAS_size);
	v->rss += cell(row, VMAS_rss);
	v->mappings += cell(row, VMAS_mappings);
	v->has_rss |= mml_has(row, VMAS_rss);
}

/* By address while all fit on a screen, else by what is in memory: chosen once. */
static void choose_order(struct vmas_view *v, const struct mml_table *table)
{
	enum { SCREENFUL = 24 };

	if (v->ordered || v->way != BY_ADDRESS || !table->nrows)
		return;
	v->ordered = true;
	if (table->nrows > SCREENFUL && !*v->view.target.sort && v->has_rss)
		mml_select_sort(mml_grid_select(grid_of(v)), "-rss,start");
}

static void vmas_sample(struct mml_view *view, const struct mml_moment *moment, bool fresh)
{
	struct vmas_view *v = (struct vmas_view *)view;
	const struct mml_table *table = choosing(v) ? NULL : mml_look_table(moment, "vmas");

	if (!fresh && v->mappings) {
		mml_grid_sample(grid_of(v), moment);
		return;
	}
	v->size = v->rss = v->mappings = 0;
	v->has_rss = false;
	for (size_t i = 0; table && i < table->nrows; i++)
		add_sums(v, mml_table_row(table, i));
	if (table)
		choose_order(v, table);
	mml_grid_sample(grid_of(v), moment);
	if (table && v->way == BY_ADDRESS && mml_strip_make(&v->strip, table))
		mml_strip_free(&v->strip);
	mml_strip_mark(&v->strip, choosing(v) ? NULL : mml_look_table(moment, "mm"));
}

static void vmas_headline(struct mml_view *view, const struct mml_moment *moment, struct mml_headline *ret)
{
	const struct vmas_view *v = (const struct vmas_view *)view;
	char size[MML_LOOK_TEXT], rss[MML_LOOK_TEXT];
	int len;

	if (choosing(v)) {
		snprintf(ret->text, sizeof(ret->text), "Mappings  choose a process");
		return;
	}
	if (!v->mappings)
		return;
	len = snprintf(ret->text, sizeof(ret->text), "%" PRIu64 " mappings, %.20s of addresses", v->mappings,
		       mml_look_size((double)v->size, &moment->style, size));
	if (v->has_rss)
		snprintf(ret->text + len, sizeof(ret->text) - (size_t)len, ", %.20s in memory",
			 mml_look_size((double)v->rss, &moment->style, rss));
}

static void vmas_draw(struct mml_view *view, const struct mml_moment *moment,
		      const struct mml_canvas *canvas)
{
	struct vmas_view *v = (struct vmas_view *)view;
	const struct mml_row *row = mml_grid_row(grid_of(v));
	int top = v->way == BY_ADDRESS && v->strip.n && canvas->rows >= 9 ? 3 : 0;
	struct mml_canvas part = mml_canvas_part(canvas, 0, 0, top, canvas->cols);

	if (top)
		mml_strip_draw(&v->strip, &part, row ? cell(row, VMAS_start) : 0);
	part = mml_canvas_part(canvas, top, 0, canvas->rows - top, canvas->cols);
	mml_grid_draw(grid_of(v), moment, &part);
}

static void toggle_names(struct vmas_view *v)
{
	enum vmas_way way = v->way == BY_NAME ? BY_ADDRESS : BY_NAME;

	if (!v->grids[way] && make_grid(v, way))
		return;
	mml_grid_forget(grid_of(v));
	v->way = way;
}

static void enter(struct vmas_view *v, struct mml_action *ret)
{
	const struct mml_row *row = mml_grid_row(grid_of(v));
	const struct mml_table like = { .schema = mml_grid_select(grid_of(v))->schema };
	const char *name;
	uint64_t pid;

	if (!row)
		return;
	if (choosing(v)) {
		if (!mml_look_u64(&like, row, "pid", &pid))
			return;
		name = mml_look_str(&like, row, "comm");
		ret->view = "vmas";
		ret->target.pid = (pid_t)pid;
		snprintf(ret->target.title, sizeof(ret->target.title), "%" PRIu64 " %s", pid,
			 name ? name : "");
	} else if (v->way == BY_NAME) {
		ret->kind = MML_MESSAGE;
		snprintf(ret->message, sizeof(ret->message),
			 "several mappings: t shows them one by one");
		return;
	} else if (!strcmp(row->cell[VMAS_kind].str, "vsyscall")) {
		ret->kind = MML_MESSAGE;
		snprintf(ret->message, sizeof(ret->message),
			 "[vsyscall] is the kernel's: it has no pages of this process");
		return;
	} else {
		ret->view = "pages";
		ret->target.pid = v->view.target.pid;
		ret->target.start = row->cell[VMAS_start].u64;
		ret->target.end = row->cell[VMAS_end].u64;
		snprintf(ret->target.title, sizeof(ret->target.title), "%" PRIx64 " %.40s",
			 ret->target.start,
			 mml_has(row, VMAS_name) ? row->cell[VMAS_name].str :
						   row->cell[VMAS_kind].str);
	}
	ret->kind = MML_OPEN;
}

static bool vmas_input(struct mml_view *view, const struct mml_moment *moment,
		       const struct mml_input *in, struct mml_action *ret)
{
	struct vmas_view *v = (struct vmas_view *)view;

	(void)moment;
	if (in->what == MML_DO_ENTER) {
		enter(v, ret);
		return true;
	}
	if (in->key == 'x' && v->way == BY_ADDRESS) {
		const struct mml_row *row = mml_grid_row(grid_of(v));

		mml_strip_zoom(&v->strip, row ? cell(row, VMAS_start) : 0);
		return true;
	}
	if (in->what != MML_DO_TREE || choosing(v))
		return false;
	toggle_names(v);
	ret->kind = MML_SAMPLE;
	return true;
}

static struct mml_grid *vmas_grid(struct mml_view *view)
{
	return grid_of((struct vmas_view *)view);
}

static struct mml_grid *vmas_grids(struct mml_view *view, size_t i)
{
	return i < WAYS ? ((struct vmas_view *)view)->grids[i] : NULL;
}

static const char *vmas_enter(struct mml_view *view)
{
	const struct vmas_view *v = (const struct vmas_view *)view;

	return choosing(v) ? "its mappings" : v->way == BY_ADDRESS ? "its pages" : NULL;
}

static bool vmas_idle(struct mml_view *view, const struct mml_view_key *key)
{
	const struct vmas_view *v = (const struct vmas_view *)view;

	return choosing(v) || (*key->shown == 'x' && v->way != BY_ADDRESS);
}

static const struct mml_view_key keys[] = {
	{ "Enter", "the pages of the mapping", NULL },
	{ "t F5", "merge mappings of one name, and part them again", "by name" },
	{ "x", "the part of the address space that the cursor is in alone, and all of it again", "zoom" },
	{ NULL, NULL, NULL },
};

static const struct mml_view_sort sorts[] = {
	{ 'S', "rss", "size", false }, { 'X', "rss", "change", true },
	{ 'P', "pss", "pss", false },  { 'D', "private_dirty", "dirty", false },
	{ 'A', "name", "name", false }, { 0, NULL, NULL, false },
};

const struct mml_view_ops mml_view_vmas = {
	.name = "vmas",
	.help = "A process's mappings: what they are, where they lie, and what of them is in memory.",
	.size = sizeof(struct vmas_view),
	.chooses = true,
	.keys = keys,
	.sorts = sorts,
	.headline = vmas_headline,
	.enter = vmas_enter,
	.idle = vmas_idle,
	.open = vmas_open,
	.close = vmas_close,
	.want = vmas_want,
	.sample = vmas_sample,
	.draw = vmas_draw,
	.input = vmas_input,
	.grid = vmas_grid,
	.grids = vmas_grids,
};
