/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../core/parse.h"
#include "../core/thread.h"
#include "../core/trouble.h"
#include "render.h"

/* A single name of a megabyte must not pad all other rows to a megabyte. */
enum { WIDEST = 512 };

/* Cells wait in slots until the widths of their columns are known. Each row has a line of slots. A
 * number's slot has its text, with a NUL behind it if there is room; a text's slot says where to
 * find it. */
struct grid {
	const struct mml_row **rows;
	const struct mml_style *style;
	char *slots;
	size_t line;          /* the bytes of a row's slots */
	struct mml_buf texts; /* texts that are not shown exactly as the row has them */
	size_t ncolumns;
	struct grid_column *columns;
};

struct grid_column {
	const struct mml_column *col;
	unsigned id;
	mml_formatter *format; /* NULL: the column is text */
	size_t slot;           /* the bytes of a cell's slot */
	size_t width;          /* of the widest cell */
};

/* The sizes of a number's slot. Almost all numbers fit a WORD, which is handled as one integer.
 * Addresses and all whole numbers fit a LONG one. */
enum { WORD = 8, LONG = 24, LONGEST = MML_NUMBER_MAX };

struct text {
	const char *own;  /* the row's own text, if that can be shown as it is, or NULL: then it */
	uint32_t at, len; /* is here in the grid's texts */
};

static void grid_free(struct grid *g)
{
	mml_buf_free(&g->texts);
	free(g->slots);
	free(g->columns);
}

static int grid_columns(struct grid *g, const struct mml_select *sel,
			const struct mml_format *format)
{
	g->columns = mml_calloc(sel->ncolumns, sizeof(*g->columns));
	if (!g->columns)
		return -ENOMEM;
	g->style = &format->style;
	g->ncolumns = sel->ncolumns;
	for (size_t c = 0; c < sel->ncolumns; c++) {
		const struct mml_column *col = &sel->schema->columns[sel->columns[c]];

		g->columns[c].col = col;
		g->columns[c].id = sel->columns[c];
		g->columns[c].format = mml_column_formatter(col, g->style);
		g->columns[c].slot = mml_column_is_text(col) ? sizeof(struct text) :
				     col->type == MML_ADDR ? LONG : WORD;
		g->columns[c].width = format->noheadings ? 0 : strlen(col->head);
	}
	return 0;
}

/* Writes a number into its slot. Returns its length. */
static size_t put_number(char *slot, const struct grid_column *c, const struct mml_row *row,
			 const struct mml_style *style)
{
	size_t len = 0;

	if (!mml_has(row, c->id)) {
		slot[len++] = '-';
	} else {
		if (mml_at_least(row, c->id)) {
			memcpy(slot, ">=", 2);
			len = 2;
		}
		len += c->format(slot + len, row->cell[c->id], style);
	}
	slot[len] = '\0';
	return len;
}

/* Writes a text's slot. Returns the width of the text. */
static size_t put_text(char *slot, struct grid *g, const struct grid_column *c,
		       const struct mml_row *row)
{
	bool just_so = mml_has(row, c->id) && !mml_at_least(row, c->id);
	struct text text = { just_so ? mml_value_str(c->col, row->cell[c->id]) : NULL, (uint32_t)g->texts.len, 0 };
	size_t len = just_so ? strlen(text.own) : 0, width = len;

	if (!just_so || !mml_text_plain(text.own, len)) {
		mml_cell_text(&g->texts, c->col, c->id, row, g->style);
		len = g->texts.len - text.at;
		width = len ? mml_text_width(g->texts.data + text.at, len, g->style->utf8) : 0;
		text.own = NULL;
	}
	text.len = (uint32_t)len;
	memcpy(slot, &text, sizeof(text));
	return width;
}

/* Fills the slots of all rows. Returns 0, -ENOMEM, or -E2BIG if a number did not fit its slot. In
 * that case the slot has been made larger, and the caller is to try again. */
static int fill_slots(struct grid *g, size_t nrows)
{
	size_t line = 0;
	char *slot;

	for (size_t c = 0; c < g->ncolumns; c++)
		line += g->columns[c].slot;
	g->line = line;
	free(g->slots);
	/* The last number, too, may be written beyond its slot. */
	g->slots = slot = mml_malloc(nrows * line + 2 + MML_NUMBER_MAX);
	if (!slot)
		return -ENOMEM;
	g->texts.len = 0;
	for (size_t r = 0; r < nrows; r++)
		for (size_t c = 0; c < g->ncolumns; c++) {
			struct grid_column *column = &g->columns[c];
			size_t width;

			if (!column->format) {
				width = put_text(slot, g, column, g->rows[r]);
			} else {
				width = put_number(slot, column, g->rows[r], g->style);
				if (width > column->slot) {
					column->slot = width > LONG ? LONGEST : LONG;
					return -E2BIG;
				}
			}
			if (width > column->width)
				column->width = width < WIDEST ? width : WIDEST;
			slot += column->slot;
		}
	return g->texts.error;
}

static void put_headings(struct mml_buf *out, const struct grid *g, bool colour)
{
	if (colour)
		mml_buf_puts(out, "\033[1m");
	for (size_t c = 0; c < g->ncolumns; c++) {
		const char *head = g->columns[c].col->head;
		size_t len = strlen(head), pad = g->columns[c].width - len;
		bool last = c + 1 == g->ncolumns;

		if (g->columns[c].format)
			mml_buf_pad(out, ' ', pad);
		mml_buf_put(out, head, len);
		if (!g->columns[c].format && !last)
			mml_buf_pad(out, ' ', pad);
		if (last && colour)
			mml_buf_puts(out, "\033[0m");
		mml_buf_putc(out, last ? '\n' : ' ');
	}
}

