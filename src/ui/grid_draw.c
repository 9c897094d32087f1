/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grid-int.h"

/* Longer text is cut as long as other columns need the room. */
enum { TEXT_WIDTH = 20, NAME_WIDTH = 32, MOST_WIDTH = 4096 };

void grid_change_text(const struct mml_grid *grid, const struct grid_row *row, unsigned id,
		      struct mml_buf *out)
{
	const struct mml_column *col = &grid->schema->columns[id];
	struct mml_column as = { .type = MML_F64, .unit = col->unit };
	double change;
	bool new;

	if (!grid_change(grid, row, id, &change, &new)) {
		mml_buf_putc(out, '-');
		return;
	}
	if (change == 0) {
		mml_buf_putc(out, '0');
		return;
	}
	/* What came later has not grown: all of it is new. */
	if (new)
		mml_buf_puts(out, "new ");
	else if (change > 0)
		mml_buf_putc(out, '+');
	if (col->type != MML_F64) {
		as.type = MML_I64;
		mml_value_text(out, &as, (union mml_value){ .i64 = (int64_t)change }, &grid->style);
	} else {
		mml_value_text(out, &as, (union mml_value){ .f64 = change }, &grid->style);
	}
}

static bool sorted_by(const struct mml_grid *grid, const struct grid_column *c)
{
	bool change;

	return grid->sel.nkeys && mml_grid_column(grid, &change) == c->id &&
	       c->what == (change ? GRID_CHANGE : GRID_VALUE);
}

/* Appends the heading, with a delta or "+" in front if it is of a change, and an arrow behind it if
 * it is sorted by. */
static void head_text(const struct mml_grid *grid, const struct grid_column *c, bool utf8,
		      struct mml_buf *out)
{
	bool sorted = sorted_by(grid, c), down = sorted && grid->sel.keys[0].descending;

	if (c->what == GRID_TRAIL) {
		mml_buf_puts(out, "LAST 10 min");
		return;
	}
	if (c->what == GRID_PICTURE) {
		const char *head;

		grid->hooks->picture(grid->ctx, c->id, grid->cols, &head);
		mml_buf_puts(out, head);
		return;
	}
	if (sorted && !utf8 && down)
		mml_buf_putc(out, '-');
	if (c->what == GRID_CHANGE && grid->ways && c->id == grid->trailed)
		mml_buf_puts(out, "CHANGE");
	else if (c->what == GRID_CHANGE)
		mml_buf_printf(out, "%s%s", utf8 ? "\u0394" : "+", grid->schema->columns[c->id].head);
	else
		mml_buf_puts(out, grid->schema->columns[c->id].head);
	if (sorted && utf8)
		mml_buf_puts(out, down ? "\u25bc" : "\u25b2");
}

/* Whether a view says that the cell was kept from an earlier sample. */
static bool is_old(const struct mml_grid *grid, const struct mml_row *row, unsigned id)
{
	return grid->hooks && grid->hooks->ink &&
	       grid->hooks->ink(grid->ctx, row, id, MML_INK_TEXT) == MML_INK_OLD;
}

static void cell_text(const struct mml_grid *grid, const struct grid_column *c,
		      const struct grid_row *row, bool utf8, struct mml_buf *out)
{
	const struct mml_column *col = &grid->schema->columns[c->id];
	struct mml_style style = grid->style;

	if (c->what == GRID_TRAIL || c->what == GRID_PICTURE)
		return;
	if (c->what == GRID_VALUE && grid->hooks && grid->hooks->text &&
	    grid->hooks->text(grid->ctx, row->row, c->id, utf8, out))
		return;
	if (c == grid->shown && grid->hooks && grid->hooks->prefix)
		grid->hooks->prefix(grid->ctx, row->row, utf8, out);
	/* A label like the size of one object is a name more than an amount: in GiB it would be
	 * 0.00. */
	if (col->kind == MML_LABEL && style.units != MML_IN_BYTES)
		style.units = MML_AUTO;
	if (c->what == GRID_CHANGE) {
		grid_change_text(grid, row, c->id, out);
		return;
	}
	if (mml_has(row->row, c->id) && is_old(grid, row->row, c->id))
		mml_buf_putc(out, '~');
	mml_cell_text(out, col, c->id, row->row, &style);
}

