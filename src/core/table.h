/* A table has the rows of one schema at one moment, and the reasons why anything in it is missing. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "arena.h"
#include "column.h"

/* Why something is absent: what happened, and what it would take. NULL means that nothing would
 * help. */
struct mml_absence {
	const char *reason, *needs;
};

struct mml_table {
	const struct mml_schema *schema;
	struct mml_arena *arena; /* owns every byte of the table */
	size_t nrows;
	int error;                   /* 0, or -errno: rows are missing or incomplete ... */
	struct mml_absence absence;  /* ... and this is why */
	struct mml_absence *columns; /* [ncolumns] why single columns are absent, or NULL */
	const char *note;            /* what a reader must know beside the rows, or NULL */
	uint64_t read_ns;  /* the moment it is of, if that is before the snapshot's; 0: it is not */
	uint64_t cost_ns;  /* the time it took to fill */

	struct mml_row **chunks;
	size_t nchunks;
};

/* Returns an empty table in ARENA, or NULL when memory ran out. */
struct mml_table *mml_table_new(struct mml_arena *arena, const struct mml_schema *schema);

/* Adds a row in which every cell is absent. Returns NULL when memory ran out, with the table's
 * error set. */
struct mml_row *mml_table_add(struct mml_table *table);

/* Removes the last row. */
void mml_table_drop(struct mml_table *table);

/* Removes the rows from FIRST on whose KEEP is false. KEEP has one element for each of them. The
 * others keep their order. */
void mml_table_keep(struct mml_table *table, size_t first, const bool *keep);

/* Rows lie in chunks that never move, so that a table grows without copying, and rows keep their
 * addresses. */
enum { MML_CHUNK_ROWS = 64 };

static inline size_t mml_row_size(const struct mml_schema *schema)
{
	return sizeof(struct mml_row) + schema->ncolumns * sizeof(union mml_value);
}

/* Returns row I, which must be below nrows. */
static inline struct mml_row *mml_table_row(const struct mml_table *table, size_t i)
{
	char *chunk = (char *)table->chunks[i / MML_CHUNK_ROWS];

	return (struct mml_row *)(chunk + i % MML_CHUNK_ROWS * mml_row_size(table->schema));
}

/* Sets the table's error and reason, unless it has one already. Returns ERR. */
int mml_table_fail(struct mml_table *table, int err, const char *needs, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Says why column COL is absent, unless that was said already. */
void mml_table_why(struct mml_table *table, unsigned col, const char *reason, const char *needs);

/* Says why every column that needs one of the costly reads is absent. */
void mml_table_why_needs(struct mml_table *table, unsigned reads, const char *reason,
			 const char *needs);

/* Adds a note beside the rows. Several notes are joined. */
void mml_table_note(struct mml_table *table, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
