/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "panel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/text.h"

void mml_panels_begin(struct mml_panels *panels)
{
	for (size_t i = 0; i < MML_PANELS; i++)
		panels->at[i].drawn = false;
	panels->norder = 0;
}

static struct mml_canvas draw_title(const struct mml_canvas *canvas, const char *title,
				    const char *note)
{
	int x = mml_draw(canvas, 0, 0, MML_INK_STRONG, title) + 1, end = canvas->cols;

	if (note && *note) {
		int width = (int)mml_text_width(note, strlen(note), canvas->utf8);

		if (x + width + 3 <= canvas->cols) {
			end -= width + 1;
			mml_draw(canvas, 0, end + 1, MML_INK_QUIET, note);
		}
	}
	mml_draw_run(canvas, 0, x, end - x, MML_INK_QUIET, canvas->utf8 ? 0x2500 : '-');
	return mml_canvas_part(canvas, 1, 0, canvas->rows - 1, canvas->cols);
}

/* The cursor stays on its thing; at the top it stays at the top. */
static void follow(struct mml_panel *p, const char *(*key)(void *ctx, size_t row), void *ctx)
{
	if (p->cursor && *p->key)
		for (size_t i = 0; i < p->n; i++)
			if (!strcmp(key(ctx, i), p->key)) {
				p->cursor = i;
				break;
			}
	if (p->cursor >= p->n)
		p->cursor = p->n ? p->n - 1 : 0;
	snprintf(p->key, sizeof(p->key), "%s", p->n ? key(ctx, p->cursor) : "");
}

struct mml_canvas mml_panel_draw(struct mml_panels *panels, size_t id, const struct mml_canvas *canvas,
				 const char *title, const char *note, size_t n,
				 const char *(*key)(void *ctx, size_t row), void *ctx)
{
	struct mml_canvas body = title ? draw_title(canvas, title, note) : *canvas;
	struct mml_panel *p = &panels->at[id];
	size_t page = body.rows > 0 ? (size_t)body.rows : 0;

	if (!key)
		return body;
	p->body = body;
	p->n = n;
	p->drawn = page && n;
	if (!p->drawn)
		return body;
	panels->order[panels->norder++] = (int)id;
	follow(p, key, ctx);
	if (p->cursor < p->top)
		p->top = p->cursor;
	if (p->cursor >= p->top + page)
		p->top = p->cursor - page + 1;
	if (p->top + page > n)
		p->top = n > page ? n - page : 0;
	return body;
}

/* The panel the cursor is in; where that is not on the screen, the first that is. */
static struct mml_panel *focus(const struct mml_panels *panels)
{
	const struct mml_panel *p = &panels->at[panels->focus];

	if (!p->drawn)
		p = panels->norder ? &panels->at[panels->order[0]] : NULL;
	return (struct mml_panel *)p;
}

size_t mml_panel_top(const struct mml_panels *panels, size_t id)
{
	return panels->at[id].top;
}

bool mml_panel_here(const struct mml_panels *panels, size_t id, size_t row)
{
	const struct mml_panel *p = &panels->at[id];

	return focus(panels) == p && p->cursor == row;
}

/* The cursor is now on row AT: its key is taken when it is drawn. */
static void put(struct mml_panels *panels, struct mml_panel *p, size_t at)
{
	panels->focus = (size_t)(p - panels->at);
	p->cursor = at;
	p->key[0] = '\0';
}

static bool overlap(int a, int na, int b, int nb)
{
	return a < b + nb && b < a + na;
}

/* The nearest panel above, below or beside P; NULL: there is none. */
static struct mml_panel *beside(struct mml_panels *panels, const struct mml_panel *p, int down,
				int right)
{
	struct mml_panel *best = NULL;
	int nearest = 0;

	for (int i = 0; i < panels->norder; i++) {
		struct mml_panel *q = &panels->at[panels->order[i]];
		const struct mml_canvas *a = &p->body, *b = &q->body;
		int far;

		if (down && overlap(a->left, a->cols, b->left, b->cols))
			far = down > 0 ? b->top - a->top : a->top - b->top;
		else if (right)
			far = (right > 0 ? b->left - a->left : a->left - b->left) * 1000 +
			      abs(b->top - a->top);
		else
			continue;
		if (right && (right > 0 ? b->left <= a->left : b->left >= a->left))
			continue;
		if (far > 0 && (!best || far < nearest)) {
			best = q;
			nearest = far;
		}
	}
	return best;
}

static void step(struct mml_panels *panels, struct mml_panel *p, int by)
{
	struct mml_panel *next;

	if (by < 0 ? p->cursor > 0 : p->cursor + 1 < p->n) {
		put(panels, p, p->cursor + (size_t)by);
		return;
	}
	next = beside(panels, p, by, 0);
	if (next)
		put(panels, next, by > 0 ? next->top : next->n - 1);
}

static bool mouse(struct mml_panels *panels, const struct mml_mouse *mouse, bool *ret_enter)
{
	for (int i = 0; i < panels->norder; i++) {
		struct mml_panel *p = &panels->at[panels->order[i]];
		int y = mouse->y - p->body.top, x = mouse->x - p->body.left;
		size_t row = p->top + (size_t)(y > 0 ? y : 0);

		if (y < 0 || y >= p->body.rows || x < 0 || x >= p->body.cols)
			continue;
		if (mouse->what == MML_WHEEL_UP)
			put(panels, p, p->cursor > 3 ? p->cursor - 3 : 0);
		else if (mouse->what == MML_WHEEL_DOWN)
			put(panels, p, p->cursor + 3 < p->n ? p->cursor + 3 : p->n - 1);
		else if (row >= p->n)
			return false;
		else if (mml_panel_here(panels, (size_t)(p - panels->at), row))
			*ret_enter = true;
		else
			put(panels, p, row);
		return true;
	}
	return false;
}

bool mml_panels_input(struct mml_panels *panels, const struct mml_input *in, bool *ret_enter)
{
	struct mml_panel *p = focus(panels), *next = NULL;
	size_t page;

	*ret_enter = p && in->what == MML_DO_ENTER;
	if (!p)
		return false;
	if (in->key == MML_MOUSE)
		return mouse(panels, &in->mouse, ret_enter);
	page = p->body.rows > 1 ? (size_t)p->body.rows : 1;
	switch (in->what) {
	case MML_DO_UP:
		step(panels, p, -1);
		return true;
	case MML_DO_DOWN:
		step(panels, p, 1);
		return true;
	case MML_DO_LEFT:
	case MML_DO_RIGHT:
		next = beside(panels, p, 0, in->what == MML_DO_LEFT ? -1 : 1);
		if (next)
			put(panels, next, next->cursor);
		return true;
	case MML_DO_PAGE_UP:
	case MML_DO_HALF_UP:
		put(panels, p, p->cursor > page ? p->cursor - page : 0);
		return true;
	case MML_DO_PAGE_DOWN:
	case MML_DO_HALF_DOWN:
		put(panels, p, p->cursor + page < p->n ? p->cursor + page : p->n - 1);
		return true;
	case MML_DO_FIRST:
		put(panels, p, 0);
		return true;
	case MML_DO_LAST:
		put(panels, p, p->n - 1);
		return true;
	default:
		return false;
	}
}
