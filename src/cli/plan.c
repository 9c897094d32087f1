/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan.h"

#include <errno.h>
#include <limits.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../collectors/registry.h"
#include "../core/parse.h"
#include "../core/trouble.h"
#include "about.h"
#include "operands.h"
#include "options.h"

enum { LONGEST_LINE = 100 };

const char *mml_word(size_t i)
{
	static const char *const commands[] = {
#define COMMAND(id, word, ...) word,
#include "commands.def"
#undef COMMAND
	};
	size_t n = sizeof(commands) / sizeof(*commands);

	if (i < n)
		return commands[i];
	return mml_collectors[i - n] ? mml_collectors[i - n]->schema.name : NULL;
}

static const char *word_at(size_t i, const void *ctx)
{
	(void)ctx;
	return mml_word(i);
}

static bool take_command(struct mml_plan *plan, const char *word)
{
	static const struct {
		const char *word;
		enum mml_command command;
	} commands[] = {
#define COMMAND(id, word, ...) { word, MML_##id },
#include "commands.def"
#undef COMMAND
	};

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(commands[i].word, word)) {
			if (plan->command == MML_TABLES)
				plan->command = commands[i].command;
			return true;
		}
	return false;
}

static int take_words(struct mml_plan *plan)
{
	size_t words = 0;

	if (!plan->nargs)
		return MML_OK;
	plan->given = true;
	if (take_command(plan, plan->args[0])) {
		/* Help on a command that is also a table explains the table's columns. */
		if (plan->command == MML_SHOW_HELP && mml_collector_find(plan->args[0]))
			plan->tables[plan->ntables++] = mml_collector_find(plan->args[0]);
		plan->args++;
		plan->nargs--;
		return MML_OK;
	}
	while (mml_word(words))
		words++;
	if (!mml_collector_find(plan->args[0])) {
		const char *near = mml_collector_meant(plan->args[0]);

		if (!near)
			near = mml_nearest(plan->args[0], strlen(plan->args[0]), word_at, words, NULL);
		return mml_bad_word("command or table", plan->args[0], near);
	}
	return mml_take_tables(plan, 0);
}

/* A table with one heading can be read by programs; several behind each other cannot. */
static int check_single(const struct mml_plan *plan)
{
	if (plan->command != MML_TABLES || plan->ntables < 2 || !plan->format.renderer->single)
		return MML_OK;
	mml_error("--%s is one table: ask for %s and %s one by one, or use --json",
		  plan->format.renderer->name, plan->tables[0]->schema.name,
		  plan->tables[1]->schema.name);
	return MML_USAGE;
}

static int select_error(const struct mml_select *sel, int rc)
{
	mml_error("%s", rc == -EINVAL ? sel->error : mml_trouble_words(rc));
	return rc == -EINVAL ? MML_USAGE : MML_FAILED;
}

/* Makes `columns slab vmas` show only the rows of these tables. */
static int filter_tables(struct mml_plan *plan)
{
	for (int i = 0; i < plan->nargs; i++)
		if (!mml_collector_find(plan->args[i]))
			return mml_bad_word("table", plan->args[i],
					    mml_collector_nearest(plan->args[i]));
	if (plan->nargs) {
		struct mml_buf expr = { 0 };
		int rc;

		for (int i = 0; i < plan->nargs; i++)
			mml_buf_printf(&expr, "%stable = %s", i ? " or " : "", plan->args[i]);
		rc = expr.error ? expr.error : mml_select_filter(&plan->selects[0], expr.data);
		mml_buf_free(&expr);
		if (rc)
			return select_error(&plan->selects[0], rc);
	}
	return MML_OK;
}

/* Selects the grouping asked for among those that TABLE has. A table that does not have it is shown
 * as it is: check_grouping() has made sure that another one has it. */
static int select_grouping(const struct mml_plan *plan, const struct mml_collector *table,
			   struct mml_select *sel)
{
	const struct mml_grouping *g = table->groupings;

	int rc;

	while (g && g->name && strcmp(g->name, plan->scope.by))
		g++;
	if (!g || !g->name)
		return 0;
	rc = mml_select_columns(sel, g->columns);
	return rc || !g->sort ? rc : mml_select_sort(sel, g->sort);
}

static const char *grouping_at(size_t i, const void *ctx)
{
	return ((const struct mml_grouping *)ctx)[i].name;
}

