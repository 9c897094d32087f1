/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "docs.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "../collectors/registry.h"
#include "../cli/words.h"

enum { LINE = 78 };

/* Appends a word of plain text, with what roff would interpret escaped. If a number in it stands
 * alone and is NUMBER, it becomes N. NUMBER may be NULL. */
static void put_word(struct mml_buf *out, const char *word, size_t len, const char *number)
{
	size_t n = number ? strlen(number) : 0;

	if (*word == '.' || *word == '\'')
		mml_buf_puts(out, "\\&");
	for (const char *p = word; p < word + len; p++) {
		if (n && !strncmp(p, number, n) && !isalnum((unsigned char)p[n]) &&
		    (p == word || !isalnum((unsigned char)p[-1]))) {
			mml_buf_puts(out, "N");
			p += n - 1;
		} else if (*p == '\\') {
			mml_buf_puts(out, "\\e");
		} else if (*p == '-' && p == word) {
			mml_buf_puts(out, "\\-"); /* a minus and not a hyphen */
		} else if (p > word && p + 1 < word + len && p[0] == '(' && p[1] == ')') {
			mml_buf_puts(out, "\\&("); /* it must not be marked up as a function */
		} else {
			mml_buf_putc(out, *p);
		}
	}
}

/* Appends plain text in lines that are not too long. Each sentence begins a line. */
static void put_text(struct mml_buf *out, const char *s, const char *number)
{
	size_t column = 0;

	while (*s) {
		size_t len = strcspn(s, " \n");
		bool ends = len && s[len - 1] == '.' && s[len] == ' ' &&
			    isupper((unsigned char)s[len + 1]);

		if (column && column + 4 + len > LINE) { /* 4: a blank, and what may be escaped */
			mml_buf_putc(out, '\n');
			column = 0;
		} else if (column) {
			mml_buf_putc(out, ' ');
			column++;
		}
		put_word(out, s, len, number);
		column += len;
		s += len + (s[len] != '\0');
		if (ends && *s) {
			mml_buf_putc(out, '\n');
			column = 0;
		}
	}
	mml_buf_putc(out, '\n');
}

/* Appends text with WHAT in front of it and a full stop behind it. */
static void put_sentence(struct mml_buf *out, const char *what, const char *s, const char *number)
{
	struct mml_buf text = { 0 };

	mml_buf_puts(&text, what);
	mml_buf_puts(&text, s);
	if (!strchr(".?", s[strlen(s) - 1]))
		mml_buf_putc(&text, '.');
	put_text(out, text.data, number);
	mml_buf_free(&text);
}

/* Help in the .def files begins in lower case and has no full stop. */
static void put_help(struct mml_buf *out, const char *help)
{
	char first[2] = { (char)toupper((unsigned char)*help), '\0' };

	put_sentence(out, first, help + 1, NULL);
}

/* Appends arguments to a line of macros: "[TABLE...]" becomes " Op Ar TABLE ...". */
static void put_args(struct mml_buf *out, const char *args)
{
	for (const char *p = args; *p;) {
		bool optional = *p == '[' && strchr(p, ']') && p[1] != '-';
		size_t n = optional ? strcspn(p, "]") + 1 : strcspn(p, " ");
		const char *word = p + optional;
		size_t len = optional ? n - 2 : n;
		bool more = len > 3 && !strncmp(word + len - 3, "...", 3) && word[len - 4] != ',';

		mml_buf_printf(out, " %sAr %.*s%s%s", optional ? "Op " : "",
			       (int)(more ? len - 3 : len), word, more ? " ..." : "",
			       optional && p[n] ? " Oc" : "");
		p += n + strspn(p + n, " ");
	}
}

static void put_commands(struct mml_buf *out)
{
	for (const struct doc_command *c = doc_commands; c->word; c++) {
		mml_buf_printf(out, ".It Cm %s", c->word);
		put_args(out, c->args);
		mml_buf_putc(out, '\n');
		put_help(out, c->help);
	}
}