static void add_column(struct mml_grid *grid, unsigned id, enum grid_what what, bool frozen)
{
	int rank = (int)grid->schema->columns[id].rank;
	struct grid_column *c = &grid->shown[grid->nshown++];

	/* A column that was asked for by hand counts as one that is normally there. */
	rank = rank == MML_HIDDEN ? MML_MAIN : rank;
	/* A change comes right behind what it is the change of; the main one before other columns. */
	rank = 2 * rank + (what == GRID_CHANGE && id != grid->trailed);
	if (what == GRID_TRAIL)
		rank = 2 * MML_LAST;
	/* A picture goes before other columns, and with its own. */
	if (what == GRID_PICTURE)
		rank++;
	*c = (struct grid_column){ id, what, frozen, rank, 0, 0 };
	if (sorted_by(grid, c))
		c->rank = 2 * MML_FIRST;
}

/* Where the way of a value is drawn, and how wide. */
static int trail_width(int cols)
{
	return cols >= 160 ? 16 : cols >= 120 ? 9 : 0;
}

/* What the view draws behind a column; 0: nothing. */
static int picture_width(const struct mml_grid *grid, unsigned id, int cols)
{
	const char *head;

	return grid->hooks && grid->hooks->picture ? grid->hooks->picture(grid->ctx, id, cols, &head) : 0;
}

/* The columns in order, with a change behind each measured one. */
static void list_columns(struct mml_grid *grid, int cols)
{
	bool frozen = true;
	unsigned skip = grid->scroll;

	grid->nshown = 0;
	for (size_t i = 0; i < grid->sel.ncolumns && grid->nshown + GRID_WHATS <= GRID_COLUMNS; i++) {
		unsigned id = grid->sel.columns[i];
		bool trailed = grid->ways && id == grid->trailed;

		frozen = frozen && grid->schema->columns[id].kind == MML_KEY;
		if (!frozen && skip) {
			skip--;
			continue;
		}
		add_column(grid, id, GRID_VALUE, frozen);
		if (picture_width(grid, id, cols))
			add_column(grid, id, GRID_PICTURE, false);
		if (trailed && trail_width(cols))
			add_column(grid, id, GRID_TRAIL, false);
		if (grid_changes(grid, id))
			add_column(grid, id, GRID_CHANGE, false);
	}
	grid->scroll -= skip;
}

/* Widths by what is on the screen, and the widest so far. */
static void measure(struct mml_grid *grid, int cols, bool utf8)
{
	for (size_t i = 0; i < grid->nshown; i++) {
		struct grid_column *c = &grid->shown[i];
		uint16_t *widest = &grid->widths[c->id][c->what];
		size_t w;

		grid->text.len = 0;
		head_text(grid, c, utf8, &grid->text);
		w = grid->text.len ? mml_text_width(grid->text.data, grid->text.len, utf8) : 0;
		*widest = w > *widest ? (uint16_t)w : *widest;
		for (int y = 0; y < grid->page && grid->top + (size_t)y < grid->nrows; y++) {
			grid->text.len = 0;
			cell_text(grid, c, &grid->rows[grid->top + (size_t)y], utf8, &grid->text);
			w = grid->text.len ?
				    mml_text_width(grid->text.data, grid->text.len, utf8) :
				    0;
			w = w > MOST_WIDTH ? MOST_WIDTH : w;
			*widest = w > *widest ? (uint16_t)w : *widest;
		}
		c->width = c->what == GRID_TRAIL   ? trail_width(cols) :
			   c->what == GRID_PICTURE ? picture_width(grid, c->id, cols) :
						     *widest;
	}
}

