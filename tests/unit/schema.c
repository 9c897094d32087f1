/* What every schema must hold to, so that options, manual and machine-readable output work. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdlib.h>

#include "../../src/collectors/registry.h"
#include "../../src/cli/about.h"
#include "../../src/core/select.h"
#include "../../src/core/snapshot.h"
#include "../tap.h"

static bool lower_snake(const char *s)
{
	if (!islower((unsigned char)*s))
		return false;
	for (const char *p = s; *p; p++)
		if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p) && *p != '_')
			return false;
	return s[strlen(s) - 1] != '_' && !strstr(s, "__");
}

static bool sentence(const char *s)
{
	size_t len = s ? strlen(s) : 0;

	return len > 3 && s[len - 1] == '.' && s[len - 2] != '.' && !isspace((unsigned char)*s) && !strstr(s, "  ");
}

static bool printable(const char *s)
{
	for (; *s; s++)
		if (*s < ' ' || *s > '~')
			return false;
	return true;
}

static void check(bool good, const struct mml_schema *schema, const struct mml_column *col,
		  const char *what, unsigned *bad)
{
	if (good)
		return;
	printf("# %s%s%s: %s\n", schema->name, col ? "." : "", col ? col->name : "", what);
	++*bad;
}

static void lint_column(const struct mml_schema *schema, size_t i, unsigned *bad)
{
	const struct mml_column *c = &schema->columns[i];

	if (!c->name) {
		check(false, schema, NULL, "a column without a line in the list", bad);
		return;
	}
	check(lower_snake(c->name), schema, c, "name is not lower_snake", bad);
	check(strlen(c->name) < 40, schema, c, "name is too long", bad);
	const char *head = c->head, *source = c->source;
	const char *help = c->help;

	check(*head && printable(head) && !strchr(head, ' '), schema, c,
	      "head is empty, or has a blank (raw output parts columns by them)", bad);
	check(*source && printable(source), schema, c, "source is empty", bad);
	check(sentence(help) && printable(help), schema, c, "help is no sentence", bad);
	check(c->type <= MML_WORD && c->kind <= MML_GROWTH && c->unit <= MML_RATIO &&
	      c->rank <= MML_LAST, schema, c, "type, kind, unit or rank", bad);
	check(!mml_column_is_text(c) || c->unit == MML_NONE, schema, c, "text with a unit", bad);
	check((c->type == MML_WORD) == (c->words != NULL), schema, c, "words of no column", bad);
	for (size_t k = 0; c->words && c->words[k]; k++)
		check(*c->words[k] && printable(c->words[k]) && !strpbrk(c->words[k], " \t()'\"") &&
			      mml_word_find(c, c->words[k], strlen(c->words[k])) == (int)k,
		      schema, c, "a word that a filter cannot name", bad);
	check(c->unit != MML_RATIO || c->type == MML_F64, schema, c, "a ratio in integers", bad);
	check((c->kind == MML_RATE || c->kind == MML_GROWTH) == (c->of >= 0), schema, c,
	      "a change of nothing, or of what is no change", bad);
	check(c->kind != MML_RATE || c->type == MML_F64, schema, c, "a rate in integers", bad);
	if (c->of >= 0) {
		const struct mml_column *of = &schema->columns[c->of];

		check((size_t)c->of < schema->ncolumns && (size_t)c->of != i && of->of < 0 &&
		      !mml_column_is_text(of) && of->type != MML_BOOL, schema, c,
		      "the change of what does not change", bad);
	}
	for (size_t k = 0; k < i; k++)
		check(strcmp(schema->columns[k].name, c->name) != 0, schema, c, "name taken twice", bad);
}

static void lint(const struct mml_collector *collector)
{
	const struct mml_schema *schema = &collector->schema;
	struct mml_select sel;
	unsigned bad = 0, keys = 0;

	check(lower_snake(schema->name), schema, NULL, "name is not lower_snake", &bad);
	check(sentence(schema->help), schema, NULL, "help is no sentence", &bad);
	check(schema->ncolumns && schema->ncolumns <= MML_MAX_COLUMNS, schema, NULL, "columns", &bad);
	for (size_t i = 0; i < schema->ncolumns; i++) {
		lint_column(schema, i, &bad);
		keys += schema->columns[i].kind == MML_KEY;
	}
	check(keys > 0, schema, NULL, "no KEY tells its rows apart", &bad);
	for (const char *p = schema->apart; p && *p && strcmp(p, "*"); p += strcspn(p, ","), p += *p == ',')
		check(mml_schema_find(schema, p, strcspn(p, ",")) >= 0, schema, NULL,
		      "a column that is not added up does not exist", &bad);
	mml_select_init(&sel, schema);
	check(sel.ncolumns > 0, schema, NULL, "shows no column unasked", &bad);
	if (schema->sort)
		check(!mml_select_sort(&sel, schema->sort), schema, NULL, sel.error, &bad);
	mml_select_free(&sel);
	for (const struct mml_source *s = collector->sources; s && s->path; s++) {
		check(*s->path && printable(s->path), schema, NULL, "a source without a path", &bad);
		for (const struct mml_source *k = collector->sources; k < s; k++)
			check(strcmp(k->path, s->path) != 0, schema, NULL, "a source named twice", &bad);
	}
	check(!collector->keep == !collector->release, schema, NULL, "keep without release", &bad);
	check(collector->collect != NULL, schema, NULL, "nothing to collect with", &bad);
	tap_ok(!bad, "schema of %s", schema->name);
}

int main(void)
{
	size_t n = 0;
	bool unique = true;

	for (; mml_collectors[n]; n++) {
		lint(mml_collectors[n]);
		ok(mml_collectors[n]->sources && mml_collectors[n]->sources->path);
		for (size_t k = 0; k < n; k++)
			unique &= strcmp(mml_collectors[k]->schema.name,
					 mml_collectors[n]->schema.name) != 0;
		ok(mml_collector_find(mml_collectors[n]->schema.name) == mml_collectors[n]);
	}
	ok(unique && n >= 8);
	lint(&mml_collector_columns);
	lint(&mml_collector_sources);
	return tap_done();
}