/* Moves a text of up to eight bytes, the first in the lowest, to the high end and puts blanks
 * before it. The text may have a NUL behind it. */
static uint64_t to_the_right(uint64_t w)
{
	uint64_t end = (w - MML_EACH(1)) & ~w & MML_EACH(0x80);
	unsigned bits = end ? (unsigned)__builtin_ctzll(end) - 7 : 64;

	return w << (64 - bits) | MML_EACH(' ') >> (bits - 8) >> 8;
}

/* Writes a number at P. Up to LONG bytes behind it are overwritten. Returns its end. */
static char *lay_number(char *p, const char *slot, const struct grid_column *c)
{
	size_t len;

	if (c->slot == WORD && c->width <= 2 * WORD) {
		size_t before = c->width > WORD ? c->width - WORD : 0;
		size_t less = c->width < WORD ? WORD - c->width : 0;

		mml_store8(p, MML_EACH(' '));
		mml_store8(p + before, to_the_right(mml_load8(slot)) >> 8 * less);
	} else if (c->slot == LONG && c->width <= LONG) {
		len = strnlen(slot, LONG);
		memset(p, ' ', LONG);
		memcpy(p + c->width - len, slot, LONG);
	} else {
		len = strnlen(slot, c->slot);
		memset(p, ' ', c->width - len);
		memcpy(p + c->width - len, slot, len);
	}
	return p + c->width;
}

/* Writes a text at P and returns its end. The text may be wider than its column; then OUT gets room
 * for it and for a LINE behind it. Returns NULL when memory ran out. */
static char *lay_text(char *p, struct mml_buf *out, const char *slot, const struct grid *g,
		      const struct grid_column *c, size_t line)
{
	bool last = c == &g->columns[g->ncolumns - 1];
	struct text text;
	const char *s;
	size_t width;

	memcpy(&text, slot, sizeof(text));
	s = text.own ? text.own : g->texts.data + text.at;
	width = text.own ? text.len : mml_text_width(s, text.len, g->style->utf8);
	if (text.len > c->width) {
		out->len = (size_t)(p - out->data);
		if (mml_buf_reserve(out, text.len + c->width + line))
			return NULL;
		p = out->data + out->len;
	}
	memcpy(p, s, text.len);
	p += text.len;
	if (width < c->width && !last) {
		memset(p, ' ', c->width - width);
		p += c->width - width;
	}
	return p;
}

/* Appends the rows from FIRST to LAST, padded. Text at the end of a line is not padded. */
static int put_rows(struct mml_buf *out, const struct grid *g, size_t first, size_t last)
{
	const char *slot = g->slots + first * g->line;
	size_t line = LONG;

	for (size_t c = 0; c < g->ncolumns; c++)
		line += g->columns[c].width + 1;
	if (mml_buf_reserve(out, (last - first) * line))
		return out->error;
	for (size_t r = first; r < last; r++) {
		char *p;

		if (mml_buf_reserve(out, line))
			return out->error;
		p = out->data + out->len;
		for (size_t c = 0; c < g->ncolumns; c++) {
			const struct grid_column *column = &g->columns[c];

			p = column->format ? lay_number(p, slot, column) :
					     lay_text(p, out, slot, g, column, line);
			if (!p)
				return out->error;
			*p++ = ' ';
			slot += column->slot;
		}
		p[-1] = '\n';
		out->len = (size_t)(p - out->data);
	}
	out->data[out->len] = '\0';
	return 0;
}

/* From MANY rows on, two threads format and lay out one half each. */
enum { MANY = 4096, PIECE = 512 };

struct part {
	struct grid grid;
	size_t nrows;
	struct mml_buf *out;
	int (*write)(struct mml_buf *out); /* as in struct mml_format */
	int rc;
};

static void *fill_part(void *arg)
{
	struct part *part = arg;

	do
		part->rc = fill_slots(&part->grid, part->nrows);
	while (part->rc == -E2BIG);
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
	if (n > 1)
		mml_both(work, &parts[0], &parts[1]);
	else
		work(&parts[0]);
	return parts[0].rc ? parts[0].rc : parts[n - 1].rc;
}

/* Gives the columns of both halves the same width. */
static void agree(struct part *parts)
{
	struct grid *a = &parts[0].grid, *b = &parts[1].grid;

	for (size_t c = 0; c < a->ncolumns; c++) {
		size_t width = a->columns[c].width;

		if (b->columns[c].width > width)
			width = b->columns[c].width;
		a->columns[c].width = b->columns[c].width = width;
	}
}

static int text_table(struct mml_render *r, const struct mml_select *sel,
		      const struct mml_table *table)
{
	const struct mml_format *format = r->format;
	struct mml_buf *out = r->out;
	const struct mml_row **rows;
	struct mml_buf rest = { 0 };
	struct part parts[2] = { 0 };
	long nrows = mml_select_rows(sel, table, &rows);
	size_t n = nrows < MANY ? 1 : 2, half;
	int rc = 0;

	if (nrows < 0)
		return (int)nrows;
	half = (size_t)nrows / n;
	parts[0] = (struct part){ .grid.rows = rows, .nrows = half, .out = out,
				  .write = n > 1 ? format->write : NULL };
	parts[1] = (struct part){ .grid.rows = rows + half, .nrows = (size_t)nrows - half,
				  .out = &rest };
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

const struct mml_renderer mml_renderer_text = { .name = "text", .between = ' ',
						   .time_head = "TIME                    ",
						   .table = text_table };
