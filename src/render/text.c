/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
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
	uint16_t *widths;     /* of each, on the terminal */
	size_t *columns;      /* the widest of each column */
};

static void grid_free(struct grid *g)
{
	mml_buf_free(&g->cells);
	free(g->ends);
	free(g->widths);
	free(g->columns);
}

static int grid_fill(struct grid *g, const struct mml_select *sel, const struct mml_row **rows,
		     size_t nrows, const struct mml_format *format)
{
	size_t n = 0, ncols = sel->ncolumns;

	g->ends = malloc((nrows * ncols + 1) * sizeof(*g->ends));
	g->widths = malloc((nrows * ncols + 1) * sizeof(*g->widths));
	g->columns = calloc(ncols, sizeof(*g->columns));
	if (!g->ends || !g->widths || !g->columns || mml_buf_reserve(&g->cells, SHORT))
		return -ENOMEM;
	for (size_t c = 0; c < ncols && !format->noheadings; c++)
		g->columns[c] = strlen(sel->schema->columns[sel->columns[c]].head);
	for (size_t r = 0; r < nrows; r++)
		for (size_t c = 0; c < ncols; c++, n++) {
			unsigned id = sel->columns[c];
			size_t start = g->cells.len, width;

			mml_cell_text(&g->cells, &sel->schema->columns[id], id, rows[r],
				      &format->style);
			width = g->cells.len - start;
			if (sel->schema->columns[id].type == MML_STR)
				width = mml_text_width(g->cells.data + start, width,
						       format->style.utf8);
			g->ends[n] = (uint32_t)g->cells.len;
			g->widths[n] = (uint16_t)(width > UINT16_MAX ? UINT16_MAX : width);
			if (width > g->columns[c])
				g->columns[c] = width < WIDEST ? width : WIDEST;
		}
	mml_buf_reserve(&g->cells, SHORT); /* for put_cell() */
	return g->cells.error;
}

/* One cell, padded; nothing behind text at the end of a line. SHORT bytes from S on are readable. */
static void put_cell(struct mml_buf *out, const char *s, size_t len, size_t width, size_t column,
		     bool right, bool last)
{
	size_t pad = column > width && (right || !last) ? column - width : 0;
	size_t before = right ? pad : 0, after = pad - before;
	char *p;

	if (out->cap - out->len < len + pad + 2 * SHORT &&
	    mml_buf_reserve(out, len + pad + 2 * SHORT))
		return;
	p = out->data + out->len;
	if (pad > SHORT || len > SHORT) {
		memset(p, ' ', before);
		memcpy(p + before, s, len);
		memset(p + before + len, ' ', after);
	} else if (right) {
		memset(p, ' ', SHORT);
		memcpy(p + before, s, SHORT);
	} else {
		memcpy(p, s, SHORT);
		memset(p + len, ' ', SHORT);
	}
	p += len + pad;
	*p++ = last ? '\n' : ' ';
	*p = '\0';
	out->len = (size_t)(p - out->data);
}

static void put_headings(struct mml_buf *out, const struct mml_select *sel, const size_t *columns,
			 bool colour)
{
	if (colour)
		mml_buf_puts(out, "\033[1m");
	for (size_t c = 0; c < sel->ncolumns; c++) {
		const struct mml_column *col = &sel->schema->columns[sel->columns[c]];
		bool last = c + 1 == sel->ncolumns;
		size_t len = strlen(col->head);
		char head[SHORT * 4] = "";

		if (len < sizeof(head))
			memcpy(head, col->head, len);
		if (last && colour) {
			put_cell(out, head, len, len, columns[c], mml_column_right(col), last);
			out->len--; /* the newline goes behind the colour */
			mml_buf_puts(out, "\033[0m\n");
		} else {
			put_cell(out, head, len, len, columns[c], mml_column_right(col), last);
		}
	}
}

int mml_render_text(struct mml_buf *out, const struct mml_select *sel,
		    const struct mml_table *table, const struct mml_format *format)
{
	const struct mml_row **rows;
	struct grid g = { 0 };
	long nrows = mml_select_rows(sel, table, &rows);
	size_t n = 0, at = 0;
	int rc;

	if (nrows < 0)
		return (int)nrows;
	rc = grid_fill(&g, sel, rows, (size_t)nrows, format);
	if (rc)
		goto out;
	if (!format->noheadings)
		put_headings(out, sel, g.columns, format->colour);
	for (long r = 0; r < nrows; r++)
		for (size_t c = 0; c < sel->ncolumns; c++, n++) {
			const struct mml_column *col = &sel->schema->columns[sel->columns[c]];

			put_cell(out, g.cells.data + at, g.ends[n] - at, g.widths[n], g.columns[c],
				 mml_column_right(col), c + 1 == sel->ncolumns);
			at = g.ends[n];
		}
	rc = out->error;
out:
	grid_free(&g);
	free(rows);
	return rc;
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

		mml_buf_puts(out, heads ? col->head : col->name);
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
