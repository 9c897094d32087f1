/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../collectors/page/pages.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trouble.h"
#include "../collectors/registry.h"
#include "../ui/grid.h"
#include "look.h"
#include "../ui/view.h"

/* The characters and colours that stand for the states of pages. */
static const struct look {
	const char *state;
	char letter;
	enum mml_ink ink;
} looks[] = {
	{ "absent", '.', MML_INK_QUIET },    { "private", 'p', MML_INK_ANON },
	{ "shared", 's', MML_INK_SHMEM },  { "file", 'f', MML_INK_FILE },
	{ "swapped", 'w', MML_INK_KERNEL },    { "huge", 'H', MML_INK_HUGE },
	{ "hugetlb", 'G', MML_INK_HUGE },    { "zero", 'z', MML_INK_QUIET },
	{ "guard", '!', MML_INK_QUIET },
	{ "special", '?', MML_INK_KERNEL },  { "cached", 'c', MML_INK_QUIET },
};

enum { LOOKS = sizeof(looks) / sizeof(*looks), ABSENT = 0, HUGE_PAGE = 5 };

struct pages_view {
	struct mml_view view;
	struct mml_grid *grid;
	bool nodes;            /* the map shows nodes instead of states */
	uint64_t pages;        /* in all rows */
	uint64_t count[LOOKS]; /* pages in each state */
};

static int pages_open(struct mml_view *view)
{
	struct pages_view *v = (struct pages_view *)view;

	v->grid = mml_grid_new(&mml_collector_find("pages")->schema);
	return v->grid ? 0 : -ENOMEM;
}

static void pages_close(struct mml_view *view)
{
	mml_grid_free(((struct pages_view *)view)->grid);
}

static void pages_want(struct mml_view *view, struct mml_wants *ret)
{
	struct mml_query *query;

	query = mml_want_select(ret, mml_grid_select(((struct pages_view *)view)->grid));
	/* The map needs these columns, whichever the grid shows. */
	mml_want(ret, "pages", "state,page_size,node");
	if (!query)
		return;
	if (view->target.pid)
		mml_scope_set_pid(&query->scope, &view->target.pid);
	if (view->target.end)
		mml_scope_set_range(&query->scope, view->target.start, view->target.end);
}

/* Returns the place of ROW's state in looks. A huge page counts as that, whatever else it is. */
static unsigned look_of(const struct mml_row *row)
{
	const char *state = row->cell[PAGES_state].str;

	if (mml_has(row, PAGES_page_size) && row->cell[PAGES_page_size].u64 >= 1 << 20 &&
	    strcmp(state, "hugetlb"))
		return HUGE_PAGE;
	for (unsigned i = 0; i < LOOKS; i++)
		if (!strcmp(state, looks[i].state))
			return i;
	return ABSENT;
}

static void pages_sample(struct mml_view *view, const struct mml_moment *moment, bool fresh)
{
	struct pages_view *v = (struct pages_view *)view;
	const struct mml_table *table = mml_look_table(moment, "pages");

	(void)fresh;
	mml_grid_sample(v->grid, moment);
	v->pages = 0;
	memset(v->count, 0, sizeof(v->count));
	for (size_t i = 0; table && i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);

		v->pages += row->cell[PAGES_pages].u64;
		v->count[look_of(row)] += row->cell[PAGES_pages].u64;
	}
}

/* Each cell of the map stands for so many pages that all of them fit. */
struct map {
	const struct mml_canvas *canvas;
	uint64_t pages, per_cell;
	uint64_t (*part)[LOOKS]; /* for each cell, the pages in each state */
	char *node;              /* for each cell: '0' to '9', '+' for a higher node, '*' for several */
	size_t cells;
};

static void add_run(struct map *m, uint64_t at, const struct mml_row *row)
{
	uint64_t end = at + row->cell[PAGES_pages].u64;
	unsigned look = look_of(row);

	while (at < end) {
		size_t cell = at / m->per_cell;
		uint64_t to = (cell + 1) * m->per_cell < end ? (cell + 1) * m->per_cell : end;

		m->part[cell][look] += to - at;
		if (mml_has(row, PAGES_node)) {
			uint64_t n = row->cell[PAGES_node].u64;
			char c = n < 10 ? (char)('0' + n) : '+';

			m->node[cell] = !m->node[cell] || m->node[cell] == c ? c : '*';
		}
		at = to;
	}
}

/* Returns the state that most pages of the cell are in. Absent pages count only where there are no
 * others. */
static unsigned cell_look(const struct map *m, size_t cell)
{
	unsigned best = ABSENT;

	for (unsigned i = 1; i < LOOKS; i++)
		if (m->part[cell][i] > (best == ABSENT ? 0 : m->part[cell][best]))
			best = i;
	return best;
}

static void draw_cells(const struct map *m, bool nodes)
{
	for (size_t i = 0; i < m->cells; i++) {
		int y = (int)(i / (size_t)m->canvas->cols), x = (int)(i % (size_t)m->canvas->cols);
		const struct look *look = &looks[cell_look(m, i)];
		char c = look->letter;

		if (nodes && look != &looks[ABSENT])
			c = m->node[i] ? m->node[i] : '?';
		if (c == '.' && m->canvas->utf8)
			mml_draw_char(m->canvas, y, x, look->ink, 0xb7);
		else
			mml_draw_char(m->canvas, y, x, look->ink, (unsigned char)c);
	}
}

