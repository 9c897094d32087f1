/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "render.h"

/* Appends lines of cells with SEP between them. PUT appends each cell. */
static int put_lines(struct mml_render *r, const struct mml_select *sel,
		     const struct mml_table *table, char sep, bool heads,
		     void (*put)(struct mml_buf *out, const struct mml_column *col,
					     unsigned id, const struct mml_row *row,
					     const struct mml_style *style))
{
	struct mml_buf *out = r->out;
	const struct mml_row **rows;
	long nrows = mml_select_rows(sel, table, &rows);

	if (nrows < 0)
		return (int)nrows;
	for (size_t c = 0; c < sel->ncolumns && !r->format->noheadings; c++) {
		const struct mml_column *col = &sel->schema->columns[sel->columns[c]];

		mml_buf_puts(out, heads ? col->head : col->name);
		mml_buf_putc(out, c + 1 == sel->ncolumns ? '\n' : sep);
	}
	for (long k = 0; k < nrows && !out->error; k++)
		for (size_t c = 0; c < sel->ncolumns; c++) {
			unsigned id = sel->columns[c];

			put(out, &sel->schema->columns[id], id, rows[k], &r->format->style);
			mml_buf_putc(out, c + 1 == sel->ncolumns ? '\n' : sep);
		}
	free(rows);
	return out->error;
}

/* An absent cell is empty. A cell with a comma or a quote in it is quoted (RFC 4180). */
static void put_csv(struct mml_buf *out, const struct mml_column *col, unsigned id,
		    const struct mml_row *row, const struct mml_style *style)
{
	size_t start = out->len;
	struct mml_buf quoted = { 0 };

	if (!mml_has(row, id))
		return;
	mml_cell_text(out, col, id, row, style);
	if (out->error || !mml_column_is_text(col))
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

/* Blanks inside a cell are escaped, and so are cells that would look empty or absent. */
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
	if (mml_has(row, id) && mml_column_is_text(col) && cell.len == 1 && *cell.data == '-') {
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

static int csv_table(struct mml_render *r, const struct mml_select *sel,
		     const struct mml_table *table)
{
	return put_lines(r, sel, table, ',', false, put_csv);
}

static int raw_table(struct mml_render *r, const struct mml_select *sel,
		     const struct mml_table *table)
{
	return put_lines(r, sel, table, ' ', true, put_raw);
}

const struct mml_renderer mml_renderer_csv = { .name = "csv", .exact = true, .single = true,
						  .between = ',', .time_head = "time",
						  .table = csv_table };
const struct mml_renderer mml_renderer_raw = { .name = "raw", .exact = true, .between = ' ',
						  .time_head = "TIME", .table = raw_table };