/* Prints one line that names the bad word, and the nearest good one or else all of them. */
static int bad_grouping(const char *word, const struct mml_grouping *groupings)
{
	struct mml_buf known = { 0 };
	const char *near;
	size_t n;

	for (n = 0; groupings[n].name; n++)
		mml_buf_printf(&known, "%s%s", n ? ", " : "", groupings[n].name);
	near = mml_nearest(word, strlen(word), grouping_at, n, groupings);
	if (near)
		mml_error("--by: unknown grouping '%s'; did you mean '%s'?", word, near);
	else
		mml_error("--by: unknown grouping '%s'; there are: %s", word,
			  known.error ? "?" : known.data);
	mml_buf_free(&known);
	return MML_USAGE;
}

static int check_grouping(const struct mml_plan *plan)
{
	const struct mml_grouping *groupings = NULL;

	for (size_t i = 0; i < plan->ntables; i++) {
		const struct mml_grouping *g = plan->tables[i]->groupings;

		groupings = g ? g : groupings;
		for (; g && g->name; g++)
			if (!strcmp(g->name, plan->scope.by))
				return MML_OK;
	}
	if (groupings)
		return bad_grouping(plan->scope.by, groupings);
	mml_error("--by: none of the tables asked for can be grouped");
	return MML_USAGE;
}

/* Keeps the filter as text, so that the screen can show it and the user can change it. */
static int keep_filter(struct mml_plan *plan, const struct mml_wishes *w)
{
	struct mml_buf all = { 0 };

	for (size_t k = 0; k < w->nfilters; k++)
		mml_buf_printf(&all, w->nfilters > 1 ? "%s(%s)" : "%s%s", k ? " and " : "",
			       w->filters[k]);
	plan->filter = all.data;
	return all.error ? MML_FAILED : MML_OK;
}

/* Handles the columns, order and filter in `top slab -s -growth`: how the table is shown at first. */
static int select_screen(struct mml_plan *plan, const struct mml_wishes *w)
{
	const struct mml_collector *table;

	if (!w->ncolumns && !w->nfilters && !w->sort && !w->all_columns)
		return MML_OK;
	table = plan->nargs ? mml_collector_find(plan->args[0]) : NULL;
	if (!table) {
		mml_error("columns, order and filter are a table's: name one behind top");
		return MML_USAGE;
	}
	plan->tables[plan->ntables++] = table;
	plan->selected = true;
	return keep_filter(plan, w);
}

static int resolve(struct mml_plan *plan, const struct mml_wishes *w)
{
	if (plan->scope.by && plan->command == MML_TABLES && check_grouping(plan))
		return MML_USAGE;
	plan->selects = mml_calloc(plan->ntables + 1, sizeof(*plan->selects));
	if (!plan->selects) {
		mml_error("out of memory");
		return MML_FAILED;
	}
	for (size_t i = 0; i < plan->ntables; i++) {
		struct mml_select *sel = &plan->selects[i];
		int rc = 0;

		mml_select_init(sel, &plan->tables[i]->schema);
		if (plan->scope.by)
			rc = select_grouping(plan, plan->tables[i], sel);
		if (w->all_columns || plan->command == MML_DUMP || plan->command == MML_CAPTURE ||
		    (plan->command == MML_RECORD && !w->ncolumns) ||
		    (plan->command == MML_OOM && plan->format.renderer->document && !w->ncolumns))
			mml_select_all_columns(sel);
		if (!strcmp(plan->format.renderer->name, "page") && plan->tables[i]->page)
			rc = mml_select_columns(sel, plan->tables[i]->page);
		for (size_t k = 0; k < w->ncolumns && !rc; k++)
			rc = mml_select_columns(sel, w->columns[k]);
		if (!rc && w->sort && plan->command != MML_DIFF)
			rc = mml_select_sort(sel, w->sort);
		for (size_t k = 0; k < w->nfilters && !rc && plan->command != MML_DIFF; k++)
			rc = mml_select_filter(sel, w->filters[k]);
		if (rc)
			return select_error(sel, rc);
		sel->limit = w->limit < SIZE_MAX ? (size_t)w->limit : SIZE_MAX;
		sel->total = w->total;
		if (w->total && !mml_schema_sums(sel->schema)) {
			mml_error("--total: the rows of %s cannot be added up", sel->schema->name);
			return MML_USAGE;
		}
	}
	return plan->command == MML_COLUMNS ? filter_tables(plan) : MML_OK;
}

/* A control group stands for the processes in it. */
static bool is_given(const struct mml_plan *plan, const struct mml_collector *table, size_t id)
{
	return plan->scope.args[id].given ||
	       (id == MML_PARAM_PIDS && table->takes & MML_TAKES(CGROUP) &&
		plan->scope.args[MML_PARAM_CGROUP].given);
}

