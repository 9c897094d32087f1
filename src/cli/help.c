/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "../collectors/registry.h"
#include "plan.h"

static int print(struct mml_buf *out)
{
	bool gone;
	int status = mml_write_out(out, &gone);

	mml_buf_free(out);
	return status;
}

/* Appends TEXT in lines of 80 columns that begin at column INDENT. The first begins behind what is there
 * already, AT columns of a line. */
static void put_wrapped(struct mml_buf *out, size_t at, size_t indent, const char *text)
{
	enum { WIDTH = 80 };

	if (at && at >= indent) {
		mml_buf_putc(out, '\n');
		at = 0;
	}
	mml_buf_pad(out, ' ', indent - at);
	at = indent;
	while (*text) {
		size_t len = strcspn(text, " ");

		if (at > indent && at + 1 + len > WIDTH) {
			mml_buf_putc(out, '\n');
			mml_buf_pad(out, ' ', indent);
			at = indent;
		} else if (at > indent) {
			mml_buf_putc(out, ' ');
			at++;
		}
		mml_buf_put(out, text, len);
		at += len;
		text += len + strspn(text + len, " ");
	}
	mml_buf_putc(out, '\n');
}

/* Appends a line with LEFT, of at most INDENT - 1 columns, or one more line, and the text beside it. */
static void put_entry(struct mml_buf *out, const char *left, size_t indent, const char *text)
{
	mml_buf_puts(out, left);
	put_wrapped(out, strlen(left), indent, text);
}

static void put_option(struct mml_buf *out, int c, const char *name, const char *arg,
		       const char *help)
{
	char left[64], letter[8] = "    ";

	if (c)
		snprintf(letter, sizeof(letter), "-%c, ", c);
	snprintf(left, sizeof(left), "  %s--%s%s%s", letter, name, arg ? " " : "", arg ? arg : "");
	put_entry(out, left, 28, help);
}

static void put_general(struct mml_buf *out)
{
	char left[80];

	mml_buf_puts(out,
		     "Usage: mmlens [OPTIONS]                 the screen; without a terminal, balance\n"
		     "       mmlens TABLE [TABLE...] [OPTIONS]\n"
		     "       mmlens COMMAND [OPTIONS]\n\n"
		     "Where this machine's memory is, who holds it, and what it is made of.\n\n"
		     "Commands:\n");
#define COMMAND(id, word, args, help)                                                \
	snprintf(left, sizeof(left), "  %s %s", word, args);                         \
	put_entry(out, left, 28, help);
#include "commands.def"
#undef COMMAND
	mml_buf_puts(out, "\nTables:\n");
	for (size_t i = 0; mml_collectors[i]; i++) {
		snprintf(left, sizeof(left), "  %s", mml_collectors[i]->schema.name);
		put_entry(out, left, 16, mml_collectors[i]->schema.help);
	}
	mml_buf_puts(out, "\nOptions:\n");
#define OPTION(id, c, name, arg, help) put_option(out, c, name, arg, help);
#include "options.def"
#undef OPTION
	mml_buf_puts(out, "\nFormats other than text:\n");
#define RENDERER(id, c, name, help) put_option(out, c, name, NULL, help);
#include "../render/renderers.def"
#undef RENDERER
	mml_buf_puts(out, "\nWhat tables are asked about ('mmlens TABLE --help' says which):\n");
	for (const struct mml_param *p = mml_params; p < mml_params + MML_PARAMS; p++)
		if (p->name)
			put_option(out, p->letter, p->name, p->arg, p->help);
	mml_buf_putc(out, '\n');
	put_wrapped(out, 0, 0, "'mmlens TABLE --help' lists a table's columns. See mmlens(1), "
			       "mmlens-tables(5), mmlens-counters(7).");
}

/* Returns the arguments of the command that prints the table NAME, or "" if there is no such
 * command. */
static const char *command_args(const char *name)
{
#define COMMAND(id, word, args, help) \
	if (!strcmp(name, word))      \
		return args;
#include "commands.def"
#undef COMMAND
	return "";
}

/* Appends the arguments that the table takes. */
static void put_params(struct mml_buf *out, const struct mml_collector *table)
{
	size_t n = 0;

	for (size_t i = 0; i < MML_PARAMS; i++) {
		const struct mml_param *p = &mml_params[i];

		if (!(table->takes >> i & 1) || !p->name)
			continue;
		if (!n++)
			mml_buf_puts(out, "Asked about:\n");
		put_option(out, p->letter, p->name, p->arg, p->help);
	}
	if (n)
		mml_buf_putc(out, '\n');
}

static void put_table(struct mml_buf *out, const struct mml_collector *table)
{
	const struct mml_schema *schema = &table->schema;
	const char *args = command_args(schema->name);

	mml_buf_printf(out, "Usage: mmlens %s%s%s", schema->name, *args ? " " : "", args);
	for (size_t i = 0; i < MML_PARAMS && !*args; i++)
		if (table->requires >> i & 1) {
			mml_buf_putc(out, ' ');
			mml_param_usage(out, &mml_params[i]);
		}
	mml_buf_puts(out, " [OPTIONS]\n\n");
	put_wrapped(out, 0, 0, schema->help);
	mml_buf_putc(out, '\n');
	put_params(out, table);
	mml_buf_puts(out, "Columns (* are shown unasked):\n");
	for (size_t i = 0; i < schema->ncolumns; i++) {
		const struct mml_column *col = &schema->columns[i];
		char left[80];

		snprintf(left, sizeof(left), " %c %s", col->rank != MML_HIDDEN ? '*' : ' ', col->name);
		put_entry(out, left, 24, col->help);
	}
	if (schema->sort)
		mml_buf_printf(out, "\nSorted by %s.\n", schema->sort);
	for (const struct mml_grouping *g = table->groupings; g && g->name; g++)
		mml_buf_printf(out, "%s%s%s", g == table->groupings ? "\nGrouped with --by " : ", ",
			       g->name, g[1].name ? "" : ".\n");
}

int mml_help(const struct mml_plan *plan)
{
	struct mml_buf out = { 0 };

	if (!plan->ntables || !plan->given)
		put_general(&out);
	for (size_t i = 0; i < plan->ntables && plan->given; i++)
		put_table(&out, plan->tables[i]);
	return print(&out);
}

int mml_version(void)
{
	struct mml_buf out = { 0 };

	mml_buf_printf(&out, "mmlens %s (%s)\n", PACKAGE_VERSION, MML_FEATURES);
	return print(&out);
}
