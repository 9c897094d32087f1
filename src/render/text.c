/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "../core/module.h"
#include "render.h"

/* Almost every cell and its padding is shorter than this: a copy of this fixed length is a couple
 * of instructions, and what it copies too much is overwritten by the next cell. */
enum { SHORT = 16 };

/* One name of a megabyte shall not pad all other rows to a megabyte. */
enum { WIDEST = 512 };

/* Every cell is formatted once, into one buffer; then the widths are known and they are laid out. */
struct grid {
	struct mml_buf cells; /* one after the other, row by row */
	uint32_t *ends;       /* where each ends */
	bool even;            /* every cell is as wide as it is long */
	size_t ncolumns;
	struct grid_column *columns;
};

struct grid_column {
	const struct mml_column *col;
	unsigned id;
	mml_formatter *format;
	bool right;
	size_t width; /* the widest cell's */
};

static void grid_free(struct grid *g)
{
	mml_buf_free(&g->cells);
	free(g->ends);
	free(g->columns);
}

static int grid_columns(struct grid *g, const struct mml_select *sel,
			const struct mml_format *format)
{
	g->columns = calloc(sel->ncolumns, sizeof(*g->columns));
	if (!g->columns)
		return -ENOMEM;
	for (size_t c = 0; c < sel->ncolumns; c++) {
		const struct mml_column *col = &sel->schema->columns[sel->columns[c]];

		g->columns[c].col = col;
		g->columns[c].id = sel->columns[c];
		g->columns[c].format = mml_column_formatter(col, &format->style);
		g->columns[c].right = mml_column_right(col);
		g->columns[c].width = format->noheadings ? 0 : strlen(mml_column_head(col));
	}
	g->ncolumns = sel->ncolumns;
	return 0;
}

static int grid_fill(struct grid *g, const struct mml_row **rows, size_t nrows,
		     const struct mml_style *style)
{
	struct mml_buf *cells = &g->cells;
	uint32_t *end = g->ends = malloc((nrows * g->ncolumns + 1) * sizeof(*g->ends));

	if (!end || mml_buf_reserve(cells, nrows * g->ncolumns * 8 + SHORT))
		return -ENOMEM;
	g->even = true;
	for (size_t r = 0; r < nrows; r++)
		for (size_t c = 0; c < g->ncolumns; c++) {
			mml_formatter *format = g->columns[c].format;
			size_t start = cells->len, width;
			unsigned id = g->columns[c].id;

			if (format && mml_has(rows[r], id) && !mml_at_least(rows[r], id) &&
			    cells->cap - start > MML_NUMBER_MAX)
				cells->len += format(cells->data + start, rows[r]->cell[id], style);
			else
				mml_cell_text(cells, g->columns[c].col, id, rows[r], style);
			*end++ = (uint32_t)cells->len;
			width = cells->len - start;
			if (!g->columns[c].right && style->utf8) {
				width = mml_text_width(cells->data + start, width, true);
				g->even &= width == cells->len - start;
			}
			if (width > g->columns[c].width)
				g->columns[c].width = width < WIDEST ? width : WIDEST;
		}
	mml_buf_reserve(cells, SHORT); /* for put_cell() */
	return cells->error;
}

/* LEN bytes of S, then PAD blanks, or the other way round; SHORT bytes from S on are readable, and
 * from P on writable beyond what is asked for. Returns where they end. */
static char *put_cell(char *p, const char *s, size_t len, size_t pad, bool right)
{
	size_t before = right ? pad : 0;

	if (__builtin_expect(pad > SHORT || len > SHORT, false)) {
		memset(p, ' ', pad + len);
		memcpy(p + before, s, len);
	} else if (right) {
		memset(p, ' ', SHORT);
		memcpy(p + pad, s, SHORT);
	} else {
		memcpy(p, s, SHORT);
		memset(p + len, ' ', SHORT);
	}
	return p + len + pad;
}

static void put_headings(struct mml_buf *out, const struct grid *g, bool colour)
{
	if (colour)
		mml_buf_puts(out, "\033[1m");
	for (size_t c = 0; c < g->ncolumns; c++) {
		const char *head = mml_column_head(g->columns[c].col);
		size_t len = strlen(head), pad = g->columns[c].width - len;
		bool last = c + 1 == g->ncolumns;

		if (g->columns[c].right)
			mml_buf_pad(out, ' ', pad);
		mml_buf_put(out, head, len);
		if (!g->columns[c].right && !last)
			mml_buf_pad(out, ' ', pad);
		if (last && colour)
			mml_buf_puts(out, "\033[0m");
		mml_buf_putc(out, last ? '\n' : ' ');
	}
}

