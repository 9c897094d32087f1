/* What a column is. A schema is one list with a line for each column, and everything else is made
 * from it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum mml_type {
	MML_STR,
	MML_U64,
	MML_I64,
	MML_F64,
	MML_ADDR,
	MML_BOOL,
	MML_WORD, /* one of the column's words, by its place among them; they have an order */
};

enum mml_kind {
	MML_KEY,     /* names the row; the rows of two samples are matched by their keys */
	MML_LABEL,   /* describes the row, and is not a measurement */
	MML_GAUGE,   /* a level that is read from the kernel */
	MML_COUNTER, /* a number that is read from the kernel and only grows */
	MML_DERIVED, /* computed from this sample, by the formula in source */
	/* The change of column `of` per second since the previous sample. If the unit is
	 * MML_PERCENT, `of` is a time, and this is the share of the time passed that it has grown
	 * by. */
	MML_RATE,
	MML_GROWTH,  /* change of column `of` since the previous sample */
};

/* The unit that a value is in. A time is in nanoseconds. The unit also decides how the value is
 * shown. */
enum mml_unit { MML_NONE, MML_COUNT, MML_BYTES, MML_PERCENT, MML_NSEC, MML_RATIO };

/* Whether a column is shown by default, and which one is dropped first on a narrow screen. */
enum mml_rank {
	MML_HIDDEN, /* shown on request only */
	MML_FIRST,  /* never dropped */
	MML_MAIN,
	MML_MORE,
	MML_LAST,   /* dropped first */
};

union mml_value {
	const char *str;
	uint64_t u64; /* also for MML_ADDR and MML_WORD */
	int64_t i64;
	double f64;
	bool b;
};

enum { MML_MAX_COLUMNS = 128 };

/* A row: which cells are present, and the cells. The index of a cell is the id of its column. */
struct mml_row {
	uint64_t present[MML_MAX_COLUMNS / 64];
	uint64_t at_least[MML_MAX_COLUMNS / 64]; /* the kernel gave only a lower bound for these cells */
	bool levels; /* MML_COUNTER cells of this row are levels, which may also fall */
	bool part;   /* what is in this row is in other rows as well, so that sums leave it out */
	union mml_value cell[];
};

struct mml_column {
	const char *name;   /* JSON key, CSV head and -o argument: stable, lower_snake, no unit in it */
	const char *head;   /* what people see */
	const char *source; /* the kernel's name for it, or the formula */
	const char *help;   /* one sentence */
	const char *const *words; /* for MML_WORD: the words in their order; a NULL ends them */
	enum mml_type type : 8;
	enum mml_kind kind : 8;
	enum mml_unit unit : 8;
	enum mml_rank rank : 8;
	unsigned needs; /* the costly reads it takes, as bits of the collector's; 0: none */
	int of;         /* for MML_RATE and MML_GROWTH: the column they are the change of; else -1 */
};

static inline bool mml_column_is_text(const struct mml_column *col)
{
	return col->type == MML_STR || col->type == MML_WORD;
}

/* Returns the text of V, which is a value of a column of text or words. */
static inline const char *mml_value_str(const struct mml_column *col, union mml_value v)
{
	return col->type == MML_WORD ? col->words[v.u64] : v.str;
}

struct mml_schema {
	const char *name; /* the name of the table */
	const char *help; /* one sentence that says what a row is, and what the table is for */
	const struct mml_column *columns;
	size_t ncolumns;
	const char *sort; /* the default order, as for -s; NULL: the kernel's order */
	/* Columns that count or measure something and whose sum over the rows says nothing, such as
	 * "limit,peak"; "*": all of them. NULL: none. */
	const char *apart;
};

/* Returns whether the cells of column COL can be added up over the rows. */
bool mml_column_sums(const struct mml_schema *schema, unsigned col);

/* Returns whether there is such a column. */
bool mml_schema_sums(const struct mml_schema *schema);

static inline bool mml_has(const struct mml_row *row, unsigned col)
{
	return row->present[col / 64] >> (col % 64) & 1;
}

static inline void mml_set(struct mml_row *row, unsigned col, union mml_value v)
{
	row->present[col / 64] |= UINT64_C(1) << (col % 64);
	row->cell[col] = v;
}

static inline bool mml_at_least(const struct mml_row *row, unsigned col)
{
	return row->at_least[col / 64] >> (col % 64) & 1;
}

static inline void mml_set_at_least(struct mml_row *row, unsigned col)
{
	row->at_least[col / 64] |= UINT64_C(1) << (col % 64);
}

static inline void mml_unset(struct mml_row *row, unsigned col)
{
	row->present[col / 64] &= ~(UINT64_C(1) << (col % 64));
}

static inline void mml_set_u64(struct mml_row *row, unsigned col, uint64_t v)
{
	mml_set(row, col, (union mml_value){ .u64 = v });
}

static inline void mml_set_i64(struct mml_row *row, unsigned col, int64_t v)
{
	mml_set(row, col, (union mml_value){ .i64 = v });
}

static inline void mml_set_f64(struct mml_row *row, unsigned col, double v)
{
	mml_set(row, col, (union mml_value){ .f64 = v });
}

static inline void mml_set_bool(struct mml_row *row, unsigned col, bool v)
{
	mml_set(row, col, (union mml_value){ .b = v });
}

/* WORD is a place among the column's words. */
static inline void mml_set_word(struct mml_row *row, unsigned col, unsigned word)
{
	mml_set_u64(row, col, word);
}

/* STR must live as long as the table. NULL leaves the cell absent. */
static inline void mml_set_str(struct mml_row *row, unsigned col, const char *str)
{
	if (str)
		mml_set(row, col, (union mml_value){ .str = str });
}

/*
 * A schema is written once, as a list PREFIX_COLUMNS(C, R), which consists of
 *   C(name, HEAD, TYPE, KIND, UNIT, RANK, needs, source, help)
 *   R(name, HEAD, TYPE, KIND, UNIT, RANK, of, help)        (rates and growth)
 * From this, columns.h makes the ids (PREFIX_name) and the array that MML_COLUMNS(PREFIX) puts into a
 * schema. A swapped argument does not compile. The TYPE of words that have an order is WORD(list).
 */
#define MML_WORD(list) MML_WORD, .words = list
#define MML_COLUMNS(prefix)              \
	.columns = prefix##_columns,     \
	.ncolumns = sizeof(prefix##_columns) / sizeof(*prefix##_columns)

/* Returns the column of SCHEMA called NAME, or -1. */
int mml_schema_find(const struct mml_schema *schema, const char *name, size_t len);

/* Returns the column of SCHEMA whose source is called SOURCE, or -1. Collectors look up the
 * kernel's fields with it. */
int mml_schema_source(const struct mml_schema *schema, const char *source, size_t len);

/* Returns the word nearest to S, whose length is LEN, by edit distance, or NULL if none is near.
 * There are COUNT words, and WORD returns the one with number I. */
const char *mml_nearest(const char *s, size_t len, const char *(*word)(size_t i, const void *ctx),
			size_t count, const void *ctx);

/* The place of S, whose length is LEN, among the words of COL, or -1; and the word nearest to it,
 * or NULL. */
int mml_word_find(const struct mml_column *col, const char *s, size_t len);
const char *mml_word_nearest(const struct mml_column *col, const char *s, size_t len);

/* Returns the column of SCHEMA whose name is nearest to S, or NULL. */
const char *mml_schema_nearest(const struct mml_schema *schema, const char *s, size_t len);
