/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "zones.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../collectors/registry.h"

/* From WIDEST columns on the zone's counters take COUNTERS of them. */
enum { WIDEST = 199, COUNTERS = 67, GAP = 2, PASTS = 64 };

struct zones {
	struct mml_view view;
	struct mml_select select;
	const struct mml_row **rows; /* those of the moment's table that are listed */
	size_t nrows, cursor, top;
	int list_y, list_rows; /* the rows where the list was drawn */
	bool seen;     /* there was a first snapshot */
	bool no_types; /* there is no room for migrate types, so they are not read */
	bool beside;   /* there is room for a zone's counters beside its picture */
	struct mml_history past[PASTS]; /* free memory of the first zones listed */
};

static int zones_open(struct mml_view *view)
{
	struct zones *z = (struct zones *)view;

	mml_select_init(&z->select, &mml_collector_find("zones")->schema);
	/* A zone without memory has no state and is not shown. */
	mml_select_filter(&z->select, "state ~ '.'");
	return *view->target.filter ? mml_select_filter(&z->select, view->target.filter) : 0;
}

static void zones_close(struct mml_view *view)
{
	struct zones *z = (struct zones *)view;

	mml_select_free(&z->select);
	free(z->rows);
}

static void zones_want(struct mml_view *view, struct mml_wants *ret)
{
	mml_want(ret, "zones", "");
	mml_want(ret, "buddy", "");
	/* For this table the kernel walks all free lists under the zone's lock. */
	if (!((struct zones *)view)->no_types)
		mml_want(ret, "pagetypes", "");
	if (((struct zones *)view)->beside)
		mml_want(ret, "zonestats", "");
}

/* The cursor begins on the zone that has most memory. */
static size_t largest(const struct zones *z, const struct mml_table *table)
{
	size_t at = 0;

	for (size_t i = 1; i < z->nrows; i++)
		if (mml_look_num(table, z->rows[i], "managed") >
		    mml_look_num(table, z->rows[at], "managed"))
			at = i;
	return at;
}

static void zones_sample(struct mml_view *view, const struct mml_moment *moment, bool fresh)
{
	struct zones *z = (struct zones *)view;
	const struct mml_table *table = mml_look_table(moment, "zones");
	long n = 0;

	free(z->rows);
	z->rows = NULL;
	if (table)
		n = mml_select_rows(&z->select, table, &z->rows);
	z->nrows = n > 0 ? (size_t)n : 0;
	if (!z->seen && z->nrows) {
		z->cursor = largest(z, table);
		z->seen = true;
	}
	if (z->cursor >= z->nrows)
		z->cursor = z->nrows ? z->nrows - 1 : 0;
	for (size_t i = 0; fresh && i < z->nrows && i < PASTS; i++)
		mml_look_remember(&z->past[i], moment, mml_look_num(table, z->rows[i], "free"));
}

static void draw_line(const struct zones *z, const struct mml_moment *moment,
		      const struct mml_canvas *canvas, int y, size_t i)
{
	const struct mml_table *table = mml_look_table(moment, "zones");
	const struct mml_row *row = z->rows[i];
	enum mml_ink ink = mml_look_zone_ink(mml_look_str(table, row, "class_state"));
	bool wide = canvas->cols >= 70;
	int end = canvas->cols - (wide ? 29 : 9);
	char text[MML_LOOK_TEXT];

	mml_draw_field(canvas, y, 0, 13, false, MML_INK_TEXT,
		       zone_label(table, row, &moment->style, text));
	zone_marks(canvas, y, 14, end - 14, table, row);
	mml_draw_field(canvas, y, end, 8, true, MML_INK_TEXT,
		       mml_look_text(table, row, "free", &moment->style, text));
	if (wide) {
		mml_draw_field(canvas, y, end + 8, 9, true, ink,
			       mml_look_text(table, row, "headroom", &moment->style, text));
		mml_draw_field(canvas, y, end + 18, 11, false, ink,
			       mml_look_text(table, row, "class_state", &moment->style, text));
	}
	if (i == z->cursor)
		mml_draw_cursor(canvas, y, 0, canvas->cols);
}

