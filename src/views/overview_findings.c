/* What looks wrong, and why; and where Enter leads. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "overview.h"

enum { LABEL = 9 };

/* The sign of a severity, and its ink. */
static enum mml_ink sign_of(const char *severity, const char **ret_sign)
{
	bool critical = severity && !strcmp(severity, "critical");
	bool warning = severity && !strcmp(severity, "warning");

	*ret_sign = critical ? "!!" : warning ? "!" : "-";
	return critical ? MML_INK_BAD : warning ? MML_INK_WARN : MML_INK_TEXT;
}

static const struct mml_table *table_of(struct overview *ov)
{
	return mml_look_table(ov->moment, "findings");
}

const struct mml_row *overview_finding(struct overview *ov, size_t *ret_at, size_t *ret_n)
{
	const struct mml_table *table = table_of(ov);
	size_t at = ov->panels.at[OV_FINDINGS].cursor, n = table ? table->nrows : 0;

	if (ret_at)
		*ret_at = at;
	if (ret_n)
		*ret_n = n;
	return at < n ? mml_table_row(table, at) : NULL;
}

static const char *finding_key(void *ctx, size_t row)
{
	struct overview *ov = ctx;
	const struct mml_table *table = table_of(ov);
	const struct mml_row *at = mml_table_row(table, row);
	const char *about = mml_look_str(table, at, "about");

	snprintf(ov->key, sizeof(ov->key), "%s %s", mml_look_str(table, at, "finding"), about ? about : "");
	return ov->key;
}

/* Where Enter leads, or how many are not on the screen, at the right of the row. */
static int draw_right(struct overview *ov, const struct mml_canvas *body, int y, const struct mml_row *row,
		      size_t more)
{
	const char *look = mml_look_str(table_of(ov), row, "look");
	char text[MML_LOOK_TEXT] = "";
	int width;

	if (more)
		snprintf(text, sizeof(text), "+%zu more", more);
	else if (look && body->cols >= 90)
		snprintf(text, sizeof(text), "%s", look);
	width = (int)strlen(text);
	if (width)
		mml_draw(body, y, body->cols - width, MML_INK_QUIET, text);
	return width ? body->cols - width - 1 : body->cols;
}

static void draw_finding(struct overview *ov, const struct mml_canvas *body, int y, size_t at, size_t more)
{
	const struct mml_table *table = table_of(ov);
	const struct mml_row *row = mml_table_row(table, at);
	const char *sign, *words = mml_look_str(table, row, "text");
	enum mml_ink ink = sign_of(mml_look_str(table, row, "severity"), &sign);
	int end = draw_right(ov, body, y, row, more);
	char text[2 * MML_LOOK_TEXT];
	size_t first;

	mml_look_long(words ? words : "", &ov->moment->style, text, sizeof(text));
	first = strcspn(text, " ");
	mml_draw(body, y, 0, ink, sign);
	mml_draw_field(body, y, 3, end - 3, false, MML_INK_TEXT, text);
	/* The sign and the first word have the severity's hue, and no more. */
	mml_draw_ink(body, y, 3, (int)mml_text_width(text, first, body->utf8) < end - 3 ?
				       (int)mml_text_width(text, first, body->utf8) :
				       end - 3,
		     ink);
	if (mml_panel_here(&ov->panels, OV_FINDINGS, at))
		mml_draw_cursor(body, y, 0, body->cols);
}

void overview_findings(void *ctx, const struct mml_canvas *canvas)
{
	struct overview *ov = ctx;
	const struct mml_table *table = table_of(ov);
	size_t n = table ? table->nrows : 0, top;
	struct mml_canvas body =
		mml_panel_draw(&ov->panels, OV_FINDINGS, canvas, NULL, NULL, n, finding_key, ov);

	if (table && !n && !table->error) {
		mml_draw(&body, 0, 0, MML_INK_TEXT, "Nothing looks wrong.");
		if (table->note && body.rows > 1)
			mml_draw_field(&body, 1, 0, body.cols, false, MML_INK_QUIET, table->note);
		return;
	}
	if (mml_look_absent(&body, table))
		return;
	top = mml_panel_top(&ov->panels, OV_FINDINGS);
	for (size_t i = top; i < n && (int)(i - top) < body.rows; i++)
		draw_finding(ov, &body, (int)(i - top), i,
			     (int)(i - top) == body.rows - 1 ? n - i - 1 : 0);
}

/* TEXT of the machine's from row Y on, behind LABEL; returns the row below it. */
static int paragraph(const struct overview *ov, const struct mml_canvas *canvas, int y, const char *label,
		     const char *text)
{
	int x = *label ? LABEL : 0;
	struct mml_buf safe = { 0 };

	if (!text || y >= canvas->rows)
		return y;
	mml_draw(canvas, y, 0, MML_INK_QUIET, label);
	mml_escape(&safe, text, strlen(text), ov->moment->style.utf8);
	if (safe.data && !safe.error)
		y += mml_draw_text(canvas, y, x, canvas->cols - x, MML_INK_TEXT, safe.data);
	mml_buf_free(&safe);
	return y;
}

static void put_manual(const struct mml_table *table, const struct mml_row *row, char *ret, size_t size)
{
	const char *section = mml_look_str(table, row, "manual");

	snprintf(ret, size, "mmlens-counters(7)%s%s", section ? ", " : "", section ? section : "");
}