static bool is_text(const struct mml_grid *grid, const struct grid_column *c)
{
	return c->what == GRID_VALUE && grid->schema->columns[c->id].type == MML_STR;
}

static int text_limit(const struct mml_grid *grid, const struct grid_column *c)
{
	int limit = c->frozen ? NAME_WIDTH : TEXT_WIDTH;
	int head = (int)strlen(grid->schema->columns[c->id].head) + 1;

	return limit > head ? limit : head;
}

static int total_width(const struct mml_grid *grid)
{
	int total = 0;

	for (size_t i = 0; i < grid->nshown; i++)
		total += grid->shown[i].width + (i != 0);
	return total;
}

static void drop_column(struct mml_grid *grid, size_t at)
{
	grid->nshown--;
	memmove(&grid->shown[at], &grid->shown[at + 1],
		(grid->nshown - at) * sizeof(*grid->shown));
}

/* The column of least rank goes first; among equal ones it is the rightmost. The first column
 * always stays. */
static void drop_columns(struct mml_grid *grid, int cols)
{
	while (total_width(grid) > cols) {
		size_t worst = 0;

		for (size_t i = 1; i < grid->nshown; i++)
			if (grid->shown[i].rank > 2 * MML_FIRST &&
			    (!worst || grid->shown[i].rank >= grid->shown[worst].rank))
				worst = i;
		if (!worst)
			return;
		drop_column(grid, worst);
	}
}

/* Names are made shorter if even the columns that are never dropped do not fit. */
static void shrink_names(struct mml_grid *grid, int cols)
{
	int over = total_width(grid) - cols;

	for (size_t i = 0; i < grid->nshown && over > 0; i++) {
		struct grid_column *c = &grid->shown[i];
		int spare = is_text(grid, c) && c->width > 8 ? c->width - 8 : 0;

		spare = spare > over ? over : spare;
		c->width -= spare;
		over -= spare;
	}
}

static void lay_out(struct mml_grid *grid, int cols, bool utf8)
{
	int spare, x = 0;

	list_columns(grid, cols);
	measure(grid, cols, utf8);
	for (size_t i = 0; i < grid->nshown; i++)
		if (is_text(grid, &grid->shown[i]) &&
		    grid->shown[i].width > text_limit(grid, &grid->shown[i]))
			grid->shown[i].width = text_limit(grid, &grid->shown[i]);
	grid->more_right = total_width(grid) > cols;
	/* Unless the user has scrolled, the most important columns are shown. Who scrolls wants to
	 * see every column. */
	if (!grid->scroll)
		drop_columns(grid, cols);
	while (grid->scroll && grid->nshown > 1 && total_width(grid) > cols &&
	       !grid->shown[grid->nshown - 2].frozen)
		drop_column(grid, grid->nshown - 1);
	shrink_names(grid, cols);
	spare = cols - total_width(grid);
	for (size_t i = 0; i < grid->nshown; i++) {
		struct grid_column *c = &grid->shown[i];
		int more = grid->widths[c->id][c->what] - c->width;

		if (is_text(grid, c) && more > 0 && spare > 0) {
			more = more > spare ? spare : more;
			c->width += more;
			spare -= more;
		}
		c->x = x;
		x += c->width + 1;
	}
}

static bool right(const struct mml_grid *grid, const struct grid_column *c)
{
	return c->what == GRID_CHANGE ||
	       (c->what == GRID_VALUE && mml_column_right(&grid->schema->columns[c->id]));
}

static void draw_heads(struct mml_grid *grid, const struct mml_canvas *canvas)
{
	for (size_t i = 0; i < grid->nshown; i++) {
		const struct grid_column *c = &grid->shown[i];
		struct mml_canvas head = mml_canvas_part(canvas, 0, c->x, 1, c->width);
		int width, x;

		grid->text.len = 0;
		head_text(grid, c, canvas->utf8, &grid->text);
		width = grid->text.len ?
				(int)mml_text_width(grid->text.data, grid->text.len, canvas->utf8) :
				0;
		x = right(grid, c) && width < c->width ? c->width - width : 0;
		mml_draw(&head, 0, x, sorted_by(grid, c) ? MML_INK_SORTED : MML_INK_QUIET,
			 grid->text.len ? grid->text.data : "");
	}
}

