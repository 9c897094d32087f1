/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "docs.h"

#include <stdio.h>
#include <string.h>

#include "../collectors/registry.h"

/* Returns the word by which the completion functions of all three shells know an argument. */
static const char *arg_word(const char *arg)
{
	static const char *const words[] = {
		[DOC_NOTHING] = "",     [DOC_ANYTHING] = "anything", [DOC_COLUMNS] = "columns",
		[DOC_SORT] = "sort",    [DOC_FILTER] = "filter",     [DOC_PIDS] = "pids",
		[DOC_DIR] = "dir",      [DOC_WHEN] = "when",         [DOC_BY] = "by",
		[DOC_TABLES] = "table", [DOC_VIEW] = "view",         [DOC_FILE] = "file",
		[DOC_GROUND] = "ground",
	};

	return words[doc_arg_of(arg)];
}

static void put_words(struct mml_buf *out, const char *what)
{
	mml_buf_printf(out, "_mmlens_%s='", what);
}

/* Appends all words that --by can have for one table or another, each of them once. */
static void put_groupings(struct mml_buf *out)
{
	struct mml_buf seen = { 0 };

	mml_buf_putc(&seen, ' ');
	for (size_t i = 0; mml_collectors[i]; i++)
		for (const struct mml_grouping *g = mml_collectors[i]->groupings; g && g->name; g++) {
			char word[64];

			snprintf(word, sizeof(word), " %s ", g->name);
			if (!strstr(seen.data, word))
				mml_buf_puts(&seen, word + 1);
		}
	if (seen.len > 2)
		mml_buf_put(out, seen.data + 1, seen.len - 2);
	mml_buf_free(&seen);
}

/* Appends the views that are not tables. The others are among the tables. */
static void put_views(struct mml_buf *out)
{
	static const char *const views[] = {
#define VIEW(digit, name, brief, ops) #name,
#define PLAIN(digit, name, brief) #name,
#include "../views/registry.def"
#undef VIEW
#undef PLAIN
	};

	for (size_t i = 0; i < sizeof(views) / sizeof(*views); i++)
		if (!mml_collector_find(views[i]))
			mml_buf_printf(out, " %s", views[i]);
}

static void put_bash_lists(struct mml_buf *out)
{
	put_words(out, "commands");
	for (const struct doc_command *c = doc_commands; c->word; c++)
		mml_buf_printf(out, "%s%s", c == doc_commands ? "" : " ", c->word);
	mml_buf_puts(out, "'\n");
	put_words(out, "tables");
	for (size_t i = 0; mml_collectors[i]; i++)
		if (doc_table_named(i))
			mml_buf_printf(out, "%s%s", i ? " " : "", mml_collectors[i]->schema.name);
	mml_buf_puts(out, "'\n");
	put_words(out, "groupings");
	put_groupings(out);
	mml_buf_puts(out, "'\n");
	put_words(out, "views");
	put_views(out);
	mml_buf_puts(out, "'\n");
	put_words(out, "options");
	for (const struct doc_option *o = doc_options; o->name; o++) {
		if (o->letter)
			mml_buf_printf(out, "-%c ", o->letter);
		mml_buf_printf(out, "--%s%s", o->name, o[1].name ? " " : "'\n");
	}
}

/* Appends the branches of a case, each with a table and its columns. */
static void put_bash_columns(struct mml_buf *out)
{
	for (size_t i = 0; doc_table(i); i++) {
		const struct mml_schema *schema = &doc_table(i)->schema;

		mml_buf_printf(out, "\t%s) REPLY='", schema->name);
		for (size_t c = 0; c < schema->ncolumns; c++)
			mml_buf_printf(out, "%s%s", c ? " " : "", schema->columns[c].name);
		mml_buf_puts(out, "' ;;\n");
	}
}

/* Appends the branches of a case, each with an option or a command and what follows it. */
static void put_bash_args(struct mml_buf *out)
{
	for (const struct doc_option *o = doc_options; o->name; o++) {
		if (!o->arg)
			continue;
		mml_buf_puts(out, "\t");
		if (o->letter)
			mml_buf_printf(out, "-%c|", o->letter);
		mml_buf_printf(out, "--%s) REPLY=%s ;;\n", o->name, arg_word(o->arg));
	}
}