void overview_why_beside(struct overview *ov, const struct mml_canvas *canvas)
{
	const struct mml_table *table = table_of(ov);
	const struct mml_row *row = overview_finding(ov, NULL, NULL);
	struct mml_canvas body;
	char note[64] = "", text[96];
	int y;

	if (!row)
		return;
	if (mml_look_str(table, row, "look"))
		snprintf(note, sizeof(note), "Enter: %s", mml_look_str(table, row, "look"));
	body = mml_panel_draw(&ov->panels, OV_PASTS, canvas, "Why, and what to do", note, 0, NULL, NULL);
	y = paragraph(ov, &body, 0, "", mml_look_str(table, row, "why"));
	y = paragraph(ov, &body, y, "", mml_look_str(table, row, "advice"));
	put_manual(table, row, text, sizeof(text));
	paragraph(ov, &body, y, "", text);
}

void overview_why(struct overview *ov, const struct mml_canvas *canvas)
{
	const struct mml_table *table = table_of(ov);
	size_t at, n;
	const struct mml_row *row = overview_finding(ov, &at, &n);
	struct mml_canvas head = mml_canvas_part(canvas, 0, 0, 1, canvas->cols);
	struct mml_canvas body = mml_canvas_part(canvas, 1, 0, canvas->rows - 1, canvas->cols);
	enum mml_ink ink;
	const char *sign;
	char text[256];
	int y;

	/* The finding may be gone by now. */
	if (!row) {
		ov->explaining = false;
		return;
	}
	/* Up and Down go to the other findings. */
	mml_panel_draw(&ov->panels, OV_FINDINGS, &head, NULL, NULL, n, finding_key, ov);
	ov->panels.focus = OV_FINDINGS;
	mml_drawf(&head, 0, head.cols - 12, MML_INK_QUIET, "%12s", "");
	snprintf(text, sizeof(text), "%zu of %zu", at + 1, n);
	mml_draw_field(&head, 0, head.cols - 12, 12, true, MML_INK_QUIET, text);
	ink = sign_of(mml_look_str(table, row, "severity"), &sign);
	mml_draw(&head, 0, 0, ink, sign);
	mml_draw(&head, 0, 3, MML_INK_STRONG, "Why, and what to do");
	y = paragraph(ov, &body, 0, "Finding", mml_look_str(table, row, "text"));
	y = paragraph(ov, &body, y, "Why", mml_look_str(table, row, "why"));
	y = paragraph(ov, &body, y, "Do", mml_look_str(table, row, "advice"));
	y = paragraph(ov, &body, y, "Numbers", mml_look_str(table, row, "numbers"));
	y = paragraph(ov, &body, y, "From", mml_look_str(table, row, "source"));
	put_manual(table, row, text, sizeof(text));
	paragraph(ov, &body, y, "Manual", text);
}

static void open_view(struct mml_action *ret, const char *view, const char *sort, const char *filter)
{
	ret->kind = MML_OPEN;
	ret->view = view;
	snprintf(ret->target.sort, sizeof(ret->target.sort), "%s", sort ? sort : "");
	snprintf(ret->target.filter, sizeof(ret->target.filter), "%s", filter ? filter : "");
}

/* A filter for the row called NAME; "" when it cannot be quoted. */
static void name_filter(struct mml_action *ret, const char *view, const char *column, const char *name)
{
	char filter[sizeof(ret->target.filter)];
	bool fits = !strchr(name, '\'') && (size_t)snprintf(filter, sizeof(filter), "%s = '%s'", column,
							     name) < sizeof(filter);

	open_view(ret, view, NULL, fits ? filter : NULL);
}

static void enter_grown(struct overview *ov, struct mml_action *ret)
{
	size_t n, at = ov->panels.at[OV_GREW].cursor;
	const struct mml_grown *list = mml_grew_list(ov->grew, &n);

	if (at >= n)
		return;
	if (list[at].pid) {
		ret->kind = MML_OPEN;
		ret->view = "vmas";
		ret->target.pid = list[at].pid;
		snprintf(ret->target.title, sizeof(ret->target.title), "%s", list[at].name);
	} else if (!strcmp(list[at].kind, "slab")) {
		name_filter(ret, "slab", "cache", list[at].name);
	} else if (!strcmp(list[at].kind, "group")) {
		name_filter(ret, "cgroups", "path", list[at].key);
	} else if (!isnan(list[at].room) || !strcmp(list[at].kind, "shared")) {
		open_view(ret, "shmem", "-growth", NULL);
	} else {
		mml_look_item_view(list[at].key, &ret->view, ret->target.sort);
		ret->kind = MML_OPEN;
	}
}

void overview_enter(struct overview *ov, struct mml_action *ret)
{
	const struct mml_table *table = table_of(ov);
	const struct mml_row *row = overview_finding(ov, NULL, NULL);
	size_t at = ov->panels.at[ov->panels.focus].cursor;

	switch (ov->panels.focus) {
	case OV_FINDINGS:
		if (row && mml_look_str(table, row, "look"))
			open_view(ret, mml_look_str(table, row, "look"),
				  mml_look_str(table, row, "look_sort"),
				  mml_look_str(table, row, "look_filter"));
		return;
	case OV_GREW:
		enter_grown(ov, ret);
		return;
	case OV_USES:
		if (at >= ov->nitems)
			return;
		ret->kind = MML_OPEN;
		mml_look_item_view(ov->items[at].item, &ret->view, ret->target.sort);
		return;
	case OV_ZONES:
		open_view(ret, "zones", NULL, NULL);
		return;
	case OV_LARGEST:
		if (at < ov->nprograms)
			name_filter(ret, "processes", "comm", ov->programs[at].name);
		return;
	case OV_SLAB:
		if (at < ov->ncaches)
			name_filter(ret, "slab", "cache", ov->caches[at].name);
		return;
	case OV_GROUPS:
		if (at < ov->ngroups)
			name_filter(ret, "cgroups", "path", ov->groups[at].path);
		return;
	}
}
