/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `docgen TEMPLATE` prints the template. Each line @NAME@ is replaced by what the program's own
 * lists say, and @VERSION@ is replaced inside a line, too. It is run at build time. */
#include "docs.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../collectors/registry.h"
#include "../cli/about.h"
#include "../cli/recordings.h"

const struct doc_option doc_options[] = {
#define OPTION(id, letter, name, arg, help) { letter, name, arg, help },
#include "../cli/options.def"
#undef OPTION
#define RENDERER(id, letter, name, help) { letter, name, NULL, help },
#include "../render/renderers.def"
#undef RENDERER
#define PARAM(id, letter, name, arg, type, help) { letter, name, arg, help },
#include "../core/params.def"
#undef PARAM
	{ 0, NULL, NULL, NULL },
};

const struct doc_command doc_commands[] = {
#define COMMAND(id, word, args, help) { word, args, help },
#include "../cli/commands.def"
#undef COMMAND
	{ NULL, NULL, NULL },
};

enum doc_arg doc_arg_of(const char *arg)
{
	static const struct {
		const char *arg;
		enum doc_arg is;
	} known[] = {
		{ "LIST", DOC_COLUMNS }, { "[-]COL,...", DOC_SORT }, { "EXPR", DOC_FILTER },
		{ "PID,...", DOC_PIDS }, { "PID ADDRESS...", DOC_PIDS }, { "DIR", DOC_DIR },
		{ "WHEN", DOC_WHEN },    { "WHAT", DOC_BY },         { "[TABLE...]", DOC_TABLES },
		{ "[VIEW]", DOC_VIEW },  { "FILE", DOC_FILE },       { "[FILE|-]", DOC_FILE },
		{ "GROUND", DOC_GROUND }, { "DIR|FILE", DOC_FILE },
		{ "DIR|FILE.mml [TABLE...]", DOC_FILE },
	};

	if (!arg || !*arg)
		return DOC_NOTHING;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(known[i].arg, arg))
			return known[i].is;
	return DOC_ANYTHING;
}

const struct mml_collector *doc_table(size_t i)
{
	static const struct mml_collector *const about[] = { &mml_collector_columns,
							     &mml_collector_sources,
							     &mml_collector_recordings, NULL };
	size_t n = 0;

	while (mml_collectors[n])
		n++;
	return i < n ? mml_collectors[i] : about[i - n];
}

bool doc_table_named(size_t i)
{
	for (const struct doc_command *c = doc_commands; c->word; c++)
		if (!strcmp(c->word, doc_table(i)->schema.name))
			return false;
	return true;
}

/* Returns the length of NAME without the digits at its end. */
static size_t stem(const char *name)
{
	size_t n = strlen(name);

	while (n && isdigit((unsigned char)name[n - 1]))
		n--;
	return n;
}

size_t doc_run_of_columns(const struct mml_schema *schema, size_t first)
{
	const char *name = schema->columns[first].name;
	size_t last = first, n = stem(name);
	uint64_t number, next;

	if (mml_parse_u64(mml_span_str(name + n), &number))
		return first;
	while (last + 1 < schema->ncolumns && stem(schema->columns[last + 1].name) == n &&
	       !strncmp(schema->columns[last + 1].name, name, n) &&
	       !mml_parse_u64(mml_span_str(schema->columns[last + 1].name + n), &next) &&
	       next == ++number)
		last++;
	return last - first > 1 ? last : first; /* two columns are not worth a range */
}

/* Appends what the line @NAME@ stands for. Returns false if there is no such name. */
static bool put_part(struct mml_buf *out, const char *line)
{
	const struct doc_part *lists[] = { doc_mdoc_parts, doc_shell_parts, doc_schema_parts };
	size_t len = strcspn(line + 1, "@");

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		for (const struct doc_part *p = lists[i]; p->name; p++)
			if (strlen(p->name) == len && !strncmp(p->name, line + 1, len)) {
				p->put(out);
				return true;
			}
	return false;
}

static void put_line(struct mml_buf *out, const char *line)
{
	static const char version[] = "@VERSION@";
	const char *at;

	while ((at = strstr(line, version))) {
		mml_buf_put(out, line, (size_t)(at - line));
		mml_buf_puts(out, PACKAGE_VERSION);
		line = at + strlen(version);
	}
	mml_buf_puts(out, line);
}

/* Returns whether the line is nothing but @NAME@. */
static bool is_part(const char *line)
{
	size_t n = line[0] == '@' ? strspn(line + 1, "abcdefghijklmnopqrstuvwxyz_") : 0;

	return n && !strcmp(line + 1 + n, "@\n");
}

static int expand(FILE *in, const char *path, struct mml_buf *out)
{
	char *line = NULL;
	size_t size = 0;
	int status = 0;

	while (!status && getline(&line, &size, in) >= 0) {
		if (!is_part(line)) {
			put_line(out, line);
		} else if (!put_part(out, line)) {
			fprintf(stderr, "docgen: %s: nothing is called %s", path, line);
			status = 1;
		}
	}
	free(line);
	if (ferror(in) || out->error) {
		fprintf(stderr, "docgen: %s: cannot be read\n", path);
		status = 1;
	}
	return status;
}

int main(int argc, char **argv)
{
	struct mml_buf out = { 0 };
	FILE *in;
	int status;

	if (argc != 2) {
		fputs("usage: docgen TEMPLATE\n", stderr);
		return 2;
	}
	in = fopen(argv[1], "re");
	if (!in) {
		perror(argv[1]);
		return 1;
	}
	status = expand(in, argv[1], &out);
	fclose(in);
	if (!status && mml_buf_flush(&out, STDOUT_FILENO)) {
		perror("docgen: stdout");
		status = 1;
	}
	mml_buf_free(&out);
	return status;
}
