/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "canvas.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "../core/trouble.h"
#include "../render/cell.h"

int mml_canvas_init(struct mml_canvas *canvas, int rows, int cols, bool utf8)
{
	rows = rows < 1 ? 1 : rows;
	cols = cols < 1 ? 1 : cols;
	*canvas = (struct mml_canvas){ .rows = rows, .cols = cols, .utf8 = utf8, .stride = cols };
	canvas->cells = mml_malloc((size_t)rows * (size_t)cols * sizeof(*canvas->cells));
	if (!canvas->cells) {
		canvas->rows = canvas->cols = 0;
		return -ENOMEM;
	}
	mml_canvas_clear(canvas);
	return 0;
}

void mml_canvas_free(struct mml_canvas *canvas)
{
	free(canvas->cells);
	*canvas = (struct mml_canvas){ 0 };
}

void mml_canvas_clear(struct mml_canvas *canvas)
{
	for (int y = 0; y < canvas->rows; y++)
		mml_draw_run(canvas, y, 0, canvas->cols, MML_INK_TEXT, ' ');
}

struct mml_canvas mml_canvas_part(const struct mml_canvas *canvas, int y, int x, int rows, int cols)
{
	struct mml_canvas part = *canvas;

	if (y < 0) {
		rows += y;
		y = 0;
	}
	if (x < 0) {
		cols += x;
		x = 0;
	}
	if (rows > canvas->rows - y)
		rows = canvas->rows - y;
	if (cols > canvas->cols - x)
		cols = canvas->cols - x;
	part.top += y;
	part.left += x;
	part.rows = rows > 0 ? rows : 0;
	part.cols = cols > 0 ? cols : 0;
	if (part.rows && part.cols)
		part.cells = canvas->cells + (size_t)y * (size_t)canvas->stride + x;
	else
		part.rows = part.cols = 0;
	return part;
}

static struct mml_glyph *cell(const struct mml_canvas *canvas, int y, int x)
{
	if (y < 0 || y >= canvas->rows || x < 0 || x >= canvas->cols)
		return NULL;
	return canvas->cells + (size_t)y * (size_t)canvas->stride + x;
}

/* Returns the columns that CH takes: 0 if it joins the character before it, and -1 if it must not
 * be drawn. */
static int width(const struct mml_canvas *canvas, uint32_t ch)
{
	if (ch >= ' ' && ch < 0x7f)
		return 1;
	if (!canvas->utf8 || ch < 0xa0)
		return -1;
	/* Box lines, blocks, shades and braille are needed for drawing, whatever the locale knows
	 * of them. */
	if ((ch >= 0x2500 && ch < 0x2600) || ch == 0xb7 || ch == 0x2026 || ch == 0x2039 || ch == 0x203a)
		return 1;
	return wcwidth((wchar_t)ch);
}

/* When one half of a wide character is overwritten, the other half becomes a blank. */
static void set(const struct mml_canvas *canvas, int y, int x, uint32_t ink, uint32_t ch)
{
	struct mml_glyph *at = cell(canvas, y, x), *beside;

	if (!at)
		return;
	if (!at->ch && (beside = cell(canvas, y, x - 1)))
		beside->ch = ' ';
	if (ch && (beside = cell(canvas, y, x + 1)) && !beside->ch)
		beside->ch = ' ';
	*at = (struct mml_glyph){ ch, ink };
}

void mml_draw_char(const struct mml_canvas *canvas, int y, int x, enum mml_ink ink, uint32_t ch)
{
	set(canvas, y, x, ink, width(canvas, ch) == 1 ? ch : '?');
}

void mml_draw_run(const struct mml_canvas *canvas, int y, int x, int cols, enum mml_ink ink,
		  uint32_t ch)
{
	int end = cols < canvas->cols - x ? x + cols : canvas->cols;

	ch = width(canvas, ch) == 1 ? ch : '?';
	for (x = x < 0 ? 0 : x; x < end; x++)
		set(canvas, y, x, ink, ch);
}

int mml_draw(const struct mml_canvas *canvas, int y, int x, enum mml_ink ink, const char *text)
{
	size_t left = strlen(text);
	int from = x;

	while (left) {
		uint32_t ch;
		size_t n = mml_utf8_next(text, left, &ch);
		int w = n ? width(canvas, ch) : -1;

		if (w < 0) {
			ch = '?';
			w = 1;
		}
		n = n ? n : 1;
		if (w == 2 && x + 1 >= canvas->cols) {
			set(canvas, y, x, ink, ' '); /* only half of it would fit */
		} else if (w) {
			set(canvas, y, x, ink, ch);
			if (w == 2)
				set(canvas, y, x + 1, ink, 0);
		}
		x += w;
		text += n;
		left -= n;
	}
	return x - from;
}

int mml_drawf(const struct mml_canvas *canvas, int y, int x, enum mml_ink ink, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return mml_draw(canvas, y, x, ink, text);
}

static int text_width(const struct mml_canvas *canvas, const char *text)
{
	struct mml_canvas none = { .utf8 = canvas->utf8 };

	return mml_draw(&none, 0, 0, MML_INK_TEXT, text);
}

void mml_draw_field(const struct mml_canvas *canvas, int y, int x, int cols, bool right,
		    enum mml_ink ink, const char *text)
{
	struct mml_canvas field = mml_canvas_part(canvas, y, x, 1, cols);
	int w;