/* Rows FIRST to LAST, padded; nothing behind text at the end of a line. */
static int put_rows(struct mml_buf *out, const struct grid *g, size_t first, size_t last)
{
	const uint32_t *end = g->ends + first * g->ncolumns;
	size_t begin = first ? end[-1] : 0, line = 0;
	const char *s = g->cells.data + begin;
	char *p;

	for (size_t c = 0; c < g->ncolumns; c++)
		line += g->columns[c].width + 1;
	if (mml_buf_reserve(out, g->ends[last * g->ncolumns - 1] - begin + (last - first) * line +
					 2 * SHORT))
		return out->error;
	p = out->data + out->len;
	for (size_t r = first; r < last; r++) {
		for (size_t c = 0; c < g->ncolumns; c++) {
			const char *next = g->cells.data + *end++;
			size_t len = (size_t)(next - s), width = len, pad = 0;
			bool right = g->columns[c].right;

			if (!g->even && !right)
				width = mml_text_width(s, len, true);
			if (g->columns[c].width > width && (right || c + 1 < g->ncolumns))
				pad = g->columns[c].width - width;
			p = put_cell(p, s, len, pad, right);
			*p++ = ' ';
			s = next;
		}
		p[-1] = '\n';
	}
	*p = '\0';
	out->len = (size_t)(p - out->data);
	return 0;
}

/* Many rows are formatted and laid out in two parts at once. */
enum { MANY = 4096, PIECE = 512 };

struct part {
	struct grid grid;
	const struct mml_row **rows;
	size_t nrows;
	const struct mml_format *format;
	struct mml_buf *out;
	int (*write)(struct mml_buf *out); /* as in mml_format */
	int rc;
};

static void *fill_part(void *arg)
{
	struct part *part = arg;

	part->rc = grid_fill(&part->grid, part->rows, part->nrows, &part->format->style);
	return NULL;
}

static void *lay_part(void *arg)
{
	struct part *part = arg;
	size_t piece = part->write ? PIECE : part->nrows;

	for (size_t r = 0; r < part->nrows && !part->rc; r += piece) {
		size_t last = part->nrows - r < piece ? part->nrows : r + piece;

		part->rc = put_rows(part->out, &part->grid, r, last);
		if (!part->rc && part->write && last < part->nrows)
			part->rc = part->write(part->out);
	}
	return NULL;
}

static int both(struct part *parts, size_t n, void *(*work)(void *))
{
	pthread_t thread;
	bool apart = n > 1 && !pthread_create(&thread, NULL, work, &parts[1]);

	work(&parts[0]);
	if (apart)
		pthread_join(thread, NULL);
	else if (n > 1)
		work(&parts[1]);
	return parts[0].rc ? parts[0].rc : parts[n - 1].rc;
}

/* One width for both. */
static void agree(struct part *parts)
{
	struct grid *a = &parts[0].grid, *b = &parts[1].grid;

	for (size_t c = 0; c < a->ncolumns; c++) {
		size_t width = a->columns[c].width;

		if (b->columns[c].width > width)
			width = b->columns[c].width;
		a->columns[c].width = b->columns[c].width = width;
	}
	a->even = b->even = a->even && b->even;
}

int mml_render_text(struct mml_buf *out, const struct mml_select *sel,
		    const struct mml_table *table, const struct mml_format *format)
{
	const struct mml_row **rows;
	struct mml_buf rest = { 0 };
	struct part parts[2] = { 0 };
	long nrows = mml_select_rows(sel, table, &rows);
	size_t n = nrows < MANY ? 1 : 2, half;
	int rc = 0;

	if (nrows < 0)
		return (int)nrows;
	half = (size_t)nrows / n;
	parts[0] = (struct part){ .rows = rows, .nrows = half, .format = format, .out = out,
				  .write = n > 1 ? format->write : NULL };
	parts[1] = (struct part){ .rows = rows + half, .nrows = (size_t)nrows - half,
				  .format = format, .out = &rest };
	for (size_t i = 0; i < n && !rc; i++)
		rc = grid_columns(&parts[i].grid, sel, format);
	if (!rc)
		rc = both(parts, n, fill_part);
	if (!rc && n > 1)
		agree(parts);
	if (!rc && !format->noheadings)
		put_headings(out, &parts[0].grid, format->colour);
	if (!rc)
		rc = both(parts, n, lay_part);
	if (!rc && n > 1 && format->write)
		rc = format->write(out);
	if (!rc)
		mml_buf_put(out, rest.data, rest.len);
	grid_free(&parts[0].grid);
	grid_free(&parts[1].grid);
	mml_buf_free(&rest);
	free(rows);
	return rc ? rc : out->error;
}