static void draw_list(struct zones *z, const struct mml_moment *moment,
		      const struct mml_canvas *canvas)
{
	bool wide = canvas->cols >= 70;
	int end = canvas->cols - (wide ? 29 : 9);
	size_t shown = canvas->rows > 1 ? (size_t)canvas->rows - 1 : 0;

	z->list_y = canvas->top + 1;
	z->list_rows = (int)shown;
	if (z->cursor < z->top)
		z->top = z->cursor;
	if (shown && z->cursor >= z->top + shown)
		z->top = z->cursor - shown + 1;
	if (z->top + shown > z->nrows)
		z->top = z->nrows > shown ? z->nrows - shown : 0;
	mml_draw_field(canvas, 0, 0, canvas->cols, false, MML_INK_QUIET, "ZONE");
	if (end > 50)
		mml_draw(canvas, 0, 14, MML_INK_QUIET, "FREE, WITH MIN LOW HIGH, LOG SCALE");
	mml_draw_field(canvas, 0, end, 8, true, MML_INK_QUIET, "FREE");
	if (wide) {
		mml_draw_field(canvas, 0, end + 8, 9, true, MML_INK_QUIET, "OVER LOW");
		mml_draw_field(canvas, 0, end + 18, 11, false, MML_INK_QUIET, "STATE");
	}
	for (size_t i = 0; i < shown && z->top + i < z->nrows; i++)
		draw_line(z, moment, canvas, (int)i + 1, z->top + i);
}

/* Draws what there is to see of the zone under the cursor, and then of all zones. The screen has
 * ROWS rows. */
static void draw_parts(struct zone_look *look, const struct mml_canvas *canvas, int rows)
{
	int types = zone_types(look);
	const struct mml_stack parts[] = {
		{ zone_draw_marks, 2, 2, 9 },
		{ zone_draw_orders, rows >= 20 ? 5 : 3, 6, 8 },
		{ zone_draw_types, rows < 20 ? 3 : 1 + (types ? types : 1), 2 + (types ? types : 1), 7 },
		{ zone_draw_all, 4, look->nrows > 1 ? 2 + (int)look->nrows : 0, 6 },
		{ zone_draw_past, 6, 24, 5 },
	};

	mml_look_stack(canvas, parts, sizeof(parts) / sizeof(*parts), look);
}

static void zones_draw(struct mml_view *view, const struct mml_moment *moment,
		       const struct mml_canvas *canvas)
{
	struct zones *z = (struct zones *)view;
	struct zone_look look = { .moment = moment,
				  .zones = mml_look_table(moment, "zones"),
				  .rows = z->rows,
				  .nrows = z->nrows };
	int list = canvas->rows >= 12 ? canvas->rows / 3 : 3;
	struct mml_canvas part;

	if (!z->nrows) {
		if (!mml_look_absent(canvas, look.zones))
			mml_draw(canvas, 0, 0, MML_INK_QUIET, "no zone with memory");
		return;
	}
	look.row = z->rows[z->cursor];
	look.past = z->cursor < PASTS ? &z->past[z->cursor] : NULL;
	if (list > (int)z->nrows + 1)
		list = (int)z->nrows + 1;
	part = mml_canvas_part(canvas, 0, 0, list, canvas->cols);
	draw_list(z, moment, &part);
	part = mml_canvas_part(canvas, list, 0, canvas->rows - list, canvas->cols);
	z->beside = canvas->cols >= WIDEST && part.rows >= 8;
	if (z->beside) {
		struct mml_canvas right = mml_canvas_part(&part, 0, part.cols - COUNTERS, part.rows, COUNTERS);

		zone_draw_counters(&look, &right);
		part = mml_canvas_part(&part, 0, 0, part.rows, part.cols - COUNTERS - GAP);
	}
	/* The watermarks and the orders come first, and leave room for migrate types only from 8
	 * rows on. */
	z->no_types = part.rows < 8;
	draw_parts(&look, &part, canvas->rows);
	mml_look_age(canvas, moment);
}

/* Sets RET to the row that WHAT moves the cursor to. Returns false if WHAT does not move it. */
static bool move(const struct zones *z, enum mml_do what, size_t *ret)
{
	size_t page = z->list_rows > 1 ? (size_t)z->list_rows - 1 : 1, last = z->nrows - 1;
	size_t half = page / 2 ? page / 2 : 1, at = *ret;

	switch (what) {
	case MML_DO_UP:
		*ret = at ? at - 1 : 0;
		return true;
	case MML_DO_DOWN:
		*ret = at < last ? at + 1 : last;
		return true;
	case MML_DO_PAGE_UP:
	case MML_DO_HALF_UP:
		half = what == MML_DO_PAGE_UP ? page : half;
		*ret = at > half ? at - half : 0;
		return true;
	case MML_DO_PAGE_DOWN:
	case MML_DO_HALF_DOWN:
		half = what == MML_DO_PAGE_DOWN ? page : half;
		*ret = last - at > half ? at + half : last;
		return true;
	case MML_DO_FIRST:
		*ret = 0;
		return true;
	case MML_DO_LAST:
		*ret = last;
		return true;
	default:
		return false;
	}
}

