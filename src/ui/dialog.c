/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dialog.h"

#include <stdio.h>
#include <string.h>

#include "../render/cell.h"

#define CTRL(c) ((c) & 0x1f)

void mml_prompt_set(struct mml_prompt *prompt, const char *text)
{
	snprintf(prompt->text, sizeof(prompt->text), "%s", text);
	prompt->len = prompt->at = strlen(prompt->text);
}

/* Returns the number of bytes of the character in front of the cursor, or behind it. */
static size_t char_before(const struct mml_prompt *p)
{
	size_t n = p->at ? 1 : 0;

	while (n && n < p->at && ((unsigned char)p->text[p->at - n] & 0xc0) == 0x80)
		n++;
	return n;
}

static size_t char_behind(const struct mml_prompt *p)
{
	size_t n = p->at < p->len ? 1 : 0;

	while (n && p->at + n < p->len && ((unsigned char)p->text[p->at + n] & 0xc0) == 0x80)
		n++;
	return n;
}

static void cut(struct mml_prompt *p, size_t from, size_t n)
{
	memmove(p->text + from, p->text + from + n, p->len - from - n + 1);
	p->len -= n;
	p->at = from;
}

static void insert(struct mml_prompt *p, uint32_t c)
{
	char s[4];
	size_t n = mml_utf8_bytes(c, s);

	if (p->len + n >= sizeof(p->text))
		return;
	memmove(p->text + p->at + n, p->text + p->at, p->len - p->at + 1);
	memcpy(p->text + p->at, s, n);
	p->len += n;
	p->at += n;
}

enum mml_typed mml_prompt_key(struct mml_prompt *p, uint32_t key)
{
	size_t n;

	switch (key) {
	case MML_ENTER:
	case CTRL('j'):
	case CTRL('m'):
		return MML_TYPED;
	case MML_ESC:
	case CTRL('c'):
	case CTRL('g'):
		return MML_CANCELLED;
	case MML_BACKSPACE:
	case CTRL('h'):
	case 0x7f:
		n = char_before(p);
		cut(p, p->at - n, n);
		break;
	case MML_DELETE:
	case CTRL('d'):
		cut(p, p->at, char_behind(p));
		break;
	case CTRL('u'):
		cut(p, 0, p->at);
		break;
	case CTRL('w'):
		for (n = p->at; n && p->text[n - 1] == ' '; n--)
			;
		for (; n && p->text[n - 1] != ' '; n--)
			;
		cut(p, n, p->at - n);
		break;
	case CTRL('k'):
		cut(p, p->at, p->len - p->at);
		break;
	case MML_LEFT:
	case CTRL('b'):
		p->at -= char_before(p);
		break;
	case MML_RIGHT:
	case CTRL('f'):
		p->at += char_behind(p);
		break;
	case MML_HOME:
	case CTRL('a'):
		p->at = 0;
		break;
	case MML_END:
	case CTRL('e'):
		p->at = p->len;
		break;
	default:
		if (key >= ' ' && key < 0x110000 && (key < 0x7f || key >= 0xa0))
			insert(p, key);
	}
	return MML_TYPING;
}

void mml_prompt_paste(struct mml_prompt *p, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		uint32_t c;
		size_t n = mml_utf8_next(text, left, &c);

		insert(p, !n || c < ' ' || (c >= 0x7f && c < 0xa0) ? ' ' : c);
		text += n ? n : 1;
		left -= n ? n : 1;
	}
}

void mml_prompt_replace(struct mml_prompt *p, size_t from, size_t n, const char *text)
{
	cut(p, from, n);
	mml_prompt_paste(p, text);
}

int mml_prompt_draw(const struct mml_prompt *p, const struct mml_canvas *canvas, int y,
		    const char *label)
{
	char before[sizeof(p->text)];
	int x, cursor, over;

	memcpy(before, p->text, p->at);
	before[p->at] = '\0';
	mml_draw_run(canvas, y, 0, canvas->cols, MML_INK_STRONG, ' ');
	x = mml_draw(canvas, y, 0, MML_INK_STRONG, label);
	cursor = x + (int)mml_text_width(before, p->at, canvas->utf8);
	/* Of a line that is too long, the part around the cursor is shown. */
	over = cursor - canvas->cols + 1;
	if (over > 0) {
		mml_draw(canvas, y, x - over, MML_INK_STRONG, p->text);
		mml_draw_run(canvas, y, 0, x, MML_INK_STRONG, ' ');
		mml_draw(canvas, y, 0, MML_INK_STRONG, label);
		return canvas->cols - 1;
	}
	mml_draw(canvas, y, x, MML_INK_STRONG, p->text);
	return cursor;
}