/* Lines of cells between SEP; each cell appended by PUT. */
static int put_lines(struct mml_buf *out, const struct mml_select *sel,
		     const struct mml_table *table, const struct mml_format *format, char sep,
		     bool heads, void (*put)(struct mml_buf *out, const struct mml_column *col,
					     unsigned id, const struct mml_row *row,
					     const struct mml_style *style))
{
	const struct mml_row **rows;
	long nrows = mml_select_rows(sel, table, &rows);

	if (nrows < 0)
		return (int)nrows;
	for (size_t c = 0; c < sel->ncolumns && !format->noheadings; c++) {
		const struct mml_column *col = &sel->schema->columns[sel->columns[c]];

		mml_buf_puts(out, heads ? mml_column_head(col) : col->name);
		mml_buf_putc(out, c + 1 == sel->ncolumns ? '\n' : sep);
	}
	for (long r = 0; r < nrows; r++)
		for (size_t c = 0; c < sel->ncolumns; c++) {
			unsigned id = sel->columns[c];

			put(out, &sel->schema->columns[id], id, rows[r], &format->style);
			mml_buf_putc(out, c + 1 == sel->ncolumns ? '\n' : sep);
		}
	free(rows);
	return out->error;
}

/* An absent cell is nothing at all; a cell with a comma or a quote in it is quoted (RFC 4180). */
static void put_csv(struct mml_buf *out, const struct mml_column *col, unsigned id,
		    const struct mml_row *row, const struct mml_style *style)
{
	size_t start = out->len;
	struct mml_buf quoted = { 0 };

	if (!mml_has(row, id))
		return;
	mml_cell_text(out, col, id, row, style);
	if (out->error || col->type != MML_STR)
		return;
	if (out->len > start && !memchr(out->data + start, ',', out->len - start) &&
	    !memchr(out->data + start, '"', out->len - start))
		return;
	for (size_t i = start; i < out->len; i++) {
		if (out->data[i] == '"')
			mml_buf_putc(&quoted, '"');
		mml_buf_putc(&quoted, out->data[i]);
	}
	out->len = start;
	mml_buf_putc(out, '"');
	mml_buf_put(out, quoted.data, quoted.len);
	mml_buf_putc(out, '"');
	if (quoted.error)
		out->error = quoted.error;
	mml_buf_free(&quoted);
}

/* Blanks inside a cell, and cells that would look empty or absent, are escaped. */
static void put_raw(struct mml_buf *out, const struct mml_column *col, unsigned id,
		    const struct mml_row *row, const struct mml_style *style)
{
	struct mml_buf cell = { 0 };

	mml_cell_text(&cell, col, id, row, style);
	if (!cell.len && !cell.error)
		mml_buf_puts(out, "\"\"");
	if (cell.len == 2 && !memcmp(cell.data, "\"\"", 2)) {
		mml_buf_puts(out, "\\042\\042");
		cell.len = 0;
	}
	if (mml_has(row, id) && col->type == MML_STR && cell.len == 1 && *cell.data == '-') {
		mml_buf_puts(out, "\\055");
		cell.len = 0;
	}
	for (size_t i = 0; i < cell.len; i++)
		if (cell.data[i] == ' ')
			mml_buf_puts(out, "\\040");
		else
			mml_buf_putc(out, cell.data[i]);
	if (cell.error)
		out->error = cell.error;
	mml_buf_free(&cell);
}

int mml_render_csv(struct mml_buf *out, const struct mml_select *sel,
		   const struct mml_table *table, const struct mml_format *format)
{
	return put_lines(out, sel, table, format, ',', false, put_csv);
}

int mml_render_raw(struct mml_buf *out, const struct mml_select *sel,
		   const struct mml_table *table, const struct mml_format *format)
{
	return put_lines(out, sel, table, format, ' ', true, put_raw);
}

int mml_render_json(struct mml_buf *out, const struct mml_select *sels,
		    const struct mml_snapshot *snap, const struct mml_format *format)
{
	struct mml_absence why;
	const struct mml_module_json *json = mml_module("json", &why);

	return json ? json->render(out, sels, snap, format) : -ENOPKG;
}
