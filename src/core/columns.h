/*
 * Makes two things from a table's list of columns (see column.h): an enumerator PREFIX_name for each
 * column with PREFIX_NCOLUMNS behind the last, and the array PREFIX_columns. Before this file is
 * included, once for each table, one of these is defined as the prefix:
 *   MML_TABLE_OF       both, if the list is beside its collector
 *   MML_COLUMN_IDS_OF  the ids alone, in a header with the list, for all who read the table
 *   MML_COLUMNS_OF     the array alone, for a collector whose list is in a header
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#define MML_PASTE(a, b) a##b
#define MML_JOIN(a, b) MML_PASTE(a, b)

#if defined(MML_TABLE_OF)
#define MML_PREFIX MML_TABLE_OF
#elif defined(MML_COLUMN_IDS_OF)
#define MML_PREFIX MML_COLUMN_IDS_OF
#else
#define MML_PREFIX MML_COLUMNS_OF
#endif
#define MML_LIST MML_JOIN(MML_PREFIX, _COLUMNS)

#ifndef MML_COLUMNS_OF
#define C(name_, ...) MML_JOIN(MML_PREFIX, _##name_),
enum { MML_LIST(C, C) MML_JOIN(MML_PREFIX, _NCOLUMNS) };
#undef C
#endif

#ifndef MML_COLUMN_IDS_OF
#define C(name_, head_, type_, kind_, unit_, rank_, needs_, source_, help_)               \
	[MML_JOIN(MML_PREFIX, _##name_)] = {                                              \
		.name = #name_, .head = head_, .source = source_, .help = help_,          \
		.type = MML_##type_, .kind = MML_##kind_, .unit = MML_##unit_,            \
		.rank = MML_##rank_, .needs = needs_, .of = -1                            \
	},
#define R(name_, head_, type_, kind_, unit_, rank_, of_, help_)                           \
	[MML_JOIN(MML_PREFIX, _##name_)] = {                                              \
		.name = #name_, .head = head_, .source = "change of " #of_, .help = help_, \
		.type = MML_##type_, .kind = MML_##kind_, .unit = MML_##unit_,            \
		.rank = MML_##rank_, .of = MML_JOIN(MML_PREFIX, _##of_)                   \
	},
static const struct mml_column MML_JOIN(MML_PREFIX, _columns)[] = { MML_LIST(C, R) };
#undef C
#undef R
#endif

#undef MML_PASTE
#undef MML_JOIN
#undef MML_LIST
#undef MML_PREFIX
#undef MML_TABLE_OF
#undef MML_COLUMN_IDS_OF
#undef MML_COLUMNS_OF
