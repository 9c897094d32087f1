/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "grid-int.h"

static const char *kind_words(const struct mml_column *col)
{
	switch (col->kind) {
	case MML_KEY:
		return "names the row";
	case MML_LABEL:
		return "describes the row";
	case MML_GAUGE:
		return "a level, read from the kernel";
	case MML_COUNTER:
		return "a counter that only grows, read from the kernel";
	case MML_DERIVED:
		return "computed by mmlens";
	case MML_RATE:
		return "change per second since the sample before";
	case MML_GROWTH:
		return "change since the sample before";
	}
	return "";
}

static const char *unit_words(const struct mml_column *col)
{
	switch (col->unit) {
	case MML_BYTES:
		return "bytes";
	case MML_PERCENT:
		return "percent";
	case MML_NSEC:
		return "time";
	case MML_RATIO:
		return "ratio";
	case MML_COUNT:
		return "count";
	case MML_NONE:
		break;
	}
	return NULL;
}

static void put_cell(const struct mml_grid *grid, const struct mml_row *row, unsigned id,
		     struct mml_buf *out)
{
	const struct mml_column *col = &grid->schema->columns[id];
	struct mml_style exact = grid->style;

	mml_cell_text(out, col, id, row, &grid->style);
	exact.units = MML_IN_BYTES;
	if (mml_has(row, id) && col->unit == MML_BYTES && exact.units != grid->style.units) {
		mml_buf_puts(out, " (");
		mml_cell_text(out, col, id, row, &exact);
		mml_buf_puts(out, " bytes)");
	}
}

static bool shown(const struct mml_grid *grid, unsigned id)
{
	for (size_t i = 0; i < grid->sel.ncolumns; i++)
		if (grid->sel.columns[i] == id)
			return true;
	return false;
}

/* A row that explains itself, such as one of the balance, has a formula, the same with its numbers,
 * and a help. */
static void put_row_words(const struct mml_grid *grid, const struct mml_row *row,
			  struct mml_buf *out)
{
	static const struct {
		const char *column, *said;
	} words[] = { { "source", "formula" }, { "terms", "now" }, { "help", "" } };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		int id = mml_schema_find(grid->schema, words[i].column, strlen(words[i].column));

		if (id < 0 || grid->schema->columns[id].type != MML_STR ||
		    !mml_has(row, (unsigned)id))
			continue;
		mml_buf_printf(out, "%s%s", words[i].said, *words[i].said ? ": " : "");
		mml_cell_text(out, &grid->schema->columns[id], (unsigned)id, row, &grid->style);
		mml_buf_putc(out, '\n');
	}
}

static void put_row(const struct mml_grid *grid, unsigned id, struct mml_buf *out)
{
	const struct grid_row *at = &grid->rows[grid->cursor];

	mml_buf_puts(out, "\nIn the row under the cursor");
	for (unsigned k = 0; k < grid->schema->ncolumns; k++)
		if (grid->schema->columns[k].kind == MML_KEY && mml_has(at->row, k)) {
			mml_buf_puts(out, ", ");
			mml_cell_text(out, &grid->schema->columns[k], k, at->row, &grid->style);
		}
	mml_buf_puts(out, ":\n");
	put_cell(grid, at->row, id, out);
	if (grid->marked && grid_measures(&grid->schema->columns[id])) {
		mml_buf_puts(out, ", since the mark ");
		grid_change_text(grid, at, id, out);
	}
	mml_buf_putc(out, '\n');
	put_row_words(grid, at->row, out);
}

void mml_grid_about(const struct mml_grid *grid, const struct mml_moment *moment, unsigned id,
		    struct mml_buf *out)
{
	const struct mml_column *col = &grid->schema->columns[id];
	const char *unit = unit_words(col);

	(void)moment;
	mml_buf_printf(out, "%s (%s.%s)\n", col->head, grid->schema->name, col->name);
	mml_buf_printf(out, "%s\n\n", col->help);
	mml_buf_printf(out, "%s: %s\n", col->kind == MML_DERIVED ? "formula" : "source",
		       col->source);
	mml_buf_printf(out, "kind: %s\n", kind_words(col));
	if (unit)
		mml_buf_printf(out, "unit: %s\n", unit);
	if (col->needs)
		mml_buf_puts(out, "cost: read only while it is shown, sorted by or filtered on\n");
	if (grid->table && grid->table->columns && grid->table->columns[id].reason) {
		const struct mml_absence *why = &grid->table->columns[id];

		mml_buf_printf(out, "absent: %s%s%s\n", why->reason,
			       why->needs ? "; needs " : "", why->needs ? why->needs : "");
	}
	if (grid->cursor < grid->nrows)
		put_row(grid, id, out);
}

void mml_grid_about_row(const struct mml_grid *grid, struct mml_buf *out)
{
	const struct grid_row *at;
	int names = 0;

	if (grid->cursor >= grid->nrows)
		return;
	at = &grid->rows[grid->cursor];
	for (unsigned id = 0; id < grid->schema->ncolumns; id++)
		if ((int)strlen(grid->schema->columns[id].name) > names)
			names = (int)strlen(grid->schema->columns[id].name);
	for (unsigned id = 0; id < grid->schema->ncolumns; id++) {
		const struct mml_column *col = &grid->schema->columns[id];

		mml_buf_printf(out, "%-*s  ", names, col->name);
		/* A cell that was not read must not look as if it were absent. */
		if (col->needs && !mml_has(at->row, id) && !shown(grid, id))
			mml_buf_puts(out, "not read while the column is not shown (F2)");
		else
			put_cell(grid, at->row, id, out);
		if (grid->marked && grid_measures(col) && mml_has(at->row, id)) {
			mml_buf_puts(out, "  since the mark ");
			grid_change_text(grid, at, id, out);
		}
		mml_buf_putc(out, '\n');
	}
}

void mml_grid_pane(const struct mml_grid *grid, const struct mml_canvas *canvas)
{
	const struct grid_row *at;
	struct mml_buf text = { 0 };
	int names = 0, y = 0;

	if (grid->cursor >= grid->nrows)
		return;
	at = &grid->rows[grid->cursor];
	for (unsigned id = 0; id < grid->schema->ncolumns; id++)
		if ((int)strlen(grid->schema->columns[id].name) > names)
			names = (int)strlen(grid->schema->columns[id].name);
	for (unsigned id = 0; id < grid->schema->ncolumns && y < canvas->rows; id++) {
		const struct mml_column *col = &grid->schema->columns[id];
		bool has = mml_has(at->row, id);

		if (!has)
			continue;
		text.len = 0;
		mml_cell_text(&text, col, id, at->row, &grid->style);
		if (grid_changes(grid, id)) {
			mml_buf_puts(&text, "  ");
			grid_change_text(grid, at, id, &text);
		}
		mml_draw(canvas, y, 0, MML_INK_QUIET, col->name);
		if (!text.error && text.len)
			y += mml_draw_text(canvas, y, names + 1, canvas->cols - names - 1,
					   MML_INK_TEXT, text.data);
	}
	mml_buf_free(&text);
}