static void put_options(struct mml_buf *out)
{
	for (const struct doc_option *o = doc_options; o->name; o++) {
		mml_buf_puts(out, ".It");
		if (o->letter)
			mml_buf_printf(out, " Fl %c ,", o->letter);
		mml_buf_printf(out, " Fl \\-%s", o->name);
		if (o->arg)
			put_args(out, o->arg);
		mml_buf_putc(out, '\n');
		put_help(out, o->help);
	}
}

static void put_tables(struct mml_buf *out)
{
	for (size_t i = 0; mml_collectors[i]; i++) {
		if (!doc_table_named(i))
			continue;
		mml_buf_printf(out, ".It Cm %s%s\n", mml_collectors[i]->schema.name,
			       mml_collectors[i]->requires & MML_TAKES(PIDS) ? " Fl p Ar PID" : "");
		put_sentence(out, "", mml_collectors[i]->schema.help, NULL);
	}
}

/* Appends the files and other sources that a table is made from. */
static void put_sources(struct mml_buf *out, const struct mml_source *source)
{
	if (!source || !source->path)
		return;
	mml_buf_puts(out, ".Pp\nRead from:\n.Bl -tag -width Ds -compact\n");
	for (; source->path; source++) {
		mml_buf_puts(out, ".It Pa ");
		put_text(out, source->path, NULL);
		if (source->needs)
			put_sentence(out, "Where permission is denied, it takes ", source->needs,
				     NULL);
		if (source->missing)
			put_sentence(out, "Where it is missing, it takes ", source->missing, NULL);
	}
	mml_buf_puts(out, ".El\n");
}

static void put_column(struct mml_buf *out, const struct mml_schema *schema, size_t first,
		       size_t last)
{
	const struct mml_column *col = &schema->columns[first];
	const char *number = first == last ? NULL : col->name + strcspn(col->name, "0123456789");
	const char *of = col->of >= 0 ? schema->columns[col->of].name : NULL;
	struct mml_buf traits = { 0 };

	mml_buf_printf(out, ".It Va %s", col->name);
	if (last != first)
		mml_buf_printf(out, " No to Va %s", schema->columns[last].name);
	mml_buf_putc(out, '\n');
	put_sentence(out, "", col->help, number);
	mml_buf_puts(out, ".br\n");
	mml_buf_printf(&traits, "%s, %s%s%s; %s", mml_kind_word(col->kind),
		       mml_type_word(col->type), col->unit == MML_NONE ? "" : ", ",
		       mml_unit_word(col->unit),
		       col->rank == MML_HIDDEN ? "shown on request" : "shown");
	if (strcasecmp(col->head, col->name) && first == last)
		mml_buf_printf(&traits, " as %s", col->head);
	put_sentence(out, traits.data,
		     col->needs ? "; takes reads of its own, made only when it is asked for" : ".",
		     NULL);
	mml_buf_free(&traits);
	if (of) {
		mml_buf_printf(out, "Change of\n.Va %s%s .\n", of,
			       col->kind == MML_RATE ? " No per second" : "");
		return;
	}
	put_sentence(out, "Source: ", col->source, number);
}

/* Appends the arguments that the table takes, and those it cannot do without. */
static void put_params(struct mml_buf *out, const struct mml_collector *table)
{
	for (size_t i = 0; i < MML_PARAMS; i++) {
		const struct mml_param *p = &mml_params[i];

		if (!(table->takes >> i & 1) || !p->name)
			continue;
		if (p->letter)
			mml_buf_printf(out, "%s\n.Fl %c .\n",
				       table->requires >> i & 1 ? "It must be asked with" :
								  "It can be asked with",
				       p->letter);
		else
			mml_buf_printf(out, "%s\n.Fl \\-%s .\n",
				       table->requires >> i & 1 ? "It must be asked with" :
								  "It can be asked with",
				       p->name);
	}
}

