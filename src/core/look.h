/* Reads cells by the names of their columns, for code that reads tables of other rooms. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "table.h"

/* Returns the column of SCHEMA called NAME if it has one of TYPES (such as 1 << MML_U64), or -1. A
 * name that the table does not have is a mistake of the caller, which stops a build with
 * sanitizers. Other builds take the cell for absent. */
int mml_look_id(const struct mml_schema *schema, const char *name, unsigned types);

/* The cell NAME of ROW. If it is absent or of another type, they return false, NAN or NULL. A word
 * counts as text. */
bool mml_look_u64(const struct mml_table *table, const struct mml_row *row, const char *name,
		  uint64_t *ret);
bool mml_look_bool(const struct mml_table *table, const struct mml_row *row, const char *name,
		   bool *ret);
double mml_look_num(const struct mml_table *table, const struct mml_row *row, const char *name);
const char *mml_look_str(const struct mml_table *table, const struct mml_row *row,
			 const char *name);

/* Returns the place of the word among its column's words, or -1. */
int mml_look_word(const struct mml_table *table, const struct mml_row *row, const char *name);

/* Returns the first row of TABLE whose text cell A is VA and whose text cell B is VB, or NULL. If B
 * is NULL, only A counts. TABLE may be NULL. */
const struct mml_row *mml_look_row(const struct mml_table *table, const char *a, const char *va,
				   const char *b, const char *vb);