/* Returns an argument that TABLE cannot do without and that was not given, or MML_PARAMS if there
 * is none. */
static size_t missing_param(const struct mml_plan *plan, const struct mml_collector *table)
{
	size_t id = 0;

	while (id < MML_PARAMS && (!(table->requires >> id & 1) || is_given(plan, table, id)))
		id++;
	return id;
}

/* Adds what dump and capture cover: every table that takes no argument. */
static void add_all_tables(struct mml_plan *plan)
{
	for (size_t i = 0; mml_collectors[i]; i++) {
		const struct mml_collector *table = mml_collectors[i];

		/* A tree has what was observed when it was captured. On a live system an
		 * observation takes time. */
		if (table->observes && plan->command != MML_CAPTURE && !plan->root &&
		    !plan->replay)
			continue;
		/* Kernel logs are kept elsewhere, and are long. */
		if ((table->takes & MML_TAKES(LOG) || table->bulky) && plan->command == MML_RECORD)
			continue;
		if (missing_param(plan, table) < MML_PARAMS)
			continue;
		plan->tables[plan->ntables++] = table;
	}
}

/* Prose is read best in lines that are not long. */
static unsigned prose_width(bool tty)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t n = 0;

	if (columns && mml_parse_u64(mml_span_str(columns), &n))
		n = 0;
	if (!n && tty && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		n = size.ws_col;
	return !n ? 80 : n > LONGEST_LINE ? LONGEST_LINE : (unsigned)n;
}

static void set_style(struct mml_plan *plan, const struct mml_wishes *w)
{
	const char *no_colour = getenv("NO_COLOR");
	bool tty = isatty(STDOUT_FILENO);

	plan->format.style.utf8 = !plan->ascii && mml_utf8_locale();
	plan->format.style.exact = plan->format.renderer->exact;
	plan->format.one_line = plan->count != 0;
	plan->format.width = prose_width(tty);
	plan->format.colour = tty && !(no_colour && *no_colour);
	if (w->colour && !strcmp(w->colour, "always"))
		plan->format.colour = true;
	if (w->colour && !strcmp(w->colour, "never"))
		plan->format.colour = false;
}

/* Checks that each command has as many words behind it as it takes. */
static int check_words(const struct mml_plan *plan)
{
	static const struct {
		int least, most;
		const char *what;
	} takes[] = {
		[MML_TOP] = { 0, 1, "top takes one view" },
		[MML_DUMP] = { 0, 0, "dump takes no arguments: it prints every table" },
		[MML_CAPTURE] = { 1, 1, "capture takes one directory to save to" },
		[MML_RECORD] = { 1, MML_MAX_TABLES, "record takes a directory or a file, and tables" },
		[MML_RECORDINGS] = { 1, 1, "recordings takes one recording" },
		[MML_DIFF] = { 2, MML_MAX_TABLES, "diff takes two moments to compare, and tables" },
		[MML_TRANSLATE] = { 2, INT_MAX, "translate takes a process id and addresses" },
		[MML_OOM] = { 0, 1, "oom takes one kernel log, or - for standard input" },
		[MML_SOURCES] = { 0, 0, "sources takes no arguments" },
		[MML_COLUMNS] = { 0, MML_MAX_TABLES, "columns takes the names of tables" },
	};

	if (plan->command == MML_TABLES || plan->command >= MML_SHOW_HELP)
		return MML_OK;
	if (plan->nargs >= takes[plan->command].least && plan->nargs <= takes[plan->command].most)
		return MML_OK;
	mml_error("%s", takes[plan->command].what);
	return MML_USAGE;
}

/* Refuses an argument that no table takes, because the answer would be to another question. */
static int check_taken(const struct mml_plan *plan)
{
	uint64_t taken = 0;

	for (size_t i = 0; i < plan->ntables; i++)
		taken |= plan->tables[i]->takes | plan->tables[i]->requires;
	for (size_t id = 0; id < MML_PARAMS; id++)
		if (plan->scope.args[id].given && !(taken >> id & 1)) {
			mml_error("--%s: none of the tables asked for takes it",
				  mml_params[id].name);
			return MML_USAGE;
		}
	return MML_OK;
}