static double number(const struct mml_column *col, const struct mml_row *row, unsigned id)
{
	return col->type == MML_F64   ? row->cell[id].f64
	       : col->type == MML_I64 ? (double)row->cell[id].i64
				      : (double)row->cell[id].u64;
}

/* A measurement that differs by a hundredth or more from the sample before stands out for one sample. */
static bool changed(const struct mml_grid *grid, unsigned id, const struct grid_row *row)
{
	const struct mml_column *col = &grid->schema->columns[id];
	double now, before;

	if (!row->before || !grid_measures(col) || !mml_has(row->row, id) || !mml_has(row->before, id))
		return false;
	now = number(col, row->row, id);
	before = number(col, row->before, id);
	return fabs(now - before) >= 0.01 * fabs(before) && fabs(now - before) > 0;
}

static bool is_zero(const struct mml_grid *grid, const struct mml_row *row, unsigned id)
{
	const struct mml_column *col = &grid->schema->columns[id];

	return col->kind != MML_KEY && mml_column_right(col) && col->type != MML_BOOL &&
	       number(col, row, id) == 0;
}

static enum mml_ink value_ink(const struct mml_grid *grid, const struct grid_column *c,
			      const struct grid_row *row)
{
	enum mml_ink ink = MML_INK_TEXT;

	if (!mml_has(row->row, c->id) || is_zero(grid, row->row, c->id))
		ink = MML_INK_QUIET;
	else if (changed(grid, c->id, row))
		ink = MML_INK_STRONG;
	if (grid->hooks && grid->hooks->ink)
		ink = grid->hooks->ink(grid->ctx, row->row, c->id, ink);
	return ink;
}

static enum mml_ink cell_ink(const struct mml_grid *grid, const struct mml_moment *moment,
			     const struct grid_column *c, const struct grid_row *row)
{
	double change;
	bool new;

	if (moment->old)
		return MML_INK_OLD;
	if (c->what == GRID_VALUE)
		return value_ink(grid, c, row);
	if (!grid_change(grid, row, c->id, &change, &new) || change == 0)
		return MML_INK_QUIET;
	/* A hundredth of what there was. */
	return fabs(change) >= 0.01 * fabs(number(&grid->schema->columns[c->id], row->row, c->id)) ?
		       MML_INK_STRONG :
		       MML_INK_TEXT;
}

static void draw_trail(const struct mml_grid *grid, const struct mml_canvas *canvas, int y,
		       const struct grid_column *c, const struct grid_row *row)
{
	double values[32];

	if (!row->thing || c->width > 32)
		return;
	mml_ways_cells(grid->ways, row->thing, c->width, values);
	mml_plot_spark(canvas, y, c->x, c->width, values, false);
}

static void draw_row(struct mml_grid *grid, const struct mml_moment *moment,
		     const struct mml_canvas *canvas, int y, const struct grid_row *row)
{
	for (size_t i = 0; i < grid->nshown; i++) {
		const struct grid_column *c = &grid->shown[i];
		enum mml_ink ink = cell_ink(grid, moment, c, row);
		const char *text;

		if (c->what == GRID_TRAIL) {
			draw_trail(grid, canvas, y, c, row);
			continue;
		}
		if (c->what == GRID_PICTURE) {
			struct mml_canvas part = mml_canvas_part(canvas, y, c->x, 1, c->width);

			grid->hooks->draw(grid->ctx, &part, row->row, c->id);
			continue;
		}
		grid->text.len = 0;
		cell_text(grid, c, row, canvas->utf8, &grid->text);
		text = grid->text.len && !grid->text.error ? grid->text.data : "";
		/* The end tells files apart, and the beginning command lines. */
		if (*text == '/' && strcmp(grid->schema->columns[c->id].name, "command") != 0)
			mml_draw_path(canvas, y, c->x, c->width, ink, text);
		else
			mml_draw_field(canvas, y, c->x, c->width, right(grid, c), ink, text);
	}
}

