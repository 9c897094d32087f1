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

struct vmas_view {
	struct mml_view view;
	struct mml_grid *grid; /* the mappings, or without a process those to choose from */
	struct mml_strip strip;
	bool by_name;
	uint64_t size, rss, pss, swap, mappings; /* sums over all rows */
	uint64_t kinds[16];                      /* resident bytes by place in mml_kind_looks */
	bool has_pss, has_rss;
};

static bool choosing(const struct vmas_view *v)
{
	return !v->view.target.pid;
}

static int vmas_open(struct mml_view *view)
{
	struct vmas_view *v = (struct vmas_view *)view;
	const struct mml_collector *c = mml_collector_find(choosing(v) ? "processes" : "vmas");

	v->grid = c ? mml_grid_new(&c->schema) : NULL;
	if (!v->grid)
		return -ENOMEM;
	if (choosing(v)) {
		mml_select_columns(mml_grid_select(v->grid), "pid,rss,swap,threads,comm");
		mml_select_sort(mml_grid_select(v->grid), "-rss");
		mml_grid_changed(v->grid);
	}
	return 0;
}

static void vmas_close(struct mml_view *view)
{
	struct vmas_view *v = (struct vmas_view *)view;

	mml_grid_free(v->grid);
	mml_strip_free(&v->strip);
}

static void vmas_want(struct mml_view *view, struct mml_wants *ret)
{
	struct vmas_view *v = (struct vmas_view *)view;
	struct mml_query *query = mml_want_select(ret, mml_grid_select(v->grid));

	if (!query || choosing(v))
		return;
	mml_scope_set_pid(&query->scope, &view->target.pid);
	query->scope.by = v->by_name ? "name" : NULL;
}

static uint64_t cell(const struct mml_row *row, unsigned col)
{
	return mml_has(row, col) ? row->cell[col].u64 : 0;
}

static void add_sums(struct vmas_view *v, const struct mml_row *row)
{
	v->size += cell(row, VMAS_size);
	v->rss += cell(row, VMAS_rss);
	v->pss += cell(row, VMAS_pss);
	v->swap += cell(row, VMAS_swap);
	v->mappings += cell(row, VMAS_mappings);
	v->has_rss |= mml_has(row, VMAS_rss);
	v->has_pss |= mml_has(row, VMAS_pss);
	if (mml_has(row, VMAS_kind))
		v->kinds[mml_kind_look(row->cell[VMAS_kind].str) - mml_kind_looks] +=
			cell(row, VMAS_rss);
}

static void vmas_sample(struct mml_view *view, const struct mml_moment *moment, bool fresh)
{
	struct vmas_view *v = (struct vmas_view *)view;
	const struct mml_table *table = choosing(v) ? NULL : mml_look_table(moment, "vmas");

	(void)fresh;
	mml_grid_sample(v->grid, moment);
	if (!table)
		return;
	v->size = v->rss = v->pss = v->swap = v->mappings = 0;
	v->has_rss = v->has_pss = false;
	memset(v->kinds, 0, sizeof(v->kinds));
	for (size_t i = 0; i < table->nrows; i++)
		add_sums(v, mml_table_row(table, i));
	if (mml_strip_make(&v->strip, table))
		mml_strip_free(&v->strip);
}

/* A number that does not fit is left out, since a cut one would be wrong. */
static int put(const struct mml_canvas *canvas, int y, int x, const char *label, enum mml_ink ink,
	       const char *value)
{
	if (x + (int)strlen(label) + (int)strlen(value) > canvas->cols)
		return canvas->cols;
	x += mml_draw(canvas, y, x, MML_INK_LABEL, label);
	return x + mml_draw(canvas, y, x, ink, value) + 2;
}

static void draw_sums(const struct vmas_view *v, const struct mml_moment *moment,
		      const struct mml_canvas *canvas)
{
	enum mml_ink ink = moment->old ? MML_INK_OLD : MML_INK_BOLD;
	const struct mml_style *style = &moment->style;
	char text[MML_LOOK_TEXT];
	int x = 0;

	x = put(canvas, 0, x, "size ", ink, mml_look_size((double)v->size, style, text));
	if (v->has_rss)
		x = put(canvas, 0, x, "rss ", ink, mml_look_size((double)v->rss, style, text));
	if (v->has_pss)
		x = put(canvas, 0, x, "pss ", ink, mml_look_size((double)v->pss, style, text));
	if (v->has_rss)
		x = put(canvas, 0, x, "swap ", ink, mml_look_size((double)v->swap, style, text));
	snprintf(text, sizeof(text), "%" PRIu64, v->mappings);
	x = put(canvas, 0, x, "mappings ", ink, text);
	snprintf(text, sizeof(text), "%u-bit, in %zu parts", v->strip.bits, v->strip.parts);
	if (!v->by_name)
		put(canvas, 0, x, "space ", MML_INK_NORMAL, text);
}