static void put_bash_command_args(struct mml_buf *out)
{
	for (const struct doc_command *c = doc_commands; c->word; c++)
		if (*c->args)
			mml_buf_printf(out, "\t%s) REPLY=%s ;;\n", c->word, arg_word(c->args));
}

/* Appends S inside '...'. The characters in MORE are escaped by a backslash, too. */
static void put_quoted(struct mml_buf *out, const char *s, const char *more, bool fish)
{
	for (; *s; s++) {
		if (*s == '\'')
			mml_buf_puts(out, fish ? "\\'" : "'\\''");
		else if (*s == '\\')
			mml_buf_puts(out, "\\\\");
		else if (strchr(more, *s))
			mml_buf_printf(out, "\\%c", *s);
		else
			mml_buf_putc(out, *s);
	}
}

/* Appends 'word:help' for _describe. */
static void put_zsh_item(struct mml_buf *out, const char *word, const char *help)
{
	mml_buf_printf(out, "\t\t'%s:", word);
	put_quoted(out, help, "", false);
	mml_buf_puts(out, "'\n");
}

static void put_zsh_commands(struct mml_buf *out)
{
	for (const struct doc_command *c = doc_commands; c->word; c++)
		put_zsh_item(out, c->word, c->help);
}

static void put_zsh_tables(struct mml_buf *out)
{
	for (size_t i = 0; mml_collectors[i]; i++)
		if (doc_table_named(i))
			put_zsh_item(out, mml_collectors[i]->schema.name, mml_collectors[i]->schema.help);
}

static void put_zsh_columns(struct mml_buf *out)
{
	for (size_t i = 0; doc_table(i); i++) {
		const struct mml_schema *schema = &doc_table(i)->schema;

		mml_buf_printf(out, "\t%s) columns=(\n", schema->name);
		for (size_t c = 0; c < schema->ncolumns; c++)
			put_zsh_item(out, schema->columns[c].name, schema->columns[c].help);
		mml_buf_puts(out, "\t) ;;\n");
	}
}

/* Appends '*'{-o,--columns=}'[help]:LIST: _mmlens_arg columns' for _arguments. */
static void put_zsh_options(struct mml_buf *out)
{
	for (const struct doc_option *o = doc_options; o->name; o++) {
		mml_buf_puts(out, "\t\t'*'");
		if (o->letter)
			mml_buf_printf(out, o->arg ? "{-%c+,--%s=}" : "{-%c,--%s}", o->letter,
				       o->name);
		else
			mml_buf_printf(out, "--%s%s", o->name, o->arg ? "=" : "");
		mml_buf_puts(out, "'[");
		put_quoted(out, o->help, "[]:", false);
		mml_buf_puts(out, "]");
		if (o->arg) {
			mml_buf_putc(out, ':');
			put_quoted(out, o->arg, "[]:", false);
			mml_buf_printf(out, ": _mmlens_arg %s", arg_word(o->arg));
		}
		mml_buf_puts(out, "' \\\n");
	}
}

/* For -o, -s and -f, the tables about tables count, too. */
static void put_zsh_table_names(struct mml_buf *out)
{
	for (size_t i = 0; doc_table(i); i++)
		mml_buf_printf(out, "\t\t%s\n", doc_table(i)->schema.name);
}

static void put_zsh_groupings(struct mml_buf *out)
{
	mml_buf_puts(out, "\tby) compadd ");
	put_groupings(out);
	mml_buf_puts(out, " ;;\n\tview) compadd --");
	put_views(out);
	mml_buf_puts(out, "; _mmlens_tables ;;\n");
}

static void put_fish_groupings(struct mml_buf *out)
{
	mml_buf_puts(out, "        case by\n            printf '%s\\n' ");
	put_groupings(out);
	mml_buf_puts(out, "\n        case view\n            printf '%s\\n' $__mmlens_tables");
	put_views(out);
	mml_buf_putc(out, '\n');
}

