/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../core/parse.h"
#include "render.h"

/* Labels may take so much of a line. A longer one pushes its text to the right. */
enum { WIDEST_LABEL = 24, NARROWEST = 20 };

/* "what_happened" is read as "What happened". */
static void put_label(struct mml_buf *out, const char *name)
{
	for (const char *p = name; *p; p++)
		mml_buf_putc(out, p == name ? (char)toupper((unsigned char)*p) :
				  *p == '_' ? ' ' : *p);
}

static size_t label_width(const struct mml_select *sel)
{
	size_t width = 0;

	for (size_t c = 1; c < sel->ncolumns; c++) {
		size_t len = strlen(sel->schema->columns[sel->columns[c]].name);

		if (len > width && len <= WIDEST_LABEL)
			width = len;
	}
	return width + 2;
}

/* Appends TEXT, which has been escaped. Its words go to the next line where the format's width
 * ends, and lines begin at column INDENT. */
static void put_words(struct mml_buf *out, struct mml_span text, size_t indent,
		      const struct mml_format *format)
{
	size_t width = format->width > indent + NARROWEST ? format->width : 0, at = indent;
	struct mml_span word;
	bool first = true;

	while (mml_next_token(&text, &word)) {
		size_t len = mml_text_width(word.p, mml_span_len(word), format->style.utf8);

		if (!first && width && at + 1 + len > width) {
			mml_buf_putc(out, '\n');
			mml_buf_pad(out, ' ', indent);
			at = indent;
		} else if (!first) {
			mml_buf_putc(out, ' ');
			at++;
		}
		mml_buf_put(out, word.p, mml_span_len(word));
		at += len;
		first = false;
	}
	mml_buf_putc(out, '\n');
}

static void put_cell(struct mml_render *r, const struct mml_column *col, unsigned id,
		     const struct mml_row *row, size_t indent)
{
	struct mml_buf cell = { 0 };
	size_t len = strlen(col->name);

	mml_cell_text(&cell, col, id, row, &r->format->style);
	put_label(r->out, col->name);
	mml_buf_pad(r->out, ' ', len + 2 > indent ? 2 : indent - len);
	put_words(r->out, (struct mml_span){ cell.data, cell.data + cell.len }, indent, r->format);
	if (cell.error)
		r->out->error = cell.error;
	mml_buf_free(&cell);
}

/* The first column is the page's title. A number does not speak for itself, and has its name
 * before it. */
static void put_title(struct mml_render *r, const struct mml_column *col, unsigned id,
		      const struct mml_row *row)
{
	if (r->format->noheadings)
		return;
	if (r->format->colour)
		mml_buf_puts(r->out, "\033[1m");
	if (!mml_column_is_text(col)) {
		put_label(r->out, col->name);
		mml_buf_putc(r->out, ' ');
	}
	mml_cell_text(r->out, col, id, row, &r->format->style);
	if (r->format->colour)
		mml_buf_puts(r->out, "\033[0m");
	mml_buf_putc(r->out, '\n');
}

static int page_table(struct mml_render *r, const struct mml_select *sel,
		      const struct mml_table *table)
{
	const struct mml_row **rows;
	long nrows = mml_select_rows(sel, table, &rows);
	size_t indent = label_width(sel);

	if (nrows < 0)
		return (int)nrows;
	for (long k = 0; k < nrows && !r->out->error; k++) {
		if (k)
			mml_buf_putc(r->out, '\n');
		for (size_t c = 0; c < sel->ncolumns; c++) {
			unsigned id = sel->columns[c];
			const struct mml_column *col = &sel->schema->columns[id];

			if (!c)
				put_title(r, col, id, rows[k]);
			else if (mml_has(rows[k], id))
				put_cell(r, col, id, rows[k], indent);
		}
	}
	free(rows);
	return r->out->error;
}

const struct mml_renderer mml_renderer_page = { .name = "page", .table = page_table };