/* Says why there are no rows. */
static void draw_nothing(const struct mml_grid *grid, const struct mml_moment *moment,
			 const struct mml_canvas *canvas)
{
	struct mml_buf why = { 0 };
	bool error = grid->table && grid->table->error;

	if (!moment->now) {
		mml_buf_puts(&why, "reading ...");
	} else if (!grid->table) {
		mml_buf_printf(&why, "no table %s in this sample", grid->schema->name);
	} else if (error) {
		mml_buf_puts(&why, grid->table->absence.reason);
		if (grid->table->absence.needs)
			mml_buf_printf(&why, "; it needs %s", grid->table->absence.needs);
	} else if (grid->table->nrows) {
		mml_buf_printf(&why, "none of the %zu rows fits the filter\n\\ then Enter clears it",
			       grid->table->nrows);
	} else if (grid->table->note) {
		mml_escape(&why, grid->table->note, strlen(grid->table->note), canvas->utf8);
	} else {
		mml_buf_puts(&why, "no rows");
	}
	if (!why.error)
		mml_draw_text(canvas, !error, 0, canvas->cols, error ? MML_INK_TEXT : MML_INK_QUIET,
			      why.data);
	mml_buf_free(&why);
}

/* Draws one line below the rows that says what is wrong with the table, or what must be known about
 * it. */
static bool draw_note(const struct mml_grid *grid, const struct mml_canvas *canvas)
{
	const struct mml_table *table = grid->table;
	struct mml_buf note = { 0 };

	/* Where there are no rows, it stands in their place. */
	if (!table || canvas->rows < 6 || !table->nrows || !(table->note || (table->error && grid->nrows)))
		return false;
	if (table->error)
		mml_buf_printf(&note, "incomplete: %s", table->absence.reason);
	else
		mml_escape(&note, table->note, strlen(table->note), canvas->utf8);
	if (!note.error)
		mml_draw_field(canvas, canvas->rows - 1, 0, canvas->cols, false,
			       table->error ? MML_INK_WARN : MML_INK_QUIET, note.data);
	mml_buf_free(&note);
	return true;
}

void mml_grid_draw(struct mml_grid *grid, const struct mml_moment *moment,
		   const struct mml_canvas *canvas)
{
	size_t page;

	if (canvas->rows < 1 || canvas->cols < 1)
		return;
	grid->y = canvas->top;
	grid->x = canvas->left;
	grid->cols = canvas->cols;
	grid->page = canvas->rows - 1 - draw_note(grid, canvas);
	page = grid->page > 0 ? (size_t)grid->page : 1;
	if (grid->top + page > grid->nrows)
		grid->top = grid->nrows > page ? grid->nrows - page : 0;
	if (grid->cursor < grid->top)
		grid->top = grid->cursor;
	if (grid->cursor >= grid->top + page)
		grid->top = grid->cursor - page + 1;
	lay_out(grid, canvas->cols, canvas->utf8);
	if (!grid->table || !grid->table->error || grid->nrows)
		draw_heads(grid, canvas);
	if (!grid->nrows) {
		draw_nothing(grid, moment, canvas);
		return;
	}
	for (int y = 0; y < grid->page && grid->top + (size_t)y < grid->nrows; y++) {
		size_t at = grid->top + (size_t)y;

		draw_row(grid, moment, canvas, y + 1, &grid->rows[at]);
		if (at == grid->cursor && !grid->blurred)
			mml_draw_cursor(canvas, y + 1, 0, canvas->cols);
	}
}
