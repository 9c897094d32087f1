/* A table: rows of one schema at one instant, and why anything in it is missing. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "arena.h"
#include "column.h"

/* Why something is absent: what happened, and what it would take (NULL: nothing would help). */
struct mml_absence {
	const char *reason, *needs;
};

struct mml_table {
	const struct mml_schema *schema;
	struct mml_arena *arena; /* owns every byte of the table */
	size_t nrows;
	int error;                   /* 0, or -errno: the rows are incomplete or missing ... */
	struct mml_absence absence;  /* ... and this is why */
	struct mml_absence *columns; /* [ncolumns], or NULL: why single columns are absent */
	const char *note;            /* what a reader must know beside the rows, or NULL */

	struct mml_row **chunks;
	size_t nchunks;
};

/* An empty table in ARENA; NULL when out of memory. */
struct mml_table *mml_table_new(struct mml_arena *arena, const struct mml_schema *schema);

/* A new row, every cell absent; NULL when out of memory (the table's error is set). */
struct mml_row *mml_table_add(struct mml_table *table);

/* Take the last row back. */
void mml_table_drop(struct mml_table *table);

/* Of the rows from FIRST on keep those whose KEEP is true (one for each of them), in their order. */
void mml_table_keep(struct mml_table *table, size_t first, const bool *keep);

/* Rows lie in chunks that never move, so a table grows without copying and rows keep their place. */
enum { MML_CHUNK_ROWS = 64 };

static inline size_t mml_row_size(const struct mml_schema *schema)
{
	return sizeof(struct mml_row) + schema->ncolumns * sizeof(union mml_value);
}

/* Row I, below nrows. */
static inline struct mml_row *mml_table_row(const struct mml_table *table, size_t i)
{
	char *chunk = (char *)table->chunks[i / MML_CHUNK_ROWS];

	return (struct mml_row *)(chunk + i % MML_CHUNK_ROWS * mml_row_size(table->schema));
}

/* Set the table's error and reason, the first time only, and return ERR. */
int mml_table_fail(struct mml_table *table, int err, const char *needs, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Say why column COL is absent, the first time only. */
void mml_table_why(struct mml_table *table, unsigned col, const char *reason, const char *needs);

/* Say why every column that needs one of the reads NEEDS is absent. */
void mml_table_why_needs(struct mml_table *table, unsigned reads, const char *reason,
			 const char *needs);

/* Say something beside the rows: the first note stays, later ones are joined to it. */
void mml_table_note(struct mml_table *table, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
