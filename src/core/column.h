/* What a column is. A schema is one list, a line a column, from which everything else is made. */
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
	MML_WORD, /* one of the column's words, by its place among them: they have an order */
};

enum mml_kind {
	MML_KEY,     /* names the row; rows of two samples are matched by their keys */
	MML_LABEL,   /* describes the row and is not a measurement */
	MML_GAUGE,   /* a level, read from the kernel */
	MML_COUNTER, /* only grows, read from the kernel */
	MML_DERIVED, /* computed from this sample, by the formula in source */
	MML_RATE,    /* change of column `of` per second, since the previous sample; in MML_PERCENT:
		      * the share of the time passed that a column of times grew by */
	MML_GROWTH,  /* change of column `of` since the previous sample */
};

/* How a value is shown; the value itself is in the unit named here, a time in nanoseconds. */
enum mml_unit { MML_NONE, MML_COUNT, MML_BYTES, MML_PERCENT, MML_NSEC, MML_RATIO };

/* Whether a column is shown unasked, and which one gives way first on a narrow screen. */
enum mml_rank {
	MML_HIDDEN, /* on request only */
	MML_FIRST,  /* never dropped */
	MML_MAIN,
	MML_MORE,
	MML_LAST,   /* dropped first */
};

union mml_value {
	const char *str;
	uint64_t u64; /* also MML_ADDR, MML_WORD */
	int64_t i64;
	double f64;
	bool b;
};

enum { MML_MAX_COLUMNS = 128 };

/* One row: which cells are present, then the cells. The address of a cell is its column's id. */
struct mml_row {
	uint64_t present[MML_MAX_COLUMNS / 64];
	uint64_t at_least[MML_MAX_COLUMNS / 64]; /* the kernel gave only a lower bound */
	bool levels; /* this row's MML_COUNTER cells are levels that may also fall */
	union mml_value cell[];
};

struct mml_column {
	const char *name;   /* JSON key, CSV head, -o argument: stable, lower_snake, no unit in it */
	const char *head;   /* what people see */
	const char *source; /* the kernel's name for it; for a derived one, the formula */
	const char *help;   /* one sentence */
	const char *const *words; /* MML_WORD: what a value may be, in order; a NULL ends them */
	enum mml_type type : 8;
	enum mml_kind kind : 8;
	enum mml_unit unit : 8;
	enum mml_rank rank : 8;
	unsigned needs; /* costly reads it takes, bits of the collector's; 0: it comes for free */
	int of;         /* MML_RATE, MML_GROWTH: the column they are the change of; else -1 */
};

static inline bool mml_column_is_text(const struct mml_column *col)
{
	return col->type == MML_STR || col->type == MML_WORD;
}

/* V of a column of text. */
static inline const char *mml_value_str(const struct mml_column *col, union mml_value v)
{
	return col->type == MML_WORD ? col->words[v.u64] : v.str;
}

struct mml_schema {
	const char *name; /* the table's */
	const char *help; /* one sentence: what a row is, and what the table is for */
	const struct mml_column *columns;
	size_t ncolumns;
	const char *sort; /* default order as for -s, or NULL: the kernel's order */
};

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

/* The WORD-th of the column's words. */
static inline void mml_set_word(struct mml_row *row, unsigned col, unsigned word)
{
	mml_set_u64(row, col, word);
}

/* STR must live as long as the table; NULL leaves the cell absent. */
static inline void mml_set_str(struct mml_row *row, unsigned col, const char *str)
{
	if (str)
		mml_set(row, col, (union mml_value){ .str = str });
}

/*
 * A schema is written once, as a list, PREFIX_COLUMNS(C, R), of
 *   C(name, HEAD, TYPE, KIND, UNIT, RANK, needs, source, help)
 *   R(name, HEAD, TYPE, KIND, UNIT, RANK, of, help)        (rates and growth)
 * from which columns.h makes the ids (PREFIX_name) and the array that MML_COLUMNS(PREFIX) puts into a
 * schema. A swapped argument does not compile. The TYPE of words that have an order is WORD(list).
 */
#define MML_WORD(list) MML_WORD, .words = list
#define MML_COLUMNS(prefix)              \
	.columns = prefix##_columns,     \
	.ncolumns = sizeof(prefix##_columns) / sizeof(*prefix##_columns)

/* The column of SCHEMA called NAME, or -1. */
int mml_schema_find(const struct mml_schema *schema, const char *name, size_t len);

/* The column of SCHEMA whose kernel source is called SOURCE, or -1: how collectors look fields up. */
int mml_schema_source(const struct mml_schema *schema, const char *source, size_t len);

/* The word among COUNT ones nearest to S, LEN bytes, by edit distance; NULL when none is near.
 * WORD gives word number i. */
const char *mml_nearest(const char *s, size_t len, const char *(*word)(size_t i, const void *ctx),
			size_t count, const void *ctx);

/* The place of S, LEN bytes, among the words of COL, or -1; and the word nearest to it, or NULL. */
int mml_word_find(const struct mml_column *col, const char *s, size_t len);
const char *mml_word_nearest(const struct mml_column *col, const char *s, size_t len);

/* The column of SCHEMA with the name nearest to S, or NULL. */
const char *mml_schema_nearest(const struct mml_schema *schema, const char *s, size_t len);
