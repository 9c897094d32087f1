/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "grid-int.h"

static bool has_capitals(const char *s)
{
	for (; *s; s++)
		if (isupper((unsigned char)*s))
			return true;
	return false;
}

static bool row_contains(struct mml_grid *grid, const struct grid_row *row, const char *text)
{
	bool exact = has_capitals(text);

	for (size_t i = 0; i < grid->sel.ncolumns; i++) {
		unsigned id = grid->sel.columns[i];

		grid->text.len = 0;
		mml_cell_text(&grid->text, &grid->schema->columns[id], id, row->row, &grid->style);
		if (!grid->text.error && grid->text.len &&
		    (exact ? strstr(grid->text.data, text) : strcasestr(grid->text.data, text)))
			return true;
	}
	return false;
}

enum mml_found mml_grid_search(struct mml_grid *grid, const char *text, int way)
{
	size_t n = grid->nrows;

	if (text != grid->search)
		snprintf(grid->search, sizeof(grid->search), "%s", text);
	if (!*grid->search)
		return MML_NOT_FOUND;
	for (size_t i = way ? 1 : 0; i <= n && n; i++) {
		size_t at = (grid->cursor + (way < 0 ? n - i % n : i)) % n;

		if (row_contains(grid, &grid->rows[at], grid->search)) {
			bool wrapped = way < 0 ? at >= grid->cursor : at < grid->cursor;

			grid_move(grid, (long)at);
			return wrapped && i ? MML_WRAPPED : MML_FOUND;
		}
	}
	return MML_NOT_FOUND;
}

/* Sorts by the next column on the screen, to the left or right of the one sorted by now. */
static void sort_beside(struct mml_grid *grid, int way)
{
	size_t n = grid->nshown;
	bool by_change;

	mml_grid_column(grid, &by_change);
	if (!n)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct grid_column *c = &grid->shown[i], *to;

		if (!grid->sel.nkeys || c->id != grid->sel.keys[0].column ||
		    (c->what == GRID_CHANGE) != by_change || c->what == GRID_TRAIL ||
		    c->what == GRID_PICTURE)
			continue;
		do {
			i = (i + n + (size_t)(way < 0 ? n - 1 : 1)) % n;
			to = &grid->shown[i];
		} while (to->what == GRID_TRAIL || to->what == GRID_PICTURE);
		mml_grid_sort(grid, to->id, to->what == GRID_CHANGE);
		return;
	}
	mml_grid_sort(grid, grid->shown[0].id, false);
}

/* A click on a heading sorts by that column, and a click on a row moves the cursor there. */
static bool click(struct mml_grid *grid, const struct mml_mouse *mouse)
{
	int y = mouse->y - grid->y, x = mouse->x - grid->x;

	if (mouse->what == MML_WHEEL_UP || mouse->what == MML_WHEEL_DOWN) {
		grid_move(grid, (long)grid->cursor + (mouse->what == MML_WHEEL_UP ? -3 : 3));
		return true;
	}
	if (y < 0 || y > grid->page || x < 0 || x >= grid->cols)
		return false;
	for (size_t i = 0; !y && i < grid->nshown; i++)
		if (x >= grid->shown[i].x && x <= grid->shown[i].x + grid->shown[i].width)
			mml_grid_sort(grid, grid->shown[i].id,
				      grid->shown[i].what == GRID_TRAIL || grid->shown[i].what == GRID_CHANGE);
	if (y && grid->top + (size_t)y - 1 < grid->nrows)
		grid_move(grid, (long)grid->top + y - 1);
	return true;
}

bool mml_grid_hits_cursor(const struct mml_grid *grid, const struct mml_mouse *mouse)
{
	int y = mouse->y - grid->y, x = mouse->x - grid->x;

	return mouse->what == MML_CLICK && y > 0 && y <= grid->page && x >= 0 && x < grid->cols &&
	       grid->nrows && grid->top + (size_t)y - 1 == grid->cursor;
}

static bool move(struct mml_grid *grid, enum mml_do what)
{
	long page = grid->page > 1 ? grid->page : 1, at = (long)grid->cursor;

	switch (what) {
	case MML_DO_UP:
		at--;
		break;
	case MML_DO_DOWN:
		at++;
		break;
	case MML_DO_PAGE_UP:
		at -= page;
		break;
	case MML_DO_PAGE_DOWN:
		at += page;
		break;
	case MML_DO_HALF_UP:
		at -= (page + 1) / 2;
		break;
	case MML_DO_HALF_DOWN:
		at += (page + 1) / 2;
		break;
	case MML_DO_FIRST:
		at = 0;
		break;
	case MML_DO_LAST:
		at = (long)grid->nrows - 1;
		break;
	default:
		return false;
	}
	grid_move(grid, at);
	return true;
}

static void search_again(struct mml_grid *grid, int way, struct mml_action *ret)
{
	enum mml_found found =
		*grid->search ? mml_grid_search(grid, grid->search, way) : MML_NOT_FOUND;

	if (found == MML_FOUND)
		return;
	ret->kind = MML_MESSAGE;
	if (!*grid->search)
		snprintf(ret->message, sizeof(ret->message), "nothing searched for yet: / does");
	else
		snprintf(ret->message, sizeof(ret->message),
			 found == MML_WRAPPED ? "wrapped: %s" : "not found: %s", grid->search);
}

bool mml_grid_input(struct mml_grid *grid, const struct mml_moment *moment,
		    const struct mml_input *in, struct mml_action *ret)
{
	if (in->key == MML_MOUSE) {
		if (!click(grid, &in->mouse))
			return false;
		mml_grid_sample(grid, moment);
		return true;
	}
	if (move(grid, in->what))
		return true;
	switch (in->what) {
	case MML_DO_LEFT:
		grid->scroll -= grid->scroll > 0;
		return true;
	case MML_DO_RIGHT:
		grid->scroll += grid->more_right;
		return true;
	case MML_DO_AGAIN:
		search_again(grid, 1, ret);
		return true;
	case MML_DO_AGAIN_UP:
		search_again(grid, -1, ret);
		return true;
	case MML_DO_SORT_LEFT:
	case MML_DO_SORT_RIGHT:
		sort_beside(grid, in->what == MML_DO_SORT_LEFT ? -1 : 1);
		break;
	case MML_DO_REVERSE:
		if (grid->sel.nkeys)
			mml_grid_sort(grid, grid->sel.keys[0].column, grid->by_change);
		break;
	default:
		return false;
	}
	mml_grid_sample(grid, moment);
	return true;
}