	if (!field.cols)
		return;
	w = text_width(canvas, text);
	mml_draw_run(&field, 0, 0, cols, ink, ' ');
	mml_draw(&field, 0, right && w < cols ? cols - w : 0, ink, text);
	if (w > cols)
		mml_draw_char(&field, 0, cols - 1, ink, canvas->utf8 ? 0x2026 : '~');
}

void mml_draw_path(const struct mml_canvas *canvas, int y, int x, int cols, enum mml_ink ink,
		   const char *text)
{
	const char *tail = text, *slash;

	if (text_width(canvas, text) <= cols) {
		mml_draw_field(canvas, y, x, cols, false, ink, text);
		return;
	}
	/* The end tells paths apart: as much of it as fits, from a slash if one is near. */
	while (*tail && text_width(canvas, tail) > cols - 1)
		tail += mml_utf8_next(tail, strlen(tail), &(uint32_t){ 0 }) ?: 1;
	slash = strchr(tail, '/');
	if (slash && slash - tail <= cols / 2)
		tail = slash;
	mml_draw_field(canvas, y, x + 1, cols - 1, false, ink, tail);
	if (cols > 0)
		mml_draw_char(canvas, y, x, ink, canvas->utf8 ? 0x2026 : '~');
}

/* Where the line of TEXT that fits into COLS ends; NEXT: where the one after it begins. */
static const char *line_end(const struct mml_canvas *canvas, const char *text, int cols,
			    const char **ret_next)
{
	const char *blank = NULL, *p = text;
	int x = 0;

	while (*p && *p != '\n') {
		uint32_t ch;
		size_t n = mml_utf8_next(p, strlen(p), &ch);
		int w = n ? width(canvas, ch) : 1;

		x += w < 0 ? 1 : w;
		if (x > cols && p > text)
			break;
		if (*p == ' ')
			blank = p;
		p += n ? n : 1;
	}
	if (!*p || *p == '\n') {
		*ret_next = *p ? p + 1 : p;
		return p;
	}
	if (*p == ' ')
		blank = p;
	*ret_next = blank ? blank + 1 : p;
	return blank ? blank : p;
}

int mml_draw_text(const struct mml_canvas *canvas, int y, int x, int cols, enum mml_ink ink,
		  const char *text)
{
	struct mml_buf line = { 0 };
	int from = y;

	cols = cols < 1 ? 1 : cols;
	while (*text) {
		const char *next, *end = line_end(canvas, text, cols, &next);

		line.len = 0;
		mml_buf_put(&line, text, (size_t)(end - text));
		if (!line.error && line.len)
			mml_draw(canvas, y, x, ink, line.data);
		y++;
		text = next;
	}
	mml_buf_free(&line);
	return y - from;
}

void mml_draw_ink(const struct mml_canvas *canvas, int y, int x, int cols, enum mml_ink ink)
{
	for (; cols > 0; cols--, x++) {
		struct mml_glyph *at = cell(canvas, y, x);

		if (at)
			at->ink = ink;
	}
}

void mml_draw_cursor(const struct mml_canvas *canvas, int y, int x, int cols)
{
	for (; cols > 0; cols--, x++) {
		struct mml_glyph *at = cell(canvas, y, x);

		if (at)
			at->ink |= MML_ON_CURSOR;
	}
}

static const struct {
	const char *name;
	enum mml_ink ink;
	uint32_t ch;
	char plain;
	const char *help;
} kinds[] = {
#define USE(id, name, ch, plain, help) { name, MML_INK_##id, ch, plain, help },
#include "uses.def"
#undef USE
};

const char *mml_use_name(enum mml_use kind)
{
	return kinds[kind].name;
}

const char *mml_use_help(enum mml_use kind)
{
	return kinds[kind].help;
}

enum mml_ink mml_use_ink(enum mml_use kind)
{
	return kinds[kind].ink;
}

uint32_t mml_use_char(const struct mml_canvas *canvas, enum mml_use kind)
{
	return canvas->utf8 ? kinds[kind].ch : (uint32_t)kinds[kind].plain;
}

static void put_utf8(struct mml_buf *out, uint32_t c)
{
	char bytes[4];

	mml_buf_put(out, bytes, mml_utf8_bytes(c, bytes));
}

static void end_line(struct mml_buf *out, size_t start)
{
	while (out->len > start && out->data[out->len - 1] == ' ')
		out->len--;
	mml_buf_putc(out, '\n');
}

void mml_canvas_text(const struct mml_canvas *canvas, struct mml_buf *out)
{
	for (int y = 0; y < canvas->rows; y++) {
		size_t start = out->len;

		for (int x = 0; x < canvas->cols; x++) {
			uint32_t ch = cell(canvas, y, x)->ch;

			if (ch)
				put_utf8(out, ch);
		}
		end_line(out, start);
	}
}

void mml_canvas_inks(const struct mml_canvas *canvas, struct mml_buf *out)
{
	static const char letters[] = {
#define INK(id, letter, ...) letter,
#include "inks.def"
#undef INK
	};

	for (int y = 0; y < canvas->rows; y++) {
		size_t start = out->len;

		for (int x = 0; x < canvas->cols; x++) {
			uint32_t ink = cell(canvas, y, x)->ink;
			bool cursor = ink & MML_ON_CURSOR;

			ink &= ~(uint32_t)MML_ON_CURSOR;
			mml_buf_putc(out, ink ? (cursor ? (char)toupper(letters[ink]) : letters[ink])
					      : (cursor ? '_' : ' '));
		}
		end_line(out, start);
	}
}
