/* What the manual pages and the completions are made from: the schemas and the .def lists. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "../core/buf.h"
#include "../core/snapshot.h"

/* What can follow an option or a command. */
enum doc_arg {
	DOC_NOTHING, /* it takes no argument */
	DOC_ANYTHING,
	DOC_COLUMNS,
	DOC_SORT,    /* columns, each with an optional - */
	DOC_FILTER,
	DOC_PIDS,
	DOC_DIR,
	DOC_FILE,
	DOC_WHEN,
	DOC_GROUND,
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

/* Both lists end with a NULL name. */
extern const struct doc_option doc_options[];
extern const struct doc_command doc_commands[];

/* Returns what ARG stands for. ARG is written as in the .def files: NULL, "LIST", "[TABLE...]",
 * "PID ADDRESS...". */
enum doc_arg doc_arg_of(const char *arg);

/* Returns table I, or NULL behind the last. The tables about tables, columns and sources, come
 * behind the collectors' own. */
const struct mml_collector *doc_table(size_t i);

/* Returns whether table I can be named on the command line. One that a command prints cannot. */
bool doc_table_named(size_t i);

/* Returns the last of the columns from FIRST on whose names differ only in a number at their ends
 * that goes up by one. */
size_t doc_run_of_columns(const struct mml_schema *schema, size_t first);

/* What a line @NAME@ in a template stands for. */
struct doc_part {
	const char *name;
	void (*put)(struct mml_buf *out);
};

extern const struct doc_part doc_mdoc_parts[], doc_shell_parts[], doc_schema_parts[];
