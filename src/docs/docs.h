/* What the manual pages and the completions are made of: the schemas and the .def lists. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "../core/buf.h"
#include "../core/snapshot.h"

/* What can stand behind an option or a command. */
enum doc_arg {
	DOC_NOTHING, /* it takes no argument */
	DOC_ANYTHING,
	DOC_COLUMNS,
	DOC_SORT,    /* columns, each with an optional - */
	DOC_FILTER,
	DOC_PIDS,
	DOC_DIR,
	DOC_WHEN,
	DOC_BY,
	DOC_TABLES,
	DOC_VIEW,
};

struct doc_option {
	int letter; /* 0: it has none */
	const char *name, *arg, *help;
};

struct doc_command {
	const char *word, *args, *help;
};

/* Both end with a NULL name. */
extern const struct doc_option doc_options[];
extern const struct doc_command doc_commands[];

/* ARG as the .def files write it: NULL, "LIST", "[TABLE...]", "PID ADDRESS...". */
enum doc_arg doc_arg_of(const char *arg);

/* The tables that are no collectors' but about them, columns and sources, come behind the others;
 * NULL ends them. */
const struct mml_collector *doc_table(size_t i);

/* Whether table I is there to be named: one that a command prints is not. */
bool doc_table_named(size_t i);

/* Columns FIRST to the returned one differ in the number at the end of their names alone, which
 * goes up by one. */
size_t doc_run_of_columns(const struct mml_schema *schema, size_t first);

/* What stands in a template as a line @NAME@. */
struct doc_part {
	const char *name;
	void (*put)(struct mml_buf *out);
};

extern const struct doc_part doc_mdoc_parts[], doc_shell_parts[];