bool mml_scroll_input(struct mml_scroll *s, const struct mml_input *in, bool has_cursor)
{
	long page = s->page > 1 ? (long)s->page : 1, last = (long)s->n - 1;
	long *at, by = 0, cursor = (long)s->cursor, top = (long)s->top;
	bool wheel = in->key == MML_MOUSE;

	at = has_cursor ? &cursor : &top;
	if (wheel && in->mouse.what == MML_WHEEL_UP)
		by = -3;
	else if (wheel && in->mouse.what == MML_WHEEL_DOWN)
		by = 3;
	else if (in->what == MML_DO_UP)
		by = -1;
	else if (in->what == MML_DO_DOWN)
		by = 1;
	else if (in->what == MML_DO_PAGE_UP || in->what == MML_DO_HALF_UP)
		by = -page;
	else if (in->what == MML_DO_PAGE_DOWN || in->what == MML_DO_HALF_DOWN)
		by = page;
	else if (in->what == MML_DO_FIRST)
		by = -*at;
	else if (in->what == MML_DO_LAST)
		by = last - *at;
	else
		return false;
	*at += by;
	*at = *at > last ? last : *at;
	*at = *at < 0 ? 0 : *at;
	s->cursor = (size_t)cursor;
	s->top = (size_t)top;
	return true;
}

void mml_scroll_fit(struct mml_scroll *s, int rows, bool has_cursor)
{
	s->page = rows > 0 ? (size_t)rows : 0;
	if (has_cursor) {
		if (s->cursor >= s->n)
			s->cursor = s->n ? s->n - 1 : 0;
		if (s->cursor < s->top)
			s->top = s->cursor;
		if (s->page && s->cursor >= s->top + s->page)
			s->top = s->cursor - s->page + 1;
	}
	if (s->top + s->page > s->n)
		s->top = s->n > s->page ? s->n - s->page : 0;
}

static void draw_frame(const struct mml_canvas *box, const char *title)
{
	static const uint32_t lines[] = { 0x250c, 0x2510, 0x2514, 0x2518, 0x2500, 0x2502 };
	static const uint32_t plain[] = { '+', '+', '+', '+', '-', '|' };
	const uint32_t *c = box->utf8 ? lines : plain;
	int bottom = box->rows - 1, right = box->cols - 1;

	mml_draw_run(box, 0, 0, box->cols, MML_INK_QUIET, c[4]);
	mml_draw_run(box, bottom, 0, box->cols, MML_INK_QUIET, c[4]);
	for (int y = 1; y < bottom; y++) {
		mml_draw_char(box, y, 0, MML_INK_QUIET, c[5]);
		mml_draw_char(box, y, right, MML_INK_QUIET, c[5]);
	}
	mml_draw_char(box, 0, 0, MML_INK_QUIET, c[0]);
	mml_draw_char(box, 0, right, MML_INK_QUIET, c[1]);
	mml_draw_char(box, bottom, 0, MML_INK_QUIET, c[2]);
	mml_draw_char(box, bottom, right, MML_INK_QUIET, c[3]);
	if (box->cols > 6) {
		struct mml_canvas top = mml_canvas_part(box, 0, 2, 1, box->cols - 4);

		mml_drawf(&top, 0, 0, MML_INK_STRONG, " %s ", title);
	}
}

struct mml_canvas mml_box(const struct mml_canvas *canvas, int rows, int cols, const char *title)
{
	struct mml_canvas box;

	rows = rows + 2 < canvas->rows ? rows + 2 : canvas->rows;
	cols = cols + 4 < canvas->cols ? cols + 4 : canvas->cols;
	box = mml_canvas_part(canvas, (canvas->rows - rows) / 2, (canvas->cols - cols) / 2, rows,
			      cols);
	mml_canvas_clear(&box);
	/* A frame is drawn only if there is room for something inside it. */
	if (box.rows < 4 || box.cols < 12)
		return box;
	draw_frame(&box, title);
	return mml_canvas_part(&box, 1, 2, box.rows - 2, box.cols - 4);
}

void mml_page_draw(struct mml_scroll *s, const struct mml_canvas *canvas, const char *text)
{
	struct mml_canvas none = { .utf8 = canvas->utf8 };

	s->n = (size_t)mml_draw_text(&none, 0, 0, canvas->cols, MML_INK_TEXT, text);
	mml_scroll_fit(s, canvas->rows, false);
	mml_draw_text(canvas, -(int)s->top, 0, canvas->cols, MML_INK_TEXT, text);
	if (s->top + s->page < s->n)
		mml_draw_char(canvas, canvas->rows - 1, canvas->cols - 1, MML_INK_STRONG,
			      canvas->utf8 ? 0x25bc : 'v');
	if (s->top)
		mml_draw_char(canvas, 0, canvas->cols - 1, MML_INK_STRONG,
			      canvas->utf8 ? 0x25b2 : '^');
}