static bool mouse(struct zones *z, const struct mml_mouse *m, bool *ret_enter)
{
	size_t at = z->top + (size_t)(m->y - z->list_y);

	if (m->what == MML_WHEEL_UP || m->what == MML_WHEEL_DOWN) {
		move(z, m->what == MML_WHEEL_UP ? MML_DO_UP : MML_DO_DOWN, &z->cursor);
		return true;
	}
	if (m->y < z->list_y || m->y >= z->list_y + z->list_rows || at >= z->nrows)
		return false;
	*ret_enter = z->cursor == at;
	z->cursor = at;
	return true;
}

/* Enter shows what each class of allocations may still take of the zone under the cursor. */
static void enter(const struct zones *z, const struct mml_table *table, struct mml_action *ret)
{
	const struct mml_row *row = z->rows[z->cursor];
	const char *zone = mml_look_str(table, row, "zone");
	uint64_t node = 0;

	mml_look_u64(table, row, "node", &node);
	if (strpbrk(zone, "'\\"))
		return;
	ret->kind = MML_OPEN;
	ret->view = "classes";
	snprintf(ret->target.filter, sizeof(ret->target.filter), "node = %u and zone = '%s'",
		 (unsigned)node, zone);
	snprintf(ret->target.title, sizeof(ret->target.title), "node %u %s", (unsigned)node, zone);
}

static void info(struct mml_action *ret)
{
	ret->kind = MML_SHOW;
	snprintf(ret->message, sizeof(ret->message),
		 "kswapd is woken when every zone an allocation may use is below low, and reclaims "
		 "until one is above high; below min allocations reclaim for themselves. Free pages "
		 "on the CPUs' own lists (pcp) are in none of these.\n"
		 "unusable: share of the free memory that lies in blocks smaller than the order.\n"
		 "fragidx: why such an allocation would fail: towards 0 for lack of memory, towards 1 "
		 "for fragmentation; - when it would not fail.");
}

static bool zones_input(struct mml_view *view, const struct mml_moment *moment,
			const struct mml_input *in, struct mml_action *ret)
{
	struct zones *z = (struct zones *)view;
	const struct mml_table *table = mml_look_table(moment, "zones");
	bool go_in = in->what == MML_DO_ENTER;

	if (!z->nrows || !table)
		return false;
	if (in->key == MML_MOUSE) {
		if (!mouse(z, &in->mouse, &go_in))
			return false;
		if (!go_in)
			return true;
	}
	if (go_in) {
		enter(z, table, ret);
		return true;
	}
	if (in->what == MML_DO_INFO) {
		info(ret);
		return true;
	}
	return move(z, in->what, &z->cursor);
}

static void zones_headline(struct mml_view *view, const struct mml_moment *moment, struct mml_headline *ret)
{
	const struct zones *z = (const struct zones *)view;
	const struct mml_table *table = mml_look_table(moment, "zones");
	char label[MML_LOOK_TEXT], size[MML_LOOK_TEXT];
	const struct mml_row *near = NULL;

	for (size_t i = 0; table && i < z->nrows; i++)
		if (!near || mml_look_num(table, z->rows[i], "headroom") <
				     mml_look_num(table, near, "headroom"))
			near = z->rows[i];
	if (near)
		snprintf(ret->text, sizeof(ret->text), "Zones  %zu with memory; the least over its low mark: %s, %s",
			 z->nrows, zone_label(table, near, &moment->style, label),
			 mml_look_text(table, near, "headroom", &moment->style, size));
}

static const char *zones_enter(struct mml_view *view)
{
	return ((struct zones *)view)->nrows ? "who can have it" : NULL;
}

const struct mml_view_ops mml_view_zones = {
	.name = "zones",
	.help = "Free memory against the watermarks, and how fragmented it is.",
	.size = sizeof(struct zones),
	.open = zones_open,
	.close = zones_close,
	.want = zones_want,
	.sample = zones_sample,
	.headline = zones_headline,
	.draw = zones_draw,
	.enter = zones_enter,
	.input = zones_input,
};