static void put_table(struct mml_buf *out, const struct mml_collector *table)
{
	const struct mml_schema *schema = &table->schema;

	mml_buf_printf(out, ".Ss %s\n", schema->name);
	put_sentence(out, "", schema->help, NULL);
	put_params(out, table);
	if (table->observes)
		mml_buf_puts(out, "Takes time: it watches for as long as\n.Fl d\nsays.\n");
	if (schema->sort)
		mml_buf_printf(out, "Sorted by\n.Ql %s\nunless\n.Fl s\nsays otherwise.\n",
			       schema->sort);
	if (table->groupings) {
		mml_buf_puts(out, "Grouped with\n.Fl \\-by\n");
		for (const struct mml_grouping *g = table->groupings; g->name; g++)
			mml_buf_printf(out, ".Cm %s %s\n", g->name, g[1].name ? "," : ".");
	}
	put_sources(out, table->sources);
	mml_buf_puts(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < schema->ncolumns; i++) {
		size_t last = doc_run_of_columns(schema, i);

		put_column(out, schema, i, last);
		i = last;
	}
	mml_buf_puts(out, ".El\n");
}

/* GROUP and DO of keys.def become headings with a list under each. */
static void put_key_group(struct mml_buf *out, const char *title)
{
	mml_buf_printf(out, ".El\n.Ss \\&%s\n.Bl -tag -width \"PgDn Ctrl-F\" -compact\n", title);
}

static void put_key(struct mml_buf *out, const char *shown, const char *help)
{
	mml_buf_puts(out, ".It Sy");
	for (const char *p = shown; *p;) {
		size_t len = strcspn(p, " ");

		mml_buf_puts(out, " \\&"); /* a sign alone would be taken for punctuation */
		put_word(out, p, len, NULL);
		p += len + strspn(p + len, " ");
	}
	mml_buf_putc(out, '\n');
	put_help(out, help);
}

static void put_keys(struct mml_buf *out)
{
	struct mml_buf list = { 0 };

#define GROUP(title) put_key_group(&list, title);
#define DO(id, shown, help, ...) put_key(&list, shown, help);
#include "../ui/keys.def"
#undef GROUP
#undef DO
	/* There is no list to end before the first heading. The last list ends here. */
	if (list.len)
		mml_buf_puts(out, list.data + strlen(".El\n"));
	mml_buf_puts(out, ".El\n");
	mml_buf_free(&list);
}

static void put_view(struct mml_buf *out, char digit, const char *name)
{
	if (digit > ' ')
		mml_buf_printf(out, ".It Sy %c\n.Cm %s\n", digit, name);
}

static void put_views(struct mml_buf *out)
{
#define VIEW(digit, name, brief, ops) put_view(out, digit, #name);
#define PLAIN(digit, name, brief) put_view(out, digit, #name);
#include "../views/registry.def"
#undef VIEW
#undef PLAIN
}

static void put_columns(struct mml_buf *out)
{
	for (size_t i = 0; doc_table(i); i++)
		put_table(out, doc_table(i));
}

/* The findings, by their place in the list. */
enum {
#define FINDING(id, ...) LIMIT_OF_##id,
#include "../findings/findings.def"
#undef FINDING
};

/* The thresholds of the findings. The rules are made with the same list. */
static const struct {
	int finding;
	const char *limit, *what, *why;
} limits[] = {
#define TEXT(x) #x
#define LIMIT(finding, id, number, unit, what, why) \
	{ LIMIT_OF_##finding, TEXT(number) " " unit, what, why },
#define KERNELS(finding, limit, what, why) { LIMIT_OF_##finding, limit, what, why },
#include "../findings/limits.def"
#undef LIMIT
#undef KERNELS
};

/* One line for each threshold; the finding is named in its first. */
static void put_limits(struct mml_buf *out)
{
	static const char *const names[] = {
#define FINDING(id, name, ...) name,
#include "../findings/findings.def"
#undef FINDING
	};
	int last = -1;

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		mml_buf_puts(out, ".It ");
		if (limits[i].finding != last)
			mml_buf_printf(out, "Sy %s ", names[limits[i].finding]);
		mml_buf_printf(out, "Ta %s Ta\n", limits[i].limit);
		last = limits[i].finding;
		put_text(out, limits[i].what, NULL);
		put_text(out, limits[i].why, NULL);
	}
}

