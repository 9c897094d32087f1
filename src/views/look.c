/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "look.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct mml_table *mml_look_table(const struct mml_moment *moment, const char *name)
{
	return moment->now ? mml_snapshot_table(moment->now, name) : NULL;
}

static const char *take_text(struct mml_buf *buf, char ret[MML_LOOK_TEXT])
{
	size_t len = buf->len < MML_LOOK_TEXT ? buf->len : MML_LOOK_TEXT - 1;

	/* Text must not be cut inside a character. */
	while (len && len < buf->len && ((unsigned char)buf->data[len] & 0xc0) == 0x80)
		len--;
	if (len)
		memcpy(ret, buf->data, len);
	ret[len] = '\0';
	mml_buf_free(buf);
	return ret;
}

const char *mml_look_text(const struct mml_table *table, const struct mml_row *row,
			  const char *name, const struct mml_style *style, char ret[MML_LOOK_TEXT])
{
	int col = mml_look_id(table->schema, name, ~0u);
	struct mml_buf buf = { 0 };

	if (col >= 0)
		mml_cell_text(&buf, &table->schema->columns[col], (unsigned)col, row, style);
	return take_text(&buf, ret);
}

const char *mml_look_size(double bytes, const struct mml_style *style, char ret[MML_LOOK_TEXT])
{
	if (isnan(bytes))
		snprintf(ret, MML_LOOK_TEXT, "-");
	else
		ret[mml_format_size(ret, bytes, style->units, style->page_size)] = '\0';
	return ret;
}

const char *mml_look_safe(const char *s, const struct mml_style *style, char ret[MML_LOOK_TEXT])
{
	struct mml_buf buf = { 0 };

	mml_escape(&buf, s, strlen(s), style->utf8);
	return take_text(&buf, ret);
}

struct mml_canvas mml_look_section(const struct mml_canvas *canvas, const char *title,
				   const char *remark)
{
	int x = mml_draw(canvas, 0, 0, MML_INK_TITLE, title) + 1;
	int end = canvas->cols;

	if (remark && *remark) {
		int len = (int)mml_text_width(remark, strlen(remark), canvas->utf8);

		if (x + len + 3 <= canvas->cols) {
			end -= len + 1;
			mml_draw(canvas, 0, end + 1, MML_INK_DIM, remark);
		}
	}
	mml_draw_run(canvas, 0, x, end - x, MML_INK_FRAME, canvas->utf8 ? 0x2500 : '-');
	return mml_canvas_part(canvas, 1, 0, canvas->rows - 1, canvas->cols);
}

bool mml_look_absent(const struct mml_canvas *canvas, const struct mml_table *table)
{
	if (table && table->nrows)
		return false;
	mml_draw_field(canvas, 0, 0, canvas->cols, false, MML_INK_DIM,
		       !table	    ? "waiting for the first sample" :
		       table->error ? table->absence.reason :
		       table->note  ? table->note :
				      "nothing");
	if (table && table->error && table->absence.needs && canvas->rows > 1) {
		int x = mml_draw(canvas, 1, 0, MML_INK_DIM, "needs ");

		mml_draw_field(canvas, 1, x, canvas->cols - x, false, MML_INK_DIM,
			       table->absence.needs);
	}
	return true;
}

void mml_look_age(const struct mml_canvas *canvas, const struct mml_moment *moment)
{
	for (int y = 0; moment->old && y < canvas->rows; y++)
		for (int x = 0; x < canvas->cols; x++) {
			struct mml_glyph *cell = canvas->cells + (size_t)y * (size_t)canvas->stride + x;

			/* The cursor must stay visible. */
			if (cell->ink != MML_INK_SELECTED)
				cell->ink = MML_INK_OLD;
		}
}

/* Returns the part of lowest priority that still has rows, or N if there is none. Among equal ones
 * it is the last. */
static size_t lowest(const struct mml_stack *parts, size_t n, const int *rows)
{
	size_t low = n;

	for (size_t i = 0; i < n; i++)
		if (rows[i] && (low == n || parts[i].priority <= parts[low].priority))
			low = i;
	return low;
}

void mml_look_stack(const struct mml_canvas *canvas, const struct mml_stack *parts, size_t n,
		    void *ctx)
{
	int rows[16], left = canvas->rows, y = 0;
	bool grown = true;

	n = n > 16 ? 16 : n;
	for (size_t i = 0; i < n; i++) {
		rows[i] = parts[i].max > 0 ? parts[i].min : 0;
		left -= rows[i];
	}
	while (left < 0) {
		size_t low = lowest(parts, n, rows);

		if (low == n)
			return;
		left += rows[low];
		rows[low] = 0;
	}
	/* Rows that are left are given to the parts in turn, one at a time. */
	while (left > 0 && grown) {
		grown = false;
		for (size_t i = 0; i < n && left > 0; i++)
			if (rows[i] && rows[i] < parts[i].max) {
				rows[i]++;
				left--;
				grown = true;
			}
	}
	for (size_t i = 0; i < n; i++) {
		struct mml_canvas part = mml_canvas_part(canvas, y, 0, rows[i], canvas->cols);

		if (rows[i])
			parts[i].draw(ctx, &part);
		y += rows[i];
	}
}