static void put_zsh_command_args(struct mml_buf *out)
{
	for (const struct doc_command *c = doc_commands; c->word; c++)
		mml_buf_printf(out, "\t\t%s %s\n", c->word, *c->args ? arg_word(c->args) : "anything");
}

static void put_fish_words(struct mml_buf *out)
{
	for (const struct doc_command *c = doc_commands; c->word; c++) {
		mml_buf_printf(out, "complete -c mmlens -n __mmlens_first -a %s -d '", c->word);
		put_quoted(out, c->help, "", true);
		mml_buf_puts(out, "'\n");
		if (!*c->args)
			continue;
		mml_buf_printf(out, "complete -c mmlens -n '__mmlens_command_is %s' -a '(__mmlens_arg %s)'\n",
			       c->word, arg_word(c->args));
	}
	for (size_t i = 0; mml_collectors[i]; i++) {
		const struct mml_schema *schema = &mml_collectors[i]->schema;

		if (!doc_table_named(i))
			continue;
		mml_buf_printf(out, "complete -c mmlens -n __mmlens_takes_tables -a %s -d '",
			       schema->name);
		put_quoted(out, schema->help, "", true);
		mml_buf_puts(out, "'\n");
	}
}

static void put_fish_options(struct mml_buf *out)
{
	for (const struct doc_option *o = doc_options; o->name; o++) {
		mml_buf_puts(out, "complete -c mmlens");
		if (o->letter)
			mml_buf_printf(out, " -s %c", o->letter);
		mml_buf_printf(out, " -l %s", o->name);
		if (o->arg)
			mml_buf_printf(out, " -x -a '(__mmlens_arg %s)'", arg_word(o->arg));
		mml_buf_puts(out, " -d '");
		put_quoted(out, o->help, "", true);
		mml_buf_puts(out, "'\n");
	}
}

static void put_fish_lists(struct mml_buf *out)
{
	mml_buf_puts(out, "set -g __mmlens_commands");
	for (const struct doc_command *c = doc_commands; c->word; c++)
		mml_buf_printf(out, " %s", c->word);
	mml_buf_puts(out, "\nset -g __mmlens_tables");
	for (size_t i = 0; mml_collectors[i]; i++)
		if (doc_table_named(i))
			mml_buf_printf(out, " %s", mml_collectors[i]->schema.name);
	mml_buf_puts(out, "\nset -g __mmlens_valued");
	for (const struct doc_option *o = doc_options; o->name; o++) {
		if (o->arg && o->letter)
			mml_buf_printf(out, " -%c", o->letter);
		if (o->arg)
			mml_buf_printf(out, " --%s", o->name);
	}
	mml_buf_puts(out, "\n");
}

static void put_fish_columns(struct mml_buf *out)
{
	for (size_t i = 0; doc_table(i); i++) {
		const struct mml_schema *schema = &doc_table(i)->schema;

		mml_buf_printf(out, "        case %s\n", schema->name);
		for (size_t c = 0; c < schema->ncolumns; c++) {
			mml_buf_printf(out, "            printf '%%s\\t%%s\\n' %s '",
				       schema->columns[c].name);
			put_quoted(out, schema->columns[c].help, "", true);
			mml_buf_puts(out, "'\n");
		}
	}
}

const struct doc_part doc_shell_parts[] = {
	{ "bash_lists", put_bash_lists },
	{ "bash_columns", put_bash_columns },
	{ "bash_args", put_bash_args },
	{ "bash_command_args", put_bash_command_args },
	{ "zsh_commands", put_zsh_commands },
	{ "zsh_tables", put_zsh_tables },
	{ "zsh_columns", put_zsh_columns },
	{ "zsh_options", put_zsh_options },
	{ "zsh_table_names", put_zsh_table_names },
	{ "zsh_command_args", put_zsh_command_args },
	{ "zsh_groupings", put_zsh_groupings },
	{ "fish_groupings", put_fish_groupings },
	{ "fish_lists", put_fish_lists },
	{ "fish_words", put_fish_words },
	{ "fish_options", put_fish_options },
	{ "fish_columns", put_fish_columns },
	{ NULL, NULL },
};
