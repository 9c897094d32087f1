/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <errno.h>
#include <string.h>

struct mml_table *mml_table_new(struct mml_arena *arena, const struct mml_schema *schema)
{
	struct mml_table *table = mml_arena_alloc(arena, sizeof(*table));

	if (!table)
		return NULL;
	table->schema = schema;
	table->arena = arena;
	return table;
}

static int table_grow(struct mml_table *table)
{
	size_t used = table->nrows / MML_CHUNK_ROWS;

	if (used == table->nchunks) {
		size_t n = table->nchunks ? table->nchunks * 2 : 8;
		struct mml_row **chunks = mml_arena_alloc(table->arena, n * sizeof(*chunks));

		if (!chunks)
			return -ENOMEM;
		if (used)
			memcpy(chunks, table->chunks, used * sizeof(*chunks));
		table->chunks = chunks;
		table->nchunks = n;
	}
	if (!table->chunks[used])
		table->chunks[used] =
			mml_arena_alloc(table->arena, MML_CHUNK_ROWS * mml_row_size(table->schema));
	return table->chunks[used] ? 0 : -ENOMEM;
}

struct mml_row *mml_table_add(struct mml_table *table)
{
	struct mml_row *row;

	if (table->nrows % MML_CHUNK_ROWS == 0 && table_grow(table)) {
		mml_table_fail(table, -ENOMEM, NULL, "out of memory");
		return NULL;
	}
	row = mml_table_row(table, table->nrows++);
	/* A page that is new and read before it is written to takes two faults instead of one, and
	 * the second of them interrupts every other thread. */
	row->levels = row->part = false;
	return row;
}

void mml_table_drop(struct mml_table *table)
{
	memset(mml_table_row(table, --table->nrows), 0, mml_row_size(table->schema));
}

void mml_table_keep(struct mml_table *table, size_t first, const bool *keep)
{
	size_t to = first, size = mml_row_size(table->schema);

	for (size_t i = first; i < table->nrows; i++) {
		if (!keep[i - first])
			continue;
		if (to != i)
			memcpy(mml_table_row(table, to), mml_table_row(table, i), size);
		to++;
	}
	while (table->nrows > to)
		mml_table_drop(table);
}

int mml_table_fail(struct mml_table *table, int err, const char *needs, const char *fmt, ...)
{
	va_list ap;

	if (table->error)
		return err;
	va_start(ap, fmt);
	table->absence.reason = mml_arena_vprintf(table->arena, fmt, ap);
	va_end(ap);
	if (!table->absence.reason)
		table->absence.reason = "out of memory";
	table->absence.needs = needs;
	return table->error = err;
}

void mml_table_why(struct mml_table *table, unsigned col, const char *reason, const char *needs)
{
	if (!table->columns)
		table->columns = mml_arena_alloc(table->arena, table->schema->ncolumns *
								       sizeof(*table->columns));
	if (table->columns && !table->columns[col].reason)
		table->columns[col] = (struct mml_absence){ reason, needs };
}

void mml_table_why_needs(struct mml_table *table, unsigned reads, const char *reason,
			 const char *needs)
{
	for (unsigned i = 0; i < table->schema->ncolumns; i++)
		if (table->schema->columns[i].needs & reads)
			mml_table_why(table, i, reason, needs);
}

void mml_table_note(struct mml_table *table, const char *fmt, ...)
{
	va_list ap;
	const char *text;

	va_start(ap, fmt);
	text = mml_arena_vprintf(table->arena, fmt, ap);
	va_end(ap);
	if (text && table->note && strstr(table->note, text))
		return;
	if (text && table->note)
		text = mml_arena_printf(table->arena, "%s; %s", table->note, text);
	if (text)
		table->note = text;
}