/* Checks that each table was given the arguments it cannot do without. The screen can ask for them. */
static int check_params(const struct mml_plan *plan)
{
	int status = MML_OK;

	for (size_t i = 0; i < plan->ntables && !status; i++) {
		size_t id = missing_param(plan, plan->tables[i]);
		struct mml_buf usage = { 0 };

		if (id == MML_PARAMS)
			continue;
		mml_param_usage(&usage, &mml_params[id]);
		if (usage.error)
			mml_error("%s", mml_trouble_words(usage.error));
		else
			mml_error("%s needs %s", plan->tables[i]->schema.name, usage.data);
		status = usage.error ? MML_FAILED : MML_USAGE;
		mml_buf_free(&usage);
	}
	return status;
}

static bool wishes_columns(const struct mml_wishes *w)
{
	return w->ncolumns || w->all_columns;
}

/* A table that makes a page of each row is printed so, unless something else was asked for. */
static void take_page(struct mml_plan *plan, const struct mml_wishes *w)
{
	if (w->format || wishes_columns(w) || plan->ntables != 1 || !plan->tables[0]->page ||
	    (plan->command != MML_TABLES && plan->command != MML_OOM))
		return;
	plan->format.renderer = mml_renderer_find("page");
}

/* Finds the tables that the command is about. Those that were named without one are known already. */
static int take_tables(struct mml_plan *plan, const struct mml_wishes *w)
{
	switch (plan->command) {
	case MML_TABLES:
		if (!plan->ntables)
			plan->tables[plan->ntables++] = mml_collector_find("balance");
		return MML_OK;
	case MML_TRANSLATE:
		return mml_take_addresses(plan);
	case MML_OOM:
		return mml_take_log(plan, !wishes_columns(w) && !w->nfilters && !w->sort);
	case MML_DIFF:
		return mml_take_compared(plan);
	case MML_RECORDINGS:
		return mml_take_recording(plan);
	case MML_RECORD:
		plan->named = w->ncolumns;
		if (plan->nargs > 1)
			return mml_take_tables(plan, 1);
		add_all_tables(plan);
		return MML_OK;
	case MML_DUMP:
	case MML_CAPTURE:
		if (!plan->format.renderer->document)
			plan->format.renderer = mml_renderer_find("json");
		add_all_tables(plan);
		return MML_OK;
	case MML_COLUMNS:
		plan->tables[plan->ntables++] = &mml_collector_columns;
		return MML_OK;
	case MML_SOURCES:
		plan->tables[plan->ntables++] = &mml_collector_sources;
		return MML_OK;
	default:
		return MML_OK;
	}
}

int mml_plan_parse(int argc, char **argv, struct mml_plan *plan)
{
	struct mml_wishes w = { 0 };
	int rc;

	*plan = (struct mml_plan){ .arena = mml_arena_new(),
				   .format.renderer = mml_renderers[0],
				   .keep = mml_keep_usual,
				   .sync_ns = UINT64_C(60) * 1000000000,
				   .slow_ns = UINT64_C(60) * 1000000000 };
	if (!plan->arena) {
		mml_error("out of memory");
		return MML_FAILED;
	}
	rc = mml_options_parse(argc, argv, plan, &w);
	if (rc)
		return rc;
	plan->args = argv + optind;
	plan->nargs = argc - optind;
	rc = take_words(plan);
	if (!rc)
		rc = check_words(plan);
	if (!rc)
		rc = mml_check_recording(plan);
	if (rc)
		return rc;
	rc = take_tables(plan, &w);
	if (!rc)
		rc = check_single(plan);
	if (rc)
		return rc;
	if (plan->command == MML_TABLES || plan->command == MML_OOM || plan->command == MML_DIFF) {
		rc = check_params(plan);
		rc = rc ? rc : check_taken(plan);
	}
	if (rc)
		return rc;
	take_page(plan, &w);
	set_style(plan, &w);
	rc = plan->command < MML_SHOW_HELP ? mml_read_input(plan) : MML_OK;
	if (rc)
		return rc;
	rc = plan->command == MML_TOP ? select_screen(plan, &w) : MML_OK;
	if (plan->command == MML_DIFF) {
		plan->sort = w.sort;
		rc = w.nfilters ? keep_filter(plan, &w) : MML_OK;
	}
	return rc ? rc : resolve(plan, &w);
}

void mml_plan_free(struct mml_plan *plan)
{
	for (size_t i = 0; plan->selects && i < plan->ntables; i++)
		mml_select_free(&plan->selects[i]);
	free(plan->selects);
	free(plan->filter);
	mml_buf_free(&plan->input);
	mml_buf_free(&plan->said);
	mml_arena_free(plan->arena);
}
