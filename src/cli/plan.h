/* What the command line asks for, and the commands that do it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../record/keep.h"
#include "../ui/tui.h"
#include "../core/say.h"
#include "../render/render.h"

struct mml_replay;
struct mml_sampler;

enum mml_command {
	MML_TABLES, /* print the tables that were named */
#define COMMAND(id, ...) MML_##id,
#include "commands.def"
#undef COMMAND
	MML_SHOW_HELP,
	MML_SHOW_VERSION,
};

enum { MML_MAX_TABLES = 64 };

struct mml_plan {
	enum mml_command command;
	bool given; /* a command or table was named; otherwise a terminal gets the screen */
	const struct mml_collector *tables[MML_MAX_TABLES];
	struct mml_select *selects; /* one for each table */
	size_t ntables;
	bool selected; /* top: selects[0] was given, */
	char *filter;  /* and this as its filter; or NULL */
	const char *sort; /* diff: the order and the filter of the differences */
	bool all, exit_status; /* diff: rows that are the same, too */
	bool named; /* diff: tables were named; record: columns were */
	char **args; /* of the command */
	int nargs;
	const char *root;
	const char *replay, *at, *begin, *end; /* a recording, and which of it; NULL: not given */
	struct mml_keep keep; /* for record, as the next three */
	uint64_t sync_ns, slow_ns;
	bool no_args, keeps; /* KEEPS: one of the limits of KEEP was given */
	struct mml_arena *arena; /* owns what the scope points to */
	struct mml_scope scope;
	struct mml_buf input; /* what the file has that the scope names */
	uint64_t delay_ns; /* 0: not given */
	uint64_t count;    /* 0: not given; UINT64_MAX: until interrupted */
	bool quiet;        /* notes are not said */
	struct mml_buf said; /* the lines that were, each with a NUL behind it */
	bool ascii;
	enum mml_theme theme;
	struct mml_format format;
};

/* Fills PLAN from the command line. Returns MML_OK, or MML_USAGE or MML_FAILED after a line on
 * stderr. */
int mml_plan_parse(int argc, char **argv, struct mml_plan *plan);
void mml_plan_free(struct mml_plan *plan);

/* Does what PLAN says. Returns the exit status. */
int mml_plan_run(struct mml_plan *plan);

/* What --help and --version print. Both return the exit status. */
int mml_help(const struct mml_plan *plan);
int mml_version(void);

/* Returns the words that can open a command line, first the commands and then the tables, and NULL
 * behind the last. */
const char *mml_word(size_t i);

/* The commands. Each returns the exit status. */
int mml_run_tables(struct mml_plan *plan, struct mml_root *root);
int mml_run_capture(struct mml_plan *plan, struct mml_root *root);

int mml_run_record(struct mml_plan *plan, struct mml_root *root);
int mml_run_cut(struct mml_plan *plan, struct mml_root *root, struct mml_replay *replay);
int mml_run_replay(struct mml_plan *plan, struct mml_root *root, struct mml_replay *replay);

/* Takes a sample and prints it; FIRST: none was printed before. RET_GONE: whether the reader of the
 * output is gone. Returns an exit status, after a line on stderr if that is not MML_OK. */
int mml_print_sample(struct mml_plan *plan, struct mml_sampler *sampler,
		     const struct mml_query *queries, bool first, bool *ret_gone);

int mml_run_diff(struct mml_plan *plan);

/* Says on stderr what of SNAP, shown as SELECTS say, could not be read. Returns MML_FAILED if that
 * includes a whole table. dump does without this, because its document has the reasons. */
int mml_say_absences(struct mml_plan *plan, const struct mml_select *selects,
		     const struct mml_snapshot *snap);

/* Returns the query for TABLE with the scope of PLAN and the costly reads that SEL needs. If SEL is
 * NULL, there are none. */
struct mml_query mml_plan_query(const struct mml_plan *plan, const struct mml_collector *table,
				const struct mml_select *sel);

/* Writes OUT to stdout. Returns MML_OK, or MML_FAILED after a line on stderr. If the reader is
 * gone, that is MML_OK, and RET_GONE is set. */
int mml_write_out(struct mml_buf *out, bool *ret_gone);