/* A line of one of the kernel's files. */
struct line {
	const char *name, *help;
};

static const struct line meminfo_lines[] = {
#define LINE(name, help) { name, help },
#include "../collectors/counters/meminfo.def"
	{ NULL, NULL },
};

static const struct line smaps_lines[] = {
#include "../collectors/counters/smaps.def"
	{ NULL, NULL },
#undef LINE
};

static const struct line vmstat_lines[] = {
#define COUNTER(name, unit, level, help) { name, help },
#include "../collectors/counters/counters.def"
#undef COUNTER
	{ NULL, NULL },
};

/* What lines mean on some kernels only. */
static const struct change {
	const struct line *file;
	const char *name, *when, *help;
} changes[] = {
#define MEMINFO meminfo_lines
#define VMSTAT vmstat_lines
#define SMAPS smaps_lines
#define UNTIL(major, minor) "Up to Linux " #major "." #minor
#define SINCE(major, minor) "Since Linux " #major "." #minor
#define FROM_TO(major, minor, to_major, to_minor) \
	"From Linux " #major "." #minor " to " #to_major "." #to_minor
#define CHANGE(file, name, when, help) { file, name, when, help },
#include "../collectors/counters/changes.def"
#undef CHANGE
};

static void put_change(struct mml_buf *out, const struct change *change)
{
	struct mml_buf text = { 0 };

	mml_buf_printf(&text, "%s: %s", change->when, change->help);
	if (!text.error)
		put_text(out, text.data, NULL);
	mml_buf_free(&text);
}

static void put_lines(struct mml_buf *out, const struct line *lines)
{
	for (const struct line *line = lines; line->name; line++) {
		mml_buf_printf(out, ".It Va %s\n", line->name);
		put_text(out, line->help, NULL);
		for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++)
			if (changes[i].file == lines && !strcmp(changes[i].name, line->name))
				put_change(out, &changes[i]);
	}
}

static void put_meminfo(struct mml_buf *out)
{
	put_lines(out, meminfo_lines);
}

static void put_vmstat(struct mml_buf *out)
{
	put_lines(out, vmstat_lines);
}

/* Caches that hold the same stand in one line. */
static void put_caches(struct mml_buf *out)
{
	static const struct line caches[] = {
#define CACHE(name, holds) { name, holds },
#include "../collectors/slab/caches.def"
#undef CACHE
	};
	const size_t n = sizeof(caches) / sizeof(*caches);

	for (size_t i = 0; i < n; i++) {
		size_t first = 0;

		while (strcmp(caches[first].help, caches[i].help) != 0)
			first++;
		if (first < i)
			continue;
		mml_buf_printf(out, ".It %s", caches[i].name);
		for (size_t k = i + 1; k < n; k++)
			if (!strcmp(caches[k].help, caches[i].help))
				mml_buf_printf(out, ", %s", caches[k].name);
		mml_buf_putc(out, '\n');
		put_help(out, caches[i].help);
	}
}

static void put_smaps(struct mml_buf *out)
{
	put_lines(out, smaps_lines);
}

const struct doc_part doc_mdoc_parts[] = {
	{ "commands", put_commands }, { "options", put_options }, { "tables", put_tables },
	{ "columns", put_columns },   { "keys", put_keys },       { "views", put_views },
	{ "limits", put_limits },     { "meminfo", put_meminfo }, { "vmstat", put_vmstat },
	{ "smaps", put_smaps },       { "caches", put_caches },
	{ NULL, NULL },
};
