/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What docs/mmlens.schema.json is filled with: JSON Schema of the rows of each table. */
#include "docs.h"

#include <string.h>

#include "../cli/words.h"

/* Appends a string. The lists are plain text, in which only these must be escaped. */
static void put_string(struct mml_buf *out, const char *s)
{
	mml_buf_putc(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			mml_buf_putc(out, '\\');
		mml_buf_putc(out, *s);
	}
	mml_buf_putc(out, '"');
}

/* Returns the type that the cells of COL have in JSON. */
static const char *json_type(const struct mml_column *col)
{
	switch (col->type) {
	case MML_STR:
	case MML_WORD:
	case MML_ADDR:
		return "string";
	case MML_BOOL:
		return "boolean";
	case MML_F64:
		return "number";
	case MML_U64:
		return col->unit == MML_NSEC ? "number" : "integer";
	case MML_I64:
		break;
	}
	return "integer";
}

/* Says which tables have a column of that name and of another type. */
static void put_elsewhere(struct mml_buf *out, const struct mml_column *col)
{
	const char *before = " Columns of this name are of another type in ";
	const struct mml_collector *other;

	for (size_t i = 0; (other = doc_table(i)); i++) {
		int c = mml_schema_find(&other->schema, col->name, strlen(col->name));

		if (c < 0 || !strcmp(json_type(&other->schema.columns[c]), json_type(col)))
			continue;
		mml_buf_printf(out, "%s%s (%s)", before, other->schema.name,
			       json_type(&other->schema.columns[c]));
		before = ", ";
	}
	if (*before == ',')
		mml_buf_putc(out, '.');
}

static void put_description(struct mml_buf *out, const struct mml_column *col)
{
	struct mml_buf text = { 0 };

	mml_buf_puts(&text, col->help);
	put_elsewhere(&text, col);
	mml_buf_puts(out, "\"description\": ");
	put_string(out, text.data ? text.data : "");
	out->error = text.error ? text.error : out->error;
	mml_buf_free(&text);
}

/* A comparison of two moments writes a word that changed as "ONE -> OTHER". */
static void put_words(struct mml_buf *out, const struct mml_column *col)
{
	mml_buf_puts(out, "\"anyOf\": [{\"enum\": [");
	for (const char *const *word = col->words; *word; word++) {
		put_string(out, *word);
		mml_buf_puts(out, ", ");
	}
	mml_buf_puts(out, "null]}, {\"type\": \"string\", \"pattern\": \" -> \"}], ");
}

static void put_column(struct mml_buf *out, const struct mml_column *col)
{
	mml_buf_puts(out, "\t\t\t");
	put_string(out, col->name);
	mml_buf_puts(out, ": {");
	if (col->type == MML_WORD)
		put_words(out, col);
	else
		mml_buf_printf(out, "\"type\": [\"%s\", \"null\"], ", json_type(col));
	if (col->type == MML_U64)
		mml_buf_puts(out, "\"minimum\": 0, ");
	if (col->type == MML_ADDR)
		mml_buf_puts(out, "\"pattern\": \"^0x[0-9a-f]+( -> 0x[0-9a-f]+)?$\", ");
	put_description(out, col);
	mml_buf_printf(out, ", \"kind\": \"%s\"", mml_kind_word(col->kind));
	if (col->unit != MML_NONE)
		mml_buf_printf(out, ", \"unit\": \"%s\"", mml_unit_word(col->unit));
	mml_buf_putc(out, '}');
}

static void put_table(struct mml_buf *out, const struct mml_schema *schema)
{
	mml_buf_puts(out, "\t");
	put_string(out, schema->name);
	mml_buf_puts(out, ": {\n\t\t\"description\": ");
	put_string(out, schema->help);
	mml_buf_puts(out, ",\n\t\t\"type\": \"object\",\n\t\t\"properties\": {\n");
	for (size_t c = 0; c < schema->ncolumns; c++) {
		put_column(out, &schema->columns[c]);
		mml_buf_puts(out, c + 1 < schema->ncolumns ? ",\n" : "\n");
	}
	mml_buf_puts(out, "\t\t},\n\t\t\"patternProperties\": {"
			  "\"_at_least$\": {\"$ref\": \"#/$defs/-at-least\"}, "
			  "\"_before$\": {\"$ref\": \"#/$defs/-before\"}, "
			  "\"_change$\": {\"$ref\": \"#/$defs/-change\"}}\n\t}");
}

static void put_defs(struct mml_buf *out)
{
	for (size_t i = 0; doc_table(i); i++) {
		put_table(out, &doc_table(i)->schema);
		mml_buf_puts(out, doc_table(i + 1) ? ",\n" : "\n");
	}
}

static void put_tables(struct mml_buf *out)
{
	for (size_t i = 0; doc_table(i); i++) {
		const char *name = doc_table(i)->schema.name;

		mml_buf_puts(out, "\t\t\t");
		put_string(out, name);
		mml_buf_printf(out, ": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/%s\"}}%s", name,
			       doc_table(i + 1) ? ",\n" : "\n");
	}
}

const struct doc_part doc_schema_parts[] = {
	{ "schema_defs", put_defs },
	{ "schema_tables", put_tables },
	{ NULL, NULL },
};
