/* The page that says in full what looks wrong: the words, the numbers, their source and their
 * meaning. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "overview.h"

/* Draws LABEL and TEXT, which may be from the machine, from row Y on. Returns the row below. */
static int paragraph(const struct overview *ov, const struct mml_canvas *canvas, int y,
		     const char *label, enum mml_ink ink, const char *text)
{
	struct mml_buf safe = { 0 };
	int x = 3;

	if (!text)
		return y;
	if (*label)
		x += mml_draw(canvas, y, x, MML_INK_LABEL, label) + 1;
	mml_escape(&safe, text, strlen(text), ov->moment->style.utf8);
	if (safe.data)
		y += mml_draw_text(canvas, y, x, canvas->cols - x, ink, safe.data);
	mml_buf_free(&safe);
	return y;
}

static int draw_finding(const struct overview *ov, const struct mml_canvas *canvas, int y,
			const struct mml_table *table, const struct mml_row *row)
{
	const char *sign = "- ", *severity = mml_look_str(table, row, "severity");
	enum mml_ink ink = overview_severity(severity ? severity : "note", &sign);

	mml_draw(canvas, y, 0, ink, sign);
	y = paragraph(ov, canvas, y, "", ink == MML_INK_NORMAL ? MML_INK_BOLD : ink,
		      mml_look_str(table, row, "text"));
	y = paragraph(ov, canvas, y, "", MML_INK_NORMAL, mml_look_str(table, row, "why"));
	y = paragraph(ov, canvas, y, "", MML_INK_NORMAL, mml_look_str(table, row, "advice"));
	y = paragraph(ov, canvas, y, "numbers", MML_INK_NORMAL,
		      mml_look_str(table, row, "numbers"));
	y = paragraph(ov, canvas, y, "source", MML_INK_DIM, mml_look_str(table, row, "source"));
	return y + 1;
}

/* Draws the findings below the first SCROLL ones, and at least one of them. */
void overview_explain(struct overview *ov, const struct mml_canvas *canvas)
{
	const struct mml_table *table = mml_look_table(ov->moment, "findings");
	struct mml_canvas body = mml_look_section(canvas, "What looks wrong", "f or Esc: back");
	int y = 0;

	if (table && !table->nrows && !table->error)
		mml_draw(&body, 0, 0, MML_INK_GOOD, "Nothing looks wrong.");
	else if (mml_look_absent(&body, table))
		return;
	if (ov->scroll >= table->nrows)
		ov->scroll = table->nrows ? table->nrows - 1 : 0;
	for (size_t i = ov->scroll; i < table->nrows && y < body.rows; i++)
		y = draw_finding(ov, &body, y, table, mml_table_row(table, i));
	/* The note says which tables could not be looked at. */
	if (table->note && y + 1 < body.rows)
		paragraph(ov, &body, table->nrows ? y : y + 2, "", MML_INK_DIM, table->note);
}

bool overview_explain_input(struct overview *ov, const struct mml_input *in)
{
	switch (in->what) {
	case MML_DO_BACK:
		ov->explaining = false;
		return true;
	case MML_DO_UP:
	case MML_DO_PAGE_UP:
	case MML_DO_HALF_UP:
		ov->scroll -= ov->scroll > 0;
		return true;
	case MML_DO_DOWN:
	case MML_DO_PAGE_DOWN:
	case MML_DO_HALF_DOWN:
		ov->scroll++;
		return true;
	case MML_DO_FIRST:
		ov->scroll = 0;
		return true;
	case MML_DO_LAST:
		ov->scroll = SIZE_MAX;
		return true;
	default:
		return false;
	}
}