/* Marks the run under the cursor on the map. */
static void draw_cursor(const struct map *m, uint64_t at, uint64_t pages)
{
	for (size_t i = at / m->per_cell; i < m->cells && i * m->per_cell < at + pages; i++)
		mml_draw_cursor(m->canvas, (int)(i / (size_t)m->canvas->cols),
				(int)(i % (size_t)m->canvas->cols), 1);
}

static void draw_map(const struct pages_view *v, const struct mml_table *table,
		     const struct mml_canvas *canvas)
{
	size_t room = (size_t)canvas->rows * (size_t)canvas->cols;
	struct map m = { .canvas = canvas, .pages = v->pages };
	const struct mml_row *cursor = mml_grid_row(v->grid);
	uint64_t at = 0, marked = 0, marked_pages = 0;

	m.per_cell = (v->pages + room - 1) / room;
	m.cells = (size_t)((v->pages + m.per_cell - 1) / m.per_cell);
	m.part = mml_calloc(m.cells, sizeof(*m.part));
	m.node = mml_calloc(m.cells, 1);
	for (size_t i = 0; m.part && m.node && i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);

		add_run(&m, at, row);
		if (cursor && cursor->cell[PAGES_address].u64 == row->cell[PAGES_address].u64) {
			marked = at;
			marked_pages = row->cell[PAGES_pages].u64;
		}
		at += row->cell[PAGES_pages].u64;
	}
	if (m.part && m.node) {
		draw_cells(&m, v->nodes);
		draw_cursor(&m, marked, marked_pages);
	}
	free(m.part);
	free(m.node);
}

/* Draws what each character stands for, and how many such pages there are. */
static void draw_legend(const struct pages_view *v, const struct mml_canvas *canvas, int y,
			uint64_t per_cell)
{
	int x = mml_drawf(canvas, y, 0, MML_INK_QUIET, "%" PRIu64 " page%s a cell", per_cell,
			  per_cell == 1 ? "" : "s") +
		2;

	for (size_t i = 0; i < LOOKS; i++) {
		char text[48];

		if (!v->count[i])
			continue;
		snprintf(text, sizeof(text), "%s %" PRIu64, looks[i].state, v->count[i]);
		if (x + 2 + (int)strlen(text) > canvas->cols)
			return;
		if (looks[i].letter == '.' && canvas->utf8)
			mml_draw_char(canvas, y, x, looks[i].ink, 0xb7);
		else
			mml_draw_char(canvas, y, x, looks[i].ink, (unsigned char)looks[i].letter);
		x += 2 + mml_draw(canvas, y, x + 2, MML_INK_TEXT, text) + 2;
	}
}

static void pages_draw(struct mml_view *view, const struct mml_moment *moment,
		       const struct mml_canvas *canvas)
{
	struct pages_view *v = (struct pages_view *)view;
	const struct mml_table *table = mml_look_table(moment, "pages");
	int rows = canvas->rows / 2 - 1, full;
	struct mml_canvas map, grid;

	if (!table || !v->pages || rows < 2) {
		mml_grid_draw(v->grid, moment, canvas);
		return;
	}
	/* The map takes no more rows than the pages fill. */
	full = (int)((v->pages + (uint64_t)canvas->cols - 1) / (uint64_t)canvas->cols < (uint64_t)rows ?
			     (v->pages + (uint64_t)canvas->cols - 1) / (uint64_t)canvas->cols :
			     (uint64_t)rows);
	map = mml_canvas_part(canvas, 1, 0, full, canvas->cols);
	draw_legend(v, canvas, 0,
		    (v->pages + (uint64_t)full * (uint64_t)canvas->cols - 1) /
			    ((uint64_t)full * (uint64_t)canvas->cols));
	draw_map(v, table, &map);
	grid = mml_canvas_part(canvas, full + 1, 0, canvas->rows - full - 1, canvas->cols);
	mml_grid_draw(v->grid, moment, &grid);
}

static bool pages_input(struct mml_view *view, const struct mml_moment *moment,
			const struct mml_input *in, struct mml_action *ret)
{
	struct pages_view *v = (struct pages_view *)view;

	(void)moment;
	(void)ret;
	if (in->key != 'o')
		return false;
	v->nodes = !v->nodes;
	return true;
}

static struct mml_grid *pages_grid(struct mml_view *view)
{
	return ((struct pages_view *)view)->grid;
}

static const struct mml_view_key keys[] = {
	{ "o", "show nodes on the map: 0 to 9, + a higher one, * several; and back", "nodes" },
	{ NULL, NULL, NULL },
};

const struct mml_view_ops mml_view_pages = {
	.name = "pages",
	.help = "What of a mapping is in memory, page by page: a map, and runs of like pages.",
	.size = sizeof(struct pages_view),
	.keys = keys,
	.open = pages_open,
	.close = pages_close,
	.want = pages_want,
	.sample = pages_sample,
	.draw = pages_draw,
	.input = pages_input,
	.grid = pages_grid,
};