/* Draws which letter stands for which kind, and how much of it is in memory. */
static void draw_legend(const struct vmas_view *v, const struct mml_moment *moment,
			const struct mml_canvas *canvas, int y)
{
	int x = 0;

	for (size_t i = 0; mml_kind_looks[i].kind; i++) {
		const struct mml_kind_look *look = &mml_kind_looks[i];
		char text[MML_LOOK_TEXT], size[MML_LOOK_TEXT];

		if (!v->kinds[i])
			continue;
		snprintf(text, sizeof(text), "%.16s %.32s", look->kind,
			 mml_look_size((double)v->kinds[i], &moment->style, size));
		if (x + 2 + (int)strlen(text) > canvas->cols)
			return;
		mml_draw_char(canvas, y, x, look->ink, (unsigned char)look->letter);
		x += 2 + mml_draw(canvas, y, x + 2, MML_INK_NORMAL, text) + 2;
	}
}

/* Draws the sums, strip, mark, addresses and legend from the top, as many of them as leave room for
 * rows. Returns how many rows they took. */
static int draw_top(const struct vmas_view *v, const struct mml_moment *moment,
		    const struct mml_canvas *canvas)
{
	const struct mml_row *row = mml_grid_row(v->grid);
	int room = canvas->rows - 4, strip_rows;
	struct mml_canvas strip;

	if (room < 1 || !v->mappings)
		return 0;
	draw_sums(v, moment, canvas);
	if (v->by_name || room < 4 || !v->strip.n)
		return 1;
	strip_rows = room >= 10 ? 3 : 2;
	strip = mml_canvas_part(canvas, 1, 0, strip_rows, canvas->cols);
	mml_strip_draw(&v->strip, &strip, row ? cell(row, VMAS_start) : 0,
		       row ? cell(row, VMAS_end) : 0);
	if (room < 10)
		return 1 + strip_rows;
	draw_legend(v, moment, canvas, 1 + strip_rows);
	return 2 + strip_rows;
}

static void vmas_draw(struct mml_view *view, const struct mml_moment *moment,
		      const struct mml_canvas *canvas)
{
	struct vmas_view *v = (struct vmas_view *)view;
	struct mml_canvas rows;
	int top;

	if (choosing(v)) {
		top = canvas->rows >= 6;
		if (top)
			mml_draw(canvas, 0, 0, MML_INK_LABEL, "Enter: the mappings of a process");
	} else {
		top = draw_top(v, moment, canvas);
	}
	rows = mml_canvas_part(canvas, top, 0, canvas->rows - top, canvas->cols);
	mml_grid_draw(v->grid, moment, &rows);
}

static void toggle_names(struct vmas_view *v)
{
	const struct mml_grouping *g = mml_collector_find("vmas")->groupings;
	struct mml_select *sel = mml_grid_select(v->grid);
	const struct mml_schema *schema = sel->schema;

	v->by_name = !v->by_name;
	mml_select_free(sel);
	mml_select_init(sel, schema);
	if (v->by_name) {
		mml_select_columns(sel, g->columns);
		mml_select_sort(sel, g->sort);
	}
	mml_grid_changed(v->grid);
}

static void enter(struct vmas_view *v, struct mml_action *ret)
{
	const struct mml_row *row = mml_grid_row(v->grid);
	const struct mml_table like = { .schema = mml_grid_select(v->grid)->schema };
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
	} else if (v->by_name) {
		ret->kind = MML_MESSAGE;
		snprintf(ret->message, sizeof(ret->message),
			 "several mappings: t shows them one by one");
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
	if (in->what != MML_DO_TREE || choosing(v))
		return false;
	toggle_names(v);
	ret->kind = MML_SAMPLE;
	return true;
}

static struct mml_grid *vmas_grid(struct mml_view *view)
{
	return ((struct vmas_view *)view)->grid;
}

static const struct mml_view_key keys[] = {
	{ "t F5", "merge mappings of one name, and part them again" },
	{ "Enter", "the pages of the mapping" },
	{ NULL, NULL },
};

const struct mml_view_ops mml_view_vmas = {
	.name = "vmas",
	.help = "A process's mappings: what they are, where they lie, and what of them is in memory.",
	.size = sizeof(struct vmas_view),
	.keys = keys,
	.open = vmas_open,
	.close = vmas_close,
	.want = vmas_want,
	.sample = vmas_sample,
	.draw = vmas_draw,
	.input = vmas_input,
	.grid = vmas_grid,
};
