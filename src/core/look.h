/* Reading cells by the names of their columns, for those who read the tables of other rooms. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "table.h"

/* The column of SCHEMA called NAME that has one of TYPES (1 << MML_U64 ...), or -1. A name the table
 * has not is a mistake of the caller's, which ends a build with sanitizers; a program that is out in
 * the world takes the cell for absent. */
int mml_look_id(const struct mml_schema *schema, const char *name, unsigned types);

/* Cell NAME of ROW: false, NAN or NULL when it is absent or of another type. A word is text. */
bool mml_look_u64(const struct mml_table *table, const struct mml_row *row, const char *name,
		  uint64_t *ret);
bool mml_look_bool(const struct mml_table *table, const struct mml_row *row, const char *name,
		   bool *ret);
double mml_look_num(const struct mml_table *table, const struct mml_row *row, const char *name);
const char *mml_look_str(const struct mml_table *table, const struct mml_row *row,
			 const char *name);

/* The place of a word among its column's words, or -1. */
int mml_look_word(const struct mml_table *table, const struct mml_row *row, const char *name);

/* The row of TABLE (NULL: none) whose text cells A and B (NULL: any) are VA and VB; or NULL. */
const struct mml_row *mml_look_row(const struct mml_table *table, const char *a, const char *va,
				   const char *b, const char *vb);
